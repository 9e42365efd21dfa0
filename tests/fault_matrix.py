"""Every fault at every station of a story: nothing lost, nothing twice, a sentence for each.

    python fault_matrix.py ["disk full at computed" …]

In each cell a company's story is told (see fault_story.py), one command of which is struck by
one fault. Then the fault is taken away, as a person would, and the command is given again until
it is through, and after it the rest of the story. A cell says what a person met:

    goes on     the command was through at once, the fault notwithstanding
    again       it ended; given again, it went on to the same end
    accepted    as "again", and a person first accepted what had changed
    –           the fault cannot strike there

Everything else is FAILED, with the reason below the table. In the end the documents say what they
say without a fault, each reader has each mail once by its Message-ID and with the same bytes, and
`scorecard verify` finds the ledger to be what it was written as.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
from fault_story import (
    BOUNCES,
    COMMANDS,
    KEEPING,
    LEDGER,
    Ended,
    Story,
    bounce,
    documents,
    tell,
    with_documents,
)
from faults import FAULTS, STATIONS, Place, Station, strike_at
from mail_server import MailServer
from sqlalchemy import make_url

LATER = (0.5, 3.0, 13.0, 37.0)
"""Hours after the fault at which the command is given again."""
SENDING = ("queueing", "taken out", "handed over", "answered")
POSTGRES = make_url(
    os.environ.get(
        "SCORECARD_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
    )
).set(drivername="postgresql")
ACCEPT = re.compile(r"scorecard accept (\w+)")
IN_PEACE = ("goes on", "again", "accepted", "–")


@dataclass(frozen=True)
class Cell:
    """What came of one fault at one station; `said` are the lines that a person read."""

    fault: str
    station: str
    outcome: str
    said: str = ""

    @property
    def good(self) -> bool:
        return self.outcome in IN_PEACE


def can_strike(fault: str, station: Station) -> bool:
    """Whether there is at that station what the fault takes away."""
    if fault.startswith("server"):
        return station.name in SENDING
    if station.name == "check":
        return not fault.startswith(("ledger", "connection"))
    return not (station.name == "backfill" and fault == "ledger restored")


class Telling:
    """One cell's story, from the struck command on."""

    def __init__(self, story: Story, folder: Path, fault: str, station: Station) -> None:
        self._story, self._folder, self._fault, self._station = story, folder, fault, station
        self._project = folder / "acme"
        self._said: list[str] = []
        self._accepted = False

    def outcome(self) -> Cell:
        with _ledger_at(self._project, self._fault) as address:
            server = MailServer.start(self._folder / "server", KEEPING)
            try:
                server, outcome = self._to_the_end(server, address)
            finally:
                server.stop()
        lines = [line for text in self._said for line in text.splitlines() if line.strip()]
        said = " | ".join(dict.fromkeys(lines))
        return Cell(self._fault, self._station.name, outcome, said[-3000:])

    def _to_the_end(self, server: MailServer, address: str) -> tuple[MailServer, str]:
        if address:  # whose ledger is empty as yet
            for command in COMMANDS[1 : COMMANDS.index(self._station.command)]:
                self._tell(command, server)
                if command == COMMANDS[-2]:
                    bounce(self._project, server)
        if (self._project / LEDGER).exists():
            shutil.copytree(self._project / LEDGER.parent, self._folder / "backup")
        place = Place(self._project, address, server.process.pid)
        ended = tell(
            self._project,
            self._station.command,
            server.url(),
            before=lambda: strike_at(self._station, lambda: FAULTS[self._fault](place)),
        )
        self._said.append(ended.said)
        server = self._mended(server)
        wrong = _unfit(ended, dying=self._fault in ("killed", "ledger restored"))
        outcome = "goes on" if ended.code == 0 else "again"
        for hours in LATER:
            if wrong or ended.code == 0:
                break
            self._accept(ended, server, hours)
            ended = self._tell(self._station.command, server, hours)
            wrong = _unfit(ended)
        if not wrong and ended.code != 0:
            wrong = f"never through: {ended.code}"
        wrong = wrong or self._rest(server) or self._unlike(server, address)
        return server, wrong or ("accepted" if self._accepted else outcome)

    def _tell(self, command: Sequence[str], server: MailServer, hours: float = 0) -> Ended:
        ended = tell(self._project, command, server.url(), timedelta(hours=hours))
        self._said.append(ended.said)
        return ended

    def _accept(self, ended: Ended, server: MailServer, hours: float) -> None:
        """Accept what the command asks a person to accept."""
        for what in dict.fromkeys(ACCEPT.findall(ended.said)):
            self._tell(("accept", what), server, hours)
            self._accepted = True

    def _rest(self, server: MailServer) -> str:
        """Go on with the story; what went wrong in it."""
        for command in COMMANDS[COMMANDS.index(self._station.command) + 1 :]:
            if command == BOUNCES:
                bounce(self._project, server)
            ended = self._tell(command, server, LATER[-1] + 1)
            if ended.code != 0:
                self._accept(ended, server, LATER[-1] + 1)
                ended = self._tell(command, server, LATER[-1] + 1)
            if ended.code != 0:
                return f"then {command[0]} ended with {ended.code}"
        return ""

    def _unlike(self, server: MailServer, address: str) -> str:
        """How the end differs from that of the story without a fault; empty where it does not."""
        story, found = self._story, documents(self._project, address)
        wanted = [story.documents] + [story.restated] * (self._fault == "facts changed")
        if found not in wanted:
            return "other documents"
        taken = with_documents(server)
        once = Counter(reader for reader, _id in {(m.recipient, m.message_id) for m in taken})
        if once != story.mails:
            return f"lost {dict(story.mails - once)}, twice {dict(once - story.mails)}"
        # A person who accepts an older ledger knows that what was sent since is made again.
        if len({(m.message_id, m.sha256) for m in taken}) != once.total() and not self._accepted:
            return "other bytes under one Message-ID"
        ended = self._tell(("verify",), server, LATER[-1] + 2)
        return "" if ended.code == 0 else "verify found a difference"

    def _mended(self, server: MailServer) -> MailServer:
        """Take the fault away."""
        state, file = self._project / LEDGER.parent, self._project / LEDGER
        if self._fault == "permission lost":
            for path in (self._project, *self._project.rglob("*")):
                path.chmod(0o700 if path.is_dir() else 0o600)
        elif self._fault == "ledger cut":
            for rest in state.glob("ledger.db-*"):
                rest.unlink()
            shutil.copy(self._folder / "whole.db", file)
        elif self._fault == "ledger restored":
            for rest in state.glob("ledger.db*"):
                rest.unlink()
            for kept in (self._folder / "backup").glob("ledger.db*"):
                shutil.copy(kept, state / kept.name)
        elif self._fault == "ledger locked":
            os.kill(int((self._folder / "locker").read_text()), signal.SIGKILL)
        elif self._fault.startswith("server"):
            with suppress(ProcessLookupError):
                os.kill(server.process.pid, signal.SIGKILL)
            server.stop()
            return MailServer.start(self._folder / "server", KEEPING, server.port)
        return server


def _unfit(ended: Ended, *, dying: bool = False) -> str:
    """What is wrong with how a command ended; empty where it is a sentence or success."""
    if "Traceback" in ended.said:
        return "a traceback"
    if ended.code < 0 and not dying:
        return f"ended by signal {-ended.code}"
    if ended.code > 0 and not ended.said.strip():
        return "ended without a word"
    return ""


@contextmanager
def _ledger_at(project: Path, fault: str) -> Iterator[str]:
    """Give the project a ledger in a PostgreSQL database of its own, where that is struck."""
    if not fault.startswith("connection"):
        yield ""
        return
    name = f"scorecard_faults_{os.getpid()}"
    _tell_postgres(f'CREATE DATABASE "{name}"')
    address = POSTGRES.set(database=name).render_as_string(hide_password=False)
    settings = project / "pyproject.toml"
    line = f'[tool.scorecard]\nledger = "{address}"'
    settings.write_text(settings.read_text().replace("[tool.scorecard]", line, 1))
    shutil.rmtree(project / LEDGER.parent, ignore_errors=True)
    try:
        yield address
    finally:
        _tell_postgres(f'DROP DATABASE "{name}" WITH (FORCE)')


def _tell_postgres(statement: str) -> None:
    address = POSTGRES.render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)


def cell(story: Story, fault: str, station: Station) -> Cell:
    """One fault at one station, to the end."""
    if not can_strike(fault, station):
        return Cell(fault, station.name, "–")
    before = COMMANDS[0] if fault.startswith("connection") else station.command
    with tempfile.TemporaryDirectory(dir=story.folder) as name:
        folder = Path(name)
        shutil.copytree(story.before[before], folder, dirs_exist_ok=True)
        return Telling(story, folder, fault, station).outcome()


def table(found: Sequence[Cell]) -> str:
    """The matrix in Markdown, a row for each station."""
    faults = [f for f in FAULTS if any(c.fault == f for c in found)]
    by = {(c.fault, c.station): c.outcome if c.good else "FAILED" for c in found}
    lines = [f"| Station | {' | '.join(faults)} |", "|---" * (len(faults) + 1) + "|"]
    for name in [s.name for s in STATIONS if any(c.station == s.name for c in found)]:
        lines.append(f"| {name} | {' | '.join(by.get((f, name), '') for f in faults)} |")
    return "\n".join(lines)


def cell_at(text: str) -> tuple[str, Station]:
    """The fault and the station of "disk full at computed"; ValueError where there is none."""
    fault, _, name = text.partition(" at ")
    station = next((s for s in STATIONS if s.name == name), None)
    if fault not in FAULTS or station is None:
        raise ValueError(f'"{text}" is no fault at a station; write "killed at computed".')
    return fault, station


ALL = [f"{fault} at {station.name}" for station in STATIONS for fault in FAULTS]


def one_part(wanted: Sequence[str]) -> None:
    """Cells one after the other, as a line of JSON each."""
    # Loaded once for all commands, which are forks of this process.
    import scorecard.cli.app
    import scorecard.delivery.post
    import scorecard.library.scorecard
    import scorecard.mail.sender
    import scorecard.pipeline.run  # noqa: F401

    gc.freeze()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        story = Story(Path(folder))
        for text in wanted:
            sys.stdout.write(json.dumps(asdict(cell(story, *cell_at(text)))) + "\n")
            sys.stdout.flush()


def matrix(wanted: Sequence[str], at_once: int) -> list[Cell]:
    """The cells that are wanted, such as "disk full at computed", by so many processes."""
    parts = [
        subprocess.Popen(
            [sys.executable, __file__, "--part", *wanted[n::at_once]],
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(min(at_once, len(wanted)))
    ]
    said = [part.communicate()[0] for part in parts]
    for part in parts:
        if part.returncode != 0:
            raise RuntimeError(f"a part of the matrix ended with {part.returncode}")
    return [Cell(**json.loads(line)) for text in said for line in text.splitlines()]


def main() -> int:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("cells", nargs="*", help="such as 'disk full at computed'; else all")
    parser.add_argument("--part", action="store_true", help=argparse.SUPPRESS)
    said = parser.parse_args()
    wanted = said.cells or ALL
    if said.part:
        one_part(wanted)
        return 0
    found = matrix(wanted, os.cpu_count() or 1)
    sys.stdout.write(table(found) + "\n")
    failed = [each for each in found if not each.good]
    for each in failed:
        sys.stdout.write(f"{each.fault} at {each.station}: {each.outcome}: {each.said}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
