"""The one pipeline, told on the example company that `scorecard init` lays out.

Most rules are told on the small one, see sample_project.py: what they say does
not depend on how many metrics there are.
"""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pypdf import PdfReader
from sample_project import answered_a_day_later, example, small

from scorecard.acceptance import accept_tiers
from scorecard.base.period_lock import period_lock
from scorecard.check import check
from scorecard.documents.kinds import read_document
from scorecard.errors import (
    DefinitionError,
    FactsError,
    LedgerError,
    RenderError,
    ScorecardError,
    StrategyError,
)
from scorecard.pipeline.request import RunRequest
from scorecard.pipeline.run import Pipeline
from scorecard.project.settings import Project
from scorecard.project.workspace import fingerprint, open_ledger, open_workspace, usual_n
from scorecard.stats.withheld import withheld
from scorecard.tiers.reviews import reviews_in

ALL = RunRequest()
REVIEWS = RunRequest(("team-review", "owner-scorecard"))
"""All but the packet, which takes as long to draw as a run of the small company without it."""
PAGES = RunRequest(("owner-scorecard",))
PERIOD, AS_OF = "2026-06", datetime(2026, 8, 17, 5, tzinfo=UTC)


class Interrupted(BaseException):
    """The machine went away."""


class Clock:
    """A clock that goes on a second at each look, and fails at the look of that number."""

    def __init__(self, fails_at: int | None = None, begins: datetime = AS_OF) -> None:
        self.looks, self.fails_at, self.begins = 0, fails_at, begins

    def __call__(self) -> datetime:
        self.looks += 1
        if self.looks == self.fails_at:
            raise Interrupted
        return self.begins + timedelta(seconds=self.looks)


def told(
    project: Project,
    clock: Clock | None = None,
    as_of: datetime = AS_OF,
    period: str = PERIOD,
    exactly: bool = False,
    progress=lambda *_: None,
    request: RunRequest = REVIEWS,
):
    work = open_workspace(project, as_of)
    with open_ledger(project) as ledger:
        pipeline = Pipeline(work, ledger, clock or Clock(begins=as_of), progress, request)
        return pipeline.run(work.period(period), as_of, exactly=exactly)


def backfilled(project: Project, first: str, last: str, as_of: datetime = AS_OF) -> int:
    work = open_workspace(project, as_of)
    with open_ledger(project) as ledger:
        pipeline = Pipeline(work, ledger, Clock(begins=as_of), lambda *_: None)
        return pipeline.backfill(work.period(first), work.period(last), as_of)


def recorded(project: Project) -> list[tuple[str, str]]:
    """(period, step) of every run that the ledger knows."""
    with open_ledger(project) as ledger:
        return [(r.period, r.step) for r in ledger.runs()]


def hashes(project: Project) -> dict[str, str]:
    return {
        str(file.relative_to(project.output)): sha256(file.read_bytes()).hexdigest()
        for file in sorted(project.output.rglob("*.pdf"))
    }


def told_once(project: Project, request: RunRequest):
    """The pipeline told without a break: how often it looked at the clock, and what it wrote."""
    clock = Clock()
    outcome = told(project, clock, request=request)
    return project, clock.looks, hashes(project), outcome


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """The whole company."""
    return told_once(example(tmp_path_factory.mktemp("once") / "acme"), ALL)


@pytest.fixture(scope="module")
def small_once(tmp_path_factory):
    return told_once(small(tmp_path_factory.mktemp("small") / "acme"), REVIEWS)


@pytest.fixture
def done(small_once, tmp_path):
    """A copy of the small one after its run."""
    shutil.copytree(small_once[0].root, tmp_path / "acme")
    return Project.at(tmp_path / "acme", {})


def test_a_run_writes_the_packet_a_review_for_each_team_and_a_page_for_each_owner(once):
    project, _looks, written, outcome = once
    strategy = open_workspace(project, AS_OF).strategy
    names = [f"{PERIOD}/executive-packet.pdf"]
    names += [f"{PERIOD}/owners/{owner.id}.pdf" for owner in strategy.owners]
    names += [f"{PERIOD}/teams/{team.id}.pdf" for team in strategy.teams]
    # The packet's method notes are inside of it and beside it, and no edition of their own.
    assert sorted(written) == sorted([*names, f"{PERIOD}/method.pdf"])
    assert outcome.run.step == "done"
    assert [p.edition.number for p in outcome.published] == [1] * len(names)


def test_the_same_run_twice_gives_the_same_bytes_and_the_same_edition(done, small_once):
    again = told(done)
    assert hashes(done) == small_once[2]
    assert [p.edition.number for p in again.published] == [1] * len(small_once[2])


def test_a_later_run_over_the_same_facts_is_the_same_edition_with_its_own_as_of(done, small_once):
    again = told(done, as_of=AS_OF + timedelta(days=3))
    assert hashes(done) == small_once[2]
    assert {p.edition.as_of for p in again.published} == {AS_OF}


def test_another_company_of_the_same_facts_gets_the_same_bytes(once, tmp_path):
    other = example(tmp_path / "elsewhere")
    told(other, request=ALL)
    assert hashes(other) == once[2]


@pytest.mark.parametrize(
    "part", [0.3, 0.99, *(pytest.param(p, marks=pytest.mark.prove) for p in (0.02, 0.6, 0.9))]
)
def test_a_run_interrupted_anywhere_is_continued_by_running_it_again(small_once, tmp_path, part):
    looks = max(2, round(small_once[1] * part))
    project = small(tmp_path / "acme")
    with pytest.raises(Interrupted):
        told(project, Clock(fails_at=looks))
    outcome = told(project)
    assert hashes(project) == small_once[2]
    with open_ledger(project) as ledger:
        assert [r.id for r in ledger.runs()] == [outcome.run.id]


def test_restated_facts_make_a_second_edition_and_keep_the_first(done):
    answered_a_day_later(done.root, PERIOD)
    outcome = told(done)
    assert outcome.published[0].edition.number == 2
    with open_ledger(done) as ledger:
        reviews = [e for e in ledger.editions(_period(done)) if e.document == "team-review"]
    assert [e.number for e in reviews] == [1, 2]


def test_unsound_facts_hold_the_run_and_leave_nothing_half_written(tmp_path):
    project = small(tmp_path / "acme")
    file = project.root / "facts" / "customers.csv"
    text = file.read_text()
    file.write_text(text + text.splitlines()[1] + "\n")
    with pytest.raises(FactsError, match="The run is held, nothing was published"):
        told(project)
    assert hashes(project) == {}
    with open_ledger(project) as ledger:
        assert [r.step for r in ledger.runs()] == ["held"]
        assert ledger.results(_period(project)) == []


def provisionally(project: Project, period: str, as_of: datetime = AS_OF):
    work = open_workspace(project, as_of)
    request = replace(PAGES, provisional=True)
    with open_ledger(project) as ledger:
        pipeline = Pipeline(work, ledger, Clock(), lambda *_: None, request)
        return pipeline.run(work.period(period), as_of)


def tiers_kept(project: Project) -> dict[str, str]:
    folder = project.state / "tiers"
    return {f.name: sha256(f.read_bytes()).hexdigest() for f in sorted(folder.glob("[!.]*"))}


def margins(project: Project, period: str) -> dict[str, tuple[float | None, int]]:
    with open_ledger(project) as ledger:
        found = ledger.results(open_workspace(project, AS_OF).period(period))
    return {
        r.tier: (r.estimate.value, r.estimate.n) for r in found if r.metric == "customer_margin"
    }


def test_unsound_facts_never_become_memory(tmp_path):
    """A customer stands twice in the facts of a provisional run, and once in those after it."""
    clean, project = (
        small(tmp_path / name, "customer_margin", since="2026-04") for name in ("clean", "acme")
    )
    for each in (clean, project):
        backfilled(each, "2026-04", "2026-04")
    before = tiers_kept(project)
    file = project.root / "facts" / "customers.csv"
    sound = file.read_text()
    file.write_text(sound + sound.splitlines()[3] + "\n")
    assert provisionally(project, "2026-05").run.detail["unsound"]
    assert tiers_kept(project) == before
    file.write_text(sound)
    told(project, request=PAGES)
    backfilled(clean, "2026-05", "2026-06")
    assert tiers_kept(project) == tiers_kept(clean)
    for period in ("2026-05", "2026-06"):
        assert margins(project, period) == margins(clean, period)


def test_a_fresh_project_with_a_repeated_customer_is_issued_provisionally(tmp_path):
    project = small(tmp_path / "acme")
    file = project.root / "facts" / "customers.csv"
    text = file.read_text()
    file.write_text(text + text.splitlines()[3] + "\n")
    assert provisionally(project, PERIOD).run.step == "done"
    assert tiers_kept(project) == {}


def test_a_customer_frozen_twice_holds_the_run_until_the_files_are_removed(tmp_path):
    project = small(tmp_path / "acme")
    backfilled(project, PERIOD, PERIOD)
    once = tiers_kept(project)
    folder = project.state / "tiers"
    for key in ("2026-06", "2026-07"):
        held = pq.read_table(folder / f"{key}.parquet")
        pq.write_table(pa.concat_tables([held.slice(0, 1), held]), folder / f"{key}.parquet")
    sentence = "tiers/2026-06.parquet: the snapshot holds a customer more than once"
    with pytest.raises(FactsError, match=sentence):
        told(project, request=PAGES)
    found = check(project, period=None, as_of=AS_OF)
    assert [f.id for f in found if f.severity == "blocking"] == ["tiers.repeated"]
    for key in ("2026-06", "2026-07"):
        (folder / f"{key}.parquet").unlink()
    with pytest.raises(FactsError, match=r"2026-06.parquet: what was frozen is gone"):
        told(project, request=PAGES)
    accept_tiers(project, AS_OF)
    assert told(project, request=PAGES).run.step == "done"
    assert tiers_kept(project) == once


def test_a_template_that_loses_a_metric_is_not_published(tmp_path):
    project = small(tmp_path / "acme")
    template = project.templates / "packet.html"
    text = template.read_text()
    start, end = text.index('id="map"'), text.index('id="exceptions"')
    template.write_text(
        text[:start] + text[start:end].replace("cells.row(row", "cells.nothing(row") + text[end:]
    )
    with pytest.raises(RenderError):
        told(project, request=ALL)
    assert hashes(project) == {}


def test_every_figure_travels_inside_the_pdf_with_the_sql_it_came_from(once):
    project, _looks, _written, outcome = once
    packet = PdfReader(outcome.published[0].path).attachments
    figures = json.loads(packet["figures.json"][0])
    with open_ledger(project) as ledger:
        known = ledger.results(_period(project))
    metrics = open_workspace(project, AS_OF).metrics
    printed = {(r.metric, r.tier) for r in known} - withheld(known, metrics).keys()
    assert {(f["metric"], f["tier"]) for f in figures} == printed
    assert len(printed) < len(known)  # answers of fewer than five customers are confidential
    assert "sums" not in figures[0]["estimate"]
    assert "SELECT" in packet["nps.sql"][0].decode()
    assert "tables.sql" not in packet  # how the sources are read stays in the ledger


def test_an_owners_attachments_hold_only_their_own_stances(once):
    project, _looks, _written, outcome = once
    pages = [p for p in outcome.published if p.edition.document != "executive-packet"]
    assert {p.edition.document for p in pages} == {"owner-scorecard", "team-review"}
    with open_ledger(project) as ledger:
        for published in pages:
            edition = ledger.edition(published.edition.id)
            document = read_document(edition.document, edition.content)
            figures = json.loads(PdfReader(published.path).attachments["figures.json"][0])
            assert {f["stance"] for f in figures} == {held.key for held in document.stances}


def test_a_backfill_computes_each_period_once(tmp_path):
    project = small(tmp_path / "acme", since="2026-04")
    work = open_workspace(project, AS_OF)
    with open_ledger(project) as ledger:
        pipeline = Pipeline(work, ledger, Clock(begins=AS_OF), lambda *_: None)
        first, last = work.period("2026-04"), work.period("2026-06")
        assert pipeline.backfill(first, last, AS_OF) == 3
        assert pipeline.backfill(first, last, AS_OF) == 0
        assert [len(ledger.results(p)) > 0 for p in first.until(last)] == [True] * 3


def test_deleting_the_output_loses_no_figure(done, small_once):
    for file in done.output.rglob("*.pdf"):
        file.unlink()
    told(done)
    assert hashes(done) == small_once[2]


def _period(project: Project):
    return open_workspace(project, AS_OF).period(PERIOD)


def test_frozen_tiers_that_are_garbage_are_one_clear_sentence(tmp_path):
    project = small(tmp_path / "acme")
    state = project.state / "tiers"
    state.mkdir(parents=True)
    (state / "2026-06.parquet").write_bytes(b"garbage")
    with pytest.raises(FactsError, match=r"2026-06.parquet: the frozen tiers cannot be read"):
        told(project)
    (state / "boundaries.json").write_bytes(b"garbage")
    with pytest.raises(FactsError, match=r"boundaries.json: the reviewed boundaries cannot be"):
        reviews_in(state / "boundaries.json")


def test_an_output_folder_that_cannot_be_written_is_one_clear_sentence(tmp_path):
    project = small(tmp_path / "acme")
    (project.output / PERIOD).write_text("a file in the way")
    with pytest.raises(RenderError, match=r"service.pdf: cannot be written"):
        told(project)
    assert hashes(project) == {}


def test_a_metric_that_exits_does_not_end_the_command_in_silence(tmp_path):
    project = small(tmp_path / "acme", "csat")
    text = (project.metrics / "experience.py").read_text()
    text = text.replace(
        "    satisfied = (_.score >= 4)", "    raise SystemExit(3)\n    satisfied = (_.score >= 4)"
    )
    (project.metrics / "experience.py").write_text(text)
    with pytest.raises(DefinitionError, match=r'experience.py:\d+: metric "csat" failed'):
        told(project)


def with_a_late_row(project: Project) -> float:
    """Add a sale of June that became known a day after AS_OF; what June adds up to without it."""
    file = project.root / "facts" / "transactions.csv"
    header, *lines = file.read_text().splitlines()
    lines = [f"{line}," for line in lines]
    lines.append("T9999,C01,2026-06-10,spare_part,sale,5000.00,2026-08-18T05:00:00Z")
    file.write_text("\n".join([f"{header},loaded_at", *lines]) + "\n")
    with file.open() as rows:
        june = [r for r in csv.DictReader(rows) if r["event_on"].startswith("2026-06")]
    return sum(float(r["net_amount"]) for r in june if r["txn_id"] != "T9999")


def revenue(project: Project, run) -> float:
    with open_ledger(project) as ledger:
        return next(
            r.estimate.total
            for r in ledger.results_of(run)
            if (r.metric, r.tier) == ("customer_revenue", "all")
        )


def test_a_run_broken_off_is_continued_as_of_its_own_moment(tmp_path):
    project = small(tmp_path / "acme", "customer_revenue")
    june = with_a_late_row(project)
    with pytest.raises(Interrupted):
        told(project, Clock(fails_at=4), request=PAGES)
    later = AS_OF + timedelta(days=3)
    continued = told(project, as_of=later, request=PAGES)
    assert (continued.continued, continued.run.as_of) == (True, AS_OF)
    assert revenue(project, continued.run) == june
    assert recorded(project) == [(PERIOD, "done")]
    again = told(project, as_of=later, request=PAGES)
    assert (again.continued, again.run.as_of) == (False, later)
    assert revenue(project, again.run) == june + 5000


def test_a_run_as_of_exactly_another_moment_supersedes_the_one_broken_off(tmp_path):
    project = small(tmp_path / "acme", "customer_revenue")
    june = with_a_late_row(project)
    with pytest.raises(Interrupted):
        told(project, Clock(fails_at=4), request=PAGES)
    later = AS_OF + timedelta(days=3)
    outcome = told(project, as_of=later, exactly=True, request=PAGES)
    assert (outcome.continued, outcome.run.as_of) == (False, later)
    assert revenue(project, outcome.run) == june + 5000
    with open_ledger(project) as ledger:
        given_up, done = ledger.runs()
    assert (given_up.step, done.step) == ("failed", "done")
    assert given_up.detail["error"] == "superseded by a run as of 2026-08-20 05:00 UTC"


def test_a_run_that_failed_is_not_continued(tmp_path):
    project = small(tmp_path / "acme")
    (project.output / PERIOD).write_text("a file in the way")
    with pytest.raises(RenderError):
        told(project, request=PAGES)
    (project.output / PERIOD).unlink()
    assert not told(project, request=PAGES).continued
    assert recorded(project) == [(PERIOD, "failed"), (PERIOD, "done")]


def test_a_backfill_computes_again_what_was_not_final(tmp_path):
    """June's last figure is final two weeks after it; until then a later look may show more."""
    project = small(tmp_path / "acme", "customer_revenue")
    june, later, final = (
        datetime(y, m, d, tzinfo=UTC) for y, m, d in ((2026, 6, 20), (2026, 7, 10), (2027, 6, 20))
    )
    assert backfilled(project, PERIOD, PERIOD, june) == 1
    with open_ledger(project) as ledger:
        assert usual_n(ledger, "Europe/Berlin") == {}
    assert backfilled(project, PERIOD, PERIOD, june) == 0
    assert backfilled(project, PERIOD, PERIOD, later) == 1
    with open_ledger(project) as ledger:
        assert usual_n(ledger, "Europe/Berlin")["customer_revenue/all"] > 0
    assert backfilled(project, PERIOD, PERIOD, june) == 0
    assert backfilled(project, PERIOD, PERIOD, final) == 1
    assert backfilled(project, PERIOD, PERIOD, final + timedelta(days=30)) == 0


OUT_OF_REACH = {
    "2026-09": "2026-09 has not begun; the last possible period is 2026-08.",
    "2126-01": "2126-01 has not begun; the last possible period is 2026-08.",
    "2024-12": "2024-12 ends before the first fact, which is of 2025-01-05; the first possible "
    "period is 2025-01.",
    "1970-01": "1970-01 ends before the first fact, which is of 2025-01-05",
}


def test_a_period_out_of_reach_is_refused_and_no_run_of_it_recorded(tmp_path):
    project = small(tmp_path / "acme")
    for period, sentence in OUT_OF_REACH.items():
        with pytest.raises(FactsError) as caught:
            told(project, period=period)
        assert str(caught.value).startswith(sentence)
    with pytest.raises(FactsError, match="2024-12 ends before the first fact"):
        backfilled(project, "2024-12", "2026-06")
    with pytest.raises(FactsError, match="2026-09 has not begun"):
        backfilled(project, "2026-06", "2026-09")
    for text in ("9999-12", "0001-01"):
        with pytest.raises(ScorecardError, match="is out of reach"):
            told(project, period=text)
    assert recorded(project) == []
    assert hashes(project) == {}


def test_a_tier_renamed_after_it_was_frozen_holds_the_run_and_is_found_by_check(done, tmp_path):
    text = done.strategy.read_text()
    done.strategy.write_text(text.replace('"gold"', '"first"').replace("/gold", "/first"))
    sentence = 'frozen in tier "gold" on 2026-07-01 and .* but strategy.toml has no such tier'
    with pytest.raises(FactsError, match=sentence):
        told(done)
    with pytest.raises(FactsError, match=sentence):
        backfilled(done, PERIOD, PERIOD)
    found = check(done, period=None, as_of=AS_OF)
    assert [f.id for f in found if f.severity == "blocking"] == ["tiers.renamed"]
    (done.state / "tiers").rename(tmp_path / "old tiers")
    accept_tiers(done, AS_OF)
    assert told(done, request=PAGES).run.step == "done"


def test_a_lint_that_blocks_refuses_a_run_but_no_backfill(tmp_path):
    project = small(tmp_path / "acme")
    text = project.strategy.read_text()
    rules = '\n[rules]\nmust_be = ["first_reply_p90", "resolution_p90"]\n'
    project.strategy.write_text(text + rules)
    with pytest.raises(StrategyError, match=r"Nothing was published: .*must_be.* \(1 more: score"):
        told(project)
    assert recorded(project) == []
    assert backfilled(project, PERIOD, PERIOD) == 1
    waiver = '\n[[waiver]]\nlint = "weakness_on_must_be"\non = "*"\nreason = "a test"\nby = "me"\n'
    project.strategy.write_text(text + rules + waiver)
    assert told(project, request=PAGES).run.step == "done"


def test_facts_may_be_named_by_an_absolute_path_with_a_wildcard(tmp_path):
    project = small(tmp_path / "acme")
    before = fingerprint(open_workspace(project, AS_OF))
    text = project.file.read_text()
    relative, absolute = '"facts/transactions.csv"', f'"{project.root}/facts/trans*.csv"'
    assert relative in text
    project.file.write_text(text.replace(relative, absolute))
    project = Project.at(project.root, {})
    named = fingerprint(open_workspace(project, AS_OF))
    with (project.root / "facts" / "transactions.csv").open("a") as file:
        file.write("T9999,C01,2026-06-10,spare_part,sale,1.00\n")
    assert len({before, named, fingerprint(open_workspace(project, AS_OF))}) == 3
    assert fingerprint(open_workspace(project, AS_OF + timedelta(days=9))) == fingerprint(
        open_workspace(project, AS_OF)
    )


def test_a_period_is_computed_by_one_process_at_a_time(tmp_path):
    project = small(tmp_path / "acme")
    period = _period(project)
    with period_lock(project.state, period):
        for start in (told, lambda p: backfilled(p, PERIOD, PERIOD)):
            with pytest.raises(LedgerError, match="2026-06 is being computed by another process"):
                start(project)
        assert recorded(project) == []
        with period_lock(project.state, period.next()):
            pass
    assert told(project, request=PAGES).run.step == "done"


def test_who_comes_second_on_another_machine_is_told_that_the_first_has_finished(tmp_path):
    project = small(tmp_path / "acme")

    def elsewhere(what, done, of):
        if what == "measuring":
            with open_ledger(project) as ledger:
                (run,) = ledger.runs()
                ledger.advance(run, "done", AS_OF)

    with pytest.raises(
        LedgerError, match=r"another process at the same time, .*, done\); what that"
    ):
        told(project, progress=elsewhere)
    assert recorded(project) == [(PERIOD, "done")]
