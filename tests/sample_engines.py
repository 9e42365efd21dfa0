"""One invented company's facts in several engines: files, PostgreSQL, and Spark."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
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
METRICS = load_metrics(room("metrics"))
SERVER = "postgresql://postgres@127.0.0.1:5432"


def company(folder: Path, customers: int, months: int) -> Project:
    """An invented company's project, its facts in Parquet files."""
    generate(folder, customers=customers, months=months, seed=3)
    return Project.at(folder)


@contextmanager
def in_postgres(project: Project) -> Iterator[str]:
    """The company's facts in a PostgreSQL database of their own; skips where there is no server."""
    server = os.environ.get("SCORECARD_TEST_POSTGRES", SERVER)
    name = f"scorecard_facts_{os.getpid()}_{project.root.name}"
    try:
        admin = psycopg.connect(server, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL at {server}: {error}")
    with admin, duckdb.connect() as files:
        admin.execute(f'create database "{name}"')
        url = f"{server.rsplit('/', 1)[0] if server.count('/') > 2 else server}/{name}"
        with psycopg.connect(url) as con:
            for contract in map(CONTRACTS.__getitem__, WRITTEN):
                declared = ", ".join(f'"{c.name}" {TYPES[c.type]}' for c in contract.columns)
                con.execute(f'create table "{contract.table}" ({declared})')
                path = project.root / "facts" / f"{contract.table}.parquet"
                with con.cursor().copy(f'copy "{contract.table}" from stdin') as copy:
                    for row in files.execute(f"from '{path}'").fetchall():
                        copy.write_row(row)
        try:
            yield url
        finally:
            admin.execute(f'drop database "{name}" with (force)')


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
