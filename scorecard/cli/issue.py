"""The command `scorecard run NAME`: a schedule's run by hand, as a dry run, or corrected.

Also what other commands need for the ledger and the log.
"""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING

import typer

from scorecard.cli.options import now

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime

    from scorecard.base.periods import Period
    from scorecard.delivery.due_runs import ProjectSchedules
    from scorecard.ledger import ExpectedRun, Ledger, Owed
    from scorecard.project.settings import Project
    from scorecard.schedules.model import Schedule


MOST_SAID = 5
"""Failed deliveries that are named; the others are counted."""


def issue(
    found: Project, name: str, period: str | None, *, dry: bool, unattended: bool, json_log: bool
) -> int:
    """Issue and send what a schedule owes; returns the command's exit code.

    It is 1 when something was not issued, was not sent for good, or waits for a server.
    `unattended` is for `serve`, which starts this as a process and sends by itself.
    """
    from scorecard.base.limits import die_with_parent
    from scorecard.delivery.due_runs import ProjectSchedules

    if unattended:
        die_with_parent()
        begin_log(as_json=json_log)
    else:
        _refuse_unusable(found)
    moment = now()
    schedules = ProjectSchedules.of(found, moment)
    schedule, wanted, owed = _run_asked_for(found, schedules, name, period, moment)
    if not unattended:
        _refuse_without_sender(found, schedule)
    if dry:
        return _dry_run(found, schedule, wanted, last=moment >= owed.hold_until)
    with working_ledger_of(found) as ledger:
        schedules.reconcile(ledger, moment)
        if ledger.expected_run(name, owed.period) is None:
            # Due before the schedule was first seen, or longer ago than `reconcile` looks back.
            ledger.expect(name, [owed], moment)
        return _issue_run(found, ledger, schedule, wanted, owed, unattended=unattended)


def correct(found: Project, name: str, period: str | None, why: str) -> int:
    """Make again what a schedule issued, and send what differs; returns the exit code."""
    from scorecard.cli.console import progress
    from scorecard.delivery.correction import correct as make_again
    from scorecard.delivery.due_runs import ProjectSchedules
    from scorecard.delivery.issuing import Issuer

    _refuse_unusable(found)
    moment = now()
    schedule, wanted, _owed = _run_asked_for(
        found, ProjectSchedules.of(found, moment), name, period, moment
    )
    _refuse_without_sender(found, schedule)
    with working_ledger_of(found) as ledger:
        with progress() as report:
            issuer = Issuer(found, ledger, now, holder(), report)
            made = make_again(issuer, schedule, wanted, why)
        typer.echo(
            f"{schedule.title} for {wanted}: {made.differing} of {made.documents} differ from what "
            f"was issued; {made.queued} to be sent"
        )
        return _send_queued(found, ledger, schedule.id, wanted)


def restate(found: Project, period: str, why: str) -> int:
    """Make a period's documents again, and send those that differ to those who had them; returns
    the exit code."""
    from scorecard.cli.console import progress
    from scorecard.cli.console_editions import show_restated
    from scorecard.delivery.correction import restate as make_again
    from scorecard.delivery.due_runs import ProjectSchedules
    from scorecard.delivery.issuing import Issuer

    _refuse_unusable(found)
    wanted = found.period(period)
    schedules = ProjectSchedules.of(found, now()).schedules
    with working_ledger_of(found) as ledger:
        with progress() as report:
            issuer = Issuer(found, ledger, now, holder(), report)
            made = make_again(issuer, schedules, wanted, why)
        show_restated(made, wanted)
        return _send_queued(found, ledger, "", wanted) if made.queued else 0


def _run_asked_for(
    project: Project, schedules: ProjectSchedules, name: str, period: str | None, moment: datetime
) -> tuple[Schedule, Period, Owed]:
    """The schedule, the period, by default that of the last run due, and the run owed for it."""
    schedule = schedules.schedule(name)
    span = project.regular_period(period) if period is not None else None
    owed = schedules.owed_for(name, span, moment)
    return schedule, project.regular_period(owed.period), owed


def _refuse_without_sender(project: Project, schedule: Schedule) -> None:
    """ProjectError where the schedule has readers and the settings have no sender."""
    from scorecard.delivery.new_deliveries import sender_of

    if schedule.to or schedule.subscribers:
        sender_of(project)


def _refuse_unusable(project: Project) -> None:
    """Raise errors in secrets, mail server and strategy now, before a run sends notices of them."""
    from scorecard.delivery.post import server_of

    project.secret_mail(os.environ)
    server_of(project, os.environ)
    refuse_strategy(project)


def refuse_strategy(project: Project) -> None:
    """StrategyError where strategy.toml has a blocking finding."""
    from scorecard.project.declared import declared

    declared(project).usable()


def _dry_run(project: Project, schedule: Schedule, period: Period, *, last: bool) -> int:
    from scorecard.cli.console import progress
    from scorecard.cli.console_delivery import show_dry_run
    from scorecard.cli.terminal import warn
    from scorecard.delivery.dry_run import FOLDER, dry_run

    with ledger_of(project) as ledger, progress() as report:
        mails = dry_run(project, ledger, schedule, period, now, report, last=last)
        known = ledger.expected_run(schedule.id, period.key)
    show_dry_run(mails, project.output / period.key / FOLDER)
    for stamp in dict.fromkeys(mail.stamp for mail in mails if mail.stamp):
        warn(f"provisional: {stamp}")
    if known is not None and known.state == "done":
        warn(f"{schedule.title} for {period}: {_outcome(project, known, known)}.")
    return 1 if any(mail.refused for mail in mails) else 0


def _issue_run(
    project: Project,
    ledger: Ledger,
    schedule: Schedule,
    period: Period,
    owed: Owed,
    *,
    unattended: bool,
) -> int:
    from scorecard.cli.console import progress
    from scorecard.delivery.issuing import Issuer

    before = ledger.expected_run(schedule.id, owed.period)
    if not unattended and before is not None and before.state != "done":
        _say_if_late(project, owed)
    with progress() as report:
        after = Issuer(project, ledger, now, holder(), report).issue(
            schedule, period, by_hand=not unattended
        )
    typer.echo(f"{schedule.title} for {period}: {_outcome(project, before, after)}")
    unsent = 0 if unattended else _send_queued(project, ledger, schedule.id, period)
    return unsent if after.state == "done" else 1


def _say_if_late(project: Project, owed: Owed) -> None:
    """Warn of a run that no schedule would begin any more, so that a mistyped period is noticed."""
    from scorecard.cli.terminal import warn

    moment = now()
    if moment > owed.late_until:
        days = (moment - owed.due_at).days
        due = f"{owed.due_at.astimezone(project.zone):%Y-%m-%d}"
        warn(f"{owed.period} was due on {due}, {days:,} days ago; it is issued because you ask.")


def _send_queued(project: Project, ledger: Ledger, schedule: str, period: Period) -> int:
    """Send what is queued, and print the states of the mails of a schedule, given by its id, or of
    all; 0 if all were sent."""
    from scorecard.cli.terminal import warn
    from scorecard.delivery.post import post
    from scorecard.ledger import FAILED, OPEN

    waiting = post(project, ledger, os.environ, now, holder()).waiting
    counts = ledger.delivery_counts(schedule=schedule, period=period.key)
    if counts:
        counted = ", ".join(f"{n} {state}" for state, n in sorted(counts.items()))
        typer.echo(f"Mails and files so far: {counted}")
    failed = sum(counts.get(state, 0) for state in FAILED)
    listed = ledger.deliveries(schedule=schedule, period=period.key, states=FAILED)
    for each in islice(listed, MOST_SAID):
        warn(f"{each.recipient or each.name}: {each.state}: {each.reply}")
    if failed > MOST_SAID:
        warn(f"{failed - MOST_SAID} more: scorecard deliveries --failed")
    if waiting:
        warn(waiting)
    return 1 if failed or waiting or any(counts.get(state) for state in OPEN) else 0


def _outcome(project: Project, before: ExpectedRun | None, after: ExpectedRun) -> str:
    """The outcome of a run, from what the ledger had before and after the command."""
    at = f"{after.updated_at.astimezone(project.zone):%Y-%m-%d %H:%M}"
    if before is not None and before.state == "done":
        return f"done already on {at}; nothing is done twice"
    if after.state == "running":
        from scorecard.delivery.issuing import TTL

        beat = after.beat_at or after.updated_at
        return (
            f"another process works on it ({after.holder}, last heard from at "
            f"{beat.astimezone(project.zone):%H:%M:%S}); if it is gone, this command goes on with "
            f"it {TTL.total_seconds() / 60:.0f} minutes after that"
        )
    said = f"{after.state}: {after.reason}" if after.reason else after.state
    if after.state == "held":
        said += '; "scorecard serve" tries it again, or this command'
    return said


def ledger_of(project: Project) -> Ledger:
    """The project's ledger, to read, without importing what the facts need, which is slow."""
    from scorecard.project.opening import open_ledger

    return open_ledger(project, now())


def working_ledger_of(project: Project) -> AbstractContextManager[Ledger]:
    """The project's ledger, to work with; see `scorecard.project.opening`."""
    from scorecard.project.opening import working_ledger

    return working_ledger(project, now())


def holder() -> str:
    """A unique name for a holder of leases and claims: host, process and a random part."""
    import socket
    from uuid import uuid4

    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}"


def begin_log(*, as_json: bool) -> None:
    """Log to standard error from now on."""
    from scorecard.cli.logs import begin

    begin(as_json=as_json)
