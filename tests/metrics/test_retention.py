"""The retention family, on the closed cohort of the golden vectors and on small tables by hand."""

from __future__ import annotations

import pytest
from cast import METRICS, counts, frozen, measured, near, stage, values

from scorecard.base.periods import Period
from scorecard.stats.intervals import clopper_pearson

YEAR = Period.parse("2025", "Europe/London")
QUARTER = Period.parse("2025-Q4", "Europe/London")

# Monthly amounts as 2025 begins and as it has ended: 100→120, 200→150, 50→0, 80→80; nora's 60
# begin within the year. ben was away when it began, and wim for two months within it.
CONTRACTS = """
customer_id start_on   end_on     recurring_amount billing_period currency
pia         2024-01-15 2025-07-01 100              -              -
pia         2025-07-01 -          120              month          -
gus         2024-05-02 2025-05-01 2400             year           -
gus         2025-05-01 -          450              quarter        EUR
sol         2024-03-01 2025-09-30 50               month          -
bo          2024-07-07 -          80               month          -
nora        2025-11-01 -          60               month          -
ben         2024-01-01 2024-12-15 70               month          -
ben         2025-06-01 -          70               month          -
"""


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    customers = """
    customer_id acquired_on tier
    pia         2024-01-15  platinum
    gus         2024-05-02  gold
    sol         2024-03-01  silver
    bo          2024-07-07  bronze
    nora        2025-11-01  bronze
    ben         2024-01-01  bronze
    """
    folder = tmp_path_factory.mktemp("year")
    return stage(folder, YEAR, since="2025-01", customers=customers, contracts=CONTRACTS)


def test_golden_logo_retention_is_3_of_4(year):
    found = measured(year, "logo_retention", YEAR)
    assert values(found) == near({"platinum": 1, "gold": 1, "silver": 0, "bronze": 1, "all": 3 / 4})
    assert counts(found)["all"] == (4, 4)
    assert (found["all"].low, found["all"].high) == pytest.approx(clopper_pearson(3, 4), abs=1e-12)


def test_golden_gross_revenue_retention_counts_no_growth(year):
    found = measured(year, "gross_revenue_retention", YEAR)
    assert values(found) == near(
        {
            "platinum": 1,
            "gold": 150 / 200,
            "silver": 0,
            "bronze": 1,
            "all": 330 / 430,
        }
    )
    assert found["all"].value == pytest.approx(0.76744, abs=5e-6)
    # Kish: 430² ÷ (100² + 200² + 50² + 80²) = 3.1392 customers' worth of revenue, at most.
    low, high = clopper_pearson(0.76744 * 3.1392, 3.1392)
    assert 0 < found["all"].low <= low + 1e-4 and found["all"].high >= high - 1e-4


def test_golden_net_revenue_retention_counts_growth_of_the_same_customers(year):
    found = measured(year, "net_revenue_retention", YEAR)
    assert values(found) == near(
        {
            "platinum": 1.2,
            "gold": 0.75,
            "silver": 0,
            "bronze": 1,
            "all": 350 / 430,
        }
    )
    assert found["all"].value == pytest.approx(0.81395, abs=5e-6)
    assert found["all"].high is None  # it has no bound above, so a sample of it no interval


def test_who_is_hurt_pays_less_than_a_year_ago(year):
    observed = year.observations(METRICS["net_revenue_retention"], YEAR)
    hurt = year.facts.answer(observed.filter(observed.affected))
    assert sorted(r["customer_id"] for r in hurt) == ["gus", "sol"]


def test_the_tier_is_that_of_the_windows_opening(tmp_path):
    """In the fourth quarter gus is bronze; what he pays less counts where he was, in gold."""
    frozen(tmp_path, "2025-Q1", {"gus": "gold", "pia": "gold"})
    frozen(tmp_path, "2025-Q4", {"gus": "bronze", "pia": "platinum"})
    measuring = stage(tmp_path, QUARTER, since="2025-01", contracts=CONTRACTS)
    found = measured(measuring, "net_revenue_retention", QUARTER)
    # sol and bo were in no tier that day.
    assert values(found) == near({"gold": 270 / 300, "unrated": 80 / 130, "all": 350 / 430})


def test_left_and_came_back_within_the_window_is_kept(tmp_path):
    contracts = """
customer_id start_on   end_on     recurring_amount
sid         2024-01-01 2025-04-30 40
sid         2025-08-01 -          40
"""
    customers = "customer_id acquired_on closed_on tier\nsid 2024-01-01 - silver"
    measuring = stage(tmp_path, YEAR, since="2025-01", contracts=contracts, customers=customers)
    for name in ("logo_retention", "gross_revenue_retention", "net_revenue_retention"):
        assert values(measured(measuring, name, YEAR)) == {"silver": 1.0, "all": 1.0}


def test_a_loss_on_the_windows_first_day_belongs_to_it_and_on_the_day_after_it_does_not(tmp_path):
    contracts = """
customer_id start_on   end_on     recurring_amount
pia         2024-01-01 2025-01-01 10
gus         2024-01-01 2026-01-01 10
"""
    customers = "customer_id acquired_on tier\npia 2023-01-01 platinum\ngus 2023-01-01 gold"
    measuring = stage(tmp_path, YEAR, since="2025-01", customers=customers, contracts=contracts)
    assert values(measured(measuring, "logo_retention", YEAR)) == {
        "platinum": 0.0,
        "gold": 1.0,
        "all": 0.5,
    }


def test_exchange_rates_are_not_retention(tmp_path):
    """1000 USD at both ends are kept in full, whatever became of the dollar."""
    rows = [f"2024-{m:02}-01 USD EUR 0.90" for m in range(11, 13)]
    rows += [f"2025-{m:02}-01 USD EUR 0.50" for m in range(1, 13)]
    measuring = stage(
        tmp_path,
        YEAR,
        since="2025-01",
        fx="\n".join(["date from to rate", *rows]),
        contracts="customer_id start_on recurring_amount currency\ngus 2024-05-02 1000 USD\n"
        "gus 2025-06-01 500 EUR",
    )
    # At the rate of 1 January, 0.50: 500 then, 500 + 500 now.
    assert measured(measuring, "gross_revenue_retention", YEAR)["gold"].value == 1.0
    assert measured(measuring, "net_revenue_retention", YEAR)["gold"].value == 2.0


def test_without_contracts_customers_are_here_until_they_are_closed(tmp_path):
    sales = "customer_id event_on net_amount\npia 2024-12-01 1"
    measuring = stage(tmp_path, YEAR, since="2025-01", transactions=sales)
    # Here as 2025 begins: everybody but sid and nora, who came later. lou left in June.
    # kit is gwen.
    found = measured(measuring, "logo_retention", YEAR)
    assert counts(found) == {
        "platinum": (1, 1),
        "gold": (2, 2),
        "silver": (3, 3),
        "bronze": (3, 3),
        "unrated": (1, 1),
        "all": (10, 10),
    }
    assert values(found) == near(
        {
            "platinum": 1,
            "gold": 1,
            "silver": 2 / 3,
            "bronze": 1,
            "unrated": 1,
            "all": 9 / 10,
        }
    )


def test_customers_without_a_contract_count_where_their_loss_would_be_known(tmp_path):
    """pia and gus hold contracts, bo and bea none; gus' runs out, and bea is closed."""
    contracts = """
    customer_id start_on   end_on     recurring_amount
    pia         2024-01-01 -          10
    gus         2024-01-01 2025-05-31 10
    """
    customers = """
    customer_id acquired_on closed_on  tier
    pia         2024-01-01  -          gold
    gus         2024-01-01  -          gold
    bo          2024-01-01  -          bronze
    bea         2024-01-01  2025-06-30 bronze
    """
    told = stage(tmp_path / "told", YEAR, since="2025-01", customers=customers, contracts=contracts)
    assert values(measured(told, "logo_retention", YEAR)) == near(
        {"gold": 1 / 2, "bronze": 1 / 2, "all": 1 / 2}
    )
    untold = "\n".join(
        " ".join(w for i, w in enumerate(line.split()) if i != 2)
        for line in customers.strip().splitlines()
    )
    without = stage(tmp_path / "not", YEAR, since="2025-01", customers=untold, contracts=contracts)
    assert counts(measured(without, "logo_retention", YEAR)) == {"gold": (2, 2), "all": (2, 2)}


def test_nobody_here_at_the_opening_gives_no_figure(tmp_path):
    contracts = "customer_id start_on recurring_amount\nnora 2025-11-01 60"
    customers = "customer_id acquired_on tier\nnora 2025-11-01 bronze"
    measuring = stage(tmp_path, YEAR, since="2025-01", customers=customers, contracts=contracts)
    assert measured(measuring, "logo_retention", YEAR)["all"].value is None
    assert measured(measuring, "net_revenue_retention", YEAR)["all"].n == 0


TENURES = """
customer_id acquired_on closed_on
a           2024-03-01  2024-09-01
b           2024-03-01  -
c           2023-07-01  2024-04-01
d           2023-01-01  -
e           2024-01-01  2025-01-01
f           2024-02-01  2025-02-01
g           2022-01-01  2024-01-01
h           2025-12-31  -
"""


@pytest.fixture(scope="module")
def tenures(tmp_path_factory):
    """Everybody gold since before the window, so that nobody is watched late for want of it."""
    folder = tmp_path_factory.mktemp("tenures")
    tiers = {c: "gold" for c in "abcdefg"}
    frozen(folder, "2025", tiers)
    sales = "customer_id event_on net_amount\na 2024-03-01 1"
    return stage(folder, YEAR, since="2025-01", customers=TENURES, transactions=sales)


def test_survival_is_kaplan_meier_by_tenure_from_the_day_watching_began(tenures):
    """The window is 2024 and 2025. Days of tenure (entered, left, lost):

    a 0 184 lost · b 0 671 · c 183 275 lost · d 364 1096 · e 0 366 lost · f 0 366 lost ·
    g 729 730 lost (on the first day of the window) · h new, and left out of gold.

    At risk by 184: a b e f c (from 183): 4/5. By 275: b c e f: 3/4. By 366: b e f d: 2/4.
    12 months (366 days): .8 · .75 · .5 = .3. By 730: d g: 1/2. 24 months (731 days): .15.
    """
    found = measured(tenures, "survival_12", YEAR)
    assert found["gold"].value == pytest.approx(0.3)
    assert (found["gold"].n, found["gold"].at_risk) == (6, 4)
    assert found["new"].n == 1
    found = measured(tenures, "survival_24", YEAR)
    assert found["gold"].value == pytest.approx(0.15)
    assert (found["gold"].n, found["gold"].at_risk) == (7, 1)


def test_survival_interval_is_that_of_as_many_watched_to_the_end(tenures):
    # Greenwood 1/(5·4) + 1/(4·3) + 2/(4·2) = .383333: as of .7/(.3 · .383333) = 6.0870 customers.
    gold = measured(tenures, "survival_12", YEAR)["gold"]
    assert (gold.low, gold.high) == pytest.approx(clopper_pearson(0.3 * 6.0870, 6.0870), abs=1e-4)


def test_survival_counts_in_the_first_tier_from_the_day_it_was_given(tmp_path):
    """d was first rated after 500 days of tenure: before that it could not have been lost in it."""
    frozen(tmp_path, "2025", {"d": "gold"}, first_on="2024-05-15")
    sales = "customer_id event_on net_amount\na 2024-03-01 1"
    measuring = stage(tmp_path, YEAR, since="2025-01", customers=TENURES, transactions=sales)
    assert measured(measuring, "survival_12", YEAR).get("gold") is None
    observed = measuring.observations(METRICS["survival_12"], YEAR)
    (row,) = measuring.facts.answer(observed.filter(observed.customer_id == "d"))
    assert (row["entered"], row["left"], row["lost"]) == (499, 1096, False)


def test_survival_of_all_is_watched_from_the_day_they_came(tmp_path):
    """old has been here since January 2024 and was first rated after 508 days; young came in June
    2024, never was rated, and left after 245. Of a tier old is seen too late for its first year;
    of all, one of two left: 50 %, and not 0 %."""
    frozen(tmp_path, "2025", {"old": "gold"}, first_on="2025-06-01")
    customers = """
customer_id acquired_on closed_on  tier
old         2024-01-10  -          -
young       2024-06-01  2025-02-01 -
"""
    sales = "customer_id event_on net_amount\nold 2024-03-01 1"
    staged = stage(tmp_path, YEAR, since="2025-01", customers=customers, transactions=sales)
    found = measured(staged, "survival_12", YEAR)
    assert (found["all"].value, found["all"].n, found["all"].at_risk) == (0.5, 2, 1)
    assert found.get("gold") is None


def test_survival_of_all_is_not_watched_from_the_first_rating(tmp_path):
    """Both were first rated on 15 December 2024: a, since February, is lost after 344 days, when b
    has been here for 562. In gold a alone is at risk that day; of all, b has been for long."""
    customers = """
    customer_id acquired_on closed_on  tier
    a           2024-02-01  2025-01-10 gold
    b           2023-06-01  -          gold
    """
    frozen(tmp_path, "2025", {"a": "gold", "b": "gold"}, first_on="2024-12-15")
    sales = "customer_id event_on net_amount\na 2024-03-01 1"
    measuring = stage(tmp_path, YEAR, since="2025-01", customers=customers, transactions=sales)
    found = measured(measuring, "survival_12", YEAR)
    assert (found["gold"].value, found["all"].value) == (0, pytest.approx(0.5))


SALES = """
customer_id event_on   net_amount
pia         2026-02-03 10
pia         2026-03-03 10
gus         2026-02-28 10
gus         2026-03-01 -4
gwen        2026-02-01 0
kit         2026-03-31 5
sol         2026-01-31 10
sol         2026-03-05 10
bo          2026-02-02 -9
bo          2026-03-02 9
bea         2026-02-02 10
bea         2026-04-01 10
-           2026-02-02 10
-           2026-03-02 10
"""


def test_repeat_purchase_is_bought_in_both_of_two_periods(tmp_path):
    """gus only returned something; gwen's free sample is no purchase, so that she is in neither;
    sol bought too early, bo's first row is a refund, bea came back too late; nobody is no one."""
    measuring = stage(tmp_path, transactions=SALES)
    found = measured(measuring, "repeat_purchase")
    assert values(found) == near({"platinum": 1, "gold": 0, "bronze": 0, "all": 1 / 3})
    assert counts(found)["all"] == (3, 3)
