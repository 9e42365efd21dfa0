"""What is said of all signals of a document: what chance alone makes, and limits made anew."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from scorecard.base.periods import Period
from scorecard.definitions.results import Season
from scorecard.documents.view import ReportView
from scorecard.stats.false_alarms import expected
from scorecard.strategy.model import ALL, BaselineStart

if TYPE_CHECKING:  # the ledger is not loaded to compose
    from scorecard.ledger import LimitsThen, SeriesKey

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
    """Limits that were declared to begin anew up to the period's end, newest first; each says of
    which earlier figures that were judged before it was declared. Last those that were declared
    then and are so no longer."""
    found = [b for b in view.data.strategy.baselines if b.day < view.data.period.after]
    return (
        *(
            f"Natural limits of {_label(view, b.metric)}{_where(view, b.tier)} are made anew from "
            f"{view.formats.day(b.day)}: {b.reason.rstrip('.')} ({b.by}).{_afterwards(view, b)}"
            for b in sorted(found, key=lambda b: (-b.day.toordinal(), b.metric, b.tier))
        ),
        *_withdrawn(view, found),
    )


def _afterwards(view: ReportView, declared: BaselineStart) -> str:
    """What was judged before an entry was there, or said what it says."""
    without: set[Period] = set()
    reasons: set[str] = set()
    for (metric, _version, tier), limits in _then(view).items():
        if metric != declared.metric or declared.tier not in ("", tier):
            continue
        for period, then in limits:
            if then.since == declared.day:
                reasons |= {then.reason} - {declared.reason}
            elif period.after > declared.day and (then.since or date.min) < declared.day:
                without.add(period)
    said = ""
    if without:
        said = (
            f" That was declared after {_span(view, without)} had been judged by limits of before."
        )
    if reasons:
        said += (
            f" The reason was once another: {'; '.join(sorted(r.rstrip('.') for r in reasons))}."
        )
    return said


def _withdrawn(view: ReportView, declared: Sequence[BaselineStart]) -> Iterator[str]:
    """Limits made anew by which earlier figures were judged, and that nothing declares any more."""
    gone: dict[tuple[str, str, date], set[Period]] = {}
    for (metric, _version, tier), limits in _then(view).items():
        days = {b.day for b in declared if b.metric == metric and b.tier in ("", tier)}
        for period, then in limits:
            if then.since is not None and then.since not in days:
                gone.setdefault((metric, tier, then.since), set()).add(period)
    for (metric, tier, day), periods in sorted(gone.items()):
        yield (
            f"Natural limits of {_label(view, metric)}{_where(view, tier)} were made anew from "
            f"{view.formats.day(day)} when they judged {_span(view, periods)}; that is "
            "declared no longer."
        )


def _then(view: ReportView) -> dict[SeriesKey, list[tuple[Period, LimitsThen]]]:
    """By which limits earlier figures of today's metrics were judged first."""
    known = view.data.metrics
    return {
        (metric, version, tier): [(Period.parse(t.period, view.data.period.tz), t) for t in limits]
        for (metric, version, tier), limits in view.data.limits_then.items()
        if metric in known and known[metric].version == version
    }


def _span(view: ReportView, periods: Collection[Period]) -> str:
    """ "the figure of May 2026", "figures of May 2026 to July 2026"."""
    first, last = min(periods), max(periods)
    if first == last:
        return f"the figure of {view.formats.period(first)}"
    return f"figures of {view.formats.period(first)} to {view.formats.period(last)}"


def _label(view: ReportView, name: str) -> str:
    metric = view.data.metrics.get(name)
    return metric.label if metric else name


def _where(view: ReportView, tier: str) -> str:
    if not tier:
        return ""
    return ", all customers together," if tier == ALL else f", {view.label(tier)},"
