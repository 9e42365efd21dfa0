"""Edition renderer: editions become PDFs, which are read back before anybody can be sent one.

Whom an edition would name is looked up before it is drawn, and again in the finished PDF. What
reading back found is recorded with the hash of the PDF, good or bad. Other processes may draw and
read; the names that a document holds are looked up here, a batch at a time.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from scorecard.documents.kinds import Document, read_document
from scorecard.documents.packet_model import ExecutivePacket
from scorecard.errors import RenderError
from scorecard.ledger import Edition, Ledger, ReadBack
from scorecard.mail.templates import MailTemplates
from scorecard.printing.enclosures import FIGURES
from scorecard.printing.leak_check import LeakCheck, PrintedText
from scorecard.printing.render_pool import MANY, ReadJob, ReadPdf, RenderPool
from scorecard.printing.scope_check import ScopeCheck
from scorecard.printing.template_set import TemplateSet
from scorecard.printing.wholes import SOFTWARE as SOFTWARE
from scorecard.printing.wholes import Wholes
from scorecard.printing.words import apart
from scorecard.project.scaffold import room
from scorecard.project.workspace import Workspace

MOST_SAID = 3
"""So many problems of a document are named in an error; all of them are recorded."""
DRAWN = "was drawn but not published"
NOT_DRAWN = ""
"""Stands for the hash of a PDF in what is recorded of an edition that was not drawn."""
Pending = TypeVar("Pending")


@dataclass(frozen=True)
class RenderedEdition:
    """An edition's PDF, its hash, what was not perfect about its drawing, and what it was drawn
    with, see `Rendering`."""

    edition: Edition
    pdf: bytes
    sha256: str
    notes: tuple[str, ...] = ()
    drawn_with: Mapping[str, str] = field(default_factory=dict)


class EditionRenderer:
    """Draws editions with the project's templates and reads them back. Keep one for many.

    Other processes do that, one for each processor from MANY documents on; close it then, as a
    context manager does.
    """

    def __init__(
        self, work: Workspace, ledger: Ledger, now: Callable[[], datetime], count: int = 1
    ) -> None:
        own, shipped = work.project.own_templates, room("templates")
        self._work, self._ledger, self._now = work, ledger, now
        self._leaks = LeakCheck(
            work.facts,
            work.strategy,
            work.metrics,
            work.project.settings.locale,
            shipped=shipped,
            own=own,
            meant=work.project.settings.words,
        )
        self._scopes = ScopeCheck(
            self._leaks,
            work.strategy,
            work.metrics,
            work.project.settings,
            work.formats,
            MailTemplates(own, shipped),
        )
        self._many = count >= MANY
        limits = work.project.limits.of_drawing
        self._pool = RenderPool(own, shipped, many=self._many, limits=limits)
        self._wholes = Wholes(work.project, work.metrics, ledger)
        self._templates = TemplateSet.of(own, shipped)

    def __enter__(self) -> EditionRenderer:
        return self

    def __exit__(self, *failure: object) -> None:
        self._pool.__exit__(*failure)

    def draw(self, batches: Iterable[Sequence[Edition]]) -> Iterator[list[RenderedEdition]]:
        """The editions of each batch as PDFs; RenderError names the first that cannot be drawn, or
        would name somebody who does not belong in it: of that batch nothing is drawn then."""
        for begun in self._ahead(self._begun(batch) for batch in batches):
            yield [finish() for finish in begun]

    def read_back(self, batches: Iterable[Sequence[RenderedEdition]]) -> Iterator[int]:
        """Read the PDFs of each batch and record what was found; how many they were.

        RenderError names the first that does not show what it should, or names
        somebody who does not belong in it.
        """
        for begun in self._ahead([(d, self._reading(d)) for d in batch] for batch in batches):
            yield self._checked([(drawn, finish()) for drawn, finish in begun])

    def draw_one(self, edition: Edition) -> RenderedEdition:
        """One edition's PDF, read back; RenderError as above."""
        (drawn,) = next(self.draw([[edition]]))
        next(self.read_back([[drawn]]))
        return drawn

    def _ahead(self, batches: Iterable[list[Pending]]) -> Iterator[list[Pending]]:
        """The batches, of which the next is begun before one is waited for where others work."""
        waiting: deque[list[Pending]] = deque()
        for batch in batches:
            waiting.append(batch)
            if len(waiting) > self._many:
                yield waiting.popleft()
        yield from waiting

    def _begun(self, batch: Sequence[Edition]) -> list[Callable[[], RenderedEdition]]:
        self._refuse_foreign(batch)
        return [self._drawing(edition) for edition in batch]

    def _refuse_foreign(self, batch: Sequence[Edition]) -> None:
        """RenderError where an edition would name somebody who does not belong in it; what would
        be wrong with each is recorded."""
        problems = self._scopes.problems([self._wholes.of(edition) for edition in batch])
        wrong = [(edition, each) for edition, each in zip(batch, problems, strict=True) if each]
        if not wrong:
            return
        at, looked_for = self._now(), self._leaks.looked_for
        self._ledger.record_readings(
            [ReadBack(e.id, NOT_DRAWN, each, looked_for, SOFTWARE, at) for e, each in wrong]
        )
        _refuse(*wrong[0], "was not drawn")

    def _drawing(self, edition: Edition) -> Callable[[], RenderedEdition]:
        finish = self._pool.begin(self._wholes.job(edition))

        def finished() -> RenderedEdition:
            made, templates = finish(), self._templates.digest
            drawn_with = {"templates": templates, "engine": made.engine}
            hashed = sha256(made.pdf).hexdigest()
            return RenderedEdition(edition, made.pdf, hashed, made.notes, drawn_with)

        return finished

    def _reading(self, drawn: RenderedEdition) -> Callable[[], ReadPdf]:
        return self._pool.begin(ReadJob(_document_of(drawn.edition), drawn.pdf))

    def _checked(self, read: Sequence[tuple[RenderedEdition, ReadPdf]]) -> int:
        texts = [self._printed(drawn.edition, found.text) for drawn, found in read]
        found: list[ReadBack] = []
        for (drawn, pdf), foreign in zip(read, self._leaks.foreign(texts), strict=True):
            problems = [*pdf.problems, *map(self._leaks.problem, foreign)]
            looked_for = self._leaks.looked_for
            found.append(
                ReadBack(
                    drawn.edition.id, drawn.sha256, problems, looked_for, SOFTWARE, self._now()
                )
            )
        self._ledger.record_readings(found)
        for (drawn, _pdf), back in zip(read, found, strict=True):
            _refuse(drawn.edition, back.problems)
        return len(read)

    def _printed(self, edition: Edition, text: str) -> PrintedText:
        """What stands in an edition's PDF, attachments included, and whom it may name."""
        whole = self._wholes.of(edition)
        figures = whole.enclosed.files(whole.document)[FIGURES]
        # What stands apart in a file makes no name with what comes after it.
        named = dict.fromkeys([text, *_method(whole.document), *_named_in(figures)])
        return PrintedText(apart(named), self._scopes.allowed(whole))


def _document_of(edition: Edition) -> Document:
    return read_document(edition.document, edition.content)


def _method(document: Document) -> Iterator[str]:
    """What the method notes inside of a packet say."""
    if isinstance(document, ExecutivePacket):
        for method in document.evidence.methods:
            yield from (method.label, method.text, method.detail)
            yield from (text for _name, text in method.facts)


def _named_in(figures: bytes) -> Iterator[str]:
    """The customers that the figures inside a PDF name."""
    for row in json.loads(figures):
        if row["fragility"] is not None:
            yield from row["fragility"]["names"]


def _refuse(edition: Edition, wrong: Sequence[str], how: str = DRAWN) -> None:
    """RenderError where anything is wrong with an edition or its PDF."""
    if wrong:
        e = edition
        more = f"; and {len(wrong) - MOST_SAID} more" if len(wrong) > MOST_SAID else ""
        raise RenderError(
            f"{e.document} {e.scope} {e.period} {how}: {'; '.join(wrong[:MOST_SAID])}{more}."
        )
