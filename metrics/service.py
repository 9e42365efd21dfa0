"""How contacts with customers go, and whether promises to them are kept."""

from __future__ import annotations

import ibis
from ibis import _

from scorecard import metric

from ._issues import followed, opened
from ._waits import waited

USED = ibis.null("string")


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
    """Hours by the calendar from the first message to the first reply by a person: the median.

    Population  assisted contacts opened by the customer in the period, answered or not.
    Formula     median; contacts still unanswered have waited at least so long, and so have those
                given up until then.
    Empties     no contacts: no figure. Automatic replies do not stop the clock.
    Source      order statistics (Hahn and Meeker); Kaplan–Meier where some are unanswered.
    """
    return waited(facts, window, "first_human_reply_at")


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
    """Hours by the calendar within which nine of ten contacts get a first reply by a person.

    Population  assisted contacts opened by the customer in the period, answered or not.
    Formula     90th percentile; contacts still unanswered have waited at least so long, and so
                have those given up until then.
    Empties     no contacts: no figure. Automatic replies do not stop the clock.
    Source      order statistics (Hahn and Meeker); Kaplan–Meier where some are unanswered.
    """
    return waited(facts, window, "first_human_reply_at")


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
    """Hours by the calendar within which nine of ten contacts are resolved.

    Population  assisted contacts opened in the period, resolved or not.
    Formula     90th percentile; contacts still open have been at least so long, and so have those
                given up until then.
    Empties     no contacts: no figure.
    Source      order statistics (Hahn and Meeker); Kaplan–Meier where some are open.
    """
    return waited(facts, window, "resolved_at")


@metric(
    label="Resolved, half within",
    unit="hours",
    better="lower",
    kind="quantile",
    family="service",
    needs=["interactions.resolved_at"],
    evidence="sample",
    section="experienced",
    matures=30,
    q=0.5,
    role="input",
    subject="operational",
    optional=True,
    harm="waited longer than the limit",
)
def resolution_p50(facts, window):
    """Hours by the calendar within which half of all contacts are resolved.

    Population  assisted contacts opened in the period, resolved or not.
    Formula     median; open contacts count with the time they have been open, and those given up
                with the time until then.
    Empties     no contacts: no figure.
    Source      order statistics (Hahn and Meeker); Kaplan–Meier where some are open.
    """
    return waited(facts, window, "resolved_at")


@metric(
    label="Resolved, mean time",
    unit="hours",
    better="lower",
    kind="mean",
    family="service",
    needs=["interactions.resolved_at"],
    evidence="sample",
    section="experienced",
    matures=30,
    role="input",
    subject="operational",
    optional=True,
    harm="waited longer than the limit",
)
def resolution_mean(facts, window):
    """Mean hours by the calendar until contacts were resolved: a few long ones weigh heavily.

    Population  assisted contacts opened in the period that are resolved.
    Formula     Σ hours ÷ contacts. What is open has no end yet and is counted beside the figure;
                where it is much, read the median, which knows of it.
    Empties     nothing resolved: no figure.
    Source      mean; customers are the units of its interval.
    """
    waits = waited(facts, window, "resolved_at")
    open_ = ibis.ifelse(waits.censored, "still open or given up", USED)
    return waits.select("customer_id", "team", "num", den=ibis.literal(1), apart=open_)


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
    """Share of issues resolved in one contact, with none about the same issue within seven days.

    Population  issues whose first contact was opened in the period, over all assisted channels;
                what a customer solved alone is no contact.
    Formula     issues whose first contact was answered and resolved, and that had no second one
                within 7 days ÷ issues. What is still open, or was never answered, is not
                resolved; its share is a figure of its own.
    Empties     no issues: no figure. Silence is taken as resolved only where the facts have
                neither replies nor ends of contacts.
    Source      first-contact resolution by issue, not by contact.
    """
    issues = followed(facts, window).filter(_.place == 0)
    return issues.select("customer_id", "team", num=(1 - _.back) * _.settled, den=ibis.literal(1))


@metric(
    label="Still open or never answered",
    unit="share",
    better="lower",
    kind="proportion",
    family="service",
    needs=["interactions.resolved_at or interactions.first_human_reply_at"],
    evidence="sample",
    section="experienced",
    matures=7,
    role="input",
    subject="operational",
    harm="has an issue that is open or was never answered",
)
def issues_open(facts, window):
    """Share of issues that are open, or whose contact ended without an answer.

    Population  issues whose first contact was opened in the period, over all assisted channels.
    Formula     issues without a second contact within 7 days whose first one is not both answered
                and resolved ÷ issues. With those resolved at first contact and those that came
                back they are all issues.
    Empties     no issues: no figure. It is what is known on the day of the run.
    Source      the remainder of first-contact resolution.
    """
    issues = followed(facts, window).filter(_.place == 0)
    open_ = (1 - _.back) * (1 - _.settled)
    return issues.select("customer_id", "team", num=open_, den=ibis.literal(1))


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
    label="Tier known when contact began",
    unit="share",
    better="higher",
    kind="proportion",
    family="service",
    needs=["interactions.tier_known_at_open"],
    evidence="sample",
    section="experienced",
    role="input",
    subject="operational",
    harm="was served by somebody who could not see the tier",
)
def tier_known(facts, window):
    """Share of contacts in which whoever took it could see the customer's tier as it began.

    Population  assisted contacts opened in the period, of customers in a tier or in none.
    Formula     contacts in which the tier was seen ÷ contacts. One of which nobody wrote it down
                counts as one in which it was not. That a customer is new, or in no tier, can be
                seen, too; contacts of nobody known are among all of them.
    Empties     no contacts: no figure.
    Source      the worth of a customer has to be known while it is served; who does not see the
                tier serves all alike.
    """
    contacts = opened(facts, window)
    seen = contacts.tier_known_at_open.fill_null(False).cast("int64")
    return contacts.select("customer_id", "team", num=seen, den=ibis.literal(1))


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

    Population  promises due in the period and by the day of the run. One that was moved before
                it was due counts at its new date; any other at its first date.
    Formula     kept ÷ due. One that was put off when it was due already, or nobody knows when,
                was not kept, whatever became of its new date.
    Empties     nothing due: no figure. A promise without evidence counts as not kept. One that
                was moved in time to a day that nobody wrote down is counted beside the figure.
    Source      promise-based management (Sull and Spinosa, 2007).
    """
    p = facts.promises
    moved = (p.renegotiated_at < p.due_at).fill_null(False)
    due_at = moved.ifelse(ibis.coalesce(p.new_due_at, p.due_at), p.due_at)
    lost = moved & p.new_due_at.isnull()
    later = (p.new_due_at > p.due_at).fill_null(p.renegotiated_at.notnull())
    p = p.mutate(falls_at=due_at, lost=lost, put_off=later & ~moved)
    due = p.filter(window.holds(p.falls_at) & (p.falls_at <= ibis.literal(facts.known_until)))
    kept = (due.kept.fill_null(False) & ~due.put_off).cast("int64")
    apart = ibis.ifelse(due.lost, "moved to a day that is not known", USED)
    return due.select("customer_id", num=kept, den=ibis.literal(1), apart=apart)


@metric(
    label="Gave up before an answer",
    unit="share",
    better="lower",
    kind="proportion",
    family="service",
    needs=["interactions.abandoned_at"],
    evidence="sample",
    section="experienced",
    matures=7,
    role="input",
    subject="operational",
    optional=True,
    harm="gave up before an answer",
)
def abandonment_rate(facts, window):
    """Share of contacts that the customer gave up before a person answered.

    Population  assisted contacts opened in the period.
    Formula     given up before the first reply, or without one ÷ contacts. Those given up within
                the first seconds are among them.
    Empties     no contacts: no figure.
    Source      abandonment rate of call centres (Gans, Koole and Mandelbaum, 2003).
    """
    contacts = opened(facts, window)
    known = ibis.literal(facts.known_until)
    left, reply = contacts.abandoned_at, contacts.first_human_reply_at
    gave_up = (left <= known).fill_null(False) & (reply.isnull() | (reply > left))
    num = gave_up.fill_null(False).cast("int64")
    return contacts.select("customer_id", "team", num=num, den=ibis.literal(1))


@metric(
    label="Contacts per customer",
    unit="ratio",
    better="neither",
    kind="ratio",
    family="service",
    needs=["interactions.customer_id"],
    evidence="census",
    section="experienced",
    role="input",
    subject="operational",
    optional=True,
    counts=True,
    harm="contacted us",
)
def contacts_per_customer(facts, window):
    """Assisted contacts of the customers who were here in the period, for each of them.

    Population  customers here on any day of the period, with or without a contact.
    Formula     their assisted contacts opened in the period ÷ customers. Contacts of nobody who
                was a customer then are counted beside the figure.
    Empties     no customers: no figure.
    Source      contact rate per customer.
    """
    here = facts.here(window.first, window.after)
    contacts = opened(facts, window).group_by("customer_id").agg(contacts=_.count())
    joined = here.left_join(contacts, "customer_id")
    of_customers = joined.select(
        "customer_id", num=joined.contacts.fill_null(0), den=ibis.literal(1), apart=USED
    )
    strangers = opened(facts, window).anti_join(here, "customer_id")
    strangers = strangers.select(
        "customer_id",
        num=ibis.literal(1, "int64"),
        den=ibis.literal(1),
        apart=ibis.literal("of nobody who was a customer then"),
    )
    return ibis.union(of_customers, strangers)
