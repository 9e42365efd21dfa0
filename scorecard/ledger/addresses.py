"""The suppression list: which addresses may not be written to, since when and why.

suspended          a bounce said that there is no such address, or a second one that no mail arrives
opted out          an owner asked not to be sent a page that stays theirs
unsubscribed       a subscriber asked to get no more
returned           a message came back for good; the address is written to until another does
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

Event = Literal[
    "suspended", "opted out", "unsubscribed", "returned", "reinstated", "subscribed again"
]
STATES: tuple[Event, ...] = ("opted out", "suspended", "unsubscribed")
"""The events that suppress an address, the strictest first: a request outranks a bounce."""
LIFTS: dict[Event, tuple[Event, ...]] = {
    "reinstated": ("opted out", "suspended"),
    "subscribed again": ("unsubscribed",),
}
"""The states that each of the other events ends."""


@dataclass(frozen=True)
class AddressEvent:
    """Something that happened to an address. `reason` is in words; `at` is in UTC."""

    address: str
    event: Event
    reason: str
    at: datetime

    @property
    def states(self) -> tuple[AddressEvent, ...]:
        """Every state that the address is in, the strictest first."""
        return (self,)


@dataclass(frozen=True)
class Suppression(AddressEvent):
    """The strictest state that an address is in; `besides` are the milder ones, if any."""

    besides: tuple[AddressEvent, ...] = ()

    @property
    def states(self) -> tuple[AddressEvent, ...]:
        return (AddressEvent(self.address, self.event, self.reason, self.at), *self.besides)


class Suppressions(dict[str, AddressEvent]):
    """A mapping from address to its state. Look-ups compare by `same_mailbox`, not by spelling."""

    def __contains__(self, address: object) -> bool:
        return isinstance(address, str) and super().__contains__(same_mailbox(address))

    def __getitem__(self, address: str) -> AddressEvent:
        return super().__getitem__(same_mailbox(address))

    def get(self, address: str, default: Any = None, /) -> Any:
        return super().get(same_mailbox(address), default)


class Addresses(Store):
    """The ledger's records of addresses, which are compared by `same_mailbox`."""

    def note_address(
        self, address: str, event: Event, reason: str, now: datetime, source: str = ""
    ) -> bool:
        """Record an event; False when the same event from this `source` is recorded already.

        `source` identifies the mail that reported it, so that reading a mail twice
        counts once. Without a source every call is an event of its own.
        """

        def work(session: Session) -> bool:
            origin = source or f"{now.isoformat()}"
            known = session.exec(
                select(AddressRow).where(AddressRow.event == event, AddressRow.source == origin)
            )
            # Compared here, since SQL knows neither IDNA nor Unicode's lower case.
            if any(same_mailbox(row.address) == same_mailbox(address) for row in known):
                return False
            session.add(
                AddressRow(
                    address=address.lower(), event=event, reason=reason, source=origin, at=now
                )
            )
            return True

        return self._in_turn(work, now)

    def address_events(self, address: str = "") -> list[AddressEvent]:
        """All events, or those of one address, oldest first."""
        with self._reading() as session:
            return [
                AddressEvent(**row.model_dump(exclude={"id", "source"}))
                for row in session.exec(select(AddressRow).order_by(col(AddressRow.id)))
                if not address or same_mailbox(row.address) == same_mailbox(address)
            ]

    def suppressed(self) -> dict[str, AddressEvent]:
        """The addresses that may not be written to, each with its `Suppression`."""
        return Suppressions(_silences(self.address_events()))


def _silences(events: Iterable[AddressEvent]) -> dict[str, AddressEvent]:
    """The states that last, by `same_mailbox` of the address; `events` come oldest first."""
    known: dict[str, dict[Event, AddressEvent]] = {}
    for each in events:
        states = known.setdefault(same_mailbox(each.address), {})
        if each.event in STATES:
            states[each.event] = each
        for lifted in LIFTS.get(each.event, ()):
            states.pop(lifted, None)
    found: dict[str, AddressEvent] = {}
    for address, states in known.items():
        if lasting := [states[state] for state in STATES if state in states]:
            first, *rest = lasting
            found[address] = Suppression(
                first.address, first.event, first.reason, first.at, tuple(rest)
            )
    return found
