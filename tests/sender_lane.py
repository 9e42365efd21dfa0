"""A lane of senders, each killed after a while: run as a process of its own.

    python sender_lane.py PROJECT LANE KILLS SEED BEGAN

A child does what `scorecard send` does, until it is killed without warning;
then the next one begins. After the last kill one more works until the outbox
has nothing left to do. The clock runs sixty times as fast as the wall's, so that
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

FAST = 60
MONDAY = datetime(2026, 11, 16, 7, tzinfo=UTC)


def clock(began: float):
    """The moment, as every sender of the test sees it."""
    return lambda: MONDAY + FAST * timedelta(seconds=time.time() - began)


def work(project: Project, now, holder: str, *, until_done: bool) -> None:
    with open_ledger(project) as ledger:
        while True:
            post(project, ledger, os.environ, now, holder, timeout=2.0, patience=4.0)
            counts = ledger.delivery_counts()
            if until_done and not any(counts.get(state) for state in OPEN):
                return
            time.sleep(0.02)


def main() -> None:
    folder, lane, kills, seed, began = sys.argv[1:]
    project, now = Project.at(Path(folder)), clock(float(began))
    chance = random.Random(seed + lane)
    for number in range(int(kills)):
        child = os.fork()
        if child == 0:
            work(project, now, f"{lane}-{number}", until_done=False)
            os._exit(1)
        time.sleep(chance.uniform(0.05, 0.9))
        os.kill(child, signal.SIGKILL)
        _pid, status = os.waitpid(child, 0)
        sys.stdout.write("killed\n" if os.WIFSIGNALED(status) else f"ended:{status}\n")
        sys.stdout.flush()
    work(project, now, f"{lane}-last", until_done=True)


if __name__ == "__main__":
    main()
