"""The other side of `scorecard.base.workers`: what runs in the nursery and in its workers."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import socket
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from shutil import rmtree
from typing import NoReturn

from scorecard.base import frames
from scorecard.base.limits import GB, Limits, die_with_parent, limit_memory, limit_time
from scorecard.errors import RenderError

ROOM = "scorecard-drawing-"
"""How the folder of temporary files is called that a nursery has to itself."""


def begin(role: str, number: str, *modules: str) -> None:
    """Load modules, and then be a worker, or become one for each socket that comes.

    Called before the first page is drawn: the fonts' engine has threads from then on.
    """
    os.dup2(2, 1)  # what a library prints is nobody's result
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(fileno=int(number)) as control:
        for module in modules:
            import_module(module)
        gc.freeze()
        if role == "alone":
            _work_alone(control)
        workers: list[int] = []
        while True:
            message, numbers, _, _ = socket.recv_fds(control, 1, 1)
            workers = [each for each in workers if os.waitpid(each, os.WNOHANG) == (0, 0)]
            if not message:
                break
            with socket.socket(fileno=numbers[0]) as theirs:
                if (worker := os.fork()) == 0:
                    control.close()
                    _work_alone(theirs)
                workers.append(worker)
    _end(workers)


def _end(workers: Sequence[int]) -> NoReturn:
    """End with all workers, whatever they do, and with what they left among temporary files."""
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
    # Not by tempfile, which looks for a folder that it can write to, and there may be none.
    room = Path(os.environ.get("TMPDIR", ""))
    if room.name.startswith(ROOM):
        rmtree(room, ignore_errors=True)
    os._exit(0)


def _work_alone(theirs: socket.socket) -> None:
    try:
        die_with_parent()
        _work(theirs)
    finally:
        os._exit(0)


def _work(theirs: socket.socket) -> None:
    """Do what comes in, and send back what came of it, until nothing comes any more."""
    frames.send(theirs, pickle.dumps(os.getpid()))
    limited, fit, what = False, True, "Work"
    while fit:
        try:
            message = frames.receive(theirs)
        except (EOFError, OSError):
            return
        try:
            limits, work = pickle.loads(message)
            what = work.what
            if not limited:
                limit_memory(limits)
                limited = True
            limit_time(limits)
            result: object = work.do()
        except MemoryError:
            result, fit = _memory_error(what, limits), False
        except Exception as error:  # raised again by whoever asked
            result = error
        try:
            frames.send(theirs, _packed(fit, result, what))
        except OSError:
            return


def _memory_error(what: str, limits: Limits) -> RenderError:
    return RenderError(
        f"{what} needs more memory than the {limits.memory / GB:g} GB that it may have; look for "
        f"what takes so much{limits.otherwise}."
    )


def _packed(fit: bool, result: object, what: str) -> bytes:
    try:
        return pickle.dumps((fit, result))
    except Exception as error:  # an exception of a library that cannot be sent
        said = f"{type(result).__name__}: {result}" if isinstance(result, Exception) else error
        return pickle.dumps((fit, RenderError(f"{what} was not done: {said}.")))
