"""The command line, as a person or a script meets it, in the process of the tests.

A few tests begin a process of its own, where signals, kills or the way that it is
begun are what they are about.
"""

from __future__ import annotations

import io
import logging
import os
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import pytest

from scorecard.cli.app import main

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def scorecard(*words, cwd, **env):
    """What the command does when it is typed in that folder: (exit code, stdout, stderr)."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SCORECARD_")}
    out, wrong, before = io.StringIO(), io.StringIO(), Path.cwd()
    root = logging.getLogger("scorecard")
    logging_before = root.handlers[:], root.level, root.propagate
    handlers = [signal.getsignal(each) for each in SIGNALS]
    os.chdir(cwd)
    try:
        with (
            patch.object(sys, "argv", ["scorecard", *map(str, words)]),
            patch.dict(os.environ, {**kept, **env}, clear=True),
            redirect_stdout(out),
            redirect_stderr(wrong),
            pytest.raises(SystemExit) as ended,
        ):
            main()
            sys.exit(0)
    finally:
        os.chdir(before)
        root.handlers[:], root.level, root.propagate = logging_before
        for each, handler in zip(SIGNALS, handlers, strict=True):
            signal.signal(each, handler)
    assert "Traceback" not in wrong.getvalue() or "--debug" in words
    return int(ended.value.code or 0), out.getvalue(), wrong.getvalue()


def refused(*words, cwd, code=1, **env):
    """The one sentence with which a command ends that did nothing."""
    ended, said, wrong = scorecard(*words, cwd=cwd, **env)
    assert (ended, said) == (code, "")
    if code == 2:
        return " ".join(wrong.split())
    (sentence,) = wrong.splitlines()
    assert sentence.startswith("error: ")
    return sentence
