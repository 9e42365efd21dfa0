"""Proposals as frozen values, and the gate: what one must say of customers before it is decided.

Nothing here knows a file, a ledger or a clock. What is missing is told item by item, each with
the short name by which pages list it and a sentence that says what to write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from scorecard.definitions.metric import Metric
from scorecard.strategy.limits import less, orient
from scorecard.strategy.model import Stance, Strategy

Item = Literal["customers", "experience", "profit", "promise", "stance", "paid_by", "asked"]
Touch = Literal["supports strength", "exploits weakness", "changes stance"]
TOUCHES: tuple[Touch, ...] = ("supports strength", "exploits weakness", "changes stance")
BRAND = "brand"
"""The name of the promise that is not an offer's."""
ITEMS: dict[str, str] = {
    "title": "title",
    "owner": "owner",
    "customers": "which customers",
    "experience": "how their experience changes",
    "profit": "what they earn us",
    "promise": "promise touched",
    "stance": "stance touched",
    "paid_by": "who pays",
    "asked": "which customers were asked",
    "worse_off": "who is worse off",
    "review": "measure and review date",
}
"""What a proposal must say, by its key in the file, and how pages name it."""
NEVER_NA = ("title", "owner", "customers", "review")
"""Items that always apply: without them nobody could be held to anything."""
REASON_WORDS = 3
"""Words without which what follows "n/a" is no reason."""
MENDS = "mends an accepted weakness without changing it"
UNREADABLE = "cannot be read"
"""What is listed, beside the items, of a proposal that is sent back."""
ACCEPTED, SENT_BACK = "accepted for decision", "sent back to the drawing board"


@dataclass(frozen=True)
class Experience:
    """How a figure is to change for a tier, in the metric's base unit; as written, too."""

    metric: str
    tier: str
    was: float
    to: float
    written: tuple[str, str] = ("", "")

    @property
    def key(self) -> str:
        return f"{self.metric}/{self.tier}"


@dataclass(frozen=True)
class Profit:
    """By how much a customer's margin is to change in a tier: money per month, may be below zero.

    `by` is the day from which it does, `assumption` what must hold for that.
    """

    tier: str
    per_month: float
    by: date
    assumption: str
    written: str = ""


@dataclass(frozen=True)
class Inquiry:
    """Customer evidence: who was asked, and when."""

    who: str
    on: date


@dataclass(frozen=True)
class Proposal:
    """A proposal as it was read; what is missing is empty, None or 0.

    name      that of its file, without its ending
    owner     a post, an owner's id in the strategy
    promise   "brand", or the id of an offer
    stance    the stance touched, "metric/tier"
    paid_by   each source in words, as it was written
    measure   "metric/tier", whose figure is looked at on the review date
    na        reason by item, where one does not apply
    """

    name: str
    title: str = ""
    owner: str = ""
    tiers: tuple[str, ...] = ()
    niche: str = ""
    count: int = 0
    experience: tuple[Experience, ...] = ()
    profit: tuple[Profit, ...] = ()
    promise: str = ""
    stance: str = ""
    touch: Touch | Literal[""] = ""
    paid_by: tuple[str, ...] = ()
    asked: tuple[Inquiry, ...] = ()
    worse_off: str = ""
    measure: str = ""
    review_on: date | None = None
    na: tuple[tuple[str, str], ...] = ()

    def applies(self, item: str) -> bool:
        """Whether it does not say with a reason that an item does not apply."""
        return item not in dict(self.na)


@dataclass(frozen=True)
class Missing:
    """Why a proposal is sent back: the item as pages list it, and what to do, in a sentence."""

    item: str
    said: str


def reason_given(text: str) -> str | None:
    """The reason behind "n/a"; empty where none is given, None where the text is not "n/a"."""
    bare = text.strip()
    if bare[:3].casefold() != "n/a":
        return None
    reason = bare[3:].strip(" :;,.–—-")
    return reason if len(reason.split()) >= REASON_WORDS else ""


def in_order(missing: Iterable[Missing]) -> tuple[Missing, ...]:
    """What is missing in the order of the items; first what cannot be read, last what is mended."""
    order = [UNREADABLE, *ITEMS.values(), MENDS]
    return tuple(sorted(missing, key=lambda m: order.index(m.item)))


def wanting(
    proposal: Proposal,
    strategy: Strategy,
    metrics: Mapping[str, Metric],
    verdicts: Mapping[str, str],
    today: date,
) -> Iterator[Missing]:
    """What a proposal that was read without a fault still does not say, or says wrongly.

    `verdicts` has the newest verdict by stance, "metric/tier"; one that the evidence did not
    decide is none.
    """
    yield from _beside_the_point(proposal)
    yield from _wrong_days(proposal, today)
    stances = current_stances(strategy, today)
    yield from _wrong_touch(proposal, stances)
    yield from _mending(proposal, metrics, stances, verdicts)


def current_stances(strategy: Strategy, today: date) -> dict[str, Stance]:
    """By "metric/tier" the stance in force on the day."""
    return {s.key: s for s in strategy.stances if s.holds_on(today)}


def _beside_the_point(proposal: Proposal) -> Iterator[Missing]:
    """Customers who are named and get no figure, and figures of customers who are not named."""
    for item, found in (
        ("experience", [e.tier for e in proposal.experience]),
        ("profit", [p.tier for p in proposal.profit]),
    ):
        if not proposal.applies(item):
            continue
        for tier in dict.fromkeys(t for t in found if t not in proposal.tiers):
            yield Missing(
                ITEMS[item],
                f'{item} names "{tier}", which is not among the tiers of [customers]; add it '
                "there, or leave it out.",
            )
    for tier in proposal.tiers if proposal.applies("profit") else ():
        if tier not in {p.tier for p in proposal.profit}:
            yield Missing(
                ITEMS["profit"], f'No amount for "{tier}"; add a [[profit]] with tier = "{tier}".'
            )
    for profit in proposal.profit:
        if profit.per_month == 0:
            yield Missing(
                ITEMS["profit"],
                f'"{profit.written}" for "{profit.tier}" is no change; write by how much it '
                'changes, or profit = "n/a: …" with the reason.',
            )
    predicted = {e.key for e in proposal.experience}
    if predicted and proposal.measure and proposal.measure not in predicted:
        yield Missing(
            ITEMS["review"],
            f"Nothing is predicted of the measure {proposal.measure}; add an [[experience]] for "
            "it, or measure one that is predicted.",
        )
    for line in proposal.experience:
        if line.was == line.to:
            yield Missing(
                ITEMS["experience"],
                f'{line.key} is to go from "{line.written[0]}" to the same; say what changes, or '
                'experience = "n/a: …" with the reason.',
            )


def _wrong_days(proposal: Proposal, today: date) -> Iterator[Missing]:
    if proposal.review_on is not None and proposal.review_on <= today:
        yield Missing(
            ITEMS["review"], f"The review date {proposal.review_on} is over; name a day to come."
        )
    for profit in proposal.profit:
        if proposal.review_on is not None and profit.by > proposal.review_on:
            yield Missing(
                ITEMS["review"],
                f"{profit.written} is to be earned by {profit.by}, and the review is on "
                f"{proposal.review_on}; review it on that day or later.",
            )
    for inquiry in proposal.asked:
        if inquiry.on > today:
            yield Missing(
                ITEMS["asked"],
                f"{inquiry.who} are to be asked on {inquiry.on}, which is to come; ask first.",
            )


def _wrong_touch(proposal: Proposal, stances: Mapping[str, Stance]) -> Iterator[Missing]:
    wanted = {"supports strength": "strength", "exploits weakness": "weakness"}.get(proposal.touch)
    stance = stances.get(proposal.stance)
    if wanted and stance is not None and stance.kind != wanted:
        yield Missing(
            ITEMS["stance"],
            f'{proposal.stance} is a {stance.kind}, and "{proposal.touch}" needs a {wanted}; name '
            'the stance that is meant, or write effect = "changes stance".',
        )


def _mending(
    proposal: Proposal,
    metrics: Mapping[str, Metric],
    stances: Mapping[str, Stance],
    verdicts: Mapping[str, str],
) -> Iterator[Missing]:
    """Accepted weaknesses that are as accepted, and would be made better without changing them.

    Only the stance that the proposal says it changes may be: then there is a decision to take.
    """
    changed = proposal.stance if proposal.touch == "changes stance" else ""
    for line in proposal.experience:
        metric, stance = metrics[line.metric], stances.get(line.key)
        better = metric.better != "neither" and less(
            orient(metric, line.was), orient(metric, line.to)
        )
        weak = stance is not None and stance.kind == "weakness"
        as_accepted = verdicts.get(line.key) == "as accepted"
        if weak and better and as_accepted and line.key != changed:
            yield Missing(
                MENDS,
                f"{line.key} is a weakness that was accepted, and its newest verdict is as "
                f"accepted; leave it alone, or propose to change the stance: [stance] of = "
                f'"{line.key}", effect = "changes stance".',
            )
