"""Starters: small invented companies of five trades, each a whole project at once."""

from __future__ import annotations

import csv
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from command import scorecard
from pypdf import PdfReader

from scorecard.base.findings import blocking
from scorecard.check import check
from scorecard.definitions.loader import load_metrics
from scorecard.errors import ProjectError
from scorecard.pipeline.run import Pipeline
from scorecard.project.scaffold import init
from scorecard.project.settings import Project
from scorecard.project.workspace import open_ledger, open_workspace
from scorecard.schedules.calendars import read_calendar
from scorecard.schedules.reader import read_schedules
from scorecard.schedules.timetable import occurrences
from scorecard.starters.starter import STARTERS, skeleton_of, starter
from scorecard.strategy.lints import lint
from scorecard.strategy.reader import read_strategy

AS_OF = datetime(2026, 8, 17, 5, tzinfo=UTC)
TABLES = {
    "services": {"transactions", "costs", "interactions", "promises"},
    "subscription": {"contracts", "interactions", "surveys"},
    "shop": {"transactions", "costs"},
    "call-centre": {"interactions"},
    "survey": {"surveys"},
}
"""What a company of each trade has beside its customers."""
LARGEST = 60_000
"""Bytes of a table at most."""


def laid_out(folder, name: str) -> Project:
    with skeleton_of(name) as skeleton:
        list(init(folder, skeleton))
    return Project.at(folder, {})


def rows(project: Project, table: str) -> list[dict[str, str]]:
    with (project.root / "facts" / f"{table}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def needed(metric) -> set[str]:
    return {need.partition(".")[0] for need in metric.needs}


def files(folder):
    return {f.relative_to(folder): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def anonymous(settings):
    """Settings without the identity, by which each project is another."""
    text, count = re.subn(rb'(?m)^project = "[0-9a-f]+"', b"project", settings)
    assert count == 1
    return text


@pytest.fixture(params=STARTERS)
def name(request):
    return request.param


def test_each_has_the_tables_of_its_trade_and_no_others(tmp_path, name):
    project = laid_out(tmp_path, name)
    wanted = {"customers", *TABLES[name]}
    assert {s.table for s in project.sources} == wanted
    assert {f.name for f in (tmp_path / "facts").iterdir()} == {f"{t}.csv" for t in wanted}
    assert all(rows(project, table) for table in wanted)
    assert max(f.stat().st_size for f in (tmp_path / "facts").iterdir()) <= LARGEST
    assert 30 <= len(rows(project, "customers")) <= 90


def test_the_same_starter_is_the_same_to_the_byte(tmp_path, name):
    for place in ("one", "two"):
        laid_out(tmp_path / place, name)
    first, second = (files(tmp_path / place) for place in ("one", "two"))
    settings = [anonymous(each.pop(Path("pyproject.toml"))) for each in (first, second)]
    assert settings[0] == settings[1]
    assert first == second


def test_nothing_is_wrong_with_it(tmp_path, name):
    project = laid_out(tmp_path, name)
    found = check(project, period=project.period(STARTERS[name].last), as_of=AS_OF)
    assert [f for f in found if f.severity != "note"] == []
    metrics = load_metrics(project.metrics)
    strategy, read = read_strategy(project.strategy, metrics, "EUR")
    plenty = {stance.key: 1000 for stance in strategy.stances}
    assert read == lint(strategy, metrics, plenty, date(2026, 6, 30)) == []
    assert len(strategy.stances) == 4


def test_it_leads_to_every_document_and_says_that_it_is_invented(tmp_path, name):
    project, chosen = laid_out(tmp_path, name), STARTERS[name]
    work = open_workspace(project, AS_OF)
    with open_ledger(project) as ledger:
        pipeline = Pipeline(work, ledger, lambda: AS_OF, lambda *_: None)
        last = work.period(chosen.last)
        assert pipeline.backfill(last.previous(), last, AS_OF) == 2
        published = pipeline.run(last, AS_OF).published
        results = ledger.results(last)
    work.facts.close()
    (team,), (owner,) = work.strategy.teams, work.strategy.owners
    assert [p.path.stem for p in published] == ["executive-packet", team.id, owner.id]
    for each in published:
        for page in PdfReader(each.path).pages:
            assert "(invented)" in page.extract_text()
            assert "Invented data" in page.extract_text()
    judged = [r for r in results if r.verdict is not None]
    assert len(judged) == 4
    assert [r for r in judged if r.verdict.words == "too little evidence"] == []


def test_its_schedules_wait_for_a_table_that_it_has_and_every_figure_is_final(tmp_path, name):
    project = laid_out(tmp_path, name)
    metrics = load_metrics(project.metrics)
    strategy, _ = read_strategy(project.strategy, metrics, "EUR")
    schedules, found = read_schedules(project, strategy, date(2026, 7, 1))
    assert (found, len(schedules)) == ([], 4)
    zone, settings = project.settings.timezone, project.settings
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for schedule in schedules:
        assert set(schedule.hold.complete) <= TABLES[name] and schedule.hold.complete
        calendar = read_calendar(schedule, project.root, date(2026, 7, 1))
        due = list(
            occurrences(
                schedule, calendar, settings.period, zone, start, start + timedelta(days=731)
            )
        )
        assert len(due) == (24 if settings.period == "month" else 8)
        measured = [
            m
            for m in metrics.values()
            if needed(m) <= {"customers", *TABLES[name]} and not m.optional
        ]
        for run in due:
            waited = (run.due.date() - run.period.after).days
            assert [m for m in measured if settings.matures_after(m) > waited] == []


def test_calls_are_answered_within_seconds_or_minutes_and_limits_say_so(tmp_path):
    project = laid_out(tmp_path, "call-centre")
    waits = {"priority": [], "standard": []}
    tiers = {c["customer_id"]: c["tier"] for c in rows(project, "customers")}
    for call in rows(project, "interactions"):
        begun, answered = (
            datetime.fromisoformat(call[c]) for c in ("opened_at", "first_human_reply_at")
        )
        waits[tiers[call["customer_id"]]].append((answered - begun).total_seconds())
    assert max(waits["priority"]) < 60 < max(waits["standard"]) <= 300
    strategy, _ = read_strategy(project.strategy, load_metrics(project.metrics), "EUR")
    (limit,) = [s.at_worst for s in strategy.stances if s.key == "first_reply_p90/priority"]
    assert limit == pytest.approx(45 / 3600)


def test_a_name_that_is_none_is_refused_with_the_nearest():
    with pytest.raises(ProjectError, match=r'no starter "surveys".*Did you mean "survey"\?'):
        starter("surveys")


def test_the_command_lays_it_out_and_says_how_to_go_on(tmp_path):
    folder = tmp_path / "acme"
    code, said, wrong = scorecard("init", folder, "--like", "survey", cwd=tmp_path)
    assert (code, wrong) == (0, "")
    assert "Linden Homes (invented): everything in its facts is invented." in said
    last = said.strip().splitlines()[-1]
    assert last.strip() == f"scorecard run --period 2026-Q2 --project {folder}"
    assert blocking(check(Project.at(folder, {}), period=None, as_of=AS_OF)) == []


def test_an_existing_project_is_not_made_like_another(tmp_path):
    list(init(tmp_path))
    before = files(tmp_path)
    code, _said, wrong = scorecard("init", tmp_path, "--like", "shop", cwd=tmp_path)
    assert code == 1
    assert "is a project already; name a new folder for --like" in wrong
    assert files(tmp_path) == before
