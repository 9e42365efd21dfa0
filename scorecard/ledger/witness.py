"""The witness: when each stance was first seen, and from which day it is therefore in force.

The strategy file says what is chosen; it cannot say since when, because anybody
who edits it can write any day. So a stance that the ledger sees for the first
time takes effect from the next period, never in the one that is running.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import zip_longest
from typing import Literal, NamedTuple, TypeAlias

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from scorecard.base.periods import Period, PeriodKind, zone
from scorecard.errors import LedgerError
from scorecard.ledger.models import AcceptanceRow, StanceRow, WitnessingRow
from scorecard.ledger.runs import digest
from scorecard.ledger.store import Store, damaged
from scorecard.strategy.model import Stance

ON_TRUST = "on trust: the ledger began with it"
ANEW = "on trust: the ledger began anew"
"""How the note begins on a stance that a ledger saw first which replaced an earlier one."""
LATE = "reviewed late"
"""How the note begins on a stance that was chosen anew after its review date."""
BACK_DATED = "back-dated"
"""How the note begins on a stance that was declared for days before it was seen."""
ChangeKind = Literal["on trust", "new", "changed", "ended"]
_STANCE: TypeAdapter[Stance] = TypeAdapter(Stance)
_Slot: TypeAlias = tuple[str, str]
"""("metric/tier", offer): at most one stance is in force on each at a time."""


class Witnessed(NamedTuple):
    """A stance in force, the hash of its version, and a note such as that it was back-dated."""

    stance: Stance
    version: str
    note: str


@dataclass(frozen=True)
class StanceChange:
    """A stance that was added, changed or removed, as the ledger first saw it.

    `stance` is None where the previous one was removed; `previous` is None where
    there was none.
    """

    kind: ChangeKind
    key: str
    stance: Stance | None
    previous: Stance | None
    version: str
    first_seen_at: datetime
    in_force_from: date
    note: str

    @property
    def only_end(self) -> bool:
        """Whether nothing was altered but the day on which the stance ends, and that lay ahead."""
        return self.kind == "changed" and self.note.endswith(_ending(self.stance))

    @property
    def said(self) -> str:
        """ "csat/gold ends on 2026-12-01.", "csat/gold changed: in force from …"."""
        if self.only_end:
            return f"{self.key} {_ending(self.stance)}."
        if self.kind == "ended":
            return f"{self.key} was removed: it ends on {self.in_force_from}."
        what = "changed" if self.kind == "changed" else "is new"
        note = f" {self.note[:1].upper()}{self.note[1:]}." if self.note else ""
        return f"{self.key} {what}: in force from {self.in_force_from}.{note}"


@dataclass(frozen=True)
class _Sighting:
    """One look at the strategy.

    `anew` is the day on which the ledger began in the place of another, if it did.
    `number` counts from 1; `seen_on` is the local day of `now`, and `next_day` the
    first day of the period after it.
    """

    number: int
    now: datetime
    seen_on: date
    next_day: date
    anew: date | None = None

    def day_and_note(self, stance: Stance, old: StanceRow | None) -> tuple[date, str]:
        """The day from which a stance first seen now is in force, and the note on it.

        Setting an end that lies ahead is no back-dating, but a note on an earlier
        back-dating stays.
        """
        if self.number == 1:
            return stance.effective, f"{ANEW} on {self.anew}" if self.anew else ON_TRUST
        day = max(stance.effective, self.next_day)
        before = _stance(old)
        declared = f"effective {stance.effective}"
        if old is not None and before is not None and _differ_in_end_only(before, stance):
            if all(s.ends is None or s.ends >= self.seen_on for s in (before, stance)):
                kept = [old.note.partition("; ")[0]] if old.note.startswith(BACK_DATED) else []
                return day, "; ".join([*kept, stance.ending()])
            if before.review_on is not None and before.ends != before.until:
                late = f"{LATE}: due {before.review_on}, first seen {self.seen_on}"
                return day, f"{late}, in force from {day}"
            declared = f"to end on {stance.until}" if stance.until else "without an end"
        elif stance.effective >= self.seen_on:
            return day, ""
        return day, (
            f"{BACK_DATED}: declared {declared}, first seen {self.seen_on}, in force from {day}"
        )


class Witness(Store):
    """The ledger's records of stances."""

    def witness(
        self, stances: Iterable[Stance], period_kind: PeriodKind, tz: str, now: datetime
    ) -> list[StanceChange]:
        """Record what differs from the stances seen before, and return it.

        The first stances that a ledger ever sees are taken on trust, from the
        day that they declare. Later ones are in force from the first day of
        the period after `now`, or from their effective day when that is later;
        a removed one ends on that day. A stance that ends on a day to come,
        and is otherwise as before, is not back-dated.
        """
        declared = {stance_hash(stance): stance for stance in stances}
        seen = digest(*sorted(declared))
        seen_on = now.astimezone(zone(tz)).date()
        next_day = Period.containing(seen_on, period_kind, tz).next().first

        def work(session: Session) -> list[StanceChange]:
            last = session.exec(
                select(WitnessingRow).order_by(col(WitnessingRow.number).desc())
            ).first()
            if last is not None and last.digest == seen:
                return []
            replaced = session.exec(
                select(AcceptanceRow.at)
                .where(AcceptanceRow.former != "")
                .order_by(col(AcceptanceRow.number))
            ).first()
            anew = replaced.astimezone(zone(tz)).date() if replaced else None
            sighting = _Sighting(last.number + 1 if last else 1, now, seen_on, next_day, anew)
            session.add(
                WitnessingRow(number=sighting.number, digest=seen, stances=len(declared), at=now)
            )
            session.flush()
            rows = stance_rows(session)
            differences = enumerate(_differences(not_superseded(rows), declared), start=1)
            written = [
                _version(len(rows) + nth, old, new, sighting) for nth, (old, new) in differences
            ]
            session.add_all(written)
            session.flush()
            return as_changes([*rows, *written], written)

        return self._in_turn(work, now)

    def stances_for(self, period: Period) -> list[Witnessed]:
        """The stances in force on the period's first day, by metric, tier and offer.

        At most one for each of these. A stance comes back as it was first
        seen, without its line in the file.
        """
        return self.stances_over([period])[period.key]

    def stances_over(self, periods: Iterable[Period]) -> dict[str, list[Witnessed]]:
        """The stances in force on the first day of each period, by the period's key; each as
        `stances_for` has them."""
        with self._reading() as session:
            rows = stance_rows(session)
        stances = {row.id: read_stance(row.content) for row in rows if row.content}
        return {p.key: stances_in_force(rows, stances, p.first) for p in periods}

    def stance_changes(self, first: Period, last: Period) -> list[StanceChange]:
        """Changes that came into force from `first` to `last`, both included, oldest first.

        The stances that were taken on trust when the ledger began are none.
        """
        with self._reading() as session:
            rows = stance_rows(session)
        within = [row for row in rows if first.first <= row.in_force_from < last.after]
        return [change for change in as_changes(rows, within) if change.kind != "on trust"]


def stances_in_force(
    rows: Sequence[StanceRow], stances: Mapping[int, Stance], day: date
) -> list[Witnessed]:
    """The stances in force on a day; `stances` are the rows' contents, by their ids."""
    found: dict[_Slot, tuple[StanceRow, Stance]] = {}
    for row in not_superseded(rows, day):
        stance = stances[row.id]
        rival = found.get((row.key, row.offer))
        if stance.holds_on(day) and (rival is None or rival[1].effective <= stance.effective):
            found[row.key, row.offer] = (row, stance)
    return [
        Witnessed(stance, row.hash, row.note)
        for row, stance in sorted(found.values(), key=lambda pair: (pair[0].key, pair[0].offer))
    ]


def write_stance(stance: Stance) -> str:
    """A stance as JSON, without its place in the file and without what it leaves at default.

    Leaving defaults out keeps versions the same when a release adds a field.
    """
    return _STANCE.dump_json(stance, exclude={"line"}, exclude_defaults=True).decode()


def read_stance(text: str) -> Stance:
    """The stance that `write_stance` wrote; LedgerError for any other text."""
    try:
        return _STANCE.validate_json(text)
    except ValidationError as error:
        raise LedgerError(damaged("of stances", error)) from error


def stance_hash(stance: Stance) -> str:
    """The version of a stance: a hash of what was chosen, not of its line or its spelling."""
    chosen = _STANCE.dump_json(stance, exclude={"line", "written"}, exclude_defaults=True)
    return digest(chosen.decode())


def _differ_in_end_only(old: Stance, new: Stance) -> bool:
    """Whether two versions differ in nothing but the day on which they end or are reviewed."""
    one, other = (replace(s, until=None, review_on=None) for s in (old, new))
    return stance_hash(one) == stance_hash(other)


def _ending(stance: Stance | None) -> str:
    return stance.ending() if stance else "has no end any more"


def _stance(row: StanceRow | None) -> Stance | None:
    return read_stance(row.content) if row and row.content else None


def stance_rows(session: Session) -> list[StanceRow]:
    """All versions of stances, the first seen first."""
    return list(session.exec(select(StanceRow).order_by(col(StanceRow.id))))


def not_superseded(rows: Sequence[StanceRow], on: date | None = None) -> list[StanceRow]:
    """Versions that no later one replaces or ends, of all, or of those in force by the day `on`.

    Supersession is transitive, since a predecessor may never have taken effect.
    """
    by_id = {row.id: row for row in rows}
    current: dict[int, StanceRow] = {}
    for row in rows:
        if on is not None and row.in_force_from > on:
            continue
        replaced = row.supersedes
        while replaced is not None:
            current.pop(replaced, None)
            replaced = by_id[replaced].supersedes
        current[row.id] = row
    return [row for row in current.values() if row.content is not None]


def _differences(
    current: Iterable[StanceRow], declared: Mapping[str, Stance]
) -> Iterator[tuple[StanceRow | None, Stance | None]]:
    """(the version that is gone, the stance that replaces it); None where there is no such.

    Within one metric, tier and offer, those effective on the same day are paired
    first, and then the latest with the latest.
    """
    current = list(current)
    kept = {row.hash for row in current} & declared.keys()
    gone: dict[_Slot, list[tuple[date, StanceRow]]] = {}
    for row in current:
        if row.hash not in kept:
            effective = read_stance(row.content or "").effective
            gone.setdefault((row.key, row.offer), []).append((effective, row))
    came: dict[_Slot, list[tuple[date, Stance]]] = {}
    for version, stance in declared.items():
        if version not in kept:
            came.setdefault((stance.key, stance.offer), []).append((stance.effective, stance))
    for slot in sorted(gone.keys() | came.keys()):
        yield from _paired(gone.get(slot, []), came.get(slot, []))


def _paired(
    gone: Sequence[tuple[date, StanceRow]], came: Sequence[tuple[date, Stance]]
) -> Iterator[tuple[StanceRow | None, Stance | None]]:
    shared = {day for day, _ in gone} & {day for day, _ in came}

    def order(dated: tuple[date, object]) -> tuple[bool, int]:
        return (dated[0] not in shared, -dated[0].toordinal())

    for old, new in zip_longest(sorted(gone, key=order), sorted(came, key=order)):
        yield old[1] if old else None, new[1] if new else None


def _version(id: int, old: StanceRow | None, new: Stance | None, sighting: _Sighting) -> StanceRow:
    subject = new or _stance(old)
    if subject is None:
        raise ValueError("A version brings a stance or ends one.")
    in_force_from, note = sighting.day_and_note(subject, old) if new else (sighting.next_day, "")
    return StanceRow(
        id=id,
        witnessing=sighting.number,
        hash=stance_hash(subject),
        key=subject.key,
        offer=subject.offer,
        content=write_stance(new) if new else None,
        first_seen_at=sighting.now,
        in_force_from=in_force_from,
        supersedes=old.id if old else None,
        note=note,
    )


def as_changes(rows: Sequence[StanceRow], wanted: Sequence[StanceRow]) -> list[StanceChange]:
    """The wanted versions, each with the one that it replaced; `rows` are all."""
    by_id = {row.id: row for row in rows}
    return [_change(row, by_id.get(row.supersedes or 0)) for row in wanted]


def _change(row: StanceRow, before: StanceRow | None) -> StanceChange:
    kind: ChangeKind = "changed" if before else "on trust" if row.witnessing == 1 else "new"
    return StanceChange(
        kind=kind if row.content else "ended",
        key=row.key,
        stance=_stance(row),
        previous=_stance(before),
        version=row.hash,
        first_seen_at=row.first_seen_at,
        in_force_from=row.in_force_from,
        note=row.note,
    )
