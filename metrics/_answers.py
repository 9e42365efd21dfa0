"""Survey answers that may be counted. Shared by the experience family."""

from __future__ import annotations

from ibis import _


def invited(facts, window, instrument):
    """Invitations sent in the window to people who should be asked (not bounced, staff or test)."""
    s = facts.surveys
    return s.filter(
        (s.instrument == instrument) & window.holds(s.sent_at) & s.eligible.fill_null(True)
    )


def answers(facts, window, instrument, lowest, highest):
    """Answers to those invitations on the scale the question has; others are left out.

    An invitation without a score is not an answer, and not a middle score.
    Answers on another scale (legacy surveys) are not comparable and stay out.
    """
    given = invited(facts, window, instrument).filter(
        _.score.notnull() & _.score.between(lowest, highest)
    )
    return given.filter(
        (_.scale_min.isnull() | (_.scale_min == lowest))
        & (_.scale_max.isnull() | (_.scale_max == highest))
    )
