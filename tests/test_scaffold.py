"""Starter: a project laid out whole, and nothing of anybody's overwritten."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from scorecard.definitions.loader import load_metrics
from scorecard.demo.company import generate
from scorecard.errors import ProjectError
from scorecard.project.scaffold import ROOMS, SKELETON, init, room
from scorecard.project.settings import Project, Settings
from scorecard.schedules.calendars import read_calendar
from scorecard.schedules.reader import read_schedules
from scorecard.schedules.timetable import occurrences
from scorecard.strategy.lints import lint
from scorecard.strategy.reader import read_strategy

HERE = Path(__file__).parents[1]


def files(folder):
    return {f.relative_to(folder): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def test_an_empty_folder_becomes_a_project_that_can_be_read(tmp_path):
    steps = list(init(tmp_path / "acme"))
    acme = Project.at(tmp_path / "acme", {})
    assert {s.table for s in acme.sources} >= {"customers", "transactions"}
    assert [s.of for s in acme.sources if not (acme.root / s.of).is_file()] == []
    strategy, findings = read_strategy(
        acme.strategy, load_metrics(acme.metrics), acme.settings.currency
    )
    assert (findings, len(strategy.stances)) == ([], 4)
    assert steps == [
        "pyproject.toml",
        "strategy.toml",
        "metrics/",
        "templates/",
        "schedules/",
        "facts/",
        "output/",
        ".gitignore",
    ]


def test_the_lints_have_nothing_against_the_example_strategy():
    metrics = load_metrics(room("metrics"))
    strategy, _ = read_strategy(SKELETON / "strategy.toml", metrics, "EUR")
    few = {stance.key: 12 for stance in strategy.stances}
    assert lint(strategy, metrics, few, date(2026, 6, 30)) == []


def test_every_figure_of_the_example_is_final_when_its_schedules_run():
    project, metrics = Project.at(SKELETON, {}), load_metrics(room("metrics"))
    strategy, _ = read_strategy(project.strategy, metrics, "EUR")
    settings = project.settings.model_copy(update={"schedules": str(room("schedules"))})
    shown, zone = replace(project, settings=settings), project.settings.timezone
    schedules, found = read_schedules(shown, strategy, date(2026, 11, 21))
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
    assert found == [] and len(schedules) == 4
    for schedule in schedules:
        calendar = read_calendar(schedule, project.root, date(2026, 11, 21))
        for run in occurrences(schedule, calendar, "month", zone, start, end):
            waited = (run.due.date() - run.period.after).days
            printed = [m for m in metrics.values() if not m.optional]
            assert [m for m in printed if settings.matures_after(m) > waited] == []


def test_the_rooms_are_laid_out_as_shipped_without_what_python_left(tmp_path):
    list(init(tmp_path))
    for name in ROOMS:
        shipped = {
            file: text
            for file, text in files(room(name)).items()
            if "__pycache__" not in file.parts
        }
        assert files(tmp_path / name) == shipped
        assert shipped


def test_a_second_time_changes_nothing(tmp_path):
    list(init(tmp_path))
    before = files(tmp_path)
    assert all(step.endswith("kept") for step in init(tmp_path))
    assert files(tmp_path) == before


def test_what_is_there_is_kept_and_only_what_lacks_is_added(tmp_path):
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "mine.py").write_text("# mine\n")
    (tmp_path / ".gitignore").write_text("mine\n")
    assert "metrics/ exists, kept" in list(init(tmp_path))
    assert [f.name for f in (tmp_path / "metrics").iterdir()] == ["mine.py"]
    assert (tmp_path / ".gitignore").read_text() == "mine\n"
    assert (tmp_path / "strategy.toml").is_file()


def test_a_folder_with_other_things_is_refused(tmp_path):
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(ProjectError, match=r"holiday\.jpg"):
        list(init(tmp_path))
    assert [f.name for f in tmp_path.iterdir()] == ["holiday.jpg"]


def test_a_file_is_refused(tmp_path):
    (tmp_path / "acme").touch()
    with pytest.raises(ProjectError, match="is a file"):
        list(init(tmp_path / "acme"))


def test_an_existing_pyproject_gets_the_section_appended(tmp_path):
    before = '[project]\nname = "acme"\nversion = "1"  # as it was\n'
    (tmp_path / "pyproject.toml").write_text(before)
    assert "pyproject.toml, [tool.scorecard] appended" in list(init(tmp_path))
    after = (tmp_path / "pyproject.toml").read_text(encoding="utf-8")
    assert after.startswith(before)
    assert tomllib.loads(after)["project"]["name"] == "acme"
    assert Project.at(tmp_path, {}).settings.currency == "EUR"


def test_an_existing_section_is_kept_and_gets_no_example_facts(tmp_path):
    section = '[tool.scorecard]\ncompany = "Acme"\ntimezone = "UTC"\ncurrency = "EUR"\n'
    (tmp_path / "pyproject.toml").write_text(section)
    list(init(tmp_path))
    assert (tmp_path / "pyproject.toml").read_text() == section
    assert not (tmp_path / "facts").exists()


@pytest.mark.parametrize("text", ["[tool\n", "tool = { black = 1 }\n"])
def test_a_pyproject_that_cannot_take_the_section_is_left_alone(tmp_path, text):
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(ProjectError, match=r"pyproject\.toml"):
        list(init(tmp_path))
    assert (tmp_path / "pyproject.toml").read_text() == text


def test_the_section_that_is_laid_out_explains_every_setting():
    text = (SKELETON / "pyproject.toml").read_text(encoding="utf-8")
    missing = [
        name
        for name in Settings.model_fields
        if f"\n{name} = " not in text and f"\n# {name} = " not in text
    ]
    assert missing == []


def test_the_defaults_it_shows_are_the_defaults():
    """Every "# name = value" read as if it were not a comment changes nothing."""
    text = (SKELETON / "pyproject.toml").read_text(encoding="utf-8")
    examples = {"freshness", "matures"}
    shown = "\n".join(
        line.removeprefix("# ")
        for line in text.splitlines()
        if line.split(" = ")[0].removeprefix("# ") in Settings.model_fields.keys() - examples
    )
    given = tomllib.loads(shown)
    said = Settings(
        company=given["company"],
        timezone=given["timezone"],
        currency=given["currency"],
        notice=given["notice"],
    )
    assert Settings(**given) == said


def test_output_is_never_in_version_control(tmp_path):
    list(init(tmp_path))
    ignored = (tmp_path / "output" / ".gitignore").read_text()
    assert ignored == "*\n!.gitignore\n"
    assert (HERE / "output" / ".gitignore").read_text() == ignored


def test_the_demonstration_keeps_a_projects_strategy_and_settings(tmp_path):
    generate(tmp_path, customers=3, months=1, seed=1)
    strategy, settings = tmp_path / "strategy.toml", tmp_path / "pyproject.toml"
    strategy.write_text(strategy.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    before = strategy.read_bytes(), settings.read_bytes()
    generate(tmp_path, customers=3, months=1, seed=2)
    assert (strategy.read_bytes(), settings.read_bytes()) == before


def test_the_demonstration_is_not_written_into_a_companys_own_project(tmp_path):
    list(init(tmp_path))
    before = files(tmp_path)
    with pytest.raises(ProjectError, match="another company"):
        generate(tmp_path, customers=3, months=1, seed=1)
    assert files(tmp_path) == before
