from __future__ import annotations

import re
import tomllib
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from scorecard.definitions.loader import load_metrics
from scorecard.demo.company import COMPANY, NOTICE, PLANNED, WRITTEN, generate, shipped_strategy
from scorecard.errors import ProjectError
from scorecard.facts import contracts
from scorecard.replies.gate import Gate, proposal_files
from scorecard.strategy.expiry import expiry_findings
from scorecard.strategy.reader import read_strategy

ROOT = Path(__file__).parents[1]
TYPES = {
    "string": "VARCHAR",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "float64": "DOUBLE",
    "boolean": "BOOLEAN",
    "decimal(18,4)": "DECIMAL(18,4)",
}
CUSTOMERS, MONTHS = 300, 6
CONTRACTS = {table: contracts.CONTRACTS[table] for table in WRITTEN}
AFTER = date(2026, 11, 1)
LATEST = AFTER + timedelta(days=14)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("meridian")
    generate(folder, customers=CUSTOMERS, months=MONTHS, seed=7)
    return folder


@pytest.fixture(scope="module")
def ask(demo):
    con = duckdb.connect()
    for table in CONTRACTS:
        con.execute(f"create view {table} as from '{demo}/facts/{table}.parquet'")
    yield lambda sql: con.execute(sql).fetchall()
    con.close()


def digests(folder):
    """By file a hash of all but the line by which each new project is one of its own."""
    own = re.compile(rb"(?m)^project +=.*$")
    files = sorted(folder.rglob("*.*"))
    return {p.name: sha256(own.sub(b"", p.read_bytes())).hexdigest() for p in files}


def test_the_same_seed_gives_the_same_bytes(demo, tmp_path):
    generate(tmp_path, customers=CUSTOMERS, months=MONTHS, seed=7)
    assert digests(tmp_path) == digests(demo)


def test_another_seed_gives_other_customers(demo, tmp_path):
    generate(tmp_path, customers=20, months=1, seed=8)
    mine = digests(tmp_path)
    assert mine["customers.parquet"] != digests(demo)["customers.parquet"]


def test_every_file_written_is_named_and_nothing_else_is_left(demo, tmp_path):
    written = generate(tmp_path, customers=10, months=1, seed=1)
    assert sorted(written) == sorted(p for p in tmp_path.rglob("*") if p.is_file())
    assert {p.stem for p in written if p.suffix == ".parquet"} == set(CONTRACTS)


LACKS = {
    *("interactions.abandoned_at", "surveys.weight", "promises.new_due_at", "costs.channel"),
    *(f"transactions.{c}" for c in ("order_id", "contract_id", "service_from", "service_to")),
}
"""Columns that the company has nothing to write into."""


def columns_of(table):
    return [c for c in CONTRACTS[table].columns if f"{table}.{c.name}" not in LACKS]


@pytest.mark.parametrize("table", CONTRACTS)
def test_a_table_has_the_columns_and_types_of_its_contract(ask, table):
    described = {name: kind for name, kind, *_ in ask(f"describe {table}")}
    assert described == {c.name: TYPES[c.type] for c in columns_of(table)}


@pytest.mark.parametrize("table", CONTRACTS)
def test_a_table_has_rows_and_required_columns_are_filled(ask, table):
    empty = " or ".join(f'"{c.name}" is null' for c in CONTRACTS[table].required)
    [(rows, holes)] = ask(f"select count(*), count(*) filter ({empty or 'false'}) from {table}")
    assert rows > 0
    assert holes == 0


@pytest.mark.parametrize("table", [t for t, c in CONTRACTS.items() if c.key])
def test_keys_are_unique(ask, table):
    key = ", ".join(f'"{c}"' for c in CONTRACTS[table].key)
    assert ask(f"select {key} from {table} group by {key} having count(*) > 1") == []


@pytest.mark.parametrize("table", CONTRACTS)
def test_checks_of_the_contract_hold(ask, table):
    for column in columns_of(table):
        if column.check.startswith("in:"):
            known = ", ".join(f"'{v}'" for v in column.check[3:].split(","))
            broken = f'"{column.name}" not in ({known})'
        elif column.check.startswith("after:"):
            broken = f'"{column.name}" < "{column.check[6:]}"'
        elif column.check:
            broken = f'not "{column.name}" {column.check}'
        else:
            continue
        assert ask(f"select * from {table} where {broken} limit 1") == [], column.name


@pytest.mark.parametrize(
    "table", [t for t, c in CONTRACTS.items() if c.column("customer_id") and t != "customers"]
)
def test_only_sales_and_pools_are_without_a_known_customer(ask, table):
    assert (
        ask(
            f"select customer_id from {table} anti join customers using (customer_id)"
            " where customer_id is not null"
        )
        == []
    )
    [(nobody,)] = ask(f"select count(*) from {table} where customer_id is null")
    assert (nobody > 0) == (table in ("transactions", "costs"))


def test_about_one_percent_of_sales_belongs_to_nobody(ask):
    [(share,)] = ask("select avg((customer_id is null)::int) from transactions")
    assert 0.005 < share < 0.015


def test_staff_see_the_tier_in_most_contacts_and_in_far_from_all(ask):
    [(share, empty)] = ask(
        "select avg(tier_known_at_open::int), count(*) - count(tier_known_at_open) "
        "from interactions where not self_service"
    )
    assert 0.7 < share < 0.95
    assert empty == 0


@pytest.mark.parametrize("table", [t for t, c in CONTRACTS.items() if c.event])
def test_nothing_happens_after_the_last_month(ask, table):
    if table == "fx":
        return
    event = CONTRACTS[table].event
    late = f"select count(*) from {table} where {event} >= '{AFTER}'"
    [(found,)] = ask(late)
    [(returns,)] = ask(f"select count(*) from interactions where opened_at >= '{AFTER}'")
    assert found <= (returns if table == "interactions" else 0)
    assert returns < 30


def test_only_returns_of_earlier_issues_are_opened_in_the_weeks_after(ask):
    assert (
        ask(
            f"""select issue_key from interactions group by issue_key
            having min(opened_at) >= '{AFTER}' or max(opened_at) >= '{LATEST}'"""
        )
        == []
    )


def test_everything_is_known_by_the_middle_of_the_next_month(ask):
    for table in CONTRACTS:
        for column in columns_of(table):
            if column.type == "timestamp":
                [(last,)] = ask(f'select max("{column.name}") from {table}')
                assert last is None or last.date() <= LATEST, (table, column.name)


def test_facts_reach_two_years_behind_the_first_month_reported(ask):
    [(first, last)] = ask("select min(event_on), max(event_on) from transactions")
    assert (first.year, first.month) == (2024, 5)
    assert (last.year, last.month) == (2026, 10)


def test_as_many_customers_are_left_as_were_asked_for(ask):
    [(active, lost)] = ask(
        "select count(*) filter (status = 'active'), count(*) filter (status = 'lost')"
        " from customers"
    )
    assert active == CUSTOMERS
    assert lost > 0
    assert (
        ask(
            "select 1 from customers where (status = 'lost') <> (closed_on is not null)"
            " or (closed_on is null) <> (closed_reason is null)"
        )
        == []
    )


def test_nobody_buys_or_is_under_contract_after_leaving(ask):
    assert (
        ask(
            """select c.customer_id from customers c join transactions t using (customer_id)
           where t.event_on >= c.closed_on and t.kind = 'sale'"""
        )
        == []
    )
    assert (
        ask(
            """select c.customer_id from customers c join contracts k using (customer_id)
           where k.end_on is null and c.closed_on is not null or k.end_on > c.closed_on"""
        )
        == []
    )


def test_names_are_unique(ask):
    [(names, customers)] = ask("select count(distinct name), count(*) from customers")
    assert names == customers


def test_refunds_and_credits_refer_to_a_sale(ask):
    assert (
        ask(
            """select r.txn_id from transactions r
           left join transactions s on s.txn_id = r.original_txn_id and s.kind = 'sale'
           where r.kind <> 'sale' and (s.txn_id is null or r.net_amount >= 0)"""
        )
        == []
    )


def test_all_streams_are_sold_and_some_in_dollars(ask):
    [(streams, dollars)] = ask(
        "select count(distinct stream), avg((currency = 'USD')::int) from transactions"
    )
    assert streams == 8
    assert 0 < dollars < 0.2


def test_amounts_are_whole_cents(ask):
    for table, column in (("transactions", "net_amount"), ("costs", "amount")):
        assert ask(f"select 1 from {table} where {column} <> round({column}, 2) limit 1") == []


def test_the_ledger_ties_to_the_cent(ask):
    booked = ask(
        """select strftime(event_on, '%Y-%m'),
               round(sum((net_amount * if(t.currency = 'USD', rate, 1))::decimal(24, 8)), 2)
           from transactions t join fx on fx.date = t.event_on group by 1 order by 1"""
    )
    totals = ask("select period, amount from ledger_totals where account = 'revenue' order by 1")
    assert [(p, float(a)) for p, a in booked] == [(p, float(a)) for p, a in totals]


def test_there_is_a_rate_for_every_day(ask):
    [(days, first, last)] = ask("select count(*), min(date), max(date) from fx")
    assert days == (last - first).days + 1
    assert last >= AFTER


def test_every_driver_of_a_pool_is_counted_in_its_month(ask):
    assert (
        ask(
            """select c.cost_id from costs c where c.driver is not null and not exists (
               select 1 from drivers d where d.driver = c.driver
               and last_day(d.date) = last_day(c.event_on))"""
        )
        == []
    )


def test_the_demonstration_says_that_it_is_invented(demo):
    said = tomllib.loads((demo / "pyproject.toml").read_text())["tool"]["scorecard"]
    assert said["company"] == COMPANY
    assert "invented" in COMPANY
    assert said["notice"] == NOTICE
    assert set(said["facts"]) == {"connect", *CONTRACTS}


A_MONTH = re.compile(r"(\d+) EUR/month(?=\")")


def test_the_strategy_is_copied_but_for_where_tiers_begin_and_amounts_for_its_size(demo):
    shipped = shipped_strategy().read_text("utf-8")
    written = (demo / "strategy.toml").read_text("utf-8")
    told = tomllib.loads(A_MONTH.sub("EUR/month", written))
    assert told["tiers"]["since"] == "2025-05"
    told["tiers"]["since"] = tomllib.loads(shipped)["tiers"]["since"]
    assert told == tomllib.loads(A_MONTH.sub("EUR/month", shipped))
    planned = [round(int(amount) * CUSTOMERS / PLANNED, -1) for amount in A_MONTH.findall(shipped)]
    assert [int(amount) for amount in A_MONTH.findall(written)] == [max(a, 10) for a in planned]


def test_the_strategy_of_the_size_it_is_planned_for_has_its_own_amounts(tmp_path):
    generate(tmp_path, customers=PLANNED, months=1, seed=1)
    written = (tmp_path / "strategy.toml").read_text("utf-8")
    assert A_MONTH.findall(written) == A_MONTH.findall(shipped_strategy().read_text("utf-8"))


def test_dates_of_the_strategy_move_with_the_last_month(tmp_path):
    generate(tmp_path, customers=10, months=1, seed=1, until="2025-03")
    told = tomllib.loads((tmp_path / "strategy.toml").read_text("utf-8"))
    assert told["stance"][0]["declared"] == date(2024, 5, 10)
    assert told["stance"][0]["effective"] == date(2024, 6, 1)


def test_its_proposal_passes_the_gate_and_its_dates_move_with_the_strategy(demo, tmp_path):
    metrics = load_metrics(ROOT / "metrics")
    strategy, _ = read_strategy(demo / "strategy.toml", metrics, "EUR")
    gate = Gate(strategy, metrics, "EUR", "month", "Europe/London")
    (file,) = proposal_files(demo / "proposals")
    looked = gate.look(file, None, datetime(2026, 11, 16, 6, tzinfo=UTC))
    assert (looked.proposal.name, looked.missing) == ("night-line", ())
    assert list(gate.findings(file.parent, None, looked.at)) == []
    generate(tmp_path, customers=10, months=1, seed=1, until="2025-03")
    told = tomllib.loads((tmp_path / "proposals" / "night-line.toml").read_text("utf-8"))
    assert told["review"]["on"] == date(2026, 5, 28)


def test_some_of_its_choices_are_reviewed_and_none_has_expired(demo):
    strategy, _ = read_strategy(demo / "strategy.toml", load_metrics(ROOT / "metrics"), "EUR")
    reviewed = [s.key for s in strategy.stances if s.review_on]
    tiers = ("platinum", "gold", "silver", "bronze")
    assert sorted(reviewed) == sorted(f"first_reply_p90/{t}" for t in tiers)
    assert list(expiry_findings(strategy, date(2026, 11, 16))) == []


def test_unusable_sizes_are_refused(tmp_path):
    with pytest.raises(ProjectError, match="at least one"):
        generate(tmp_path, customers=0, months=1, seed=1)
    with pytest.raises(ProjectError, match="ends with a month"):
        generate(tmp_path, customers=1, months=1, seed=1, until="2026-Q4")
