"""Computation of one period: facts checked, tiers frozen, metrics measured, and results judged.

What a run and a backfill have in common. Everything is recorded in the ledger as it is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from scorecard.base.findings import Finding
from scorecard.base.periods import Period
from scorecard.base.version import VERSION
from scorecard.definitions.results import Result
from scorecard.errors import BeyondError
from scorecard.facts.window import Window
from scorecard.judging.judge import Circumstances, judge_results
from scorecard.ledger import Ledger, Run, StanceChange, Witnessed
from scorecard.pipeline.request import Clock, Progress
from scorecard.project.workspace import Workspace
from scorecard.quality.inspection import inspect
from scorecard.tiers.chain import opening_of
from scorecard.tiers.digests import frozen_digests, refuse_altered

HISTORY = 24
"""Earlier periods that a figure is held against."""


@dataclass(frozen=True)
class Computation:
    """A project's facts as known at one moment, with the ledger that its figures go into."""

    work: Workspace
    ledger: Ledger
    now: Clock
    progress: Progress

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
        known = self.ledger.frozen()
        fresh = [key for key in tiers.kept.periods() if key not in known]
        present = frozen_digests(tiers.kept, folder, fresh)
        self.ledger.note_frozen(
            {name: hashed for name, hashed in present.items() if name not in known}, self.now()
        )

    @contextmanager
    def kept_apart(self) -> Iterator[Computation]:
        """The same for facts that are not sound: tiers frozen within the block are gone after."""
        with TemporaryDirectory(prefix="scorecard-") as folder:
            tiers = self.work.tiers.apart(Path(folder))
            yield replace(self, work=replace(self.work, tiers=tiers))

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
            histories=self.ledger.histories(period, HISTORY),
            sums=self.ledger.sums_before(period),
            margin_known=self.work.project.settings.margin_known,
        )
        return judge_results(self.ledger.results_of(run), under), stances
