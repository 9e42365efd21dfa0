"""Compute: one metric over one period's facts, by tier."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.errors import DefinitionError, ScorecardError, did_you_mean
from scorecard.estimate import estimate
from scorecard.facts import Facts
from scorecard.metric import COLUMNS, OPTIONAL, Metric
from scorecard.periods import Period
from scorecard.reduction import ALL, quantiles, sums, survivals
from scorecard.results import Estimate, Result
from scorecard.strategy import STATES
from scorecard.tiers import Tiers
from scorecard.window import Window


@dataclass(frozen=True)
class Measuring:
    """What measuring needs: the facts and the frozen tiers."""

    facts: Facts
    tiers: Tiers

    def results(self, metric: Metric, period: Period) -> list[Result]:
        """One result per tier, state that occurs, and "all", without verdicts.

        Where a needed table is not mapped every tier has a result that says so.
        DefinitionError when the metric's function fails or yields wrong columns.
        """
        names = [*self.tiers.plan.ids, ALL]
        if lacking := self.facts.missing(metric.needs):
            missing = f"no {lacking}"
            return [_result(metric, t, period, Estimate(), missing) for t in names]
        found = self.estimates(metric, period)
        names += [s for s in STATES if s in found]
        return [_result(metric, t, period, found.get(t, Estimate()), "") for t in names]

    def estimates(self, metric: Metric, period: Period) -> dict[str, Estimate]:
        """The metric's estimate for every tier and state that has observations, and for all."""
        observed = self.observations(metric, period)
        con = self.facts.con
        try:
            if metric.kind == "survival":
                return survivals(con, observed, metric.horizon)
            if metric.kind == "quantile":
                return quantiles(con, observed, metric.q)
            counted = sums(con, observed)
        except ScorecardError:
            raise
        except Exception as error:  # an engine's complaint about the expression
            raise DefinitionError(_failed(metric, error)) from error
        return {tier: estimate(metric, s) for tier, s in counted.items()}

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
        joined = seen.left_join(held, "customer_id").drop("customer_id_right")
        joined = joined.mutate(tier=ibis.coalesce(joined.tier, "unattributed"))
        if metric.kind == "survival":
            # Rated as that day began, so watched from the day before: a loss on it counts.
            rated = joined.first_on.delta(joined.acquired_on, unit="day") - 1
            joined = joined.mutate(entered=ibis.greatest(joined.entered, rated.fill_null(0)))
        return joined


def observe(metric: Metric, facts: Facts, window: Window) -> ir.Table:
    """Call the metric's function and complete its columns; DefinitionError names file and line."""
    try:
        seen = metric.observe(facts, window)
    except ScorecardError:
        raise
    except Exception as error:  # a user's own file may raise anything
        raise DefinitionError(_failed(metric, error)) from error
    if not isinstance(seen, ir.Table):
        raise DefinitionError(
            f'{_place(metric)}: metric "{metric.name}" returned {type(seen).__name__}; '
            f"it must return an Ibis table with {', '.join(COLUMNS[metric.kind])}."
        )
    for column in COLUMNS[metric.kind]:
        if column not in seen.columns:
            raise DefinitionError(
                f'{_place(metric)}: metric "{metric.name}" yields no column "{column}", which '
                f"kind {metric.kind} needs.{did_you_mean(column, seen.columns)}"
            )
    return _completed(metric, seen)


def _completed(metric: Metric, seen: ir.Table) -> ir.Table:
    extra = [c for c in OPTIONAL if c in seen.columns]
    columns = {c: _[c] for c in (*COLUMNS[metric.kind], *extra)}
    columns["customer_id"] = _.customer_id.cast("string")
    if metric.kind in ("total", "nps"):
        columns["den"] = ibis.literal(1)
    if metric.kind == "quantile" and "censored" not in extra:
        columns["censored"] = ibis.literal(False)
    chosen = seen.select(**columns)
    if metric.kind == "survival":
        return chosen.filter(_.entered.notnull() & _.left.notnull())
    return chosen.filter(_.num.notnull() & (_.den.notnull() if "den" in columns else True))


def _result(
    metric: Metric, tier: str, period: Period, found: Estimate, unmeasured: str
) -> Result:
    return Result(
        metric.name, metric.version, tier, period.key, found, metric.evidence, unmeasured
    )


def _place(metric: Metric) -> str:
    return f"{metric.file}:{metric.line}"


def _failed(metric: Metric, error: Exception) -> str:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return (
        f'{_place(metric)}: metric "{metric.name}" failed: {type(error).__name__}: {said}; '
        "correct the function, or move the file out of metrics/."
    )
