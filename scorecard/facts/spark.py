"""Spark: the engine for facts that one machine cannot hold, reached through Ibis.

Everything stays in Spark: files are read by it, derived tables and frozen tiers are Parquet
files that it writes. Only counts and sums come to this process. A cluster must see the project's
folder where this process sees it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import sha256
from os import cpu_count, getpid, kill
from pathlib import Path
from shutil import rmtree
from socket import gethostname
from tempfile import gettempdir, mkdtemp
from typing import Any
from urllib.parse import parse_qsl

import ibis
from ibis.backends.sql.compilers import PySparkCompiler

from scorecard.base.files import make_folder
from scorecard.errors import FactsError

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.driver.memory": "2g",
    "spark.sql.maxPlanStringLength": "10000",  # else it writes plans down that fill its memory
    "spark.log.level": "ERROR",
    "spark.ui.enabled": "false",
    # Of what it did it keeps no more than this, which would fill its memory in an hour.
    "spark.sql.ui.retainedExecutions": "1",
    "spark.ui.retainedJobs": "1",
    "spark.ui.retainedStages": "1",
    "spark.ui.retainedTasks": "1",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}
"""What a session has where the address says nothing else of it, as ?spark.executor.memory=8g."""
LOCAL = {
    # Each part is a task, and starting one takes longer than a part of few rows.
    "spark.sql.shuffle.partitions": str(cpu_count() or 1),
}
"""And what one on this machine has besides."""


_SPECIAL = re.compile(r"[\\{}\[\]*?,]")
"""Letters of a path that Spark would take for a pattern."""


class _Spark(PySparkCompiler):  # type: ignore[misc]
    """Spark's compiler, which has two functions for what others call `timezone`."""

    def visit_ScalarUDF(self, op: Any, **arguments: Any) -> Any:
        if op.__func_name__ != "timezone":
            return super().visit_ScalarUDF(op, **arguments)
        zone, moment = arguments.values()
        aware = list(op.args)[1].dtype.timezone is not None
        return (self.f.from_utc_timestamp if aware else self.f.to_utc_timestamp)(moment, zone)


def refuse_other_addresses(url: str) -> None:
    """FactsError for an address that is neither this machine's nor a cluster's."""
    if not re.fullmatch(r"(local(\[([1-9]\d*|\*)\])?|[\w.-]+:\d+)?", _parts(url)[0]):
        raise FactsError(
            "facts.connect: Spark is reached by pyspark://local on this machine, or by "
            "pyspark://HOST:PORT, as in pyspark://spark.example.com:7077."
        )


def _parts(url: str) -> tuple[str, str]:
    """Where Spark is, and what it is told; "local[2]" is no address that a URL may have."""
    place, _, query = url.partition("://")[2].partition("?")
    return place.strip("/"), query


def connect(url: str, folder: Path | None) -> Any:
    """A session of its own on the cluster that the address names: pyspark://local, for this
    machine, or pyspark://host:7077. Derived tables are kept in `folder`, if one is given."""
    from pyspark.sql import SparkSession

    place, query = _parts(url)
    local = place.partition("[")[0] in ("", "local")
    master = place if "[" in place else "local[*]" if local else f"spark://{place}"
    builder = SparkSession.builder.master(master)
    own = {"spark.sql.warehouse.dir": gettempdir(), **dict(parse_qsl(query))}
    for name, value in {**SETTINGS, **(LOCAL if local else {}), **own}.items():
        builder = builder.config(name, value)
    base = builder.getOrCreate()
    base.sparkContext.setLogLevel("ERROR")
    con = ibis.pyspark.connect(base.newSession())
    con.compiler = _Spark()
    con.kept = _place_for_tables(folder or Path(gettempdir()))
    return con


def _place_for_tables(folder: Path) -> Path:
    """A folder of its own for what this process keeps; those that killed ones left are removed."""
    make_folder(folder)
    ours = f"scorecard-spark-{gethostname()}-"
    for left in folder.glob(f"{ours}*"):
        process = left.name.removeprefix(ours).partition("-")[0]
        if process.isdigit() and not _is_running(int(process)):
            rmtree(left, ignore_errors=True)  # another process may be at it, too
    return Path(mkdtemp(prefix=f"{ours}{getpid()}-", dir=folder))


def _is_running(process: int) -> bool:
    try:
        kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another user's
    return True


def disconnect(con: Any) -> None:
    """Remove what was kept. The cluster stays: other sessions of this process share it."""
    rmtree(con.kept)


def read_files(con: Any, files: list[Path]) -> Any:
    """Parquet files as one table, their columns matched by name."""
    names = [_SPECIAL.sub(r"\\\g<0>", str(file)) for file in files]
    # Folders named like "year=2026" make no columns.
    reader = con._session.read.option("recursiveFileLookup", "true")
    frame = reader.option("mergeSchema", str(len(names) > 1).lower()).parquet(*names)
    view = f"scorecard_file_{sha256(repr(names).encode()).hexdigest()[:12]}"
    frame.createOrReplaceTempView(view)
    return con.table(view)


def rows(con: Any, text: str) -> list[dict[str, Any]]:
    """The small result of a statement as dictionaries; moments in UTC without a zone."""
    found = con._session.sql(text).toArrow().to_pylist()
    return [{name: _plain(value) for name, value in row.items()} for row in found]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def keep_table(con: Any, name: str, text: str) -> None:
    """Keep what a question finds as files, so that what reads it need not find it again."""
    before = _kept_as(con, name)
    folder = con.kept / f"{name}-{int(before[-1].name.rpartition('-')[2]) + 1 if before else 1}"
    frame = con._session.sql(text)
    frame.write.parquet(folder.as_uri())
    kept = con._session.read.schema(frame.schema).parquet(folder.as_uri())
    kept.createOrReplaceTempView(name)
    for old in before:  # which it may have been read from
        rmtree(old)


def release_table(con: Any, name: str) -> None:
    """Let go of a table that was kept, if there is one."""
    con._session.catalog.dropTempView(name)
    for folder in _kept_as(con, name):
        rmtree(folder)


def _kept_as(con: Any, name: str) -> list[Path]:
    return [f for f in con.kept.iterdir() if f.name.rpartition("-")[0] == name]


def write_file(con: Any, text: str, path: Path) -> None:
    """Write what a question finds as one Parquet file, which Spark and others can read."""
    folder = path.with_name(path.name + ".parts")
    con._session.sql(text).coalesce(1).write.mode("overwrite").parquet(folder.as_uri())
    part = next(folder.glob("part-*.parquet"))
    part.replace(path)
    rmtree(folder)
