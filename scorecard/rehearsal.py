"""Rehearsal: everything that issuing does, up to the mail server's door.

Documents are made and read back, and each mail is put together and written to
a folder as it would be sent. Nothing is queued, and nobody is told anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from scorecard import letters
from scorecard.errors import MailError
from scorecard.ledger import Edition, Ledger
from scorecard.letters import LETTER
from scorecard.mail.folder import FolderSender
from scorecard.mail.stationery import Stationery
from scorecard.packing import Packer, forbidden
from scorecard.periods import Period
from scorecard.press import document_of
from scorecard.project import Project
from scorecard.publish import path_of
from scorecard.recipients import Recipient, recipients
from scorecard.run import Order, Progress, Story
from scorecard.schedule import Schedule
from scorecard.starter import room
from scorecard.workspace import open_workspace

FOLDER = "dry-run"


@dataclass(frozen=True)
class Rehearsed:
    """One mail that would go out: how large it is, or why it would not be sent."""

    recipient: str
    name: str
    document: str
    scope: str
    size: int
    refused: str


def rehearse(
    project: Project, ledger: Ledger, schedule: Schedule, period: Period,
    now: Callable[[], datetime], progress: Progress,
) -> list[Rehearsed]:  # fmt: skip
    """What the schedule would send for that period now, in the order of sending.

    Errors as for the run itself: what holds a run holds its rehearsal.
    """
    moment = now()
    work = open_workspace(project, moment)
    unready = work.unready(schedule.hold.complete, schedule.hold.slack, period)
    order = Order(schedule.documents, unready)
    outcome = Story(work, ledger, now, progress, order).run(period, moment)
    held = {w.stance.owner for w in ledger.stances_for(period)}
    today = moment.astimezone(project.zone).date()
    own = project.templates if project.templates.is_dir() else None
    table = Table(
        project, ledger, letters.Desk(project, work.formats, moment),
        Packer(project.secret_mail(), Stationery(own, room("templates"))), period, schedule,
    )  # fmt: skip
    people = recipients(schedule, work.strategy, sorted(held), today)
    return [
        table.packed(edition, reader)
        for edition in map(ledger.edition, outcome.run.detail["editions"])
        for reader in people
        if (reader.document, reader.scope) == (edition.document, edition.scope)
    ]


@dataclass(frozen=True)
class Table:
    """Where the mails of a rehearsal are put together."""

    project: Project
    ledger: Ledger
    desk: letters.Desk
    packer: Packer
    period: Period
    schedule: Schedule

    def packed(self, edition: Edition, reader: Recipient) -> Rehearsed:
        """One mail in the folder, or why it would not be sent."""
        folder = self.project.output / self.period.key
        parcel = self.desk.enclosing(edition, document_of(edition), reader, self.schedule)
        event = self.ledger.silenced().get(reader.email.casefold())
        refused, size = forbidden(parcel, self.packer.mail, event), 0
        if not refused:
            pdf = (folder / path_of(edition.document, edition.scope)).read_bytes()
            try:
                message = self.packer.enclosing(LETTER.validate_json(parcel.letter), pdf)
            except MailError as error:
                refused = str(error)
            else:
                size = len(message)
                sender = FolderSender(folder / FOLDER)
                reply = sender.hand_over("", reader.email, message, lambda: None)
                refused = "" if reply.kind == "accepted" else reply.text
        return Rehearsed(reader.email, reader.name, edition.document, edition.scope, size, refused)
