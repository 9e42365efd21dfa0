"""The dry run: everything that issuing does, except that nothing reaches a mail server.

Documents are made and read back, and each message is built; both are written into a
folder of their own, from which those of an earlier dry run are removed first. The
ledger is a copy that is thrown away: nothing is queued, nobody is told anything, and
no edition, run or stance is recorded.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from scorecard.base.periods import Period
from scorecard.delivery.message_builder import MessageBuilder, forbidden
from scorecard.delivery.new_deliveries import CONTENT, NewDeliveries, sender_of
from scorecard.delivery.recipients import Recipient, recipients
from scorecard.documents.kinds import path_of, read_document
from scorecard.errors import FactsError, MailError
from scorecard.ledger import Edition, Ledger
from scorecard.ledger.copying import copied
from scorecard.mail.folder_sender import FolderSender
from scorecard.mail.templates import MailTemplates
from scorecard.pipeline.request import HELD, Progress, RunRequest
from scorecard.pipeline.run import Pipeline
from scorecard.project.scaffold import room
from scorecard.project.settings import Project
from scorecard.project.workspace import open_workspace
from scorecard.schedules.calendars import read_calendar
from scorecard.schedules.model import Schedule
from scorecard.schedules.timetable import answer_by

FOLDER = "dry-run"


@dataclass(frozen=True)
class DryRunMail:
    """One mail that would be sent: its `size` in bytes, or why it is `refused`.

    `recipient` is the address, or the folder that a document would be laid into;
    `stamp` why the document would be provisional, empty where it is not.
    """

    recipient: str
    name: str
    document: str
    scope: str
    size: int
    refused: str
    stamp: str = ""


def dry_run(
    project: Project,
    ledger: Ledger,
    schedule: Schedule,
    period: Period,
    now: Callable[[], datetime],
    progress: Progress,
    *,
    last: bool = False,
) -> list[DryRunMail]:
    """The mails that the schedule would send for that period now, by document.

    `last` says that this would be the last try, which may issue provisionally.
    FactsError where the run would be held or not issued; other errors as the pipeline's.
    """
    if schedule.to or schedule.subscribers:
        sender_of(project)
    folder = project.output / period.key / FOLDER
    if folder.is_symlink():  # somebody else's, who may write there
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    settings = project.settings.model_copy(update={"output": str(folder)})
    with (
        TemporaryDirectory(prefix="scorecard-") as memory,
        copied(ledger, Path(memory) / "ledger.db") as copy,
    ):
        return _mails(
            replace(project, settings=settings), copy, schedule, period, now, progress, last=last
        )


def _mails(
    project: Project,
    ledger: Ledger,
    schedule: Schedule,
    period: Period,
    now: Callable[[], datetime],
    progress: Progress,
    *,
    last: bool,
) -> list[DryRunMail]:
    moment = now()
    work = open_workspace(project, moment)
    unready = work.unready(schedule.hold.complete, schedule.hold.slack, period)
    calendar = read_calendar(schedule, project.root, moment.astimezone(project.zone).date())
    request = RunRequest(
        schedule.documents,
        unready,
        last and schedule.hold.then == "provisional",
        answer_by=answer_by(schedule, calendar, moment),
    )
    try:
        outcome = Pipeline(work, ledger, now, progress, request).run(period, moment)
    except FactsError as error:
        end = "not issued" if last else "held"
        said = str(error).removeprefix(HELD)
        raise FactsError(f"{schedule.title} for {period} would be {end}: {said}") from error
    held = {w.stance.owner for w in ledger.stances_for(period)}
    today = moment.astimezone(project.zone).date()
    mails = DryRunMails(
        project,
        ledger,
        NewDeliveries(project, work.formats, moment, ledger.keyed),
        MessageBuilder(
            project.secret_mail(), MailTemplates(project.own_templates, room("templates"))
        ),
        period,
        schedule,
    )
    people = recipients(schedule, work.strategy, sorted(held), today)
    stamp = str(outcome.run.detail.get("stamp", ""))
    return [
        replace(mail, stamp=stamp)
        for edition in map(ledger.edition, outcome.run.detail["editions"])
        for mail in mails.packed(edition, people)
    ]


@dataclass(frozen=True)
class DryRunMails:
    """Builds the messages of a dry run."""

    project: Project
    ledger: Ledger
    new: NewDeliveries
    builder: MessageBuilder
    period: Period
    schedule: Schedule

    def packed(self, edition: Edition, people: Sequence[Recipient]) -> Iterator[DryRunMail]:
        """The mails of one edition: to the schedule's folder, and to each of its readers."""
        place = self.project.output / self.period.key
        pdf = (place / path_of(edition.document, edition.scope)).read_bytes()
        if self.schedule.folder:
            yield DryRunMail(
                self.schedule.folder, "", edition.document, edition.scope, len(pdf), ""
            )
        for reader in people:
            if (reader.document, reader.scope) == (edition.document, edition.scope):
                yield self._mail(edition, pdf, reader)

    def _mail(self, edition: Edition, pdf: bytes, reader: Recipient) -> DryRunMail:
        """Write one message into the folder of the dry run, or say why it would not be sent."""
        delivery = self.new.enclosing(
            edition, read_document(edition.document, edition.content), reader, self.schedule
        )
        letter = CONTENT.validate_json(delivery.letter)
        event = self.ledger.suppressed().get(reader.email)
        no = forbidden(letter, self.builder.mail, event)
        refused, size = no.why if no else "", 0
        if not refused:
            try:
                message = self.builder.enclosing(letter, pdf)
            except MailError as error:
                refused = str(error)
            else:
                size = len(message)
                sender = FolderSender(self.project.output)
                reply = sender.hand_over("", reader.email, message, lambda: None)
                refused = "" if reply.kind == "accepted" else reply.text
        return DryRunMail(reader.email, reader.name, edition.document, edition.scope, size, refused)
