"""Inspection: everything that is wrong with the facts is found at once, and said in figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sample_engines import company, in_postgres
from sample_facts import CUSTOMERS, TRANSACTIONS, as_parquet, opened, reading, rows, written

from scorecard.base.findings import Finding
from scorecard.base.periods import Period
from scorecard.errors import FactsError
from scorecard.facts.contracts import Source
from scorecard.facts.tables import Facts
from scorecard.project.settings import Project
from scorecard.quality.inspection import inspect
from scorecard.quality.rules import Count
from scorecard.strategy.model import Tier, TierPlan
from scorecard.tiers.assignment import Tiers

ROOT = Path(__file__).parents[1]
OTHERS = ROOT.parent / "shared" / "data"
OCTOBER = Period.parse("2026-10", "Europe/London")


def inspected(facts: Facts, period: Period | None = None, days: int = 45) -> list[Finding]:
    return inspect(facts, period=period, as_of=facts.options.as_of, fresh_within=lambda table: days)


def findings(folder: Path, period: Period | None = None, how=None, **tables: str) -> list[Finding]:
    return inspected(opened(folder, how, **({"transactions": TRANSACTIONS} | tables)), period)


def only(found: list[Finding], id: str) -> Finding:
    (finding,) = [f for f in found if f.id == id]
    return finding


def said(folder: Path, id: str, **tables: str) -> tuple[str, str, str]:
    finding = only(findings(folder, **tables), id)
    return finding.severity, finding.place, finding.message


def test_sound_facts_have_no_findings(tmp_path):
    assert findings(tmp_path, OCTOBER) == []


def test_everything_that_is_wrong_is_said_at_once_and_blocking_first(tmp_path):
    found = findings(
        tmp_path,
        customers="customer_id,acquired_on,status\nanna,2024-01-10,gone\nanna,10/01/2024,lost\n",
        transactions='customer_id,event_on,net_amount\nzoe,2027-01-01,"12,40"\n',
    )
    assert [(f.severity, f.id) for f in found] == [
        ("blocking", "facts.type"),
        ("blocking", "facts.duplicate_key"),
        ("blocking", "facts.type"),
        ("warning", "facts.unknown_value"),
        ("warning", "facts.orphan"),
        ("warning", "facts.future"),
    ]
    assert all(f.hint for f in found)


# values


@pytest.mark.parametrize("name", ["Currency", "currency ", "CURRENCY", " Currency"])
def test_a_column_that_is_ours_but_for_its_case_or_blanks_is_not_passed_over(tmp_path, name):
    """Dollars would be euros, without a word."""
    sales = f"customer_id,event_on,net_amount,{name}\nanna,2026-10-01,100,USD\n"
    found = only(findings(tmp_path, transactions=sales), "facts.column_unread")
    assert (found.severity, found.place) == ("blocking", "facts.transactions.currency")
    assert f'columns.currency = "{name}"' in found.hint


@pytest.mark.parametrize("name", ["Closed_On", "closed on", "Closed-On"])
def test_one_that_leaves_a_figure_out_is_a_warning(tmp_path, name):
    customers = f"customer_id,acquired_on,{name}\nanna,2024-01-10,2026-10-05\n"
    found = findings(tmp_path, customers=customers)
    assert [(f.severity, f.place) for f in found if f.id == "facts.column_unread"] == [
        ("warning", "facts.customers.closed_on")
    ]


def test_values_of_the_wrong_type_are_counted_with_an_example(tmp_path):
    transactions = """
        customer_id,event_on,net_amount
        anna,2026-10-01,"12,40"
        anna,2026-10-01,"9,99"
        anna,2026-10-01,"12,40"
        anna,2026-10-01,12
    """
    finding = only(findings(tmp_path, transactions=transactions), "facts.type")
    assert finding.severity == "blocking"
    assert str(finding) == (
        'facts.transactions.net_amount: 3 values are not decimal(18,4), for example "12,40". '
        'Say decimal = "," for this table.'
    )


def test_empty_required_values_hold_a_run(tmp_path):
    assert said(tmp_path, "facts.empty_value", customers="customer_id,acquired_on\nanna,\n") == (
        "blocking",
        "facts.customers.acquired_on",
        "empty in 1 of 1 rows, but it is required (the day of the first sale or contract).",
    )


def test_values_that_break_a_check_are_warned_about_and_not_repaired(tmp_path):
    found = findings(
        tmp_path,
        interactions="""
            customer_id,opened_at,resolved_at,demand_type,minutes
            anna,2026-10-02T10:00:00Z,2026-10-01T10:00:00Z,wish,-5
            anna,2026-10-02T10:00:00Z,,failure,5
        """,
    )
    assert {(f.severity, f.id, f.place, f.message) for f in found} == {
        (
            "warning",
            "facts.order",
            "facts.interactions.resolved_at",
            "1 value lies before opened_at, for example 2026-10-01 10:00:00.",
        ),
        (
            "warning",
            "facts.unknown_value",
            "facts.interactions.demand_type",
            '1 value is not one of value, failure, for example "wish".',
        ),
        (
            "warning",
            "facts.range",
            "facts.interactions.minutes",
            "1 value is below zero, for example -5.",
        ),
    }


@pytest.mark.parametrize(
    ("place", "tables"),
    [
        ("facts.costs.category", {"costs": "event_on,amount,category\n2026-10-01,5,marketing\n"}),
        (
            "facts.contracts.billing_period",
            {
                "contracts": "customer_id,start_on,recurring_amount,billing_period\n"
                "anna,2026-01-01,5,annual\n"
            },
        ),
        ("facts.fx.rate", {"fx": "date,from,to,rate\n2026-10-01,USD,EUR,0\n"}),
    ],
)
def test_values_that_would_make_money_vanish_hold_a_run(tmp_path, place, tables):
    found = findings(tmp_path, **tables)
    assert [f.place for f in found if f.severity == "blocking"] == [place]


def test_refunds_are_negative_and_nothing_is_wrong_with_that(tmp_path):
    transactions = "customer_id,event_on,kind,net_amount\nanna,2026-10-01,refund,-5\n"
    assert findings(tmp_path, transactions=transactions) == []


# rows


def test_repeated_keys_hold_a_run_where_they_would_count_twice(tmp_path):
    transactions = """
        txn_id,customer_id,event_on,net_amount
        t1,anna,2026-10-01,1
        t1,anna,2026-10-01,1
        t1,anna,2026-10-02,2
        t2,anna,2026-10-02,2
    """
    assert said(tmp_path, "facts.duplicate_key", transactions=transactions) == (
        "blocking",
        "facts.transactions.txn_id",
        '2 rows repeat the txn_id of another, for example "t1".',
    )


def test_rows_of_one_contract_may_follow_one_another_and_not_be_repeated(tmp_path):
    rows = (
        "contract_id,customer_id,start_on,end_on,recurring_amount\nK,anna,2026-01-01,2026-01-31,5\n"
    )
    after = rows + "K,anna,2026-02-01,,5\n"
    assert findings(tmp_path, contracts=after) == []
    assert said(tmp_path, "facts.duplicate_key", contracts=rows + rows.splitlines()[1]) == (
        "blocking",
        "facts.contracts.contract_id",
        '1 row repeats the contract_id and start_on of another, for example "K 2026-01-01".',
    )


def test_promises_put_off_nobody_knows_when_are_warned_about(tmp_path):
    promises = """
        promise_id,customer_id,due_at,renegotiated_at,new_due_at
        1,anna,2026-10-05T09:00:00Z,,2026-10-09T09:00:00Z
        2,anna,2026-10-05T09:00:00Z,2026-10-04T09:00:00Z,2026-10-09T09:00:00Z
        3,anna,2026-10-05T09:00:00Z,,2026-10-02T09:00:00Z
    """
    assert said(tmp_path, "facts.moved", promises=promises) == (
        "warning",
        "facts.promises.renegotiated_at",
        "1 promise has a later date in new_due_at, and not when it was agreed, for example one due "
        "2026-10-05 09:00:00.",
    )


def test_repeated_keys_elsewhere_are_warned_about(tmp_path):
    ledger = """
        period,account,amount
        2026-10,revenue,150.50
        2026-10,costs,1
        2026-10,revenue,150.50
    """
    assert said(tmp_path, "facts.duplicate_key", ledger_totals=ledger) == (
        "warning",
        "facts.ledger_totals.period",
        '1 row repeats the period and account of another, for example "2026-10 revenue".',
    )


def test_rows_without_a_key_that_repeat_another_are_kept_and_noted(tmp_path):
    transactions = "customer_id,event_on,net_amount\n" + 3 * "anna,2026-10-01,1\n"
    assert said(tmp_path, "facts.duplicate_row", transactions=transactions) == (
        "note",
        "facts.transactions",
        "2 rows repeat another in every column; all are kept.",
    )


def test_rows_of_unknown_customers_are_counted_with_their_money(tmp_path):
    transactions = """
        customer_id,event_on,net_amount
        yan,2026-10-01,1000.50
        zoe,2026-10-01,200
        zoe,2026-10-01,34
        anna,2026-10-01,5
        ,2026-10-01,5
    """
    assert said(tmp_path, "facts.orphan", transactions=transactions) == (
        "warning",
        "facts.transactions.customer_id",
        "3 of 5 rows belong to 2 customers that are not in customers, 1,234.50 EUR in all, for "
        'example "yan".',
    )


def test_revenue_without_a_customer_is_counted_in_the_companys_money(tmp_path):
    """400 dollars at 0.50 are 200 euros, of 1,000 in all."""
    found = said(
        tmp_path,
        "facts.unattributed",
        fx="date,from,to,rate\n2026-10-01,USD,EUR,0.50\n",
        transactions="""
            customer_id,event_on,net_amount,currency
            ,2026-10-01,400,USD
            anna,2026-10-01,800,EUR
        """,
    )
    assert found == (
        "warning",
        "facts.transactions.customer_id",
        "1 of 2 rows have no customer: 200.00 EUR, 20.0 % of revenue.",
    )


def test_cost_to_serve_that_reaches_nobody_is_reported_as_unallocated(tmp_path):
    """Spend to acquire is shared out over the customers won, and discretionary cost to nobody."""
    found = findings(
        tmp_path,
        costs="""
            event_on,amount,category,customer_id,driver
            2026-10-01,10,support,anna,
            2026-10-01,20,support,,calls
            2026-10-01,40,support,,visits
            2026-10-01,80,service,,
            2026-10-01,160,acquire,,
            2026-10-01,320,discretionary,,
        """,
        drivers="driver,customer_id,date,qty\ncalls,anna,2026-10-01,3\nvisits,anna,2026-10-01,0\n",
    )
    assert only(found, "facts.unallocated").message == (
        "1 of 4 rows of cost to serve have neither customer nor driver: 80.00 EUR."
    )
    assert only(found, "facts.unknown_driver").message == (
        '40.00 EUR in 1 row are to be shared out by "visits", of which table drivers has nothing.'
    )


def test_rows_before_their_customer_came_are_counted(tmp_path):
    interactions = """
        customer_id,opened_at
        ben,2025-05-31T22:59:00Z
        ben,2025-05-31T23:00:00Z
        anna,2025-05-31T22:59:00Z
    """
    assert said(tmp_path, "facts.before_acquired", interactions=interactions) == (
        "warning",
        "facts.interactions.opened_at",
        "1 of 3 interactions were opened before their customer was acquired (acquired_on), for "
        'example for customer "ben".',
    )


def test_rows_of_the_future_are_warned_about_but_plans_are_not(tmp_path):
    found = findings(
        tmp_path,
        transactions="customer_id,event_on,net_amount\nanna,2026-11-16,1\nanna,2026-11-15,1\n",
        promises="customer_id,due_at\nanna,2027-01-01T00:00:00Z\n",
        contracts="customer_id,start_on,recurring_amount\nanna,2027-01-01,1\n",
    )
    assert [(f.id, f.message) for f in found] == [
        (
            "facts.future",
            "1 of 2 rows lie after 2026-11-15 (as of) and are left out, for example 2026-11-16.",
        ),
    ]


def test_what_had_not_happened_by_then_is_not_known(tmp_path):
    """As of 15 November, noon in London: that day counts as a whole, a moment at one does not."""
    facts = opened(
        tmp_path,
        transactions="customer_id,event_on,net_amount\nanna,2026-11-16,1\nanna,2026-11-15,2\n",
        interactions="customer_id,opened_at\n"
        "anna,2026-11-15T12:00:00Z\nanna,2026-11-15T13:00:00Z\n",
        contracts="customer_id,start_on,recurring_amount\nanna,2027-01-01,1\n",
    )
    assert rows(facts, facts.transactions, "net_amount") == [(2,)]
    assert rows(facts, facts.interactions, "opened_at") == [(datetime(2026, 11, 15, 12),)]  # noqa: DTZ001
    assert len(rows(facts, facts.contracts)) == 1


ABSURD = {
    "a sale in the year 225": (
        "transactions.event_on",
        '1 value lies before 1970-01-01 or after 2036-10-31, for example "0225-01-05".',
        {"transactions": "customer_id,event_on,net_amount\nanna,0225-01-05,1\n"},
    ),
    "a sale in the year 2206": (
        "transactions.event_on",
        '2 values lie before 1970-01-01 or after 2036-10-31, for example "2036-11-01".',
        {"transactions": "customer_id,event_on,net_amount\nanna,2206-01-05,1\nanna,2036-11-01,1\n"},
    ),
    "a contract that begins in 2099": (
        "contracts.start_on",
        "1 value lies",
        {"contracts": "customer_id,start_on,recurring_amount\nanna,2099-01-01,1\n"},
    ),
    "a contract that ended in 26": (
        "contracts.end_on",
        '1 value lies before 1900-01-01, for example "0026-10-01".',
        {
            "contracts": "customer_id,start_on,end_on,recurring_amount\n"
            "anna,1998-01-01,0026-10-01,1\n"
        },
    ),
    "a contact in the year 22026": (
        "interactions.opened_at",
        "1 value lies before 1970-01-01 or after 2036-10-31",
        {"interactions": "customer_id,opened_at\nanna,22026-10-01T08:00:00Z\n"},
    ),
    "a customer since 2062": (
        "customers.acquired_on",
        "1 value lies before 1900-01-01 or after",
        {"customers": "customer_id,acquired_on\nanna,2062-01-01\n"},
    ),
}


@pytest.mark.parametrize("what", list(ABSURD))
def test_days_that_nobody_can_mean_hold_a_run(tmp_path, what):
    place, message, tables = ABSURD[what]
    severity, where, text = said(tmp_path, "facts.implausible", **tables)
    assert (severity, where) == ("blocking", f"facts.{place}")
    assert text.startswith(message)


def test_old_customers_long_contracts_and_open_ends_are_nothing_to_block(tmp_path):
    found = findings(
        tmp_path,
        customers="customer_id,acquired_on\nanna,1931-05-01\nben,2026-01-01\n",
        contracts="customer_id,start_on,end_on,recurring_amount\n"
        "anna,1970-01-01,9999-12-31,1\nben,2036-10-31,2075-01-01,1\n",
        promises="customer_id,due_at\nanna,2045-01-01T00:00:00Z\n",
    )
    assert found == []


# tiers


GOLD_AND_BRONZE = TierPlan("declared", (Tier("gold", "Gold"), Tier("bronze", "All others")))


def tiering(folder: Path, customers: str, plan=GOLD_AND_BRONZE, frozen=()) -> list[Finding]:
    facts = opened(folder, customers=customers, transactions=TRANSACTIONS)
    kept = folder / "tiers"
    kept.mkdir()
    for key, names in frozen:
        pq.write_table(
            pa.table({"customer_id": list(names), "tier": names}), kept / f"{key}.parquet"
        )
    found = inspect(
        facts,
        period=None,
        as_of=facts.options.as_of,
        fresh_within=lambda table: 45,
        tiers=Tiers(facts, plan, kept),
    )
    return [f for f in found if "tier" in f.id]


def test_sold_tiers_that_are_empty_or_unknown_are_counted_with_an_example(tmp_path):
    """Of five still here: anna and ben have a tier, by id and by label; cleo's and dan's are
    unknown, eve's is blank. fay is gone, so hers no longer matters."""
    customers = """
        customer_id,acquired_on,closed_on,tier
        anna,2024-01-10,,GOLD
        ben,2025-06-01,,all others
        cleo,2025-06-01,,Silver
        dan,2025-06-01,,goldd
        eve,2025-06-01,2026-12-01,
        fay,2025-06-01,2026-02-01,
    """
    found = {f.id: f for f in tiering(tmp_path, customers)}
    unknown, empty = found["facts.tier_unknown"], found["facts.tier_empty"]
    assert (unknown.id, unknown.severity) == ("facts.tier_unknown", "warning")
    assert unknown.message.startswith(
        "2 of 5 customers who are here have a tier that strategy.toml does not"
    )
    assert 'for example "Silver"' in unknown.message
    assert (empty.id, empty.severity) == ("facts.tier_empty", "warning")
    assert empty.message.startswith(
        '1 of 5 customers who are here have no tier, for example customer "eve"'
    )
    assert found["facts.tier_of_lost"].message == (
        "1 of 1 customers who left have no tier that strategy.toml knows; in periods that are "
        "frozen afterwards they were in none."
    )


def test_tiers_by_what_was_sold_need_the_column(tmp_path):
    (finding,) = tiering(tmp_path, CUSTOMERS)
    assert (finding.id, finding.severity) == ("facts.tier_not_mapped", "blocking")


def test_computed_tiers_need_no_column(tmp_path):
    plan = TierPlan("rfm", (Tier("gold", "Gold", boundary=9.0), Tier("bronze", "Bronze")))
    assert tiering(tmp_path, CUSTOMERS, plan) == []


def test_a_tier_renamed_after_it_was_frozen_holds_a_run(tmp_path):
    """Frozen as silver on the first of August and September; states are no tiers."""
    frozen = [
        ("2026-08", ["gold", "silver"]),
        ("2026-09", ["gold", "silver", "lost", "unrated"]),
        ("2026-10", ["gold", "bronze", None]),
    ]
    customers = "customer_id,acquired_on,tier\nanna,2024-01-10,gold\nben,2024-01-10,gold\n"
    (finding,) = tiering(tmp_path, customers, frozen=frozen)
    assert (finding.id, finding.severity) == ("tiers.renamed", "blocking")
    assert finding.place == "tiers/2026-09.parquet"
    assert 'in tier "silver" on 2026-09-01 and 1 earlier day, but' in finding.message
    assert str(tmp_path / "tiers") in finding.hint


def test_a_customer_frozen_twice_holds_a_run_and_the_first_such_file_is_named(tmp_path):
    """Each snapshot's customers are named by their tiers here."""
    frozen = [
        ("2026-08", ["bronze", "gold"]),
        ("2026-09", ["bronze", "gold", "gold"]),
        ("2026-10", ["bronze", "gold", "gold"]),
    ]
    customers = "customer_id,acquired_on,tier\nanna,2024-01-10,gold\n"
    (finding,) = tiering(tmp_path, customers, frozen=frozen)
    assert (finding.id, finding.severity) == ("tiers.repeated", "blocking")
    assert finding.place == "tiers/2026-09.parquet"
    assert 'more than once, for example "gold", so' in finding.message
    assert f"every later one from {tmp_path / 'tiers'}, and say" in finding.hint
    assert '"scorecard accept tiers": they are frozen again' in finding.hint


def test_a_snapshot_that_cannot_be_read_is_one_finding(tmp_path):
    customers = "customer_id,acquired_on,tier\nanna,2024-01-10,gold\n"
    facts = opened(tmp_path, customers=customers, transactions=TRANSACTIONS)
    (tmp_path / "2026-09.parquet").write_bytes(b"garbage")
    tiers = Tiers(facts, GOLD_AND_BRONZE, tmp_path)
    found = inspect(
        facts, period=None, as_of=facts.options.as_of, fresh_within=lambda table: 45, tiers=tiers
    )
    assert only(found, "tiers.unreadable").place == str(tmp_path / "2026-09.parquet")


def test_an_empty_table_holds_a_run_only_where_nothing_else_says_what_customers_pay(tmp_path):
    nothing = "customer_id,event_on,net_amount\n"
    found = findings(tmp_path, transactions=nothing)
    assert [(f.severity, f.id, f.place) for f in found] == [
        ("blocking", "facts.empty_table", "facts.transactions")
    ]
    contracts = "customer_id,start_on,recurring_amount\nanna,2026-01-01,5\n"
    found = findings(tmp_path, transactions=nothing, contracts=contracts)
    assert [(f.severity, f.place) for f in found] == [("warning", "facts.transactions")]


def test_an_empty_list_of_customers_holds_a_run(tmp_path):
    found = findings(tmp_path, customers="customer_id,acquired_on\n")
    assert only(found, "facts.empty_table").severity == "blocking"


# contradictions


def test_status_and_closing_day_that_contradict_each_other_are_counted(tmp_path):
    found = findings(
        tmp_path,
        customers="""
            customer_id,acquired_on,status,closed_on
            anna,2024-01-10,lost,
            ben,2024-01-10,lost,2026-01-01
            cat,2024-01-10,active,2026-01-01
            dan,2024-01-10,active,2026-12-31
            eve,2024-01-10,active,
        """,
    )
    assert [f.message for f in found] == [
        '1 of 2 customers with a closed_on have status "active", for example "cat".',
        '1 of 2 customers with status "lost" have no closed_on, for example "anna".',
    ]


def test_closed_customers_and_their_contracts_must_agree(tmp_path):
    found = findings(
        tmp_path,
        customers="""
            customer_id,acquired_on,closed_on
            anna,2024-01-10,2026-01-01
            ben,2024-01-10,
            cat,2024-01-10,
        """,
        contracts="""
            customer_id,start_on,end_on,recurring_amount
            anna,2024-01-10,,5
            ben,2024-01-10,2026-01-01,5
            cat,2024-01-10,2026-01-01,5
            cat,2026-01-01,,5
        """,
    )
    assert only(found, "facts.closed_in_force").message == (
        "1 of 2 contracts in force belong to customers that are closed (closed_on), for example "
        'customer "anna".'
    )
    assert only(found, "facts.ended_open").message == (
        '1 of 3 customers with contracts have none in force but are not closed, for example "ben".'
    )


def test_parents_must_be_known_and_must_not_lead_in_a_circle(tmp_path):
    found = findings(
        tmp_path,
        customers="""
            customer_id,acquired_on,parent_id
            anna,2024-01-10,ben
            ben,2024-01-10,anna
            cat,2024-01-10,nowhere
            dan,2024-01-10,dan
            eve,2024-01-10,dan
        """,
    )
    circle = only(found, "facts.parent_circle")
    assert circle.severity == "blocking"
    assert circle.message.startswith("2 customers have parents that lead in a circle")
    assert only(found, "facts.parent_unknown").message == (
        '1 of 5 customers have a parent that is not in customers, for example "nowhere".'
    )


# surveys


def test_answers_on_another_scale_and_off_the_scale_are_told_apart(tmp_path):
    found = findings(
        tmp_path,
        surveys="""
            customer_id,instrument,sent_at,score,scale_min,scale_max
            anna,csat,2026-10-01T10:00:00Z,4,1,5
            anna,csat,2026-10-01T10:00:00Z,8,1,10
            anna,ces,2026-10-01T10:00:00Z,99,,
            anna,nps,2026-10-01T10:00:00Z,0,,
            anna,nps,2026-10-01T10:00:00Z,,0,5
        """,
    )
    assert [(f.severity, f.place, f.message) for f in found] == [
        (
            "warning",
            "facts.surveys",
            "1 answer is on another scale than nps 0–10, csat 1–5, ces 1–7, for example "
            '"csat 1–10"; they stay out.',
        ),
        (
            "warning",
            "facts.surveys.score",
            "1 answer lies outside the scale of the question (nps 0–10, csat 1–5, ces 1–7), for "
            "example 99; they stay out.",
        ),
    ]


# moments and days


def test_moments_without_a_zone_are_noted_with_the_zone_that_is_assumed(tmp_path):
    interactions = "customer_id,opened_at,resolved_at\nanna,2026-10-01 10:00,2026-10-01T10:00:00Z\n"
    assert said(tmp_path, "facts.no_zone", interactions=interactions) == (
        "note",
        "facts",
        "moments that carry no zone are taken as Europe/London: interactions (opened_at, "
        "resolved_at).",
    )


def test_days_given_for_moments_are_warned_about(tmp_path):
    interactions = "customer_id,opened_at\nanna,2026-10-01\nanna,2026-10-01T10:00:00Z\n"
    assert said(tmp_path, "facts.no_time", interactions=interactions)[2] == (
        "1 of 2 moments are days without a time of day; they are taken as midnight, and hours "
        "computed from them are rough."
    )


def test_stale_tables_are_named_with_their_newest_day(tmp_path):
    """The last day is 31 October; 10 October lies 21 days before it."""
    facts = opened(
        tmp_path,
        transactions=TRANSACTIONS,
        interactions="customer_id,opened_at\nanna,2026-10-10T10:00:00Z\nanna,2026-11-02T10:00:00Z\n",
    )
    assert inspected(facts, OCTOBER, days=21) == []
    (stale,) = inspected(facts, OCTOBER, days=20)
    assert (stale.severity, stale.id, stale.message) == (
        "warning",
        "facts.stale",
        "the newest row before the end of 2026-10 is of 2026-10-10; it should not lie more than "
        "20 days before 2026-10-31.",
    )
    assert inspected(facts, None, days=0) == []


# money


def test_foreign_amounts_without_a_rate_hold_a_run(tmp_path):
    found = findings(
        tmp_path,
        fx="date,from,to,rate\n2026-10-01,USD,EUR,0.8\n2026-10-01,EUR,CHF,1.1\n",
        transactions="""
            customer_id,event_on,net_amount,currency
            anna,2026-10-01,1,USD
            anna,2026-09-29,1,USD
            anna,2026-09-30,1,USD
            ben,2026-09-30,1,USD
            anna,2026-10-01,1,CHF
            anna,2026-10-01,1,EUR
        """,
    )
    assert [(f.severity, f.id, f.place, f.message) for f in found] == [
        (
            "blocking",
            "facts.missing_rate",
            "facts.transactions.currency",
            "1 row is in CHF on 1 day without a rate to EUR, first on 2026-10-01.",
        ),
        (
            "blocking",
            "facts.missing_rate",
            "facts.transactions.currency",
            "3 rows are in USD on 2 days without a rate to EUR, first on 2026-09-29.",
        ),
    ]


def test_contracts_need_the_rates_of_the_days_that_retention_compares(tmp_path):
    """October looks back to 1 November 2025, and rates it at that day and at its own first."""
    tables = {
        "fx": "date,from,to,rate\n2025-10-20,USD,EUR,0.8\n",
        "contracts": "customer_id,start_on,recurring_amount,currency\nanna,2024-02-01,5,USD\n",
    }
    (finding,) = findings(tmp_path, OCTOBER, **tables)
    assert finding.message == (
        "1 row is in USD on 1 day without a rate to EUR, first on 2026-10-01."
    )


def test_unknown_currency_codes_hold_a_run(tmp_path):
    transactions = "customer_id,event_on,net_amount,currency\nanna,2026-10-01,1,eur\n"
    assert said(tmp_path, "facts.unknown_currency", transactions=transactions) == (
        "blocking",
        "facts.transactions.currency",
        '"eur" in 1 row is not an ISO 4217 code. Did you mean "EUR"?',
    )


def test_totals_that_tie_out_to_the_cent_are_noted(tmp_path):
    ledger = "period,account,amount\n2026-10,revenue,150.50\n2026-09,revenue,0\n"
    assert said(tmp_path, "facts.ties_out", ledger_totals=ledger) == (
        "note",
        "facts.ledger_totals",
        "revenue ties out with transactions for 2 of 2 periods.",
    )


def test_totals_that_do_not_tie_out_show_the_largest_difference(tmp_path):
    """A quarter and a month; the month that is not over is left out."""
    ledger = """
        period,account,amount
        2026-Q4,revenue,1
        2026-10,revenue,160.51
        2026-09,revenue,0.02
        2026-Q3,revenue,0
        Octember,revenue,0
    """
    found = findings(tmp_path, ledger_totals=ledger)
    assert only(found, "facts.ties_not").message == (
        "revenue ties out with transactions for 1 of 3 periods; the largest difference is in "
        "2026-10, where transactions have 10.01 EUR less than the general ledger."
    )
    assert 'Period "Octember" is not one' in only(found, "facts.control_period").message


# what cannot be read


def test_a_table_that_cannot_be_read_is_a_finding_and_the_others_are_inspected(tmp_path):
    tables = {"customers": CUSTOMERS, "surveys": "customer_id,instrument,sent_at\n"}
    sources = written(tmp_path, transactions=TRANSACTIONS, **tables)
    as_parquet(tmp_path / "transactions.csv")
    sources[0] = replace(sources[0], of="transactions.parquet")
    facts, _findings = Facts.open("duckdb://", sources, tmp_path, reading())
    (tmp_path / "transactions.parquet").write_bytes(b"spoilt meanwhile")
    found = inspected(facts)
    unreadable = only(found, "facts.unreadable")
    assert (unreadable.severity, unreadable.place) == ("blocking", "facts.transactions")
    assert only(found, "facts.empty_table").place == "facts.surveys"


def test_words_agree_with_their_number():
    assert f"{Count(1):row is|rows are}" == "1 row is"
    assert f"{Count(2000):row is|rows are}" == "2,000 rows are"
    assert f"{Count(0):row is|rows are}" == "0 rows are"


# real data


def plain(table: str, query: str) -> Source:
    return Source(table, query, is_sql=True)


def shared(folder: str) -> Path:
    if not (OTHERS / folder).is_dir():
        pytest.skip(f"{OTHERS / folder} is not there")
    return OTHERS / folder


def test_purchases_of_cdnow_are_sound_but_for_255_rows_that_repeat_another():
    folder = Path(__file__).parent / "data" / "cdnow"
    sources = [
        plain(
            "customers",
            "select customer_id, min(purchased_on) acquired_on "
            "from 'cdnow_master.parquet' group by 1",
        ),
        Source(
            "transactions",
            "cdnow_master.parquet",
            (("event_on", "purchased_on"), ("net_amount", "dollars")),
        ),
    ]
    how = reading("USD", "America/New_York", as_of=datetime(1998, 7, 5, tzinfo=UTC))
    facts, _ = Facts.open("duckdb://", sources, folder, how)
    (note,) = inspected(facts, Period.parse("1998-Q2", "America/New_York"))
    assert (note.id, note.message.split(";")[0]) == (
        "facts.duplicate_row",
        "255 rows repeat another in every column",
    )


def test_lines_without_a_customer_of_the_online_retailer_are_reported():
    sources = [
        plain(
            "customers",
            "select CustomerID customer_id, min(InvoiceDate)::date acquired_on "
            "from 'online_retail.parquet' where CustomerID is not null group by 1",
        ),
        plain(
            "transactions",
            "select CustomerID customer_id, InvoiceDate event_on, "
            "Quantity * UnitPrice net_amount from 'online_retail.parquet'",
        ),
    ]
    how = reading("GBP", as_of=datetime(2011, 12, 10, tzinfo=UTC))
    facts, _ = Facts.open("duckdb://", sources, shared("online_retail"), how)
    assert only(inspected(facts), "facts.unattributed").message == (
        "135,080 of 541,909 rows have no customer: 1,447,682.12 GBP, 14.9 % of revenue."
    )


def test_contradictions_of_the_synthetic_software_company_are_found():
    """110 accounts are flagged as churned and 352 have a churn event; 1,077 of 2,000 tickets
    predate the signup; 21 usage ids repeat another."""
    sources = [
        plain(
            "customers",
            """
            select a.account_id customer_id, signup_date acquired_on, closed_on,
                   case when churn_flag = 'True' then 'lost' else 'active' end status
            from read_csv('ravenstack_accounts.csv', all_varchar = true) a
            left join (select account_id, min(churn_date) closed_on
                       from 'ravenstack_churn_events.csv' group by 1) c using (account_id)""",
        ),
        Source(
            "contracts",
            "ravenstack_subscriptions.csv",
            (
                ("customer_id", "account_id"),
                ("start_on", "start_date"),
                ("end_on", "end_date"),
                ("recurring_amount", "mrr_amount"),
            ),
        ),
        Source(
            "interactions",
            "ravenstack_support_tickets.csv",
            (
                ("interaction_id", "ticket_id"),
                ("customer_id", "account_id"),
                ("opened_at", "submitted_at"),
                ("resolved_at", "closed_at"),
            ),
        ),
        plain(
            "drivers",
            """
            select usage_id driver_id, feature_name driver, account_id customer_id,
                   usage_date date, usage_count qty
            from 'ravenstack_feature_usage.csv' join 'ravenstack_subscriptions.csv'
            using (subscription_id)""",
        ),
    ]
    how = reading("USD", as_of=datetime(2025, 1, 5, tzinfo=UTC))
    facts, _ = Facts.open("duckdb://", sources, shared("ravenstack"), how)
    found = inspected(facts)
    assert " of 110 customers with status" in only(found, "facts.lost_open").message
    assert " of 352 customers with a closed_on" in only(found, "facts.closed_active").message
    assert only(found, "facts.duplicate_key").message.startswith("21 rows repeat the driver_id")
    early = [f.message for f in found if f.id == "facts.before_acquired"]
    assert any(m.startswith("1,077 of 2,000 interactions were opened") for m in early)


# another engine


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory) -> Project:
    return company(tmp_path_factory.mktemp("demo"), customers=25, months=2)


@pytest.fixture(scope="module")
def postgres(demonstration) -> Iterator[str]:
    """The demonstration's facts in a database of its own."""
    with in_postgres(demonstration) as url:
        yield url


def test_findings_do_not_depend_on_the_number_of_threads(demonstration):
    found = []
    for threads in (1, 4):
        how = reading(stamps="UTC")
        facts, _ = Facts.open(demonstration.connect, demonstration.sources, demonstration.root, how)
        facts.con.raw_sql(f"set threads = {threads}")
        found.append(inspected(facts, OCTOBER))
    assert found[0] == found[1] != []


def test_postgresql_says_which_text_does_not_fit(postgres, tmp_path):
    """What does not look like a number is told as it is of files. PostgreSQL has no cast that yields
    empty, so its own complaint about a day that is none is passed on."""
    odd = "select 'a' customer_id, current_date event_on, '12,40' net_amount"
    sources = [Source("customers", "customers"), plain("transactions", odd)]
    facts, _ = Facts.open(postgres, sources, tmp_path, reading())
    assert '"12,40"' in only(inspected(facts), "facts.type").message
    facts.close()
    sources = [
        Source("customers", "customers"),
        plain("transactions", "select 'a' customer_id, '2026-02-30' event_on, 5 net_amount"),
    ]
    facts, _ = Facts.open(postgres, sources, tmp_path, reading())
    unreadable = [f for f in inspected(facts) if f.id == "facts.unreadable"]
    assert [(f.severity, f.place) for f in unreadable] == [("blocking", "facts.transactions")]
    assert '"2026-02-30"' in unreadable[0].message
    with pytest.raises(FactsError):
        facts.answer(facts.transactions)
    facts.close()
