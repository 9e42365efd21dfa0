"""Many owners, and a process that is killed while it draws, queues and sends: nobody gets two.

How long it takes and how much memory for ten thousand is measured in tests/bench.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from mail_server import MailServer

OWNERS = 210
HERE = Path(__file__).parent


def begun(folder, stage, later=0, **env):
    """A process at that stage of the burst, whose clock stands so many minutes later."""
    words = [sys.executable, "burst.py", str(folder), str(OWNERS), "light", stage, str(later)]
    return subprocess.Popen(words, cwd=HERE, env={**os.environ, **env}, stdout=subprocess.PIPE)


def killed_once(process, count, enough):
    """Kill it without warning once `count()` says enough; it must not be through by then."""
    while count() < enough:
        assert process.poll() is None, "it was through before it could be killed"
        time.sleep(0.005)
    process.kill()
    process.communicate()
    assert process.returncode == -9


def through(process):
    process.communicate()
    assert process.returncode == 0


def counted(folder, what):
    """A number out of the ledger; 0 while nobody has made it."""
    file = folder / "ledger.db"
    if not file.exists():
        return 0
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as ledger:
        try:
            return ledger.execute(what).fetchone()[0]
        except sqlite3.OperationalError:  # its tables are still being made
            return 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("burst") / "acme"


def test_what_was_drawn_before_a_kill_is_not_drawn_again(folder):
    output = folder / "output" / "2026-10"

    def waiting():
        return {f.name: f.stat().st_ino for f in output.glob(".drawing-*/owners/*.pdf")}

    before = {}
    for enough in (30, 110):
        killed_once(begun(folder, "make"), lambda: len(waiting()), enough)
        assert before.items() <= waiting().items()
        before = waiting()
        assert enough <= len(before) < OWNERS
        assert list(output.glob("owners/*.pdf")) == []  # all pages are laid out, or none
    through(begun(folder, "make"))
    pages = {f.name: f.stat().st_ino for f in output.glob("owners/*.pdf")}
    assert len(pages) == OWNERS and before.items() <= pages.items()
    assert list(output.glob(".drawing-*")) == []
    assert counted(folder, "SELECT count(*) FROM edition") == OWNERS
    assert counted(folder, "SELECT count(*) FROM run") == 1


def test_what_was_queued_before_a_kill_is_not_queued_again(folder):
    queued = "SELECT count(*) FROM delivery WHERE kind = 'document'"
    killed_once(begun(folder, "queue"), lambda: counted(folder, queued), 1)
    assert 1 <= counted(folder, queued) < OWNERS
    through(begun(folder, "queue", later=5))
    assert counted(folder, queued) == OWNERS
    assert counted(folder, "SELECT count(*) FROM delivery") == OWNERS


def test_what_was_sent_before_a_kill_is_not_sent_again(folder, tmp_path):
    with MailServer.start(tmp_path) as server:
        env = {"SCORECARD_SMTP": server.url()}
        for n, enough in enumerate((20, 80, 140)):
            process = begun(folder, "send", later=30 * (n + 1), **env)
            killed_once(process, lambda: len(server.accepted()), enough)
        through(begun(folder, "send", later=120, **env))
        taken = server.accepted()
    times = Counter(m.recipient for m in taken)
    assert set(times) == {f"owner{n:05}@example.com" for n in range(OWNERS)}
    assert len({m.message_id for m in taken}) == len({(m.message_id, m.sha256) for m in taken})
    assert len({m.message_id for m in taken}) == OWNERS
    # Only the one at which each kill struck may come twice, and is counted as a doubt then.
    again = sum(times.values()) - OWNERS
    assert again <= counted(folder, "SELECT sum(doubts) FROM delivery") <= 3
    assert counted(folder, "SELECT count(*) FROM delivery WHERE state = 'sent'") == OWNERS
