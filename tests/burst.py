"""Every owner's page made, queued and sent: run as a process of its own, so that it can be killed.

    python burst.py FOLDER OWNERS TEMPLATES [STAGE LATER]

`make` draws the pages, `queue` puts them into the outbox, `send` works that off
to SCORECARD_SMTP. TEMPLATES are "light" or "shipped". The clock stands LATER
minutes after the company's Monday, so that what somebody killed had held is
free. What it took is printed as JSON: seconds, and MB at the peak.

Without a stage each line of the input names one and LATER. A child does it, and
its id is printed, and when it ended its exit code; so what is loaded is loaded once.
"""

from __future__ import annotations

import os
import resource
import sys
import time
import traceback
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sample_burst import LIGHT, MONDAY, Company, company
from sample_choices import OCTOBER

from scorecard.base.periods import Period
from scorecard.delivery.issuing import Issuer
from scorecard.delivery.post import post
from scorecard.delivery.recipients import Recipient, recipients
from scorecard.ledger import Owed, outbox
from scorecard.mail.sender import connect  # noqa: F401  loaded before the clock starts
from scorecard.schedules.model import Audience, BusinessDay, Schedule, When
from scorecard.strategy.model import Strategy

SCHEDULE = Schedule(
    "owner-scorecards",
    "Owner scorecards",
    ("owner-scorecard",),
    When(BusinessDay(11), None, "Europe/London"),
    (Audience("owners"),),
)


@dataclass(frozen=True)
class Burst(Issuer):
    """The issuer of a company whose strategy is in no file."""

    strategy: Strategy = None  # type: ignore[assignment]

    def _people(self, schedule: Schedule, period: Period) -> list[Recipient]:
        owners = [owner.id for owner in self.strategy.owners]
        return recipients(schedule, self.strategy, owners, MONDAY.date())


def make(made: Company) -> None:
    editions = [each.edition.id for each in made.publish()]
    run = made.ledger.advance(made.run, "read_back", MONDAY, editions=editions)
    made.ledger.advance(run, "done", MONDAY)


def queue(made: Company, now, holder: str) -> None:
    ledger, project = made.ledger, made.work.project
    ledger.expect(SCHEDULE.id, [Owed(SCHEDULE.id, OCTOBER.key, *[MONDAY] * 3)], MONDAY)
    expected = ledger.expected_run(SCHEDULE.id, OCTOBER.key)
    if expected.run_id is None:
        before = now() - timedelta(minutes=10)  # by a maker whose heart has stopped since
        expected = ledger.begin(
            SCHEDULE.id, OCTOBER.key, "maker", before, timedelta(minutes=2), by_hand=True
        )
        (run,) = (run for run in ledger.runs(OCTOBER) if run.step == "done")
        ledger.computed_by(expected, run.id, before)
    burst = Burst(project, ledger, now, holder, lambda *_: None, strategy=made.work.strategy)
    became = burst.issue(SCHEDULE, OCTOBER, by_hand=True)
    assert became.state == "done", became


def work(folder: str, owners: str, templates: str, stage: str, later: str) -> None:
    holder = f"burst-{os.getpid()}"
    moment = MONDAY + timedelta(minutes=int(later))
    if int(owners) <= outbox.BATCH:  # a kill must find it between two batches
        outbox.BATCH = int(owners) // 2
    made = company(Path(folder), int(owners), templates=LIGHT if templates == "light" else None)
    began = time.perf_counter()
    if stage == "make":
        make(made)
    elif stage == "queue":
        queue(made, lambda: moment, holder)
    else:
        post(made.work.project, made.ledger, os.environ, lambda: moment, holder)
    took = time.perf_counter() - began
    peaks = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    own, hand = (resource.getrusage(who).ru_maxrss // 1024 for who in peaks)
    sys.stdout.write(f'{{"seconds": {took:.1f}, "MB": {own}, "MB of a hand": {hand}}}\n')


def in_a_child(*about: str) -> None:
    child = os.fork()
    if child == 0:
        try:
            work(*about)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    print(child, flush=True)  # noqa: T201
    _pid, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


def main() -> None:
    if len(sys.argv) > 4:
        work(*sys.argv[1:])
        return
    for line in sys.stdin:
        in_a_child(*sys.argv[1:], *line.split())


if __name__ == "__main__":
    main()
