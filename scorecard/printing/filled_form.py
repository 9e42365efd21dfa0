"""Filled form: what somebody wrote into the fields of a PDF, read without believing the file.

Any file can come back: a photo, a scan, something that was made to harm. It is read by another
process with limits, and what is not a form is said in words instead of raised.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from pypdf import PasswordType, PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import NameObject

from scorecard.errors import RenderError
from scorecard.printing.form_fields import TOKEN
from scorecard.printing.pdf_text import read

MOST_FIELDS, MOST_SIGNS = 200, 10_000
"""Fields of a form, and signs of one of them, that are read."""
NO_PDF = "The file is not a PDF; fill in the PDF that you were mailed, save it and send that file."
NO_FIELDS = (
    "The PDF has no fields: it was printed, scanned or flattened. Fill in the PDF that you were "
    "mailed, save it instead of printing it, and send that file."
)
LOCKED = (
    "The PDF has a password that is not the one it was sent with; save it without changing that, "
    "and send it again."
)
DAMAGED = "The PDF is damaged and cannot be read; save the form again, and send that file."


@dataclass(frozen=True)
class FilledForm:
    """What stands in a form.

    token    whose form it is; empty where it says nothing of that
    fields   what was written or chosen, by the field's name; empty ones as well
    pages    the letters and digits of each page, without what is in its fields
    problem  why nothing could be read, in a sentence that says what to do; else empty
    """

    token: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    pages: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class FormJob:
    """A PDF that came back, to be read by another process; `passwords` may open it."""

    pdf: bytes
    passwords: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        return "Reading a form"

    def do(self, _renderer: object) -> FilledForm:
        return read_form(self.pdf, self.passwords)


def read_form(pdf: bytes, passwords: tuple[str, ...] = ()) -> FilledForm:
    """What stands in the fields of a PDF; never an error."""
    if b"%PDF-" not in pdf[:1024]:
        return FilledForm(problem=NO_PDF)
    try:
        reader = PdfReader(BytesIO(pdf))
        if reader.is_encrypted and not _opened(reader, passwords):
            return FilledForm(problem=LOCKED)
        fields = dict(_fields(reader))
        if TOKEN not in fields:
            return FilledForm(problem=NO_FIELDS)
        plain = pdf if not reader.is_encrypted else _without_password(reader)
        return FilledForm(fields.pop(TOKEN).strip(), fields, page_letters(plain))
    except (RenderError, PyPdfError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        # What pypdf raises on a file that breaks the rules; all of it means the same to its sender.
        return FilledForm(problem=DAMAGED)
    except (RecursionError, OSError, NotImplementedError):
        return FilledForm(problem=DAMAGED)


def page_letters(pdf: bytes) -> tuple[str, ...]:
    """The letters and digits of each page: what a page says, however its text is cut up.

    RenderError when the file cannot be read as a PDF.
    """
    return tuple("".join(c for c in page if c.isalnum()) for page in read(pdf).pages)


def _opened(reader: PdfReader, passwords: tuple[str, ...]) -> bool:
    tried = (reader.decrypt(password) for password in ("", *passwords))
    return any(each is not PasswordType.NOT_DECRYPTED for each in tried)


def _without_password(reader: PdfReader) -> bytes:
    plain = BytesIO()
    PdfWriter(clone_from=reader).write(plain)
    return plain.getvalue()


def _fields(reader: PdfReader) -> Iterator[tuple[str, str]]:
    for count, (name, entry) in enumerate((reader.get_fields() or {}).items()):
        if count == MOST_FIELDS:
            return
        yield str(name), _text(entry)[:MOST_SIGNS]


def _text(entry: Mapping[str, Any]) -> str:
    """What is in a field: a text, the value of a choice, or "on" where a box is ticked."""
    value = entry.get("/V", "")
    value = value.get_object() if hasattr(value, "get_object") else value
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, NameObject):
        return "" if value == "/Off" else str(value).removeprefix("/")
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    text = str(value) if value is not None else ""
    return _chosen(text, entry.get("/Opt")) if entry.get("/FT") == "/Ch" else text


def _chosen(text: str, options: Any) -> str:
    """The value of a choice: some readers of PDFs keep the words that were shown instead of it."""
    for option in options or ():
        pair = option.get_object() if hasattr(option, "get_object") else option
        if isinstance(pair, list) and len(pair) == 2 and text == str(pair[1]):
            return str(pair[0])
    return text
