"""Workbooks: a sheet of an Excel file, turned into columns as text files are.

Nothing is guessed. The row that is said to, or the first, names the columns; every further row down
to the last with a value is a row, hidden ones too. Cells become the text that a text file would
have: whole numbers without a point, days as 2026-10-31, errors as Excel shows them, formulas as
what they came to.
"""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

from scorecard.errors import did_you_mean
from scorecard.facts.text_files import TextError, keep
from scorecard.facts.workbook_parts import Counted, Workbook, letters

ERRORS = {
    "Div0": "#DIV/0!",
    "GettingData": "#GETTING_DATA",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
}
"""What Excel shows by what the reader calls it."""
MOMENT = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d+)?$"
MIDNIGHT = r"^\d{4}-\d{2}-\d{2} 00:00:00$"
THREE_DECIMALS = r"^-?[1-9]\d{0,2}\.\d{3}$"


def in_columns(file: Path, sheet: str, first_row: int, kept: Path) -> Path:
    """The Parquet file in the folder `kept` that has the rows of a sheet, every value as text.

    `sheet` is its name; empty: the only one that has values. `first_row` is the row, from 1 on,
    that names the columns. TextError where the sheet cannot be read as it stands.
    """
    how = f"sheet {sheet!r} from row {first_row}"
    return keep(file, how, kept, lambda partial: _convert(file, sheet, first_row, partial))


def _convert(file: Path, sheet: str, first_row: int, target: Path) -> None:
    import pyarrow.parquet as pq

    with closing(Workbook(file)) as book:
        chosen = _chosen(book, sheet)
        counted = book.count(chosen, first_row)
        _refuse_misleading(chosen, counted, first_row)
    pq.write_table(_table(_Sheet(file, chosen, first_row), counted), target)


def _chosen(book: Workbook, sheet: str) -> str:
    """The sheet that is said, or the only one that has values."""
    if sheet:
        if sheet not in book.sheets:
            near = did_you_mean(sheet, book.sheets).rstrip(".")
            raise TextError(f'it has no sheet "{sheet}".{near}')
        return sheet
    filled = [name for name in book.sheets if book.has_values(name)]
    if not filled:
        raise TextError("it is empty")
    if len(filled) > 1:
        named = ", ".join(f'"{name}"' for name in filled)
        raise TextError(
            f'several of its sheets have values: {named}; say which, as in sheet = "{filled[0]}"'
        )
    return filled[0]


def _refuse_misleading(sheet: str, counted: Counted, first_row: int) -> None:
    if counted.last_row < first_row:
        raise TextError(f'sheet "{sheet}" has no values from row {first_row} on')
    if counted.uncalculated:
        raise TextError(
            f'the formula in {counted.uncalculated} of sheet "{sheet}" was never calculated; open '
            "the file in Excel and save it"
        )
    if counted.merged:
        raise TextError(
            f"cells {counted.merged} are merged in row {first_row}, which names the columns; "
            "separate them, or say which row does, as in first_row = 2"
        )


class _Sheet:
    """A sheet from the row on that names its columns: texts by column, None where one is empty."""

    def __init__(self, file: Path, sheet: str, first_row: int) -> None:
        import fastexcel

        self.name, self.first_row = sheet, first_row
        try:
            self._book = fastexcel.read_excel(file)
            read = self._load("string")
            batch, errors = read.to_arrow_with_errors()
        except fastexcel.FastExcelError as error:
            raise TextError(f"it cannot be read: {str(error).splitlines()[0]}") from error
        self.columns = [[text or None for text in column.to_pylist()] for column in batch.columns]
        for cell in errors.errors if errors else ():
            row, column = cell.offset_position
            self.columns[column][row] = _shown(cell.detail)

    def _load(self, type: Literal["string", "boolean"]) -> Any:
        return self._book.load_sheet(
            self.name, header_row=None, skip_rows=self.first_row - 1, dtypes=type
        )

    def numbers(self, column: int) -> list[bool]:
        """Which cells of a column are numbers, and not text that looks like one."""
        batch = self._load("boolean").to_arrow()
        return [value is not None for value in batch.column(column).to_pylist()]


def _shown(detail: str) -> str:
    """A cell without a text as Excel shows it; TextError where that is not known."""
    found = re.search(r"Error\((\w+)\)", detail)
    if not found or found[1] not in ERRORS:
        raise TextError(f"a cell cannot be read: {detail}")
    return ERRORS[found[1]]


def _table(sheet: _Sheet, counted: Counted) -> Any:
    """The rows below the names, as an Arrow table of texts."""
    import pyarrow as pa

    rows = counted.last_row - sheet.first_row
    cells = sum(1 for column in sheet.columns for text in column if (text or "").strip())
    beyond = any((t or "").strip() for column in sheet.columns for t in column[rows + 1 :])
    lacking = any(len(column) < rows + 1 for column in sheet.columns)
    if cells != counted.cells or beyond or lacking:
        raise TextError(
            f'sheet "{sheet.name}" has {counted.cells:,} cells with a value, of which {cells:,} '
            "could be read"
        )
    names = _names(sheet, counted)
    written = {
        name: _written(sheet, i, sheet.columns[i][1 : rows + 1]) for i, name in names.items()
    }
    return pa.table({name: pa.array(texts, pa.string()) for name, texts in written.items()})


def _names(sheet: _Sheet, counted: Counted) -> dict[int, str]:
    """The names of the columns by their place among those that are read; those without a name and
    without values are none."""
    where = f"row {sheet.first_row}"
    names = {i: column[0] or "" for i, column in enumerate(sheet.columns)}
    if not any(name.strip() for name in names.values()):
        raise TextError(f"{where} names no columns; say which row does, as in first_row = 3")
    named: dict[int, str] = {}
    for i, name in names.items():
        if name.strip():
            if name in named.values():
                raise TextError(
                    f'{where} names "{name}" twice; give one of the two columns another name'
                )
            named[i] = name
        elif any((text or "").strip() for text in sheet.columns[i][1:]):
            raise TextError(
                f"column {letters(counted.first_column + i)} has values, and no name in {where}; "
                "give it one, or say which row names the columns, as in first_row = 3"
            )
    return named


def _written(sheet: _Sheet, column: int, texts: list[str | None]) -> list[str | None]:
    """The texts of a column, where days that have no time are written without one.

    A number with three decimals gets a fourth, so that its point cannot be taken for a mark
    between thousands.
    """
    moments = [text for text in texts if text and re.match(MOMENT, text)]
    if moments and all(re.match(MIDNIGHT, text) for text in moments):
        return [t.removesuffix(" 00:00:00") if t and re.match(MIDNIGHT, t) else t for t in texts]
    if any(text and re.match(THREE_DECIMALS, text) for text in texts):
        numbers = sheet.numbers(column)[1:]
        return [
            f"{text}0" if text and is_number and re.match(THREE_DECIMALS, text) else text
            for text, is_number in zip(texts, numbers, strict=False)
        ]
    return texts
