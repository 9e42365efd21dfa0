"""Sequence: whether what follows in time does so, as a reply follows its question."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import duckdb

from scorecard.facts.contracts import contract
from scorecard.proposing.draft import Draft
from scorecard.proposing.matching import quoted
from scorecard.proposing.profile import identifier, relation
from scorecard.proposing.written import day_of

MOST = 0.5
"""Share of rows from which on a day that lies before another is not what follows it."""


def in_sequence(draft: Draft) -> Draft:
    """The draft, in which a day is doubtful that mostly lies before the one it should follow."""
    lines = {line.column: line for line in draft.lines}
    for column, other in _followers(draft):
        line, before = lines[column], lines[other]
        n, early = _early(draft, line.theirs, before.theirs)
        if not early:
            continue
        said = f"{early:,} of {n:,} lie before {quoted(before.theirs)}"
        if early > MOST * n:
            lines[column] = replace(line, certainty="doubtful", why=said)
        else:
            lines[column] = replace(line, why=f"{line.why}; {said}")
    return replace(draft, lines=tuple(lines.values()))


def _followers(draft: Draft) -> Iterator[tuple[str, str]]:
    """The mapped columns that are to follow another mapped one, and that one."""
    for column in contract(draft.table).columns:
        check, _colon, other = column.check.partition(":")
        one, before = draft.mapped.get(column.name), draft.mapped.get(other)
        if check == "after" and one and before and one.theirs and before.theirs:
            yield column.name, other


def _early(draft: Draft, column: str, other: str) -> tuple[int, int]:
    """How many rows have both days, and in how many the first lies before the other."""
    one, before = (day_of(identifier(c), draft.profiles[c], draft) for c in (column, other))
    if not one or not before:
        return 0, 0
    with closing(duckdb.connect()) as con:
        asked = (
            f"SELECT count(*), count(*) FILTER (a < b) FROM (SELECT {one} AS a, "
            f"{before} AS b FROM {relation(draft.export)}) "
            "WHERE a IS NOT NULL AND b IS NOT NULL"
        )
        n, early = con.execute(asked).fetchall()[0]
    return n, early
