"""Filled form: what somebody wrote into the fields of a PDF, read without believing the file.

Any file can come back: a photo, a scan, something that was made to harm. It is read by another
process with limits, and what is not a form is said in words instead of raised.
"""

from __future__ import annotations

import logging
from codecs import BOM_UTF16_BE
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from typing import Any

from pypdf import PasswordType, PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NullObject, StreamObject

from scorecard.printing.form_fields import TOKEN
from scorecard.printing.pdf_text import read

MOST_FIELDS, MOST_SIGNS, LONGEST_NAME = 200, 10_000, 100
"""Fields of a form, signs of one of them, and letters of its name, that are read."""
END, ENDS_WITHIN = b"%%EOF", 1024
"""The last line of a PDF, and the bytes behind it that readers of PDFs allow: mail servers add
some."""
NO_PDF = (
    "The file is not a PDF; fill in the PDF that you were mailed, save it and send that file as it "
    "is, neither packed nor encrypted."
)
NO_FIELDS = (
    "The PDF has no fields: it was printed, scanned or flattened. Fill in the PDF that you were "
    "mailed, save it instead of printing it, and send that file; if that one has no fields either, "
    "say so to whoever sends it."
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
    pages    a digest of the letters and digits of each page, without what is in its fields
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
        # Of a file that was made to harm, pypdf says a hundred thousand times what is wrong.
        logging.getLogger("pypdf").setLevel(logging.CRITICAL)
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
        plain = _without_password(reader) if reader.is_encrypted else _ended(pdf)
        return FilledForm(fields.pop(TOKEN).strip(), fields, page_digests(plain))
    except MemoryError:
        raise
    except Exception:  # a file that breaks the rules can raise anything in pypdf
        return FilledForm(problem=DAMAGED)


def page_digests(pdf: bytes) -> tuple[str, ...]:
    """A digest of the letters and digits of each page: of what it says, however that is cut up.

    RenderError when the file cannot be read as a PDF.
    """
    letters = ("".join(c for c in page if c.isalnum()) for page in read(pdf).pages)
    return tuple(sha256(page.encode()).hexdigest() for page in letters)


def _ended(pdf: bytes) -> bytes:
    """The same without what stands behind its end, where that is not much."""
    end = pdf.rfind(END, max(0, len(pdf) - ENDS_WITHIN))
    return pdf if end < 0 else pdf[: end + len(END)]


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
        if len(name) <= LONGEST_NAME:
            yield _printable(name), _printable(_text(entry)[:MOST_SIGNS])


def _text(entry: Mapping[str, Any]) -> str:
    """What is in a field: a text, the value of a choice, or "on" where a box is ticked.

    ValueError where there is what no field can have.
    """
    value = _resolved(entry.get("/V", ""))
    if isinstance(value, ArrayObject):
        value = _resolved(value[0]) if value else ""
    if isinstance(value, NameObject):
        return "" if value == "/Off" else value.removeprefix("/")
    if value is None or isinstance(value, NullObject):
        return ""
    if isinstance(value, StreamObject):  # a long text may be one (12.7.5.3)
        value = value.get_data()
    elif isinstance(value, DictionaryObject | ArrayObject):
        raise ValueError("a field has other fields or lists in the place of a text")
    if isinstance(value, bytes):
        coding = "utf-16" if value.startswith(BOM_UTF16_BE) else "utf-8-sig"
        value = value.decode(coding, "replace")
    options = _resolved(entry.get("/Opt"))
    return _chosen(str(value), options) if _resolved(entry.get("/FT")) == "/Ch" else str(value)


def _resolved(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value


def _printable(text: str) -> str:
    """The same with blanks for what no page and no ledger can have: controls, halves of letters."""
    return "".join(c if c.isprintable() or c in "\r\n\t" else " " for c in text)


def _chosen(text: str, options: Any) -> str:
    """The value of a choice: some readers of PDFs keep the words that were shown instead of it."""
    for option in options if isinstance(options, ArrayObject) else ():
        pair = _resolved(option)
        if isinstance(pair, ArrayObject) and len(pair) == 2 and text == str(_resolved(pair[1])):
            return str(_resolved(pair[0]))
    return text
