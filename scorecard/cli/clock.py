"""The commands next, serve, send, status and bounces: runs and mail that are due."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from scorecard.cli.desk import needing_desk
from scorecard.cli.issue import (
    begin_log,
    holder,
    ledger_of,
    refuse_strategy,
    working_ledger_of,
)
from scorecard.cli.last_word import leave
from scorecard.cli.options import Json, ProjectOption, now, project_at
from scorecard.errors import ScorecardError

if TYPE_CHECKING:
    from scorecard.ledger import Ledger
    from scorecard.project.settings import Project

app = typer.Typer(add_completion=False, rich_markup_mode=None)

JsonLog = Annotated[bool, typer.Option("--json-log", help="Log in JSON, a line each.")]


@app.command("next")
def next_(
    project: ProjectOption = None,
    count: Annotated[int, typer.Option(min=1, max=60, help="Runs of each schedule.")] = 3,
    json: Json = False,
) -> None:
    """Print the runs to come: when, which period, and for whom."""
    from contextlib import nullcontext

    from scorecard.cli.console_schedules import show_next
    from scorecard.delivery.due_runs import ProjectSchedules
    from scorecard.delivery.recipients_preview import recipients_preview
    from scorecard.project.declared import declared
    from scorecard.project.opening import has_ledger

    found = project_at(project)
    moment = now()
    refuse_strategy(found)
    schedules, strategy = ProjectSchedules.of(found, moment), declared(found).strategy
    coming = [
        (schedule, occurrence)
        for id, schedule in schedules.schedules.items()
        for occurrence in schedules.upcoming(id, moment, count)
    ]
    # The first run to come, of whichever schedule, is what will see today's strategy.
    seen_at = min((occurrence.due for _, occurrence in coming), default=moment)
    with ledger_of(found) if has_ledger(found) else nullcontext() as ledger:
        names = {
            (schedule.id, occurrence.period.key): list(
                dict.fromkeys(
                    r.name
                    for r in recipients_preview(
                        found, ledger, strategy, schedule, occurrence, seen_at
                    )
                )
            )
            for schedule, occurrence in coming
        }
    formats = found.formats
    show_next(coming, names, formats, as_json=json)


@app.command()
def serve(
    project: ProjectOption = None,
    once: Annotated[
        bool, typer.Option("--once", help="Do what is due and stop, as for cron.")
    ] = False,
    desk: Annotated[
        bool, typer.Option("--desk", help="Also serve the pages in which owners answer.")
    ] = False,
    json_log: JsonLog = False,
) -> None:
    """Make what schedules owe, on time, and send it.

    Runs in the foreground until it is told to stop. A second one with the same
    ledger stands by, and takes over when the first falls silent. While a
    schedule cannot be read no run begins, and mail goes on.
    """
    from scorecard.delivery import serve as service
    from scorecard.delivery.due_runs import LiveSchedules
    from scorecard.delivery.post import post
    from scorecard.delivery.run_process import RunProcesses

    if once and desk:
        raise typer.BadParameter("--once stops, and a desk serves.", param_hint="--desk")
    found = project_at(project)
    begin_log(as_json=json_log)
    schedules = LiveSchedules(found, now)
    stopping = service.until_told_to_stop()
    with working_ledger_of(found) as ledger:
        name = holder()
        runs = RunProcesses(schedules, ledger, now, name, json_log, stopping)

        def stopped() -> bool:
            clock.sign("post")
            return stopping.is_set()

        clock = service.SchedulerLoop(
            schedules=schedules,
            ledger=ledger,
            now=now,
            holder=name,
            make=runs.make,
            post=_logging_changes(
                lambda: post(found, ledger, os.environ, now, holder(), stopped).waiting
            ),
            fetch=lambda: _fetch(found, ledger),
            guard=lambda: _look_again(found, ledger),
            state=found.state,
            stopping=stopping,
        )
        if once:
            raise typer.Exit(0 if clock.once() else 1)
        with _desk_beside(found, ledger, wanted=desk):
            ended = service.serve(clock)
        if not ended:
            leave(0)


@contextmanager
def _desk_beside(project: Project, ledger: Ledger, *, wanted: bool) -> Iterator[None]:
    """The desk, served as long as the clock works; nothing where it is not wanted.

    It is served by a process that stands by, too: whichever of them a proxy asks can answer.
    """
    if not wanted:
        yield
        return
    with needing_desk():
        from scorecard.desk.server import DeskServer
    server = DeskServer(project, ledger, now)
    server.start()
    try:
        yield
    finally:
        server.stop()


@app.command()
def send(project: ProjectOption = None, json: Json = False, json_log: JsonLog = False) -> None:
    """Send what is queued, and what is due to be tried again.

    Exit code 1 when something failed for good, or the server was not reached.
    """
    from scorecard.cli.console_delivery import show_tally
    from scorecard.cli.terminal import warn
    from scorecard.delivery.post import post

    found = project_at(project)
    begin_log(as_json=json_log)
    with working_ledger_of(found) as ledger:
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
    from scorecard.delivery.due_runs import ProjectSchedules
    from scorecard.delivery.health import health

    found = project_at(project)
    moment = now()
    try:
        with working_ledger_of(found) as ledger:
            tiers = None if found.settings.tiers_schema else found.state / "tiers"
            found_out = health(lambda: ProjectSchedules.of(found, moment), ledger, moment, tiers)
    except ScorecardError as error:
        if ping:
            _tell(found, (str(error),))
        raise
    show_health(found_out, found.zone, as_json=json)
    if ping:
        _tell(found, found_out.troubles)
    raise typer.Exit(0 if found_out.good else 1)


@app.command()
def bounces(project: ProjectOption = None) -> None:
    """Read the mail that came back, and heed it.

    Suspends addresses that take no mail, and subscribers who ask for no more.
    """

    found = project_at(project)
    with working_ledger_of(found) as ledger:
        summary = _fetch_bounces(found, ledger)
    if not summary:
        raise ScorecardError(
            f'{found.file}: there is no box to read; set bounces = "folder:…" or '
            '"${SCORECARD_BOUNCES}" in [tool.scorecard.mail].'
        )
    typer.echo(summary)


def _look_again(project: Project, ledger: Ledger) -> None:
    """LedgerError where clock or ledger are behind by now; else it is remembered how far it is."""
    from scorecard.project.opening import note_head, refuse_doubts

    refuse_doubts(project, ledger, now())
    note_head(project, ledger)


def _tell(project: Project, troubles: Sequence[str]) -> None:
    """Call the monitor; only this needs a client for HTTP."""
    from scorecard.delivery.ping import tell

    tell(project.secret_mail().ping, troubles)


def _logging_changes(post: Callable[[], str]) -> Callable[[], None]:
    """`post`, which returns why mail waits, with that reason logged when it changes."""
    import logging

    reason = ""

    def posted() -> None:
        nonlocal reason
        before, reason = reason, post()
        if reason != before:
            text = f"mail waits: {reason}" if reason else "mail goes out again"
            logging.getLogger("scorecard.delivery.serve").warning(text)

    return posted


def _fetch(project: Project, ledger: Ledger) -> None:
    """Read the boxes of bounces and of forms, as far as the settings name them."""
    try:
        _fetch_bounces(project, ledger)
    finally:  # one that cannot be read keeps nobody from reading the other
        if url := project.boxes()[1]:
            from scorecard.delivery.form_box import collect_forms

            collect_forms(project, ledger, url, now)


def _fetch_bounces(project: Project, ledger: Ledger) -> str:
    """Read the mailbox of bounces; returns a summary, which is empty where none is set."""
    from scorecard.delivery.bounce_processing import process_bounces

    url = project.boxes()[0]
    return str(process_bounces(project, ledger, url, now())) if url else ""
