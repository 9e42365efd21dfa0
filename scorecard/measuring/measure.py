"""Measuring: one metric over one period's facts, by tier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import ibis
import ibis.expr.types as ir

from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric, choices
from scorecard.definitions.results import Estimate, Result, Sums
from scorecard.errors import DefinitionError, ScorecardError, StatementError
from scorecard.facts.statements import Statement, slot
from scorecard.facts.tables import Facts
from scorecard.facts.window import Window
from scorecard.measuring.aggregate import last_day, quantiles, sums, survivals
from scorecard.measuring.observe import failed, place_of, seen_by, slots_for
from scorecard.measuring.observed import NOBODY, SEEN, Observations, Seen
from scorecard.measuring.pooling import pooled
from scorecard.measuring.recognition import counts_in
from scorecard.stats.estimate import estimate
from scorecard.strategy.model import ALL, STATES
from scorecard.tiers.assignment import Tiers

SUMMED = "transactions"
"""The table of which a customer without rows has a sum of zero, as long as anybody has rows."""
SHARE = 1e-9
"""Relative rounding that a share of all may pass its whole by."""


@dataclass(frozen=True)
class Measuring:
    """What measuring needs: the facts and the frozen tiers."""

    facts: Facts
    tiers: Tiers

    def results(self, metric: Metric, period: Period) -> list[Result]:
        """The results of one metric; see `results_of`."""
        return self.results_of([metric], period)[metric.name]

    def results_of(self, metrics: Sequence[Metric], period: Period) -> dict[str, list[Result]]:
        """By metric one result per tier, state that occurs, and "all", without verdicts.

        Where a needed table is not mapped, or has no row of anybody in the period
        although sums are made of it, every tier has a result that says so; where
        it has nothing on a tier's customers, that tier has. "All" weighs by
        observations (answers, contacts), not by how many customers a tier has;
        its means per customer leave out what belongs to no known customer.
        DefinitionError when a metric's function fails or yields wrong columns.
        """
        unmeasured = {m.name: self._unmeasured(m, period) for m in metrics}
        found = self.estimates([m for m in metrics if not unmeasured[m.name]], period)
        return {
            m.name: self._results(m, period, unmeasured[m.name], found.get(m.name, {}))
            for m in metrics
        }

    def _results(
        self, metric: Metric, period: Period, missing: str, found: Mapping[str, Estimate]
    ) -> list[Result]:
        names = [*self.tiers.plan.ids, ALL]
        if missing:
            return [_result(metric, t, period, Estimate(), missing) for t in names]
        names += [s for s in STATES if s in found]
        nothing = f"no {choices(metric.needs[0])[0].partition('.')[0]} in this tier"
        return [
            _result(metric, t, period, found.get(t, Estimate()), "" if t in found else nothing)
            for t in names
        ]

    def _unmeasured(self, metric: Metric, period: Period) -> str:
        lacking = self.facts.missing(metric.needs)
        return f"no {lacking}" if lacking else self.silent(metric, period)

    def silent(self, metric: Metric, period: Period) -> str:
        """ "no transactions in this period" where that is why its sums would all be zero."""
        quiet = SUMMED in metric.tables and self.quiet(Window.of(period, metric.window))
        return f"no {SUMMED} in this period" if quiet else ""

    def quiet(self, window: Window) -> bool:
        """Whether nobody has any transaction that counts in the window: not known is not zero."""
        if not self.facts.has(SUMMED):
            return True
        newest = self.facts.newest(SUMMED, window.after)
        booked = newest is not None and newest >= window.first
        return not booked and not counts_in(self.facts, window)

    def estimates(
        self, metrics: Sequence[Metric], period: Period
    ) -> dict[str, dict[str, Estimate]]:
        """By metric the estimate for every tier and state that has observations, and for all."""
        together: dict[tuple[str, str], list[Seen]] = {}
        for metric in metrics:
            seen = self.seen(metric, period)
            together.setdefault((seen.shape, seen.held.op().name), []).append(seen)
        found: dict[str, dict[str, Estimate]] = {}
        for alike in together.values():
            try:
                found |= self._reduced(alike)
            except (StatementError, DefinitionError):
                for one in alike:  # so that the error names the metric it comes from
                    found |= self._reduced([one])
        return found

    def _reduced(self, seen: Sequence[Seen]) -> dict[str, dict[str, Estimate]]:
        """The estimates of metrics of one shape and with the same tiers, asked together."""
        metric = seen[0].metric
        try:
            constants = [{"q": s.metric.q, "end": last_day(s.metric.horizon)} for s in seen]
            tiers = (*self.tiers.plan.ids, *STATES, ALL)
            observed = Observations.of(self.facts, seen, constants, tiers)
            if observed.shape == "survival":
                return survivals(observed)
            if observed.shape == "quantile":
                return quantiles(observed)
            counted = sums(observed)
        except StatementError as error:  # what the engine refuses is what the metric asked for
            raise DefinitionError(failed(metric, error.__cause__ or error)) from error
        except ScorecardError:
            raise
        except Exception as error:  # columns that cannot be put together as an expression
            raise DefinitionError(failed(metric, error)) from error
        return {s.metric.name: _estimates(s.metric, counted.get(s.metric.name)) for s in seen}

    def pooled(self, metric: Metric, periods: Sequence[Period]) -> dict[str, Estimate]:
        """By tier the estimate over several periods together; see `measuring.pooling`."""
        return pooled(self.facts, self.tiers, metric, periods)

    def counts(self, metrics: Sequence[Metric], period: Period) -> dict[str, int]:
        """By metric how many observations it has, counted before they are put into tiers."""
        parts, values = [], dict[str, Any]()
        for metric in metrics:
            seen = self.seen(metric, period)
            schema = seen.prepared.schema
            asked = self.facts.statement(("counted", schema), partial(_counted, schema))
            named = asked.with_(self.facts.con, {"metric": metric.name})
            parts.append(named.over(SEEN, seen.prepared.statement))
            values |= seen.values
        found = self.facts.asked(Statement.union(parts), values) if parts else []
        return {row["metric"]: int(row["n"]) for row in found}

    def observations(self, metric: Metric, period: Period) -> ir.Table:
        """What the metric observes, with each customer's tier and value joined.

        Columns customer_id, tier, value, affected, and those of the metric's
        kind; `den` is 1 where the kind has none. A customer that is empty or
        not in `customers` counts as "unattributed".
        """
        return self.seen(metric, period).table(self.facts)

    def seen(self, metric: Metric, period: Period) -> Seen:
        """What the metric sees in a period, ready to be asked."""
        window = Window.of(period, metric.window)
        days = slots_for(metric, period)
        opening = window.opening if metric.attribution == "opening" else period
        name = days.name if metric.attribution == "opening" else "period"
        held = self.tiers.assigned(name, metric.attribution)
        values = {**days.values(window), **self.tiers.opening_values(name, opening)}
        return Seen(metric, seen_by(metric, self.facts, days, window), held, values)


def _counted(schema: Any) -> ir.Table:
    seen = ibis.table(schema, name=SEEN)
    return seen.agg(n=seen.count()).mutate(metric=slot("metric", "string"))


def _estimates(metric: Metric, counted: Mapping[str, Sums] | None) -> dict[str, Estimate]:
    by_tier = dict(counted or {ALL: Sums()})
    if metric.kind == "total":
        # What belongs to nobody is no customer's, so in no mean per customer.
        known = [s for tier, s in sorted(by_tier.items()) if tier not in (ALL, NOBODY)]
        by_tier[ALL] = sum(known, Sums())
    return {tier: _estimated(metric, tier, s) for tier, s in by_tier.items()}


def _estimated(metric: Metric, tier: str, sums: Sums) -> Estimate:
    """The estimate of a tier; DefinitionError for a share of more than all, or less than none."""
    more_than_all = sums.num > sums.den + SHARE * max(abs(sums.den), 1.0)
    if metric.kind == "proportion" and (sums.num < 0 or more_than_all):
        raise DefinitionError(
            f'{place_of(metric)}: metric "{metric.name}" counts {sums.num:.10g} of {sums.den:.10g} '
            f'in tier "{tier}", which is no share; num must lie between 0 and den in every row, '
            'or the kind be "ratio".'
        )
    return estimate(metric, sums)


def _result(metric: Metric, tier: str, period: Period, found: Estimate, unmeasured: str) -> Result:
    return Result(metric.name, metric.version, tier, period.key, found, metric.evidence, unmeasured)
