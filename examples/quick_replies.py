"""How many issues got a first reply from a person within an hour.

Put this file into a project's `metrics/` folder; `scorecard check` then tries it, and
`scorecard explain quick_replies` prints its SQL. It is in the results of a period that is run, and
in those of the past that are backfilled, from then on.
"""

from __future__ import annotations

import ibis

from scorecard import metric


@metric(
    label="First reply within an hour",
    unit="share",
    better="higher",
    kind="proportion",
    family="service",
    section="experienced",
    needs=["interactions"],
    evidence="census",
    matures=2,
    harm="waited more than an hour for a first reply",
)
def quick_replies(facts, window):
    """Share of contacts that a person answered within an hour.

    Population  contacts opened in the period; n is their number.
    Formula     first reply by a person at most one hour after the contact was opened.
    Empty       no reply yet: not quick. No contact: no figure.
    """
    i = facts.interactions
    opened = i.filter(window.holds(i.opened_at))
    quick = opened.first_human_reply_at <= opened.opened_at + ibis.interval(hours=1)
    num = quick.fill_null(False).cast("int64")
    return opened.select("customer_id", num=num, den=1, affected=num == 0)
