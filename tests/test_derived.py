"""Derived tables: made when they are asked for, made again when what they depend on changes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import ibis
import psycopg
import pytest
from cast import FOUR, MARCH, METRICS, ZONE, frozen, opened, stage, values
from sample_choices import chosen
from sample_facts import made
from test_measure import EVERYTHING, MORE

from scorecard.definitions.results import Estimate, Result, Verdict
from scorecard.errors import StatementError
from scorecard.facts import derived
from scorecard.facts.contracts import Source
from scorecard.facts.derived import KEPT
from scorecard.facts.statements import slot
from scorecard.facts.tables import Facts, FactsOptions
from scorecard.facts.values import Zones
from scorecard.facts.window import OpenWindow, Window
from scorecard.judging.affected import fragility, touched
from scorecard.measuring.measure import Measuring
from scorecard.strategy.model import TierPlan
from scorecard.tiers.assignment import Tiers
from scorecard.tiers.margin import money

SALES = """
txn_id customer_id event_on   net_amount
1      pia         2026-03-01 10
2      pia         2026-03-02 20
3      gus         2026-03-03 40
"""


@pytest.fixture
def facts(tmp_path):
    return opened(tmp_path, transactions=SALES)


@pytest.fixture
def makings(monkeypatch):
    """The names of the tables that are made, one after the other; they are made all the same."""
    seen, keep = [], derived.keep_table

    def kept(con, name, text):
        seen.append(name)
        keep(con, name, text)

    monkeypatch.setattr(derived, "keep_table", kept)
    return seen


def since(facts, name="since", day="day"):
    """Sales from a day on, which is a slot."""
    t = facts.transactions
    return facts.shared((name, day), lambda: t.filter(t.event_on >= slot(day, "date")))


def total(facts, table, **known):
    return facts.answer(table.agg(sum=table.net_amount.sum()), **known)[0]["sum"]


def test_nothing_is_made_before_something_is_asked(facts):
    before = made(facts)
    table = since(facts)
    above = facts.shared(("above",), lambda: table.filter(table.net_amount > 15))
    facts.prepare(above)
    facts.statement(("count",), lambda: above.count().as_table())
    assert made(facts) == before == []
    assert total(facts, above, day=date(2026, 3, 1)) == 60
    assert made(facts) == [
        "scorecard_above",
        "scorecard_family",
        "scorecard_since",
        "scorecard_transactions",
    ]


def test_a_table_is_made_once_for_the_same_values_and_again_for_others(facts, makings):
    table = since(facts)
    first, second = date(2026, 3, 1), date(2026, 3, 2)
    assert [total(facts, table, day=day) for day in (first, first, second, second, first)] == [
        70,
        70,
        60,
        60,
        70,
    ]
    assert makings.count("scorecard_since") == 3


def test_a_table_is_made_again_when_only_a_table_that_it_reads_changes(facts, makings):
    """`top` has no slots of its own, nor has what lies between it and the table that has one."""
    table = since(facts)
    between = facts.shared(("between",), lambda: table.filter(table.customer_id == "pia"))
    top = facts.shared(("top",), lambda: between.filter(between.net_amount > 0))
    found = [total(facts, top, day=date(2026, 3, day)) for day in (1, 2, 2, 1, 4)]
    assert found == [30, 20, 20, 30, None]
    assert [makings.count(f"scorecard_{n}") for n in ("since", "between", "top")] == [4, 4, 4]
    assert makings.count("scorecard_transactions") == 1


def test_two_tables_over_one_are_each_of_the_values_they_are_asked_for(facts):
    """`one` is asked for one day, `two` for another, then `one` again for the first."""
    table = since(facts)
    one = facts.shared(("one",), lambda: table.select("net_amount"))
    two = facts.shared(("two",), lambda: table.select("net_amount"))
    assert total(facts, one, day=date(2026, 3, 3)) == 40
    assert total(facts, two, day=date(2026, 3, 1)) == 70
    assert total(facts, one, day=date(2026, 3, 3)) == 40
    assert total(facts, two, day=date(2026, 3, 2)) == 60


def test_slots_of_other_names_are_other_tables(facts):
    early, late = since(facts, day="early"), since(facts, day="late")
    assert early.op().name != late.op().name
    both = early.anti_join(late, "txn_id")
    assert total(facts, both, early=date(2026, 3, 1), late=date(2026, 3, 3)) == 30


def test_what_could_not_be_made_is_made_when_it_can_be(facts):
    t = facts.transactions
    least = ibis.literal(1) / slot("least", "int64")
    wrong = least.cast("string").cast("int64")  # "inf" is no number
    table = facts.shared(("wrong",), lambda: t.filter(t.net_amount > wrong))
    assert total(facts, table, least=1) == 70
    with pytest.raises(StatementError):
        total(facts, table, least=0)
    assert total(facts, table, least=1) == 70


# names


def test_a_companys_own_tables_are_not_hidden_by_ours_of_the_same_name(tmp_path):
    """Its table "money" holds the transactions, and "asked" the surveys."""
    with duckdb.connect(tmp_path / "company.duckdb") as con:
        con.execute("CREATE TABLE money AS SELECT 'pia' buyer, DATE '2026-03-02' AS day, 7 amount")
        con.execute(
            "CREATE TABLE asked AS SELECT 'pia' customer_id, 'csat' instrument, "
            "TIMESTAMP '2026-03-02 10:00' sent_at, 5 score"
        )
        con.execute("CREATE TABLE customers AS SELECT 'pia' customer_id, DATE '2024-01-01' since")
    sources = [
        Source("customers", "customers", (("acquired_on", "since"),)),
        Source(
            "transactions",
            "money",
            (("customer_id", "buyer"), ("event_on", "day"), ("net_amount", "amount")),
        ),
        Source("surveys", "asked"),
    ]
    known = datetime(2026, 6, 15, tzinfo=UTC)
    how = FactsOptions("EUR", Zones(ZONE, "UTC"), known)
    facts, findings = Facts.open("duckdb://company.duckdb", sources, tmp_path, how)
    assert findings == []
    measuring = Measuring(
        facts, Tiers(facts, TierPlan("declared", FOUR, since="2026-03"), tmp_path / "tiers")
    )
    list(measuring.tiers.freeze(MARCH))
    names = ("customer_revenue", "csat", "response_rate")
    for _again in range(2):
        found = measuring.estimates([METRICS[name] for name in names], MARCH)
        assert [values(found[name])["all"] for name in names] == [7, 1, 1]
    assert {"scorecard_money", "scorecard_asked"} <= set(made(facts))
    assert facts.con.raw_sql("SELECT amount FROM money").fetchall() == [(7,)]
    assert facts.con.raw_sql("SELECT score FROM asked").fetchall() == [(5,)]
    facts.close()


def test_titles_that_read_alike_have_tables_of_their_own(facts):
    names = {since(facts, name=name).op().name for name in ("a b", "a-b", "a_b")}
    assert names == {"scorecard_a_b", "scorecard_a_b_2", "scorecard_a_b_3"}


# what is let go


def lasting(facts, number):
    t = facts.transactions
    return facts.shared((f"from {number}",), lambda: t.filter(t.net_amount >= number))


def test_tables_without_slots_are_released_and_made_again(facts, makings):
    table = since(facts)
    assert total(facts, table, day=date(2026, 3, 3)) == 40
    for number in range(KEPT + 8):
        assert total(facts, lasting(facts, number)) == 70 - 10 * (number > 10) - 20 * (number > 20)
    assert total(facts, lasting(facts, 0)) == 70
    held = [name for name in made(facts) if name.startswith("scorecard_from_")]
    assert len(held) == KEPT + 1
    assert "scorecard_from_1" not in held
    assert (makings.count("scorecard_from_0"), makings.count("scorecard_from_39")) == (2, 1)
    # Tables of facts, and those whose slots are filled anew, stay.
    assert {"scorecard_transactions", "scorecard_since"} <= set(made(facts))


def test_one_statement_may_read_more_tables_than_are_kept(facts):
    tables = [lasting(facts, number) for number in range(KEPT + 8)]
    every = ibis.union(*tables)
    # Of 70, 60 and 40 for numbers to 10, to 20 and above.
    assert total(facts, every) == 11 * 70 + 10 * 60 + (KEPT + 8 - 21) * 40
    assert total(facts, every) == 11 * 70 + 10 * 60 + (KEPT + 8 - 21) * 40


# periods in turn, on every engine

FILES = {**EVERYTHING, "customers": MORE}
TOUCHING = ("customer_margin", "csat", "resolution_p90", "logo_retention", "survival_12")
TURNS = (MARCH, MARCH.next(), MARCH)


def tabled(address):
    """Every table of text as one of text in PostgreSQL."""
    with psycopg.connect(address, autocommit=True) as con:
        for name, text in FILES.items():
            head, *rows = [line.split() for line in text.strip().splitlines()]
            columns = ", ".join(f'"{column}" text' for column in head)
            con.execute(f'CREATE TABLE "{name}" ({columns})')
            with con.cursor().copy(f'COPY "{name}" FROM STDIN') as copy:
                for row in rows:
                    copy.write_row([None if cell == "-" else cell for cell in row])


@pytest.fixture(scope="module")
def address(database):
    from conftest import tell

    tell(database, "CREATE SCHEMA facts")
    own = database.set(drivername="postgresql").update_query_dict(
        {"options": "-csearch_path=facts"}
    )
    tabled(own.render_as_string(hide_password=False))
    return own.render_as_string(hide_password=False)


def everything(folder, address=""):
    """The cast with all tables in tiers laid down by hand, read from files or from PostgreSQL."""
    held = {c: "gold" for c in ("gus", "gwen", "bo")} | {f"c{i}": "silver" for i in range(30)}
    for month in ("2024-04", "2025-04", "2025-05", "2025-08", "2026-03"):
        frozen(folder, month, held | {"pia": "platinum"}, first_on="2024-04-01")
    if not address:
        return stage(folder, MARCH.shift(3), since="2024-04", **FILES)
    how = FactsOptions("EUR", Zones(ZONE, "UTC"), datetime(2026, 6, 15, 8, tzinfo=UTC))
    facts, findings = Facts.open(address, [Source(n, n) for n in FILES], folder, how)
    assert findings == []
    tiers = Tiers(facts, TierPlan("declared", FOUR, since="2024-04"), folder / "tiers")
    list(tiers.freeze(MARCH.shift(3)))
    return Measuring(facts, tiers)


def told(measuring, period):
    """Everything that is asked of a period: figures, whom they touched and on whom they rest."""
    found = {name: repr(r) for name, r in measuring.results_of([*METRICS.values()], period).items()}
    for name in TOUCHING:
        metric = METRICS[name]
        stance = chosen(f"{name}/gold", "strength", 0.5)
        result = Result(
            name, "v1", "gold", period.key, Estimate(), "census", "", Verdict("bad", "below")
        )
        found[f"{name} touched"] = repr(touched(measuring, metric, period, result, stance))
        found[f"{name} rests"] = repr(fragility(measuring, metric, period, result, stance))
    return found


@pytest.fixture(scope="module")
def from_files(tmp_path_factory):
    """What is told of each period by a process of its own, and of one that has not begun."""
    return {
        period: told(everything(tmp_path_factory.mktemp("alone")), period)
        for period in (*TURNS[:2], MARCH.shift(4))
    }


def test_whatever_was_asked_before_a_period_is_told_the_same(tmp_path, from_files):
    measuring = everything(tmp_path)
    for period in (*TURNS, MARCH.shift(4), MARCH):
        assert told(measuring, period) == from_files[period], period.key


def test_postgresql_tells_of_periods_in_turn_what_files_do(tmp_path, address, from_files):
    measuring = everything(tmp_path, address)
    for period in (*TURNS, MARCH.shift(4), MARCH):
        assert told(measuring, period) == from_files[period], period.key
    measuring.facts.close()


def test_on_postgresql_tables_are_let_go_and_made_again(tmp_path, address):
    """Views of facts keep what they read, however many tables come after it."""
    facts = everything(tmp_path, address).facts
    days, window = OpenWindow("period", "month"), Window.of(MARCH, 0)
    spent = money(facts, days)
    asked = spent.agg(sum=spent.revenue.sum())
    for number in range(KEPT + 8):
        t = facts.surveys
        table = facts.shared((f"from {number}",), lambda t=t, n=number: t.filter(t.score >= n))
        facts.answer(table.count().as_table())
    # 200 dollars at 0.9 are 180: 1000 + 180 + 20 + 300 + 100 + 100 − 130 + 60 + 50 + 80 + 90 + 70 + 25.
    assert facts.answer(asked, **days.values(window))[0]["sum"] == Decimal("1945")
    facts.close()
