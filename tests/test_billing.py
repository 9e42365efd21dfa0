"""Which billing period of its contract an invoice is for, and on which days credits and discounts
count, by hand."""

from __future__ import annotations

import pytest
from cast import measured, opened, stage
from test_conservation import all_balances
from test_revenue_days import AT_SALE, CUSTOMERS, INVOICED, month, months, revenues

from scorecard.measuring.recognition import recognition
from scorecard.quality.contracts import contracts as findings_of
from scorecard.tiers.revenue import elsewhere

YEARS = """
customer_id contract_id start_on   end_on     recurring_amount billing_period
ann         K1          2025-03-01 -          960              year
"""
SOLD = "customer_id event_on net_amount contract_id kind order_id service_from service_to\n"


def days(folder, sales, contracts=YEARS, as_of="2029-01-15T08:00", **more):
    """By booking day the first day that a row counts on, the last, and that by which all has."""
    rows = SOLD + "\n".join(f"ann {row}" + " -" * (7 - len(row.split())) for row in sales)
    facts = opened(
        folder, customers=CUSTOMERS, contracts=contracts, transactions=rows, as_of=as_of, **more
    )
    found = facts.answer(elsewhere(facts))
    told = [tuple(str(r[c])[:10] for c in ("event_on", "began", "ended", "stop")) for r in found]
    return facts, sorted(told)


def said(facts):
    """The findings about contracts and what is billed for them, by id."""
    return {f.id: f.message for f in findings_of(facts, None)}


def test_a_renewal_that_is_invoiced_ahead_is_for_the_year_to_come(tmp_path):
    """Every invoice comes some days before its year, the first before the contract begins."""
    ahead = ["2025-02-10 960 K1", "2026-02-28 960 K1", "2027-01-20 1000 K1", "2027-11-29 1000 K1"]
    facts, found = days(tmp_path, ahead)
    assert found == [
        ("2025-02-10", "2025-03-01", "2026-02-28", "2026-02-28"),
        ("2026-02-28", "2026-03-01", "2027-02-28", "2027-02-28"),
        ("2027-01-20", "2027-03-01", "2028-02-29", "2028-02-29"),
        ("2027-11-29", "2027-03-01", "2028-02-29", "2028-02-29"),  # 93 days ahead
    ]
    # 960 for each of two years, and 1,000 twice for the third: 31 of 366 days in a month of 31.
    spans = [month("2025-03-01/2026-02-28"), month("2026-03-01/2027-02-28"), month("2027-03")]
    assert [float(x) for x in revenues(facts, spans)] == pytest.approx(
        [960, 960, 2000 * 31 / 366], abs=1e-5
    )
    found = said(facts)
    assert found["facts.invoiced_ahead"] == (
        "2 invoices, booked late in a billing period that has one already, for example of contract "
        '"K1": taken for the next period.'
    )
    assert found["facts.invoiced_twice"] == (
        "1 invoice is for a billing period that has a full one already, for example of contract "
        '"K1"; all count in it.'
    )


def test_what_is_invoiced_when_the_year_is_over_is_for_that_year(tmp_path):
    """The contract began after the first transaction, and nothing was invoiced as it began."""
    facts, found = days(tmp_path, ["2024-01-02 5", "2026-02-20 960 K1", "2027-02-20 960 K1"])
    assert [row[1:3] for row in found] == [
        ("2025-03-01", "2026-02-28"),
        ("2026-03-01", "2027-02-28"),
    ]
    assert said(facts) == {}


def test_of_a_year_that_began_before_the_facts_nobody_can_tell(tmp_path):
    facts, found = days(tmp_path, ["2026-01-10 5", "2026-02-20 960 K1"])
    assert found == [("2026-02-20", "2025-03-01", "2026-02-28", "2026-02-28")]
    assert list(said(facts)) == ["facts.invoiced_unseen"]


@pytest.mark.parametrize(
    ("second", "why"),
    [
        ("2025-12-15 480 K1", "an instalment is no full invoice"),
        ("2026-02-10 100 K1", "nor is what is bought beside"),
        ("2025-08-20 960 K1", "in the first half of the year it may be a correction"),
    ],
)
def test_what_else_is_invoiced_within_a_year_is_for_that_year(tmp_path, second, why):
    first = "2025-03-01 480 K1" if "480" in second else "2025-03-01 960 K1"
    facts, found = days(tmp_path, [first, second])
    assert {row[1:3] for row in found} == {("2025-03-01", "2026-02-28")}, why
    assert list(said(facts)) == (["facts.invoiced_twice"] if "960" in second else [])


def test_the_lines_of_a_day_are_one_invoice(tmp_path):
    """300, 300 and 400 less 100 come to 900, more than half of 960: then its year is invoiced."""
    lines = [
        "2025-03-02 300 K1",
        "2025-03-02 300 K1",
        "2025-03-02 400 K1",
        "2025-03-02 -100 K1 sale",
    ]
    _facts, found = days(tmp_path, [*lines, "2026-02-10 500 K1", "2026-02-10 470 K1"])
    assert [row[1] for row in found] == ["2025-03-01"] * 4 + ["2026-03-01"] * 2


def test_quarters_and_months_are_invoiced_ahead_in_their_second_half(tmp_path):
    """Q: the quarter from 31 January ends on 29 April, 89 days; its second half begins after 44.5
    of them, on 17 March. M: from 15 January to 14 February, 31 days; 31 January is the 16th."""
    contracts = """
customer_id contract_id start_on   end_on     recurring_amount billing_period
ann         Q           2025-01-31 -          300              quarter
ann         M           2025-01-15 -          10               month
"""
    sales = ["2025-01-31 300 Q", "2025-03-16 300 Q", "2025-03-17 300 Q"]
    sales += ["2025-01-15 10 M", "2025-01-30 10 M", "2025-01-31 10 M", "2025-02-28 10 M"]
    _facts, found = days(tmp_path, sales, contracts)
    assert found == [
        ("2025-01-15", "2025-01-15", "2025-02-14", "2025-02-14"),
        ("2025-01-30", "2025-01-15", "2025-02-14", "2025-02-14"),
        ("2025-01-31", "2025-01-31", "2025-04-29", "2025-04-29"),
        ("2025-01-31", "2025-02-15", "2025-03-14", "2025-03-14"),
        ("2025-02-28", "2025-02-15", "2025-03-14", "2025-03-14"),
        ("2025-03-16", "2025-01-31", "2025-04-29", "2025-04-29"),
        ("2025-03-17", "2025-04-30", "2025-07-30", "2025-07-30"),
    ]


def test_nothing_is_invoiced_ahead_of_a_contract_that_ends(tmp_path):
    contracts = YEARS.replace("2025-03-01 -  ", "2025-03-01 2026-02-28")
    _facts, found = days(tmp_path, ["2025-03-01 960 K1", "2026-02-20 960 K1"], contracts)
    assert [row[1:3] for row in found] == [("2025-03-01", "2026-02-28")] * 2


ROWS = """
customer_id contract_id start_on   end_on     recurring_amount billing_period
ann         K1          2025-01-01 2025-12-31 960              year
ann         K1          2026-01-01 2026-06-30 100              month
ann         K1          2026-08-01 -          120              month
"""


def test_renewals_as_rows_of_one_contract_follow_one_another(tmp_path):
    """Ahead of a row its first period is invoiced; in July 2026, when none is in force, August."""
    sales = ["2024-12-20 960 K1", "2025-12-15 100 K1", "2025-12-16 800 K1", "2026-01-05 100 K1"]
    sales += ["2026-06-20 100 K1", "2026-07-05 120 K1", "2026-08-05 120 K1"]
    facts, found = days(tmp_path, sales, ROWS)
    assert found == [
        ("2024-12-20", "2025-01-01", "2025-12-31", "2025-12-31"),
        ("2025-12-15", "2025-01-01", "2025-12-31", "2025-12-31"),  # no full one of 960
        ("2025-12-16", "2026-01-01", "2026-01-31", "2026-01-31"),
        ("2026-01-05", "2026-01-01", "2026-01-31", "2026-01-31"),
        ("2026-06-20", "2026-06-01", "2026-06-30", "2026-06-30"),
        ("2026-07-05", "2026-08-01", "2026-08-31", "2026-08-31"),
        ("2026-08-05", "2026-08-01", "2026-08-31", "2026-08-31"),
    ]
    assert "facts.contract_rows_overlap" not in said(facts)


def test_where_rows_of_one_contract_overlap_the_last_begun_holds_and_it_is_said(tmp_path):
    """The year's invoice is for the year; what comes from July on is for months."""
    contracts = ROWS.replace("2026-01-01 2026-06-30", "2025-07-01 2026-06-30")
    facts, found = days(tmp_path, ["2025-01-02 960 K1", "2025-07-03 100 K1"], contracts)
    assert [row[1:] for row in found] == [
        ("2025-01-01", "2025-12-31", "2025-12-31"),
        ("2025-07-01", "2025-07-31", "2025-07-31"),
    ]
    assert said(facts)["facts.contract_rows_overlap"].startswith(
        '1 row begins before an earlier row of the same contract_id ends, for example of "K1"'
    )


# What is paid back after the contract ended.

PREPAID = """
customer_id contract_id start_on   end_on     recurring_amount billing_period
ann         K1          2025-01-01 -          730              year
bob         K2          2025-01-01 2025-06-30 730              year
"""
BACK = """
txn_id customer_id event_on   net_amount kind   original_txn_id contract_id service_from service_to
1      bob         2025-01-01 730        sale   -               K2          -            -
2      bob         2025-08-10 -300       refund -               K2          -            -
3      bob         2025-09-10 -68        credit 1               -           -            -
4      bob         2025-05-10 -10        credit 1               -           -            -
5      bob         2025-10-01 -4         credit -               -           -            -
6      bob         2025-10-02 -5         credit -               K2          2025-10-01   2025-10-31
7      ann         2025-08-11 -20        credit -               K1          -            -
"""


def test_what_is_paid_back_after_a_contract_counts_on_its_last_day(tmp_path):
    """€2 a day: 60 in June, and the 184 days left, 368, on its last, less 300 and 68 paid back. In
    May 62 less 10. The 4 name nothing, and the 5 say their days; ann's contract goes on."""
    tables = {"customers": CUSTOMERS, "contracts": PREPAID, "transactions": BACK}
    facts = opened(tmp_path, **tables)
    assert revenues(facts, months("2025-05", 6), "bob") == [52, 60, -4 - 5]
    assert revenues(facts, months("2025-08", 1)) == [-20]


@pytest.mark.parametrize(
    ("counting", "june", "august"),
    [
        # At its sale the 68 and the 10 go over the days of the year, 78/365 a day, as 730 does.
        (AT_SALE, 60 + 368 - 300 - 78 * (30 + 184) / 365, 0),
        (INVOICED, 0, -300),
    ],
)
def test_paid_back_at_its_sale_or_as_invoiced(tmp_path, counting, june, august):
    facts = opened(
        tmp_path, customers=CUSTOMERS, contracts=PREPAID, transactions=BACK, counting=counting
    )
    found = revenues(facts, [month("2025-06"), month("2025-08")], "bob")
    assert [float(x) for x in found] == pytest.approx([june, august][: len(found)], abs=1e-5)
    if counting == AT_SALE:  # of those that name no sale, two count elsewhere than as booked
        assert recognition(facts, month("2025")).nameless == (2, -24)


def test_a_customer_who_is_paid_back_does_not_leave_a_margin_behind(tmp_path):
    """All that bob brought while he was here: 730 less 300, 68 and 10 is 352."""
    year = month("2025-01-01/2025-06-30")
    measuring = stage(
        tmp_path, year, customers=CUSTOMERS, contracts=PREPAID, transactions=BACK, costs=COSTS
    )
    list(measuring.tiers.freeze(year.next()))
    found = measured(measuring, "customer_margin", year)["gold"]
    assert found.total == pytest.approx(352 - 2 - 40)
    balances = all_balances(measuring, year)
    assert [(b.what, b.whole, b.parts) for b in balances.values() if not b.holds] == []


COSTS = "customer_id event_on amount category\nbob 2025-02-01 40 deliver\nann 2025-02-01 2 deliver"


# Discounts.


@pytest.mark.parametrize(
    ("discount", "first", "last"),
    [
        ("2025-03-05 -60 K1 sale o1", "2025-03-01", "2026-02-28"),
        ("2025-03-05 -60 K1 -", "2025-03-05", "2025-03-05"),  # by its sign it takes back
        ("2025-03-01 -60 - sale o1", "2025-03-01", "2026-02-28"),
        ("2025-03-01 -60 - - o1", "2025-03-01", "2026-02-28"),
        ("2025-03-01 -60 - credit o1", "2025-03-01", "2025-03-01"),
        ("2025-03-05 -60 - - o1", "2025-03-05", "2025-03-05"),  # on another day it takes back
        ("2025-03-01 -60 - sale o2", "2025-03-01", "2025-03-01"),  # of another order
        ("2025-03-01 -60 - sale -", "2025-03-01", "2025-03-01"),
        ("2025-03-01 -60 - sale o3", "2025-03-01", "2025-03-01"),  # whose sales have two spans
        ("2025-03-01 -60 - sale o4", "2025-03-01", "2025-03-31"),  # one of whose sales has none
    ],
)
def test_a_discount_is_for_the_days_of_what_it_makes_cheaper(tmp_path, discount, first, last):
    sales = ["2025-03-01 960 K1 sale o1", "2025-03-01 5 - sale o2"]
    sales += ["2025-03-01 31 - sale o3 2025-03-01 2025-03-31"]
    sales += ["2025-03-01 61 - sale o3 2025-04-01 2025-05-31"]
    sales += ["2025-03-01 31 - sale o4 2025-03-01 2025-03-31", "2025-03-01 7 - sale o4"]
    facts, _found = days(tmp_path, [*sales, discount])
    rows = [r for r in facts.answer(elsewhere(facts)) if r["amount"] == -60]
    if first == last:
        assert rows == []
    else:
        assert [(str(r["began"])[:10], str(r["ended"])[:10]) for r in rows] == [(first, last)]


def test_discounted_and_full_price_are_as_profitable_by_the_month(tmp_path):
    """A year at 900 is 900 ÷ 365 a day, whether it is written as one row or as two."""
    one = days(tmp_path / "one", ["2025-03-01 900 K1 sale o1"])[0]
    two = days(tmp_path / "two", ["2025-03-01 960 K1 sale o1", "2025-03-01 -60 - sale o1"])[0]
    spans = months("2025-03", 12)
    found = [[float(x) for x in revenues(facts, spans)] for facts in (one, two)]
    assert found[0] == pytest.approx(found[1], abs=2e-6)
    assert found[0][0] == pytest.approx(900 * 31 / 365, abs=2e-6)
