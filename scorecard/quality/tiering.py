"""Rules on tiers: customers in no tier or in two, by their snapshots or by their sold tier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import ibis
import ibis.expr.types as ir

from scorecard.base.findings import Finding
from scorecard.base.periods import Period
from scorecard.errors import FactsError, did_you_mean
from scorecard.quality.rules import Count, quoted
from scorecard.tiers.assignment import Tiers
from scorecard.tiers.known import TIER_HISTORY, dated_tiers
from scorecard.tiers.reviews import defined_otherwise as older

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
            f'{tiers.kept.where} away and say "scorecard accept tiers": everybody is then put into '
            "the present tiers from today's facts.",
        )
    for period, customer in list(repeated.items())[:1]:
        yield Finding(
            "tiers.repeated",
            "blocking",
            tiers.kept.place(period),
            f"the snapshot holds a customer more than once, for example {quoted(customer)}, so "
            "that its figures would count twice; it was frozen from facts that repeated one.",
            f"Remove it and every later one from {tiers.kept.where}, and say "
            '"scorecard accept tiers": they are frozen again from today\'s facts.',
        )


def read_otherwise(tiers: Tiers) -> Iterator[Finding]:
    """Snapshots that were frozen before a mapping was changed, and keep what it said then."""
    if periods := tiers.read_otherwise():
        span = periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]}"
        yield Finding(
            "tiers.read_otherwise",
            "warning",
            "tiers",
            f"{Count(len(periods)):period was|periods were} frozen ({span}) before the mapping of "
            "customers, or what counts as a renewal, was changed; they keep the tiers of then.",
            f'If it was a mistake, move {tiers.kept.where} away, say "scorecard accept tiers" and '
            "backfill: everybody is put into tiers anew, from today's facts; otherwise nothing is "
            "wrong.",
        )


def defined_otherwise(tiers: Tiers) -> Iterator[Finding]:
    """Snapshots that were computed by an older definition of tiers, and keep what it said."""
    if periods := older(tiers.kept, tiers.folder, tiers.plan):
        span = periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]}"
        yield Finding(
            "tiers.older_definition",
            "warning",
            "tiers",
            f"{Count(len(periods)):period was|periods were} frozen ({span}) by an older definition "
            "of tiers, by which the best tier could close: its buffer could ask for more than the "
            "highest score, and boundaries of a window that was not full counted for a whole year. "
            "They stay as they are, and later ones follow the new definition; who moves up where "
            "they meet may owe it to that.",
            f'To have all by the new one, move {tiers.kept.where} away, say "scorecard accept '
            'tiers" and backfill; otherwise nothing is to be done.',
        )


def declared(tiers: Tiers, today: date) -> Iterator[Finding]:
    """Customers whose sold tier is empty or unknown, where the method of tiers is "declared"."""
    facts, plan = tiers.facts, tiers.plan
    if plan.method != "declared" or not facts.has("customers"):
        return
    dated = facts.has(TIER_HISTORY)
    if not dated and not facts.has("customers.tier"):
        yield Finding(
            "facts.tier_not_mapped",
            "blocking",
            PLACE,
            'not mapped, but tiers by method "declared" are read from it.',
            "Map the column, or the table tier_history, or choose another method under [tiers].",
        )
        return
    place = f"facts.{TIER_HISTORY}.tier" if dated else PLACE
    c = _sold(tiers, today)
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
    of = f"of {row['all']:,} customers who are here"
    if row["other"]:
        yield Finding(
            "facts.tier_unknown",
            "warning",
            place,
            f"{Count(row['other'])} {of} have a tier that strategy.toml does not, for example "
            f"{quoted(row['name'])}; they are unrated.",
            f"Declare it, or write one of its ids or labels.{did_you_mean(row['name'], known)}",
        )
    if row["nothing"]:
        yield Finding(
            "facts.tier_empty",
            "warning",
            place,
            f"{Count(row['nothing'])} {of} have no tier, for example customer "
            f"{quoted(row['customer'])}; they are unrated.",
            "Fill in the tier that was sold to them.",
        )
    if not dated:
        yield from _left_without(tiers, today, known)


def _left_without(tiers: Tiers, today: date, known: Sequence[str]) -> Iterator[Finding]:
    """Customers who left, and whose tier was taken away or overwritten as they did."""
    c = tiers.facts.customers
    gone = c.filter(c.closed_on <= today)
    none = gone.tier.strip().lower().fill_null("").notin(known)
    row = tiers.facts.answer(gone.agg(all=gone.count(), none=gone.count(where=none)))[0]
    if row["none"]:
        yield Finding(
            "facts.tier_of_lost",
            "note",
            PLACE,
            f"{Count(row['none'])} of {row['all']:,} customers who left have no tier that "
            "strategy.toml knows; in periods that are frozen afterwards they were in none.",
            "Keep the tier that they had, or map the table tier_history.",
        )


def _sold(tiers: Tiers, today: date) -> ir.Table:
    """Customers who are here, each with the tier sold to it now (customer_id, tier)."""
    facts = tiers.facts
    c = facts.customers
    here = c.filter(c.closed_on.isnull() | (c.closed_on > today))
    if not facts.has(TIER_HISTORY):
        return here.select("customer_id", "tier")
    dated = dated_tiers(facts)
    newest = [ibis.desc("own"), ibis.desc("from"), "tier"]
    order = ibis.window(group_by="customer_id", order_by=newest)
    last = dated.mutate(place=ibis.row_number().over(order)).filter(lambda t: t.place == 0)
    joined = here.select("customer_id").left_join(last.select("customer_id", "tier"), "customer_id")
    return joined.select("customer_id", "tier")


def sizes(tiers: Tiers, period: Period) -> Iterator[Finding]:
    """How many customers a period has in each tier, and in none, and what would change it."""
    if not tiers.facts.has("customers"):
        return
    counted = _sizes(tiers, period)
    if counted is None:
        yield Finding(
            "tiers.not_frozen",
            "note",
            "tiers",
            f"the tiers of {period} are not frozen yet, so nobody can say how many are in each; "
            f"{tiers.plan.history} months of facts are needed, and they begin on "
            f"{tiers.first_fact}.",
            f"scorecard backfill --from {period} --to {period} freezes them; fewer months of "
            '"history" under [tiers] rate customers sooner.',
        )
        return
    plan = tiers.plan
    named = {**{t.id: t.label for t in plan.tiers}, **STATES_SAID}
    said = [f"{named[t]} {counted.get(t, 0):,}" for t in plan.ids]
    said += [f"{named[s]} {counted[s]:,}" for s in STATES_SAID if counted.get(s)]
    yield Finding(
        "tiers.sizes",
        "note",
        "tiers",
        f"in {period} the customers are: {', '.join(said)}.",
        _what_would_change(tiers, counted, period),
    )


STATES_SAID = {"new": "new", "unrated": "in no tier", "lost": "gone before"}
"""States as the sizes name them."""


def _sizes(tiers: Tiers, period: Period) -> dict[str, int] | None:
    """Customers by tier and state; None where it would need tiers that are not frozen."""
    if tiers.plan.method == "declared":
        with TemporaryDirectory(prefix="scorecard-") as folder:
            alone = tiers.alone(period, Path(folder))
            list(alone.freeze(period))
            return _counted(alone, period)
    return _counted(tiers, period) if tiers.is_frozen(period) else None


def _counted(tiers: Tiers, period: Period) -> dict[str, int]:
    held = tiers.assigned(period, "event")
    came = held.filter(held.acquired_on < period.after)
    rows = tiers.facts.answer(came.group_by("tier").agg(n=came.count()))
    return {row["tier"]: int(row["n"]) for row in rows}


def _what_would_change(tiers: Tiers, counted: dict[str, int], period: Period) -> str:
    method = tiers.plan.method
    hints = []
    if counted.get("unrated") and method == "declared":
        source = TIER_HISTORY if tiers.facts.has(TIER_HISTORY) else PLACE.removeprefix("facts.")
        hints.append(f"Who is in no tier has none that strategy.toml knows in {source}.")
    elif counted.get("unrated"):
        hints.append(
            f"Tiers begin with {tiers.begins(period)} and are computed from "
            f"{tiers.plan.history} months of facts, which begin on {tiers.first_fact}: an earlier "
            '"since" or a shorter "history" under [tiers] rates more of them.'
        )
    begins = tiers.begins(period)
    if method == "declared" and period.opening(12).first < begins.first:
        hints.append(
            f"Tiers begin with {begins}: what looks back to before it, such as customers kept over "
            'twelve months, is of all customers only; an earlier "since" under [tiers] goes back.'
        )
    if counted.get("new") and method != "declared":
        hints.append(
            "New customers are rated at the next snapshot; by method "
            '"declared" they are at once in the tier sold to them.'
        )
    return " ".join(hints)


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
