"""Questions to expect: what a period asks of each owner, by rule.

Each is raised by a verdict, a signal, a stance that expired, a commitment that was broken, or a
tier that gets what another is to have, and says the figure that raised it. A weakness that is as
accepted raises none. All owners together are not asked about money more often than about service,
unless it is all that somebody could be asked. What was asked the period before, too, is asked with
what became of that, see `documents.asked_before`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from scorecard.answering.model import Commitment, Question, Theme, Trigger
from scorecard.answering.rules import MOST_QUESTIONS, question_id
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Result
from scorecard.documents import expiry
from scorecard.documents.asked_before import Asking, text_of
from scorecard.documents.exceptions import item
from scorecard.documents.grammar import capital
from scorecard.documents.packet_model import Item
from scorecard.documents.sentences import judged
from scorecard.documents.view import Cellkey, ReportView
from scorecard.judging.verdict import oriented
from scorecard.strategy.limits import less
from scorecard.strategy.model import Owner, Stance

LONG_UNDECIDED = 3
"""Periods in a row that did not decide a choice, from which on it is asked how we will know."""
EXCEPTIONS, ACCOUNTABILITY = "Exceptions", "Accountability"
"""Pages of the packet that show what raised a question."""
SAID_BY_PROMISE: tuple[Trigger, ...] = (
    "not delivered, routine",
    "over-served strength",
    "over-served weakness",
)
"""What is not asked beside a commitment about the same choice that was broken: why it was, and what
is done instead, is the same question."""
FIRST: tuple[Trigger, ...] = (
    "beyond acceptance",
    "not delivered, exceptional",
    "not delivered, routine",
    "broken commitment",
    "over-served weakness",
    "over-served strength",
    "expired stance",
    "undecided",
    "exceptional",
    "tier gap",
)
"""What is asked first, where not everything can be."""


@dataclass(frozen=True)
class _Raised:
    """A question without its place; `importance` is its stance's, 1 the most."""

    asking: Asking
    theme: Theme
    about: str
    raised_by: str
    figure: str
    page: str
    importance: int

    @property
    def trigger(self) -> Trigger:
        return self.asking.trigger

    @property
    def urgency(self) -> tuple[int, int]:
        return FIRST.index(self.trigger), self.importance


def questions(view: ReportView) -> Mapping[str, tuple[Question, ...]]:
    """By owner's id what is asked of each post that has stances in force, in the order of the map
    and then of the commitments; at most MOST_QUESTIONS, the most urgent ones."""
    raised = _balanced({o.id: _most_urgent(list(_of_owner(view, o))) for o in view.holders})
    return {owner: tuple(_numbered(view, owner, found)) for owner, found in raised.items()}


def not_asked(view: ReportView, owner: Owner, asked: Sequence[Question]) -> tuple[str, ...]:
    """A line on what was raised of a post and is not asked, since there is more of it than is
    asked; empty where all of it is."""
    known = {(q.trigger, q.about) for q in asked}
    rest = [r.raised_by for r in _of_owner(view, owner) if (r.trigger, r.about) not in known]
    return (f"Raised too, and not asked about here: {'; '.join(rest)}.",) if rest else ()


def _numbered(view: ReportView, owner: str, raised: Iterable[_Raised]) -> Iterator[Question]:
    period = view.data.period.key
    for number, of in enumerate(raised, start=1):
        yield Question(
            question_id(period, owner, of.trigger, of.about),
            period,
            owner,
            number,
            of.trigger,
            of.theme,
            of.about,
            text_of(view, owner, of.about, of.asking),
            of.raised_by,
            of.figure,
            of.page,
        )


def _most_urgent(raised: Sequence[_Raised]) -> list[_Raised]:
    kept = sorted(raised, key=lambda r: r.urgency)[:MOST_QUESTIONS]
    return [r for r in raised if r in kept]


def _balanced(raised: Mapping[str, list[_Raised]]) -> dict[str, list[_Raised]]:
    """Without the least urgent questions about money that are more than those about service; the
    only one of an owner stays."""
    kept = {owner: list(found) for owner, found in raised.items()}
    of_money = [(r.urgency, owner, r) for owner, found in kept.items() for r in found if _money(r)]
    every = sum(map(len, kept.values()))
    too_many = len(of_money) - (every - len(of_money))
    for _urgency, owner, one in sorted(of_money, key=lambda m: m[:2], reverse=True):
        if too_many <= 0:
            break
        if len(kept[owner]) > 1:
            kept[owner].remove(one)
            too_many -= 1
    return kept


def _money(raised: _Raised) -> bool:
    return raised.theme == "money"


def _of_owner(view: ReportView, owner: Owner) -> Iterator[_Raised]:
    mine = [c for c in view.data.answering.commitments if c.owner == owner.id]
    broken = [c for c in mine if _broken_now(view, c)]
    told = {c.goal.key for c in broken}
    for result in judged(view):
        stance = view.stance(result.metric, result.tier)
        if stance is None or stance.owner != owner.id:
            continue
        metric = view.data.metrics[result.metric]
        shown = item(view, result, stance)
        asking = _asked(view, metric, result, stance, shown)
        if asking and not (stance.key in told and asking.trigger in SAID_BY_PROMISE):
            yield _raised(metric, stance, shown, asking)
    for cell in expiry.cells(view, [owner.id]):
        yield _expired(view, cell)
    for commitment in broken:
        yield _of_commitment(view, commitment)


def _raised(metric: Metric, stance: Stance, told: Item, asking: Asking) -> _Raised:
    return _Raised(
        asking,
        "money" if metric.section == "earned" else "service",
        stance.key,
        f"{told.label} · {told.tier}",
        told.figure,
        EXCEPTIONS if asking.trigger != "tier gap" else "Stance map",
        stance.importance,
    )


def _asked(
    view: ReportView, metric: Metric, result: Result, stance: Stance, told: Item
) -> Asking | None:
    """What raised a question about a stance, and the question; None where nothing did."""
    verdict, unusual = result.verdict, result.signal.flow.startswith("exceptional")
    if verdict is None:
        return None
    figure, terms = view.figure_of(metric, result.tier), view.terms(metric, stance)
    strong = stance.kind == "strength"
    if verdict.words == "not delivered" and unusual:
        return _unusual_miss(view, told, f"{capital(figure)}, and unusually so; we {terms}")
    if verdict.words == "not delivered":
        return Asking(
            "not delivered, routine",
            f"The process gives {figure}; we {terms}",
            "Which part of the design changes, or do we stop promising it?",
        )
    if verdict.words == "beyond acceptance":
        return Asking(
            "beyond acceptance",
            f"{capital(figure)} is worse than these customers were to bear: we {terms}",
            "Do we restore it, or tell them?",
        )
    if verdict.words == "over-served" and strong:
        return Asking(
            "over-served strength",
            f"{capital(figure)} is more than we chose to give: we {terms}",
            "Who pays for the part above it?",
        )
    if verdict.words == "over-served":
        return Asking(
            "over-served weakness",
            f"{capital(figure)} is better than we chose to pay for: we {terms}",
            "Why do we spend on what we chose to be bad at, and which strength loses it?",
        )
    if verdict.region == "straddle" and verdict.periods_undecided >= LONG_UNDECIDED:
        return Asking(
            "undecided",
            f"The last {verdict.periods_undecided} periods did not decide it: we {terms}",
            "How will we know, and by when?",
        )
    if strong and unusual:
        return _unusual(view, result, f"{capital(figure)}, and unusually so; we {terms}")
    return _gap(view, metric, result, stance, figure) if strong else None


def _unusual_miss(view: ReportView, told: Item, state: str) -> Asking:
    whom = f"which of these {told.affected.count.split(' of ')[0]}" if told.affected else "whom"
    of = f" {told.tier} customers" if told.affected else ""
    asked = f"What happened in {_when(view)}, to {whom}{of}, and what did it cost them and us?"
    return Asking("not delivered, exceptional", state, asked, alone=True)


def _unusual(view: ReportView, result: Result, state: str) -> Asking:
    """A strength that was kept, and moved."""
    when, flow = _when(view), result.signal.flow
    kept = "favourable" in flow and "unfavourable" not in flow
    asked = (
        f"What did we do in {when}, will it stay, and what did it cost?"
        if kept
        else f"What changed in {when}, and will it go on?"
    )
    return Asking("exceptional", state, asked, alone=True)


def _gap(
    view: ReportView, metric: Metric, result: Result, stance: Stance, figure: str
) -> Asking | None:
    """A strength of a tier where a later tier gets as much, for which worse was accepted."""
    mine, places = result.estimate.value, view.tiers
    if mine is None or stance.tier not in places:
        return None
    for tier in places[places.index(stance.tier) + 1 :]:
        other, weak = view.result(metric.name, tier), view.stance(metric.name, tier)
        if weak is None or weak.kind != "weakness" or other is None or other.unmeasured:
            continue
        if other.estimate.value is None or other.verdict is None or other.verdict.region is None:
            continue
        ends = (
            oriented(metric, other.estimate)
            if other.mode == "sample"
            else oriented(metric, replace(other.estimate, low=other.estimate.value, high=None))
        )
        own = -mine if metric.better == "lower" else mine
        if metric.better != "neither" and not less(ends[0], own):
            theirs, name = view.figure_of(metric, tier), view.label(stance.tier)
            return Asking(
                "tier gap",
                f"{view.label(tier)}, where we accepted worse, gets {theirs}, and {name} {figure}",
                f"What does {name} get that the others do not?",
            )
    return None


def _expired(view: ReportView, cell: Cellkey) -> _Raised:
    """A choice whose stance ended without another one: somebody has to decide."""
    name, tier = cell
    metric, ended = view.data.metrics[name], view.expired[cell]
    figure, day = view.figure_of(metric, tier), view.formats.day(ended.since)
    terms = view.terms(metric, ended.stance)
    return _Raised(
        Asking(
            "expired stance",
            f"What we chose ended before {day}: we {terms}, and it is {figure}",
            "What do we choose now?",
        ),
        "money" if metric.section == "earned" else "service",
        f"{name}/{tier}",
        f"{metric.label} · {view.label(tier)}",
        figure,
        "Stance map",
        ended.stance.importance,
    )


def _broken_now(view: ReportView, commitment: Commitment) -> bool:
    """Whether this period's figure says that it was broken."""
    last = commitment.last
    broken = last is not None and last.outcome == "broken"
    due = commitment.due_now == view.data.period.key
    return broken and due and commitment.goal.metric in view.data.metrics


def _of_commitment(view: ReportView, commitment: Commitment) -> _Raised:
    metric = view.data.metrics[commitment.goal.metric]
    figure = view.figure_of(metric, commitment.goal.tier)
    return _Raised(
        Asking(
            "broken commitment",
            f"You meant to “{commitment.text}”, and it is {figure}",
            "Why, and what do you do instead?",
        ),
        "money" if metric.section == "earned" else "service",
        f"commitment/{commitment.number}",
        f"Commitment {commitment.number}",
        figure,
        ACCOUNTABILITY,
        1,
    )


def _when(view: ReportView) -> str:
    return view.formats.period(view.data.period)
