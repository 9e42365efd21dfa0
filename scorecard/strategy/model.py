"""The strategy: what a company chose, as frozen values, which strategy.reader reads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

StanceKind = Literal["strength", "weakness"]
TierMethod = Literal["declared", "margin_percentile", "rfm"]
STATES = ("new", "lost", "unrated", "unattributed")
"""States that a customer can be in instead of a tier; there are no stances on them."""
ALL = "all"
"""The name of all customers together, beside the tiers."""


@dataclass(frozen=True)
class PriceEvidence:
    """One piece of willingness-to-pay evidence: what was paid, quoted, tried or said."""

    kind: Literal["price paid", "accepted quote", "experiment", "stated"]
    amount: str
    on: date


@dataclass(frozen=True)
class Tier:
    """A stratum of customers by value potential; the best tier comes first.

    `boundary` is the lowest score that belongs to it (None for the last tier,
    or while `share` is turned into a boundary at the yearly review).
    """

    id: str
    label: str
    share: float | None = None
    boundary: float | None = None
    needs: str = ""
    alternatives: str = ""
    willingness_to_pay: tuple[PriceEvidence, ...] = ()


@dataclass(frozen=True)
class TierPlan:
    """How customers are put into tiers.

    window    months of facts that a score is made of
    history   months of facts without which nobody is rated
    buffer    share of a boundary by which a score must pass it to change tier
    since     first month of tiers, "2024-01"; empty: that after the first fact
    """

    method: TierMethod
    tiers: tuple[Tier, ...]
    window: int = 12
    history: int = 12
    buffer: float = 0.05
    since: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(t.id for t in self.tiers)

    def label(self, tier: str) -> str:
        """The printed name of a tier or state."""
        return next((t.label for t in self.tiers if t.id == tier), tier.capitalize())


@dataclass(frozen=True)
class Team:
    """Owners who review their stances together. `lead` is the id of an owner or executive."""

    id: str
    name: str
    lead: str = ""


@dataclass(frozen=True)
class Owner:
    """One named person who answers for stances: from `since` on, and before `until`.

    `deputy` is the id of the owner who answers outside of these days.
    """

    id: str
    name: str
    role: str
    team: str
    purpose: str
    email: str = ""
    deputy: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Executive:
    """One named person who gets the packet: from `since` on, and before `until`.

    `deputy` is the id of the executive or owner who gets it outside of these days.
    """

    id: str
    name: str
    role: str
    email: str = ""
    deputy: str = ""
    since: date | None = None
    until: date | None = None


Person = Owner | Executive


@dataclass(frozen=True)
class Funding:
    """One source that pays for a strength.

    kind "weakness" refers to a stance by `metric/tier`; the others (charge,
    cost_cut, later_saving, customer_work) are named in words.
    """

    kind: Literal["charge", "cost_cut", "later_saving", "customer_work", "weakness"]
    ref: str
    amount: str = ""


@dataclass(frozen=True)
class Stance:
    """The choice for a metric in a tier: a strength or a weakness, and its limits.

    `at_worst` and `at_best` are in the metric's base unit and in its own
    direction: for a metric where lower is better, at_worst is the larger.
    `declared` is the day it was decided, `effective` the first day it is in
    force, `until` the first on which it no longer is. On `review_on` it is to be
    chosen anew: that is the last day on which it holds. `written` keeps the
    limits as the file has them.

    Its money, each an amount as written, "6000 EUR/month", or empty: a weakness `releases` it, a
    strength `costs` it. `pool` names the cost pools in which it is found, and `baseline` is what
    these cost in the tier before.
    """

    metric: str
    tier: str
    kind: StanceKind
    owner: str
    at_worst: float | None
    at_best: float | None
    importance: int
    declared: date
    effective: date
    approved_by: str
    trade_off: str
    until: date | None = None
    review_on: date | None = None
    funded_by: tuple[Funding, ...] = ()
    funds: tuple[str, ...] = ()
    releases: str = ""
    costs: str = ""
    pool: tuple[str, ...] = ()
    baseline: str = ""
    evidence: Literal["", "sample", "census"] = ""
    usual_n: int | None = None
    offer: str = ""
    written: tuple[str, str] = ("", "")
    line: int = 0

    @property
    def key(self) -> str:
        """`metric/tier`, by which stances refer to each other."""
        return f"{self.metric}/{self.tier}"

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on that day."""
        return self.effective <= day and (self.ends is None or day < self.ends)

    @property
    def ends(self) -> date | None:
        """The first day on which it is in force no longer; None where it has no end.

        A stance that is neither renewed nor removed by then is no decision from that day on.
        """
        reviewed = self.review_on + timedelta(days=1) if self.review_on else None
        return min((d for d in (self.until, reviewed) if d is not None), default=None)

    def ending(self, said: Callable[[date], str] = str) -> str:
        """ "ends on 2026-12-01", "holds until its review on 2027-03-31", "has no end any more"."""
        if self.review_on is not None and (self.until is None or self.ends != self.until):
            return f"holds until its review on {said(self.review_on)}"
        return f"ends on {said(self.until)}" if self.until else "has no end any more"


@dataclass(frozen=True)
class Card:
    """The five answers for the brand or for one offer; empty text is unanswered."""

    id: str
    name: str
    promise: str = ""
    problem: str = ""
    niches: str = ""
    ideal_customer: str = ""
    offers: str = ""

    @property
    def answered(self) -> int:
        """How many of the five are answered."""
        five = (self.promise, self.problem, self.niches, self.ideal_customer, self.offers)
        return sum(bool(a.strip()) for a in five)


@dataclass(frozen=True)
class Waiver:
    """A lint set aside by name: which one, on what, why, and who said so."""

    lint: str
    on: str
    reason: str
    by: str


@dataclass(frozen=True)
class BaselineStart:
    """A day from which the natural limits of a metric are made anew, why, and who said so.

    `tier` is empty where it holds for all customers and every tier and state.
    """

    metric: str
    tier: str
    day: date
    reason: str
    by: str


@dataclass(frozen=True)
class Strategy:
    """The whole of strategy.toml. `non_negotiable` are metric names.

    No owner has the id of an executive.
    """

    plan: TierPlan
    teams: tuple[Team, ...] = ()
    owners: tuple[Owner, ...] = ()
    stances: tuple[Stance, ...] = ()
    brand: Card | None = None
    offers: tuple[Card, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    non_negotiable: tuple[str, ...] = ()
    must_be: tuple[str, ...] = ()
    channels: tuple[tuple[str, str], ...] = field(default=())
    executives: tuple[Executive, ...] = ()
    baselines: tuple[BaselineStart, ...] = ()

    def owner(self, id: str) -> Owner | None:
        return self._owners.get(id)

    def person(self, id: str) -> Person | None:
        """The owner or executive of that id."""
        return self._owners.get(id) or self._executives.get(id)

    def team(self, id: str) -> Team | None:
        return self._teams.get(id)

    def owners_in(self, team: str) -> tuple[Owner, ...]:
        """The owners of the team of that id, as declared."""
        return self._members.get(team, ())

    @property
    def owner_ids(self) -> Collection[str]:
        return self._owners.keys()

    @cached_property
    def offer_ids(self) -> Collection[str]:
        return dict.fromkeys(o.id for o in self.offers).keys()

    @cached_property
    def _owners(self) -> Mapping[str, Owner]:
        return {o.id: o for o in self.owners}

    @cached_property
    def _executives(self) -> Mapping[str, Executive]:
        return {e.id: e for e in self.executives}

    @cached_property
    def _teams(self) -> Mapping[str, Team]:
        return {t.id: t for t in self.teams}

    @cached_property
    def _members(self) -> Mapping[str, tuple[Owner, ...]]:
        found: dict[str, list[Owner]] = {}
        for owner in self.owners:
            found.setdefault(owner.team, []).append(owner)
        return {team: tuple(members) for team, members in found.items()}
