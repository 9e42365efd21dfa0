"""Fragility of a counted verdict: how few customers it rests on.

A counted figure Σ num ÷ Σ den is at or above its limit exactly when
Σ (num − limit · den) is at or above zero. Each customer's share of that sum is
their weight in the verdict, and taking away the heaviest first takes the fewest.
"""

from __future__ import annotations

from collections.abc import Sequence

from scorecard.definitions.results import Fragility


def flips(total: float, contributions: Sequence[tuple[str, float]], maximum: int) -> Fragility:
    """The fewest customers whose removal changes the verdict, and who they are.

    `total` is S = Σ (num − limit · den) over all customers, oriented so that
    S ≥ 0 is the better side; for an upper limit hand over limit · den − num.
    `contributions` are (name, contribution) of those who hold S on its side,
    weightiest first (largest when S ≥ 0, smallest when below), `maximum` of
    them or all there are. `customers` is None when more than `maximum` are
    needed, or when only nobody at all would be left.
    """
    # Sums that are equal as decimals may differ as floats; within the noise S counts as zero.
    noise = 1e-9 * max(1.0, abs(total), *(abs(weight) for _, weight in contributions))
    holds = total >= -noise
    rest, names = total, list[str]()
    for name, weight in contributions[:maximum]:
        if (weight > 0) != holds or weight == 0:
            break
        rest -= weight
        names.append(name)
        emptied = len(names) == len(contributions) and abs(rest) <= noise
        if not emptied and (rest < -noise if holds else rest >= -noise):
            return Fragility(len(names), tuple(names))
    return Fragility(None)
