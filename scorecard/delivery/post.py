"""Sending with a project's own settings: its mail server, templates, limits and operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from scorecard.delivery.archive import Archive
from scorecard.delivery.message_builder import MessageBuilder, forbidden
from scorecard.delivery.new_deliveries import CONTENT, NewDeliveries
from scorecard.delivery.operator import tell_operator
from scorecard.delivery.readers import CurrentReaders
from scorecard.delivery.sending import TTL, OutboxWorker, SendingTally
from scorecard.errors import MailError
from scorecard.ledger import Ledger
from scorecard.mail.reply import Reply
from scorecard.mail.sender import connect
from scorecard.mail.server import FORM, Server
from scorecard.mail.templates import MailTemplates
from scorecard.project.mail_settings import SERVER
from scorecard.project.opening import note_head
from scorecard.project.scaffold import room
from scorecard.project.settings import Project

if TYPE_CHECKING:
    from scorecard.printing.edition_renderer import EditionRenderer


def server_of(project: Project, env: Mapping[str, str]) -> Server | None:
    """The mail server that the environment names; None where it names none."""
    url = env.get(SERVER, "")
    return Server.parse(url, project.root) if url else None


def post(
    project: Project,
    ledger: Ledger,
    env: Mapping[str, str],
    now: Callable[[], datetime],
    holder: str,
    stopped: Callable[[], bool] = lambda: False,
    **limits: float,
) -> SendingTally:
    """Send what is due in the outbox, and tell the operator of what failed for good.

    Mail stays queued while no server is named. `limits` are the timeouts that
    `scorecard.mail.sender.connect` takes.
    """

    with ExitStack() as used:

        def renderer() -> EditionRenderer:
            # Only what is not in the output folder any more has to be drawn.
            from scorecard.printing.edition_renderer import EditionRenderer
            from scorecard.project.workspace import open_workspace

            return used.enter_context(EditionRenderer(open_workspace(project, now()), ledger, now))

        archive = Archive(project, ledger, renderer, now)
        return _post(project, ledger, env, now, holder, stopped, archive, **limits)


def _post(
    project: Project,
    ledger: Ledger,
    env: Mapping[str, str],
    now: Callable[[], datetime],
    holder: str,
    stopped: Callable[[], bool],
    archive: Archive,
    **limits: float,
) -> SendingTally:
    worker = OutboxWorker(
        ledger,
        message_builder_of(project, env),
        archive.pdf,
        project.root,
        now,
        holder,
        TTL,
        stopped,
        CurrentReaders(project, ledger, now).left_out,
        noted=lambda: note_head(project, ledger),
    )
    server = server_of(project, env)
    if server is None:
        tally = worker.work_off(None)
        if ledger.delivery_counts().get("queued"):
            tally.waiting = f"{SERVER} is not set, so mail stays queued; set it, as {FORM}."
        return tally
    with connect(server, **limits) as sender:
        tally = worker.work_off(sender)
        if tell_operator(project, ledger, now()) and not tally.waiting:
            tally += worker.work_off(sender)
    return tally


def send_test(
    project: Project,
    ledger: Ledger,
    env: Mapping[str, str],
    server: Server,
    address: str,
    now: datetime,
    **limits: float,
) -> Reply:
    """Send a test mail outside of the outbox; returns the server's reply.

    Nothing else is sent with it, and nothing stays queued when it cannot be sent.
    MailError when the address may not be written to.
    """
    builder = message_builder_of(project, env)
    new = NewDeliveries(project, project.formats, now, ledger.keyed).test(address)
    content = CONTENT.validate_json(new.letter)
    if no := forbidden(content, builder.mail, ledger.suppressed().get(address)):
        raise MailError(no.why)
    message = builder.bare(content)
    with connect(server, **limits) as sender:
        return sender.hand_over(content.sender, address, message, lambda: None)


def message_builder_of(project: Project, env: Mapping[str, str]) -> MessageBuilder:
    """A builder with the project's templates; ProjectError where a secret is not in `env`."""
    return MessageBuilder(project.secret_mail(env), _templates(project.own_templates))


@lru_cache(maxsize=4)
def _templates(own: Path | None) -> MailTemplates:
    """Cached with its compiled templates; Jinja compiles one again when its file has changed."""
    return MailTemplates(own, room("templates"))
