"""PDF file: what a finished file should not say, the clock and this machine's own file types."""

from __future__ import annotations

from pathlib import PurePosixPath

import pydyf
from weasyprint import Document as LaidOut

from scorecard.printing.form_fields import finish_fields

_MIME = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".sql": "application/sql",
    ".txt": "text/plain",
}


def finished(_document: LaidOut, pdf: pydyf.PDF) -> None:
    """What is left to do to a file before it is written. A `finisher` of WeasyPrint."""
    leave_out_clock(pdf)
    finish_fields(pdf)


def leave_out_clock(pdf: pydyf.PDF) -> None:
    """Take the clock and the machine's own file types out of the attachments."""
    files = {
        item["EF"]["F"]: item["UF"].string
        for item in pdf.objects
        if isinstance(item, pydyf.Dictionary) and item.get("Type") == "/Filespec"
    }
    for item in pdf.objects:
        if isinstance(item, pydyf.Stream) and item.extra.get("Type") == "/EmbeddedFile":
            del item.extra["Params"]["CreationDate"], item.extra["Params"]["ModDate"]
            suffix = PurePosixPath(files[item.reference]).suffix
            kind = _MIME.get(suffix, "application/octet-stream")
            item.extra["Subtype"] = "/" + kind.replace("/", "#2f")
