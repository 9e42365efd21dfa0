"""The command line of schedules and deliveries; see cli."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from scorecard.errors import ScorecardError
from scorecard.options import Json, ProjectOption, now, project_at

if TYPE_CHECKING:
    from scorecard.ledger import Ledger
    from scorecard.project import Project

app = typer.Typer(add_completion=False, rich_markup_mode=None)

JsonLog = Annotated[bool, typer.Option("--json-log", help="Log in JSON, a line each.")]
ScheduleOption = Annotated[str, typer.Option("--schedule", help="Only of this schedule.")]
PeriodOption = Annotated[str, typer.Option("--period", help="Only of this period, as 2026-10.")]
Recipient = Annotated[str, typer.Option("--recipient", help="Only to this address.")]


@app.command("next")
def next_(
    project: ProjectOption = None,
    count: Annotated[int, typer.Option(min=1, max=60, help="Runs of each schedule.")] = 3,
    json: Json = False,
) -> None:
    """Print the runs to come: when, of which period, and who gets what."""
    from scorecard.console_schedules import show_next
    from scorecard.formats import Formats
    from scorecard.office import strategy_of, timetable_of
    from scorecard.recipients import recipients

    found = project_at(project)
    moment = now()
    timetable, strategy = timetable_of(found, moment), strategy_of(found)
    coming = [
        (schedule, occurrence)
        for id, schedule in timetable.schedules.items()
        for occurrence in timetable.upcoming(id, moment, count)
    ]
    held = sorted({s.owner for s in strategy.stances})
    today = moment.astimezone(found.zone).date()
    names = {
        schedule.id: list(
            dict.fromkeys(r.name for r in recipients(schedule, strategy, held, today))
        )
        for schedule in timetable.schedules.values()
    }
    formats = Formats(found.settings.locale, found.settings.currency)
    show_next(coming, names, formats, as_json=json)


@app.command()
def serve(
    project: ProjectOption = None,
    once: Annotated[
        bool, typer.Option("--once", help="Do what is due and stop, as for cron.")
    ] = False,
    json_log: JsonLog = False,
) -> None:
    """Keep the clock: issue what schedules owe, on time, and send it.

    Runs in the foreground until it is told to stop. A second one with the same
    ledger stands by, and takes over when the first falls silent.
    """
    from scorecard import serve as service
    from scorecard.office import post, timetable_of
    from scorecard.workspace import open_ledger

    found = project_at(project)
    _log(found, as_json=json_log)
    timetable_of(found, now())  # what is wrong with a schedule is said at once
    stopping = service.until_told_to_stop()
    with open_ledger(found) as ledger:
        clock = service.Clock(
            timetable=lambda: timetable_of(found, now()),
            ledger=ledger,
            now=now,
            holder=_holder(),
            make=service.in_a_process(str(found.root), as_json=json_log),
            post=lambda: _posted(found, ledger, post(
                found, ledger, os.environ, now, _holder(), stopping.is_set
            ).waiting),
            fetch=lambda: _fetched(found, ledger),
        )  # fmt: skip
        if once:
            clock.once()
        else:
            service.serve(clock, stopping)


@app.command()
def send(project: ProjectOption = None, json: Json = False, json_log: JsonLog = False) -> None:
    """Send what is queued, and what is due to be tried again.

    Exit code 1 when something failed for good, or the server was not reached.
    """
    from scorecard.console import warn
    from scorecard.console_delivery import show_tally
    from scorecard.office import post
    from scorecard.workspace import open_ledger

    found = project_at(project)
    _log(found, as_json=json_log)
    with open_ledger(found) as ledger:
        tally = post(found, ledger, os.environ, now, _holder())
    show_tally(tally, as_json=json)
    if tally.waiting:
        warn(tally.waiting)
    raise typer.Exit(1 if tally.failed or tally.waiting else 0)


@app.command()
def status(
    project: ProjectOption = None,
    ping: Annotated[
        bool, typer.Option("--ping", help="Tell the address in [tool.scorecard.mail] ping.")
    ] = False,
    json: Json = False,
) -> None:
    """Say whether everything that should have happened has; exit code 1 when not."""
    from scorecard.console_delivery import show_health
    from scorecard.health import health
    from scorecard.office import timetable_of
    from scorecard.ping import tell
    from scorecard.workspace import open_ledger

    found = project_at(project)
    moment = now()
    with open_ledger(found) as ledger:
        found_out = health(timetable_of(found, moment), ledger, moment)
    show_health(found_out, found.zone, as_json=json)
    if ping:
        tell(found.secret_mail().ping, found_out.troubles)
    raise typer.Exit(0 if found_out.good else 1)


@app.command()
def deliveries(
    project: ProjectOption = None,
    id: Annotated[str, typer.Argument(help="One delivery, with every try.")] = "",
    schedule: ScheduleOption = "",
    period: PeriodOption = "",
    recipient: Recipient = "",
    state: Annotated[list[str] | None, typer.Option(help="Only in this state.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only what failed.")] = False,
    json: Json = False,
) -> None:
    """Print what went to whom, when, with which hash, and what the server said."""
    from scorecard.console_delivery import show_deliveries, show_delivery
    from scorecard.ledger import FAILED
    from scorecard.workspace import open_ledger

    found = project_at(project)
    with open_ledger(found) as ledger:
        if id:
            one = ledger.delivery(id)
            if one is None:
                raise ScorecardError(f'There is no delivery "{id}"; see "scorecard deliveries".')
            show_delivery(one, ledger.attempts(one), found.zone, as_json=json)
            return
        states = (*(state or ()), *(FAILED if failed else ()))
        listed = ledger.deliveries(
            schedule=schedule, period=period, recipient=recipient, states=states
        )
        show_deliveries(listed, found.zone, as_json=json)


@app.command()
def runs(
    project: ProjectOption = None,
    period: PeriodOption = "",
    every: Annotated[
        bool, typer.Option("--all", help="Every attempt at a period, also those by hand.")
    ] = False,
    json: Json = False,
) -> None:
    """Print the runs that schedules owed, and what became of them."""
    from scorecard.console_delivery import show_expected, show_runs
    from scorecard.workspace import open_ledger

    found = project_at(project)
    with open_ledger(found) as ledger:
        made = [r for r in ledger.runs() if period in ("", r.period)]
        if every:
            show_runs(made, found.zone, as_json=json)
            return
        expected = [e for e in ledger.expected_runs() if period in ("", e.period)]
        show_expected(expected, {r.id: r for r in made}, found.zone, as_json=json)


@app.command()
def resend(
    project: ProjectOption = None,
    failed: Annotated[bool, typer.Option("--failed", help="Everything that failed.")] = False,
    id: Annotated[list[str] | None, typer.Option("--id", help="One failed delivery.")] = None,
    schedule: ScheduleOption = "",
    period: PeriodOption = "",
    recipient: Recipient = "",
) -> None:
    """Queue failed deliveries again, as the same messages; what was sent is never repeated."""
    from scorecard.ledger import FAILED
    from scorecard.workspace import open_ledger

    if not failed and not id:
        raise typer.BadParameter("say which: --failed, or --id ID.", param_hint="--failed")
    found = project_at(project)
    with open_ledger(found) as ledger:
        listed = ledger.deliveries(
            schedule=schedule, period=period, recipient=recipient, states=FAILED
        )
        wanted = [d.id for d in listed if not id or d.id in id]
        count = ledger.requeue(wanted, now(), f"by hand, {_holder()}")
    typer.echo(f'{count} queued again; "scorecard send" or a running "scorecard serve" sends them.')


@app.command("test-send")
def test_send(
    address: Annotated[str, typer.Argument(help="Who gets the test.")],
    project: ProjectOption = None,
) -> None:
    """Send one mail without a document, to see whether mail arrives."""
    from scorecard.address import checked_address
    from scorecard.formats import Formats
    from scorecard.letters import Desk
    from scorecard.mail_settings import SERVER
    from scorecard.office import post, server_of
    from scorecard.workspace import open_ledger

    found = project_at(project)
    checked_address(address)
    if server_of(found, os.environ) is None:
        raise ScorecardError(
            f"{SERVER} is not set; name the mail server, as smtp://user:password@host:587."
        )
    formats = Formats(found.settings.locale, found.settings.currency)
    with open_ledger(found) as ledger:
        parcel = Desk(found, formats, now()).test(address)
        ledger.queue([parcel], now())
        tally = post(found, ledger, os.environ, now, _holder())
        sent = ledger.delivery(parcel.id)
    said = sent.reply if sent else tally.waiting
    if sent is None or sent.state != "sent":
        raise ScorecardError(f"The test was not sent: {said or tally.waiting}")
    typer.echo(f"Sent to {address}: {sent.code} {said}")


@app.command()
def bounces(project: ProjectOption = None) -> None:
    """Read the box of bounces: suspend addresses that take no mail, heed who asks for no more."""
    from scorecard.workspace import open_ledger

    found = project_at(project)
    with open_ledger(found) as ledger:
        said = _fetched(found, ledger)
    if not said:
        raise ScorecardError(
            f'{found.file}: there is no box to read; set bounces = "folder:…" or '
            '"${SCORECARD_BOUNCES}" in [tool.scorecard.mail].'
        )
    typer.echo(said)


@app.command()
def addresses(project: ProjectOption = None, json: Json = False) -> None:
    """Print the addresses that are not written to, since when and why."""
    from scorecard.console_delivery import show_addresses
    from scorecard.workspace import open_ledger

    found = project_at(project)
    with open_ledger(found) as ledger:
        show_addresses(list(ledger.silenced().values()), found.zone, as_json=json)


@app.command("opt-out")
def opt_out(
    address: Annotated[str, typer.Argument(help="Who asked for no more mail.")],
    reason: Annotated[str, typer.Option(help="In their words.")],
    project: ProjectOption = None,
) -> None:
    """Record that somebody asked not to be sent documents; an owner's pages will say so."""
    _note_address(project, address, "opted out", reason)


@app.command()
def reinstate(
    address: Annotated[str, typer.Argument(help="Who may be written to again.")],
    reason: Annotated[str, typer.Option(help="Why.")] = "by hand",
    project: ProjectOption = None,
) -> None:
    """Lift a suspension or an opting out."""
    _note_address(project, address, "reinstated", reason)


def _note_address(project: Path | None, address: str, event: str, reason: str) -> None:
    from typing import cast

    from scorecard.address import checked_address
    from scorecard.ledger.addresses import Event
    from scorecard.workspace import open_ledger

    found = project_at(project)
    with open_ledger(found) as ledger:
        ledger.note_address(checked_address(address), cast(Event, event), reason, now())
    typer.echo(f"{address}: {event}")


def issue(
    found: Project, name: str, period: str | None, *, dry: bool, unattended: bool, json_log: bool
) -> int:
    """Do by hand what a schedule does by the clock; the command's exit code."""
    from scorecard.console import progress, warn
    from scorecard.issuing import Issuer
    from scorecard.office import post, timetable_of
    from scorecard.workspace import open_ledger, period_of

    if unattended:
        _log(found, as_json=json_log)
    moment = now()
    timetable = timetable_of(found, moment)
    schedule = timetable.schedule(name)
    settings = found.settings
    span = period_of(period, settings.period, settings.timezone) if period else None
    owed = timetable.owed_for(name, span, moment)
    wanted = period_of(owed.period, settings.period, settings.timezone)
    if dry:
        from scorecard.console_delivery import show_rehearsed
        from scorecard.rehearsal import rehearse

        with open_ledger(found) as ledger, progress() as report:
            mails = rehearse(found, ledger, schedule, wanted, now, report)
        show_rehearsed(mails)
        return 1 if any(mail.refused for mail in mails) else 0
    with open_ledger(found) as ledger:
        timetable.reconcile(ledger, moment)
        if ledger.expected_run(name, owed.period) is None:
            ledger.expect(name, [owed], moment)
        with progress() as report:
            became = Issuer(found, ledger, now, _holder(), report).issue(
                schedule, wanted, by_hand=not unattended
            )
        said = f": {became.reason}" if became.reason else ""
        typer.echo(f"{schedule.title} for {wanted}: {became.state}{said}")
        if not unattended:
            tally = post(found, ledger, os.environ, now, _holder())
            if tally.waiting:
                warn(tally.waiting)
        counts = ledger.delivery_counts(schedule=name, period=owed.period)
    if counts:
        typer.echo(", ".join(f"{n} {state}" for state, n in sorted(counts.items())))
    return 0 if became.state == "done" else 1


def _holder() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}"


def _log(project: Project, *, as_json: bool) -> None:
    from urllib.parse import unquote, urlsplit

    from scorecard.logs import begin
    from scorecard.mail_settings import SERVER

    urls = (os.environ.get(SERVER, ""), project.ledger, project.connect)
    secrets = [urlsplit(url).password or "" for url in urls]
    mail = project.mail
    names = [mail.password, *mail.passwords.values()]
    secrets += [os.path.expandvars(name) for name in names]
    begin(as_json=as_json, secrets=[*secrets, *(unquote(s) for s in secrets)])


def _posted(project: Project, ledger: Ledger, waiting: str) -> None:
    import logging

    if waiting:
        logging.getLogger("scorecard.serve").warning("mail waits: %s", waiting)


def _fetched(project: Project, ledger: Ledger) -> str:
    """Read the box of bounces; what came of it, or nothing where there is no box."""
    from scorecard.returns import fetch

    url = project.secret_mail().bounces
    return str(fetch(project, ledger, url, now())) if url else ""
