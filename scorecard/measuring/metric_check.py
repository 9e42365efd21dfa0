"""Metric check: whether a metric could be measured here, found without reading a row."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from scorecard.base.findings import Finding
from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric
from scorecard.errors import ScorecardError
from scorecard.facts.tables import Facts
from scorecard.facts.window import Window
from scorecard.measuring.observe import observe


def check_metrics(facts: Facts, metrics: Iterable[Metric], period: Period) -> list[Finding]:
    """What stands in the way of measuring each metric, a blocking finding each; empty if nothing.

    Calls a metric's function and holds the columns it yields against its kind. What
    the engine itself refuses, or a single value spoils, only shows in a run. What
    lacks a table it needs is not tried.
    """
    found = []
    for metric in metrics:
        if facts.missing(metric.needs):
            continue
        try:
            observe(metric, facts, Window.of(period, metric.window))
        except ScorecardError as error:
            place, _, message = str(error).partition(": ")
            shown = "/".join(Path(place).parts[-2:])
            found.append(Finding("metrics.unusable", "blocking", shown, message))
    return found
