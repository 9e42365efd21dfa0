"""Cards: what a company promises and accepts in each tier, in sentences for whoever serves it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scorecard.definitions.metric import Metric
from scorecard.documents.formats import Formats
from scorecard.documents.terms import terms
from scorecard.strategy.model import ALL, STATES, Stance, Strategy

IN_TIER = "in tier"
"""The state of a customer who is in a tier; the others are those of `STATES`."""
LEFT = "lost"
"""The state in which nothing is promised to anybody."""
EXPERIENCED = "experienced"
"""The section of metrics of what customers experience."""
BLANKS = str.maketrans("\u00a0\u202f", "  ")
"""Blanks that keep a figure beside its unit, and that other systems do not find by a blank."""


@dataclass(frozen=True)
class Said:
    """One stance on a card: "First human reply, half within", "promised 1 h or less", and the post
    of its owner. `offer` is the name of the one that it is about, if it is about one; `to_all`
    says that it is about all customers together."""

    metric: str
    label: str
    offer: str
    said: str
    post: str
    to_all: bool = False

    def __str__(self) -> str:
        about = f", {self.offer}" if self.offer else ""
        whom = ", all customers" if self.to_all else ""
        return f"{self.label}{about}{whom}: {self.said} ({self.post})"


@dataclass(frozen=True)
class Card:
    """What is said of everybody in a tier or state; `tier` and `label` are empty in a state.

    promises, accepts  the stances in force, by importance, those without a rank last
    """

    tier: str
    label: str
    state: str
    promises: tuple[Said, ...] = ()
    accepts: tuple[Said, ...] = ()

    @property
    def promised(self) -> str:
        return _sentence(self.promises)

    @property
    def accepted(self) -> str:
        return _sentence(self.accepts)


def cards(
    strategy: Strategy,
    metrics: Mapping[str, Metric],
    stances: Iterable[Stance],
    formats: Formats,
    *,
    every: bool = False,
) -> dict[str, Card]:
    """The card of every tier and state by its id, the best tier first.

    They have what customers experience; with `every` stance also what they do and what is earned
    with them, which is nothing for whoever serves them. A stance on all customers is on each card
    but that of who is lost.
    """
    wanted = {name for name, metric in metrics.items() if metric.section == EXPERIENCED}
    stances = [s for s in stances if every or s.metric in wanted]
    chosen = sorted(stances, key=lambda s: (s.importance or 1_000, s.key, s.offer))
    found = {
        tier.id: _card(Card(tier.id, tier.label, IN_TIER), chosen, strategy, metrics, formats)
        for tier in strategy.plan.tiers
    }
    for state in STATES:
        found[state] = _card(Card("", "", state), chosen, strategy, metrics, formats)
    return found


def _card(
    empty: Card,
    chosen: Sequence[Stance],
    strategy: Strategy,
    metrics: Mapping[str, Metric],
    formats: Formats,
) -> Card:
    about = {empty.tier, ALL} if empty.state != LEFT else set[str]()
    said: dict[str, list[Said]] = {"strength": [], "weakness": []}
    for stance in chosen:
        if stance.tier in about:
            said[stance.kind].append(_said(stance, strategy, metrics.get(stance.metric), formats))
    promises, accepts = tuple(said["strength"]), tuple(said["weakness"])
    return Card(empty.tier, empty.label, empty.state, promises, accepts)


def _said(stance: Stance, strategy: Strategy, metric: Metric | None, formats: Formats) -> Said:
    """A stance whose metric is gone says its limits as they were written."""
    owner = strategy.owner(stance.owner)
    offer = next((o.name for o in strategy.offers if o.id == stance.offer), stance.offer)
    if metric is None:
        verb = "promised" if stance.kind == "strength" else "accepted"
        words = f"{verb} {' to '.join(w for w in stance.written if w)}"
    else:
        words = terms(formats, metric, stance)
    return Said(
        stance.metric,
        metric.label if metric else stance.metric,
        offer,
        words.translate(BLANKS),
        owner.role if owner and owner.role else stance.owner,
        stance.tier == ALL,
    )


def _sentence(said: Sequence[Said]) -> str:
    return "; ".join(map(str, said)) + "." if said else ""
