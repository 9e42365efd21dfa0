"""Mail templates (Jinja2): the subject, texts and file name of a mail from its content."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from scorecard.documents.model import Table
from scorecard.mail.content import MailContent
from scorecard.mail.filling import FOLDER, Filler

_WIDEST = 78
"""Characters in a line of a plain text; a table that is wider is written as a list."""
_LONGEST_NAME = 100
"""Characters of a file's name without its ending."""
_MOST_BYTES = 200
"""Bytes of a file's name without its ending; file systems take 255 for the whole."""
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')


class MailTemplates:
    """A project's mail templates, and the shipped ones where it has none.

    Each kind of mail has mail/<kind>.subject.j2, .txt.j2 and .html.j2; they see
    `letter` (the MailContent), `files` (the names of the attachments) and
    `table_lines` (its table in plain text). RenderError names template and line,
    or the limit that a template met.
    """

    def __init__(self, project_templates: Path | None, shipped: Path) -> None:
        self._filler = Filler(project_templates, shipped)

    def subject(self, content: MailContent) -> str:
        """The subject in one line, with white space collapsed."""
        return " ".join(self._filled(f"{_slug(content)}.subject", content).split())

    def text(self, content: MailContent, files: Sequence[str]) -> str:
        """The plain text, with one empty line between paragraphs."""
        filled = self._filled(f"{_slug(content)}.txt", content, files)
        return re.sub(r"\n{3,}", "\n\n", filled).strip() + "\n"

    def html(self, content: MailContent, files: Sequence[str]) -> str:
        return self._filled(f"{_slug(content)}.html", content, files)

    def file_name(self, content: MailContent, ending: str = ".pdf") -> str:
        """The attachment's name; characters that file systems refuse are replaced by hyphens.

        The middle of a long one is left out, and six digits of its hash tell it from others.
        """
        stem = _shortened(" ".join(self._filled("file_name", content).split()))
        return f"{stem or 'document'}{ending}"

    def _filled(self, name: str, content: MailContent, files: Sequence[str] = ()) -> str:
        lines = in_plain_text(content.table) if content.table else []
        return self._filler.fill(f"{FOLDER}/{name}.j2", content, tuple(files), tuple(lines))


def _shortened(name: str) -> str:
    """A name that every file system takes; a long one keeps its beginning and its end."""
    stem = _NOT_IN_NAMES.sub("-", name).strip(" .-")
    if _fits(stem):
        return stem
    mark = sha256(name.encode()).hexdigest()[:6]
    for kept in range(_LONGEST_NAME, 0, -1):
        begins, ends = stem[: kept // 2].rstrip(), stem[-(kept - kept // 2) :].lstrip()
        if _fits(shorter := f"{begins}~{ends} {mark}"):
            return shorter
    return mark


def _fits(stem: str) -> bool:
    return len(stem) <= _LONGEST_NAME and len(stem.encode()) <= _MOST_BYTES


def in_plain_text(table: Table) -> list[str]:
    """The table's lines: in columns, or a row in words each where these would be too wide."""
    widths = [
        max(_width(cell) for cell in (*name.split(), *cells))
        for name, *cells in zip(table.columns, *table.rows, strict=True)
    ]
    title = [table.caption, ""] if table.caption else []
    if sum(widths) + 2 * (len(widths) - 1) > _WIDEST:
        return title + [_in_words(table.columns, row) for row in table.rows]
    heads = [_broken(name, width) for name, width in zip(table.columns, widths, strict=True)]
    deepest = max(map(len, heads))
    top = zip(*([""] * (deepest - len(head)) + head for head in heads), strict=True)
    return title + [_line(row, widths, table.numeric) for row in (*top, *table.rows)]


def _broken(name: str, width: int) -> list[str]:
    """A column's name broken into lines no wider than the column."""
    lines = [""]
    for word in name.split():
        if lines[-1] and _width(lines[-1]) + 1 + _width(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _in_words(columns: Sequence[str], row: Sequence[str]) -> str:
    pairs = zip(columns[1:], row[1:], strict=True)
    return f"{row[0]}: " + "; ".join(f"{name} {cell}".strip() for name, cell in pairs)


def _line(row: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    cells = []
    for cell, width, right in zip(row, widths, numeric, strict=True):
        gap = " " * (width - _width(cell))
        cells.append(f"{gap}{cell}" if right else f"{cell}{gap}")
    return "  ".join(cells).rstrip()


def _width(text: str) -> int:
    """The text's width in a monospaced font: ideographs count two, combining marks nothing."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _slug(content: MailContent) -> str:
    return content.kind.replace(" ", "-")
