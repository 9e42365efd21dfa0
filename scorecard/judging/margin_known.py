"""Margin known: for how much of a tier's revenue its margin is known, and which figures need it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import floor

from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Estimate, Result

KNOWLEDGE = "margin_knowledge"
"""The metric that says for which share of a tier's revenue the margin is known."""
PERCENT = 90
"""The least percentage of revenue for which a tier's margin must be known to be printed."""
NOTHING_BOOKED = "no cost to serve is booked on any customer in this period"


def needs_margin(metric: Metric) -> bool:
    """Whether its figure is made of both revenue and cost, and so of margin."""
    tables = {need.partition(".")[0] for need in metric.needs}
    made_of_both = metric.family == "margin" and {"transactions", "costs"} <= tables
    return made_of_both and metric.name != KNOWLEDGE


def unknown_margins(results: Iterable[Result], percent: float) -> dict[str, str]:
    """Why margin is not known, by tier, state and "all", of those in which it is not.

    It is where it is known for `percent` (0 to 100) of revenue or more, and where there is no
    revenue of which it could be said. "all" is the whole company, revenue of nobody included.
    """
    shares = {r.tier: r.estimate.value for r in results if r.metric == KNOWLEDGE}
    if shares.get("all") == 0 and percent > 0:
        return dict.fromkeys(shares, NOTHING_BOOKED)
    return {
        tier: _lacking(share, percent)
        for tier, share in shares.items()
        if share is not None and share * 100 < percent - 1e-9
    }


def without_unknown_margins(
    results: Sequence[Result], metrics: Mapping[str, Metric], percent: float
) -> list[Result]:
    """The same results; those that need a margin that is not known have no figure, and say why."""
    unknown = unknown_margins(results, percent)
    return [
        replace(r, estimate=_counted_only(r.estimate), unmeasured=unknown[r.tier])
        if r.tier in unknown and not r.unmeasured and needs_margin(metrics[r.metric])
        else r
        for r in results
    ]


def _counted_only(found: Estimate) -> Estimate:
    return Estimate(n=found.n, customers=found.customers)


def _lacking(share: float, percent: float) -> str:
    """Rounded down, so that 89.96 % is not printed as the 90 % that it misses."""
    known = floor(share * 100 + 1e-9)
    return f"margin known for {known}\u00a0% of revenue, {percent:g}\u00a0% is needed"
