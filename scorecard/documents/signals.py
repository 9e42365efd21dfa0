"""What is said of all signals of a document: what chance alone makes, and limits made anew."""

from __future__ import annotations

from scorecard.definitions.results import Season
from scorecard.documents.view import ReportView
from scorecard.stats.false_alarms import expected
from scorecard.strategy.model import ALL

UNKNOWN: Season = "not known yet"


def by_chance(view: ReportView) -> str:
    """How many figures of the tiers chance alone would call exceptional, and of how many a yearly
    season is not known yet; empty where none has natural limits."""
    count = view.formats.count
    keys = [(m, t) for m, t in view.data.results if m in view.data.metrics and t in view.tiers]
    found = [(view.data.metrics[m], r.signal) for m, t in keys if (r := view.result(m, t))]
    figures, wrong = expected(found)
    if not figures:
        return ""
    of = "Of the one figure" if figures == 1 else f"Of {count(figures)} figures"
    some = f"about {count(round(wrong))}" if wrong >= 0.5 else "less than one"
    said = f"{of} with natural limits, chance alone would call {some} exceptional."
    unknown = sum(
        signal.flow != "" and signal.baseline is not None and signal.baseline.season == UNKNOWN
        for _, signal in found
    )
    if not unknown:
        return said
    all_of_them = "it" if figures == 1 else "they"
    who = f"{count(unknown)} of them" if unknown < figures else all_of_them
    follow = "follows" if unknown == 1 else "follow"
    return f"{said} Whether {who} {follow} a yearly season is not known yet."


def baselines(view: ReportView) -> tuple[str, ...]:
    """Limits that were declared to begin anew up to the period's end, newest first."""
    found = [b for b in view.data.strategy.baselines if b.day < view.data.period.after]
    return tuple(
        f"Natural limits of {_label(view, b.metric)}{_where(view, b.tier)} are made anew from "
        f"{view.formats.day(b.day)}: {b.reason.rstrip('.')} ({b.by})."
        for b in sorted(found, key=lambda b: (-b.day.toordinal(), b.metric, b.tier))
    )


def _label(view: ReportView, name: str) -> str:
    metric = view.data.metrics.get(name)
    return metric.label if metric else name


def _where(view: ReportView, tier: str) -> str:
    if not tier:
        return ""
    return ", all customers together," if tier == ALL else f", {view.label(tier)},"
