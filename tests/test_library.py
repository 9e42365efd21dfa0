"""A project opened from Python: the same as the command line does, as values."""

from __future__ import annotations

import csv
import gc
import json
import pydoc
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from sample_project import small
from typer.testing import CliRunner

import scorecard
from scorecard.cli.app import app
from scorecard.errors import DefinitionError, ProjectError

AS_OF = datetime(2026, 8, 17, 7)  # noqa: DTZ001  local to the company
PERIOD = "2026-06"
EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The example project with June computed from Python; only what these tests read."""
    return small(
        tmp_path_factory.mktemp("library") / "acme", "nps", "csat", "customer_revenue"
    ).root


@pytest.fixture(scope="module")
def outcome(folder):
    with scorecard.open(folder, AS_OF) as project:
        assert project.backfill("2026-05", "2026-05") == scorecard.Backfilled(1, 0)
        return project.run(PERIOD)


def printed(*arguments):
    return CliRunner().invoke(app, arguments, catch_exceptions=False).stdout


def test_all_that_is_public_is_there_and_documented():
    for name in scorecard.__all__:
        value = getattr(scorecard, name)
        assert name == "__version__" or value.__doc__, name


def test_help_and_completion_know_all_that_is_public():
    assert dir(scorecard) == sorted(scorecard.__all__)
    assert "class Scorecard" in pydoc.plain(pydoc.render_doc(scorecard))


def test_importing_it_brings_no_engine():
    code = "import sys, scorecard; print({'ibis', 'weasyprint', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_tables_that_were_kept_are_gone_when_the_project_is_closed(outcome, folder):
    """One that is collected after the connection was closed would complain at exit."""
    early = datetime(2026, 7, 10, tzinfo=UTC)
    with scorecard.open(folder, early) as project, project.workspace() as work:
        ahead = work.tiers.snapshot(project.period("2026-08"))
    del ahead, work
    gc.collect()  # what a finalizer raises is an error here


def test_what_is_not_public_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'opne'"):
        _ = scorecard.opne


def test_a_moment_without_a_zone_is_local_to_the_company(folder):
    with scorecard.open(folder, AS_OF) as project:
        assert project.as_of == datetime(2026, 8, 17, 6, tzinfo=UTC)  # London, in summer


def test_a_folder_without_a_project_is_one_sentence(tmp_path):
    with pytest.raises(ProjectError, match='"scorecard init'):
        scorecard.open(tmp_path)


def test_check_finds_what_the_command_prints(folder):
    with scorecard.open(folder, AS_OF) as project:
        found = {(f.id, f.place) for f in project.check(PERIOD)}
    said = json.loads(
        printed(
            "check", "-C", str(folder), "--period", PERIOD, "--as-of", AS_OF.isoformat(), "--json"
        )
    )
    assert found == {(f["id"], f["place"]) for f in said} != set()


def test_a_run_gives_the_files_that_it_wrote(outcome, folder):
    assert outcome.run.step == "done"
    assert all(p.path.is_file() and p.path.is_relative_to(folder) for p in outcome.published)


def test_a_strategy_edited_meanwhile_is_read_and_computed_anew(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "acme")
    with scorecard.open(tmp_path / "acme", AS_OF) as project:
        project.backfill(PERIOD, PERIOD)
        file = tmp_path / "acme" / "strategy.toml"
        file.write_text(file.read_text() + "\n# another thought\n")
        assert project.backfill(PERIOD, PERIOD) == scorecard.Backfilled(1, 0)
        assert project.backfill(PERIOD, PERIOD) == scorecard.Backfilled(0, 1)


@pytest.mark.parametrize("what", [None, 202606, datetime(2026, 6, 1, tzinfo=UTC)])
def test_what_is_no_period_is_one_sentence(folder, what):
    with pytest.raises(ProjectError, match='is no period; write one such as "2026-10"'):
        scorecard.open(folder, AS_OF).results(what)


def test_what_is_no_moment_is_one_sentence(folder):
    with pytest.raises(ProjectError, match="as_of is '2026-08-17'; give a datetime"):
        scorecard.open(folder, "2026-08-17")


def test_answers_stay_hidden_when_their_metric_is_gone(outcome, folder, tmp_path):
    shutil.copytree(folder, tmp_path / "acme")
    with scorecard.open(folder, AS_OF) as project:
        before = {(f.metric, f.tier) for f in project.results(PERIOD) if f.reason == "not_shown"}
    for file in (tmp_path / "acme" / "metrics").glob("*.py"):
        file.write_text(file.read_text().replace("def csat", "def renamed"))
    results = scorecard.open(tmp_path / "acme", AS_OF).results(PERIOD)
    after = {(f.metric, f.tier) for f in results if f.reason == "not_shown"}
    assert before and before <= after
    assert "Estimate(" not in repr(results)


def test_a_backfill_the_wrong_way_round_is_refused(folder):
    with scorecard.open(folder, AS_OF) as project, pytest.raises(ProjectError, match="lies before"):
        project.backfill("2026-06", "2026-05")


def test_results_are_what_the_command_prints_as_json(outcome, folder):
    with scorecard.open(folder, AS_OF) as project:
        results = project.results(PERIOD)
    assert [vars(figure) for figure in results] == json.loads(
        printed("results", "-C", str(folder), "--period", PERIOD, "--json")
    )


def test_results_are_a_table_for_arrow_and_pandas(outcome, folder):
    with scorecard.open(folder, AS_OF) as project:
        results = project.results(PERIOD)
    table = pa.table(results)
    assert table.num_rows == len(results) > 0
    assert table.schema.field("value").type == pa.float64()
    frame = pd.DataFrame.from_arrow(results)
    assert frame["verdict"].dropna().tolist() == [f.verdict for f in results if f.verdict]


def test_answers_of_few_customers_are_not_in_the_results(outcome, folder):
    with scorecard.open(folder, AS_OF) as project:
        few = [f for f in project.results(PERIOD) if f.reason == "not_shown"]
    assert few
    assert {(f.value, f.low, f.high, f.n, f.customers, f.verdict) for f in few} == {(None,) * 6}


def test_a_period_that_was_not_computed_is_one_sentence(folder):
    with (
        scorecard.open(folder, AS_OF) as project,
        pytest.raises(scorecard.ScorecardError, match='run "scorecard run --period 2024-01" first'),
    ):
        project.results("2024-01")


def test_explain_gives_definition_and_sql(folder):
    with scorecard.open(folder, AS_OF) as project:
        found = project.explain("nps", PERIOD)
        assert (found.metric.unit.name, found.missing) == ("points", "")
        assert "SELECT" in found.sql and "surveys" in found.sql
        with pytest.raises(DefinitionError, match='Did you mean "nps"'):
            project.explain("npss")


def test_a_customers_tiers_over_time(outcome, folder):
    with scorecard.open(folder, AS_OF) as project:
        history = project.tier_history("C01")
        assert [period for period, _tier, _score in history][-1] == "2026-07"
        with pytest.raises(scorecard.ScorecardError, match="in no frozen tier"):
            project.tier_history("nobody")


# Examples


def example(name):
    """An example as a module; it is no part of the package."""
    spec = spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_metric_is_plotted_by_tier(outcome, folder, tmp_path):
    plotting, chart = example("plot_by_tier"), tmp_path / "chart.png"
    table = plotting.figures(str(folder), "customer_revenue", "2026-05", PERIOD)
    assert set(table.period) == {"2026-05", PERIOD}
    assert {"gold", "bronze"} <= set(table.tier)
    plotting.plot(table, str(chart))
    assert chart.read_bytes().startswith(b"\x89PNG")


def test_a_task_makes_a_months_documents_again_and_again(outcome, folder):
    task = example("monthly_task")
    made = task.monthly_documents(str(folder), datetime(2026, 6, 1, tzinfo=UTC))
    assert sorted(made) == sorted(str(p.path) for p in outcome.published)


def test_a_task_tells_facts_that_are_not_ready_from_other_errors(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "acme")
    file = tmp_path / "acme" / "facts" / "customers.csv"
    file.write_text(file.read_text() + file.read_text().splitlines()[1] + "\n")
    task = example("monthly_task")
    with pytest.raises(task.FactsNotReadyError, match="customers"):
        task.monthly_documents(str(tmp_path / "acme"), datetime(2026, 6, 1, tzinfo=UTC))


def test_a_task_waits_for_a_month_that_is_not_over_or_whose_facts_end_before(folder):
    task = example("monthly_task")
    with pytest.raises(task.FactsNotReadyError, match="2199-01 is not over"):
        task.monthly_documents(str(folder), datetime(2199, 1, 1, tzinfo=UTC))
    with pytest.raises(task.FactsNotReadyError, match="transactions"):
        task.monthly_documents(str(folder), datetime(2026, 9, 1, tzinfo=UTC))


def test_a_metric_of_ones_own_is_found_and_measured(folder, tmp_path):
    """Counted by hand below from the same file, over all contacts of June."""
    shutil.copytree(folder, tmp_path / "acme")
    shutil.copy(EXAMPLES / "quick_replies.py", tmp_path / "acme" / "metrics")
    with scorecard.open(tmp_path / "acme", AS_OF) as project:
        assert [f for f in project.check() if f.severity == "blocking"] == []
        with project.workspace() as work:
            own = work.metrics["quick_replies"]
            found = work.measuring.estimates([own], project.period(PERIOD))["quick_replies"]["all"]
    with (folder / "facts" / "interactions.csv").open() as file:
        june = [r for r in csv.DictReader(file) if r["opened_at"].startswith(PERIOD)]
    quick = [r for r in june if r["first_human_reply_at"] and waited(r) <= timedelta(hours=1)]
    assert (found.n, found.value) == (len(june), pytest.approx(len(quick) / len(june)))
    assert 0 < len(quick) < len(june)


def waited(row):
    reply, opened = (datetime.fromisoformat(row[c]) for c in ("first_human_reply_at", "opened_at"))
    return reply - opened
