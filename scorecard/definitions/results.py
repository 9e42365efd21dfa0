"""Results of measuring and judging, from sums to verdicts, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Region = Literal["below", "within", "above", "straddle"]
"""Where an interval lies between the limits of a stance; "straddle": on both sides of the lower."""
Reason = Literal[
    "",
    "n_too_small",
    "straddles_limit",
    "not_mature",
    "not_measured",
    "stale",
    "partial_period",
    "not_shown",
]
"""Why there is too little evidence for a verdict; empty where there is enough."""
Words = Literal[
    "delivered",
    "not delivered",
    "as accepted",
    "beyond acceptance",
    "over-served",
    "too little evidence",
]
Lean = Literal["", "below", "within", "above"]
"""Where the value lies, told with a verdict of too little evidence; empty with any other."""
Flow = Literal[
    "",
    "routine",
    "exceptional, favourable",
    "exceptional, unfavourable",
    "exceptional",
]
"""Whether a point is routine variation; empty where there are too few points to say."""


@dataclass(frozen=True)
class Sums:
    """The sums of a tier's observations that an interval needs; additive over tiers and periods.

    n           observations (answers, issues, customers)
    customers   distinct customers, the clusters
    nameless    observations of nobody known by a name, each a cluster of its own
    num, den    Σ numerator, Σ denominator
    nn, dd, nd  Σ over customers of num², den², num·den (each customer's own sums)
    squares     Σ over observations of weight · den, of which den has the weight already: Σ weight²
                where each is one answer, and den where none has a weight; 0: not told
    up, down    for NPS: how many +1 and −1
    open        for waits: how many are not over yet
    beyond      for waits: whether the quantile lies among those, so that its value is less than
                it will be
    Adding two `Sums` treats a customer present in both as two clusters: right for tiers of one
    period, of which a customer is in one, and wrong for periods.
    """

    n: int = 0
    customers: int = 0
    num: float = 0.0
    den: float = 0.0
    nn: float = 0.0
    dd: float = 0.0
    nd: float = 0.0
    squares: float = 0.0
    up: int = 0
    down: int = 0
    open: int = 0
    beyond: bool = False
    nameless: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.n + other.n,
            self.customers + other.customers,
            self.num + other.num,
            self.den + other.den,
            self.nn + other.nn,
            self.dd + other.dd,
            self.nd + other.nd,
            self.squares + other.squares,
            self.up + other.up,
            self.down + other.down,
            self.open + other.open,
            self.beyond or other.beyond,
            self.nameless + other.nameless,
        )

    @property
    def clusters(self) -> int:
        return self.customers + self.nameless


@dataclass(frozen=True)
class Estimate:
    """A tier's figure with its interval. None means that there is no figure, never zero.

    value, low, high  in the metric's base unit; low–high is the 90 % interval, of which an end
                      that is not known is None
    n                 observations; `customers` distinct customers
    total             Σ numerator, for kinds where a sum means something
    at_risk           for survival: customers still at risk at the horizon
    sums              what it was made of; of a quantile, how many are at or below its value
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    customers: int = 0
    total: float | None = None
    at_risk: int | None = None
    sums: Sums | None = None

    @property
    def open(self) -> int:
        """How many waits are not over yet."""
        return self.sums.open if self.sums else 0

    @property
    def beyond(self) -> bool:
        """Whether the value is only what is known so far, and the quantile is more."""
        return bool(self.sums and self.sums.beyond)


@dataclass(frozen=True)
class Limits:
    """A stance's limits turned so that larger is better; lower < upper where it has both."""

    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class Verdict:
    """An estimate judged by a stance. `region` is None where it could not be judged at all."""

    words: Words
    region: Region | None
    reason: Reason = ""
    lean: Lean = ""
    pooled: bool = False
    periods_undecided: int = 0


Season = Literal["", "not known yet", "none found", "taken out"]
"""What is known of a yearly season; empty of yearly periods, which have none."""


@dataclass(frozen=True)
class Baseline:
    """The earlier points that natural limits are made of.

    first, last  keys of the first and the last period in it
    points       how many of its periods have a figure
    season       whether a yearly season was looked for, found and taken out
    by_season    (lower, centre, upper) by place in the year, from the first on, where a season is
                 taken out; else empty. A place is a month, a quarter or four weeks.
    since        the day from which the limits were declared to begin anew; None: never
    reason       why they were
    """

    first: str
    last: str
    points: int
    season: Season = ""
    by_season: tuple[tuple[float, float, float], ...] = ()
    since: date | None = None
    reason: str = ""


@dataclass(frozen=True)
class Signal:
    """Whether the newest point is routine variation or exceptional, by a control chart.

    `flow` is empty when there are fewer than six earlier points. `centre`,
    `lower`, `upper` are the natural process limits of the newest period, clipped to the unit's
    range. `points` are the earlier figures since its `baseline` began, which may be more than
    the baseline has; a result recorded before there were baselines has none.
    """

    flow: Flow = ""
    provisional: bool = False
    centre: float | None = None
    lower: float | None = None
    upper: float | None = None
    rule: str = ""
    points: int = 0
    baseline: Baseline | None = None


@dataclass(frozen=True)
class Fragility:
    """The fewest customers whose removal changes a counted verdict; the weightiest named first.

    `customers` is None when more than the reported maximum would be needed.
    """

    customers: int | None
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """One metric's result in one tier for one period, ready to be recorded.

    `unmeasured` says why there is no figure, `stance` is the key of the stance that
    it was judged by; each is empty where there is none.
    """

    metric: str
    version: str
    tier: str
    period: str
    estimate: Estimate
    mode: Literal["sample", "census"]
    unmeasured: str = ""
    verdict: Verdict | None = None
    signal: Signal = field(default_factory=Signal)
    fragility: Fragility | None = None
    stance: str = ""
