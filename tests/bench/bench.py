"""What the work costs, beside what others take for the same: one command, one table.

    python tests/bench/bench.py [--rows 1.2 --rows 10 --rows 100] [--json FILE] [--times 3]
                                [--only GROUP …] [--cache FOLDER]

Every piece is a process of its own, and what is compared is measured in the same run, one after
the other. Seconds are the machine's and the hour's; keep the ratios. Facts are generated once for
each size and kept in the cache, $SCORECARD_BENCH or else a folder among the temporary files.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import table
from agreement import disagreements
from cost import ROOT, BrokenError, Cost, cost_of, least_of, python, scorecard

CUSTOMERS = {"1.2": 5_000, "10": 40_000, "100": 400_000}
"""Customers of the demonstration company by millions of rows in its facts."""
SMALL = "1.2"
"""The size at which everything is measured; at the others what grows with the facts is."""
PERIOD, AS_OF = "2026-10", "2026-11-16T06:00"
SCRIPTS = ("ours", "hand_written", "pandas_script", "documents", "chromium")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
RIVALS = {"DuckDB, by hand": "hand_written.py", "pandas, by hand": "pandas_script.py"}
GREEDY = {"pandas, by hand"}
"""What has everything in memory, and so gets no more of it than a part of the machine's."""
YARDSTICK = [sys.executable, "-c", "print(sum(i * i % 7 for i in range(5_000_000)))"]
"""A piece of plain Python: what has no rival is told in multiples of it."""


@dataclass(frozen=True)
class Row:
    """One line of the table. `ratio` is what our processor seconds are of this line's, or, where
    ours have no rival, this line's of the yardstick's."""

    group: str
    what: str
    rows: str
    cost: Cost | None
    ratio: float | None = None
    rival: bool = False
    note: str = ""


@dataclass
class Bench:
    """What a run of the bench works with, and what it has found."""

    cache: Path
    work: Path
    times: int
    only: set[str]
    yardstick: Cost
    rows: list[Row] = field(default_factory=list)

    def wants(self, group: str) -> bool:
        return not self.only or group in self.only

    def measured(
        self, group: str, what: str, rows: str, words: list[str], times: int = 1
    ) -> Cost | None:
        """Measure a command that has no rival; None where it breaks, which the table says."""
        try:
            cost = least_of(times, words)
        except BrokenError as error:
            self.add(Row(group, what, rows, None, note=str(error)))
            return None
        self.add(Row(group, what, rows, cost, cost.processor / self.yardstick.processor))
        return cost

    def against(
        self, group: str, what: str, rows: str, cost: Cost, ours: Cost, note: str = ""
    ) -> None:
        ratio = ours.processor / cost.processor if cost.processor else None
        self.add(Row(group, what, rows, cost, ratio, rival=True, note=note))

    def add(self, row: Row) -> None:
        self.rows.append(row)
        sys.stderr.write(f"{table.line(row)}\n")


def main() -> None:
    asked = _arguments()
    if asked.list:
        for script in SCRIPTS:
            import_module(script)
        sys.stdout.write("\n".join([*PIECES, ""]))
        return
    cache = Path(asked.cache or os.environ.get("SCORECARD_BENCH") or _temporary())
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="scorecard-bench-") as work:
        bench = Bench(cache, Path(work), asked.times, set(asked.only or ()), least_of(3, YARDSTICK))
        for rows in asked.rows or [SMALL]:
            project = laid_out(bench, rows)
            for group, piece in PIECES.items():
                if bench.wants(group) and (rows == SMALL or group in GROWING):
                    piece(bench, project, rows)
    sys.stdout.write(f"{table.whole(bench.rows)}\n")
    if asked.json:
        found = {"machine": table.machine(), "yardstick": asdict(bench.yardstick)}
        lines = [_plain(row) for row in bench.rows]
        Path(asked.json).write_text(json.dumps({**found, "rows": lines}, indent=2) + "\n", "utf-8")


def laid_out(bench: Bench, rows: str) -> Path:
    """A fresh project over the facts of that size, with this checkout's metrics and templates.

    Its tiers and ledger begin empty; facts are generated where the cache has none.
    """
    kept, project = bench.cache / f"{CUSTOMERS[rows]}-customers", bench.work / f"meridian-{rows}"
    if not (kept / "facts" / "transactions.parquet").is_file():
        sizes = ("--customers", str(CUSTOMERS[rows]), "--months", "24", "--seed", "1")
        bench.measured("commands", "generate the facts", rows, scorecard("demo", str(kept), *sizes))
    project.mkdir()
    for name in ("pyproject.toml", "strategy.toml"):
        shutil.copy(kept / name, project)
    (project / "facts").symlink_to(kept.resolve() / "facts")
    cost_of(scorecard("init", str(project)))
    return project


def commands(bench: Bench, project: Path, rows: str) -> None:
    """Check, backfill and run, one after the other as a user does."""
    here, known = ("--project", str(project)), ("--as-of", AS_OF)
    bench.measured("commands", "check", rows, scorecard("check", *here, *known))
    first = "2024-11" if rows == SMALL else PERIOD
    what = "24 periods" if rows == SMALL else "one period"
    words = scorecard("backfill", *here, *known, "--from", first, "--to", PERIOD)
    bench.measured("commands", f"backfill of {what}, 36 snapshots of tiers", rows, words)
    words = scorecard("run", *here, *known, "--period", PERIOD)
    bench.measured("commands", "run: packet, team and owner pages, read back", rows, words)
    if rows == SMALL:
        folder = bench.work / "acme"
        init, run = scorecard("init", str(folder)), scorecard("run", "--period", "2026-06")
        both = f"{' '.join(init)} && {' '.join(run)} --as-of 2026-08-17T06:00 --project {folder}"
        bench.measured(
            "commands", "init, and the first packet of the example", "", ["/bin/sh", "-c", both]
        )


def metrics(bench: Bench, project: Path, rows: str) -> None:
    """Every metric of one period: ours, statements written by hand, and a script in pandas.

    Their figures are held against those that the ledger has of the period, and against ours to
    the last of the sums.
    """
    here = ("--project", str(project))
    if not (project / ".scorecard" / "ledger.db").is_file():
        span = ("--from", PERIOD, "--to", PERIOD, "--as-of", AS_OF)
        cost_of(scorecard("backfill", *here, *span))
    ledger = json.loads(cost_of(scorecard("results", *here, "--period", PERIOD, "--json")).said)
    group, what = "metrics", "all metrics of one period"
    ours = bench.measured(group, what, rows, python("ours.py", str(project)), bench.times)
    if ours is None:
        return
    for what, script in RIVALS.items():
        try:
            cost = least_of(bench.times, python(script, str(project)), limited=what in GREEDY)
        except BrokenError as error:
            bench.add(Row(group, what, rows, None, rival=True, note=str(error)))
            continue
        said = json.loads(cost.said)["rows"]
        compared, wrong = disagreements(json.loads(ours.said)["rows"], said)
        known, off = disagreements(*shown(ledger, said))
        note = f"{compared - len(wrong)} of {compared} figures agree, with the ledger {known - len(off)} of {known}"
        bench.against(group, what, rows, cost, ours, note)
        for line in [*wrong, *off]:
            sys.stderr.write(f"  {what}: {line}\n")


def shown(ledger: Sequence[Any], rows: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """The ledger's figures that are not withheld, and those of the rows that are about the same."""
    kept = [{**f, "num": None, "den": None} for f in ledger if f["value"] is not None]
    keys = {(f["metric"], f["tier"]) for f in kept}
    return kept, [row for row in rows if (row["metric"], row["tier"]) in keys]


def documents(bench: Bench, project: Path, rows: str) -> None:
    """The packet and the fullest owner's page, warm, beside a browser printing the same HTML."""
    pages, times = bench.work / "pages", str(bench.times)
    ours = cost_of(python("documents.py", str(project), str(pages), times))
    drawn = {kind: Cost(**took, peak=ours.peak) for kind, took in json.loads(ours.said).items()}
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    printed: dict[str, Any] = {}
    if browser:
        files = [str(pages / f"{kind}.html") for kind in drawn]
        try:
            printed = json.loads(cost_of(python("chromium.py", browser, times, *files)).said)
        except BrokenError as error:
            bench.add(Row("documents", "Chromium", rows, None, rival=True, note=str(error)))
    for kind, cost in drawn.items():
        ratio = cost.processor / bench.yardstick.processor
        bench.add(Row("documents", f"{kind}, warm", rows, cost, ratio))
        if kind in printed:
            took = printed[kind]
            theirs = Cost(took["processor"], took["wall"], printed["memory"])
            bench.against(
                "documents", "Chromium, the same HTML", rows, theirs, cost, f"{took['pages']} pages"
            )


def beginnings(bench: Bench, project: Path, rows: str) -> None:
    """What commands take that compute nothing: most of it is loading."""
    here = ("--project", str(project))
    for words in (
        ("--help",),
        ("--version",),
        ("results", "--period", PERIOD, "--json", *here),
        ("explain", "net_revenue_retention", *here),
        ("next", *here),
        ("status", *here),
        ("send", *here),
    ):
        bench.measured("beginnings", f"scorecard {words[0]}", "", scorecard(*words), 3)


def burst(bench: Bench, project: Path, rows: str) -> None:
    """A page for each of so many owners, drawn, read back and laid out."""
    script = str(ROOT / "tests" / "burst.py")
    for owners in ("100", "1000"):
        words = [sys.executable, script, str(bench.work / owners), owners, "light", "make", "0"]
        bench.measured("burst", f"light pages for {owners} owners", "", words)


PIECES: dict[str, Callable[[Bench, Path, str], None]] = {
    "commands": commands,
    "metrics": metrics,
    "documents": documents,
    "beginnings": beginnings,
    "burst": burst,
}
GROWING = ("commands", "metrics")


def _plain(row: Row) -> dict[str, Any]:
    """A row as JSON keeps it, without what was printed."""
    cost = row.cost and {name: getattr(row.cost, name) for name in ("processor", "wall", "peak")}
    return {**asdict(row), "cost": cost}


def _temporary() -> Path:
    return Path(tempfile.gettempdir()) / "scorecard-bench"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--rows", action="append", choices=CUSTOMERS, help="millions; may be repeated"
    )
    parser.add_argument("--times", type=int, default=3, help="runs of which the least counts")
    parser.add_argument("--only", action="append", choices=PIECES, help="a group; may be repeated")
    parser.add_argument("--json", help="a file for the table as JSON")
    parser.add_argument("--cache", help="where generated facts are kept")
    parser.add_argument(
        "--list", action="store_true", help="load every piece and name the groups; measures nothing"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
