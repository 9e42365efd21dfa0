"""What engines raise, as one sentence: their own failures apart from what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from scorecard.errors import EngineError, FactsError, StatementError
from scorecard.facts.engine import EngineOptions, answer, connect, guarded
from scorecard.facts.statements import compiled
from scorecard.tiers.snapshots import SnapshotFiles


@pytest.fixture
def con():
    con = connect("duckdb://", Path(), EngineOptions())
    yield con
    con.disconnect()


def test_an_answer_is_rows_by_name(con):
    assert answer(con, "SELECT 1 AS a, 'x' AS b") == [{"a": 1, "b": "x"}]


def test_an_engine_without_memory_says_so_and_what_to_do(con):
    con.raw_sql("SET threads = 1; SET memory_limit = '20MB'; SET temp_directory = ''")
    hungry = "SELECT list(r) AS l FROM (SELECT random() AS r FROM range(20000000))"
    with pytest.raises(EngineError, match=r"ran out of memory \(.*\); give the machine more, or"):
        answer(con, hungry)


def test_what_an_engine_refuses_is_the_statements_own_fault(con):
    wrong = "SELECT error('no such thing') AS a"
    with pytest.raises(StatementError, match=r"the facts cannot be read .*no such thing"):
        answer(con, wrong)


def test_a_file_that_is_gone_is_the_engines_own_failure(con, tmp_path):
    file = tmp_path / "sales.parquet"
    con.raw_sql(f"COPY (SELECT 1 AS a) TO '{file}' (FORMAT parquet)")
    table = compiled(con, con.read_parquet(str(file))).text
    file.unlink()
    with pytest.raises(EngineError, match=r"failed .*see that it runs, that its files are there"):
        answer(con, table)


@pytest.mark.parametrize("error", [MemoryError("cannot allocate"), OSError("disk full")])
def test_what_python_itself_runs_out_of_is_the_engines_failure(error):
    with pytest.raises(EngineError, match=str(error)), guarded():
        raise error


def test_an_error_that_is_worded_already_passes_unchanged():
    with pytest.raises(FactsError, match=r"^facts\.costs: no such table$"), guarded():
        raise FactsError("facts.costs: no such table")


@pytest.mark.parametrize("spoil", [lambda b: b"garbage" * 9, lambda b: b[:-4], lambda b: b""])
def test_a_spoilt_file_is_the_facts_fault_and_no_statements(con, tmp_path, spoil):
    file = tmp_path / "sales.parquet"
    con.raw_sql(f"COPY (SELECT 1 AS a) TO '{file}' (FORMAT parquet)")
    table = compiled(con, con.read_parquet(str(file))).text
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(FactsError, match="sales") as raised:
        answer(con, table)
    assert not isinstance(raised.value, StatementError)


def test_frozen_tiers_are_not_doubted_for_want_of_memory(con, tmp_path, monkeypatch):
    def starving(*_args, **_more):
        raise MemoryError("Out of Memory Error")

    monkeypatch.setattr(type(con), "raw_sql", starving)
    with pytest.raises(EngineError, match="ran out of memory"):
        SnapshotFiles(tmp_path).rows(con, "2026-06")
