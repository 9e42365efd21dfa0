"""Placeholders: what systems write where there is nothing, and what is therefore empty."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import ibis

from scorecard.facts.contracts import Column

WORDS = (
    *("nan", "inf", "+inf", "-inf", "infinity", "-infinity", "<na>", "n/a", "#n/a", "n.a."),
    *("none", "null", "(null)", "nil", "\\n", "undefined", "unknown", "(unknown)"),
    *("#div/0!", "#getting_data", "#name?", "#null!", "#num!", "#ref!", "#value!"),
    *("blank", "(blank)", "(empty)", "-", "--", "---", "–", "—", "?"),
)
"""Texts that stand for nothing, in any case and with blanks around them. NA is none of them: it is
Namibia, and North America."""
NO_KEYS = ("0", "-1")
"""Numbers that stand for nothing where a row refers to another: they would put all such rows
together."""
REFERENCES = ("parent_id", "issue_key", "contact_id")
"""Columns by which rows belong together. A customer's own number may well be 0."""


def emptied(value: Any, column: Column, added: Iterable[str]) -> Any:
    """The source's value of a column, empty where it stands for nothing; `added` are the
    project's own placeholders."""
    kind = value.type()
    if kind.is_string():
        return value.re_search(pattern(column, added)).ifelse(ibis.null("string"), value)
    if kind.is_floating():
        return (value.isnan() | value.isinf()).ifelse(ibis.null(kind), value)
    if kind.is_decimal() and value.get_backend().name == "postgres":  # whose numbers may be NaN
        return value.cast("float64").isnan().ifelse(ibis.null(kind), value)
    if kind.is_integer() and column.name in REFERENCES:
        return value.isin([int(n) for n in NO_KEYS]).ifelse(ibis.null(kind), value)
    return value


def pattern(column: Column, added: Iterable[str]) -> str:
    """A regular expression for texts that are blank or stand for nothing in that column.

    A word that the column's contract knows as a value is one there.
    """
    _check, _colon, operand = column.check.partition(":")
    words = [w for w in (*WORDS, *(a.lower() for a in added)) if w not in operand.split(",")]
    words += NO_KEYS if column.name in REFERENCES else ()
    alternatives = "|".join(re.escape(word) for word in words)
    return rf"(?i)^\s*({alternatives})?\s*$"
