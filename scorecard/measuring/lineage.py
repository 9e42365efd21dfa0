"""Lineage: the SQL that a figure comes from, in the words of the contracts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric
from scorecard.facts.derived import OURS
from scorecard.facts.tables import Facts
from scorecard.facts.window import Window
from scorecard.measuring.observe import seen_by, slots_for


def lineage(facts: Facts, metric: Metric, period: Period, *, sources: bool = False) -> str:
    """The SQL of a metric's observations, then of each derived table it stands on.

    Tables bear their contract names. A derived table that is made of a source's own table or query
    is only named, unless `sources` are asked for: what is written there is not for every reader.
    Empty for a metric that cannot be measured here.
    """
    if facts.missing(metric.needs):
        return ""
    window = Window.of(period, metric.window)
    days = slots_for(metric, period)
    seen, values = seen_by(metric, facts, days, window).statement, days.values(window)
    known = facts.definitions(values)
    tables = {facts.table(name).op().name for name in facts.bound}
    parts = [_titled(metric.name, seen.filled(facts.con, values))]
    waiting, told = sorted(seen.reads), {*tables}
    while waiting:
        name = waiting.pop(0)
        if name in known and name not in told:
            told.add(name)
            title, made = name.removeprefix(OURS), known[name]
            if made.from_sources and not sources:
                parts.append(f"-- {title}: read from its source, as the project's settings say.\n")
                continue
            parts.append(_titled(title, made.text))
            waiting += sorted(made.reads)
    return _renamed("\n".join(parts))


def mapping(facts: Facts, metrics: Iterable[Metric]) -> str:
    """The SQL by which the tables that these metrics need are read from their sources."""
    needed = {t for m in metrics for t in m.tables} | {"customers"}
    parts = []
    for name in sorted(needed & set(facts.bound)):
        text = facts.definitions({})[facts.table(name).op().name].text
        bound = facts.bound[name]
        source = name if bound.source.is_sql else bound.raw.op().name
        parts.append(_titled(name, _renamed(text).replace(source, name)))
    return "\n".join(parts)


def _renamed(text: str) -> str:
    return re.sub(rf"\b{OURS}", "", text)


def _titled(title: str, text: str) -> str:
    return f"-- {title}\n{text.rstrip()};\n"
