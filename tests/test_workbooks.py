"""Excel files are read as text files are: every row down to the last with a value, each cell in one
way, and what would mislead is named."""

from __future__ import annotations

import re
import shutil
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_facts import CUSTOMERS, reading, refused, rows, written
from test_inspection import inspected, only

from scorecard.facts.contracts import Source
from scorecard.facts.tables import Facts
from scorecard.facts.text_files import TextError
from scorecard.facts.workbook_parts import Workbook, letters, number
from scorecard.facts.workbooks import in_columns
from scorecard.facts.writing import Writing

DAY, MOMENT, CLOCK = "yyyy-mm-dd", "dd/mm/yyyy hh:mm:ss", "hh:mm"


def book(file: Path, sheets: dict[str, list[list[object]]], **options: object) -> Path:
    """An Excel file with those sheets; a cell is a value, a day, a moment, or (formula, its value)."""
    with xlsxwriter.Workbook(file, options) as made:
        formats = {kind: made.add_format({"num_format": kind}) for kind in (DAY, MOMENT, CLOCK)}
        for name, lines in sheets.items():
            sheet = made.add_worksheet(name)
            for row, line in enumerate(lines):
                for column, value in enumerate(line):
                    if isinstance(value, tuple):
                        sheet.write_formula(row, column, value[0], None, value[1])
                    elif isinstance(value, datetime):
                        sheet.write_datetime(row, column, value, formats[MOMENT])
                    elif isinstance(value, date):
                        sheet.write_datetime(row, column, value, formats[DAY])
                    elif isinstance(value, time):
                        sheet.write_datetime(row, column, value, formats[CLOCK])
                    elif isinstance(value, str):
                        sheet.write_string(row, column, value)
                    elif value is not None:
                        sheet.write(row, column, value)
    return file


def one(folder: Path, *lines: list[object], **options: object) -> Path:
    return book(folder / "t.xlsx", {"Sheet1": list(lines)}, **options)


def read(file: Path, sheet: str = "", first_row: int = 1) -> list[tuple[object, ...]]:
    """The names and rows of a sheet."""
    parquet = in_columns(file, sheet, first_row, file.parent / "kept")
    with duckdb.connect() as con:
        found = con.execute(f"FROM '{parquet}'")
        return [tuple(c[0] for c in found.description), *found.fetchall()]


def at(*parts: int) -> datetime:
    return datetime(*parts)  # noqa: DTZ001


CELLS = [
    # what a cell has, and the text that it is
    (17850, "17850"),
    (17850.0, "17850"),
    (-12.5, "-12.5"),
    (0.1, "0.1"),
    (1.2, "1.2"),
    (1.234, "1.2340"),
    (0.125, "0.125"),
    (1e-7, "0.0000001"),
    (1e15, "1000000000000000"),
    ("00017", "00017"),
    ("1.234", "1.234"),
    ("  x ", "  x "),
    ("#N/A", "#N/A"),
    (True, "true"),
    (False, "false"),
    (date(2026, 1, 31), "2026-01-31"),
    (at(2026, 1, 31, 14, 5, 7), "2026-01-31 14:05:07"),
    (at(2026, 1, 31, 23, 59, 59), "2026-01-31 23:59:59"),
    (("=1+1", 2), "2"),
    (("=A1&B1", "ab"), "ab"),
    (('=""', ""), None),
    (("=1/0", "#DIV/0!"), "#DIV/0!"),
    (("=NA()", "#N/A"), "#N/A"),
    (None, None),
]


@pytest.mark.parametrize(("value", "text"), CELLS)
def test_a_cell_is_the_text_that_a_text_file_would_have(tmp_path, value, text):
    assert read(one(tmp_path, ["id", "v"], ["a", value], ["b"])) == [
        ("id", "v"),
        ("a", text),
        ("b", None),
    ]


def test_columns_of_several_kinds_keep_how_each_cell_looks(tmp_path):
    lines = [
        ["id", "v"],
        [1, 17850],
        [2, "A-17"],
        [3, 1.234],
        [4, date(2026, 1, 31)],
        [5, "1.234"],
        [6, at(2026, 1, 31, 9)],
    ]
    found = [value for _id, value in read(one(tmp_path, *lines))[1:]]
    assert found == [
        "17850",
        "A-17",
        "1.2340",
        "2026-01-31 00:00:00",
        "1.234",
        "2026-01-31 09:00:00",
    ]


@pytest.mark.parametrize("system", [False, True])
def test_days_are_the_same_in_files_of_old_macs(tmp_path, system):
    """They count days from 1904 instead of 1900."""
    lines = [["d", "m"], [date(2026, 2, 28), at(2026, 3, 1, 6, 30)]]
    assert read(one(tmp_path, *lines, date_1904=system))[1:] == [
        ("2026-02-28", "2026-03-01 06:30:00")
    ]


def test_blank_rows_at_the_end_are_none_and_one_in_between_is_a_row(tmp_path):
    lines = [["a", "b"], [1, 2], [], [3, None], [None, None], [('=""', ""), None]]
    assert read(one(tmp_path, *lines))[1:] == [("1", "2"), (None, None), ("3", None)]


def test_hidden_rows_and_columns_are_read(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as made:
        sheet = made.add_worksheet()
        for row, line in enumerate([("a", "b"), (1, 2), (3, 4)]):
            sheet.write_row(row, 0, line)
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_column(1, 1, None, None, {"hidden": True})
    assert read(tmp_path / "t.xlsx") == [("a", "b"), ("1", "2"), ("3", "4")]


def test_the_row_that_names_the_columns_may_be_further_down_and_to_the_right(tmp_path):
    lines = [["Sales of June"], [], [None, None, "a", "b"], [None, None, 1, 2]]
    file = one(tmp_path, *lines)
    assert read(file, first_row=3) == [("a", "b"), ("1", "2")]
    with pytest.raises(
        TextError, match="column C has values, and no name in row 1; give it one, or"
    ):
        read(file)


def test_of_several_sheets_with_values_one_is_said(tmp_path):
    file = book(tmp_path / "t.xlsx", {"Notes": [["a"], [1]], "Answers": [["b"], [2]], "Empty": []})
    with pytest.raises(TextError) as caught:
        read(file)
    assert str(caught.value) == (
        't.xlsx: several of its sheets have values: "Notes", "Answers"; say which, as in '
        'sheet = "Notes"'
    )
    assert read(file, "Answers") == [("b",), ("2",)]
    with pytest.raises(TextError, match=r'it has no sheet "Answer"\. Did you mean "Answers"'):
        read(file, "Answer")


def test_the_only_sheet_with_values_need_not_be_said(tmp_path):
    file = book(tmp_path / "t.xlsx", {"Empty": [], "Answers": [["b"], [2]]})
    assert read(file) == [("b",), ("2",)]


REFUSED = {
    "nothing": ([], "it is empty"),
    "a name twice": ([["a", "b", "a"], [1, 2, 3]], 'row 1 names "a" twice'),
    "no names": ([["", ""], [1, 2]], "row 1 names no columns; say which row does"),
    "a column without a name": ([["a", None, "b"], [1, 2, 3]], "column B has values, and no name in row 1"),
    "values beside the names": ([["a"], [1, 2]], "column B has values, and no name in row 1"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_read_says_why(tmp_path, what):
    lines, said = REFUSED[what]
    with pytest.raises(TextError) as caught:
        read(one(tmp_path, *lines))
    assert str(caught.value).startswith(f"t.xlsx: {said}")
    assert not list((tmp_path / "kept").glob("*"))


def test_a_first_row_below_the_last_is_named(tmp_path):
    with pytest.raises(TextError, match='sheet "Sheet1" has no values from row 3 on'):
        read(one(tmp_path, ["a"], [1]), first_row=3)


def test_names_that_are_merged_are_named(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as made:
        sheet = made.add_worksheet()
        sheet.merge_range("A1:B1", "Customer")
        sheet.write_row(1, 0, ["No", "Name"])
        sheet.write_row(2, 0, [7, "Amber"])
    with pytest.raises(TextError, match="cells A1:B1 are merged in row 1, which names the columns"):
        read(tmp_path / "t.xlsx")
    assert read(tmp_path / "t.xlsx", first_row=2) == [("No", "Name"), ("7", "Amber")]


def edited(file: Path, part: str, old: str, new: str) -> Path:
    """The file with another text in one of its parts."""
    before = file.with_suffix(".before")
    shutil.move(file, before)
    with zipfile.ZipFile(before) as had, zipfile.ZipFile(file, "w") as made:
        for name in had.namelist():
            text = had.read(name)
            if name == part:
                assert old in text.decode()
                text = text.decode().replace(old, new).encode()
            made.writestr(name, text)
    return file


def test_a_formula_that_was_never_calculated_is_named(tmp_path):
    file = one(tmp_path, ["a", "b"], [1, ("=A2*2", 2)])
    edited(file, "xl/worksheets/sheet1.xml", "<v>2</v>", "")
    with pytest.raises(TextError, match='the formula in B2 of sheet "Sheet1" was never calculated'):
        read(file)


def test_what_the_reader_finds_is_held_against_a_count_of_the_file(tmp_path, monkeypatch):
    file = one(tmp_path, ["a", "b"], [1, 2], [3, 4])
    counted = Workbook.count

    def one_more(*args):
        found = counted(*args)
        found.cells += 1
        return found

    monkeypatch.setattr(Workbook, "count", one_more)
    with pytest.raises(TextError, match="has 7 cells with a value, of which 6 could be read"):
        read(file)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
            "it opens with a password, or is of the",
        ),
        (b"PK\x03\x04 and no more", "it is damaged, or no Excel file"),
        (b"customer_id,acquired_on\n", "it is damaged, or no Excel file"),
        (b"", "it is damaged, or no Excel file"),
    ],
)
def test_a_file_that_is_protected_damaged_or_another_is_said_to_be_so(tmp_path, content, said):
    (tmp_path / "customers.xlsx").write_bytes(content)
    found = refused(tmp_path, Source("customers", "customers.xlsx"))
    assert f'"customers.xlsx" cannot be read (customers.xlsx: {said}' in found.message


def test_a_part_that_is_missing_is_damage(tmp_path):
    file = one(tmp_path, ["a"], [1])
    edited(file, "xl/worksheets/sheet1.xml", "</sheetData>", "")
    with pytest.raises(TextError, match="it is damaged, or no Excel file"):
        read(file)


def test_columns_have_numbers_and_letters():
    assert [(letters(n), number(letters(n))) for n in (1, 26, 27, 702, 703, 16384)] == [
        ("A", 1),
        ("Z", 26),
        ("AA", 27),
        ("ZZ", 702),
        ("AAA", 703),
        ("XFD", 16384),
    ]


def test_a_sheet_is_read_once_for_each_content_and_way(tmp_path):
    lines = [["a"], ["b"], [1]]
    file, kept = one(tmp_path, *lines), tmp_path / "kept"
    first = in_columns(file, "", 1, kept)
    assert in_columns(file, "", 1, kept) == first
    assert in_columns(file, "", 2, kept) != first
    one(tmp_path, *lines, [2])
    assert in_columns(file, "", 1, kept) != first
    assert len(list(kept.iterdir())) == 3


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.integers(-(10**6), 10**6).map(lambda n: n / 100),
    st.dates(date(1950, 1, 1), date(2100, 1, 1)),
    TEXTS,
)


def as_text(value: object) -> str | None:
    """What a cell is read as in a column of texts."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value == int(value) else repr(value)
    return None if value is None else str(value)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=12))
def test_every_row_of_any_sheet_is_read_and_no_more(lines):
    """The first column is filled, so that no row is blank, and has a text, so that all days have
    the time that one beside texts would."""
    with TemporaryDirectory() as folder:
        file = one(
            Path(folder), ["id", "v", "w"], *[[f"r{n}", *line] for n, line in enumerate(lines)]
        )
        found = [tuple(map(day_only, row)) for row in read(file)[1:]]
    assert found == [(f"r{n}", *map(as_text, line)) for n, line in enumerate(lines)]


def day_only(text: str | None) -> str | None:
    return text.removesuffix(" 00:00:00") if text else text


def test_cells_that_do_not_say_their_place_are_in_their_order(tmp_path):
    file = one(tmp_path, ["a", "b"], [1, 2], [3, 4])
    before = file.with_suffix(".before")
    shutil.move(file, before)
    with zipfile.ZipFile(before) as had, zipfile.ZipFile(file, "w") as made:
        for name in had.namelist():
            text = had.read(name)
            if name.startswith("xl/worksheets/"):
                text = re.sub(rb' r="[A-Z]*[0-9]+"', b"", text)
            made.writestr(name, text)
    assert read(file) == [("a", "b"), ("1", "2"), ("3", "4")]


# as facts


def test_three_workbooks_are_facts_as_text_files_are(tmp_path):
    """Codes that are numbers in one month and letters in the next are the same codes."""
    names = ["No", "Since", "Left"]
    book(
        tmp_path / "customers.xlsx",
        {
            "Data": [
                ["Export of 1 July"],
                names,
                [17850, date(2024, 1, 10), None],
                ["A-7", at(2025, 6, 1), date(2026, 3, 1)],
            ]
        },
    )
    sold = ["No", "Day", "Net"]
    book(
        tmp_path / "sales_5.xlsx",
        {"S": [sold, [17850, date(2026, 5, 1), 100.25], [17850.0, date(2026, 5, 2), 1.234]]},
    )
    book(
        tmp_path / "sales_6.xlsx",
        {
            "S": [
                sold,
                ["A-7", date(2026, 6, 1), "12.5"],
                ["17850", date(2026, 6, 2), ("=1/0", "#DIV/0!")],
            ]
        },
    )
    sources = [
        Source(
            "customers",
            "customers.xlsx",
            (("customer_id", "No"), ("acquired_on", "Since"), ("closed_on", "Left")),
            first_row=2,
        ),
        Source(
            "transactions",
            "sales_*.xlsx",
            (("customer_id", "No"), ("event_on", "Day"), ("net_amount", "Net")),
            sheet="S",
        ),
    ]
    facts, found = Facts.open("duckdb://", sources, tmp_path, reading())
    assert found == []
    assert rows(facts, facts.customers, "customer_id", "acquired_on", "closed_on") == [
        ("17850", date(2024, 1, 10), None),
        ("A-7", date(2025, 6, 1), date(2026, 3, 1)),
    ]
    sales = rows(facts, facts.transactions, "customer_id", "event_on", "net_amount")
    assert [(who, day, None if net is None else float(net)) for who, day, net in sales] == [
        ("17850", date(2026, 5, 1), 100.25),
        ("17850", date(2026, 5, 2), 1.234),
        ("17850", date(2026, 6, 2), None),
        ("A-7", date(2026, 6, 1), 12.5),
    ]
    told = {f.id: f for f in inspected(facts) if f.place == "facts.transactions.net_amount"}
    assert set(told) == {"facts.placeholder", "facts.empty_value"}
    assert 'for example "#DIV/0!"' in told["facts.placeholder"].message


def test_numbers_of_a_sheet_have_no_two_readings_but_its_texts_may(tmp_path):
    head = ["customer_id", "event_on", "net_amount"]
    sources = [*written(tmp_path, customers=CUSTOMERS), Source("transactions", "t.xlsx")]
    for net, expected in ((1.2, []), (1.234, []), ("1.234", ["facts.two_readings"])):
        one(tmp_path, head, ["anna", date(2026, 6, 1), net])
        facts, _ = Facts.open("duckdb://", sources, tmp_path, reading())
        found = [f.id for f in inspected(facts) if f.place == "facts.transactions.net_amount"]
        assert (net, found) == (net, expected)


def test_days_of_a_sheet_stay_days_beside_a_format_for_its_texts(tmp_path):
    one(tmp_path, ["customer_id", "acquired_on"], ["a", date(2026, 4, 3)], ["b", "03/04/2026"])
    source = Source("customers", "t.xlsx", writing=Writing(date="%d/%m/%Y"))
    facts, _ = Facts.open("duckdb://", [source], tmp_path, reading())
    assert rows(facts, facts.customers, "acquired_on") == [(date(2026, 4, 3),)] * 2


def test_a_header_that_is_pasted_among_the_rows_holds_the_run(tmp_path):
    head = ["customer_id", "acquired_on"]
    one(tmp_path, head, ["a", date(2026, 4, 3)], head, ["b", date(2026, 4, 3)])
    facts, _ = Facts.open("duckdb://", [Source("customers", "t.xlsx")], tmp_path, reading())
    assert only(inspected(facts), "facts.repeated_header").severity == "blocking"


def test_a_blank_row_between_others_holds_the_run_with_its_number(tmp_path):
    one(
        tmp_path,
        ["customer_id", "acquired_on"],
        ["a", date(2026, 4, 3)],
        [],
        ["b", date(2026, 4, 3)],
    )
    facts, _ = Facts.open("duckdb://", [Source("customers", "t.xlsx")], tmp_path, reading())
    places = {f.place: f.message for f in inspected(facts) if f.id == "facts.empty_value"}
    assert places["facts.customers.customer_id"].startswith("empty in 1 of 3 rows")
