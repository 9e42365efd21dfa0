"""Mail templates (Jinja2): the subject, texts and file name of a mail from its content."""

from __future__ import annotations

import re
import traceback
import unicodedata
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import TemplateSyntaxError

from scorecard.base.template_files import environment
from scorecard.documents.model import Table
from scorecard.errors import RenderError
from scorecard.mail.content import MailContent

FOLDER = "mail"
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
    `table_lines` (its table in plain text). RenderError names template and line.
    """

    def __init__(self, project_templates: Path | None, shipped: Path) -> None:
        self._templates = environment(
            project_templates,
            shipped,
            autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        )

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
        path = f"{FOLDER}/{name}.j2"
        lines = in_plain_text(content.table) if content.table else []
        try:
            template = self._templates.get_template(path)
            return template.render(letter=content, files=tuple(files), table_lines=lines)
        except Exception as error:  # a project's template can raise anything
            place = _place(error, path)
            said = " ".join(str(error).split()).rstrip(".")
            raise RenderError(f"Template {place} cannot be filled: {said}.") from error


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


def _place(error: Exception, path: str) -> str:
    """The innermost template that the error comes from, and its line: "mail/test.txt.j2:3"."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.name or path}:{error.lineno}"
    frames: list[Any] = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        parts = Path(frame.filename).parts
        if frame.filename.endswith(".j2") and FOLDER in parts:
            inside = parts[len(parts) - 1 - parts[::-1].index(FOLDER) :]
            return f"{'/'.join(inside)}:{frame.lineno}"
    return path
