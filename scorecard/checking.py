"""Checking: everything that can be said about a project before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from scorecard.errors import ScorecardError
from scorecard.facts import Facts
from scorecard.findings import Finding, blocking
from scorecard.inspection import inspect
from scorecard.ledger import Ledger
from scorecard.lints import lint
from scorecard.loading import load_metrics
from scorecard.metric import Metric
from scorecard.periods import Period
from scorecard.project import Project
from scorecard.render import Renderer
from scorecard.starter import room
from scorecard.strategy_file import read_strategy
from scorecard.workspace import open_facts


def check(project: Project, *, period: Period | None, as_of: datetime) -> list[Finding]:
    """All findings at once: metrics, strategy, lints, templates and facts. Computes nothing."""
    metrics, findings = _metrics(project)
    findings += _strategy(project, metrics)
    findings += _templates(project.templates)
    findings += _facts(project, metrics, period, as_of)
    return findings


def _metrics(project: Project) -> tuple[Mapping[str, Metric], list[Finding]]:
    try:
        return load_metrics(project.metrics), []
    except ScorecardError as error:
        place, _, message = str(error).partition(": ")
        return {}, [Finding("metrics.unloadable", "blocking", place, message)]


def _strategy(project: Project, metrics: Mapping[str, Metric]) -> list[Finding]:
    if not metrics:
        return []
    strategy, findings = read_strategy(project.strategy, metrics, project.settings.currency)
    if blocking(findings):
        waiting = "the lints wait until the file can be read without a blocking finding."
        return [*findings, Finding("strategy.lints_wait", "note", project.strategy.name, waiting)]
    usual = _usual_n(project)
    return [*findings, *lint(strategy, metrics, usual)]


def _usual_n(project: Project) -> dict[str, int]:
    """The n of the newest computed period by stance key; empty before the first run."""
    if project.ledger.startswith("sqlite:///"):
        file = project.root / project.ledger.removeprefix("sqlite:///")
        if not file.is_file():
            return {}
    with Ledger.open(project.ledger, project.root) as ledger:
        runs = [r for r in ledger.runs() if r.computed_at is not None]
        if not runs:
            return {}
        newest = max(runs, key=lambda r: (r.first, r.ordinal))
        return {f"{r.metric}/{r.tier}": r.estimate.n for r in ledger.results_of(newest)}


def _templates(folder: Path) -> list[Finding]:
    """Syntax of the project's own templates."""
    if not folder.is_dir():
        return []
    return [
        Finding(
            "templates.syntax", "blocking", f"{folder.name}/{name}:{line}",
            f"{said.rstrip('.')}.", "Correct the template.",
        )
        for name, line, said in Renderer(folder, room("templates")).misspelt()
        if not name.startswith("default:")
    ]  # fmt: skip


def _facts(
    project: Project, metrics: Mapping[str, Metric], period: Period | None, as_of: datetime
) -> list[Finding]:
    try:
        facts, findings = open_facts(project, as_of)
    except ScorecardError as error:
        place, _, message = str(error).partition(": ")
        return [Finding("facts.unreadable", "blocking", place, message)]
    findings += _unmeasured(facts, metrics)
    if blocking(findings):
        return findings
    fresh = project.settings.fresh_within
    return findings + inspect(facts, period=period, as_of=as_of, fresh_within=fresh)


def _unmeasured(facts: Facts, metrics: Mapping[str, Metric]) -> list[Finding]:
    """One note for each thing that is not mapped, naming the metrics that wait for it."""
    waiting: dict[str, list[str]] = {}
    for metric in metrics.values():
        if lacking := facts.missing(metric.needs):
            waiting.setdefault(lacking, []).append(metric.name)
    return [
        Finding(
            "metrics.not_measured", "note", "metrics",
            f"no {lacking}, so not measured: {', '.join(names)}.", "Map it, if you have it.",
        )
        for lacking, names in sorted(waiting.items())
    ]  # fmt: skip
