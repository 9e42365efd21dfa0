"""Delivery lints: findings on settings, templates and readers that keep mail from arriving."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from importlib.util import find_spec

from scorecard.base.findings import Finding
from scorecard.delivery.new_deliveries import TOKEN, sender_of, unsubscribing
from scorecard.delivery.recipients import NOBODY, Recipient, recipients
from scorecard.documents.kinds import PREREAD
from scorecard.errors import MailError, ProjectError, RenderError
from scorecard.mail.message import compose, message_id
from scorecard.mail.server import FORM, Server
from scorecard.mail.template_check import specimens, unfillable
from scorecard.mail.templates import MailTemplates
from scorecard.project.mail_settings import SERVER
from scorecard.project.scaffold import room
from scorecard.project.settings import Project
from scorecard.schedules.model import Schedule
from scorecard.strategy.model import Strategy

PLACE = "[tool.scorecard.mail]"


def delivery_findings(
    project: Project,
    strategy: Strategy,
    schedules: Sequence[Schedule],
    today: date,
    env: Mapping[str, str],
) -> list[Finding]:
    """All findings about delivering the documents of these schedules, each once."""
    owner_ids = sorted({s.owner for s in strategy.stances})
    readers = [r for s in schedules for r in recipients(s, strategy, owner_ids, today)]
    found = [*_readers(project, readers), *_templates(project)]
    if readers:
        found += [*_settings(project, schedules), *_secrets(project, env), *_server(project, env)]
    return list(dict.fromkeys(found))


def _readers(project: Project, readers: Sequence[Recipient]) -> Iterator[Finding]:
    for reader in readers:
        if reader.why == NOBODY:
            yield Finding(
                "delivery.nobody",
                "warning",
                f"{project.strategy.name} ({reader.scope})",
                f"Nobody answers for {reader.name} today, and nobody is told of it; name an owner "
                "or deputy in office, a lead of the team, or an executive.",
            )
        elif not reader.email:
            yield Finding(
                "delivery.no_address",
                "warning",
                f"{project.strategy.name} ({reader.name})",
                f'{reader.name} has no address and is sent nothing; add email = "…".',
            )
        elif not project.mail.may_write_to(reader.email):
            yield Finding(
                "delivery.not_allowed",
                "warning",
                f"{PLACE} allow",
                f"{reader.email} is not on the list and is sent nothing; add it, or its domain.",
            )


def _settings(project: Project, schedules: Sequence[Schedule]) -> Iterator[Finding]:
    mail = project.mail
    if project.desk.address and find_spec("itsdangerous") is None:
        yield Finding(
            "delivery.no_desk",
            "blocking",
            "[tool.scorecard.desk] address",
            "Mails give links to the desk, and what signs them is not installed; install "
            '"deliberate-scorecard[desk]", or leave address out.',
        )
    if not mail.sender:
        yield Finding(
            "delivery.no_sender",
            "warning",
            PLACE,
            'Schedules have readers, but mail has no sender; add from = "Scorecards '
            '<scorecards@example.com>".',
        )
    if not mail.operator:
        yield Finding(
            "delivery.no_operator",
            "warning",
            PLACE,
            'Nobody is told when a run or a delivery fails; add operator = ["you@example.com"].',
        )
    if mail.too_large == "link" and not mail.link:
        yield Finding(
            "delivery.no_link",
            "warning",
            f"{PLACE} too_large",
            "What is too large is to be linked, but there is no link; add "
            'link = "https://host/{period}/{file}".',
        )
    for schedule in schedules:
        if mail.too_large == "link" and mail.link and not schedule.folder:
            yield Finding(
                "delivery.link_to_nothing",
                "warning",
                f"{project.schedules.name}/{schedule.id}",
                "What is too large is linked, but nothing is laid where the link leads; add "
                "folder to the schedule.",
            )
        if PREREAD in schedule.documents and not mail.forms:
            yield Finding(
                "delivery.no_box_of_forms",
                "note",
                f"{PLACE} forms",
                "Pre-reads are forms that are sent back, and no box of them is read; name it as "
                'forms, or lay what comes back into a folder for "scorecard collect FOLDER".',
            )
        if schedule.subscribers and not mail.unsubscribe:
            yield Finding(
                "delivery.no_unsubscribe",
                "note",
                f"{PLACE} unsubscribe",
                "Subscribers have no way to ask for no more; add unsubscribe = "
                '"mailto:scorecards@example.com", whose box bounces names.',
            )


def _secrets(project: Project, env: Mapping[str, str]) -> Iterator[Finding]:
    try:
        mail = project.secret_mail(env)
    except ProjectError as error:
        said = str(error).removeprefix(f"{project.file}: ")
        yield Finding("delivery.no_secret", "warning", PLACE, said)
        return
    if mail.one_box:
        yield Finding(
            "delivery.one_box",
            "blocking",
            f"{PLACE} forms",
            "Bounces and forms are one box, and what is meant for either would be marked as read "
            "by the other; name two.",
        )


def _templates(project: Project) -> Iterator[Finding]:
    """Faults of mail templates or settings by which no message of some kind can be built."""
    folder = project.templates
    shipped = MailTemplates(None, room("templates"))
    own = MailTemplates(folder, room("templates")) if (folder / "mail").is_dir() else shipped
    faults = unfillable(own) if own is not shipped else []
    for said in faults:
        yield Finding("templates.mail", "blocking", f"{folder.name}/mail", said)
    if project.mail.sender:
        for said in _not_composed(project, shipped if faults else own):
            yield Finding("delivery.not_composed", "blocking", PLACE, said)


def _not_composed(project: Project, templates: MailTemplates) -> list[str]:
    """Why messages of some kind cannot be built with the project's settings, each once."""
    settings, mail = project.settings, project.mail
    name, address = sender_of(project)
    identity = message_id("0" * 40, address.rpartition("@")[2])
    faults = []
    for content, files in specimens():
        filled = replace(
            content,
            sender=address,
            sender_name=name,
            reply_to=mail.reply_to,
            company=settings.company,
            notice=settings.notice,
            message_id=identity,
            language=project.formats.language,
            unsubscribe=unsubscribing(mail.unsubscribe, "0" * TOKEN) if mail.unsubscribe else "",
        )
        try:
            compose(filled, files, templates)
            templates.file_name(filled)
        except (MailError, RenderError) as error:
            faults.append(str(error))
    return list(dict.fromkeys(faults))


def _server(project: Project, env: Mapping[str, str]) -> Iterator[Finding]:
    if not env.get(SERVER):
        yield Finding(
            "delivery.no_server",
            "note",
            SERVER,
            "No mail server is named here, so mail stays queued; set it where runs are sent from, "
            f"as {FORM}.",
        )
        return
    try:
        Server.parse(env[SERVER], project.root)
    except MailError as error:
        said = str(error).replace(f"{SERVER} ", "It ", 1)
        yield Finding("delivery.server", "blocking", SERVER, said)
