"""Console output: tables and progress for a person, JSON for a program."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from scorecard.base.findings import Finding, grouped, in_order
from scorecard.cli.terminal import err, one_line, out, write_json
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Estimate, Result
from scorecard.documents.digits import in_one_span, places_beside_limits, proving_end
from scorecard.documents.formats import DASH, Formats
from scorecard.stats.withheld import SAID, Why
from scorecard.strategy.model import Stance, Strategy

if TYPE_CHECKING:
    from scorecard.library.results import Results
    from scorecard.project.settings import Settings

Report = Callable[[str, int, int], None]
"""Reports progress: what is being done, how many are done, of how many."""
REASONS = {
    "n_too_small": "n",
    "straddles_limit": "straddles",
    "not_mature": "not mature",
    "not_measured": "not measured",
    "stale": "stale",
    "partial_period": "partial",
    "not_shown": "not shown",
}


@contextmanager
def progress() -> Iterator[Report]:
    """A progress line on standard error while a terminal is there; silent otherwise."""
    if not sys.stderr.isatty():
        yield lambda _what, _done, _of: None
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console, what = err(), TextColumn("{task.description}", markup=False)
    shown = (SpinnerColumn(), what, BarColumn(24), TimeElapsedColumn())
    with Progress(*shown, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting", total=None)

        def report(what: str, done: int, of: int) -> None:
            bar.update(
                task, description=one_line(what), completed=done, total=of if of > 1 else None
            )

        yield report


def shown(path: Path) -> str:
    """A path relative to the working directory, unless that leads up more than one level."""
    relative = os.path.relpath(path)
    return relative if not relative.startswith("../..") else str(path)


def show_findings(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Findings by what they are about and by severity, one sentence each."""
    if as_json:
        write_json([asdict(x) for x in in_order(findings)])
        return
    console = out()
    for group, ordered in grouped(findings).items():
        if group:
            console.print(group.capitalize(), markup=False)
        for finding in ordered:
            console.print(f"{finding.severity:9}{finding}  [{finding.id}]", markup=False)
        if group:
            console.print()
    counts = {s: sum(x.severity == s for x in findings) for s in ("blocking", "warning", "note")}
    console.print(", ".join(f"{n} {s}" for s, n in counts.items()), markup=False)


def show_results(results: Results, formats: Formats, *, as_json: bool) -> None:
    """A period's figures in the order of metrics and tiers."""
    if as_json:
        write_json([asdict(each) for each in results])
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("metric", "tier", "value", "range", "n", "verdict", "signal", "owner"):
        right = name in ("value", "n")
        table.add_column(name, justify="right" if right else "left", no_wrap=name != "owner")
    for result in results.in_order():
        why = results.withheld.get((result.metric, result.tier))
        since = results.expired.get((result.metric, result.tier))
        line = _line(result, results.metrics, results.stances, formats, why, since)
        table.add_row(*map(one_line, line))
    out().print(table, markup=False)


def _line(
    result: Result,
    metrics: Mapping[str, Metric],
    stances: Mapping[str, Stance],
    f: Formats,
    why: Why | None,
    expired: date | None,
) -> tuple[str, ...]:
    metric, found = metrics.get(result.metric), result.estimate
    stance = stances.get(result.stance)
    owner = stance.owner if stance else ""
    verdict = result.verdict
    words = f"not measured: {result.unmeasured}" if result.unmeasured else ""
    if expired is not None:
        words = "; ".join(w for w in (f"no decision since {f.day(expired)}", words) if w)
    if why:
        return (result.metric, result.tier, DASH, "", DASH, SAID[why], "", owner)
    if verdict is not None:
        words = verdict.words + (f": {REASONS[verdict.reason]}" if verdict.reason else "")
    value, span = str(found.value), ""
    if metric:
        metric = in_one_span(metric, [found.value])
        census = result.mode == "census"
        least = f.places(metric, found.value)
        end = proving_end(metric, found, verdict, census)
        places = places_beside_limits(metric, found.value, stance, least, end)
        value = f.with_unit(metric, found.value, places)
        value = f.at_least(value) if found.beyond else value
        span = "" if census else f.interval(metric, found.low, found.high, places)
    if result.mode == "census" and found.value is not None:
        span = "counted"
    return (
        result.metric,
        result.tier,
        value,
        span,
        _n(f, found),
        words,
        result.signal.flow,
        owner,
    )


def _n(f: Formats, found: Estimate) -> str:
    still = f", {f.count(found.open)} open" if found.open else ""
    return f"{f.count(found.n)}{still}" if found.n else DASH


def show_metric(metric: Metric, sql: str, lacking: str, settings: Settings) -> None:
    """A metric's definition, then its SQL."""
    console = out()
    where = os.path.relpath(metric.file) if metric.file else ""
    for line in (
        f"{metric.name}: {metric.label}",
        f"  {metric.kind}, {metric.unit.name}, better: {metric.better}, {metric.evidence}",
        f"  needs {', '.join(metric.needs)}; final after {settings.matures_after(metric)} days",
        f"  version {metric.version}, {where}:{metric.line}",
        "",
        *metric.doc.splitlines(),
        "",
        *(f"Not measured here: no {lacking}." if lacking else sql.rstrip()).splitlines(),
    ):
        console.print(line, markup=False, soft_wrap=True)


def show_tier(
    customer: str,
    history: Sequence[tuple[str, str, float | None]],
    afterwards: Mapping[str, date],
    strategy: Strategy,
    metrics: Mapping[str, Metric],
    formats: Formats,
    *,
    as_json: bool,
) -> None:
    """A customer's tiers, oldest first, and the stances on the last one; `afterwards` says by
    period the later day whose tiers were frozen."""
    now = history[-1][1]
    chosen = [s for s in strategy.stances if s.tier == now]
    if as_json:
        write_json(
            {
                "customer": customer,
                "tier": now,
                "history": [
                    {"period": p, "tier": t, "score": s}
                    | ({"tier_of": str(afterwards[p])} if p in afterwards else {})
                    for p, t, s in history
                ],
                "stances": [{"metric": s.metric, "kind": s.kind, "owner": s.owner} for s in chosen],
            }
        )
        return
    console = out()
    console.print(
        f"{customer} is {strategy.plan.label(now)} since {_last_tier_since(history)}", markup=False
    )
    for period, tier, score in history:
        worth = DASH if score is None else formats.decimal(score, 0)
        line = f"  {period}  {strategy.plan.label(tier):14} score {worth}"
        if period in afterwards:
            day = formats.day(afterwards[period])
            line += f", by the tier of {day}, frozen afterwards"
        console.print(line, markup=False, soft_wrap=True)
    for stance in chosen:
        label = metrics[stance.metric].label if stance.metric in metrics else stance.metric
        written = " to ".join(w for w in stance.written if w)
        console.print(f"  {stance.kind}: {label}, {written}", markup=False)


def _last_tier_since(history: Sequence[tuple[str, str, float | None]]) -> str:
    """The first period of the latest unbroken stay in one tier."""
    since, now = history[-1][0], history[-1][1]
    for period, tier, _score in reversed(history):
        if tier != now:
            break
        since = period
    return since
