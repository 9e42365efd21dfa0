"""How contacts with customers go, and whether promises to them are kept."""

from __future__ import annotations

import ibis
from ibis import _

from scorecard import metric

from ._issues import followed, opened


@metric(
    label="First human reply, half within",
    unit="hours",
    better="lower",
    kind="quantile",
    family="service",
    needs=["interactions.first_human_reply_at"],
    evidence="sample",
    section="experienced",
    matures=7,
    q=0.5,
    role="input",
    subject="operational",
    harm="waited longer than the limit",
)
def first_reply_p50(facts, window):
    """Hours from the first message to the first reply by a person: the median contact.

    Population  assisted contacts opened by the customer in the period, answered or not.
    Formula     median; contacts still unanswered have waited at least so long.
    Empties     no contacts: no figure. Automatic replies do not stop the clock.
    Source      order statistics (Hahn and Meeker); Kaplan–Meier where some are unanswered.
    """
    return _waited(facts, window, "first_human_reply_at")


@metric(
    label="First human reply, 9 of 10 within",
    unit="hours",
    better="lower",
    kind="quantile",
    family="service",
    needs=["interactions.first_human_reply_at"],
    evidence="sample",
    section="experienced",
    matures=7,
    q=0.9,
    role="input",
    subject="operational",
    harm="waited longer than the limit",
)
def first_reply_p90(facts, window):
    """Hours within which nine of ten contacts get their first reply by a person.

    Population  assisted contacts opened by the customer in the period, answered or not.
    Formula     90th percentile; contacts still unanswered have waited at least so long.
    Empties     no contacts: no figure. Automatic replies do not stop the clock.
    Source      order statistics (Hahn and Meeker); Kaplan–Meier where some are unanswered.
    """
    return _waited(facts, window, "first_human_reply_at")


@metric(
    label="Resolved, 9 of 10 within",
    unit="hours",
    better="lower",
    kind="quantile",
    family="service",
    needs=["interactions.resolved_at"],
    evidence="sample",
    section="experienced",
    matures=30,
    q=0.9,
    role="input",
    subject="operational",
    harm="waited longer than the limit",
)
def resolution_p90(facts, window):
    """Hours within which nine of ten contacts are resolved.

    Population  assisted contacts opened in the period, resolved or not.
    Formula     90th percentile; contacts still open have been at least so long.
    Empties     no contacts: no figure.
    Source      order statistics (Hahn and Meeker); Kaplan–Meier where some are open.
    """
    return _waited(facts, window, "resolved_at")


def _waited(facts, window, until):
    contacts = opened(facts, window)
    known = ibis.literal(facts.known_until)
    stopped = contacts[until].notnull() & (contacts[until] <= known)
    last = stopped.ifelse(contacts[until], ibis.greatest(known, contacts.opened_at))
    seconds = last.epoch_seconds() - contacts.opened_at.epoch_seconds()
    waits = contacts.select("customer_id", "team", num=seconds / 3600, censored=~stopped)
    # A reply before the first message means that we wrote first: nobody waited.
    return waits.filter(waits.num >= 0)


@metric(
    label="Resolved at first contact",
    unit="share",
    better="higher",
    kind="proportion",
    family="service",
    needs=["interactions.issue_key"],
    evidence="sample",
    section="experienced",
    matures=7,
    role="input",
    subject="operational",
    harm="had to come back with the same issue",
)
def first_contact_resolution(facts, window):
    """Share of issues settled in one contact, with none about the same issue within seven days.

    Population  issues whose first contact was opened in the period, over all assisted channels;
                what a customer solved alone is no contact.
    Formula     issues with no second contact within 7 days of the first ÷ issues.
    Empties     no issues: no figure. Silence for seven days is taken as settled.
    Source      first-contact resolution by issue, not by contact.
    """
    issues = followed(facts, window).filter(_.place == 0)
    return issues.select("customer_id", "team", num=1 - _.back, den=ibis.literal(1))


@metric(
    label="Had to contact us again",
    unit="share",
    better="lower",
    kind="proportion",
    family="service",
    needs=["interactions.issue_key"],
    evidence="sample",
    section="experienced",
    matures=7,
    role="input",
    subject="operational",
    harm="had to contact us again",
)
def recontact_rate(facts, window):
    """Share of contacts that were followed by another about the same issue within seven days.

    Population  assisted contacts opened in the period.
    Formula     contacts followed within 7 days ÷ contacts; the unit is the contact, so this
                is not one less the first-contact resolution.
    Empties     no contacts: no figure.
    Source      recontact rate with a stated window of seven days.
    """
    return followed(facts, window).select("customer_id", "team", num=_.back, den=ibis.literal(1))


@metric(
    label="Promises kept",
    unit="share",
    better="higher",
    kind="proportion",
    family="service",
    needs=["promises.kept"],
    evidence="sample",
    section="experienced",
    harm="had a promise broken",
)
def promises_kept(facts, window):
    """Share of the promises due in the period that were met in full and in time.

    Population  promises due in the period that were not moved, before they were due, to a
                later day.
    Formula     kept ÷ due.
    Empties     nothing due: no figure. A promise without evidence counts as not kept.
    Source      promise-based management (Sull and Spinosa, 2007).
    """
    p = facts.promises
    moved = p.renegotiated_at.notnull() & (p.renegotiated_at < p.due_at)
    due = p.filter(window.holds(p.due_at) & ~moved)
    kept = due.kept.fill_null(False).cast("int64")
    return due.select("customer_id", num=kept, den=ibis.literal(1))
