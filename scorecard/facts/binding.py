"""The binding of a company's own files, tables and columns to the columns of contracts.

Text files are read without guessing types: every column is text until its
contract says otherwise, so "00017" stays a code and 03/04/2026 is an error
instead of a surprise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from glob import glob
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from scorecard.base.periods import local_midnight, zone
from scorecard.errors import EngineError, FactsError, did_you_mean
from scorecard.facts import spark
from scorecard.facts.clean_columns import clean_columns
from scorecard.facts.contracts import Contract, Source, contract
from scorecard.facts.engine import guarded, said
from scorecard.facts.placeholders import emptied
from scorecard.facts.text_files import TextError, digest_of, in_columns

FILES = (".parquet", ".csv", ".csv.gz", ".tsv")
OTHER_FILES = (".xlsx", ".xls", ".json", ".jsonl", ".ndjson", ".txt", ".zip", ".feather", ".orc")
DAY = r"^\s*\d{4,6}-\d{1,2}-\d{1,2}\s*$"
WRITTEN_DAY = r"^\s*(\d{4,6}-\d{1,2}-\d{1,2})"
# What text may look like. Engines take more for days, moments and numbers, and each takes other
# things: Spark reads 100d as 100, DuckDB 1_000 as 1000.
MOMENT = (
    r"^\s*\d{4,6}-\d{1,2}-\d{1,2}"
    r"([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|z|UTC|[+-]\d{2}(:?\d{2})?)?)?\s*$"
)
NUMBER = r"^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
TRUTH = r"(?i)^\s*(true|false|t|f|yes|no|y|n|1|0)\s*$"
OFFSET = r":\d{2}.*(Z|z|UTC|[+-]\d{2}(:?\d{2})?)\s*$"


@ibis.udf.scalar.builtin(name="timezone")  # type: ignore[untyped-decorator]
def _as_instant(zone: dt.string, local: dt.timestamp) -> dt.Timestamp("UTC"):  # type: ignore[valid-type]
    """A local wall-clock time in a zone, as an instant (DuckDB and PostgreSQL)."""


@ibis.udf.scalar.builtin(name="timezone")  # type: ignore[untyped-decorator]
def _as_local(zone: dt.string, instant: dt.Timestamp("UTC")) -> dt.timestamp:  # type: ignore[valid-type]
    """An instant as the wall clock of a zone shows it (DuckDB and PostgreSQL)."""


@dataclass(frozen=True)
class Zones:
    """Time zones: `company`, in which days begin; `facts`, in which timestamps without one are."""

    company: str
    facts: str


@dataclass(frozen=True)
class Bound:
    """A source whose columns are matched: `columns` maps contract names to the source's own.

    `bytes` is the size of its files, 0 for tables and queries. `placeholders` are the project's
    own, beside those that are known; `clean` are columns of the source that have none.
    `digests` tell the content of its files from any other.
    """

    contract: Contract
    source: Source
    raw: ir.Table
    columns: dict[str, str]
    bytes: int
    placeholders: tuple[str, ...] = ()
    clean: frozenset[str] = frozenset()
    digests: tuple[str, ...] = ()

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

    def theirs(self, name: str) -> Any:
        """The source's own column behind a contract column, empty where it stands for nothing."""
        value = self.raw[self.columns[name]]
        column = self.contract.column(name)
        assert column is not None
        if self.is_clean(name):
            return value
        if self.numbers_rows(name):
            return value.nullif("") if value.type().is_string() else value
        return emptied(value, column, self.placeholders)

    def is_clean(self, name: str) -> bool:
        """Whether it is known that no value of a contract column stands for nothing."""
        return self.columns[name] in self.clean

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
            each = [clean_columns(f, digest, placeholders, kept) for f, digest in files]
    except EngineError as error:
        raise _unkept(source, error.__cause__ or error) from error
    clean = frozenset.intersection(*each) if each else frozenset()
    digests = tuple(digest for _file, digest in files)
    return Bound(wanted, source, raw, matched, size, placeholders, clean, digests)


def _raw(
    con: Any, source: Source, folder: Path, kept: Path
) -> tuple[ir.Table, list[tuple[Path, str]], int]:
    """The source as a table, the Parquet files that have its rows, if any, each with what tells its
    content from others, and the bytes of its own files."""
    try:
        if source.is_sql:
            return con.sql(source.of.strip().rstrip(";")), [], 0
        if _is_path(source.of):
            files = files_of(source, folder)
            columnar = [_columnar(f, source, kept) for f in files]
            read = _read(con, [parquet for parquet, _digest in columnar])
            return read, columnar, sum(f.stat().st_size for f in files)
        *database, name = source.of.split(".")
        return con.table(name, database=tuple(database) or None), [], 0
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


def _columnar(file: Path, source: Source, kept: Path) -> tuple[Path, str]:
    """The Parquet file that has a file's rows, which may be the file itself, and its digest."""
    if file.name.lower().endswith(".parquet"):
        return file, digest_of(file)
    try:
        parquet = in_columns(file, source.encoding, kept)
        return parquet, parquet.stem
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


def _match(wanted: Contract, source: Source, present: tuple[str, ...]) -> dict[str, str]:
    place = f"facts.{wanted.table}"
    known = [c.name for c in wanted.columns]
    for ours, theirs in source.columns:
        if ours not in known:
            raise FactsError(
                f'{place}: "{ours}" is not a column of the contract.{did_you_mean(ours, known)}'
            )
        if theirs not in present:
            raise FactsError(
                f'{place}.{ours}: the source has no column "{theirs}".'
                f"{did_you_mean(theirs, present)}"
            )
    named = dict(source.columns)
    found = {c: named.get(c, c) for c in known if named.get(c, c) in present}
    for column in wanted.required:
        if column.name not in found:
            raise FactsError(
                f'{place}: the required column "{column.name}" ({column.means}) is missing; '
                f'map it with columns = {{ {column.name} = "…" }}.'
                f"{did_you_mean(column.name, present)}"
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
    return {
        c.name: convert(bound.theirs(c.name), c.type, zones)
        if c.name in bound.columns
        else ibis.null(c.type)
        for c in bound.contract.columns
    }


def always_fits(value: Any, type: str) -> bool:
    """Whether every value of the source's column fits the type, so that none needs checking."""
    kind, wanted = value.type(), dt.dtype(type)
    if kind == wanted or type == "string":
        return True
    return bool(wanted.is_temporal() and (kind.is_date() or kind.is_timestamp()))


def convert(value: Any, type: str, zones: Zones) -> Any:
    """A column in a contract type, empty where it does not fit: days local to the company,
    moments in UTC without a zone.

    An engine without a cast that yields empty (PostgreSQL) stops with its own error instead.
    """
    if type == "date":
        return _day(value, zones)
    if type == "timestamp":
        return _moment(value, zones)
    kind, wanted = value.type(), dt.dtype(type)
    if kind == wanted:
        return value
    if type == "string":
        return _code(value)
    if type == "boolean" and kind.is_numeric():
        return ibis.cases((value == 1, True), (value == 0, False), else_=ibis.null("boolean"))
    if kind.is_string():
        looks = NUMBER if wanted.is_numeric() else TRUTH
        return value.re_search(looks).ifelse(value, ibis.null("string")).try_cast(wanted)
    if kind.is_numeric() and wanted.is_numeric():
        return value.try_cast(wanted)
    return ibis.null(wanted)


def _code(value: Any) -> Any:
    """Numbers as text; 17850.0 is 17850, written so by tools whose integers cannot be empty."""
    if not value.type().is_floating():
        return value.cast("string")
    whole = value == value.floor()
    return whole.ifelse(value.try_cast("int64").cast("string"), value.cast("string"))


def _day(value: Any, zones: Zones) -> Any:
    kind = value.type()
    if kind.is_date():
        return value
    if kind.is_string():
        moment = value.re_search(DAY) | _as_moment(value).try_cast("timestamp").notnull()
        written = value.re_extract(WRITTEN_DAY, 1).try_cast("date")
        return moment.ifelse(written, ibis.null("date"))
    if not kind.is_timestamp():
        return ibis.null("date")
    # At midnight a day was kept as a moment; it is no other day anywhere else.
    clock = _as_local("UTC", value) if kind.timezone is not None else value
    day = clock.cast("date")
    if kind.timezone is None and zones.facts == zones.company:
        return day
    return (clock == clock.truncate("D")).ifelse(day, _local_day(_instant(value, zones), zones))


def _local_day(instant: Any, zones: Zones) -> Any:
    return _as_local(zones.company, instant).cast("date")


def before_day(value: Any, day: date, zones: Zones) -> Any:
    """True where a day or moment of the facts lies before the company's day."""
    if value.type().is_date():
        return value < day
    return value < local_midnight(day, zones.company).replace(tzinfo=None)


def day_of(value: date | datetime | None, zones: Zones) -> date | None:
    """The company's day of a day or moment that the facts gave."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).astimezone(zone(zones.company)).date()
    return value


def _moment(value: Any, zones: Zones) -> Any:
    kind = value.type()
    if not (kind.is_timestamp() or kind.is_date() or kind.is_string()):
        return ibis.null("timestamp")
    if not kind.is_string() and zones.facts == "UTC" and getattr(kind, "timezone", None) is None:
        return value.cast("timestamp")
    return _as_local("UTC", _instant(value, zones))


def _as_moment(text: Any) -> Any:
    """Text that looks like a moment; empty where it does not."""
    return text.re_search(MOMENT).ifelse(text, ibis.null("string"))


def _instant(value: Any, zones: Zones) -> Any:
    """An aware moment; one without a zone of its own is in the zone of the facts."""
    kind = value.type()
    if kind.is_string():
        value = _as_moment(value)
        aware = value.try_cast(dt.Timestamp("UTC"))
        local = _as_instant(zones.facts, value.try_cast("timestamp"))
        return value.re_search(OFFSET).ifelse(aware, local)
    if kind.is_timestamp() and kind.timezone is not None:
        return value.cast(dt.Timestamp("UTC"))
    return _as_instant(zones.facts, value.cast("timestamp"))
