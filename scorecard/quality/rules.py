"""Rules: what can be wrong with a table's rows, counted by the engine and told as findings.

All rules of a table are counted in one query; a second one fetches an example of each
rule that is broken, and the money behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import ibis.expr.types as ir

from scorecard.base.findings import Finding, Severity
from scorecard.facts.tables import Facts


class Count(int):
    """A number that words agree with: f"{n:row is|rows are}" gives "1 row is", "2,000 rows are"."""

    def __format__(self, words: str) -> str:
        one, _, more = words.partition("|")
        return f"{int(self):,} {one if self == 1 else more}".rstrip()


@dataclass(frozen=True)
class Rule:
    """One thing that can be wrong with rows; `wrong` is true where it is, an expression over them.

    The message is a template over n (a Count), of (all rows, or those of
    `among`), example, amount, share and customers, so it can be made before
    anything is counted. The example is the smallest, whatever the order of rows.
    """

    id: str
    severity: Severity
    place: str
    wrong: Any
    message: str
    hint: str = ""
    example: Any = None
    among: Any = None


@dataclass(frozen=True)
class RuleTally:
    """The counts of a table: its rows; by rule the rows that break it, of how many; and extras."""

    rows: int
    broken: tuple[tuple[int, int], ...]
    extras: dict[str, Any]


def tally(facts: Facts, table: ir.Table, rules: Sequence[Rule], **extras: Any) -> RuleTally:
    """Count the rows that break each rule, and aggregate the extras, in one query."""
    wanted: dict[str, Any] = {"rows": table.count()} | extras
    for i, rule in enumerate(rules):
        wanted[f"n{i}"] = table.count(where=rule.wrong)
        if rule.among is not None:
            wanted[f"of{i}"] = table.count(where=rule.among)
    row = facts.answer(table.agg(**wanted))[0]
    rows = int(row["rows"])
    # Where the condition is empty in every row Spark has no count, and others have none to count.
    counts = [(row[f"n{i}"] or 0, row.get(f"of{i}", rows) or 0) for i in range(len(rules))]
    broken = tuple((int(n), int(of)) for n, of in counts)
    return RuleTally(rows, broken, {name: row[name] for name in extras})


def broken(
    facts: Facts, table: ir.Table, rules: Sequence[Rule], counted: RuleTally, money: Any
) -> list[Finding]:
    """A finding for every rule that some row breaks; `money` is the amount column, if any."""
    hit = [i for i, (n, _of) in enumerate(counted.broken) if n]
    if not hit:
        return []
    wanted: dict[str, Any] = {"rows": table.count()}
    for i in hit:
        wrong, example = rules[i].wrong, rules[i].example
        if example is not None:
            wanted[f"e{i}"] = example.min(where=wrong)
        if "{customers" in rules[i].message:
            wanted[f"c{i}"] = table.customer_id.nunique(where=wrong)
        if money is not None and "{amount" in rules[i].message:
            wanted |= {f"a{i}": money.sum(where=wrong), "all": money.sum()}
    row, currency = facts.answer(table.agg(**wanted))[0], facts.options.currency
    return [_finding(rules[i], i, counted.broken[i], row, currency) for i in hit]


def _finding(
    rule: Rule, i: int, numbers: tuple[int, int], row: dict[str, Any], currency: str
) -> Finding:
    n, of = numbers
    amount, whole = row.get(f"a{i}"), row.get("all")
    message = rule.message.format(
        n=Count(n),
        of=f"{of:,}",
        example=quoted(row.get(f"e{i}")),
        customers=Count(row.get(f"c{i}") or 0),
        amount=money_text(amount, currency),
        share=share_text(amount, whole),
    )
    return Finding(rule.id, rule.severity, rule.place, message, rule.hint)


def quoted(value: Any) -> str:
    """A value as an example: text in quotation marks, numbers plain, moments in ISO form."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (Decimal, float)):
        return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    return str(value)


def money_text(amount: Any, currency: str) -> str:
    return f"{Decimal(str(amount or 0)):,.2f} {currency}"


def share_text(part: Any, whole: Any) -> str:
    """A share in percent with one decimal; "no share" where the whole is not positive."""
    if part is None or not whole or whole < 0:
        return "no share"
    return f"{100 * float(part) / float(whole):.1f} %"
