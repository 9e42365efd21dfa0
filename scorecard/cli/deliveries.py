"""Commands about what ran, what went to whom, and who is written to; see app."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scorecard.cli.issue import holder, ledger_of
from scorecard.cli.options import Json, ProjectOption, now, project_at
from scorecard.errors import ScorecardError

if TYPE_CHECKING:
    from scorecard.ledger import Ledger

app = typer.Typer(add_completion=False, rich_markup_mode=None)

ScheduleOption = Annotated[str, typer.Option("--schedule", help="Only of this schedule.")]
PeriodOption = Annotated[str, typer.Option("--period", help="Only of this period, as 2026-10.")]
Recipient = Annotated[str, typer.Option("--recipient", help="Only to this address.")]


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
