"""Rules on customers: rows compared with the customer they belong to, and contradictions within
a customer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import ibis.expr.types as ir

from scorecard.base.findings import Finding
from scorecard.facts.binding import Bound
from scorecard.facts.contracts import ANONYMOUS, PLANNED
from scorecard.facts.tables import Facts
from scorecard.facts.values import Zones, convert
from scorecard.quality.rules import Rule, quoted

HAPPENED = {
    "transactions": "transactions were booked",
    "contracts": "contracts began",
    "interactions": "interactions were opened",
    "surveys": "surveys were sent",
    "promises": "promises were due",
    "requests": "requests were made",
    "recommendations": "recommendations were made",
    "drivers": "rows of drivers are dated",
}
"""Tables of events that only a customer can have, in words; costs and signals may come before."""
SERVING = ("deliver", "support", "service")


@dataclass(frozen=True)
class Now:
    """The moment of an inspection, in UTC without a zone, and the company's day of it."""

    moment: datetime
    today: date
    zones: Zones


def with_customers(facts: Facts, table: ir.Table, bound: Bound) -> ir.Table:
    """The rows joined with their customer: its_id, its_day and its_moment (of being acquired) and
    its_end; customers joined with their parents and contracts."""
    if not facts.has("customers") or "customer_id" not in bound.columns:
        return table
    customers = facts.shared(("its",), lambda: _customers(facts))
    if bound.contract.table == "customers":
        return _with_relations(facts, table, customers)
    return table.left_join(customers, [("customer_id", "its_id")])


def _customers(facts: Facts) -> ir.Table:
    """What rows are compared with, one row per customer: its_id, its_day, its_moment, its_end."""
    c = facts.known(facts.bound["customers"])
    c = c.filter(c.customer_id.notnull())
    company = facts.options.zones.company
    midnight = convert(c.acquired_on, "timestamp", Zones(company, company))
    return c.group_by(its_id="customer_id").agg(
        its_day=c.acquired_on.min(), its_moment=midnight.min(), its_end=c.closed_on.max()
    )


def _with_relations(facts: Facts, table: ir.Table, customers: ir.Table) -> ir.Table:
    """Each customer joined with its parent, and with the day on which its last contract ends."""
    parents = customers.select(parent="its_id")
    table = table.left_join(parents, [("parent_id", "parent")])
    if not facts.has("contracts"):
        return table
    c = facts.known(facts.bound["contracts"])
    # An open contract ends after all others, so that a customer with one is in force.
    last = c.end_on.fill_null(date.max)
    until = c.group_by(holder="customer_id").agg(until=last.max())
    return table.left_join(until, [("customer_id", "holder")])


def customer_rules(table: ir.Table, bound: Bound, now: Now) -> Iterator[Rule]:
    """The rules on rows without a customer, before it was acquired or in the future, and others."""
    name = bound.contract.table
    if "its_id" in table.columns:
        yield _orphans(table, bound)
    if "its_day" in table.columns and name in HAPPENED:
        yield _before_acquired(table, bound)
    if (event := bound.contract.event or ("acquired_on" if name == "customers" else "")) and (
        name not in PLANNED
    ):
        yield _future(table, bound, event, now)
    if name == "transactions":
        yield _unattributed(table, bound)
    if name in ANONYMOUS:
        yield _anonymous(table, bound)
    if name == "costs":
        yield _unallocated(table, bound)
    if name == "promises":
        yield _moved_no_one_knows_when(table, bound)
    if name == "contracts" and "its_end" in table.columns:
        yield _closed_in_force(table, bound, now)
    if name == "customers":
        yield from _contradictions(table, bound, now)
        yield from _unknown_parents(table, bound)


def _orphans(table: ir.Table, bound: Bound) -> Rule:
    money = ", {amount} in all" if bound.contract.table in ("transactions", "costs") else ""
    return Rule(
        "facts.orphan",
        "warning",
        f"{bound.place}.customer_id",
        table.customer_id.notnull() & table.its_id.isnull(),
        "{n} of {of} rows belong to {customers:customer that is|customers that are} not in "
        f"customers{money}, for example {{example}}.",
        "Add them to customers; until then they count in no tier.",
        table.customer_id,
    )


def _before_acquired(table: ir.Table, bound: Bound) -> Rule:
    name, event = bound.contract.table, bound.contract.event
    came = table.its_day if table[event].type().is_date() else table.its_moment
    return Rule(
        "facts.before_acquired",
        "warning",
        f"{bound.place}.{event}",
        table[event] < came,
        f"{{n}} of {{of}} {HAPPENED[name]} before their customer was acquired "
        "(acquired_on), for example for customer {example}.",
        "Correct acquired_on, or the customer these rows belong to.",
        table.customer_id,
    )


def _future(table: ir.Table, bound: Bound, event: str, now: Now) -> Rule:
    value = table[event]
    later = value > now.today if value.type().is_date() else value > now.moment
    left_out = "" if bound.contract.table == "customers" else " and are left out"
    return Rule(
        "facts.future",
        "warning",
        f"{bound.place}.{event}",
        later,
        f"{{n}} of {{of}} rows lie after {now.today} (as of){left_out}, for example {{example}}.",
        "Correct the dates, if they are wrong: what is planned is not counted.",
        value,
    )


def _unattributed(table: ir.Table, bound: Bound) -> Rule:
    return Rule(
        "facts.unattributed",
        "warning",
        f"{bound.place}.customer_id",
        table.customer_id.isnull(),
        "{n} of {of} rows have no customer: {amount}, {share} of revenue.",
        "They are printed as unattributed revenue and are in no tier.",
    )


def _anonymous(table: ir.Table, bound: Bound) -> Rule:
    return Rule(
        "facts.anonymous",
        "warning",
        f"{bound.place}.customer_id",
        table.customer_id.isnull(),
        "{n} of {of} rows have no customer.",
        "They count in all customers, as of nobody known, and in no tier.",
    )


def _moved_no_one_knows_when(table: ir.Table, bound: Bound) -> Rule:
    later = (table.new_due_at > table.due_at).fill_null(False)
    return Rule(
        "facts.moved",
        "warning",
        f"{bound.place}.renegotiated_at",
        later & table.renegotiated_at.isnull(),
        "{n:promise has|promises have} a later date in new_due_at, and not when it was agreed, for "
        "example one due {example}.",
        "They count as not kept at their first date, since they may have been put off after it; "
        "write the moment into renegotiated_at.",
        example=table.due_at,
    )


def _unallocated(table: ir.Table, bound: Bound) -> Rule:
    nobody = table.customer_id.isnull() & table.driver.isnull()
    return Rule(
        "facts.unallocated",
        "warning",
        f"{bound.place}.driver",
        nobody & table.category.isin(SERVING),
        "{n} of {of} rows of cost to serve have neither customer nor driver: {amount}.",
        "They are printed as unallocated; name the customer, or a driver of table drivers.",
        among=table.category.isin(SERVING),
    )


def _closed_in_force(table: ir.Table, bound: Bound, now: Now) -> Rule:
    live = (table.start_on <= now.today) & (table.end_on.isnull() | (table.end_on >= now.today))
    return Rule(
        "facts.closed_in_force",
        "warning",
        f"{bound.place}.end_on",
        live & (table.its_end <= now.today),
        "{n} of {of} contracts in force belong to customers that are closed (closed_on), for "
        "example customer {example}.",
        "The contract counts, so they are still here: end it, or clear closed_on.",
        table.customer_id,
        live,
    )


def _contradictions(table: ir.Table, bound: Bound, now: Now) -> Iterator[Rule]:
    gone = table.closed_on.notnull() & (table.closed_on <= now.today)
    if {"status", "closed_on"} <= bound.columns.keys():
        yield Rule(
            "facts.lost_open",
            "warning",
            f"{bound.place}.status",
            (table.status == "lost") & table.closed_on.isnull(),
            '{n} of {of} customers with status "lost" have no closed_on, for example {example}.',
            "Fill in closed_on: status alone is no loss, for it says no day.",
            table.customer_id,
            table.status == "lost",
        )
        yield Rule(
            "facts.closed_active",
            "warning",
            f"{bound.place}.status",
            gone & (table.status == "active"),
            '{n} of {of} customers with a closed_on have status "active", for example {example}.',
            "Clear closed_on or correct status: closed_on counts.",
            table.customer_id,
            gone,
        )
    if "until" in table.columns:
        ended = table.until < now.today
        yield Rule(
            "facts.ended_open",
            "warning",
            f"{bound.place}.closed_on",
            ended & table.closed_on.isnull(),
            "{n} of {of} customers with contracts have none in force but are not closed, for "
            "example {example}.",
            "They count as lost since their last contract's last day; if they are still customers, "
            "correct the contracts.",
            table.customer_id,
            table.until.notnull(),
        )


def _unknown_parents(table: ir.Table, bound: Bound) -> Iterator[Rule]:
    if "parent_id" in bound.columns:
        yield Rule(
            "facts.parent_unknown",
            "warning",
            f"{bound.place}.parent_id",
            table.parent_id.notnull() & table.parent.isnull(),
            "{n} of {of} customers have a parent that is not in customers, for example {example}.",
            "Add the parent; until then each of them stands for itself.",
            table.parent_id,
            table.parent_id.notnull(),
        )


def circles(facts: Facts) -> list[Finding]:
    """Parents that lead back to a child, so that nobody decides and the rows would be lost."""
    if not facts.has("customers.parent_id"):
        return []
    family = facts.family()
    children = family.select(below="child").view()
    lost = family.semi_join(children, [("decides", "below")])
    row = facts.answer(lost.agg(n=lost.count(), example=lost.child.min()))[0]
    if not row["n"]:
        return []
    return [
        Finding(
            "facts.parent_circle",
            "blocking",
            "facts.customers.parent_id",
            f"{row['n']:,} customers have parents that lead in a circle or further than can be "
            f'followed, for example "{row["example"]}".',
            "Point parent_id at the customer that decides.",
        )
    ]


def alike(facts: Facts, lone: Iterable[str]) -> Iterator[Finding]:
    """Numbers of customers that differ only by blanks or by case, in `customers`, and between it
    and the tables that have rows of customers who are not there (`lone`)."""
    if not facts.has("customers"):
        return
    c = facts.known(facts.bound["customers"]).select("customer_id").distinct()
    c = c.mutate(plain=c.customer_id.strip().lower())
    several = c.group_by("plain").agg(n=c.count(), one=c.customer_id.min(), two=c.customer_id.max())
    several = several.filter(several.n > 1)
    yield from _alike(facts, "customers", several, several.n.sum(), "customers differ")
    for name in lone:
        t = facts.known(facts.bound[name]).select("customer_id")
        rows = t.filter(t.customer_id.notnull()).anti_join(c, "customer_id")
        rows = rows.mutate(plain=rows.customer_id.strip().lower())
        near = rows.inner_join(c.select("plain", two="customer_id"), "plain")
        near = near.select("two", one=near.customer_id)
        yield from _alike(facts, name, near, near.count(), "rows differ")


def _alike(facts: Facts, table: str, pairs: ir.Table, n: Any, who: str) -> Iterator[Finding]:
    row = facts.answer(pairs.agg(n=n, one=pairs.one.min(), two=pairs.two.min()))[0]
    if row["n"]:
        yield Finding(
            "facts.id_alike",
            "warning",
            f"facts.{table}.customer_id",
            f"{row['n']:,} {who} from a customer only by blanks or case, for example "
            f"{quoted(row['one'])} from {quoted(row['two'])}; each is read as one of its own.",
            "Write each customer's number in one way.",
        )
