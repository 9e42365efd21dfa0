"""The clock as it really runs: processes that are killed, told to stop, and take over.

`serve --once` stays in the process of the tests; the runs that it begins do not.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command import scorecard
from mail_server import MailServer
from sample_project import small

from scorecard.delivery.due_runs import ProjectSchedules
from scorecard.delivery.health import CLOCK
from scorecard.delivery.new_deliveries import NewDeliveries
from scorecard.delivery.serve import SchedulerLoop
from scorecard.documents.formats import Formats
from scorecard.errors import LedgerError
from scorecard.ledger import Ledger, Owed
from scorecard.project.settings import Project

PERIOD = "2026-06"
MODULE = ("-m", "scorecard")
OFTEN = (
    "-c",
    "from datetime import timedelta\n"
    "from scorecard.cli.app import main\n"
    "from scorecard.delivery import serve\n"
    "serve.CLOCK_TTL = timedelta(seconds=8)\n"
    "main()",
)
"""The command with a clock that beats every two seconds, not every half a minute."""
SCHEDULE = """
title     = "Monthly pages"
documents = ["owner-scorecard"]
to        = ["owners"]
[when]
business_day = 3
at   = "07:00"
zone = "Europe/London"
[late]
by = "365 days"
[hold]
until = "300 days"
"""


@pytest.fixture
def server(tmp_path):
    with MailServer.start(tmp_path / "server") as server:
        yield server


@pytest.fixture
def acme(tmp_path, server):
    project = small(tmp_path / "acme")
    for file in Path(project.schedules).glob("*.toml"):
        file.unlink()
    (Path(project.schedules) / "pages.toml").write_text(SCHEDULE)
    return project


def owe(acme: Project) -> None:
    """Record the run of June, as if the clock had been there when it became due."""
    due = datetime(2026, 7, 3, 6, tzinfo=UTC)
    far = datetime.now(UTC) + timedelta(days=300)
    with Ledger.open(acme.ledger, acme.root) as ledger:
        ledger.expect("pages", [Owed("pages", PERIOD, due, far, far)], datetime.now(UTC))


def serving(acme: Project, server, *how: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *(how or MODULE), "serve", "-C", str(acme.root), "--json-log"],
        env={**os.environ, "SCORECARD_SMTP": server.url()},
        stderr=subprocess.PIPE,
        text=True,
    )


def begun_by_hand(acme: Project, server) -> subprocess.Popen[str]:
    """A process that makes the run of June."""
    words = ["run", "pages", "--period", PERIOD, "-C", str(acme.root), "--unattended"]
    env = {**os.environ, "SCORECARD_SMTP": server.url()}
    return subprocess.Popen([sys.executable, *MODULE, *words], env=env, stderr=subprocess.DEVNULL)


def served_once(acme: Project, server) -> tuple[int, str]:
    """The exit code of `serve --once`, and what it said."""
    code, _said, wrong = scorecard("serve", "--once", cwd=acme.root, SCORECARD_SMTP=server.url())
    return code, wrong


def heard(process: subprocess.Popen[str], words: str) -> dict[str, object]:
    """Read the log until a line says that."""
    for line in process.stderr:
        said = json.loads(line)
        if words in said["message"]:
            return said
    raise AssertionError(f"the process ended without saying {words!r}")


def ended(process: subprocess.Popen[str]) -> int:
    process.stderr.read()
    code = process.wait()
    process.stderr.close()
    return code


def test_it_issues_what_is_owed_sends_it_and_stops_when_told(acme, server):
    owe(acme)
    process = serving(acme, server)
    heard(process, "keeps the clock now")
    done = heard(process, "done")
    assert (done["schedule"], done["period"]) == ("pages", PERIOD)
    sent = heard(process, "sent: ")
    process.send_signal(signal.SIGTERM)
    assert ended(process) == 0
    with Ledger.open(acme.ledger, acme.root) as ledger:
        assert ledger.lease(CLOCK) is None
        delivery = ledger.delivery(sent["delivery"])
        assert (delivery.state, delivery.message_id) == ("sent", sent["message_id"])
    (taken,) = server.accepted()
    assert taken.message_id == sent["message_id"]


def test_a_second_stands_by_and_takes_over_when_the_first_lets_go(acme, server):
    first = serving(acme, server, *OFTEN)
    heard(first, "keeps the clock now")
    second = serving(acme, server, *OFTEN)
    heard(second, "standing by")
    first.send_signal(signal.SIGTERM)
    assert ended(first) == 0
    heard(second, "keeps the clock now")
    second.send_signal(signal.SIGTERM)
    assert ended(second) == 0


def test_once_does_all_of_it_for_cron_and_again_does_nothing(acme, server):
    owe(acme)
    for _ in range(2):
        assert served_once(acme, server)[0] == 0
    assert len(server.accepted()) == 1
    with Ledger.open(acme.ledger, acme.root) as ledger:
        assert [e.state for e in ledger.expected_runs()] == ["done"]
        assert ledger.lease(CLOCK) is None


def test_a_killed_run_is_begun_again_and_its_page_arrives_once(acme, server):
    """The process that makes the run is killed without warning, the clock is not."""
    owe(acme)
    run = begun_by_hand(acme, server)
    with Ledger.open(acme.ledger, acme.root) as ledger:
        while ledger.expected_run("pages", PERIOD).state != "running":
            assert run.poll() is None
            time.sleep(0.02)
        run.kill()
        run.wait()
        held = ledger.expected_run("pages", PERIOD)
        assert held.state == "running"
        # Nobody takes it while the heart may still beat.
        assert (
            ledger.begin("pages", PERIOD, "other", datetime.now(UTC), timedelta(minutes=2)) is None
        )
        ledger.conclude(held, "held", datetime.now(UTC), next_try_at=datetime.now(UTC))
    assert served_once(acme, server)[0] == 0
    with Ledger.open(acme.ledger, acme.root) as ledger:
        assert ledger.expected_run("pages", PERIOD).state == "done"
        assert ledger.expected_run("pages", PERIOD).tries == 2
    assert len(server.accepted()) == 1


def test_while_a_schedule_cannot_be_read_mail_goes_on(acme, server):
    """Also where the process was begun with it; and a watch is told."""
    owe(acme)
    with Ledger.open(acme.ledger, acme.root) as ledger:
        desk = NewDeliveries(acme, Formats("en_GB", "EUR"), datetime.now(UTC), ledger.keyed)
        ledger.queue(desk.operator("key", "Something else", ("Said.",)), datetime.now(UTC))
    file = Path(acme.schedules) / "pages.toml"
    file.write_text(file.read_text().replace("Europe/London", "Europe/Lundon"))
    code, said = served_once(acme, server)
    assert code == 1
    assert "Europe/Lundon" in said
    assert len(server.accepted()) == 1
    with Ledger.open(acme.ledger, acme.root) as ledger:
        assert [(e.state, e.tries) for e in ledger.expected_runs()] == [("expected", 0)]
    code, said, _ = scorecard("status", cwd=acme.root)
    assert code == 1
    assert "No run begins, because schedules cannot be read: " in " ".join(said.split())


def test_two_processes_at_the_same_run_issue_it_once(acme, server):
    owe(acme)
    both = [begun_by_hand(acme, server) for _ in range(2)]
    assert sorted(run.wait() for run in both) == [0, 1]
    assert served_once(acme, server)[0] == 0
    with Ledger.open(acme.ledger, acme.root) as ledger:
        assert [(e.state, e.tries) for e in ledger.expected_runs()] == [("done", 1)]
        assert len(ledger.runs()) == 1
    assert len(server.accepted()) == 1


def test_what_the_ledger_said_last_counts_while_it_is_asked_again(acme, monkeypatch):
    """Looking and posting strike at the same moment as the beat, and must not take it for lost."""
    seen = []
    with Ledger.open(acme.ledger, acme.root) as ledger:
        clock = SchedulerLoop(
            lambda: ProjectSchedules.of(acme, datetime.now(UTC)),
            ledger,
            lambda: datetime.now(UTC),
            "one",
            make=seen.append,
            post=lambda: None,
            fetch=lambda: None,
        )
        clock.beat()
        take = ledger.take

        def asked(*about):
            seen.append(clock.active)
            return take(*about)

        monkeypatch.setattr(ledger, "take", asked)
        clock.beat()
        assert (seen, clock.active) == ([True], True)

        def unreachable(*_):
            raise LedgerError("nobody answers")

        monkeypatch.setattr(ledger, "take", unreachable)
        with pytest.raises(LedgerError):
            clock.beat()
        assert clock.active is False
