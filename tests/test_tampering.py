"""Whatever is altered in a ledger, a document or a frozen tier, verifying names it.

A ledger is filled by its own methods and read into memory as it is stored. Then, again and again,
one thing is changed at random, the functions that `verify` consists of look at it, and the thing
is put back. The same is done in real databases, fewer times.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa
from sample_ledger import filled
from sizes import sizes

from scorecard.ledger.chain import Entry, Walk, record_name
from scorecard.ledger.journal import FLEETING, UNSEALED, raw, seal_of, sealed_tables
from scorecard.ledger.models import LedgerTable, UtcDateTime
from scorecard.ledger.verification import enter
from scorecard.tiers.digests import differing
from scorecard.verify import Drawn, documents

KNOWN = "what is remembered"


@dataclass
class Stored:
    """A ledger as it is stored: by record the values that are sealed, the journal, the seals; and
    beside it documents and snapshots, by name their bytes."""

    id: str
    rows: dict[str, tuple]
    entries: list[Entry]
    seals: list[tuple[int, str, str]]
    files: dict[str, bytes]
    snapshots: dict[str, bytes]


def stored(ledger) -> Stored:
    rows = {}
    with ledger._reading() as session:
        connection = session.connection()
        for table in sealed_tables():
            width = len(table.primary_key.columns)
            for row in connection.execute(raw(table, connection.dialect.name)):
                rows[record_name(table.name, row[:width])] = tuple(row[width:])
        entries = [Entry(*row) for row in connection.execute(sa.text(ENTRIES))]
        seals = [tuple(row) for row in connection.execute(sa.text(SEALS))]
    files = {f"2026-10/owners/{n}.pdf": random.Random(n).randbytes(400) for n in range(12)}
    snapshots = {f"2026-{n:02}": random.Random(-n).randbytes(400) for n in range(1, 11)}
    return Stored(ledger.id, rows, entries, seals, files, snapshots)


ENTRIES = "SELECT number, at, hash FROM journal ORDER BY number"
SEALS = "SELECT entry, record, hash FROM seal ORDER BY entry"


class Judge:
    """Verifies what is stored by the product's functions; what did not change is not hashed
    again, and the journal is walked again only when it was changed."""

    def __init__(self, good: Stored) -> None:
        self.good = good
        self.head = self.walked(good.entries, good.seals).head
        self.sealed = self.walked(good.entries, good.seals).sealed
        self.hashes = {
            record: seal_of(record.partition("/")[0], values)
            for record, values in good.rows.items()
        }
        self.drawn = [Drawn(Path(n), frozenset({_hash(b)})) for n, b in good.files.items()]
        self.files = {Path(name): _hash(held) for name, held in good.files.items()}
        day = datetime(2026, 11, 1, tzinfo=UTC)
        self.frozen = {name: (_hash(held), day) for name, held in good.snapshots.items()}
        self.present = {name: hashed for name, (hashed, _) in self.frozen.items()}

    def walked(self, entries, seals) -> Walk:
        wanted = {entries[-1].number, self.good.entries[-1].number}
        walk = Walk.of(self.good.id, wanted)
        enter(walk, entries, seals)
        return walk

    def of_journal(self, entries, seals) -> list[str]:
        walk = self.walked(sorted(entries), sorted(seals))
        walk.known(self.head, KNOWN)
        walk.records(self.hashes.items())
        return [wrong.name for wrong in walk.in_order]

    def of_rows(self, hashes) -> list[str]:
        walk = Walk.of(self.good.id)
        walk.sealed, walk.head = self.sealed, self.head
        walk.records(hashes)
        return [wrong.name for wrong in walk.in_order]

    def of_files(self, name, held) -> list[str]:
        found = self.files | {Path(name): None if held is None else _hash(held)}
        missing = [str(path) for path, hashed in found.items() if hashed is None]
        return [wrong.name for wrong in documents(self.drawn, found)] + missing

    def of_snapshots(self, name, held) -> list[str]:
        found = self.present | ({} if held is None else {name: _hash(held)})
        if held is None:
            del found[name]
        return [name for name, _ in differing(self.frozen, found)]


def _hash(held: bytes) -> str:
    return sha256(held).hexdigest()


def other(chance: random.Random, value: object) -> object:
    """Another value: of the same type most often, by as little as can be."""
    while True:
        new = _other(chance, value)
        if new != value or type(new) is not type(value):
            return new


def _other(chance: random.Random, value: object) -> object:
    if chance.random() < 0.08:
        return chance.choice([None, "", 0, 1, -1, 0.5, "null", "2026-11-21", b"\x00"])
    if isinstance(value, float):
        return chance.choice([value * (1 + 2**-52), -value, value + 1, chance.random()])
    if isinstance(value, int):
        return value + chance.choice([1, -1, 10, 2**32])
    if isinstance(value, str) and value:
        place, sign = chance.randrange(len(value)), chance.choice("aZ09 \n'é\u200d{}\udcff")
        return value[:place] + chance.choice(["", sign]) + value[place + chance.randrange(2) :]
    return chance.choice(["x", 7, 2.5])


def other_bytes(chance: random.Random, held: bytes) -> bytes:
    place, kind = chance.randrange(len(held)), chance.randrange(4)
    if kind == 0:
        return held[:place] + bytes([held[place] ^ (1 << chance.randrange(8))]) + held[place + 1 :]
    if kind == 1:
        return held[:place] + held[place + 1 :]
    if kind == 2:
        return held[:place] + chance.randbytes(1) + held[place:]
    return held[:place]


def change_row(judge, chance) -> tuple[str, set[str], list[str]]:
    """(kind, names of which one has to be found, names that were found)."""
    hashes = dict(judge.hashes)
    record = chance.choice(list(hashes))
    kind = chance.randrange(10)
    if kind == 0:
        del hashes[record]
        return "row deleted", {record}, judge.of_rows(hashes.items())
    if kind == 1:
        new = record + chance.choice("abc123")
        return "row inserted", {new}, judge.of_rows([*hashes.items(), (new, hashes[record])])
    if kind == 2:
        del hashes[record]
        new = record[: record.index("/") + 1] + str(chance.randrange(10**9))
        hashes[new] = judge.hashes[record]
        return "key altered", {record, new}, judge.of_rows(hashes.items())
    if kind == 3:
        second = chance.choice([each for each in hashes if each != record])
        hashes[record] = judge.hashes[second]
        return "row replaced", {record}, judge.of_rows(hashes.items())
    values = list(judge.good.rows[record])
    place = chance.randrange(len(values))
    values[place] = other(chance, values[place])
    hashes[record] = seal_of(record.partition("/")[0], values)
    return "column altered", {record}, judge.of_rows(hashes.items())


def change_journal(judge, chance) -> tuple[str, set[str], list[str]]:
    entries, seals = list(judge.good.entries), list(judge.good.seals)
    kind, place = chance.randrange(5), chance.randrange(len(entries))
    entry = entries[place]
    named = {f"journal/{entry.number}"}
    if kind == 0:
        del entries[place]
        return "entry deleted", named, judge.of_journal(entries, seals)
    if kind == 1:
        last = entries[-1]
        entries.append(Entry(last.number + 1, last.at, chance.choice([last.hash, "0" * 64])))
        return "entry inserted", {f"journal/{last.number + 1}"}, judge.of_journal(entries, seals)
    if kind == 2:
        number = entries[-1].number + chance.randrange(1, 99)
        entries[place] = entry._replace(number=number)
        named = {f"journal/{entry.number}", f"journal/{number}"}
        return "entry renumbered", named, judge.of_journal(entries, seals)
    column = ("at", "hash")[kind - 3]
    new = other(chance, getattr(entry, column))
    entries[place] = entry._replace(**{column: new})
    return f"entry's {column}", named, judge.of_journal(entries, seals)


def change_seal(judge, chance) -> tuple[str, set[str], list[str]]:
    entries, seals = list(judge.good.entries), list(judge.good.seals)
    kind, place = chance.randrange(5), chance.randrange(len(seals))
    number, record, hashed = seals[place]
    named = {f"journal/{number}", record}
    if kind == 0:
        del seals[place]
        return "seal deleted", named, judge.of_journal(entries, seals)
    if kind == 1:
        seals.append((number, record + "x", hashed))
        return "seal inserted", named, judge.of_journal(entries, seals)
    if kind == 2:
        numbers = [e.number for e in entries if e.number != number]
        to = chance.choice([*numbers, entries[-1].number + 5])
        if (to, record) in {(n, r) for n, r, _ in seals}:
            to = entries[-1].number + 6
        seals[place] = (to, record, hashed)
        return "seal moved", named | {f"journal/{to}"}, judge.of_journal(entries, seals)
    if kind == 3:
        seals[place] = (number, str(other(chance, record)), hashed)
        return "seal's record", named, judge.of_journal(entries, seals)
    seals[place] = (number, record, str(other(chance, hashed)))
    return "seal's hash", named, judge.of_journal(entries, seals)


def change_file(judge, chance) -> tuple[str, set[str], list[str]]:
    name = chance.choice(list(judge.good.files))
    held = None if chance.random() < 0.1 else other_bytes(chance, judge.good.files[name])
    if held == judge.good.files[name]:
        held = None
    return "document", {name}, judge.of_files(name, held)


def change_snapshot(judge, chance) -> tuple[str, set[str], list[str]]:
    name = chance.choice(list(judge.good.snapshots))
    held = None if chance.random() < 0.1 else other_bytes(chance, judge.good.snapshots[name])
    if held == judge.good.snapshots[name]:
        held = None
    return "snapshot", {name}, judge.of_snapshots(name, held)


CHANGES = (change_row,) * 8 + (change_file, change_snapshot, change_journal, change_seal) * 1


@pytest.mark.parametrize("changes", sizes(4_000, 60_000))
def test_each_of_many_single_changes_is_named(local, changes):
    filled(local)
    judge = Judge(stored(local))
    assert judge.of_journal(judge.good.entries, judge.good.seals) == []
    assert judge.of_rows(judge.hashes.items()) == []
    chance, kinds, began = random.Random(11), Counter(), time.process_time()
    for _ in range(changes):
        kind, wanted, found = chance.choice(CHANGES)(judge, chance)
        assert found, f"{kind}: nothing was found"
        assert found[0] in wanted or kind.startswith("seal"), f"{kind}: {wanted}, found {found}"
        assert wanted & set(found), f"{kind}: {wanted}, found {found}"
        kinds[kind] += 1
    spent = time.process_time() - began
    said = ", ".join(f"{n:,} {kind}" for kind, n in kinds.most_common())
    sys.stdout.write(
        f"\n{changes:,} single changes, each named, in {spent:.0f} s of a processor: {said}\n"
    )


# The same in databases


def columns_of(table) -> list[sa.Column]:
    return [c for c in table.columns if c.name not in FLEETING.get(table.name, set())]


def altered_value(chance: random.Random, column: sa.Column, value):
    """Another value that the column can hold, in whatever database."""
    kind = column.type
    if isinstance(kind, sa.JSON):
        return {"altered": chance.random()}
    if isinstance(kind, (UtcDateTime, sa.Date)):  # of the year 2001, which nothing of ours is
        moment = datetime(2001, 1, 1 + chance.randrange(28), chance.randrange(24), tzinfo=UTC)
        return moment if isinstance(kind, UtcDateTime) else moment.date()
    if isinstance(kind, sa.Boolean):
        return not value
    if isinstance(kind, sa.Double):
        return (value or 0.0) + chance.choice([1.0, 2**-40, chance.random()])
    if isinstance(kind, (sa.Integer, sa.BigInteger)):
        return (value or 0) + chance.choice([1, 5, 1000])
    return f"{value or ''}{chance.choice('abc é')}{chance.randrange(99)}"


@pytest.mark.parametrize("changes", sizes(12, 300))
def test_changes_in_a_real_database_are_named(ledger, changes):
    """Rows are altered, deleted and inserted by plain SQL, without foreign keys."""
    filled(ledger)
    chance, done, head = random.Random(5), Counter(), ledger.head()
    tables = [t for t in LedgerTable.metadata.sorted_tables if t.name not in UNSEALED - JOURNAL]
    somebody = sa.create_engine(ledger._engine.url, poolclass=sa.NullPool)
    while done.total() < changes:
        table = chance.choice(tables)
        with somebody.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET session_replication_role = replica")
            rows = connection.execute(sa.select(table)).mappings().all()
            try:
                wanted = _change(connection, chance, table, chance.choice(rows))
            except sa.exc.IntegrityError:
                continue
            connection.commit()
            found = named(ledger, head)
            assert wanted & set(found), f"{wanted}, found {found}"
            done[table.name] += 1
            connection.execute(sa.delete(table))
            connection.execute(sa.insert(table), [dict(row) for row in rows])
            connection.commit()
    assert named(ledger, head) == []
    sys.stdout.write(f"\n{changes} changes by SQL, each named: {dict(done)}\n")


JOURNAL = {"journal", "seal"}


def named(ledger, head) -> list[str]:
    walk = ledger.walked([(head, KNOWN)], lambda *_: None)
    return [wrong.name for wrong in walk.in_order]


def _change(connection, chance, table, row) -> set[str]:
    """Change one row; the names of which one has to be found."""
    key = sa.and_(*(c == row[c.name] for c in table.primary_key.columns))
    wanted = _names(table, row)
    kind = chance.randrange(4)
    if kind == 0:
        connection.execute(sa.delete(table).where(key))
        return wanted
    column = chance.choice(columns_of(table))
    after = {**row, column.name: altered_value(chance, column, row[column.name])}
    if kind == 1 and column.primary_key:
        # An entry beyond the next one is named by the gap before it.
        gap = {f"journal/{_last(connection, table) + 1}"} if table.name == "journal" else set()
        connection.execute(sa.insert(table).values(**after))
        return gap | _names(table, after)
    connection.execute(sa.update(table).where(key).values({column.name: after[column.name]}))
    return wanted | _names(table, after)


def _last(connection, journal) -> int:
    return connection.execute(sa.select(sa.func.max(journal.c.number))).scalar_one()


def _names(table, row) -> set[str]:
    if table.name == "seal":
        return {f"journal/{row['entry']}", row["record"]}
    return {record_name(table.name, [row[c.name] for c in table.primary_key.columns])}
