"""Drawing: documents become PDFs and are read, by this process or by several others.

Each document is drawn by itself: which process does it makes no difference to
a byte. The others know only this module and what it needs.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from scorecard.documents.packet_model import ExecutivePacket, Imprint, OwnerScorecard
from scorecard.documents.review_model import TeamReview
from scorecard.errors import RenderError
from scorecard.printing.readback import expected_of, problems_of, read
from scorecard.printing.renderer import Renderer

Document = ExecutivePacket | TeamReview | OwnerScorecard
MANY = 60
"""From so many documents on other processes are begun, which takes each 2 s and 180 MB."""
MOST_HANDS = 8
_WORK = "from scorecard.printing.render_pool import work; work()"


@dataclass(frozen=True)
class RenderJob:
    """A document to be drawn, its edition's imprint, and the files that go inside, by name."""

    document: Document
    imprint: Imprint
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class RenderedPdf:
    """A PDF as it was drawn.

    `text` is what stands in it, `problems` what is wrong with it, in words,
    and `notes` what was not perfect about its drawing.
    """

    pdf: bytes
    text: str
    problems: tuple[str, ...]
    notes: tuple[str, ...]


PendingPdf = Callable[[], RenderedPdf]
"""Gives the proof once it is there; RenderError when the document cannot be drawn."""


class RenderPool:
    """Draws documents with a project's templates, and the shipped ones where it has none.

    For `many` documents other processes do it, one for each processor, which
    also take what drawing leaves in memory with them. A context manager; what
    was not begun when it is left is not drawn.
    """

    def __init__(self, own: Path | None, shipped: Path, *, many: bool = False) -> None:
        self._folders = own, shipped
        self._renderer: Renderer | None = None
        count = min(os.cpu_count() or 1, MOST_HANDS) if many else 0
        self._others = [RenderWorker(own, shipped) for _ in range(count)]
        self._idle: SimpleQueue[RenderWorker] = SimpleQueue()
        for other in self._others:
            self._idle.put(other)
        self._waiting = ThreadPoolExecutor(max(count, 1), thread_name_prefix="drawing")

    def __enter__(self) -> RenderPool:
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.shutdown(cancel_futures=True)
        for other in self._others:
            other.close()

    def draw(self, job: RenderJob) -> PendingPdf:
        """Begin to draw a document; without others it is drawn when its proof is asked for."""
        if self._others:
            return self._waiting.submit(self._by_another, job).result
        return partial(self._by_ourselves, job)

    def _by_another(self, job: RenderJob) -> RenderedPdf:
        hand = self._idle.get()
        try:
            return hand.draw(job)
        finally:
            self._idle.put(hand)

    def _by_ourselves(self, job: RenderJob) -> RenderedPdf:
        self._renderer = self._renderer or Renderer(*self._folders)
        return proof_of(self._renderer, job)


class RenderWorker:
    """Another process that draws one document after the other, until this one ends or has enough.

    It is begun afresh and runs nothing of the script that this process runs.
    """

    def __init__(self, own: Path | None, shipped: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _WORK],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._begun = own, shipped

    def draw(self, job: RenderJob) -> RenderedPdf:
        """The proof of a document; raises what drawing it raised."""
        coming, going = self._process.stdout, self._process.stdin
        if coming is None or going is None:
            raise RenderError("A process that draws has no pipes.")
        try:
            pickle.dump((self._begun, job), going)
            going.flush()
            answer = pickle.load(coming)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise RenderError(
                "A process that drew documents was ended from outside, perhaps for want of "
                "memory; make room for it and run again."
            ) from error
        if isinstance(answer, Exception):
            raise answer
        proof: RenderedPdf = answer
        return proof

    def close(self) -> None:
        """Let it end, and wait until it has."""
        self._process.communicate()


def proof_of(renderer: Renderer, job: RenderJob) -> RenderedPdf:
    """Draw a document and read what was drawn."""
    pdf = renderer.render(job.document, job.imprint, job.files)
    notes = renderer.unlettered()
    try:
        found = read(pdf)
    except RenderError as error:
        return RenderedPdf(pdf, "", (str(error),), notes)
    problems = problems_of(found, expected_of(job.document))
    return RenderedPdf(pdf, "\n".join([*found.pages, found.about]), tuple(problems), notes)


def work() -> None:
    """Draw what comes in, and send back what came of it, until nothing comes any more."""
    coming, going = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed is no answer
    renderer: Renderer | None = None
    while True:
        try:
            folders, job = pickle.load(coming)
        except EOFError:
            return
        try:
            renderer = renderer or Renderer(*folders)
            answer: RenderedPdf | Exception = proof_of(renderer, job)
        except Exception as error:  # raised again by whoever asked
            answer = error
        try:
            pickle.dump(answer, going)
            going.flush()
        except BrokenPipeError:
            return
