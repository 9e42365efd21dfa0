"""Customer math over March 2026: a dozen customers, counted and in monthly money.

    before    after     opening  closing
ada   gold      gold        100      120    buys 20 more
bob   gold      silver       50       40    shrinks by 10
kim   gold      lost         90        0
cat   silver    gold         30       60    grows by 30
dan   silver    silver       20       20
gil   silver    lost         25        0
eva   bronze    silver       10       15    grows by 5
fay   bronze    bronze        5        5
hal   lost      silver        0       18    won back
ian   unrated   bronze        8        9    grows by 1
jan   new       gold          0       70
lea   new       unrated       0        4
"""

from __future__ import annotations

from collections import Counter

import pytest
from cast import MARCH, frozen, stage
from hypothesis import given
from hypothesis import strategies as st

from scorecard.measuring.customer_flow import Account, Move, counts, money, moves, reasons, total

CUSTOMERS = """
customer_id acquired_on closed_on  closed_reason
ada         2024-01-01  -          -
bob         2024-01-01  -          -
kim         2024-01-01  2026-03-25 price
cat         2024-01-01  -          -
dan         2024-01-01  -          -
gil         2024-01-01  2026-03-20 -
eva         2024-01-01  -          -
fay         2024-01-01  -          -
hal         2024-01-01  -          -
ian         2026-02-20  -          -
jan         2026-03-09  -          -
lea         2026-03-15  -          -
"""
CONTRACTS = """
contract_id customer_id start_on   end_on     recurring_amount billing_period
c1          ada         2025-01-01 -          100              month
c2          ada         2026-03-10 -          240              year
c3          bob         2025-01-01 2026-03-10 50               month
c4          bob         2026-03-10 -          120              quarter
c5          kim         2025-01-01 2026-03-25 90               month
c6          cat         2025-01-01 -          30               month
c7          cat         2026-03-02 -          30               month
c8          dan         2025-01-01 -          20               month
c9          gil         2025-01-01 2026-03-20 25               month
c10         eva         2025-01-01 -          10               month
c11         eva         2026-03-31 -          5                month
c12         fay         2025-01-01 -          5                month
c13         hal         2026-03-05 -          18               month
c14         ian         2026-02-20 -          8                month
c15         ian         2026-03-20 -          1                month
c16         jan         2026-03-09 -          70               month
c17         lea         2026-03-15 -          4                month
"""
TIERS = ("gold", "silver", "bronze")
BEFORE = {
    "ada": "gold",
    "bob": "gold",
    "kim": "gold",
    "cat": "silver",
    "dan": "silver",
    "gil": "silver",
    "eva": "bronze",
    "fay": "bronze",
    "hal": "lost",
}
AFTER = {
    "ada": "gold",
    "bob": "silver",
    "kim": "lost",
    "cat": "gold",
    "dan": "silver",
    "gil": "lost",
    "eva": "silver",
    "fay": "bronze",
    "hal": "silver",
    "ian": "bronze",
    "jan": "gold",
}


@pytest.fixture(scope="module")
def measuring(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dozen")
    frozen(folder, "2026-03", BEFORE)
    frozen(folder, "2026-04", AFTER)
    return stage(folder, customers=CUSTOMERS, contracts=CONTRACTS)


@pytest.fixture(scope="module")
def dozen(measuring):
    return moves(measuring.facts, measuring.tiers, MARCH)


def test_every_customer_is_in_one_move(dozen):
    assert sum(m.customers for m in dozen) == 12
    assert Move("gold", "silver", 1, 50.0, 40.0) in dozen
    assert Move("unrated", "gold", 1, 0.0, 70.0, came=True) in dozen
    assert Move("lost", "silver", 1, 0.0, 18.0) in dozen


def test_customers_add_up_in_every_tier(dozen):
    #                     open  new  back  in  out  lost  growth  close
    assert counts(dozen, TIERS) == [
        Account("gold", 3, 1, 0, 1, 1, 1, 0, 3),
        Account("silver", 3, 0, 1, 2, 1, 1, 0, 4),
        Account("bronze", 2, 0, 0, 1, 1, 0, 0, 2),
        Account("unrated", 1, 1, 0, 0, 1, 0, 0, 1),
    ]


def test_money_adds_up_in_every_tier(dozen):
    assert money(dozen, TIERS) == [
        # of ada +20 and cat +30, who grew after moving in
        Account("gold", 240, 70, 0, 30, 50, 90, 50, 250),
        # of bob −10 and eva +5
        Account("silver", 75, 0, 18, 60, 30, 25, -5, 93),
        Account("bronze", 15, 0, 0, 8, 10, 0, 1, 14),
        Account("unrated", 8, 4, 0, 0, 8, 0, 0, 4),
    ]
    assert all(account.balances for account in money(dozen, TIERS))


def test_moves_between_tiers_cancel_out_over_all(dozen):
    whole = total(money(dozen, TIERS))
    assert whole == Account("all", 338, 74, 18, 98, 98, 115, 46, 361)
    assert whole.moved_in == whole.moved_out


def test_an_account_that_does_not_add_up_says_so():
    assert not Account("gold", 3, 1, 0, 1, 1, 1, 0, 4).balances


def test_without_contracts_money_is_the_revenue_of_both_periods(tmp_path):
    sales = """
    txn_id customer_id event_on   net_amount
    t1     ada         2026-02-28 100
    t2     ada         2026-03-01 60
    t3     ada         2026-03-31 70
    t4     ada         2026-04-01 500
    """
    frozen(tmp_path, "2026-03", BEFORE)
    frozen(tmp_path, "2026-04", AFTER)
    staged = stage(tmp_path, customers=CUSTOMERS, transactions=sales)
    found = moves(staged.facts, staged.tiers, MARCH)
    assert Move("gold", "gold", 1, 100.0, 130.0) in found


def test_the_lost_are_told_with_their_reason_and_their_tier(measuring):
    found = reasons(measuring.facts, measuring.tiers, MARCH)
    assert found == [("no reason recorded", "silver", 1), ("price", "gold", 1)]


BEFORE_STATES = st.sampled_from(["gold", "silver", "bronze", "unrated", "lost"])
SOLD = st.sampled_from(["gold", "silver", "bronze", "unrated", "new"])
CENTS = st.integers(0, 10**9)
MOVED = st.one_of(
    st.tuples(BEFORE_STATES, BEFORE_STATES, st.just(False), CENTS, CENTS),
    st.tuples(SOLD, BEFORE_STATES, st.just(True), st.just(0), CENTS),
)


@given(st.lists(MOVED, max_size=60))
def test_accounts_balance_whatever_moves(customers):
    """Each customer goes from some state to some state with some money at both ends, or comes."""
    size: Counter[tuple[str, str, bool]] = Counter()
    opening: Counter[tuple[str, str, bool]] = Counter()
    closing: Counter[tuple[str, str, bool]] = Counter()
    for before, after, came, at_first, at_last in customers:
        size[before, after, came] += 1
        opening[before, after, came] += at_first
        closing[before, after, came] += at_last
    found = [
        Move(key[0], key[1], n, float(opening[key]), float(closing[key]), key[2])
        for key, n in size.items()
    ]
    for accounts in (counts(found, TIERS), money(found, TIERS)):
        assert [a.tier for a in accounts if not a.balances] == []
        assert total(accounts).balances
    whole = total(counts(found, TIERS))
    assert whole.closing == sum(m.customers for m in found if m.after != "lost")
    assert whole.opening == sum(m.customers for m in found if not m.came and m.before != "lost")
    assert whole.new == sum(m.customers for m in found if m.came)
    gone = [m for m in found if m.after == "lost" and m.before != "lost"]
    assert whole.lost == sum(m.customers for m in gone)
