"""Rules across contracts: losses that are soon followed by a return, and contracts that add up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import ibis
from ibis import _

from scorecard.base.findings import Finding
from scorecard.base.periods import Period
from scorecard.facts.tables import Facts
from scorecard.facts.values import day_of
from scorecard.quality.rules import Count, money_text, quoted

DAY = timedelta(days=1)
MONTH = 31
"""A return within so many days of a loss is told: it may have been a renewal."""


def contracts(facts: Facts, period: Period | None) -> Iterator[Finding]:
    """Both findings; none where contracts are not mapped."""
    if facts.has("contracts") and facts.has("customers"):
        yield from _returns(facts)
        yield from _overlaps(facts, period)


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


def _overlaps(facts: Facts, period: Period | None) -> Iterator[Finding]:
    """Customers with more than one contract in force on a day for one offer: on any day of the
    period, or today where none is given."""
    today = day_of(facts.known_until, facts.options.zones)
    assert today is not None
    first, last = (period.first, period.after - DAY) if period else (today, today)
    c = facts.contracts
    live = c.filter((c.start_on <= last) & (c.end_on.isnull() | (c.end_on >= first)))
    live = live.mutate(offer=live.offer_id.fill_null(""), last=live.end_on.fill_null(date.max))
    earlier = ibis.window(
        group_by=["customer_id", "offer"],
        order_by=["start_on", "last"],
        preceding=(None, 1),
        following=None,
    )
    again = live.mutate(covered=live.last.max().over(earlier))
    again = again.filter((again.covered >= again.start_on) & (again.covered >= first))
    several = again.group_by("customer_id", "offer").agg(n=_.count())
    row = facts.answer(
        several.agg(
            customers=several.customer_id.nunique(),
            contracts=several.n.sum(),
            customer=several.customer_id.min(),
        )
    )[0]
    if not row["customers"]:
        return
    paid = facts.recurring(last + DAY, rates_of=last)
    amount = facts.answer(paid.semi_join(several, "customer_id").agg(a=_.amount.sum()))[0]["a"]
    known = facts.has("contracts.offer_id")
    offer = "one offer" if known else "what may be one offer"
    when = f"in {period}" if period else f"on {today}"
    yield Finding(
        "facts.contracts_add_up",
        "warning",
        "facts.contracts.customer_id",
        f"{Count(row['customers']):customer has|customers have} more than one contract in force "
        f"{when} for {offer}, {Count(row['contracts'])} beyond the first, for example "
        f"{quoted(row['customer'])}; all amounts are added: "
        f"{money_text(amount, facts.options.currency)} a month of theirs at its end.",
        "If one has replaced the other, write the last day of the old one into end_on"
        + ("." if known else "; if they are of several offers, map offer_id."),
    )
