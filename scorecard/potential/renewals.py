"""Renewals: how long customers under contract stay, by the shifted beta-geometric model.

At the end of each term a customer leaves with a chance of their own, and the chances differ: those
who leave easily leave early, so that who is left renews more often. A plain rate of retention for
all does not know that, and says too little of old customers.

Source: Fader and Hardie 2007, "How to project customer retention".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln  # type: ignore[import-untyped]

from scorecard.potential.fitting import NotFittedError, most_likely
from scorecard.potential.histories import Floats

STARTS = ((1.0, 3.0), (0.5, 1.0), (3.0, 20.0))


@dataclass(frozen=True)
class Terms:
    """Terms of customers under contract, each distinct course once; ages count whole terms.

    entered    the age at which each came into sight: 0 for those seen from the start
    age        the age at the end: terms that were begun by those who left, renewals of the others
    left       whether they left at that age, which is above `entered` then
    customers  how many have this course
    """

    entered: Floats
    age: Floats
    left: Floats
    customers: Floats

    def __post_init__(self) -> None:
        wrong = (self.entered < 0) | (self.age < self.entered) | (self.customers <= 0)
        if bool((wrong | ((self.left > 0) & (self.age <= self.entered))).any()):
            raise ValueError("a course ends before it came into sight, or is nobody's")

    @classmethod
    def of_cohort(cls, there: Floats) -> Terms:
        """A cohort that was counted at the beginning and after each term, none of it unseen."""
        lost = there[:-1] - there[1:]
        ages = np.arange(1.0, len(there))
        kept = lost > 0
        age = np.append(ages[kept], len(there) - 1.0)
        left = np.append(np.ones(int(kept.sum())), 0.0)
        many = np.append(lost[kept], there[-1])
        seen = many > 0
        return cls(np.zeros(int(seen.sum())), age[seen], left[seen], many[seen])


@dataclass(frozen=True)
class RenewalModel:
    """A fitted model: the chance to leave is beta(alpha, beta) among new customers."""

    alpha: float
    beta: float
    log_likelihood: float

    @classmethod
    def fit(cls, seen: Terms) -> RenewalModel:
        """The most likely model; NotFittedError where there is none, or nobody ever left."""
        if not bool((seen.left > 0).any()):
            raise NotFittedError("nobody left, so that nothing tells how long customers stay")

        def likely(parameters: tuple[float, ...]) -> float:
            alpha, beta = parameters
            there = _log_there(alpha, beta, seen.age)
            gone = _log_left(alpha, beta, np.maximum(seen.age, 1))
            each = np.where(seen.left > 0, gone, there) - _log_there(alpha, beta, seen.entered)
            return float((seen.customers * each).sum())

        found = most_likely(likely, STARTS)
        alpha, beta = found.parameters
        return cls(alpha, beta, found.log_likelihood)

    def there(self, age: Floats) -> Floats:
        """The share of a cohort that is there after so many terms, S(t)."""
        return np.asarray(np.exp(_log_there(self.alpha, self.beta, age)))

    def renews(self, age: Floats) -> Floats:
        """The chance that a customer who has renewed so often does it once more."""
        return np.asarray((self.beta + age) / (self.alpha + self.beta + age))

    def expected(self, age: Floats, terms: int, rate: float) -> Floats:
        """The terms paid among the next ones by a customer of that age, each discounted from its
        beginning by `rate` for a term; the one that is running is not among them."""
        now = _log_there(self.alpha, self.beta, age)
        total = np.zeros(len(age))
        for number in range(1, terms + 1):
            later = _log_there(self.alpha, self.beta, age + number)
            total += np.exp(later - now) / (1 + rate) ** number
        return total


def _log_there(alpha: float, beta: float, age: Floats) -> Floats:
    return np.asarray(betaln(alpha, beta + age) - betaln(alpha, beta))


def _log_left(alpha: float, beta: float, age: Floats) -> Floats:
    return np.asarray(betaln(alpha + 1, beta + age - 1) - betaln(alpha, beta))
