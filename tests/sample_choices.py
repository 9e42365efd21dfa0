"""Stances in force and earlier figures, for tests of what is made of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from scorecard.base.periods import Period
from scorecard.ledger import HistoryPoint, Witnessed
from scorecard.strategy.model import Stance

OCTOBER = Period.parse("2026-10", "Europe/London")
LATER = datetime(2026, 12, 15, tzinfo=UTC)


def chosen(
    key: str, kind: Any, at_worst: float | None, at_best: float | None = None, **more: Any
) -> Stance:
    """A stance on `metric/tier`, in force since January, owned by ada and approved by the coo."""
    metric, _, tier = key.partition("/")
    stance = Stance(
        metric,
        tier,
        kind,
        "ada",
        at_worst,
        at_best,
        1,
        date(2025, 12, 1),
        date(2026, 1, 1),
        "coo",
        "",
    )
    return replace(stance, **more)


def witnessed(*stances: Stance) -> list[Witnessed]:
    return [Witnessed(s, f"v{i}", "") for i, s in enumerate(stances)]


def earlier(
    *values: float | None,
    last: Period = OCTOBER,
    n: int = 50,
    words: str = "",
    undecided: int = 0,
    as_of: datetime = LATER,
    customers: int | None = None,
) -> list[HistoryPoint]:
    """One figure a period, oldest first, the newest in the period before `last`.

    `words` and `undecided` are those of the newest.
    """
    points = [
        HistoryPoint(
            last.shift(i - len(values)).key,
            v,
            n,
            None,
            None,
            "",
            "",
            as_of,
            customers=n if customers is None else customers,
        )
        for i, v in enumerate(values)
    ]
    reason = "straddles_limit" if undecided else ""
    return [*points[:-1], replace(points[-1], words=words, reason=reason, undecided=undecided)]
