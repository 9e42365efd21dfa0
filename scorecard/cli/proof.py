"""The commands verify and accept: whether all is what it was, and going on where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scorecard.cli.options import Json, ProjectOption, now, project_at
from scorecard.errors import did_you_mean

if TYPE_CHECKING:
    from scorecard.ledger import Head

app = typer.Typer(add_completion=False, rich_markup_mode=None)


def _heads(texts: list[str] | None) -> list[Head]:
    """Heads as `verify` prints them, "1234:3fa9…"; BadParameter for what is none."""
    from scorecard.ledger.chain import Head

    found = []
    for text in texts or ():
        number, colon, hashed = text.partition(":")
        hashed = hashed.strip().lower().rstrip("….")
        if not colon or not number.isdecimal() or len(hashed) < 8 or set(hashed) - set(_HEX):
            raise typer.BadParameter(
                f'"{text}" is no head of a journal; write it as verify prints it, as '
                "1234:3fa9c1d2….",
                param_hint="--known",
            )
        found.append(Head(int(number[:18]), hashed))
    return found


_HEX = "0123456789abcdef"


@app.command()
def verify(
    edition: Annotated[
        str | None,
        typer.Argument(help="Draw this one again, too: owner-scorecard/ada/2026-10, an id."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Draw every edition again, too.")] = False,
    project: ProjectOption = None,
    known: Annotated[
        list[str] | None,
        typer.Option(help="A head printed earlier, 1234:3fa9…: the ledger must continue it."),
    ] = None,
    json: Json = False,
) -> None:
    """Say whether all that was recorded is as it was.

    Names the first that is not, and prints the head of the journal: written down
    elsewhere, it proves later that nobody wrote the past anew. An edition is drawn
    again and compared, by its bytes or by its content. Exit code 1 when something
    is not what it was.
    """
    from scorecard.cli.console import progress
    from scorecard.cli.console_proof import show_verified
    from scorecard.verify import verified

    found = project_at(project)
    heads = _heads(known)
    if edition is not None and every:
        raise typer.BadParameter("name one, or say --all.", param_hint="EDITION")
    asked = [edition] if edition is not None else []
    with progress() as report:
        result = verified(found, heads, now(), report, asked, every=every)
    show_verified(result, found.zone, as_json=json)
    raise typer.Exit(0 if result.good else 1)


@app.command()
def accept(
    what: Annotated[
        str,
        typer.Argument(
            help="What stopped the work: ledger, clock or tiers.", metavar="ledger|clock|tiers"
        ),
    ],
    project: ProjectOption = None,
) -> None:
    """Go on with a changed ledger, clock or tiers.

    ledger: another, an older or an altered one; clock: it lies behind the ledger,
    which a clock wrote that ran fast; tiers: snapshots that are gone or altered.
    That it was accepted, and when, stays in the ledger.
    """
    from scorecard import acceptance

    accepted = {
        "ledger": acceptance.accept_ledger,
        "clock": acceptance.accept_clock,
        "tiers": acceptance.accept_tiers,
    }
    if what not in accepted:
        raise typer.BadParameter(
            f'"{what}" is none of them.{did_you_mean(what, accepted)}',
            param_hint="ledger|clock|tiers",
        )
    typer.echo(accepted[what](project_at(project), now()))
