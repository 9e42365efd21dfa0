"""Press: editions become PDFs, which are read back before anybody can be sent one.

What reading back found is recorded with the hash of the PDF, good or bad.
Documents may be drawn by many hands; whom they name is looked up here, a few at a time.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter

from scorecard.base.version import VERSION
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Result
from scorecard.documents.packet_model import ExecutivePacket, Held, Imprint, OwnerScorecard
from scorecard.documents.review_model import TeamReview
from scorecard.errors import RenderError
from scorecard.ledger import Edition, Ledger, ReadBack
from scorecard.printing.allowed_names import allowed_names_of
from scorecard.printing.leak_check import LeakCheck, PrintedText
from scorecard.printing.render_pool import MANY, PendingPdf, RenderedPdf, RenderJob, RenderPool
from scorecard.printing.render_pool import Document as Document
from scorecard.project.scaffold import room
from scorecard.project.workspace import Workspace
from scorecard.stats.estimate import hidden

PACKET, TEAM, OWNER = "executive-packet", "team-review", "owner-scorecard"
READERS: dict[str, TypeAdapter[Any]] = {
    PACKET: TypeAdapter(ExecutivePacket),
    TEAM: TypeAdapter(TeamReview),
    OWNER: TypeAdapter(OwnerScorecard),
}
MOST_SAID = 3
"""So many problems of a document are said; all of them are recorded."""
SOFTWARE = f"scorecard {VERSION}"


@dataclass(frozen=True)
class RenderedEdition:
    """A PDF that was read back without a problem, and what was not perfect about its drawing."""

    edition: Edition
    pdf: bytes
    sha256: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Begun:
    """An edition that is being drawn."""

    edition: Edition
    document: Document
    imprint: Imprint
    figures: bytes
    promise: PendingPdf


def document_of(edition: Edition) -> Document:
    """The frozen document of an edition."""
    document: Document = READERS[edition.document].validate_json(edition.content)
    return document


def held_of(document: TeamReview | OwnerScorecard) -> tuple[Held, ...]:
    """The stances that a document is about, as it prints them."""
    if isinstance(document, OwnerScorecard):
        return (*document.strengths, *document.weaknesses)
    return tuple(held for member in document.members for held in member.held)


class EditionRenderer:
    """Draws editions with the project's templates. Keep one for many documents."""

    def __init__(self, work: Workspace, ledger: Ledger, now: Callable[[], datetime]) -> None:
        own = work.project.templates if work.project.templates.is_dir() else None
        self._templates = own, room("templates")
        self._work, self._ledger, self._now = work, ledger, now
        self._watch = LeakCheck(
            work.facts,
            work.strategy,
            work.metrics,
            work.project.settings.locale,
            shipped=self._templates[1],
            own=own,
            meant=work.project.settings.words,
        )
        self._hands = RenderPool(*self._templates)
        self._figures: tuple[str, Sequence[Result], Mapping[str, str]] | None = None

    def draw(self, editions: Sequence[Edition]) -> list[RenderedEdition]:
        """The editions as PDFs, all of them read back.

        RenderError names the first that does not show what it should, or names
        somebody who does not belong in it.
        """
        return self._read_back(self._begun(editions, self._hands))

    def draw_all(
        self, batches: Iterable[Sequence[Edition]], count: int
    ) -> Generator[list[RenderedEdition], None, None]:
        """The same for each batch of `count` editions in all, by many hands where they are many.

        The next batch is begun before one is read back. Close what this returns.
        """
        many = count >= MANY
        with RenderPool(*self._templates, many=many) as hands:
            waiting: deque[list[_Begun]] = deque()
            for editions in batches:
                waiting.append(self._begun(editions, hands))
                if len(waiting) > many:
                    yield self._read_back(waiting.popleft())
            while waiting:
                yield self._read_back(waiting.popleft())

    def _begun(self, editions: Sequence[Edition], hands: RenderPool) -> list[_Begun]:
        begun = []
        for edition in editions:
            document = document_of(edition)
            imprint = self._imprint(edition, document)
            files = self._attachments(edition, document)
            promise = hands.draw(RenderJob(document, imprint, files))
            begun.append(_Begun(edition, document, imprint, files["figures.json"], promise))
        return begun

    def _read_back(self, begun: Sequence[_Begun]) -> list[RenderedEdition]:
        proofs = [each.promise() for each in begun]
        foreign = self._watch.foreign(
            [self._printed(*pair) for pair in zip(begun, proofs, strict=True)]
        )
        drawn, readings = [], []
        for each, proof, names in zip(begun, proofs, foreign, strict=True):
            wrong = [*proof.problems]
            wrong += [self._watch.problem(name) for name in names]
            hashed = sha256(proof.pdf).hexdigest()
            readings.append(
                ReadBack(
                    each.edition.id, hashed, wrong, self._watch.looked_for, SOFTWARE, self._now()
                )
            )
            drawn.append(RenderedEdition(each.edition, proof.pdf, hashed, proof.notes))
        self._ledger.record_readings(readings)
        for one, reading in zip(drawn, readings, strict=True):
            _refuse(one.edition, reading.problems)
        return drawn

    def _imprint(self, edition: Edition, document: Document) -> Imprint:
        zone = self._work.project.settings.timezone
        return Imprint(
            edition.number,
            self._work.formats.moment(edition.as_of, zone),
            document.heading.period,
            edition.content_hash,
            SOFTWARE,
        )

    def _printed(self, begun: _Begun, proof: RenderedPdf) -> PrintedText:
        imprint = begun.imprint
        scope = allowed_names_of(
            begun.document,
            self._work.strategy,
            self._rested_on(begun.edition, begun.document),
            (imprint.as_of, imprint.period, imprint.content_hash[:8], imprint.software),
        )
        return PrintedText("\n".join([proof.text, *_named_in(begun.figures)]), scope)

    def _rested_on(self, edition: Edition, document: Document) -> list[str]:
        """The customers on whom the document's verdicts rest: its figures name them."""
        keys = (
            {h.key for h in held_of(document)}
            if not isinstance(document, ExecutivePacket)
            else None
        )
        return [
            name
            for result in self._numbers(edition.run_id)[0]
            if result.fragility is not None and (keys is None or result.stance in keys)
            for name in result.fragility.names
        ]

    def _attachments(self, edition: Edition, document: Document) -> dict[str, bytes]:
        """The edition's own numbers, and the SQL behind them, as files inside the PDF.

        What the pages do not print of confidential answers is not in them either.
        """
        wanted, sql = self._numbers(edition.run_id)
        if not isinstance(document, ExecutivePacket):
            keys = {held.key for held in held_of(document)}
            wanted = [r for r in wanted if r.stance in keys]
        files = {"figures.json": figures(wanted, self._work.metrics)}
        names = {r.metric for r in wanted} | {"tables"}
        return files | {
            f"{name}.sql": text.encode() for name, text in sorted(sql.items()) if name in names
        }

    def _numbers(self, run_id: str) -> tuple[Sequence[Result], Mapping[str, str]]:
        """The run's results and SQL; those of the last run asked for are kept."""
        if self._figures is None or self._figures[0] != run_id:
            run = self._ledger.run(run_id)
            self._figures = (run_id, self._ledger.results_of(run), run.detail.get("lineage", {}))
        return self._figures[1:]


def figures(results: Sequence[Result], metrics: Mapping[str, Metric]) -> bytes:
    """Results as JSON, without what is confidential."""
    shown = [r for r in results if r.metric in metrics and not hidden(metrics[r.metric], r)]
    rows = [asdict(r) for r in sorted(shown, key=lambda r: (r.metric, r.tier))]
    return (json.dumps(rows, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _named_in(figures: bytes) -> Iterator[str]:
    """The customers that the figures inside a PDF name."""
    for row in json.loads(figures):
        if row["fragility"] is not None:
            yield from row["fragility"]["names"]


def _refuse(edition: Edition, wrong: Sequence[str]) -> None:
    """RenderError where anything is wrong with an edition's PDF."""
    if wrong:
        e = edition
        more = f"; and {len(wrong) - MOST_SAID} more" if len(wrong) > MOST_SAID else ""
        raise RenderError(
            f"{e.document} {e.scope} {e.period} was drawn but not published: "
            f"{'; '.join(wrong[:MOST_SAID])}{more}."
        )
