"""Left out: pages of a packet on which nothing was measured, and what each of them would need."""

from __future__ import annotations

from collections.abc import Iterable

from scorecard.documents.cells import beside
from scorecard.documents.formats import DASH
from scorecard.documents.model import Row
from scorecard.documents.view import ReportView
from scorecard.stats.withheld import NOT_SHOWN

NOTHING = "nothing observed in this period"


def is_measured(rows: Iterable[Row]) -> bool:
    """Whether any of these rows has a figure, or one that is only not shown: of a tier, or beside
    the tiers of those who are in none, and of all customers."""
    return any(
        row.beside or any(c.text != DASH or c.n or c.words.startswith(NOT_SHOWN) for c in row.cells)
        for row in rows
    )


def lacking(view: ReportView, families: Iterable[str]) -> str:
    """What the metrics of these families lack, each once: "no surveys, no costs".

    Margin says so also in a project that has no metric of it.
    """
    families, said = set(families), dict[str, None]()
    for why in unmeasured(view, families):
        is_table = why.startswith("no ") and " in " not in why
        each = [f"no {name}" for name in why.removeprefix("no ").split(", ")]
        said |= dict.fromkeys(each if is_table else [why])
    unknown = view.data.margin_unknown if "margin" in families else ""
    return ", ".join(said) or unknown or NOTHING


def unmeasured(view: ReportView, families: Iterable[str]) -> dict[str, list[str]]:
    """The labels of metrics that are measured of nobody, by what they lack: "no contracts"."""
    wanted, found = set(families), dict[str, list[str]]()
    for metric in view.metrics:
        if metric.family not in wanted or not view.is_wanted(metric) or beside(view, metric):
            continue
        results = [view.result(metric.name, tier) for tier in view.tiers]
        known = [r for r in results if r is not None]
        if known and all(r.unmeasured for r in known):
            why = known[0].unmeasured.replace("in this tier", "in any tier")
            found.setdefault(why, []).append(metric.label)
    return found
