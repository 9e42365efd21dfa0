"""Rules across contracts: losses that are soon followed by a return, contracts that add up, rows of
one contract that overlap, and invoices of which it is not plain what they are for."""

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
from scorecard.tiers.revenue import invoices_of_contracts

DAY = timedelta(days=1)
MONTH = 31
"""A return within so many days of a loss is told: it may have been a renewal."""


def contracts(facts: Facts, period: Period | None) -> Iterator[Finding]:
    """These findings; none where contracts are not mapped."""
    if facts.has("contracts") and facts.has("customers"):
        yield from _returns(facts)
        yield from _overlaps(facts, period)
    if facts.has("contracts.contract_id"):
        yield from _rows_of_one(facts)
    if facts.has("contracts") and facts.has("transactions"):
        yield from _billed(facts)


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


def _rows_of_one(facts: Facts) -> Iterator[Finding]:
    """Rows of one contract_id that begin before an earlier one of it ends."""
    c = facts.contracts.filter(_.contract_id.notnull())
    c = c.mutate(last=c.end_on.fill_null(date.max))
    earlier = ibis.window(
        group_by="contract_id", order_by=["start_on", "last"], preceding=(None, 1), following=None
    )
    c = c.mutate(held=c["last"].max().over(earlier))
    wrong = c.filter(c.held >= c.start_on)
    row = facts.answer(wrong.agg(n=wrong.count(), example=wrong.contract_id.min()))[0]
    if row["n"]:
        yield Finding(
            "facts.contract_rows_overlap",
            "warning",
            "facts.contracts.contract_id",
            f"{Count(row['n']):row begins|rows begin} before an earlier row of the same "
            f"contract_id ends, for example of {quoted(row['example'])}; while both are in force "
            "both amounts are added, and invoices are for the one that began last.",
            "If one has replaced the other, write the last day of the old one into end_on; if they "
            "are two contracts, give each a contract_id of its own.",
        )


def _billed(facts: Facts) -> Iterator[Finding]:
    """Full invoices of contracts that count in another billing period than that of their day, and
    those that may be for another than they count in."""
    each = invoices_of_contracts(facts)
    if each is None:
        return
    begins = facts.oldest("transactions")
    turn = ibis.window(group_by=["named", "began"], order_by="booked")
    each = each.mutate(again=ibis.row_number().over(turn) > 0)
    unseen = each.late & ~each.ahead & ~each.again & (each.began < ibis.literal(begins, "date"))
    each = each.mutate(twice=each.again, unseen=unseen.fill_null(False))
    names = ("ahead", "twice", "unseen")
    row = facts.answer(
        each.agg(
            **{n: each.count(where=each[n]) for n in names},
            **{f"{n}_of": each.named.min(where=each[n]) for n in names},
        )
    )[0]
    place = "facts.transactions.contract_id"
    hint = "Where this is not so, say with service_from and service_to what they are for."
    if row["ahead"]:
        yield Finding(
            "facts.invoiced_ahead",
            "note",
            place,
            f"{Count(row['ahead']):invoice, booked|invoices, booked} late in a billing period "
            f"that has one already, for example of contract {quoted(row['ahead_of'])}: taken for "
            "the next period.",
            hint,
        )
    if row["twice"]:
        yield Finding(
            "facts.invoiced_twice",
            "warning",
            place,
            f"{Count(row['twice']):invoice is|invoices are} for a billing period that has a full "
            f"one already, for example of contract {quoted(row['twice_of'])}; all count in it.",
            hint,
        )
    if row["unseen"]:
        yield Finding(
            "facts.invoiced_unseen",
            "warning",
            place,
            f"{Count(row['unseen']):invoice comes|invoices come} late in a billing period that "
            "began before the first transaction, for example of contract "
            f"{quoted(row['unseen_of'])}: whether it is for that one or the next cannot be told, "
            "and it counts in that one.",
            "Load transactions from before that period, or say with service_from and service_to "
            "what it is for.",
        )
