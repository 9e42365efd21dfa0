"""The commands on runs, deliveries and addresses in the ledger."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from scorecard.base.periods import Period
from scorecard.cli.issue import holder, ledger_of, working_ledger_of
from scorecard.cli.options import Json, ProjectOption, now, project_at
from scorecard.errors import ScorecardError
from scorecard.secrets import hide

if TYPE_CHECKING:
    from scorecard.ledger import Ledger

app = typer.Typer(add_completion=False, rich_markup_mode=None)


def _text(value: str | None) -> str | None:
    """The argument; BadParameter where it is not UTF-8, which no ledger can store or compare."""
    # Python decodes bytes that are not UTF-8 as lone surrogates (PEP 383).
    if value is not None and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise typer.BadParameter("it has bytes that are not UTF-8; type it again.")
    return value


def _texts(values: list[str] | None) -> list[str] | None:
    for value in values or ():
        _text(value)
    return values


def _period(value: str) -> str:
    """The key of a period; BadParameter where there is no such one, of which nothing is known."""
    try:
        return Period.parse(value, "UTC").key if _text(value) else ""
    except ScorecardError as error:
        raise typer.BadParameter(str(error)) from error


def _words(value: str) -> str:
    """A reason in words; BadParameter where it is empty."""
    if not (_text(value) or "").strip():
        raise typer.BadParameter("say it in words.")
    return value


ScheduleOption = Annotated[
    str, typer.Option("--schedule", help="Only of this schedule.", callback=_text)
]
PeriodOption = Annotated[
    str, typer.Option("--period", help="Only of this period, as 2026-10.", callback=_period)
]
Recipient = Annotated[
    str, typer.Option("--recipient", help="Only to this address.", callback=_text)
]


@app.command()
def deliveries(
    project: ProjectOption = None,
    id: Annotated[str, typer.Argument(help="One delivery, with every try.", callback=_text)] = "",
    schedule: ScheduleOption = "",
    period: PeriodOption = "",
    recipient: Recipient = "",
    state: Annotated[
        list[str] | None, typer.Option(help="Only in this state.", callback=_texts)
    ] = None,
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
    id: Annotated[
        list[str] | None, typer.Option("--id", help="One failed delivery.", callback=_texts)
    ] = None,
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
    with working_ledger_of(found) as ledger:
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
    address: Annotated[str, typer.Argument(help="Who gets the test.", callback=_text)],
    project: ProjectOption = None,
) -> None:
    """Send one mail, to see whether mail arrives.

    It has no document, and nothing else is sent with it.
    """
    from scorecard.base.address import checked_address
    from scorecard.delivery.post import send_test, server_of
    from scorecard.mail.server import FORM
    from scorecard.project.mail_settings import SERVER

    found = project_at(project)
    checked_address(address)
    server = server_of(found, os.environ)
    if server is None:
        raise ScorecardError(f"{SERVER} is not set; name the mail server in it, as {FORM}.")
    with ledger_of(found) as ledger:
        reply = send_test(found, ledger, os.environ, server, address, now())
    if reply.kind != "accepted":
        raise ScorecardError(f"The test was not sent: {reply.text}")
    typer.echo(f"Sent to {address}: {reply.text}")


@app.command()
def addresses(project: ProjectOption = None, json: Json = False) -> None:
    """Print the addresses that are not written to, and why."""
    from scorecard.cli.console_delivery import show_addresses

    found = project_at(project)
    with ledger_of(found) as ledger:
        known = [state for each in ledger.suppressed().values() for state in each.states]
        show_addresses(known, found.zone, as_json=json)


@app.command("opt-out")
def opt_out(
    address: Annotated[str, typer.Argument(help="Who asked for no more mail.", callback=_text)],
    reason: Annotated[str, typer.Option(help="In their words.", callback=_words)],
    project: ProjectOption = None,
) -> None:
    """Record that somebody asked not to be sent documents.

    An owner's page is still made, and says so.
    """
    from scorecard.base.address import checked_address

    found = project_at(project)
    with working_ledger_of(found) as ledger:
        ledger.note_address(checked_address(address), "opted out", hide(reason), now())
    typer.echo(f"{address}: opted out")


@app.command()
def reinstate(
    address: Annotated[str, typer.Argument(help="Who may be written to again.", callback=_text)],
    reason: Annotated[str, typer.Option(help="Why.", callback=_words)] = "by hand",
    subscriptions: Annotated[
        bool, typer.Option("--subscriptions", help="Also send what they unsubscribed from.")
    ] = False,
    project: ProjectOption = None,
) -> None:
    """Lift a suspension and an opting out.

    Who asked to get no more of what they had subscribed to still gets none of it,
    unless that is lifted, too.
    """
    from scorecard.errors import did_you_mean
    from scorecard.ledger.addresses import LIFTS

    found = project_at(project)
    with working_ledger_of(found) as ledger:
        silenced = ledger.suppressed()
        known = silenced.get(address)
        if known is None:
            near = did_you_mean(address, silenced)
            raise ScorecardError(f"{address} is written to already.{near}")
        lasting = [state.event for state in known.states]
        lifted = []
        for event, lifts in LIFTS.items():
            ended = [state for state in lasting if state in lifts]
            if ended and (subscriptions or event == "reinstated"):
                ledger.note_address(address, event, hide(reason), now())
                lifted += ended
    stays = "".join(
        f'unsubscribed, and sent no subscription; "scorecard reinstate {address} --subscriptions" '
        "lifts that."
        for state in lasting
        if state not in lifted
    )
    if not lifted:
        raise ScorecardError(f"{address} is {stays}")
    typer.echo(f"{address}: no longer {' or '.join(lifted)}")
    if stays:
        typer.echo(f"{address}: still {stays}")
