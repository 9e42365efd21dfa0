"""The other side of `scorecard.base.workers`: what runs in the nursery and in its workers."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import socket
from importlib import import_module

from scorecard.base import frames
from scorecard.base.limits import GB, Limits, die_with_parent, limit_memory, limit_time
from scorecard.errors import RenderError


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
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
        while True:
            message, numbers, _, _ = socket.recv_fds(control, 1, 1)
            if not message:
                os._exit(0)  # and the workers with it
            with socket.socket(fileno=numbers[0]) as theirs:
                if os.fork() == 0:
                    control.close()
                    _work_alone(theirs)


def _work_alone(theirs: socket.socket) -> None:
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
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
