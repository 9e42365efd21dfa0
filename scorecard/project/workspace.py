"""The workspace: a project opened for work, its metrics, strategy, facts and tiers together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from statistics import median_low
from typing import TYPE_CHECKING, cast

from scorecard.base.findings import Finding, refuse
from scorecard.base.periods import KINDS, Period, PeriodKind
from scorecard.base.version import VERSION
from scorecard.definitions.metric import Metric
from scorecard.documents.formats import Formats
from scorecard.errors import FactsError
from scorecard.facts.contracts import DATED, FLOWING
from scorecard.facts.engine import EngineOptions
from scorecard.facts.tables import Facts, FactsOptions
from scorecard.facts.values import Zones
from scorecard.measuring.measure import Measuring
from scorecard.project.declared import declared
from scorecard.project.opening import open_ledger as open_ledger
from scorecard.project.settings import Project
from scorecard.strategy.lints import lint
from scorecard.strategy.model import Strategy
from scorecard.tiers.assignment import Tiers
from scorecard.tiers.snapshot_tables import MARK, SnapshotTables, schema_in_use

if TYPE_CHECKING:
    from scorecard.ledger import Ledger

DATING = tuple(name for name in DATED if name != "drivers")
"""Tables whose oldest row is the first day of figures."""
USUAL = 12
"""Periods from which the usual number of observations is taken."""


@dataclass(frozen=True)
class Workspace:
    """All that a run works with; `findings` are those of the strategy and of binding the facts."""

    project: Project
    metrics: Mapping[str, Metric]
    strategy: Strategy
    facts: Facts
    tiers: Tiers
    findings: tuple[Finding, ...]
    strategy_text: bytes = b""

    @property
    def measuring(self) -> Measuring:
        return Measuring(self.facts, self.tiers)

    @property
    def formats(self) -> Formats:
        return self.project.formats

    @property
    def as_of(self) -> datetime:
        return self.facts.options.as_of

    def unready(self, tables: Sequence[str], slack: int, period: Period) -> str:
        """Why facts do not reach the period's last day less `slack` days; empty if they do.

        A table that is not mapped has no rows and is not ready.
        """
        enough, said = period.after - timedelta(days=1 + slack), []
        for table in tables:
            newest = self.facts.newest(table, period.after) if self.facts.has(table) else None
            if newest is None:
                said.append(f"{table} have no row up to {self.formats.day(enough)}")
            elif newest < enough:
                said.append(f"{table} end on {self.formats.day(newest)}")
        return "; ".join(said)

    def as_known(self, as_of: datetime) -> Workspace:
        """A workspace with the facts as known at another moment; this one where that is its own."""
        if as_of == self.as_of:
            return self
        facts, bound = open_facts(self.project, as_of)
        refuse(bound, FactsError)
        return replace(self, facts=facts, tiers=tiers_of(self.project, self.strategy, facts))

    def lints(self, ledger: Ledger) -> list[Finding]:
        """The findings of the lints about the strategy, given the usual number of observations."""
        return lint(self.strategy, self.metrics, usual_n(ledger, self.project.settings.timezone))

    def began(self) -> date | None:
        """The company's day of the first row that figures are made of; None where there is none."""
        days = [d for t in DATING if self.facts.has(t) if (d := self.facts.oldest(t))]
        return min(days, default=None)

    def period(self, text: str) -> Period:
        """The period of that key, of the project's kind, or a span."""
        return self.project.period(text)

    def stale(self, period: Period) -> frozenset[str]:
        """Tables with steady inflow that have no recent row at the period's end."""
        found = set()
        for table in FLOWING:
            if self.facts.has(table):
                newest = self.facts.newest(table, period.after)
                allowed = self.project.settings.fresh_within(table)
                if newest is None or (period.after - newest).days > allowed:
                    found.add(table)
        return frozenset(found)


def open_workspace(project: Project, as_of: datetime) -> Workspace:
    """The workspace of a project; ScorecardError where its files or facts cannot be used."""
    read = declared(project).usable()
    facts, bound = open_facts(project, as_of)
    refuse(bound, FactsError)
    tiers = tiers_of(project, read.strategy, facts)
    findings = (*read.findings, *bound)
    return Workspace(project, read.metrics, read.strategy, facts, tiers, findings, read.text)


def tiers_of(project: Project, strategy: Strategy, facts: Facts) -> Tiers:
    """Its tiers; FactsError where they are to be in tables and cannot be."""
    schema, con, folder = project.settings.tiers_schema, facts.con, project.state / "tiers"
    used = schema_in_use(folder)
    if used and used != schema:
        raise FactsError(
            f"tiers_schema: frozen tiers of this project are tables of schema {used}; write "
            f'tiers_schema = "{used}" again, or remove {folder / MARK} to have these periods '
            'frozen anew from today\'s facts, after "scorecard accept tiers".'
        )
    if not schema:
        return Tiers(facts, strategy.plan, folder)
    if con.name != "postgres":
        raise FactsError(
            f"tiers_schema: the facts lie in {con.name}, and only PostgreSQL keeps frozen tiers as "
            "tables; leave the setting out."
        )
    tables = SnapshotTables(con, schema, folder)
    return Tiers(facts, strategy.plan, folder, tables=tables)


def open_facts(project: Project, as_of: datetime) -> tuple[Facts, list[Finding]]:
    """The project's facts as known at `as_of`, and what could not be bound."""
    settings = project.settings
    zones = Zones(settings.timezone, settings.timestamps or settings.timezone)
    engine = EngineOptions(
        settings.engine_memory,
        settings.engine_threads,
        project.state / "spill",
        project.state / "columns",
    )
    options = FactsOptions(
        settings.currency,
        zones,
        as_of,
        settings.acquisition,
        settings.acquisition_months,
        engine,
        settings.placeholders,
        settings.renewal_grace,
        settings.service_hours.read(
            project.root, settings.timezone, as_of.astimezone(project.zone).date()
        ),
        settings.revenue,
        settings.credits,
        settings.acquisition_by,
        costless=settings.without_costs == "zero",
    )
    return Facts.open(project.connect, project.sources, project.root, options)


def usual_n(ledger: Ledger, tz: str) -> dict[str, int]:
    """The usual observations of a period by stance key: the median of the last twelve computed.

    Periods without observations, or not over when they were computed, are left out.
    """
    computed = [r for r in ledger.runs() if r.computed_at is not None and r.kind in KINDS]
    if not computed:
        return {}
    newest = max(computed, key=lambda r: r.first)
    after = Period(newest.first, cast(PeriodKind, newest.kind), tz).next()
    found: dict[str, list[int]] = {}
    for (metric, _version, tier), points in ledger.histories(after, USUAL).items():
        whole = [p.n for p in points if p.n and p.as_of >= Period.parse(p.period, tz).end]
        found.setdefault(f"{metric}/{tier}", []).extend(whole)
    return {key: median_low(counts) for key, counts in found.items() if counts}


def fingerprint(work: Workspace) -> str:
    """The digest of what a run reads: facts, settings, strategy, metrics and software.

    Files count by their bytes, tables and queries of an engine by their text and the
    values in their rows. The moment as of which they are read does not count.
    """
    digest = sha256(f"{VERSION}\n{said_settings(work.project)}\n".encode())
    digest.update(work.strategy_text)  # as it was read, whatever the file says by now
    if hours := work.facts.options.service_hours:
        digest.update(hours.content.encode())
    for metric in work.metrics.values():
        digest.update(f"{metric.name} {metric.version}\n".encode())
    for source in work.project.sources:
        digest.update(repr(source).encode())
        digest.update(work.facts.state.content(source.table).encode())
    return digest.hexdigest()


def said_settings(project: Project) -> str:
    """The settings on which figures and documents depend, as one text."""
    return repr(project.settings.model_dump(exclude={"project", "engine_memory", "engine_threads"}))
