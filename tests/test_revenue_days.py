"""Revenue on the days that it was paid for, and credits on those of their sale, by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from cast import ZONE, measured, opened, stage
from test_conservation import all_balances

from scorecard.base.periods import Period
from scorecard.documents.gather import earnings_of
from scorecard.facts.window import Window
from scorecard.measuring.recognition import recognition
from scorecard.tiers.margin import book, money

CUSTOMERS = "customer_id acquired_on closed_on tier\nann 2024-01-01 - gold\nbob 2024-01-01 - gold"
ANNUAL = """
customer_id event_on   net_amount service_from service_to
ann         2025-03-01 960        2025-03-01   2026-02-28
"""
COSTS = "\n".join(
    ["customer_id event_on amount category"]
    + [f"ann {year}-{month:02}-15 20 deliver" for year in (2025, 2026) for month in range(1, 13)]
)
INVOICED = {"revenue": "invoiced"}
AT_SALE = {"credits": "sale"}


def month(key):
    return Period.parse(key, ZONE)


def months(first, count):
    return [month(first).shift(n) for n in range(count)]


def revenues(facts, periods, customer="ann"):
    """What counts of a customer in each period."""
    found = []
    for period in periods:
        rows = facts.answer(money(facts, Window.of(period, 0)))
        found += [r["revenue"] for r in rows if r["customer_id"] == customer]
    return found


def test_a_year_paid_in_advance_is_revenue_of_each_of_its_days(tmp_path):
    """960 over 365 days: 81.534247 in a month of 31 days, 78.904110 of 30, 73.643836 of 28."""
    facts = opened(tmp_path, customers=CUSTOMERS, transactions=ANNUAL)
    found = revenues(facts, months("2025-03", 12))
    lengths = [31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 28]
    assert [float(x) for x in found] == pytest.approx([960 * n / 365 for n in lengths], abs=1e-6)
    assert sum(found) == 960
    assert revenues(facts, [month("2025-02"), month("2026-03")]) == [0, 0]


def test_a_customer_of_960_a_year_earns_its_cost_in_every_month(tmp_path):
    """At a cost of 20 a month it loses money in 11 of 12 months as invoiced, and in none so."""
    tables = {"customers": CUSTOMERS, "transactions": ANNUAL, "costs": COSTS}
    later = {"as_of": "2026-09-15T08:00", **tables}
    negative = {}
    for name, counting in (("recognised", {}), ("invoiced", INVOICED)):
        facts = opened(tmp_path / name, counting=counting, **later)
        each = []
        for period in months("2025-03", 12):
            rows = facts.answer(money(facts, Window.of(period, 0)))
            each += [r["revenue"] - r["deliver"] for r in rows if r["customer_id"] == "ann"]
        negative[name] = sum(margin < 0 for margin in each)
        assert sum(each) == 960 - 240
    assert negative == {"recognised": 0, "invoiced": 11}


def test_a_month_in_which_nothing_was_booked_has_the_revenue_that_counts_in_it(tmp_path):
    """Not a month without transactions: somebody paid for its days before."""
    july = month("2025-07")
    measuring = stage(tmp_path, july, customers=CUSTOMERS, transactions=ANNUAL, costs=COSTS)
    list(measuring.tiers.freeze(july.next()))
    result = {r.tier: r for r in measuring.results(_metric("customer_margin"), july)}["gold"]
    assert result.unmeasured == ""
    assert result.estimate.total == pytest.approx(960 * 31 / 365 - 20, abs=1e-5)
    assert not measuring.quiet(Window.of(july, 0))
    found = all_balances(measuring, july)
    # Nothing was booked: 81.534247 are gold's, of a booking in March.
    parts = found["revenue"].parts
    assert (found["revenue"].whole, parts["gold"]) == (0, Decimal("81.534247"))
    assert parts["booked in other periods"] == Decimal("-81.534247")
    of_all = found["revenue, of all time"]
    assert of_all.whole == 960
    # 31 + 30 + 31 + 30 days before July, its own 31, and 212 after it.
    assert [float(x) for x in of_all.parts.values()] == pytest.approx(
        [960 * n / 365 for n in (122, 31, 212)], abs=1e-5
    )
    assert [b.what for b in found.values() if not b.holds] == []


def _metric(name):
    from cast import METRICS

    return METRICS[name]


def test_what_is_booked_and_counts_in_other_periods_is_a_named_remainder(tmp_path):
    march = month("2025-03")
    tables = {"customers": CUSTOMERS, "transactions": ANNUAL, "costs": COSTS}
    measuring = stage(tmp_path, march, **tables)
    list(measuring.tiers.freeze(march.next()))
    parts = all_balances(measuring, march)["revenue"].parts
    assert (parts["gold"], parts["recognised in other periods"]) == (
        Decimal("81.534247"),
        Decimal("878.465753"),
    )
    moved = recognition(measuring.facts, march)
    assert (moved.spread, moved.left, moved.entered) == (True, 878.465753, 0)
    assert moved.later == 878.465753


BILLED = """
customer_id contract_id start_on   end_on     recurring_amount billing_period
ann         K1          2025-03-01 -          960              year
bob         K2          2025-01-31 2025-09-15 300              quarter
"""


@pytest.mark.parametrize(
    ("contract", "booked", "first", "last"),
    [
        ("K1", "2025-03-01", "2025-03-01", "2026-02-28"),
        ("K1", "2025-02-10", "2025-03-01", "2026-02-28"),  # ahead of the contract: its first year
        ("K1", "2025-08-31", "2025-03-01", "2026-02-28"),
        ("K1", "2026-03-01", "2026-03-01", "2027-02-28"),
        ("K2", "2025-01-31", "2025-01-31", "2025-04-29"),  # April has no 31st
        ("K2", "2025-04-29", "2025-01-31", "2025-04-29"),
        ("K2", "2025-04-30", "2025-04-30", "2025-07-30"),
        ("K2", "2025-07-31", "2025-07-31", "2025-10-30"),
        ("K2", "2025-09-16", "2025-09-16", "2025-09-16"),  # after its last day: as invoiced
        ("K9", "2025-04-30", "2025-04-30", "2025-04-30"),  # no such contract
    ],
)
def test_an_invoice_of_a_contract_is_for_its_billing_period(
    tmp_path, contract, booked, first, last
):
    sale = f"customer_id event_on net_amount contract_id\nann {booked} 300 {contract}"
    facts = opened(
        tmp_path,
        customers=CUSTOMERS,
        contracts=BILLED,
        transactions=sale,
        as_of="2026-06-15T08:00",
    )
    days = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
    spans = [month(f"{first}/{first}"), month(f"{last}/{last}")]
    closed = contract == "K2" and last == "2025-10-30"
    expected = [300 / days] * 2
    if days > 1 and closed:
        expected[1] = 0  # the contract had ended, and the rest with it
    assert [float(x) for x in revenues(facts, spans)] == pytest.approx(expected, abs=2e-6)
    outside = [
        month(f"2025-01-01/{_day(first, -1)}"),
        month(f"{_day(last, 1)}/2027-12-31"),
    ]
    assert revenues(facts, outside) == [0, 0]


def _day(day, by):
    return date.fromordinal(date.fromisoformat(day).toordinal() + by)


def test_what_a_contract_leaves_when_it_ends_falls_on_its_last_day(tmp_path):
    """300 for 31 July to 30 October, 92 days; it ends on 15 September, after 47 of them."""
    sale = "customer_id event_on net_amount contract_id\nann 2025-07-31 300 K2"
    facts = opened(tmp_path, customers=CUSTOMERS, contracts=BILLED, transactions=sale)
    found = [float(x) for x in revenues(facts, months("2025-07", 4))]
    assert found == pytest.approx([300 / 92, 300 * 31 / 92, 300 * 60 / 92, 0], abs=1e-5)


SERVICE = """
txn_id customer_id event_on   net_amount kind   original_txn_id service_from service_to
1      ann         2025-03-01 365        sale   -               2025-03-01   2026-02-28
2      ann         2025-05-10 -73        credit 1               -            -
3      ann         2025-04-02 50         sale   -               -            -
4      ann         2025-05-20 -30        refund 3               -            -
5      ann         2025-05-21 -7         refund 99              -            -
6      ann         2025-05-22 -2         -      -               -            -
7      ann         2025-05-23 9          sale   -               2025-05-23   -
8      ann         2025-05-24 8          sale   -               2025-05-25   2025-05-24
9      ann         2025-05-25 6          sale   -               2025-05-25   9999-12-31
"""


def test_a_credit_counts_as_booked_or_at_its_sale(tmp_path):
    """May as booked: 31 of the year's 365, less 73, 30, 7 and 2, and 23 whose days are unknown.

    At its sale the 73 go over the year, a fifth of a euro a day, and the 30 into April.
    """
    tables = {"customers": CUSTOMERS, "transactions": SERVICE}
    facts = opened(tmp_path / "booked", **tables)
    assert revenues(facts, months("2025-03", 4)) == [31, 30 + 50, 31 - 112 + 23, 30]
    facts = opened(tmp_path / "sale", counting=AT_SALE, **tables)
    found = [float(x) for x in revenues(facts, months("2025-03", 4))]
    assert found == pytest.approx([31 * 0.8, 30 * 0.8 + 20, 31 * 0.8 - 9 + 23, 30 * 0.8])
    moved = recognition(facts, month("2025-05"))
    assert moved.at_sale
    assert (moved.unknown, moved.nameless) == ((1, -7), (1, -2))
    # 103 of May's credits count elsewhere but for 31 days of the year's, and 31 of the year in it.
    assert moved.left == pytest.approx(-103 + 31 * 0.2)
    assert moved.entered == pytest.approx(31)


def test_credits_whose_sales_nothing_names_are_counted(tmp_path):
    plain = "customer_id event_on net_amount\nann 2025-05-02 50\nann 2025-05-03 -5"
    facts = opened(tmp_path, customers=CUSTOMERS, transactions=plain, counting=AT_SALE)
    moved = recognition(facts, month("2025-05"))
    assert (moved.at_sale, moved.nameless, moved.unknown) == (True, (1, -5), (0, 0))
    assert revenues(facts, [month("2025-05")]) == [45]


def test_credits_at_their_sale_do_without_days_that_were_paid_for(tmp_path):
    facts = opened(
        tmp_path,
        customers=CUSTOMERS,
        transactions=SERVICE,
        counting={**AT_SALE, **INVOICED},
    )
    assert revenues(facts, months("2025-03", 4)) == [365 - 73, 50 - 30, -9 + 23, 0]
    assert not recognition(facts, month("2025-05")).spread


@pytest.mark.parametrize("acquisition", ["amortised", "lifetime"])
@pytest.mark.parametrize("counting", [{}, AT_SALE, INVOICED, {**AT_SALE, **INVOICED}])
def test_every_euro_is_in_a_figure_or_a_remainder(tmp_path, acquisition, counting):
    may = month("2025-05")
    measuring = stage(
        tmp_path,
        may,
        customers=CUSTOMERS,
        transactions=SERVICE,
        costs=COSTS,
        acquisition=acquisition,
        counting=counting,
    )
    list(measuring.tiers.freeze(may.next()))
    found = all_balances(measuring, may)
    assert [(b.what, b.whole, b.parts) for b in found.values() if not b.holds] == []


def test_months_and_weeks_of_the_book_add_up_to_its_days(tmp_path):
    facts = opened(tmp_path, customers=CUSTOMERS, transactions=SERVICE, counting=AT_SALE)
    for grain, first, after in (
        ("M", date(2025, 1, 1), date(2026, 7, 1)),
        ("W", date(2024, 12, 30), date(2026, 6, 29)),
    ):
        rows = facts.answer(book(facts, first, after, grain))
        assert sum(r["margin"] for r in rows) == 365 - 73 + 50 - 30 - 7 - 2 + 23
        by_first = {r["on"]: float(r["margin"]) for r in rows}
        step = date(2025, 6, 1) if grain == "M" else date(2025, 6, 2)
        assert by_first[step] == pytest.approx(0.8 * (30 if grain == "M" else 7))


def test_the_page_says_whether_revenue_is_recognised_or_as_invoiced(tmp_path):
    may = month("2025-05")
    for name, counting, said in (("a", {}, True), ("b", INVOICED, False)):
        facts = opened(
            tmp_path / name, customers=CUSTOMERS, transactions=SERVICE, counting=counting
        )
        assert recognition(facts, may).spread is said
    plain = "customer_id event_on net_amount\nann 2025-05-02 5"
    facts = opened(tmp_path / "c", customers=CUSTOMERS, transactions=plain)
    assert recognition(facts, may).spread is False


# Customers who are not here in the period, and how what is spent in general is shared.

AWAY = """
customer_id acquired_on closed_on  tier channel
ann         2024-01-01  -          gold web
bob         2025-05-03  -          gold fair
cat         2025-05-09  -          gold web
dan         2025-05-20  -          gold -
eve         2024-01-01  2025-03-31 gold web
fay         2025-06-02  -          gold web
"""
SALES = """
customer_id event_on   net_amount
ann         2025-05-02 100
eve         2025-05-05 -40
bob         2025-05-03 30
bob         2026-05-02 30
bob         2026-05-03 500
cat         2025-05-09 20
dan         2025-05-21 -5
"""
SPENT = """
customer_id event_on   amount category channel
-           2025-05-31 90     acquire  -
-           2025-05-31 60     acquire  web
-           2025-05-31 12     acquire  radio
eve         2025-05-06 25     service  -
fay         2025-05-30 11     deliver  -
"""


def test_who_left_before_the_period_or_came_after_it_is_in_no_figure_per_customer(tmp_path):
    may = month("2025-05")
    measuring = stage(
        tmp_path, may, customers=AWAY, transactions=SALES, costs=SPENT, acquisition="period"
    )
    list(measuring.tiers.freeze(may.next()))
    revenue = measured(measuring, "customer_revenue", may)
    # ann, bob, cat and dan are here: 145 of four. eve's −40 stand apart.
    assert (revenue["all"].customers, revenue["all"].total) == (4, 145)
    assert measured(measuring, "cost_to_serve", may)["all"].total == 0
    # ann is the only one of four who did not cost more than she brought: 54 each but for her.
    assert measured(measuring, "negative_margin_share", may)["all"].value == 0.75
    own, curve, _outside = earnings_of(measuring, may)
    assert (own["lost"].revenue, own["lost"].service, own["lost"].customers) == (-40, 25, 0)
    assert (own["came later"].deliver, own["came later"].customers) == (11, 0)
    assert (own["all"].customers, own["all"].negative, curve.customers) == (4, 3, 4)
    assert own["all"].revenue == 105
    found = all_balances(measuring, may)
    assert [(b.what, b.whole, b.parts) for b in found.values() if not b.holds] == []


@pytest.mark.parametrize(
    ("by", "shares", "alone"),
    [
        # Three were won in May: 162 by head.
        ("head", {"bob": 54, "cat": 54, "dan": 54}, 0),
        # 90 by head and web's 60 to cat; nobody came by radio.
        ("channel", {"bob": 30, "cat": 90, "dan": 30}, 12),
        # In their first year they brought 60, 20 and less than nothing.
        ("revenue", {"bob": 121.5, "cat": 40.5, "dan": 0}, 0),
    ],
)
def test_what_is_spent_in_general_is_shared_as_set(tmp_path, by, shares, alone):
    may = month("2025-05")
    measuring = stage(
        tmp_path,
        may,
        customers=AWAY,
        transactions=SALES,
        costs=SPENT,
        acquisition="period",
        counting={"acquisition_by": by},
    )
    list(measuring.tiers.freeze(may.next()))
    rows = measuring.facts.answer(money(measuring.facts, Window.of(may, 0)))
    found = {r["customer_id"]: float(r["acquire"]) for r in rows if r["customer_id"] in shares}
    assert found == pytest.approx(shares)
    balances = all_balances(measuring, may)
    parts = balances["cost to acquire, of all time"].parts
    assert float(parts["in months in which nobody was won"]) == alone
    assert [b.what for b in balances.values() if not b.holds] == []
    assert earnings_of(measuring, may)[2].unwon == alone


def test_in_a_month_that_brought_nothing_heads_share(tmp_path):
    facts = opened(
        tmp_path,
        customers=AWAY,
        transactions="customer_id event_on net_amount\nann 2025-05-02 1",
        costs=SPENT,
        acquisition="period",
        counting={"acquisition_by": "revenue"},
    )
    rows = facts.answer(money(facts, Window.of(month("2025-05"), 0)))
    assert {r["customer_id"]: r["acquire"] for r in rows if r["acquire"]} == dict.fromkeys(
        ("bob", "cat", "dan"), 54
    )


def test_no_cost_is_a_cost_of_zero_where_the_project_says_so(tmp_path):
    """ann has no cost to serve, and nobody's 25 are known by no cost either."""
    may = month("2025-05")
    sales = SALES + "- 2025-05-04 25\n"
    for name, costless, expected in (("a", False, 40 / 220), ("b", True, 195 / 220)):
        measuring = stage(
            tmp_path / name,
            may,
            customers=AWAY,
            transactions=sales,
            costs=SPENT,
            counting={"costless": costless},
        )
        found = measured(measuring, "margin_knowledge", may)["all"]
        # Sizes: ann 100, eve 40, bob 30, cat 20, dan 5 and nobody's 25; only eve's has a cost.
        assert found.value == pytest.approx(expected)


def test_customers_without_a_contract_are_counted_and_not_left_out_in_silence(tmp_path):
    """As 2025 begins ann has a contract, bob none, cat one that had ended, dan one of no amount."""
    year = month("2025")
    measuring = stage(
        tmp_path,
        year,
        since="2025-01",
        customers="customer_id acquired_on tier\nann 2023-01-01 gold\nbob 2023-01-01 gold\n"
        "cat 2023-01-01 gold\ndan 2023-01-01 gold\neve 2025-02-01 gold",
        contracts="customer_id start_on end_on recurring_amount\nann 2024-01-01 - 10\n"
        "cat 2024-01-01 2024-06-30 10\ndan 2024-01-01 - 0",
    )
    list(measuring.tiers.freeze(year.next()))
    found = all_balances(measuring, year)["customers here a year before the period's end"]
    # cat was not here that day, by her contract.
    assert (found.whole, found.parts) == (
        3,
        {"with a recurring amount": 1, "without any contract": 1, "with none in force": 1},
    )
    assert found.holds
    assert measured(measuring, "gross_revenue_retention", year)["all"].n == 1
