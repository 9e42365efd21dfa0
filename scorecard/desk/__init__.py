"""The desk: owners read their page, answer and commit in the browser; executives find what they
were sent. A web server with an extra of its own, `deliberate-scorecard[desk]`.

`access` says what a link opens now, `page` and `archive_page` what stands on it, `form` reads what
was typed, and `handlers` answers requests. All that is written ends in `replies.door`; what is
shown is what was frozen and recorded. Nothing here computes a figure, and nothing sends mail.
"""
