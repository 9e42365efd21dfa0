"""Sealing: a password on a PDF (AES-256), and proof that it opens with it and only with it."""

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
"""Bytes of a password that count, by ISO 32000-2."""


def seal(pdf: bytes, password: str) -> bytes:
    """The same PDF, files inside and metadata included, unreadable without the password.

    Keys and salts are drawn anew, so the bytes differ each time. MailError for a
    password that PDF readers cannot be given, and for a PDF that does not open
    again exactly as it should.
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
    _prove(plain, sealed.getvalue(), key)
    return sealed.getvalue()


def _key(password: str) -> str:
    """The password as a PDF reader takes it when it is typed."""
    key = unicodedata.normalize("NFKC", password)
    if not key or key != key.strip() or has_controls(key):
        raise MailError(
            "The password for PDFs is empty, or has a space at an end or a control character."
        )
    if len(key.encode()) > LONGEST:
        raise MailError(f"The password for PDFs is longer than {LONGEST} bytes; shorten it.")
    return key


def _prove(plain: PdfReader, sealed: bytes, key: str) -> None:
    """Open the sealed file without and with the password, and compare."""
    if (shut := PdfReader(BytesIO(sealed))).decrypt("") is not PasswordType.NOT_DECRYPTED:
        raise MailError("The PDF opens without its password, so it is not sent.")
    entry = shut.trailer["/Encrypt"].get_object()
    if not isinstance(entry, DictionaryObject) or (entry.get("/V"), entry.get("/R")) != (5, 6):
        raise MailError(f"The PDF was not sealed by {ALGORITHM}, so it is not sent.")
    opened = PdfReader(BytesIO(sealed))
    if opened.decrypt(key) is PasswordType.NOT_DECRYPTED:
        raise MailError("The PDF does not open with its password, so it is not sent.")
    if _content(opened) != _content(plain):
        raise MailError("The PDF lost something when its password was put on, so it is not sent.")


def _content(pdf: PdfReader) -> tuple[object, ...]:
    """What must be the same afterwards: pages and their text, files inside, and metadata."""
    pages = [page.get_contents() for page in pdf.pages]
    drawn = [b"" if page is None else page.get_data() for page in pages]
    files = {name: list(held) for name, held in pdf.attachments.items()}
    info = {name: str(value) for name, value in (pdf.metadata or {}).items()}
    stream = pdf.root_object.get("/Metadata")
    about = b"" if stream is None else stream.get_object().get_data()
    return drawn, files, info, about
