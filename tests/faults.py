"""Faults that strike a command at a place of its work: what a child process does to itself.

A station is a place that a command passes. The code of the command is the shipped one; only
its clock is set, and a function at the station calls the fault once, before or after it works.
The faults are real: the kernel refuses to write, a file is cut, a connection is ended.
"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sample_project import answered_a_day_later

BASE = datetime(2026, 7, 22, 6, 30, tzinfo=UTC)
"""When each story happens: what the schedule owes for June 2026 has been due for half an hour."""
FAST = 240
"""How many times as fast the clock runs while something is away that a command waits for."""
PERIOD = "2026-06"
SCHEDULE = "owner-scorecards"
RUN = ("run", SCHEDULE, "--period", PERIOD)
LOCKED = """
import sqlite3, sys, time
held = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
held.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(60)
"""
_DAC = (1 << 1) | (1 << 2)
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, by which root writes where nobody may."""
_CAPABILITIES_V3 = 0x20080522


@dataclass(frozen=True)
class Station:
    """A place that a command passes.

    name      as the table has it
    command   the words of the command
    where     the method that does the work there, as "module:Class.method"
    before    whether a fault strikes before the method works, or after
    step      of `Runs.advance`: the step that is recorded
    """

    name: str
    command: tuple[str, ...]
    where: str
    before: bool = False
    step: str = ""


STEPS = ("checked", "tiers_frozen", "computed", "judged", "composed", "rendered", "read_back")
_ADVANCE = "scorecard.ledger.runs:Runs.advance"
_OUTBOX = "scorecard.ledger.outbox:Outbox"
STATIONS = (
    Station("check", ("check",), "scorecard.facts.tables:Facts.answer"),
    Station(
        "backfill", ("backfill", "--from", "2026-05", "--to", "2026-05"), _ADVANCE, step="computed"
    ),
    Station("claimed", RUN, "scorecard.ledger.runs:Runs.claim"),
    *(Station(step.replace("_", " "), RUN, _ADVANCE, step=step) for step in STEPS),
    Station("laid out", RUN, _ADVANCE, step="done"),
    Station("queueing", RUN, f"{_OUTBOX}.queue", before=True),
    Station("taken out", RUN, f"{_OUTBOX}.take_out"),
    Station("handed over", RUN, f"{_OUTBOX}.hand_over"),
    Station("answered", RUN, f"{_OUTBOX}.settle", before=True),
    Station("bounced", ("bounces",), f"{_OUTBOX}.bounced", before=True),
)


@dataclass(frozen=True)
class Place:
    """What a fault can reach.

    project   the project's folder
    ledger    the address of its ledger in PostgreSQL; empty where it is the file
    server    the process of the mail server
    """

    project: Path
    ledger: str
    server: int

    @property
    def file(self) -> Path:
        return self.project / ".scorecard" / "ledger.db"


def set_clock(ahead: timedelta, fast: float = 1) -> None:
    """Let the commands' clock stand at BASE and so much, and go on from there."""
    from scorecard.cli import options

    began = time.monotonic()
    options.FAULTS_NOW = lambda: BASE + ahead + timedelta(seconds=fast * (time.monotonic() - began))
    options.now.__code__ = _now.__code__


def _now():
    return FAULTS_NOW()  # noqa: F821  a name of the module whose clock this becomes


def strike_at(station: Station, fault: Callable[[], None]) -> None:
    """Have the fault strike once when the command is at the station."""
    module, _, path = station.where.partition(":")
    __import__(module)
    owner, name = path.split(".")
    kept = vars(sys.modules[module])[owner]
    work, struck = getattr(kept, name), []

    def passing(self, *args, **kwargs):
        due = not struck and (not station.step or args[1] == station.step)
        due = due and (name != "claim" or args[0].key == PERIOD)
        if due and station.step and station.command == RUN and kwargs.get("backfill"):
            due = False
        if due and station.before:
            struck.append(fault())
        result = work(self, *args, **kwargs)
        if due and not station.before:
            struck.append(fault())
        return result

    setattr(kept, name, passing)


def killed(_place: Place) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def disk_full(_place: Place) -> None:
    """No file grows any more, for this process and those that it starts."""
    set_clock(timedelta(0), FAST)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def permission_lost(place: Place) -> None:
    """Nothing may be written below the project, also by root."""
    set_clock(timedelta(0), FAST)
    _drop_rights_of_root()
    for path in (place.project, *place.project.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o500 if path.is_dir() else 0o400)


def clock_set_back(_place: Place) -> None:
    set_clock(timedelta(days=-40))


def clock_set_ahead(_place: Place) -> None:
    set_clock(timedelta(days=2))


def facts_changed(place: Place) -> None:
    answered_a_day_later(place.project, "2026-06")


def ledger_locked(place: Place) -> None:
    """Another process locks the ledger for a minute; the command waits for it only a second."""
    from scorecard.ledger import store

    store._BUSY_MS = 1_000
    set_clock(timedelta(0), FAST)
    holder = subprocess.Popen(
        [sys.executable, "-c", LOCKED, str(place.file)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "locked\n"
    (place.project.parent / "locker").write_text(str(holder.pid))


def ledger_cut(place: Place) -> None:
    """The second half of the file is gone, after it was copied whole."""
    set_clock(timedelta(0), FAST)
    with sqlite3.connect(place.file) as whole:
        whole.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(place.file, place.project.parent / "whole.db")
    os.truncate(place.file, place.file.stat().st_size // 2)


def ledger_restored(_place: Place) -> None:
    """The process ends, and whoever mends it puts back the ledger of the time before."""
    os.kill(os.getpid(), signal.SIGKILL)


def connection_lost(place: Place) -> None:
    """PostgreSQL ends every other connection to its database."""
    set_clock(timedelta(0), FAST)
    import psycopg

    with psycopg.connect(place.ledger, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def server_killed(place: Place) -> None:
    os.kill(place.server, signal.SIGKILL)


def server_silent(place: Place) -> None:
    """The server takes what comes and says nothing more."""
    os.kill(place.server, signal.SIGSTOP)


FAULTS: dict[str, Callable[[Place], None]] = {
    "killed": killed,
    "disk full": disk_full,
    "permission lost": permission_lost,
    "clock set back": clock_set_back,
    "clock set ahead": clock_set_ahead,
    "facts changed": facts_changed,
    "ledger locked": ledger_locked,
    "ledger cut": ledger_cut,
    "ledger restored": ledger_restored,
    "connection lost": connection_lost,
    "server killed": server_killed,
    "server silent": server_silent,
}


def _drop_rights_of_root() -> None:
    """Let permissions count for root, too; nothing for others, for whom they count."""
    if os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_V3, 0)
    sets = (ctypes.c_uint32 * 6)()
    if libc.capget(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "capget")
    for each in (0, 1, 2):
        sets[each] &= ~_DAC & 0xFFFFFFFF
    if libc.capset(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "capset")
