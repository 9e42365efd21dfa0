"""The command line's entry point, and the commands that compute and print results.

The clock, the environment and the arguments are read here and handed down. Commands import
what they need when they run, so that `--help` and the commands on the ledger start fast.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scorecard.base.files import write_new
from scorecard.base.periods import known_moment
from scorecard.base.version import VERSION
from scorecard.cli import (
    answering,
    clock,
    collecting,
    deliveries,
    desk,
    drafting,
    editions,
    issue,
    proof,
    proposals,
    reply_file,
    rim,
    stances,
    tiers,
)
from scorecard.cli.options import AsOf, Json, ProjectOption
from scorecard.cli.options import now as _now
from scorecard.cli.options import project_at as _project
from scorecard.errors import ProjectError
from scorecard.secrets import hide

if TYPE_CHECKING:
    from scorecard.base.periods import Period
    from scorecard.library.scorecard import Scorecard
    from scorecard.pipeline.request import Progress
    from scorecard.project.settings import Project

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Turn customer facts into scorecards that hold owners to what was chosen.",
    epilog=rim.EXIT_CODES,
)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Print the traceback of an error, too.")
    ] = False,
) -> None:
    rim.known.debug = debug
    if version:
        typer.echo(f"scorecard {VERSION}")
        raise typer.Exit


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Folder to lay the project out in.")],
    like: Annotated[
        str,
        typer.Option(
            help="An invented company of your trade: services, subscription, shop, call-centre or "
            "survey."
        ),
    ] = "",
    exports: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Folder of exports: drafts which file is which table, and its columns."
        ),
    ] = None,
    currency: Annotated[str, typer.Option(help="With --from: the company's, as EUR.")] = "",
    timezone: Annotated[
        str, typer.Option(help="With --from: the company's, as Europe/London.")
    ] = "",
) -> None:
    """Lay out a project: an example, or a draft from exports."""
    from scorecard.project.scaffold import init as lay_out

    if exports is None and (currency or timezone):
        raise typer.BadParameter("goes with --from.", param_hint="--currency, --timezone")
    if exports is not None:
        if like:
            raise typer.BadParameter("say either --like or --from.", param_hint="--like")
        drafting.lay_out(folder, exports, currency, timezone)
        return
    if like:
        _lay_out_like(folder, like)
        return
    for step in lay_out(folder):
        typer.echo(f"{step} … done")
    typer.echo(f"Next: scorecard check --project {folder}")


def _lay_out_like(folder: Path, like: str) -> None:
    """Lay out a starter, and say which commands lead to its packet."""
    from scorecard.project.scaffold import init as lay_out
    from scorecard.project.scaffold import is_project
    from scorecard.starters.starter import skeleton_of, starter

    chosen = starter(like)
    if is_project(folder):
        raise ProjectError(f"{folder} is a project already; name a new folder for --like.")
    with skeleton_of(like) as skeleton:
        for step in lay_out(folder, skeleton):
            typer.echo(f"{step} … done")
    typer.echo(f"{chosen.company}: everything in its facts is invented. Next:")
    before = f"backfill --from {chosen.first} --to {chosen.last}"
    for command in ("check", before, f"run --period {chosen.last}"):
        typer.echo(f"  scorecard {command} --project {folder}")


@app.command()
def check(
    project: ProjectOption = None,
    period: Annotated[
        str | None, typer.Option(help="Also check freshness against the end of this period.")
    ] = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Read everything, compute nothing, and report all findings."""
    from scorecard.base.findings import blocking
    from scorecard.cli.console import show_findings

    with _opened(project, as_of) as found:
        findings = found.check(period)
    show_findings(findings, as_json=json)
    raise typer.Exit(1 if blocking(findings) else 0)


@app.command()
def backfill(
    first: Annotated[str, typer.Option("--from", help="First period, such as 2024-11.")],
    last: Annotated[str, typer.Option("--to", help="Last period, such as 2026-10.")],
    project: ProjectOption = None,
    as_of: AsOf = None,
) -> None:
    """Compute earlier periods, which charts and retention need."""
    from scorecard.cli.console import progress

    with progress() as report, _opened(project, as_of, report) as found:
        if found.period(last) < found.period(first):
            raise typer.BadParameter(f"{last} lies before {first}.", param_hint="--to")
        _collect_garbage_less()
        done = found.backfill(first, last)
    typer.echo(f"{done.computed} periods computed, {done.known} known already.")


@app.command()
def run(
    name: Annotated[
        str | None, typer.Argument(help="Schedule whose run to do, sending included.")
    ] = None,
    period: Annotated[
        str | None,
        typer.Option(
            help="Period to report on, such as 2026-10 or 2026-03/2026-08; of a schedule, the last "
            "due."
        ),
    ] = None,
    project: ProjectOption = None,
    as_of: AsOf = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Of a schedule: show who would get what, send nothing."),
    ] = False,
    correct: Annotated[
        str | None,
        typer.Option(help="Of a schedule: make it again, and send what differs, for this reason."),
    ] = None,
    unattended: Annotated[bool, typer.Option("--unattended", hidden=True)] = False,
    json_log: Annotated[bool, typer.Option("--json-log", hidden=True)] = False,
) -> None:
    """Make a period's documents, or do what a schedule owes.

    With the name of a schedule its documents are sent, too: once for each period,
    however often it is asked for, and again only to correct what was sent. Exit
    code 1 as long as something is not done.
    """
    found = _project(project)
    if name is not None:
        if as_of is not None:
            raise typer.BadParameter("a schedule's job is done as of now.", param_hint="--as-of")
        if correct is not None:
            if not correct.strip():
                raise typer.BadParameter("say why, in words.", param_hint="--correct")
            if dry_run:
                raise typer.BadParameter("a correction cannot be tried.", param_hint="--dry-run")
            raise typer.Exit(issue.correct(found, name, period, hide(" ".join(correct.split()))))
        raise typer.Exit(
            issue.issue(found, name, period, dry=dry_run, unattended=unattended, json_log=json_log)
        )
    if correct is not None:
        raise typer.BadParameter("name the schedule that sent it.", param_hint="--correct")
    if dry_run or period is None:
        raise typer.BadParameter(
            "name a schedule, as in: scorecard run monthly-executive-packet --dry-run."
            if dry_run
            else "say which period, as in --period 2026-10, or name a schedule.",
            param_hint="--dry-run" if dry_run else "--period",
        )
    _compute(project, period, as_of)


def _compute(project: Path | None, period: str, as_of: str | None) -> None:
    """Compute one period and write its documents."""
    from scorecard.cli.console import progress, shown
    from scorecard.cli.terminal import warn

    with progress() as report, _opened(project, as_of, report) as found:
        wanted = found.period(period)
        _collect_garbage_less()
        outcome = found.run(period)
        when = found.project.formats.moment(outcome.run.as_of, found.project.settings.timezone)
    if outcome.continued:
        warn(f"continued the run of {period} as of {when}, which had been broken off")
    if said := _unfinished(wanted, outcome.run.as_of):
        warn(said)
    for change in outcome.changes:
        if change.kind != "on trust":
            warn(change.said)
    for published in outcome.published:
        for said in published.notes:
            warn(f"{published.path.name}: {said}")
        typer.echo(f"{shown(published.path)}  edition {published.edition.number}")


def _unfinished(period: Period, as_of: datetime) -> str:
    """That a period was not over at that moment, as pages say it; empty where it was."""
    from scorecard.documents.gather import elapsed

    days = elapsed(period, as_of)
    if days is None:
        return ""
    return (
        f"{period} is not over ({days} of {period.days} days): its figures are provisional, and no "
        "choice is judged by them yet"
    )


@app.command()
def results(
    period: Annotated[str, typer.Option(help="Period, such as 2026-10.")],
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Print a period's figures, verdicts and signals."""
    from scorecard.cli.console import show_results

    with _opened(project) as found:
        show_results(found.results(period), found.project.formats, as_json=json)


@app.command()
def explain(
    metric: Annotated[str, typer.Argument(help="Name of a metric.")],
    project: ProjectOption = None,
    period: Annotated[
        str | None, typer.Option(help="Period whose SQL to print; otherwise the last full one.")
    ] = None,
) -> None:
    """Print a metric's definition, the tables it needs and its SQL."""
    from scorecard.cli.console import show_metric

    with _opened(project) as found:
        explained = found.explain(metric, period)
        show_metric(explained.metric, explained.sql, explained.missing, found.project.settings)


@app.command()
def propose(
    period: Annotated[str, typer.Argument(help="Last of the periods looked at, such as 2026-10.")],
    output: Annotated[
        Path | None, typer.Option(help="A new file for the drafts; otherwise they are printed.")
    ] = None,
    project: ProjectOption = None,
) -> None:
    """Draft stances from twelve measured periods; people choose."""
    with _opened(project) as found:
        drafts = found.propose(period)
    if output is None:
        sys.stdout.write(drafts)
        return
    try:
        write_new(output, drafts, private=False)
    except FileExistsError as error:
        raise ProjectError(f"{output} is there already; name a new file.") from error
    except OSError as error:
        raise ProjectError(f"{output} cannot be written: {error.strerror}.") from error


@app.command()
def tier(
    customer: Annotated[str, typer.Argument(help="Number or code of a customer.")],
    project: ProjectOption = None,
    json: Json = False,
) -> None:
    """Print a customer's tiers over time, and what was chosen."""
    from scorecard.cli.console import show_tier
    from scorecard.project.declared import declared

    with _opened(project) as found:
        history, read = found.tier_history(customer), declared(found.project)
        formats = found.project.formats
        later = found.frozen_afterwards()
        show_tier(customer, history, later, read.strategy, read.metrics, formats, as_json=json)


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Folder for the demonstration company.")],
    customers: Annotated[int, typer.Option(min=30, help="Customers at the end.")] = 5000,
    months: Annotated[int, typer.Option(min=1, max=120, help="Months to report on.")] = 24,
    seed: Annotated[int, typer.Option(help="Another seed, another company.")] = 1,
) -> None:
    """Generate an invented company: its facts, strategy and owners."""
    from scorecard.cli.console import progress, shown
    from scorecard.demo.company import generate
    from scorecard.project.scaffold import init as lay_out
    from scorecard.project.scaffold import is_project

    new = not is_project(folder)  # looked at before `generate` writes into it
    with progress() as report:
        report(f"generating {customers} customers", 0, 1)
        written = generate(folder, customers=customers, months=months, seed=seed)
    if new:
        for _step in lay_out(folder):
            pass
    typer.echo(f"{len(written)} files in {shown(folder)}; everything in them is invented.")


app.add_typer(answering.app)
app.add_typer(collecting.app)
app.add_typer(clock.app)
app.add_typer(deliveries.app)
app.add_typer(desk.app)
app.add_typer(editions.app)
app.add_typer(proof.app)
app.add_typer(proposals.app)
app.add_typer(reply_file.app)
app.add_typer(stances.app)
app.add_typer(tiers.app)


def main() -> None:
    """Entry point; `rim` has the exit codes."""
    sys.exit(rim.within(lambda: app(standalone_mode=True), _now))


def _collect_garbage_less() -> None:
    """Run Python's garbage collector rarely: each time, it walks the large trees of Ibis."""
    import gc

    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def _opened(
    folder: Path | None, as_of: str | None = None, report: Progress | None = None
) -> Scorecard:
    """The project as a library user has it, by the command line's clock."""
    from scorecard.library.scorecard import Scorecard

    project = _project(folder)
    moment = _moment(project, as_of) if as_of is not None else None
    return Scorecard(project, moment, now=_now, progress=report)


def _moment(project: Project, text: str) -> datetime:
    """A local time on the command line as an aware moment in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            f'"{text}" is not a time; write one such as 2026-11-16T06:00.', param_hint="--as-of"
        ) from error
    try:
        return known_moment(moment, project.settings.timezone, _now())
    except ProjectError as error:
        raise typer.BadParameter(str(error), param_hint="--as-of") from error
