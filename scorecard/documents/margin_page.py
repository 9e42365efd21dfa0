"""The customer margin page: a bridge per tier, the whale curve, and how margin is defined."""

from __future__ import annotations

from collections.abc import Iterator

from scorecard.documents import sentences
from scorecard.documents.formats import DASH, LARGE
from scorecard.documents.grammar import listed, plural
from scorecard.documents.model import Table
from scorecard.documents.packet_model import Bridge, BridgeStep, MarginPage, Whale
from scorecard.documents.view import ReportView
from scorecard.judging.margin_known import KNOWLEDGE
from scorecard.measuring.earnings import GONE, LATER, Earned, WhaleCurve
from scorecard.measuring.observed import NOBODY
from scorecard.measuring.recognition import Recognition
from scorecard.strategy.model import ALL

COSTS = (
    ("acquire", "Cost to acquire"),
    ("deliver", "Deliver"),
    ("support", "Support"),
    ("service", "Failure service"),
)
STATES = {
    "new": "New in the period",
    "lost": "Gone before it",
    LATER: "Came later",
    "unrated": "Without a tier",
    NOBODY: "No known customer",
}

RECOGNISED = "recognised over the days that it was paid for where these are known, else as invoiced"
INVOICED = "as invoiced"
UNCOUNTED = (NOBODY, GONE, LATER)
"""States of money that is in no figure per customer."""
PRINTED = ("customer_revenue", KNOWLEDGE)
"""Metrics that the page is made of; where margin is known, those below besides."""
PRINTED_OF_MARGIN = (
    *("customer_margin", "cost_to_acquire", "cost_to_serve", "margin_rate"),
    *("negative_margin_share", "whale_peak"),
)


def printed_on(page: MarginPage | None) -> tuple[str, ...]:
    """The metrics of which the page prints figures."""
    if page is None:
        return ()
    return (*PRINTED, *PRINTED_OF_MARGIN) if page.bridges else PRINTED


def margin_page(view: ReportView) -> MarginPage | None:
    """The page; where margin is not known it says why, and shows revenue instead. None where
    revenue is not known either."""
    if not view.data.earned:
        return None
    unknown = _why_unknown(view)
    known = not unknown  # of all together; single tiers may be unknown still
    return MarginPage(
        sentence=sentences.margin(view),
        unknown=unknown,
        bridges=_bridges(view) if known else (),
        table=_table(view, known),
        whale=_whale(view, view.data.curve) if known and view.data.curve else None,
        basis=_basis(view),
    )


def _why_unknown(view: ReportView) -> str:
    if not view.margin_unknown(ALL):
        return ""
    revenue = view.data.earned.get(ALL)
    if revenue is None or not revenue.revenue:
        return "No tier can be called profitable or unprofitable."
    known = [view.label(t) for t in view.tiers if not view.margin_unknown(t)]
    if known and not view.data.margin_unknown:
        return (
            "Revenue is known; of too much of it, what it takes to win and to serve these "
            f"customers is not. The stance map has the margin of {listed(known)}, where it is."
        )
    return (
        "Revenue is known; what it takes to win and to serve these customers is not, so no tier "
        "can be called profitable or unprofitable."
    )


def _bridges(view: ReportView) -> tuple[Bridge, ...]:
    """One bridge per tier, also for one without customers, all with the same decimals."""
    nothing = (0, 0.0, 0.0, 0.0, 0.0, 0.0, 0)
    found = [view.data.earned.get(t, Earned(t, *nothing)) for t in view.tiers]
    largest = max((abs(e.revenue) / e.customers for e in found if e.customers), default=0.0)
    cents = 0 if largest >= LARGE else 2
    return tuple(_bridge(view, own, cents) for own in found)


def _bridge(view: ReportView, own: Earned, cents: int) -> Bridge:
    """The tier's bridge; of one whose margin is not known no more than the revenue."""
    f, n = view.formats, own.customers
    known = not view.margin_unknown(own.tier)
    served = n if known else 0

    def step(label: str, amount: float, customers: int = served, total: bool = False) -> BridgeStep:
        return _step(view, label, amount, customers, cents, own.revenue, total)

    steps = [step("Revenue", own.revenue, n, True)]
    steps += [step(label, -getattr(own, part)) for part, label in COSTS]
    steps.append(step("Customer margin", own.margin, total=True))
    phrases = "; ".join(f"{s.label} {s.text}{f' ({s.share})' if s.share else ''}" for s in steps)
    counted = f"{f.count(n)} {plural(n, 'customer')}"
    return Bridge(
        tier=view.label(own.tier),
        customers=counted if known else f"{counted}, margin not known",
        steps=tuple(steps),
        margin_rate=f.percent(own.margin / own.revenue) if known and own.revenue > 0 else DASH,
        negative_share=f.percent(own.negative / n, 1) if served else DASH,
        alt=f"From revenue to margin per customer, {view.label(own.tier)}: {phrases}.",
    )


def _step(
    view: ReportView,
    label: str,
    amount: float,
    customers: int,
    cents: int,
    revenue: float,
    total: bool = False,
) -> BridgeStep:
    if not customers:
        return BridgeStep(label, 0.0, DASH, total)
    each, f = amount / customers, view.formats
    share = f.percent(amount / revenue) if revenue > 0 else ""
    return BridgeStep(label, each, f.decimal(each, cents), total, share)


def _table(view: ReportView, known: bool) -> Table | None:
    """Total amounts by tier and state, so that each column adds up to the books."""
    m, f = view.data, view.formats
    if not m.earned:
        return None
    states = [t for t in STATES if t in m.earned]
    order = [*(t for t in view.tiers if t in m.earned), *states, ALL]
    columns = ["", "customers", "revenue"]
    if known:
        columns += ["cost to acquire", "cost to serve", "margin", "of margin"]
    whole = m.earned[ALL].margin
    rows = []
    for tier in order:
        own = m.earned[tier]
        label = STATES.get(tier) or view.label(tier)
        uncounted = tier in UNCOUNTED and not own.customers
        counted = DASH if uncounted else f.count(own.customers)
        row = [label, counted, f.decimal(own.revenue, 0)]
        if known and tier != NOBODY and view.margin_unknown(tier):
            row += [DASH] * 4
        elif known:
            served = own.deliver + own.support + own.service
            share = f.percent(own.margin / whole) if whole > 0 else DASH
            row += [f.decimal(amount, 0) for amount in (own.acquire, served, own.margin)]
            row.append(share)
        rows.append(tuple(row))
    caption = f"{view.so_far or 'The whole'} of {f.period(m.period)}, {f.currency}"
    numeric = (False, *(True for _ in columns[1:]))
    return Table(caption, tuple(columns), tuple(rows), numeric, last_is_total=True)


def _whale(view: ReportView, curve: WhaleCurve) -> Whale:
    f = view.formats
    losers = view.data.earned[ALL].negative
    take = "takes" if losers == 1 else "take"
    lost = f"{f.count(losers)} with a negative margin {take} {f.money(-curve.lost, 0)} away again"
    if not losers:
        lost = "nobody takes any away"
    if curve.total <= 0:
        return Whale((), None, None, "Total margin is not positive", lost, "No whale curve.")
    points = tuple((round(x, 6), round(y / curve.total, 6)) for x, y in curve.points)
    peak, at = curve.top / curve.total, curve.profitable / curve.customers
    base = f"the margin of all known customers, {f.money(curve.total, 0)}"
    text = f"The most profitable {f.percent(at)} of customers earn {f.percent(peak)} of {base}"
    if curve.profitable == curve.customers:
        text = f"Every customer adds to {base}"
    return Whale(
        points,
        round(peak, 6),
        round(at, 6),
        text,
        lost,
        f"Whale curve: at {f.percent(at)} of customers cumulative margin has risen to "
        f"{f.percent(peak)} of {base}; then it falls to 100 %.",
    )


def _counted(view: ReportView) -> Iterator[str]:
    """Whether revenue is as invoiced or recognised, and what that moves between periods."""
    m, f, moved = view.data, view.formats, view.data.recognition or Recognition()
    how = RECOGNISED if moved.spread else INVOICED
    if view.margin_unknown(ALL):
        yield f"Revenue is {how}."
    else:
        yield (
            f"Customer margin is all revenue, {how}, less the cost to acquire and to serve. The "
            f"cost to acquire counts {m.acquisition}."
        )
    if moved.at_sale:
        lone = [
            f"{f.count(n)} {what} ({f.money(-amount, 0)})"
            for (n, amount), what in (
                (moved.unknown, "of a sale that is not there"),
                (moved.nameless, "without one"),
            )
            if n
        ]
        booked = f"; as booked: {listed(lone)}" if lone else ""
        yield f"Credits and refunds count on the days of their sale{booked}."
    if moved.left or moved.entered:
        yield (
            f"{f.money(moved.left, 0)} booked in the period count in others, and "
            f"{f.money(moved.entered, 0)} booked in others count in it; of all that was booked by "
            f"its end {f.money(moved.later, 0)} are still to count."
        )


def _basis(view: ReportView) -> tuple[str, ...]:
    m, f = view.data, view.formats
    lines = [*_counted(view)]
    known = view.result(KNOWLEDGE, ALL)
    if known is not None and known.estimate.value is not None and not view.margin_unknown(ALL):
        lines.append(f"Margin is known for {f.percent(known.estimate.value, 1)} of revenue.")
        lines += [
            f"{view.label(t)}: {view.margin_unknown(t)}; all customers together include it."
            for t in view.tiers
            if view.margin_unknown(t)
        ]
    outside = m.outside
    whole = m.earned.get(ALL)
    if outside is not None and whole is not None:
        if outside.unattributed:
            share = f.percent(outside.unattributed / whole.revenue, 1) if whole.revenue else DASH
            amount = f.money(outside.unattributed, 0)
            lines.append(f"{amount} of revenue ({share}) belongs to no known customer.")
        parts = [
            (outside.unallocated, "of cost to serve could be put on no customer"),
            (outside.unwon, "of cost to acquire fell into a month in which nobody was won"),
            (outside.unused, "went into capacity that nobody used"),
            (outside.discretionary, "was discretionary spend"),
        ]
        said = [f"{f.money(amount, 0)} {what}" for amount, what in parts if amount]
        if said:
            lines.append(f"Outside the margins: {'; '.join(said)}.")
    return tuple(lines)
