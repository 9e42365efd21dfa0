"""Editions: documents frozen for a period, and the PDFs that were drawn from them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy import and_, func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from scorecard.base.periods import Period
from scorecard.errors import AlteredError, LedgerError
from scorecard.ledger.chain import edition_fault, record_name
from scorecard.ledger.journal import refuse_altered
from scorecard.ledger.models import EditionRow, LedgerTable, ReadingRow, RenderingRow, RunRow
from scorecard.ledger.runs import Run, digest
from scorecard.ledger.store import Store

_EDITION: sa.Table = LedgerTable.metadata.tables["edition"]


@dataclass(frozen=True)
class Edition:
    """A document frozen for a period. `number` counts from 1; more than 1 is a restatement.

    `document` is its kind, such as "executive-packet" or "owner-scorecard";
    `scope` whom it is about: "executives", an owner's or a team's id.
    `content` is the whole document as JSON text.
    """

    id: str
    document: str
    scope: str
    period: str
    number: int
    content: str
    content_hash: str
    inputs: str
    as_of: datetime
    run_id: str
    reason: str
    created_at: datetime


@dataclass(frozen=True)
class Rendering:
    """The hash of a PDF drawn from an edition, by which software, and when first.

    `drawn_with` has the digest of the "templates", see `printing.template_set`, and the "engine",
    the versions of what drew it; None of renderings from before these were kept.
    """

    edition_id: str
    sha256: str
    software: str
    at: datetime
    drawn_with: Mapping[str, str] | None = None


@dataclass(frozen=True)
class ReadBack:
    """The result of reading a PDF back, which is done before it may be sent.

    `problems` are in words, and empty when it may be sent; `looked_for` are the
    numbers of texts, foreign owners, teams and customers that were searched for.
    """

    edition_id: str
    sha256: str
    problems: Sequence[str]
    looked_for: Mapping[str, Any]
    software: str
    at: datetime


class Editions(Store):
    """The ledger's records of editions, their renderings and readings."""

    def freeze(
        self,
        document: str,
        scope: str,
        content: str,
        run: Run,
        now: datetime,
        reason: str = "",
    ) -> Edition:
        """Freeze a document for the run's period and return its edition.

        Content that equals the newest edition's *is* that edition: it comes
        back with its own number, `as_of` and run. So `content` must not hold
        an edition number, an `as_of` or a run id; these are printed from the
        edition. Otherwise the next number is taken, with `reason` saying why.
        """
        return self.freeze_all([(document, scope, content)], run, now, reason)[0]

    def freeze_all(
        self, documents: Sequence[tuple[str, str, str]], run: Run, now: datetime, reason: str = ""
    ) -> list[Edition]:
        """Freeze (document, scope, content) of several documents, all or none; see `freeze`."""

        def work(session: Session) -> list[Edition]:
            return [
                as_edition(_found_or_added(session, *document, run, now, reason))
                for document in documents
            ]

        return self._in_turn(work, now)

    def edition(self, id: str) -> Edition:
        """The edition of that id; LedgerError when there is none, AlteredError when it is not
        what was frozen."""
        with self._reading() as session:
            row = session.get(EditionRow, id)
            if row is None:
                raise LedgerError(f'Ledger {self.where} has no edition "{id}".')
            self._refuse_altered(session, row)
            return as_edition(row)

    def drawn(self) -> list[tuple[str, str, str, str]]:
        """(document, scope, period, hash) of every PDF that was drawn or read back of the newest
        edition whose run is done, or of a later one, which may be laid out as well."""
        of_edition = (EditionRow.document, EditionRow.scope, EditionRow.period)
        newest = (
            select(*of_edition, func.max(EditionRow.number).label("number"))
            .join(RunRow, col(RunRow.id) == col(EditionRow.run_id))
            .where(RunRow.step == "done")
            .group_by(*of_edition)
            .subquery()
        )
        same = and_(
            col(EditionRow.document) == newest.c.document,
            col(EditionRow.scope) == newest.c.scope,
            col(EditionRow.period) == newest.c.period,
        )
        found: set[tuple[str, str, str, str]] = set()
        with self._reading() as session:
            for kind in (RenderingRow, ReadingRow):
                query = (
                    select(*of_edition, kind.sha256)
                    .join(EditionRow, col(EditionRow.id) == kind.edition_id)
                    .outerjoin(newest, same)
                    .where(EditionRow.number >= func.coalesce(newest.c.number, 0))
                )
                found |= {(d, s, p, h) for d, s, p, h in session.exec(query)}
        return sorted(found)

    def _refuse_altered(self, session: Session, row: EditionRow) -> None:
        said = (row.document, row.scope, row.period, str(row.number))
        if why := edition_fault(row.id, said, row.content_hash, row.content):
            raise AlteredError(
                f"Ledger {self.where}: edition {row.id} {why}, so it was altered and is neither "
                'drawn nor sent; see "scorecard verify".'
            )
        refuse_altered(session, EditionRow, [(row.id,)], self.where)

    def edition_list(self) -> list[Edition]:
        """Every edition that there is, without its content, by document, scope, period, number."""
        columns = [column for column in _EDITION.columns if column.name != "content"]
        order = (_EDITION.c[name] for name in ("document", "scope", "period", "number"))
        with self._reading() as session:
            rows = session.connection().execute(sa.select(*columns).order_by(*order)).mappings()
            return [Edition(**row, content="") for row in rows]

    def issued_before(self, document: str, scope: str, before: Period) -> Edition | None:
        """The edition of the latest period before, of the same kind, for which that document was
        issued; None where it never was, and of a span. See `issued`."""
        if before.is_span:
            return None
        query = (
            sa.select(col(EditionRow.period), col(RunRow.first))
            .join(RunRow, col(RunRow.id) == col(EditionRow.run_id))
            .where(
                col(EditionRow.document) == document,
                col(EditionRow.scope) == scope,
                col(RunRow.kind) == before.kind,
                col(RunRow.first) < before.first,
            )
            .distinct()
            .order_by(col(RunRow.first).desc())
        )
        with self._reading() as session:
            periods = [period for period, _first in session.execute(query)]
        found = (self.issued(document, scope, period) for period in periods)
        return next((edition for edition in found if edition is not None), None)

    def issued(self, document: str, scope: str, period: str) -> Edition | None:
        """The edition of a document that the newest run of that period, given by its key, made to
        its end; None where none did. It need not be the run that froze it."""
        mine = select(EditionRow.id).where(
            EditionRow.document == document,
            EditionRow.scope == scope,
            EditionRow.period == period,
        )
        done = (
            select(RunRow)
            .where(RunRow.period == period, RunRow.step == "done")
            .order_by(col(RunRow.ordinal).desc())
        )
        with self._reading() as session:
            known = set(session.exec(mine))
            made = (id for row in session.exec(done) for id in row.detail.get("editions", ()))
            newest = next((id for id in made if id in known), None)
        return self.edition(newest) if newest else None

    def newest_edition(self, document: str, scope: str, period: str) -> Edition | None:
        """The newest edition of that period, also of a run that is not done."""
        with self._reading() as session:
            row = session.exec(_newest_first(document, scope, period)).first()
            if row is not None:
                self._refuse_altered(session, row)
            return as_edition(row) if row else None

    def editions(self, period: Period, scope: str = "") -> list[Edition]:
        """Every edition of every document for a period, or of those of one scope, by document,
        scope and number."""
        query = select(EditionRow).where(EditionRow.period == period.key)
        if scope:
            query = query.where(EditionRow.scope == scope)
        with self._reading() as session:
            rows = session.exec(query)
            found = [as_edition(row) for row in rows]
        return sorted(found, key=lambda e: (e.document, e.scope, e.number))

    def newest_of(self, documents: Collection[str], scope: str, period: str = "") -> Edition | None:
        """The edition of one of these kinds of documents about somebody that was frozen last, of a
        period or of any; None where there is none. AlteredError where it was altered."""
        query = select(EditionRow).where(
            col(EditionRow.document).in_(list(documents)), EditionRow.scope == scope
        )
        if period:
            query = query.where(EditionRow.period == period)
        newest = query.order_by(col(EditionRow.created_at).desc(), col(EditionRow.number).desc())
        with self._reading() as session:
            row = session.exec(newest).first()
            if row is None:
                return None
            self._refuse_altered(session, row)
            return as_edition(row)

    def record_rendering(
        self,
        edition: Edition,
        sha256: str,
        software: str,
        now: datetime,
        drawn_with: Mapping[str, str] | None = None,
    ) -> None:
        """Record the hash of a PDF drawn from an edition, once per software and hash.

        Another version of the software may draw other bytes from the same
        edition; each is kept, none is replaced.
        """
        self.record_renderings([Rendering(edition.id, sha256, software, now, drawn_with)])

    def record_renderings(self, renderings: Sequence[Rendering]) -> None:
        """Record several renderings, all or none; one that is recorded already is skipped."""

        def work(session: Session) -> None:
            for rendering in renderings:
                query = select(RenderingRow).where(
                    RenderingRow.edition_id == rendering.edition_id,
                    RenderingRow.sha256 == rendering.sha256,
                    RenderingRow.software == rendering.software,
                )
                if session.exec(query).first() is None:
                    session.add(RenderingRow(**asdict(rendering)))

        self._in_turn(work, max((each.at for each in renderings), default=None))

    def rendered(self, edition_id: str, sha256: str, software: str) -> bool:
        """Whether that software drew that PDF from the edition."""
        query = select(RenderingRow).where(
            RenderingRow.edition_id == edition_id,
            RenderingRow.sha256 == sha256,
            RenderingRow.software == software,
        )
        with self._reading() as session:
            return session.exec(query).first() is not None

    def record_readings(self, readings: Sequence[ReadBack]) -> None:
        """Record what reading PDFs back found, all or none; another reading replaces the former."""

        def work(session: Session) -> None:
            for reading in readings:
                row = session.exec(_reading_query(reading.edition_id, reading.sha256)).first()
                row = row or ReadingRow(**asdict(reading))
                row.problems, row.looked_for = list(reading.problems), dict(reading.looked_for)
                row.software, row.at = reading.software, reading.at
                session.add(row)

        self._in_turn(work, max((each.at for each in readings), default=None))

    def reading(self, edition_id: str, sha256: str) -> ReadBack | None:
        """The result of reading that PDF of an edition back; None where it was not read.

        AlteredError where that is not what was recorded.
        """
        with self._reading() as session:
            row = session.exec(_reading_query(edition_id, sha256)).first()
            if row is not None:
                refuse_altered(session, ReadingRow, [(row.id,)], self.where)
            return ReadBack(**row.model_dump(exclude={"id"})) if row else None

    def hashes_read(self, edition_id: str) -> set[str]:
        """The hashes of all PDFs of an edition that were read back."""
        query = select(ReadingRow.sha256).where(ReadingRow.edition_id == edition_id)
        with self._reading() as session:
            return set(session.exec(query))

    def records_of(self, edition_id: str) -> list[str]:
        """The names of the records of an edition's renderings and readings, as the journal has
        them."""
        with self._reading() as session:
            return [
                record_name(kind.__tablename__, (id,))
                for kind in (RenderingRow, ReadingRow)
                for id in session.exec(select(kind.id).where(kind.edition_id == edition_id))
            ]

    def renderings(self, edition: Edition) -> list[Rendering]:
        """The renderings of an edition, oldest first."""
        query = (
            select(RenderingRow)
            .where(RenderingRow.edition_id == edition.id)
            .order_by(col(RenderingRow.id))
        )
        with self._reading() as session:
            return [Rendering(**row.model_dump(exclude={"id"})) for row in session.exec(query)]


def _found_or_added(
    session: Session, document: str, scope: str, content: str, run: Run, now: datetime, reason: str
) -> EditionRow:
    """The newest edition's row where it has that content, or else a new one."""
    hashed = sha256(content.encode()).hexdigest()
    newest = session.exec(_newest_first(document, scope, run.period)).first()
    if newest is not None and newest.content_hash == hashed:
        return newest
    number = newest.number + 1 if newest else 1
    row = EditionRow(
        id=digest(document, scope, run.period, str(number), hashed)[:12],
        document=document,
        scope=scope,
        period=run.period,
        number=number,
        content=content,
        content_hash=hashed,
        inputs=run.inputs,
        as_of=run.as_of,
        run_id=run.id,
        reason=reason,
        created_at=now,
    )
    session.add(row)
    session.flush()
    session.refresh(row)
    return row


def _reading_query(edition_id: str, sha256: str) -> SelectOfScalar[ReadingRow]:
    return select(ReadingRow).where(
        ReadingRow.edition_id == edition_id, ReadingRow.sha256 == sha256
    )


def _newest_first(document: str, scope: str, period: str) -> SelectOfScalar[EditionRow]:
    return (
        select(EditionRow)
        .where(
            EditionRow.document == document,
            EditionRow.scope == scope,
            EditionRow.period == period,
        )
        .order_by(col(EditionRow.number).desc())
    )


def as_edition(row: EditionRow) -> Edition:
    """An edition of its row."""
    return Edition(**row.model_dump())
