"""A period's results as plain values and as an Arrow table, without what is confidential."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Result
from scorecard.stats.withheld import Cell, Why, emptied, withheld
from scorecard.strategy.model import STATES, Stance, Strategy

if TYPE_CHECKING:
    import pyarrow as pa

NOT_SHOWN: Mapping[Why, str] = {"few": "not_shown", "beside": "not_shown_beside"}
"""The reason of a figure that is withheld."""
NO_DECISION = "no decision"
"""In place of a verdict, where a stance has expired."""


@dataclass(frozen=True)
class Figure:
    """One metric in one tier for one period.

    tier              a tier's id, "all", or a state: new, lost, unrated, unattributed
    value, low, high  in the metric's `unit` (shares from 0 to 1, money in `currency`, hours …);
                      low to high is the 90 % interval; None where there is no figure, and an
                      end that is None is not known
    sign              ">" where the value is only what is known so far: of waits whose quantile lies
                      among those not over yet, of which there are `open`; else empty
    n, customers      observations, and distinct customers; None where the figure is not shown
    total             the sum, for kinds of metrics where one means something
    mode              "sample": the interval decides; "census": the value does
    region, verdict   where it lies against its stance, and the word for it; None without a stance,
                      but "no decision" of one that has expired
    reason            why there is no verdict, or no figure; "stance_expired" where nothing else
                      says it; "not_shown" hides confidential answers of fewer than five
                      customers, and "not_shown_beside" what would give them away
    signal            "routine", or what is exceptional; empty while there is too little history
    owner, kind       of the stance: an owner's id, "strength" or "weakness"
    version           of the metric's definition; figures of two versions are not compared
    """

    metric: str
    tier: str
    period: str
    sign: str
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    customers: int | None
    open: int | None
    total: float | None
    mode: str
    region: str | None
    verdict: str | None
    reason: str
    lean: str
    signal: str
    unit: str | None
    currency: str | None
    owner: str | None
    kind: str | None
    version: str


@dataclass(frozen=True)
class Results(Sequence[Figure]):
    """A period's figures, in the order of metrics and tiers.

    A sequence of `Figure`. pyarrow, polars and pandas read it as a table of its fields, by the
    Arrow PyCapsule interface: `polars.DataFrame(results)`, `pandas.DataFrame.from_arrow(results)`.
    """

    period: Period
    recorded: tuple[Result, ...] = field(repr=False)
    metrics: Mapping[str, Metric] = field(repr=False)
    stances: Mapping[str, Stance] = field(repr=False)
    strategy: Strategy = field(repr=False)
    currency: str
    expired: Mapping[Cell, date] = field(default_factory=dict, repr=False)
    """Since when nothing is decided about a metric in a tier, where its stance expired."""

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        return tuple(
            figure(
                r,
                self.metrics.get(r.metric),
                self.stances.get(r.stance),
                self.currency,
                self.withheld.get((r.metric, r.tier)),
                (r.metric, r.tier) in self.expired,
            )
            for r in self.in_order()
        )

    @cached_property
    def withheld(self) -> Mapping[Cell, Why]:
        """Which figures are not shown, and why, by metric and tier."""
        return withheld(self.recorded, self.metrics)

    def in_order(self) -> list[Result]:
        """The results as recorded, confidential ones included: not to be handed on."""
        tiers = [*self.strategy.plan.ids, "all", *STATES]
        order = {name: place for place, name in enumerate(self.metrics)}
        places = {tier: place for place, tier in enumerate(tiers)}
        return sorted(
            self.recorded,
            key=lambda r: (
                order.get(r.metric, len(order)),
                r.metric,
                places.get(r.tier, len(places)),
                r.tier,
            ),
        )

    @overload
    def __getitem__(self, index: int) -> Figure: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Figure]: ...
    def __getitem__(self, index: int | slice) -> Figure | Sequence[Figure]:
        return self.figures[index]

    def __len__(self) -> int:
        return len(self.recorded)

    def to_arrow(self) -> pa.Table:
        """One row a figure; columns and units as for `Figure`."""
        import pyarrow as pa

        kinds = {"float": pa.float64(), "int": pa.int64(), "str": pa.string()}
        schema = pa.schema(
            [
                pa.field(name, kinds[kind.removesuffix(" | None")], kind.endswith("None"))
                for name, kind in Figure.__annotations__.items()
            ]
        )
        return pa.Table.from_pylist([asdict(each) for each in self.figures], schema=schema)

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        return self.to_arrow().__arrow_c_stream__(requested_schema)


def figure(
    result: Result,
    metric: Metric | None,
    stance: Stance | None,
    currency: str,
    why: Why | None = None,
    expired: bool = False,
) -> Figure:
    """A recorded result for whoever may read it; one that is withheld for `why` has neither value
    nor count. `metric` is None where it is not defined any more, and `expired` says that the stance
    has ended without a decision on what follows."""
    if why:
        result = replace(emptied(result), verdict=None)
    found, verdict = result.estimate, result.verdict
    return Figure(
        metric=result.metric,
        tier=result.tier,
        period=result.period,
        sign=">" if found.beyond else "",
        value=found.value,
        low=found.low,
        high=found.high,
        n=None if why else found.n,
        customers=None if why else found.customers,
        open=None if why else found.open,
        total=found.total,
        mode=result.mode,
        region=verdict.region if verdict else None,
        verdict=verdict.words if verdict else NO_DECISION if expired else None,
        reason=NOT_SHOWN[why] if why else _why(result) or ("stance_expired" if expired else ""),
        lean=verdict.lean if verdict else "",
        signal=result.signal.flow,
        unit=metric.unit.name if metric else None,
        currency=currency if metric and metric.unit.money else None,
        owner=stance.owner if stance else None,
        kind=stance.kind if stance else None,
        version=result.version,
    )


def _why(result: Result) -> str:
    """Why there is no verdict, or no figure; empty where there is nothing to explain."""
    verdict = result.verdict
    return (verdict.reason if verdict else "") or (result.unmeasured and "not_measured")
