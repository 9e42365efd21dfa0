"""Facts: whose rows they are, what is known when, in which money, and who is here."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sample_facts import CUSTOMERS, TRANSACTIONS, as_parquet, opened, reading, rows, written

from scorecard.errors import EngineError, FactsError
from scorecard.facts.contracts import Source
from scorecard.facts.engine import answer
from scorecard.facts.tables import Facts

CDNOW = Path(__file__).parent / "data" / "cdnow"


def test_the_published_figures_of_cdnow_are_reproduced():
    sources = [
        Source(
            "customers",
            "select customer_id, min(purchased_on) acquired_on from 'cdnow_master.parquet' "
            "group by customer_id",
            is_sql=True,
        ),
        Source(
            "transactions",
            "cdnow_master.parquet",
            (("event_on", "purchased_on"), ("net_amount", "dollars"), ("qty", "cds")),
        ),
    ]
    facts, findings = Facts.open("duckdb://", sources, CDNOW, reading("USD", "America/New_York"))
    assert findings == []
    t = facts.transactions
    assert rows(facts, t.agg(rows=t.count(), dollars=t.net_amount.sum())) == [
        (69_659, Decimal("2500315.6300"))
    ]
    quarters = t.group_by(quarter=t.event_on.truncate("Q")).agg(
        dollars=t.net_amount.sum(), customers=t.customer_id.nunique()
    )
    assert [(float(d), c) for _q, d, c in rows(facts, quarters)] == [
        (1_071_805.47, 23_570),
        (359_153.66, 5_376),
        (292_395.37, 4_263),
        (300_806.76, 4_221),
        (262_823.89, 3_817),
        (213_330.48, 3_317),
    ]


# what is there


def test_missing_says_which_tables_and_columns_are_not_mapped(tmp_path):
    facts = opened(tmp_path, transactions=TRANSACTIONS)
    assert facts.missing(["customers", "surveys", "transactions.stream"]) == (
        "surveys, transactions.stream"
    )
    assert facts.has("transactions.net_amount")
    assert not facts.has("customers.closed_on")


def test_a_table_that_is_not_mapped_says_where_to_map_it(tmp_path):
    facts = opened(tmp_path)
    with pytest.raises(FactsError, match=r"facts\.surveys: not mapped; add it under"):
        _ = facts.surveys


def test_a_table_that_does_not_exist_suggests_the_nearest(tmp_path):
    with pytest.raises(AttributeError, match='Did you mean "surveys"'):
        _ = opened(tmp_path).survey


def test_columns_that_are_not_mapped_are_empty(tmp_path):
    facts = opened(tmp_path)
    assert rows(facts, facts.customers, "customer_id", "closed_on") == [
        ("anna", None),
        ("ben", None),
    ]


# what is known


def test_rows_loaded_after_the_moment_are_not_there(tmp_path):
    """As of 12:00 UTC; the company's clock in London shows the same in November."""
    facts = opened(
        tmp_path,
        transactions="""
            txn_id,customer_id,event_on,net_amount,loaded_at
            early,anna,2026-10-01,1,2026-11-15 11:59:59
            at,anna,2026-10-01,1,2026-11-15 12:00:00
            late,anna,2026-10-01,1,2026-11-15 12:00:01
            always,anna,2026-10-01,1,
        """,
    )
    assert rows(facts, facts.transactions, "txn_id") == [("always",), ("at",), ("early",)]


def test_newest_is_the_companys_day_of_the_last_row_before_a_day(tmp_path):
    """23:30 UTC on 30 June is 1 July in London."""
    facts = opened(
        tmp_path,
        interactions="""
            customer_id,opened_at
            anna,2026-06-29T10:00:00Z
            anna,2026-06-30T23:30:00Z
        """,
        transactions="customer_id,event_on,net_amount",
    )
    assert facts.newest("interactions", date(2026, 8, 1)) == date(2026, 7, 1)
    assert facts.newest("interactions", date(2026, 7, 1)) == date(2026, 6, 29)
    assert facts.newest("interactions", date(2026, 6, 29)) is None
    assert facts.newest("transactions", date(2026, 8, 1)) is None
    assert facts.newest("customers", date(2026, 8, 1)) is None


# who decides


FAMILY = """
    customer_id,parent_id,acquired_on
    group,,2024-01-01
    division,group,2024-01-01
    plant,division,2024-01-01
    alone,alone,2024-01-01
    lost_child,nowhere,2024-01-01
"""


def test_rows_of_children_belong_to_whoever_decides_at_the_top(tmp_path):
    facts = opened(
        tmp_path,
        customers=FAMILY,
        transactions="""
            customer_id,event_on,net_amount
            group,2026-10-01,1
            division,2026-10-01,2
            plant,2026-10-01,4
            alone,2026-10-01,8
            lost_child,2026-10-01,16
            stranger,2026-10-01,32
            ,2026-10-01,64
        """,
    )
    assert rows(facts, facts.customers, "customer_id") == [("alone",), ("group",), ("lost_child",)]
    t = facts.transactions
    sums = t.group_by("customer_id").agg(amount=t.net_amount.sum())
    assert rows(facts, sums) == [
        ("alone", 8),
        ("group", 7),
        ("lost_child", 16),
        ("stranger", 32),
        (None, 64),
    ]


def test_what_is_kept_on_the_way_can_be_looked_up(tmp_path):
    facts = opened(tmp_path, customers=FAMILY, transactions=TRANSACTIONS)
    table = facts.transactions
    assert table.op().name == "scorecard_transactions"
    definition = facts.definitions({})[table.op().name]
    assert definition.reads >= {"scorecard_family"}
    assert facts.definitions({}).keys() >= {"scorecard_family"}
    facts.answer(facts.family())
    assert set(answer(facts.con, definition.text)[0]) == set(table.columns)


# in which money


RATES = """
    date,from,to,rate
    2026-08-01,USD,EUR,0.80
    2026-09-01,USD,EUR,0.90
    2026-09-01,EUR,USD,1.11
    2026-09-01,USD,GBP,0.70
"""


def test_amounts_are_converted_at_the_rate_of_their_day(tmp_path):
    """A rate holds until the next, and 35 days at most: that of 1 September to 5 October."""
    facts = opened(
        tmp_path,
        fx=RATES,
        transactions="""
            txn_id,customer_id,event_on,net_amount,currency
            a before any,anna,2026-07-31,100,USD
            b first day,anna,2026-08-01,100,USD
            c last day,anna,2026-08-31,100,USD
            d next rate,anna,2026-09-01,100,USD
            e 35th day,anna,2026-10-05,100,USD
            f 36th day,anna,2026-10-06,100,USD
            g own,anna,2026-10-06,100,EUR
            h no currency,anna,2026-10-06,100,
            i no rate,anna,2026-09-01,100,CHF
        """,
    )
    amounts = dict(rows(facts, facts.transactions, "txn_id", "net_amount"))
    assert {name[0]: amount for name, amount in amounts.items()} == {
        "a": None,
        "b": 80,
        "c": 80,
        "d": 90,
        "e": 90,
        "f": None,
        "g": 100,
        "h": 100,
        "i": None,
    }


def test_foreign_amounts_without_any_rates_are_empty_and_never_themselves(tmp_path):
    facts = opened(
        tmp_path,
        transactions="""
            txn_id,customer_id,event_on,net_amount,currency
            a,anna,2026-10-01,100,USD
            b,anna,2026-10-01,100,EUR
        """,
    )
    assert rows(facts, facts.transactions, "txn_id", "net_amount") == [("a", None), ("b", 100)]


def test_conversion_is_exact_to_four_decimals(tmp_path):
    """33.33 × 0.0000543 = 0.001809819; a binary product would end elsewhere for large amounts."""
    facts = opened(
        tmp_path,
        fx="date,from,to,rate\n2026-10-01,IDR,EUR,0.0000543\n",
        transactions="""
            txn_id,customer_id,event_on,net_amount,currency
            a,anna,2026-10-01,33.33,IDR
            b,anna,2026-10-01,12345678901.25,IDR
        """,
    )
    assert rows(facts, facts.transactions, "txn_id", "net_amount") == [
        ("a", Decimal("0.0018")),
        ("b", Decimal("670370.3643")),
    ]


CONTRACTS = """
    contract_id,customer_id,start_on,end_on,recurring_amount,billing_period,currency
    c1,anna,2025-01-01,,100,month,EUR
    c2,anna,2025-01-01,,1200,year,USD
    c3,ben,2025-01-01,2026-09-10,300,quarter,EUR
    c4,zero,2025-01-01,,0,month,EUR
    c5,odd,2025-01-01,,100,fortnight,EUR
    c6,cat,2025-01-01,,50,,
"""


def test_recurring_amounts_are_monthly_at_the_rates_of_the_day_that_is_asked_for(tmp_path):
    """1,200 dollars a year are 100 a month: 80 euros at the August rate, 90 at September's.

    An unknown billing period is not taken for a month.
    """
    facts = opened(tmp_path, fx=RATES, contracts=CONTRACTS)
    day = date(2026, 9, 5)
    august = rows(facts, facts.recurring(day, rates_of=date(2026, 8, 15)), "customer_id", "amount")
    assert august == [("anna", 180), ("ben", 100), ("cat", 50)]
    september = rows(facts, facts.recurring(day, rates_of=day), "customer_id", "amount")
    assert september == [("anna", 190), ("ben", 100), ("cat", 50)]


def test_constant_currency_keeps_rates_out_of_a_comparison(tmp_path):
    facts = opened(tmp_path, fx=RATES, contracts=CONTRACTS)
    opening = date(2026, 8, 15)
    start = rows(facts, facts.recurring(opening, rates_of=opening))
    end = rows(facts, facts.recurring(date(2026, 9, 5), rates_of=opening))
    assert start == end


# who is here


@pytest.mark.parametrize(
    ("day", "here"),
    [
        (date(2024, 1, 10), []),  # begins on the day: not yet there as the day begins
        (date(2024, 1, 11), ["anna"]),
        (date(2025, 3, 1), ["anna"]),  # ends on the day: still there as it begins
        (date(2025, 3, 2), []),
    ],
)
def test_whoever_ends_on_a_day_is_still_here_as_it_begins(tmp_path, day, here):
    customers = "customer_id,acquired_on,closed_on\nanna,2024-01-10,2025-03-01\n"
    facts = opened(tmp_path, customers=customers)
    assert rows(facts, facts.active(day)) == [(c,) for c in here]
    contracts = (
        "customer_id,start_on,end_on,recurring_amount\nanna,2024-01-10,2025-03-01,5\n"
        "anna,2024-01-10,2025-03-01,7\n"
    )
    by_contract = opened(
        tmp_path, customers="customer_id,acquired_on\nanna,2020-01-01\n", contracts=contracts
    )
    assert rows(by_contract, by_contract.active(day)) == [(c,) for c in here]
    paying = by_contract.recurring(day, rates_of=day)
    assert rows(by_contract, paying, "customer_id", "amount") == [(c, 12) for c in here]


def test_the_moment_up_to_which_facts_are_known_is_in_utc(tmp_path):
    facts = opened(tmp_path, reading(as_of=datetime(2026, 7, 1, 12, tzinfo=UTC)))
    assert facts.known_until.isoformat() == "2026-07-01T12:00:00"


def test_a_shared_table_is_computed_once_per_key(tmp_path):
    facts = opened(tmp_path)
    asked = []

    def build():
        asked.append(1)
        return facts.customers.select("customer_id")

    first, again = facts.shared(("a",), build), facts.shared(("a",), build)
    assert (len(asked), first is again) == (1, True)
    facts.shared(("b",), build)
    assert len(asked) == 2


def test_a_file_that_is_gone_when_it_is_read_is_said_in_one_sentence(tmp_path):
    sources = written(tmp_path, customers=CUSTOMERS, transactions=TRANSACTIONS)
    as_parquet(tmp_path / "transactions.csv")
    sources[1] = replace(sources[1], of="transactions.parquet")
    facts, _findings = Facts.open("duckdb://", sources, tmp_path, reading())
    (tmp_path / "transactions.parquet").unlink()
    with pytest.raises(EngineError, match=r"No files found .*see that it runs, that its files"):
        facts.answer(facts.transactions)
