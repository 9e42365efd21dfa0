"""Addresses: which may not be written to, since when and why. The last event counts.

suspended      a bounce said that the address does not take mail
opted out      an owner asked not to be sent a page that stays theirs
unsubscribed   a subscriber asked to get no more
reinstated     somebody said that it may be written to again
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlmodel import Session, col, select

from scorecard.ledger.models import AddressRow
from scorecard.ledger.store import Store

Event = Literal["suspended", "opted out", "unsubscribed", "reinstated"]


@dataclass(frozen=True)
class AddressEvent:
    address: str
    event: Event
    reason: str
    at: datetime


class Addresses(Store):
    """The ledger's part that knows addresses. They are compared without regard to case."""

    def note_address(
        self, address: str, event: Event, reason: str, now: datetime, source: str = ""
    ) -> bool:
        """Record what happened to an address; False when this `source` already said so.

        `source` names the mail that said so; without one, every call is an event.
        """

        def work(session: Session) -> bool:
            said = source or f"{now.isoformat()}"
            known = select(AddressRow).where(
                AddressRow.address == address.casefold(),
                AddressRow.event == event,
                AddressRow.source == said,
            )
            if session.exec(known).first() is not None:
                return False
            session.add(
                AddressRow(
                    address=address.casefold(), event=event, reason=reason, source=said, at=now
                )
            )
            return True

        return self._in_turn(work)

    def address_events(self, address: str = "") -> list[AddressEvent]:
        """Everything recorded, or what concerns one address, oldest first."""
        query = select(AddressRow).order_by(col(AddressRow.id))
        if address:
            query = query.where(AddressRow.address == address.casefold())
        with self._reading() as session:
            return [
                AddressEvent(**row.model_dump(exclude={"id", "source"}))
                for row in session.exec(query)
            ]

    def silenced(self) -> dict[str, AddressEvent]:
        """The addresses that may not be written to, in lower case, and why."""
        last = {event.address: event for event in self.address_events()}
        return {address: e for address, e in last.items() if e.event != "reinstated"}
