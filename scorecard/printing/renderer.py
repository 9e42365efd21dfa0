"""Renderer: a frozen document becomes a PDF.

The same document and imprint give the same bytes on every run: no clock is
read, the file identifier is the content's hash and attachments carry no dates.
"""

from __future__ import annotations

import gc
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, TemplateError, TemplateSyntaxError
from weasyprint import CSS, Attachment
from weasyprint import Document as LaidOut
from weasyprint.text.fonts import FontConfiguration

from scorecard.base.template_files import template_loader
from scorecard.documents.kinds import Document
from scorecard.documents.model import Imprint
from scorecard.errors import RenderError
from scorecard.printing import charts, drawings
from scorecard.printing.kinds import PRINTED
from scorecard.printing.page_layout import method_parts
from scorecard.printing.page_tree import page_tree
from scorecard.printing.pdf_file import finish
from scorecard.printing.quicker import quicken
from scorecard.printing.team_layout import blocks

_SHORT_ENDING = 16
"""Letters that the words of a line's end may have together."""
_LOGGER = logging.getLogger("weasyprint")


class Renderer:
    """Draws documents with a project's templates, and the shipped ones where it has none.

    A template or stylesheet of the project stands in for the shipped file of
    the same name; "default:packet.html" always means the shipped one. Fonts
    and stylesheets are read once, so keep one renderer for many documents.
    """

    def __init__(self, project_templates: Path | None, shipped: Path) -> None:
        self._folders = [f for f in (project_templates, shipped) if f is not None]
        self._templates = Environment(
            loader=template_loader(project_templates, shipped),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(
            bullet=charts.bullet,
            process=charts.process,
            whale=charts.whale,
            bridges=charts.bridges,
            pair_drawn=drawings.pair,
            bars_drawn=drawings.bars,
            sign_drawn=drawings.sign,
            method_parts=method_parts,
            blocks=blocks,
        )
        self._templates.filters.update(joined=_joined, ended=_ended, phrases=_phrases)
        quicken()
        self._fonts = FontConfiguration()
        self._sheets: dict[str, CSS] = {}
        self._unlettered: list[str] = []

    def unlettered(self) -> tuple[str, ...]:
        """What the engine said of letters that no font has, since this was last asked.

        Such a letter is drawn as an empty box: one customer's name is no reason
        to hold a packet.
        """
        said = tuple(dict.fromkeys(self._unlettered))
        self._unlettered.clear()
        return said

    def misspelt(self) -> list[tuple[str, int, str]]:
        """Templates that cannot be read: name, line, and what is wrong."""
        wrong = []
        for name in sorted(self._templates.list_templates(extensions=["html", "j2"])):
            try:
                self._templates.get_template(name)
            except TemplateSyntaxError as error:
                wrong.append((name, error.lineno, error.message or "not a template"))
        return wrong

    def render(
        self, document: Document, imprint: Imprint, attachments: Mapping[str, bytes]
    ) -> bytes:
        """The document as a PDF, laid out as its kind is.

        RenderError when it needs more pages than its kind may have, when a template cannot be
        filled, and for any warning of the drawing engine.
        """

        def lay_out(name: str, grid: Any) -> LaidOut:
            return self._lay_out(name, doc=document, imprint=imprint, grid=grid)

        with _uncollected():
            return self._write(PRINTED[document.kind].fit(lay_out, document), imprint, attachments)

    def _lay_out(self, name: str, **context: Any) -> LaidOut:
        try:
            text = self._templates.get_template(f"{name}.html").render(context)
        except TemplateError as error:
            raise RenderError(f"Template {name}.html cannot be filled: {error}.") from error
        with _heeding(f"{name}.html", self._unlettered):
            sheets = [self._sheet(n) for n in ("fonts.css", "print.css", f"{name}.css")]
            return page_tree(text).render(font_config=self._fonts, stylesheets=sheets)

    def _sheet(self, name: str) -> CSS:
        if name not in self._sheets:
            found = next((f / name for f in self._folders if (f / name).is_file()), None)
            if found is None:
                raise RenderError(f"Stylesheet {name} is not in {self._folders[-1]}.")
            self._sheets[name] = CSS(filename=found, font_config=self._fonts)
        return self._sheets[name]

    def _write(
        self, laid_out: LaidOut, imprint: Imprint, attachments: Mapping[str, bytes]
    ) -> bytes:
        files = [Attachment(string=attachments[n], name=n) for n in sorted(attachments)]
        with _heeding("the PDF", self._unlettered):
            pdf = laid_out.write_pdf(
                pdf_variant="pdf/ua-1",
                pdf_identifier=imprint.content_hash.encode(),
                attachments=files,
                finisher=finish,
            )
        if not isinstance(pdf, bytes):
            raise RenderError("The drawing engine returned no PDF.")
        return pdf


def _joined(text: str) -> str:
    """Keep a minus sign on the line of the amount that it belongs to."""
    return re.sub(r"−(?=\D)", "−\u2060", text)


def _ended(text: str) -> str:
    """Keep the last short words together, so that none of them stands alone on a line."""
    words = text.split(" ")
    last = words.pop()
    while words and len(words[-1]) + len(last) < _SHORT_ENDING:
        last = f"{words.pop()}\u00a0{last}"
    return " ".join([*words, last])


def _phrases(text: str) -> tuple[str, str]:
    """A verdict's words and what stands behind them: a reason after a colon, or a bracket."""
    head, mark, rest = text.partition(": ")
    if mark:
        return f"{head}:", rest
    head, mark, rest = text.partition(" (")
    return head, f"({rest}" if mark else ""


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
