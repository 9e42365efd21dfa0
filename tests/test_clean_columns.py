"""Columns are looked through for placeholders once for each content, and never again."""

from __future__ import annotations

import duckdb
import pytest
from sample_facts import reading

from scorecard.facts.clean_columns import clean_columns
from scorecard.facts.contracts import Source
from scorecard.facts.tables import Facts

ROWS = "select 'a' customer_id, date '2024-01-01' acquired_on, 'north' segment, {niche} niche"


def parquet(folder, niche):
    with duckdb.connect() as con:
        con.execute(
            f"copy ({ROWS.format(niche=niche)}) to '{folder}/customers.parquet' (format parquet)"
        )
    return folder / "customers.parquet"


def customers(folder):
    sources = [Source("customers", "customers.parquet")]
    facts, _findings = Facts.open("duckdb://", sources, folder, reading())
    return facts, facts.bound["customers"]


@pytest.mark.parametrize(
    "nothing", ["'N/A'", "' '", "''", "'0'", "'TBD'", "double 'nan'", "float '-inf'"]
)
def test_a_column_with_something_that_stands_for_nothing_is_not_clean(tmp_path, nothing):
    file = parquet(tmp_path, nothing)
    assert clean_columns(file, "1", ["tbd"], tmp_path) == {"customer_id", "segment"}


@pytest.mark.parametrize("value", ["'NA'", "'south'", "null::varchar", "1.5::double"])
def test_a_column_with_nothing_of_the_kind_is_clean(tmp_path, value):
    file = parquet(tmp_path, value)
    assert clean_columns(file, "1", ["tbd"], tmp_path) == {"customer_id", "segment", "niche"}


def test_clean_columns_are_read_as_they_are_and_others_are_looked_through(tmp_path):
    parquet(tmp_path, "'unknown'")
    facts, bound = customers(tmp_path)
    assert bound.is_clean("segment") and not bound.is_clean("niche")
    assert bound.theirs("segment").equals(bound.raw.segment)
    assert facts.answer(facts.customers.select("segment", "niche")) == [
        {"segment": "north", "niche": None}
    ]


def test_another_content_is_looked_through_anew(tmp_path):
    parquet(tmp_path, "'south'")
    assert customers(tmp_path)[1].is_clean("niche")
    parquet(tmp_path, "'N/A'")
    assert not customers(tmp_path)[1].is_clean("niche")
