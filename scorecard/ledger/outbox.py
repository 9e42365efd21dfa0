"""The outbox: one document or notice to one recipient by one channel, until it is settled.

    queued      written down; nothing was said to a server yet
    claimed     a sender has taken it, as long as its heart beats
    handed over its content is going out: the one moment whose outcome can stay unknown
    deferred    the server said later, or was not there; tried again at `next_try_at`
    sent        the server answered 250
    refused     the server said no for good
    expired     deferred too long
    withheld    not sent on purpose: not on the list, suspended, opted out, too large, unsound
    in doubt    handed over, and nobody knows the answer; kept for the operator
    bounced     sent, and came back later

Whoever takes over a delivery that was handed over counts a doubt: the server
may have it already (RFC 1047). It is sent again with the same Message-ID and
the same bytes, by which the receiving side tells it for the same message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, and_, func, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from scorecard.ledger.leases import silent
from scorecard.ledger.models import AttemptRow, DeliveryRow
from scorecard.ledger.runs import digest
from scorecard.ledger.store import Store

State = Literal[
    "queued", "claimed", "handed over", "deferred",
    "sent", "refused", "expired", "withheld", "in doubt", "bounced",
]  # fmt: skip
OPEN = ("queued", "claimed", "handed over", "deferred")
FAILED = ("refused", "expired", "withheld", "in doubt", "bounced")
_BATCH = 200


@dataclass(frozen=True)
class Parcel:
    """What is to be delivered: `letter` is what the mail says, as JSON text.

    `about` is the edition's id, or the key of a notice. The same kind of mail
    about the same thing to the same recipient by the same channel is the same
    delivery, however often it is queued.
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
        return digest(self.kind, self.about, self.channel, self.recipient)[:16]


@dataclass(frozen=True)
class Delivery:
    """A parcel and how far it got. `tries` counts those that came to an end.

    `doubts` counts the times its outcome stayed unknown; `told` says whether the
    operator was told of a failure. `code` and `reply` are the server's last words;
    `sha256` is that of the PDF, `size` that of the whole message in bytes, once it
    was put together.
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
    """One try of a delivery; `outcome` is the state or the event that it led to."""

    number: int
    outcome: str
    code: int | None
    reply: str
    holder: str
    at: datetime


class Outbox(Store):
    """The ledger's part that knows deliveries."""

    def queue(self, parcels: Iterable[Parcel], now: datetime) -> int:
        """Write parcels down for delivery; how many were not in the outbox yet."""
        new, batch = 0, list[Parcel]()
        for parcel in parcels:
            batch.append(parcel)
            if len(batch) == _BATCH:
                new += self._queued(batch, now)
                batch.clear()
        return new + self._queued(batch, now)

    def take_out(
        self, holder: str, now: datetime, ttl: timedelta, most: int, *, doubtful: bool = True
    ) -> list[Delivery]:
        """Take up to `most` deliveries whose time has come, the longest waiting first.

        What another holder had taken is free again when its heart has stopped
        for `ttl`. What it had handed over then gains a doubt; unless
        `doubtful`, such a one ends "in doubt" and is not given out.
        """
        with self._writing() as session:
            wanted = session.exec(
                select(DeliveryRow)
                .where(_free(now, ttl))
                .order_by(col(DeliveryRow.queued_at), col(DeliveryRow.id))
                .limit(most)
                .with_for_update(skip_locked=True)
            ).all()
            taken = []
            for row in wanted:
                if row.state == "handed over":
                    _note(session, row, "unknown", now, "the sender was lost while handing over")
                    row.doubts, row.tries = row.doubts + 1, row.tries + 1
                    if not doubtful:
                        row.state, row.finished_at = "in doubt", now
                        session.add(row)
                        continue
                row.state, row.holder, row.beat_at, row.updated_at = "claimed", holder, now, now
                session.add(row)
                taken.append(row)
            session.flush()
            return [_delivery(row) for row in taken]

    def hand_over(
        self, delivery: Delivery, now: datetime, *, sha256: str = "", size: int | None = None
    ) -> bool:
        """Record that the content goes out now; False when the delivery is another's by now."""
        return self._update_delivery(
            delivery, ("claimed",), now, None,
            state="handed over", beat_at=now,
            sha256=sha256, size=size,
        )  # fmt: skip

    def settle(
        self, delivery: Delivery, state: State, now: datetime, *,
        code: int | None = None, reply: str = "", next_try_at: datetime | None = None,
        doubt: bool = False,
    ) -> bool:  # fmt: skip
        """Record the outcome of a try; False when the delivery is another's by now.

        `doubt` says that the answer to the content was lost.
        """
        return self._update_delivery(
            delivery, ("claimed", "handed over"), now, (code, reply),
            state=state, code=code, reply=reply, holder="",
            told=False, tries=DeliveryRow.tries + 1,
            doubts=DeliveryRow.doubts + (1 if doubt else 0),
            next_try_at=next_try_at or now,
            finished_at=None if state in OPEN else now,
        )  # fmt: skip

    def put_back(self, holder: str, now: datetime) -> None:
        """Put back what this holder claimed and did not hand over."""
        with self._writing() as session:
            session.exec(
                update(DeliveryRow)
                .where(col(DeliveryRow.holder) == holder, col(DeliveryRow.state) == "claimed")
                .values(state="queued", holder="", updated_at=now)
            )

    def requeue(self, ids: Sequence[str], now: datetime, why: str) -> int:
        """Try failed deliveries again, as the same message; how many there were."""
        done = 0
        for id in ids:
            with self._writing() as session:
                row = session.get(DeliveryRow, id, with_for_update=True)
                if row is not None and row.state in FAILED:
                    _note(session, row, "queued again", now, why)
                    row.state, row.next_try_at, row.finished_at = "queued", now, None
                    row.tries = row.doubts = 0
                    row.queued_at = row.updated_at = now
                    session.add(row)
                    done += 1
        return done

    def bounced(self, message_id: str, now: datetime, reply: str) -> Delivery | None:
        """Record that a message which was sent came back; None when no such message was."""
        with self._writing() as session:
            row = session.exec(
                select(DeliveryRow).where(DeliveryRow.message_id == message_id).with_for_update()
            ).first()
            if row is None or row.state == "bounced":
                return _delivery(row) if row else None
            _note(session, row, "bounced", now, reply)
            row.state, row.reply, row.told = "bounced", reply, False
            row.finished_at = row.updated_at = now
            session.add(row)
            session.flush()
            return _delivery(row)

    def untold(self) -> list[Delivery]:
        """Deliveries that failed and of which the operator was not told yet."""
        query = select(DeliveryRow).where(
            col(DeliveryRow.state).in_(FAILED), col(DeliveryRow.told).is_(False)
        )
        with self._reading() as session:
            found = [_delivery(row) for row in session.exec(query)]
        return sorted(found, key=lambda d: (d.schedule, d.period, d.recipient, d.id))

    def tell(self, ids: Sequence[str]) -> None:
        """Record that the operator was told of these."""
        with self._writing() as session:
            for start in range(0, len(ids), _BATCH):
                session.exec(
                    update(DeliveryRow)
                    .where(col(DeliveryRow.id).in_(ids[start : start + _BATCH]))
                    .values(told=True)
                )

    def delivery(self, id: str) -> Delivery | None:
        with self._reading() as session:
            row = session.get(DeliveryRow, id)
            return _delivery(row) if row else None

    def deliveries(
        self, *, schedule: str = "", period: str = "", states: Sequence[str] = (),
        recipient: str = "", kind: str = "",
    ) -> Iterator[Delivery]:  # fmt: skip
        """Deliveries in the order in which they were queued, read in pages."""
        said = {"schedule": schedule, "period": period, "recipient": recipient, "kind": kind}
        query = select(DeliveryRow)
        for name, value in said.items():
            if value:
                query = query.where(getattr(DeliveryRow, name) == value)
        if states:
            query = query.where(col(DeliveryRow.state).in_(states))
        last: tuple[datetime, str] | None = None
        while True:
            page = query.order_by(col(DeliveryRow.queued_at), col(DeliveryRow.id)).limit(_BATCH)
            if last is not None:
                page = page.where(_after(*last))
            with self._reading() as session:
                rows = [_delivery(row) for row in session.exec(page)]
            yield from rows
            if len(rows) < _BATCH:
                return
            last = (rows[-1].queued_at, rows[-1].id)

    def delivery_counts(self, schedule: str = "", period: str = "") -> dict[str, int]:
        """How many deliveries are in which state."""
        query = select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state)
        if schedule:
            query = query.where(DeliveryRow.schedule == schedule)
        if period:
            query = query.where(DeliveryRow.period == period)
        with self._reading() as session:
            return {state: int(n) for state, n in session.exec(query)}

    def next_delivery_at(self) -> datetime | None:
        """When the next waiting delivery may be tried; None when none waits."""
        query = select(func.min(DeliveryRow.next_try_at)).where(
            col(DeliveryRow.state).in_(("queued", "deferred"))
        )
        with self._reading() as session:
            return session.exec(query).one()

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

    def _queued(self, parcels: Sequence[Parcel], now: datetime) -> int:
        if not parcels:
            return 0
        rows = [
            {**asdict(p), "id": p.id, "state": "queued", "tries": 0, "doubts": 0, "holder": "",
             "reply": "", "sha256": "", "told": False, "next_try_at": now, "queued_at": now,
             "updated_at": now}
            for p in parcels
        ]  # fmt: skip
        with self._writing() as session:
            dialect = session.get_bind().dialect.name
            insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
            statement = (
                insert(DeliveryRow.__table__)  # type: ignore[attr-defined]
                .values(rows)
                .on_conflict_do_nothing()
                .returning(col(DeliveryRow.id))
            )
            return len(session.connection().execute(statement).all())

    def _update_delivery(
        self, delivery: Delivery, states: tuple[str, ...], now: datetime,
        said: tuple[int | None, str] | None, **values: object,
    ) -> bool:  # fmt: skip
        with self._writing() as session:
            changed = session.exec(
                update(DeliveryRow)
                .where(
                    col(DeliveryRow.id) == delivery.id,
                    col(DeliveryRow.holder) == delivery.holder,
                    col(DeliveryRow.state).in_(states),
                )
                .values(updated_at=now, **values)
            )
            if changed.rowcount != 1:
                return False
            if said is not None:
                code, reply = said
                row = session.get_one(DeliveryRow, delivery.id)
                _note(session, row, str(values["state"]), now, reply, code, delivery.holder)
            return True


def _note(
    session: Session, row: DeliveryRow, outcome: str, now: datetime, reply: str,
    code: int | None = None, holder: str = "",
) -> None:  # fmt: skip
    last = session.exec(
        select(func.max(AttemptRow.number)).where(AttemptRow.delivery_id == row.id)
    ).one()
    session.add(
        AttemptRow(
            delivery_id=row.id, number=(last or 0) + 1, outcome=outcome, code=code, reply=reply,
            holder=holder or row.holder, at=now,
        )
    )  # fmt: skip


def _free(now: datetime, ttl: timedelta) -> ColumnElement[bool]:
    waiting = col(DeliveryRow.state).in_(("queued", "deferred"))
    taken = col(DeliveryRow.state).in_(("claimed", "handed over"))
    return or_(
        and_(waiting, col(DeliveryRow.next_try_at) <= now),
        and_(taken, silent(DeliveryRow.beat_at, now, ttl)),
    )


def _after(queued_at: datetime, id: str) -> ColumnElement[bool]:
    return or_(
        col(DeliveryRow.queued_at) > queued_at,
        and_(col(DeliveryRow.queued_at) == queued_at, col(DeliveryRow.id) > id),
    )


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(**row.model_dump())
