"""Publishing: documents frozen as editions, drawn, read back, and laid into the output folder.

Each of these is one step over all documents of a run, of which a batch is in memory at a time.
PDFs wait on a shelf until the last one was read back, and then all move. A run that was killed
finds there what it had finished.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from scorecard.base.files import make_folder, move, write_whole
from scorecard.base.regular_file import MOST_PDF, read_bytes
from scorecard.documents.kinds import PACKET, Document, path_of, read_document
from scorecard.documents.packet_model import METHOD_FILE
from scorecard.documents.preread import as_told_before
from scorecard.documents.preread_model import PreRead
from scorecard.documents.restated import restated, with_lines
from scorecard.errors import RenderError
from scorecard.ledger import Edition, Ledger, Rendering, Run
from scorecard.printing.edition_renderer import SOFTWARE, EditionRenderer, RenderedEdition
from scorecard.printing.pdf_text import file_inside

Progress = Callable[[str, int, int], None]
Clock = Callable[[], datetime]
Item = TypeVar("Item")
AT_ONCE = 24
"""Documents in one batch."""
WAITING = ".drawing-"
"""How the names of folders begin in which PDFs wait."""


@dataclass(frozen=True)
class Published:
    """One document on disk, the edition it shows (without its content), and what was not
    perfect about its drawing."""

    path: Path
    edition: Edition
    sha256: str
    notes: tuple[str, ...] = ()


class Shelf:
    """Where finished PDFs wait until all of them may be laid out into a folder.

    Nothing stays of a failure. What stays when the process is killed or interrupted is
    used by whoever draws the same (`what`) again, and cleared away by others.
    """

    def __init__(self, folder: Path, what: str, ledger: Ledger) -> None:
        self._folder, self._ledger = folder, ledger
        self._waiting = folder / f"{WAITING}{what}"
        self._published: dict[Path, Published | None] = {}

    def __enter__(self) -> Shelf:
        if self._waiting.is_symlink():  # somebody else's, who may write here
            self._waiting.unlink()
        self._continued = self._waiting.is_dir()
        for stale in self._folder.glob(f"{WAITING}*"):
            if stale != self._waiting:
                shutil.rmtree(stale, ignore_errors=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None or issubclass(kind, Exception):
            shutil.rmtree(self._waiting, ignore_errors=True)

    @property
    def published(self) -> list[Published]:
        """What is finished, in the order in which it was asked for."""
        return [each for each in self._published.values() if each is not None]

    def has(self, edition: Edition) -> bool:
        """Whether the edition's PDF was drawn, and perhaps laid out, before a kill."""
        path = path_of(edition.document, edition.scope)
        self._published[path] = None
        for file in (self._waiting / path, self._folder / path) if self._continued else ():
            if file.is_file():
                hashed = sha256(read_bytes(file, MOST_PDF)).hexdigest()
                if self._ledger.rendered(edition.id, hashed, SOFTWARE):
                    self._keep(edition, hashed)
                    return True
        return False

    def put(self, drawn: RenderedEdition) -> None:
        """Let a PDF wait."""
        path = path_of(drawn.edition.document, drawn.edition.scope)
        with _writing(self._waiting / path) as target:
            write_whole(target, drawn.pdf, below=self._folder.parent)
        self._keep(drawn.edition, drawn.sha256, drawn.notes)

    def pdf(self, published: Published) -> bytes:
        """A PDF that waits, or was laid out before a kill; RenderError where it has changed."""
        waiting = self._waiting / published.path.relative_to(self._folder)
        file = waiting if waiting.is_file() else published.path
        pdf = read_bytes(file, MOST_PDF) if file.is_file() else b""
        if sha256(pdf).hexdigest() != published.sha256:
            raise RenderError(f"{published.path}: it was changed while it waited; run again.")
        return pdf

    def lay_out(self) -> list[Published]:
        """Move everything to where it belongs, each file at once.

        RenderError, before the first is moved, where a file is not what was read back or a
        folder cannot be made.
        """
        for each in self.published:
            pdf = self.pdf(each)
            with _writing(each.path) as target:
                make_folder(target.parent, below=self._folder.parent)
            if each.edition.document == PACKET:
                self._take_out(pdf)
        for path in self._published:
            waiting = self._waiting / path
            with _writing(self._folder / path) as target:
                if waiting.is_file():
                    move(waiting, target, below=self._folder.parent)
        notes = self._waiting / METHOD_FILE
        with _writing(self._folder / METHOD_FILE) as target:
            if notes.is_file():
                move(notes, target, below=self._folder.parent)
        return self.published

    def _take_out(self, packet: bytes) -> None:
        """Let the method notes, which are inside of the packet, wait as a file of their own too."""
        if (notes := file_inside(packet, METHOD_FILE)) is not None:
            with _writing(self._waiting / METHOD_FILE) as target:
                write_whole(target, notes, below=self._folder.parent)

    def _keep(self, edition: Edition, hashed: str, notes: tuple[str, ...] = ()) -> None:
        path = path_of(edition.document, edition.scope)
        bare = replace(edition, content="")
        self._published[path] = Published(self._folder / path, bare, hashed, notes)


def freeze(
    documents: Iterable[tuple[str, str, Document]],
    ledger: Ledger,
    run: Run,
    now: Clock,
    reason: str = "",
) -> list[Edition]:
    """Freeze (kind, scope, document) each as an edition, and return these without their content.

    What says the same as the newest edition is that one; `reason` is kept with the others, which
    then say what they replace, and why.
    """
    editions: list[Edition] = []
    for batch in _batches(documents):
        frozen = [
            (kind, scope, _content(ledger, run, kind, scope, document, reason))
            for kind, scope, document in batch
        ]
        made = ledger.freeze_all(frozen, run, now(), reason)
        editions += [replace(each, content="") for each in made]
    return editions


def draw(
    renderer: EditionRenderer,
    editions: Sequence[Edition],
    shelf: Shelf,
    ledger: Ledger,
    now: Clock,
    progress: Progress,
) -> None:
    """Draw what the shelf does not have yet, and record the hash of every PDF."""

    def missing() -> Iterator[list[Edition]]:
        for batch in _batches(editions):
            name = path_of(batch[-1].document, batch[-1].scope).name
            progress(f"drawing {name}", len(shelf.published), len(editions))
            yield [ledger.edition(e.id) for e in batch if not shelf.has(e)]

    for drawn in renderer.draw(missing()):
        # Recorded first, so that whatever a killed process left on the shelf is known.
        ledger.record_renderings(
            [Rendering(e.edition.id, e.sha256, SOFTWARE, now(), dict(e.drawn_with)) for e in drawn]
        )
        for each in drawn:
            shelf.put(each)


def read_back(renderer: EditionRenderer, shelf: Shelf, ledger: Ledger, progress: Progress) -> None:
    """Read every PDF that waits; RenderError names the first with something wrong in it.

    What was read before a kill, and found good, is not read again.
    """
    waiting = shelf.published

    def unread() -> Iterator[list[RenderedEdition]]:
        for batch in _batches(waiting):
            some = []
            for each in batch:
                pdf, reading = shelf.pdf(each), ledger.reading(each.edition.id, each.sha256)
                if reading is None or reading.problems:
                    edition = ledger.edition(each.edition.id)
                    some.append(RenderedEdition(edition, pdf, each.sha256))
            yield some

    done = 0
    for count in renderer.read_back(unread()):
        done += count
        progress("reading back", min(done, len(waiting)), len(waiting))


@contextmanager
def _writing(target: Path) -> Iterator[Path]:
    try:
        yield target
    except OSError as error:
        raise RenderError(
            f"{target}: cannot be written ({error.strerror}); make room for it, or make the "
            "folder writable, and run again."
        ) from error


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    left = iter(items)
    while batch := list(islice(left, AT_ONCE)):
        yield batch


def _content(
    ledger: Ledger, run: Run, kind: str, scope: str, document: Document, reason: str
) -> str:
    """A document as JSON: as it was frozen last where it says the same, and otherwise, where there
    is a reason, with what it says of the edition that it replaces."""
    content = _json(asdict(document))
    newest = ledger.newest_edition(kind, scope, run.period)
    if newest is None or newest.content == content:
        return content
    # Read into today's shape: what an older version did not have, and is empty, is no difference.
    known, told = read_document(kind, newest.content), document
    if isinstance(document, PreRead) and isinstance(known, PreRead):
        told = as_told_before(document, known)
    if _json(asdict(known) | {"restated": ()}) == _json(asdict(told)):
        return newest.content
    replaced = ledger.issued(kind, scope, run.period) if reason else None
    if replaced is None or replaced.content == content:
        return content
    before = read_document(kind, replaced.content)
    lines = restated(before, replaced.number, document, reason)
    return _json(asdict(with_lines(document, lines)))


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True)
