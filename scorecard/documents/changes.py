"""Changes: every stance that was altered lately, and what the old one would have said now.

A limit relaxed after it was missed is printed as such for as long as the
change is: four periods. Who moves the goal after the shot is seen doing it.
"""

from __future__ import annotations

from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Result, Words
from scorecard.documents.grammar import capital
from scorecard.documents.view import Desk
from scorecard.judging.verdict import judge
from scorecard.ledger import Change
from scorecard.strategy.limits import limits
from scorecard.strategy.model import Stance

LOOK_BACK = 4
"""A miss so many periods before a change came into force makes it a relaxation after a miss."""
MISSED = ("not delivered", "beyond acceptance")


def changes(desk: Desk) -> tuple[str, ...]:
    """What was altered in the last four periods, one sentence or more each."""
    return tuple(
        f"{_headed(desk, c)}, approved by {_approver(desk, c)}. {_told(desk, c)}".strip()
        for c in desk.m.changes
    )


def changes_of(desk: Desk, owner: str) -> tuple[str, ...]:
    """The same for one owner's stances; who approved is said only where it was themselves."""
    return tuple(
        f"{_headed(desk, c)}{_self_approved(c)}. {_told(desk, c)}".strip()
        for c in desk.m.changes_of(owner)
    )


def _subject(change: Change) -> Stance:
    stance = change.stance or change.previous
    if stance is None:
        raise ValueError("A change has a stance before it, after it, or both.")
    return stance


def _approver(desk: Desk, change: Change) -> str:
    subject = _subject(change)
    if subject.approved_by == subject.owner:
        return "its own owner"
    known = desk.m.strategy.person(subject.approved_by)
    return known.name if known else subject.approved_by


def _self_approved(change: Change) -> str:
    subject = _subject(change)
    return ", approved by its own owner" if subject.approved_by == subject.owner else ""


def _headed(desk: Desk, change: Change) -> str:
    """ "Gold promises kept: promised 90 % or more, before promised 94 % or more, in force …"."""
    metric = desk.m.metrics.get(_subject(change).metric)
    name = capital(desk.keys_named([change.key]))
    when = f"in force from {desk.f.day(change.in_force_from)}"
    if metric is None:
        return f"{name}: stance altered, {when}"
    now, before = change.stance, change.previous
    old = desk.terms(metric, before) if before else ""
    if now is not None and change.only_end:
        ends = f"ends on {desk.f.day(now.until)}" if now.until else "has no end any more"
        return f"{name}: {old} as before, {ends}"
    if now is None:
        return f"{name}: no longer {old}, {when}"
    new = desk.terms(metric, now)
    if not old:
        return f"{name}: {new}, new, {when}"
    if new == old:
        return f"{name}: {new} as before, other terms altered, {when}"
    return f"{name}: {new}, before that {old}, {when}"


def _told(desk: Desk, change: Change) -> str:
    """What must be known beside the change itself."""
    metric = desk.m.metrics.get(_subject(change).metric)
    note = change.note
    if change.only_end:  # said before; what it stood under until then still holds
        note = note.rpartition("; ")[0]
    said = [f"{capital(note)}." if note else ""]
    if metric is not None and change.previous is not None:
        said += [_relaxed(desk, metric, change), _old_verdict(desk, metric, change)]
    return " ".join(part for part in said if part)


def _relaxed(desk: Desk, metric: Metric, change: Change) -> str:
    """ "Relaxed after "beyond acceptance" in September 2026."; empty where it was not."""
    old, new = change.previous, change.stance
    if old is None or not _lowered(metric, old, new):
        return ""
    missed = _last_miss(desk, change)
    if missed is None:
        return ""
    words, period = missed
    done = "Given up" if new is None else "Relaxed"
    if new is not None and (old.kind, new.kind) == ("strength", "weakness"):
        done = "Made a weakness"
    return f"{done} after “{words}” in {desk.f.period(period)}."


def _lowered(metric: Metric, old: Stance, new: Stance | None) -> bool:
    """Whether less is asked than before: a limit nearer the worse end, or none."""
    if new is None or (old.kind, new.kind) == ("strength", "weakness"):
        return True
    before, after = limits(metric, old).lower, limits(metric, new).lower
    return before is not None and (after is None or after < before)


def _last_miss(desk: Desk, change: Change) -> tuple[str, Period] | None:
    """The latest miss in the periods before the change came into force."""
    kind, tz = desk.m.period.kind, desk.m.period.tz
    first = Period.containing(change.in_force_from, kind, tz)
    before = [first.shift(-i) for i in range(1, LOOK_BACK + 1)]
    metric, _slash, tier = change.key.partition("/")
    words = {
        point.period: point.words
        for (name, _version, where), points in desk.m.histories.items()
        if (name, where) == (metric, tier)
        for point in points
    }
    return next(((words[p.key], p) for p in before if words.get(p.key) in MISSED), None)


def _old_verdict(desk: Desk, metric: Metric, change: Change) -> str:
    """ "The old stance would have said not delivered."; empty where nothing can be judged."""
    result, old = desk.result(metric.name, _subject(change).tier), change.previous
    if old is None or result is None or not _can_be_judged(desk, metric, result):
        return ""
    if change.stance is not None and _terms(change.stance) == _terms(old):
        return ""
    mode = old.evidence or metric.evidence
    said: Words = judge(metric, result.estimate, old, mode=mode).words
    if result.verdict is not None and result.verdict.words == said:
        return f"The old stance would also have said {said}."
    return f"The old stance would have said {said}."


def _terms(stance: Stance) -> tuple[str, float | None, float | None]:
    return stance.kind, stance.at_worst, stance.at_best


def _can_be_judged(desk: Desk, metric: Metric, result: Result) -> bool:
    """Whether no gate stands before the metric's verdicts in this period."""
    found = [desk.result(metric.name, tier) for tier in desk.tiers]
    verdicts = [r.verdict for r in found if r is not None and r.verdict is not None]
    gates = {"partial_period", "not_mature", "stale"}
    if not verdicts and desk.matures[metric.name]:
        return False
    return not result.unmeasured and all(v.reason not in gates for v in verdicts)
