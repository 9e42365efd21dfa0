"""Recognition: what of a period's revenue was booked in others, and what of its bookings counts in
others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ibis import _

from scorecard.base.periods import Period
from scorecard.facts.currency import EXACT
from scorecard.facts.tables import Facts
from scorecard.facts.window import OpenWindow, Window
from scorecard.tiers.margin import booked, is_lifetime
from scorecard.tiers.revenue import (
    brought,
    credits_without_sale,
    elsewhere,
    is_as_booked,
    spreads,
)

NONE = (0, 0.0)
"""No rows, of no amount."""


@dataclass(frozen=True)
class Recognition:
    """On which days the revenue of a period counts, and what that moves between periods.

    spread    whether days that were paid for are known, and wanted; else revenue is as invoiced
    at_sale   whether credits and refunds are to count on the days of their sale
    left      booked in the period, and counted in others
    entered   booked in other periods, and counted in this one
    later     booked by the period's end, and still to count after it
    nameless  credits and refunds of the period that name no sale; `unknown`, that name one which
              is not there; both count on their booking day, with the amounts
    """

    spread: bool = False
    at_sale: bool = False
    left: float = 0.0
    entered: float = 0.0
    later: float = 0.0
    nameless: tuple[int, float] = NONE
    unknown: tuple[int, float] = NONE


def recognition(facts: Facts, period: Period) -> Recognition:
    """How revenue counts in a period; in mode "lifetime" of acquisition, up to its end."""
    window = Window.of(period, 0)
    first = None if is_lifetime(facts) else window.first
    inside = booked(facts, window)
    at_sale = facts.options.credits == "sale" and facts.has("transactions")
    lone = _lone(facts, inside) if at_sale else {}
    counted = Recognition(
        at_sale=at_sale, nameless=lone.get("nameless", NONE), unknown=lone.get("unknown", NONE)
    )
    if is_as_booked(facts):
        return counted
    rows = elsewhere(facts)
    part = brought(rows, first, window.after)
    known = rows.event_on < window.after
    sums = {
        "left": (rows.amount - part).cast(EXACT).sum(where=inside(rows.event_on)),
        "entered": part.sum(where=~inside(rows.event_on)),
        "later": (rows.amount - brought(rows, None, window.after)).cast(EXACT).sum(where=known),
    }
    many = rows.count(where=rows.ended > rows.began)
    found = facts.answer(rows.agg(many=many, **sums))[0]
    return replace(
        counted,
        spread=spreads(facts) and bool(found["many"]),
        left=float(found["left"] or 0),
        entered=float(found["entered"] or 0),
        later=float(found["later"] or 0),
    )


def _lone(facts: Facts, inside: Any) -> dict[str, tuple[int, float]]:
    lone = credits_without_sale(facts, inside)
    rows = facts.answer(lone.group_by("named").agg(n=_.count(), amount=_.amount.sum()))
    return {
        "unknown" if row["named"] else "nameless": (int(row["n"]), float(row["amount"] or 0))
        for row in rows
    }


def counts_in(facts: Facts, window: Window) -> bool:
    """Whether anything counts in a window that was booked for its days, whenever that was."""
    if is_as_booked(facts):
        return False
    days = OpenWindow("period", window.period.kind)
    asked = facts.statement(("counts in", days), lambda: _counted(facts, days))
    return bool(facts.asked(asked, days.values(window))[0]["n"])


def _counted(facts: Facts, days: OpenWindow) -> Any:
    rows = elsewhere(facts)
    return rows.agg(n=rows.count(where=(rows.began < days.after) & (rows.stop >= days.first)))
