"""One run of a period, from its claim to the PDFs in the output folder.

A run that was broken off is continued by running it again: what it had computed is not
computed twice, and its facts are again those of the moment as of which it began.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from scorecard.answering.handed_in import Filed, Reviewed, as_known, with_reviews
from scorecard.answering.model import CommitmentStep
from scorecard.base.findings import Finding, blocking, refuse
from scorecard.base.period_lock import period_lock
from scorecard.base.periods import Period, known_moment, local_midnight
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Result
from scorecard.documents.compose import composed
from scorecard.documents.gather import gather, with_fragility
from scorecard.documents.kinds import PREREAD, read_document
from scorecard.documents.preread_model import PreRead
from scorecard.documents.view import ReportView
from scorecard.errors import (
    BusyError,
    ChangedError,
    FactsError,
    LedgerError,
    StrategyError,
    UnreadyError,
)
from scorecard.ledger import Edition, Ledger, Run
from scorecard.measuring.conservation import Balance, unbalanced
from scorecard.measuring.lineage import lineage, mapping
from scorecard.pipeline.backfill import backfill, settle
from scorecard.pipeline.commitments import outcomes, with_outcomes
from scorecard.pipeline.computation import Computation
from scorecard.pipeline.request import EVERYTHING, HELD, Clock, Outcome, Progress, RunRequest
from scorecard.printing.edition_renderer import EditionRenderer
from scorecard.printing.publish import Shelf, draw, freeze, read_back
from scorecard.printing.template_set import TemplateSet
from scorecard.project.gate import final_in
from scorecard.project.opening import note_head
from scorecard.project.origin import origin_of, results_digest
from scorecard.project.scaffold import room
from scorecard.project.workspace import Workspace, fingerprint
from scorecard.quality.inspection import unsound_tables
from scorecard.replies.reviewing import reviews


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

        Publishes nothing, and says why, when that moment is still to come (ProjectError), when
        a lint blocks (StrategyError), when a
        blocking finding holds the run or the period is out of reach (FactsError),
        when another process is at it or was faster (LedgerError), and for
        whatever else goes wrong (ScorecardError). The run is then held or failed.
        """
        known_moment(as_of, period.tz, self.now())
        refuse(self.work.lints(self.ledger), StrategyError, "Nothing was published: ")
        with period_lock(self.work.project.state, period), ExitStack() as left:
            computation = left.enter_context(self._known_at(as_of))
            computation.refuse_out_of_reach(period, period)
            known = {run.id for run in self.ledger.runs(period)}
            run = computation.claim(period, fingerprint(computation.work), exactly=exactly)
            if run.as_of != as_of:  # it is continued with the facts as known at its own moment
                left.close()
                computation = left.enter_context(self._known_at(run.as_of))
                if fingerprint(computation.work) != run.inputs:
                    raise ChangedError(
                        f"{period}: facts were replaced while the run began; run again when nobody "
                        "writes to them."
                    )
            outcome = self._recorded(Steps(computation, self.request, run, period))
        return replace(outcome, continued=run.id in known)

    def backfill(self, first: Period, last: Period, as_of: datetime) -> int:
        """Compute and judge every period from `first` to `last`; how many were new.

        Publishes nothing; see `scorecard.pipeline.backfill`.
        """
        known_moment(as_of, first.tz, self.now())
        with self._known_at(as_of) as computation:
            return backfill(computation, first, last)

    @contextmanager
    def _known_at(self, as_of: datetime) -> Iterator[Computation]:
        """The project's figures as known at that moment, all of one state of the facts."""
        work = self.work.as_known(as_of)
        try:
            work.facts.hold()
            yield Computation(work, self.ledger, self.now, self.progress)
        finally:
            work.facts.state.end()
            if work is not self.work:
                work.facts.close()

    def _recorded(self, steps: Steps) -> Outcome:
        """The run's outcome; one that ends with an error is recorded as failed."""
        try:
            return steps.run_all()
        except Exception as error:
            now = self.ledger.run(steps.run.id)
            if not now.finished and not now.reached("confirmed"):
                steps.computation.refuse_changed(steps.run)  # which may be why it went wrong
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

    computation: Computation
    request: RunRequest
    run: Run
    period: Period
    reviews: Sequence[Reviewed] = ()

    def run_all(self) -> Outcome:
        """Check facts, witness stances, freeze tiers, measure, judge, gather, confirm, compose,
        draw, read back and lay out."""
        findings = self.check_facts()
        with self.computation.kept_apart() as self.computation:
            changes = self.computation.witness()
            with ExitStack() as locks:
                self.freeze_tiers()
                self.measure(locks)
                results = self.judge()
                settled = self.outcomes(results)
                view = self.gather(results, findings, settled)
                self.confirm()
                self.settle(settled)
            editions = self.compose(view)
            with self.shelf() as shelf, self.renderer(len(editions)) as renderer:
                self.draw(renderer, editions, shelf)
                self.read_back(renderer, shelf)
                note_head(self.computation.work.project, self.computation.ledger)
                published = shelf.lay_out()
            self.record("done")
        return Outcome(self.run, published, findings, changes)

    def record(self, step: str, **detail: Any) -> None:
        """That the run has come so far, with what the step leaves behind."""
        self.run = self.computation.ledger.advance(self.run, step, self.computation.now(), **detail)

    def check_facts(self) -> list[Finding]:
        """Everything that is wrong with the facts; the run is held back unless they are ready
        and sound, or it is asked for as provisional."""
        findings = self.computation.check(self.period)
        request, wrong = self.request, blocking(findings)
        if not request.provisional:
            if wrong:
                self.computation.ledger.hold(self.run, wrong, self.computation.now())
                refuse(wrong, FactsError, HELD)
            if request.unready:
                late = Finding("facts.unready", "blocking", "facts", request.unready)
                self.computation.ledger.hold(self.run, (late,), self.computation.now())
                raise UnreadyError(request.unready)
        stamp = request.unready or (unsound_tables(wrong) if wrong else "")
        state = self.computation.take_up(self.run)
        self.record("checked", stamp=stamp, unsound=bool(wrong), state=state)
        return findings

    def confirm(self) -> None:
        """All that is said comes from one state of the facts, or the run is held. From here on its
        figures count, and so do the tiers that it froze, if the facts are sound."""
        self.computation.confirm(self.run, keep=not self.run.detail["unsound"])
        self.computation.ledger.note_reviews(self.reviews, self.computation.now())
        self.record("confirmed")

    def outcomes(self, results: Sequence[Result]) -> Mapping[int, CommitmentStep]:
        """What became of the commitments that are due with this period; of facts that are not
        sound, nothing is said."""
        if self.request.provisional or self.run.detail["unsound"]:
            return {}
        computation = self.computation
        return outcomes(
            computation.ledger,
            self.run,
            self.period,
            results,
            computation.work.metrics,
            self._is_mature,
            computation.now(),
        )

    def _is_mature(self, metric: Metric) -> bool:
        """Whether a metric's figure of this period was final as of the run's moment."""
        days = self.computation.work.project.settings.matures_after(metric)
        final = local_midnight(self.period.after + timedelta(days=days), self.period.tz)
        return self.run.as_of >= final

    def settle(self, settled: Mapping[int, CommitmentStep]) -> None:
        """Record what became of them, now that the figures count."""
        self.computation.ledger.settle_commitments(settled, self.computation.now())

    def freeze_tiers(self) -> None:
        self.computation.freeze_tiers(self.period)
        self.record("tiers_frozen")

    def measure(self, locks: ExitStack) -> None:
        """Earlier periods whose figures have become final since are computed again first."""
        if not self.run.detail["unsound"]:
            settle(self.computation, self.run, self.period, locks)
        self.computation.measure(self.run, self.period)
        self.record("computed")

    def judge(self) -> list[Result]:
        """UnreadyError where a provisional document would say of every choice that it is
        unknown."""
        computation = self.computation
        results, stances = computation.judge(self.run, self.period)
        computation.progress("weighing counted verdicts", 0, 1)
        results = with_fragility(
            computation.work.measuring, results, computation.work.metrics, stances, self.period
        )
        computation.ledger.save_results(self.run, results, computation.now(), stances)
        kept = results_digest(computation.ledger.results_of(self.run))
        if self.request.provisional and not any(r.estimate.n for r in results if r.stance):
            raise UnreadyError(f"No fact of {self.period} is there, so nothing can be said of it.")
        self.record("judged", origin=origin_of(computation.work), results=kept)
        return results

    def gather(
        self,
        results: Sequence[Result],
        findings: Sequence[Finding],
        settled: Mapping[int, CommitmentStep],
    ) -> ReportView:
        """All that the documents say, and under "lineage" the SQL that it comes from."""
        computation, work = self.computation, self.computation.work
        computation.progress("gathering the customers affected", 0, 1)
        data = gather(
            work.measuring,
            computation.ledger,
            self.run,
            self.period,
            results,
            findings,
            letterhead=work.project.letterhead,
            metrics=work.metrics,
            strategy=work.strategy,
            margin_known=work.project.settings.margin_known,
            own=computation.own,
        )
        answering = replace(
            data.answering,
            commitments=with_outcomes(data.answering.commitments, settled),
            answer_by=self.request.answer_by,
        )
        data = replace(data, answering=answering, proposals=self.review(results))
        self.hold_unbalanced(data.balances)
        matures = {m.name: work.project.settings.matures_after(m) for m in work.metrics.values()}
        self.record("gathered", lineage=self._lineage())
        return ReportView(data, work.formats, matures)

    def review(self, results: Sequence[Result]) -> list[Filed]:
        """The proposals, with what these figures say of those whose review date has come; it is
        recorded once the figures count."""
        computation, work = self.computation, self.computation.work
        filed = as_known(computation.ledger.proposals(), self.run.as_of)
        if not self.run.detail["unsound"]:
            self.reviews = reviews(
                computation.ledger,
                filed,
                self.run,
                self.period,
                results,
                work.metrics,
                final_in(work.project),
                computation.own,
            )
        return with_reviews(filed, self.reviews)

    def hold_unbalanced(self, balances: Sequence[Balance]) -> None:
        """FactsError where not everything is counted once; of facts that are known not to be
        sound, the document says so instead."""
        wrong = unbalanced(balances)
        if wrong and not self.run.detail["unsound"]:
            self.computation.ledger.hold(self.run, wrong, self.computation.now())
            refuse(wrong, FactsError, HELD)

    def compose(self, view: ReportView) -> list[Edition]:
        """Compose every document and freeze it as an edition, a batch at a time."""
        computation = self.computation
        documents = composed(view, self.request.documents)
        editions = freeze(
            documents, computation.ledger, self.run, computation.now, self.request.reason
        )
        self.ask(editions)
        self.record("composed", editions=[edition.id for edition in editions])
        return editions

    def ask(self, editions: Sequence[Edition]) -> None:
        """Record what the pre-reads among them ask, before any of them can be sent.

        What a correction asks after the deadline has none: nobody could have answered it.
        """
        ledger, by = self.computation.ledger, self.request.answer_by
        by = None if by is not None and by < self.computation.now() else by
        for edition in (e for e in editions if e.document == PREREAD):
            document = read_document(edition.document, ledger.edition(edition.id).content)
            if isinstance(document, PreRead):
                asked = [line.question for line in document.questions]
                ledger.ask(asked, edition.id, by, self.computation.now())

    @cached_property
    def templates(self) -> TemplateSet:
        """The templates that documents are drawn with."""
        return TemplateSet.of(self.computation.work.project.own_templates, room("templates"))

    def shelf(self) -> Shelf:
        """Where PDFs wait; one that a killed run left with the same templates is used again."""
        project = self.computation.work.project
        what = f"{self.run.id}-{self.templates.digest[:8]}"
        return Shelf(project.output / self.period.key, what, self.computation.ledger)

    def renderer(self, count: int) -> EditionRenderer:
        return EditionRenderer(
            self.computation.work, self.computation.ledger, self.computation.now, count
        )

    def draw(self, renderer: EditionRenderer, editions: Sequence[Edition], shelf: Shelf) -> None:
        computation = self.computation
        draw(renderer, editions, shelf, computation.ledger, computation.now, computation.progress)
        self.record("rendered", templates=dict(self.templates.files))

    def read_back(self, renderer: EditionRenderer, shelf: Shelf) -> None:
        read_back(renderer, shelf, self.computation.ledger, self.computation.progress)
        self.record("read_back")

    def _lineage(self) -> dict[str, str]:
        """The SQL behind each measured metric by name; under "tables", how facts are read, which
        stays in the ledger."""
        self.computation.progress("writing down the lineage", 0, 1)
        metrics, facts = self.computation.work.metrics.values(), self.computation.work.facts
        sql = {m.name: text for m in metrics if (text := lineage(facts, m, self.period))}
        return {**sql, "tables": mapping(facts, metrics)}
