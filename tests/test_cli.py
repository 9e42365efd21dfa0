"""The command line, as a person or a script meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command import refused, scorecard
from sample_project import small

from scorecard.project.settings import Project
from scorecard.project.workspace import fingerprint, open_ledger, open_workspace

PERIOD, AS_OF = "2026-06", "2026-08-17T06:00"


def typed(*words, cwd, **env):
    """Run the command in a process of its own: (exit code, stdout, stderr)."""
    kept = {k: v for k, v in os.environ.items() if k != "SCORECARD_PROJECT"}
    done = subprocess.run(
        [sys.executable, "-c", "from scorecard.cli.app import main; main()", *map(str, words)],
        cwd=cwd,
        env={**kept, **env},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def acme(tmp_path_factory):
    """The example company, laid out and run once as a person does it."""
    folder = tmp_path_factory.mktemp("cli") / "acme"
    code, said, _ = typed("init", folder, cwd=folder.parent)
    assert code == 0 and "strategy.toml" in said
    code, said, wrong = typed("run", "--period", PERIOD, "--as-of", AS_OF, cwd=folder)
    assert code == 0, wrong
    assert f"output/{PERIOD}/executive-packet.pdf  edition 1" in said
    return folder


@pytest.fixture
def fresh(tmp_path):
    """The small company, of which nothing was computed yet."""
    return small(tmp_path / "acme", "csat").root


def test_init_refuses_a_folder_that_holds_other_things(tmp_path):
    (tmp_path / "letters.txt").write_text("dear")
    code, _said, wrong = scorecard("init", tmp_path, cwd=tmp_path)
    assert code == 1
    assert wrong.startswith("error: ") and "letters.txt" in wrong
    assert [p.name for p in tmp_path.iterdir()] == ["letters.txt"]


def test_check_exits_zero_when_nothing_blocks_and_prints_json_on_request(acme):
    code, said, _ = scorecard("check", "--as-of", AS_OF, "--json", cwd=acme)
    assert code == 0
    findings = json.loads(said)
    assert all(set(f) == {"id", "severity", "place", "message", "hint", "group"} for f in findings)
    assert not [f for f in findings if f["severity"] == "blocking"]
    about = {f["id"]: f["group"] for f in findings}
    assert (about["delivery.no_server"], about["facts.no_zone"]) == ("mail", "facts")
    assert "" not in about.values()


def test_results_are_a_list_of_objects_with_the_promised_fields(acme):
    code, said, _ = scorecard("results", "--period", PERIOD, "--json", cwd=acme)
    assert code == 0
    rows = json.loads(said)
    wanted = {
        "metric",
        "tier",
        "value",
        "low",
        "high",
        "n",
        "mode",
        "region",
        "verdict",
        "reason",
        "signal",
        "unit",
        "owner",
        "kind",
    }
    assert rows and all(wanted <= set(row) for row in rows)
    judged = [row for row in rows if row["verdict"]]
    assert judged and all(row["owner"] and row["kind"] for row in judged)


def test_output_without_a_terminal_has_no_colour_codes(acme):
    for words in (["results", "--period", PERIOD], ["--help"]):
        _code, said, wrong = typed(*words, cwd=acme, FORCE_COLOR="")
        assert "\x1b" not in said + wrong
    _code, said, wrong = scorecard("check", "--as-of", AS_OF, cwd=acme, FORCE_COLOR="")
    assert "\x1b" not in said + wrong


def test_a_project_is_found_from_a_folder_inside_it_or_named_by_the_environment(acme, tmp_path):
    words = ("results", "--period", PERIOD, "--json")
    assert scorecard(*words, cwd=acme / "metrics")[0] == 0
    assert typed(*words, cwd=tmp_path, SCORECARD_PROJECT=str(acme))[0] == 0
    code, _said, wrong = scorecard(*words, cwd=tmp_path)
    assert code == 1 and "scorecard init DIR" in wrong


def test_a_period_of_another_kind_is_refused_with_what_to_write(acme):
    code, _said, wrong = scorecard("run", "--period", "2026-W07", cwd=acme)
    assert code == 1
    assert 'Period "2026-W07" is a week, but this project works by month' in wrong
    code, _said, wrong = scorecard("run", "--period", "2026-13", cwd=acme)
    assert code == 1 and "write 2026-10" in wrong


def test_a_period_far_away_is_one_sentence_and_no_traceback(fresh):
    for period in ("9999-12", "0001-01", "2126-01"):
        assert period in refused("run", "--as-of", AS_OF, "--period", period, cwd=fresh)
    for *words, period in (
        ("explain", "csat", "9999-12"),
        ("results", "0001-01"),
        ("check", "2126-01"),
        ("check", "0001-01"),
    ):
        _code, _said, wrong = scorecard(*words, "--period", period, cwd=fresh)
        assert "Traceback" not in wrong


def test_a_run_broken_off_is_continued_with_a_note_unless_a_moment_is_given(fresh):
    """Broken off by hand: a run is claimed, and nothing more."""
    project = Project.at(fresh, {})
    moment = datetime(2026, 8, 17, 5, tzinfo=UTC)
    work = open_workspace(project, moment)
    with open_ledger(project) as ledger:
        claimed = ledger.claim(
            work.period(PERIOD), inputs=fingerprint(work), as_of=moment, software="0", now=moment
        )
    code, _said, wrong = scorecard("run", "--period", PERIOD, cwd=fresh)
    assert code == 0
    assert "is not over" not in wrong
    said = f"note: continued the run of {PERIOD} as of 17 Aug 2026 06:00 Europe/London, which had"
    assert said in " ".join(wrong.split())
    with open_ledger(project) as ledger:
        assert [(r.id, r.step, r.as_of) for r in ledger.runs()] == [(claimed.id, "done", moment)]


def test_a_run_of_a_period_that_is_not_over_says_so(fresh):
    """As its pages do: "June 2026, 19 of 30 days"."""
    words = ("run", "--period", PERIOD, "--as-of", "2026-06-20T06:00")
    code, said, wrong = scorecard(*words, cwd=fresh)
    assert code == 0 and "executive-packet.pdf" in said and "is not over" not in said
    assert " ".join(wrong.split()).startswith(
        "note: 2026-06 is not over (19 of 30 days): its figures are provisional, and no choice is "
        "judged by them yet"
    )
    project = Project.at(fresh, {})
    with open_ledger(project) as ledger:
        packet = ledger.newest_edition("executive-packet", "executives", PERIOD)
    assert '"period": "June 2026, 19 of 30 days"' in packet.content
    assert "The period is not over (19 of 30 days)" in packet.content


def test_misuse_of_the_command_line_exits_with_two(acme):
    assert scorecard("run", cwd=acme)[0] == 2
    assert typed("frobnicate", cwd=acme)[0] == 2
    assert scorecard("run", "--period", PERIOD, "--as-of", "yesterday", cwd=acme)[0] == 2
    assert scorecard("backfill", "--from", "2026-06", "--to", "2026-05", cwd=acme)[0] == 2


def test_explain_prints_definition_and_sql_and_suggests_a_near_name(acme):
    code, said, _ = scorecard("explain", "first_reply_p90", "--period", PERIOD, cwd=acme)
    assert code == 0
    assert "9 of 10" in said and "Population" in said and "SELECT" in said
    code, _said, wrong = scorecard("explain", "first_repli_p90", cwd=acme)
    assert code == 1 and 'Did you mean "first_reply_p90"?' in wrong


def test_tier_prints_a_customers_tiers_over_time(acme):
    customer = (acme / "facts" / "customers.csv").read_text().splitlines()[1].split(",")[0]
    code, said, _ = scorecard("tier", customer, "--json", cwd=acme)
    assert code == 0
    told = json.loads(said)
    assert told["customer"] == customer
    assert [h["period"] for h in told["history"]] == sorted(h["period"] for h in told["history"])
    code, _said, wrong = scorecard("tier", "nobody", cwd=acme)
    assert code == 1 and '"nobody" is in no frozen tier' in wrong


def test_results_of_a_period_never_computed_say_what_to_run(acme):
    code, _said, wrong = scorecard("results", "--period", "2020-01", cwd=acme)
    assert code == 1
    assert 'run "scorecard run --period 2020-01" first' in wrong


def edit(folder: Path, file: str, old: str, new: str) -> None:
    """Replace one text in a file of the project."""
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))


BAD = {
    "a wrong column": (
        "pyproject.toml",
        'customers = "facts/customers.csv"',
        'customers = { from = "facts/customers.csv", columns = { name = "nmae" } }',
        'facts.customers.name: the source has no column "nmae". Did you mean "name"?',
    ),
    "a missing file": (
        "pyproject.toml",
        '"facts/customers.csv"',
        '"facts/custmers.csv"',
        'no file matches "facts/custmers.csv"',
    ),
    "an unknown setting": (
        "pyproject.toml",
        "currency",
        "currancy",
        '"currancy", which is not a setting. Did you mean "currency"?',
    ),
}


@pytest.mark.parametrize("what", list(BAD))
def test_bad_input_is_one_clear_sentence_and_leaves_nothing_behind(fresh, what):
    file, old, new, sentence = BAD[what]
    edit(fresh, file, old, new)
    code, said, wrong = scorecard("run", "--period", PERIOD, "--as-of", AS_OF, cwd=fresh)
    assert code == 1
    assert sentence in " ".join(wrong.split())
    assert said == ""
    assert not list((fresh / "output").rglob("*.pdf"))


def test_a_metric_file_that_raises_names_file_and_line(fresh):
    (fresh / "metrics" / "own.py").write_text("from scorecard import metric\n\n1 / 0\n")
    code, _said, wrong = scorecard("run", "--period", PERIOD, "--as-of", AS_OF, cwd=fresh)
    assert code == 1
    assert "own.py:3" in wrong and "division by zero" in wrong
    code, said, _ = scorecard("check", "--as-of", AS_OF, "--json", cwd=fresh)
    assert code == 1
    assert "own.py:3" in said


def test_every_wrong_thing_is_found_in_one_check(fresh):
    """A stance on an unknown tier, a duplicate customer, a broken template: three blocking."""
    edit(fresh, "strategy.toml", "[[stance]]", '[[stance]]\ntyer = "gold"')
    customers = fresh / "facts" / "customers.csv"
    text = customers.read_text()
    customers.write_text(text + text.splitlines()[1] + "\n")
    (fresh / "templates" / "extra.html").write_text("{% if %}")
    code, said, _ = scorecard("check", "--as-of", AS_OF, "--json", cwd=fresh)
    blocking = {f["id"] for f in json.loads(said) if f["severity"] == "blocking"}
    assert code == 1
    assert blocking == {"unknown_key", "facts.duplicate_key", "templates.syntax"}
