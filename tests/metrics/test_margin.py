"""The margin family over March 2026, worked out customer by customer.

            revenue  acquire  deliver  support  service   margin
    pia        1000        0      300       60        0      640   platinum
    gus         200       20       50        0       30      100   gold
    gwen        400        0      100       30        0      270
    sol         -30        0       20        0        0      -50   silver
    sid           0        0        0       30       10      -40
    sue          60      120       10        0        5      -75
    bo           50        0       60        0        0      -10   bronze
    bea          80        0       30        0        0       50
    ben           0        0        0        0        0        0
    nora         90        6       10        0        0       74   sold bronze as she came
    uma          70        0        0        0        0       70   unrated
    nobody       25        0        0        0        0       25   unattributed

gus' 200 are 20 EUR and 200 USD at 0.90. gwen's 400 are her 300 and kit's 100. The
telephone's 120 go by minutes: pia 30, gwen and kit 15, sid 15 of 60. Of acquisition
over 24 months, gus' 480 leave 20 a month; of sue's 240 (since March 2025) 120 are left
when she goes; nora's 48 leave 2, and the 96 spent on prospects in March all go to her,
who alone was won then: 4 a month. pia's 2400 were written off by December 2025.
"""

from __future__ import annotations

import pytest
from cast import MARCH, METRICS, MONEY, counts, measured, near, opened, stage, totals, values

from scorecard.base.periods import Period
from scorecard.facts.window import Window
from scorecard.measuring.earnings import earned
from scorecard.tiers.margin import money


@pytest.fixture(scope="module")
def march(tmp_path_factory):
    return stage(tmp_path_factory.mktemp("march"), **MONEY)


def test_customer_margin_is_revenue_less_cost_to_acquire_and_serve(march):
    found = measured(march, "customer_margin")
    assert values(found) == near(
        {
            "platinum": 640,
            "gold": 370 / 2,
            "silver": -165 / 3,
            "bronze": 114 / 4,
            "unrated": 70,
            "unattributed": None,
            "all": 1029 / 11,
        }
    )
    assert totals(found) == near(
        {
            "platinum": 640,
            "gold": 370,
            "silver": -165,
            "bronze": 114,
            "unrated": 70,
            "unattributed": 25,
            "all": 1029,
        }
    )
    assert counts(found) == {
        "platinum": (1, 1),
        "gold": (2, 2),
        "silver": (3, 3),
        "bronze": (4, 4),
        "unrated": (1, 1),
        "unattributed": (1, 0),
        "all": (11, 11),
    }


def test_a_mean_of_amounts_has_no_interval(march):
    gold = measured(march, "customer_margin")["gold"]
    assert (gold.value, gold.low, gold.high) == (185, None, None)


def test_customer_revenue_is_net_of_refunds_and_in_the_companys_currency(march):
    assert totals(measured(march, "customer_revenue")) == near(
        {
            "platinum": 1000,
            "gold": 600,
            "silver": 30,
            "bronze": 220,
            "unrated": 70,
            "unattributed": 25,
            "all": 1920,
        }
    )


def test_cost_to_acquire_is_spread_over_two_years_and_ends_with_the_customer(march):
    assert values(measured(march, "cost_to_acquire")) == near(
        {
            "platinum": 0,
            "gold": 10,
            "silver": 40,
            "bronze": 6 / 4,
            "unrated": 0,
            "unattributed": None,
            "all": 146 / 11,
        }
    )


def test_cost_to_serve_leaves_out_what_no_customer_caused(march):
    found = measured(march, "cost_to_serve")
    assert values(found) == near(
        {
            "platinum": 360,
            "gold": 105,
            "silver": 25,
            "bronze": 100 / 4,
            "unrated": 0,
            "unattributed": None,
            "all": 745 / 11,
        }
    )
    # 872 were booked to serve; 50 for visits that nobody had and 77 without a driver stay out.
    assert found["all"].total == pytest.approx(872 - 50 - 77)


def test_margin_rate_is_a_ratio_of_sums(march):
    # Nobody's 25 are neither margin nor revenue of any customer: 1054 − 25 of 1945 − 25.
    assert values(measured(march, "margin_rate")) == near(
        {
            "platinum": 0.64,
            "gold": 370 / 600,
            "silver": -165 / 30,
            "bronze": 114 / 220,
            "unrated": 1.0,
            "all": 1029 / 1920,
        }
    )


def test_a_ratio_of_amounts_has_no_interval(march):
    gold = measured(march, "margin_rate")["gold"]
    assert (gold.low, gold.high) == (None, None)


def test_negative_margin_share_counts_customers_that_cost_more_than_they_bring(march):
    found = measured(march, "negative_margin_share")
    assert values(found) == near(
        {
            "platinum": 0,
            "gold": 0,
            "silver": 1,
            "bronze": 1 / 4,
            "unrated": 0,
            "all": 4 / 11,
        }
    )
    assert found["all"].n == 11


def test_whale_peak_is_positive_margins_over_the_total(march):
    # Positive margins: 640 + 100 + 270 + 50 + 74 + 70 = 1204 of 1029 attributed to customers.
    assert values(measured(march, "whale_peak")) == near(
        {
            "platinum": 1,
            "gold": 1,
            "silver": None,
            "bronze": 124 / 114,
            "unrated": 1,
            "all": 1204 / 1029,
        }
    )


def test_failure_service_is_held_against_revenue(march):
    assert values(measured(march, "failure_service_ratio")) == near(
        {
            "platinum": 0,
            "gold": 30 / 600,
            "silver": 15 / 30,
            "bronze": 0,
            "unrated": 0,
            "all": 45 / 1920,
        }
    )


def test_margin_is_known_for_revenue_of_customers_with_some_cost_to_serve(march):
    # ben and uma have no cost; only uma has revenue, and nobody's 25 are not known either.
    # sol's refunds of 30 count as 30: the whole is 1945 + 60.
    assert values(measured(march, "margin_knowledge")) == near(
        {
            "platinum": 1,
            "gold": 1,
            "silver": 1,
            "bronze": 1,
            "unrated": 0,
            "unattributed": 0,
            "all": 1910 / 2005,
        }
    )


def test_refunds_do_not_make_more_than_all_of_the_margin_known(tmp_path):
    # gus' 100 have a cost and bea's refund of 60 has none: 100 of 160, and not 100 of 40.
    measuring = stage(
        tmp_path,
        transactions="customer_id event_on net_amount\ngus 2026-03-02 100\nbea 2026-03-03 -60",
        costs="event_on amount category customer_id\n2026-03-02 10 deliver gus",
    )
    found = values(measured(measuring, "margin_knowledge"))
    assert (found["gold"], found["bronze"], found["all"]) == (1, 0, 0.625)


def test_an_order_of_somebody_who_is_no_customer_is_in_no_customers_figure(tmp_path):
    measuring = stage(
        tmp_path,
        customers="customer_id acquired_on tier\npia 2024-01-10 platinum",
        transactions="customer_id event_on net_amount\npia 2026-03-02 100\nxy 2026-03-03 40\n"
        "- 2026-03-04 60",
        costs="event_on amount category customer_id\n2026-03-02 30 deliver pia",
    )
    found = measured(measuring, "customer_margin")
    assert (found["all"].value, found["all"].total, found["unattributed"].total) == (70, 70, 100)
    assert values(measured(measuring, "margin_rate")) == {"platinum": 0.7, "all": 0.7}
    assert values(measured(measuring, "whale_peak")) == {"platinum": 1, "all": 1}


WHALE = [500, 300, 200, 50, 0, -50, -200, -300]


@pytest.fixture(scope="module")
def whale(tmp_path_factory):
    """The whale of the golden vectors: sales of 1000 each, at costs that leave those margins."""
    ids = [f"w{i}" for i in range(len(WHALE))]
    customers = "\n".join(["customer_id acquired_on tier", *(f"{w} 2024-01-01 gold" for w in ids)])
    sales = [f"{w} 2026-03-03 1000" for w in ids]
    costs = [f"{w} 2026-03-03 {1000 - m} deliver" for w, m in zip(ids, WHALE, strict=True)]
    return stage(
        tmp_path_factory.mktemp("whale"),
        customers=customers,
        transactions="\n".join(["customer_id event_on net_amount", *sales]),
        costs="\n".join(["customer_id event_on amount category", *costs]),
    )


def test_golden_whale_peaks_at_2_10_with_3_of_8_negative(whale):
    assert measured(whale, "whale_peak")["gold"].value == pytest.approx(2.10)
    assert measured(whale, "negative_margin_share")["gold"].value == pytest.approx(3 / 8)
    assert measured(whale, "customer_margin")["gold"].total == pytest.approx(500)


def test_a_tier_without_revenue_has_a_margin_and_no_rate(tmp_path):
    measuring = stage(
        tmp_path,
        transactions="customer_id event_on net_amount\npia 2026-02-01 1",
        costs="customer_id event_on amount category\npia 2026-03-01 40 deliver",
    )
    assert measured(measuring, "customer_margin")["platinum"].value == pytest.approx(-40)
    assert measured(measuring, "margin_rate")["platinum"].value is None
    assert measured(measuring, "margin_rate")["platinum"].n == 1


def test_acquisition_in_mode_period_falls_on_its_booking_day(tmp_path):
    measuring = stage(tmp_path, acquisition="period", **MONEY)
    # nora 48, and the prospects' 96; nothing else was spent on winning anybody in March.
    found = measured(measuring, "cost_to_acquire")
    assert {t: e.total for t, e in found.items() if e.total} == near({"bronze": 144, "all": 144})


def test_acquisition_in_mode_lifetime_holds_all_money_up_to_the_periods_end(tmp_path):
    measuring = stage(tmp_path, acquisition="lifetime", **MONEY)
    margin = measured(measuring, "customer_margin")
    # pia: 1000 + 999 − 2400 − 300 − 888 − 60; April is not there yet.
    assert margin["platinum"].total == pytest.approx(-1649)
    # lou left before, so that his 500 − 240 stand apart and are in no figure per customer.
    assert "lost" not in margin
    assert earned(measuring, MARCH)["lost"].margin == pytest.approx(260)
    # gus: 200 − 480 − 50 − 30, and gwen as in March.
    assert margin["gold"].total == pytest.approx(-360 + 270)


@pytest.mark.parametrize(
    ("month", "expected"),
    # 240 over 24 months from March 2025: 10 a month, and 120 in the month that sue leaves.
    [("2025-02", 0), ("2025-03", 10), ("2026-02", 10), ("2026-03", 120), ("2026-04", 0)],
)
def test_what_is_not_written_off_falls_into_the_month_of_the_loss(march, month, expected):
    found = money(march.facts, Window.of(Period.parse(month, "Europe/London"), 0))
    sue = march.facts.answer(found.filter(found.customer_id == "sue"))
    assert sum(float(r["acquire"]) for r in sue) == expected


def test_amortised_cost_adds_up_over_the_years(march):
    """gus' 480 from May 2024 on, and sue's 240, of which 100 fall into ten months of 2025."""
    found = {}
    for year in ("2024", "2025", "2026"):
        parts = money(march.facts, Window.of(Period.parse(year, "Europe/London"), 0))
        rows = march.facts.answer(parts.filter(parts.customer_id.isin(["gus", "sue"])))
        found[year] = {r["customer_id"]: float(r["acquire"]) for r in rows}
    assert found == {
        "2024": {"gus": 160, "sue": 0},
        "2025": {"gus": 240, "sue": 100},
        "2026": {"gus": 80, "sue": 140},
    }


def test_a_weeks_share_of_acquisition_is_seven_days_of_a_month(tmp_path):
    week = Period.parse("2026-W11", "Europe/London")
    measuring = stage(tmp_path, week.next(), since="2026-03", **MONEY)
    # gus: 480 ÷ 24 × 7 ÷ 30.4375; sue leaves a week later.
    found = measured(measuring, "cost_to_acquire", week)
    assert found["gold"].total == pytest.approx(20 * 7 / 30.4375, abs=1e-5)
    later = measured(measuring, "cost_to_acquire", week.next())
    assert later["silver"].total == pytest.approx(120, abs=1e-5)


def test_a_quarters_pools_are_shared_out_month_by_month(tmp_path):
    """100 in January by 1 : 3, 100 in February by 1 : 0; over both months 125 : 75."""
    facts = opened(
        tmp_path,
        transactions="customer_id event_on net_amount\npia 2026-01-01 1",
        costs="event_on amount category driver\n2026-01-31 100 support m\n2026-02-28 100 support m",
        drivers="driver customer_id date qty\nm pia 2026-01-02 1\nm gus 2026-01-02 3\n"
        "m pia 2026-02-02 7",
    )
    whole = money(facts, Window.of(Period.parse("2026-Q1", "Europe/London"), 0))
    found = {r["customer_id"]: float(r["support"]) for r in facts.answer(whole)}
    assert (found["pia"], found["gus"]) == (125, 75)


def test_a_tier_is_the_one_the_customer_had_when_the_period_opened(march):
    """sue left on the 17th; her tier answers for what she cost until then, and for winding down."""
    observed = march.observations(METRICS["customer_margin"], MARCH)
    (row,) = march.facts.answer(observed.filter(observed.customer_id == "sue"))
    assert (row["tier"], float(row["num"])) == ("silver", -75)
