"""Text files: values with delimiters, turned into columns as they are written.

Nothing is guessed from the rows. The first line names the columns, and the delimiter is the one
that parts it into the most; every further line is a row with as many values. All values stay text
until a contract gives them a type. What was read is kept as a Parquet file for as long as the
text stays the same, so that it is read once, whatever the engine.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from io import TextIOWrapper
from itertools import islice
from os import utime
from pathlib import Path
from shutil import copyfileobj, rmtree
from tempfile import TemporaryDirectory
from time import time
from typing import Any

import duckdb

from scorecard.base.files import drafting
from scorecard.base.regular_file import open_regular, refuse_irregular

DELIMITERS = (",", ";", "\t", "|")
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
"""What a file begins with that says its own encoding."""
NAMED_DELIMITER = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)
"""A first line by which Excel is told the delimiter."""
READING = "3"
"""Changes when the same text would be read as other values, so that nothing read before is used."""
NO_UTF8 = (
    "it is not in UTF-8; save the file in that encoding, or say which it is in, as in "
    'encoding = "cp1252"'
)
NO_TEXT = "it is not text in columns, or in an encoding that has to be said"
UNUSED = 30 * 24 * 3600
"""Seconds after which a Parquet file that was not asked for is removed."""
CHUNK = 1 << 20
LINE = re.compile(r"CSV Error on Line: (\d+)")
FILE = re.compile(r"^ *file = (.+)$", re.MULTILINE)
COUNTED = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")


class TextError(Exception):
    """Why a text file cannot be read; str() names the file, and the line where one is at fault."""

    def __init__(self, why: str, line: int | None = None) -> None:
        super().__init__(why)
        self.why, self.line, self.file = why, line, ""

    def __str__(self) -> str:
        named = f"line {self.line} of {self.file}" if self.line else self.file
        return f"{named}: {self.why}"


class _MixedLinesError(TextError):
    """Lines of a file end in several ways, which the engine takes for one broken line."""


@dataclass(frozen=True)
class Head:
    """How a text file begins: its columns' names, its delimiter, and the lines before the names."""

    names: tuple[str, ...]
    delimiter: str
    skipped: int


def in_columns(file: Path, encoding: str, kept: Path) -> Path:
    """The Parquet file in the folder `kept` that has the rows of a text file, every value as text.

    `encoding` is one that Python knows; empty: UTF-8, or what the file itself begins with.
    TextError where the file cannot be read as it stands; it names the line.
    """
    return keep(file, encoding, kept, lambda partial: _convert(file, encoding, partial))


def keep(file: Path, how: str, kept: Path, convert: Callable[[Path], None]) -> Path:
    """The file in `kept` that has the rows of `file`, named by its digest as it is read `how`;
    `convert` writes it where it is not there yet. TextError names the file."""
    digest = digest_of(file, how)
    target = kept / f"{digest}.parquet"
    if target.is_file():
        utime(target)
        return target
    _let_go(target.parent)
    try:
        with drafting(target) as partial:
            convert(partial)
            if digest_of(file, how) != digest:  # or other rows would be kept under this digest
                said = "it was written to while it was read, so run again when it is whole"
                raise TextError(said)
    except TextError as error:
        error.file = file.name
        raise
    return target


def _convert(file: Path, encoding: str, target: Path) -> None:
    with _in_utf8(file, encoding) as plain:
        head = head_of(plain)
        try:
            rows = _converted(plain, head, target)
        except _MixedLinesError:
            with _alike(plain) as evened:
                rows = _converted(evened, head, target)
        _refuse_lost_rows(plain, head, rows)


def _let_go(kept: Path) -> None:
    """Remove what is a month old and was not asked for since: of texts that have changed, and
    what killed processes left."""
    for old in kept.iterdir() if kept.is_dir() else ():
        with suppress(FileNotFoundError):  # another process may be at it, too
            if old.lstat().st_mtime < time() - UNUSED:
                rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()


def digest_of(file: Path, encoding: str = "") -> str:
    """What tells the content of a file, and how it is read, from any other."""
    digest = sha256(f"{READING}\n{encoding}\n{file.suffix}\n".encode())
    with open_regular(file) as handle:
        while chunk := handle.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()[:32]


@contextmanager
def _in_utf8(file: Path, encoding: str) -> Iterator[Path]:
    """The file itself where it is plain UTF-8 already, else a copy of that name which is."""
    with _opened(file) as handle:
        begin = handle.read(4)
    marked = next((name for mark, name in MARKS.items() if begin.startswith(mark)), "")
    if (marked or encoding or "utf-8").lower().replace("_", "-") in ("utf-8", "utf8"):
        yield file
        return
    with TemporaryDirectory(prefix="scorecard-") as folder:
        copy = Path(folder) / file.name.removesuffix(".gz")
        try:
            with (
                TextIOWrapper(_opened(file), encoding=marked or encoding, newline="") as read,
                copy.open("w", encoding="utf-8", newline="") as plain,
            ):
                copyfileobj(read, plain, CHUNK)
        except UnicodeError as error:
            raise TextError(f"it is not in {marked or encoding} ({error})") from error
        yield copy


@contextmanager
def _alike(file: Path) -> Iterator[Path]:
    """A copy of the file whose lines all end alike."""
    with TemporaryDirectory(prefix="scorecard-") as folder:
        copy = Path(folder) / file.name.removesuffix(".gz")
        with (
            TextIOWrapper(_opened(file), encoding="utf-8", newline=None) as read,
            copy.open("w", encoding="utf-8", newline="\n") as even,
        ):
            copyfileobj(read, even, CHUNK)
        yield copy


def _opened(file: Path) -> Any:
    if not file.name.lower().endswith(".gz"):
        return open_regular(file)
    refuse_irregular(file)
    return gzip.open(file)


def _text(file: Path) -> TextIOWrapper:
    # Lines end as they do in the file, and nowhere else: a name may hold any other separator.
    return TextIOWrapper(_opened(file), encoding="utf-8", newline="")


def head_of(file: Path) -> Head:
    """How a text file in UTF-8 begins. TextError where its first line names no columns."""
    with _text(file) as handle:
        try:
            head = _head(handle)
        except UnicodeError as error:
            with _opened(file) as raw:
                binary = b"\0" in raw.read(CHUNK)
            raise TextError(NO_TEXT if binary else NO_UTF8) from error
        except csv.Error as error:
            raise TextError("a quote is opened and not closed in its first line") from error
    blank = [i for i, name in enumerate(head.names, 1) if not name.strip()]
    names = tuple(name if name.strip() else f"column {i}" for i, name in enumerate(head.names, 1))
    if len(blank) == len(names):
        raise TextError("its first line names no columns")
    again = sorted({name for name in names if names.count(name) > 1})
    if again:
        raise TextError(
            f'its first line names "{again[0]}" twice; give one of the two columns another name'
        )
    return Head(names, head.delimiter, head.skipped)


def _head(lines: Any) -> Head:
    first, skipped = next(lines, ""), 0
    if "\0" in first:
        raise TextError(NO_TEXT)
    given = NAMED_DELIMITER.match(first)
    if given:
        first, skipped = next(lines, ""), 1
    if not first.strip():
        empty = not any(line.strip() for line in islice(lines, 1000))
        raise TextError("it is empty" if empty else "its first line is empty, and names no columns")
    begin = [first, *islice(lines, 100)]  # a name may itself be of several lines
    if given:
        return Head(_names(begin, given[1]), given[1], skipped)
    delimiter = max(DELIMITERS, key=lambda mark: len(_names(begin, mark)))
    return Head(_names(begin, delimiter), delimiter, skipped)


def _names(begin: list[str], delimiter: str) -> tuple[str, ...]:
    return tuple(next(csv.reader(begin, delimiter=delimiter, strict=True), []))


def _converted(file: Path, head: Head, target: Path) -> int:
    """Write the rows as a Parquet file; how many they are."""
    columns = ", ".join(f"{_quoted(name)}: 'VARCHAR'" for name in head.names)
    read = (
        f"read_csv({_quoted(str(file))}, auto_detect = false, header = true, "
        f"skip = {head.skipped}, delim = {_quoted(head.delimiter)}, "
        f"quote = '\"', escape = '\"', comment = '', "
        f"columns = {{{columns}}})"
    )
    with closing(duckdb.connect()) as con:
        con.execute("SET enable_progress_bar = false")
        try:
            done = con.execute(f"COPY (FROM {read}) TO {_quoted(str(target))} (FORMAT parquet)")
        except duckdb.Error as error:
            if "invalid state" in str(error):
                raise _MixedLinesError("its lines end in several ways") from error
            raise told(str(error)) from error
        return int(done.fetchall()[0][0])


def told(text: str) -> TextError:
    """Which line of a text file DuckDB could not read, and why, in our words where we know them."""
    found, file = LINE.search(text), FILE.search(text)
    error = TextError(_cause(text), int(found[1])) if found else TextError(_first_line(text))
    error.file = Path(file[1]).name if file else "a text file"
    return error


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0].rstrip(".")


def _cause(text: str) -> str:
    if "not utf-8" in text:
        return NO_UTF8
    if found := COUNTED.search(text):
        values = "1 value" if found[2] == "1" else f"{found[2]} values"
        return f"{values} where the first line has {found[1]} names"
    if "unterminated quote" in text:
        return "a quote is opened and not closed"
    told = text.partition("\nPossible ")[0].strip().splitlines()
    return told[-1].rstrip(".")


def _refuse_lost_rows(file: Path, head: Head, rows: int) -> None:
    """TextError where the engine read another number of rows than Python counts in the file."""
    counted = records_in(file, head)
    if counted != rows:
        raise TextError(f"it has {counted:,} rows, of which {rows:,} could be read")


def records_in(file: Path, head: Head) -> int:
    """The rows after the first line, counted without the engine. A blank line is none, but where
    there is a single column: there it is a value that is empty."""
    blank_counts = len(head.names) == 1
    lines = _plain_lines(file, blank_counts)
    if lines is not None:
        return lines - 1 - head.skipped
    with _text(file) as handle:
        read = csv.reader(islice(handle, head.skipped, None), delimiter=head.delimiter)
        return sum(1 for row in read if row or blank_counts) - 1


def _plain_lines(file: Path, blank_counts: bool) -> int | None:
    """The lines of a file, blank ones only if they count; None where a value is in quotes, which
    may have line ends in it."""
    count = 0
    with _opened(file) as handle:
        for line in handle:
            if b'"' in line or b"\r" in line[:-2]:
                return None
            count += blank_counts or bool(line.strip(b"\r\n"))
    return count


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
