"""The rim of the command line: past it there are only results, sentences and an exit code.

0    all went well
1    something is wrong with the project or its surroundings, or is not done
2    the command was misused, or an error that nobody expected; its traceback is in a file
3    of `diff`: the editions differ
130  interrupted from the keyboard
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO, cast

from scorecard.base.last_resort import keep_traceback, sentence
from scorecard.cli.last_word import last_word
from scorecard.cli.terminal import Outlet, one_line
from scorecard.errors import ScorecardError
from scorecard.secrets import learn_environment

EXIT_CODES = (
    "Exit codes: 0 all went well; 1 something is wrong, or is not done; 2 the command was misused, "
    "or the software failed and says where its traceback is; 3 of diff: they differ; 130 "
    "interrupted."
)
WRONG, FAILED, INTERRUPTED = 1, 2, 130


@dataclass
class Known:
    """What is known of the command that is carried out: whether tracebacks are asked for, and the
    state of its project, once that is open."""

    debug: bool = False
    state: Path | None = None


known = Known()


def within(command: Callable[[], object], now: Callable[[], datetime]) -> int:
    """Carry out a command that ends by SystemExit or an error; returns its exit code.

    Whatever is printed meanwhile passes an `Outlet`.
    """
    known.debug, known.state = False, None
    learn_environment(os.environ)
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = cast(TextIO, Outlet(before[0])), cast(TextIO, Outlet(before[1]))
    try:
        with last_word():
            return _carried_out(command, now)
    finally:
        sys.stdout, sys.stderr = before
        _flush_or_leave(before[0])


def _carried_out(command: Callable[[], object], now: Callable[[], datetime]) -> int:
    try:
        try:
            command()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        sys.stdout.flush()  # a full disk, or nobody who reads, shows here at the latest
        return code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return WRONG  # nobody reads any more, and nothing is wrong here
    except ScorecardError as error:
        if known.debug:
            traceback.print_exc()
        for line in str(error).split("\n"):
            _say(f"error: {line}")
        return WRONG
    except BaseException as error:
        _last_resort(error, now())
        return FAILED


def _last_resort(error: BaseException, moment: datetime) -> None:
    said = one_line(sentence(error))
    if known.debug:
        traceback.print_exc()
    file = keep_traceback(error, known.state, moment)
    if file is None and not known.debug:
        traceback.print_exc()
    _say(f"error: {said}" + (f" The traceback is in {file}." if file else ""))


def _say(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201


def _flush_or_leave(stdout: TextIO) -> None:
    """Write what is left; what cannot be written is left, which has been said or needs no word."""
    try:
        stdout.flush()
    except OSError:
        # Else the interpreter would try again when it ends, and say so.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())
