"""A small company's story, command by command: what faults are held against, and how to judge.

Facts are checked, the past is computed, documents are made and mailed to four readers' boxes,
and one mail comes back. Commands run in child processes of this one, which has loaded what they
need; their clock stands at `BASE`.
"""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
from faults import RUN, STATIONS, set_clock
from mail_server import Accepted, Behaviour, MailServer
from sample_project import answered_a_day_later, small

COMMANDS = tuple(dict.fromkeys(station.command for station in STATIONS))
BOUNCES = ("bounces",)
RETURNED = "bo@example.com"
"""The reader whose mail comes back."""
READERS = (RETURNED, "cy@example.com")
LEDGER = Path(".scorecard") / "ledger.db"
KEEPING = Behaviour(keep=True)
REPORT = """From: MAILER-DAEMON@example.com
To: scorecards@example.com
Subject: failure
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It came back.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such mailbox

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}

--b--
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, negative where a signal ended it, and what it said."""

    code: int
    said: str


class Story:
    """The story without a fault: what it made, and the folders as they stood at each command.

    documents   the hashes of the documents, by kind, scope and period
    restated    the same where the facts of the period were restated before
    mails       how many mails each reader got
    before      by command, a folder with the project `acme` and the mail server's `server`
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mails: Counter[str] = Counter()
        self.before: dict[tuple[str, ...], Path] = {}
        self.documents = self._told(folder / "plain", keep=True)
        self.restated = self._told(folder / "restated", keep=False)

    def _told(self, folder: Path, *, keep: bool) -> dict[str, str]:
        project = folder / "acme"
        folder.mkdir()
        laid_out(project)
        if not keep:
            answered_a_day_later(project, "2026-06")
        with MailServer.start(folder / "server", KEEPING) as server:
            for command in COMMANDS:
                if keep:
                    self.before[command] = self.folder / "before" / command[0]
                    shutil.copytree(folder, self.before[command])
                ended = tell(project, command, server.url())
                if ended.code != 0:
                    raise RuntimeError(f"{command} ended with {ended.code}: {ended.said}")
                if keep and command == RUN:
                    self.mails = Counter(m.recipient for m in with_documents(server))
                    bounce(project, server)
        return documents(project, "")


def laid_out(project: Path) -> None:
    """The small company, whose owner gets a page, and with the readers the team's review."""
    made = small(project)
    schedule = project / "schedules" / "owner-scorecards.toml"
    subscribers = "".join(
        f'\n[[subscriber]]\nname = "{each[:2].title()}"\nemail = "{each}"\n' for each in READERS
    )
    text = schedule.read_text().replace('["owner-scorecard"]', '["owner-scorecard", "team-review"]')
    schedule.write_text(text + subscribers)
    for other in made.schedules.glob("*.toml"):
        if other != schedule:
            other.unlink()
    settings = project / "pyproject.toml"
    settings.write_text(settings.read_text() + '\nbounces = "folder:bounces"\n')
    (project / "bounces").mkdir()


def bounce(project: Path, server: MailServer) -> None:
    """Lay a report into the box of bounces: a reader's mail came back."""
    sent = next(m for m in with_documents(server) if m.recipient == RETURNED)
    report = REPORT.format(recipient=RETURNED, message_id=sent.message_id)
    (project / "bounces" / "1.eml").write_bytes(report.replace("\n", "\r\n").encode())


def with_documents(server: MailServer) -> list[Accepted]:
    """The mails that the server took and that have a document with them: no notices."""
    taken = zip(server.accepted(), server.messages(), strict=True)
    return [mail for mail, raw in taken if b"Content-Type: application/pdf" in raw]


def tell(
    project: Path,
    command: Sequence[str],
    server: str,
    ahead: timedelta = timedelta(0),
    before: Callable[[], None] = lambda: None,
) -> Ended:
    """Give a command in the project's folder, as a child process that first does `before`."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        code = 99
        try:
            code = _in_the_child(project, command, server, ahead, writing, before)
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8", errors="replace") as pipe:
        said = pipe.read()
    _pid, status = os.waitpid(child, 0)
    return Ended(os.waitstatus_to_exitcode(status), said)


def _in_the_child(
    project: Path,
    command: Sequence[str],
    server: str,
    ahead: timedelta,
    writing: int,
    before: Callable[[], None],
) -> int:
    from scorecard.cli.app import main

    for stream, number in (("stdout", 1), ("stderr", 2)):
        os.dup2(writing, number)
        raw = os.fdopen(number, "wb", 0, closefd=False)
        setattr(sys, stream, io.TextIOWrapper(raw, encoding="utf-8", write_through=True))
    os.close(writing)
    os.chdir(project)
    for key in [k for k in os.environ if k.startswith("SCORECARD_")]:
        del os.environ[key]
    os.environ["SCORECARD_SMTP"] = server
    set_clock(ahead)
    before()
    sys.argv = ["scorecard", *command]
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    return 0


def documents(project: Path, address: str) -> dict[str, str]:
    """The hash of the newest edition of each document in the project's ledger, or at `address`."""
    query = "SELECT document, scope, period, content_hash FROM edition ORDER BY number"
    if address:
        with psycopg.connect(address) as server:
            rows = server.execute(query).fetchall()
    else:
        with sqlite3.connect(project / LEDGER, timeout=30) as file:
            rows = file.execute(query).fetchall()
    return {"/".join(row[:3]): row[3] for row in rows}
