"""Render pool: documents become PDFs, and PDFs are read, by other processes with limits.

How many processes make no difference to a byte. They import only this module and what it needs:
no facts, no ledger; and this process imports nothing that draws.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from scorecard.base.limits import GB, Limits
from scorecard.base.workers import Nursery, Worker
from scorecard.documents.kinds import KINDS, OWNER, PACKET, PREREAD, TEAM, Document
from scorecard.documents.model import Imprint
from scorecard.errors import RenderError
from scorecard.printing.kinds import expected_of
from scorecard.printing.pdf_text import Read, read
from scorecard.printing.readback import problems_of

if TYPE_CHECKING:
    from scorecard.printing.renderer import Renderer

MANY = 8
"""From this many documents on there is a process for each processor, and one for fewer."""
MOST_WORKERS = 8
DRAWING = Limits(300, 2 * GB)
"""Limits of one document where nothing else is said."""
_LAID_OUT_BY = {PACKET: "packet", TEAM: "team", OWNER: "owner", PREREAD: "pre-read"}
_LOADED = ("scorecard.printing.renderer", "scorecard.printing.render_pool")
Done = TypeVar("Done", covariant=True)


class Job(Protocol[Done]):
    """What can be done by another process: it is sent there, and what it returns comes back.

    `what` names it in an error: "The scorecard of Ada".
    """

    @property
    def what(self) -> str: ...

    def do(self, renderer: Renderer) -> Done: ...


@dataclass(frozen=True)
class RenderedPdf:
    """A PDF as it was drawn, in `notes` what was not perfect about its drawing, and in `engine`
    what drew it, see `renderer.engine`."""

    pdf: bytes
    notes: tuple[str, ...]
    engine: str


@dataclass(frozen=True)
class RenderJob:
    """A document to be drawn, its edition's imprint, and the files that go inside, by name."""

    document: Document
    imprint: Imprint
    files: Mapping[str, bytes]

    @property
    def what(self) -> str:
        return f"Drawing {_named(self.document)} by {_LAID_OUT_BY[self.document.kind]}.html"

    def do(self, renderer: Renderer) -> RenderedPdf:
        """RenderError when the document cannot be drawn."""
        pdf = renderer.render(self.document, self.imprint, self.files)
        return RenderedPdf(pdf, renderer.unlettered(), renderer.engine)


@dataclass(frozen=True)
class ReadPdf:
    """What stands in a PDF, and in `problems` what is wrong with it, in words."""

    text: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class ReadJob:
    """A finished PDF to be read, and the document that it has to show."""

    document: Document
    pdf: bytes

    @property
    def what(self) -> str:
        return f"Reading back {_named(self.document)}"

    def do(self, _renderer: Renderer) -> ReadPdf:
        """A PDF that cannot be read is a problem of it, not an error."""
        try:
            found = read(self.pdf)
        except RenderError as error:
            return ReadPdf("", (str(error),))
        problems = problems_of(found, expected_of(self.document))
        return ReadPdf(_all_text(found), tuple(problems))


def _all_text(found: Read) -> str:
    """What stands on the pages of a PDF and of those inside of it, and what they say of
    themselves."""
    inside = (_all_text(read(pdf)) for pdf in found.files.values())
    return "\n".join([*found.pages, found.about, *inside])


def _named(document: Document) -> str:
    about = f" of {name}" if (name := getattr(document, "name", "")) else ""
    return f"{KINDS[document.kind].title}{about} for {document.heading.period}"


class RenderPool:
    """Does jobs with a project's templates, and the shipped ones where it has none.

    Other processes do them, one for each processor for `many` documents, which also take what
    drawing leaves in memory with them. One that meets a limit is replaced, and its job is an
    error. A context manager; what is not done when it is left is not done any more.
    """

    def __init__(
        self, own: Path | None, shipped: Path, *, many: bool = False, limits: Limits = DRAWING
    ) -> None:
        self._folders = own, shipped
        count = min(os.cpu_count() or 1, MOST_WORKERS) if many else 1
        self._nursery = Nursery(_LOADED, limits)
        self._idle: SimpleQueue[Worker | None] = SimpleQueue()
        for _ in range(count):
            self._idle.put(None)
        self._waiting = ThreadPoolExecutor(count, thread_name_prefix="drawing")

    def __enter__(self) -> RenderPool:
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.shutdown(wait=False, cancel_futures=True)
        self._nursery.close()
        self._waiting.shutdown()

    def begin(self, job: Job[Done]) -> Callable[[], Done]:
        """Begin a job; calling what this returns waits for its result, or raises its error."""
        return self._waiting.submit(self._elsewhere, job).result

    def _elsewhere(self, job: Job[Done]) -> Done:
        worker = self._idle.get()
        try:
            if worker is None or not worker.fit:
                worker = self._nursery.worker()
            return worker.do(_WithTemplates(self._folders, job))
        finally:
            self._idle.put(worker)


@dataclass(frozen=True)
class _WithTemplates(Generic[Done]):
    """A job, and the folders of the templates that it is done with."""

    folders: tuple[Path | None, Path]
    job: Job[Done]

    @property
    def what(self) -> str:
        return self.job.what

    def do(self) -> Done:
        return self.job.do(_renderer(*self.folders))


@lru_cache(maxsize=1)
def _renderer(own: Path | None, shipped: Path) -> Renderer:
    """Kept by each worker, with the fonts and stylesheets that it has read."""
    from scorecard.printing.renderer import Renderer

    return Renderer(own, shipped)
