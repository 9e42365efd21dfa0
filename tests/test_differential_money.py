"""Every metric of money, retention, losses and orders against plain Python, over random companies.

Many small companies are laid side by side, each in a tier of its own, so that one statement
measures them all; beside them stands "all", the company that they make together, and what is
nobody's. Each batch counts money in another way.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from cast import METRICS, ZONE, written
from plain_money import Company, Ways, later
from sample_engines import address_of, as_text
from sizes import sizes

from scorecard.base.periods import Period
from scorecard.facts.contracts import Source
from scorecard.facts.tables import Facts, FactsOptions
from scorecard.facts.values import Zones
from scorecard.measuring.measure import Measuring
from scorecard.strategy.model import Tier, TierPlan
from scorecard.tiers.assignment import Tiers

EARNED = (
    *("customer_margin", "customer_revenue", "cost_to_acquire", "cost_to_serve", "margin_rate"),
    *("negative_margin_share", "whale_peak", "failure_service_ratio", "margin_knowledge"),
)
KEPT = ("logo_retention", "gross_revenue_retention", "net_revenue_retention")
LOST = ("churn_rate", "losses_explained")
BOUGHT = ("repeat_purchase", "average_order_value", "purchase_frequency")
SURVIVED = {"survival_12": 12, "survival_24": 24}
FIRST = date(2024, 1, 1)
PERIODS = ("2025", "2025-Q3", "2025-07", "2025-02")
WAYS = (
    Ways(),
    Ways(credits="sale", acquisition="period", acquisition_by="channel"),
    Ways(acquisition="lifetime", acquisition_by="revenue", costless=True),
    Ways(revenue="invoiced", credits="sale", months=7, grace=20),
)
COLUMNS = {
    "customers": "customer_id acquired_on closed_on closed_reason channel tier",
    "contracts": "contract_id customer_id start_on end_on recurring_amount billing_period reason",
    "transactions": "txn_id customer_id event_on net_amount kind original_txn_id order_id "
    "contract_id service_from service_to",
    "costs": "cost_id event_on amount category customer_id driver channel",
    "drivers": "driver_id driver customer_id date qty",
}


def companies(chance: random.Random, count: int, ways: Ways) -> Company:
    """So many companies, each of a few customers, in tiers named t0, t1, …"""
    rows: dict[str, list[dict[str, object]]] = {table: [] for table in COLUMNS}
    for n in range(count):
        one_company(chance, n, rows)
    return Company(**rows, ways=ways)  # type: ignore[arg-type]


def one_company(chance, n, rows):
    def day(first=FIRST, days=730):
        return first + timedelta(chance.randrange(days))

    def maybe(value, often=0.5):
        return value if chance.random() < often else None

    def amount(low, high):
        return Fraction(chance.randint(low * 4, high * 4), 4)

    everybody = [f"c{n}.{i}" for i in range(chance.randint(1, 4))]
    for who in everybody:
        came = day()
        rows["customers"].append(
            {
                "customer_id": who,
                "acquired_on": came,
                "closed_on": maybe(came + timedelta(chance.randrange(600)), 0.4),
                "closed_reason": maybe("price", 0.3),
                "channel": maybe(chance.choice(["web", "fair"]), 0.8),
                "tier": f"t{n}",
            }
        )
        start = came + timedelta(chance.choice([0, 0, 30, 200]))
        for k in range(chance.choice([0, 0, 1, 1, 2, 3])):
            end = maybe(start + timedelta(chance.choice([30, 89, 180, 364, 365])), 0.7)
            number = f"k{who}.{chance.choice([0, k])}"  # of a renewal sometimes that of the first
            rows["contracts"].append(
                {
                    "contract_id": number,
                    "customer_id": who,
                    "start_on": start,
                    "end_on": end,
                    "recurring_amount": Fraction(chance.choice([0, 60, 120, 240, 960])),
                    "billing_period": chance.choice([None, "month", "quarter", "year"]),
                    "reason": maybe("moved", 0.3),
                }
            )
            start = (end or start) + timedelta(chance.choice([1, 1, 15, 60, 150]))
            start -= timedelta(chance.choice([0, 0, 0, 20])) if end else timedelta()
    payers = [*everybody, None, f"ghost{n}"]
    weights = [6] * len(everybody) + [1, 1]
    bills = [k["contract_id"] for k in rows["contracts"] if k["customer_id"] in everybody]
    for i in range(chance.randint(0, 9)):
        booked, number = day(), f"x{n}.{i}"
        back = chance.random() < 0.25
        begun = maybe(booked + timedelta(chance.randint(-40, 40)), 0.3)
        rows["transactions"].append(
            {
                "txn_id": number,
                "customer_id": chance.choices(payers, weights)[0],
                "event_on": booked,
                "net_amount": -amount(1, 90)
                if back
                else chance.choice([0, 1, 1, 1]) * amount(1, 900),
                "kind": chance.choice([None, "credit", "refund"] if back else [None, "sale"]),
                "original_txn_id": maybe(f"x{n}.{chance.randrange(10)}", 0.8) if back else None,
                "order_id": maybe(f"o{n}.{chance.randrange(3)}", 0.4),
                "contract_id": chance.choice(bills) if bills and chance.random() < 0.4 else None,
                "service_from": begun,
                "service_to": begun and begun + timedelta(chance.choice([-1, 0, 29, 90, 364])),
            }
        )
    ours = [k for k in rows["contracts"] if k["customer_id"] in everybody]
    for i, k in enumerate(chance.sample(ours, min(2, len(ours)))):
        billed_in_turn(chance, f"y{n}.{i}", k, rows["transactions"])
    for i in range(chance.randint(0, 8)):
        category = chance.choice(["deliver", "support", "service", "acquire", "unused"])
        rows["costs"].append(
            {
                "cost_id": f"{n}.{i}",
                "event_on": day(),
                "amount": amount(-5, 200),
                "category": category,
                "customer_id": chance.choice([*everybody, None, None]),
                "driver": maybe(f"d{n}", 0.8),
                "channel": maybe(chance.choice(["web", "radio"])),
            }
        )
    for i in range(chance.randint(0, 8)):
        rows["drivers"].append(
            {
                "driver_id": f"{n}.{i}",
                "driver": f"d{n}",
                "customer_id": chance.choice(everybody),
                "date": day(),
                "qty": Fraction(chance.randint(0, 6)),
            }
        )


def billed_in_turn(chance, number, contract, transactions):
    """A contract's invoices, each some days before or after its period begins, with a discount now
    and then, and a credit some time after the last."""
    months = {None: 1, "month": 1, "quarter": 3, "year": 12}[contract["billing_period"]]
    shift = chance.choice([-95, -60, -20, -5, 0, 0, 3, 200])
    price = contract["recurring_amount"] or Fraction(40)
    part = chance.choice([Fraction(1), Fraction(1, 2), Fraction(3, 4)])
    row = dict.fromkeys(COLUMNS["transactions"].split())
    row |= {"customer_id": contract["customer_id"], "contract_id": contract["contract_id"]}
    for turn in range(chance.randint(1, 4)):
        booked = later(contract["start_on"], turn * months) + timedelta(shift)
        if booked > date(2026, 12, 31):
            break
        order = f"{number}.{turn}"
        row |= {"event_on": booked, "order_id": order}
        sold = {"txn_id": order, "net_amount": price * part, "kind": chance.choice(["sale", None])}
        transactions.append(row | sold)
        if chance.random() < 0.4:
            less = {"net_amount": -Fraction(15), "kind": chance.choice(["sale", "sale", None])}
            less["contract_id"] = chance.choice([None, contract["contract_id"]])
            less["event_on"] = booked + timedelta(chance.choice([0, 0, 0, 3]))
            transactions.append(row | less | {"txn_id": f"{order}d"})
    if chance.random() < 0.6:
        later_on = min(booked + timedelta(chance.choice([5, 100, 400])), date(2027, 6, 1))
        back = {"event_on": later_on, "order_id": None}
        back |= {"original_txn_id": chance.choice([None, f"{number}.0"]), "kind": "credit"}
        back["contract_id"] = chance.choice([None, contract["contract_id"]])
        back["net_amount"] = -price / 4
        transactions.append(row | back | {"txn_id": f"{number}c"})


def measuring_of(folder, company: Company, period: Period, count: int, url: str) -> Measuring:
    ways = company.ways
    options = FactsOptions(
        "EUR",
        Zones(ZONE, "UTC"),
        datetime(2027, 6, 15, tzinfo=UTC),
        ways.acquisition,
        ways.months,
        renewal_grace=ways.grace,
        revenue=ways.revenue,
        credits=ways.credits,
        acquisition_by=ways.acquisition_by,
        costless=ways.costless,
    )
    sources = []
    for name, columns in COLUMNS.items():
        lines = [_line(row, columns.split()) for row in getattr(company, name)]
        file = folder / written(folder, name, "\n".join([columns, *lines]))
        if url.startswith("postgres"):
            as_text(url, file)
        sources.append(Source(name, name if url.startswith("postgres") else file.name))
    facts, findings = Facts.open(url, sources, folder, options)
    assert findings == []
    tiers = tuple(Tier(f"t{n}", f"Company {n}") for n in range(count))
    plan = TierPlan("declared", tiers, since=period.key)
    measuring = Measuring(facts, Tiers(facts, plan, folder / "tiers"))
    list(measuring.tiers.freeze(period))
    return measuring


def _line(row, columns):
    return " ".join("-" if row[c] is None else _text(row[c]) for c in columns)


def _text(value):
    return str(float(value)) if isinstance(value, Fraction) else str(value)


@pytest.mark.parametrize("count", sizes(100, 300))
@pytest.mark.parametrize("batch", range(len(WAYS)))
def test_every_figure_is_that_of_plain_python(tmp_path, batch, count):
    """400 companies in an ordinary test, in four ways of counting, and 2,000 as a proof."""
    assert disagreements(tmp_path, batch, count, "duckdb://") == []


@pytest.mark.parametrize("batch", [1, 2])
def test_postgresql_says_the_same(tmp_path, batch):
    with address_of("postgres", tmp_path) as url:
        assert disagreements(tmp_path, batch, 20, url) == []


def disagreements(folder, batch, count, url):
    """The figures of a batch that are not those of plain Python: metric, tier, ours, theirs."""
    period = Period.parse(PERIODS[batch], ZONE)
    company = companies(random.Random(100 * batch + count), count, WAYS[batch])
    measuring = measuring_of(folder, company, period, count, url)
    names = [*EARNED, *KEPT, *LOST, *BOUGHT, *SURVIVED]
    ours = measuring.estimates([METRICS[name] for name in names], period)
    wrong, compared = [], 0
    for tier in (*(f"t{n}" for n in range(count)), "lost", "unattributed", "all"):
        for name, theirs in expected(company, period, tier).items():
            found = ours[name].get(tier)
            compared += 1
            if differs(found, *theirs, total=METRICS[name].kind == "total"):
                wrong.append((name, tier, found, theirs))
    measuring.facts.close()
    assert compared > 10 * count
    return wrong


def expected(company, period, tier):
    """Value (of totals the sum) and number of observations by metric, where plain Python tells."""
    first, after = period.first, period.after
    found = company.earned(first, after, tier)
    if tier in ("lost", "unattributed"):  # closed cohorts are of those here at the opening
        return found
    kept = company.kept(first, after, tier)
    found |= {name: kept[name] for name in LOST}
    if period.kind == "year":
        found |= {name: kept[name] for name in KEPT}
    if tier == "all":
        opening = later(after, -12)
        found |= {name: company.kept(opening, after, tier)[name] for name in KEPT}
        found |= company.bought(period.previous().first, first, after)
        for name, months in SURVIVED.items():
            found[name] = (company.survival(after, months), None)
    return found


def differs(found, value, n, total):
    if found is None or not found.n:
        return bool(n) or (n is None and value is not None)
    ours = found.total if total else found.value
    if n is not None and found.n != n:
        return True
    if value is None or ours is None:
        return value is not ours
    return abs(ours - float(value)) > 1e-4 * max(1.0, abs(float(value)))
