"""The one story: claim, check, freeze tiers, compute, judge, compose, render, read back, record.

Each step is recorded before the next begins. A run that was interrupted is
continued by running it again; what it had computed is not computed twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scorecard import __version__, gather
from scorecard.errors import FactsError, ScorecardError
from scorecard.findings import Finding, blocking
from scorecard.inspection import inspect
from scorecard.judging import Circumstances, judged
from scorecard.ledger import Change, Ledger, Run, Witnessed
from scorecard.lineage import lineage, mapping
from scorecard.periods import Period, local_midnight
from scorecard.publish import Published, publish
from scorecard.results import Result
from scorecard.workspace import Workspace, fingerprint

Clock = Callable[[], datetime]
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many of it are done, and of how many."""
HISTORY = 24
SETTLING = 3
"""So many periods back are computed again when their figures have become final since."""


@dataclass(frozen=True)
class Outcome:
    """What a run led to: files written, findings of the facts, and stances seen changed."""

    run: Run
    published: Sequence[Published]
    findings: Sequence[Finding]
    changes: Sequence[Change]


@dataclass(frozen=True)
class Story:
    """One project's run, with its memory and its clock."""

    work: Workspace
    ledger: Ledger
    now: Clock
    progress: Progress

    def run(self, period: Period, as_of: datetime) -> Outcome:
        """Compute, judge and publish one period.

        FactsError when a blocking finding holds the run; nothing is published then.
        """
        run = self._claim(period, as_of, fingerprint(self.work))
        try:
            return self._told(run, period)
        except FactsError:
            raise
        except ScorecardError as error:
            self._failed(run, error)
            raise

    def backfill(self, first: Period, last: Period, as_of: datetime) -> int:
        """Compute and judge every period from `first` to `last`; how many were new.

        Publishes nothing. Periods already computed from the same inputs are left alone.
        """
        inputs = fingerprint(self.work)
        self._sound(self._inspected(last, as_of))
        self._witness()
        self._freeze(last)
        periods = list(first.until(last))
        done = 0
        for index, period in enumerate(periods):
            self.progress(f"computing {period}", index, len(periods))
            if not self._known(period, inputs):
                self._recorded(period, as_of, inputs)
                done += 1
        self.progress("computing", len(periods), len(periods))
        return done

    def _recorded(self, period: Period, as_of: datetime, inputs: str) -> None:
        """Compute and judge one period without publishing it."""
        run = self._claim(period, as_of, inputs)
        run = self.ledger.advance(run, "tiers_frozen", self.now(), backfill=True)
        self._computed(run, period)
        self._judged(run, period)
        self.ledger.advance(run, "done", self.now())

    def _settled(self, run: Run, period: Period) -> None:
        """Compute the periods before again whose figures were not final when last computed."""
        days = {self.work.project.settings.matures_after(m) for m in self.work.metrics.values()}
        for back in range(SETTLING, 0, -1):
            earlier = period.shift(-back)
            before = [r.as_of for r in self.ledger.runs(earlier) if r.computed_at is not None]
            finals = [local_midnight(earlier.after + timedelta(days=d), earlier.tz) for d in days]
            if before and any(max(before) < final <= run.as_of for final in finals):
                self.progress(f"settling {earlier}", SETTLING - back, SETTLING)
                self._recorded(earlier, run.as_of, run.inputs)

    def _told(self, run: Run, period: Period) -> Outcome:
        findings = self._inspected(period, run.as_of)
        if wrong := blocking(findings):
            self.ledger.hold(run, wrong, self.now())
            self._sound(findings)
        run = self.ledger.advance(run, "checked", self.now())
        changes = self._witness()
        self._freeze(period)
        run = self.ledger.advance(run, "tiers_frozen", self.now())
        self._settled(run, period)
        self._computed(run, period)
        run = self.ledger.advance(run, "computed", self.now())
        results = self._judged(run, period, weigh=True)
        run = self.ledger.advance(run, "judged", self.now())
        material = self._gathered(run, period, results, findings)
        run = self.ledger.advance(run, "composed", self.now(), lineage=self._lineage(period))
        published = publish(self.work, self.ledger, run, material, self.now, self.progress)
        run = self.ledger.advance(run, "read_back", self.now())
        run = self.ledger.advance(run, "done", self.now())
        return Outcome(run, published, findings, changes)

    def _claim(self, period: Period, as_of: datetime, inputs: str) -> Run:
        return self.ledger.claim(
            period, inputs=inputs, as_of=as_of, software=__version__, now=self.now()
        )

    def _known(self, period: Period, inputs: str) -> bool:
        return any(
            r.inputs == inputs and r.finished and r.step == "done" for r in self.ledger.runs(period)
        )

    def _inspected(self, period: Period, as_of: datetime) -> list[Finding]:
        self.progress("checking facts", 0, 1)
        fresh = self.work.project.settings.fresh_within
        return inspect(self.work.facts, period=period, as_of=as_of, fresh_within=fresh)

    def _sound(self, findings: Sequence[Finding]) -> None:
        if wrong := blocking(findings):
            more = f" ({len(wrong) - 1} more: scorecard check)" if len(wrong) > 1 else ""
            raise FactsError(f"The run is held, nothing was published: {wrong[0]}{more}")

    def _witness(self) -> list[Change]:
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
        results = judged(self.ledger.results_of(run), under)
        if weigh:
            self.progress("weighing counted verdicts", 0, 1)
            results = gather.with_fragility(
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
    ) -> gather.Material:
        self.progress("gathering the customers affected", 0, 1)
        work, measuring = self.work, self.work.measuring
        settings = work.project.settings
        keyed = {(r.metric, r.tier): r for r in results}
        stances = [
            w for w in self.ledger.stances_for(period)
            if w.stance.metric in work.metrics and w.stance.tier in work.strategy.plan.ids
        ]  # fmt: skip
        earned, curve, outside = gather.earnings_of(measuring, period)
        counts, money, reasons = gather.math(measuring, period)
        return gather.Material(
            company=settings.company, notice=settings.notice, paper=settings.paper,
            period=period, metrics=work.metrics, strategy=work.strategy, results=keyed,
            histories=self.ledger.histories(period, HISTORY), stances=stances,
            changes=self.ledger.stance_changes(period.shift(-3), period),
            touched=gather.touched(measuring, results, work.metrics, stances, period),
            sizes=gather.sizes(measuring, period), earned=earned, curve=curve, outside=outside,
            margin_unknown=gather.margin_unknown(measuring, keyed),
            acquisition=_acquisition(settings.acquisition, settings.acquisition_months),
            counts=counts, money=money, recurring=work.facts.has("contracts"), reasons=reasons,
            tables=gather.tables(measuring, period), findings=findings,
        )  # fmt: skip

    def _lineage(self, period: Period) -> dict[str, str]:
        """The SQL behind each measured metric by name; under "tables", how facts are read."""
        self.progress("writing down the lineage", 0, 1)
        metrics, facts = self.work.metrics.values(), self.work.facts
        sql = {m.name: text for m in metrics if (text := lineage(facts, m, period))}
        return {**sql, "tables": mapping(facts, metrics)}

    def _failed(self, run: Run, error: ScorecardError) -> None:
        if not self.ledger.run(run.id).finished:
            self.ledger.fail(run, error, self.now())


def _acquisition(mode: str, months: int) -> str:
    return {
        "period": "in the period in which it was spent",
        "amortised": f"in equal parts over the first {months} months",
        "lifetime": "in full, whenever it was spent",
    }[mode]
