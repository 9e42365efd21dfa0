"""How sources write numbers, days and signs: a setting says it, and without one nothing is taken for
granted that could be meant otherwise. Each figure is worked out by hand."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sample_engines import ENGINES, METRICS, address_of, database, reader_of
from sample_facts import reading, refused, rows, written
from test_inspection import inspected, only

from scorecard.base.periods import Period
from scorecard.facts import spark
from scorecard.facts.contracts import Source
from scorecard.facts.engine import EngineOptions, answer, connect, disconnect
from scorecard.facts.tables import Facts
from scorecard.facts.values import Zones, convert
from scorecard.facts.writing import Mapped, Writing, date_pattern
from scorecard.measuring.measure import Measuring
from scorecard.strategy.model import Tier, TierPlan
from scorecard.tiers.assignment import Tiers

LONDON = Zones("Europe/London", "Europe/London")
CUSTOMERS = "customer_id,acquired_on,tier\nA1,2023-01-01,gold\nA2,2023-01-01,gold\n"
JUNE = Period.parse("2026-06", "Europe/London")


@pytest.fixture(params=ENGINES)
def reader(request, tmp_path):
    """A function that opens tables of text, each with what is said of its writing."""
    with reader_of(request.param, tmp_path) as read:

        def opened(says=None, **tables):
            sources = written(tmp_path, **({"customers": CUSTOMERS} | tables))
            says = says or {}
            return read(
                [Source(s.table, s.of, writing=says.get(s.table, Writing())) for s in sources]
            )

        yield opened


@pytest.fixture(params=ENGINES)
def engine(request, tmp_path):
    with address_of(request.param, tmp_path) as url:
        con = connect(url, tmp_path, EngineOptions())
        yield con
        disconnect(con)


def read_as(con, texts, type, folder, **says):
    """The texts as values of that type, in their order."""
    rows = {"i": list(range(len(texts))), "v": texts}
    if con.name == "pyspark":
        pq.write_table(pa.table(rows), folder / "texts.parquet")
        table = spark.read_files(con, [folder / "texts.parquet"])
    else:
        table = ibis.memtable(rows, schema={"i": "int64", "v": "string"})
    shown = table.select("i", v=convert(table.v, type, LONDON, Writing(**says))).order_by("i")
    if con.name == "pyspark":
        return [row["v"] for row in answer(con, con.compile(shown))]
    return con.to_pyarrow(shown).column("v").to_pylist()


def told(facts, place):
    return [f for f in inspected(facts) if f.place == place]


# numbers

NUMBERS = [
    # what is said, what is written, and the number it is; None where it is none
    ({"decimal": ","}, "12,40", "12.40"),
    ({"decimal": ","}, "-3", "-3"),
    ({"decimal": ","}, ",5", "0.5"),
    ({"decimal": ","}, "12.40", None),
    ({"decimal": ","}, "1.200", None),
    ({"decimal": ","}, "1.200,50", None),
    ({"decimal": ",", "thousands": "."}, "1.200", "1200"),
    ({"decimal": ",", "thousands": "."}, "-1.234.567,89", "-1234567.89"),
    ({"decimal": ",", "thousands": "."}, "1234,5", "1234.5"),
    ({"decimal": ",", "thousands": "."}, "1.23", None),
    ({"decimal": ",", "thousands": "."}, "12.34.567", None),
    ({"decimal": "."}, "1.200", "1.2"),
    ({"thousands": ","}, "1,200.50", "1200.50"),
    ({"thousands": ","}, "1,20", None),
    ({"decimal": ",", "thousands": " "}, "1 234 567,5", "1234567.5"),
    ({"decimal": ",", "thousands": " "}, "1\u00a0234,5", "1234.5"),
    ({"decimal": ",", "thousands": " "}, "1\u202f234", "1234"),
    ({"thousands": "'"}, "1'234.50", "1234.50"),
    ({"thousands": "'"}, "1’234.50", "1234.50"),
    ({"minus": "behind"}, "12.40-", "-12.40"),
    ({"minus": "behind"}, "12.40", "12.40"),
    ({"minus": "behind"}, "-12.40-", None),
    ({"minus": "brackets"}, "(12.40)", "-12.40"),
    ({"minus": "brackets", "decimal": ",", "thousands": "."}, " (1.200,50) ", "-1200.50"),
    ({"minus": "brackets"}, "(-12.40)", None),
    ({}, "(12.40)", None),
    ({}, "12.40-", None),
]  # fmt: skip


def test_numbers_are_read_as_they_are_said_to_be_written_or_not_at_all(engine, tmp_path):
    each = {}
    for says, text, number in NUMBERS:
        each.setdefault(tuple(says.items()), []).append((text, number and Decimal(number)))
    for says, numbers in each.items():
        texts = [text for text, _number in numbers]
        found = read_as(engine, texts, "decimal(18,4)", tmp_path, **dict(says))
        assert (says, list(zip(texts, found, strict=True))) == (says, numbers)


def test_a_column_may_write_its_numbers_in_another_way_than_its_table(tmp_path):
    text = "id;day;net;list\na;2026-06-01;1,5;1.234\n"
    (source,) = written(tmp_path, transactions=text)
    columns = (
        ("customer_id", "id"),
        ("event_on", "day"),
        ("net_amount", "net"),
        ("list_amount", Mapped(("list",), decimal=".")),
    )
    source = Source("transactions", source.of, columns, writing=Writing(decimal=","))
    facts, _ = Facts.open("duckdb://", [source], tmp_path, reading())
    found = rows(facts, facts.transactions, "net_amount", "list_amount")
    assert found == [(Decimal("1.5"), Decimal("1.234"))]
    assert told(facts, "facts.transactions.list_amount") == []


def test_codes_and_numbers_of_a_database_have_no_marks(tmp_path):
    with duckdb.connect(str(tmp_path / "erp.duckdb")) as con:
        con.execute(
            "create table customers as select '1.200' customer_id, date '2024-01-01' acquired_on"
        )
        con.execute(
            "create table transactions as select '1.200' customer_id, date '2026-06-01' event_on, "
            "1.2::decimal(9,3) net_amount"
        )
    german = Writing(decimal=",", thousands=".")
    sources = [Source(name, name, writing=german) for name in ("customers", "transactions")]
    facts, _ = Facts.open("duckdb://erp.duckdb", sources, tmp_path, reading())
    found = rows(facts, facts.transactions, "customer_id", "net_amount")
    assert found == [("1.200", Decimal("1.2"))]
    assert [f for f in inspected(facts) if f.severity == "blocking"] == []


def sales(*amounts):
    lines = [f"T{n};A1;2026-06-0{n + 1};{amount}" for n, amount in enumerate(amounts)]
    return "\n".join(["txn_id;customer_id;event_on;net_amount", *lines])


def amounts_in(tmp_path, *amounts, **says):
    """A table of sales with these amounts, in a file that is delimited by semicolons."""
    sources = written(tmp_path, customers=CUSTOMERS, transactions=sales(*amounts))
    sources[1] = Source("transactions", sources[1].of, writing=Writing(**says))
    facts, _ = Facts.open("duckdb://", sources, tmp_path, reading())
    return facts


@pytest.mark.parametrize("rest", [[], ["350"], ["350", "-2.500"]])
def test_numbers_with_a_point_before_three_digits_throughout_have_two_readings(tmp_path, rest):
    """1.200 and 4.650 are 5.85 or 5,850."""
    (found,) = told(amounts_in(tmp_path, "1.200", "4.650", *rest), "facts.transactions.net_amount")
    assert (found.id, found.severity) == ("facts.two_readings", "blocking")
    assert 'decimal = "." for this table' in found.hint
    assert 'decimal = "," and thousands = "."' in found.hint
    if len(rest) < 2:
        assert found.message == (
            '2 values have a point before three digits, as every one with a point: "1.200" is 1.2 or '
            "1200. They come to 5.85 EUR or to 5,850.00 EUR."
        )


@pytest.mark.parametrize(
    ("says", "total"),
    [({"decimal": "."}, "5.85"), ({"decimal": ",", "thousands": "."}, "5850")],
)
def test_what_is_said_of_the_marks_answers_it(tmp_path, says, total):
    facts = amounts_in(tmp_path, "1.200", "4.650", **says)
    assert told(facts, "facts.transactions.net_amount") == []
    t = facts.transactions
    assert facts.answer(t.agg(total=t.net_amount.sum()))[0]["total"] == Decimal(total)


@pytest.mark.parametrize("plain", ["1.20", "0.125", "12.5"])
def test_one_number_with_other_decimals_makes_the_point_plain(tmp_path, plain):
    assert told(amounts_in(tmp_path, "1.200", plain), "facts.transactions.net_amount") == []


MARKS = [
    # amounts of one table, and what is to be said of them
    (["1.200,50", "350"], 'decimal = "," and thousands = "."'),
    (["1.200", "350,75"], 'decimal = "," and thousands = "."'),
    (["1.200.300"], 'decimal = "," and thousands = "."'),
    (["350,75", "12,5"], 'Say decimal = "," for this table.'),
    (["1,200.50"], 'Say thousands = "," for this table.'),
    (["1,200", "12.40"], 'Say thousands = "," for this table.'),
    (["1,200,300"], 'Say thousands = "," for this table.'),
    (["1,200"], 'Say decimal = "," for this table if the comma stands before decimals, or thousands = ","'),
    (["1 200,50"], 'Say decimal = "," and thousands = " " for this table.'),
    (["1\u00a0200"], 'Say thousands = " " for this table.'),
    (["1'200.50"], "Say thousands = \"'\" for this table."),
    (["12,40", "12.40"], "Some have a comma before decimals and some a point: export them in one way."),
    (["(12.00)"], 'Say minus = "brackets" if (12) is -12.'),
    (["(1.200,50)"], 'Say decimal = "," and thousands = "." for this table. Say minus = "brackets"'),
    (["12.00-"], 'Say minus = "behind" for 12-.'),
    (["−12.00"], "Write the minus before a number as on a keyboard"),
    (["12.5 %"], "Leave the percent sign out"),
    (["€12.00"], 'Leave currencies and units out of the numbers, and map the column "currency".'),
    (["1.200,50 EUR"], 'Say decimal = "," and thousands = "." for this table. Leave currencies'),
    (["$1,200.50"], 'Say thousands = "," for this table. Leave currencies'),
]  # fmt: skip


@pytest.mark.parametrize(("amounts", "hint"), MARKS)
def test_a_number_that_is_none_is_found_with_what_would_answer_it(tmp_path, amounts, hint):
    (found,) = told(amounts_in(tmp_path, *amounts), "facts.transactions.net_amount")
    assert (found.id, found.severity) == ("facts.type", "blocking")
    assert hint in found.hint


# days

DAYS = [
    ("%d/%m/%Y", "03/04/2026", date(2026, 4, 3)),
    ("%m/%d/%Y", "03/04/2026", date(2026, 3, 4)),
    ("%d/%m/%Y", "3/4/2026", date(2026, 4, 3)),
    ("%d/%m/%Y", "13/13/2026", None),
    ("%d/%m/%Y", "03/04/26", None),
    ("%d/%m/%Y", "03.04.2026", None),
    ("%d/%m/%Y", "2026-04-03", date(2026, 4, 3)),
    ("%d/%m/%Y", "2026-04-03T23:30:00Z", date(2026, 4, 3)),
    ("%Y-%d-%m", "2026-04-03", date(2026, 3, 4)),
    ("%d.%m.%y", "03.04.26", date(2026, 4, 3)),
    ("%d.%m.%y", "03.04.69", date(1969, 4, 3)),
    ("%Y%m%d", "20260403", date(2026, 4, 3)),
    ("%Y%m%d", "2026043", None),
    ("%d-%b-%Y", "03-Apr-2026", date(2026, 4, 3)),
    ("%d-%b-%Y", "03-XYZ-2026", None),
    ("%b %d, %Y", "Apr 3, 2026", date(2026, 4, 3)),
    ("%d/%m/%Y %H:%M", "03/04/2026 23:30", date(2026, 4, 3)),
]  # fmt: skip
MOMENTS = [
    # London is an hour before UTC in April
    ("%d/%m/%Y %H:%M", "03/04/2026 9:05", (2026, 4, 3, 8, 5)),
    ("%d/%m/%Y %H:%M:%S", "03/04/2026 09:05:07", (2026, 4, 3, 8, 5, 7)),
    ("%m/%d/%Y %I:%M %p", "4/3/2026 12:05 AM", (2026, 4, 2, 23, 5)),
    ("%m/%d/%Y %I:%M %p", "4/3/2026 1:05 pm", (2026, 4, 3, 12, 5)),
    ("%d/%m/%Y %H:%M", "03/04/2026 24:05", None),
    ("%d/%m/%Y %H:%M", "2026-04-03T09:05:00Z", (2026, 4, 3, 9, 5)),
    ("%d/%m/%Y", "03/04/2026", (2026, 4, 2, 23)),
]  # fmt: skip


def test_days_are_read_as_they_are_said_to_be_written_or_not_at_all(engine, tmp_path):
    moments = [(f, text, at and datetime(*at)) for f, text, at in MOMENTS]  # noqa: DTZ001
    for kind, cases in (("date", DAYS), ("timestamp", moments)):
        for format in dict.fromkeys(f for f, _text, _value in cases):
            wanted = [(text, value) for f, text, value in cases if f == format]
            texts = [text for text, _value in wanted]
            found = read_as(engine, texts, kind, tmp_path, date=format)
            assert (format, list(zip(texts, found, strict=True))) == (format, wanted)


@pytest.mark.parametrize(
    "format", ["%d/%m", "%d/%m/%Y %H", "%d/%d/%m/%Y", "%j %Y", "%d/%m/%Y %", "%d/%m/%Y %I:%M"]
)
def test_a_format_that_does_not_say_a_day_is_none(format):
    with pytest.raises(ValueError, match=r"it |is none of|a time"):
        date_pattern(format)


HINTS = [
    (["03/04/2026"], 'Say date = "%d/%m/%Y" for this table if the day comes first, or date = "%m/%d/%Y" if the month does'),
    (["03/04/2026", "31/05/2026"], 'Say date = "%d/%m/%Y" for this table: it is the only way that all of them fit.'),
    (["03/04/2026", "05/31/2026"], 'Say date = "%m/%d/%Y" for this table: it is the only way'),
    (["03/04/2026", "2026-05-31"], 'Say date = "%d/%m/%Y" for this table if the day comes first'),
    (["31/05/2026", "05/31/2026"], '1 of 2 fit "%m/%d/%Y", and no one way fits all of them: export them in one way.'),
    (["03.04.26", "31.05.26"], 'Say date = "%d.%m.%y" for this table'),
    (["31-05-2026 14:05"], 'Say date = "%d-%m-%Y %H:%M" for this table'),
    (["5/31/2026 2:05 PM"], 'Say date = "%m/%d/%Y %I:%M %p" for this table'),
    (["20260531"], 'Say date = "%Y%m%d" for this table'),
    (["31-May-2026"], 'Say date = "%d-%b-%Y" for this table'),
    (["tomorrow"], "Write days as 2026-10-31"),
]  # fmt: skip


@pytest.mark.parametrize(("days", "hint"), HINTS)
def test_a_day_that_is_none_is_found_with_the_format_that_would_answer_it(tmp_path, days, hint):
    lines = [f"T{n};A1;{day};1" for n, day in enumerate(days)]
    table = "\n".join(["txn_id;customer_id;event_on;net_amount", *lines])
    facts, _ = Facts.open(
        "duckdb://", written(tmp_path, customers=CUSTOMERS, transactions=table), tmp_path, reading()
    )
    (found,) = [f for f in told(facts, "facts.transactions.event_on") if f.id == "facts.type"]
    assert found.severity == "blocking"
    assert hint in found.hint


def test_what_would_answer_is_told_of_a_database_too(reader):
    text = "customer_id,event_on,net_amount,list_amount\nA1,31/05/2026,1'200.50,1.200\n"
    facts = reader(transactions=text)
    hints = {
        f.place.rpartition(".")[2]: f.hint for f in inspected(facts) if f.severity == "blocking"
    }
    assert hints["event_on"].startswith('Say date = "%d/%m/%Y" for this table: it is the only way')
    assert hints["net_amount"] == 'Say thousands = "\'" for this table.'
    assert hints["list_amount"].startswith('Say decimal = "." for this table if')


def test_a_column_may_write_its_days_in_another_way_than_its_table(tmp_path):
    text = "id,since,until\na,03/04/2026,12-31-2026\n"
    (source,) = written(tmp_path, customers=text)
    columns = (
        ("customer_id", "id"),
        ("acquired_on", "since"),
        ("closed_on", Mapped(("until",), date="%m-%d-%Y")),
    )
    source = Source("customers", source.of, columns, writing=Writing(date="%d/%m/%Y"))
    facts, _ = Facts.open("duckdb://", [source], tmp_path, reading())
    assert rows(facts, facts.customers, "acquired_on", "closed_on") == [
        (date(2026, 4, 3), date(2026, 12, 31))
    ]


def test_moments_that_are_days_are_told_in_every_way_of_writing(reader):
    contacts = "customer_id,opened_at\nA1,03/04/2026\nA1,2026-04-03T10:00:00Z\n"
    facts = reader({"interactions": Writing(date="%d/%m/%Y")}, interactions=contacts)
    assert only(inspected(facts), "facts.no_time").message.startswith("1 of 2 moments are days")


# signs

SALES = """
    txn_id,customer_id,event_on,kind,net_amount
    T1,A1,2026-06-03,sale,100.00
    T2,A1,2026-06-20,refund,30.00
"""
COSTS = "event_on,amount,category,customer_id\n2026-06-10,-40.00,deliver,A1\n"


def test_a_refund_above_zero_and_a_cost_below_it_hold_the_run_with_their_effect(reader):
    """30 paid back and counted as paid: 60 too much revenue. 40 spent and counted as received: 80
    too much margin."""
    found = [f for f in inspected(reader(transactions=SALES, costs=COSTS)) if f.id == "facts.sign"]
    found.reverse()  # they stand by place
    assert [(f.severity, f.place, f.message) for f in found] == [
        (
            "blocking",
            "facts.transactions.net_amount",
            "1 of 1 refunds adds to revenue and should lower it: 30.00 EUR in all. If it was paid "
            "back, revenue is too high by 60.00 EUR.",
        ),
        (
            "blocking",
            "facts.costs.amount",
            "1 of 1 costs adds to the margin and should lower it: 40.00 EUR in all. If it was spent, "
            "the margin is too high by 80.00 EUR.",
        ),
    ]
    assert [f.hint for f in found] == [
        'Say refunds = "positive" for this table if refunds are written so, or refunds = "negative" '
        "if these were taken back.",
        'Say sign = "negative" for this table if costs are written so, or sign = "positive" if these '
        "were paid back.",
    ]


def test_what_is_said_of_the_signs_gives_the_figures_that_are_meant(reader, tmp_path):
    """Of two gold customers: (100 - 30) / 2 revenue, less 40 / 2 cost."""
    says = {"transactions": Writing(refunds="positive"), "costs": Writing(sign="negative")}
    facts = reader(says, transactions=SALES, costs=COSTS)
    assert [f for f in inspected(facts, JUNE) if f.severity == "blocking"] == []
    plan = TierPlan("declared", (Tier("gold", "Gold"),), since="2026-01")
    measuring = Measuring(facts, Tiers(facts, plan, tmp_path / "tiers"))
    list(measuring.tiers.freeze(JUNE))
    found = measuring.estimates([METRICS[m] for m in ("customer_revenue", "customer_margin")], JUNE)
    assert found["customer_revenue"]["gold"].value == 35
    assert found["customer_margin"]["gold"].value == 15


def kinds(*lines):
    return "\n".join(
        ["txn_id,customer_id,event_on,kind,net_amount"]
        + [f"T{n},A1,2026-06-03,{kind},{amount}" for n, (kind, amount) in enumerate(lines)]
    )


SIGNS = [
    # what is said, kinds and amounts as they are written, and as they are taken
    ({}, [("sale", 10), ("refund", -2), ("credit", -3)], [-3, -2, 10]),
    ({"refunds": "positive"}, [("sale", 10), ("refund", 2), ("credit", 3)], [-3, -2, 10]),
    ({"refunds": "positive", "credits": "negative"}, [("sale", 10), ("refund", 2), ("credit", -3)], [-3, -2, 10]),
    ({"credits": "positive"}, [("sale", 10), ("refund", -2), ("credit", 3)], [-3, -2, 10]),
    ({"refunds": "positive"}, [("sale", 10), ("", 4), ("refund", -2)], [2, 4, 10]),
    ({"sign": "negative"}, [("sale", -10), ("refund", 2), ("credit", 3)], [-3, -2, 10]),
    ({"sign": "negative", "refunds": "negative"}, [("sale", -10), ("", -4), ("refund", -2)], [-2, 4, 10]),
]  # fmt: skip


def test_signs_are_turned_by_kind_as_they_are_said_to_be_written(reader):
    for n, (says, lines, taken) in enumerate(SIGNS):
        text = kinds(*lines)
        facts = reader({"transactions": Writing(**says)}, transactions=text, customers=CUSTOMERS)
        assert (n, [r[0] for r in rows(facts, facts.transactions, "net_amount")]) == (n, taken)


HELD = [
    # kinds and amounts, and what holds the run
    ([("refund", -2), ("refund", -2), ("credit", 3)], ['credits = "positive"']),
    ([("refund", 2), ("credit", -3)], ['refunds = "positive"']),
    ([("refund", 2), ("refund", -2)], ['refunds = "positive"']),
    ([("sale", -10), ("sale", -10), ("sale", 1)], ['sign = "negative"']),
]


@pytest.mark.parametrize(("lines", "hints"), HELD)
def test_each_kind_whose_amounts_are_mostly_against_its_sign_holds_the_run(tmp_path, lines, hints):
    facts, _ = Facts.open(
        "duckdb://",
        written(tmp_path, customers=CUSTOMERS, transactions=kinds(*lines)),
        tmp_path,
        reading(),
    )
    found = [f for f in inspected(facts) if f.id == "facts.sign"]
    assert [f.severity for f in found] == ["blocking"] * len(hints)
    assert all(hint in f.hint for hint, f in zip(hints, found, strict=True))


def test_a_few_against_their_sign_are_told_and_returns_without_a_kind_are_usual(tmp_path):
    costs = "\n".join(
        ["event_on,amount,category"] + [f"2026-06-10,{a},support" for a in (5, 5, 5, -2)]
    )
    lines = [("refund", -2), ("refund", -2), ("refund", 1), ("", 9), ("", 9), ("", -9)]
    sources = written(tmp_path, customers=CUSTOMERS, transactions=kinds(*lines), costs=costs)
    facts, _ = Facts.open("duckdb://", sources, tmp_path, reading())
    found = [f for f in inspected(facts) if f.id == "facts.sign"]
    assert [(f.severity, f.message.partition(":")[0]) for f in found] == [
        ("warning", "1 of 4 costs adds to the margin and should lower it"),
        ("warning", "1 of 3 refunds adds to revenue and should lower it"),
    ]


def test_costs_of_one_category_that_are_below_zero_hold_the_run(tmp_path):
    costs = "event_on,amount,category\n2026-06-10,5,support\n2026-06-11,5,support\n2026-06-10,-3,acquire\n"
    sources = written(tmp_path, customers=CUSTOMERS, costs=costs)
    facts, _ = Facts.open("duckdb://", sources, tmp_path, reading())
    (found,) = [f for f in inspected(facts) if f.id == "facts.sign"]
    assert (found.severity, found.message.partition(":")[0]) == (
        "blocking",
        "1 of 3 costs adds to the margin and should lower it",
    )


def test_a_sign_that_is_said_to_be_the_contracts_answers_for_what_is_against_it(tmp_path):
    sources = written(tmp_path, customers=CUSTOMERS, transactions=SALES, costs=COSTS)
    says = {"transactions": Writing(refunds="negative"), "costs": Writing(sign="positive")}
    sources = [Source(s.table, s.of, writing=says.get(s.table, Writing())) for s in sources]
    facts, _ = Facts.open("duckdb://", sources, tmp_path, reading())
    assert [f.severity for f in inspected(facts) if f.id == "facts.sign"] == ["warning", "warning"]


def test_a_sign_that_is_said_and_that_the_amounts_do_not_have_holds_the_run(tmp_path):
    """Turned because of what is said, most of them come out against their sign."""
    costs = COSTS.replace("-40", "40")
    sources = written(
        tmp_path, customers=CUSTOMERS, transactions=kinds(("refund", -2)), costs=costs
    )
    says = {"transactions": Writing(refunds="positive"), "costs": Writing(sign="negative")}
    sources = [Source(s.table, s.of, writing=says.get(s.table, Writing())) for s in sources]
    facts, _ = Facts.open("duckdb://", sources, tmp_path, reading())
    found = [f for f in inspected(facts) if f.id == "facts.sign"]
    assert [f.severity for f in found] == ["blocking", "blocking"]
    assert 'sign = "positive" for this table if costs are written so' in found[0].hint
    assert 'refunds = "negative" for this table if refunds are written so' in found[1].hint


def test_one_category_written_otherwise_than_is_said_of_all_is_told(tmp_path):
    costs = "event_on,amount,category\n2026-06-10,-5,support\n2026-06-11,-5,support\n2026-06-10,3,acquire\n"
    (customers, source) = written(tmp_path, customers=CUSTOMERS, costs=costs)
    source = Source("costs", source.of, writing=Writing(sign="negative"))
    facts, _ = Facts.open("duckdb://", [customers, source], tmp_path, reading())
    found = only(inspected(facts), "facts.sign")
    assert found.severity == "warning"
    assert found.message.startswith("1 of 3 costs adds to the margin")
    assert found.hint.endswith("Where only some categories are written so, write all alike.")


def test_the_effect_of_a_sign_is_told_in_the_companys_money(tmp_path):
    """40 dollars at 0.50 are 20 euros."""
    costs = "event_on,amount,category,currency\n2026-06-10,-40,deliver,USD\n"
    fx = "date,from,to,rate\n2026-06-01,USD,EUR,0.5\n"
    sources = written(tmp_path, customers=CUSTOMERS, costs=costs, fx=fx)
    facts, _ = Facts.open("duckdb://", sources, tmp_path, reading())
    assert only(inspected(facts), "facts.sign").message.endswith(
        "20.00 EUR in all. If it was spent, the margin is too high by 40.00 EUR."
    )


def test_contracts_below_zero_hold_the_run_and_may_be_turned(reader):
    contracts = "contract_id,customer_id,start_on,recurring_amount\nC1,A1,2026-01-01,-50\n"
    assert only(inspected(reader(contracts=contracts)), "facts.sign").severity == "blocking"
    facts = reader({"contracts": Writing(sign="negative")}, contracts=contracts)
    assert [r[0] for r in rows(facts, facts.contracts, "recurring_amount")] == [50]
    assert [f for f in inspected(facts) if f.severity == "blocking"] == []


def test_a_kind_that_is_none_holds_the_run_since_the_sign_depends_on_it(tmp_path):
    sources = written(tmp_path, customers=CUSTOMERS, transactions=kinds(("Gutschrift", 30)))
    facts, _ = Facts.open("duckdb://", sources, tmp_path, reading())
    found = only(inspected(facts), "facts.unknown_value")
    assert (found.severity, found.place) == ("blocking", "facts.transactions.kind")
    assert '"Gutschrift"' in found.message


def test_signs_of_refunds_need_the_column_that_tells_them(tmp_path):
    (source,) = written(tmp_path, transactions="customer_id,event_on,net_amount,Kind\n")
    found = refused(
        tmp_path, Source("transactions", source.of, writing=Writing(refunds="positive"))
    )
    assert 'the column "kind", which tells refunds from sales, is missing' in found.message
    assert 'Did you mean "Kind"?' in found.message


# numbers that are none


@pytest.mark.parametrize(
    "number", ["'NaN'::double", "'inf'::double", "'-inf'::double", "'NaN'::float"]
)
@pytest.mark.parametrize("kind", ["table", "query", "parquet"])
@pytest.mark.parametrize("column", ["net_amount", "list_amount"])
def test_a_number_of_a_database_that_is_none_is_found_on_its_column(tmp_path, number, kind, column):
    other = "list_amount" if column == "net_amount" else "net_amount"
    select = (
        f"select 'A1' customer_id, date '2026-06-01' event_on, {number} {column}, 5::double {other}"
    )
    with duckdb.connect(str(tmp_path / "erp.duckdb")) as con:
        con.execute(
            "create table customers as select 'A1' customer_id, date '2024-01-01' acquired_on"
        )
        con.execute(f"create table sales as {select}")
        con.execute(f"copy sales to '{tmp_path / 'sales.parquet'}' (format parquet)")
    of = {"table": "sales", "query": "select * from sales", "parquet": "sales.parquet"}[kind]
    sources = [Source("customers", "customers"), Source("transactions", of, is_sql=kind == "query")]
    facts, _ = Facts.open("duckdb://erp.duckdb", sources, tmp_path, reading())
    found = [f for f in inspected(facts) if f.severity == "blocking"]
    assert {f.place for f in found} == {f"facts.transactions.{column}"}
    assert "facts.placeholder" in {f.id for f in found}


def test_a_number_of_postgresql_that_is_none_is_found_on_its_column(tmp_path):
    with database("nan") as url:
        customers = "select 'A1' customer_id, date '2024-01-01' acquired_on"
        sale = "select 'A1' customer_id, date '2026-06-01' event_on, 5.0 net_amount, 'NaN'::numeric list_amount"
        sources = [
            Source("customers", customers, is_sql=True),
            Source("transactions", sale, is_sql=True),
        ]
        facts, _ = Facts.open(url, sources, tmp_path, reading())
        found = [f for f in inspected(facts) if f.severity == "blocking"]
        facts.close()
    assert [f.place for f in found] == ["facts.transactions.list_amount"]
