"""Questions to expect: what a period asks of each owner, by rule.

Each is raised by a verdict, a signal, a stance that expired, a commitment that was broken, or a
tier that gets what another is to have, and says the figure that raised it. A weakness that is as
accepted raises none. All owners together are not asked about money more often than about service,
unless it is all that somebody could be asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from scorecard.answering.model import Commitment, Question, Theme, Trigger
from scorecard.answering.rules import MOST_QUESTIONS, question_id
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Result
from scorecard.documents import expiry
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

    trigger: Trigger
    theme: Theme
    about: str
    text: str
    raised_by: str
    figure: str
    page: str
    importance: int

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
            of.text,
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
    for result in judged(view):
        stance = view.stance(result.metric, result.tier)
        if stance is None or stance.owner != owner.id:
            continue
        metric = view.data.metrics[result.metric]
        told = item(view, result, stance)
        if asked := _asked(view, metric, result, stance, told):
            yield _raised(view, metric, stance, told, *asked)
    for cell in expiry.cells(view, [owner.id]):
        yield _expired(view, cell)
    for commitment in view.data.answering.commitments:
        if commitment.owner == owner.id:
            yield from _of_commitment(view, commitment)


def _raised(
    view: ReportView, metric: Metric, stance: Stance, told: Item, trigger: Trigger, text: str
) -> _Raised:
    return _Raised(
        trigger,
        "money" if metric.section == "earned" else "service",
        stance.key,
        text,
        f"{told.label} · {told.tier}",
        told.figure,
        EXCEPTIONS if trigger != "tier gap" else "Stance map",
        stance.importance,
    )


def _asked(
    view: ReportView, metric: Metric, result: Result, stance: Stance, told: Item
) -> tuple[Trigger, str] | None:
    """What raised a question about a stance, and the question; None where nothing did."""
    verdict, unusual = result.verdict, result.signal.flow.startswith("exceptional")
    if verdict is None:
        return None
    figure, terms = view.figure_of(metric, result.tier), view.terms(metric, stance)
    when, strong = _when(view), stance.kind == "strength"
    if verdict.words == "not delivered" and unusual:
        whom = f"which of these {told.affected.count.split(' of ')[0]}" if told.affected else "whom"
        of = f" {told.tier} customers" if told.affected else ""
        return "not delivered, exceptional", (
            f"What happened in {when}, to {whom}{of}, and what did it cost them and us?"
        )
    if verdict.words == "not delivered":
        return "not delivered, routine", (
            f"The process gives {figure}; we {terms}. Which part of the design changes, or do we "
            "stop promising it?"
        )
    if verdict.words == "beyond acceptance":
        return "beyond acceptance", (
            f"{capital(figure)} is worse than these customers were to bear: we {terms}. Do we "
            "restore it, or tell them?"
        )
    if verdict.words == "over-served" and strong:
        return "over-served strength", (
            f"{capital(figure)} is more than we chose to give: we {terms}. Who pays for the part "
            "above it?"
        )
    if verdict.words == "over-served":
        return "over-served weakness", (
            f"{capital(figure)} is better than we chose to pay for: we {terms}. Why do we spend on "
            "what we chose to be bad at, and which strength loses it?"
        )
    if verdict.region == "straddle" and verdict.periods_undecided >= LONG_UNDECIDED:
        return "undecided", (
            f"The last {verdict.periods_undecided} periods did not decide it: we {terms}. How will "
            "we know, and by when?"
        )
    if strong and unusual:
        kept = "favourable" in result.signal.flow and "unfavourable" not in result.signal.flow
        return "exceptional", (
            f"What did we do in {when}, will it stay, and what did it cost?"
            if kept
            else f"What changed in {when}, and will it go on?"
        )
    return _gap(view, metric, result, stance, figure) if strong else None


def _gap(
    view: ReportView, metric: Metric, result: Result, stance: Stance, figure: str
) -> tuple[Trigger, str] | None:
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
            theirs = view.figure_of(metric, tier)
            return "tier gap", (
                f"{view.label(tier)}, where we accepted worse, gets {theirs}, and "
                f"{view.label(stance.tier)} {figure}. What does {view.label(stance.tier)} get that "
                "the others do not?"
            )
    return None


def _expired(view: ReportView, cell: Cellkey) -> _Raised:
    """A choice whose stance ended without another one: somebody has to decide."""
    name, tier = cell
    metric, ended = view.data.metrics[name], view.expired[cell]
    figure, day = view.figure_of(metric, tier), view.formats.day(ended.since)
    terms = view.terms(metric, ended.stance)
    return _Raised(
        "expired stance",
        "money" if metric.section == "earned" else "service",
        f"{name}/{tier}",
        f"What we chose ended before {day}: we {terms}, and it is {figure}. What do we choose now?",
        f"{metric.label} · {view.label(tier)}",
        figure,
        "Stance map",
        ended.stance.importance,
    )


def _of_commitment(view: ReportView, commitment: Commitment) -> Iterator[_Raised]:
    """One that this period's figure says was broken."""
    last = commitment.last
    broken = last is not None and last.outcome == "broken"
    if not broken or commitment.due_now != view.data.period.key:
        return
    metric = view.data.metrics.get(commitment.goal.metric)
    if metric is None:
        return
    figure = view.figure_of(metric, commitment.goal.tier)
    yield _Raised(
        "broken commitment",
        "money" if metric.section == "earned" else "service",
        f"commitment/{commitment.number}",
        f"You meant to “{commitment.text}”, and it is {figure}. Why, and what do you do instead?",
        f"Commitment {commitment.number}",
        figure,
        ACCOUNTABILITY,
        1,
    )


def _when(view: ReportView) -> str:
    return view.formats.period(view.data.period)
