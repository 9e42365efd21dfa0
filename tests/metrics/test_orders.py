"""Orders and losses on small tables by hand."""

from __future__ import annotations

import pytest
from cast import MARCH, counts, measured, near, stage, values

SALES = """
customer_id event_on   net_amount kind   order_id
pia         2026-03-02 60         sale   o1
pia         2026-03-04 50         sale   o1
pia         2026-03-04 -10        sale   o1
pia         2026-03-05 20         -      -
pia         2026-03-05 5          -      -
pia         2026-03-05 -4         -      -
gus         2026-03-06 40         sale   -
gus         2026-03-07 -40        refund o2
gwen        2026-03-08 0          sale   o3
sol         2025-09-01 30         sale   o4
bo          2025-03-31 30         sale   o5
-           2026-03-09 500        sale   o6
"""


def test_an_order_is_what_bears_its_number_or_was_bought_on_a_day(tmp_path):
    """pia: 60 + 50 − 10 over two days, and 20 + 5 on one; gus: 40, and his refund is no order;
    gwen's is of nothing, and nobody's is no customer's."""
    measuring = stage(tmp_path, transactions=SALES)
    found = measured(measuring, "average_order_value")
    assert values(found) == near({"platinum": 125 / 2, "gold": 40, "all": 165 / 3})
    assert counts(found)["all"] == (3, 2)


NET = """
customer_id event_on   net_amount kind   order_id
pia         2026-03-02 100        -      o1
pia         2026-03-02 -15        -      o1
pia         2026-03-06 -20        -      o1
gus         2026-03-03 80         sale   o2
gus         2026-03-09 -30        sale   o2
gwen        2026-03-04 50         sale   o3
gwen        2026-03-04 -50        -      o3
sol         2026-03-04 70         sale   o4
sol         2026-03-04 -5         credit o4
bo          2026-03-05 40         -      -
bo          2026-03-05 -8         sale   -
bea         2026-03-05 -9         -      o5
"""


def test_an_order_is_worth_what_is_left_of_it_after_its_discounts(tmp_path):
    """pia's is 100 − 15: what comes days later and says nothing of itself takes back. gus's is
    80 − 30, which says that it is a line of the sale; gwen's is of nothing, sol's credit is none of
    its lines, bo's is 40 − 8, and bea bought nothing. Four orders of 85 + 50 + 70 + 32 = 237."""
    measuring = stage(tmp_path, transactions=NET)
    found = measured(measuring, "average_order_value")
    expected = {"platinum": 85, "gold": 50, "silver": 70, "bronze": 32, "all": 237 / 4}
    assert values(found) == near(expected)
    assert values(measured(measuring, "purchase_frequency"))["all"] == 1


def test_an_order_that_its_discount_makes_free_is_no_purchase(tmp_path):
    """In February pia and gus ordered, and gwen for nothing; in March pia did again, and gus for
    nothing."""
    sales = "customer_id event_on net_amount kind order_id\n" + "\n".join(
        [
            *("pia 2026-02-02 9 sale a", "gus 2026-02-02 9 sale b", "gwen 2026-02-02 9 sale c"),
            *("gwen 2026-02-02 -9 sale c", "pia 2026-03-02 9 sale d", "gwen 2026-03-02 9 sale e"),
            *("gus 2026-03-02 9 sale f", "gus 2026-03-02 -9 - f"),
        ]
    )
    found = measured(stage(tmp_path, transactions=sales), "repeat_purchase")
    assert values(found) == near({"platinum": 1, "gold": 0, "all": 1 / 2})


def test_frequency_is_of_those_who_bought_within_the_year(tmp_path):
    """Since April 2025 pia ordered twice, gus and sol once; bo's last order is a day too old."""
    measuring = stage(tmp_path, transactions=SALES)
    found = measured(measuring, "purchase_frequency")
    assert values(found) == near({"platinum": 2, "gold": 1, "silver": 1, "all": 4 / 3})


CUSTOMERS = """
customer_id acquired_on closed_on  closed_reason tier
a           2024-01-01  2026-03-01 price         gold
b           2024-01-01  2026-03-31 -             gold
c           2024-01-01  2026-04-01 price         gold
d           2024-01-01  -          -             silver
e           2026-03-02  2026-03-20 -             silver
f           2024-01-01  -          -             silver
g           2024-01-01  -          -             silver
"""
CONTRACTS = """
contract_id customer_id start_on   end_on     recurring_amount reason
1           f           2024-01-01 2026-01-31 10               moved
2           f           2026-02-01 2026-03-15 10               -
3           g           2024-01-01 2026-03-15 10               moved
"""


def test_churn_is_the_share_of_those_here_at_the_opening_who_are_gone_at_the_end(tmp_path):
    """Here as March opens: a to d; a and b go in it, c on the first of April, and e came in it."""
    measuring = stage(tmp_path, customers=CUSTOMERS, transactions=SALES)
    found = measured(measuring, "churn_rate", MARCH)
    assert values(found) == near({"gold": 2 / 3, "silver": 0, "all": 2 / 6})
    told = measured(measuring, "losses_explained", MARCH)
    assert values(told) == near({"gold": 1 / 2, "all": 1 / 2})


def test_the_reason_of_a_loss_is_that_of_the_last_contract_where_the_customer_has_none(tmp_path):
    """f's last contract has no reason, though an earlier one has; g's has."""
    measuring = stage(tmp_path, customers=CUSTOMERS, contracts=CONTRACTS)
    assert values(measured(measuring, "churn_rate", MARCH))["silver"] == pytest.approx(2 / 3)
    assert values(measured(measuring, "losses_explained", MARCH))["silver"] == 1 / 2
