"""Publish: documents frozen as editions, drawn a few at a time, and laid into the output folder.

However many documents there are, a few are in memory at a time: each is written
into a folder of its own until the last one was read back, and then all move. A
run that was killed finds there what it had finished.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path

from scorecard.documents.owner import owner_scorecard
from scorecard.documents.packet import executive_packet
from scorecard.documents.report_data import ReportData
from scorecard.documents.team import team_review
from scorecard.documents.view import ReportView
from scorecard.errors import RenderError
from scorecard.ledger import Edition, Ledger, Rendering, Run
from scorecard.printing.edition_renderer import (
    OWNER,
    PACKET,
    SOFTWARE,
    TEAM,
    Document,
    EditionRenderer,
    RenderedEdition,
)
from scorecard.project.workspace import Workspace

Progress = Callable[[str, int, int], None]
DOCUMENTS = (PACKET, TEAM, OWNER)
AT_ONCE = 24
"""So many documents are drawn and looked through together."""
WAITING = ".drawing-"
"""How the names of folders begin in which documents wait."""


@dataclass(frozen=True)
class Published:
    """One document on disk, the edition it shows (without its content), and what was not
    perfect about its drawing."""

    path: Path
    edition: Edition
    sha256: str
    notes: tuple[str, ...] = ()


def publish(
    work: Workspace,
    ledger: Ledger,
    run: Run,
    material: ReportData,
    now: Callable[[], datetime],
    progress: Progress,
    documents: Sequence[str] = DOCUMENTS,
    reason: str = "",
) -> list[Published]:
    """Freeze and draw those kinds of documents, and lay them into the output folder.

    `reason` is kept with editions that differ from the last ones.
    Nothing is laid out before every document was read back without a problem;
    RenderError names the document and what is wrong with it otherwise.
    """
    matures = {m.name: work.project.settings.matures_after(m) for m in work.metrics.values()}
    view = ReportView(material, work.formats, matures)
    count, composed = _count(view, documents), _composed(view, documents)
    folder = work.project.output / material.period.key
    with Shelf(folder, f"{run.id}-{_templates(work.project.templates)}", ledger) as shelf:

        def editions() -> Iterator[list[Edition]]:
            while batch := list(islice(composed, AT_ONCE)):
                progress(f"drawing {path_of(*batch[-1][:2]).name}", len(shelf.published), count)
                frozen = [(kind, scope, _json(document)) for kind, scope, document in batch]
                fresh = ledger.freeze_all(frozen, run, now(), reason)
                yield [each for each in fresh if not shelf.has(each)]

        with closing(EditionRenderer(work, ledger, now).draw_all(editions(), count)) as batches:
            for drawn in chain.from_iterable(batches):
                shelf.put(drawn)
        finished = iter(shelf.published)
        while some := list(islice(finished, AT_ONCE)):
            ledger.record_renderings(
                [Rendering(p.edition.id, p.sha256, SOFTWARE, now()) for p in some]
            )
        shelf.lay_out()
        return shelf.published


class Shelf:
    """Where finished PDFs wait until all of them may be laid out into a folder.

    Nothing stays of a failure. What stays when the process is killed is used
    by whoever draws the same (`what`) again, and cleared away by others.
    """

    def __init__(self, folder: Path, what: str, ledger: Ledger) -> None:
        self._folder, self._ledger = folder, ledger
        self._waiting = folder / f"{WAITING}{what}"
        self._published: dict[Path, Published | None] = {}

    def __enter__(self) -> Shelf:
        self._continued = self._waiting.is_dir()
        for stale in self._folder.glob(f"{WAITING}*"):
            if stale != self._waiting:
                shutil.rmtree(stale, ignore_errors=True)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._waiting, ignore_errors=True)

    @property
    def published(self) -> list[Published]:
        """What is finished, in the order in which it was asked for."""
        return [each for each in self._published.values() if each is not None]

    def has(self, edition: Edition) -> bool:
        """Whether the edition's PDF was finished, and perhaps laid out, before the kill."""
        path = path_of(edition.document, edition.scope)
        self._published[path] = None
        for file in (self._waiting / path, self._folder / path) if self._continued else ():
            if file.is_file():
                hashed = sha256(file.read_bytes()).hexdigest()
                reading = self._ledger.reading(edition.id, hashed)
                if reading is not None and not reading.problems:
                    self._keep(edition, hashed)
                    return True
        return False

    def put(self, drawn: RenderedEdition) -> None:
        """Let a PDF wait."""
        path = path_of(drawn.edition.document, drawn.edition.scope)
        with _writing(self._waiting / path) as target:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(drawn.pdf)
        self._keep(drawn.edition, drawn.sha256, drawn.notes)

    def lay_out(self) -> None:
        """Move everything to where it belongs, each file at once."""
        for path in self._published:
            waiting = self._waiting / path
            with _writing(self._folder / path) as target:
                target.parent.mkdir(parents=True, exist_ok=True)
                if waiting.is_file():
                    waiting.replace(target)

    def _keep(self, edition: Edition, hashed: str, notes: tuple[str, ...] = ()) -> None:
        path = path_of(edition.document, edition.scope)
        bare = replace(edition, content="")
        self._published[path] = Published(self._folder / path, bare, hashed, notes)


@contextmanager
def _writing(target: Path) -> Iterator[Path]:
    try:
        yield target
    except OSError as error:
        raise RenderError(
            f"{target}: cannot be written ({error.strerror}); make room for it, or make the "
            "folder writable, and run again."
        ) from error


def path_of(document: str, scope: str) -> Path:
    """Where a document lies within its period's folder."""
    if document == PACKET:
        return Path(f"{PACKET}.pdf")
    return Path("teams" if document == TEAM else "owners") / f"{scope}.pdf"


def _composed(view: ReportView, documents: Sequence[str]) -> Iterator[tuple[str, str, Document]]:
    """Each document when its turn has come: the packet, teams, owners who hold a stance."""
    if PACKET in documents:
        yield PACKET, "executives", executive_packet(view)
    if TEAM in documents:
        for team in view.m.strategy.teams:
            review = team_review(view, team)
            if review is not None:
                yield TEAM, team.id, review
    if OWNER in documents:
        for owner in view.holders:
            yield OWNER, owner.id, owner_scorecard(view, owner)


def _count(view: ReportView, documents: Sequence[str]) -> int:
    """How many documents there will be."""
    teams = {o.team for o in view.holders} & {t.id for t in view.m.strategy.teams}
    counts = {PACKET: 1, TEAM: len(teams), OWNER: len(view.holders)}
    return sum(counts[kind] for kind in documents)


def _json(document: Document) -> str:
    return json.dumps(asdict(document), ensure_ascii=False, sort_keys=True)


def _templates(folder: Path) -> str:
    """Tells a project's templates from others: what they draw is not put beside one another."""
    found = sha256(SOFTWARE.encode())
    for file in sorted(f for f in folder.rglob("*") if f.is_file()):
        found.update(str(file.relative_to(folder)).encode() + file.read_bytes())
    return found.hexdigest()[:8]
