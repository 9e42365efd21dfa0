"""Runs: one attempt at a period, claimed once and continued until it is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from scorecard.base.findings import Finding
from scorecard.base.periods import Period
from scorecard.errors import LedgerError, did_you_mean
from scorecard.ledger.journal import refuse_altered
from scorecard.ledger.models import RunRow
from scorecard.ledger.store import Store

STEPS = (
    "claimed",
    "checked",
    "tiers_frozen",
    "computed",
    "judged",
    "gathered",
    "confirmed",
    "composed",
    "rendered",
    "read_back",
    "done",
)
"""A run's steps in order. A run may instead end as `held` or `failed`. Its figures count from
`confirmed` on, when it is known that they come from one state of the facts."""


@dataclass(frozen=True)
class Run:
    """One attempt at a period. `step` is the furthest reached; instants are in UTC.

    `id` is the same wherever the same inputs are the same attempt at the same
    period. `detail` is what the steps left behind; of a run that is `held` or
    `failed` it has `stopped_at` and `findings` or `error`.
    """

    id: str
    period: str
    kind: str
    first: date
    ordinal: int
    as_of: datetime
    inputs: str
    software: str
    step: str
    detail: Mapping[str, Any]
    started_at: datetime
    updated_at: datetime
    computed_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def finished(self) -> bool:
        """Over: done, held or failed; the next claim begins another run."""
        return self.finished_at is not None

    def reached(self, step: str) -> bool:
        """Whether that step was recorded, and its work therefore need not be done again."""
        furthest = self.step if self.step in STEPS else self.detail["stopped_at"]
        return STEPS.index(furthest) >= STEPS.index(step)


class Runs(Store):
    """The ledger's part that knows runs."""

    def claim(
        self,
        period: Period,
        *,
        inputs: str,
        as_of: datetime,
        software: str,
        now: datetime,
        exactly: bool = False,
    ) -> Run:
        """The unfinished run of this period and these inputs, else a new one.

        `inputs` is a hash over facts, strategy, metrics, templates and
        software. A continued run keeps its own `as_of`; with `exactly` one of
        another `as_of` is failed, and a new one begins.
        """

        def work(session: Session) -> Run:
            unfinished = session.exec(
                select(RunRow).where(
                    RunRow.period == period.key,
                    RunRow.inputs == inputs,
                    col(RunRow.finished_at).is_(None),
                )
            ).first()
            if unfinished is not None and (unfinished.as_of == as_of or not exactly):
                return run_of(unfinished)
            if unfinished is not None:
                _supersede(session, unfinished, as_of, now)
            ordinal = 1 + _last_ordinal(session, period.key)
            row = RunRow(
                id=digest(period.key, inputs, str(ordinal))[:12],
                period=period.key,
                kind=period.kind,
                first=period.first,
                ordinal=ordinal,
                as_of=as_of,
                inputs=inputs,
                software=software,
                step=STEPS[0],
                started_at=now,
                updated_at=now,
            )
            session.add(row)
            session.flush()
            session.refresh(row)
            return run_of(row)

        return self._in_turn(work, now)

    def advance(self, run: Run, step: str, now: datetime, **detail: Any) -> Run:
        """Record that `step` is complete, before the next begins.

        A continued run that repeats an earlier step stays as far as it had
        got. Raises LedgerError for an unknown step and for a run that is over.
        """
        if step not in STEPS:
            raise LedgerError(f'A run has no step "{step}".{did_you_mean(step, STEPS)}')
        with self._writing(now) as session:
            row = unfinished_row(session, run)
            row.step = max(row.step, step, key=STEPS.index)
            if row.computed_at is None and STEPS.index(row.step) >= STEPS.index("confirmed"):
                row.computed_at = now
            if row.step == STEPS[-1]:
                row.finished_at = now
            return _touch(session, row, now, detail)

    def hold(self, run: Run, findings: Iterable[Finding], now: datetime) -> Run:
        """End the run because its facts are unsound; its figures are never read again."""
        return self._stop(run, "held", now, {"findings": [asdict(f) for f in findings]})

    def fail(self, run: Run, error: BaseException | str, now: datetime) -> Run:
        """End the run because of an error. What it computed stays, if it was confirmed."""
        return self._stop(run, "failed", now, {"error": str(error)})

    def run(self, id: str) -> Run:
        """The run of that id; LedgerError when there is none, AlteredError where it was altered."""
        with self._reading() as session:
            row = session.get(RunRow, id)
            if row is None:
                raise LedgerError(f'Ledger {self.where} has no run "{id}".')
            refuse_altered(session, RunRow, [(id,)], self.where)
            return run_of(row)

    def runs(self, period: Period | None = None) -> list[Run]:
        """All runs, or those of one period, in the order in which they began."""
        query = select(RunRow).order_by(
            col(RunRow.started_at), col(RunRow.first), col(RunRow.ordinal)
        )
        if period is not None:
            query = query.where(RunRow.period == period.key)
        with self._reading() as session:
            return [run_of(row) for row in session.exec(query)]

    def _stop(self, run: Run, step: str, now: datetime, detail: dict[str, Any]) -> Run:
        with self._writing(now) as session:
            row = unfinished_row(session, run)
            detail["stopped_at"], row.step = row.step, step
            row.finished_at = now
            return _touch(session, row, now, detail)


def digest(*parts: str) -> str:
    """The sha256, in hex, of the parts; no two lists of parts read the same."""
    return sha256("\x1f".join(parts).encode()).hexdigest()


def run_of(row: RunRow) -> Run:
    detail: object = row.detail
    if not isinstance(detail, dict):
        raise ValueError(f"the detail of run {row.id} is no object")
    if row.step not in STEPS and detail.get("stopped_at") not in STEPS:
        raise ValueError(f"run {row.id} ended after no step that there is")
    return Run(**row.model_dump())


def unfinished_row(session: Session, run: Run) -> RunRow:
    """The run's row, locked until the transaction ends; LedgerError when the run is over."""
    row = session.get(RunRow, run.id, with_for_update=True)
    if row is None:
        raise LedgerError(f"Run {run.id} of {run.period} is not in this ledger.")
    if row.finished_at is not None:
        raise LedgerError(
            f"Run {run.id} of {run.period} is over ({row.step}) and takes no more records; "
            "claim the period again."
        )
    return row


def _supersede(session: Session, row: RunRow, as_of: datetime, now: datetime) -> None:
    """End a run for one as of another moment, before that one is written."""
    detail = {
        "stopped_at": row.step,
        "error": f"superseded by a run as of {as_of:%Y-%m-%d %H:%M} UTC",
    }
    row.step, row.finished_at = "failed", now
    _touch(session, row, now, detail)


def _touch(session: Session, row: RunRow, now: datetime, detail: Mapping[str, Any]) -> Run:
    row.detail = {**row.detail, **detail}
    row.updated_at = now
    session.add(row)
    session.flush()
    session.refresh(row)
    return run_of(row)


def _last_ordinal(session: Session, period: str) -> int:
    return session.exec(select(func.max(RunRow.ordinal)).where(RunRow.period == period)).one() or 0
