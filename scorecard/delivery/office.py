"""Office: a project put together for issuing and sending, and the operator kept informed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from scorecard.base.periods import Period
from scorecard.definitions.loader import load_metrics
from scorecard.delivery import letters
from scorecard.delivery.archive import Archive
from scorecard.delivery.clockwork import Timetable
from scorecard.delivery.packing import Packer, forbidden
from scorecard.delivery.recipients import recipients
from scorecard.delivery.sending import TTL, Postman, Tally
from scorecard.documents.formats import Formats
from scorecard.errors import LedgerError, MailError, ScorecardError, StrategyError
from scorecard.ledger import Delivery, Ledger
from scorecard.mail.reply import Reply
from scorecard.mail.sender import connect
from scorecard.mail.server import FORM, Server
from scorecard.mail.templates import Stationery
from scorecard.printing.edition_renderer import Press
from scorecard.project.mail_settings import SERVER
from scorecard.project.scaffold import room
from scorecard.project.settings import Project
from scorecard.project.workspace import open_workspace, refuse
from scorecard.schedules.model import Schedule
from scorecard.schedules.reader import read_schedules
from scorecard.strategy.model import Strategy
from scorecard.strategy.reader import read_strategy

MOST_NAMED = 40
"""So many failed deliveries are named in one mail to the operator."""
_LOG = logging.getLogger("scorecard.delivery.office")


def strategy_of(project: Project) -> Strategy:
    """What the strategy says, as far as it can be read; `check` says what is wrong with it."""
    metrics = load_metrics(project.metrics)
    return read_strategy(project.strategy, metrics, project.settings.currency)[0]


def timetable_of(project: Project, now: datetime) -> Timetable:
    return Timetable.read(project, strategy_of(project), now)


class Schedules:
    """A project's timetable for a process that runs for months: read again when it changes."""

    def __init__(self, project: Project, now: Callable[[], datetime]) -> None:
        self._project, self._now = project, now
        self._seen: object = None
        self._timetable: Timetable | None = None

    def __call__(self) -> Timetable:
        """The timetable as the files say it today."""
        seen = self._files()
        if self._timetable is None or seen != self._seen:
            self._timetable = timetable_of(self._project, self._now())
            self._seen = seen
        return self._timetable

    def _files(self) -> object:
        project = self._project
        files = [project.strategy, *project.schedules.rglob("*"), *project.metrics.glob("*.py")]
        stats = [(str(f), f.stat().st_mtime_ns, f.stat().st_size) for f in files if f.is_file()]
        return sorted(stats), self._now().astimezone(project.zone).date()


class Readers:
    """Who gets which document today, for what was queued on an earlier day.

    The files are read once, when the first document is about to go; who gets
    what is worked out once for each schedule and period. Where a schedule is
    gone, or it or the strategy cannot be read, everything goes as it was queued.
    """

    def __init__(self, project: Project, ledger: Ledger, now: Callable[[], datetime]) -> None:
        self._project, self._ledger, self._now = project, ledger, now
        self._read: tuple[Strategy, Mapping[str, Schedule]] | None = None
        self._known: dict[tuple[str, str], frozenset[tuple[str, str, str]] | None] = {}

    def left_out(self, delivery: Delivery) -> str:
        """Why a mail with a document does not go to its reader any more; empty where it does."""
        if delivery.kind != "document" or delivery.edition_id is None:
            return ""
        key = (delivery.schedule, delivery.period)
        if key not in self._known:
            self._known[key] = self._found(*key)
        known = self._known[key]
        if known is None:
            return ""
        edition = self._ledger.edition(delivery.edition_id)
        if (edition.document, edition.scope, delivery.recipient.casefold()) in known:
            return ""
        return (
            f"{delivery.name or delivery.recipient} no longer gets {edition.document} "
            f'{edition.scope}; "scorecard run {delivery.schedule} --period {delivery.period} '
            '--correct WHY" sends it to whoever does.'
        )

    def _found(self, schedule: str, period: str) -> frozenset[tuple[str, str, str]] | None:
        """Document, scope and address of everybody; None where that cannot be said."""
        project = self._project
        try:
            strategy, schedules = self._read = self._read or self._files()
            if schedule not in schedules:
                return None
            span = Period.parse(period, project.settings.timezone)
            held = {s.owner for s in strategy.stances}
            held |= {w.stance.owner for w in self._ledger.stances_for(span)}
            day = self._now().astimezone(project.zone).date()
            found = recipients(schedules[schedule], strategy, held, day)
        except LedgerError:
            raise
        except (ScorecardError, ValueError) as error:
            _LOG.warning(
                "documents go to whom they were queued for: %s",
                error,
                extra={"schedule": schedule, "period": period},
            )
            return None
        return frozenset((r.document, r.scope, r.email.casefold()) for r in found)

    def _files(self) -> tuple[Strategy, Mapping[str, Schedule]]:
        project = self._project
        metrics = load_metrics(project.metrics)
        strategy, findings = read_strategy(project.strategy, metrics, project.settings.currency)
        refuse(findings, StrategyError)
        today = self._now().astimezone(project.zone).date()
        return strategy, {s.id: s for s in read_schedules(project, strategy, today)[0]}


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
) -> Tally:
    """Work the outbox off, and tell the operator of what failed for good.

    Mail stays queued while no server is named. `limits` are the timeouts that
    `scorecard.mail.sender.connect` takes.
    """

    def press() -> Press:
        return Press(open_workspace(project, now()), ledger, now)

    postman = Postman(
        ledger,
        packer_of(project, env),
        Archive(project, ledger, press, now).pdf,
        project.root,
        now,
        holder,
        TTL,
        stopped,
        Readers(project, ledger, now).left_out,
    )
    server = server_of(project, env)
    if server is None:
        tally = postman.work_off(None)
        if ledger.delivery_counts().get("queued"):
            tally.waiting = f"{SERVER} is not set, so mail stays queued; set it, as {FORM}."
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
        # One that fails again after it was queued again ends at another time, and is told again.
        key = letters.failure_key([f"{d.id} {d.finished_at}" for d in failed])
        lines = [_said(d) for d in failed[:MOST_NAMED]]
        more = len(failed) - len(lines)
        lines += [f"{more} more: scorecard deliveries --failed"] if more else []
        lines.append('When the cause is mended: "scorecard resend --failed".')
        ledger.queue(desk.operator(key, f"{count} did not arrive.", lines), now)
    ledger.tell([d.id for d in untold])
    return len(failed)


def try_out(
    project: Project,
    ledger: Ledger,
    env: Mapping[str, str],
    server: Server,
    address: str,
    now: datetime,
    **limits: float,
) -> Reply:
    """Hand over a mail that only shows whether mail arrives. Nothing else goes out with it,
    and where it cannot go now, nothing stays queued. MailError when it may not be sent there.
    """
    packer = packer_of(project, env)
    settings = project.settings
    parcel = letters.Desk(project, Formats(settings.locale, settings.currency), now).test(address)
    letter = letters.LETTER.validate_json(parcel.letter)
    if no := forbidden(letter, packer.mail, ledger.silenced().get(address)):
        raise MailError(no.why)
    message = packer.bare(letter)
    with connect(server, **limits) as sender:
        return sender.hand_over(letter.sender, address, message, lambda: None)


def packer_of(project: Project, env: Mapping[str, str]) -> Packer:
    """A packer with the project's templates; ProjectError where a secret is not in `env`."""
    own = project.templates if project.templates.is_dir() else None
    return Packer(project.secret_mail(env), _stationery(own))


@lru_cache(maxsize=4)
def _stationery(own: Path | None) -> Stationery:
    """Kept, since its templates are compiled; one that was edited is compiled again."""
    return Stationery(own, room("templates"))


def _said(delivery: Delivery) -> str:
    what = " ".join(p for p in (delivery.schedule, delivery.period, delivery.kind) if p)
    return f"{delivery.recipient or delivery.name}: {what}, {delivery.state}: {delivery.reply}"
