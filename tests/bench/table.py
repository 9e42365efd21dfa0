"""The table of the bench, as text that is Markdown, and the machine that it was measured on."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

HEAD = ("what", "million rows", "processor", "clock", "peak", "ratio", "")
LIBRARIES = ("duckdb", "ibis-framework", "pandas", "weasyprint")


def whole(rows: Sequence[Any]) -> str:
    """All lines. A rival's ratio is what our processor seconds are of its own; that of others is
    theirs of the yardstick's."""
    lines = [_joined(HEAD), _joined(["---"] * len(HEAD)), *(line(row) for row in rows)]
    told = ", ".join(f"{name} {said}" for name, said in machine().items())
    return "\n".join([told, "", *lines])


def line(row: Any) -> str:
    what = f"… {row.what}" if row.rival else row.what
    if row.cost is None:
        return _joined([what, row.rows, "", "", "", "", row.note])
    cost = row.cost
    ratio = ""
    if row.ratio is not None:
        ratio = (
            f"ours takes {_short(row.ratio)} ×" if row.rival else f"{_short(row.ratio)} yardsticks"
        )
    return _joined(
        [
            what,
            row.rows,
            f"{_short(cost.processor)} s",
            f"{_short(cost.wall)} s",
            f"{cost.peak:.0f} MB",
            ratio,
            row.note,
        ]
    )


def machine() -> dict[str, str]:
    """What ratios may depend on. The day is UTC's."""
    return {
        "day": f"{datetime.now(UTC):%Y-%m-%d}",
        "cores": str(os.cpu_count()),
        "Python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def _short(number: float) -> str:
    """Two digits that matter: 0.43, 4.3, 43."""
    return f"{number:.0f}" if number >= 10 else f"{number:.1f}" if number >= 1 else f"{number:.2f}"


def _joined(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
