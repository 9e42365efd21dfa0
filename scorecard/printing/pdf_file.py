"""PDF file: what was drawn is written as a file, each object once, and the clock left out.

Pydyf writes the same file, but puts every object into bytes and packs every stream twice.
"""

from __future__ import annotations

import zlib
from functools import lru_cache, partial
from hashlib import md5
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import pydyf
from weasyprint import Document as LaidOut

_LEVEL = 6
"""Of packing: 9 takes twice as long and saves two hundredths."""
_SHARED = 128
"""Attachments kept packed: the SQL of a metric goes into every document that prints it."""
_MIME = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".md": "text/markdown",
    ".sql": "application/sql",
    ".txt": "text/plain",
}


def finish(_document: LaidOut, pdf: pydyf.PDF) -> None:
    """Have the PDF written by this module. A `finisher` of WeasyPrint."""
    _leave_out_clock(pdf)
    pdf.write = partial(_write, pdf)


def _leave_out_clock(pdf: pydyf.PDF) -> None:
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


def _write(
    pdf: pydyf.PDF, output: BinaryIO, version: bytes, identifier: bytes, _packed: bool
) -> None:
    """The file: streams, the other objects together in one stream, and where each of them is."""
    if pdf.info:
        pdf.add_object(pdf.info)
    parts = [b"%PDF-" + str(version).encode() + b"\n%\xf0\x9f\x96\xa4\n"]
    at, places, others = len(parts[0]), {}, []
    for item in pdf.objects[1:]:
        if not item.compressible:
            places[item.number] = at
            parts.append(_numbered(item.number, _stream_bytes(item)))
            at += len(parts[-1])
        else:
            others.append(item)
    bodies = [item.data for item in others]
    index, offset = [], 0
    for item, body in zip(others, bodies, strict=True):
        index.append(f"{item.number} {offset}")
        offset += len(body) + 1
    head = " ".join(index).encode()
    number = len(pdf.objects)
    extra = {"Type": "/ObjStm", "N": len(others), "First": len(head) + 1}
    parts.append(_numbered(number, _packed_stream(b"\n".join([head, *bodies]), extra)))
    places[number], table = at, at + len(parts[-1])
    places[number + 1] = table
    extra = {
        "Type": "/XRef",
        "Index": pydyf.Array((0, number + 2)),
        "W": pydyf.Array((1, 4, 2)),
        "Size": number + 2,
        "Root": pdf.catalog.reference,
        "ID": pydyf.Array(pydyf.String(part).data for part in (identifier.decode(), _hash(parts))),
    }
    if pdf.info:
        extra["Info"] = pdf.info.reference
    inside = {item.number: place for place, item in enumerate(others)}
    rows = (_row(n, places, inside, number) for n in range(number + 2))
    parts.append(_numbered(number + 1, _packed_stream(b"".join(rows), extra)))
    parts.append(f"startxref\n{table}\n%%EOF\n".encode())
    output.write(b"".join(parts))


def _numbered(number: int, data: bytes) -> bytes:
    return b"%d 0 obj\n%s\nendobj\n" % (number, data)


def _stream_bytes(item: pydyf.Stream) -> bytes:
    if not item.compress:
        data: bytes = item.data
        return data
    content = b"\n".join(part if isinstance(part, bytes) else _bytes(part) for part in item.stream)
    pack = _packed_once if item.extra.get("Type") == "/EmbeddedFile" else _packed
    return _stream(pack(content), item.extra)


def _packed_stream(content: bytes, extra: dict[str, Any]) -> bytes:
    return _stream(_packed(content), extra)


def _stream(packed: bytes, extra: dict[str, Any]) -> bytes:
    about = pydyf.Dictionary({**extra, "Filter": "/FlateDecode", "Length": len(packed)})
    return b"\n".join((about.data, b"stream", packed, b"endstream"))


def _packed(content: bytes) -> bytes:
    return zlib.compress(content, _LEVEL)


@lru_cache(_SHARED)
def _packed_once(content: bytes) -> bytes:
    return _packed(content)


def _bytes(part: Any) -> bytes:
    if isinstance(part, pydyf.Object):
        data: bytes = part.data
        return data
    return str(part).encode("ascii")


def _row(number: int, places: dict[int, int], inside: dict[int, int], stream: int) -> bytes:
    """Where an object is: free, at a place of the file, or one of those in the stream."""
    if number in places:
        kind, where, which = 1, places[number], 0
    elif number in inside:
        kind, where, which = 2, stream, inside[number]
    else:
        kind, where, which = 0, 0, 65535
    return kind.to_bytes(1, "big") + where.to_bytes(4, "big") + which.to_bytes(2, "big")


def _hash(parts: list[bytes]) -> str:
    found = md5(usedforsecurity=False)
    for part in parts:
        found.update(part)
    return found.hexdigest()
