"""Stated: all that an edition will say, known exactly before anything is drawn.

Whom it may not name is decided on this; the scan of the finished page is a second lock, for what
templates add.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from scorecard.documents.kinds import Document, path_of
from scorecard.facts.contracts import CONTRACTS, SCALES
from scorecard.ledger import Edition

Stated = tuple[str, str]
"""Where something is said, in words, and the text; no words for the pages themselves."""
SQL = ".sql"
_QUOTED = re.compile(r"'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\"|`([^`]*)`|--([^\n]*)")
"""What a metric's SQL can name anybody in: literals, quoted names, and remarks."""
_UNITS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")


def stated_in(
    edition: Edition, document: Document, imprint: Iterable[str], files: Mapping[str, bytes]
) -> list[Stated]:
    """Every text of the edition's pages, of the files inside of its PDF, and of their names."""
    return [
        *(("", text) for text in (*texts_in(asdict(document)), *imprint)),
        ("the reason of the correction", edition.reason),
        ("the name of its file", path_of(edition.document, edition.scope).stem),
        *((name, text) for name, file in files.items() for text in _texts_of(name, file)),
    ]


def texts_in(content: Any) -> Iterator[str]:
    """Every text in a value as JSON has it."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, Mapping):
        for value in content.values():
            yield from texts_in(value)
    elif isinstance(content, (list, tuple)):
        for value in content:
            yield from texts_in(value)


def words_of_sql(own: Iterable[str]) -> list[str]:
    """The words that SQL says of itself: of contracts, of units of time, and a project's `own`."""
    columns = [c for contract in CONTRACTS.values() for c in contract.columns]
    allowed = [part for c in columns for part in c.check.partition(":")[2].split(",")]
    return [*own, *CONTRACTS, *SCALES, *_UNITS, *(c.name for c in columns), *filter(None, allowed)]


def _texts_of(name: str, file: bytes) -> Iterator[str]:
    yield name.partition(".")[0]
    text = file.decode()
    if name.endswith(".json"):
        yield from texts_in(json.loads(text))
    else:
        for found in _QUOTED.finditer(text):
            yield next(part for part in found.groups() if part is not None)
