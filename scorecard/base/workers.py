"""Workers: processes that do one piece of work after the other within limits of time and memory.

What runs in them may loop for ever or ask for all the memory there is: the worker is ended, the
work is an error in one sentence, and the next is done by another worker. A nursery loads what the
work needs once, and becomes as many workers as are wanted; all end with the process that began
them, however that ends.
"""

from __future__ import annotations

import errno
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from shutil import rmtree
from tempfile import mkdtemp
from threading import Lock
from typing import Protocol, TypeVar

from scorecard.base import frames
from scorecard.base.limits import GB, Limits
from scorecard.base.worker_process import ROOM
from scorecard.errors import RenderError
from scorecard.secrets import without_secrets

_START = "import sys; from scorecard.base.worker_process import begin as b; b(*sys.argv[1:])"
_FORKS = sys.platform != "darwin"
"""On macOS the fonts' engine does not allow it."""
_BEGINNING = 120.0
"""Seconds in which a worker has to be there, on a machine that is busy."""
Done = TypeVar("Done", covariant=True)


class Work(Protocol[Done]):
    """What a worker can do: it is sent there, and what it returns comes back.

    `what` names it in sentences: "Template owner.html".
    """

    @property
    def what(self) -> str: ...

    def do(self) -> Done: ...


class Worker:
    """Another process that does one piece of work after the other, until it is closed.

    `fit` says whether it can do more: after an error of its limits it cannot.
    """

    def __init__(self, ours: socket.socket, limits: Limits) -> None:
        self._ours, self._limits = ours, limits
        self._process = 0
        self.fit = True

    def do(self, work: Work[Done]) -> Done:
        """Its result; raises what doing it raised, and RenderError where it met a limit."""
        try:
            return self._done(work)
        except TimeoutError as error:
            self.end()
            raise RenderError(
                f"{work.what} was not done after {self._limits.seconds:g} seconds and was given "
                f"up; look for what repeats without end{self._limits.otherwise}."
            ) from error
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            self.end()
            raise RenderError(
                f"{work.what} was not done: its process was ended from outside, or for want of "
                f"memory, of which it may have {self._limits.memory / GB:g} GB; make room, or "
                f"look for what takes so much{self._limits.otherwise}."
            ) from error

    def _done(self, work: Work[Done]) -> Done:
        if not self._process:
            self._process = pickle.loads(frames.receive(self._ours, time.monotonic() + _BEGINNING))
        until = time.monotonic() + self._limits.seconds
        frames.send(self._ours, pickle.dumps((self._limits, work)), until)
        fit, result = pickle.loads(frames.receive(self._ours, until))
        if not fit:
            self.end()
        if isinstance(result, Exception):
            raise result
        done: Done = result
        return done

    def end(self) -> None:
        """Kill it, if it is there still, whatever it is doing; whoever waits for it hears so."""
        if self.fit and self._process:
            with suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)
        self.fit = False
        with suppress(OSError):
            self._ours.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Kill it, and let go of it."""
        self.end()
        self._ours.close()


class Nursery:
    """A process that loads modules, and then becomes as many workers as wanted.

    It is started afresh, when the first is wanted, and runs nothing of the script that this
    process runs. What workers leave in the folder for temporary files is gone with it.
    """

    def __init__(self, modules: Sequence[str], limits: Limits) -> None:
        self._modules, self._limits = modules, limits
        self._lock = Lock()
        self._workers: list[Worker] = []
        self._processes: list[subprocess.Popen[bytes]] = []
        self._control: socket.socket | None = None
        self._room: str | None = None
        self._closed = False

    def worker(self) -> Worker:
        """Another worker; RenderError where no process can be begun."""
        ours, theirs = socket.socketpair()
        try:
            with theirs, self._lock:
                if self._closed:
                    raise OSError(errno.EPIPE, "it is closed")
                if _FORKS:
                    self._ask_for(theirs)
                else:
                    self._begin("alone", theirs)
                worker = Worker(ours, self._limits)
                self._workers.append(worker)
                return worker
        except OSError as error:
            ours.close()
            raise RenderError(
                f"No process can be begun to draw or fill templates ({error.strerror}); end others."
            ) from error

    def _ask_for(self, theirs: socket.socket) -> None:
        if self._control is None or self._processes[-1].poll() is not None:
            control, other = socket.socketpair()
            with other:
                self._begin("nursery", other)
            if self._control is not None:
                self._control.close()
            self._control = control
        socket.send_fds(self._control, [b"w"], [theirs.fileno()])

    def _begin(self, role: str, other: socket.socket) -> None:
        self._room = self._room or mkdtemp(prefix=ROOM)
        self._processes.append(
            subprocess.Popen(
                [sys.executable, "-P", "-c", _START, role, str(other.fileno()), *self._modules],
                stdin=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
                env={**without_secrets(os.environ), "TMPDIR": self._room},
                start_new_session=True,
            )
        )

    def close(self) -> None:
        """End all of them at once, and wait until they have."""
        with self._lock:
            self._closed = True
            for worker in self._workers:
                worker.close()
            self._workers.clear()
            if self._control is not None:
                self._control.close()
                self._control = None
            for process in self._processes:
                process.wait()
            self._processes.clear()
            if self._room is not None:
                rmtree(self._room, ignore_errors=True)
                self._room = None
