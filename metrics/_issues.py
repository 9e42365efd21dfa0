"""Contacts with customers, and which of them came back. Shared by the service family."""

from __future__ import annotations

import ibis
from ibis import _

DAYS = 7
"""A contact about the same issue within so many days is a return."""


def opened(facts, window):
    """Assisted contacts opened in the window; what a customer solved alone is not one."""
    i = facts.interactions
    return i.filter(window.holds(i.opened_at) & ~i.self_service.fill_null(False))


def followed(facts, window):
    """Contacts opened up to seven days past the window, each with when its issue came back.

    `next_at` is empty where no contact about the same issue follows. A contact
    without an issue key is an issue of its own.
    """
    i = facts.interactions
    until = window.before(i.opened_at, days=DAYS) & (i.opened_at >= window.start)
    seen = i.filter(until & ~i.self_service.fill_null(False))
    issue = ibis.coalesce(_.issue_key, _.interaction_id)
    later = ibis.window(group_by=["customer_id", "issue"], order_by=["opened_at", "interaction_id"])
    return seen.mutate(issue=issue).mutate(next_at=_.opened_at.lead().over(later))
