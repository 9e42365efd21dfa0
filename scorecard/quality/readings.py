"""Readings: numbers and days that can be read in two ways, and the setting that tells them apart.

facts.transactions.net_amount: 3 values are not decimal(18,4), for example "1.200,50".
Say decimal = "," and thousands = "." for this table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from scorecard.base.findings import Finding
from scorecard.facts.binding import Bound
from scorecard.facts.tables import Facts
from scorecard.facts.writing import GROUPING, date_pattern
from scorecard.quality.columns import THEIRS, mapped
from scorecard.quality.rules import Count, money_text, quoted

GROUPED = r"^\s*[+-]?[1-9][0-9]{0,2}(\.[0-9]{3})+\s*$"
"""A number whose point stands before three digits: before decimals, or between thousands."""
THOUSAND = 1000
WORDS_TOLD = 8
"""How many words that are unknown are named, the most frequent ones."""
POINTED, THREES = "pointed: ", "threes: "
"""Prefixes of the names under which numbers with a point are counted, and those of them with three
digits behind it."""
_BLANK, _APOSTROPHE = f"[{GROUPING[' ']}]", f"[{GROUPING[chr(39)]}]"
_SHAPES = {
    "a comma before decimals": "[0-9]*,([0-9]{1,2}|[0-9]{4,})",
    "a point before decimals": r"[0-9]*\.([0-9]{1,2}|[0-9]{4,})",
    "points and a comma": r"[0-9]{1,3}(\.[0-9]{3})+,[0-9]+",
    "commas and a point": r"[0-9]{1,3}(,[0-9]{3})+\.[0-9]+",
    "points": r"[1-9][0-9]{0,2}(\.[0-9]{3})+",
    "several points": r"[1-9][0-9]{0,2}(\.[0-9]{3}){2,}",
    "commas": "[1-9][0-9]{0,2}(,[0-9]{3})+",
    "several commas": "[1-9][0-9]{0,2}(,[0-9]{3}){2,}",
    "blanks": f"[0-9]{{1,3}}({_BLANK}[0-9]{{3}})+([.,][0-9]*)?",
    "blanks and a comma": f"[0-9]{{1,3}}({_BLANK}[0-9]{{3}})+,[0-9]*",
    "apostrophes": f"[0-9]{{1,3}}({_APOSTROPHE}[0-9]{{3}})+([.,][0-9]*)?",
    "apostrophes and a comma": f"[0-9]{{1,3}}({_APOSTROPHE}[0-9]{{3}})+,[0-9]*",
}
_OTHER = f"[^0-9.,()+eE%{GROUPING[' ']}{GROUPING[chr(39)]}–−-]"
SHAPES = {shape: f"^[^0-9.,]*{number}[^0-9.,]*$" for shape, number in _SHAPES.items()} | {
    "a minus behind": r"[0-9]\s*[–−-]\s*$",
    "brackets": r"^\s*[(].*[0-9].*[)]\s*$",
    "another minus": r"^\s*[–−]",
    "a percent sign": r"%\s*$",
    "something else": f"[0-9].*{_OTHER}|{_OTHER}.*[0-9]",
}
"""How numbers are written that are not plain ones, each as a regular expression."""
PLAINLY = ("a point before decimals", "points")
"""Those in which plain numbers are written, too."""
TIMES = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
DAYS = (
    *(
        f"{order.replace(' ', mark)}{mark}{year}"
        for mark, year, order in product("/.-", ("%Y", "%y"), ("%d %m", "%m %d"))
    ),
    *("%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y"),
)
FORMATS = [f"{day}{time}" for day, time in product(DAYS, TIMES)]
"""Ways in which days and moments are often written, besides 2026-10-31."""


def point_counts(table: ir.Table, bound: Bound) -> dict[str, Any]:
    """By prefixed contract column how many of its numbers have a point, and three digits behind it,
    where nothing is said of the marks in them."""
    counts = {}
    for column in mapped(bound):
        writing = bound.writing(column.name)
        numeric = dt.dtype(column.type).is_numeric() and bound.columns[column.name].of
        if numeric and _is_text(table, column.name) and not (writing.decimal or writing.thousands):
            theirs = table[THEIRS + column.name]
            counts[POINTED + column.name] = table.count(where=theirs.contains("."))
            counts[THREES + column.name] = table.count(where=theirs.re_search(GROUPED))
    return counts


def two_readings(
    facts: Facts,
    table: ir.Table,
    bound: Bound,
    counts: Mapping[str, int],
    amount: str | None,
    besides: Collection[str],
) -> Iterator[Finding]:
    """Columns whose numbers are written like 1.200 throughout, which is 1.2 or 1,200.

    `table` has the rows in the company's currency, `counts` are those of `point_counts`,
    `amount` names the column whose sum is told, and `besides` are the places of columns of which
    more is known.
    """
    for column in mapped(bound):
        n, place = counts.get(THREES + column.name), f"{bound.place}.{column.name}"
        if not n or n < counts[POINTED + column.name] or place in besides:
            continue
        grouped = table[THEIRS + column.name].re_search(GROUPED)
        asked = {"example": table[THEIRS + column.name].min(where=grouped)}
        if column.name == amount:
            asked["total"] = table[amount].sum(where=grouped)
        row = facts.answer(table.agg(**asked))[0]
        yield Finding(
            "facts.two_readings",
            "blocking" if dt.dtype(column.type).is_decimal() else "warning",
            place,
            _two_ways(n, row["example"].strip(), row.get("total"), facts.options.currency),
            'Say decimal = "." for this table if the point stands before decimals, or '
            'decimal = "," and thousands = "." if it stands between thousands.',
        )


def _two_ways(n: int, example: str, total: Any, currency: str) -> str:
    plain, without = example.lstrip("+"), example.lstrip("+").replace(".", "")
    read = plain.rstrip("0").rstrip(".")
    said = (
        f"{Count(n):value has|values have} a point before three digits, as every one with a point: "
        f"{quoted(example)} is {read} or {without}"
    )
    if total is None:
        return f"{said}."
    return (
        f"{said}. They come to {money_text(total, currency)} or to "
        f"{money_text(total * THOUSAND, currency)}."
    )


def _is_text(table: ir.Table, name: str) -> bool:
    return THEIRS + name in table.columns and bool(table[THEIRS + name].type().is_string())


def with_answers(
    facts: Facts, table: ir.Table, bound: Bound, found: Iterable[Finding]
) -> Iterator[Finding]:
    """The findings; those on values of another type, or on unknown words, with the setting that
    would answer them."""
    for finding in found:
        name = finding.place.rpartition(".")[2]
        if finding.id == "facts.unknown_value":
            yield replace(finding, hint=_of_words(facts, table, bound, name) or finding.hint)
            continue
        if finding.id != "facts.type" or not _is_text(table, name):
            yield finding
            continue
        column = bound.contract.column(name)
        assert column is not None
        theirs = table[THEIRS + name]
        wrong = theirs.notnull() & table[name].isnull()
        hint = ""
        if dt.dtype(column.type).is_numeric():
            hint = _of_numbers(_shapes(facts, table, theirs, wrong), bound)
        elif column.type in ("date", "timestamp"):
            hint = _of_days(facts, table, theirs, wrong)
        yield replace(finding, hint=hint) if hint else finding


def _of_words(facts: Facts, table: ir.Table, bound: Bound, name: str) -> str:
    """How the words that a column has and cannot have are translated; empty where it is not made
    of one column of the source."""
    column, made = bound.contract.column(name), bound.columns[name]
    assert column is not None
    if len(made.of) != 1:
        return ""
    known = column.check.partition(":")[2].split(",")
    value = table[name]
    wrong = table.filter(value.notnull() & value.notin(known))
    counts = wrong.group_by(word=wrong[name]).agg(n=wrong.count())
    rows = facts.answer(counts.order_by(counts.n.desc(), counts.word).limit(WORDS_TOLD + 1))
    told = [f"{_toml(row['word'])} = …" for row in rows[:WORDS_TOLD]]
    more = ["…"] if len(rows) > WORDS_TOLD else []
    return (
        f"Translate them: {name} = {{ from = {_toml(made.of[0])}, values = {{ "
        f"{', '.join([*told, *more])} }} }}; nothing is guessed from another word."
    )


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _shapes(facts: Facts, table: ir.Table, theirs: Any, wrong: Any) -> dict[str, int]:
    """How many values are written in each way; a plain point is a shape of all values."""
    asked = {
        shape: table.count(where=theirs.re_search(pattern) & (wrong | (shape in PLAINLY)))
        for shape, pattern in SHAPES.items()
    }
    return facts.answer(table.agg(**asked))[0]


def _of_numbers(n: Mapping[str, int], bound: Bound) -> str:
    """What to say so that numbers are read that are not plain ones; empty where nothing helps."""
    said = [_marks(n)]
    if n["brackets"]:
        said.append('Say minus = "brackets" if (12) is -12.')
    elif n["a minus behind"]:
        said.append('Say minus = "behind" for 12-.')
    if n["another minus"]:
        said.append("Write the minus before a number as on a keyboard, -.")
    if n["a percent sign"]:
        said.append("Leave the percent sign out, and write the number that is meant.")
    if n["something else"]:
        column = ', and map the column "currency"' if bound.contract.column("currency") else ""
        said.append(f"Leave currencies and units out of the numbers{column}.")
    return " ".join(part for part in said if part)


def _marks(n: Mapping[str, int]) -> str:
    """What to say of the marks in numbers."""
    comma = n["a comma before decimals"] or n["points and a comma"]
    comma = comma or n["blanks and a comma"] or n["apostrophes and a comma"] or n["several points"]
    point = n["a point before decimals"] or n["commas and a point"] or n["several commas"]
    between = next((m for shape, m in (("blanks", " "), ("apostrophes", "'")) if n[shape]), "")
    if comma and point:
        return "Some have a comma before decimals and some a point: export them in one way."
    if comma:
        between = between or ("." if n["points"] or n["points and a comma"] else "")
        return f'Say decimal = ","{_and_thousands(between)} for this table.'
    if n["commas"] or n["commas and a point"]:
        if point:
            return 'Say thousands = "," for this table.'
        return (
            'Say decimal = "," for this table if the comma stands before decimals, or '
            'thousands = "," if it stands between thousands.'
        )
    return f'Say thousands = "{between}" for this table.' if between else ""


def _and_thousands(mark: str) -> str:
    return f' and thousands = "{mark}"' if mark else ""


def _of_days(facts: Facts, table: ir.Table, theirs: Any, wrong: Any) -> str:
    """The formats in which days that are none as they stand can be read; empty where none is."""
    ends = facts.answer(table.agg(low=theirs.min(where=wrong), high=theirs.max(where=wrong)))[0]
    formats = [f for f in FORMATS if any(re.match(date_pattern(f)[0], t) for t in ends.values())]
    asked = {
        f"n{i}": table.count(where=wrong & theirs.re_search(date_pattern(f)[0]))
        for i, f in enumerate(formats)
    }
    row = facts.answer(table.agg(all=table.count(where=wrong), **asked))[0]
    counts = {f: row[f"n{i}"] for i, f in enumerate(formats)}
    whole = [f for f, n in counts.items() if n == row["all"]]
    if len(whole) == 1:
        return f'Say date = "{whole[0]}" for this table: it is the only way that all of them fit.'
    if whole:
        return (
            f'Say date = "{whole[0]}" for this table if the day comes first, or '
            f'date = "{whole[1]}" if the month does: all of them fit both.'
        )
    if not any(counts.values()):
        return ""
    most = max(counts, key=lambda f: (counts[f], f))
    return (
        f'{counts[most]:,} of {row["all"]:,} fit "{most}", and no one way fits all of them: export '
        "them in one way."
    )
