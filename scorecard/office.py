"""Office: a project put together for issuing and sending, and the operator kept informed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from scorecard import letters
from scorecard.archive import Archive
from scorecard.clockwork import Timetable
from scorecard.errors import MailError
from scorecard.formats import Formats
from scorecard.ledger import Delivery, Ledger
from scorecard.loading import load_metrics
from scorecard.mail.sender import connect
from scorecard.mail.server import Server
from scorecard.mail.stationery import Stationery
from scorecard.mail_settings import SERVER
from scorecard.packing import Packer
from scorecard.press import Press
from scorecard.project import Project
from scorecard.sending import TTL, Postman, Tally
from scorecard.starter import room
from scorecard.strategy import Strategy
from scorecard.strategy_file import read_strategy
from scorecard.workspace import open_workspace

MOST_NAMED = 40
"""So many failed deliveries are named in one mail to the operator."""


def strategy_of(project: Project) -> Strategy:
    """What the strategy says, as far as it can be read; `check` says what is wrong with it."""
    metrics = load_metrics(project.metrics)
    return read_strategy(project.strategy, metrics, project.settings.currency)[0]


def timetable_of(project: Project, now: datetime) -> Timetable:
    return Timetable.read(project, strategy_of(project), now)


def server_of(project: Project, env: Mapping[str, str]) -> Server | None:
    """The mail server that the environment names; None where it names none."""
    url = env.get(SERVER, "")
    return Server.parse(url, project.root) if url else None


def post(
    project: Project, ledger: Ledger, env: Mapping[str, str], now: Callable[[], datetime],
    holder: str, stopped: Callable[[], bool] = lambda: False, **limits: float,
) -> Tally:  # fmt: skip
    """Work the outbox off, and tell the operator of what failed for good.

    Mail stays queued while no server is named. `limits` are the timeouts that
    `scorecard.mail.sender.connect` takes.
    """

    def press() -> Press:
        return Press(open_workspace(project, now()), ledger, now)

    mail = project.secret_mail(env)
    own = project.templates if project.templates.is_dir() else None
    postman = Postman(
        ledger, Packer(mail, Stationery(own, room("templates"))),
        Archive(project, ledger, press, now).pdf, project.root, now, holder, TTL, stopped,
    )  # fmt: skip
    server = server_of(project, env)
    if server is None:
        tally = postman.work_off(None)
        if ledger.delivery_counts().get("queued"):
            tally.waiting = f"{SERVER} is not set; name the mail server in it."
        return tally
    with connect(server, **limits) as sender:
        tally = postman.work_off(sender)
        if tell_operator(project, ledger, now()) and not tally.waiting:
            tally += postman.work_off(sender)
    return tally


def tell_operator(project: Project, ledger: Ledger, now: datetime) -> int:
    """Queue one mail about all failures that the operator was not told of; how many there were.

    A failure to reach the operator is not reported to the operator.
    """
    untold = ledger.untold()
    failed = [d for d in untold if d.kind != "operator"]
    if failed:
        settings = project.settings
        desk = letters.Desk(project, Formats(settings.locale, settings.currency), now)
        count = f"{len(failed)} {'delivery' if len(failed) == 1 else 'deliveries'}"
        lines = [_said(d) for d in failed[:MOST_NAMED]]
        more = len(failed) - len(lines)
        lines += [f"{more} more: scorecard deliveries --failed"] if more else []
        lines.append('When the cause is mended: "scorecard resend --failed".')
        key = letters.failure_key([f"{d.id} {d.tries}" for d in failed])
        try:
            parcels = desk.operator(key, f"{count} did not arrive.", lines)
        except MailError as error:
            raise MailError(f"The operator cannot be told of {count}: {error}") from error
        ledger.queue(parcels, now)
    ledger.tell([d.id for d in untold])
    return len(failed)


def _said(delivery: Delivery) -> str:
    what = " ".join(p for p in (delivery.schedule, delivery.period, delivery.kind) if p)
    code = f"{delivery.code} " if delivery.code else ""
    return (
        f"{delivery.recipient or delivery.name}: {what}, {delivery.state}: {code}{delivery.reply}"
    )
