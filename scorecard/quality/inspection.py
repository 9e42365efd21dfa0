"""The inspection of the facts: everything that is wrong with them, found at once.

    inspect(facts, period=period, as_of=now, fresh_within=settings.fresh_within)

Each table is read by one or two aggregate queries; nothing is repaired. A table that
the engine cannot read is a finding like the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import ibis.expr.types as ir
from ibis import _

from scorecard.base.findings import Finding, blocking, in_order
from scorecard.base.periods import Period
from scorecard.errors import FactsError
from scorecard.facts.binding import Bound, typed_columns
from scorecard.facts.contracts import CONTRACTS, DATED, FLOWING
from scorecard.facts.tables import Facts
from scorecard.facts.values import Zones, before_day, day_of
from scorecard.facts.window import naive
from scorecard.quality.columns import (
    column_rules,
    emptied_counts,
    implausible,
    moments,
    placeholder_rules,
    their_columns,
    without_zone,
)
from scorecard.quality.contracts import contracts
from scorecard.quality.customers import Now, alike, circles, customer_rules, with_customers
from scorecard.quality.money import currencies, drivers, totals
from scorecard.quality.readings import point_counts, two_readings, with_answers
from scorecard.quality.rules import Count, Rule, RuleTally, broken, quoted, tally
from scorecard.quality.signs import signs
from scorecard.quality.tiering import (
    declared,
    defined_otherwise,
    read_otherwise,
    renamed,
    sizes,
    uncomputable,
)
from scorecard.tiers.assignment import Tiers

UNIQUE = {"customers", "transactions", "contracts", "costs", "fx"}
"""Tables whose repeated keys would count something twice: they hold a run back."""
EMPTIED = "emptied: "
"""Prefix of the names under which values that were taken as empty are counted."""
WEIGHTY = {"currency", "billing_period"}
"""Columns without which amounts would be taken for others: unread, they hold a run back."""
MONEY = {"transactions": "net_amount", "costs": "amount"}
"""The amounts that a finding about rows of these tables tells."""


def inspect(
    facts: Facts,
    *,
    period: Period | None,
    as_of: datetime,
    fresh_within: Callable[[str], int],
    tiers: Tiers | None = None,
) -> list[Finding]:
    """All findings about the mapped tables, blocking ones first.

    Freshness is judged only where a period is given; `fresh_within` says by table
    how many days before the period's last day the newest row may lie. With `tiers`
    their snapshots are inspected too.
    """
    zones = facts.options.zones
    now = Now(naive(as_of), as_of.astimezone(ZoneInfo(zones.company)).date(), zones)
    inspections = {
        name: _TableInspection(facts, facts.bound[name], now)
        for name in CONTRACTS
        if name in facts.bound
    }
    findings: list[Finding] = []
    rows: dict[str, int] = {}
    local: dict[str, list[str]] = {}
    for name, inspection in inspections.items():
        findings += _unread(inspection.bound)
        try:
            counted = inspection.count(period)
            rows[name] = counted.rows
            local |= {name: moments(inspection.bound)} if counted.extras.get("local") else {}
            findings += inspection.findings(counted)
            findings += signs(facts, name)
            if period and name in FLOWING and counted.rows:
                newest = day_of(counted.extras["newest"], zones)
                findings += _stale(name, newest, period, fresh_within(name))
        except FactsError as error:
            findings.append(_unreadable(inspection.bound.place, error))
    findings += [*_empty(rows), *_without_zone(local, zones)]
    across_tables: list[tuple[str, Callable[[], Iterable[Finding]]]] = [
        ("facts.customers.parent_id", lambda: circles(facts)),
        ("facts.customers.customer_id", lambda: alike(facts, _lone(findings))),
        ("facts.fx", lambda: currencies(facts, period)),
        ("facts.costs.driver", lambda: drivers(facts)),
        ("facts.ledger_totals", lambda: totals(facts, as_of)),
        ("facts.contracts", lambda: contracts(facts, period)),
    ]
    if tiers:
        across_tables += [
            ("tiers", lambda: renamed(tiers)),
            ("tiers", lambda: read_otherwise(tiers)),
            ("tiers", lambda: defined_otherwise(tiers)),
            ("facts.customers.tier", lambda: declared(tiers, now.today)),
            ("strategy.toml [tiers]", lambda: uncomputable(tiers)),
            ("tiers", lambda: sizes(tiers, period) if period and not blocking(findings) else ()),
        ]
    for place, across in across_tables:
        try:
            findings += across()
        except FactsError as error:
            findings.append(_unreadable(place, error))
    return in_order(findings)


def _lone(findings: Iterable[Finding]) -> list[str]:
    """The tables that have rows of customers who are not in `customers`."""
    return sorted({f.place.split(".")[1] for f in findings if f.id == "facts.orphan"})


@dataclass(frozen=True)
class _TableInspection:
    """The inspection of one table as of a moment."""

    facts: Facts
    bound: Bound
    now: Now

    @property
    def name(self) -> str:
        return self.bound.contract.table

    def count(self, period: Period | None) -> RuleTally:
        """The counts of everything about the table's rows, by one query."""
        table = self._rows()
        extras: dict[str, Any] = {}
        key = self._key(table)
        if key is not None:
            extras |= {"keyed": key.count(), "keys": key.nunique()}
        extras |= {EMPTIED + n: c for n, c in emptied_counts(table, self.bound).items()}
        extras |= point_counts(table, self.bound)
        if (local := without_zone(table, self.bound)) is not None:
            extras["local"] = table.count(where=local)
        if period and self.name in FLOWING:
            event = table[self.bound.contract.event]
            extras["newest"] = event.max(where=before_day(event, period.after, self.now.zones))
        return tally(self.facts, table, self._rules(table), **extras)

    def findings(self, counted: RuleTally) -> Iterator[Finding]:
        """The findings about what was counted; examples are fetched only where there are some."""
        table, amount = self._rows(own_currency=True), MONEY.get(self.name)
        found: list[Finding] = []
        if any(n for n, _of in counted.broken):
            money = table[amount] if amount else None
            found = broken(self.facts, table, self._rules(table), counted, money)
        yield from with_answers(self.facts, table, self.bound, found)
        known = [f.place for f in found if f.id == "facts.type"]
        yield from two_readings(self.facts, table, self.bound, counted.extras, amount, known)
        emptied = [
            name.removeprefix(EMPTIED)
            for name, count in counted.extras.items()
            if name.startswith(EMPTIED) and count
        ]
        if emptied:
            yield from self._placeholders(emptied)
        if "keyed" in counted.extras:
            yield from self._repeated_keys(counted.extras["keyed"] - counted.extras["keys"])
        elif counted.rows:
            yield from self._repeated_rows()

    def _placeholders(self, names: Sequence[str]) -> list[Finding]:
        table = self._rows()
        rules = list(placeholder_rules(table, self.bound, names))
        return broken(self.facts, table, rules, tally(self.facts, table, rules), None)

    def _rows(self, own_currency: bool = False) -> ir.Table:
        """The typed rows, with the source's own values and joined with their customers."""
        facts, bound = self.facts, self.bound
        table = bound.raw.select(**typed_columns(bound, self.now.zones), **their_columns(bound))
        if "loaded_at" in bound.columns:
            table = table.filter(table.loaded_at.isnull() | (table.loaded_at <= self.now.moment))
        if own_currency and self.name in MONEY and "currency" in bound.columns:
            table = facts.in_own_currency(table, [MONEY[self.name]], bound.contract.event)
        return with_customers(facts, table, bound)

    def _rules(self, table: ir.Table) -> list[Rule]:
        return [
            *column_rules(table, self.bound),
            *implausible(table, self.bound, self.now.today),
            *customer_rules(table, self.bound, self.now),
        ]

    def _key(self, table: ir.Table) -> Any:
        """The key as one text, empty where a part of it is empty; None where it is not mapped."""
        key = self.bound.contract.key
        if not key or not set(key) <= self.bound.columns.keys():
            return None
        parts = [table[c].cast("string") for c in key]
        return parts[0].concat(*[p for c in parts[1:] for p in (" ", c)]) if parts[1:] else parts[0]

    def _repeated_keys(self, count: int) -> Iterator[Finding]:
        if not count:
            return
        table = self._rows()
        keyed = table.select(key=self._key(table)).filter(_.key.notnull())
        repeated = keyed.group_by("key").agg(n=_.count()).filter(_.n > 1)
        example = self.facts.answer(repeated.agg(example=_.key.min()))[0]["example"]
        names = " and ".join(self.bound.contract.key)
        yield Finding(
            "facts.duplicate_key",
            "blocking" if self.name in UNIQUE else "warning",
            f"{self.bound.place}.{self.bound.contract.key[0]}",
            f"{Count(count):row repeats|rows repeat} the {names} of another, for example "
            f"{quoted(example)}.",
            "Leave repeated rows out in a sql source; if the source does not number its rows, "
            "do not map the column.",
        )

    def _repeated_rows(self) -> Iterator[Finding]:
        # Without a key, rows are told apart by all that the source has, mapped or not.
        raw = self.bound.raw
        whole, single = raw.agg(n=raw.count()), raw.distinct().agg(n=_.count())
        count = self.facts.answer(whole)[0]["n"] - self.facts.answer(single)[0]["n"]
        if count:
            yield Finding(
                "facts.duplicate_row",
                "note",
                self.bound.place,
                f"{Count(count):row repeats|rows repeat} another in every column; all are kept.",
                "If they are copies, leave them out in a sql source (select distinct …).",
            )


def _stale(name: str, newest: date | None, period: Period, within: int) -> Iterator[Finding]:
    last = period.after - timedelta(days=1)
    if newest and (last - newest).days <= within:
        return
    said = f"the newest row before the end of {period} is of {newest}"
    if not newest:
        said = f"there is no row before the end of {period}"
    yield Finding(
        "facts.stale",
        "warning",
        f"facts.{name}",
        f"{said}; it should not lie more than {Count(within):day|days} before {last}.",
        "Load newer rows, or allow more days under [tool.scorecard.freshness].",
    )


def _unread(bound: Bound) -> Iterator[Finding]:
    """Columns of the source that are named like ours but for case, blanks and marks: nothing is
    read from them, and nobody would see that anything is lacking."""
    used = {name for mapped in bound.columns.values() for name in mapped.of}
    names = {
        re.sub(r"[\W_]+", "_", n.strip().lower()): n for n in bound.raw.columns if n not in used
    }
    for column in bound.contract.columns:
        if column.name in bound.columns or column.name not in names:
            continue
        theirs = names[column.name]
        yield Finding(
            "facts.column_unread",
            "blocking" if column.name in WEIGHTY else "warning",
            f"{bound.place}.{column.name}",
            f"the source has a column {quoted(theirs)}, of which nothing is read, since it is "
            f'not called "{column.name}".',
            f'Map it: columns.{column.name} = "{theirs}"; if it is something else, say what holds '
            f'for every row: columns.{column.name} = {{ value = "…" }}.'
            if column.name in WEIGHTY
            else f'Map it: columns.{column.name} = "{theirs}"; if it is something else, nothing is '
            "wrong.",
        )


def _empty(rows: dict[str, int]) -> Iterator[Finding]:
    nothing = not any(rows.get(name) for name in DATED)
    for name, count in rows.items():
        needed = name == "customers" or (name in DATED and nothing)
        if not count:
            yield Finding(
                "facts.empty_table",
                "blocking" if needed else "warning",
                f"facts.{name}",
                "the table has no rows.",
                "Check the export, or remove its line.",
            )


def _without_zone(local: dict[str, list[str]], zones: Zones) -> Iterator[Finding]:
    if local:
        named = "; ".join(f"{table} ({', '.join(columns)})" for table, columns in local.items())
        yield Finding(
            "facts.no_zone",
            "note",
            "facts",
            f"moments that carry no zone are taken as {zones.facts}: {named}.",
            'If they are in another zone, set "timestamps" in [tool.scorecard].',
        )


def _unreadable(place: str, error: FactsError) -> Finding:
    return Finding(
        "facts.unreadable",
        "blocking",
        place,
        f"{error}".removeprefix(f"{place}: "),
        "Correct the source.",
    )


def unsound_tables(wrong: Sequence[Finding]) -> str:
    """What readers are told of blocking findings: the tables, and nothing out of a row."""
    tables = dict.fromkeys(
        finding.place.split(".")[1] for finding in wrong if finding.place.startswith("facts.")
    )
    said = f" ({', '.join(tables)})" if tables else ""
    return f"the facts are not sound{said}"
