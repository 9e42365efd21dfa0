"""The packet and the fullest owner's page drawn again and again, in a process that is warm.

    python documents.py PROJECT FOLDER TIMES

Takes October's editions from the project's ledger, draws each once to warm up and then TIMES
times, and prints for each kind the least processor seconds and seconds on the clock as JSON. The
HTML that was drawn, with its stylesheets, is left in FOLDER for a browser to print.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import jinja2

from scorecard.documents.kinds import OWNER, PACKET, read_document
from scorecard.documents.model import Imprint
from scorecard.ledger import Edition
from scorecard.printing.renderer import Renderer
from scorecard.project.scaffold import room
from scorecard.project.settings import Project
from scorecard.project.workspace import open_ledger

SHEETS = ("fonts.css", "print.css")


def fullest(project: Project) -> dict[str, Edition]:
    """October's packet, and its owner scorecard with the most content."""
    with open_ledger(project) as ledger:
        found = ledger.editions(project.period("2026-10"))
    kinds = {kind: [e for e in found if e.document == kind] for kind in (PACKET, OWNER)}
    return {kind: max(those, key=lambda e: len(e.content)) for kind, those in kinds.items()}


def drawn(edition: Edition, times: int, html: Path) -> dict[str, float]:
    """The least that one of so many drawings took, after one that warmed up."""
    renderer = Renderer(None, room("templates"))
    document = read_document(edition.document, edition.content)
    imprint = Imprint(1, "16 Nov 2026", "October 2026", edition.content_hash, "scorecard")
    taken = []
    with _Listening() as heard:
        for _turn in range(times + 1):
            began = time.process_time(), time.perf_counter()
            renderer.render(document, imprint, {})
            taken.append((time.process_time() - began[0], time.perf_counter() - began[1]))
    html.write_text(_complete(heard.pages[-1], edition.document.partition("-")[0]), "utf-8")
    processor, wall = min(taken[1:])
    return {"processor": processor, "wall": wall}


class _Listening:
    """Hears the pages that templates fill in: the renderer hands them on to nobody."""

    def __init__(self) -> None:
        self.pages: list[str] = []
        self._render = jinja2.Template.render

    def __enter__(self) -> _Listening:
        pages, render = self.pages, self._render

        def heard(template: jinja2.Template, *args: Any, **named: Any) -> str:
            text = render(template, *args, **named)
            if (template.name or "").endswith(".html"):
                pages[:] = [text]
            return text

        jinja2.Template.render = heard  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        jinja2.Template.render = self._render  # type: ignore[method-assign]


def _complete(page: str, kind: str) -> str:
    """The page with the stylesheets that it is drawn with, for a browser."""
    name = {"executive": "packet", "owner": "owner"}[kind]
    links = [
        f'<link rel="stylesheet" href="{(room("templates") / sheet).as_uri()}"/>'
        for sheet in (*SHEETS, f"{name}.css")
    ]
    return page.replace("</head>", f"{''.join(links)}</head>", 1)


if __name__ == "__main__":
    project, folder = Project.at(Path(sys.argv[1]), {}), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    times = int(sys.argv[3])
    found = {
        kind: drawn(edition, times, folder / f"{kind}.html")
        for kind, edition in fullest(project).items()
    }
    json.dump(found, sys.stdout)
