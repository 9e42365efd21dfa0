"""Workspace: a project opened for work: its metrics, strategy, facts and tiers together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from scorecard import __version__
from scorecard.binding import FILES, Zones
from scorecard.compute import Measuring
from scorecard.contracts import Source
from scorecard.errors import FactsError, ScorecardError, StrategyError
from scorecard.facts import Facts, Reading
from scorecard.findings import Finding, blocking
from scorecard.formats import Formats
from scorecard.ledger import Ledger
from scorecard.loading import load_metrics
from scorecard.metric import Metric
from scorecard.periods import Period
from scorecard.project import Project
from scorecard.strategy import Strategy
from scorecard.strategy_file import read_strategy
from scorecard.tiers import Tiers

FLOWS = ("transactions", "costs", "interactions", "surveys")
"""Tables that get new rows all the time, so that old ones mean missing ones."""


@dataclass(frozen=True)
class Workspace:
    """What a run works with. `findings` are those of the strategy and of binding the facts."""

    project: Project
    metrics: Mapping[str, Metric]
    strategy: Strategy
    facts: Facts
    tiers: Tiers
    findings: tuple[Finding, ...]

    @property
    def measuring(self) -> Measuring:
        return Measuring(self.facts, self.tiers)

    @property
    def formats(self) -> Formats:
        return Formats(self.project.settings.locale, self.project.settings.currency)

    def period(self, text: str) -> Period:
        """The period of that key; it must be of the project's kind."""
        settings = self.project.settings
        return period_of(text, settings.period, settings.timezone)

    def stale(self, period: Period) -> frozenset[str]:
        """Tables with steady inflow that have no recent row at the period's end."""
        found = set()
        for table in FLOWS:
            if self.facts.has(table):
                newest = self.facts.newest(table, period.after)
                allowed = self.project.settings.fresh_within(table)
                if newest is None or (period.after - newest).days > allowed:
                    found.add(table)
        return frozenset(found)


def open_workspace(project: Project, as_of: datetime) -> Workspace:
    """Open everything; ScorecardError when metrics or the strategy cannot be used at all."""
    metrics = load_metrics(project.metrics)
    strategy, findings = read_strategy(project.strategy, metrics, project.settings.currency)
    if wrong := blocking(findings):
        more = f" ({len(wrong) - 1} more: scorecard check)" if len(wrong) > 1 else ""
        raise StrategyError(f"{wrong[0]}{more}")
    facts, bound = open_facts(project, as_of)
    if wrong := blocking(bound):
        more = f" ({len(wrong) - 1} more: scorecard check)" if len(wrong) > 1 else ""
        raise FactsError(f"{wrong[0]}{more}")
    tiers = Tiers(facts, strategy.plan, project.state / "tiers")
    return Workspace(project, metrics, strategy, facts, tiers, (*findings, *bound))


def open_facts(project: Project, as_of: datetime) -> tuple[Facts, list[Finding]]:
    """The project's facts as known at `as_of`, and what could not be bound."""
    settings = project.settings
    zones = Zones(settings.timezone, settings.timestamps or settings.timezone)
    reading = Reading(
        settings.currency, zones, as_of, settings.acquisition, settings.acquisition_months
    )
    return Facts.open(project.connect, project.sources, project.root, reading)


def period_of(text: str, kind: str, tz: str) -> Period:
    period = Period.parse(text, tz)
    if period.kind != kind:
        raise ScorecardError(
            f'Period "{text}" is a {period.kind}, but this project works by {kind}; '
            'write it accordingly, or change "period" in [tool.scorecard].'
        )
    return period


def open_ledger(project: Project) -> Ledger:
    return Ledger.open(project.ledger, project.root)


def fingerprint(work: Workspace) -> str:
    """Identifies what a run reads: facts, settings, strategy, metrics and software.

    Files count by their content, tables and queries of an engine by their text
    and number of rows.
    """
    digest = sha256(f"{__version__}\n{work.project.settings!r}\n".encode())
    digest.update(work.project.strategy.read_bytes())
    for metric in work.metrics.values():
        digest.update(f"{metric.name} {metric.version}\n".encode())
    for source in work.project.sources:
        digest.update(repr(source).encode())
        if source.is_sql or not source.of.lower().endswith(FILES):
            table = work.facts.table(source.table)
            digest.update(str(work.facts.answer(table.agg(n=table.count()))).encode())
        else:
            for file in _files(source, work.project.root):
                digest.update(_content(file))
    return digest.hexdigest()


def _files(source: Source, root: Path) -> list[Path]:
    path = Path(source.of)
    return [path] if path.is_absolute() else sorted(root.glob(source.of))


def _content(file: Path) -> bytes:
    with file.open("rb") as handle:
        digest = sha256()
        while chunk := handle.read(1 << 20):
            digest.update(chunk)
    return digest.digest()
