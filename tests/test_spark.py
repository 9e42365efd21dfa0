"""The whole story on Spark, and on files: the same findings, figures and pages, and a backfill that
was killed in the middle goes on."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sample_engines import company, need_spark
from sqlmodel import Session, create_engine, text

from scorecard.printing.pdf_text import read
from scorecard.project.scaffold import init

PERIODS = ("2026-08", "2026-10")
KNOWN = ("--as-of", "2026-11-16T06:00")


def laid_out(facts: Path, folder: Path, connect: str) -> Path:
    """A project over those facts, read by that engine."""
    folder.mkdir()
    for name in ("pyproject.toml", "strategy.toml"):
        shutil.copy(facts / name, folder)
    (folder / "facts").symlink_to(facts / "facts")
    list(init(folder))
    file = folder / "pyproject.toml"
    file.write_text(file.read_text("utf-8").replace('"duckdb://"', f'"{connect}"'), "utf-8")
    return folder


def words(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "scorecard", *arguments, "--project", str(folder)]


def said(folder: Path, *arguments: str) -> str:
    done = subprocess.run(words(folder, *arguments), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def killed_in_the_middle(folder: Path) -> int:
    """Begin a backfill and kill it when one period is judged; how many are."""
    span = ("--from", PERIODS[0], "--to", PERIODS[1])
    process = subprocess.Popen(
        words(folder, "backfill", *span, *KNOWN),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not (done := periods_at(folder, "judged")) and process.poll() is None:
        time.sleep(0.2)
    time.sleep(1)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    return done


def periods_at(folder: Path, step: str) -> int:
    ledger = folder / ".scorecard" / "ledger.db"
    if not ledger.is_file():
        return 0
    with Session(create_engine(f"sqlite:///{ledger}")) as session:
        if not session.scalar(text("select count(*) from sqlite_master where name = 'run'")):
            return 0
        counted = text("select count(*) from run where step = :step")
        return int(session.scalar(counted, {"step": step}))


def figures(folder: Path, period: str) -> dict[tuple[str, str], dict]:
    """What the ledger has of a period, by metric and tier."""
    rows = json.loads(said(folder, "results", "--period", period, "--json"))
    return {(row["metric"], row["tier"]): row for row in rows}


def agree(one: dict, other: dict) -> bool:
    """Whether two figures are the same; computed ones to the eighth digit, for sums of squares of
    binary fractions are rounded by each engine in its own way."""
    if one.keys() != other.keys():
        return False
    pairs = [(one[name], other[name]) for name in one]
    return all(a == (pytest.approx(b, rel=1e-8) if isinstance(b, float) else b) for a, b in pairs)


def side_by_side(files: dict, spark: dict) -> str:
    """Both engines' figures as a table, for `pytest -s`."""
    lines = [f"{'metric':28} {'tier':10} {'n':>7} {'files':>16} {'Spark':>16}"]
    for key, row in files.items():
        shown = [
            f"{r['value']:16.6f}" if r["value"] is not None else f"{'–':>16}"
            for r in (row, spark[key])
        ]
        lines.append(f"{key[0]:28} {key[1]:10} {row['n'] or '–':>7} {' '.join(shown)}")
    return "\n".join(lines)


@pytest.mark.spark
def test_a_whole_story_on_spark_is_that_on_files(tmp_path):
    need_spark()
    facts = company(tmp_path / "facts", customers=2_000, months=24).root
    files = laid_out(facts, tmp_path / "files", "duckdb://")
    spark = laid_out(facts, tmp_path / "spark", "pyspark://local")

    assert said(spark, "check", *KNOWN) == said(files, "check", *KNOWN)

    span = ("--from", PERIODS[0], "--to", PERIODS[1])
    assert killed_in_the_middle(spark) == 1
    assert periods_at(spark, "done") == 0  # nothing counts before all of it is confirmed
    for folder in (files, spark):
        said(folder, "backfill", *span, *KNOWN)
        assert periods_at(folder, "done") == 3
    for period in ("2026-08", "2026-09", "2026-10"):
        expected, found = figures(files, period), figures(spark, period)
        assert found.keys() == expected.keys() and len(found) > 100
        assert [key for key in expected if not agree(found[key], expected[key])] == []
    sys.stdout.write(f"\n{side_by_side(expected, found)}\n")

    for folder in (files, spark):
        said(folder, "run", "--period", PERIODS[1], *KNOWN)
    pages = {f.relative_to(files): f for f in sorted((files / "output").rglob("*.pdf"))}
    assert len(pages) > 5
    for name, file in pages.items():
        assert words_of(spark / name) == words_of(file), name
    assert list((spark / ".scorecard" / "spill").iterdir()) == []


def words_of(pdf: Path) -> list[str]:
    """The words of a PDF, without the digest of its content, which has every digit."""
    text = " ".join(read(pdf.read_bytes()).pages)
    return [word for word in text.split() if not re.fullmatch(r"[0-9a-f]{8}", word)]
