"""The walk from three exports to a packet, as docs/three-exports.md has it, command by command."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from command import refused, scorecard
from pypdf import PdfReader
from sample_exports import german

from scorecard.library.scorecard import Scorecard
from scorecard.project.settings import Project

PAGE = (Path(__file__).parents[1] / "docs" / "three-exports.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"(?m)^    scorecard (.*)$", PAGE)
SETTINGS, CHOICES = re.findall(r"(?ms)^```toml\n(.*?)^```", PAGE)


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """The folder in which all of it was typed, and what each command said."""
    here = tmp_path_factory.mktemp("walk")
    german(here / "exports")
    said = {}
    for command in COMMANDS:
        at = [] if command.startswith("init") else ["--as-of", "2026-08-01T06:00"]
        done, out, wrong = scorecard(*command.split(), *at, cwd=here)
        assert (done, wrong) == (0, ""), (command, wrong)
        said[command.split()[0]] = out
        if command.startswith("init"):
            strategy = here / "acme" / "strategy.toml"
            strategy.write_text(strategy.read_text("utf-8") + "\n" + CHOICES, encoding="utf-8")
    return here, said


def test_four_commands_and_one_edit_lead_there(walked):
    assert [command.split()[0] for command in COMMANDS] == ["init", "check", "backfill", "run"]
    assert "Four commands and one edit" in PAGE
    assert "0 blocking" in walked[1]["check"]


def test_the_files_are_as_the_page_shows_them(walked):
    exports = walked[0] / "exports"
    for name, encoding in (("customers.csv", "cp1252"), ("survey.csv", "utf-8")):
        for line in (exports / name).read_text(encoding).splitlines()[:2]:
            assert f"      {line}\n" in PAGE


def test_the_settings_are_those_of_the_page(walked):
    written = (walked[0] / "acme" / "pyproject.toml").read_text(encoding="utf-8")
    assert (
        tomllib.loads(written)["tool"]["scorecard"]["facts"]
        == (tomllib.loads(SETTINGS)["tool"]["scorecard"]["facts"])
    )
    assert "select" not in written.partition("[tool.scorecard.facts]\n")[2]


def test_the_summary_names_each_table_with_its_file_and_rows(walked):
    shown = re.findall(r"(?m)^    (\w+) +(\S+\.(?:csv|xlsx)) +(\d+) ", PAGE)
    assert [line[:3] for line in shown] == [
        ("customers", "customers.csv", "90"),
        ("transactions", "invoices.xlsx", "543"),
        ("surveys", "survey.csv", "90"),
    ]
    for table, file, rows in shown:
        assert re.search(rf"(?m)^{table} +{file} +{rows} .* likely *$", walked[1]["init"])
    assert "scorecard check --project acme" in walked[1]["init"]


def test_the_packet_is_right(walked):
    """Gold: thirty answers of 10; thirty invoices of 300 less 300. Bronze: as many 0 as 10."""
    project = Project.at(walked[0] / "acme", {})
    found = {(r.metric, r.tier): r for r in Scorecard(project).results("2026-06")}
    gold, bronze = found["nps", "gold"], found["nps", "bronze"]
    assert (gold.value, gold.n, gold.verdict) == (100, 30, "delivered")
    assert (bronze.value, bronze.n) == (0, 30)
    assert found["customer_revenue", "gold"].value == 290
    assert found["customer_revenue", "all"].total == 30 * 600 - 600
    packet = PdfReader(project.output / "2026-06" / "executive-packet.pdf")
    text = " ".join(" ".join(page.extract_text() for page in packet.pages).split())
    assert "The strength was delivered, and we kept both weaknesses as accepted." in text
    assert "Revenue 17,400.00 8,700.00 5,800.00 2,900.00" in text
    assert f"Rows of 3 tables: {90 + 543 + 90}" in text


def test_exports_may_lie_in_the_projects_own_folder(tmp_path):
    german(tmp_path / "acme" / "exports")
    done, said, _ = scorecard("init", "acme", "--from", "acme/exports", cwd=tmp_path)
    assert done == 0 and "customers.csv" in said
    assert Project.at(tmp_path / "acme", {}).source("customers").of == "exports/customers.csv"
    german(tmp_path / "here")
    assert scorecard("init", ".", "--from", ".", cwd=tmp_path / "here")[0] == 0
    assert Project.at(tmp_path / "here", {}).source("customers").of == "customers.csv"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--from", "nowhere"), 1, "nowhere is not a folder"),
        (("--from", "empty"), 1, "empty is empty; name the folder that the exports lie in"),
        (("--from", "exports", "--currency", "Euro"), 1, "not an ISO 4217 code"),
        (("--from", "exports", "--timezone", "Berlin"), 1, "Berlin"),
        (("--from", "exports", "--like", "shop"), 2, "either --like or --from"),
        (("--currency", "EUR"), 2, "goes with --from"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_laid_out(tmp_path, words, code, said):
    german(tmp_path / "exports")
    (tmp_path / "empty").mkdir()
    assert said in refused("init", "acme", *words, cwd=tmp_path, code=code)
    assert not (tmp_path / "acme").exists()


def test_a_project_is_not_drafted_over(tmp_path):
    german(tmp_path / "exports")
    assert scorecard("init", "acme", cwd=tmp_path)[0] == 0
    assert "is a project already" in refused("init", "acme", "--from", "exports", cwd=tmp_path)


def test_figures_can_be_seen_before_anything_is_chosen(tmp_path):
    """The waiver that the drafted strategy has as a comment is enough, as the page says."""
    german(tmp_path / "exports")
    scorecard("init", "acme", "--from", "exports", cwd=tmp_path)
    assert scorecard("check", "--project", "acme", cwd=tmp_path)[0] == 1
    strategy = tmp_path / "acme" / "strategy.toml"
    before, mark, waiver = strategy.read_text("utf-8").partition("# [[waiver]]")
    said = (mark + waiver).replace("# ", "").replace("…", "Anna Weber")
    strategy.write_text(before + said, encoding="utf-8")
    assert scorecard("check", "--project", "acme", cwd=tmp_path)[0] == 0
