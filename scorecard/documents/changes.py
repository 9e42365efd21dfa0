"""Changes of stances in the last four periods, with the verdict by the old stance.

A limit that was relaxed after it had been missed is printed as such, so that nobody
can move a goal unseen after missing it.
"""

from __future__ import annotations

from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Result, Words
from scorecard.documents.grammar import capital
from scorecard.documents.view import ReportView
from scorecard.judging.verdict import verdict_of
from scorecard.ledger import StanceChange
from scorecard.strategy.accountability import approves_own
from scorecard.strategy.limits import limits
from scorecard.strategy.model import Stance

LOOK_BACK = 4
"""A limit missed within four periods before it was lowered was relaxed after a miss."""
MISSED = ("not delivered", "beyond acceptance")


def changes(view: ReportView) -> tuple[str, ...]:
    """The changes of the last four periods, in one or more sentences each."""
    return tuple(
        f"{_headed(view, c)}, approved by {_approver(view, c)}. {_remarks(view, c)}".strip()
        for c in view.data.changes
    )


def changes_of(view: ReportView, owner: str) -> tuple[str, ...]:
    """The changes of one owner's stances; the approver is named only where it is the owner."""
    return tuple(
        f"{_headed(view, c)}{_self_approved(view, c)}. {_remarks(view, c)}".strip()
        for c in view.data.changes_of(owner)
    )


def _subject(change: StanceChange) -> Stance:
    stance = change.stance or change.previous
    if stance is None:
        raise ValueError("A change has a stance before it, after it, or both.")
    return stance


def _approver(view: ReportView, change: StanceChange) -> str:
    subject = _subject(change)
    if approves_own(view.data.strategy, subject):
        return "its own owner"
    known = view.data.strategy.person(subject.approved_by)
    return known.name if known else subject.approved_by


def _self_approved(view: ReportView, change: StanceChange) -> str:
    own = approves_own(view.data.strategy, _subject(change))
    return ", approved by its own owner" if own else ""


def _headed(view: ReportView, change: StanceChange) -> str:
    """ "Gold promises kept: promised 90 % or more, before promised 94 % or more, in force …"."""
    metric = view.data.metrics.get(_subject(change).metric)
    name = capital(view.keys_named([change.key]))
    when = f"in force from {view.formats.day(change.in_force_from)}"
    if metric is None:
        return f"{name}: stance altered, {when}"
    now, before = change.stance, change.previous
    old = view.terms(metric, before) if before else ""
    if now is not None and change.only_end:
        return f"{name}: {old} as before, {now.ending(view.formats.day)}"
    if now is None:
        return f"{name}: no longer {old}, {when}"
    new = view.terms(metric, now)
    if not old:
        return f"{name}: {new}, new, {when}"
    if new == old:
        return f"{name}: {new} as before, other terms altered, {when}"
    return f"{name}: {new}, before that {old}, {when}"


def _remarks(view: ReportView, change: StanceChange) -> str:
    """The ledger's note on a change, whether a limit was relaxed, and the old verdict."""
    metric = view.data.metrics.get(_subject(change).metric)
    note = change.note
    if change.only_end:  # the end is in the sentence already; an older note still applies
        note = note.rpartition("; ")[0]
    said = [f"{capital(note)}." if note else ""]
    if metric is not None and change.previous is not None:
        said += [_relaxed(view, metric, change), _old_verdict(view, metric, change)]
    return " ".join(part for part in said if part)


def _relaxed(view: ReportView, metric: Metric, change: StanceChange) -> str:
    """ "Relaxed after "beyond acceptance" in September 2026."; empty where it was not."""
    old, new = change.previous, change.stance
    if old is None or not _lowered(metric, old, new):
        return ""
    missed = _last_miss(view, change)
    if missed is None:
        return ""
    words, period = missed
    done = "Given up" if new is None else "Relaxed"
    if new is not None and (old.kind, new.kind) == ("strength", "weakness"):
        done = "Made a weakness"
    return f"{done} after “{words}” in {view.formats.period(period)}."


def _lowered(metric: Metric, old: Stance, new: Stance | None) -> bool:
    """Whether less is promised than before: a limit nearer the worse end, or none."""
    if new is None or (old.kind, new.kind) == ("strength", "weakness"):
        return True
    before, after = limits(metric, old).lower, limits(metric, new).lower
    return before is not None and (after is None or after < before)


def _last_miss(view: ReportView, change: StanceChange) -> tuple[str, Period] | None:
    """The latest miss in the periods before the change came into force."""
    first = view.data.period.opened(change.in_force_from)
    before = [first.shift(-i) for i in range(1, LOOK_BACK + 1)]
    metric, _slash, tier = change.key.partition("/")
    words = {
        point.period: point.words
        for (name, _version, where), points in view.histories.items()
        if (name, where) == (metric, tier)
        for point in points
    }
    return next(((words[p.key], p) for p in before if words.get(p.key) in MISSED), None)


def _old_verdict(view: ReportView, metric: Metric, change: StanceChange) -> str:
    """ "The old stance would have said not delivered."; empty where nothing can be judged."""
    result, old = view.result(metric.name, _subject(change).tier), change.previous
    if old is None or result is None or not _can_be_judged(view, metric, result):
        return ""
    if (metric.name, result.tier) in view.withheld:
        return ""
    if change.stance is not None and _terms(change.stance) == _terms(old):
        return ""
    mode = old.evidence or metric.evidence
    said: Words = verdict_of(metric, result.estimate, old, mode=mode).words
    if result.verdict is not None and result.verdict.words == said:
        return f"The old stance would also have said {said}."
    return f"The old stance would have said {said}."


def _terms(stance: Stance) -> tuple[str, float | None, float | None]:
    return stance.kind, stance.at_worst, stance.at_best


def _can_be_judged(view: ReportView, metric: Metric, result: Result) -> bool:
    """Whether the metric can be judged in this period: over, mature, fresh and measured."""
    found = [view.result(metric.name, tier) for tier in view.tiers]
    verdicts = [r.verdict for r in found if r is not None and r.verdict is not None]
    gates = {"partial_period", "not_mature", "stale"}
    if not verdicts and view.matures[metric.name]:
        return False
    return not result.unmeasured and all(v.reason not in gates for v in verdicts)
