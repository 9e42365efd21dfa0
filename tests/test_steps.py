"""The steps of a run: each is recorded when it is done and before the next begins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from sample_project import small

from scorecard.errors import EngineError
from scorecard.ledger import STEPS, Ledger
from scorecard.pipeline.request import RunRequest
from scorecard.pipeline.run import Pipeline
from scorecard.printing.edition_renderer import SOFTWARE
from scorecard.printing.publish import WAITING
from scorecard.project.workspace import open_ledger, open_workspace

AS_OF = datetime(2026, 8, 17, 5, tzinfo=UTC)
REVIEWS = RunRequest(("team-review", "owner-scorecard"))


class Killed(BaseException):
    """The machine went away."""


class Clock:
    """Goes on a second at each look."""

    def __init__(self):
        self.looks = 0

    def __call__(self):
        self.looks += 1
        return AS_OF + timedelta(seconds=self.looks)


def run(project, progress=lambda *_: None):
    work = open_workspace(project, AS_OF)
    with open_ledger(project) as ledger:
        pipeline = Pipeline(work, ledger, Clock(), progress, REVIEWS)
        return pipeline.run(work.period("2026-06"), AS_OF)


def hashes(folder):
    return {
        str(file.relative_to(folder)): sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*.pdf"))
        if WAITING not in str(file)
    }


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    project = small(tmp_path_factory.mktemp("unbroken") / "acme")
    run(project)
    return hashes(project.output)


def killing(monkeypatch, when, wanted):
    """Let the next run die before or after that step is recorded; the steps it records."""
    recorded, advance = [], Ledger.advance

    def dying(self, of, step, now, **detail):
        if not of.detail.get("backfill") and not detail.get("backfill"):
            if (when, wanted) == ("before", step):
                raise Killed
            recorded.append(step)
        result = advance(self, of, step, now, **detail)
        if (when, wanted) == ("after", step):
            raise Killed
        return result

    monkeypatch.setattr(Ledger, "advance", dying)
    return recorded


def left_behind(project):
    """What there is of a killed run: editions, PDFs that wait, those drawn, read, laid out."""
    with open_ledger(project) as ledger:
        (last,) = ledger.runs()
        editions = ledger.editions(open_workspace(project, AS_OF).period(last.period))
        waiting = sorted(project.output.rglob(f"{WAITING}*/**/*.pdf"))
        digests = [sha256(file.read_bytes()).hexdigest() for file in waiting]
        drawn = sum(ledger.rendered(e.id, d, SOFTWARE) for e in editions for d in digests)
        read = [r for e in editions for d in digests if (r := ledger.reading(e.id, d))]
    assert all(not r.problems for r in read)
    return last, (len(editions), len(waiting), drawn, len(read), len(hashes(project.output)))


@pytest.mark.parametrize("when", ["after", pytest.param("before", marks=pytest.mark.prove)])
def test_a_run_killed_between_any_two_steps_goes_on_with_the_next(
    tmp_path, monkeypatch, unbroken, when
):
    """Killed once at every step, one kill after the other; each run goes on with the one before."""
    project, count = small(tmp_path / "acme"), len(unbroken)
    there = {
        "checked": (0, 0, 0, 0, 0),
        "tiers_frozen": (0, 0, 0, 0, 0),
        "computed": (0, 0, 0, 0, 0),
        "judged": (0, 0, 0, 0, 0),
        "gathered": (0, 0, 0, 0, 0),
        "confirmed": (0, 0, 0, 0, 0),
        "composed": (count, 0, 0, 0, 0),
        "rendered": (count, count, count, 0, 0),
        "read_back": (count, count, count, count, 0),
        "done": (count, 0, 0, 0, count),
    }
    ids = set()
    for place, step in enumerate(STEPS[1:], start=1):
        with monkeypatch.context() as patched:
            recorded = killing(patched, when, step)
            with pytest.raises(Killed):
                run(project)
        last, found = left_behind(project)
        ids.add(last.id)
        assert recorded == list(STEPS[1 : place + (when == "after")])
        assert last.reached(step) == (when == "after")
        assert found == there[step]
    if when == "before":
        assert run(project).continued
    assert hashes(project.output) == unbroken
    assert len(ids) == 1
    assert not list(project.output.rglob(f"{WAITING}*"))


def test_an_engine_without_memory_is_one_sentence_and_ends_the_run(tmp_path):
    """DuckDB may use 100 kB more from the moment at which customers are gathered."""
    project = small(tmp_path / "acme")
    work = open_workspace(project, AS_OF)

    def starving(what, _done, _of):
        if what.startswith("gathering"):
            con = work.facts.con
            con.raw_sql("SET threads = 1; SET temp_directory = ''")
            used = con.raw_sql("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchone()
            con.raw_sql(f"SET memory_limit = '{int(used[0]) + 100_000}B'")

    with open_ledger(project) as ledger:
        pipeline = Pipeline(work, ledger, Clock(), starving)
        with pytest.raises(EngineError, match=r"ran out of memory \(.*\); give the machine more"):
            pipeline.run(work.period("2026-06"), AS_OF)
        (ended,) = ledger.runs()
    assert (ended.step, ended.detail["stopped_at"]) == ("failed", "judged")
    assert "ran out of memory" in ended.detail["error"]


def test_an_error_of_the_software_ends_the_run_too(tmp_path, monkeypatch):
    project = small(tmp_path / "acme")
    monkeypatch.setattr("scorecard.pipeline.run.gather", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(project)
    with open_ledger(project) as ledger:
        (ended,) = ledger.runs()
    assert (ended.step, ended.detail["error"]) == ("failed", "division by zero")
