"""Where the facts come from: the section [tool.scorecard.facts] of a project's file."""

from __future__ import annotations

import codecs
from pathlib import Path

from scorecard.errors import FactsError, ProjectError, did_you_mean
from scorecard.facts.contracts import Source, contract

_OF_SOURCE = ("from", "sql", "columns", "encoding")


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
    for key in given:
        if key not in _OF_SOURCE:
            raise ProjectError(f'{where} has "{key}".{did_you_mean(key, _OF_SOURCE)}')
    if ("from" in given) == ("sql" in given):
        raise ProjectError(f'{where} needs either "from" or "sql", and not both.')
    columns = _columns(given.get("columns", {}), [c.name for c in known.columns], where)
    key = "sql" if "sql" in given else "from"
    encoding = _encoding(given.get("encoding", ""), where)
    return Source(table, _text(given[key], key, where), columns, key == "sql", encoding)


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


def _columns(given: object, known: list[str], where: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(given, dict):
        raise ProjectError(f'{where}: "columns" must be like {{ customer_id = "CustNo" }}.')
    for column in given:
        if column not in known:
            raise ProjectError(
                f'{where}: "{column}" is not a column of its contract.{did_you_mean(column, known)}'
            )
    return tuple((ours, _text(theirs, ours, where)) for ours, theirs in given.items())
