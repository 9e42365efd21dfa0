"""Withheld cells: confidential figures that are not shown, and those that would give them away.

A figure of few customers is withheld. Where the figure of all customers is shown it is a sum of
its tiers and states, so that what is left of it when all others are taken away is the withheld
one: then the sum is withheld beside it, since no choice was made for all customers together, and a
tier's figure is what its owner answers for. What is withheld is decided here, once for every page,
attachment, table and export of a period.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal, Protocol, TypeVar

from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Estimate, Result, Signal, Verdict

FEWEST_SHOWN = 5
"""Confidential figures of fewer customers than this are not shown anywhere."""
WHOLE = "all"
"""The cell that is the sum of the others."""
NOBODY = "unattributed"
"""The cell of what belongs to no known customer, which no mean per customer contains."""
Why = Literal["few", "beside"]
SAID: Mapping[Why, str] = {
    "few": "not shown: fewer than five customers",
    "beside": "not shown: it would give another away",
}
"""Why a cell is withheld, in words: its own customers are few, or those of one beside it are."""
NOT_SHOWN = "not shown"
"""How those words begin."""
Cell = tuple[str, str]
"""A metric and a tier, state or "all"."""
Series = tuple[str, str, str]
"""A metric, its version, and a tier, state or "all"."""


class Point(Protocol):
    """A figure of an earlier period."""

    @property
    def period(self) -> str: ...
    @property
    def n(self) -> int: ...
    @property
    def customers(self) -> int: ...


Earlier = TypeVar("Earlier", bound=Point)


def withheld(results: Iterable[Result], metrics: Mapping[str, Metric]) -> dict[Cell, Why]:
    """Which of a period's figures are not shown, and why; `results` are all of one run.

    Of each confidential metric those that rest on fewer than FEWEST_SHOWN customers, and their sum
    with others, unless two or more of them, of together FEWEST_SHOWN customers, are missing in it.
    A cell without observations is empty, not withheld. Metrics that stand on the same answers have
    the same cells withheld, since only numbers of customers decide. A metric that is not in
    `metrics` is taken for confidential: nobody knows any more.
    """
    sizes: dict[str, dict[str, int]] = {}
    for result in results:
        if _confidential(result.metric, metrics):
            found = result.estimate
            sizes.setdefault(result.metric, {})[result.tier] = _size(found.n, found.customers)
    return {
        (name, tier): why
        for name, by_tier in sizes.items()
        for tier, why in cells_withheld(by_tier, _outside(metrics.get(name))).items()
    }


def cells_withheld(sizes: Mapping[str, int], outside: Iterable[str] = ()) -> dict[str, Why]:
    """Which cells of one metric are withheld, by the number of customers behind each.

    `outside` are cells that are not in the sum.
    """
    found: dict[str, Why] = {t: "few" for t, size in sizes.items() if 0 < size < FEWEST_SHOWN}
    parts = {t: size for t, size in sizes.items() if size and t != WHOLE and t not in {*outside}}
    hidden = {t: size for t, size in parts.items() if t in found}
    if not hidden or WHOLE not in sizes or WHOLE in found:
        return found
    # Else what the sum leaves over is one cell, or a few customers' answers.
    if len(hidden) < 2 or sum(hidden.values()) < FEWEST_SHOWN:
        found[WHOLE] = "beside"
    return found


def without_withheld(
    histories: Mapping[Series, Sequence[Earlier]], metrics: Mapping[str, Metric]
) -> dict[Series, list[Earlier]]:
    """The histories without the figures that were not shown in their own period."""
    sizes: dict[tuple[str, str, str], dict[str, int]] = {}
    for (name, version, tier), points in histories.items():
        if _confidential(name, metrics):
            for point in points:
                by_tier = sizes.setdefault((name, version, point.period), {})
                by_tier[tier] = _size(point.n, point.customers)
    hidden = {
        (name, version, tier, period)
        for (name, version, period), by_tier in sizes.items()
        for tier in cells_withheld(by_tier, _outside(metrics.get(name)))
    }
    return {
        series: [point for point in points if (*series, point.period) not in hidden]
        for series, points in histories.items()
    }


def emptied(result: Result) -> Result:
    """A withheld result without anything that it was measured or judged to be."""
    verdict = result.verdict and Verdict("too little evidence", None, "not_shown")
    return replace(result, estimate=Estimate(), verdict=verdict, signal=Signal(), fragility=None)


def _confidential(name: str, metrics: Mapping[str, Metric]) -> bool:
    return name not in metrics or metrics[name].confidential


def _outside(metric: Metric | None) -> tuple[str, ...]:
    return (NOBODY,) if metric is not None and metric.kind == "total" else ()


def _size(n: int, customers: int) -> int:
    """The customers behind a figure; of answers that nobody is known by, their number."""
    return customers or n
