"""Rules across contracts: losses that are soon followed by a return, and contracts that add up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import ibis
from ibis import _

from scorecard.base.findings import Finding
from scorecard.facts.tables import Facts
from scorecard.facts.values import day_of
from scorecard.quality.rules import Count, money_text, quoted

MONTH = 31
"""A return within so many days of a loss is told: it may have been a renewal."""


def contracts(facts: Facts) -> Iterator[Finding]:
    """Both findings; none where contracts are not mapped."""
    if facts.has("contracts") and facts.has("customers"):
        yield from _returns(facts)
        yield from _overlaps(facts)


def _returns(facts: Facts) -> Iterator[Finding]:
    """Losses by contract, and how many of these customers came back within a month."""
    today = day_of(facts.known_until, facts.options.zones)
    stays = facts.stays().filter(_.observable)
    ended = stays.filter(_.until < today).select("customer_id", "until").distinct()
    others = stays.select(who="customer_id", since="since", to=_.until)
    pairs = ended.left_join(others, [("customer_id", "who")])
    on = (pairs.until + ibis.interval(days=1)).cast("date")
    covered = (pairs.since < on) & (pairs.to.isnull() | (pairs.to >= on))
    back = (pairs.since > pairs.until) & (pairs.since <= pairs.until + ibis.interval(days=MONTH))
    each = pairs.group_by("customer_id", "until").agg(
        covered=covered.fill_null(False).any(), back=back.fill_null(False).any()
    )
    lost = each.filter(~_.covered)
    row = facts.answer(
        lost.agg(
            lost=lost.count(),
            back=lost.count(where=lost.back),
            customer=lost.customer_id.min(where=lost.back),
        )
    )[0]
    if row["back"]:
        yield Finding(
            "facts.soon_back",
            "warning",
            "facts.contracts.end_on",
            f"{Count(row['back'])} of {Count(row['lost']):loss is|losses are} followed by a return "
            f"of the customer within a month, for example of {quoted(row['customer'])}.",
            "If these are renewals, allow the days between with renewal_grace in "
            "[tool.scorecard]; otherwise nothing is wrong.",
        )


def _overlaps(facts: Facts) -> Iterator[Finding]:
    """Customers with more than one contract in force today for one offer."""
    today = day_of(facts.known_until, facts.options.zones)
    assert today is not None
    c = facts.contracts
    live = c.filter((c.start_on <= today) & (c.end_on.isnull() | (c.end_on >= today)))
    live = live.mutate(offer=live.offer_id.fill_null(""))
    paid = facts.recurring(today + timedelta(days=1), rates_of=today)
    by_offer = live.group_by("customer_id", "offer").agg(n=_.count())
    several = by_offer.filter(_.n > 1)
    row = facts.answer(
        several.agg(
            customers=several.customer_id.nunique(),
            contracts=several.n.sum(),
            customer=several.customer_id.min(),
        )
    )[0]
    if not row["customers"]:
        return
    amount = facts.answer(paid.semi_join(several, "customer_id").agg(a=_.amount.sum()))[0]["a"]
    offer = "one offer" if facts.has("contracts.offer_id") else "what may be one offer"
    yield Finding(
        "facts.contracts_add_up",
        "warning",
        "facts.contracts.customer_id",
        f"{Count(row['customers']):customer has|customers have} more than one contract in force "
        f"for {offer}, {Count(row['contracts'])} in all, for example {quoted(row['customer'])}; "
        f"all amounts are added: {money_text(amount, facts.options.currency)} a month of theirs.",
        "If one has replaced the other, write the last day of the old one into end_on"
        + (
            "."
            if facts.has("contracts.offer_id")
            else "; if they are of several offers, map offer_id."
        ),
    )
