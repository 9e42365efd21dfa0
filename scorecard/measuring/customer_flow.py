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
from scorecard.facts.stays import here_on, here_within
from scorecard.facts.tables import Facts
from scorecard.facts.window import Window
from scorecard.tiers.assignment import Tiers
from scorecard.tiers.revenue import revenue

GONE = ("lost",)
LOSSES = "customers.closed_on or contracts.end_on"
"""What tells that a customer left; one of these is enough."""
PASSING = "new"
"""Who came and left within the period, and was in no tier: in an account of their own."""


@dataclass(frozen=True)
class Move:
    """Customers that went from one tier or state to another, and their money at both ends.

    `came`: in the period; `before` is then the tier sold to them, or "new".
    """

    before: str
    after: str
    customers: int
    opening: float
    closing: float
    came: bool = False

    @property
    def starts_in(self) -> str:
        """The tier or state that has them as the period opens; empty where none has."""
        return "" if self.came else self.before

    @property
    def arrives_in(self) -> str:
        """The tier that they are counted into as they come; empty for those who were there."""
        if not self.came:
            return ""
        return self.before if self.after in GONE else self.after


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
    before = tiers.assigned(period, "event").filter(_.acquired_on < period.after)
    before = before.select("customer_id", before=_.tier, came=_.acquired_on >= period.first)
    after = tiers.assigned(period.next()).select("customer_id", after="tier")
    both = before.left_join(after, "customer_id").drop("customer_id_right")
    opening, closing = _worth(facts, period)
    both = both.left_join(opening.rename(opening="amount"), "customer_id").drop("customer_id_right")
    both = both.left_join(closing.rename(closing="amount"), "customer_id").drop("customer_id_right")
    grouped = both.group_by("before", "after", "came").agg(
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
                bool(r["came"]),
            )
            for r in facts.answer(grouped)
        ),
        key=lambda m: (m.before, m.after, m.came),
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
    span = Window.of(period, 0)
    theirs = revenue(facts, span.first, span.after).filter(_.customer_id.notnull())
    return theirs.group_by("customer_id").agg(amount=_.revenue.sum())


def counts(all_moves: Iterable[Move], tiers: Iterable[str]) -> list[Account]:
    """The account of each tier in customers; `unrated` follows where it occurs."""
    return _accounts([(m, float(m.customers), float(m.customers)) for m in all_moves], tiers)


def money(all_moves: Iterable[Move], tiers: Iterable[str]) -> list[Account]:
    """The account of each tier in money."""
    return _accounts([(m, m.opening, m.closing) for m in all_moves], tiers)


def _accounts(worth: list[tuple[Move, float, float]], tiers: Iterable[str]) -> list[Account]:
    names = list(tiers)
    if any("unrated" in (m.starts_in, m.arrives_in, m.after) for m, _o, _c in worth):
        names.append("unrated")
    if any(m.arrives_in == PASSING for m, _o, _c in worth):
        names.append(PASSING)
    return [_account(tier, worth) for tier in names]


def _account(tier: str, worth: list[tuple[Move, float, float]]) -> Account:
    came = [(m, c) for m, _o, c in worth if m.arrives_in == tier]
    went = [(m, o) for m, o, _c in worth if m.starts_in == tier and m.after != tier]
    stayed = [(o, c) for m, o, c in worth if m.starts_in == tier == m.after]
    others = [(m, o, c) for m, o, c in worth if m.after == tier and m.starts_in not in ("", tier)]
    moved_in = [(o, c) for m, o, c in others if m.before not in GONE]
    passed = [(m, c) for m, c in came if m.after in GONE]
    return Account(
        tier=tier,
        opening=sum(o for m, o, _c in worth if m.starts_in == tier),
        new=sum(c for _m, c in came),
        won_back=sum(c for m, _o, c in others if m.before in GONE),
        moved_in=sum(o for o, _c in moved_in),
        moved_out=sum(o for m, o in went if m.after not in GONE),
        lost=sum(o for m, o in went if m.after in GONE) + sum(c for _m, c in passed),
        growth=sum(c - o for o, c in stayed) + sum(c - o for o, c in moved_in),
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
    """(reason, tier, customers) of those lost in the period, most frequent reason first.

    Lost are those who were here at some time in the period and are not as it ends, as in the
    customer math. The reason is the customer's, or else that of the contract that ended last.
    """
    span = Window.of(period, 0)
    here = here_within(facts.stays(), span.first, span.after)
    still = here_on(facts.stays(), span.after).select(there="customer_id").distinct()
    lost = here.select("customer_id").distinct().anti_join(still, [("customer_id", "there")])
    held = tiers.assigned(period, "event").select("customer_id", "tier")
    joined = lost.join(held, "customer_id").left_join(_why(facts, span), "customer_id")
    reason = ibis.coalesce(joined.reason, "no reason recorded")
    grouped = joined.group_by(reason=reason, tier=joined.tier).agg(customers=_.count())
    found = [(r["reason"], r["tier"], int(r["customers"])) for r in facts.answer(grouped)]
    size: dict[str, int] = {}
    for text, _tier, customers in found:
        size[text] = size.get(text, 0) + customers
    return sorted(found, key=lambda r: (-size[r[0]], r[0], r[1]))


def _why(facts: Facts, span: Window) -> ir.Table:
    """Why customers left, by customer: customer_id, reason; empty where nobody wrote it down."""
    c = facts.customers.group_by("customer_id").agg(own=_.closed_reason.max())
    if not facts.has("contracts.reason"):
        return c.select("customer_id", reason=c.own)
    ended = facts.contracts.filter(_.end_on.notnull() & (_.end_on < span.after))
    order = ibis.window(group_by="customer_id", order_by=[ibis.desc("end_on"), "reason"])
    last = ended.mutate(place=ibis.row_number().over(order)).filter(_.place == 0)
    joined = c.left_join(last.select("customer_id", "reason"), "customer_id")
    return joined.select("customer_id", reason=ibis.coalesce(joined.own, joined.reason))
