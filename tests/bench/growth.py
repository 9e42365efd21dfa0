"""How time and memory grow with the facts, as a picture, from tables of the bench.

python tests/bench/growth.py PICTURE TABLE.json …
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt

SHOWN = {
    "check": "check",
    "run: packet, team and owner pages, read back": "run",
    "all metrics of one period": "all metrics of a period",
    "DuckDB, by hand": "the same in SQL by hand",
    "pandas, by hand": "the same in pandas",
}
STYLES = ("-o", "-s", "-^", ":v", ":D")
"""Lines are told apart by their marks and labels, not by colour."""


def main() -> None:
    picture, *tables = sys.argv[1:]
    rows = [row for file in tables for row in json.loads(Path(file).read_text("utf-8"))["rows"]]
    mpl.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "growth", "font.family": "sans-serif"}
    figure, (time, memory) = plt.subplots(1, 2, figsize=(9.5, 4), layout="constrained")
    for (what, label), style in zip(SHOWN.items(), STYLES, strict=True):
        points = sorted(_points(rows, what))
        if not points:
            continue
        sizes, seconds, peaks = zip(*points, strict=True)
        time.loglog(sizes, seconds, style, color="black", label=label, markersize=4, linewidth=1)
        memory.loglog(sizes, peaks, style, color="black", markersize=4, linewidth=1)
    for axes, title in ((time, "processor seconds"), (memory, "megabytes at the peak")):
        axes.set_title(title, fontsize=10, loc="left")
        axes.set_xlabel("million rows of facts", fontsize=9)
        axes.set_xticks([1.2, 10, 100], ["1.2", "10", "100"])
        axes.yaxis.set_major_formatter(mpl.ticker.FormatStrFormatter("%g"))
        axes.minorticks_off()
        axes.grid(color="0.85", linewidth=0.5)
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=len(SHOWN), fontsize=8, frameon=False)
    figure.savefig(picture, metadata={"Date": None})


def _points(rows: list[dict[str, Any]], what: str) -> list[tuple[float, float, float]]:
    found = [row for row in rows if row["what"] == what and row["cost"] and row["rows"]]
    return [(float(r["rows"]), r["cost"]["processor"], r["cost"]["peak"]) for r in found]


if __name__ == "__main__":
    main()
