"""How often a routine figure is called exceptional, and a real shift is found: by simulation.

    python tests/signal_error_rates.py [charts]

prints the tables of docs/signals.md. Each chart is a monthly series of known truth, judged month
by month with the product's own `signal`. The former rules stand here only to be compared with.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from sample_measures import a_metric

from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric
from scorecard.stats import control_chart, count_process, process
from scorecard.stats.control_chart import Measured, signal

FIRST = Period.parse("2022-01", "UTC")
MONTHS = 36
"""Two years of baseline and one of new points."""
SHIFT = 1.5
"""In standard deviations of one point."""
CHARTS = 2000
HEAD = "| series | 6–11 | 12–23 | 24 | charts a year | found |\n|---|--:|--:|--:|--:|--:|"
Series = tuple[np.ndarray, np.ndarray]
"""Values and numbers of observations, charts × months."""
Judge = Callable[[Sequence[Measured], Measured, Metric], bool]


@dataclass(frozen=True)
class Kind:
    """A kind of series: `drawn` takes a generator, a number of charts, and a shift of the last
    year in standard deviations of one point."""

    name: str
    metric: Metric
    drawn: Callable[[np.random.Generator, int, float], Series]


@dataclass(frozen=True)
class Rates:
    """Of one kind: exceptional points by history (6–11, 12–23, 24 and more), charts with one in
    the third year, and shifts found within four points of it (up and down, the mean of both)."""

    young: float
    middle: float
    old: float
    year: float
    found: float


def noise(rng: np.random.Generator, charts: int, alike: float = 0.0) -> np.ndarray:
    """Standard normal points whose neighbours have that correlation."""
    found = np.empty((charts, MONTHS))
    found[:, 0] = rng.normal(size=charts)
    for month in range(1, MONTHS):
        fresh = rng.normal(size=charts)
        found[:, month] = alike * found[:, month - 1] + np.sqrt(1 - alike**2) * fresh
    return found


def _later(shift: float) -> np.ndarray:
    return np.where(np.arange(MONTHS) >= 24, shift, 0.0)


def _unknown_n(values: np.ndarray) -> Series:
    return values, np.zeros(values.shape, dtype=int)


def normal(alike: float = 0.0) -> Callable[[np.random.Generator, int, float], Series]:
    return lambda rng, charts, shift: _unknown_n(
        100 + 10 * (noise(rng, charts, alike) + _later(shift))
    )


def seasonal(
    size: float, peak: bool = False
) -> Callable[[np.random.Generator, int, float], Series]:
    """A yearly wave of that amplitude in standard deviations, or one high month a year."""

    def drawn(rng: np.random.Generator, charts: int, shift: float) -> Series:
        begins = rng.integers(0, 12, size=(charts, 1))
        month = (np.arange(MONTHS) + begins) % 12
        wave = size * (month == 0) if peak else size * np.sin(2 * np.pi * month / 12)
        return _unknown_n(100 + 10 * (wave + noise(rng, charts) + _later(shift)))

    return drawn


def lognormal(spread: float) -> Callable[[np.random.Generator, int, float], Series]:
    """Skewed money: the shift is in standard deviations of the logarithm."""
    return lambda rng, charts, shift: _unknown_n(
        100 * np.exp(spread * (noise(rng, charts) + _later(shift)))
    )


def mean_of_customers(customers: int) -> Callable[[np.random.Generator, int, float], Series]:
    """The mean of customers whose own amounts are lognormal, of which a few are very large."""

    def drawn(rng: np.random.Generator, charts: int, shift: float) -> Series:
        each = rng.lognormal(0, 1.5, size=(charts, MONTHS, customers)).mean(axis=2)
        sd = np.sqrt(np.exp(2.25) * (np.exp(2.25) - 1) / customers)
        return each + sd * _later(shift), np.full(each.shape, customers)

    return drawn


def heavy(rng: np.random.Generator, charts: int, shift: float) -> Series:
    points = rng.standard_t(5, size=(charts, MONTHS)) + np.sqrt(5 / 3) * _later(shift)
    return _unknown_n(100 + 10 * points)


def shares(
    rate: float, least: int, most: int, more: float = 0.0
) -> Callable[[np.random.Generator, int, float], Series]:
    """Shares of `least` to `most` answers; `more` is the standard deviation of the rate itself."""

    def drawn(rng: np.random.Generator, charts: int, shift: float) -> Series:
        n = rng.integers(least, most + 1, size=(charts, MONTHS))
        sd = np.sqrt(rate * (1 - rate) * (2 / (least + most)) + more**2)
        truth = rate + more * rng.normal(size=n.shape) + sd * _later(shift)
        return rng.binomial(n, np.clip(truth, 0, 1)) / n, n

    return drawn


def net_promoters(rng: np.random.Generator, charts: int, shift: float) -> Series:
    """Of 50 answers: half promoters, a fifth detractors. The shift moves both."""
    n = np.full((charts, MONTHS), 50)
    sd = np.sqrt((0.7 - 0.09) / 50) * _later(shift)
    up = rng.binomial(n, np.clip(0.5 + sd / 2, 0, 1))
    down = rng.binomial(n - up, np.clip((0.2 - sd / 2) / (0.5 - sd / 2), 0, 1))
    return 100 * (up - down) / n, n


def resting(
    rest: float, moving: float, size: float, spread: float
) -> Callable[[np.random.Generator, int, float], Series]:
    """Figures that rest at one value but for a part of months, in which they are above it by a
    skewed amount. The shift is in their standard deviations."""

    def drawn(rng: np.random.Generator, charts: int, shift: float) -> Series:
        moves = rng.random((charts, MONTHS)) < moving
        amounts = size * rng.lognormal(0, spread, size=moves.shape)
        sd = size * np.exp(spread**2 / 2) * np.sqrt(moving * (np.exp(spread**2) - moving))
        return _unknown_n(rest + np.maximum(moves * amounts + sd * _later(shift), 0.0))

    return drawn


def promoters(n: int, part: float) -> Callable[[np.random.Generator, int, float], Series]:
    """NPS of so few answers that it is often 100; of those who are no promoters a third are
    detractors."""

    def drawn(rng: np.random.Generator, charts: int, shift: float) -> Series:
        many = np.full((charts, MONTHS), n)
        off = 1 - part
        sd = np.sqrt((off * 2 / 3 + off / 3 * 4) - (off * 4 / 3) ** 2) / np.sqrt(n)
        kept = np.clip(part + sd * _later(shift) * 3 / 4, 0, 1)
        up = rng.binomial(many, kept)
        down = rng.binomial(many - up, 1 / 3)
        return 100 * (up - down) / n, many

    return drawn


def satisfied(n: int, part: float) -> Callable[[np.random.Generator, int, float], Series]:
    """The mean of answers of 1 to 5 of which so many are 5, most others 4 and some 2."""

    def drawn(rng: np.random.Generator, charts: int, shift: float) -> Series:
        many = np.full((charts, MONTHS), n)
        off = 1 - part
        sd = np.sqrt(off * (0.75 + 0.25 * 9) - (off * 1.5) ** 2) / np.sqrt(n)
        kept = np.clip(part + sd * _later(shift) / 1.5, 0, 1)
        less = many - rng.binomial(many, kept)
        low = rng.binomial(less, 0.25)
        return 5 - (less + 2 * low) / n, many

    return drawn


def events(
    each: float, least: int, most: int, unlike: float = 0.0
) -> Callable[[np.random.Generator, int, float], Series]:
    """Events of `least` to `most` customers, so many each; `unlike` is the variance of what
    customers tend to, in its mean squared."""

    def drawn(rng: np.random.Generator, charts: int, shift: float) -> Series:
        n = rng.integers(least, most + 1, size=(charts, MONTHS))
        sd = np.sqrt((each + unlike * each**2) * 2 / (least + most))
        mean = n * np.clip(each + sd * _later(shift), 0, None)
        if unlike:
            mean = mean * rng.gamma(n / unlike, unlike / n)
        return rng.poisson(mean) / n, n

    return drawn


_RATE = a_metric("mean", "rate")
_MONEY = a_metric("total", "money per customer")
_SHARE = a_metric("proportion", "share")
_POINTS = a_metric("nps", "points")
_SCORE = a_metric("mean", "score", scale=(1, 5))
_EVENTS = a_metric("ratio", "ratio", counts=True)
_PEAK = a_metric("ratio", "ratio")
_PART = a_metric("ratio", "rate")
KINDS = (
    Kind("stable, normal", _RATE, normal()),
    Kind("neighbours alike, .3", _RATE, normal(0.3)),
    Kind("neighbours alike, .6", _RATE, normal(0.6)),
    Kind("a yearly wave of 2 sd", _RATE, seasonal(2)),
    Kind("a yearly wave of 3 sd", _RATE, seasonal(3)),
    Kind("one high month a year, 3 sd", _RATE, seasonal(3, peak=True)),
    Kind("shares of 97 %, n = 30", _SHARE, shares(0.97, 30, 30)),
    Kind("shares of 97 %, n = 15–60", _SHARE, shares(0.97, 15, 60)),
    Kind("shares of 80 %, n = 200, rate ± 4 %", _SHARE, shares(0.8, 200, 200, 0.04)),
    Kind("NPS, n = 50", _POINTS, net_promoters),
    Kind("skewed money (lognormal .5)", _MONEY, lognormal(0.5)),
    Kind("very skewed money (lognormal 1)", _MONEY, lognormal(1)),
    Kind("mean money of 50 customers", _MONEY, mean_of_customers(50)),
    Kind("heavy tails (t with 5 df)", _RATE, heavy),
    Kind("a whale peak that is mostly 1", _PEAK, resting(1.0, 0.25, 0.04, 0.5)),
    Kind("a failure cost that is mostly 0", _PART, resting(0.0, 0.3, 0.01, 1.0)),
    Kind("a failure cost that is 0 in four of ten", _PART, resting(0.0, 0.6, 0.01, 0.5)),
    Kind("NPS that is mostly 100, n = 8", _POINTS, promoters(8, 0.95)),
    Kind("NPS that is often 100, n = 12", _POINTS, promoters(12, 0.92)),
    Kind("a mean of 1–5 that is mostly 5, n = 6", _SCORE, satisfied(6, 0.95)),
    Kind("a mean of 1–5 that is often 5, n = 12", _SCORE, satisfied(12, 0.92)),
    Kind("contacts, 1.2 of each of 100", _EVENTS, events(1.2, 100, 100)),
    Kind("contacts, .1 of each of 30–60", _EVENTS, events(0.1, 30, 60)),
    Kind("contacts of unlike customers, n = 100–300", _EVENTS, events(0.8, 100, 300, 4.0)),
)


def now(earlier: Sequence[Measured], current: Measured, metric: Metric) -> bool:
    """The product's judgement."""
    return signal(earlier, current, metric).flow.startswith("exceptional")


def former(earlier: Sequence[Measured], current: Measured, metric: Metric) -> bool:
    """The rules up to November 2026: limits by the mean move, with the move itself, three of four
    and eight in a row; the baseline were the 24 figures before."""
    points = [m.value for m in earlier][-24:]
    centre = sum(points) / len(points)
    mean = sum(abs(b - a) for a, b in pairwise(points)) / (len(points) - 1)
    away = [p - centre for p in (*points, current.value)]
    far = [(a > 1.33 * mean) - (a < -1.33 * mean) for a in away[-4:]]
    run = {(a > 0) - (a < 0) for a in away[-8:]}
    return (
        abs(away[-1]) > 2.66 * mean + 1e-9
        or abs(away[-1] - away[-2]) > 3.27 * mean + 1e-9
        or (far[-1] != 0 and far.count(far[-1]) >= 3)
        or (len(away) >= 8 and run in ({1}, {-1}))
    )


def each_time(earlier: Sequence[Measured], current: Measured, metric: Metric) -> bool:
    """As the product's, but that a shift is told of in every period in which it shows."""
    base = control_chart._baseline(earlier)
    process, _season = control_chart._process_of(base, metric)
    return process is not None and control_chart._detected([*earlier, current], process)[1] != 0


@contextmanager
def chances(alone: float, together: float, alike: float) -> Iterator[None]:
    """The product's functions with other chances of a false alarm: of limits of one figure and of
    four, and the correlation of neighbours from which on four decide nothing."""
    kept = process.ALONE, process.TOGETHER, process.ALIKE

    def put(alone: float, together: float, alike: float) -> None:
        for module in (process, count_process):
            module.ALONE, module.TOGETHER = alone, together
        process.ALIKE = control_chart.ALIKE = alike

    put(alone, together, alike)
    try:
        yield
    finally:
        put(*kept)


def alarms(kind: Kind, judge: Judge, series: Series, months: Iterable[int]) -> np.ndarray:
    """Which points are called exceptional, charts × months."""
    periods = [FIRST.shift(i) for i in range(MONTHS)]
    found = []
    for values, ns in zip(*(part.tolist() for part in series), strict=True):
        chart = [Measured(p, v, n) for p, v, n in zip(periods, values, ns, strict=True)]
        found.append([judge(chart[:m], chart[m], kind.metric) for m in months])
    return np.array(found)


def measured(kind: Kind, judge: Judge, charts: int, seed: int = 1) -> Rates:
    """The rates of one kind of series."""
    quiet = alarms(
        kind, judge, kind.drawn(np.random.default_rng(seed), charts, 0.0), range(6, MONTHS)
    )
    caught = [
        alarms(kind, judge, kind.drawn(np.random.default_rng(seed), charts // 2, s), range(24, 28))
        for s in (SHIFT, -SHIFT)
    ]
    return Rates(
        float(quiet[:, :6].mean()),
        float(quiet[:, 6:18].mean()),
        float(quiet[:, 18:].mean()),
        float(quiet[:, 18:].any(axis=1).mean()),
        float(np.mean([c.any(axis=1).mean() for c in caught])),
    )


def table(judge: Judge, charts: int) -> str:
    """The Markdown table of all kinds by one set of rules."""
    rows = [f"| {kind.name} | {_cells(measured(kind, judge, charts))} |" for kind in KINDS]
    return "\n".join([HEAD, *rows])


TRIED = (
    (0.004, 0.005, 0.2, each_time),
    (0.004, 0.005, 0.2, now),
    (0.01, 0.005, 0.2, now),
    (0.003, 0.01, 0.3, each_time),
    (0.003, 0.01, 0.3, now),
    (0.003, 0.015, 0.3, now),
    (0.002, 0.02, 0.3, now),
)
"""Chances of limits of one figure and of four, the correlation up to which four decide, and whether
a shift is told of once."""
OF = ("stable, normal", "neighbours alike, .3", "a yearly wave of 2 sd")
LONE = 4.0
"""Standard deviations of one figure far away in a stable series."""


def trade_off(charts: int) -> str:
    """The Markdown table of what other chances would give."""
    kinds = [kind for kind in KINDS if kind.name in OF]
    head = "".join(f" {kind.name} |" for kind in kinds)
    rows = [f"| one | four | alike | told |{head} lone |", "|--:|--:|--:|---|" + "--:|" * 4]
    for alone, together, alike, judge in TRIED:
        with chances(alone, together, alike):
            found = [measured(kind, judge, charts) for kind in kinds]
            lone = _lone(kinds[0], judge, charts)
        said = "once" if judge is now else "each time"
        cells = (f"{100 * r.old:.1f} · {100 * r.year:.0f} · {100 * r.found:.0f}" for r in found)
        first = f"{100 * alone:.1f} % | {100 * together:.1f} % | {alike:g} | {said}"
        rows.append(f"| {first} | {' | '.join(cells)} | {100 * lone:.0f} |")
    return "\n".join(rows)


def _lone(kind: Kind, judge: Judge, charts: int) -> float:
    """The part of single figures that far away that are found."""
    values, ns = kind.drawn(np.random.default_rng(1), charts, 0.0)
    far = 100 + 10 * LONE
    values[:, 24] = far
    return float(alarms(kind, judge, (values, ns), [24]).mean())


def _cells(rates: Rates) -> str:
    points = (f"{100 * r:.1f}" for r in (rates.young, rates.middle, rates.old))
    return " | ".join([*points, f"{100 * rates.year:.0f}", f"{100 * rates.found:.0f}"])


if __name__ == "__main__":
    how_many = int(sys.argv[1]) if len(sys.argv) > 1 else CHARTS
    sys.stdout.write(f"Now:\n\n{table(now, how_many)}\n\nBefore:\n\n{table(former, how_many)}\n\n")
    sys.stdout.write(f"With other chances:\n\n{trade_off(how_many)}\n")
