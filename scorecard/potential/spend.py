"""Spend: what a purchase of each customer is worth, of whom only a few purchases are known.

Gamma-gamma: purchases of a customer spread around a mean of their own, and the means differ between
customers; who has few purchases is drawn towards the mean of all. It holds only where what people
spend does not go with how often they buy; `tied` says how far it does.

Source: Fader and Hardie 2013, "The gamma-gamma model of monetary value".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln  # type: ignore[import-untyped]

from scorecard.potential.fitting import NotFittedError, most_likely
from scorecard.potential.histories import Floats

STARTS = ((6.0, 4.0, 1.0), (1.0, 2.0, 1.0), (20.0, 3.0, 0.2))
"""Shapes, and the scale in multiples of the mean of all."""


@dataclass(frozen=True)
class Spent:
    """What customers spent, each distinct pair once.

    repeats    purchases on which the mean rests, above 0
    mean       money a purchase, above 0
    customers  how many have both
    """

    repeats: Floats
    mean: Floats
    customers: Floats

    def __post_init__(self) -> None:
        if bool(((self.repeats <= 0) | (self.mean <= 0) | (self.customers <= 0)).any()):
            raise ValueError("what a purchase is worth is known only of purchases above nothing")

    @property
    def average(self) -> float:
        """Money a purchase, of all purchases together."""
        purchases = self.repeats * self.customers
        return float((purchases * self.mean).sum() / purchases.sum())

    @property
    def tied(self) -> float:
        """The correlation of how often customers buy with what they spend; 0 where either is the
        same for all."""
        weights = self.customers / self.customers.sum()
        x, z = (each - (weights * each).sum() for each in (self.repeats, self.mean))
        spread = (weights * x * x).sum() * (weights * z * z).sum()
        return float((weights * x * z).sum() / np.sqrt(spread)) if spread > 0 else 0.0


@dataclass(frozen=True)
class SpendModel:
    """A fitted model: p of a customer's purchases, q and gamma of the means; gamma in money."""

    p: float
    q: float
    gamma: float
    log_likelihood: float

    @classmethod
    def fit(cls, seen: Spent) -> SpendModel:
        """The most likely model; NotFittedError where there is none."""
        if not len(seen.repeats):
            raise NotFittedError("nobody bought a second time")
        unit = seen.average

        def likely(parameters: tuple[float, ...]) -> float:
            p, q, scale = parameters
            return float((seen.customers * _log_density(p, q, scale * unit, seen)).sum())

        found = most_likely(likely, STARTS)
        p, q, scale = found.parameters
        return cls(p, q, scale * unit, found.log_likelihood)

    @property
    def average(self) -> float:
        """What a purchase of a customer of whom nothing is known is worth; infinite for q ≤ 1."""
        return self.p * self.gamma / (self.q - 1) if self.q > 1 else float("inf")

    def expected(self, repeats: Floats, mean: Floats) -> Floats:
        """What a purchase of each is worth; the average where there are no repeats."""
        total = repeats * mean
        return np.asarray(self.p * (self.gamma + total) / (self.p * repeats + self.q - 1))


def _log_density(p: float, q: float, gamma: float, seen: Spent) -> Floats:
    x, z = seen.repeats, seen.mean
    shape = p * x
    return np.asarray(
        gammaln(shape + q)
        - gammaln(shape)
        - gammaln(q)
        + q * np.log(gamma)
        + (shape - 1) * np.log(z)
        + shape * np.log(x)
        - (shape + q) * np.log(gamma + x * z)
    )
