"""Exports: the files of a folder, read as they will be read later, and what was passed over.

The only thing tried is an encoding, where a text is not in UTF-8, and the row of a sheet that names
its columns. Both are written into the proposal, so that later reading tries nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from scorecard.facts.contracts import WORKBOOKS
from scorecard.facts.engine import said
from scorecard.facts.text_files import NO_UTF8, TextError, in_columns
from scorecard.facts.workbook_parts import Workbook
from scorecard.facts.workbooks import in_columns as sheet_in_columns

TEXTS = (".csv", ".csv.gz", ".tsv")
ENCODINGS = ("cp1252", "latin-1")
"""What a text is in that is not in UTF-8, as Western systems write it; latin-1 fits any bytes."""
FIRST_ROWS = range(1, 7)
"""Rows of a sheet in which its columns' names are looked for."""
FEWEST = 2
"""Columns that a row must name to be taken for the names, where it is not the first."""
DOCUMENTS = {
    **dict.fromkeys((".pdf", ".doc", ".docx", ".md", ".txt", ".html"), "a document, no table"),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".svg"), "a picture"),
    **dict.fromkeys((".xls", ".xlsb", ".ods"), "save it as .xlsx"),
    **dict.fromkeys((".zip", ".7z", ".tar", ".rar"), "unpack it first"),
    **dict.fromkeys(
        (".json", ".jsonl", ".ndjson", ".xml"), "save it as text in columns, or Parquet"
    ),
}
"""Why a file is passed over, by the end of its name."""


@dataclass(frozen=True)
class Export:
    """A file, a sheet of one, or several files that are parts of one table.

    `parquets` have its rows. `sheet` is empty where the file has only one with values, `encoding`
    where none needs to be said, and `pattern` where it is not the name of several files.
    """

    file: Path
    parquets: tuple[Path, ...]
    columns: tuple[str, ...]
    rows: int
    encoding: str = ""
    sheet: str = ""
    first_row: int = 1
    pattern: str = ""

    @property
    def label(self) -> str:
        name = self.pattern or self.file.name
        return f'{name}, sheet "{self.sheet}"' if self.sheet else name

    @property
    def is_text(self) -> bool:
        return self.file.name.lower().endswith(TEXTS)

    @property
    def is_parquet(self) -> bool:
        return self.file.name.lower().endswith(".parquet")

    @property
    def stem(self) -> str:
        """What names it: its sheet and the name of its file without the end."""
        return f"{self.sheet} {self.file.name.partition('.')[0]}".strip()


@dataclass(frozen=True)
class PassedOver:
    """A file, or a sheet, that is not in the proposal, and why."""

    label: str
    why: str


def exports_in(folder: Path, kept: Path) -> tuple[list[Export], list[PassedOver]]:
    """What can be read of a folder and the folders in it, by name; hidden ones are not looked at.

    What is read is kept as columns in the folder `kept`.
    """
    found: list[Export] = []
    over: list[PassedOver] = []
    for file in sorted(f for f in folder.rglob("*") if f.is_file()):
        inside = file.relative_to(folder)
        if any(part.startswith((".", "~$")) for part in inside.parts):
            continue
        name = file.name.lower()
        if not name.endswith((*TEXTS, *WORKBOOKS, ".parquet")):
            why = DOCUMENTS.get(file.suffix.lower(), "no table: text, Excel and Parquet are read")
            over.append(PassedOver(str(inside), why))
            continue
        for read in _read(file, kept):
            if isinstance(read, PassedOver):
                over.append(read)
            elif read.rows:
                found.append(read)
            else:
                over.append(PassedOver(read.label, "it has names of columns, and no rows"))
    return _together(found), over


def _together(exports: list[Export]) -> list[Export]:
    """The exports, of which those are one that lie in one folder, have the same columns and names
    that differ in figures only, as "sales_2026-05.csv"; if no other file is named so."""
    groups: dict[object, list[Export]] = {}
    for export in exports:
        key: object = export
        if not export.sheet and export.first_row == 1:
            key = (export.file.parent, _pattern(export.file), export.columns, export.encoding)
        groups.setdefault(key, []).append(export)
    done: list[Export] = []
    for group in groups.values():
        first, pattern = group[0], _pattern(group[0].file)
        named = sorted(first.file.parent.glob(pattern))
        if len(group) > 1 and named == sorted(each.file for each in group):
            parquets = tuple(p for each in group for p in each.parquets)
            rows = sum(each.rows for each in group)
            done.append(replace(first, parquets=parquets, rows=rows, pattern=pattern))
        else:
            done += group
    return done


def _pattern(file: Path) -> str:
    """The name of a file with `*` in the place of its figures."""
    return re.sub(r"[0-9]+([-_.]?[0-9]+)*", "*", file.name)


def _read(file: Path, kept: Path) -> Iterator[Export | PassedOver]:
    try:
        if file.name.lower().endswith(WORKBOOKS):
            yield from _sheets(file, kept)
        elif file.name.lower().endswith(".parquet"):
            yield _export(file, file)
        else:
            yield _text(file, kept)
    except TextError as error:
        yield PassedOver(file.name, f"it cannot be read: {error}")
    except (duckdb.Error, OSError) as error:
        yield PassedOver(file.name, f"it cannot be read: {said(error)}")


def _text(file: Path, kept: Path) -> Export:
    """A text file; in another encoding where it is not in UTF-8."""
    try:
        return _export(file, in_columns(file, "", kept))
    except TextError as error:
        if error.why != NO_UTF8:
            raise
        first = error
    for encoding in ENCODINGS:
        try:
            return _export(file, in_columns(file, encoding, kept), encoding=encoding)
        except TextError as error:
            if "it is not in" not in error.why:
                raise
    raise first


def _sheets(file: Path, kept: Path) -> Iterator[Export | PassedOver]:
    with closing(Workbook(file)) as book:
        filled = [name for name in book.sheets if book.has_values(name)]
    if not filled:
        raise TextError("it is empty")
    for name in filled:
        try:
            yield _sheet(file, name, "" if len(filled) == 1 else name, kept)
        except TextError as error:
            yield PassedOver(f'{file.name}, sheet "{name}"', f"it cannot be read: {error}")


def _sheet(file: Path, name: str, said: str, kept: Path) -> Export:
    """A sheet, from the first row on that names its columns."""
    first: TextError | None = None
    for row in FIRST_ROWS:
        try:
            read = _export(file, sheet_in_columns(file, name, row, kept), sheet=said, first_row=row)
        except TextError as error:
            first = first or error
            continue
        if row == 1 or len(read.columns) >= FEWEST:
            return read
    assert first is not None
    raise first


def _export(file: Path, parquet: Path, **how: object) -> Export:
    with closing(duckdb.connect()) as con:
        rows = con.read_parquet(str(parquet), hive_partitioning=False)
        names = tuple(rows.columns)
        counted = rows.aggregate("count(*)").fetchall()[0][0]
    return Export(file, (parquet,), names, int(counted), **how)  # type: ignore[arg-type]
