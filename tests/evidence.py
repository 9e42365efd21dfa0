"""How often intervals hold the truth and verdicts are wrong, measured where the truth is known.

    python tests/evidence.py docs/evidence.md [2000]      (make evidence)

Invented customers answer, stay and wait by chance, with a rate that was chosen. The package's own
`estimate`, `survival_at`, `order_ranks` and `verdict_of` then judge them by a stance whose limit
is just that rate. An interval of 90 % should hold it in 90 of 100 cases; and since it lies on the
limit, "delivered" and "not delivered" are claims without proof, of which each may be made at most
once in twenty. Seeds are fixed, so that the same figures come out everywhere.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import exp, inf, log, sqrt
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
from sample_measures import a_metric

from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Estimate, Sums
from scorecard.judging.verdict import verdict_of
from scorecard.measuring.pooling import SECOND_LOOK
from scorecard.stats.estimate import estimate
from scorecard.stats.intervals import LEVEL, order_ranks, share_n
from scorecard.stats.survival import survival_at
from scorecard.strategy.model import Stance

FULL, SMALL = 2000, 400
"""Invented tiers for each figure: by `make evidence`, and in the tests."""
Rng = np.random.Generator


@dataclass(frozen=True)
class Third:
    """A month after two undecided ones, and the three together."""

    month: Estimate
    together: Estimate


Draw = Callable[[Rng], Estimate | Third]


@dataclass(frozen=True)
class Case:
    """Invented tiers of one kind: how they are called in a table, how many customers they have,
    what is true of them, and how one of them is drawn and estimated."""

    row: str
    column: str
    metric: Metric
    customers: int
    truth: float
    draw: Draw


@dataclass(frozen=True)
class Found:
    """Of many invented tiers, in parts of one: intervals printed, and of these those that hold the
    truth; verdicts of "delivered" and of "not delivered" with the truth on the limit."""

    printed: float
    coverage: float
    delivered: float
    missed: float

    @property
    def said(self) -> str:
        """ "94.2 (2.1, 3.7)": coverage, wrongly delivered, wrongly not delivered."""
        if not self.printed:
            return "no interval"
        return f"{self.coverage:.1%} ({self.delivered:.1%}, {self.missed:.1%})".replace("%", "")


def measure(case: Case, repeats: int, seed: int = 1) -> Found:
    """What the package says of `repeats` invented tiers."""
    rng = np.random.default_rng([seed, *map(ord, case.row + case.column)])
    stance = _stance(case.truth)
    words = {"delivered": 0, "not delivered": 0}
    printed = held = 0
    for _ in range(repeats):
        drawn = case.draw(rng)
        third = isinstance(drawn, Third)
        found = drawn.together if third else drawn
        low = -inf if found.low is None else found.low
        high = inf if found.high is None else found.high
        printed += (low, high) != (-inf, inf)
        held += (low, high) != (-inf, inf) and low - 1e-9 <= case.truth <= high + 1e-9
        if third:
            ask = {"undecided_before": 2, "pooled": lambda found=found: found}
            said = verdict_of(case.metric, drawn.month, stance, mode="sample", **ask).words
        else:
            said = verdict_of(case.metric, found, stance, mode="sample").words
        if said in words:
            words[said] += 1
    counts = (words["delivered"], words["not delivered"])
    return Found(printed / repeats, held / max(printed, 1), *(c / repeats for c in counts))


def _stance(limit: float) -> Stance:
    day = date(2026, 1, 1)
    return Stance("measured", "gold", "strength", "ada", limit, None, 1, day, day, "coo", "Both.")


SIZES = [(5, 1), (10, 1), (12, 1), (30, 1), (100, 1), (1000, 1), (5000, 1)]
OFTEN = [(3, 30), (5, 10), (8, 12), (12, 5), (12, 30), (30, 10), (100, 10), (500, 10)]
"""Customers, and answers of each on average."""
LIKENESS = (0.0, 0.3)
"""How alike the answers of one customer are (intra-class correlation)."""
RATES = (0.02, 0.2, 0.5, 0.8, 0.95, 0.98)


def settings() -> Iterator[tuple[str, int, int, float, bool]]:
    """Rows of the tables: name, customers, answers of each, likeness, whether some answer more."""
    for customers, _ in SIZES:
        yield f"{customers:,} customers, one answer each", customers, 1, 0.0, False
    for customers, answers in OFTEN:
        for like in LIKENESS:
            name = f"{customers:,} customers, {answers} answers each, likeness {like:g}"
            yield name, customers, answers, like, False
    for customers, answers in ((8, 12), (30, 10), (500, 10)):
        name = f"{customers:,} customers, 1 to many answers ({answers}), likeness 0.3"
        yield name, customers, answers, 0.3, True


def answers_of(
    rng: Rng,
    chances: Sequence[float],
    values: Sequence[float],
    setting: tuple[int, int, float, bool],
) -> tuple[Any, Any, Any]:
    """Of each customer Σ value and answers, and all answers: what people say with these chances."""
    customers, each, like, uneven = setting
    if each == 1:
        said = np.searchsorted(np.cumsum(chances)[:-1], rng.random(customers), side="right")
        counts = np.bincount(said, minlength=len(chances))
        return np.asarray(values)[said], np.ones(customers), counts
    sizes = rng.geometric(1 / each, customers) if uneven else np.full(customers, each)
    own = np.tile(np.asarray(chances), (customers, 1))
    if like:
        own = rng.dirichlet(np.asarray(chances) * (1 / like - 1), customers)
    counts = rng.multinomial(sizes, own / own.sum(axis=1, keepdims=True))
    return counts @ np.asarray(values), sizes.astype(float), counts.sum(axis=0)


def sums(num: Any, den: Any, **more: int) -> Sums:
    """The sums of customers' own sums."""
    totals = (num.sum(), den.sum(), num @ num, den @ den, num @ den)
    return Sums(round(float(den.sum())), len(num), *map(float, totals), **more)


def shares() -> Iterator[Case]:
    metric = a_metric()
    for name, *setting in settings():
        for rate in RATES:
            draw = _answering(metric, (1 - rate, rate), (0.0, 1.0), tuple(setting))
            yield Case(name, f"{rate:.0%}".replace("%", " %"), metric, setting[0], rate, draw)


OPINIONS = {
    "50/30/20": (0.2, 0.3, 0.5),
    "90/8/2": (0.02, 0.08, 0.9),
    "20/20/60": (0.6, 0.2, 0.2),
    "5/90/5": (0.05, 0.9, 0.05),
}


def scores() -> Iterator[Case]:
    """Promoters, passives and detractors."""
    metric = a_metric("nps", "points")
    for name, *setting in settings():
        for mix, chances in OPINIONS.items():
            truth = 100 * (chances[2] - chances[0])
            draw = _answering(metric, chances, (-1.0, 0.0, 1.0), tuple(setting))
            yield Case(name, mix, metric, setting[0], truth, draw)


MARKS = {
    "90 % fives, rest 4": (0.0, 0.0, 0.0, 0.1, 0.9),
    "90 % fives, rest 1": (0.1, 0.0, 0.0, 0.0, 0.9),
    "all marks": (0.1, 0.2, 0.3, 0.2, 0.2),
    "98 % fives, rest 1": (0.02, 0.0, 0.0, 0.0, 0.98),
}


def means() -> Iterator[Case]:
    metric = a_metric("mean", "score", scale=(1, 5))
    for name, *setting in settings():
        for mix, chances in MARKS.items():
            truth = sum(mark * chance for mark, chance in enumerate(chances, start=1))
            # Nobody gives a mark that has no chance, and chance needs some.
            given = [(c, float(m)) for m, c in enumerate(chances, start=1) if c]
            draw = _answering(metric, [c for c, _ in given], [m for _, m in given], tuple(setting))
            yield Case(name, mix, metric, setting[0], truth, draw)


def _answering(
    metric: Metric, chances: Sequence[float], values: Sequence[float], setting: Any
) -> Draw:
    def draw(rng: Rng) -> Estimate:
        num, den, counts = answers_of(rng, chances, values, setting)
        signs = dict(zip(values, counts, strict=True))
        ends = {"up": int(signs[1.0]), "down": int(signs[-1.0])} if metric.kind == "nps" else {}
        return estimate(metric, sums(num, den, **ends))

    return draw


WEIGHTS: dict[str, Callable[[Rng, int], Any]] = {
    "all 100": lambda _rng, n: np.full(n, 100.0),
    "log-normal 0.5": lambda rng, n: rng.lognormal(0, 0.5, n),
    "log-normal 1": lambda rng, n: rng.lognormal(0, 1, n),
    "10 for one in ten, else 1": lambda rng, n: np.where(rng.random(n) < 0.1, 10.0, 1.0),
}
"""Weights of answers, in any unit: that of other tiers may be another."""
WEIGHED = {
    "80 % yes": ("proportion", (0.2, 0.8), (0.0, 1.0), 0.8),
    "98 % yes": ("proportion", (0.02, 0.98), (0.0, 1.0), 0.98),
    "NPS 50/30/20": ("nps", (0.2, 0.3, 0.5), (-1.0, 0.0, 1.0), 30.0),
    "NPS 90/8/2": ("nps", (0.02, 0.08, 0.9), (-1.0, 0.0, 1.0), 88.0),
    "90 % fives, rest 1": ("mean", (0.1, 0.9), (1.0, 5.0), 4.6),
}


def weighed() -> Iterator[Case]:
    """Answers that stand for many or for few, one or five of each customer."""
    for customers, each in ((10, 1), (30, 1), (100, 1), (1000, 1), (30, 5), (200, 5)):
        for weights in WEIGHTS:
            row = f"{customers:,} customers, {each} each, {weights}"
            for column, (kind, chances, values, truth) in WEIGHED.items():
                metric = {
                    "proportion": a_metric(),
                    "nps": a_metric("nps", "points"),
                    "mean": a_metric("mean", "score", scale=(1, 5)),
                }[kind]
                draw = _weighing(metric, chances, values, (customers, each), WEIGHTS[weights])
                yield Case(row, column, metric, customers, truth, draw)


def _weighing(
    metric: Metric, chances: Any, values: Any, setting: tuple[int, int], weights: Any
) -> Draw:
    customers, each = setting

    def draw(rng: Rng) -> Estimate:
        n = customers * each
        said = np.asarray(values)[np.searchsorted(np.cumsum(chances)[:-1], rng.random(n), "right")]
        whose, weight = np.repeat(np.arange(customers), each), weights(rng, n)
        own, den = (np.bincount(whose, w) for w in (said * weight, weight))
        ends = {"up": int((said > 0).sum()), "down": int((said < 0).sum())}
        told = replace(sums(own, den, **ends), n=n, squares=float(weight @ weight))
        return estimate(metric, told)

    return draw


def together() -> Iterator[Case]:
    """Months of the same customers, of which two were undecided before the third."""
    metric = a_metric()
    for customers, each, like in (
        (30, 1, 0),
        (100, 1, 0),
        (1000, 1, 0),
        (30, 4, 0.3),
        (200, 4, 0.3),
    ):
        for rate in (0.5, 0.8, 0.95):
            row = f"{customers:,} customers, {each} each month, likeness {like:g}"
            draw = _thrice(metric, customers, each, like, rate)
            yield Case(row, f"{rate:.0%}".replace("%", " %"), metric, customers, rate, draw)


def _thrice(metric: Metric, customers: int, each: int, like: float, rate: float) -> Draw:
    stance, size = _stance(rate), np.full(customers, float(each))

    def month(own: Any, rng: Rng) -> tuple[Any, Estimate, bool]:
        yes = rng.binomial(each, own).astype(float)
        found = estimate(metric, sums(yes, size))
        return yes, found, not verdict_of(metric, found, stance, mode="sample").periods_undecided

    def draw(rng: Rng) -> Third:
        while True:
            a, b = rate * (1 / like - 1) if like else 0, (1 - rate) * (1 / like - 1) if like else 0
            own = rng.beta(a, b, customers) if like else np.full(customers, rate)
            first, second = month(own, rng), month(own, rng)
            if first[2] or second[2]:
                continue
            third = month(own, rng)
            num = first[0] + second[0] + third[0]
            return Third(third[1], estimate(metric, sums(num, 3 * size), SECOND_LOOK))

    return draw


def kept_revenue() -> Iterator[Case]:
    """Customers of log-normal size that keep all, a part or nothing of it."""
    metric = a_metric("ratio", "share")
    for spread in (0.5, 1.0, 2.0):
        for customers in (10, 30, 100, 300, 1000, 5000):
            for kept, part in ((0.9, 0.0), (0.98, 0.0), (0.9, 0.5), (0.5, 0.5)):
                truth = kept * (1 - part / 6)  # a part that is kept is five sixths on average
                column = f"{kept:.0%} stay".replace("%", " %") + (", half pay less" * bool(part))
                row = f"{customers:,} customers, log-normal {spread:g}"
                draw = _keeping(metric, customers, spread, kept, part)
                yield Case(row, column, metric, customers, truth, draw)


def _keeping(metric: Metric, customers: int, spread: float, kept: float, part: float) -> Draw:
    def draw(rng: Rng) -> Estimate:
        size = rng.lognormal(0, spread, customers)
        stays = rng.random(customers) < kept
        less = np.where(rng.random(customers) < part, rng.beta(5, 1, customers), 1.0)
        return estimate(metric, replace(sums(size * stays * less, size), n=customers))

    return draw


Shape = Callable[[Any], Any]
"""Waits in hours from standard normal numbers."""


def waits() -> Iterator[Case]:
    """Waits, alike within a customer, of which a part is never over."""
    for name, *setting in settings():
        for q, never in ((0.5, 0.0), (0.9, 0.0), (0.5, 0.05), (0.9, 0.05)):
            truth = exp(1.5 * NormalDist().inv_cdf(q / (1 - never)))
            column = f"p{q * 100:.0f}" + (f", {never:.0%} open".replace("%", " %") * bool(never))
            yield _waiting(name, column, q, truth, never, tuple(setting), skewed)
        for q in (0.5, 0.9):
            yield _waiting(name, f"p{q * 100:.0f}, two humps", q, 50, 0, tuple(setting), humped(q))


def skewed(normal: Any) -> Any:
    """Log-normal waits."""
    return np.exp(1.5 * normal)


def humped(q: float) -> Shape:
    """One hour for a share of q, answered today; a hundred for the others."""
    return lambda normal: np.where(normal <= NormalDist().inv_cdf(q), 1.0, 100.0)


def _waiting(
    row: str, column: str, q: float, truth: float, never: float, setting: Any, shape: Shape
) -> Case:
    customers, each, like, uneven = setting

    def draw(rng: Rng) -> Estimate:
        sizes = rng.geometric(1 / each, customers) if uneven else np.full(customers, each)
        whose = np.repeat(np.arange(customers), sizes)
        own = rng.standard_normal(customers)[whose] * sqrt(like)
        hours = shape(own + rng.standard_normal(len(whose)) * sqrt(1 - like))
        return quantile(hours, rng.random(len(whose)) < never, whose, q)

    metric = a_metric("quantile", "hours", better="lower", q=q)
    return Case(row, column, metric, customers, truth, draw)


def quantile(hours: Any, is_open: Any, whose: Any, q: float, so_far: float = 500.0) -> Estimate:
    """As `measuring.aggregate.quantiles` does it in an engine, see test_aggregate.py."""
    now = np.sort(np.where(is_open, so_far, hours))
    ever = np.sort(np.where(is_open, inf, hours))
    n, centre = len(now), now[int(np.ceil(len(now) * q - 1e-9)) - 1]
    own = np.bincount(whose, np.where(is_open, so_far, hours) <= centre)
    told = replace(sums(own, np.bincount(whose).astype(float)), open=int(is_open.sum()))
    low, high = order_ranks(n, q, LEVEL, share_n(told))
    upper = inf if high is None else float(ever[high - 1])
    return Estimate(
        float(centre),
        None if low is None else float(now[low - 1]),
        None if upper == inf else upper,
        n,
        told.customers,
        sums=told,
    )


def stays() -> Iterator[Case]:
    """Customers lost at a constant rate, of whom a part is watched for less than the horizon."""
    metric = a_metric("survival", horizon=12)
    for customers in (10, 12, 20, 30, 100, 500):
        for censored in (False, True):
            for rate in (0.5, 0.8, 0.9, 0.98):
                row = f"{customers:,} customers" + (", half watched for less" * censored)
                draw = _leaving(customers, rate, censored)
                column = f"{rate:.0%} stay".replace("%", " %")
                yield Case(row, column, metric, customers, rate, draw)


def _leaving(customers: int, rate: float, censored: bool) -> Draw:
    def draw(rng: Rng) -> Estimate:
        life = rng.exponential(-12 / log(rate), customers)
        seen = rng.uniform(0, 24, customers) if censored else np.full(customers, 24.0)
        last, lost = np.minimum(life, seen), life <= seen
        events = [(0.0, customers, 0, 0)]
        events += [(float(t), 0, 1, int(gone)) for t, gone in zip(last, lost, strict=True)]
        found = survival_at(events, 12)
        return Estimate(
            found.value, found.low, found.high, customers, customers, None, found.at_risk
        )

    return draw


@dataclass(frozen=True)
class Table:
    """What one table of the page measures, by what method and whose."""

    title: str
    method: str
    cases: Callable[[], Iterator[Case]]


TABLES = (
    Table(
        "Shares",
        "`proportion`: Clopper and Pearson (1934) on the effective number of answers: Kish's (1965)"
        " design effect with degrees of freedom by Korn and Graubard (1998), after the answers of "
        "two customers, half alike (0.5), are added to what the data say of that effect.",
        shares,
    ),
    Table(
        "Net Promoter Score",
        "`nps`: an answer is 0, ½ or 1 of the way from −100 to 100; the same interval on as many "
        "yes-or-no answers as vary as much. Columns: promoters/passives/detractors in %.",
        scores,
    ),
    Table(
        "Means on a scale",
        "`mean` with a `scale`: an answer is a part of the scale; the same interval. Here 1 to 5.",
        means,
    ),
    Table(
        "Answers with weights",
        "The same on as many answers as Kish counts, (Σ weight)² ÷ Σ weight², whatever the weights "
        "of other tiers. Rows: customers, answers of each, weights.",
        weighed,
    ),
    Table(
        "Several periods together",
        "A month that is undecided for the third time, and three months of the same customers: "
        "the interval over them is one of 97 %, so that both looks together are wrong as seldom "
        "as one. The errors are those of either.",
        together,
    ),
    Table(
        "Shares of amounts",
        '`ratio` with the unit "share", such as revenue kept: the same interval on Kish\'s number '
        "(Σ amount)² ÷ Σ amount² at most. Customers' amounts are log-normal with that spread.",
        kept_revenue,
    ),
    Table(
        "Waiting times",
        "`quantile`: whole ranks of the sorted waits by the binomial distribution of the effective "
        "number (Hahn and Meeker 1991), spread outwards. Waits that are not over count as over now "
        "towards the lower end, and as endless towards the upper one. Waits are log-normal (1.5), "
        "or of two humps: one hour, and a hundred for as many as the quantile leaves, so that the "
        "limit lies just above the first. Here less is better.",
        waits,
    ),
    Table(
        "Survival",
        "`survival`: Kaplan and Meier (1958); Clopper and Pearson on as many customers as have "
        "Greenwood's variance (Cutler and Ederer 1958).",
        stays,
    ),
)


def page(repeats: int) -> Iterator[str]:
    """The lines of docs/evidence.md."""
    yield (Path(__file__).parent / "evidence_head.md").read_text(encoding="utf-8").rstrip()
    worst: list[tuple[str, Case, Found]] = []
    for table in TABLES:
        yield f"\n## {table.title}\n\n{table.method}\n"
        cases = list(table.cases())
        columns = list(dict.fromkeys(case.column for case in cases))
        yield f"| | {' | '.join(columns)} |"
        yield f"|---|{'---|' * len(columns)}"
        by_row: dict[str, list[Found]] = {}
        for case in cases:
            found = measure(case, repeats)
            worst.append((table.title, case, found))
            by_row.setdefault(case.row, []).append(found)
        for row, several in by_row.items():
            yield f"| {row} | {' | '.join(f.said for f in several)} |"
    yield "\n## The worst of all\n"
    yield "| | coverage, 10 customers or more | fewer | delivered | not delivered |"
    yield "|---|---|---|---|---|"
    for table in TABLES:
        own = [(c, f) for title, c, f in worst if title == table.title]
        many = [f.coverage for c, f in own if c.customers >= 10 and f.printed]
        few = [f.coverage for c, f in own if c.customers < 10 and f.printed]
        ends = [f"{min(known):.1%}" if known else "–" for known in (many, few)]
        errors = [f"{max(getattr(f, e) for _, f in own):.1%}" for e in ("delivered", "missed")]
        yield f"| {table.title} | {' | '.join(ends + errors)} |"
    noise = 200 * sqrt(0.05 * 0.95 / repeats)
    yield (
        f"\n{repeats:,} invented tiers for each figure, so that 5 % is measured to ±{noise:.1f} "
        f"points; of the {len(worst)} cases the worst is off by more."
    )


if __name__ == "__main__":
    lines = list(page(int(sys.argv[2]) if len(sys.argv) > 2 else FULL))
    sys.stdout.write("\n".join(lines) + "\n")
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text("\n".join(lines) + "\n", encoding="utf-8")
