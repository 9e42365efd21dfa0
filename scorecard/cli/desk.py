"""The commands desk, link, links and revoke: pages that owners answer in the browser."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from scorecard.cli.deliveries import PeriodOption, _text
from scorecard.cli.issue import begin_log, ledger_of, working_ledger_of
from scorecard.cli.options import Json, ProjectOption, now, project_at
from scorecard.errors import ProjectError, ScorecardError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scorecard.ledger import Edition, Ledger
    from scorecard.project.settings import Project

app = typer.Typer(add_completion=False, rich_markup_mode=None)
OF_DESK = ("itsdangerous", "python_multipart", "starlette", "uvicorn")


@app.command()
def desk(
    project: ProjectOption = None,
    json_log: Annotated[bool, typer.Option("--json-log", help="Log in JSON, a line each.")] = False,
) -> None:
    """Serve the pages in which owners answer and commit.

    Runs in the foreground until it is told to stop. Who has a link from "scorecard
    link" opens one page with it. "scorecard serve --desk" does the same beside the
    clock.
    """
    with needing_desk():
        from scorecard.desk.server import DeskServer
    from scorecard.delivery.serve import until_told_to_stop

    found = project_at(project)
    begin_log(as_json=json_log)
    stopping = until_told_to_stop()
    with working_ledger_of(found) as ledger:
        ended = DeskServer(found, ledger, now).serve_until(stopping)
    raise typer.Exit(0 if ended else 1)


@app.command()
def link(
    who: Annotated[str, typer.Argument(help="Id of an owner, or of an executive.", callback=_text)],
    project: ProjectOption = None,
    period: PeriodOption = "",
) -> None:
    """Make a link, and print it.

    Of an owner it opens the newest edition of their page, of the last period that has
    one; of an executive, what they were sent. It is for whoever answers today, and
    opens as long as "links" in [tool.scorecard.desk] says. It is printed only now.
    """
    with needing_desk():
        from scorecard.delivery.links import LinkSigner, archive_link, page_links, speakers_of
    from scorecard.cli.terminal import warn
    from scorecard.project.declared import declared

    found, moment = project_at(project), now()
    strategy, today = declared(found).usable().strategy, moment.astimezone(found.zone).date()
    span = found.desk.links
    with working_ledger_of(found) as ledger:
        if who in {e.id for e in strategy.executives}:
            made = [archive_link(ledger, strategy, who, today, moment, span)]
        else:
            people = speakers_of(strategy, who, today)
            edition = _newest(found, ledger, who, period)
            made = page_links(ledger, edition, people, moment, span)
        signer = LinkSigner(ledger.keyed)
    for each in made:
        until = found.formats.moment(each.expires_at, found.settings.timezone)
        warn(f"for {each.person}, until {until}; to revoke it: scorecard revoke {each.id}")
        typer.echo(signer.url(each, found.desk))


@app.command()
def links(
    project: ProjectOption = None,
    id: Annotated[str, typer.Argument(help="One link, with every use.", callback=_text)] = "",
    owner: Annotated[
        str, typer.Option("--owner", help="Only of this owner or executive.", callback=_text)
    ] = "",
    json: Json = False,
) -> None:
    """Print which links were made, for whom, and what became of them.

    The links themselves are not printed again: who needs one is made a new one.
    """
    from scorecard.cli.console_delivery import show_link_uses, show_links

    found = project_at(project)
    with ledger_of(found) as ledger:
        if id:
            if ledger.reply_link(id) is None:
                raise ScorecardError(f'There is no link "{id}"; see "scorecard links".')
            show_link_uses(ledger.link_uses(id), found.zone, as_json=json)
            return
        listed = [(each, ledger.link_uses(each.id)) for each in ledger.reply_links(owner)]
    show_links(listed, found.zone, now(), as_json=json)


@app.command()
def revoke(
    id: Annotated[str, typer.Argument(help="Id of a link.", callback=_text)],
    project: ProjectOption = None,
) -> None:
    """Have a link open nothing from now on. What was said with it stays."""
    found = project_at(project)
    with working_ledger_of(found) as ledger:
        known = ledger.reply_link(id)
        if known is None:
            near = did_you_mean(id, [each.id for each in ledger.reply_links()][-3:])
            raise ScorecardError(f'There is no link "{id}"; see "scorecard links".{near}')
        done = ledger.note_link(id, "revoked", now(), "by hand")
    said = "revoked" if done else "was revoked already"
    typer.echo(f"{id}, of {known.person}: {said}")


@contextmanager
def needing_desk() -> Iterator[None]:
    """ProjectError where the libraries of the desk are not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] in OF_DESK:
            raise ProjectError(
                f"{error.name} is not installed; the desk is an extra: "
                'pip install "deliberate-scorecard[desk]".'
            ) from error
        raise


def _newest(project: Project, ledger: Ledger, owner: str, period: str) -> Edition:
    """The newest edition of an owner's page, of a period or of the last that has one."""
    from scorecard.delivery.links import newest_page

    tz = project.settings.timezone
    if period:
        periods = [project.period(period)]
    else:
        from scorecard.base.periods import Period

        known = {Period.parse(run.period, tz) for run in ledger.runs()}
        periods = sorted((p for p in known if not p.is_span), key=lambda p: p.end, reverse=True)
    for each in periods:
        if edition := newest_page(ledger.editions(each, owner), owner):
            return edition
    said = f" for {period}" if period else ""
    raise ScorecardError(
        f'There is no page of "{owner}"{said} yet; "scorecard run" makes one for each owner of '
        "stances."
    )
