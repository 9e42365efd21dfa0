"""The model of a trend: one exception over its last periods, complete before it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from scorecard.documents.model import Mark

LABEL, TIER, OWNER = 56, 28, 44
"""Letters of names beside a chart; the table of exceptions has them whole."""


@dataclass(frozen=True)
class TrendMark:
    """Something dated: what it was, and where on the axis of periods it lies.

    `at` counts periods from the middle of the first one: 2.5 is where the fourth begins.
    """

    at: float
    text: str


@dataclass(frozen=True)
class LimitSpan:
    """The limits of the stance in force from `start` to `end` on the axis; None where it has
    none."""

    start: float
    end: float
    worst: float | None
    best: float | None


@dataclass(frozen=True)
class Trend:
    """An exception over its last periods, oldest first and the present one last.

    Values are in the metric's base unit; None where there is no figure, or none that is shown.

    label, tier, words, signal, owner  as the exception has them, the owner's name briefly
    ticks       what stands below each period: its month's letter, its week; and `years` below that
    values      the figures; their line is broken before each of the `breaks`, counted from 0,
                where the metric's definition changed
    weak        whether a period's evidence did not suffice for a verdict
    year_ago    the figures of the periods a year before
    low, high   the interval of the last figure, where it is a sample's
    centre, lower, upper  the natural process limits of the present period
    band        lower limit, centre and upper limit of each period; None where it has none. Empty
                in editions from before limits followed periods
    spans       the stance's limits, as they were in force
    worst_said, best_said  the present ones as text
    axis        values with their texts, from the lowest up
    scale       the lowest and the highest value that is drawn
    marks       what changed or happened, by date
    figures     the last values: "8.1 · 9.6 · 10.1 h"; `of` says of which periods, with their n
    record      how often the verdict was the same before
    happened    the incidents among the marks, each with its letter
    affected    how many customers it affected, and how
    rank        1 is the exception that matters most
    """

    mark: Mark
    metric: str
    label: str
    tier: str
    words: str
    signal: str
    owner: str
    ticks: tuple[str, ...]
    years: tuple[str, ...]
    values: tuple[float | None, ...]
    breaks: tuple[int, ...]
    weak: tuple[bool, ...]
    year_ago: tuple[float | None, ...]
    low: float | None
    high: float | None
    centre: float | None
    lower: float | None
    upper: float | None
    spans: tuple[LimitSpan, ...]
    worst_said: str
    best_said: str
    axis: tuple[tuple[float, str], ...]
    scale: tuple[float, float]
    marks: tuple[TrendMark, ...]
    figures: str
    of: str
    record: str
    affected: str
    happened: tuple[str, ...]
    alt: str
    rank: int = 0
    band: tuple[tuple[float, float, float] | None, ...] = ()

    @property
    def name(self) -> str:
        """ "First human reply, 9 of 10 within · Gold"."""
        return f"{self.label} · {self.tier}"
