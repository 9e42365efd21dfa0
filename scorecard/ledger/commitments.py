"""Commitments: what owners promised, and each step that was taken since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from scorecard.answering.model import Commitment, CommitmentStep, Goal
from scorecard.ledger.answer_models import CommitmentRow, CommitmentStepRow
from scorecard.ledger.journal import refuse_altered
from scorecard.ledger.store import Store


class Commitments(Store):
    """The ledger's records of commitments and their steps."""

    def commitments(self, owner: str = "") -> list[Commitment]:
        """The commitments of a post, or of all, by number, with their steps.

        AlteredError where one of them is not what was recorded.
        """
        with self._reading() as session:
            return read_commitments(session, self.where, owner)

    def settle_commitments(
        self, outcomes: Mapping[int, CommitmentStep], now: datetime
    ) -> list[int]:
        """Record what became of commitments, by number; the numbers of those recorded now.

        One that was withdrawn stays so. One that was settled is settled anew where a later run
        finds another outcome, and both stay on record.
        """

        def work(session: Session) -> list[int]:
            known = {c.number: c for c in read_commitments(session, self.where)}
            new = [n for n in sorted(outcomes) if n in known and _is_news(known[n], outcomes[n])]
            for number in new:
                add_step(session, known[number], outcomes[number])
            return new

        return self._in_turn(work, now) if outcomes else []


def read_commitments(session: Session, where: str, owner: str = "") -> list[Commitment]:
    """As `Commitments.commitments`, within a transaction."""
    query = select(CommitmentRow).order_by(col(CommitmentRow.number))
    if owner:
        query = query.where(CommitmentRow.owner == owner)
    rows = list(session.exec(query))
    numbers = [row.number for row in rows]
    steps = select(CommitmentStepRow).order_by(col(CommitmentStepRow.number))
    taken = [s for s in session.exec(steps) if s.commitment in set(numbers)]
    refuse_altered(session, CommitmentRow, [(n,) for n in numbers], where)
    keys = [(s.commitment, s.number) for s in taken]
    refuse_altered(session, CommitmentStepRow, keys, where)
    by_number: dict[int, list[CommitmentStep]] = {}
    for step in taken:
        told = CommitmentStep(**step.model_dump(exclude={"commitment", "number"}))
        by_number.setdefault(step.commitment, []).append(told)
    return [_commitment(row, by_number.get(row.number, ())) for row in rows]


def add_commitment(session: Session, made: Callable[[int], Commitment]) -> Commitment:
    """Add a commitment under the next number, which `made` is given."""
    last = session.exec(select(func.max(col(CommitmentRow.number)))).one()
    new = made(int(last or 0) + 1)
    plain = asdict(new)
    del plain["steps"]
    session.add(CommitmentRow(**plain.pop("goal"), **plain))
    session.flush()
    return new


def add_step(session: Session, commitment: Commitment, step: CommitmentStep) -> None:
    """Add a step to a commitment as it was read in the same transaction."""
    number = len(commitment.steps) + 1
    session.add(CommitmentStepRow(commitment=commitment.number, number=number, **asdict(step)))


def _is_news(commitment: Commitment, step: CommitmentStep) -> bool:
    last = commitment.last
    return last is None or (last.step == "settled" and last.outcome != step.outcome)


def _commitment(row: CommitmentRow, steps: Iterable[CommitmentStep]) -> Commitment:
    of_goal = ("metric", "tier", "at_worst", "at_best")
    goal = Goal(**{name: getattr(row, name) for name in of_goal})
    return Commitment(**row.model_dump(exclude=set(of_goal)), goal=goal, steps=tuple(steps))
