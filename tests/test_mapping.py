"""Mapping without SQL: constants, values translated, a column used twice, several joined; and
which column of a source may be meant by a name that it does not have."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from sample_engines import ENGINES, reader_of
from sample_facts import reading, refused, rows, written
from test_inspection import inspected, only

from scorecard.base.findings import Finding
from scorecard.facts.contracts import Source
from scorecard.facts.mapping import nearest_column
from scorecard.facts.tables import Facts
from scorecard.facts.writing import Mapped

CUSTOMERS = """
    Region,No,Since,Name
    North,7,2024-01-10,Amber
    South,7,2025-06-01,Basil
    ,8,2025-06-01,Coral
    North,N/A,2025-06-01,Dune
"""
JOINED = Mapped(("Region", "No"), between="|")
AS_CUSTOMERS = (("customer_id", JOINED), ("acquired_on", "Since"), ("name", "Name"))
CONTRACTS = """
    Customer,Begin,Fee,Billing
    North|7,2024-01-10,120,Yearly
    South|7,2025-06-01,10,Monthly
    South|7,2025-06-01,10,month
"""
BILLED = Mapped(("Billing",), values=(("Yearly", "year"), ("Monthly", "month")))
AS_CONTRACTS = (
    ("customer_id", "Customer"),
    ("start_on", "Begin"),
    ("recurring_amount", "Fee"),
    ("billing_period", BILLED),
)


@pytest.fixture(params=ENGINES)
def reader(request, tmp_path):
    with reader_of(request.param, tmp_path) as read:
        yield read


def facts_of(url: str, sources: list[Source], folder: Path) -> Facts:
    facts, found = Facts.open(url, sources, folder, reading())
    assert [f for f in found if f.id != "facts.required"] == []
    return facts


def mapped(folder: Path, table: str, text: str, columns: tuple[object, ...]) -> Source:
    (source,) = written(folder, **{table: text})
    return Source(table, source.of, columns)


def of(found: list[Finding], place: str) -> list[Finding]:
    return [f for f in found if f.place == place]


def test_columns_are_joined_and_empty_where_a_part_is(reader, tmp_path):
    facts = reader([mapped(tmp_path, "customers", CUSTOMERS, AS_CUSTOMERS)])
    expected = [("North|7", "Amber"), ("South|7", "Basil"), (None, "Coral"), (None, "Dune")]
    assert rows(facts, facts.customers, "customer_id", "name") == expected
    found = of(inspected(facts), "facts.customers.customer_id")
    assert [(f.severity, f.id) for f in found] == [
        ("blocking", "facts.empty_value"),
        ("warning", "facts.placeholder"),
    ]
    assert found[0].message.startswith("empty in 2 of 4 rows")
    assert 'for example "North|N/A"' in found[1].message


def test_a_part_with_the_mark_in_it_is_told(reader, tmp_path):
    text = "Region,No,Since\nNorth-East,7,2024-01-10\nNorth,East-7,2024-01-10\nSouth,7,2024-01-10\n"
    columns = (("customer_id", Mapped(("Region", "No"), between="-")), ("acquired_on", "Since"))
    found = inspected(reader([mapped(tmp_path, "customers", text, columns)]))
    told = only(found, "facts.joined_mark")
    assert told.message.startswith('2 values have the mark "-" within a part that it joins')
    assert only(found, "facts.duplicate_key").severity == "blocking"  # and these came out the same


def test_values_are_translated_and_others_stay_as_they_are(reader, tmp_path):
    sources = [
        mapped(tmp_path, "customers", CUSTOMERS, AS_CUSTOMERS),
        mapped(tmp_path, "contracts", CONTRACTS, AS_CONTRACTS),
    ]
    facts = reader(sources)
    found = rows(facts, facts.contracts, "customer_id", "billing_period")
    assert found == [("North|7", "year"), ("South|7", "month"), ("South|7", "month")]
    assert of(inspected(facts), "facts.contracts.billing_period") == []


def test_a_value_that_is_not_translated_is_found_by_the_check_of_its_column(reader, tmp_path):
    """Exactly as it is written: "yearly" may be another thing than "Yearly"."""
    text = CONTRACTS.replace("120,Yearly", "120,yearly")
    sources = [
        mapped(tmp_path, "customers", CUSTOMERS, AS_CUSTOMERS),
        mapped(tmp_path, "contracts", text, AS_CONTRACTS),
    ]
    (found,) = of(inspected(reader(sources)), "facts.contracts.billing_period")
    assert (found.severity, found.id) == ("blocking", "facts.unknown_value")
    assert 'for example "yearly"' in found.message


def test_all_values_to_translate_are_named_the_most_frequent_first(reader, tmp_path):
    lines = [f"North|7,2024-01-10,1,{word}" for word in ["Jährlich"] * 2 + ["Monatlich"] * 3]
    lines += [f"North|7,2024-01-10,1,{word}" for word in ("month", 'per "halb"')]
    text = "\n".join(["Customer,Begin,Fee,Billing", *lines])
    columns = (*AS_CONTRACTS[:3], ("billing_period", "Billing"))
    sources = [
        mapped(tmp_path, "customers", CUSTOMERS, AS_CUSTOMERS),
        mapped(tmp_path, "contracts", text, columns),
    ]
    (found,) = of(inspected(reader(sources)), "facts.contracts.billing_period")
    assert found.hint == (
        'Translate them: billing_period = { from = "Billing", values = { "Monatlich" = …, '
        '"Jährlich" = …, "per \\"halb\\"" = … } }; nothing is guessed from another word.'
    )


def test_a_placeholder_may_be_translated_and_a_value_may_be_made_empty(reader, tmp_path):
    text = "id,since,how\na,2024-01-10,-\nb,2024-01-10,X\nc,2024-01-10,N/A\n"
    how = Mapped(("how",), values=(("-", "earned"), ("X", "")))
    columns = (("customer_id", "id"), ("acquired_on", "since"), ("acquired_how", how))
    facts = reader([mapped(tmp_path, "customers", text, columns)])
    found = rows(facts, facts.customers, "customer_id", "acquired_how")
    assert found == [("a", "earned"), ("b", None), ("c", None)]
    (told,) = of(inspected(facts), "facts.customers.acquired_how")
    assert told.message.startswith("1 value stands for nothing")


def test_a_constant_is_in_every_row_and_one_column_may_be_used_twice(reader, tmp_path):
    sources = [
        mapped(
            tmp_path,
            "customers",
            "No,Since\n7,2024-01-10\n",
            (("customer_id", "No"), ("name", "No"), ("acquired_on", "Since")),
        ),
        mapped(
            tmp_path,
            "surveys",
            "No,Sent,Answer\n7,2026-05-01T10:00:00Z,9\n7,2026-06-01T10:00:00Z,\n",
            (
                ("customer_id", "No"),
                ("sent_at", "Sent"),
                ("answered_at", "Sent"),
                ("score", "Answer"),
                ("instrument", Mapped(value="nps")),
                ("scale_max", Mapped(value="10")),
                ("eligible", Mapped(value="true")),
            ),
        ),
    ]
    facts = reader(sources)
    assert rows(facts, facts.customers, "customer_id", "name") == [("7", "7")]
    found = rows(facts, facts.surveys, "instrument", "scale_max", "eligible", "score")
    assert found == [("nps", 10.0, True, 9.0), ("nps", 10.0, True, None)]
    assert [f for f in inspected(facts) if f.severity == "blocking"] == []


def test_numbers_of_a_database_are_joined_and_translated_as_they_are_written(tmp_path):
    with duckdb.connect(str(tmp_path / "erp.duckdb")) as con:
        con.execute(
            "create table clients as select 'N' region, 7.0::double as \"no\", 1 kind, "
            "date '2024-01-10' since"
        )
    kind = Mapped(("kind",), values=(("1", "earned"),))
    joined = Mapped(("region", "no"), between="/")
    columns = (("customer_id", joined), ("acquired_on", "since"), ("acquired_how", kind))
    facts = facts_of("duckdb://erp.duckdb", [Source("customers", "clients", columns)], tmp_path)
    assert rows(facts, facts.customers, "customer_id", "acquired_how") == [("N/7", "earned")]


def test_a_second_header_is_found_below_columns_that_are_joined_and_translated(tmp_path):
    text = f"{CONTRACTS.rstrip()}\n    Customer,Begin,Fee,Billing\n"
    sources = [
        mapped(tmp_path, "customers", CUSTOMERS + "    Region,No,Since,Name\n", AS_CUSTOMERS),
        mapped(tmp_path, "contracts", text, (*AS_CONTRACTS, ("currency", Mapped(value="EUR")))),
    ]
    found = inspected(facts_of("duckdb://", sources, tmp_path))
    places = sorted(f.place for f in found if f.id == "facts.repeated_header")
    assert places == ["facts.contracts", "facts.customers"]


def test_a_column_that_is_not_there_is_named_with_the_one_that_is_meant(tmp_path):
    columns = (("customer_id", Mapped(("Region", "Nr"), between="|")), ("acquired_on", "Sinc"))
    found = refused(tmp_path, mapped(tmp_path, "customers", CUSTOMERS, columns))
    assert (found.place, found.message) == (
        "facts.customers.customer_id",
        'the source has no column "Nr". Known: Name, No, Region, Since.',
    )
    again = (("customer_id", JOINED), ("acquired_on", "Sinc"))
    found = refused(tmp_path, mapped(tmp_path, "customers", CUSTOMERS, again))
    assert found.message == 'the source has no column "Sinc". Did you mean "Since"?'


NEAREST = [
    # what is looked for, in which table, among which columns, and what may be meant
    ("customer_id", "transactions", "order_id amount", ""),
    ("customer_id", "transactions", "invoice_id", ""),
    ("customer_id", "transactions", "ticket_id id", ""),
    ("customer_id", "transactions", "transaction_id", ""),
    ("customer_id", "transactions", "customer_order_id", ""),
    ("customer_id", "surveys", "contact_id respondent_id", ""),
    ("customer_id", "transactions", "OrderNo CustNo", "CustNo"),
    ("customer_id", "transactions", "order_id custmer_id", "custmer_id"),
    ("customer_id", "transactions", "CUSTNO", "CUSTNO"),
    ("customer_id", "customers", "Customer Number", "Customer Number"),
    ("customer_id", "customers", "Customer", "Customer"),
    ("customer_id", "customers", "customer_name", ""),
    ("acquired_on", "customers", "aquired_on", "aquired_on"),
    ("acquired_on", "customers", "customer_acquired_date closed_on", "customer_acquired_date"),
    ("acquired_on", "customers", "closed_on", ""),
    ("event_on", "transactions", "shipped_on event_date", "event_date"),
    ("net_amount", "transactions", "gross_amount", ""),
    ("net_amount", "transactions", "amount", "amount"),
    ("opened_at", "interactions", "closed_at resolved_at", ""),
    ("sent_at", "surveys", "answered_at", ""),
    ("Kundenummer", "", "Kundennummer Rechnungsnummer", "Kundennummer"),
    ("Date", "", "Amount date", "date"),
    ("nmae", "", "name status tier", "name"),
]


@pytest.mark.parametrize(("name", "table", "present", "meant"), NEAREST)
def test_only_a_column_that_is_plausibly_the_thing_is_suggested(name, table, present, meant):
    """By the words that tell one thing from another: a shared end such as "_id" is none."""
    present = [present] if meant == present else present.split()
    said = nearest_column(name, present, table)
    assert said == (
        f' Did you mean "{meant}"?' if meant else f" Known: {', '.join(sorted(present))}."
    )


def test_a_source_without_columns_suggests_nothing():
    assert nearest_column("customer_id", []) == ""
