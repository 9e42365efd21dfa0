"""How long contacts waited, by the calendar or in service hours. Shared by the service family."""

from __future__ import annotations

import ibis

from ._issues import opened


def waited(facts, window, until, *, in_service_hours=False):
    """Contacts opened in the window with the hours (`num`) until what the column `until` dates.

    One that has not come to that yet has waited until now, and one that was given up before it
    until then; both are `censored`, since nobody knows how long it would have taken. By the
    calendar nights and days off count like any others; in service hours only those do in
    which service was open.
    """
    contacts = opened(facts, window)
    known = ibis.literal(facts.known_until)
    stopped = (contacts[until].notnull() & (contacts[until] <= known)).fill_null(False)
    now = ibis.greatest(known, contacts.opened_at)
    left = contacts.abandoned_at
    left = (left.notnull() & left.between(contacts.opened_at, known)).ifelse(left, now)
    contacts = contacts.mutate(stopped=stopped, last=stopped.ifelse(contacts[until], left))
    # A reply before the first message means that we wrote first: nobody waited.
    contacts = contacts.filter(contacts.last >= contacts.opened_at)
    if in_service_hours:
        contacts = facts.in_service_hours(contacts, "opened_at", "last")
        seconds = contacts.last_served - contacts.opened_at_served
    else:
        seconds = contacts["last"].epoch_seconds() - contacts.opened_at.epoch_seconds()
    return contacts.select("customer_id", "team", num=seconds / 3600, censored=~contacts.stopped)
