"""Customer math: who was here, who came, moved and left, and who is here now, by tier.

    open + new + won back + moved in − moved out − lost = close

in customers, and the same in money with the growth of those who stayed. Both
sides are read from frozen tiers: those of the period and those of the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.base.periods import Period
from scorecard.facts.currency import AMOUNT, EXACT
from scorecard.facts.tables import Facts
from scorecard.facts.window import Window
from scorecard.tiers.assignment import Tiers

GONE = ("lost",)
AHEAD = ("new",)


@dataclass(frozen=True)
class Move:
    """Customers that went from one tier or state to another, and their money at both ends."""

    before: str
    after: str
    customers: int
    opening: float
    closing: float


@dataclass(frozen=True)
class Account:
    """One tier's account. `growth` is zero in customers."""

    tier: str
    opening: float
    new: float
    won_back: float
    moved_in: float
    moved_out: float
    lost: float
    growth: float
    closing: float

    @property
    def balances(self) -> bool:
        """Whether the parts lead from the opening to the closing, to a hundredth."""
        parts = self.opening + self.new + self.won_back + self.moved_in - self.moved_out
        return abs(parts - self.lost + self.growth - self.closing) < 0.005


def moves(facts: Facts, tiers: Tiers, period: Period) -> list[Move]:
    """Every move between tiers and states over a period.

    Money is the recurring amount per month as the period opens and closes, at
    the opening's exchange rates; without contracts it is the revenue of the
    period before and of this one, and without transactions nothing. Needs the next
    period's snapshot.
    """
    before = tiers.assigned(period).select("customer_id", before="tier")
    after = tiers.assigned(period.next()).select("customer_id", after="tier")
    both = before.left_join(after, "customer_id").drop("customer_id_right")
    opening, closing = _worth(facts, period)
    both = both.left_join(opening.rename(opening="amount"), "customer_id").drop("customer_id_right")
    both = both.left_join(closing.rename(closing="amount"), "customer_id").drop("customer_id_right")
    grouped = both.group_by("before", "after").agg(
        customers=_.count(),
        opening=_.opening.cast(EXACT).sum(),
        closing=_.closing.cast(EXACT).sum(),
    )
    return sorted(
        (
            Move(
                r["before"],
                r["after"],
                int(r["customers"]),
                float(r["opening"] or 0),
                float(r["closing"] or 0),
            )
            for r in facts.answer(grouped)
        ),
        key=lambda m: (m.before, m.after),
    )


def _worth(facts: Facts, period: Period) -> tuple[ir.Table, ir.Table]:
    if facts.has("contracts"):
        return (
            facts.recurring(period.first, rates_of=period.first),
            facts.recurring(period.after, rates_of=period.first),
        )
    return _bought(facts, period.previous()), _bought(facts, period)


def _bought(facts: Facts, period: Period) -> ir.Table:
    if not facts.has("transactions"):
        nobody = facts.customers.filter(ibis.literal(False))
        return nobody.select("customer_id", amount=ibis.null(AMOUNT))
    t = facts.transactions
    inside = t.filter(Window.of(period, 0).holds(t.event_on) & t.customer_id.notnull())
    return inside.group_by("customer_id").agg(amount=_.net_amount.sum())


def counts(all_moves: Iterable[Move], tiers: Iterable[str]) -> list[Account]:
    """The account of each tier in customers; `unrated` follows where it occurs."""
    return _accounts([(m, float(m.customers), float(m.customers)) for m in all_moves], tiers)


def money(all_moves: Iterable[Move], tiers: Iterable[str]) -> list[Account]:
    """The account of each tier in money."""
    return _accounts([(m, m.opening, m.closing) for m in all_moves], tiers)


def _accounts(worth: list[tuple[Move, float, float]], tiers: Iterable[str]) -> list[Account]:
    names = list(tiers)
    if any("unrated" in (m.before, m.after) for m, _o, _c in worth):
        names.append("unrated")
    return [_account(tier, worth) for tier in names]


def _account(tier: str, worth: list[tuple[Move, float, float]]) -> Account:
    came = [(m, o, c) for m, o, c in worth if m.after == tier and m.before != tier]
    went = [(m, o, c) for m, o, c in worth if m.before == tier and m.after != tier]
    stayed = [(m, o, c) for m, o, c in worth if m.before == tier == m.after]
    moved_in = [(o, c) for m, o, c in came if m.before not in (*GONE, *AHEAD)]
    return Account(
        tier=tier,
        opening=sum(o for m, o, _c in worth if m.before == tier),
        new=sum(c for m, _o, c in came if m.before in AHEAD),
        won_back=sum(c for m, _o, c in came if m.before in GONE),
        moved_in=sum(o for o, _c in moved_in),
        moved_out=sum(o for m, o, _c in went if m.after not in GONE),
        lost=sum(o for m, o, _c in went if m.after in GONE),
        growth=sum(c - o for _m, o, c in stayed) + sum(c - o for o, c in moved_in),
        closing=sum(c for m, _o, c in worth if m.after == tier),
    )


def total(accounts: Iterable[Account]) -> Account:
    """All tiers together; moves between them cancel out only over all of them."""
    kept = list(accounts)
    fields = (
        "opening",
        "new",
        "won_back",
        "moved_in",
        "moved_out",
        "lost",
        "growth",
        "closing",
    )
    return Account("all", **{f: sum(getattr(a, f) for a in kept) for f in fields})


def reasons(facts: Facts, tiers: Tiers, period: Period) -> list[tuple[str, str, int]]:
    """(reason, tier, customers) of those lost in the period, most frequent reason first."""
    c = facts.customers
    lost = c.filter(c.closed_on.notnull() & Window.of(period, 0).holds(c.closed_on))
    held = tiers.assigned(period).select("customer_id", "tier")
    joined = lost.select(
        "customer_id", reason=ibis.coalesce(lost.closed_reason, "no reason recorded")
    ).join(held, "customer_id")
    grouped = joined.group_by("reason", "tier").agg(customers=_.count())
    found = [(r["reason"], r["tier"], int(r["customers"])) for r in facts.answer(grouped)]
    size: dict[str, int] = {}
    for reason, _tier, customers in found:
        size[reason] = size.get(reason, 0) + customers
    return sorted(found, key=lambda r: (-size[r[0]], r[0], r[1]))
