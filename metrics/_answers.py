"""Survey answers that may be counted. Shared by the experience family."""

from __future__ import annotations

import ibis
from ibis import _

SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
CLOSES = 14
"""A survey is open for so many days after its invitation; later answers are left out."""


def invited(facts, window):
    """Invitations sent in the window to people who should be asked (not bounced, staff or test).

    `answered`  1 where an answer came in time; an invitation without a score has none, and
                that is not a middle score. Where it is known when people answered, a score
                without a moment is none; nor is one that its scale does not have (0, 99)
    `counts`    whether that answer is on the scale the question has; others cannot be compared
    `opinion`   whether it is, besides, about the relationship and not about a contact, and the
                last such answer of the same person in the window
    """
    return facts.shared(("asked", window), lambda: _asked(facts, window))


def answers(facts, window, instrument):
    """Answers that count to one question."""
    return invited(facts, window).filter((_.instrument == instrument) & _.counts)


def _asked(facts, window):
    s = facts.surveys
    s = s.filter(window.holds(s.sent_at) & s.eligible.fill_null(True))
    late = (s.answered_at > s.sent_at + ibis.interval(days=CLOSES)).fill_null(False)
    given = s.score.notnull() & _possible(s)
    if facts.has("surveys.answered_at"):
        given &= s.answered_at.notnull()
    s = s.mutate(answered=given & ~late)
    s = s.mutate(counts=s.answered & _on_scale(s))
    about_us = s.counts & (s.kind.fill_null("relationship") == "relationship")
    s = s.mutate(about_us=about_us, spoke=about_us.ifelse(s.sent_at, ibis.null("timestamp")))
    later = ibis.window(
        group_by=["customer_id", "contact_id", "instrument"],
        order_by=[s.sent_at.desc(), s.invite_id.desc()],
        preceding=(None, 1),
        following=None,
    )
    # Where nobody knows who answered, every answer is another person's.
    again = s.contact_id.notnull() & s.spoke.max().over(later).notnull()
    return s.select(
        "customer_id",
        "instrument",
        "sent_at",
        "score",
        "counts",
        answered=s.answered.cast("int64"),
        opinion=s.about_us & ~again,
    )


def _possible(surveys):
    """Whether a score lies on the scale that its row gives, or else on its instrument's."""
    s = surveys
    lowest, highest = (
        s.instrument.cases(*[(n, scale[end]) for n, scale in SCALES.items()], else_=s.score)
        for end in (0, 1)
    )
    return s.score.between(s.scale_min.fill_null(lowest), s.scale_max.fill_null(highest))


def _on_scale(surveys):
    s, fits = surveys, []
    for instrument, (lowest, highest) in SCALES.items():
        # Nobody can give half a point to a recommendation: such a value was made out of several.
        whole = (s.score == s.score.floor()) if instrument == "nps" else True
        fits.append(
            (s.instrument == instrument)
            & whole
            & s.score.between(lowest, highest)
            & (s.scale_min.fill_null(lowest) == lowest)
            & (s.scale_max.fill_null(highest) == highest)
        )
    return ibis.or_(*fits)
