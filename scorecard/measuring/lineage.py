"""Lineage: the SQL that a figure comes from, in the words of the contracts."""

from __future__ import annotations

from collections.abc import Iterable

import ibis
import ibis.expr.types as ir

from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric
from scorecard.facts.tables import Facts
from scorecard.facts.window import Window
from scorecard.measuring.measure import observe


def lineage(facts: Facts, metric: Metric, period: Period) -> str:
    """The SQL of a metric's observations, then of each derived table it stands on.

    Tables bear their contract names. Empty for a metric that cannot be measured here.
    """
    if facts.missing(metric.needs):
        return ""
    seen = observe(metric, facts, Window.of(period, metric.window))
    return _chained(facts, metric.name, seen)


def mapping(facts: Facts, metrics: Iterable[Metric]) -> str:
    """The SQL by which the tables that these metrics need are read from their sources."""
    needed = {need.partition(".")[0] for m in metrics for need in m.needs} | {"customers"}
    parts = []
    for name in sorted(needed & set(facts.bound)):
        facts.table(name)
        held = next((t for n, t in facts.definitions().values() if n == name), None)
        if held is not None:
            parts.append(_titled(name, _named(facts, held)))
    return "\n".join(parts)


def _chained(facts: Facts, title: str, table: ir.Table) -> str:
    """One table's SQL and, once each, that of the derived tables it names."""
    parts, waiting, told = [], [(title, table)], {title}
    while waiting:
        name, current = waiting.pop(0)
        text = str(ibis.to_sql(current, dialect=facts.con.name))
        for held, (called, built) in facts.definitions().items():
            if held in text and called not in told and called not in facts.bound:
                told.add(called)
                waiting.append((called, built))
        parts.append(_titled(name, _renamed(facts, text)))
    return "\n".join(parts)


def _named(facts: Facts, table: ir.Table) -> str:
    return _renamed(facts, str(ibis.to_sql(table, dialect=facts.con.name)))


def _renamed(facts: Facts, text: str) -> str:
    text = text.replace('"temp"."main".', "")
    for held, (called, _built) in facts.definitions().items():
        text = text.replace(held, called)
    for name, bound in sorted(facts.bound.items()):
        if not bound.source.is_sql:
            text = text.replace(bound.raw.op().name, name)
    return text


def _titled(title: str, text: str) -> str:
    return f"-- {title}\n{text.rstrip()};\n"
