"""Checking: everything that can be said about a project before anything is computed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from scorecard.base.findings import Finding, about, blocking
from scorecard.base.periods import Period
from scorecard.base.regular_file import read_text
from scorecard.base.template_files import read_inside
from scorecard.definitions.loader import load_metrics
from scorecard.definitions.metric import Metric
from scorecard.delivery.lints import delivery_findings
from scorecard.delivery.too_early import too_early
from scorecard.errors import FactsError, LedgerError, RenderError, ScorecardError
from scorecard.facts.tables import Facts
from scorecard.measuring.metric_check import check_metrics
from scorecard.printing.template_syntax import misspelt
from scorecard.project.gate import gate_of
from scorecard.project.memory import memories
from scorecard.project.opening import has_ledger, ledger_doubts
from scorecard.project.scaffold import room
from scorecard.project.secret_settings import clear_findings, clear_in_text
from scorecard.project.settings import Project
from scorecard.project.workspace import open_facts, open_ledger, tiers_of, usual_n
from scorecard.quality.inspection import inspect
from scorecard.quality.pools import unknown_pools
from scorecard.replies.gate import proposal_files
from scorecard.schedules.reader import read_schedules
from scorecard.strategy.expiry import expiry_findings
from scorecard.strategy.lints import lint
from scorecard.strategy.model import Strategy
from scorecard.strategy.reader import read_strategy

PRE_READ = "pre-read.html"
DRAWS_FIELDS = (b"form_of", b"default:pre-read.html")
"""Of which a template of pre-reads has one, that draws fields or leaves that to the shipped one."""


def check(project: Project, *, period: Period | None, as_of: datetime) -> list[Finding]:
    """All findings at once: metrics, strategy, lints, templates and facts. Computes nothing."""
    metrics, findings = _metrics(project)
    findings = [*_clear(project), *_ledger(project), *about("metrics", findings)]
    said, strategy = _strategy(project, metrics)
    if strategy is not None:
        said += expiry_findings(strategy, as_of.astimezone(project.zone).date())
    findings += about("strategy", said)
    findings += about("templates", _templates(project.templates))
    findings += about("schedules", _schedules(project, strategy, metrics, as_of))
    findings += about("proposals", _proposals(project, strategy, metrics, as_of))
    findings += about("facts", _facts(project, metrics, strategy, period, as_of))
    return findings


def _clear(project: Project) -> Iterator[Finding]:
    """Secrets that are written in a file of the project."""
    yield from clear_findings(project.clear, project.file.name)
    folders = (project.schedules, project.proposals)
    files = (file for folder in folders for file in sorted(folder.glob("*.toml")))
    for file in (project.strategy, *files):
        with suppress(OSError, UnicodeDecodeError):  # whoever reads it in earnest says so
            yield from clear_in_text(read_text(file), file.name)


def _ledger(project: Project) -> Iterator[Finding]:
    """Whether the ledger is the one that the project's folders remember; makes none."""
    hint = 'Restore the right one, or go on with this one: "scorecard accept ledger".'
    try:
        if has_ledger(project):
            with open_ledger(project) as ledger:
                doubts = [f"{doubt}." for doubt in ledger_doubts(project, ledger)]
        else:
            doubts = [
                f"There is no ledger, and {m.file} knows one with {m.entry:,} entries: what that "
                "one sent would be sent again."
                for m in memories(project)[:1]
            ]
    except ScorecardError as error:
        doubts, hint = [str(error)], ""
    for said in doubts:
        yield Finding("ledger.doubtful", "blocking", "ledger", said, hint)


def _metrics(project: Project) -> tuple[Mapping[str, Metric], list[Finding]]:
    try:
        return load_metrics(project.metrics, project.settings.defining, project.limits.loading), []
    except ScorecardError as error:
        place, _, message = str(error).partition(": ")
        return {}, [Finding("metrics.unloadable", "blocking", place, message)]


def _strategy(
    project: Project, metrics: Mapping[str, Metric]
) -> tuple[list[Finding], Strategy | None]:
    """What is wrong with the strategy, and itself where it can be used."""
    if not metrics:
        return [], None
    strategy, findings = read_strategy(project.strategy, metrics, project.settings.currency)
    if blocking(findings):
        waiting = "the lints wait until the file can be read without a blocking finding."
        wait = Finding("strategy.lints_wait", "note", project.strategy.name, waiting)
        return [*findings, wait], None
    return [*findings, *lint(strategy, metrics, _usual_n(project))], strategy


def _schedules(
    project: Project,
    strategy: Strategy | None,
    metrics: Mapping[str, Metric],
    as_of: datetime,
) -> list[Finding]:
    """What is wrong with schedules, and with the way to those who are to get documents."""
    if strategy is None:
        return []
    today = as_of.astimezone(project.zone).date()
    schedules, findings = read_schedules(project, strategy, today)
    findings += too_early(project, strategy, schedules, metrics, today)
    mail = delivery_findings(project, strategy, schedules, today, os.environ)
    return findings + about("mail", mail)


def _proposals(
    project: Project, strategy: Strategy | None, metrics: Mapping[str, Metric], as_of: datetime
) -> list[Finding]:
    """What the gate would send proposals back for, were they handed in now."""
    if strategy is None or not proposal_files(project.proposals):
        return []
    gate = gate_of(project, strategy, metrics)
    with suppress(LedgerError):  # a finding of its own
        if has_ledger(project):
            with open_ledger(project) as ledger:
                return list(gate.findings(project.proposals, ledger, as_of))
    return list(gate.findings(project.proposals, None, as_of))


def _usual_n(project: Project) -> dict[str, int]:
    """Usual observations by stance key; empty before the first run, and where the ledger cannot be
    read."""
    if not has_ledger(project):
        return {}
    try:
        with open_ledger(project) as ledger:
            return usual_n(ledger, project.settings.timezone)
    except LedgerError:  # a finding of its own
        return {}


def _templates(folder: Path) -> list[Finding]:
    """Syntax of the project's own templates; those that are as shipped are sound."""
    if not folder.is_dir():
        return []
    wrong = [
        Finding(
            "templates.syntax",
            "blocking",
            f"{folder.name}/{name}:{line}",
            f"{said.rstrip('.')}.",
            "Correct the template.",
        )
        for name, line, said in misspelt(folder, room("templates"))
    ]
    return [*wrong, *_formless(folder)]


def _formless(folder: Path) -> Iterator[Finding]:
    """An own template of pre-reads that draws no fields, as those of before there were any."""
    try:
        content = read_inside(folder, PRE_READ)
    except (OSError, RenderError):  # a finding of its own
        return
    if content is not None and not any(sign in content for sign in DRAWS_FIELDS):
        yield Finding(
            "templates.no_form",
            "warning",
            f"{folder.name}/{PRE_READ}",
            "Pre-reads have no fields by this template, and their mails say that they are forms.",
            'Take over the fields of the shipped one, or extend it: {% extends "default:'
            f'{PRE_READ}" %}}.',
        )


def _facts(
    project: Project,
    metrics: Mapping[str, Metric],
    strategy: Strategy | None,
    period: Period | None,
    as_of: datetime,
) -> list[Finding]:
    try:
        facts, findings = open_facts(project, as_of)
    except ScorecardError as error:
        place, _, message = str(error).partition(": ")
        return [Finding("facts.unreadable", "blocking", place, message)]
    with closing(facts):
        findings += about("metrics", _unmeasured(facts, metrics))
        if blocking(findings):
            return findings
        tiers = None
        try:
            tiers = tiers_of(project, strategy, facts) if strategy else None
        except FactsError as error:
            findings.append(Finding("tiers.unusable", "blocking", "tiers", str(error)))
        today = as_of.astimezone(project.zone).date()
        kind, zone = project.settings.period, project.settings.timezone
        tried = period or Period.containing(today, kind, zone)
        findings += about("metrics", check_metrics(facts, metrics.values(), tried))
        if strategy is not None:
            findings += about("strategy", unknown_pools(facts, strategy.stances))
        fresh = project.settings.fresh_within
        return findings + inspect(
            facts, period=period, as_of=as_of, fresh_within=fresh, tiers=tiers
        )


def _unmeasured(facts: Facts, metrics: Mapping[str, Metric]) -> list[Finding]:
    """One note for each thing that is not mapped, naming the metrics that wait for it."""
    waiting: dict[str, list[str]] = {}
    for metric in metrics.values():
        if lacking := facts.missing(metric.needs):
            waiting.setdefault(lacking, []).append(metric.name)
    return [
        Finding(
            "metrics.not_measured",
            "note",
            "metrics",
            f"no {lacking}, so not measured: {', '.join(names)}.",
            "Map it, if you have it.",
        )
        for lacking, names in sorted(waiting.items())
    ]
