"""Delivery lints: what would keep documents from arriving, said before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from scorecard.delivery.recipients import NOBODY, Recipient, recipients
from scorecard.errors import MailError, ProjectError
from scorecard.findings import Finding
from scorecard.mail.server import FORM, Server
from scorecard.mail.specimen import unfillable
from scorecard.mail.stationery import Stationery
from scorecard.mail_settings import SERVER
from scorecard.project import Project
from scorecard.schedule import Schedule
from scorecard.starter import room
from scorecard.strategy import Strategy

PLACE = "[tool.scorecard.mail]"


def delivery_findings(
    project: Project, strategy: Strategy, schedules: Sequence[Schedule], today: date,
    env: Mapping[str, str],
) -> list[Finding]:  # fmt: skip
    """Everything about the way of documents to their readers that is known to fail."""
    held = sorted({s.owner for s in strategy.stances})
    readers = [r for s in schedules for r in recipients(s, strategy, held, today)]
    found = [*_readers(project, readers), *_templates(project)]
    if readers:
        found += [*_settings(project, schedules), *_secrets(project, env), *_server(project, env)]
    return list(dict.fromkeys(found))


def _readers(project: Project, readers: Sequence[Recipient]) -> Iterator[Finding]:
    for reader in readers:
        if reader.why == NOBODY:
            yield Finding(
                "delivery.nobody", "warning", f"{project.strategy.name} ({reader.scope})",
                f"Nobody answers for {reader.name} today, and nobody is told of it; name an owner "
                "or deputy in office, a lead of the team, or an executive.",
            )  # fmt: skip
        elif not reader.email:
            yield Finding(
                "delivery.no_address", "warning", f"{project.strategy.name} ({reader.name})",
                f"{reader.name} has no address and is sent nothing; add email = \"…\".",
            )  # fmt: skip
        elif not project.mail.may_write_to(reader.email):
            yield Finding(
                "delivery.not_allowed", "warning", f"{PLACE} allow",
                f"{reader.email} is not on the list and is sent nothing; add it, or its domain.",
            )  # fmt: skip


def _settings(project: Project, schedules: Sequence[Schedule]) -> Iterator[Finding]:
    mail = project.mail
    if not mail.sender:
        yield Finding(
            "delivery.no_sender", "warning", PLACE,
            'Schedules have readers, but mail has no sender; add from = "Scorecards '
            '<scorecards@example.com>".',
        )  # fmt: skip
    if not mail.operator:
        yield Finding(
            "delivery.no_operator", "warning", PLACE,
            'Nobody is told when a run or a delivery fails; add operator = ["you@example.com"].',
        )  # fmt: skip
    if mail.too_large == "link" and not mail.link:
        yield Finding(
            "delivery.no_link", "warning", f"{PLACE} too_large",
            "What is too large is to be linked, but there is no link; add "
            'link = "https://host/{period}/{file}".',
        )  # fmt: skip
    for schedule in schedules:
        if mail.too_large == "link" and mail.link and not schedule.folder:
            yield Finding(
                "delivery.link_to_nothing", "warning", f"{project.schedules.name}/{schedule.id}",
                "What is too large is linked, but nothing is laid where the link leads; add "
                "folder to the schedule.",
            )  # fmt: skip
        if schedule.subscribers and not mail.unsubscribe:
            yield Finding(
                "delivery.no_unsubscribe", "note", f"{PLACE} unsubscribe",
                "Subscribers have no way to ask for no more; add unsubscribe = "
                '"mailto:scorecards@example.com", whose box bounces names.',
            )  # fmt: skip


def _secrets(project: Project, env: Mapping[str, str]) -> Iterator[Finding]:
    try:
        project.secret_mail(env)
    except ProjectError as error:
        said = str(error).removeprefix(f"{project.file}: ")
        yield Finding("delivery.no_secret", "warning", PLACE, said)


def _templates(project: Project) -> Iterator[Finding]:
    folder = project.templates
    if (folder / "mail").is_dir():
        for said in unfillable(Stationery(folder, room("templates"))):
            yield Finding("templates.mail", "blocking", f"{folder.name}/mail", said)


def _server(project: Project, env: Mapping[str, str]) -> Iterator[Finding]:
    if not env.get(SERVER):
        yield Finding(
            "delivery.no_server", "note", SERVER,
            "No mail server is named here, so mail stays queued; set it where runs are sent from, "
            f"as {FORM}.",
        )  # fmt: skip
        return
    try:
        Server.parse(env[SERVER], project.root)
    except MailError as error:
        said = str(error).replace(f"{SERVER} ", "It ", 1)
        yield Finding("delivery.server", "blocking", SERVER, said)
