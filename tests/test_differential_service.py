"""Every metric of service and experience against plain Python, over random small companies.

One connection serves them all. Twenty are drawn together, each a tier of its own, so that each has
figures of its own and all together have one more.
"""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date, datetime

import pytest
from cast import METRICS, frozen
from oracles import km_quantile
from plain_service import figures, survival
from random_service import NOW, TIERS, TOGETHER, companies
from sizes import sizes

from scorecard.base.periods import Period
from scorecard.facts.binding import bind
from scorecard.facts.contracts import CONTRACTS, Source
from scorecard.facts.engine import EngineOptions, connect
from scorecard.facts.opening_hours import OpeningHours, ServiceHours
from scorecard.facts.tables import Facts, FactsOptions
from scorecard.facts.values import Zones
from scorecard.measuring.measure import Measuring
from scorecard.measuring.observe import set_apart
from scorecard.strategy.model import Tier, TierPlan
from scorecard.tiers.assignment import Tiers

MARCH = Period.parse("2026-03", "Europe/London")
TABLES = ("customers", "interactions", "surveys", "promises")
TYPES = {"string": "varchar", "float64": "double"}
DESK = OpeningHours(
    "Europe/London", (((540, 1050),),) * 5 + ((), ()), frozenset({date(2026, 3, 17)})
)
NIGHT = OpeningHours("America/New_York", (((1320, 1830),),) * 7)
HOURS = ServiceHours(DESK, (("night", NIGHT),))
FAMILIES = ("service", "experience")
NAMES = [name for name, m in METRICS.items() if m.family in FAMILIES]


class Engine:
    """One engine whose tables hold one company after another."""

    def __init__(self, folder):
        self.con = connect("duckdb://", folder, EngineOptions(threads=1))
        drawn = companies(0)
        self.columns = {table: list(rows[0]) for table, rows in drawn.items()}
        for table, columns in self.columns.items():
            contract = CONTRACTS[table]
            typed = (f"{c} {TYPES.get(t, t)}" for c in columns for t in [contract.column(c).type])
            self.con.raw_sql(f"CREATE TABLE own_{table} ({', '.join(typed)})")
        bound = [bind(self.con, Source(t, f"own_{t}"), folder) for t in TABLES]
        options = FactsOptions("EUR", Zones("Europe/London", "UTC"), NOW, service_hours=HOURS)
        self.facts = Facts(self.con, bound, options, folder)
        tiers = tuple(Tier(name, name) for name in dict.fromkeys(TIERS.values()))
        plan = TierPlan("declared", tiers, since="2026-03")
        frozen(folder, "2026-03", TIERS)
        self.measuring = Measuring(self.facts, Tiers(self.facts, plan, folder / "tiers"))

    def let_in(self, drawn):
        """Let this company's rows be the facts."""
        for table, columns in self.columns.items():
            self.con.raw_sql(f"DELETE FROM own_{table}")
            rows = [[_plain(row[c]) for c in columns] for row in drawn[table]]
            if rows:
                marks = ", ".join("?" for _ in columns)
                self.con.con.executemany(f"INSERT INTO own_{table} VALUES ({marks})", rows)
        self.facts.hold()


def _plain(value):
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    made = Engine(tmp_path_factory.mktemp("companies"))
    yield made
    made.facts.close()


def served(team, start, end):
    """Hours of service of a team between two moments."""
    hours = NIGHT if team == "night" else DESK
    spans = SPANS.setdefault(hours.zone, list(hours.spans(date(2026, 2, 20), date(2026, 6, 20))))
    from_, to = start.timestamp(), end.timestamp()
    return sum(max(0, min(to, shuts) - max(from_, opens)) for opens, shuts in spans) / 3600


SPANS: dict = {}


def by_tier(rows):
    """The rows of each tier and state, and of all."""
    found = defaultdict(list)
    for row in rows:
        found[TIERS.get(row[0], "unattributed")].append(row)
        found["all"].append(row)
    return found


def near(name, value):
    """About that value: weights count with six decimals, and a score is two hundred points wide."""
    least = 1e-4 if METRICS[name].kind == "nps" else 1e-6
    return None if value is None else pytest.approx(value, 1e-5, least)


def expected_of(name, rows):
    """The value of a metric's observations."""
    metric = METRICS[name]
    if metric.kind == "quantile":
        waits = [(round(num, 9), int(not open_), int(open_)) for _, num, open_ in rows]
        if any(open_ for *_, open_ in rows):
            reached = km_quantile(waits, metric.q).value
            if reached is not None:
                return reached
        # Where too many are open it is at least the wait at its rank so far.
        return sorted(w for w, *_ in waits)[max(math.ceil(len(waits) * metric.q - 1e-9), 1) - 1]
    num, den = sum(r[1] for r in rows), sum(r[2] for r in rows)
    return (100 if metric.kind == "nps" else 1) * num / den


def clustered(rows):
    """Customers, rows of nobody, and the sums of squares over both: each customer's own sums are
    squared, and each row of nobody by itself."""
    own, single = defaultdict(lambda: [0.0, 0.0]), []
    for who, num, den in rows:
        if who is None:
            single.append((num, den))
        else:
            own[who][0] += num
            own[who][1] += den
    units = [*own.values(), *single]
    found = {"customers": len(own), "nameless": len(single)}
    found |= {"nn": sum(n * n for n, _ in units), "dd": sum(d * d for _, d in units)}
    return found | {"nd": sum(n * d for n, d in units)}


def far(sums, expected):
    return {k: v for k, v in expected.items() if getattr(sums, k) != pytest.approx(v, 1e-4, 1e-4)}


@pytest.mark.parametrize("count", sizes(200, 2_000))
def test_every_figure_is_that_of_plain_python(engine, count):
    compared = 0
    for seed in range(count // TOGETHER):
        drawn = companies(seed)
        engine.let_in(drawn)
        plain = figures(drawn, served)
        measured = engine.measuring.estimates([METRICS[name] for name in NAMES], MARCH)
        for name in NAMES:
            wanted = {
                t: (expected_of(name, r), len(r)) for t, r in by_tier(plain[name].rows).items()
            }
            found = {t: (e.value, e.n) for t, e in measured.get(name, {}).items() if e.n}
            assert found.keys() == wanted.keys(), (seed, name)
            for tier, (value, n) in wanted.items():
                assert found[tier] == (near(name, value), n), (
                    seed,
                    name,
                    tier,
                )
                compared += 1
            for tier, rows in by_tier(plain[name].rows).items():
                if METRICS[name].kind != "quantile":
                    differs = far(measured[name][tier].sums, clustered(rows))
                    assert not differs, (seed, name, tier, differs)
            apart = set_apart(METRICS[name], engine.facts, MARCH)
            assert apart == dict(plain[name].apart), (seed, name)
    assert compared > 5 * count


@pytest.mark.parametrize("count", sizes(200, 2_000))
def test_survival_of_all_is_that_of_plain_python(engine, count):
    seen = 0
    for seed in range(count // TOGETHER):
        drawn = companies(seed)
        engine.let_in(drawn)
        metrics = [METRICS["survival_12"], METRICS["survival_24"]]
        found = engine.measuring.estimates(metrics, MARCH)
        for metric in metrics:
            value = found.get(metric.name, {}).get("all")
            if value is not None and value.value is not None:
                expected = survival(drawn, metric.horizon, date(2024, 4, 1))
                assert value.value == pytest.approx(expected), (seed, metric.name)
                seen += 1
    assert seen > 3 * count // TOGETHER // 2


def test_every_metric_of_both_families_is_among_them():
    assert set(NAMES) <= figures(companies(1), served).keys()
