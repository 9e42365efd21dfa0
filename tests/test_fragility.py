"""Fragility against every way of taking customers away."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.definitions.results import Fragility
from scorecard.stats.fragility import flips


def heaviest(contributions: list[float], side: bool) -> list[tuple[str, float]]:
    named = [(f"c{i}", c) for i, c in enumerate(contributions)]
    return sorted(named, key=lambda pair: -pair[1] if side else pair[1])


def brute(contributions: list[float]) -> int | None:
    """The fewest to take away so that those left, at least one, are on the other side."""
    side = sum(contributions) >= 0
    for count in range(1, len(contributions)):
        for left in combinations(contributions, len(contributions) - count):
            if (sum(left) >= 0) != side:
                return count
    return None


def test_a_limit_met_by_one_large_customer_rests_on_that_one():
    # Margin 90 of revenue 400 against a limit of 20 %: 22.5 %. Without Acme 20 of 200: 10 %.
    parts = [("Acme", 70 - 0.2 * 200), ("Birch", 15 - 0.2 * 100), ("Cole", 5 - 0.2 * 100)]
    assert sum(c for _, c in parts) == pytest.approx(90 - 0.2 * 400)
    assert flips(10.0, parts, 5) == Fragility(1, ("Acme",))


def test_a_miss_caused_by_two_customers_names_both():
    parts = [("Dun", -30.0), ("Elm", -20.0), ("Fir", -1.0), ("Gum", 5.0)]
    assert flips(-46.0, parts, 5) == Fragility(2, ("Dun", "Elm"))


def test_more_than_the_maximum_is_not_counted():
    assert flips(-46.0, [("Dun", -30.0), ("Elm", -20.0)], 1) == Fragility(None)


def test_nobody_left_is_not_another_verdict():
    assert flips(-3.0, [("Dun", -2.0), ("Elm", -1.0)], 5) == Fragility(None)
    assert flips(3.0, [("Dun", 2.0), ("Elm", 1.0)], 5) == Fragility(None)


def test_exactly_on_the_limit_is_on_the_better_side():
    assert flips(-5.0, [("Dun", -5.0), ("Elm", -1.0)], 5) == Fragility(1, ("Dun",))
    assert flips(0.0, [("Dun", 5.0), ("Elm", -5.0)], 5) == Fragility(1, ("Dun",))


@given(
    st.lists(st.integers(-9, 9).filter(bool).map(float), min_size=1, max_size=7),
    st.integers(1, 7),
)
def test_it_is_the_fewest_there_can_be(contributions, maximum):
    total = sum(contributions)
    found = flips(total, heaviest(contributions, total >= 0), maximum)
    fewest = brute(contributions)
    assert found.customers == (fewest if fewest is not None and fewest <= maximum else None)
    assert len(found.names) == (found.customers or 0)
