"""Binding: sources are found, columns matched, and values read in the contract's types."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_facts import CUSTOMERS, opened, reading, refused, rows, written

from scorecard.errors import FactsError
from scorecard.facts.contracts import Source, contract
from scorecard.facts.engine import EngineOptions, connect
from scorecard.facts.tables import Facts
from scorecard.facts.values import Zones, convert, day_of

LONDON = Zones("Europe/London", "Europe/London")


def at(*parts: int) -> datetime:
    """A moment as facts hold it: in UTC, or as some clock shows it, without a zone."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)


# what cannot be found


def test_unknown_table_suggests_the_nearest():
    with pytest.raises(FactsError, match=r'"custommers" is not one .* Did you mean "customers"'):
        contract("custommers")


def test_missing_file_suggests_the_file_beside_it(tmp_path):
    written(tmp_path, customers=CUSTOMERS)
    found = refused(tmp_path, Source("customers", "customer.csv"))
    assert found.severity == "blocking"
    assert found.place == "facts.customers"
    assert 'no file matches "customer.csv"' in found.message
    assert 'Did you mean "customers.csv"?' in found.message


def test_file_of_another_kind_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "customers.xlsb").touch()
    found = refused(tmp_path, Source("customers", "customers.xlsb"))
    assert ".parquet" in found.message
    assert "sql" in found.message


def test_damaged_file_is_a_finding(tmp_path):
    (tmp_path / "customers.parquet").write_bytes(b"not parquet at all")
    found = refused(tmp_path, Source("customers", "customers.parquet"))
    assert '"customers.parquet" cannot be read' in found.message


def test_wrong_column_name_suggests_the_nearest(tmp_path):
    written(tmp_path, customers=CUSTOMERS)
    source = Source("customers", "customers.csv", (("acquired_on", "aquired_on"),))
    found = refused(tmp_path, source)
    assert found.place == "facts.customers.acquired_on"
    assert found.message == ('the source has no column "aquired_on". Did you mean "acquired_on"?')


def test_column_that_no_contract_has_suggests_the_nearest(tmp_path):
    written(tmp_path, customers=CUSTOMERS)
    found = refused(tmp_path, Source("customers", "customers.csv", (("segmnt", "customer_id"),)))
    assert '"segmnt" is not a column of the contract. Did you mean "segment"?' in found.message


def test_missing_required_column_names_it_and_the_nearest(tmp_path):
    (source,) = written(tmp_path, customers="customer_id,aquired_on\na,2024-01-01")
    found = refused(tmp_path, source)
    assert 'the required column "acquired_on"' in found.message
    assert 'Did you mean "aquired_on"?' in found.message


def test_query_that_cannot_run_is_a_finding(tmp_path):
    found = refused(tmp_path, Source("customers", "select nothing from nowhere", is_sql=True))
    assert "the query cannot be run" in found.message
    assert "nowhere" in found.message


def test_unknown_table_of_the_database_suggests_the_nearest(tmp_path):
    import duckdb

    with duckdb.connect(str(tmp_path / "crm.duckdb")) as con:
        con.execute("create table clients (customer_id text, acquired_on date)")
    sources = [Source("customers", "client")]
    _facts, findings = Facts.open("duckdb://crm.duckdb", sources, tmp_path, reading())
    assert 'there is no table "client"' in findings[0].message
    assert 'Did you mean "clients"?' in findings[0].message


def test_every_source_that_cannot_be_bound_is_named_at_once(tmp_path):
    sources = [Source("customers", "no.csv"), Source("surveys", "nor_this.csv")]
    _facts, findings = Facts.open("duckdb://", sources, tmp_path, reading())
    assert [(f.id, f.place) for f in findings] == [
        ("facts.unreadable", "facts.customers"),
        ("facts.unreadable", "facts.surveys"),
    ]


def test_connection_that_fails_does_not_show_its_password(tmp_path):
    with pytest.raises(FactsError) as caught:
        connect("postgresql://someone:s3cret@127.0.0.1:1/none", tmp_path, EngineOptions())
    assert "cannot connect" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_missing_database_file_is_named(tmp_path):
    with pytest.raises(FactsError, match=r'"crm\.duckdb" does not exist'):
        connect("duckdb://crm.duckdb", tmp_path, EngineOptions())


# what can be found


def test_files_of_a_glob_are_matched_by_column_name(tmp_path):
    (tmp_path / "sales_1.csv").write_text("customer_id,event_on,net_amount\na,2026-10-01,1\n")
    (tmp_path / "sales_2.csv").write_text("net_amount,customer_id,event_on\n2,b,2026-10-02\n")
    sources = [*written(tmp_path, customers=CUSTOMERS), Source("transactions", "sales_*.csv")]
    facts, findings = Facts.open("duckdb://", sources, tmp_path, reading())
    assert findings == []
    assert rows(facts, facts.transactions, "customer_id", "net_amount") == [("a", 1), ("b", 2)]


def test_tables_of_a_schema_are_read_from_a_database_that_is_not_written_to(tmp_path):
    import duckdb

    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
        con.execute("create schema crm")
        con.execute("create table crm.clients as select 'a' id, date '2024-01-01' since")
    columns = (("customer_id", "id"), ("acquired_on", "since"))
    sources = [Source("customers", "crm.clients", columns)]
    facts, _findings = Facts.open("duckdb://warehouse.duckdb", sources, tmp_path, reading())
    assert rows(facts, facts.customers, "customer_id", "acquired_on") == [("a", date(2024, 1, 1))]


def test_query_may_read_files_beside_the_project_and_end_with_a_semicolon(tmp_path):
    written(tmp_path, customers=CUSTOMERS)
    query = "select customer_id, acquired_on from 'customers.csv' where customer_id = 'ben';"
    sources = [Source("customers", query, is_sql=True)]
    facts, _findings = Facts.open("duckdb://", sources, tmp_path, reading())
    assert rows(facts, facts.customers, "customer_id") == [("ben",)]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_a_row_that_begins_with_a_number_sign_is_a_row(tmp_path, mark):
    """Left to itself the engine takes such a line for a remark and drops it without a word."""
    lines = ["customer_id,acquired_on,name", "1,2024-01-01,a", "#2,2024-01-02,b", "#3,2024-01-03,c"]
    facts = opened(tmp_path, customers="\n".join(lines).replace(",", mark))
    found = rows(facts, facts.customers, "customer_id", "name")
    assert found == [("#2", "b"), ("#3", "c"), ("1", "a")]


@pytest.mark.parametrize("mark", [",", ";"])
def test_only_double_quotes_enclose_a_value(tmp_path, mark):
    """Delimiters, quotes and line ends inside are kept; an apostrophe is a letter of a name."""
    names = ['"Bolt, Nut; ""Sons"""', '"two\nlines"', "'t Hooft", "'Nevis'"]
    lines = [f"{i}{mark}2024-01-01{mark}{name}" for i, name in enumerate(names)]
    text = "\n".join([mark.join(("customer_id", "acquired_on", "name")), *lines])
    facts = opened(tmp_path, customers=text)
    assert rows(facts, facts.customers, "name") == [
        ("'Nevis'",),
        ("'t Hooft",),
        ('Bolt, Nut; "Sons"',),
        ("two\nlines",),
    ]


BROKEN = {
    "one value too many": (
        b"a,2024-01-01,A,more",
        "line 7 of customers.csv: 4 values where the first line has 3 names",
    ),
    "one too few": (
        b"a,2024-01-01",
        "line 7 of customers.csv: 2 values where the first line has 3 names",
    ),
    "an open quote": (b'a,2024-01-01,"A', "line 7 of customers.csv: a quote is opened and not"),
    "another encoding": (b"a,2024-01-01,M\xfcller", "it is not in UTF-8; save the file in that"),
}


@pytest.mark.parametrize("wrong", BROKEN)
@pytest.mark.parametrize("files", ["customers.csv", "customers*.csv"])
def test_a_text_file_that_cannot_be_read_says_the_line_and_why(tmp_path, wrong, files):
    line, said = BROKEN[wrong]
    good = [b"b,2024-01-01,B"] * 5
    head = b"customer_id,acquired_on,name"
    (tmp_path / "customers.csv").write_bytes(b"\n".join([head, *good, line, *good]))
    if "*" in files:
        (tmp_path / "customers_2.csv").write_bytes(b"\n".join([head, b"c,2024-01-01,C"]))
    found = refused(tmp_path, Source("customers", files))
    assert f'"{files}" cannot be read (' in found.message
    assert said in found.message


def test_a_line_beyond_the_engines_first_look_is_named_too(tmp_path):
    text = "customer_id,acquired_on\n" + "a,2024-01-01\n" * 30000 + "b\n"
    (tmp_path / "customers.csv").write_text(text)
    found = refused(tmp_path, Source("customers", "customers.csv"))
    assert "line 30002 of customers.csv: 1 value where the first line has 2" in found.message


def test_what_is_no_text_at_all_is_said_to_be_so(tmp_path):
    (tmp_path / "customers.csv").write_bytes(bytes(range(256)) * 20)
    found = refused(tmp_path, Source("customers", "customers.csv"))
    assert (
        '"customers.csv" cannot be read (customers.csv: it is not text in columns' in found.message
    )


# how values are read


def test_codes_keep_their_zeros_and_blanks_are_empty(tmp_path):
    facts = opened(tmp_path, customers='customer_id,acquired_on,segment\n00017,2024-01-01,""\n')
    assert rows(facts, facts.customers, "customer_id", "segment") == [("00017", None)]


def converted(values: list[object], kind: str, to: str, zones: Zones = LONDON) -> list[object]:
    con = connect("duckdb://", Path(), EngineOptions())
    table = ibis.memtable(
        {"i": list(range(len(values))), "v": values}, schema={"i": "int64", "v": kind}
    )
    shown = table.select("i", v=convert(table.v, to, zones)).order_by("i")
    return con.to_pyarrow(shown).column("v").to_pylist()


@pytest.mark.parametrize(
    ("text", "to", "value"),
    [
        ("12.40", "decimal(18,4)", Decimal("12.4000")),
        ("-3", "decimal(18,4)", Decimal(-3)),
        ("12,40", "decimal(18,4)", None),
        ("1.234,50", "decimal(18,4)", None),
        ("€5", "decimal(18,4)", None),
        ("2026-10-31", "date", date(2026, 10, 31)),
        ("31/10/2026", "date", None),
        ("2026-02-30", "date", None),
        ("2026-10-31 23:30:00", "date", date(2026, 10, 31)),
        ("2026-06-30T23:30:00Z", "date", date(2026, 6, 30)),
        ("2026-07-01T00:00:00-05:00", "date", date(2026, 7, 1)),
        (" 2026-7-1 ", "date", date(2026, 7, 1)),
        ("2026-07-01T99:00:00Z", "date", None),
        ("2026-07-01 and more", "date", None),
        ("2026", "date", None),
        ("2026-07", "date", None),
        ("+2026-07-01", "date", None),
        ("2026/07/01", "date", None),
        ("epoch", "date", None),
        ("T10:00", "timestamp", None),
        ("2026-07-01T10:00 America/New_York", "timestamp", None),
        ("100d", "decimal(18,4)", None),
        ("1_000", "decimal(18,4)", None),
        ("٣", "decimal(18,4)", None),
        ("0x1F", "float64", None),
        ("1e3", "float64", 1000.0),
        ("2026-06-30T12:00:00", "timestamp", at(2026, 6, 30, 11)),
        ("2026-06-30T12:00:00Z", "timestamp", at(2026, 6, 30, 12)),
        ("2026-06-30 12:00:00 UTC", "timestamp", at(2026, 6, 30, 12)),
        ("2026-06-30T12:00:00+02:00", "timestamp", at(2026, 6, 30, 10)),
        ("2026-06-30T12:00:00.250-0500", "timestamp", at(2026, 6, 30, 17, 0, 0, 250000)),
        ("yesterday", "timestamp", None),
        ("True", "boolean", True),
        ("maybe", "boolean", None),
    ],
)
def test_text_is_read_in_one_way_or_not_at_all(text, to, value):
    assert converted([text], "string", to) == [value]


@pytest.mark.parametrize(
    ("value", "kind", "to", "read"),
    [
        (17850.0, "float64", "string", "17850"),
        (0.5, "float64", "string", "0.5"),
        (17, "int64", "string", "17"),
        (1, "int64", "boolean", True),
        (2, "int64", "boolean", None),
        (20261031, "int64", "date", None),
        (1e30, "float64", "decimal(18,4)", None),
        (date(2026, 7, 1), "date", "timestamp", at(2026, 6, 30, 23)),
        (True, "boolean", "decimal(18,4)", None),
    ],
)
def test_other_types_are_read_in_one_way_or_not_at_all(value, kind, to, read):
    assert converted([value], kind, to) == [read]


def test_local_times_are_moments_on_both_sides_of_a_clock_change():
    """London left summer time on 2026-10-25 at 02:00 and entered it on 2026-03-29 at 01:00."""
    local = [at(2026, 3, 28, 12), at(2026, 3, 29, 12), at(2026, 10, 25, 12)]
    utc = [at(2026, 3, 28, 12), at(2026, 3, 29, 11), at(2026, 10, 25, 12)]
    assert converted(local, "timestamp", "timestamp") == utc


def test_moments_in_utc_stay_and_fall_on_the_companys_day():
    zones = Zones("Europe/London", "UTC")
    moment = at(2026, 6, 30, 23, 30)
    assert converted([moment], "timestamp", "timestamp", zones) == [moment]
    assert converted([moment], "timestamp", "date", zones) == [date(2026, 7, 1)]


@pytest.mark.parametrize("kind", ["timestamp", "timestamp('UTC')"])
@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Asia/Kolkata"])
def test_a_day_kept_as_midnight_is_that_day_everywhere(kind, zone):
    zones = Zones(zone, "UTC")
    assert converted([at(2026, 6, 1)], kind, "date", zones) == [date(2026, 6, 1)]


def test_days_as_local_midnights_stay_days():
    assert converted([at(2026, 7, 1)], "timestamp", "date") == [date(2026, 7, 1)]


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(0, 60_000_000), min_size=1, max_size=50),
    st.sampled_from(["Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
def test_a_moment_falls_on_the_day_that_its_zone_shows(minutes, zone):
    moments = [datetime(1990, 1, 1, tzinfo=UTC) + timedelta(minutes=m) for m in minutes]
    naive = [m.replace(tzinfo=None) for m in moments]
    con = connect("duckdb://", Path(), EngineOptions())
    table = ibis.memtable(
        {"i": list(range(len(naive))), "v": naive}, schema={"i": "int64", "v": "timestamp"}
    )
    days = table.select("i", day=convert(table.v, "date", Zones(zone, "UTC"))).order_by("i")
    expected = [m.astimezone(ZoneInfo(zone)).date() for m in moments]
    at_midnight = [
        m.date() if m.time() == time.min else day for m, day in zip(moments, expected, strict=True)
    ]
    assert con.to_pyarrow(days).column("day").to_pylist() == at_midnight
    assert [day_of(moment, Zones(zone, "UTC")) for moment in naive] == expected


def test_a_query_over_a_text_file_names_the_line_that_it_cannot_read(tmp_path):
    (tmp_path / "c.csv").write_text("customer_id,acquired_on\na,2024-01-01\nb\n")
    query = "select * from read_csv('c.csv', delim = ',', header = true, auto_detect = false, columns = {'customer_id': 'VARCHAR', 'acquired_on': 'DATE'})"
    facts, _ = Facts.open(
        "duckdb://", [Source("customers", query, is_sql=True)], tmp_path, reading()
    )
    with pytest.raises(
        FactsError, match=r"line 3 of c\.csv: 1 value where the first line has 2 names"
    ):
        rows(facts, facts.customers, "customer_id")
