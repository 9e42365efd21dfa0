"""Addresses: which may not be written to, since when and why.

suspended          a bounce said that the address does not take mail
opted out          an owner asked not to be sent a page that stays theirs
unsubscribed       a subscriber asked to get no more
reinstated         somebody said that it may be written to again, but not what it unsubscribed from
subscribed again   somebody said that it may be sent what it had unsubscribed from

An address may be in several of these states at once: each of the first three
lasts until it is lifted, whatever else happens to the address.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session, col, select

from scorecard.base.address import same_mailbox
from scorecard.ledger.models import AddressRow
from scorecard.ledger.store import Store

Event = Literal["suspended", "opted out", "unsubscribed", "reinstated", "subscribed again"]
STATES: tuple[Event, ...] = ("opted out", "suspended", "unsubscribed")
"""What an address can be in, the strictest first: to have asked for none goes before a bounce."""
LIFTS: dict[Event, tuple[Event, ...]] = {
    "reinstated": ("opted out", "suspended"),
    "subscribed again": ("unsubscribed",),
}


@dataclass(frozen=True)
class AddressEvent:
    address: str
    event: Event
    reason: str
    at: datetime

    @property
    def states(self) -> tuple[AddressEvent, ...]:
        """Every state that is known here, the strictest first."""
        return (self,)


@dataclass(frozen=True)
class Silence(AddressEvent):
    """The strictest state that an address is in; `besides` has the others."""

    besides: tuple[AddressEvent, ...] = ()

    @property
    def states(self) -> tuple[AddressEvent, ...]:
        return (AddressEvent(self.address, self.event, self.reason, self.at), *self.besides)


class Silences(dict[str, AddressEvent]):
    """Silences by address, which is found in whatever way it is spelt: see `same_mailbox`."""

    def __contains__(self, address: object) -> bool:
        return isinstance(address, str) and super().__contains__(same_mailbox(address))

    def __getitem__(self, address: str) -> AddressEvent:
        return super().__getitem__(same_mailbox(address))

    def get(self, address: str, default: Any = None, /) -> Any:
        return super().get(same_mailbox(address), default)


class Addresses(Store):
    """The ledger's part that knows addresses. They are compared by `same_mailbox`."""

    def note_address(
        self, address: str, event: Event, reason: str, now: datetime, source: str = ""
    ) -> bool:
        """Record what happened to an address; False when this `source` already said so.

        `source` names the mail that said so; without one, every call is an event.
        """

        def work(session: Session) -> bool:
            said = source or f"{now.isoformat()}"
            known = session.exec(
                select(AddressRow).where(AddressRow.event == event, AddressRow.source == said)
            )
            if any(same_mailbox(row.address) == same_mailbox(address) for row in known):
                return False
            session.add(
                AddressRow(address=address.lower(), event=event, reason=reason, source=said, at=now)
            )
            return True

        return self._in_turn(work)

    def address_events(self, address: str = "") -> list[AddressEvent]:
        """Everything recorded, or what concerns one address, oldest first."""
        with self._reading() as session:
            return [
                AddressEvent(**row.model_dump(exclude={"id", "source"}))
                for row in session.exec(select(AddressRow).order_by(col(AddressRow.id)))
                if not address or same_mailbox(row.address) == same_mailbox(address)
            ]

    def silenced(self) -> dict[str, AddressEvent]:
        """The addresses that may not be written to, and the strictest reason why, as `Silence`."""
        return Silences(_silences(self.address_events()))


def _silences(events: Iterable[AddressEvent]) -> dict[str, AddressEvent]:
    """What is in force of these events, oldest first."""
    known: dict[str, dict[Event, AddressEvent]] = {}
    for each in events:
        states = known.setdefault(same_mailbox(each.address), {})
        if each.event in STATES:
            states[each.event] = each
        for lifted in LIFTS.get(each.event, ()):
            states.pop(lifted, None)
    found: dict[str, AddressEvent] = {}
    for address, states in known.items():
        if held := [states[state] for state in STATES if state in states]:
            first, *rest = held
            found[address] = Silence(
                first.address, first.event, first.reason, first.at, tuple(rest)
            )
    return found
