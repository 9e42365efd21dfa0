"""Deliveries: one document or notice to one recipient by one channel, and how far it got.

queued      written down; nothing was said to a server yet
claimed     a sender has taken it, as long as its heart beats
handed over its content is going out: the one moment whose outcome can stay unknown
deferred    the server said later, or was not there; tried again at `next_try_at`
sent        the server answered 250
refused     the server said no for good
expired     deferred too long
withheld    not sent on purpose: not on the list, suspended, too large, unsound, no longer the
            reader's, or in a folder where another file has its name
in doubt    handed over, and nobody knows the answer; kept for the operator
bounced     sent, and came back later
opted out   not sent, because the recipient asked for that
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import col, select

from scorecard.ledger.models import AttemptRow, DeliveryRow
from scorecard.ledger.runs import digest
from scorecard.ledger.store import Store

State = Literal[
    "queued",
    "claimed",
    "handed over",
    "deferred",
    "sent",
    "refused",
    "expired",
    "withheld",
    "in doubt",
    "bounced",
    "opted out",
]
OPEN = ("queued", "claimed", "handed over", "deferred")
"""States from which a delivery is still tried."""
FAILED = ("refused", "expired", "withheld", "in doubt", "bounced")
"""States that count as a failure of which the operator is told."""
BATCH = 200
"""Rows read or written with one statement."""
AHEAD = timedelta(days=1)
"""Rows dated over a day ahead come from a clock that ran fast; they count as waiting."""


def delivery_id(kind: str, about: str, channel: str, recipient: str) -> str:
    """The id of a delivery, 16 hexadecimal digits, which is no secret; see `NewDelivery`."""
    folded = recipient if channel == "folder" else recipient.casefold()
    return digest(kind, about, channel, folded)[:16]


@dataclass(frozen=True)
class NewDelivery:
    """A delivery that is not queued yet. `letter` is the mail's content as JSON text.

    `about` is the edition's id, or the key of a notice. `id` follows from kind,
    about, channel and recipient alone, so that queuing a delivery again adds
    none. Addresses that differ only in case are one recipient; folders are two.
    """

    kind: str
    about: str
    channel: str
    recipient: str
    name: str
    letter: str
    message_id: str
    schedule: str = ""
    period: str = ""
    edition_id: str | None = None

    @property
    def id(self) -> str:
        return delivery_id(self.kind, self.about, self.channel, self.recipient)


@dataclass(frozen=True)
class Delivery:
    """A queued delivery and how far it got. Instants are in UTC.

    `tries` counts finished attempts, `doubts` those whose outcome stayed unknown;
    `told` says whether the operator was told of a failure. `code` and `reply` are
    the server's last answer. Once the message is built, `sha256` is the hash of
    its PDF and `size` the bytes of the whole message.
    """

    id: str
    kind: str
    about: str
    channel: str
    recipient: str
    name: str
    schedule: str
    period: str
    edition_id: str | None
    letter: str
    message_id: str
    state: State
    tries: int
    doubts: int
    next_try_at: datetime
    holder: str
    beat_at: datetime | None
    code: int | None
    reply: str
    sha256: str
    size: int | None
    told: bool
    queued_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None


@dataclass(frozen=True)
class Attempt:
    """One try of a delivery; `outcome` is the state or event that it led to, `number` from 1."""

    number: int
    outcome: str
    code: int | None
    reply: str
    holder: str
    at: datetime


class Deliveries(Store):
    """The ledger's records of deliveries, to read; `Outbox` writes them."""

    def sent_as(self, message_id: str) -> Delivery | None:
        """The delivery of that Message-ID, with its brackets."""
        return self._found(DeliveryRow.message_id == message_id)

    def sent_with(self, token: str) -> Delivery | None:
        """The delivery whose Message-ID begins with that token, before the "@".

        Of messages queued before tokens were keyed it is their token for unsubscribing, too.
        """
        return self._found(col(DeliveryRow.message_id).startswith(f"<{token}@", autoescape=True))

    def untold(self) -> list[Delivery]:
        """Failed deliveries of which the operator was not told, by schedule, period, recipient."""
        query = select(DeliveryRow).where(
            col(DeliveryRow.state).in_(FAILED), col(DeliveryRow.told).is_(False)
        )
        with self._reading() as session:
            found = [delivery_of(row) for row in session.exec(query)]
        return sorted(found, key=lambda d: (d.schedule, d.period, d.recipient, d.id))

    def delivery(self, id: str) -> Delivery | None:
        with self._reading() as session:
            row = session.get(DeliveryRow, id)
            return delivery_of(row) if row else None

    def deliveries(
        self,
        *,
        schedule: str = "",
        period: str = "",
        states: Sequence[str] = (),
        recipient: str = "",
        kind: str = "",
    ) -> Iterator[Delivery]:
        """Deliveries in the order in which they were queued, read in pages; "" filters nothing."""
        filters = {"schedule": schedule, "period": period, "recipient": recipient, "kind": kind}
        query = select(DeliveryRow)
        for name, value in filters.items():
            if value:
                query = query.where(getattr(DeliveryRow, name) == value)
        if states:
            query = query.where(col(DeliveryRow.state).in_(states))
        # Keyset pagination: a delivery queued meanwhile neither shifts a page nor repeats a row.
        last: tuple[datetime, str] | None = None
        while True:
            page = query.order_by(col(DeliveryRow.queued_at), col(DeliveryRow.id)).limit(BATCH)
            if last is not None:
                page = page.where(_after(*last))
            with self._reading() as session:
                rows = [delivery_of(row) for row in session.exec(page)]
            yield from rows
            if len(rows) < BATCH:
                return
            last = (rows[-1].queued_at, rows[-1].id)

    def delivery_counts(
        self, schedule: str = "", period: str = "", since: datetime | None = None
    ) -> dict[str, int]:
        """The number of deliveries by state, of those queued at or after `since`."""
        query = select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state)
        if schedule:
            query = query.where(DeliveryRow.schedule == schedule)
        if period:
            query = query.where(DeliveryRow.period == period)
        if since:
            query = query.where(col(DeliveryRow.queued_at) >= since)
        with self._reading() as session:
            return {state: int(n) for state, n in session.exec(query)}

    def waiting_since(self, moment: datetime) -> int:
        """The number of open deliveries that were queued before that moment, tried or not.

        Those that the server keeps deferring count, and those dated more than AHEAD
        after the moment.
        """
        queued_at = col(DeliveryRow.queued_at)
        query = select(func.count()).where(
            col(DeliveryRow.state).in_(OPEN), or_(queued_at < moment, queued_at > moment + AHEAD)
        )
        with self._reading() as session:
            return int(session.exec(query).one())

    def attempts(self, delivery: Delivery) -> list[Attempt]:
        """Every try of a delivery, oldest first."""
        query = (
            select(AttemptRow)
            .where(AttemptRow.delivery_id == delivery.id)
            .order_by(col(AttemptRow.number))
        )
        with self._reading() as session:
            return [
                Attempt(**row.model_dump(exclude={"id", "delivery_id"}))
                for row in session.exec(query)
            ]

    def _found(self, which: ColumnElement[bool] | bool) -> Delivery | None:
        with self._reading() as session:
            row = session.exec(select(DeliveryRow).where(which)).first()
            return delivery_of(row) if row else None


def _after(queued_at: datetime, id: str) -> ColumnElement[bool]:
    return or_(
        col(DeliveryRow.queued_at) > queued_at,
        and_(col(DeliveryRow.queued_at) == queued_at, col(DeliveryRow.id) > id),
    )


def delivery_of(row: DeliveryRow) -> Delivery:
    return Delivery(**row.model_dump())
