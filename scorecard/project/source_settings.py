"""Where the facts come from: the section [tool.scorecard.facts] of a project's file."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path
from typing import Any

from scorecard.errors import FactsError, ProjectError, did_you_mean
from scorecard.facts.contracts import SIGNED, WORKBOOKS, Column, Contract, Source, contract
from scorecard.facts.writing import DECIMALS, GROUPING, MINUS, SIGNS, Mapped, Writing, date_pattern

OF_SOURCE = {
    "from": "a file, several by a name with `*` in it, or a table of the database",
    "sql": "a query, in place of `from`",
    "columns": 'what its columns are made of, as in `{ customer_id = "CustNo" }`; see below',
    "sheet": "the sheet of an Excel file by its name; without it the only one that has values",
    "first_row": "the row of that sheet that names the columns, `1` without it",
    "encoding": 'the encoding of a text file, as `"cp1252"`; without it UTF-8',
    "decimal": 'the mark before decimals in numbers that are text: `"."` or `","`',
    "thousands": 'the mark between thousands in them: `"."`, `","`, `" "` or `"\'"`',
    "minus": 'where numbers below zero have it: `"behind"` as in 12-, or `"brackets"` as in (12)',
    "date": 'how days and moments that are text are written, as `"%d/%m/%Y"` or `"%d.%m.%y %H:%M"`',
    "refunds": 'the sign of refunds and credits in `transactions`: `"positive"`, `"negative"`',
    "credits": "the sign of credits, where it is not that of refunds",
    "sign": 'the sign of costs, sales or contracts: `"negative"` where they are below zero',
}
"""The keys of a table's source, and what each means."""
OF_COLUMN = {
    "from": "the source's column",
    "values": 'its values in ours, as in `{ Yearly = "year" }`; others stay as they are',
    "date": "how it writes days and moments, where its table writes others",
    "decimal": "its mark before decimals, where its table has another",
    "thousands": "its mark between thousands",
    "value": "the same value in every row, in place of `from`",
    "join": 'columns that are joined, as in `["Region", "No"]`; empty where a part is',
    "with": "the mark between them, which none of them may have in it",
}
"""The keys of a column of `columns`, where a name alone does not say it, and what each means."""

NUMBERS = ("decimal(18,4)", "float64")
"""Types of columns that are numbers."""


def read_sources(table: object, file: Path) -> tuple[str, tuple[Source, ...]]:
    """The address of the facts, and where each table comes from; ProjectError names the line."""
    if not isinstance(table, dict):
        raise ProjectError(f"{file}: facts must be a section, [tool.scorecard.facts].")
    said = dict(table)
    connect = said.pop("connect", "duckdb://")
    if not isinstance(connect, str):
        raise ProjectError(f'{file}: connect must be an Ibis connection URL such as "duckdb://".')
    return connect, tuple(_source(name, given, file) for name, given in said.items())


def _source(table: str, given: object, file: Path) -> Source:
    where = f"{file}: [tool.scorecard.facts] {table}"
    try:
        known = contract(table)
    except FactsError as error:
        raise ProjectError(f"{where}: {error}") from error
    if isinstance(given, str):
        given = {"from": given}
    if not isinstance(given, dict):
        raise ProjectError(f"{where} must be a file, a glob, a table's name, or a {{ }} table.")
    _refuse_others(given, OF_SOURCE, where)
    if ("from" in given) == ("sql" in given):
        raise ProjectError(f'{where} needs either "from" or "sql", and not both.')
    columns = _columns(given.get("columns", {}), known, where)
    key = "sql" if "sql" in given else "from"
    of = _text(given[key], key, where)
    if not of.lower().endswith(WORKBOOKS) and ({"sheet", "first_row"} & given.keys()):
        raise ProjectError(f'{where}: "sheet" and "first_row" are said of Excel files only.')
    return Source(
        table,
        of,
        columns,
        key == "sql",
        _encoding(given.get("encoding", ""), where),
        _writing(given, known, where),
        _text(given["sheet"], "sheet", where) if "sheet" in given else "",
        _first_row(given.get("first_row", 1), where),
    )


def _first_row(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ProjectError(f'{where}: "first_row" must be the number of a row, 1 or more.')
    return value


def _refuse_others(given: dict[str, Any], known: Collection[str], where: str) -> None:
    for key in given:
        if key not in known:
            raise ProjectError(f'{where} has "{key}".{did_you_mean(key, known)}')


def _encoding(name: object, where: str) -> str:
    try:
        return codecs.lookup(name).name if name else ""  # type: ignore[arg-type]
    except (LookupError, TypeError) as error:
        raise ProjectError(
            f'{where}: "encoding" is {name!r}, which is none; write one such as "cp1252", '
            '"latin-1" or "utf-16".'
        ) from error


def _text(value: object, key: str, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ProjectError(f'{where}: "{key}" must be a text that is not empty.')
    return value


def _writing(given: dict[str, Any], known: Contract, where: str) -> Writing:
    """How the source writes numbers, days and signs."""
    decimal, thousands = _marks(given, where)
    if known.table != "transactions":
        _refuse_elsewhere(given, ("refunds", "credits"), ("transactions",), where)
    if known.table not in SIGNED:
        _refuse_elsewhere(given, ("sign",), SIGNED, where)
    signs = {key: _one_of(given, key, SIGNS, where) for key in ("refunds", "credits", "sign")}
    days, minus = _date(given.get("date", ""), where), _one_of(given, "minus", MINUS, where)
    return Writing(decimal, thousands, minus, days, **signs)


def _marks(given: dict[str, Any], where: str) -> tuple[str, str]:
    """The marks before decimals and between thousands."""
    decimal = _one_of(given, "decimal", DECIMALS, where)
    thousands = _one_of(given, "thousands", tuple(GROUPING), where)
    if thousands and thousands == (decimal or "."):
        other = "," if thousands == "." else "."
        raise ProjectError(
            f'{where}: "thousands" is "{thousands}", and so is the mark before decimals; say '
            f'that too, as in decimal = "{other}".'
        )
    return decimal, thousands


def _one_of(given: dict[str, Any], key: str, allowed: tuple[str, ...], where: str) -> str:
    value = given.get(key, "")
    if value != "" and value not in allowed:
        said = ", ".join(f'"{word}"' for word in allowed)
        raise ProjectError(f'{where}: "{key}" is {value!r}; write one of {said}.')
    return str(value)


def _refuse_elsewhere(
    given: dict[str, Any], keys: Collection[str], tables: Collection[str], where: str
) -> None:
    for key in keys:
        if key in given:
            raise ProjectError(f'{where}: "{key}" is said of {", ".join(tables)} only.')


def _date(format: object, where: str) -> str:
    try:
        if format:
            date_pattern(format)  # type: ignore[arg-type]
    except (ValueError, TypeError) as error:
        said = error if isinstance(error, ValueError) else "it is no text"
        raise ProjectError(
            f'{where}: "date" is {format!r}, which cannot be: {said}; write one such as '
            '"%d/%m/%Y" or "%m/%d/%y %H:%M".'
        ) from error
    return str(format)


def _columns(given: object, known: Contract, where: str) -> tuple[tuple[str, str | Mapped], ...]:
    if not isinstance(given, dict):
        raise ProjectError(f'{where}: "columns" must be like {{ customer_id = "CustNo" }}.')
    columns: list[tuple[str, str | Mapped]] = []
    for name, said in given.items():
        column = known.column(name)
        if column is None:
            names = [c.name for c in known.columns]
            raise ProjectError(
                f'{where}: "{name}" is not a column of its contract.{did_you_mean(name, names)}'
            )
        made = _mapped(column, said, where) if isinstance(said, dict) else _text(said, name, where)
        columns.append((name, made))
    return tuple(columns)


def _mapped(column: Column, given: dict[str, Any], where: str) -> Mapped:
    """What a column is made of, where a name alone does not say it."""
    where = f"{where}: columns.{column.name}"
    _refuse_others(given, OF_COLUMN, where)
    kinds: dict[str, tuple[Callable[..., Mapped], tuple[str, ...]]] = {
        "value": (_constant, ()),
        "from": (_translated, ("values", "date", "decimal", "thousands")),
        "join": (_joined, ("with",)),
    }
    said = [kind for kind in kinds if kind in given]
    if len(said) != 1:
        raise ProjectError(f'{where} needs one of "from", "value" and "join".')
    read, others = kinds[said[0]]
    for key in given:
        if key not in (said[0], *others):
            raise ProjectError(f'{where} has "{key}", which does not go with "{said[0]}".')
    return read(column, given, where)


def _constant(column: Column, given: dict[str, Any], where: str) -> Mapped:
    if not str(given["value"]).strip():
        raise ProjectError(f'{where}: "value" is empty; leave the column out.')
    return Mapped(value=_ours(column, given["value"], "value", where))


def _translated(column: Column, given: dict[str, Any], where: str) -> Mapped:
    values = given.get("values", {})
    if not isinstance(values, dict) or ("values" in given and not values):
        raise ProjectError(f'{where}: "values" must be like {{ Yearly = "year" }}.')
    if "date" in given and column.type not in ("date", "timestamp"):
        raise ProjectError(f'{where}: "date" is for days and moments, and this is {column.type}.')
    if {"decimal", "thousands"} & given.keys() and column.type not in NUMBERS:
        raise ProjectError(f"{where}: its marks are for numbers, and this is {column.type}.")
    ours = tuple(
        (theirs, _ours(column, value, f"values.{theirs}", where))
        for theirs, value in values.items()
    )
    format = _date(given.get("date", ""), where)
    decimal, thousands = _marks(given, where)
    of = (_text(given["from"], "from", where),)
    return Mapped(of, values=ours, date=format, decimal=decimal, thousands=thousands)


def _joined(column: Column, given: dict[str, Any], where: str) -> Mapped:
    parts = given["join"]
    if not isinstance(parts, list) or len(parts) < 2:
        raise ProjectError(f'{where}: "join" must name two columns or more.')
    if column.type != "string":
        raise ProjectError(f'{where}: "join" makes a text, and this is {column.type}.')
    if not isinstance(between := given.get("with"), str) or not between:
        raise ProjectError(
            f'{where}: "join" needs "with", the mark between the parts, as in with = "-".'
        )
    return Mapped(tuple(_text(part, "join", where) for part in parts), between=between)


def _ours(column: Column, value: object, key: str, where: str) -> str:
    """A value of ours as text; ProjectError where the column cannot have it."""
    if isinstance(value, bool):
        value = "true" if value else "false"
    if isinstance(value, date):
        value = value.isoformat()
    if not isinstance(value, (str, int, float)):
        raise ProjectError(f'{where}: "{key}" must be a text, a number, a day, true or false.')
    check, _colon, allowed = column.check.partition(":")
    if value != "" and check == "in" and str(value) not in allowed.split(","):
        words = allowed.split(",")
        raise ProjectError(
            f'{where}: "{value}" is not one of {", ".join(words)}.{_meant(str(value), words)}'
        )
    return str(value)


def _meant(value: str, words: list[str]) -> str:
    hint = did_you_mean(value, words)
    return hint if hint.startswith(" Did") else ""
