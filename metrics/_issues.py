"""Contacts with customers, and which of them came back. Shared by the service family."""

from __future__ import annotations

import ibis

DAYS = 7
"""A contact about the same issue within so many days is a return."""


def opened(facts, window):
    """Assisted contacts opened in the window; what a customer solved alone is not one."""
    i = facts.interactions
    return i.filter(window.holds(i.opened_at) & ~i.self_service.fill_null(False))


def followed(facts, window):
    """The same contacts, each with its place in its issue (from 0) and whether it came back.

    An issue is a customer's assisted contacts with one issue key, over all channels
    and of all time; a contact without a key is an issue of its own.
    """
    contacts = facts.shared(("issues",), lambda: _places(facts))
    return contacts.filter(window.holds(contacts.opened_at))


def _places(facts):
    i = facts.interactions
    seen = i.filter(~i.self_service.fill_null(False))
    issue = ibis.window(
        group_by=["customer_id", "issue_key"], order_by=["opened_at", "interaction_id", "team"]
    )
    own = seen.issue_key.isnull()
    place = ibis.row_number().over(issue)
    following = seen.opened_at.lead().over(issue)
    back = (following <= seen.opened_at + ibis.interval(days=DAYS)).fill_null(False)
    return seen.select(
        "customer_id",
        "team",
        "opened_at",
        place=ibis.cases((own, 0), else_=place),
        back=(~own & back).cast("int64"),
    )
