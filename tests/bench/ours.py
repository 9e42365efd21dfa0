"""October 2026 by this package: every metric that pages have by themselves, as a process of its own.

    python ours.py PROJECT

Opens the project, measures each metric by tier and prints the figures as JSON. Tiers must be
frozen up to October.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import scorecard

AS_OF = datetime(2026, 11, 16, 6, tzinfo=UTC)
PERIOD = "2026-10"


def answers(project: Path) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """Every figure by metric and tier, and the seconds that opening and measuring took."""
    began = time.perf_counter()
    with scorecard.open(project, AS_OF) as opened, opened.workspace() as work:
        ready = time.perf_counter()
        # The only place that knows how one period is measured.
        period = work.period(PERIOD)
        results = work.measuring.results_of(
            [m for m in work.metrics.values() if not m.optional], period
        )
        done = time.perf_counter()
    rows = [_row(result) for found in results.values() for result in found]
    return rows, {"open": ready - began, "measure": done - ready}


def _row(result: Any) -> dict[str, Any]:
    found = result.estimate
    sums = found.sums
    return {
        "metric": result.metric,
        "tier": result.tier,
        "n": found.n,
        "num": sums.num if sums else None,
        "den": sums.den if sums else None,
        "value": found.value,
    }


if __name__ == "__main__":
    figures, taken = answers(Path(sys.argv[1]))
    json.dump({"rows": figures, "seconds": taken}, sys.stdout)
