"""Survey answers that may be counted. Shared by the experience family."""

from __future__ import annotations

from datetime import timedelta

import ibis
from ibis import _

SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
CLOSES = 14
"""A survey is open for so many days after its invitation; later answers are left out."""
REST = 90
"""One opinion per person in so many days, where a person is asked again and again."""


def invited(facts, window):
    """Invitations sent in the window to people who should be asked (not bounced, staff or test).

    `answered`  1 where an answer came in time; an invitation without a score has none, and
                that is not a middle score
    `counts`    whether that answer is on the scale the question has; others cannot be compared
    `opinion`   whether it is, besides, about the relationship and not about a contact, and
                no other such answer of the same person lies within the ninety days before it
    """
    return facts.shared(("asked", window), lambda: _asked(facts, window))


def answers(facts, window, instrument):
    """Answers that count to one question."""
    return invited(facts, window).filter((_.instrument == instrument) & _.counts)


def _asked(facts, window):
    s = facts.surveys
    # Of earlier invitations only those can matter that lie within the ninety days of one.
    first = window.start - timedelta(days=REST)
    s = s.filter((s.sent_at >= first) & (s.sent_at < window.end) & s.eligible.fill_null(True))
    late = s.answered_at > s.sent_at + ibis.interval(days=CLOSES)
    s = s.mutate(answered=s.score.notnull() & ~late.fill_null(False))
    s = s.mutate(counts=s.answered & _on_scale(s))
    about_us = s.counts & (s.kind.fill_null("relationship") == "relationship")
    s = s.mutate(about_us=about_us, spoke=about_us.ifelse(s.sent_at, ibis.null("timestamp")))
    earlier = ibis.window(
        group_by=["customer_id", "contact_id", "instrument"],
        order_by=["sent_at", "invite_id"],
        preceding=(None, 1),
        following=None,
    )
    # Where nobody knows who answered, every answer is another person's.
    before = s.contact_id.isnull().ifelse(ibis.null("timestamp"), s.spoke.max().over(earlier))
    again = (s.sent_at < before + ibis.interval(days=REST)).fill_null(False)
    told = s.select(
        "customer_id",
        "instrument",
        "sent_at",
        "score",
        "counts",
        answered=s.answered.cast("int64"),
        opinion=s.about_us & ~again,
    )
    return told.filter(window.holds(told.sent_at))


def _on_scale(surveys):
    s, fits = surveys, []
    for instrument, (lowest, highest) in SCALES.items():
        fits.append(
            (s.instrument == instrument)
            & s.score.between(lowest, highest)
            & (s.scale_min.fill_null(lowest) == lowest)
            & (s.scale_max.fill_null(highest) == highest)
        )
    return ibis.or_(*fits)
