"""Fitting: the parameters under which what was seen is the most likely.

All parameters are positive, so that their logarithms are looked for. Several starts are tried in a
fixed order; the same data give the same parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, inf, isfinite, log

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]

LARGEST = 1e4
"""Parameters beyond it, or below its inverse, say that the model does not fit: all customers are
alike, or nothing tells them apart."""
FIRST_STEPS, MOST_STEPS = 100, 4000
"""How often the likelihood is worked out from each start, and then from the best place."""
Array = NDArray[np.float64]


class NotFittedError(Exception):
    """No parameters explain what was seen; the message says why, as the end of a sentence."""


@dataclass(frozen=True)
class Fit:
    """Parameters, and the log-likelihood that they reach."""

    parameters: tuple[float, ...]
    log_likelihood: float


def most_likely(
    log_likelihood: Callable[[tuple[float, ...]], float], starts: Sequence[tuple[float, ...]]
) -> Fit:
    """The most likely parameters; NotFittedError where none are found, or they are at an edge."""
    edge = log(LARGEST)

    def unlikely(logs: Array) -> float:
        said = log_likelihood(tuple(exp(each) for each in logs))
        return -said if isfinite(said) else inf

    def looked(start: Array, most: int) -> tuple[float, Array]:
        found = minimize(
            unlikely,
            start,
            method="Nelder-Mead",
            bounds=[(-edge, edge)] * len(start),
            options={"xatol": 1e-7, "fatol": 1e-8, "maxiter": most, "maxfev": most},
        )
        return float(found.fun), found.x

    # Each start goes some way, and only the one that came the farthest goes on to the end.
    ways = [looked(np.log(np.asarray(start)), FIRST_STEPS) for start in starts]
    off, best = looked(min(ways, key=lambda way: way[0])[1], MOST_STEPS)
    if not isfinite(off):
        raise NotFittedError("no parameters explain what was seen")
    if any(abs(float(each)) > edge - 1e-3 for each in best):
        raise NotFittedError("what was seen does not tell the customers apart")
    return Fit(tuple(exp(float(each)) for each in best), -off)
