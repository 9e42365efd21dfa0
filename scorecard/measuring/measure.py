"""Measuring: one metric over one period's facts, by tier."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.base.periods import Period
from scorecard.definitions.metric import OPTIONAL, Metric
from scorecard.definitions.results import Estimate, Result, Sums
from scorecard.errors import (
    DefinitionError,
    EngineError,
    FactsError,
    ScorecardError,
    StatementError,
    did_you_mean,
)
from scorecard.facts.tables import Facts
from scorecard.facts.window import Window
from scorecard.measuring.aggregate import ALL, quantiles, ranks, sums, survivals
from scorecard.stats.estimate import estimate
from scorecard.strategy.model import STATES
from scorecard.tiers.assignment import Tiers

NUMBERS = ("num", "den", "entered", "left")
TRUTHS = ("lost", "affected", "censored")
SUMMED = "transactions"
"""The table of which a customer without rows has a sum of zero, as long as anybody has rows."""
NOBODY = "unattributed"
"""The state of what belongs to no known customer."""
SHARE = 1e-9
"""Relative rounding that a share of all may pass its whole by."""


@dataclass(frozen=True)
class Measuring:
    """What measuring needs: the facts and the frozen tiers."""

    facts: Facts
    tiers: Tiers

    def results(self, metric: Metric, period: Period) -> list[Result]:
        """One result per tier, state that occurs, and "all", without verdicts.

        Where a needed table is not mapped, or has no row of anybody in the period
        although sums are made of it, every tier has a result that says so; where
        it has nothing on a tier's customers, that tier has. "All" weighs by
        observations (answers, contacts), not by how many customers a tier has;
        its means per customer leave out what belongs to no known customer.
        DefinitionError when the metric's function fails or yields wrong columns.
        """
        names = [*self.tiers.plan.ids, ALL]
        lacking = self.facts.missing(metric.needs)
        if missing := f"no {lacking}" if lacking else self.silent(metric, period):
            return [_result(metric, t, period, Estimate(), missing) for t in names]
        found = self.estimates(metric, period)
        names += [s for s in STATES if s in found]
        nothing = f"no {metric.needs[0].partition('.')[0]} in this tier"
        return [
            _result(metric, t, period, found.get(t, Estimate()), "" if t in found else nothing)
            for t in names
        ]

    def silent(self, metric: Metric, period: Period) -> str:
        """ "no transactions in this period" where that is why its sums would all be zero."""
        needed = {need.partition(".")[0] for need in metric.needs}
        quiet = SUMMED in needed and self.quiet(Window.of(period, metric.window))
        return f"no {SUMMED} in this period" if quiet else ""

    def quiet(self, window: Window) -> bool:
        """Whether nobody has any transaction in the window: not known is not zero."""
        newest = self.facts.newest(SUMMED, window.after)
        return newest is None or newest < window.first

    def estimates(self, metric: Metric, period: Period) -> dict[str, Estimate]:
        """The metric's estimate for every tier and state that has observations, and for all."""
        observed = self.observations(metric, period)
        con = self.facts.con
        try:
            if metric.kind == "survival":
                return survivals(con, observed, metric.horizon)
            if metric.kind == "quantile":
                key = ("ranks", observed.op())
                return quantiles(con, self.facts.shared(key, lambda: ranks(observed)), metric.q)
            counted = sums(con, observed)
        except StatementError as error:  # what the engine refuses is what the metric asked for
            raise DefinitionError(_failed(metric, error.__cause__ or error)) from error
        except ScorecardError:
            raise
        except Exception as error:  # columns that cannot be put together as an expression
            raise DefinitionError(_failed(metric, error)) from error
        if metric.kind == "total":
            # What belongs to nobody is no customer's, so in no mean per customer.
            known = [s for tier, s in sorted(counted.items()) if tier not in (ALL, NOBODY)]
            counted[ALL] = sum(known, Sums())
        return {tier: _estimated(metric, tier, s) for tier, s in counted.items()}

    def observations(self, metric: Metric, period: Period) -> ir.Table:
        """What the metric observes, with each customer's tier and value joined.

        Columns customer_id, tier, value, affected, and those of the metric's
        kind; `den` is 1 where the kind has none. A customer that is empty or
        not in `customers` counts as "unattributed".
        """
        window = Window.of(period, metric.window)
        seen = observe(metric, self.facts, window)
        opening = window.opening if metric.attribution == "opening" else period
        held = self.tiers.assigned(opening, metric.attribution)
        joined = seen.left_join(held, "customer_id")
        columns = {c: joined[c] for c in seen.columns}
        if metric.kind == "survival":
            # Rated as that day began, so watched from the day before: a loss on it counts.
            rated = joined.first_on.delta(joined.acquired_on, unit="day") - 1
            columns["entered"] = ibis.greatest(joined.entered, rated.fill_null(0))
        return joined.select(**columns, value=joined.value, tier=ibis.coalesce(joined.tier, NOBODY))


def observe(metric: Metric, facts: Facts, window: Window) -> ir.Table:
    """Call the metric's function and complete its columns; DefinitionError names file and line."""
    try:
        seen = metric.observe(facts, window)
    except EngineError:
        raise
    except FactsError as error:
        raise FactsError(f'{_place(metric, error)}: metric "{metric.name}": {error}') from error
    except ScorecardError:
        raise
    except (Exception, SystemExit) as error:  # a user's own file may raise anything
        raise DefinitionError(_failed(metric, error)) from error
    if not isinstance(seen, ir.Table):
        raise DefinitionError(
            f'{_place(metric)}: metric "{metric.name}" returned {type(seen).__name__}; '
            f"it must return an Ibis table with {', '.join(metric.columns)}."
        )
    _check(metric, seen)
    return _completed(metric, seen)


def _check(metric: Metric, seen: ir.Table) -> None:
    """Every column that the kind needs is there, and each one of a type that fits."""
    for column in metric.columns:
        if column not in seen.columns:
            raise DefinitionError(
                f'{_place(metric)}: metric "{metric.name}" yields no column "{column}", which '
                f"kind {metric.kind} needs.{did_you_mean(column, seen.columns)}"
            )
    for column, type in seen.schema().items():
        truth, number = type.is_boolean() or type.is_null(), type.is_numeric()
        if (column in NUMBERS and not (truth or number)) or (column in TRUTHS and not truth):
            wanted = "a number" if column in NUMBERS else "true or false"
            raise DefinitionError(
                f'{_place(metric)}: metric "{metric.name}" yields column "{column}" as {type}; '
                f"it must be {wanted}."
            )


def _completed(metric: Metric, seen: ir.Table) -> ir.Table:
    extra = [c for c in OPTIONAL if c in seen.columns]
    columns = {c: _[c] for c in (*metric.columns, *extra)}
    columns["customer_id"] = _.customer_id.cast("string")
    if metric.kind in ("total", "nps"):
        columns["den"] = ibis.literal(1)
    if metric.kind == "quantile" and "censored" not in extra:
        columns["censored"] = ibis.literal(False)
    chosen = seen.select(**columns)
    if metric.kind == "survival":
        return chosen.filter(_.entered.notnull() & _.left.notnull())
    return chosen.filter(_.num.notnull() & (_.den.notnull() if "den" in columns else True))


def _estimated(metric: Metric, tier: str, sums: Sums) -> Estimate:
    """The estimate of a tier; DefinitionError for a share of more than all, or less than none."""
    more_than_all = sums.num > sums.den + SHARE * max(abs(sums.den), 1.0)
    if metric.kind == "proportion" and (sums.num < 0 or more_than_all):
        raise DefinitionError(
            f'{_place(metric)}: metric "{metric.name}" counts {sums.num:.10g} of {sums.den:.10g} '
            f'in tier "{tier}", which is no share; num must lie between 0 and den in every row, '
            'or the kind be "ratio".'
        )
    return estimate(metric, sums)


def _result(metric: Metric, tier: str, period: Period, found: Estimate, unmeasured: str) -> Result:
    return Result(metric.name, metric.version, tier, period.key, found, metric.evidence, unmeasured)


def _place(metric: Metric, error: BaseException | None = None) -> str:
    """Where the metric is declared, or the line of its own folder that an error comes from."""
    room = Path(metric.file).parent
    frames = traceback.extract_tb(error.__traceback__) if error else []
    ours = [f for f in frames if Path(f.filename).parent == room]
    return f"{ours[-1].filename}:{ours[-1].lineno}" if ours else f"{metric.file}:{metric.line}"


def _failed(metric: Metric, error: BaseException) -> str:
    said = (str(error).strip().splitlines() or ["no message"])[0].rstrip(".")
    return (
        f'{_place(metric, error)}: metric "{metric.name}" failed: {type(error).__name__}: {said}; '
        f"correct the function, or move the file out of the folder.{_meant(error, said)}"
    )


def _meant(error: BaseException, said: str) -> str:
    """The column that was probably meant, where one is missing."""
    if isinstance(error, AttributeError) and isinstance(error.obj, ir.Table):
        return did_you_mean(str(error.name), error.obj.columns)
    missing, _, known = said.partition("Existing columns:")
    names = re.findall(r"'([^']+)'", missing)
    return did_you_mean(names[0], re.findall(r"'([^']+)'", known)) if known and names else ""
