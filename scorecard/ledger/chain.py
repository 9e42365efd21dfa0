"""Hashes of records and of journal entries, and whether a ledger is what they say: no database.

A *record* is a row under its name, "edition/5a2b…" or "result/run/metric/tier". Its *seal* is the
hash of its values. A journal *entry* has the seals of all that one transaction wrote, and a hash
over them and over the entry before it: whoever alters an earlier one alters all later ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal, NamedTuple

GONE = ""
"""The seal of a record that was deleted."""


class Head(NamedTuple):
    """The newest entry of a journal: its number, from 1, and its hash in hex."""

    number: int
    hash: str

    @property
    def said(self) -> str:
        """ "entry 1,234 · 3fa9c1…" as people compare it; `written` is what machines do."""
        return f"entry {self.number:,} · {self.hash[:16]}"

    @property
    def written(self) -> str:
        return f"{self.number}:{self.hash}"


class Entry(NamedTuple):
    """A journal entry as it is stored; `at` is in UTC as ISO text, empty where nobody said."""

    number: int
    at: str
    hash: str


@dataclass(frozen=True)
class Wrong:
    """Something that is not what it was: an entry, one known from elsewhere, a record, a file or a
    snapshot. `entry` is that of the journal which says otherwise."""

    what: str
    name: str
    said: str
    entry: int = 0


def instant(at: datetime | None) -> str:
    """How an entry says when it was written; two of them sort as the moments do."""
    return "" if at is None else at.astimezone(UTC).isoformat(timespec="microseconds")


def record_name(table: str, key: Iterable[object]) -> str:
    return "/".join((table, *map(str, key)))


def seal(values: Sequence[object]) -> str:
    """The hash of a row's values, in the order of the names of its columns."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def entry_hash(before: str, number: int, at: str, seals: Mapping[str, str]) -> str:
    """The hash of an entry that follows the one with the hash `before`; of the first, the
    ledger's id."""
    said = [before, number, at, sorted(seals.items())]
    text = json.dumps(said, ensure_ascii=False, default=_plain)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: object) -> object:
    """What JSON has no words for, which a well kept ledger does not have either."""
    return [type(value).__name__, bytes(value).hex() if isinstance(value, bytes) else str(value)]


@dataclass
class Walk:
    """A walk along the journal, entry by entry, and then over all records.

    `sealed` has by record the seal and the entry that counts now. What is wrong is
    collected in the order of the journal.
    """

    head: Head
    sealed: dict[str, tuple[str, int]] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)
    hashes: dict[int, str] = field(default_factory=dict)
    """Of the entries in `wanted`."""
    wanted: frozenset[int] = frozenset()

    @classmethod
    def of(cls, id: str, wanted: Iterable[int] = ()) -> Walk:
        """A walk that begins; `id` is the ledger's."""
        return cls(Head(0, id), wanted=frozenset(wanted))

    def entry(self, entry: Entry, seals: Mapping[str, str]) -> None:
        """The next entry, with the seals that belong to it."""
        if entry.number != self.head.number + 1:
            missing = self.head.number + 1
            self._says(missing, f"is missing; entry {entry.number:,} comes next")
        right = entry_hash(self.head.hash, entry.number, entry.at, seals)
        if right != entry.hash and entry.number == self.head.number + 1:
            self._says(entry.number, "is not what was written: its hash does not fit")
        for record, hashed in seals.items():
            self.sealed[record] = (hashed, entry.number)
        self.head = Head(
            entry.number, str(entry.hash)
        )  # as stored: what follows is named by itself
        if entry.number in self.wanted:
            self.hashes[entry.number] = str(entry.hash)

    def stray(self, seals: Mapping[str, str], number: int) -> None:
        """Seals whose entry is not there; the records are held against them all the same."""
        self._says(number, f"is missing, which sealed {next(iter(seals))}")
        for record, hashed in seals.items():
            self.sealed[record] = (hashed, number)

    def known(self, known: Head, where: str) -> None:
        """Hold the journal against what is known of it from elsewhere."""
        if known.number > self.head.number:
            said = f"is missing; {where} knows it, and {self.head.number:,} is the last"
            self._says(known.number, said, "known")
        elif known.number and not self.hashes.get(known.number, "").startswith(known.hash):
            self._says(known.number, f"is another than {where} knows: {known.hash[:16]}", "known")

    def records(self, found: Iterable[tuple[str, str]]) -> None:
        """Compare all records, (name, seal of what is there), with what was sealed."""
        seen: set[str] = set()
        for record, hashed in found:
            was, entry = self.sealed.get(record, (GONE, 0))
            if record in seen:
                self._record(record, "is there twice", entry)
            elif was == GONE:
                said = f"was deleted with entry {entry:,}, and is there" if entry else _FOREIGN
                self._record(record, said, entry or self.head.number + 1)
            elif was != hashed:
                self._record(record, f"is not what entry {entry:,} wrote", entry)
            seen.add(record)
        for record, (was, entry) in self.sealed.items():
            if was != GONE and record not in seen:
                self._record(record, f"is gone, and entry {entry:,} wrote it", entry)

    @property
    def in_order(self) -> list[Wrong]:
        """All that is wrong, by the entry that tells; of one entry, the journal itself first."""
        ordered = sorted(self.wrong, key=lambda w: (w.entry, w.what == "record", w.name))
        first: dict[str, Wrong] = {}
        for each in ordered:
            first.setdefault(each.name, each)
        return list(first.values())

    def _says(self, number: int, said: str, what: str = "entry") -> None:
        self.wrong.append(Wrong(what, f"journal/{number}", said, number))

    def _record(self, record: str, said: str, entry: int) -> None:
        self.wrong.append(Wrong("record", record, said, entry))


_FOREIGN = "is in no journal entry: it was not written by scorecard"
Policy = Literal["refuse", "leave"]
"""What becomes of a record that is to be changed and is not what it was: the change is refused; or
it is made, and not sealed, so that the record stays named."""


def compared(
    present: Mapping[str, str], sealed: Mapping[str, tuple[str, int]]
) -> Iterator[tuple[str, int]]:
    """The records among those that are not what was sealed last, with the entry that sealed them;
    0 where none did."""
    for record, hashed in present.items():
        was, entry = sealed.get(record, (GONE, 0))
        if was != hashed:
            yield record, entry


def edition_fault(id: str, said: Sequence[str], hashed: str, content: str) -> str:
    """Why an edition is not what it was frozen as; empty where it is. `said` are its document,
    scope, period and number."""
    if sha256(content.encode("utf-8", "surrogatepass")).hexdigest() != hashed:
        return "holds another content than its hash says"
    if sha256("\x1f".join((*said, hashed)).encode("utf-8", "surrogatepass")).hexdigest()[:12] != id:
        return "has an id that is not that of its document, period, number and content"
    return ""
