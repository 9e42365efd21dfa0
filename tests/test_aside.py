"""What metrics print is nobody's result: it goes to standard error, whatever a command prints."""

from __future__ import annotations

import json
import logging
import sys
from datetime import timedelta
from threading import Event, Thread

import pytest
from command import scorecard
from sample_project import small
from test_answering import ASKED_ON, MAY, issue
from test_docs import COMMANDS
from test_loader import write
from test_reply_file import ANY_TIME, GOLD, OWNER

from scorecard.base.theirs import printing_aside
from scorecard.definitions.loader import load_metrics
from scorecard.ledger import Ledger

LOUD = """
print("loaded, with a word")

_quiet = waited


def waited(*given):
    print("asked, with a word")
    return _quiet(*given)
"""
WORDS = {
    "results": ("--period", "2026-05"),
    "tier": ("C01",),
    "questions": (OWNER,),
    "answer": (OWNER, "1", "It rained."),
    "commit": (OWNER, "do it", "--moves", GOLD, "--due", "2099-01"),
    "renegotiate": (OWNER, "1", "--due", "2099-02", "--because", "staffing"),
    "withdraw": (OWNER, "1", "--because", "scope"),
    "acknowledge": (OWNER,),
    "hand-in": ("none.toml",),
    "reply": ("none.toml",),
    "collect": ("returned",),
    "diff": ("executive-packet", "--period", "2026-05"),
}
"""What the commands with --json are given, in the order in which they are carried out."""
REFUSED = {"diff", "hand-in"}
"""Which of them have nothing to print here."""


@pytest.fixture(scope="module")
def loud(tmp_path_factory):
    """The small company, asked about May, whose metrics print whenever they are looked at."""
    acme = small(tmp_path_factory.mktemp("loud") / "acme")
    with Ledger.open(acme.ledger, acme.root) as ledger:
        issue(acme, ledger, ANY_TIME, MAY, ASKED_ON)
    (acme.root / "returned").mkdir()
    for file in acme.metrics.glob("*.py"):
        if "def waited" in file.read_text(encoding="utf-8"):
            with file.open("a", encoding="utf-8") as end:
                end.write(LOUD)
            return acme
    raise AssertionError("no file has the function that is made loud")


def with_json():
    given = [n for n, c in COMMANDS.items() if any("--json" in p.opts for p in c.params)]
    return [*[n for n in WORDS if n in given], *[n for n in given if n not in WORDS]]


@pytest.mark.parametrize("name", with_json())
def test_json_is_json_however_much_metrics_print(loud, name):
    _, said, wrong = scorecard(name, *WORDS.get(name, ()), "--json", cwd=loud.root)
    assert "with a word" not in said
    if name not in REFUSED:
        json.loads(said)
    if name in ("check", "results", "tier", "answer", "reply"):
        assert "loaded, with a word" in wrong


def test_what_a_person_reads_is_ours_alone_too(loud):
    _, said, wrong = scorecard("explain", "first_reply_p90", cwd=loud.root)
    assert "with a word" not in said and "SELECT" in said
    assert "loaded, with a word" in wrong and "asked, with a word" in wrong


def test_only_what_is_printed_meanwhile_goes_aside(capsys):
    with printing_aside():
        sys.stdout.write("theirs\n")
    sys.stdout.write("ours\n")
    assert capsys.readouterr() == ("ours\n", "theirs\n")


def test_a_file_that_is_never_done_being_loaded_is_named(tmp_path):
    room = tmp_path / "metrics"
    room.mkdir()
    write(room, "a.py", "first")
    wait = f"import time\nwhile not __import__('os').path.exists({str(tmp_path / 'go')!r}):\n    time.sleep(0.01)\n"
    write(room, "b.py", "second", before=wait)
    said, told = [], Event()

    class Listener(logging.Handler):
        def emit(self, record):
            said.append(record.getMessage())
            told.set()

    listener, log = Listener(), logging.getLogger("scorecard.theirs")
    log.addHandler(listener)
    try:
        loaded = []
        patience = timedelta(seconds=1)
        work = Thread(target=lambda: loaded.append(load_metrics(room, patience=patience)))
        work.start()
        assert told.wait(60)
        (tmp_path / "go").touch()
        work.join(60)
    finally:
        log.removeHandler(listener)
    assert said == [
        "metrics/b.py: metrics are still being loaded after 1 second, and it is at this file; "
        "look for what waits or repeats without end when it is imported."
    ]
    assert [list(metrics) for metrics in loaded] == [["first", "second"]]
