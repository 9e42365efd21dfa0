"""What the commands have in common by which something is said for a post."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from scorecard.cli.issue import working_ledger_of
from scorecard.cli.options import now, project_at
from scorecard.cli.terminal import one_line, write_json
from scorecard.errors import ProjectError

if TYPE_CHECKING:
    from scorecard.answering.model import Asked, Receipt, Reply
    from scorecard.base.periods import Period
    from scorecard.ledger import Edition, Ledger
    from scorecard.project.settings import Project
    from scorecard.replies.door import Door


@dataclass(frozen=True)
class Replying:
    """A project, its ledger and its door, open for as long as something is said."""

    project: Project
    ledger: Ledger
    door: Door

    def page(self, owner: str, period: str = "") -> Edition:
        """The newest edition of an owner's page; ProjectError where there is none."""
        from scorecard.replies.door import ANSWERABLE

        key = self.project.period(period).key if period else ""
        edition = self.ledger.newest_of(ANSWERABLE, owner, key)
        if edition is None:
            of = f" of {key}" if key else ""
            raise ProjectError(
                f'There is no page{of} of "{owner}" yet; make one with "scorecard run --period …".'
            )
        return edition

    def asked(self, about: Period, owner: str) -> list[Asked]:
        """The questions about a period that a post can be held to."""
        from scorecard.documents.still_asked import still_asked

        return still_asked(self.ledger, about, owner)

    def speaker(self, owner: str) -> str:
        """Who answers for a post today, by name; empty where nobody does."""
        return next((person.name for person in self.door.speakers(owner, now())), "")

    def say(self, owner: str, by: str, edition: Edition, json: bool, **said: Any) -> None:
        """Hand a reply in, and print what was recorded of it."""
        from scorecard.answering.model import Reply

        reply = Reply(owner, by or self.speaker(owner), edition.id, "command", **said)
        show_receipt(self.door.receive(reply, now()), reply, edition, as_json=json)


@contextmanager
def replying(folder: Path | None) -> Iterator[Replying]:
    """The project in that folder, or the nearest one, with its ledger open to be written to."""
    from scorecard.project.declared import declared
    from scorecard.project.entrance import door_of

    found = project_at(folder)
    with working_ledger_of(found) as ledger:
        read = declared(found).usable()
        yield Replying(found, ledger, door_of(found, ledger, read.strategy, read.metrics))


def show_receipt(
    receipt: Receipt, reply: Reply, edition: Edition, *, as_json: bool, kept: bool = True
) -> None:
    """What was recorded of a reply, a line for each; without `kept` what would be."""
    if as_json:
        tried = {} if kept else {"recorded": False}
        write_json({"edition": edition.id, "person": reply.person, **tried, **asdict(receipt)})
        return
    of = f"{one_line(reply.person)}, edition {edition.number} of {edition.period}"
    would = "" if kept else "would be "
    lines = [f"Question {n}: answer {would}recorded ({of})." for n in receipt.answered]
    lines += [f"Commitment {n} {would}recorded ({of})." for n in receipt.promised]
    lines += [f"Commitment {n} {would}renegotiated ({of})." for n in receipt.renegotiated]
    lines += [f"Commitment {n} {would}withdrawn ({of})." for n in receipt.withdrawn]
    said = "Recorded" if kept else "It would be recorded"
    lines += [f"{said} that it was read ({of})."] if receipt.read else []
    for line in (*lines, *receipt.known):
        typer.echo(line)
    if not kept:
        typer.echo("Nothing was recorded: this was tried only.")


def write_template(folder: Path | None, owner: str, period: str) -> None:
    """Print the file of a reply to the newest edition of an owner's page, to be filled in."""
    from scorecard.answering.rules import to_come
    from scorecard.replies.reply_template import Template, template

    with replying(folder) as to:
        edition, moment = to.page(owner, period), now()
        about = to.project.period(edition.period)
        day = moment.astimezone(to.project.zone).date()
        stances = to.door.strategy.stances
        of = Template(
            edition,
            to.speaker(owner),
            to.asked(about, owner),
            to.ledger.answers(about),
            [c for c in to.ledger.commitments(owner) if c.is_open],
            [s for s in stances if s.owner == owner and s.holds_on(day)],
            None if about.is_span else to_come(about, moment).shift(2),
        )
        sys.stdout.write(template(of, to.door))
