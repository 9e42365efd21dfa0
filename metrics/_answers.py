"""Survey answers that may be counted. Shared by the experience family."""

from __future__ import annotations

from datetime import timedelta

import ibis
from ibis import _

CLOSES = 14
"""A survey is open for so many days after its invitation; later answers are left out."""
REST = 90
"""One answer per person in so many days, where a person is asked again and again."""


def invited(facts, window):
    """Invitations sent in the window to people who should be asked (not bounced, staff or test)."""
    s = facts.surveys
    return s.filter(window.holds(s.sent_at) & s.eligible.fill_null(True))


def in_time():
    """True for an answer given before the survey closed, or whose day is not known."""
    late = _.answered_at > _.sent_at + ibis.interval(days=CLOSES)
    return _.score.notnull() & ~late.fill_null(False)


def on_scale(lowest, highest):
    """True for an answer on the scale the question has; other scales are not comparable."""
    return (
        _.score.between(lowest, highest)
        & (_.scale_min.isnull() | (_.scale_min == lowest))
        & (_.scale_max.isnull() | (_.scale_max == highest))
    )


def answers(facts, window, instrument, lowest, highest):
    """Answers, in time and on the scale, to invitations sent in the window.

    An invitation without a score is not an answer, and not a middle score.
    """
    asked = invited(facts, window).filter(_.instrument == instrument)
    return asked.filter(in_time() & on_scale(lowest, highest))


def opinions(facts, window, instrument, lowest, highest):
    """Such answers about the relationship, no second one by a person within ninety days.

    Answers given after a contact are about the contact and stay out. Where nobody
    knows who answered, every answer is another person's.
    """
    s = facts.surveys
    since = window.start - timedelta(days=REST)
    asked = s.filter((s.sent_at >= since) & (s.sent_at < window.end) & s.eligible.fill_null(True))
    asked = asked.filter(
        (_.instrument == instrument) & (_.kind.fill_null("relationship") == "relationship")
    )
    given = asked.filter(in_time() & on_scale(lowest, highest))
    person = ibis.window(group_by=["customer_id", "contact_id"], order_by=["sent_at", "invite_id"])
    given = given.mutate(before=_.sent_at.lag().over(person))
    again = _.contact_id.notnull() & (_.sent_at < _.before + ibis.interval(days=REST))
    return given.filter(window.holds(given.sent_at) & ~again.fill_null(False))
