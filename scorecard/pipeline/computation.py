"""Computation of one period: facts checked, tiers frozen, metrics measured, and results judged.

What a run and a backfill have in common. Everything is recorded in the ledger as it is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain

from scorecard.base.findings import Finding, refuse
from scorecard.base.periods import Period
from scorecard.base.version import VERSION
from scorecard.definitions.results import Result
from scorecard.documents.report_data import HELD_AGAINST
from scorecard.errors import BeyondError, ChangedError
from scorecard.facts.window import Window
from scorecard.judging.judge import Circumstances, judge_results
from scorecard.ledger import Ledger, Run, StanceChange, Witnessed
from scorecard.pipeline.request import HELD, Clock, Progress
from scorecard.project.workspace import Workspace
from scorecard.quality.inspection import inspect
from scorecard.tiers.chain import opening_of
from scorecard.tiers.digests import frozen_digests, refuse_altered
from scorecard.tiers.keeping import apart

HISTORY = 24
"""Earlier periods whose figures are printed."""


@dataclass(frozen=True)
class Computation:
    """A project's facts as known at one moment, with the ledger that its figures go into."""

    work: Workspace
    ledger: Ledger
    now: Clock
    progress: Progress
    unconfirmed: list[Run] = field(default_factory=list)
    """Runs of earlier periods that wait for `confirm`, like the one that they are made for."""

    def claim(self, period: Period, inputs: str, *, exactly: bool) -> Run:
        """The period's run over those inputs, begun or continued; see `Ledger.claim`."""
        return self.ledger.claim(
            period,
            inputs=inputs,
            as_of=self.work.as_of,
            software=VERSION,
            now=self.now(),
            exactly=exactly,
        )

    def take_up(self, run: Run) -> str:
        """Begin or continue a run over these facts; what tells them from others, to be recorded.

        What it computed before it was broken off is dropped, unless it is certain that it comes
        from these very facts, and not also from others that lay in their place for a while.
        """
        identity = self.work.facts.state.identity
        same = identity != "" and run.detail.get("state") == identity
        if not (same or run.reached("confirmed")):
            self.ledger.forget_results(run, self.now())
        return identity

    def refuse_out_of_reach(self, first: Period, last: Period) -> None:
        """BeyondError unless the facts can tell something of both periods."""
        as_of, began = self.work.as_of, self.work.began()
        kind = self.work.project.settings.period
        if last.start > as_of:
            today = as_of.astimezone(self.work.project.zone).date()
            raise BeyondError(
                f"{last} has not begun; the last possible period is "
                f"{Period.containing(today, kind, last.tz)}."
            )
        if began and first.after <= began:
            raise BeyondError(
                f"{first} ends before the first fact, which is of {began}; the first possible "
                f"period is {Period.containing(began, kind, first.tz)}."
            )

    def check(self, period: Period) -> list[Finding]:
        """Everything that is wrong with the facts."""
        self.progress("checking facts", 0, 1)
        work = self.work
        return inspect(
            work.facts,
            period=period,
            as_of=work.as_of,
            fresh_within=work.project.settings.fresh_within,
            tiers=work.tiers,
        )

    def witness(self) -> list[StanceChange]:
        """Record which stances are seen now; those that changed since."""
        settings = self.work.project.settings
        return self.ledger.witness(
            self.work.strategy.stances, settings.period, settings.timezone, self.now()
        )

    def freeze_tiers(self, period: Period) -> None:
        """Freeze every snapshot up to the period after this one, which closes its customer flow.

        FactsError where one that was frozen is gone, or is not what it was.

        A span opens, closes and looks back on days on which no other period begins.
        """
        tiers, folder = self.work.tiers, self.work.project.state / "tiers"
        openings = [period.next()]
        if period.is_span:
            windows = {metric.window for metric in self.work.metrics.values()}
            openings += [Window.of(period, months).opening for months in sorted(windows | {0})]
        read = {opening_of(opening).key for opening in (period, *openings)}
        refuse_altered(self.ledger.frozen(), tiers.kept, folder, read)
        for opening in openings:
            for frozen in tiers.freeze(opening):
                self.progress(f"freezing tiers of {frozen}", 0, 1)

    @contextmanager
    def kept_apart(self) -> Iterator[Computation]:
        """The same with tiers frozen apart: unless they are kept within the block, they are gone
        after."""
        with apart(self.work.tiers.folder) as folder:
            yield replace(self, work=replace(self.work, tiers=self.work.tiers.apart(folder)))

    def confirm(self, *runs: Run, keep: bool = True) -> None:
        """Make sure that all that was read since the facts were held is one state of them, and
        keep the tiers that were frozen from it, unless they are not to be.

        ChangedError where it is not: these runs, and those of earlier periods, are then held.
        """
        self.refuse_changed(*runs)
        self.work.facts.state.end()
        if keep:
            self.work.tiers.keep()
            self._note_frozen()
        for run in self.unconfirmed:
            self.ledger.advance(run, "done", self.now())
        self.unconfirmed.clear()

    def _note_frozen(self) -> None:
        """Let the ledger know what was frozen, so that it is noticed when it is altered."""
        kept, known = self.work.tiers.kept, self.ledger.frozen()
        fresh = [key for key in kept.periods() if key not in known]
        present = frozen_digests(kept, self.work.project.state / "tiers", fresh)
        self.ledger.note_frozen(
            {name: hashed for name, hashed in present.items() if name not in known}, self.now()
        )

    def refuse_changed(self, *runs: Run) -> None:
        """ChangedError where the facts are not what they were when they were held; all that was
        computed from them is held too."""
        self.progress("looking whether facts stayed as they were", 0, 1)
        if changed := self.work.facts.state.changed():
            for run in (*self.unconfirmed, *runs):
                if not self.ledger.run(run.id).finished:
                    self.ledger.hold(run, changed, self.now())
            refuse(changed, ChangedError, HELD)

    @property
    def own(self) -> list[str]:
        """The ids of runs whose figures count for this computation before they are confirmed."""
        return [run.id for run in self.unconfirmed]

    def measure(self, run: Run, period: Period) -> None:
        """Record the results of every metric that the run has none of yet."""
        done = self.ledger.computed(run)
        metrics = [m for m in self.work.metrics.values() if m.name not in done]
        if not run.detail.get("backfill"):  # which reports its progress period by period
            self.progress("measuring", 0, len(metrics))
        found = self.work.measuring.results_of(metrics, period)
        self.ledger.save_results(run, chain.from_iterable(found.values()), self.now())

    def judge(self, run: Run, period: Period) -> tuple[list[Result], Sequence[Witnessed]]:
        """The run's results held against the stances in force and their history; these stances."""
        stances = self.ledger.stances_for(period)
        under = Circumstances(
            period=period,
            as_of=run.as_of,
            metrics=self.work.metrics,
            stances=[w for w in stances if w.stance.metric in self.work.metrics],
            matures=self.work.project.settings.matures_after,
            stale=self.work.stale(period),
            histories=self.ledger.histories(period, HELD_AGAINST, self.own),
            pool=cache(self.work.measuring.pooled),
            margin_known=self.work.project.settings.margin_known,
            baselines=self.work.strategy.baselines,
        )
        return judge_results(self.ledger.results_of(run), under), stances
