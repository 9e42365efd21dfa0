"""Two lanes of senders, each killed after a while: run as a process of its own.

    python sender_lane.py PROJECT KILLS LIFE FAST SEED BEGAN

A child does what `scorecard send` does, until it is killed without warning, at
the latest after LIFE seconds; then the next one of its lane begins. After the last
kill one more works until the outbox has nothing left to do. The clock runs FAST times as fast as the wall's, so that
the outbox's own delays and patience are those of production.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scorecard.delivery.post import post
from scorecard.ledger import OPEN
from scorecard.mail.smtp_session import SmtpSession  # noqa: F401  loaded before the children
from scorecard.project.settings import Project
from scorecard.project.workspace import open_ledger

MONDAY = datetime(2026, 11, 16, 7, tzinfo=UTC)


def clock(began: float, fast: int):
    """The moment, as every sender of the test sees it."""
    return lambda: MONDAY + fast * timedelta(seconds=time.time() - began)


def work(project: Project, now, holder: str, *, until_done: bool) -> None:
    with open_ledger(project) as ledger:
        while True:
            post(project, ledger, os.environ, now, holder, timeout=2.0, patience=4.0)
            counts = ledger.delivery_counts()
            if until_done and not any(counts.get(state) for state in OPEN):
                return
            time.sleep(0.1)


def lane(name: str, folder: str, kills: int, life: float, fast: int, seed: str, began: float):
    project, now = Project.at(Path(folder)), clock(began, fast)
    chance = random.Random(seed + name)
    for number in range(kills):
        child = os.fork()
        if child == 0:
            work(project, now, f"{name}-{number}", until_done=False)
            os._exit(1)
        time.sleep(chance.uniform(0.05, life))
        os.kill(child, signal.SIGKILL)
        _pid, status = os.waitpid(child, 0)
        sys.stdout.write("killed\n" if os.WIFSIGNALED(status) else f"ended:{status}\n")
        sys.stdout.flush()
    work(project, now, f"{name}-last", until_done=True)


def main() -> None:
    """The second lane is a child of the first, so that what both need is loaded once."""
    folder, kills, life, fast, seed, began = sys.argv[1:]
    about = (folder, int(kills) // 2, float(life), int(fast), seed, float(began))
    child = os.fork()
    if child == 0:
        lane("right", *about)
        os._exit(0)
    lane("left", *about)
    _pid, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
