"""Method notes: how each figure that a packet prints is made, from its metric's own docstring."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from scorecard.definitions.metric import Metric
from scorecard.documents.grammar import capital, plural
from scorecard.documents.packet_model import ExecutivePacket, Method, MethodNotes
from scorecard.documents.view import SECTIONS, ReportView

KINDS = {
    "proportion": "share, exact interval",
    "mean": "mean, customers as units",
    "ratio": "ratio of sums, customers as units",
    "total": "sum and mean per customer",
    "nps": "net score, exact interval",
    "quantile": "order statistics",
    "survival": "Kaplan–Meier, exact interval",
}
TIERS = {
    "opening": "The one frozen when the window opened; customers who came later are in none.",
    "first": "The first that the customer was ever in.",
    "sold": "The one of the period; who came in it, in the one sold to them from their first day.",
    "computed": "The one of the period; who came in it stands apart as new.",
}
"""Which tier an observation counts in, by a metric's attribution and the method of tiers."""
_PART = re.compile(r"^(Population|Formula|Empties|Source) +", re.MULTILINE)
"""The parts of a metric's docstring, each begun by its name at the beginning of a line."""


def methods(view: ReportView, printed: Collection[str]) -> tuple[Method, ...]:
    """The notes on those metrics, by name, in the order of the stance map."""
    return tuple(_method(view, metric) for metric in view.metrics if metric.name in printed)


def method_notes(packet: ExecutivePacket) -> MethodNotes | None:
    """The document of a packet's method notes; None where it has none."""
    if not packet.evidence.methods:
        return None
    return MethodNotes(replace(packet.heading, kind="Method notes"), packet.evidence.methods)


def _counts_in(view: ReportView, metric: Metric) -> str:
    if metric.attribution != "event":
        return TIERS[metric.attribution]
    declared = view.data.strategy.plan.method == "declared"
    return TIERS["sold" if declared else "computed"]


def _method(view: ReportView, metric: Metric) -> Method:
    text, *parts = _PART.split(metric.doc)
    facts = [
        (name, capital(" ".join(said.split())))
        for name, said in zip(parts[::2], parts[1::2], strict=True)
    ]
    days = view.matures[metric.name]
    final = f"{days} {plural(days, 'day')} after the period" if days else "as the period ends"
    counted = "counted" if metric.evidence == "census" else "a sample"
    facts += [
        ("Tier", _counts_in(view, metric)),
        ("Kind", f"{capital(KINDS[metric.kind])}; {counted}."),
        ("Final", f"{capital(final)}."),
        ("Version", metric.version),
    ]
    section = next(title for key, title in SECTIONS if key == metric.section)
    return Method(metric.label, " ".join(text.split()), "", tuple(facts), section)
