"""The parts of an Excel file: its sheets and the cells that have a value, as the file itself has
them. What is read of a sheet is held against this count, and what would mislead is found here."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import IO, Literal
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from scorecard.base.regular_file import open_regular
from scorecard.facts.text_files import TextError

PROTECTED = b"\xd0\xcf\x11\xe0"
"""What files begin with that are encrypted, or of the kind before .xlsx."""
DAMAGED = (
    *(BadZipFile, ElementTree.ParseError, LookupError, ValueError, EOFError, zlib.error),
    *(NotImplementedError, RuntimeError),
)
"""What a zip or XML that is damaged raises: also encodings, compressions and passwords that it
names and that there are not."""
MAIN = "xl/workbook.xml"
DIGITS = "0123456789"
CELL = re.compile(r"([A-Z]+)([0-9]+)")


@dataclass(frozen=True)
class Cell:
    """A cell that has a value or a formula; rows and columns begin with 1."""

    row: int
    column: int
    blank: bool
    uncalculated: bool


@dataclass
class Counted:
    """What a sheet has from the row on that names its columns: the last row with a value, the cells
    with one, their first column, the first formula without one, and cells of several columns that
    are merged in that row, if there are any."""

    last_row: int = 0
    cells: int = 0
    first_column: int = 0
    uncalculated: str = ""
    merged: str = ""


class Workbook:
    """An Excel file, opened to be counted; TextError where it is none."""

    def __init__(self, file: Path) -> None:
        with open_regular(file) as handle:
            begin = handle.read(4)
        if begin == PROTECTED:
            raise TextError(
                "it opens with a password, or is of the kind before .xlsx; save it as .xlsx "
                "without a password"
            )
        if file.name.startswith("~$"):
            raise TextError("it only marks a file that Excel has open; close that, and it goes")
        try:
            self._zip = ZipFile(file)
            self.sheets = self._sheets()
            self._blanks = self._blank_texts()
        except DAMAGED as error:
            raise TextError("it is damaged, or no Excel file") from error

    def close(self) -> None:
        self._zip.close()

    def has_values(self, sheet: str) -> bool:
        """Whether any cell of a sheet has a value."""
        return any(not cell.blank for cell in self._cells(sheet, []))

    def count(self, sheet: str, first_row: int) -> Counted:
        """The cells of a sheet from that row on."""
        found, merged = Counted(), list[str]()
        for cell in self._cells(sheet, merged):
            if cell.row < first_row:
                continue
            if cell.uncalculated and not found.uncalculated:
                found.uncalculated = f"{letters(cell.column)}{cell.row}"
            if not cell.blank:
                found.last_row = max(found.last_row, cell.row)
                found.cells += 1
                found.first_column = min(found.first_column or cell.column, cell.column)
        found.merged = next((cells for cells in merged if _merges(cells, first_row)), "")
        return found

    def _sheets(self) -> dict[str, str]:
        """The part of each sheet by its name, in their order; charts are none."""
        parts = {
            element.get("Id"): str(PurePosixPath("xl") / element.get("Target", ""))
            for _event, element in self._parsed("xl/_rels/workbook.xml.rels", ("end",))
            if element.get("Type", "").endswith("/worksheet")
        }
        sheets = {}
        for _event, element in self._parsed(MAIN, ("end",)):
            if _name(element) == "sheet":
                id = next((v for k, v in element.items() if k.endswith("}id")), None)
                if id in parts:
                    sheets[element.get("name", "")] = parts[id].removeprefix("/")
        return sheets

    def _blank_texts(self) -> frozenset[str]:
        """The numbers of shared texts that have nothing in them."""
        if "xl/sharedStrings.xml" not in self._zip.namelist():
            return frozenset()
        blank, number = [], 0
        for _event, element in self._parsed("xl/sharedStrings.xml", ("end",)):
            if _name(element) == "si":
                if not _text(element).strip():
                    blank.append(str(number))
                number += 1
                element.clear()
        return frozenset(blank)

    def _cells(self, sheet: str, merged: list[str]) -> Iterator[Cell]:
        """The cells of a sheet that have a value or a formula, row by row; those that are merged
        are added to `merged`, as "A1:C1"."""
        row, data = 0, None
        for event, element in self._parsed(self.sheets[sheet], ("start", "end")):
            if event == "start":
                data = element if _name(element) == "sheetData" else data
            elif _name(element) == "row" and data is not None:
                row = int(element.get("r", row + 1))
                yield from self._of_row(element, row)
                data.clear()
            elif _name(element) == "mergeCell":
                merged.append(element.get("ref", ""))

    def _of_row(self, element: ElementTree.Element, row: int) -> Iterator[Cell]:
        column = 0
        for cell in element:
            place = cell.get("r")
            column = number(place.rstrip(DIGITS)) if place else column + 1
            parts = {_name(part): part for part in cell}
            if "v" not in parts and "is" not in parts and "f" not in parts:
                continue
            inline = parts.get("is")
            text = _text(inline) if inline is not None else _said(parts.get("v"))
            blank = not text.strip() or (cell.get("t") == "s" and text in self._blanks)
            yield Cell(row, column, blank, "f" in parts and "v" not in parts)

    def _parsed(
        self, part: str, events: tuple[Literal["start", "end"], ...]
    ) -> Iterator[tuple[str, ElementTree.Element]]:
        opened: IO[bytes]
        try:
            with self._zip.open(part) as opened:
                yield from ElementTree.iterparse(opened, events)
        except DAMAGED as error:
            raise TextError("it is damaged, or no Excel file") from error


def _merges(cells: str, row: int) -> bool:
    """Whether cells such as "A1:C1" are of several columns, and of that row."""
    first, last = (CELL.fullmatch(end) for end in (cells.partition(":")[::2]))
    if not first or not last:
        return False
    return first[1] != last[1] and int(first[2]) <= row <= int(last[2])


@cache
def number(column: str) -> int:
    """The number of a column: 1 for A, 27 for AA."""
    found = 0
    for letter in column:
        found = found * 26 + ord(letter) - ord("A") + 1
    return found


def letters(column: int) -> str:
    """The name of a column: A for 1, AA for 27."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _name(element: ElementTree.Element) -> str:
    """The name of an element, whichever edition of the format it is of."""
    return element.tag.rpartition("}")[2]


def _said(element: ElementTree.Element | None) -> str:
    return (element.text or "") if element is not None else ""


def _text(element: ElementTree.Element) -> str:
    """A text of one or several parts."""
    return "".join(_said(part) for part in element.iter() if _name(part) == "t")
