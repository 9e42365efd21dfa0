"""The profile of a column: what its values are, as far as all of them say so.

A type is said only where every value that is not empty fits it; what stands for nothing ("N/A") is
empty, as it is later.
"""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb

from scorecard.facts.contracts import Column
from scorecard.facts.placeholders import pattern
from scorecard.facts.values import DAY, MOMENT, NUMBER, TRUTH
from scorecard.facts.writing import GROUPING, date_pattern
from scorecard.proposing.exports import Export
from scorecard.quality.readings import FORMATS

MARKS = tuple((decimal, thousands) for decimal in ".," for thousands in ("", *GROUPING))
"""Marks before decimals and between thousands that numbers can be written with."""
FEW = 25
"""Different values up to which all of them are kept."""
SAMPLE = 300
"""Values by which formats are tried before all are."""
ISO = ""
"""The format of days as 2026-10-31, about which nothing has to be said."""


@dataclass(frozen=True)
class Profile:
    """One column of an export.

    filled      rows in which it is not empty; `distinct` how many different values it has
    kind        "text", "number", "day", "moment" or "truth", as the file itself has it
    days        formats of days that every value fits; ISO among them where nothing need be said
    marks       marks (decimal, thousands) that every value fits, where it is text
    numbers     whether every value is a number, with one of these marks
    pointed     whether a number has any mark at all
    whole       whether every value is a whole number; `low` and `high` are the least and greatest
    truth       whether every value is true or false, yes or no
    values      its values, the most frequent first, where they are few
    nothing     texts in it that stand for nothing, and are taken as empty
    """

    name: str
    kind: str
    rows: int
    filled: int
    distinct: int
    days: tuple[str, ...] = ()
    timed: bool = False
    marks: tuple[tuple[str, str], ...] = ()
    numbers: bool = False
    pointed: bool = False
    whole: bool = False
    low: float | None = None
    high: float | None = None
    truth: bool = False
    values: tuple[str, ...] = ()
    example: str = ""
    nothing: tuple[str, ...] = ()

    @property
    def unique(self) -> bool:
        """Whether every row has a value of its own."""
        return 0 < self.rows == self.filled == self.distinct

    @property
    def dated(self) -> bool:
        return self.kind in ("day", "moment") or bool(self.days)

    @property
    def is_ambiguous(self) -> bool:
        """Whether its days can be read in two ways."""
        return len(self.days) > 1 and ISO not in self.days

    @property
    def decimals(self) -> set[str]:
        """Marks before decimals that its numbers may have; both where it has no mark at all."""
        return {decimal for decimal, _ in self.marks}


def profiles_of(export: Export) -> dict[str, Profile]:
    """The profile of every column of an export, by name."""
    with closing(duckdb.connect()) as con:
        con.execute("SET enable_progress_bar = false")
        con.execute(f"CREATE VIEW rows_of_it AS SELECT * FROM {relation(export)}")
        rows = con.table("rows_of_it")
        types = dict(zip(rows.columns, map(str, rows.types), strict=True))
        return {name: _profile(con, name, type, export.rows) for name, type in types.items()}


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def relation(export: Export) -> str:
    """The rows of an export, as they were read, in a query of our own."""
    files = ", ".join(literal(str(file)) for file in export.parquets)
    return f"read_parquet([{files}], hive_partitioning = false, union_by_name = true)"


@cache
def _nothing() -> str:
    return literal(pattern(Column("any", "string", ""), ()))


def _profile(con: Any, name: str, type: str, rows: int) -> Profile:
    column = identifier(name)
    text = f"CAST({column} AS VARCHAR)"
    given = f"{column} IS NOT NULL"
    if type == "VARCHAR":
        given += f" AND NOT regexp_matches({column}, {_nothing()})"
    elif type in ("FLOAT", "DOUBLE"):
        given += f" AND NOT isnan({column})"
    found = f"(SELECT {column} AS v, {text} AS t FROM rows_of_it WHERE {given})"
    filled, distinct, example = _one(
        con, f"SELECT count(*), count(DISTINCT t), min(t) FROM {found}"
    )
    values: tuple[str, ...] = ()
    if 0 < distinct <= FEW:
        listed = f"SELECT t FROM {found} GROUP BY t ORDER BY count(*) DESC, t"
        values = tuple(row[0] for row in con.execute(listed).fetchall())
    nothing: tuple[str, ...] = ()
    if type == "VARCHAR" and filled < rows:
        asked = f"SELECT DISTINCT trim({column}) FROM rows_of_it WHERE NOT ({given}) ORDER BY 1"
        nothing = tuple(r[0] for r in con.execute(asked).fetchall() if r[0])
    common: dict[str, Any] = {"rows": rows, "filled": filled, "distinct": distinct}
    common |= {"values": values, "example": example or "", "nothing": nothing}
    if not filled:
        return Profile(name, "text", **common)
    if type == "VARCHAR":
        return Profile(name, "text", **common, **_of_text(con, found, filled))
    return Profile(name, **common, **_of_typed(con, found, type))


def _one(con: Any, text: str) -> tuple[Any, ...]:
    row: tuple[Any, ...] = con.execute(text).fetchall()[0]
    return row


def _of_typed(con: Any, found: str, type: str) -> dict[str, Any]:
    """What is known of values that have a type of their own."""
    if type == "DATE":
        return {"kind": "day", "days": (ISO,)}
    if type.startswith("TIMESTAMP"):
        return {"kind": "moment", "days": (ISO,), "timed": True}
    if type == "BOOLEAN":
        return {"kind": "truth", "truth": True}
    if not re.match(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL)", type):
        return {"kind": "text"}
    numbers = f"SELECT min(v)::DOUBLE, max(v)::DOUBLE, bool_and(v = floor(v)) FROM {found}"
    low, high, whole = _one(con, numbers)
    truth = bool(whole) and low >= 0 and high <= 1
    return {
        "kind": "number",
        "numbers": True,
        "whole": bool(whole),
        "low": low,
        "high": high,
        "truth": truth,
        "marks": ((".", ""),),
        "pointed": not whole,
    }


def _of_text(con: Any, found: str, filled: int) -> dict[str, Any]:
    sample = [
        r[0]
        for r in con.execute(f"SELECT DISTINCT t FROM {found} ORDER BY t LIMIT {SAMPLE}").fetchall()
    ]
    tried: dict[str, str] = {f"day {f}": _day_pattern(f) for f in (ISO, *FORMATS)}
    tried |= {f"marks {d}{t}": _marks_pattern(d, t) for d, t in MARKS if d != t}
    tried["truth"] = TRUTH
    likely = {key: p for key, p in tried.items() if all(re.search(p, text) for text in sample)}
    fit: set[str] = set()
    if likely:
        counted = ", ".join(
            f"count(*) FILTER (regexp_matches(t, {literal(p)}))" for p in likely.values()
        )
        counts = _one(con, f"SELECT {counted} FROM {found}")
        fit = {key for key, n in zip(likely, counts, strict=True) if n == filled}
    days = tuple(f for f in (ISO, *FORMATS) if f"day {f}" in fit)
    marks = tuple((d, t) for d, t in MARKS if f"marks {d}{t}" in fit)
    told: dict[str, Any] = {"truth": "truth" in fit, "days": days[:1] if ISO in days else days}
    told["timed"] = bool(days) and (any("%M" in f for f in days) or _has_time(con, found, days))
    return told | (_of_numbers(con, found, marks) if marks else {})


def _has_time(con: Any, found: str, days: tuple[str, ...]) -> bool:
    if ISO not in days:
        return False
    return bool(_one(con, f"SELECT bool_or(NOT regexp_matches(t, {literal(DAY)})) FROM {found}")[0])


def _of_numbers(con: Any, found: str, marks: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Of numbers that are text: their ends, and the marks that they need."""
    decimal, thousands = marks[0]
    plain = "t"
    for sign in GROUPING.get(thousands, ""):
        plain = f"replace({plain}, {literal(sign)}, '')"
    plain = f"TRY_CAST(replace({plain}, {literal(decimal)}, '.') AS DOUBLE)"
    low, high, whole, pointed = _one(
        con,
        f"SELECT min({plain}), max({plain}), bool_and({plain} = floor({plain})), "
        f"bool_or(regexp_matches(t, '[0-9][^0-9+eE-]+[0-9]')) FROM {found}",
    )
    return {
        "numbers": True,
        "low": low,
        "high": high,
        "whole": bool(whole),
        "pointed": bool(pointed),
        "marks": marks,
    }


@cache
def _day_pattern(format: str) -> str:
    return date_pattern(format)[0] if format else MOMENT


@cache
def _marks_pattern(decimal: str, thousands: str) -> str:
    """Numbers with these marks, as `facts` reads them."""
    if decimal == "." and not thousands:
        return NUMBER
    mark, group = re.escape(decimal), f"[{GROUPING[thousands]}]" if thousands else ""
    whole = f"([0-9]{{1,3}}({group}[0-9]{{3}})+|[0-9]+)" if group else "[0-9]+"
    return rf"^\s*[+-]?({whole}({mark}[0-9]*)?|{mark}[0-9]+)([eE][+-]?[0-9]+)?\s*$"


def shared(one: Export, column: str, other: Export, key: str) -> float:
    """The share of a column's different values that are among those of another's, 0 to 1."""
    with closing(duckdb.connect()) as con:
        con.execute("SET enable_progress_bar = false")
        mine, theirs = _codes(one, column), _codes(other, key)
        row = _one(con, f"SELECT count(*), count(*) FILTER (c IN ({theirs})) FROM ({mine})")
    return row[1] / row[0] if row[0] else 0.0


def _codes(export: Export, column: str) -> str:
    text = f"CAST({identifier(column)} AS VARCHAR)"
    code = f"regexp_replace(trim({text}), '[.]0+$', '')"
    return (
        f"SELECT DISTINCT {code} AS c FROM {relation(export)} "
        f"WHERE {identifier(column)} IS NOT NULL "
        f"AND NOT regexp_matches({text}, {_nothing()})"
    )
