"""Press: editions become PDFs, which are read back before anybody can be sent one.

What reading back found is recorded with the hash of the PDF, good or bad.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter

from scorecard import __version__
from scorecard.document import ExecutivePacket, Held, Imprint, OwnerScorecard
from scorecard.errors import RenderError
from scorecard.estimate import hidden
from scorecard.ledger import Edition, Ledger
from scorecard.metric import Metric
from scorecard.readback import expected_of, read_back, text_of
from scorecard.render import Renderer
from scorecard.results import Result
from scorecard.review import TeamReview
from scorecard.scope import Printed, Scope, Watch
from scorecard.starter import room
from scorecard.workspace import Workspace

Document = ExecutivePacket | TeamReview | OwnerScorecard
PACKET, TEAM, OWNER = "executive-packet", "team-review", "owner-scorecard"
READERS: dict[str, TypeAdapter[Any]] = {
    PACKET: TypeAdapter(ExecutivePacket),
    TEAM: TypeAdapter(TeamReview),
    OWNER: TypeAdapter(OwnerScorecard),
}
MOST_SAID = 3
"""So many problems of a document are said; all of them are recorded."""
SOFTWARE = f"scorecard {__version__}"


@dataclass(frozen=True)
class Drawn:
    """A PDF that was read back without a problem, and what was not perfect about its drawing."""

    edition: Edition
    pdf: bytes
    sha256: str
    notes: tuple[str, ...] = ()


def document_of(edition: Edition) -> Document:
    """The frozen document of an edition."""
    document: Document = READERS[edition.document].validate_json(edition.content)
    return document


def held_of(document: TeamReview | OwnerScorecard) -> tuple[Held, ...]:
    """The stances that a document is about, as it prints them."""
    if isinstance(document, OwnerScorecard):
        return (*document.strengths, *document.weaknesses)
    return tuple(held for member in document.members for held in member.held)


class Press:
    """Draws editions with the project's templates. Keep one for many documents."""

    def __init__(self, work: Workspace, ledger: Ledger, now: Callable[[], datetime]) -> None:
        own = work.project.templates if work.project.templates.is_dir() else None
        shipped = room("templates")
        self._work, self._ledger, self._now = work, ledger, now
        self._renderer = Renderer(own, shipped)
        self._watch = Watch(
            work.facts, work.strategy, work.metrics, work.project.settings.locale,
            [folder for folder in (own, shipped) if folder is not None],
        )  # fmt: skip
        self._figures: tuple[str, Sequence[Result], Mapping[str, str]] | None = None

    def draw(self, editions: Sequence[Edition]) -> list[Drawn]:
        """The editions as PDFs, all of them read back.

        RenderError names the first that does not show what it should, or names
        somebody who does not belong in it.
        """
        drawn = [self._drawn(edition) for edition in editions]
        documents = [document_of(edition) for edition in editions]
        problems = [
            read_back(each.pdf, expected_of(document))
            for each, document in zip(drawn, documents, strict=True)
        ]
        foreign = self._watch.foreign(
            [self._printed(*pair) for pair in zip(drawn, documents, strict=True)]
        )
        for each, wrong, names in zip(drawn, problems, foreign, strict=True):
            wrong += [f'"{name}" is printed and does not belong here' for name in names]
            self._ledger.record_reading(
                each.edition, each.sha256, wrong, self._watch.looked_for, SOFTWARE, self._now()
            )
        for each, wrong in zip(drawn, problems, strict=True):
            if wrong:
                e = each.edition
                more = f"; and {len(wrong) - MOST_SAID} more" if len(wrong) > MOST_SAID else ""
                raise RenderError(
                    f"{e.document} {e.scope} {e.period} was drawn but not published: "
                    f"{'; '.join(wrong[:MOST_SAID])}{more}."
                )
        return drawn

    def _drawn(self, edition: Edition) -> Drawn:
        document = document_of(edition)
        zone = self._work.project.settings.timezone
        imprint = Imprint(
            edition.number, self._work.formats.moment(edition.as_of, zone),
            document.heading.period, edition.content_hash, SOFTWARE,
        )  # fmt: skip
        files = self._attachments(edition, document)
        if isinstance(document, ExecutivePacket):
            pdf = self._renderer.render_packet(document, imprint, files)
        elif isinstance(document, TeamReview):
            pdf = self._renderer.render_team(document, imprint, files)
        else:
            pdf = self._renderer.render_owner(document, imprint, files)
        return Drawn(edition, pdf, sha256(pdf).hexdigest(), self._renderer.unlettered())

    def _printed(self, drawn: Drawn, document: Document) -> Printed:
        inside = self._attachments(drawn.edition, document).get("figures.json", b"").decode()
        if isinstance(document, ExecutivePacket):
            strategy = self._work.strategy
            people = [o.name for o in strategy.owners] + [e.name for e in strategy.executives]
            teams = [team.name for team in strategy.teams]
        else:
            people, teams = list(document.allowed), [_team_name(document)]
        content = asdict(document)
        about = [*_about_customers(content), *self._rested_on(drawn.edition, document)]
        scope = Scope(
            frozenset(people), frozenset(teams), "\n".join(about), "\n".join(_texts(content))
        )
        return Printed(f"{text_of(drawn.pdf)}\n{inside}", scope)

    def _rested_on(self, edition: Edition, document: Document) -> list[str]:
        """The customers on whom the document's verdicts rest: its figures name them."""
        keys = (
            {h.key for h in held_of(document)}
            if not isinstance(document, ExecutivePacket)
            else None
        )
        return [
            name
            for result in self._numbers(edition.run_id)[0]
            if result.fragility is not None and (keys is None or result.stance in keys)
            for name in result.fragility.names
        ]

    def _attachments(self, edition: Edition, document: Document) -> dict[str, bytes]:
        """The edition's own numbers, and the SQL behind them, as files inside the PDF.

        What the pages do not print of confidential answers is not in them either.
        """
        wanted, sql = self._numbers(edition.run_id)
        if not isinstance(document, ExecutivePacket):
            keys = {held.key for held in held_of(document)}
            wanted = [r for r in wanted if r.stance in keys]
        files = {"figures.json": figures(wanted, self._work.metrics)}
        names = {r.metric for r in wanted} | {"tables"}
        return files | {
            f"{name}.sql": text.encode() for name, text in sorted(sql.items()) if name in names
        }

    def _numbers(self, run_id: str) -> tuple[Sequence[Result], Mapping[str, str]]:
        """The run's results and SQL; those of the last run asked for are kept."""
        if self._figures is None or self._figures[0] != run_id:
            run = self._ledger.run(run_id)
            self._figures = (run_id, self._ledger.results_of(run), run.detail.get("lineage", {}))
        return self._figures[1:]


def figures(results: Sequence[Result], metrics: Mapping[str, Metric]) -> bytes:
    """Results as JSON, without what is confidential."""
    shown = [r for r in results if r.metric in metrics and not hidden(metrics[r.metric], r)]
    rows = [asdict(r) for r in sorted(shown, key=lambda r: (r.metric, r.tier))]
    return (json.dumps(rows, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _team_name(document: TeamReview | OwnerScorecard) -> str:
    return document.name if isinstance(document, TeamReview) else document.team


def _about_customers(content: Any) -> Iterator[str]:
    """What a document says of customers: whom an exception affected, on whom a verdict rests."""
    if isinstance(content, Mapping):
        for key, value in content.items():
            if key in ("affected", "reached", "note"):
                yield from _texts(value)
            else:
                yield from _about_customers(value)
    elif isinstance(content, (list, tuple)):
        for value in content:
            yield from _about_customers(value)


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, Mapping):
        for value in content.values():
            yield from _texts(value)
    elif isinstance(content, (list, tuple)):
        for value in content:
            yield from _texts(value)
