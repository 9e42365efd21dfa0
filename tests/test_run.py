"""The one story, told on the example company that `scorecard init` lays out."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from pypdf import PdfReader

from scorecard.compose.cells import hidden
from scorecard.errors import DefinitionError, FactsError, RenderError
from scorecard.project import Project
from scorecard.run import Story
from scorecard.starter import init
from scorecard.workspace import open_ledger, open_workspace

PERIOD, AS_OF = "2026-06", datetime(2026, 8, 17, 5, tzinfo=UTC)


class Interrupted(BaseException):
    """The machine went away."""


class Clock:
    """A clock that goes on a second at each look, and fails at the look of that number."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.looks, self.fails_at = 0, fails_at

    def __call__(self) -> datetime:
        self.looks += 1
        if self.looks == self.fails_at:
            raise Interrupted
        return AS_OF + timedelta(seconds=self.looks)


def laid_out(folder: Path) -> Project:
    list(init(folder))
    return Project.at(folder, {})


def told(project: Project, clock: Clock | None = None, as_of: datetime = AS_OF):
    work = open_workspace(project, as_of)
    with open_ledger(project) as ledger:
        story = Story(work, ledger, clock or Clock(), lambda *_: None)
        return story.run(work.period(PERIOD), as_of)


def hashes(project: Project) -> dict[str, str]:
    return {
        str(file.relative_to(project.output)): sha256(file.read_bytes()).hexdigest()
        for file in sorted(project.output.rglob("*.pdf"))
    }


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """The story told without a break: how often it looked at the clock, and what it wrote."""
    project, clock = laid_out(tmp_path_factory.mktemp("once") / "acme"), Clock()
    outcome = told(project, clock)
    return project, clock.looks, hashes(project), outcome


def test_a_run_writes_the_packet_and_a_page_for_each_owner(once):
    project, _looks, written, outcome = once
    names = [f"{PERIOD}/executive-packet.pdf"]
    names += sorted(
        f"{PERIOD}/owners/{o.id}.pdf" for o in open_workspace(project, AS_OF).strategy.owners
    )
    assert sorted(written) == sorted(names)
    assert outcome.run.step == "done"
    assert [p.edition.number for p in outcome.published] == [1] * len(names)


def test_the_same_run_twice_gives_the_same_bytes_and_the_same_edition(once):
    project, _looks, written, _outcome = once
    again = told(project)
    assert hashes(project) == written
    assert [p.edition.number for p in again.published] == [1] * len(written)


def test_a_later_run_over_the_same_facts_is_the_same_edition_with_its_own_as_of(once):
    project, _looks, written, _outcome = once
    again = told(project, as_of=AS_OF + timedelta(days=3))
    assert hashes(project) == written
    assert {p.edition.as_of for p in again.published} == {AS_OF}


def test_another_company_of_the_same_facts_gets_the_same_bytes(once, tmp_path):
    other = laid_out(tmp_path / "elsewhere")
    told(other)
    assert hashes(other) == once[2]


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_a_run_interrupted_anywhere_is_continued_by_running_it_again(once, tmp_path, part):
    looks = max(2, round(once[1] * part))
    project = laid_out(tmp_path / "acme")
    with pytest.raises(Interrupted):
        told(project, Clock(fails_at=looks))
    outcome = told(project)
    assert hashes(project) == once[2]
    with open_ledger(project) as ledger:
        assert [r.id for r in ledger.runs()] == [outcome.run.id]


def test_restated_facts_make_a_second_edition_and_keep_the_first(once, tmp_path):
    project = laid_out(tmp_path / "acme")
    told(project)
    file = project.root / "facts" / "transactions.csv"
    lines = file.read_text().splitlines()
    header, last = lines[0], lines[-1]
    amount = header.split(",").index("net_amount")
    cells = last.split(",")
    cells[amount] = str(float(cells[amount]) + 250)
    file.write_text("\n".join([*lines[:-1], ",".join(cells)]) + "\n")
    outcome = told(project)
    assert outcome.published[0].edition.number == 2
    with open_ledger(project) as ledger:
        packets = [e for e in ledger.editions(_period(project)) if e.document == "executive-packet"]
    assert [e.number for e in packets] == [1, 2]


def test_unsound_facts_hold_the_run_and_leave_nothing_half_written(tmp_path):
    project = laid_out(tmp_path / "acme")
    file = project.root / "facts" / "customers.csv"
    text = file.read_text()
    file.write_text(text + text.splitlines()[1] + "\n")
    with pytest.raises(FactsError, match="The run is held, nothing was published"):
        told(project)
    assert hashes(project) == {}
    with open_ledger(project) as ledger:
        assert [r.step for r in ledger.runs()] == ["held"]
        assert ledger.results(_period(project)) == []


def test_a_template_that_loses_a_metric_is_not_published(tmp_path):
    project = laid_out(tmp_path / "acme")
    template = project.templates / "packet.html"
    text = template.read_text()
    start, end = text.index('id="map"'), text.index('id="exceptions"')
    template.write_text(
        text[:start] + text[start:end].replace("cells.row(row", "cells.nothing(row") + text[end:]
    )
    with pytest.raises(RenderError):
        told(project)
    assert hashes(project) == {}


def test_every_figure_travels_inside_the_pdf_with_the_sql_it_came_from(once):
    project, _looks, _written, outcome = once
    packet = PdfReader(outcome.published[0].path).attachments
    figures = json.loads(packet["figures.json"][0])
    with open_ledger(project) as ledger:
        known = ledger.results(_period(project))
    metrics = open_workspace(project, AS_OF).metrics
    printed = {(r.metric, r.tier) for r in known if not hidden(metrics[r.metric], r)}
    assert {(f["metric"], f["tier"]) for f in figures} == printed
    assert len(printed) < len(known)  # answers of fewer than five customers are confidential
    assert "SELECT" in packet["nps.sql"][0].decode()


def test_an_owners_attachments_hold_only_their_own_stances(once):
    _project, _looks, _written, outcome = once
    for published in outcome.published[1:]:
        page = json.loads(published.edition.content)
        own = {held["key"] for held in (*page["strengths"], *page["weaknesses"])}
        figures = json.loads(PdfReader(published.path).attachments["figures.json"][0])
        assert {f["stance"] for f in figures} == own


def test_a_backfill_computes_each_period_once(tmp_path):
    project = laid_out(tmp_path / "acme")
    work = open_workspace(project, AS_OF)
    with open_ledger(project) as ledger:
        story = Story(work, ledger, Clock(), lambda *_: None)
        first, last = work.period("2026-04"), work.period("2026-06")
        assert story.backfill(first, last, AS_OF) == 3
        assert story.backfill(first, last, AS_OF) == 0
        assert [len(ledger.results(p)) > 0 for p in first.until(last)] == [True] * 3


def test_deleting_the_output_loses_no_figure(once):
    project, _looks, written, _outcome = once
    for file in project.output.rglob("*.pdf"):
        file.unlink()
    told(project)
    assert hashes(project) == written


def _period(project: Project):
    return open_workspace(project, AS_OF).period(PERIOD)


def test_frozen_tiers_that_are_garbage_are_one_clear_sentence(tmp_path):
    project = laid_out(tmp_path / "acme")
    state = project.state / "tiers"
    state.mkdir(parents=True)
    (state / "2026-06.parquet").write_bytes(b"garbage")
    with pytest.raises(FactsError, match=r"2026-06.parquet: the frozen tiers cannot be read"):
        told(project)
    (state / "boundaries.json").write_bytes(b"garbage")
    with pytest.raises(FactsError, match=r"boundaries.json: the reviewed boundaries cannot be"):
        open_workspace(project, AS_OF).tiers.boundaries(2026)


def test_an_output_folder_that_cannot_be_written_is_one_clear_sentence(tmp_path):
    project = laid_out(tmp_path / "acme")
    (project.output / PERIOD).write_text("a file in the way")
    with pytest.raises(RenderError, match=r"executive-packet.pdf: cannot be written"):
        told(project)
    assert hashes(project) == {}


def test_a_metric_that_exits_does_not_end_the_command_in_silence(tmp_path):
    project = laid_out(tmp_path / "acme")
    text = (project.metrics / "experience.py").read_text()
    text = text.replace(
        "    satisfied = (_.score >= 4)", "    raise SystemExit(3)\n    satisfied = (_.score >= 4)"
    )
    (project.metrics / "experience.py").write_text(text)
    with pytest.raises(DefinitionError, match=r'experience.py:\d+: metric "csat" failed'):
        told(project)
