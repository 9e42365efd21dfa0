"""Renderer: a frozen document becomes a PDF.

The same document and imprint give the same bytes on every run: no clock is
read, the file identifier is the content's hash and attachments carry no dates.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import TemplateError
from weasyprint import Attachment
from weasyprint import Document as LaidOut
from weasyprint.text.ffi import pango

from scorecard.base.regular_file import read_bytes
from scorecard.base.template_files import environment
from scorecard.documents.kinds import Document
from scorecard.documents.method import method_notes
from scorecard.documents.model import Imprint
from scorecard.documents.packet_model import METHOD_FILE, ExecutivePacket, MethodNotes
from scorecard.documents.restated import as_printed
from scorecard.errors import RenderError
from scorecard.printing import charts, drawings
from scorecard.printing.fitting import fit_method
from scorecard.printing.form_fields import form_fields
from scorecard.printing.funding_layout import funding_layout
from scorecard.printing.kinds import PRINTED
from scorecard.printing.page_tree import page_tree
from scorecard.printing.pdf_file import finished
from scorecard.printing.stylesheets import Stylesheets
from scorecard.printing.team_layout import blocks
from scorecard.printing.template_urls import TemplateUrls
from scorecard.printing.trend_chart import trend_drawn
from scorecard.printing.trend_layout import LEGEND, left_out_said, said_below, trend_pages
from scorecard.printing.typesetting import ended, joined, phrases, unbroken

_LOGGER = logging.getLogger("weasyprint")
_DRAWING = ("weasyprint", "pydyf", "tinycss2", "cssselect2", "fonttools", "jinja2", "pillow")
"""The libraries on which the bytes of a PDF depend."""


class Renderer:
    """Draws documents with a project's templates, and the shipped ones where it has none.

    A template or stylesheet of the project stands in for the shipped file of
    the same name; "default:packet.html" always means the shipped one. Fonts
    and stylesheets are read once, so keep one renderer for many documents.
    """

    def __init__(self, project_templates: Path | None, shipped: Path) -> None:
        folders = [f for f in (project_templates, shipped) if f is not None]
        self._templates = environment(
            project_templates, shipped, autoescape=True, finalize=unbroken
        )
        self._templates.globals.update(
            bullet=charts.bullet,
            process=charts.process,
            whale=charts.whale,
            bridges=charts.bridges,
            pair_drawn=drawings.pair,
            bars_drawn=drawings.bars,
            sign_drawn=drawings.sign,
            funding_layout=funding_layout,
            trend_drawn=trend_drawn,
            trend_pages=trend_pages,
            trends_left_out=left_out_said,
            trend_legend=LEGEND,
            said_below=said_below,
            blocks=blocks,
            form_of=form_fields,
            # Asked for by copies of packet.html that still had the method notes on its pages.
            method_parts=lambda *_: (),
        )
        self._templates.filters.update(joined=joined, ended=ended, phrases=phrases)
        self._shipped = _as_shipped(project_templates, shipped)
        self._urls = TemplateUrls(folders)
        self._sheets = Stylesheets(folders, self._urls)
        self._unlettered: list[str] = []

    @cached_property
    def engine(self) -> str:
        """What draws here: "weasyprint 70.0, pydyf 0.13.0, …, pango 1.56.3"; with another one the
        same page may be other bytes."""
        number = pango.pango_version()
        said = [f"{name} {version(name)}" for name in _DRAWING]
        said.append(f"pango {number // 10_000}.{number // 100 % 100}.{number % 100}")
        return ", ".join(said)

    def unlettered(self) -> tuple[str, ...]:
        """What the engine said of letters that no font has, since this was last asked.

        Such a letter is drawn as an empty box: one customer's name is no reason
        to hold a packet.
        """
        said = tuple(dict.fromkeys(self._unlettered))
        self._unlettered.clear()
        return said

    def render(
        self, document: Document, imprint: Imprint, attachments: Mapping[str, bytes]
    ) -> bytes:
        """The document as a PDF, laid out as its kind is.

        A packet has its method notes inside, as a PDF of their own. RenderError when it needs more
        pages than its kind may have, when a template cannot be filled, and for any warning of the
        drawing engine.
        """
        if isinstance(document, ExecutivePacket) and (notes := method_notes(document)):
            attachments = {**attachments, METHOD_FILE: self._method(notes, imprint)}
        document = as_printed(document)
        lay_out = _LayOut(self._lay_out, self._shipped, document, imprint)
        with _uncollected():
            return self._write(PRINTED[document.kind].fit(lay_out, document), imprint, attachments)

    def _method(self, notes: MethodNotes, imprint: Imprint) -> bytes:
        lay_out = _LayOut(self._lay_out, self._shipped, notes, imprint)
        with _uncollected():
            return self._write(fit_method(lay_out), imprint, {})

    def _lay_out(self, name: str, **context: Any) -> LaidOut:
        text = self._filled(f"{name}.html", context)
        with _heeding(f"{name}.html", self._unlettered), self._urls.watched(f"{name}.html"):
            sheets = self._sheets.of(name, getattr(context["grid"], "tight", 0.0))
            page = page_tree(text, self._urls)
            return page.render(font_config=self._sheets.fonts, stylesheets=sheets)

    def _filled(self, name: str, context: Mapping[str, Any]) -> str:
        try:
            return self._templates.get_template(name).render(context)
        except (RenderError, MemoryError):
            raise
        except Exception as error:  # a project's template can raise anything
            said = "" if isinstance(error, TemplateError) else f"{type(error).__name__}: "
            raise RenderError(f"Template {name} cannot be filled: {said}{error}.") from error

    def _write(
        self, laid_out: LaidOut, imprint: Imprint, attachments: Mapping[str, bytes]
    ) -> bytes:
        files = [Attachment(string=attachments[n], name=n) for n in sorted(attachments)]
        with _heeding("the PDF", self._unlettered), self._urls.watched():
            pdf = laid_out.write_pdf(
                pdf_variant="pdf/ua-1",
                pdf_identifier=imprint.content_hash.encode(),
                attachments=files,
                finisher=finished,
            )
        if not isinstance(pdf, bytes):
            raise RenderError("The drawing engine returned no PDF.")
        return pdf


@dataclass(frozen=True)
class _LayOut:
    """Lays one document out."""

    how: Callable[..., LaidOut]
    shipped: bool
    document: Document | MethodNotes
    imprint: Imprint

    def __call__(self, name: str, grid: Any) -> LaidOut:
        return self.how(name, doc=self.document, imprint=self.imprint, grid=grid)


def _as_shipped(own: Path | None, shipped: Path) -> bool:
    """Whether a project's templates are the shipped ones, word for word where it has any."""
    pages = ("*.html", "*.css", "_parts/*.html")
    files = [f.relative_to(own) for each in pages for f in own.glob(each)] if own else []
    return own is None or all(
        (shipped / f).is_file() and read_bytes(own / f) == read_bytes(shipped / f) for f in files
    )


@contextmanager
def _heeding(what: str, unlettered: list[str]) -> Iterator[None]:
    """Turn any warning of the drawing engine into a RenderError that names it.

    Warnings of letters without a font are put into `unlettered` instead.
    """
    heard: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: heard.append(record.getMessage())  # type: ignore[method-assign]
    _LOGGER.addHandler(handler)
    try:
        yield
    finally:
        _LOGGER.removeHandler(handler)
    help_ = "Name a font that has them in templates/fonts.css."
    unlettered += [f"{line.rstrip('.')}. {help_}" for line in heard if "glyph" in line]
    if wrong := dict.fromkeys(line.rstrip(".") for line in heard if "glyph" not in line):
        raise RenderError(f"Drawing {what} was not clean: {'; '.join(wrong)}.")


@contextmanager
def _uncollected() -> Iterator[None]:
    """Rest the cyclic collector, and then let it look at what came to be meanwhile, and only that.

    It would walk the growing layout tree again and again, for a fifth of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.collect()
        gc.unfreeze()
        if was_on:
            gc.enable()
