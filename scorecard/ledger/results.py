"""Results: each run's figures, and their history over earlier periods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, TypeAlias, cast

import sqlalchemy as sa
from sqlmodel import col, select

from scorecard.base.periods import Period
from scorecard.definitions.results import (
    Baseline,
    Estimate,
    Fragility,
    Result,
    Signal,
    Sums,
    Verdict,
)
from scorecard.errors import LedgerError
from scorecard.ledger.journal import refuse_altered, remove, wrote
from scorecard.ledger.models import EditionRow, ResultRow, RunRow
from scorecard.ledger.runs import Run, unfinished_row
from scorecard.ledger.store import Store
from scorecard.ledger.witness import Witnessed

SeriesKey: TypeAlias = tuple[str, str, str]
"""(metric, its version, tier): a new version of a metric begins a new series."""


Cellkey: TypeAlias = tuple[str, str]
"""(metric, tier)."""


@dataclass(frozen=True)
class HistoryPoint:
    """One earlier period's figure. `words` and `reason` are empty where there was no stance.

    `as_of` is the moment up to which facts counted: it tells whether the period was
    over and the figure mature. `undecided` is the number of periods in a row whose
    interval contained the limit. `customers` are those behind the figure.
    """

    period: str
    value: float | None
    n: int
    low: float | None
    high: float | None
    words: str
    reason: str
    as_of: datetime
    undecided: int = 0
    customers: int = 0


class Results(Store):
    """The ledger's records of results. Reading one that was altered raises AlteredError."""

    def save_results(
        self,
        run: Run,
        results: Iterable[Result],
        now: datetime,
        stances: Iterable[Witnessed] = (),
    ) -> None:
        """Record results of an unfinished run, all or none.

        Replaces what the run had recorded for the same metrics. `stances` are
        those in force: they give each result the version and the owner of its
        stance. LedgerError for a finished run, a result of another period, and
        two results for one metric and tier.
        """
        in_force = {witnessed.stance.key: witnessed for witnessed in stances}
        rows = [_row(run, result, in_force.get(result.stance), now) for result in results]
        if not rows:
            return
        _refuse_duplicates(run, rows)
        metrics = {row["metric"] for row in rows}
        with self._writing(now) as session:
            unfinished_row(session, run)
            replaced = sa.and_(col(ResultRow.run_id) == run.id, col(ResultRow.metric).in_(metrics))
            remove(session, ResultRow, replaced)
            session.execute(sa.insert(ResultRow), rows)
            wrote(session, ResultRow, [(run.id, row["metric"], row["tier"]) for row in rows])

    def forget_results(self, run: Run, now: datetime) -> None:
        """Drop what an unfinished run has recorded; LedgerError for a finished one."""
        with self._writing(now) as session:
            unfinished_row(session, run)
            remove(session, ResultRow, col(ResultRow.run_id) == run.id)

    def computed(self, run: Run) -> set[str]:
        """The metrics whose results the run has recorded; they need not be computed again."""
        query = select(ResultRow.metric).where(ResultRow.run_id == run.id).distinct()
        with self._reading() as session:
            return set(session.exec(query))

    def results_of(self, run: Run) -> list[Result]:
        """The results that one run recorded, by metric and tier."""
        return self._results(run.id)

    def results(self, period: Period) -> list[Result]:
        """The period's figures: those of the run that computed them last; empty when none did."""
        query = (
            select(RunRow.id)
            .where(RunRow.period == period.key, *_HAS_FIGURES)
            .order_by(col(RunRow.updated_at).desc(), col(RunRow.ordinal).desc())
        )
        with self._reading() as session:
            newest = session.exec(query).first()
        return self._results(newest) if newest else []

    def history(
        self, metric: str, version: str, tier: str, before: Period, limit: int = 24
    ) -> list[HistoryPoint]:
        """One series over the `limit` periods before `before`, oldest first.

        A period that was never computed is missing, not empty.
        """
        only = (
            col(ResultRow.metric) == metric,
            col(ResultRow.version) == version,
            col(ResultRow.tier) == tier,
        )
        return self._histories(before, limit, *only).get((metric, version, tier), [])

    def histories(
        self, before: Period, limit: int = 24, own: Collection[str] = ()
    ) -> dict[SeriesKey, list[HistoryPoint]]:
        """The `history` of every series, in one query. Runs of these ids count, too, that the
        caller has yet to confirm."""
        return self._histories(before, limit, own=own)

    def corrected(self, before: Period, count: int) -> dict[Cellkey, list[str]]:
        """By metric and tier the keys of those of the `count` periods before whose figure was
        printed, and later printed otherwise by the same definition; oldest first."""
        editions = self._editions_before(before, count)
        runs = [run for of in editions.values() if len(of) > 1 for run in of]
        if not runs:
            return {}
        query = sa.select(
            col(ResultRow.run_id),
            col(ResultRow.metric),
            col(ResultRow.tier),
            col(ResultRow.version),
            col(ResultRow.value),
        ).where(col(ResultRow.run_id).in_(runs))
        printed: dict[str, dict[SeriesKey, float | None]] = {}
        with self._reading() as session:
            rows = session.execute(query).all()
            keys = [(run, metric, tier) for run, metric, tier, *_ in rows]
            refuse_altered(session, ResultRow, keys, self.where)
            for run, metric, tier, version, value in rows:
                printed.setdefault(run, {})[metric, version, tier] = value
        found: dict[Cellkey, list[str]] = {}
        for period in sorted(editions):
            known = [printed.get(run, {}) for run in editions[period]]
            for series in known[0]:
                if len({each[series] for each in known if series in each}) > 1:
                    found.setdefault((series[0], series[2]), []).append(period)
        return found

    def _editions_before(self, before: Period, count: int) -> dict[str, list[str]]:
        """By period the runs whose documents were frozen as editions of it."""
        if before.is_span:
            return {}
        query = (
            sa.select(col(EditionRow.period), col(EditionRow.run_id))
            .join(RunRow, col(RunRow.id) == col(EditionRow.run_id))
            .where(
                col(RunRow.kind) == before.kind,
                col(RunRow.first) >= before.shift(-count).first,
                col(RunRow.first) < before.first,
            )
            .distinct()
        )
        found: dict[str, list[str]] = {}
        with self._reading() as session:
            for period, run in session.execute(query):
                found.setdefault(period, []).append(run)
        return found

    def _histories(
        self,
        before: Period,
        limit: int,
        *only: sa.ColumnElement[bool],
        own: Collection[str] = (),
    ) -> dict[SeriesKey, list[HistoryPoint]]:
        columns = (
            RunRow.period,
            ResultRow.value,
            ResultRow.n,
            ResultRow.low,
            ResultRow.high,
            ResultRow.words,
            ResultRow.reason,
            RunRow.as_of,
            ResultRow.periods_undecided,
            ResultRow.customers,
        )
        found: dict[SeriesKey, list[HistoryPoint]] = {}
        for series, *point in self._newest(before, limit, columns, *only, own=own):
            found.setdefault(series, []).append(HistoryPoint(*point))
        return found

    def _newest(
        self,
        before: Period,
        count: int,
        columns: tuple[Any, ...],
        *only: sa.ColumnElement[bool],
        own: Collection[str] = (),
    ) -> Iterable[tuple[Any, ...]]:
        """(series, *columns) of the newest result of each series and period, oldest period first.

        The newest is found for each series, not for the whole run, so that a
        backfill of one metric leaves the history of the others in place. A span has no history:
        others of its length may share days with it, or leave days out.
        """
        if before.is_span:
            return []
        query = (
            sa.select(
                col(RunRow.first),
                col(ResultRow.metric),
                col(ResultRow.version),
                col(ResultRow.tier),
                col(ResultRow.run_id),
                *columns,
            )
            .join(RunRow, col(RunRow.id) == col(ResultRow.run_id))
            .where(
                col(RunRow.kind) == before.kind,
                col(RunRow.first) >= before.shift(-count).first,
                col(RunRow.first) < before.first,
                sa.or_(sa.and_(*_HAS_FIGURES), col(RunRow.id).in_(own)),
                *only,
            )
            .order_by(col(RunRow.first), col(RunRow.updated_at), col(RunRow.ordinal))
        )
        newest: dict[tuple[date, SeriesKey], tuple[Any, ...]] = {}
        keys: dict[tuple[date, SeriesKey], tuple[str, str, str]] = {}
        with self._reading() as session:
            for first, metric, version, tier, run_id, *rest in session.execute(query):
                series = (metric, version, tier)
                # Rows come oldest run first: the last one written here is the newest.
                newest[first, series] = (series, *rest)
                keys[first, series] = (run_id, metric, tier)
            refuse_altered(session, ResultRow, list(keys.values()), self.where)
        return newest.values()

    def _results(self, run_id: str) -> list[Result]:
        query = select(ResultRow).where(ResultRow.run_id == run_id)
        with self._reading() as session:
            rows = session.exec(query).all()
            keys = [(row.run_id, row.metric, row.tier) for row in rows]
            refuse_altered(session, ResultRow, keys, self.where)
            found = [_result(row) for row in rows]
        return sorted(found, key=lambda result: (result.metric, result.tier))


_HAS_FIGURES = (col(RunRow.computed_at).is_not(None), col(RunRow.step) != "held")
"""Conditions on a run whose figures count: confirmed, and not held back for unsound facts."""


def _row(run: Run, result: Result, chosen: Witnessed | None, now: datetime) -> dict[str, Any]:
    if result.period != run.period:
        raise LedgerError(
            f"{result.metric}/{result.tier} is a result of {result.period}; "
            f"run {run.id} is of {run.period}."
        )
    estimate = asdict(result.estimate)
    verdict = asdict(result.verdict) if result.verdict else {}
    return {
        "run_id": run.id,
        "metric": result.metric,
        "tier": result.tier,
        "period": result.period,
        "version": result.version,
        "mode": result.mode,
        "unmeasured": result.unmeasured,
        "stance_key": result.stance,
        "stance_version": chosen.version if chosen else "",
        "owner": chosen.stance.owner if chosen else "",
        "saved_at": now,
        "fragility": asdict(result.fragility) if result.fragility else None,
        **estimate,
        **_NO_VERDICT,
        **verdict,
        **asdict(result.signal),
        "baseline": _stored(result.signal.baseline),
    }


def _refuse_duplicates(run: Run, rows: Iterable[Mapping[str, Any]]) -> None:
    cells = Counter(f"{row['metric']}/{row['tier']}" for row in rows)
    twice = sorted(cell for cell, times in cells.items() if times > 1)
    if twice:
        raise LedgerError(f"Run {run.id} was given two results for {', '.join(twice)}; one counts.")


_NO_VERDICT: Mapping[str, Any] = {
    "words": "",
    "region": None,
    "reason": "",
    "lean": "",
    "pooled": False,
    "periods_undecided": 0,
}


def _result(row: ResultRow) -> Result:
    return Result(
        metric=row.metric,
        version=row.version,
        tier=row.tier,
        period=row.period,
        estimate=_part(Estimate, row, sums=Sums(**row.sums) if row.sums else None),
        mode=cast(Any, row.mode),
        unmeasured=row.unmeasured,
        verdict=_part(Verdict, row) if row.words else None,
        signal=_part(Signal, row, baseline=_baseline(row.baseline)),
        fragility=_fragility(row.fragility),
        stance=row.stance_key,
    )


def _part(kind: type[Any], row: ResultRow, **given: Any) -> Any:
    """A value of the dataclass `kind`, whose fields are columns of the same names."""
    names = kind.__dataclass_fields__.keys() - given.keys()
    return kind(**{name: getattr(row, name) for name in names}, **given)


def _stored(baseline: Baseline | None) -> dict[str, Any] | None:
    """As JSON, which has no dates."""
    if baseline is None:
        return None
    since = baseline.since.isoformat() if baseline.since else None
    return {**asdict(baseline), "since": since}


def _baseline(stored: Mapping[str, Any] | None) -> Baseline | None:
    if stored is None:
        return None
    since = date.fromisoformat(stored["since"]) if stored["since"] else None
    limits = tuple((low, centre, high) for low, centre, high in stored["by_season"])
    return Baseline(**{**stored, "by_season": limits, "since": since})


def _fragility(stored: Mapping[str, Any] | None) -> Fragility | None:
    return Fragility(stored["customers"], tuple(stored["names"])) if stored else None
