"""Text files are read as they are written: no row is lost, and what cannot be read is named."""

from __future__ import annotations

import gzip

import duckdb
import pytest
from sample_facts import CUSTOMERS, opened, refused, rows
from test_inspection import findings, only

from scorecard.facts.contracts import Source
from scorecard.facts.text_files import TextError, head_of, in_columns, records_in

READ = {
    "line ends of Unix": (b"a,b\n1,2\n3,4", [("1", "2"), ("3", "4")]),
    "of Windows": (b"a,b\r\n1,2\r\n3,4\r\n", [("1", "2"), ("3", "4")]),
    "of old Macs": (b"a,b\r1,2\r3,4\r", [("1", "2"), ("3", "4")]),
    "of several kinds": (b"a,b\r\n1,2\n3,4\r\n", [("1", "2"), ("3", "4")]),
    "lines that are blank": (b"a,b\n1,2\n\n3,4\n\n\n", [("1", "2"), ("3", "4")]),
    "a mark of UTF-8": (b"\xef\xbb\xbfa,b\n1,2\n", [("1", "2")]),
    "UTF-16 with its mark": ("a,b\nMüller,2\n".encode("utf-16"), [("Müller", "2")]),
    "a delimiter that is named": (b"sep=;\na;b\n1;2,5\n", [("1", "2,5")]),
    "a quote within a value": (
        b'a,b\n5" pipe,2\nx "y" z,3\n',
        [('5" pipe', "2"), ('x "y" z', "3")],
    ),
    "line ends within a value": (b'a,b\n"x\ny","q""z"\n', [("x\ny", 'q"z')]),
    "separators that end no line": (
        "a,b\nu\u2028v\u0085w,1\n".encode(),
        [("u\u2028v\u0085w", "1")],
    ),
    "a number sign, and an apostrophe": (b"a,b\n#1,'x\n", [("#1", "'x")]),
    "no row": (b"a,b\n", []),
    "a single column, whose blank lines are values": (b"a\n1\n\n3\n", [("1",), (None,), ("3",)]),
    "the same in quotes": (b'a\n"1"\n\n"3"', [("1",), (None,), ("3",)]),
}


@pytest.mark.parametrize("what", READ)
def test_every_row_is_read_as_it_is_written(tmp_path, what):
    written, expected = READ[what]
    (tmp_path / "t.csv").write_bytes(written)
    assert values(in_columns(tmp_path / "t.csv", "", tmp_path / "kept")) == expected


def values(parquet):
    with duckdb.connect() as con:
        return con.execute(f"FROM '{parquet}'").fetchall()


REFUSED = {
    "another export pasted below, with more columns": (
        b"a,b\n1,2\na,b,c\n1,2,3\n",
        "line 3 of t.csv: 3 values where the first line has 2 names",
    ),
    "one with another delimiter": (
        b"a;b\n1;2\n3,4\n",
        "line 3 of t.csv: 1 value where the first line has 2 names",
    ),
    "one far down": (
        b"a,b\n" + b"1,2\n" * 40_000 + b"a;b\n",
        "line 40002 of t.csv: 1 value where the first line has 2 names",
    ),
    "a name twice": (b"a,b,a\n1,2,3\n", 't.csv: its first line names "a" twice'),
    "nothing": (b"", "t.csv: it is empty"),
    "nothing but blank lines": (b"\n\n", "t.csv: it is empty"),
    "a blank line first": (b"\na,b\n1,2\n", "t.csv: its first line is empty, and names no columns"),
    "no names": (b",,\n1,2,3\n", "t.csv: its first line names no columns"),
    "another encoding": ("a,b\nMüller,2\n".encode("latin-1"), "t.csv: it is not in UTF-8; save"),
    "another encoding far down": (
        b"a,b\n" + b"1,2\n" * 40_000 + b"\xff,2\n",
        "line 40002 of t.csv: it is not in UTF-8; save",
    ),
    "an open quote": (b'a,b\n"1,2\n3,4\n', "line 2 of t.csv: a quote is opened and not closed"),
    "an open quote at once": (
        b'"a,b\n1,2\n',
        "t.csv: a quote is opened and not closed in its first",
    ),
    "no text": (bytes(range(256)) * 20, "t.csv: it is not text in columns"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_read_names_the_line_and_says_why(tmp_path, what):
    written, said = REFUSED[what]
    (tmp_path / "t.csv").write_bytes(written)
    with pytest.raises(TextError) as caught:
        in_columns(tmp_path / "t.csv", "", tmp_path / "kept")
    assert str(caught.value).startswith(said)
    assert not list((tmp_path / "kept").glob("*"))


def test_an_encoding_that_is_said_is_used(tmp_path):
    (tmp_path / "t.csv").write_bytes("a,b\n„Müller“ €,2\n".encode("cp1252"))
    assert values(in_columns(tmp_path / "t.csv", "cp1252", tmp_path)) == [("„Müller“ €", "2")]
    with pytest.raises(TextError, match=r"t\.csv: it is not in ascii"):
        in_columns(tmp_path / "t.csv", "ascii", tmp_path)


def test_a_compressed_file_is_read_alike(tmp_path):
    with gzip.open(tmp_path / "t.csv.gz", "wb") as file:
        file.write(b'a,b\n"1\n1",2\n')
    assert values(in_columns(tmp_path / "t.csv.gz", "", tmp_path / "kept")) == [("1\n1", "2")]


def test_a_file_is_read_once_for_each_content(tmp_path):
    file, kept = tmp_path / "t.csv", tmp_path / "kept"
    file.write_bytes(b"a,b\n1,2\n")
    first = in_columns(file, "", kept)
    assert in_columns(file, "", kept) == first
    file.write_bytes(b"a,b\n1,3\n")
    assert in_columns(file, "", kept) != first
    assert len(list(kept.iterdir())) == 2


@pytest.mark.parametrize("text", [b"a,b\n1,2\n\n3,4", b'a,b\n"1\n\n",2\n3,4\n', b"a,b\r1,2\r3,4\r"])
def test_rows_are_counted_without_the_engine(tmp_path, text):
    (tmp_path / "t.csv").write_bytes(text)
    assert records_in(tmp_path / "t.csv", head_of(tmp_path / "t.csv")) == 2


def test_a_second_header_among_the_rows_holds_the_run(tmp_path):
    sales = """
        txn_id,customer_id,event_on,net_amount
        t1,anna,2026-10-01,500
        txn_id,customer_id,event_on,net_amount
        t2,ben,2026-10-02,100
    """
    found = only(findings(tmp_path, transactions=sales), "facts.repeated_header")
    assert (found.severity, found.place) == ("blocking", "facts.transactions")
    assert found.message.startswith("1 row has the names of the columns as values")


def test_another_export_pasted_below_is_named_and_nothing_is_read_of_it(tmp_path):
    (tmp_path / "customers.csv").write_text(
        "customer_id,acquired_on\na,2024-01-01\ncustomer_id,acquired_on,name\nb,2024-01-01,B\n"
    )
    found = refused(tmp_path, Source("customers", "customers.csv"))
    assert "line 3 of customers.csv: 3 values where the first line has 2 names" in found.message


def test_a_column_without_a_name_is_no_fault(tmp_path):
    facts = opened(tmp_path, customers=CUSTOMERS.replace("\n", ",\n").strip(","))
    assert len(rows(facts, facts.customers, "customer_id")) > 1
