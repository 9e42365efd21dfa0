"""Commitments as pages print them: each with what became of it, and the record as counts."""

from __future__ import annotations

from collections.abc import Sequence

from scorecard.answering.model import Commitment, Goal
from scorecard.base.periods import Period, zone
from scorecard.documents.asked_model import CommitmentLine
from scorecard.documents.view import ReportView

RECORDED = 4
"""Periods that the record counts."""
KEPT = ("kept, and it moved", "kept, no effect")


def of_owner(view: ReportView, owner: str) -> list[Commitment]:
    return [c for c in view.data.answering.commitments if c.owner == owner]


def shown(view: ReportView, owner: str) -> tuple[CommitmentLine, ...]:
    """Those that are open, and those that were closed by or since this period began, by number."""
    now = view.data.period
    kept = [c for c in of_owner(view, owner) if c.is_open or closed(c, now.tz) >= now]
    return tuple(_line(view, c) for c in kept)


def closed(commitment: Commitment, tz: str) -> Period:
    """The period to which a closed commitment belongs: when it was due, or withdrawn."""
    last = commitment.last
    due = Period.parse(commitment.due_now, tz)
    if last is None or last.step == "settled":
        return due
    day = last.at.astimezone(zone(tz)).date()
    return min(due, Period.containing(day, due.kind, tz))  # type: ignore[arg-type]


def _line(view: ReportView, commitment: Commitment) -> CommitmentLine:
    end = Period.parse(commitment.due_now, view.data.period.tz)
    due, movable = view.formats.period(end), commitment.is_open and end.after > view.data.day
    said, last = outcome(view, commitment), commitment.last
    return CommitmentLine(
        commitment.number,
        commitment.text,
        _moves(view, commitment.goal),
        view.formats.day(commitment.made_at.astimezone(zone(view.data.period.tz)).date()),
        due,
        said,
        last is not None and last.outcome == "broken",
        end.key if movable else "",
    )


def _moves(view: ReportView, goal: Goal) -> str:
    """ "Gold first reply"; "Gold first reply to 3 h" where the goal is not the limit."""
    named = view.keys_named([goal.key])
    metric, stance = view.data.metrics.get(goal.metric), view.stance(goal.metric, goal.tier)
    if metric is None or stance is None or goal.at_worst in (None, stance.at_worst):
        return named
    return f"{named} to {view.formats.limit(metric, goal.at_worst)}"


def outcome(view: ReportView, commitment: Commitment) -> str:
    """ "open", "open, renegotiated: staffing", "broken: 5.8 h", "withdrawn: scope"."""
    last = commitment.last
    moved = [s for s in commitment.steps if s.step == "renegotiated"]
    if last is None:
        return f"open, renegotiated: {moved[-1].reason}" if moved else "open"
    if last.step == "withdrawn":
        return f"withdrawn: {last.reason}"
    metric = view.data.metrics.get(commitment.goal.metric)
    if metric is None or last.value is None:
        return last.outcome
    return f"{last.outcome}: {view.figure(metric, last.value)}"


def record(view: ReportView, owner: str) -> str:
    """ "Last four periods: 2 kept, and it moved; 1 broken; 1 renegotiated in time.", or empty."""
    now = view.data.period
    first = now if now.is_span else now.shift(1 - RECORDED)
    mine = of_owner(view, owner)
    over = [c for c in mine if not c.is_open and first <= closed(c, now.tz) <= now]
    counts = _counts(over)
    moved = sum(s.step == "renegotiated" and s.at >= first.start for c in mine for s in c.steps)
    said = [f"{n} {what}" for what, n in counts if n]
    said += [f"{moved} renegotiated in time"] if moved else []
    if not said:
        return ""
    return f"Last {RECORDED} periods: {'; '.join(said)}. Counts, never a grade."


def _counts(over: Sequence[Commitment]) -> list[tuple[str, int]]:
    became: list[str] = [c.last.outcome or c.last.step for c in over if c.last is not None]
    order = (*KEPT, "broken", "not shown", "withdrawn")
    return [(what, became.count(what)) for what in order]
