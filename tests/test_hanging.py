"""What hangs, loops or ends its process: the clock and the other schedules go on, and it is told.

Real processes, as somebody begins them; the limits are short here.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from command import scorecard
from mail_server import Behaviour, MailServer
from sample_project import small
from test_render_pool import gone
from test_serve import OFTEN, SCHEDULE, ended, heard, serving

from scorecard.delivery.due_runs import ProjectSchedules
from scorecard.delivery.health import CLOCK, JOBS, health, sign_of
from scorecard.delivery.new_deliveries import NewDeliveries
from scorecard.delivery.run_process import STOPPED, ended_process
from scorecard.delivery.serve import SchedulerLoop
from scorecard.ledger import FAILED_TRY, Ledger, Owed
from scorecard.project.settings import Project

PERIOD = "2026-06"
DUE = datetime(2026, 7, 3, 6, tzinfo=UTC)
FAR = datetime.now(UTC) + timedelta(days=300)
ENDLESS = "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}"
TRAP = """

_before = waited


def waited(*given):
    import os, posix, time
    from pathlib import Path

    if (Path(__file__).parents[1] / "trap").exists():
        {}
    return _before(*given)
"""
"""Added to a file of metrics: done when a metric is computed, as long as a file is there."""


@pytest.fixture
def server(tmp_path):
    with MailServer.start(tmp_path / "server") as server:
        yield server


@pytest.fixture
def acme(tmp_path):
    project = small(tmp_path / "acme")
    for file in project.schedules.glob("*.toml"):
        file.unlink()
    (project.schedules / "pages.toml").write_text(SCHEDULE)
    reviews = SCHEDULE.replace("owner-scorecard", "team-review").replace('"owners"', '"teams"')
    (project.schedules / "reviews.toml").write_text(reviews)
    return project


def owe(acme: Project, *schedules: str) -> None:
    with Ledger.open(acme.ledger, acme.root) as ledger:
        for minutes, name in enumerate(schedules):
            due = DUE + timedelta(minutes=minutes)
            ledger.expect(name, [Owed(name, PERIOD, due, FAR, FAR)], datetime.now(UTC))


def limited(acme: Project, lines: str) -> None:
    file = acme.root / "pyproject.toml"
    text = file.read_text()
    assert "[tool.scorecard.limits]\n" in text
    file.write_text(
        text.replace("[tool.scorecard.limits]\n", f"[tool.scorecard.limits]\n{lines}\n")
    )


def trap(acme: Project, does: str) -> Path:
    """Let the metrics do that as long as the file exists that this returns."""
    file = acme.metrics / "service.py"
    file.write_text(file.read_text() + TRAP.format(does))
    (acme.root / "trap").touch()
    return acme.root / "trap"


def kept(acme: Project, schedule: str):
    with Ledger.open(acme.ledger, acme.root) as ledger:
        return ledger.expected_run(schedule, PERIOD)


def at_work(acme: Project, schedule: str) -> int:
    """Wait until the schedule's run is at work; returns its process."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        run = kept(acme, schedule)
        if run is not None and run.state == "running":
            return int(run.holder.split(":")[1])
        time.sleep(0.05)
    raise AssertionError(f"{schedule} was not begun: {run}")


def stopped(process: subprocess.Popen[str]) -> float:
    """Tell a process to stop; the seconds until it has."""
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert ended(process) == 0
    return time.monotonic() - begun


def test_an_endless_template_stops_no_other_schedule_and_is_a_trouble(acme, server):
    limited(acme, 'drawing = "3 s"')
    (acme.templates / "owner.html").write_text(ENDLESS)
    owe(acme, "pages", "reviews")
    process = serving(acme, server)
    failed = heard(process, "held: ")
    assert failed["schedule"] == "pages" and "was not done after 3 seconds" in failed["message"]
    assert heard(process, "done")["schedule"] == "reviews"
    heard(process, "sent: ")
    assert stopped(process) < 15
    assert kept(acme, "reviews").state == "done"
    code, said, _ = scorecard("status", cwd=acme.root)
    said = " ".join(said.split())
    assert code == 1
    assert (
        "Monthly pages (pages) for 2026-06, due 2026-07-03 06:00 UTC, failed: Drawing Owner" in said
    )
    assert "; it is tried again at " in said


def test_told_to_stop_with_everything_in_the_air_it_ends_in_seconds_and_nothing_is_lost(
    acme, tmp_path
):
    """A metric that hangs, and a server that does not answer."""
    hanging = trap(acme, "time.sleep(1000)")
    owe(acme, "pages")
    with Ledger.open(acme.ledger, acme.root) as ledger:
        desk = NewDeliveries(acme, acme.formats, datetime.now(UTC), ledger.keyed)
        ledger.queue(desk.operator("key", "Something else", ("Said.",)), datetime.now(UTC))
    with MailServer.start(tmp_path / "mute", Behaviour(stall="content")) as mute:
        process = serving(acme, mute)
        heard(process, "keeps the clock now")
        run = at_work(acme, "pages")
        assert stopped(process) < 20
    gone(run)
    left = kept(acme, "pages")
    assert (left.state, left.reason) == ("held", STOPPED)
    assert left.next_try_at <= datetime.now(UTC)
    with Ledger.open(acme.ledger, acme.root) as ledger:
        assert ledger.lease(CLOCK) is None
        (waiting,) = ledger.deliveries()
        assert waiting.state in ("queued", "claimed", "handed over", "deferred")
    hanging.unlink()
    with MailServer.start(tmp_path / "server") as server:
        code, _, _ = scorecard("serve", "--once", cwd=acme.root, SCORECARD_SMTP=server.url())
        assert code == 0
        assert kept(acme, "pages").state == "done"
        sent = [each.message_id for each in server.accepted()]
        assert len(sent) == len(set(sent)) > 0


def test_a_run_ends_with_a_clock_that_is_killed(acme, server):
    trap(acme, "time.sleep(1000)")
    owe(acme, "pages")
    process = serving(acme, server)
    run = at_work(acme, "pages")
    process.kill()
    assert ended(process) == -signal.SIGKILL
    gone(run)


@pytest.mark.parametrize(
    ("does", "limit", "said"),
    [
        ("posix._exit(0)", "2 h", "Its process ended with exit code 0 without a word"),
        pytest.param(
            "os._exit(0)",
            "2 h",
            "Its process ended with exit code 2 without a word",
            marks=pytest.mark.prove,
        ),
        pytest.param(
            "os.kill(os.getpid(), 11)",
            "2 h",
            "Its process was ended by SIGSEGV",
            marks=pytest.mark.prove,
        ),
        ("time.sleep(1000)", "20 s", "It was not done after 20 seconds and was ended"),
    ],
)
def test_a_metric_that_ends_or_hangs_its_process_is_recorded_told_and_tried_again(
    acme, server, does, limit, said
):
    limited(acme, f'run = "{limit}"')
    hanging = trap(acme, does)
    owe(acme, "pages")
    code, _, wrong = scorecard("serve", "--once", cwd=acme.root, SCORECARD_SMTP=server.url())
    run = kept(acme, "pages")
    assert (run.state, run.tries) == ("held", 1), wrong
    assert run.reason.startswith(f"{FAILED_TRY}{said}")
    assert run.next_try_at > datetime.now(UTC)
    with Ledger.open(acme.ledger, acme.root) as ledger:
        assert "operator" in {each.kind for each in ledger.deliveries()}
    code, told, _ = scorecard("status", cwd=acme.root)
    assert code == 1 and said in " ".join(told.split())
    if does == "posix._exit(0)":
        hanging.unlink()
        code, _, _ = scorecard(
            "run", "pages", "--period", PERIOD, cwd=acme.root, SCORECARD_SMTP=server.url()
        )
        assert (code, kept(acme, "pages").state) == (0, "done")


@pytest.mark.parametrize(
    "words",
    [("check",), ("run", "--period", PERIOD), ("backfill", "--from", PERIOD, "--to", PERIOD)],
)
def test_a_metric_that_ends_a_command_by_hand_does_not_pass_for_success(acme, words):
    trap(acme, "os._exit(0)")
    command = [sys.executable, "-m", "scorecard", *words]
    done = subprocess.run(command, cwd=acme.root, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "service.py:" in done.stderr and "ended the command by os._exit(0)" in done.stderr


def test_a_process_that_heeds_nobody_is_ended_with_all_that_it_began(tmp_path):
    code = (
        "import os, signal, subprocess, sys, time, pathlib\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'])\n"
        f"pathlib.Path({str(tmp_path / 'other')!r}).write_text(str(other.pid))\n"
        "time.sleep(1000)\n"
    )
    stopping = Event()
    done = ended_process([sys.executable, "-c", code], timedelta(seconds=3), stopping)
    assert (done.code, done.why) == (-signal.SIGKILL, "limit")
    gone(done.process)
    gone(int((tmp_path / "other").read_text()))
    stopping.set()
    done = ended_process(
        [sys.executable, "-c", "import time; time.sleep(9)"], timedelta(1), stopping
    )
    assert (done.code, done.why) == (-signal.SIGTERM, "stopping")


class Held:
    """Makes runs when it is allowed to, and notes in which order they were begun."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, str]] = []
        self.allowed: dict[tuple[str, str], Event] = {}

    def __call__(self, expected) -> None:
        key = expected.schedule, expected.period
        self.allowed[key] = Event()
        self.begun.append(key)
        assert self.allowed[key].wait(60)

    def wait_for(self, count: int) -> list[tuple[str, str]]:
        until = time.monotonic() + 60
        while len(self.begun) < count and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.05)
        return list(self.begun)


class Known:
    """Every schedule there is, owing what was recorded already."""

    schedules = type("All", (), {"__contains__": lambda *_: True})()

    def reconcile(self, *_):
        return 0


def test_schedules_do_not_wait_for_one_another_and_a_period_keeps_its_order(tmp_path):
    moment, held = datetime(2026, 7, 20, tzinfo=UTC), Held()
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.db", tmp_path) as ledger:

        def concluding(expected):
            held(expected)
            begun = ledger.begin(expected.schedule, expected.period, "x", moment, timedelta(1))
            ledger.conclude(begun, "done", moment)

        runs = [
            ("owners", "2026-06"),
            ("teams", "2026-06"),
            ("weekly", "2026-W28"),
            ("owners", "2026-05"),
            ("yearly", "2025"),
            ("daily", "2026-07"),
        ]
        for minutes, (name, period) in enumerate(runs):
            due = DUE + timedelta(minutes=minutes)
            ledger.expect(name, [Owed(name, period, due, FAR, FAR)], moment)
        clock = SchedulerLoop(
            Known, ledger, lambda: moment, "me", concluding, lambda: None, lambda: None
        )
        clock.beat()
        clock.look()
        first = held.wait_for(3)
        assert sorted(first) == [("owners", "2026-06"), ("weekly", "2026-W28"), ("yearly", "2025")]
        clock.look()  # it hangs, and nobody begins it again
        assert sorted(held.wait_for(3)) == sorted(first)
        assert sorted(clock.making) == sorted(f"{name} {period}" for name, period in first)
        held.allowed["weekly", "2026-W28"].set()
        assert held.wait_for(4)[3:] == [("daily", "2026-07")]
        held.allowed["owners", "2026-06"].set()
        assert held.wait_for(5)[4] in [("teams", "2026-06"), ("owners", "2026-05")]
        for _ in range(2):
            for each in list(held.allowed.values()):
                each.set()
            held.wait_for(6)
        assert clock.finish()
        assert {e.state for e in ledger.expected_runs()} == {"done"}
        assert {e.tries for e in ledger.expected_runs()} == {1}


def test_what_is_at_work_for_long_is_a_trouble_and_a_job_that_hangs(acme):
    moment = DUE + timedelta(minutes=1)
    timetable = ProjectSchedules.of(acme, moment)
    owe(acme, "pages")
    with Ledger.open(acme.ledger, acme.root) as ledger:

        def troubles(after: timedelta) -> list[str]:
            ledger.take(CLOCK, "host:1", moment + after, timedelta(minutes=2))
            return list(health(lambda: timetable, ledger, moment + after).troubles)

        assert troubles(timedelta(0)) == []
        ledger.begin("pages", PERIOD, "host:2", moment, timedelta(minutes=2))
        assert troubles(timedelta(minutes=14)) == []
        for job in JOBS:
            ledger.take(sign_of(job), "host:1", moment, timedelta(0))
        at_work, stuck = troubles(timedelta(minutes=20))
        assert at_work.endswith("has been at work for 20 minutes, which is long.")
        assert stuck.startswith("The clock of host:1 has not looked for runs for 20 minutes; ")
        ledger.take(sign_of("look"), "host:1", moment + timedelta(minutes=80), timedelta(0))
        said = " ".join(troubles(timedelta(minutes=80)))
        assert "not looked" not in said
        assert "has not sent what is queued for 1 hour" in said
        assert "has not read bounces for 1 hour" in said


def test_the_clock_leaves_a_sign_of_life_of_each_job(acme, server):
    process = serving(acme, server, *OFTEN)
    heard(process, "keeps the clock now")
    until, missing = time.monotonic() + 60, set(JOBS)
    with Ledger.open(acme.ledger, acme.root) as ledger:
        while missing and time.monotonic() < until:
            time.sleep(0.2)
            missing = {job for job in missing if ledger.lease(sign_of(job)) is None}
    assert missing == set()
    assert stopped(process) < 15
