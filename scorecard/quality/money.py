"""Rules on money: currencies without rates, cost drivers without quantities, control totals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import ibis
import ibis.expr.types as ir
from babel.numbers import is_currency
from ibis import _

from scorecard.base.findings import Finding
from scorecard.base.periods import Period
from scorecard.errors import ProjectError
from scorecard.facts.currency import foreign_days
from scorecard.facts.tables import Facts
from scorecard.quality.customers import SERVING
from scorecard.quality.rules import Count, money_text

BOOKS = {"revenue": ("transactions", "net_amount"), "costs": ("costs", "amount")}
"""The rows whose sum each account of ledger_totals must equal: table and column."""
CENT = Decimal("0.01")


def currencies(facts: Facts, period: Period | None) -> Iterator[Finding]:
    """Foreign amounts that could not be converted: unknown codes, and days without a rate."""
    for name in ("transactions", "costs", "contracts"):
        if facts.has(f"{name}.currency"):
            table = _days_of_rates(facts, name, period)
            yield from _unknown_codes(facts, table, name)
            yield from _missing_rates(facts, table, name)


def _days_of_rates(facts: Facts, name: str, period: Period | None) -> ir.Table:
    """Rows with the day whose rate they need: the day of the row, or of contracts the days on which
    retention and tiers of the period read them."""
    table = facts.known(facts.bound[name])
    if name != "contracts":
        return table.select("currency", day=table[facts.bound[name].contract.event])
    days = [period.trailing(12), period.first] if period else []
    live = [
        table.filter((table.start_on < d) & (table.end_on.isnull() | (table.end_on >= d))).select(
            "currency", day=ibis.literal(d)
        )
        for d in days
    ]
    return ibis.union(*live) if live else table.select("currency", day=table.start_on).limit(0)


def _unknown_codes(facts: Facts, table: ir.Table, name: str) -> Iterator[Finding]:
    for row in facts.answer(table.group_by("currency").agg(n=table.count()).order_by("currency")):
        code, n = row["currency"], Count(row["n"])
        if code is not None and not is_currency(code):
            meant = (
                f' Did you mean "{code.upper().strip()}"?'
                if is_currency(code.upper().strip())
                else ""
            )
            yield Finding(
                "facts.unknown_currency",
                "blocking",
                f"facts.{name}.currency",
                f'"{code}" in {n:row|rows} is not an ISO 4217 code.{meant}',
                "Translate it in a sql source.",
            )


def _missing_rates(facts: Facts, table: ir.Table, name: str) -> Iterator[Finding]:
    own = facts.options.currency
    needed = foreign_days(table, "day", own)
    if facts.has("fx"):
        needed = needed.anti_join(facts.rates(), ["rate_of", "rate_on"])
    day = table.day.cast("date")
    lost = table.join(needed, (table.currency == needed.rate_of) & (day == needed.rate_on))
    by_currency = lost.group_by("rate_of").agg(
        n=lost.count(), days=lost.rate_on.nunique(), first=lost.rate_on.min()
    )
    for row in facts.answer(by_currency.order_by("rate_of")):
        if is_currency(row["rate_of"]):
            yield Finding(
                "facts.missing_rate",
                "blocking",
                f"facts.{name}.currency",
                f"{Count(row['n']):row is|rows are} in {row['rate_of']} on "
                f"{Count(row['days']):day|days} without a rate to {own}, first on {row['first']}.",
                f"Add rates from {row['rate_of']} to {own} to fx; none is guessed, and one holds "
                "for 35 days at most.",
            )


def drivers(facts: Facts) -> Iterator[Finding]:
    """Costs of a driver that no customer has used, which are thus allocated to nobody."""
    if not facts.has("costs.driver"):
        return
    c = facts.known(facts.bound["costs"])
    if facts.has("costs.currency"):
        c = facts.in_own_currency(c, ["amount"], "event_on")
    pooled = c.filter(c.customer_id.isnull() & c.driver.notnull() & c.category.isin(SERVING))
    if facts.has("drivers"):
        measured = facts.known(facts.bound["drivers"])
        used = measured.filter(measured.qty > 0).select(known="driver").distinct()
        pooled = pooled.anti_join(used, pooled.driver == used.known)
    by_driver = pooled.group_by("driver").agg(n=pooled.count(), amount=pooled.amount.sum())
    for row in facts.answer(by_driver.order_by("driver")):
        yield Finding(
            "facts.unknown_driver",
            "warning",
            "facts.costs.driver",
            f"{money_text(row['amount'], facts.options.currency)} in {Count(row['n']):row|rows} "
            f'are to be shared out by "{row["driver"]}", of which table drivers has nothing.',
            "Add its quantities to drivers; until then this cost is printed as unallocated.",
        )


def totals(facts: Facts, as_of: datetime) -> Iterator[Finding]:
    """Control totals of the general ledger compared with the sums of the rows, period by period."""
    if not facts.has("ledger_totals"):
        return
    stated = facts.answer(facts.ledger_totals.order_by("account", "period"))
    for account, (name, column) in sorted(BOOKS.items()):
        said = [row for row in stated if row["account"] == account]
        if said and facts.has(name):
            yield from _differences(facts, said, account, _sums_by_day(facts, name, column), as_of)


def _sums_by_day(facts: Facts, name: str, column: str) -> dict[date, Decimal]:
    """Sums by day in the company's currency, with or without a customer; nothing is cached."""
    table = facts.known(facts.bound[name])
    if facts.has(f"{name}.currency"):
        table = facts.in_own_currency(table, [column], "event_on")
    by_day = table.group_by(day=table.event_on).agg(amount=_[column].sum())
    return {row["day"]: row["amount"] or Decimal(0) for row in facts.answer(by_day) if row["day"]}


def _differences(
    facts: Facts,
    said: list[dict[str, Any]],
    account: str,
    booked: dict[date, Decimal],
    as_of: datetime,
) -> Iterator[Finding]:
    differences: list[tuple[Decimal, str]] = []
    for row in said:
        try:
            period = Period.parse(str(row["period"]), facts.options.zones.company)
        except ProjectError as error:
            place = "facts.ledger_totals.period"
            yield Finding("facts.control_period", "warning", place, str(error))
            continue
        if period.end <= as_of and row["amount"] is not None:
            # Periods of any kind may be stated, also beside those of the project.
            inside = [v for d, v in booked.items() if period.first <= d < period.after]
            differences.append((sum(inside, Decimal(0)) - row["amount"], period.key))
    if differences:
        yield _tie_out(differences, account, facts.options.currency)


def _tie_out(differences: list[tuple[Decimal, str]], account: str, currency: str) -> Finding:
    off = [(difference, key) for difference, key in differences if abs(difference) >= CENT]
    name, _column = BOOKS[account]
    place = "facts.ledger_totals"
    if not off:
        return Finding(
            "facts.ties_out",
            "note",
            place,
            f"{account} ties out with {name} for {len(differences)} of {len(differences)} periods.",
        )
    largest, key = max(off, key=lambda found: (abs(found[0]), found[1]))
    more = "more" if largest > 0 else "less"
    return Finding(
        "facts.ties_not",
        "warning",
        place,
        f"{account} ties out with {name} for {len(differences) - len(off)} of "
        f"{len(differences)} periods; the largest difference is in {key}, where "
        f"{name} have {money_text(abs(largest), currency)} {more} than the general ledger.",
        "Look for rows that are missing, doubled or booked in another period.",
    )
