"""Purchases without a contract: how often customers buy, and whether they still do.

BG/NBD: a customer buys at a rate of their own, and stops for good after any purchase with a chance
of their own; both differ between customers. MBG/NBD: they may also stop right after the first
purchase, so that who bought once is not sure to be there. Which of the two, the data say.

Sources: Fader, Hardie and Lee 2005, "Counting your customers the easy way"; Batislam, Denizel and
Filiztekin 2007; Hoppe and Wagner 2007.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import gammaln, hyp2f1  # type: ignore[import-untyped]

from scorecard.potential.fitting import Fit, NotFittedError, most_likely
from scorecard.potential.histories import Floats, Histories

Kind = Literal["BG/NBD", "MBG/NBD"]
STARTS = ((1.0, 3.0, 1.0, 3.0), (0.3, 5.0, 0.7, 2.5), (1.0, 20.0, 0.3, 1.0), (2.0, 2.0, 3.0, 9.0))
"""Where the search for parameters begins: rates of a purchase in three, fifteen, twenty and one
units of time."""
_ONE = 1e-6


@dataclass(frozen=True)
class PurchaseModel:
    """A fitted model; r and alpha are of the rate of buying, a and b of the chance to stop.

    Times are in the unit of the histories that it was fitted to.
    """

    kind: Kind
    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float

    @classmethod
    def fit(cls, kind: Kind, seen: Histories) -> PurchaseModel:
        """The most likely model; NotFittedError where there is none."""
        if not bool((seen.repeats > 0).any()):
            raise NotFittedError("nobody bought a second time")

        def likely(parameters: tuple[float, ...]) -> float:
            return float((seen.customers * _log_likelihood(kind, parameters, seen)).sum())

        found: Fit = most_likely(likely, STARTS)
        r, alpha, a, b = found.parameters
        return cls(kind, r, alpha, a, b, found.log_likelihood)

    @classmethod
    def better(cls, seen: Histories) -> PurchaseModel:
        """The kind under which what was seen is more likely; both have four parameters."""
        fitted = [cls.fit("BG/NBD", seen), cls.fit("MBG/NBD", seen)]
        return max(fitted, key=lambda model: model.log_likelihood)

    def alive(self, seen: Histories) -> Floats:
        """The chance that each still buys; 1 by BG/NBD for who bought once."""
        return 1 / (1 + self._gone(seen))

    def expected(self, seen: Histories, ahead: float) -> Floats:
        """The purchases that are expected of each in the time ahead, given its history."""
        r, alpha, a, b = self._parameters
        x, grown = seen.repeats, alpha + seen.watched
        later = self._later
        part = ahead / (grown + ahead)
        stays = (grown / (grown + ahead)) ** (r + x) * hyp2f1(
            r + x, b + x + later, a + b + x - 1 + later, part
        )
        return np.asarray((a + b + x - 1 + later) / (a - 1) * (1 - stays) / (1 + self._gone(seen)))

    def discounted(self, seen: Histories, periods: int, length: float, rate: float) -> Floats:
        """The purchases expected in that many periods of a length ahead, each discounted from its
        end by `rate` for a period."""
        total = np.zeros(len(seen.repeats))
        before = np.zeros(len(seen.repeats))
        for number in range(1, periods + 1):
            so_far = self.expected(seen, number * length)
            total += (so_far - before) / (1 + rate) ** number
            before = so_far
        return total

    def of_newcomers(self, time: Floats) -> Floats:
        """The repeat purchases expected of a new customer within each time."""
        r, alpha, a, b = self._parameters
        later = self._later
        factor = (a + b - 1) if later == 0 else b
        inside = hyp2f1(r, b + later, a + b - 1 + later, time / (alpha + time))
        return np.asarray(factor / (a - 1) * (1 - (alpha / (alpha + time)) ** r * inside))

    @property
    def _parameters(self) -> tuple[float, float, float, float]:
        # At a = 1 the closed forms are 0 ÷ 0; beside it they are right to six digits.
        a = self.a if abs(self.a - 1) > _ONE else 1 + _ONE
        return self.r, self.alpha, a, self.b

    @property
    def _later(self) -> int:
        """MBG/NBD is BG/NBD with one more chance to stop."""
        return 1 if self.kind == "MBG/NBD" else 0

    def _gone(self, seen: Histories) -> Floats:
        """The odds that each has stopped."""
        r, alpha, a, b = self._parameters
        x = seen.repeats
        grown = ((alpha + seen.watched) / (alpha + seen.last)) ** (r + x)
        if self._later:
            return np.asarray(a / (b + x) * grown)
        return np.where(x > 0, a / (b + np.maximum(x, 1) - 1) * grown, 0.0)


def _log_likelihood(kind: Kind, parameters: tuple[float, ...], seen: Histories) -> Floats:
    """Of each distinct history, without what does not depend on the parameters."""
    r, alpha, a, b = parameters
    x = seen.repeats
    later = 1 if kind == "MBG/NBD" else 0
    buying = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    stays = gammaln(a + b) + gammaln(b + x + later) - gammaln(b) - gammaln(a + b + x + later)
    here = stays - (r + x) * np.log(alpha + seen.watched)
    # B(a + 1, b + x − 1 + later) over B(a, b + x + later) is a over b + x − 1 + later.
    odds = np.log(a) - np.log(np.maximum(b + x - 1 + later, 1e-300))
    gone = stays + odds - (r + x) * np.log(alpha + seen.last)
    if not later:
        gone = np.where(x > 0, gone, -np.inf)
    return np.asarray(buying + np.logaddexp(here, gone))
