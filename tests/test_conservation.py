"""Everything is counted: rows, customers, observations and euros, each with its remainders."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

import pytest
from cast import MARCH, METRICS, MONEY, stage
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_company import PLAN
from sizes import sizes
from test_inspection import inspected

from scorecard.base.findings import blocking
from scorecard.base.periods import Period
from scorecard.documents import gather
from scorecard.facts.contracts import Source
from scorecard.facts.tables import Facts, FactsOptions
from scorecard.facts.values import Zones
from scorecard.measuring.conservation import Balance, RowsRead, balances, rows_read, unbalanced
from scorecard.measuring.measure import Measuring
from scorecard.tiers.assignment import Tiers

JUNE = Period.parse("2026-06", "Europe/London")


@pytest.fixture(scope="module")
def march(tmp_path_factory):
    measuring = stage(tmp_path_factory.mktemp("march"), **MONEY)
    list(measuring.tiers.freeze(MARCH.next()))
    return measuring


def all_balances(measuring, period, metrics=METRICS):
    """Every balance of a period, by what it is of."""
    results = [r for m in measuring.results_of(list(metrics.values()), period).values() for r in m]
    earned, _curve, outside = gather.earnings_of(measuring, period)
    found = balances(
        measuring,
        metrics,
        results,
        period,
        tables=rows_read(measuring.facts, period),
        sizes=gather.sizes(measuring, period),
        earned=earned,
        outside=outside,
        flow=gather.math(measuring, period),
    )
    return {b.what: b for b in found}


def test_every_mapped_table_tells_where_its_rows_are(march):
    found = {t.table: t for t in rows_read(march.facts, MARCH)}
    assert sorted(found) == ["costs", "customers", "drivers", "fx", "transactions"]
    assert found["transactions"] == RowsRead(
        "transactions", 16, inside=13, before=2, later=1, newest=date(2026, 3, 31)
    )
    # kit's row counts under gwen, who decides for her.
    assert found["customers"] == RowsRead("customers", 13, undated=12, merged=1)
    assert found["costs"] == RowsRead(
        "costs", 24, inside=18, before=5, later=1, newest=date(2026, 3, 31)
    )
    assert all(t.balance.holds for t in found.values())


def test_rows_that_are_not_known_yet_or_lie_ahead_are_named(tmp_path):
    sales = """
    customer_id event_on   net_amount loaded_at
    pia         2026-03-02 10         2026-03-03T08:00:00Z
    pia         2026-03-03 10         2026-06-20T08:00:00Z
    pia         2026-06-30 10         2026-06-01T08:00:00Z
    gus         2026-02-01 10         -
    """
    measuring = stage(tmp_path, transactions=sales)  # as known on 15 June 2026
    found = {t.table: t for t in rows_read(measuring.facts, MARCH)}["transactions"]
    assert found == RowsRead(
        "transactions", 4, inside=1, before=1, unknown=1, ahead=1, newest=date(2026, 3, 2)
    )


def test_money_is_attributed_or_named_to_the_cent(march):
    found = all_balances(march, MARCH)
    # Of the 1,945 of March 25 are nobody's; of the 872 booked to serve 50 and 77 nobody caused.
    revenue = found["revenue"]
    assert (revenue.whole, revenue.parts["unattributed"]) == (1945, 25)
    serve = found["cost to serve"]
    assert (serve.whole, serve.parts["on no customer"]) == (872, 127)
    acquire = found["cost to acquire, of all time"]
    assert (acquire.whole, acquire.parts["on customers"]) == (3504, 3504)
    assert [b.what for b in found.values() if not b.holds] == []


@pytest.mark.parametrize("mode", ["amortised", "period", "lifetime"])
def test_money_balances_in_every_mode_of_acquisition(tmp_path, mode):
    alone = MONEY["costs"] + "25 2025-08-08 900 acquire - -\n"
    measuring = stage(tmp_path, acquisition=mode, **{**MONEY, "costs": alone})
    list(measuring.tiers.freeze(MARCH.next()))
    found = all_balances(measuring, MARCH)
    assert found["cost to acquire, of all time"].parts == {
        "on customers": Decimal(3504),
        "in months in which nobody was won": Decimal(900),
    }
    assert [b.what for b in found.values() if not b.holds] == []


def test_revenue_of_those_who_left_is_named_in_the_customer_math(tmp_path):
    """sue buys for 60 in March and leaves on the 17th; sid buys in February and March."""
    sales = """
    customer_id event_on   net_amount
    sue         2026-03-03 60
    sid         2026-02-03 30
    sid         2026-03-03 40
    -           2026-03-04 5
    """
    measuring = stage(tmp_path, transactions=sales)
    list(measuring.tiers.freeze(MARCH.next()))
    found = all_balances(measuring, MARCH)
    math = found["revenue in the customer math"]
    assert (math.whole, math.parts["silver"], math.parts["of customers who left"]) == (100, 40, 60)
    # Twelve of the cast: ten at the close (nine in tiers, uma in none), sue, and lou before her.
    who = found["customer math"]
    assert (who.whole, who.parts["of customers who left"], who.parts["lost"]) == (12, 1, 1)
    assert sum(n for part, n in who.parts.items() if part[:4] not in ("of c", "lost")) == 10
    assert [b.what for b in found.values() if not b.holds] == []


def test_observations_are_in_tiers_and_states(march):
    found = all_balances(march, MARCH)["observations of customer_margin"]
    assert found.whole == 12
    assert found.parts == {
        "platinum": 1,
        "gold": 2,
        "silver": 3,
        "bronze": 4,
        "unrated": 1,
        "unattributed": 1,
    }


def test_a_customer_that_stands_twice_in_the_tiers_breaks_the_balance_and_is_named(march):
    """As a snapshot of an early version could have it."""
    seen = march.counts([METRICS["customer_margin"]], MARCH)["customer_margin"]
    twice = Balance(
        "observations of customer_margin",
        "observations",
        Decimal(seen),
        {
            "gold": Decimal(seen),
            "bronze": Decimal(1),
        },
    )
    (finding,) = unbalanced([twice])
    assert (finding.severity, finding.id) == ("blocking", "facts.unbalanced")
    assert finding.message == (
        "observations of customer_margin: 12 were read and 13 are in figures and remainders "
        "(gold 12, bronze 1), so that -1 would be lost or counted twice."
    )


@pytest.mark.parametrize(
    ("of", "difference", "holds"),
    [
        ("rows", "0", True),
        ("rows", "1", False),
        ("observations", "-1", False),
        ("money", "0.0099", True),
        ("money", "0.01", False),
        ("money", "-0.01", False),
    ],
)
def test_counts_must_be_the_same_and_money_to_the_cent(of, difference, holds):
    balance = Balance("it", of, Decimal(10) + Decimal(difference), {"part": Decimal(10)})
    assert balance.holds == holds
    assert len(unbalanced([balance])) == (not holds)


IDS = st.sampled_from(["A1", "A2", "B1", "N/A", "", "ghost", "null", "N1"])
DAYS = st.dates(date(2026, 4, 20), date(2026, 7, 10)).map(str)
AMOUNTS = st.integers(-5000, 50000).map(lambda cents: f"{cents / 100:.2f}")
CATEGORIES = st.sampled_from(["deliver", "support", "service", "acquire", "unused"])
SCORES = st.sampled_from(["10", "9", "7", "3", "0", "99", "-1", "N/A", "NaN", "", "8.5"])


@st.composite
def exports(draw):
    """The tables of a company as people write them: placeholders, gaps, repeats, other encodings
    and delimiters."""
    customers = [
        f"{who},{tier},{came},{left}"
        for who, tier, came, left in draw(
            st.lists(
                st.tuples(
                    st.sampled_from(["A1", "A2", "B1", "N1", "N2", "Zoë"]),
                    st.sampled_from(["gold", "bronze", "", "tin", "Gold"]),
                    st.dates(date(2024, 1, 1), date(2026, 6, 30)).map(str),
                    st.sampled_from(["", "", "2026-05-31", "2026-06-30", "N/A"]),
                ),
                min_size=1,
                max_size=6,
                unique_by=lambda row: row[0],
            )
        )
    ]
    return {
        "customers": ["customer_id,tier,acquired_on,closed_on", *customers],
        "transactions": [
            "customer_id,event_on,net_amount",
            *(f"{c},{d},{a}" for c, d, a in draw(lists_of(IDS, DAYS, AMOUNTS))),
        ],
        "costs": [
            "customer_id,event_on,amount,category",
            *(f"{c},{d},{a},{k}" for c, d, a, k in draw(lists_of(IDS, DAYS, AMOUNTS, CATEGORIES))),
        ],
        "surveys": [
            "customer_id,instrument,sent_at,score",
            *(
                f"{c or 'A1'},nps,{d}T10:00:00Z,{s}"
                for c, d, s in draw(lists_of(IDS, DAYS, SCORES))
            ),
        ],
    }, draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))


def lists_of(*columns):
    return st.lists(st.tuples(*columns), min_size=1, max_size=12)


def opened_as_written(folder, tables, encoding, method):
    """What measures the tables, written as files in that encoding."""
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding)
    said = encoding if encoding == "cp1252" else ""  # the others begin with a mark of their own
    sources = [Source(name, f"{name}.csv", encoding=said) for name in tables]
    known = datetime(2026, 8, 15, 8, tzinfo=UTC)
    reading = FactsOptions("EUR", Zones(JUNE.tz, "UTC"), known)
    facts, findings = Facts.open("duckdb://", sources, folder, reading)
    assert findings == []
    return Measuring(facts, Tiers(facts, replace(PLAN, method=method), folder / "tiers"))


FIGURES = {
    name: METRICS[name] for name in ("customer_margin", "nps", "response_rate", "survival_12")
}


@pytest.mark.parametrize("examples", sizes(6, 150))
def test_whatever_is_exported_adds_up_or_is_held(tmp_path, examples):
    """Random tables; each example is laid out in a folder of its own."""
    folders = (tmp_path / str(n) for n in count())

    @settings(max_examples=examples, deadline=None)
    @given(exported=exports(), method=st.sampled_from(["declared", "rfm"]))
    def holds(exported, method):
        adds_up_or_is_held(next(folders), *exported, method)

    holds()


def adds_up_or_is_held(folder, tables, encoding, method):
    folder.mkdir()
    measuring = opened_as_written(folder, tables, encoding, method)
    if blocking(inspected(measuring.facts, JUNE)):
        return  # held, with a sentence for each
    list(measuring.tiers.freeze(JUNE.next()))
    found = all_balances(measuring, JUNE, FIGURES)
    assert [(b.what, b.whole, b.parts) for b in found.values() if not b.holds] == []
    # The wholes themselves, counted here and not by the product.
    for name, lines in tables.items():
        assert found[f"rows of {name}"].whole == len(lines) - 1
    inside = [line.split(",") for line in tables["transactions"][1:]]
    june = sum(Decimal(a) for _c, d, a in inside if d.startswith("2026-06"))
    assert ("revenue" in found) == any(d.startswith("2026-06") for _c, d, _a in inside)
    assert "revenue" not in found or found["revenue"].whole == june
