"""One invented company's facts in several engines: files, PostgreSQL, and Spark."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import psycopg
import pytest
from sample_facts import reading

from scorecard.definitions.loader import load_metrics
from scorecard.demo.company import WRITTEN, generate
from scorecard.facts.contracts import CONTRACTS, Source
from scorecard.facts.tables import Facts
from scorecard.measuring.measure import Measuring
from scorecard.project.scaffold import room
from scorecard.project.settings import Project
from scorecard.strategy.reader import read_strategy
from scorecard.tiers.assignment import Tiers
from scorecard.tiers.snapshot_tables import SnapshotTables

TYPES = {
    "string": "text",
    "date": "date",
    "timestamp": "timestamp",
    "decimal(18,4)": "numeric(18,4)",
    "float64": "double precision",
    "boolean": "boolean",
}
# PySpark leaves the sockets that it fetched rows by to the collector.
ON_SPARK = (
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
)
ENGINES = ("duckdb", "postgres", pytest.param("spark", marks=ON_SPARK))
"""The engines that a test of reading facts goes through."""
METRICS = load_metrics(room("metrics"))
SERVER = "postgresql://postgres@127.0.0.1:5432"


def company(folder: Path, customers: int, months: int) -> Project:
    """An invented company's project, its facts in Parquet files."""
    generate(folder, customers=customers, months=months, seed=3)
    return Project.at(folder)


@contextmanager
def in_postgres(project: Project) -> Iterator[str]:
    """The company's facts in a PostgreSQL database of their own; skips where there is no server."""
    with database(project.root.name) as url:
        with psycopg.connect(url) as con, duckdb.connect() as files:
            for contract in map(CONTRACTS.__getitem__, WRITTEN):
                declared = ", ".join(f'"{c.name}" {TYPES[c.type]}' for c in contract.columns)
                con.execute(f'create table "{contract.table}" ({declared})')
                read = files.execute(f"from '{project.root}/facts/{contract.table}.parquet'")
                names = ", ".join(f'"{column[0]}"' for column in read.description or ())
                with con.cursor().copy(f'copy "{contract.table}" ({names}) from stdin') as copy:
                    for row in read.fetchall():
                        copy.write_row(row)
        yield url


@contextmanager
def database(label: str) -> Iterator[str]:
    """An empty PostgreSQL database for as long as it is needed; skips where there is no server."""
    server = os.environ.get("SCORECARD_TEST_POSTGRES", SERVER)
    name = f"scorecard_facts_{os.getpid()}_{label}"
    try:
        admin = psycopg.connect(server, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL at {server}: {error}")
    with admin:
        admin.execute(f'create database "{name}"')
        try:
            yield f"{server.rsplit('/', 1)[0] if server.count('/') > 2 else server}/{name}"
        finally:
            admin.execute(f'drop database "{name}" with (force)')


def as_text(url: str, file: Path) -> None:
    """A text file as a PostgreSQL table of its name, every column of it text; blanks are empty."""
    with file.open(newline="", encoding="utf-8") as read, psycopg.connect(url) as con:
        names, *rows = csv.reader(read)
        declared = ", ".join(f'"{name}" text' for name in names)
        con.execute(f'drop table if exists "{file.stem}"')
        con.execute(f'create table "{file.stem}" ({declared})')
        with con.cursor().copy(f'copy "{file.stem}" from stdin') as copy:
            for row in rows:
                copy.write_row([value or None for value in row])


@contextmanager
def address_of(engine: str, folder: Path) -> Iterator[str]:
    """Where an engine of `ENGINES` is reached; on PostgreSQL it has a database of its own."""
    if engine == "postgres":
        with database(folder.name) as url:
            yield url
        return
    if engine == "spark":
        need_spark()
    yield {"duckdb": "duckdb://", "spark": "pyspark://local"}[engine]


@contextmanager
def reader_of(engine: str, folder: Path) -> Iterator[Callable[[list[Source]], Facts]]:
    """A function that opens sources that are text files of the folder: tables in which every column
    is text on "postgres", else the files. What it opened before is closed then."""
    with ExitStack() as left:
        url = left.enter_context(address_of(engine, folder))
        before = left.enter_context(ExitStack())

        def read(sources: list[Source]) -> Facts:
            before.close()
            if engine == "postgres":
                for source in sources:
                    as_text(url, folder / source.of)
                sources = [replace(s, of=Path(s.of).stem) for s in sources]
            facts, found = Facts.open(url, sources, folder, reading())
            before.callback(facts.close)
            assert [f for f in found if f.id != "facts.required"] == []
            return facts

        yield read


def need_spark() -> None:
    """Skip, and say why, where Spark cannot run."""
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    if shutil.which("java") is None:
        pytest.skip("there is no Java, which Spark runs on")


def opened(project: Project, url: str, *, tables: bool = False) -> Facts:
    """The company's facts in the engine of that address: its files, or tables of their names."""
    sources = [Source(name, name) for name in WRITTEN] if tables else project.sources
    facts, findings = Facts.open(url, sources, project.root, reading(stamps="UTC"))
    assert findings == []
    return facts


def measuring(
    project: Project, facts: Facts, folder: Path, tables: SnapshotTables | None = None
) -> Measuring:
    """What measures those facts; tiers are frozen into the folder, or into tables."""
    strategy, _findings = read_strategy(project.strategy, METRICS, project.settings.currency)
    return Measuring(facts, Tiers(facts, strategy.plan, folder, tables=tables))
