"""The facts: the company's tables in contract columns, as Ibis tables, as known at one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from scorecard.base.findings import Finding
from scorecard.definitions.metric import choices
from scorecard.errors import FactsError, did_you_mean
from scorecard.facts.binding import Bound, bind, typed
from scorecard.facts.contracts import CONTRACTS, PLANNED, Source
from scorecard.facts.currency import AMOUNT, converted, daily_rates
from scorecard.facts.derived import Definition, DerivedTables
from scorecard.facts.engine import EngineOptions, answer, connect, disconnect
from scorecard.facts.families import parentage, with_family
from scorecard.facts.newest import Days, days_of
from scorecard.facts.opening_hours import ServiceHours
from scorecard.facts.required import required
from scorecard.facts.service_hours import HOURS, served
from scorecard.facts.state import State
from scorecard.facts.statements import Prepared, Statement, Values, compiled
from scorecard.facts.stays import here_on, here_within, in_force, stays, tenures
from scorecard.facts.values import Zones, day_of
from scorecard.facts.window import naive

LIGHT = 1 << 26
"""Parquet files of up to this many bytes in all are copied into the engine: a month of a copy is
found at once, while in files it is often looked for from end to end."""
ALONE = 1 << 26
"""Up to this many bytes all files are read by one thread, which is faster than sharing them."""
FEW = 5_000_000
"""Tables and queries of up to five million rows are copied, as text files always are: to read text
again for each statement takes longer than to write what does not fit on disk."""
AMOUNTS = ("net_amount", "list_amount", "amount")


@dataclass(frozen=True)
class FactsOptions:
    """Options of reading facts: the company's currency and zones, and the moment they are known at.

    `placeholders` are texts that stand for nothing, beside those that are known. `acquisition` is
    the mode by which cost to acquire falls into periods: "amortised" over
    `amortise_months`, "period" or "lifetime". `renewal_grace` is how many days may lie between a
    contract and its renewal. `service_hours` are those in which service is open, if anybody said.
    `revenue` counts "recognised" over the days that it was paid for, or "invoiced"; a credit on
    the day it is "booked", or those of its "sale". What is spent on winning customers in general
    is shared by "head", "channel" or first-year "revenue". `costless`: whether no cost to serve is
    a cost of zero, and not one that is unknown.
    """

    currency: str
    zones: Zones
    as_of: datetime
    acquisition: str = "amortised"
    amortise_months: int = 24
    engine: EngineOptions = field(default_factory=EngineOptions)
    placeholders: tuple[str, ...] = ()
    renewal_grace: int = 0
    service_hours: ServiceHours | None = None
    revenue: str = "recognised"
    credits: str = "booked"
    acquisition_by: str = "head"
    costless: bool = False


class Facts:
    """The mapped tables. `facts.surveys` is an Ibis table with every contract column.

    Days are local dates, moments are UTC without a zone, amounts are in the
    company's currency at the rate of the day. Rows that became known or happened
    after `as_of` are not there. Tables that are not mapped raise FactsError; `missing`
    asks first.
    """

    def __init__(
        self, con: Any, bound: Iterable[Bound], options: FactsOptions, folder: Path = Path()
    ) -> None:
        self.con = con
        self.bound = {b.contract.table: b for b in bound}
        self.options = options
        self._derived = DerivedTables(con)
        self._statements: dict[tuple[Any, ...], Statement] = {}
        self.prepared: dict[tuple[Any, ...], Prepared | None] = {}
        self._answers: dict[str, list[dict[str, Any]]] = {}
        self._days: dict[str, Days] = {}
        self.state = State(con, self.bound, folder)

    @classmethod
    def open(
        cls, url: str, sources: Sequence[Source], folder: Path, options: FactsOptions
    ) -> tuple[Facts, list[Finding]]:
        """Connect and bind all sources; what cannot be bound comes back as blocking findings."""
        con = connect(url, folder, options.engine)
        bound, findings = [], []
        for source in sources:
            try:
                kept, added = options.engine.columns, options.placeholders
                bound.append(bind(con, source, folder, kept, added))
            except FactsError as error:
                findings.append(_unreadable(source, error))
        findings += required({s.table for s in sources})
        few = all(b.bytes > 0 for b in bound) and sum(b.bytes for b in bound) <= ALONE
        if con.name == "duckdb" and few and not options.engine.threads:
            con.raw_sql("SET threads = 1")
        return cls(con, bound, options, folder), findings

    def __getattr__(self, name: str) -> ir.Table:
        if name not in CONTRACTS:
            raise AttributeError(f'facts have no "{name}".{did_you_mean(name, CONTRACTS)}')
        return self.table(name)

    def table(self, name: str) -> ir.Table:
        """The table of that name: a view over its source, or a copy in the engine of what is slow
        to read and small, made when it is first asked for."""
        if name not in self.bound:
            raise FactsError(f"facts.{name}: not mapped; add it under [tool.scorecard.facts].")
        bound = self.bound[name]
        return self._derived.of_facts(
            name, lambda: self._expression(bound), cache(lambda: self._small(bound))
        )

    def missing(self, needs: Iterable[str]) -> str:
        """What of `needs` is not mapped; empty when all is.

        A need is a table ("surveys"), a column ("customers.closed_on"), or several of these of
        which one is enough ("customers.closed_on or contracts.end_on"). Of a table that is not
        there at all, the table alone is named. "service_hours" is the setting of that name.
        """
        lacking = [need for need in needs if not any(map(self._is_mapped, choices(need)))]
        return ", ".join(dict.fromkeys(map(self._shortened, lacking)))

    def _is_mapped(self, need: str) -> bool:
        table, _, column = need.partition(".")
        if table == HOURS:
            return self.options.service_hours is not None
        return table in self.bound and (not column or column in self.bound[table].columns)

    def _shortened(self, need: str) -> str:
        table, _, column = need.partition(".")
        return table if column and " or " not in need and table not in self.bound else need

    def has(self, need: str) -> bool:
        return not self.missing([need])

    def recurring(self, day: Any, rates_of: Any) -> ir.Table:
        """Monthly recurring amount per customer as `day` begins, at the rates of one day.

        Columns customer_id, amount (> 0). One day's rates for both ends of a
        comparison keep exchange rates out of retention (constant currency). Both are
        days, or slots for them.
        """
        c = self.shared(("monthly", rates_of), lambda: self._monthly(rates_of))
        live = c.filter((c.start_on < day) & (c.until.isnull() | (c.until >= day)))
        summed = live.group_by("customer_id").agg(amount=live.monthly.sum())
        return summed.filter(summed.amount > 0)

    def _monthly(self, rates_of: Any) -> ir.Table:
        """Every contract's amount a month, in the company's currency at the rates of one day."""
        c = self._in_force()
        billed = c.billing_period.fill_null("month")
        months = billed.cases(("month", 1), ("quarter", 3), ("year", 12), else_=ibis.null("int64"))
        on = ibis.literal(rates_of) if isinstance(rates_of, date) else rates_of
        each = c.mutate(monthly=(c.recurring_amount / months).cast(AMOUNT), on=on)
        each = self.in_own_currency(each, ["monthly"], "on")
        return each.select("customer_id", "start_on", "until", "monthly")

    def _in_force(self) -> ir.Table:
        grace = self.options.renewal_grace
        return self.shared(("in force",), lambda: in_force(self.contracts, grace))

    def stays(self) -> ir.Table:
        """From which day to which each customer is here; see `scorecard.facts.stays`."""
        # Contracts whose ends nobody wrote down tell no loss.
        held = self._in_force() if self.has("contracts.end_on") else None
        known = self.has("customers.closed_on")
        return self.shared(("stays",), lambda: stays(self.customers, held, known))

    def tenures(self) -> ir.Table:
        """Every customer once: customer_id, acquired_on, left_on (empty while here), observable
        (whether a loss of it would be known)."""
        return self.shared(("tenures",), lambda: tenures(self.stays()))

    def active(self, day: Any) -> ir.Table:
        """Customers (customer_id) that are here as `day`, or a slot for one, begins, and whose
        loss would be known.

        A customer who is lost on `day` itself is still here: the loss belongs to the
        period that begins with it.
        """
        live = here_on(self.stays(), day)
        return live.filter(live.observable).select("customer_id").distinct()

    def here(self, first: Any, after: Any) -> ir.Table:
        """Customers (customer_id) that are here on any of the days [first, after), or slots."""
        return here_within(self.stays(), first, after).select("customer_id").distinct()

    def in_service_hours(self, table: ir.Table, *moments: str) -> ir.Table:
        """The table with a column `<moment>_served` for each of these: the seconds of service
        hours up to then, of which only differences mean something.

        FactsError where no service hours are set.
        """
        return served(self, table, moments)

    @property
    def known_until(self) -> datetime:
        """The moment up to which the facts are known, in UTC without a zone."""
        return naive(self.options.as_of)

    def newest(self, name: str, before: date) -> date | None:
        """The company's day of the newest row of a table that lies before the day `before`."""
        return self._days_of(name).newest(before) if CONTRACTS[name].event else None

    def oldest(self, name: str) -> date | None:
        """The company's day of the oldest row of a table; None where it has none, or no days."""
        return self._days_of(name).oldest if CONTRACTS[name].event else None

    def _days_of(self, name: str) -> Days:
        """On which days the table has rows; asked once."""
        if name not in self._days:
            found = self.answer(days_of(self.known(self.bound[name]), CONTRACTS[name].event))
            self._days[name] = Days.of(found, self.options.zones)
        return self._days[name]

    def answer(self, table: ir.Table, **values: Any) -> list[dict[str, Any]]:
        """A small result as dictionaries, its slots filled with `values`; errors as for
        `engine.answer`."""
        return self.asked(compiled(self.con, table), values)

    def asked(self, statement: Statement, values: Values) -> list[dict[str, Any]]:
        """The small result of a statement, filled with these values; errors as for `answer`."""
        return answer(self.con, self.filled(statement, values))

    def asked_once(self, statement: Statement) -> list[dict[str, Any]]:
        """As `asked`, of a statement without slots: its answer is remembered."""
        if statement.text not in self._answers:
            self._answers[statement.text] = self.asked(statement, {})
        return self._answers[statement.text]

    def filled(self, statement: Statement, values: Values) -> str:
        """The text of a statement; every derived table that it reads is there."""
        self._derived.ready(statement.reads, values)
        return statement.filled(self.con, values)

    def statement(self, key: tuple[Any, ...], build: Callable[[], ir.Table]) -> Statement:
        """The statement of that key, compiled once."""
        if key not in self._statements:
            self._statements[key] = compiled(self.con, build())
        return self._statements[key]

    def prepare(self, table: ir.Table) -> Prepared:
        """An expression as a statement that can be filled, or be read by another."""
        return Prepared(compiled(self.con, table), table.schema())

    def shared(self, key: tuple[Any, ...], build: Callable[[], ir.Table]) -> ir.Table:
        """A derived table that several metrics need, made once, when it is first asked for.

        The first part of the key names it. Whatever `build` depends on belongs into the key.
        """
        return self._derived.table(tuple(_comparable(part) for part in key), build)

    def release(self, key: tuple[Any, ...]) -> None:
        """Let the rows of a shared table go; they are found again when they are asked for."""
        self._derived.release(tuple(_comparable(part) for part in key))

    def kept(self, key: tuple[Any, ...], statement: Statement, schema: Any) -> Statement:
        """The rows of a statement made a derived table; the statement that reads it."""
        table = self._derived.of_statement(key, statement, schema)
        return self.statement(("rows of", table.op().name), lambda: table)

    def from_elsewhere(
        self,
        key: tuple[Any, ...],
        schema: Any,
        text: Callable[[Values], str],
        version: Callable[[Values], Any],
        *,
        copied: bool = False,
    ) -> ir.Table:
        """A table whose rows are no facts; see `DerivedTables.source`."""
        return self._derived.source(key, schema, text, version, copied)

    def definitions(self, values: Values) -> dict[str, Definition]:
        """How the tables of facts, and those derived from them, are read for these values, by the
        engine's names for them."""
        return self._derived.definitions(values)

    def hold(self) -> None:
        """Read one state from here on, as far as the engine can, and forget what was read before;
        `state` says whether it was one in the end."""
        self._answers, self._days = {}, {}
        self._derived.forget()
        self.state.begin()

    def close(self) -> None:
        """Let go of what the engine kept, and disconnect from it."""
        self._derived.close()
        disconnect(self.con)

    def rates(self) -> ir.Table:
        """Exchange rates into the company's currency: rate_of, rate_on, rate, one row for each
        currency and day that one holds for."""
        own = self.options.currency
        return self.shared(("rates",), lambda: daily_rates(self.known(self.bound["fx"]), own))

    def in_own_currency(self, table: ir.Table, amounts: Sequence[str], day: str) -> ir.Table:
        """Amounts at the rate of the column `day`; a missing rate leaves them empty (and blocks
        a run)."""
        rates = self.rates() if "fx" in self.bound else None
        return converted(table, rates, amounts, day, self.options.currency)

    def known(self, bound: Bound) -> ir.Table:
        """A bound table in its contract's types, without rows that became known after `as_of`.

        What has not happened by then cannot be known either, unless it was planned.
        """
        table = typed(bound, self.options.zones)
        if "loaded_at" in bound.columns:
            table = table.filter(table.loaded_at.isnull() | (table.loaded_at <= self.known_until))
        event = bound.contract.event
        if event and bound.contract.table not in PLANNED:
            table = table.filter(table[event].isnull() | self._happened(table[event]))
        return table

    def _happened(self, event: Any) -> Any:
        """True where a day or moment does not lie after `as_of`; its own day counts as a whole."""
        if event.type().is_date():
            return event <= day_of(self.known_until, self.options.zones)
        return event <= self.known_until

    def _expression(self, bound: Bound) -> ir.Table:
        table = self._rolled_up(self.known(bound), bound)
        amounts = [c for c in AMOUNTS if c in bound.columns]
        if amounts and "currency" in bound.columns:
            table = self.in_own_currency(table, amounts, bound.contract.event)
        return table

    def _rolled_up(self, table: ir.Table, bound: Bound) -> ir.Table:
        """The table with the rows of children given to the customer that decides for them."""
        if self.missing(["customers.parent_id"]) or "customer_id" not in table.columns:
            return table
        family = self.family()
        if bound.contract.table == "customers":
            return with_family(table, family)
        joined = table.left_join(family, [("customer_id", "child")])
        return joined.mutate(customer_id=ibis.coalesce(joined.decides, joined.customer_id)).select(
            table.columns
        )

    def family(self) -> ir.Table:
        """Every customer with a known parent, and who decides at the top: child, decides.

        A customer that names itself, or a parent that is not there, decides alone.
        """
        return self.shared(("family",), lambda: parentage(self.known(self.bound["customers"])))

    def _small(self, bound: Bound) -> bool:
        """Whether a copy of the table in the engine is worth its memory."""
        if bound.columnar:
            return sum(b.bytes for b in self.bound.values()) <= LIGHT
        if bound.bytes or self.con.name != "duckdb":
            return bound.bytes > 0
        return bool(self.answer(bound.raw.agg(n=bound.raw.count()))[0]["n"] <= FEW)


def _comparable(part: Any) -> Any:
    """A part of a key; of an expression its operation, for expressions cannot be compared."""
    return part.op() if isinstance(part, ir.Expr) else part


def _unreadable(source: Source, error: FactsError) -> Finding:
    place, said, message = str(error).partition(": ")
    if not said or not place.startswith("facts."):
        place, message = f"facts.{source.table}", str(error)
    return Finding("facts.unreadable", "blocking", place, message)
