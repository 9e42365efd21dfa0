"""PDF text: what a reader of a finished PDF can read and search in it, by PDFium.

PDFium is the engine by which Chrome shows PDFs.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as engine

from scorecard.errors import RenderError

_ABOUT = ("Title", "Author", "Subject", "Keywords")
_BROKEN_AT = str.maketrans({"\x02": "-", "\ufffe": "-"})
"""PDFium's own sign for a hyphen at the end of a line."""
_APART = 0.5
"""From half a font size on between them, texts in one drawing are two texts."""
_DEEPEST = 16
"""Forms inside of forms beyond this depth are not read."""
_ONE_AT_A_TIME = Lock()
"""PDFium does not allow two threads in it."""


@dataclass(frozen=True)
class Read:
    """The text of each page of a PDF, and what it says of itself: title, author, subject,
    keywords, bookmarks, and the names of the files inside of it.

    `files` are the PDFs inside of it, by name.
    """

    pages: list[str]
    about: str
    files: Mapping[str, bytes] = field(default_factory=dict)


def read(pdf: bytes) -> Read:
    """The text and metadata of a PDF; RenderError when the file cannot be read as one."""
    # PDFium mends a file that was cut off, as far as it goes. Such a one is not to be sent.
    if not pdf.rstrip().endswith(b"%%EOF"):
        raise RenderError("the file cannot be read as a PDF: its end is missing")
    with _ONE_AT_A_TIME:
        try:
            with pdfium.PdfDocument(pdf) as document:
                said = (document.get_metadata_value(key) for key in _ABOUT)
                marks = (mark.get_title() for mark in document.get_toc())
                about = "\n".join(
                    text for text in (*said, *marks, *_names_inside(document)) if text
                )
                pages = [_page_text(document, n) for n in range(len(document))]
                return Read(pages, about, dict(_files_inside(document, ".pdf")))
        except pdfium.PdfiumError as error:
            raise RenderError(f"the file cannot be read as a PDF: {error}") from error


def file_inside(pdf: bytes, name: str) -> bytes | None:
    """A file that is attached to a PDF, by its name; None where there is none. RenderError when
    it cannot be read as a PDF."""
    with _ONE_AT_A_TIME:
        try:
            with pdfium.PdfDocument(pdf) as document:
                return dict(_files_inside(document, name)).get(name)
        except pdfium.PdfiumError as error:
            raise RenderError(f"the file cannot be read as a PDF: {error}") from error


def _names_inside(document: pdfium.PdfDocument) -> Iterator[str]:
    for number in range(document.count_attachments()):
        yield document.get_attachment(number).get_name().partition(".")[0]


def _files_inside(document: pdfium.PdfDocument, ending: str) -> Iterator[tuple[str, bytes]]:
    """(name, content) of the attached files whose names end so."""
    for number in range(document.count_attachments()):
        file = document.get_attachment(number)
        if (name := file.get_name()).endswith(ending):
            yield name, bytes(file.get_data())


def _page_text(document: pdfium.PdfDocument, number: int) -> str:
    """The page's text, each piece of marked content on a line of its own.

    Pieces that are set close together would otherwise be read as one word, in which a
    name would not be found. A piece in letters of several fonts is several objects, and
    a text in a drawing one for each letter: those follow each other on their line.
    """
    page = document[number]
    letters = page.get_textpage()
    said: list[str] = []
    before: tuple[int, Any] | None = None
    try:
        for item in _texts(page.raw):
            piece = engine.FPDFPageObj_GetMarkedContentID(item)
            if before is None or piece != before[0] or _parted(before[1], item):
                said.append("\n")
            said.append(_text(item, letters.raw))
            before = piece, item
    finally:
        letters.close()
        page.close()
    return "".join(said).translate(_BROKEN_AT)


def _texts(page: Any) -> Iterator[Any]:
    """The text objects of a page in their order, those inside of forms included."""
    for place in range(engine.FPDFPage_CountObjects(page)):
        yield from _inside(engine.FPDFPage_GetObject(page, place), 0)


def _inside(item: Any, depth: int) -> Iterator[Any]:
    kind = engine.FPDFPageObj_GetType(item)
    if kind == engine.FPDF_PAGEOBJ_TEXT:
        yield item
    elif kind == engine.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
        for place in range(engine.FPDFFormObj_CountObjects(item)):
            yield from _inside(engine.FPDFFormObj_GetObject(item, place), depth + 1)


def _text(item: Any, letters: Any) -> str:
    length = engine.FPDFTextObj_GetText(item, letters, None, 0)
    buffer = ctypes.create_string_buffer(length)
    room = ctypes.cast(buffer, ctypes.POINTER(engine.FPDF_WCHAR))
    engine.FPDFTextObj_GetText(item, letters, room, length)
    return buffer.raw[:-2].decode("utf-16-le", "replace")


def _parted(left: Any, right: Any) -> bool:
    """Whether the second text does not follow the first on its line."""
    before, after = _place(left), _place(right)
    return abs(before.line - after.line) > 1 or after.start - before.end > _APART * after.size


@dataclass(frozen=True)
class _Place:
    line: float
    start: float
    end: float
    size: float


def _place(item: Any) -> _Place:
    left, bottom, right, top, size = (ctypes.c_float() for _ in range(5))
    engine.FPDFPageObj_GetBounds(item, left, bottom, right, top)
    engine.FPDFTextObj_GetFontSize(item, size)
    matrix = engine.FS_MATRIX()
    engine.FPDFPageObj_GetMatrix(item, matrix)
    return _Place(matrix.f, left.value, right.value, size.value * abs(matrix.d))
