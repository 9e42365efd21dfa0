"""Delivery lints: what would keep documents from arriving, said before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from scorecard.errors import MailError
from scorecard.findings import Finding
from scorecard.mail.server import Server
from scorecard.mail_settings import SERVER
from scorecard.project import Project
from scorecard.recipients import Recipient, recipients
from scorecard.schedule import Schedule
from scorecard.strategy import Strategy

PLACE = "[tool.scorecard.mail]"


def delivery_findings(
    project: Project, strategy: Strategy, schedules: Sequence[Schedule], today: date,
    env: Mapping[str, str],
) -> list[Finding]:  # fmt: skip
    """Everything about the way of documents to their readers that is known to fail."""
    held = sorted({s.owner for s in strategy.stances})
    readers = [r for s in schedules for r in recipients(s, strategy, held, today)]
    found = [*_readers(project, readers), *_server(project, readers, env)]
    return list(dict.fromkeys(found))


def _readers(project: Project, readers: Sequence[Recipient]) -> Iterator[Finding]:
    for reader in readers:
        if not reader.email:
            yield Finding(
                "delivery.no_address", "warning", f"{project.strategy.name} ({reader.name})",
                f"{reader.name} has no address and is sent nothing; add email = \"…\".",
            )  # fmt: skip
        elif not project.mail.may_write_to(reader.email):
            yield Finding(
                "delivery.not_allowed", "warning", f"{PLACE} allow",
                f"{reader.email} is not on the list and is sent nothing; add it, or its domain.",
            )  # fmt: skip


def _server(
    project: Project, readers: Sequence[Recipient], env: Mapping[str, str]
) -> Iterator[Finding]:
    if not readers:
        return
    if not project.mail.sender:
        yield Finding(
            "delivery.no_sender", "warning", PLACE,
            'Schedules have readers, but mail has no sender; add from = "Scorecards '
            '<scorecards@example.com>".',
        )  # fmt: skip
    if not project.mail.operator:
        yield Finding(
            "delivery.no_operator", "warning", PLACE,
            'Nobody is told when a run or a delivery fails; add operator = ["you@example.com"].',
        )  # fmt: skip
    if SERVER not in env:
        yield Finding(
            "delivery.no_server", "note", SERVER,
            "No mail server is named here, so mail stays queued; set it where runs are sent from, "
            "as smtp://user:password@host:587.",
        )  # fmt: skip
        return
    try:
        Server.parse(env[SERVER], project.root)
    except MailError as error:
        yield Finding("delivery.server", "blocking", SERVER, str(error))
