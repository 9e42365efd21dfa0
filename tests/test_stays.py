"""From when to when a customer is here, day by day, on tables written out here."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import ibis
import pytest
from cast import opened

CUSTOMERS = """
customer_id acquired_on closed_on
ann         2026-03-10  2026-05-20
bob         2026-03-10  -
"""
CONTRACTS = """
contract_id customer_id start_on   end_on     recurring_amount
c1          bob         2026-04-01 2026-04-30 10
c2          bob         2026-05-03 2026-06-30 20
"""


def here(facts, month, day):
    """Who is here as a day of 2026 begins."""
    found = facts.answer(facts.active(date(2026, month, day)).order_by("customer_id"))
    return [row["customer_id"] for row in found]


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    return opened(tmp_path_factory.mktemp("closed"), customers=CUSTOMERS)


@pytest.mark.parametrize(
    ("month", "day", "who"),
    [
        (3, 10, []),  # the day on which both came
        (3, 11, ["ann", "bob"]),
        (5, 20, ["ann", "bob"]),  # the day on which ann is lost: she still was as it began
        (5, 21, ["bob"]),
    ],
)
def test_a_day_on_which_one_comes_or_leaves_belongs_to_the_period_it_begins(
    closed, month, day, who
):
    assert here(closed, month, day) == who


@pytest.mark.parametrize(
    ("first", "after", "who"),
    [
        (date(2026, 3, 1), date(2026, 3, 10), []),
        (date(2026, 3, 1), date(2026, 3, 11), ["ann", "bob"]),
        (date(2026, 5, 20), date(2026, 6, 1), ["ann", "bob"]),
        (date(2026, 5, 21), date(2026, 6, 1), ["bob"]),
    ],
)
def test_whoever_is_here_on_any_day_of_a_span_is_here_in_it(closed, first, after, who):
    from scorecard.facts.stays import here_within

    rows = closed.answer(here_within(closed.stays(), first, after).order_by("customer_id"))
    assert [row["customer_id"] for row in rows] == who


def under_contract(folder, grace):
    facts = opened(folder, customers=CUSTOMERS, contracts=CONTRACTS)
    facts.options = replace(facts.options, renewal_grace=grace)
    return facts


def bobs(facts, *days):
    return [("bob" in here(facts, month, day)) for month, day in days]


def test_before_the_first_contract_one_is_a_customer_and_between_two_of_them_none(tmp_path):
    days = [(3, 11), (4, 1), (4, 2), (4, 30), (5, 1), (5, 3), (5, 4), (6, 30), (7, 1)]
    without = under_contract(tmp_path / "none", 0)
    # From 1 to 3 May nothing is in force as the day begins.
    assert bobs(without, *days) == [True, True, True, True, False, False, True, True, False]
    with_one = under_contract(tmp_path / "one", 1)  # 1 and 2 May lie between
    assert bobs(with_one, *days) == bobs(without, *days)
    with_two = under_contract(tmp_path / "two", 2)
    assert bobs(with_two, *days) == [True, True, True, True, True, True, True, True, False]


@pytest.mark.parametrize(("day", "amount"), [(2, 10), (3, 10), (4, 20)])
def test_of_a_contract_and_its_renewal_exactly_one_counts_on_each_day(tmp_path, day, amount):
    facts = under_contract(tmp_path, 2)
    on = date(2026, 5, day)
    (row,) = facts.answer(facts.recurring(on, rates_of=on))
    assert row["amount"] == amount


def test_of_who_has_contracts_these_tell_and_not_the_day_it_was_closed(tmp_path):
    held = CONTRACTS + "c3 ann 2026-04-01 2026-06-15 5\n"
    facts = opened(tmp_path, customers=CUSTOMERS, contracts=held)
    assert "ann" in here(facts, 6, 15)  # closed on 20 May, by the other file
    assert "ann" not in here(facts, 6, 16)
    on = date(2026, 6, 1)
    paid = facts.answer(facts.recurring(on, rates_of=on).order_by("customer_id"))
    assert [(r["customer_id"], r["amount"]) for r in paid] == [("ann", 5), ("bob", 20)]


def test_a_tenure_passes_over_gaps_and_ends_with_the_last_stay(tmp_path):
    facts = under_contract(tmp_path, 0)
    found = {r["customer_id"]: r for r in facts.answer(facts.tenures())}
    bob, ann = found["bob"], found["ann"]
    assert (bob["acquired_on"], bob["left_on"]) == (date(2026, 3, 10), date(2026, 6, 30))
    assert (ann["acquired_on"], ann["left_on"]) == (date(2026, 3, 10), date(2026, 5, 20))
    assert bob["observable"] and ann["observable"]


@pytest.mark.parametrize(
    ("one", "other", "first"),
    [("2026-01-02", "2026-01-01", 1), ("2026-01-01", None, 1), (None, "2026-01-01", 1)],
)
def test_the_earlier_of_two_days_of_which_one_may_be_empty(tmp_path, one, other, first):
    from scorecard.facts.stays import earlier

    facts = opened(tmp_path, customers=CUSTOMERS)
    days = [ibis.literal(d).cast("date") if d else ibis.null("date") for d in (one, other)]
    (row,) = facts.answer(facts.customers.limit(1).select(day=earlier(*days)))
    assert row["day"] == date(2026, 1, first)
