"""Publish: documents frozen as editions, drawn, read back, and laid into the output folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from scorecard import __version__
from scorecard.compose import executive_packet, owner_scorecard
from scorecard.compose.cells import hidden
from scorecard.compose.desk import Desk
from scorecard.document import ExecutivePacket, Imprint, OwnerScorecard
from scorecard.errors import RenderError
from scorecard.gather import Material
from scorecard.ledger import Edition, Ledger, Run
from scorecard.metric import Metric
from scorecard.readback import expected_of, read_back
from scorecard.render import Renderer
from scorecard.results import Result
from scorecard.starter import room
from scorecard.workspace import Workspace

Progress = Callable[[str, int, int], None]
Document = ExecutivePacket | OwnerScorecard
PACKET, OWNER = "executive-packet", "owner-scorecard"
READERS: dict[str, TypeAdapter[Any]] = {
    PACKET: TypeAdapter(ExecutivePacket),
    OWNER: TypeAdapter(OwnerScorecard),
}


@dataclass(frozen=True)
class Published:
    """One document on disk, the edition it shows, and what was not perfect about its drawing."""

    path: Path
    edition: Edition
    sha256: str
    notes: tuple[str, ...] = ()


def publish(
    work: Workspace, ledger: Ledger, run: Run, material: Material,
    now: Callable[[], datetime], progress: Progress,
) -> list[Published]:  # fmt: skip
    """Freeze and draw the packet and a scorecard for each owner who holds a stance.

    Nothing is laid out before every document was read back without a problem;
    RenderError names the document and what is wrong with it otherwise.
    """
    matures = {m.name: work.project.settings.matures_after(m) for m in work.metrics.values()}
    desk = Desk(material, work.formats, matures)
    documents = _documents(desk)
    editions = [
        (ledger.freeze(kind, scope, _json(document), run, now()), path)
        for kind, scope, document, path in documents
    ]
    renderer = Renderer(_own_templates(work), room("templates"))
    names = [o.name for o in work.strategy.owners]
    drawn = []
    for index, (edition, path) in enumerate(editions):
        progress(f"drawing {path.name}", index, len(editions))
        pdf = draw(work, ledger, renderer, edition, names)
        drawn.append((edition, path, pdf, renderer.unlettered()))
    folder = work.project.output / material.period.key
    return [_laid_out(ledger, folder, *each, now()) for each in drawn]


def draw(
    work: Workspace, ledger: Ledger, renderer: Renderer, edition: Edition, names: Sequence[str]
) -> bytes:
    """An edition as a PDF, read back. RenderError when it does not show what it should."""
    document = READERS[edition.document].validate_json(edition.content)
    imprint = Imprint(
        edition.number,
        work.formats.moment(edition.as_of, work.project.settings.timezone),
        document.heading.period,
        edition.content_hash,
        f"scorecard {__version__}",
    )
    files = attachments(work, ledger, edition)
    if isinstance(document, ExecutivePacket):
        pdf = renderer.render_packet(document, imprint, files)
    else:
        pdf = renderer.render_owner(document, imprint, files)
    others = [] if edition.document == PACKET else [n for n in names if n != document.name]
    if problems := read_back(pdf, expected_of(document, forbidden=others)):
        raise RenderError(
            f"{edition.document} {edition.scope} {edition.period} was drawn but not published: "
            f"{'; '.join(problems)}."
        )
    return pdf


def attachments(work: Workspace, ledger: Ledger, edition: Edition) -> dict[str, bytes]:
    """The edition's own numbers, and the SQL behind them, as files inside the PDF.

    What the pages do not print of confidential answers is not in them either.
    """
    run = ledger.run(edition.run_id)
    wanted = ledger.results_of(run)
    if edition.document == OWNER:
        page = READERS[OWNER].validate_json(edition.content)
        keys = {held.key for held in (*page.strengths, *page.weaknesses)}
        wanted = [r for r in wanted if r.stance in keys]
    files = {"figures.json": _figures(wanted, work.metrics)}
    sql: Mapping[str, str] = run.detail.get("lineage", {})
    names = {r.metric for r in wanted} | {"tables"}
    files |= {f"{name}.sql": text.encode() for name, text in sorted(sql.items()) if name in names}
    return files


def _figures(results: Sequence[Result], metrics: Mapping[str, Metric]) -> bytes:
    shown = [r for r in results if r.metric in metrics and not hidden(metrics[r.metric], r)]
    rows = [asdict(r) for r in sorted(shown, key=lambda r: (r.metric, r.tier))]
    return (json.dumps(rows, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _documents(desk: Desk) -> list[tuple[str, str, Document, Path]]:
    found: list[tuple[str, str, Document, Path]] = [
        (PACKET, "executives", executive_packet(desk), Path(f"{PACKET}.pdf"))
    ]
    holding = {w.stance.owner for w in desk.m.stances}
    for owner in desk.m.strategy.owners:
        if owner.id in holding:
            page = owner_scorecard(desk, owner)
            found.append((OWNER, owner.id, page, Path("owners") / f"{owner.id}.pdf"))
    return found


def _json(document: Document) -> str:
    return json.dumps(asdict(document), ensure_ascii=False, sort_keys=True)


def _own_templates(work: Workspace) -> Path | None:
    return work.project.templates if work.project.templates.is_dir() else None


def _laid_out(
    ledger: Ledger, folder: Path, edition: Edition, path: Path, pdf: bytes,
    notes: tuple[str, ...], now: datetime,
) -> Published:  # fmt: skip
    target = folder / path
    partial = target.with_suffix(".partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(pdf)
        partial.replace(target)
    except OSError as error:
        if partial.is_file():
            partial.unlink()
        raise RenderError(
            f"{target}: cannot be written ({error.strerror}); make room for it, or make the "
            "folder writable, and run again."
        ) from error
    digest = sha256(pdf).hexdigest()
    ledger.record_rendering(edition, digest, __version__, now)
    return Published(target, edition, digest, notes)
