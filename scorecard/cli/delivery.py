"""The command line of schedules and deliveries; see cli."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scorecard.cli.issue import begin_log, holder, ledger_of
from scorecard.cli.options import Json, ProjectOption, now, project_at
from scorecard.errors import ScorecardError

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
    """Print the runs to come: when, which period, and for whom."""
    from scorecard.cli.console_schedules import show_next
    from scorecard.delivery.office import strategy_of, timetable_of
    from scorecard.delivery.recipients import recipients
    from scorecard.formats import Formats

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
    """Make what schedules owe, on time, and send it.

    Runs in the foreground until it is told to stop. A second one with the same
    ledger stands by, and takes over when the first falls silent.
    """
    from scorecard.delivery import serve as service
    from scorecard.delivery.office import Schedules, post

    found = project_at(project)
    begin_log(found, as_json=json_log)
    schedules = Schedules(found, now)
    schedules()  # what is wrong with a schedule is said at once
    stopping = service.until_told_to_stop()
    with ledger_of(found) as ledger:
        clock = service.Clock(
            timetable=schedules,
            ledger=ledger,
            now=now,
            holder=holder(),
            make=service.in_a_process(str(found.root), as_json=json_log),
            post=_telling_changes(
                lambda: post(
                    found, ledger, os.environ, now, holder(), stopping.is_set
                ).waiting
            ),
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
    from scorecard.cli.console import warn
    from scorecard.cli.console_delivery import show_tally
    from scorecard.delivery.office import post

    found = project_at(project)
    begin_log(found, as_json=json_log)
    with ledger_of(found) as ledger:
        tally = post(found, ledger, os.environ, now, holder())
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
    """Say whether all that should have happened has happened.

    Exit code 1 when not.
    """
    from scorecard.cli.console_delivery import show_health
    from scorecard.delivery.health import health
    from scorecard.delivery.office import timetable_of
    from scorecard.delivery.ping import tell

    found = project_at(project)
    moment = now()
    with ledger_of(found) as ledger:
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
    """Print what went to whom, and what the server said."""
    from typing import get_args

    from scorecard.cli.console_delivery import show_deliveries, show_delivery
    from scorecard.errors import did_you_mean
    from scorecard.ledger import FAILED, State

    found = project_at(project)
    for each in state or ():
        if each not in get_args(State):
            near = did_you_mean(each, get_args(State)).strip()
            raise typer.BadParameter(f'there is no state "{each}". {near}', param_hint="--state")
    with ledger_of(found) as ledger:
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
    from scorecard.cli.console_delivery import show_expected, show_runs

    found = project_at(project)
    with ledger_of(found) as ledger:
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
    """Queue failed deliveries again, as the same messages.

    What was sent is never repeated.
    """
    from scorecard.ledger import FAILED

    if not failed and not id:
        raise typer.BadParameter("say which: --failed, or --id ID.", param_hint="--failed")
    found = project_at(project)
    with ledger_of(found) as ledger:
        for each in id or ():
            _refuse_unfailed(each, ledger)
        listed = ledger.deliveries(
            schedule=schedule, period=period, recipient=recipient, states=FAILED
        )
        wanted = [d.id for d in listed if not id or d.id in id]
        count = ledger.requeue(wanted, now(), f"by hand, {holder()}")
    if count:
        typer.echo(f'{count} queued again; "scorecard send" or "scorecard serve" sends them.')
    else:
        typer.echo("Nothing of that failed, so nothing was queued again.")


def _refuse_unfailed(id: str, ledger: Ledger) -> None:
    from scorecard.ledger import FAILED

    known = ledger.delivery(id)
    if known is None:
        raise ScorecardError(f'There is no delivery "{id}"; see "scorecard deliveries --failed".')
    if known.state not in FAILED:
        raise ScorecardError(
            f"Delivery {id} to {known.recipient} is {known.state}; only what failed is sent again."
        )


@app.command("test-send")
def test_send(
    address: Annotated[str, typer.Argument(help="Who gets the test.")],
    project: ProjectOption = None,
) -> None:
    """Send one mail, to see whether mail arrives.

    It has no document, and nothing else is sent with it.
    """
    from scorecard.address import checked_address
    from scorecard.delivery.office import server_of, try_out
    from scorecard.mail.server import FORM
    from scorecard.mail_settings import SERVER

    found = project_at(project)
    checked_address(address)
    server = server_of(found, os.environ)
    if server is None:
        raise ScorecardError(f"{SERVER} is not set; name the mail server in it, as {FORM}.")
    with ledger_of(found) as ledger:
        reply = try_out(found, ledger, os.environ, server, address, now())
    if reply.kind != "accepted":
        raise ScorecardError(f"The test was not sent: {reply.text}")
    typer.echo(f"Sent to {address}: {reply.text}")


@app.command()
def bounces(project: ProjectOption = None) -> None:
    """Read the mail that came back, and heed it.

    Suspends addresses that take no mail, and subscribers who ask for no more.
    """

    found = project_at(project)
    with ledger_of(found) as ledger:
        said = _fetched(found, ledger)
    if not said:
        raise ScorecardError(
            f'{found.file}: there is no box to read; set bounces = "folder:…" or '
            '"${SCORECARD_BOUNCES}" in [tool.scorecard.mail].'
        )
    typer.echo(said)


@app.command()
def addresses(project: ProjectOption = None, json: Json = False) -> None:
    """Print the addresses that are not written to, and why."""
    from scorecard.cli.console_delivery import show_addresses

    found = project_at(project)
    with ledger_of(found) as ledger:
        show_addresses(list(ledger.silenced().values()), found.zone, as_json=json)


@app.command("opt-out")
def opt_out(
    address: Annotated[str, typer.Argument(help="Who asked for no more mail.")],
    reason: Annotated[str, typer.Option(help="In their words.")],
    project: ProjectOption = None,
) -> None:
    """Record that somebody asked not to be sent documents.

    An owner's page is still made, and says so.
    """
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
    from scorecard.errors import did_you_mean
    from scorecard.ledger.addresses import Event

    found = project_at(project)
    with ledger_of(found) as ledger:
        silenced = ledger.silenced()
        if event == "reinstated" and address.casefold() not in silenced:
            near = did_you_mean(address, silenced)
            raise ScorecardError(f"{address} is written to already.{near}")
        ledger.note_address(checked_address(address), cast(Event, event), reason, now())
    typer.echo(f"{address}: {event}")


def _telling_changes(post: Callable[[], str]) -> Callable[[], None]:
    """Do it, and log why mail waits; the same reason once, and not at each look."""
    import logging

    said = ""

    def posted() -> None:
        nonlocal said
        before, said = said, post()
        if said != before:
            text = f"mail waits: {said}" if said else "mail goes out again"
            logging.getLogger("scorecard.delivery.serve").warning(text)

    return posted


def _fetched(project: Project, ledger: Ledger) -> str:
    """Read the box of bounces; what came of it, or nothing where there is no box."""
    from scorecard.delivery.returns import fetch

    url = project.secret_mail().bounces
    return str(fetch(project, ledger, url, now())) if url else ""
