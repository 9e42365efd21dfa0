"""Signs: amounts that are written with the opposite sign, and what they would make of the figures.

Refunds and credits are below zero, costs and sales above it. A few that are not may be refunds or
costs taken back; where most are not, the source writes them so, or all of them are wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from scorecard.base.findings import Finding, Severity
from scorecard.facts.tables import Facts
from scorecard.facts.writing import RETURNED
from scorecard.quality.rules import money_text


def signs(facts: Facts, table: str) -> Iterator[Finding]:
    """Amounts of transactions, costs or contracts whose sign is not that of their contract."""
    told = {"transactions": _transactions, "costs": _costs, "contracts": _contracts}
    return told[table](facts) if table in told else iter(())


def _transactions(facts: Facts) -> Iterator[Finding]:
    """Refunds or credits above zero; and sales most of which are below it, for fewer are what
    customers returned."""
    by_kind = _tallies(facts, "transactions", "net_amount", "kind")
    writing = facts.bound["transactions"].source.writing
    place = "facts.transactions.net_amount"
    for kind, setting in RETURNED.items():
        row = _sum(row for row in by_kind if row["kind"] == kind)
        said, turned = getattr(writing, setting), writing.turns(kind)
        severity = _severity(row["above"], row["below"], said, turned)
        if severity is not None:
            yield Finding(
                "facts.sign",
                severity,
                place,
                f"{_of(row['above'], row['below'], setting)} to revenue and should lower it: "
                f"{_effect(facts, row['sum_above'], 'was paid back, revenue is too high')}",
                _answer(setting, turned, setting, "taken back"),
            )
    row = _sum(row for row in by_kind if row["kind"] in (None, "sale"))
    turned = writing.turns("sale")
    severity = _severity(row["below"], row["above"], writing.sign, turned)
    if severity is not None and row["below"] > row["above"]:
        yield Finding(
            "facts.sign",
            severity,
            place,
            f"{_of(row['below'], row['above'], 'sales', 'take')} from revenue and should add to "
            f"it: {_effect(facts, -row['sum_below'], 'was sold, revenue is too low')}",
            _answer("sign", turned, "sales", "returned"),
        )


def _costs(facts: Facts) -> Iterator[Finding]:
    """Costs below zero; one category may be written so, and another not."""
    by_category = _tallies(facts, "costs", "amount", "category")
    writing = facts.bound["costs"].source.writing
    row, turned = _sum(by_category), writing.turns("")
    found = [_severity(row["below"], row["above"], writing.sign, turned)]
    for each in by_category:
        severity = _severity(each["below"], each["above"], writing.sign, turned)
        # What is said of the whole table is not wrong because of one category.
        found.append("warning" if severity and writing.sign else severity)
    if any(found):
        mixed = len({each["below"] >= each["above"] for each in by_category}) > 1
        yield Finding(
            "facts.sign",
            "blocking" if "blocking" in found else "warning",
            "facts.costs.amount",
            f"{_of(row['below'], row['above'], 'costs')} to the margin and should lower it: "
            f"{_effect(facts, -row['sum_below'], 'was spent, the margin is too high')}",
            _answer("sign", turned, "costs", "paid back")
            + (" Where only some categories are written so, write all alike." if mixed else ""),
        )


def _contracts(facts: Facts) -> Iterator[Finding]:
    """Contracts most of which are below zero."""
    row = _sum(_tallies(facts, "contracts", "recurring_amount", "billing_period"))
    writing = facts.bound["contracts"].source.writing
    if row["below"] > row["above"] and not writing.sign:
        yield Finding(
            "facts.sign",
            "blocking",
            "facts.contracts.recurring_amount",
            f"{row['below']:,} of {row['below'] + row['above']:,} contracts are below zero, and "
            "such count for nothing.",
            'Say sign = "negative" for this table if contracts are written so.',
        )


def _severity(against: int, others: int, said: str, turned: bool) -> Severity | None:
    """How bad it is that so many amounts are against their sign, and so many are not. A sign that
    is said answers for the few, and for the many too unless they were turned because of it."""
    if not against or (said and against < others):
        return None
    return "blocking" if against >= others and (turned or not said) else "warning"


def _tallies(facts: Facts, name: str, amount: str, by: str) -> list[dict[str, Any]]:
    """How many amounts of a table are below and above zero, and what each come to in the company's
    currency, by the values of a column."""
    table = facts.known(facts.bound[name])
    if facts.has(f"{name}.currency"):
        table = facts.in_own_currency(table, [amount], facts.bound[name].contract.event)
    below, above = table[amount] < 0, table[amount] > 0
    found = facts.answer(
        table.group_by(by).agg(
            below=table.count(where=below),
            above=table.count(where=above),
            sum_below=table[amount].sum(where=below),
            sum_above=table[amount].sum(where=above),
        )
    )
    return [
        {name: value if name == by else value or 0 for name, value in row.items()} for row in found
    ]


def _sum(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The tallies of several values as one."""
    added: dict[str, Any] = {
        "below": 0,
        "above": 0,
        "sum_below": Decimal(0),
        "sum_above": Decimal(0),
    }
    for row in rows:
        added = {name: value + row[name] for name, value in added.items()}
    return added


def _of(n: int, others: int, what: str, does: str = "add") -> str:
    return f"{n:,} of {n + others:,} {what} {does}{'s' if n == 1 else ''}"


def _effect(facts: Facts, amount: Any, otherwise: str) -> str:
    """What the amounts come to, and by how much the figures are wrong if they are meant."""
    currency = facts.options.currency
    whole, twice = money_text(amount, currency), money_text(2 * amount, currency)
    return f"{whole} in all. If it {otherwise} by {twice}."


def _answer(setting: str, turned: bool, what: str, otherwise: str) -> str:
    """Which setting to write; `turned` says that the amounts are taken as the opposite already."""
    written, other = (
        ("positive", "negative")
        if turned == (what in ("costs", "sales"))
        else ("negative", "positive")
    )
    return (
        f'Say {setting} = "{written}" for this table if {what} are written so, or '
        f'{setting} = "{other}" if these were {otherwise}.'
    )
