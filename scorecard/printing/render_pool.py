"""Render pool: documents become PDFs, and PDFs are read, by this process or by several others.

Which process does it makes no difference to a byte. The others import only this module and
what it needs: no facts, no ledger.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from socket import socket, socketpair
from typing import IO, Any, Protocol, TypeVar

from scorecard.documents.kinds import Document
from scorecard.documents.model import Imprint
from scorecard.errors import RenderError
from scorecard.printing.kinds import expected_of
from scorecard.printing.pdf_text import Read, read
from scorecard.printing.readback import problems_of
from scorecard.printing.renderer import Renderer

MANY = 8
"""From this many documents on other processes are started, which takes a second or two."""
MOST_WORKERS = 8
_START = "import sys; from scorecard.printing.render_pool import begin_work as b; b(*sys.argv[1:])"
_FORKS = sys.platform != "darwin"
"""On macOS the fonts' engine does not allow it."""
Done = TypeVar("Done", covariant=True)


class Job(Protocol[Done]):
    """What can be done by another process: it is sent there, and what it returns comes back."""

    def do(self, renderer: Renderer) -> Done: ...


@dataclass(frozen=True)
class RenderedPdf:
    """A PDF as it was drawn, and in `notes` what was not perfect about its drawing."""

    pdf: bytes
    notes: tuple[str, ...]


@dataclass(frozen=True)
class RenderJob:
    """A document to be drawn, its edition's imprint, and the files that go inside, by name."""

    document: Document
    imprint: Imprint
    files: Mapping[str, bytes]

    def do(self, renderer: Renderer) -> RenderedPdf:
        """RenderError when the document cannot be drawn."""
        pdf = renderer.render(self.document, self.imprint, self.files)
        return RenderedPdf(pdf, renderer.unlettered())


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


class RenderPool:
    """Does jobs with a project's templates, and the shipped ones where it has none.

    For `many` documents other processes do them, one for each processor, which
    also take what drawing leaves in memory with them. A context manager; what
    was not begun when it is left is not done.
    """

    def __init__(self, own: Path | None, shipped: Path, *, many: bool = False) -> None:
        self._folders = own, shipped
        self._renderer: Renderer | None = None
        count = min(os.cpu_count() or 1, MOST_WORKERS) if many else 0
        self._nursery = Nursery(own, shipped, count)
        self._workers = self._nursery.workers
        self._idle: SimpleQueue[RenderWorker] = SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._waiting = ThreadPoolExecutor(max(count, 1), thread_name_prefix="drawing")

    def __enter__(self) -> RenderPool:
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.shutdown(cancel_futures=True)
        self._nursery.close()

    def begin(self, job: Job[Done]) -> Callable[[], Done]:
        """Begin a job; calling what this returns waits for its result, or raises its error.

        Without other processes the job is done when its result is asked for.
        """
        if self._workers:
            return self._waiting.submit(self._elsewhere, job).result
        return partial(self._here, job)

    def _elsewhere(self, job: Job[Done]) -> Done:
        worker = self._idle.get()
        try:
            return worker.do(job)
        finally:
            self._idle.put(worker)

    def _here(self, job: Job[Done]) -> Done:
        self._renderer = self._renderer or Renderer(*self._folders)
        return job.do(self._renderer)


class RenderWorker:
    """Another process that does one job after the other, until it is closed."""

    def __init__(self, ours: socket, own: Path | None, shipped: Path) -> None:
        self._ours, self._folders = ours, (own, shipped)
        self._coming, self._going = ours.makefile("rb"), ours.makefile("wb")

    def do(self, job: Job[Done]) -> Done:
        """The job's result; raises what doing it raised."""
        try:
            pickle.dump((self._folders, job), self._going)
            self._going.flush()
            result: Any = pickle.load(self._coming)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise RenderError(
                "A process that drew documents was ended from outside, perhaps for want of "
                "memory; make room for it and run again."
            ) from error
        if isinstance(result, Exception):
            raise result
        done: Done = result
        return done

    def close(self) -> None:
        """Let it end."""
        with suppress(OSError):  # it ended before
            self._going.close()
        self._coming.close()
        self._ours.close()


class Nursery:
    """A process that loads what drawing needs once, and then becomes as many workers as wanted.

    It is started afresh and runs nothing of the script that this process runs.
    """

    def __init__(self, own: Path | None, shipped: Path, count: int) -> None:
        pairs = [socketpair() for _ in range(count)]
        self.workers = [RenderWorker(ours, own, shipped) for ours, _ in pairs]
        theirs = [their.fileno() for _, their in pairs]
        together = [theirs] if _FORKS else [[each] for each in theirs]
        self._processes = [_begun(some) for some in together if some]
        for _, their in pairs:
            their.close()

    def close(self) -> None:
        """Let all of them end, and wait until they have."""
        for worker in self.workers:
            worker.close()
        for process in self._processes:
            process.wait()


def _begun(sockets: Sequence[int]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _START, *map(str, sockets)],
        stdin=subprocess.DEVNULL,
        pass_fds=sockets,
        start_new_session=True,
    )


def begin_work(*sockets: str) -> None:
    """Work for each socket, whose numbers these are, in a process of its own.

    Called before the first page is drawn: the fonts' engine has threads from then on.
    """
    os.dup2(2, 1)  # what a library prints is nobody's result
    numbers = [int(each) for each in sockets]
    gc.freeze()
    *others, last = numbers
    children = []
    for number in others:
        child = os.fork()
        if child == 0:
            _work_alone(number, numbers)
        children.append(child)
    _work_alone(last, numbers, children)


def _work_alone(number: int, numbers: Sequence[int], children: Sequence[int] = ()) -> None:
    for other in numbers:
        if other != number:
            os.close(other)
    try:
        with socket(fileno=number) as theirs:
            _work(theirs.makefile("rb"), theirs.makefile("wb"))
        for child in children:
            os.waitpid(child, 0)
    finally:
        os._exit(0)


def _work(coming: IO[bytes], going: IO[bytes]) -> None:
    """Do what comes in, and send back what came of it, until nothing comes any more."""
    renderer: Renderer | None = None
    while True:
        try:
            folders, job = pickle.load(coming)
        except (EOFError, OSError):
            return
        try:
            renderer = renderer or Renderer(*folders)
            result: object = job.do(renderer)
        except Exception as error:  # raised again by whoever asked
            result = error
        try:
            pickle.dump(result, going)
            going.flush()
        except OSError:
            return
