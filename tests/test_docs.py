"""Documentation: generated where it can be, and never about something that does not exist."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from scorecard.binding import Zones
from scorecard.cli import app
from scorecard.facts import Facts, Reading
from scorecard.loading import load_metrics
from scorecard.periods import Period
from scorecard.project import Project
from scorecard.starter import SKELETON
from scorecard.window import Window

ROOT = Path(__file__).parents[1]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted(ROOT.glob("[!.]*/README.md")),
    *sorted(SKELETON.glob("*.toml")),
]


def generator():
    spec = spec_from_file_location("reference", ROOT / ".ci" / "reference.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


COMMANDS = generator().commands(app)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_in_one_line(name):
    said = COMMANDS[name].help or ""
    assert said.strip() == said and "\n" not in said
    assert said.endswith(".") and 0 < len(said) < 80


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained(name):
    assert [p.name for p in COMMANDS[name].params if not getattr(p, "help", "")] == []


def test_the_reference_is_fresh():
    """If this fails, run "make reference"."""
    made = generator().reference(app, ROOT / "metrics")
    assert (ROOT / "REFERENCE.md").read_text(encoding="utf-8") == made


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_pages_name_only_commands_and_targets_that_exist(page):
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"""[`"]scorecard ([a-z]+)""", text))
    made = set(re.findall(r"""(?:[`"]|^    )make ([a-z]+)""", text, re.MULTILINE))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert named - COMMANDS.keys() == set()
    assert made - targets == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_metric_that_the_docs_show_works_as_it_stands(tmp_path):
    """On the example facts of June 2026: 8 of 11 customers answered, 5 of them 4 or 5."""
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "metrics/README.md").read_text(), re.S)
    (tmp_path / "satisfied.py").write_text(code)
    (metric,) = load_metrics(tmp_path).values()
    example = Project.at(SKELETON, {})
    zones, as_of = Zones("Europe/London", "Europe/London"), datetime(2026, 8, 1, tzinfo=UTC)
    reading = Reading("EUR", zones, as_of)
    facts, findings = Facts.open(example.connect, example.sources, example.root, reading)
    june = Window.of(Period.parse("2026-06", "Europe/London"), metric.window)
    rows = metric.observe(facts, june).to_pyarrow().to_pylist()
    assert findings == []
    assert (sum(r["num"] for r in rows), sum(r["den"] for r in rows)) == (5, 8)


def test_the_two_commands_come_first():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    shown = [line.split()[:2] for line in lines if line.startswith("    ")]
    assert shown[:2] == [["make", "demo"], ["make", "test"]]


def test_the_readme_fits_a_screen():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 60
