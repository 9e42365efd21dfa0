"""A project opened from Python: checked, computed, and asked for its results."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scorecard.base.findings import Finding
from scorecard.base.periods import Period, known_moment
from scorecard.definitions.metric import Metric
from scorecard.errors import DefinitionError, ProjectError, ScorecardError, did_you_mean
from scorecard.library.results import Results
from scorecard.project.declared import declared
from scorecard.project.settings import Project

if TYPE_CHECKING:
    from scorecard.ledger import Ledger
    from scorecard.lookup.export import Exported, TierCards
    from scorecard.lookup.target import Target
    from scorecard.pipeline.request import Clock, Outcome, Progress
    from scorecard.project.workspace import Workspace


@dataclass(frozen=True)
class Explanation:
    """A metric's definition, the SQL of one period, and what it lacks here; either is empty."""

    metric: Metric
    sql: str
    missing: str


@dataclass(frozen=True)
class Backfilled:
    """How many periods were computed, and how many were known already."""

    computed: int
    known: int


class Scorecard:
    """One project, as known at one moment. Its files are read anew by each call.

    Periods are written as the project's kind of period is: "2026-10", "2026-W41", "2026-Q3",
    "2026"; or as a span, "2026-03/2026-08" or "2026-03-02/2026-03-20". Errors
    are ScorecardError, each one sentence that says what to do.
    """

    # Each call imports what it needs: the facts engine, the ledger and the drawing engine take
    # longer to load than most calls take.

    def __init__(
        self,
        project: Project,
        as_of: datetime | None = None,
        *,
        now: Clock | None = None,
        progress: Progress | None = None,
    ) -> None:
        """`now` is the clock that records are dated by, and `progress` is told what is done.
        ProjectError where `as_of` has not come yet by that clock."""
        self.project = project
        self.now: Clock = now or (lambda: datetime.now(UTC))
        self.progress: Progress = progress or (lambda _what, _done, _of: None)
        self._exactly = as_of is not None
        self.as_of = self._moment(as_of)

    @classmethod
    def open(cls, path: str | Path | None = None, as_of: datetime | None = None) -> Scorecard:
        """The project in that folder, or the nearest one here or above; see `scorecard.open`."""
        project = Project.at(Path(path)) if path is not None else Project.find(Path.cwd())
        return cls(project, as_of)

    def __enter__(self) -> Scorecard:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing stays open between calls; the block shows how long a project is used."""

    @contextmanager
    def workspace(self) -> Iterator[Workspace]:
        """Metrics, strategy, facts and tiers, read anew from their files and open for the block."""
        from scorecard.project.workspace import open_workspace

        work = open_workspace(self.project, self.as_of)
        try:
            yield work
        finally:
            work.facts.close()

    def check(self, period: str | Period | None = None) -> list[Finding]:
        """Everything that is wrong with settings, strategy, metrics, templates, schedules and
        facts; with a period, also whether facts reach its end. Computes nothing."""
        from scorecard.check import check

        span = self.period(period) if period is not None else None
        return check(self.project, period=span, as_of=self.as_of)

    def backfill(self, first: str | Period, last: str | Period) -> Backfilled:
        """Compute and judge every period from `first` to `last` that is not known yet.

        Charts, retention and the word on what is routine need the past. FactsError when facts
        are not sound or a period is out of their reach; ProjectError when `last` is before `first`.
        """
        from scorecard.pipeline.backfill import backfill
        from scorecard.pipeline.computation import Computation

        begin, end = (self.project.regular_period(_key(p)) for p in (first, last))
        if end < begin:
            raise ProjectError(f"{last} lies before {first}; name the earlier period first.")
        with self.workspace() as work, self._working() as ledger:
            computation = Computation(work, ledger, self.now, self.progress)
            computed = backfill(computation, begin, end)
        return Backfilled(computed, len(list(begin.until(end))) - computed)

    def run(self, period: str | Period) -> Outcome:
        """Compute a period and write its documents into the project's output folder.

        A run that was broken off is continued as of its own moment, unless `as_of` was given.
        Nothing is published, and the error says why, where a lint or a finding blocks, a document
        cannot be drawn, or reading it back finds something wrong. Nothing is sent.
        """
        from scorecard.pipeline.run import Pipeline

        span = self.period(period)
        with self.workspace() as work, self._working() as ledger:
            pipeline = Pipeline(work, ledger, self.now, self.progress)
            return pipeline.run(span, self.as_of, exactly=self._exactly)

    def results(self, period: str | Period) -> Results:
        """A period's figures, verdicts and signals, as last computed; no facts are read.

        ScorecardError when the period was not computed yet.
        """
        span, read = self.period(period), declared(self.project)
        with self._ledger() as ledger:
            recorded = tuple(ledger.results(span))
            stances = {w.stance.key: w.stance for w in ledger.stances_for(span)}
            gone = ledger.expired_for(span)
        if not recorded:
            raise ScorecardError(
                f'{span} was not computed yet; run "scorecard run --period {span}" first.'
            )
        currency = self.project.settings.currency
        expired = {(e.stance.metric, e.stance.tier): e.since for e in gone}
        return Results(span, recorded, read.metrics, stances, read.strategy, currency, expired)

    def explain(self, metric: str, period: str | Period | None = None) -> Explanation:
        """A metric's definition and its SQL for a period, by default the last full one.

        DefinitionError, with the nearest name, when there is no such metric.
        """
        from scorecard.measuring.lineage import lineage

        span = self.period(period) if period is not None else self._last_full()
        with self.workspace() as work:
            known = work.metrics.get(metric)
            if known is None:
                raise DefinitionError(
                    f'There is no metric "{metric}".{did_you_mean(str(metric), work.metrics)}'
                )
            sql = lineage(work.facts, known, span, sources=True)
            lacking = work.facts.missing(known.needs)
        return Explanation(known, sql, lacking)

    def propose(self, period: str | Period) -> str:
        """Drafts of stances, as commented TOML, from the twelve measured periods up to that one.

        Read from the ledger alone. ScorecardError when none of them was computed.
        """
        from scorecard.propose import propose

        last = self.project.regular_period(_key(period))
        today = self.as_of.astimezone(self.project.zone).date()
        with self._ledger() as ledger:
            return propose(self.project, declared(self.project), ledger, last, today)

    def tier_history(self, customer: str) -> list[tuple[str, str, float | None]]:
        """(period, tier or state, score) of a customer in every frozen snapshot, oldest first.

        ScorecardError when no snapshot knows the customer.
        """
        with self.workspace() as work:
            history = work.tiers.history(str(customer))
        if not history:
            raise ScorecardError(
                f'Customer "{customer}" is in no frozen tier; check the code, '
                'or freeze tiers with "scorecard run".'
            )
        return history

    def frozen_afterwards(self) -> dict[str, date]:
        """By period the later day whose tiers its snapshot has, where tiers are declared without
        dates; periods that were frozen in time are left out."""
        from scorecard.tiers.afterwards import frozen_afterwards

        return frozen_afterwards(self.project.state / "tiers")

    def tier_cards(self, period: str | Period | None = None, *, every: bool = False) -> TierCards:
        """What is promised and accepted in each tier, and how many customers are in it, by the
        tiers of a period; of the newest one that is frozen without one.

        It is what customers experience; with `every` stance, also what they do and what is earned.
        ScorecardError where its tiers are not frozen.
        """
        from scorecard.lookup.export import tier_cards

        with self._to_look_up(period) as (work, ledger, span):
            return tier_cards(work, ledger, span, every=every)

    def export_tiers(
        self,
        to: Target,
        period: str | Period | None = None,
        *,
        names: bool = False,
        every: bool = False,
    ) -> Exported:
        """Write each customer's tier, and what is promised in it, to a file or table, as
        `scorecard.lookup.target.read_target` reads one; as `tier_cards` otherwise."""
        from scorecard.lookup.export import export

        with self._to_look_up(period) as (work, ledger, span):
            return export(work, ledger, span, to, names=names, every=every)

    @contextmanager
    def _to_look_up(
        self, period: str | Period | None
    ) -> Iterator[tuple[Workspace, Ledger, Period | None]]:
        from scorecard.project.opening import has_ledger

        span = None if period is None else self.project.regular_period(_key(period))
        if not has_ledger(self.project):
            raise ScorecardError(
                f'No tiers are frozen yet; "scorecard run --period {self._last_full()}" freezes '
                "them."
            )
        with self.workspace() as work, self._ledger() as ledger:
            yield work, ledger, span

    def period(self, text: str | Period) -> Period:
        """The period of that key; ScorecardError unless it is one of the project's kind, or a
        span."""
        return self.project.period(_key(text))

    def _ledger(self) -> Ledger:
        from scorecard.project.opening import open_ledger

        return open_ledger(self.project, self.now())

    def _working(self) -> AbstractContextManager[Ledger]:
        from scorecard.project.opening import working_ledger

        return working_ledger(self.project, self.now())

    def _last_full(self) -> Period:
        settings = self.project.settings
        today = self.as_of.astimezone(self.project.zone).date()
        return Period.containing(today, settings.period, settings.timezone).previous()

    def _moment(self, as_of: datetime | None) -> datetime:
        """In UTC; a moment without a zone is the company's own. ProjectError for one to come."""
        if as_of is not None and not isinstance(as_of, datetime):
            raise ProjectError(f"as_of is {as_of!r}; give a datetime, or nothing for now.")
        now = self.now()
        try:
            return known_moment(as_of or now, self.project.settings.timezone, now)
        except ProjectError as error:
            raise ProjectError(f"as_of {error}") from error


def _key(period: str | Period) -> str:
    if isinstance(period, Period):
        return period.key
    if not isinstance(period, str):
        raise ProjectError(f'{period!r} is no period; write one such as "2026-10".')
    return period
