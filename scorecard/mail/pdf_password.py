"""Passwords on PDFs: encryption with AES-256, checked by opening the result again."""

from __future__ import annotations

import unicodedata
from io import BytesIO

from pypdf import PasswordType, PdfReader, PdfWriter
from pypdf.errors import DependencyError, PyPdfError
from pypdf.generic import DictionaryObject

from scorecard.base.address import has_controls
from scorecard.errors import MailError

ALGORITHM = "AES-256"
LONGEST = 127
"""Bytes of a password that are used (ISO 32000-2); readers cut off the rest."""


def seal(pdf: bytes, password: str) -> bytes:
    """The PDF encrypted with the password, embedded files and metadata included.

    Keys and salts are random, so the bytes differ each time. MailError for a password
    that cannot be typed into PDF readers, and for a result that opens without it, or
    does not have the same content when opened with it.
    """
    key = _key(password)
    try:
        plain = PdfReader(BytesIO(pdf))
        writer = PdfWriter(clone_from=plain)
        writer.pdf_header = plain.pdf_header
        writer.encrypt(key, algorithm=ALGORITHM)
        sealed = BytesIO()
        writer.write(sealed)
    except DependencyError as error:
        raise MailError(f"No password can be put on a PDF: {error}.") from error
    except PyPdfError as error:
        raise MailError(
            f"No password can be put on the PDF, for it is damaged: {error}."
        ) from error
    _check(plain, sealed.getvalue(), key)
    return sealed.getvalue()


def _key(password: str) -> str:
    """The password as PDF readers normalise it when it is typed."""
    # ISO 32000-2 asks for SASLprep (RFC 4013), of which NFKC is the part that changes letters.
    key = unicodedata.normalize("NFKC", password)
    if not key or key != key.strip() or has_controls(key):
        raise MailError(
            "The password for PDFs is empty, or has a space at an end or a control character."
        )
    if len(key.encode()) > LONGEST:
        raise MailError(f"The password for PDFs is longer than {LONGEST} bytes; shorten it.")
    return key


def _check(plain: PdfReader, sealed: bytes, key: str) -> None:
    """MailError unless the file opens with the password only, and with the same content."""
    if (locked := PdfReader(BytesIO(sealed))).decrypt("") is not PasswordType.NOT_DECRYPTED:
        raise MailError("The PDF opens without its password, so it is not sent.")
    # Version 5, revision 6 is AES-256 as in ISO 32000-2; revision 5 was weaker.
    entry = locked.trailer["/Encrypt"].get_object()
    if not isinstance(entry, DictionaryObject) or (entry.get("/V"), entry.get("/R")) != (5, 6):
        raise MailError(f"The PDF was not sealed by {ALGORITHM}, so it is not sent.")
    opened = PdfReader(BytesIO(sealed))
    if opened.decrypt(key) is PasswordType.NOT_DECRYPTED:
        raise MailError("The PDF does not open with its password, so it is not sent.")
    if _content(opened) != _content(plain):
        raise MailError("The PDF lost something when its password was put on, so it is not sent.")


def _content(pdf: PdfReader) -> tuple[object, ...]:
    """Page contents, embedded files and metadata, which encryption must not change."""
    pages = [page.get_contents() for page in pdf.pages]
    drawn = [b"" if page is None else page.get_data() for page in pages]
    files = {name: list(contents) for name, contents in pdf.attachments.items()}
    info = {name: str(value) for name, value in (pdf.metadata or {}).items()}
    stream = pdf.root_object.get("/Metadata")
    about = b"" if stream is None else stream.get_object().get_data()
    return drawn, files, info, about
