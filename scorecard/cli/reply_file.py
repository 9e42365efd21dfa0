"""The command `reply`: all that is said for a post, from a file."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scorecard.cli.options import Json, ProjectOption, now
from scorecard.cli.replying import Replying, replying, show_receipt
from scorecard.cli.terminal import write_json
from scorecard.errors import ReplyError, ScorecardError

if TYPE_CHECKING:
    from scorecard.base.toml_top import TopFile

app = typer.Typer(add_completion=False, rich_markup_mode=None)
MOST_BYTES = 1_000_000
"""Bytes of standard input: many times what the longest reply takes."""


@app.command()
def reply(
    file: Annotated[str, typer.Argument(help="The reply, as reply.toml; - for standard input.")],
    project: ProjectOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be recorded, and record nothing.")
    ] = False,
    json: Json = False,
) -> None:
    """Record all that a file says for a post, or nothing of it.

    "scorecard questions OWNER --as-reply" prints such a file to be filled in. Exit
    code 1 where something of it is wrong: then nothing was recorded.
    """
    with replying(project) as to:
        try:
            _hand_in(to, _opened(file), kept=not dry_run, as_json=json)
        except ReplyError as error:
            if json:
                write_json({"recorded": False, "wrong": list(error.said)})
                raise typer.Exit(1) from error
            raise ScorecardError("\n".join(error.said)) from error


def _hand_in(to: Replying, file: TopFile, *, kept: bool, as_json: bool) -> None:
    from scorecard.replies.reply_file import read_reply

    moment = now()
    read = read_reply(file, to.door, moment)
    wrong = [str(finding) for finding in read.findings]
    if not read.addressed:
        raise ReplyError(wrong)
    said = read.reply
    said = replace(said, person=said.person or to.speaker(said.owner))
    receipt = to.door.receive(said, moment, wrong, keep=kept)
    edition = to.ledger.edition(said.edition_id)
    show_receipt(receipt, said, edition, as_json=as_json, kept=kept)


def _opened(name: str) -> TopFile:
    """The file, or what comes by standard input; ScorecardError where that is no reply."""
    from scorecard.base.toml_top import TopFile

    if name != "-":
        return TopFile(Path(name))
    content = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ScorecardError(
            f"Standard input has more than {MOST_BYTES:,} bytes, which is no reply; write one as "
            '"scorecard questions OWNER --as-reply" prints it.'
        )
    return TopFile(Path("standard input"), content)
