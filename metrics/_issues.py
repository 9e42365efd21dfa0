"""Contacts with customers, and which of them came back. Shared by the service family."""

from __future__ import annotations

from datetime import timedelta

import ibis

DAYS = 7
"""A contact about the same issue within so many days is a return."""


def opened(facts, window):
    """Assisted contacts opened in the window; what a customer solved alone is not one."""
    i = facts.interactions
    return i.filter(window.holds(i.opened_at) & ~i.self_service.fill_null(False))


def followed(facts, window):
    """The same contacts, each with its place in its issue, whether it came back and was settled.

    An issue is a customer's assisted contacts with one issue key, over all channels
    and of all time; a contact without a key is an issue of its own.

    `place`    from 0
    `back`     1 where another about the same issue was opened within seven days
    `settled`  1 where it was answered and resolved by the time that the facts are known; of
               what is not mapped, a reply or an end, nothing can be asked
    """
    return facts.shared(("contacts", window), lambda: _followed(facts, window))


def _followed(facts, window):
    i = facts.interactions
    seen = i.filter(~i.self_service.fill_null(False))
    now = seen.filter(window.holds(seen.opened_at))
    # Of all time only the issues that are touched in the window have to be put in order.
    touched = now.select("issue_key").distinct()
    until = window.end + timedelta(days=DAYS)
    keyed = seen.filter(seen.opened_at <= until).semi_join(touched, "issue_key")
    issue = ibis.window(
        group_by=["customer_id", "issue_key"], order_by=["opened_at", "interaction_id", "team"]
    )
    place = ibis.row_number().over(issue)
    following = keyed.opened_at.lead().over(issue)
    back = (following <= keyed.opened_at + ibis.interval(days=DAYS)).fill_null(False)
    placed = keyed.select(
        "customer_id",
        "team",
        "opened_at",
        place=place,
        back=back.cast("int64"),
        settled=_settled(facts, keyed),
    )
    alone = now.filter(now.issue_key.isnull())
    alone = alone.select(
        "customer_id",
        "team",
        "opened_at",
        place=ibis.literal(0, "int64"),
        back=ibis.literal(0, "int64"),
        settled=_settled(facts, alone),
    )
    return ibis.union(placed.filter(window.holds(placed.opened_at)), alone)


def _settled(facts, contacts):
    known, settled = ibis.literal(facts.known_until), ibis.literal(True)
    for column in ("first_human_reply_at", "resolved_at"):
        if facts.has(f"interactions.{column}"):
            settled &= (contacts[column] <= known).fill_null(False)
    return settled.cast("int64")
