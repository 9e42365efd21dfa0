"""Stationery: the templates of subjects, texts and file names, filled in with a letter."""

from __future__ import annotations

import re
import traceback
import unicodedata
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, TemplateSyntaxError

from scorecard.base.template_files import template_loader
from scorecard.documents.packet_model import Table
from scorecard.errors import RenderError
from scorecard.mail.content import MailContent

FOLDER = "mail"
_WIDEST = 78
"""Columns of a table in a plain text; a wider one is written as a list."""
_LONGEST_NAME = 100
_MOST_BYTES = 200
"""Of a file's name; 255 is what file systems take."""
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')


class MailTemplates:
    """A project's mail templates, and the shipped ones where it has none.

    Each kind of letter has mail/<kind>.subject.j2, .txt.j2 and .html.j2; they
    see `letter`, `files` (the names of what is enclosed) and `table_lines`
    (the letter's table in plain text). RenderError names template and line.
    """

    def __init__(self, project_templates: Path | None, shipped: Path) -> None:
        self._templates = Environment(
            loader=template_loader(project_templates, shipped),
            undefined=StrictUndefined,
            autoescape=lambda name: name is not None and name.endswith(".html.j2"),
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def subject(self, letter: MailContent) -> str:
        """One line: whatever white space the template leaves is collapsed."""
        return " ".join(self._filled(f"{_slug(letter)}.subject", letter).split())

    def text(self, letter: MailContent, files: Sequence[str]) -> str:
        """The plain text, in paragraphs parted by one empty line."""
        filled = self._filled(f"{_slug(letter)}.txt", letter, files)
        return re.sub(r"\n{3,}", "\n\n", filled).strip() + "\n"

    def html(self, letter: MailContent, files: Sequence[str]) -> str:
        return self._filled(f"{_slug(letter)}.html", letter, files)

    def file_name(self, letter: MailContent, ending: str = ".pdf") -> str:
        """The enclosed document's name; what no file system takes is replaced by a hyphen.

        From the middle of a long one is taken what is too much, and a mark tells it from others.
        """
        stem = _shortened(" ".join(self._filled("file_name", letter).split()))
        return f"{stem or 'document'}{ending}"

    def _filled(self, name: str, letter: MailContent, files: Sequence[str] = ()) -> str:
        path = f"{FOLDER}/{name}.j2"
        lines = in_plain_text(letter.table) if letter.table else []
        try:
            template = self._templates.get_template(path)
            return template.render(letter=letter, files=tuple(files), table_lines=lines)
        except Exception as error:  # a project's template can raise anything
            place = _place(error, path)
            said = " ".join(str(error).split()).rstrip(".")
            raise RenderError(f"Template {place} cannot be filled: {said}.") from error


def _shortened(name: str) -> str:
    """A file's name that every system takes; a long one keeps how it begins and how it ends."""
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
    """The table in columns; each row in words where that would be too wide."""
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
    """A column's head in lines no wider than the column."""
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
    """Columns that a text takes where all letters are equally wide, and ideographs twice that."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _slug(letter: MailContent) -> str:
    return letter.kind.replace(" ", "-")


def _place(error: Exception, path: str) -> str:
    """The innermost template that the error comes from, and its line."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.name or path}:{error.lineno}"
    frames: list[Any] = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        parts = Path(frame.filename).parts
        if frame.filename.endswith(".j2") and FOLDER in parts:
            inside = parts[len(parts) - 1 - parts[::-1].index(FOLDER) :]
            return f"{'/'.join(inside)}:{frame.lineno}"
    return path
