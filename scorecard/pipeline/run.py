"""One run of a period, from its claim to the PDFs in the output folder.

A run that was broken off is continued by running it again: what it had computed is not
computed twice, and its facts are again those of the moment as of which it began.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from scorecard.base.findings import Finding, blocking, refuse
from scorecard.base.period_lock import period_lock
from scorecard.base.periods import Period
from scorecard.definitions.results import Result
from scorecard.documents.compose import composed
from scorecard.documents.report_data import gather, with_fragility
from scorecard.documents.view import ReportView
from scorecard.errors import BusyError, FactsError, LedgerError, StrategyError, UnreadyError
from scorecard.ledger import Edition, Ledger, Run
from scorecard.measuring.lineage import lineage, mapping
from scorecard.pipeline.backfill import backfill, settle
from scorecard.pipeline.figures import HISTORY, Figures
from scorecard.pipeline.request import EVERYTHING, HELD, Clock, Outcome, Progress, RunRequest
from scorecard.printing.edition_renderer import EditionRenderer
from scorecard.printing.publish import Shelf, draw, freeze, read_back, templates_digest
from scorecard.project.workspace import Workspace, fingerprint
from scorecard.quality.inspection import unsound_tables


@dataclass(frozen=True)
class Pipeline:
    """Runs and backfills of one project, with its ledger and its clock.

    Facts are opened again where they are needed as known at another moment.
    """

    work: Workspace
    ledger: Ledger
    now: Clock
    progress: Progress
    request: RunRequest = EVERYTHING

    def run(self, period: Period, as_of: datetime, *, exactly: bool = False) -> Outcome:
        """Continue the run of a period that was broken off, else begin one at `as_of`.

        A run is continued where it reads the same facts, strategy, metrics and
        settings, and then as of its own moment. With `exactly` it is not, unless
        that moment is `as_of`: it is given up, and recorded as superseded.

        Publishes nothing, and says why, when a lint blocks (StrategyError), when a
        blocking finding holds the run or the period is out of reach (FactsError),
        when another process is at it or was faster (LedgerError), and for
        whatever else goes wrong (ScorecardError). The run is then held or failed.
        """
        refuse(self.work.lints(self.ledger), StrategyError, "Nothing was published: ")
        with period_lock(self.work.project.state, period):
            with self._figures(as_of) as figures:
                figures.refuse_out_of_reach(period, period)
                known = {run.id for run in self.ledger.runs(period)}
                run = figures.claim(period, fingerprint(figures.work), exactly=exactly)
            with self._figures(run.as_of) as figures:
                outcome = self._recorded(Steps(figures, self.request, run, period))
        return replace(outcome, continued=run.id in known)

    def backfill(self, first: Period, last: Period, as_of: datetime) -> int:
        """Compute and judge every period from `first` to `last`; how many were new.

        Publishes nothing; see `scorecard.pipeline.backfill`.
        """
        with self._figures(as_of) as figures:
            return backfill(figures, first, last)

    @contextmanager
    def _figures(self, as_of: datetime) -> Iterator[Figures]:
        """The project's figures as known at that moment."""
        work = self.work.as_known(as_of)
        try:
            yield Figures(work, self.ledger, self.now, self.progress)
        finally:
            if work is not self.work:
                work.facts.close()

    def _recorded(self, steps: Steps) -> Outcome:
        """The run's outcome; one that ends with an error is recorded as failed."""
        try:
            return steps.run_all()
        except Exception as error:
            now = self.ledger.run(steps.run.id)
            if not now.finished:
                self.ledger.fail(steps.run, error, self.now())
            elif isinstance(error, LedgerError):
                raise BusyError(
                    f"{steps.period} was computed by another process at the same time, which "
                    f"came first (run {now.id}, {now.step}); what that one wrote stands."
                ) from error
            raise


@dataclass
class Steps:
    """The steps of one run. Each does its work and records that it is done before it returns, so
    that a run killed between any two of them is continued with the next."""

    figures: Figures
    request: RunRequest
    run: Run
    period: Period

    def run_all(self) -> Outcome:
        """Check facts, freeze tiers, measure, judge, compose, freeze documents, draw, read back
        and lay out."""
        findings = self.check_facts()
        with self.tiers():
            changes = self.figures.witness()
            self.freeze_tiers()
            self.measure()
            results = self.judge()
            view = self.compose(results, findings)
            editions = self.freeze_documents(view)
            with self.shelf() as shelf, self.renderer(len(editions)) as renderer:
                self.draw(renderer, editions, shelf)
                self.read_back(renderer, shelf)
                published = shelf.lay_out()
            self.record("done")
        return Outcome(self.run, published, findings, changes)

    def record(self, step: str, **detail: Any) -> None:
        """That the run has come so far, with what the step leaves behind."""
        self.run = self.figures.ledger.advance(self.run, step, self.figures.now(), **detail)

    def check_facts(self) -> list[Finding]:
        """Everything that is wrong with the facts; the run is held back unless they are ready
        and sound, or it is asked for as provisional."""
        findings = self.figures.check(self.period)
        request, wrong = self.request, blocking(findings)
        if not request.provisional:
            if wrong:
                self.figures.ledger.hold(self.run, wrong, self.figures.now())
                refuse(wrong, FactsError, HELD)
            if request.unready:
                late = Finding("facts.unready", "blocking", "facts", request.unready)
                self.figures.ledger.hold(self.run, (late,), self.figures.now())
                raise UnreadyError(request.unready)
        stamp = request.unready or (unsound_tables(wrong) if wrong else "")
        self.record("checked", stamp=stamp, unsound=bool(wrong))
        return findings

    @contextmanager
    def tiers(self) -> Iterator[None]:
        """Where tiers are frozen: in the project's state, or, of facts that are not sound, in a
        folder that is gone when the run is over."""
        if not self.run.detail["unsound"]:
            yield
            return
        with self.figures.kept_apart() as apart:
            self.figures = apart
            yield

    def freeze_tiers(self) -> None:
        self.figures.freeze_tiers(self.period)
        self.record("tiers_frozen")

    def measure(self) -> None:
        """Earlier periods whose figures have become final since are computed again first."""
        if not self.run.detail["unsound"]:
            settle(self.figures, self.run, self.period)
        self.figures.measure(self.run, self.period)
        self.record("computed")

    def judge(self) -> list[Result]:
        """UnreadyError where a provisional document would say of every choice that it is
        unknown."""
        figures = self.figures
        results, stances = figures.judge(self.run, self.period)
        figures.progress("weighing counted verdicts", 0, 1)
        results = with_fragility(
            figures.work.measuring, results, figures.work.metrics, stances, self.period
        )
        figures.ledger.save_results(self.run, results, figures.now(), stances)
        if self.request.provisional and not any(r.estimate.n for r in results if r.stance):
            raise UnreadyError(f"No fact of {self.period} is there, so nothing can be said of it.")
        self.record("judged")
        return results

    def compose(self, results: Sequence[Result], findings: Sequence[Finding]) -> ReportView:
        """All that the documents say, and under "lineage" the SQL that it comes from."""
        figures, work = self.figures, self.figures.work
        figures.progress("gathering the customers affected", 0, 1)
        data = gather(
            work.measuring,
            figures.ledger,
            self.run,
            self.period,
            results,
            findings,
            letterhead=work.project.letterhead,
            metrics=work.metrics,
            strategy=work.strategy,
            history=HISTORY,
        )
        matures = {m.name: work.project.settings.matures_after(m) for m in work.metrics.values()}
        self.record("composed", lineage=self._lineage())
        return ReportView(data, work.formats, matures)

    def freeze_documents(self, view: ReportView) -> list[Edition]:
        figures = self.figures
        documents = composed(view, self.request.documents)
        editions = freeze(documents, figures.ledger, self.run, figures.now, self.request.reason)
        self.record("documents_frozen", editions=[edition.id for edition in editions])
        return editions

    def shelf(self) -> Shelf:
        """Where PDFs wait; one that a killed run left with the same templates is used again."""
        project = self.figures.work.project
        what = f"{self.run.id}-{templates_digest(project.templates)}"
        return Shelf(project.output / self.period.key, what, self.figures.ledger)

    def renderer(self, count: int) -> EditionRenderer:
        return EditionRenderer(self.figures.work, self.figures.ledger, self.figures.now, count)

    def draw(self, renderer: EditionRenderer, editions: Sequence[Edition], shelf: Shelf) -> None:
        figures = self.figures
        draw(renderer, editions, shelf, figures.ledger, figures.now, figures.progress)
        self.record("rendered")

    def read_back(self, renderer: EditionRenderer, shelf: Shelf) -> None:
        read_back(renderer, shelf, self.figures.ledger, self.figures.progress)
        self.record("read_back")

    def _lineage(self) -> dict[str, str]:
        """The SQL behind each measured metric by name; under "tables", how facts are read."""
        self.figures.progress("writing down the lineage", 0, 1)
        metrics, facts = self.figures.work.metrics.values(), self.figures.work.facts
        sql = {m.name: text for m in metrics if (text := lineage(facts, m, self.period))}
        return {**sql, "tables": mapping(facts, metrics)}
