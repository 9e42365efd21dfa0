"""The binding of a company's own files, tables and columns to the columns of contracts.

Text files are read without guessing types: every column is text until its
contract says otherwise, so "00017" stays a code and 03/04/2026 is an error
instead of a surprise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from glob import glob
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import ibis
import ibis.expr.types as ir

from scorecard.base.regular_file import refuse_irregular
from scorecard.errors import ChangedError, EngineError, FactsError, did_you_mean
from scorecard.facts import spark, workbooks
from scorecard.facts.clean_columns import clean_columns
from scorecard.facts.contracts import SIGNED, WORKBOOKS, Contract, Source, contract
from scorecard.facts.engine import guarded, said
from scorecard.facts.mapping import emptied_of, mapped_of, nearest_column, parted, written_of
from scorecard.facts.one_state import FileState
from scorecard.facts.text_files import TextError, in_columns
from scorecard.facts.values import Zones, convert
from scorecard.facts.writing import PLAIN, RETURNED, Mapped, Writing

FILES = (".parquet", ".csv", ".csv.gz", ".tsv", *WORKBOOKS)
OTHER_FILES = (
    *(".xls", ".xlsb", ".ods", ".json", ".jsonl", ".ndjson", ".txt", ".zip", ".feather", ".orc"),
)


@dataclass(frozen=True)
class Bound:
    """A source whose columns are matched: `columns` says what each contract column is made of.

    `bytes` is the size of its files, 0 for tables and queries. `placeholders` are the project's
    own, beside those that are known; `clean` are columns of the source that have none.
    `digests` tell the content of its files from any other, and `files` those that the engine reads
    itself, as they were found.
    """

    contract: Contract
    source: Source
    raw: ir.Table
    columns: dict[str, Mapped]
    bytes: int
    placeholders: tuple[str, ...] = ()
    clean: frozenset[str] = frozenset()
    digests: tuple[str, ...] = ()
    files: tuple[FileState, ...] = ()

    @property
    def columnar(self) -> bool:
        """Whether it lies in Parquet files, which are as quick to read as a copy in memory."""
        return not self.source.is_sql and self.source.of.lower().endswith(".parquet")

    @property
    def is_text(self) -> bool:
        """Whether it lies in text files, so that every value is text."""
        return self.bytes > 0 and not self.columnar

    @property
    def place(self) -> str:
        return f"facts.{self.contract.table}"

    def written(self, name: str) -> Any:
        """What the source has for a contract column, whatever it stands for."""
        return written_of(self.columns[name], self.raw)

    def parted(self, name: str) -> Any:
        """True where a part of what is joined has the mark in it by which it is joined."""
        return parted(self.columns[name], self.raw)

    def theirs(self, name: str) -> Any:
        """What the source has for a contract column, empty where it stands for nothing."""
        value, mapped = self.written(name), self.columns[name]
        column = self.contract.column(name)
        assert column is not None
        if self.is_clean(name):
            return value
        if self.numbers_rows(name) and not mapped.is_joined:
            return value.nullif("") if value.type().is_string() else value
        return emptied_of(mapped, self.raw, column, self.placeholders)

    def writing(self, name: str) -> Writing:
        """How the source writes a contract column."""
        mapped, usual = self.columns[name], self.source.writing
        if mapped.value is not None:
            return PLAIN  # a constant is the project's, and written as it writes
        if mapped.decimal or mapped.thousands:
            usual = replace(usual, decimal=mapped.decimal, thousands=mapped.thousands)
        return replace(usual, date=mapped.date) if mapped.date else usual

    def is_clean(self, name: str) -> bool:
        """Whether it is known that no value of a contract column stands for nothing."""
        return set(self.columns[name].of) <= self.clean

    def numbers_rows(self, name: str) -> bool:
        """Whether a column only tells rows apart: then nothing is made of it but a finding where
        two rows have the same, and what stands for nothing need not be looked for."""
        return self.contract.key == (name,) and self.contract.table != "customers"


def bind(
    con: Any,
    source: Source,
    folder: Path,
    columns: Path | None = None,
    placeholders: tuple[str, ...] = (),
) -> Bound:
    """Find the source and match its columns with the contract; FactsError where that fails.

    Text files are kept as columns in the folder `columns`, None: among temporary files.
    """
    wanted = contract(source.table)
    kept = columns or Path(gettempdir()) / "scorecard-columns"
    raw, files, size = _raw(con, source, folder, kept)
    matched = _match(wanted, source, raw.columns)
    try:
        with guarded():
            each = [clean_columns(f.path, f.digest, placeholders, kept) for f in files]
    except EngineError as error:
        raise _unkept(source, error.__cause__ or error) from error
    clean = frozenset.intersection(*each) if each else frozenset()
    digests = tuple(f.digest for f in files)
    read = tuple(f for f in files if f.found)
    return Bound(wanted, source, raw, matched, size, placeholders, clean, digests, read)


def _raw(
    con: Any, source: Source, folder: Path, kept: Path
) -> tuple[ir.Table, list[FileState], int]:
    """The source as a table, the Parquet files that have its rows, if any, and the bytes of its own
    files."""
    try:
        if source.is_sql:
            return con.sql(source.of.strip().rstrip(";")), [], 0
        if _is_path(source.of):
            files = files_of(source, folder)
            _refuse_irregular(files, source)
            columnar = [_columnar(f, source, kept) for f in files]
            read = _read(con, [f.path for f in columnar])
            return read, columnar, sum(f.stat().st_size for f in files)
        *database, name = source.of.split(".")
        return con.table(name, database=tuple(database) or None), [], 0
    except ChangedError as error:
        raise FactsError(f"facts.{source.table}: {error}") from error
    except FactsError:
        raise
    except Exception as error:  # engines raise their own kinds for unknown tables and bad SQL
        raise FactsError(_unreadable(con, source, error)) from error


def _unreadable(con: Any, source: Source, error: Exception) -> str:
    place = f"facts.{source.table}"
    if source.is_sql:
        return f"{place}: the query cannot be run ({said(error)}); correct it."
    if _is_path(source.of):
        return f'{place}: "{source.of}" cannot be read ({said(error)}); mend or replace the file.'
    return (
        f'{place}: there is no table "{source.of}" ({said(error)}); name a table or file that '
        f"exists.{did_you_mean(source.of, con.list_tables())}"
    )


def _is_path(of: str) -> bool:
    return "/" in of or of.lower().endswith((*FILES, *OTHER_FILES))


def files_of(source: Source, folder: Path) -> list[Path]:
    """The files of a path or glob, in the order of their names."""
    place = f"facts.{source.table}"
    if not source.of.lower().endswith(FILES):
        raise FactsError(
            f'{place}: "{source.of}" is not one of {", ".join(FILES)}; save it as one of these, '
            "or read it in a query (sql = …)."
        )
    exact = folder / source.of
    found = [exact] if exact.is_file() else []
    found = found or [Path(f) for f in glob(source.of, root_dir=folder, recursive=True)]
    if found:
        return sorted(folder / f for f in found)
    beside = [f.name for f in exact.parent.glob("*") if f.name.lower().endswith(FILES)]
    raise FactsError(
        f'{place}: no file matches "{source.of}" in {folder.name}/; correct the path, or remove '
        f"the line if there is no such table.{did_you_mean(exact.name, beside)}"
    )


def _refuse_irregular(files: list[Path], source: Source) -> None:
    """FactsError where one is a pipe or a folder, which whoever reads it would wait for."""
    for file in files:
        try:
            refuse_irregular(file)
        except OSError as error:
            raise FactsError(
                f'facts.{source.table}: "{source.of}" cannot be read ({file.name}: '
                f"{error.strerror}); name a file."
            ) from error


def _columnar(file: Path, source: Source, kept: Path) -> FileState:
    """The Parquet file that has a file's rows, which may be the file itself; one that is kept is
    named by what it is made of, and nobody writes to it again."""
    if file.name.lower().endswith(".parquet"):
        return FileState.of(file)
    try:
        if file.name.lower().endswith(WORKBOOKS):
            parquet = workbooks.in_columns(file, source.sheet, source.first_row, kept)
        else:
            parquet = in_columns(file, source.encoding, kept)
        return FileState(parquet, (), parquet.stem)
    except TextError as error:
        raise FactsError(
            f'facts.{source.table}: "{source.of}" cannot be read ({error}); mend or replace the '
            "file."
        ) from error
    except OSError as error:
        raise _unkept(source, error) from error


def _unkept(source: Source, error: BaseException) -> FactsError:
    """What was read of a file could not be written down."""
    why = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) else str(error)
    return FactsError(
        f"facts.{source.table}: what is read of {source.of} cannot be kept ({why}); make room, and "
        "let the folder of the state be written to."
    )


def _read(con: Any, files: list[Path]) -> ir.Table:
    """The files as one table, their columns matched by name, whatever their order in each."""
    if con.name == "pyspark":
        hidden = [f.name for f in files if f.name.startswith(("_", "."))]
        if hidden:
            raise FactsError(f"Spark passes over files such as {hidden[0]}; give it another name")
        return spark.read_files(con, files)
    if con.name == "postgres":
        raise FactsError(
            'PostgreSQL reads tables and queries; for files leave "connect" out, or load them into '
            "the database."
        )
    names = [str(f) for f in files]
    return con.read_parquet(names, union_by_name=len(names) > 1, hive_partitioning=False)


def _match(wanted: Contract, source: Source, present: tuple[str, ...]) -> dict[str, Mapped]:
    place = f"facts.{wanted.table}"
    known = [c.name for c in wanted.columns]
    named = {ours: mapped_of(theirs) for ours, theirs in source.columns}
    for ours, mapped in named.items():
        if ours not in known:
            raise FactsError(
                f'{place}: "{ours}" is not a column of the contract.{did_you_mean(ours, known)}'
            )
        for theirs in mapped.of:
            if theirs not in present:
                raise FactsError(
                    f'{place}.{ours}: the source has no column "{theirs}".'
                    f"{nearest_column(theirs, present)}"
                )
    found = {c: named.get(c, Mapped((c,))) for c in known if c in named or c in present}
    for column in wanted.required:
        if column.name not in found:
            raise FactsError(
                f'{place}: the required column "{column.name}" ({column.means}) is missing; '
                f'map it with columns = {{ {column.name} = "…" }}.'
                f"{nearest_column(column.name, present, wanted.table)}"
            )
    if (source.writing.refunds or source.writing.credits) and "kind" not in found:
        raise FactsError(
            f'{place}: the column "kind", which tells refunds from sales, is missing; map it with '
            f'columns = {{ kind = "…" }}.{nearest_column("kind", present, wanted.table)}'
        )
    return found


def typed(bound: Bound, zones: Zones) -> ir.Table:
    """Every contract column in its type; columns that are not mapped are empty.

    Values that do not fit their type become empty here; `inspection` counts
    them and holds the run before anything is computed from them.
    """
    return bound.raw.select(**typed_columns(bound, zones))


def typed_columns(bound: Bound, zones: Zones) -> dict[str, Any]:
    """Every contract column in its type, as an expression over the source, by contract name."""
    made = {
        c.name: convert(bound.theirs(c.name), c.type, zones, bound.writing(c.name))
        if c.name in bound.columns
        else ibis.null(c.type)
        for c in bound.contract.columns
    }
    return made | _turned(made, bound)


def _turned(made: dict[str, Any], bound: Bound) -> dict[str, Any]:
    """The amounts whose sign is the opposite of the contract's, with that of the contract."""
    writing = bound.source.writing
    amounts = [c for c in SIGNED.get(bound.contract.table, ()) if c in bound.columns]
    usual = writing.turns("sale")
    others = [kind for kind in RETURNED if writing.turns(kind) != usual]
    if not others:
        return {c: -made[c] for c in amounts} if usual else {}
    turned = (made["kind"].isin(others).fill_null(False)) != usual
    return {c: turned.ifelse(-made[c], made[c]) for c in amounts}
