"""Rules on tiers: customers in no tier or in two, by their snapshots or by their sold tier."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from scorecard.base.findings import Finding
from scorecard.base.periods import Period
from scorecard.errors import FactsError, did_you_mean
from scorecard.quality.rules import Count, quoted
from scorecard.tiers.assignment import Tiers

PLACE = "facts.customers.tier"
NEEDED = {"margin_percentile": ("transactions", "costs"), "rfm": ("transactions",)}
"""The tables that the methods which compute tiers do so from."""


def renamed(tiers: Tiers) -> Iterator[Finding]:
    """Tiers of snapshots that the strategy no longer has, and snapshots that have a customer twice;
    each holds a run back."""
    if tiers.tables and (why := tiers.tables.forbidden()):
        yield Finding("tiers.unwritable", "blocking", tiers.tables.where, f"{why}.")
    try:
        strangers, repeated = tiers.strangers(), tiers.repeated()
    except FactsError as error:
        place, _, message = str(error).partition(": ")
        yield Finding("tiers.unreadable", "blocking", place, message)
        return
    for tier, periods in strangers.items():
        day = Period.parse(periods[-1], "UTC").first
        more = f" and {Count(len(periods) - 1):earlier day|earlier days}" if periods[1:] else ""
        yield Finding(
            "tiers.renamed",
            "blocking",
            tiers.kept.place(periods[-1]),
            f'customers were frozen in tier "{tier}" on {day}{more}, but strategy.toml has no such '
            "tier, so their figures would be lost.",
            f'Give the tier its id "{tier}" again (its label may change at any time), or move '
            f"{tiers.kept.where} away: everybody is then put into the present tiers from today's "
            "facts.",
        )
    for period, customer in list(repeated.items())[:1]:
        yield Finding(
            "tiers.repeated",
            "blocking",
            tiers.kept.place(period),
            f"the snapshot holds a customer more than once, for example {quoted(customer)}, so "
            "that its figures would count twice; it was frozen from facts that repeated one.",
            f"Remove it and every later one from {tiers.kept.where}: they are frozen again from "
            "today's facts.",
        )


def declared(tiers: Tiers, today: date) -> Iterator[Finding]:
    """Customers whose sold tier is empty or unknown, where the method of tiers is "declared"."""
    facts, plan = tiers.facts, tiers.plan
    if plan.method != "declared" or not facts.has("customers"):
        return
    if not facts.has("customers.tier"):
        yield Finding(
            "facts.tier_not_mapped",
            "blocking",
            PLACE,
            'not mapped, but tiers by method "declared" are read from it.',
            "Map the column, or choose another method under [tiers].",
        )
        return
    c = facts.customers
    c = c.filter(c.closed_on.isnull() | (c.closed_on > today))
    sold = c.tier.strip().lower().fill_null("")
    nothing = sold == ""
    known = [name.lower() for tier in plan.tiers for name in (tier.id, tier.label)]
    other = ~nothing & sold.notin(known)
    row = facts.answer(
        c.agg(
            all=c.count(),
            nothing=c.count(where=nothing),
            other=c.count(where=other),
            customer=c.customer_id.min(where=nothing),
            name=c.tier.min(where=other),
        )
    )[0]
    of = f"of {row['all']:,} customers"
    if row["other"]:
        yield Finding(
            "facts.tier_unknown",
            "warning",
            PLACE,
            f"{Count(row['other'])} {of} have a tier that strategy.toml does not, for example "
            f"{quoted(row['name'])}; they are unrated.",
            f"Declare it, or write one of its ids or labels.{did_you_mean(row['name'], known)}",
        )
    if row["nothing"]:
        yield Finding(
            "facts.tier_empty",
            "warning",
            PLACE,
            f"{Count(row['nothing'])} {of} have no tier, for example customer "
            f"{quoted(row['customer'])}; they are unrated.",
            "Fill in the tier that was sold to them.",
        )


def uncomputable(tiers: Tiers) -> Iterator[Finding]:
    """A method that computes tiers from money, where the facts have none."""
    method = tiers.plan.method
    if lacking := tiers.facts.missing(NEEDED.get(method, ())):
        yield Finding(
            "tiers.no_money",
            "blocking",
            "strategy.toml [tiers]",
            f'tiers by method "{method}" are computed from {" and ".join(NEEDED[method])}; '
            f"not mapped: {lacking}.",
            'Map what is lacking, or sell tiers and write method = "declared".',
        )
