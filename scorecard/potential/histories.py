"""Histories: what is known of customers who buy without a contract, each distinct history once.

Ten million customers have some hundred thousand distinct histories when time is counted in weeks;
what a model makes of a history is worked out once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Histories:
    """Columns of equal length, one entry for each distinct history. Times are of one unit.

    repeats    purchases after the first one, x
    last       from the first purchase to the last one, t_x; 0 where there was one only
    watched    from the first purchase to the day of looking, T
    customers  how many have this history
    """

    repeats: Floats
    last: Floats
    watched: Floats
    customers: Floats

    def __post_init__(self) -> None:
        x, last, watched = self.repeats, self.last, self.watched
        if not len(x) == len(last) == len(watched) == len(self.customers):
            raise ValueError("columns of different lengths are no histories")
        wrong = (x < 0) | (last < 0) | (last > watched) | ((x == 0) != (last == 0))
        if bool((wrong | (self.customers <= 0)).any()):
            raise ValueError(
                "a history has its last purchase after it was looked at, or a repeat without a day"
            )

    @property
    def count(self) -> float:
        """How many customers there are."""
        return float(self.customers.sum())

    @classmethod
    def of(cls, repeats: Floats, last: Floats, watched: Floats) -> Histories:
        """The histories of single customers, those that are alike put together."""
        rows = np.column_stack([repeats, last, watched]).astype(float)
        distinct, counts = np.unique(rows, axis=0, return_counts=True)
        each = np.ascontiguousarray(distinct.T)
        return cls(each[0], each[1], each[2], counts.astype(float))
