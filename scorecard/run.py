"""The one pipeline: claim, check, freeze tiers, compute, judge, compose, render, read back, record.

Each step is recorded before the next begins. A run that was interrupted is
continued by running it again; what it had computed is not computed twice, and
its facts are again those of the moment as of which it began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from scorecard.base.findings import Finding, blocking, refuse
from scorecard.base.period_lock import period_lock
from scorecard.base.periods import Period, local_midnight
from scorecard.base.version import VERSION
from scorecard.definitions.results import Result
from scorecard.documents import report_data
from scorecard.errors import (
    BeyondError,
    BusyError,
    FactsError,
    LedgerError,
    ScorecardError,
    StrategyError,
    UnreadyError,
)
from scorecard.judging.judge import Circumstances, judge_results
from scorecard.ledger import Ledger, Run, StanceChange, Witnessed
from scorecard.measuring.lineage import lineage, mapping
from scorecard.printing.publish import DOCUMENTS, Published, publish
from scorecard.project.workspace import Workspace, fingerprint
from scorecard.quality.inspection import inspect, unsound_tables

Clock = Callable[[], datetime]
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many of it are done, and of how many."""
HELD = "The run is held, nothing was published: "
HISTORY = 24
SETTLING = 3
"""So many periods back are computed again when their figures have become final since; all of
HISTORY are when they came from facts that were not sound."""


@dataclass(frozen=True)
class RunRequest:
    """What is asked of a run.

    documents    which kinds are published
    unready      why facts that are sound are not ready yet; empty where they are
    provisional  whether to publish nevertheless, stamped with the reason
    reason       why a document is made again, kept with its edition where it differs
    """

    documents: Sequence[str] = DOCUMENTS
    unready: str = ""
    provisional: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a run led to: files written, findings of the facts, and stances seen changed.

    `continued` where the run had been broken off; its `as_of` is then its own.
    """

    run: Run
    published: Sequence[Published]
    findings: Sequence[Finding]
    changes: Sequence[StanceChange]
    continued: bool = False


@dataclass(frozen=True)
class Pipeline:
    """One project's run, with its memory and its clock.

    Its facts are opened again where they are needed as known at another moment.
    """

    work: Workspace
    ledger: Ledger
    now: Clock
    progress: Progress
    request: RunRequest = RunRequest()

    def run(self, period: Period, as_of: datetime, *, exactly: bool = False) -> Outcome:
        """Continue the run of a period that was broken off, else begin one at `as_of`.

        A run is continued where it reads the same facts, strategy, metrics and
        settings, and then as of its own moment. With `exactly` it is not, unless
        that moment is `as_of`: it is given up, and recorded as superseded.

        Publishes nothing, and says why, when a lint blocks (StrategyError), when a
        blocking finding holds the run or the period is out of reach (FactsError),
        when another process is at it or was faster (LedgerError), and for
        whatever else goes wrong (ScorecardError).
        """
        refuse(self.work.lints(self.ledger), StrategyError, "Nothing was published: ")
        with period_lock(self.work.project.state, period), self._at(as_of) as begun:
            begun._reach(period, period)
            known = {run.id for run in self.ledger.runs(period)}
            run = begun._claim(period, fingerprint(begun.work), exactly=exactly)
            with begun._at(run.as_of) as pipeline:
                outcome = pipeline._attempted(run, period)
        return replace(outcome, continued=run.id in known)

    def _attempted(self, run: Run, period: Period) -> Outcome:
        try:
            return self._told(run, period)
        except ScorecardError as error:
            now = self.ledger.run(run.id)
            if not now.finished:
                self.ledger.fail(run, error, self.now())
            elif isinstance(error, LedgerError):
                raise BusyError(
                    f"{period} was computed by another process at the same time, which came first "
                    f"(run {now.id}, {now.step}); what that one wrote stands."
                ) from error
            raise

    @contextmanager
    def _at(self, as_of: datetime) -> Iterator[Pipeline]:
        """The same pipeline over the facts as known at that moment."""
        work = self.work.as_known(as_of)
        try:
            yield replace(self, work=work)
        finally:
            if work is not self.work:
                work.facts.close()

    def _reach(self, first: Period, last: Period) -> None:
        """BeyondError unless the facts can tell something of both periods."""
        as_of, began = self.work.as_of, self.work.began()
        if last.start > as_of:
            today = as_of.astimezone(self.work.project.zone).date()
            raise BeyondError(
                f"{last} has not begun; the last possible period is "
                f"{Period.containing(today, last.kind, last.tz)}."
            )
        if began and first.after <= began:
            raise BeyondError(
                f"{first} ends before the first fact, which is of {began}; the first possible "
                f"period is {Period.containing(began, first.kind, first.tz)}."
            )

    def backfill(self, first: Period, last: Period, as_of: datetime) -> int:
        """Compute and judge every period from `first` to `last`; how many were new.

        Publishes nothing. Periods already computed from the same inputs are left alone, once
        their figures are final or where nothing newer is known. FactsError as for `run`.
        """
        with self._at(as_of) as pipeline:
            return pipeline._backfilled(first, last)

    def _backfilled(self, first: Period, last: Period) -> int:
        as_of, inputs = self.work.as_of, fingerprint(self.work)
        self._reach(first, last)
        refuse(self._inspected(last, as_of), FactsError, HELD)
        self._witness()
        self._freeze(last)
        periods = list(first.until(last))
        done = 0
        for index, period in enumerate(periods):
            self.progress(f"computing {period}", index, len(periods))
            if not self._known(period, as_of, inputs):
                self._recorded(period, inputs)
                done += 1
        self.progress("computing", len(periods), len(periods))
        return done

    def _recorded(self, period: Period, inputs: str) -> None:
        """Compute and judge one period without publishing it."""
        with period_lock(self.work.project.state, period):
            run = self._claim(period, inputs, exactly=True)
            run = self.ledger.advance(run, "tiers_frozen", self.now(), backfill=True)
            self._computed(run, period)
            self._judged(run, period)
            self.ledger.advance(run, "done", self.now())

    def _settled(self, run: Run, period: Period) -> None:
        """Compute the periods before again whose figures were not final when last computed, or
        came from facts that were not sound."""
        back = range(HISTORY, 0, -1)
        due = [e for b in back if self._unsettled(e := period.shift(-b), run.as_of, b <= SETTLING)]
        for index, earlier in enumerate(due):
            self.progress(f"settling {earlier}", index, len(due))
            self._recorded(earlier, run.inputs)

    def _unsettled(self, period: Period, as_of: datetime, near: bool) -> bool:
        computed = [r for r in self.ledger.runs(period) if r.computed_at is not None]
        if not computed:
            return False
        if computed[-1].detail.get("unsound"):
            return computed[-1].as_of <= as_of
        newest = max(r.as_of for r in computed if not r.detail.get("unsound"))
        return near and any(newest < day <= as_of for day in self._finals(period))

    def _finals(self, period: Period) -> list[datetime]:
        """When the period is over, and when each of its figures is final; in order."""
        settings, metrics = self.work.project.settings, self.work.metrics.values()
        days = {0} | {settings.matures_after(m) for m in metrics}
        return [local_midnight(period.after + timedelta(days=d), period.tz) for d in sorted(days)]

    def _told(self, run: Run, period: Period) -> Outcome:
        findings = self._inspected(period, run.as_of)
        run = self._checked(run, findings)
        with self._apart() if run.detail["unsound"] else nullcontext(self) as pipeline:
            return pipeline._issued(run, period, findings)

    @contextmanager
    def _apart(self) -> Iterator[Pipeline]:
        """The same for facts that are not sound: what it freezes is gone when it is over."""
        with TemporaryDirectory(prefix="scorecard-") as folder:
            tiers = self.work.tiers.apart(Path(folder))
            yield replace(self, work=replace(self.work, tiers=tiers))

    def _issued(self, run: Run, period: Period, findings: Sequence[Finding]) -> Outcome:
        """All that comes after the facts were checked."""
        changes = self._witness()
        self._freeze(period)
        run = self.ledger.advance(run, "tiers_frozen", self.now())
        if not run.detail["unsound"]:
            self._settled(run, period)
        self._computed(run, period)
        run = self.ledger.advance(run, "computed", self.now())
        results = self._judged(run, period, weigh=True)
        self._refuse_blank(period, results)
        run = self.ledger.advance(run, "judged", self.now())
        material = self._gathered(run, period, results, findings)
        run = self.ledger.advance(run, "composed", self.now(), lineage=self._lineage(period))
        published = publish(
            self.work,
            self.ledger,
            run,
            material,
            self.now,
            self.progress,
            self.request.documents,
            self.request.reason,
        )
        editions = [each.edition.id for each in published]
        run = self.ledger.advance(run, "read_back", self.now(), editions=editions)
        run = self.ledger.advance(run, "done", self.now())
        return Outcome(run, published, findings, changes)

    def _checked(self, run: Run, findings: Sequence[Finding]) -> Run:
        """Go on with facts that are ready and sound; with others only as provisional."""
        request, wrong = self.request, blocking(findings)
        if not request.provisional:
            if wrong:
                self.ledger.hold(run, wrong, self.now())
                refuse(wrong, FactsError, HELD)
            if request.unready:
                late = Finding("facts.unready", "blocking", "facts", request.unready)
                self.ledger.hold(run, (late,), self.now())
                raise UnreadyError(request.unready)
        stamp = request.unready or (unsound_tables(wrong) if wrong else "")
        return self.ledger.advance(run, "checked", self.now(), stamp=stamp, unsound=bool(wrong))

    def _refuse_blank(self, period: Period, results: Sequence[Result]) -> None:
        """FactsError where a provisional document would say of every choice that it is unknown."""
        if self.request.provisional and not any(r.estimate.n for r in results if r.stance):
            raise UnreadyError(f"No fact of {period} is there, so nothing can be said of it.")

    def _claim(self, period: Period, inputs: str, *, exactly: bool) -> Run:
        return self.ledger.claim(
            period,
            inputs=inputs,
            as_of=self.work.as_of,
            software=VERSION,
            now=self.now(),
            exactly=exactly,
        )

    def _known(self, period: Period, as_of: datetime, inputs: str) -> bool:
        """Whether the same inputs were computed when all was final, or no earlier than now."""
        enough = min(as_of, self._finals(period)[-1])
        done = (r for r in self.ledger.runs(period) if r.step == "done")
        sound = (r for r in done if not r.detail.get("unsound"))
        return any(r.inputs == inputs and r.as_of >= enough for r in sound)

    def _inspected(self, period: Period, as_of: datetime) -> list[Finding]:
        self.progress("checking facts", 0, 1)
        fresh = self.work.project.settings.fresh_within
        return inspect(
            self.work.facts, period=period, as_of=as_of, fresh_within=fresh, tiers=self.work.tiers
        )

    def _witness(self) -> list[StanceChange]:
        settings = self.work.project.settings
        return self.ledger.witness(
            self.work.strategy.stances, settings.period, settings.timezone, self.now()
        )

    def _freeze(self, period: Period) -> None:
        """Tiers up to the period after, which closes the customer math."""
        for frozen in self.work.tiers.freeze(period.next()):
            self.progress(f"freezing tiers of {frozen}", 0, 1)

    def _computed(self, run: Run, period: Period) -> None:
        done = self.ledger.computed(run)
        metrics = [m for m in self.work.metrics.values() if m.name not in done]
        measuring = self.work.measuring
        quiet = bool(run.detail.get("backfill"))
        for index, metric in enumerate(metrics):
            if not quiet:
                self.progress(f"measuring {metric.name}", index, len(metrics))
            self.ledger.save_results(run, measuring.results(metric, period), self.now())

    def _judged(self, run: Run, period: Period, weigh: bool = False) -> list[Result]:
        stances = self.ledger.stances_for(period)
        under = self._circumstances(run, period, stances)
        results = judge_results(self.ledger.results_of(run), under)
        if weigh:
            self.progress("weighing counted verdicts", 0, 1)
            results = report_data.with_fragility(
                self.work.measuring, results, self.work.metrics, stances, period
            )
        self.ledger.save_results(run, results, self.now(), stances)
        return results

    def _circumstances(
        self, run: Run, period: Period, stances: Sequence[Witnessed]
    ) -> Circumstances:
        return Circumstances(
            period=period,
            as_of=run.as_of,
            metrics=self.work.metrics,
            stances=[w for w in stances if w.stance.metric in self.work.metrics],
            matures=self.work.project.settings.matures_after,
            stale=self.work.stale(period),
            histories=self.ledger.histories(period, HISTORY),
            sums=self.ledger.sums_before(period),
        )

    def _gathered(
        self, run: Run, period: Period, results: Sequence[Result], findings: Sequence[Finding]
    ) -> report_data.ReportData:
        self.progress("gathering the customers affected", 0, 1)
        work, measuring = self.work, self.work.measuring
        settings = work.project.settings
        keyed = {(r.metric, r.tier): r for r in results}
        stances = [
            w
            for w in self.ledger.stances_for(period)
            if w.stance.metric in work.metrics and w.stance.tier in work.strategy.plan.ids
        ]
        earned, curve, outside = report_data.earnings_of(measuring, period)
        counts, money, reasons = report_data.math(measuring, period)
        return report_data.ReportData(
            company=settings.company,
            notice=settings.notice,
            paper=settings.paper,
            period=period,
            metrics=work.metrics,
            strategy=work.strategy,
            results=keyed,
            histories=self.ledger.histories(period, HISTORY),
            stances=stances,
            changes=self.ledger.stance_changes(period.shift(-3), period),
            touched=report_data.touched(measuring, results, work.metrics, stances, period),
            sizes=report_data.sizes(measuring, period),
            earned=earned,
            curve=curve,
            outside=outside,
            margin_unknown=report_data.margin_unknown(measuring, keyed),
            acquisition=report_data.acquisition(settings.acquisition, settings.acquisition_months),
            counts=counts,
            money=money,
            recurring=work.facts.has("contracts"),
            reasons=reasons,
            tables=report_data.tables(measuring, period),
            findings=findings,
            day=run.as_of.astimezone(work.project.zone).date(),
            elapsed=report_data.elapsed(period, run.as_of),
            stamp=run.detail.get("stamp", ""),
            opted_out=report_data.opted_out(
                self.ledger.silenced(), work.strategy, work.project.zone
            ),
        )

    def _lineage(self, period: Period) -> dict[str, str]:
        """The SQL behind each measured metric by name; under "tables", how facts are read."""
        self.progress("writing down the lineage", 0, 1)
        metrics, facts = self.work.metrics.values(), self.work.facts
        sql = {m.name: text for m in metrics if (text := lineage(facts, m, period))}
        return {**sql, "tables": mapping(facts, metrics)}
