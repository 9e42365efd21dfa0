"""Survey answers that may be counted. Shared by the experience family."""

from __future__ import annotations

import ibis
from ibis import _

SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
CLOSES = 14
"""A survey is open for so many days after its invitation; later answers are left out."""
USED = ibis.null("string")


def invited(facts, window):
    """Invitations sent in the window to people who should be asked (not bounced, staff or test).

    `given`     whether an answer came. An invitation without a score has none, and that is not a
                middle score. Where it is known when people answered, a score without a moment
                is none; nor is one that its scale does not have (0, 99)
    `answered`  1 where one came in time
    `weight`    how many people it stands for; 1 where that is not said
    `apart`     why an answer that was given does not count; empty where it does, which it must
                have the scale of its question for. Others cannot be compared
    `unasked`   why it is no opinion of us, by which besides it must be about the relationship and
                not about a contact, and be the last one that its person gave in the window. A
                person is `contact_id`, and where nobody wrote down who was asked, the customer
    """
    return facts.shared(("asked", window), lambda: _asked(facts, window))


def answers(facts, window, instrument):
    """Answers to one question with their weights; those that do not count say why in `apart`."""
    return _weighed(facts, invited(facts, window).filter(_.given & (_.instrument == instrument)))


def opinions(facts, window, instrument):
    """Answers of each person about the relationship; all but the last one say why in `apart`."""
    asked = invited(facts, window).filter(_.given & (_.instrument == instrument))
    return _weighed(facts, asked.mutate(apart=asked.unasked))


def _weighed(facts, answers):
    """The answers, each weight against the mean of all that count, so that weights of any size
    come to the number of answers."""
    if not facts.has("surveys.weight"):
        return answers.mutate(weight=ibis.literal(1))
    used = answers.apart.isnull().ifelse(answers.weight, ibis.null("float64"))
    return answers.mutate(weight=answers.weight / used.mean().over(ibis.window()))


def _asked(facts, window):
    s = facts.surveys
    s = s.filter(window.holds(s.sent_at) & s.eligible.fill_null(True))
    late = (s.answered_at > s.sent_at + ibis.interval(days=CLOSES)).fill_null(False)
    given = (s.score.notnull() & _possible(s)).fill_null(False)
    if facts.has("surveys.answered_at"):
        given &= s.answered_at.notnull()
    s = s.mutate(given=given, late=late, weight=s.weight.fill_null(1.0))
    s = s.mutate(
        apart=ibis.cases(
            (s.late, "given late"),
            (~_on_scale(s).fill_null(False), "on another scale"),
            (s.weight <= 0, "without weight"),
            else_=USED,
        )
    )
    relationship = s.kind.fill_null("relationship") == "relationship"
    s = s.mutate(about_us=s.given & s.apart.isnull() & relationship)
    s = s.mutate(said_at=ibis.coalesce(s.answered_at, s.sent_at))
    theirs = ibis.window(
        group_by=["customer_id", "contact_id", "instrument", "about_us"],
        order_by=[s.said_at.desc(), s.sent_at.desc(), s.invite_id.desc(), s.score.desc()],
    )
    # Of nobody known nobody can tell whether it is the same person.
    nobody = s.contact_id.isnull() & s.customer_id.isnull()
    unasked = ibis.cases(
        (s.apart.notnull(), s.apart),
        (~s.about_us, "about a contact"),
        (~nobody & (ibis.row_number().over(theirs) > 0), "of somebody who answered again"),
        else_=USED,
    )
    return s.select(
        "customer_id",
        "instrument",
        "sent_at",
        "score",
        "weight",
        "given",
        "apart",
        answered=(s.given & ~s.late).cast("int64"),
        unasked=unasked,
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
