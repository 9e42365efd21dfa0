"""Publish: documents frozen as editions, drawn a few at a time, and laid into the output folder.

However many documents there are, a few are in memory at a time: each is written
into a folder of its own until the last one was read back, and then all move.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from scorecard.compose import executive_packet, owner_scorecard
from scorecard.compose.desk import Desk
from scorecard.compose.team import team_review
from scorecard.errors import RenderError
from scorecard.gather import Material
from scorecard.ledger import Edition, Ledger, Run
from scorecard.press import OWNER, PACKET, SOFTWARE, TEAM, Document, Drawn, Press
from scorecard.workspace import Workspace

Progress = Callable[[str, int, int], None]
DOCUMENTS = (PACKET, OWNER)
AT_ONCE = 24
"""So many documents are drawn before they are read back together."""


@dataclass(frozen=True)
class Published:
    """One document on disk, the edition it shows (without its content), and what was not
    perfect about its drawing."""

    path: Path
    edition: Edition
    sha256: str
    notes: tuple[str, ...] = ()


def publish(
    work: Workspace, ledger: Ledger, run: Run, material: Material,
    now: Callable[[], datetime], progress: Progress, documents: Sequence[str] = DOCUMENTS,
) -> list[Published]:  # fmt: skip
    """Freeze and draw those kinds of documents, and lay them into the output folder.

    Nothing is laid out before every document was read back without a problem;
    RenderError names the document and what is wrong with it otherwise.
    """
    matures = {m.name: work.project.settings.matures_after(m) for m in work.metrics.values()}
    desk = Desk(material, work.formats, matures)
    folder = work.project.output / material.period.key
    shelf = Shelf(folder, folder / f".drawing-{run.id}")
    press = Press(work, ledger, now)
    published: list[Published] = []
    composed = _composed(desk, documents)
    with shelf:
        while batch := list(islice(composed, AT_ONCE)):
            progress(f"drawing {batch[-1][3].name}", len(published), len(published) + len(batch))
            frozen = {
                path: ledger.freeze(kind, scope, _json(document), run, now())
                for kind, scope, document, path in batch
            }
            drawn = press.draw(list(frozen.values()))
            published += [shelf.put(path, each) for path, each in zip(frozen, drawn, strict=True)]
            for each in drawn:
                ledger.record_rendering(each.edition, each.sha256, SOFTWARE, now())
        shelf.lay_out()
    return published


class Shelf:
    """Where finished PDFs wait until all of them may be laid out; nothing stays of a failure."""

    def __init__(self, folder: Path, waiting: Path) -> None:
        self._folder, self._waiting = folder, waiting
        self._paths: list[Path] = []

    def __enter__(self) -> Shelf:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._waiting, ignore_errors=True)

    def put(self, path: Path, drawn: Drawn) -> Published:
        """Let a PDF wait; `path` is relative to the folder it will lie in."""
        with _writing(self._waiting / path) as target:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(drawn.pdf)
        self._paths.append(path)
        bare = replace(drawn.edition, content="")
        return Published(self._folder / path, bare, drawn.sha256, drawn.notes)

    def lay_out(self) -> None:
        """Move everything to where it belongs, each file at once."""
        for path in self._paths:
            with _writing(self._folder / path) as target:
                target.parent.mkdir(parents=True, exist_ok=True)
                (self._waiting / path).replace(target)


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


def _composed(desk: Desk, documents: Sequence[str]) -> Iterator[tuple[str, str, Document, Path]]:
    """Each document when its turn has come: the packet, teams, owners who hold a stance."""
    if PACKET in documents:
        yield PACKET, "executives", executive_packet(desk), path_of(PACKET, "executives")
    if TEAM in documents:
        for team in desk.m.strategy.teams:
            review = team_review(desk, team)
            if review is not None:
                yield TEAM, team.id, review, path_of(TEAM, team.id)
    if OWNER in documents:
        holding = {w.stance.owner for w in desk.m.stances}
        for owner in desk.m.strategy.owners:
            if owner.id in holding:
                yield OWNER, owner.id, owner_scorecard(desk, owner), path_of(OWNER, owner.id)


def _json(document: Document) -> str:
    return json.dumps(asdict(document), ensure_ascii=False, sort_keys=True)
