"""A metric of any kind and the sums of named customers, for tests of the arithmetic."""

from __future__ import annotations

from typing import Any

from scorecard.definitions.metric import Metric, metric
from scorecard.definitions.results import Sums


def a_metric(
    kind: Any = "proportion", unit: str = "share", better: Any = "higher", **more: Any
) -> Metric:
    """A sample metric that is only declared, never called."""

    @metric(
        label="Measured",
        unit=unit,
        better=better,
        kind=kind,
        family="test",
        needs=[],
        evidence="sample",
        section="experienced",
        **more,
    )
    def measured(facts: Any, period: Any) -> None:
        """Never called."""

    return measured


def sums_of(customers: list[tuple[float, float]]) -> Sums:
    """Sums from each customer's own (num, den); n is Σ den."""
    return Sums(
        n=round(sum(d for _, d in customers)),
        customers=len(customers),
        num=sum(x for x, _ in customers),
        den=sum(d for _, d in customers),
        nn=sum(x * x for x, _ in customers),
        dd=sum(d * d for _, d in customers),
        nd=sum(x * d for x, d in customers),
    )
