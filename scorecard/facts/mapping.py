"""Mapping: a contract column made of the source's columns, or of a constant; and which column of a
source may be meant by a name that it does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Any

import ibis
import ibis.expr.types as ir

from scorecard.errors import did_you_mean
from scorecard.facts.contracts import Column
from scorecard.facts.placeholders import emptied
from scorecard.facts.values import code
from scorecard.facts.writing import Mapped

COMMON = {
    *("id", "no", "nr", "num", "number", "key", "code", "ref"),
    *("on", "at", "date", "day", "time", "datetime", "timestamp", "moment"),
    *("the", "of", "our", "their"),
}
"""Words that say what kind of thing a column is, and not of what: by these alone no two names
belong together, or an order's number would do for a customer's."""
GLUED = ("id", "no", "nr")
"""Those of them that also stand at the end of a word, as in "CUSTNO"."""
ALIKE = 0.75
"""How much two words have in common, of 1, to be one of them misspelt."""
BETWEEN = re.compile(r"[\W\d_]+|(?<=[a-z])(?=[A-Z])")
"""What parts the words of a name: "CustNo" has two."""


def mapped_of(theirs: str | Mapped) -> Mapped:
    """What a contract column is made of; a name alone is that of the source's column."""
    return theirs if isinstance(theirs, Mapped) else Mapped((theirs,))


def written_of(mapped: Mapped, raw: ir.Table) -> Any:
    """What the source has for a contract column, translated; empty where a part of it is."""
    if mapped.value is not None:
        return ibis.literal(mapped.value)
    if mapped.is_joined:
        first, *more = (code(raw[name]) for name in mapped.of)
        return first.concat(*[part for text in more for part in (mapped.between, text)])
    value = raw[mapped.of[0]]
    if not mapped.values:
        return value
    text = code(value)
    known = ((theirs, ours or ibis.null("string")) for theirs, ours in mapped.values)
    return text.cases(*known, else_=text)


def emptied_of(mapped: Mapped, raw: ir.Table, column: Column, added: Iterable[str]) -> Any:
    """As `written_of`, and empty where it, or a part of what is joined, stands for nothing."""
    value = written_of(mapped, raw)
    if not mapped.is_joined:
        return emptied(value, column, added)
    lacking = [emptied(code(raw[name]), column, added).isnull() for name in mapped.of]
    return ibis.or_(*lacking).ifelse(ibis.null("string"), value)


def parted(mapped: Mapped, raw: ir.Table) -> Any:
    """True where a part of what is joined has the mark in it by which it is joined."""
    return ibis.or_(*[code(raw[name]).contains(mapped.between) for name in mapped.of])


def nearest_column(name: str, present: Iterable[str], table: str = "") -> str:
    """' Did you mean "x"?' for the column of a source that is plausibly what `name` says, else
    ' Known: …'; empty when nothing is known.

    Names are compared by the words in them that tell one thing from another, so neither the
    shared end of "order_id" makes a customer's number of it nor "net" an amount of "gross_amount".
    All such words of the column must be among those of `name`, or be its table's own name.
    """
    columns = sorted(set(present))
    meant = _telling(name)
    if not meant:
        return did_you_mean(name, columns)
    own = _telling(table.removesuffix("s"))
    near: list[tuple[float, str]] = []
    for column in columns:
        words = _telling(column)
        found = [w for w in words if any(_alike(w, m) for m in meant)]
        if found and all(w in found or any(_alike(w, o) for o in own) for w in words):
            likeness = SequenceMatcher(None, name.lower(), column.lower()).ratio()
            near.append((-likeness, column))
    if near:
        return f' Did you mean "{min(near)[1]}"?'
    shown = ", ".join(columns[:12]) + (", …" if len(columns) > 12 else "")
    return f" Known: {shown}." if columns else ""


def _telling(name: str) -> list[str]:
    """The words of a name that tell it from others, in small letters."""
    words = [word.lower() for word in BETWEEN.split(name) if word]
    for end in GLUED:
        words = [w.removesuffix(end) if len(w) >= len(end) + 3 else w for w in words]
    return [word for word in words if word not in COMMON]


def _alike(one: str, other: str) -> bool:
    """Whether two words are the same, one of them shortened or misspelt."""
    short, long = sorted((one, other), key=len)
    if len(short) >= 3 and long.startswith(short):
        return True
    return SequenceMatcher(None, one, other).ratio() >= ALIKE
