"""The outbox: deliveries are queued, claimed by a sender, handed over and settled.

When a sender is lost while handing over, the server may have the message already
(RFC 1047). The next sender counts a doubt and sends it again with the same Message-ID
and the same bytes, so that the receiving side can recognise the duplicate.

A waiting delivery that was last updated more than a sender's `ttl` in the future
was so by a clock that has been set back since, and is due now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from scorecard.errors import AlteredError
from scorecard.ledger.chain import Policy
from scorecard.ledger.deliveries import (
    BATCH,
    FAILED,
    OPEN,
    Deliveries,
    Delivery,
    NewDelivery,
    State,
    delivery_of,
)
from scorecard.ledger.journal import change, tolerate, wrote
from scorecard.ledger.leases import silent
from scorecard.ledger.models import AttemptRow, DeliveryRow

ALTERED = (
    "Its record in the ledger was altered after it was written, so it was not sent; see "
    '"scorecard verify".'
)


class Outbox(Deliveries):
    """The ledger's records of deliveries, to write: every change of a delivery's state."""

    def queue(self, deliveries: Iterable[NewDelivery], now: datetime) -> int:
        """Record deliveries as queued; returns how many were not in the outbox yet."""
        new, batch = 0, list[NewDelivery]()
        for delivery in deliveries:
            batch.append(delivery)
            if len(batch) == BATCH:
                new += self._insert(batch, now)
                batch.clear()
        return new + self._insert(batch, now)

    def take_out(
        self,
        holder: str,
        now: datetime,
        ttl: timedelta,
        most: int,
        *,
        channels: Sequence[str] = ("mail", "folder"),
        doubtful: bool = True,
    ) -> list[Delivery]:
        """Claim up to `most` deliveries that are due, the longest waiting first.

        Those of another holder can be claimed when it has sent no heartbeat for
        `ttl`. One that it was handing over gains a doubt; unless `doubtful`, that
        one ends "in doubt". One that is not what the journal says of it ends "withheld".
        Those that ended are returned as well, in that state; the others are "claimed".
        """
        # On PostgreSQL, skip_locked gives each of several senders rows of its own; SQLite
        # ignores it, for it has one writer at a time.
        with self._writing(now) as session:
            due = session.exec(
                select(DeliveryRow)
                .where(_claimable(now, ttl), col(DeliveryRow.channel).in_(channels))
                .order_by(col(DeliveryRow.queued_at), col(DeliveryRow.id))
                .limit(most)
                .with_for_update(skip_locked=True)
            ).all()
            altered = tolerate(session, DeliveryRow, [(row.id,) for row in due])
            taken = []
            for row in due:
                if (row.id,) in altered:
                    row.state, row.holder, row.reply, row.told = "withheld", "", ALTERED, False
                    row.finished_at = row.updated_at = now
                    session.add(row)
                    taken.append(row)
                    continue
                # Dates in the future come from a clock that ran fast: they count from now on.
                row.queued_at = min(row.queued_at, now)
                row.next_try_at = min(row.next_try_at, now)
                if row.state == "handed over":
                    _add_attempt(
                        session, row, "unknown", now, "the sender was lost while handing over"
                    )
                    row.doubts, row.tries = row.doubts + 1, row.tries + 1
                    if not doubtful:
                        row.state, row.finished_at = "in doubt", now
                        session.add(row)
                        taken.append(row)
                        continue
                row.state, row.holder, row.beat_at, row.updated_at = "claimed", holder, now, now
                session.add(row)
                taken.append(row)
            session.flush()
            return [delivery_of(row) for row in taken]

    def hand_over(
        self, delivery: Delivery, now: datetime, *, sha256: str = "", size: int | None = None
    ) -> bool:
        """Record that the content goes out now; False when another holder has the delivery, or
        its record was altered since it was claimed."""
        try:
            return self._update_delivery(
                delivery,
                ("claimed",),
                now,
                None,
                state="handed over",
                beat_at=now,
                sha256=sha256,
                size=size,
            )
        except AlteredError:
            return False  # whoever takes it out next finds it so, and withholds it

    def settle(
        self,
        delivery: Delivery,
        state: State,
        now: datetime,
        *,
        code: int | None = None,
        reply: str = "",
        next_try_at: datetime | None = None,
        doubt: bool = False,
    ) -> bool:
        """Record the outcome of a try; False when another holder has the delivery.

        `doubt` says that the server's answer to the content was lost.
        """
        return self._update_delivery(
            delivery,
            ("claimed", "handed over"),
            now,
            (code, reply),
            state=state,
            code=code,
            reply=reply,
            holder="",
            told=False,
            tries=DeliveryRow.tries + 1,
            doubts=DeliveryRow.doubts + (1 if doubt else 0),
            next_try_at=next_try_at or now,
            finished_at=None if state in OPEN else now,
        )

    def put_back(self, holder: str, now: datetime) -> None:
        """Return what this holder claimed and did not hand over to the queue."""
        taken = and_(col(DeliveryRow.holder) == holder, col(DeliveryRow.state) == "claimed")
        with self._writing(now) as session:
            to = {"state": "queued", "holder": "", "updated_at": now}
            change(session, DeliveryRow, taken, altered="leave", **to)

    def requeue(self, ids: Sequence[str], now: datetime, why: str) -> int:
        """Queue failed deliveries again, as the same message; returns how many were failed."""
        done = 0
        for id in ids:
            with self._writing(now) as session:
                row = session.get(DeliveryRow, id, with_for_update=True)
                if row is not None and row.state in FAILED:
                    _add_attempt(session, row, "queued again", now, why)
                    row.state, row.next_try_at, row.finished_at = "queued", now, None
                    row.tries = row.doubts = 0
                    row.queued_at = row.updated_at = now
                    session.add(row)
                    done += 1
        return done

    def bounced(self, delivery: Delivery, now: datetime, reply: str) -> None:
        """Record that a message bounced; further reports of the same message change nothing."""
        with self._writing(now) as session:
            row = session.get(DeliveryRow, delivery.id, with_for_update=True)
            if row is not None and row.state != "bounced":
                tolerate(session, DeliveryRow, [(row.id,)])
                _add_attempt(session, row, "bounced", now, reply)
                row.state, row.reply, row.told = "bounced", reply, False
                row.finished_at = row.updated_at = now
                session.add(row)

    def tell(self, ids: Sequence[str]) -> None:
        """Record that the operator was told of these deliveries."""
        with self._writing() as session:
            for start in range(0, len(ids), BATCH):
                those = col(DeliveryRow.id).in_(ids[start : start + BATCH])
                # Of one that was altered, too: it is told once, and stays named as altered.
                change(session, DeliveryRow, those, altered="leave", told=True)

    def _insert(self, deliveries: Sequence[NewDelivery], now: datetime) -> int:
        if not deliveries:
            return 0
        rows = [
            {
                **asdict(new),
                "id": new.id,
                "state": "queued",
                "tries": 0,
                "doubts": 0,
                "holder": "",
                "reply": "",
                "sha256": "",
                "told": False,
                "next_try_at": now,
                "queued_at": now,
                "updated_at": now,
            }
            for new in deliveries
        ]
        with self._writing(now) as session:
            dialect = session.get_bind().dialect.name
            insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
            statement = (
                insert(DeliveryRow.__table__)  # type: ignore[attr-defined]
                .values(rows)
                .on_conflict_do_nothing()  # queued before: it keeps its state and its message
                .returning(col(DeliveryRow.id))
            )
            added = session.connection().execute(statement).all()
            wrote(session, DeliveryRow, [(id,) for (id,) in added])
            return len(added)

    def _update_delivery(
        self,
        delivery: Delivery,
        states: tuple[str, ...],
        now: datetime,
        answer: tuple[int | None, str] | None,
        **values: object,
    ) -> bool:
        """Update it if it is still this holder's; an `answer` ends an attempt, and adds it."""
        still_ours = and_(
            col(DeliveryRow.id) == delivery.id,
            col(DeliveryRow.holder) == delivery.holder,
            col(DeliveryRow.state).in_(states),
        )
        with self._writing(now) as session:
            # What became of a try is recorded even of one that was altered meanwhile; before it is
            # tried that is refused.
            altered: Policy = "refuse" if answer is None else "leave"
            values["updated_at"] = now
            if change(session, DeliveryRow, still_ours, altered=altered, **values) != 1:
                return False
            if answer is not None:
                code, reply = answer
                row = session.get_one(DeliveryRow, delivery.id)
                _add_attempt(session, row, str(values["state"]), now, reply, code, delivery.holder)
            return True


def _add_attempt(
    session: Session,
    row: DeliveryRow,
    outcome: str,
    now: datetime,
    reply: str,
    code: int | None = None,
    holder: str = "",
) -> None:
    last = session.exec(
        select(func.max(AttemptRow.number)).where(AttemptRow.delivery_id == row.id)
    ).one()
    session.add(
        AttemptRow(
            delivery_id=row.id,
            number=(last or 0) + 1,
            outcome=outcome,
            code=code,
            reply=reply,
            holder=holder or row.holder,
            at=now,
        )
    )


def _claimable(now: datetime, ttl: timedelta) -> ColumnElement[bool]:
    waiting = col(DeliveryRow.state).in_(("queued", "deferred"))
    taken = col(DeliveryRow.state).in_(("claimed", "handed over"))
    due = or_(col(DeliveryRow.next_try_at) <= now, col(DeliveryRow.updated_at) >= now + ttl)
    return or_(
        and_(waiting, due),
        and_(taken, silent(DeliveryRow.beat_at, now, ttl)),
    )
