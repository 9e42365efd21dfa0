"""Proposals from the command line to a run in which their review date lies, in a real project."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from command import refused, scorecard
from sample_project import small
from sample_proposals import WHOLE

from scorecard.documents.drawing_board import drawing_board
from scorecard.pipeline.request import RunRequest
from scorecard.pipeline.run import Pipeline
from scorecard.project.declared import declared
from scorecard.project.gate import gate_of
from scorecard.project.workspace import open_ledger, open_workspace

AS_OF = datetime(2026, 8, 17, 5, tzinfo=UTC)
HANDED_IN = datetime(2026, 5, 20, 9, tzinfo=UTC)
OWNERS = RunRequest(("owner-scorecard",))


def text(project, review, day=date(2026, 5, 31)):
    """The proposal in the words of the example company; tables that it has none of are n/a."""
    said = WHOLE.replace('"ada"', '"head-of-service"').replace('of = "care"', 'of = "brand"')
    said = said.replace("by = 2026-12-31", f"by = {day}").replace("2027-01-31", str(review))
    said = said.replace("on = 2026-09-30", f"on = {day}").replace("2026-10-02", "2026-05-02")
    currency = project.settings.currency
    return said.replace("EUR", currency)


@pytest.fixture
def project(tmp_path):
    project = small(tmp_path / "acme", "customer_margin", "margin_knowledge")
    project.proposals.mkdir()
    return project


def written(project, said, name="quicker"):
    file = project.proposals / f"{name}.toml"
    file.write_text(said, encoding="utf-8")
    return file


def test_a_proposal_is_reviewed_by_the_run_of_the_period_of_its_review_date(project):
    file = written(project, text(project, date(2026, 6, 15)))
    read = declared(project)
    gate = gate_of(project, read.strategy, read.metrics)
    with open_ledger(project) as ledger:
        handed, _ = gate.hand_in(file, ledger, HANDED_IN)
        assert handed.missing == ()
        june = ran_over(project, ledger)
        (filed,) = ledger.proposals()
        results = {(r.metric, r.tier): r for r in ledger.results(june)}
    assert filed.state == "reviewed"
    waited, margin = filed.last.found
    known = results["first_reply_p90", "gold"].estimate
    assert (waited.was, waited.predicted, waited.period) == (4.0, 3.0, "2026-06")
    assert (waited.value, waited.low, waited.high) == (known.value, known.low, known.high)
    assert (margin.was, margin.outcome) == (None, "not shown")  # nothing was measured before
    (row,) = drawing_board([filed], june, read.strategy, read.metrics, project.formats)
    assert row.kind == "reviewed"
    assert row.said[0].startswith("Gold first human reply, 9 of 10 within: predicted 3.0\u00a0h")


def ran_over(project, ledger):
    """Make the owners' pages of June, and return the period."""
    clock = iter(AS_OF + timedelta(seconds=n) for n in range(10_000))
    work = open_workspace(project, AS_OF)
    period = work.period("2026-06")
    Pipeline(work, ledger, lambda: next(clock), lambda *_: None, OWNERS).run(period, AS_OF)
    return period


def test_the_command_hands_in_lists_and_withdraws(project):
    tomorrow = datetime.now(UTC).date() + timedelta(days=200)
    file = written(project, text(project, tomorrow))
    code, said, _ = scorecard("hand-in", file, cwd=project.root)
    assert (code, said) == (0, "quicker: accepted for decision\n")
    code, said, _ = scorecard("hand-in", file, "--json", cwd=project.root)
    found = json.loads(said)
    assert (code, found["recorded"], found["missing"], found["number"]) == (0, False, [], 1)
    deciding = ("decide", "quicker", "for", "--reason", "It pays.", "--by")
    code, said, _ = scorecard(*deciding, "Grace Example", cwd=project.root)
    assert (code, said) == (0, "quicker: decided for\n")
    code, said, _ = scorecard("proposals", cwd=project.root)
    assert said.startswith("quicker: decided for · ")
    first, second = said.splitlines()[1:]
    assert first.startswith("  decided for by Grace Example on ") and first.endswith(": It pays.")
    assert second.startswith("  review on ")
    code, said, _ = scorecard("proposals", "--json", cwd=project.root)
    assert json.loads(said)[0]["handed_in"][0]["decision"]["person"] == "Grace Example"
    assert "cannot decide" in refused(*deciding, "Nobody", cwd=project.root)
    written(project, text(project, tomorrow).replace("count = 40\n", ""))
    code, said, _ = scorecard("hand-in", file, cwd=project.root)
    assert code == 1
    assert said.splitlines()[0] == "quicker: sent back to the drawing board"
    assert said.splitlines()[1].startswith("  which customers: quicker.toml:5 (customers): ")
    code, said, _ = scorecard("proposals", cwd=project.root)
    assert code == 0 and said.startswith("quicker: sent back · Quicker replies for Gold · ")
    code, said, _ = scorecard("proposals", "--json", cwd=project.root)
    (found,) = json.loads(said)
    assert [h["state"] for h in found["handed_in"]] == ["decided for", "sent back"]
    code, said, _ = scorecard(
        "take-back", "quicker", "--reason", "It was declined.", cwd=project.root
    )
    assert (code, said) == (0, "quicker: withdrawn\n")
    code, said, _ = scorecard("proposals", cwd=project.root)
    assert "quicker: withdrawn · " in said and said.endswith(": It was declined.\n")


def test_the_command_says_what_is_not_there(project):
    assert "is not there; name the file of a proposal" in refused(
        "hand-in", project.proposals / "none.toml", cwd=project.root
    )
    code, said, _ = scorecard("proposals", cwd=project.root)
    assert (code, said) == (0, 'No proposal was handed in; "scorecard hand-in FILE" does.\n')


def test_check_says_what_a_proposal_lacks_and_blocks_nothing(project):
    written(project, text(project, date(2027, 6, 15)).replace('title = "Quicker', 'titel = "Q'))
    code, said, _ = scorecard("check", "--json", "--as-of", "2026-08-17T06:00", cwd=project.root)
    found = [f for f in json.loads(said) if f["group"] == "proposals"]
    assert code == 0
    assert {f["severity"] for f in found} == {"warning"}
    assert any('"titel" does not belong' in f["message"] for f in found)
    assert any(f["hint"] == "(title)" for f in found)
    assert not (project.state / "ledger.db").exists()
