"""Many owners, and a process that is killed while it draws, queues and sends: nobody gets two.

How long it takes and how much memory for ten thousand is measured in tests/bench. In
`make prove` there are so many owners that several processes draw.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from mail_server import MailServer
from sizes import sizes

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Size:
    """How many owners, and at how many pages and messages it is killed."""

    owners: int
    drawn: tuple[int, ...]
    sent: tuple[int, ...]


SIZES = sizes(Size(48, (8,), (12,)), Size(210, (30, 110), (20, 80, 140)))


@dataclass(frozen=True)
class Burst:
    """The company, its mail server, and the process whose children are killed."""

    size: Size
    folder: Path
    server: MailServer
    process: subprocess.Popen

    def begin(self, stage, later=0):
        """A child at that stage, whose clock stands so many minutes later."""
        self.process.stdin.write(f"{stage} {later}\n")
        self.process.stdin.flush()
        child = self.process.stdout.readline()
        assert child, "the process that begins them has ended"
        return int(child)

    def ended(self):
        """The exit code of the child; what it says of itself is passed over."""
        return int(next(line for line in self.process.stdout if not line.startswith("{")))

    def kill(self, child, count, enough):
        """Kill it without warning once `count()` says enough; it must not be through by then."""
        while count() < enough:
            os.kill(child, 0)  # ProcessLookupError: it was through before it could be killed
            time.sleep(0.005)
        os.kill(child, signal.SIGKILL)
        assert self.ended() == -signal.SIGKILL

    def through(self, stage, later=0):
        self.begin(stage, later)
        assert self.ended() == 0

    def counted(self, what):
        """A number out of the ledger; 0 while nobody has made it."""
        file = self.folder / "ledger.db"
        if not file.exists():
            return 0
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as ledger:
            try:
                return ledger.execute(what).fetchone()[0]
            except sqlite3.OperationalError:  # its tables are still being made
                return 0


@pytest.fixture(scope="module", params=SIZES)
def burst(request, tmp_path_factory):
    """One company through all three tests, in their order."""
    size, base = request.param, tmp_path_factory.mktemp("burst")
    words = [sys.executable, "burst.py", str(base / "acme"), str(size.owners), "light"]
    with (
        MailServer.start(base / "server") as server,
        subprocess.Popen(
            words,
            cwd=HERE,
            env={**os.environ, "SCORECARD_SMTP": server.url()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        yield Burst(size, base / "acme", server, process)
        process.stdin.close()


def test_what_was_drawn_before_a_kill_is_not_drawn_again(burst):
    output, owners = burst.folder / "output" / "2026-10", burst.size.owners

    def waiting():
        return {f.name: f.stat().st_ino for f in output.glob(".drawing-*/owners/*.pdf")}

    before = {}
    for enough in burst.size.drawn:
        burst.kill(burst.begin("make"), lambda: len(waiting()), enough)
        assert before.items() <= waiting().items()
        before = waiting()
        assert enough <= len(before) < owners
        assert list(output.glob("owners/*.pdf")) == []  # all pages are laid out, or none
    burst.through("make")
    pages = {f.name: f.stat().st_ino for f in output.glob("owners/*.pdf")}
    assert len(pages) == owners and before.items() <= pages.items()
    assert list(output.glob(".drawing-*")) == []
    assert burst.counted("SELECT count(*) FROM edition") == owners
    assert burst.counted("SELECT count(*) FROM run") == 1


def test_what_was_queued_before_a_kill_is_not_queued_again(burst):
    queued = "SELECT count(*) FROM delivery WHERE kind = 'document'"
    burst.kill(burst.begin("queue"), lambda: burst.counted(queued), 1)
    assert 1 <= burst.counted(queued) < burst.size.owners
    burst.through("queue", later=5)
    assert burst.counted(queued) == burst.size.owners
    assert burst.counted("SELECT count(*) FROM delivery") == burst.size.owners


def test_what_was_sent_before_a_kill_is_not_sent_again(burst):
    owners, server = burst.size.owners, burst.server
    for n, enough in enumerate(burst.size.sent):
        child = burst.begin("send", later=30 * (n + 1))
        burst.kill(child, lambda: len(server.accepted()), enough)
    burst.through("send", later=120)
    taken = server.accepted()
    times = Counter(m.recipient for m in taken)
    assert set(times) == {f"owner{n:05}@example.com" for n in range(owners)}
    assert len({m.message_id for m in taken}) == len({(m.message_id, m.sha256) for m in taken})
    assert len({m.message_id for m in taken}) == owners
    # Only the one at which each kill struck may come twice, and is counted as a doubt then.
    again, kills = sum(times.values()) - owners, len(burst.size.sent)
    assert again <= burst.counted("SELECT sum(doubts) FROM delivery") <= kills
    assert burst.counted("SELECT count(*) FROM delivery WHERE state = 'sent'") == owners
