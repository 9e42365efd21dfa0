"""Agreement: the figures of one piece of the bench held against those of another, digit by digit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isclose
from typing import Any

CLOSE = 1e-7
"""Relative difference that is none: ours rounds amounts and quantities to six decimals, so that no
order of rows can change a digit, and a margin is the small difference of large sums."""
NUMBERS = ("n", "num", "den", "value")
Row = Mapping[str, Any]


def disagreements(ours: Iterable[Row], others: Iterable[Row]) -> tuple[int, list[str]]:
    """How many figures (a metric in a tier) were compared, and a line for each that differs.

    A figure is there for both or for none. Sums are compared where both have them: quantiles
    and survival are no ratio of two.
    """
    theirs = {(row["metric"], row["tier"]): row for row in others}
    compared, wrong = 0, []
    for row in ours:
        key = (row["metric"], row["tier"])
        other = theirs.pop(key, None)
        if other is None and not row["n"]:
            continue
        compared += 1
        if other is None:
            wrong.append(f"{'/'.join(key)}: only ours")
        elif differ := [n for n in NUMBERS if not _same(row[n], other[n], n)]:
            said = ", ".join(f"{n} {row[n]} against {other[n]}" for n in differ)
            wrong.append(f"{'/'.join(key)}: {said}")
    wrong += [f"{'/'.join(key)}: only theirs" for key in theirs]
    return compared + len(theirs), wrong


def _same(ours: float | None, other: float | None, name: str) -> bool:
    if ours is None or other is None:
        return ours is other or name in ("num", "den")
    return isclose(ours, other, rel_tol=CLOSE, abs_tol=1e-12)
