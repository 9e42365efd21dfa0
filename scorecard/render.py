"""Rendering: a frozen document becomes a PDF.

The same document and imprint give the same bytes on every run: no clock is
read, the file identifier is the content's hash and attachments carry no dates.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pydyf
from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
)
from weasyprint import CSS, HTML, Attachment, Document
from weasyprint.text.fonts import FontConfiguration

from scorecard import charts
from scorecard.document import ExecutivePacket, Imprint, OwnerScorecard
from scorecard.errors import RenderError

_LOGGER = logging.getLogger("weasyprint")
_SIDE = 45.0
_DENSEST = 3
_BESIDE = 5
_MIME = {
    ".csv": "text/csv", ".json": "application/json", ".md": "text/markdown",
    ".sql": "application/sql", ".txt": "text/plain",
}  # fmt: skip


@dataclass(frozen=True)
class Grid:
    """The columns of a landscape sheet, in points."""

    tiers: int
    label: float
    column: float
    chart: float
    label_narrow: float
    bars: float
    whale: float


@dataclass(frozen=True)
class OwnerGrid:
    """An owner's page: whether the sides stand above each other, and the charts in points."""

    stacked: bool
    chart: float
    chart_height: float


class Renderer:
    """Draws documents with a project's templates, and the shipped ones where it has none.

    A template or stylesheet of the project stands in for the shipped file of
    the same name; "default:packet.html" always means the shipped one. Fonts
    and stylesheets are read once, so keep one renderer for many documents.
    """

    def __init__(self, project_templates: Path | None, shipped: Path) -> None:
        folders = [shipped] if project_templates is None else [project_templates, shipped]
        self._folders = folders
        self._templates = Environment(
            loader=ChoiceLoader(
                [
                    *(FileSystemLoader(folder) for folder in folders),
                    PrefixLoader({"default": FileSystemLoader(shipped)}, delimiter=":"),
                ]
            ),
            undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._templates.globals.update(
            bullet=charts.bullet, process=charts.process, whale=charts.whale,
            bridges=charts.bridges,
        )  # fmt: skip
        self._templates.filters["joined"] = _joined
        self._fonts = FontConfiguration()
        self._sheets: dict[str, CSS] = {}

    def render_packet(
        self, doc: ExecutivePacket, imprint: Imprint, attachments: Mapping[str, bytes]
    ) -> bytes:
        """The packet as a PDF. RenderError when a template or the drawing complains."""
        grid = _grid(doc)
        laid_out = self._lay_out("packet", doc=doc, imprint=imprint, grid=grid)
        return self._write(laid_out, imprint, attachments)

    def render_owner(
        self, doc: OwnerScorecard, imprint: Imprint, attachments: Mapping[str, bytes]
    ) -> bytes:
        """The owner's page as a PDF, set as densely as one page asks for.

        RenderError when even the densest setting needs a second page.
        """
        for density in range(_density(doc), _DENSEST + 1):
            laid_out = self._lay_out(
                "owner", doc=doc, imprint=imprint, density=density, grid=_owner_grid(doc, density)
            )
            if len(laid_out.pages) == 1:
                return self._write(laid_out, imprint, attachments)
        held = len(doc.strengths) + len(doc.weaknesses)
        raise RenderError(
            f"The scorecard of {doc.name} does not fit one page with {held} stances; "
            "give some of them to another owner, or shorten their trade-offs."
        )

    def _lay_out(self, name: str, **context: Any) -> Document:
        try:
            text = self._templates.get_template(f"{name}.html").render(context)
        except TemplateError as error:
            raise RenderError(f"Template {name}.html cannot be filled: {error}.") from error
        with _heeding(f"{name}.html"):
            sheets = [self._sheet(s) for s in ("fonts.css", "print.css", f"{name}.css")]
            return HTML(string=text).render(font_config=self._fonts, stylesheets=sheets)

    def _sheet(self, name: str) -> CSS:
        if name not in self._sheets:
            found = next((f / name for f in self._folders if (f / name).is_file()), None)
            if found is None:
                raise RenderError(f"Stylesheet {name} is not in {self._folders[-1]}.")
            self._sheets[name] = CSS(filename=found, font_config=self._fonts)
        return self._sheets[name]

    def _write(
        self, laid_out: Document, imprint: Imprint, attachments: Mapping[str, bytes]
    ) -> bytes:
        files = [Attachment(string=attachments[n], name=n) for n in sorted(attachments)]
        with _heeding("the PDF"):
            pdf = laid_out.write_pdf(
                pdf_variant="pdf/ua-1", pdf_identifier=imprint.content_hash.encode(),
                attachments=files, finisher=_finish,
            )  # fmt: skip
        assert isinstance(pdf, bytes)
        return pdf


def _joined(text: str) -> str:
    """Keep a minus sign on the line of the amount that it belongs to."""
    return re.sub(r"−(?=\D)", "−\u2060", text)


def _grid(doc: ExecutivePacket) -> Grid:
    width = (842.0 if doc.heading.paper == "A4" else 792.0) - 2 * _SIDE
    tiers = len(doc.tiers)
    label = 150.0 if tiers <= 4 else 124.0
    column = round((width - label) / max(tiers, 1), 2)
    panel = (width - 96.0) / max(len(doc.margin.bridges), 1)
    return Grid(
        tiers, label, column, chart=round(column - 26, 1), label_narrow=96.0,
        bars=round(min(panel * 0.56, 130.0), 1), whale=round(width * 0.38, 1),
    )  # fmt: skip


def _owner_grid(doc: OwnerScorecard, density: int) -> OwnerGrid:
    width = (595.0 if doc.heading.paper == "A4" else 612.0) - 2 * _SIDE
    return OwnerGrid(
        stacked=_longer(doc) > _BESIDE, chart=width / 2 - 12,
        chart_height=(17.0, 14.0, 11.0, 9.0)[density],
    )  # fmt: skip


def _longer(doc: OwnerScorecard) -> int:
    return max(len(doc.strengths), len(doc.weaknesses))


def _density(doc: OwnerScorecard) -> int:
    """The setting to try first, by how many stances stand below each other."""
    if _longer(doc) > _BESIDE:
        return 2
    return max(_longer(doc) - 3, 0)


def _finish(_document: Document, pdf: pydyf.PDF) -> None:
    """Take the clock and the machine out of the attachments."""
    for item in pdf.objects:
        extra = getattr(item, "extra", None)
        if extra and extra.get("Type") == "/EmbeddedFile":
            del extra["Params"]["CreationDate"], extra["Params"]["ModDate"]
    names = {
        item["EF"]["F"]: item["UF"].string
        for item in pdf.objects
        if isinstance(item, pydyf.Dictionary) and item.get("Type") == "/Filespec"
    }
    for item in pdf.objects:
        if getattr(item, "reference", None) in names and hasattr(item, "extra"):
            suffix = PurePosixPath(names[item.reference]).suffix
            mime = _MIME.get(suffix, "application/octet-stream")
            item.extra["Subtype"] = "/" + mime.replace("/", "#2f")


@contextmanager
def _heeding(what: str) -> Iterator[None]:
    """Turn any warning of the drawing engine into a RenderError that names it."""
    heard: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: heard.append(record.getMessage())  # type: ignore[method-assign]
    _LOGGER.addHandler(handler)
    try:
        yield
    finally:
        _LOGGER.removeHandler(handler)
    if heard:
        raise RenderError(f"Drawing {what} was not clean: {'; '.join(dict.fromkeys(heard))}.")
