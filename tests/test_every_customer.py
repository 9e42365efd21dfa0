"""Every customer is counted: newcomers, those without a tier, families, and who came and left.

Figures are worked out by hand from the tables beside them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from cast import METRICS
from sample_company import CUSTOMERS, PLAN, SALES, Company
from test_inspection import inspected

from scorecard.base.findings import blocking
from scorecard.base.periods import Period
from scorecard.measuring.customer_flow import Account, counts, moves, reasons, total
from scorecard.quality.inspection import inspect
from scorecard.quality.tiering import read_otherwise

NEWCOMERS = (
    CUSTOMERS
    + """N1          gold   2026-06-05
N2          gold   2026-06-08
N3          bronze 2026-06-09
N4          -      2026-06-10
"""
)
CONTACTS = """
interaction_id customer_id opened_at            first_human_reply_at
I1             A1          2026-06-03T09:00:00Z 2026-06-03T10:00:00Z
I2             N1          2026-06-06T09:00:00Z 2026-06-06T12:00:00Z
I3             N2          2026-06-09T09:00:00Z 2026-06-09T12:00:00Z
I4             B1          2026-06-10T09:00:00Z 2026-06-10T15:00:00Z
I5             N4          2026-06-11T09:00:00Z 2026-06-11T11:00:00Z
I6             ghost       2026-06-12T09:00:00Z 2026-06-12T17:00:00Z
"""
COMPUTED = replace(PLAN, method="rfm", since="2026-01")


def test_where_tiers_are_declared_a_newcomer_has_the_sold_one_from_its_first_day(tmp_path):
    company = Company(tmp_path, customers=NEWCOMERS, interactions=CONTACTS)
    assert company.by_tier("first_reply_p50") == {
        "gold": (3, 3),  # hours 1, 3, 3: A1, and N1 and N2 who came in June
        "bronze": (6, 1),
        "unrated": (2, 1),  # N4 came with no tier
        "unattributed": (8, 1),
        "all": (3, 6),
    }


def test_a_closed_cohort_keeps_the_tier_of_its_opening(tmp_path):
    bought = SALES + "\nN1a N1 2026-06-06 100"
    company = Company(tmp_path, customers=NEWCOMERS, transactions=bought)
    # A1 and B1 bought in May; who came in June cannot have.
    assert company.by_tier("repeat_purchase") == {"gold": (1, 1), "bronze": (1, 1), "all": (1, 2)}


def test_where_tiers_are_computed_newcomers_are_a_group_of_their_own(tmp_path):
    company = Company(tmp_path, customers=NEWCOMERS, interactions=CONTACTS, plan=COMPUTED)
    found = company.by_tier("first_reply_p50")
    assert found["new"] == (3.0, 3)
    assert {t: n for t, (_value, n) in found.items()} == {
        "new": 3,
        "unrated": 2,
        "unattributed": 1,
        "all": 6,
    }


def test_a_company_whose_customers_all_came_in_the_period_is_measured(tmp_path):
    customers = CUSTOMERS.replace("2023-01-01", "2026-06-02")
    company = Company(tmp_path, customers=customers, interactions=CONTACTS, transactions=SALES)
    assert company.by_tier("first_reply_p50")["gold"] == (1.0, 1)
    assert company.by_tier("first_reply_p50")["bronze"] == (6.0, 1)


def test_facts_of_one_month_alone_are_in_their_tiers(tmp_path):
    sales = "txn_id customer_id event_on net_amount\n1 A1 2026-06-10 100"
    plan = replace(PLAN, since="")
    company = Company(tmp_path, transactions=sales, interactions=CONTACTS, plan=plan)
    assert company.by_tier("customer_revenue")["gold"] == (50, 2)
    assert [p.name for p in sorted((tmp_path / "tiers").glob("*.parquet"))] == [
        "2026-06.parquet",
        "2026-07.parquet",
    ]


PASSING = """
customer_id tier   acquired_on closed_on  closed_reason
A1          gold   2023-01-01  -          -
B1          bronze 2023-01-01  2026-06-11 moved
P1          gold   2026-06-02  2026-06-20 price
P2          bronze 2026-06-03  2026-06-21 price
N1          gold   2026-06-04  -          -
"""


def flow(company):
    """The account of each tier in customers, and the reasons of those lost."""
    facts, tiers, period = company.facts, company.measuring.tiers, company.period
    found = counts(moves(facts, tiers, period), tiers.plan.ids)
    return found, reasons(facts, tiers, period)


def test_who_came_and_left_within_the_period_did_both(tmp_path):
    accounts, why = flow(Company(tmp_path, customers=PASSING))
    assert accounts == [
        Account("gold", 1, 2, 0, 0, 0, 1, 0, 2),
        Account("bronze", 1, 1, 0, 0, 0, 2, 0, 0),
    ]
    assert why == [("price", "bronze", 1), ("price", "gold", 1), ("moved", "bronze", 1)]
    assert sum(n for _reason, _tier, n in why) == total(accounts).lost


def test_where_tiers_are_computed_who_came_and_left_has_an_account_apart(tmp_path):
    accounts, why = flow(Company(tmp_path, customers=PASSING, plan=COMPUTED))
    assert accounts[-1] == Account("new", 0, 2, 0, 0, 0, 2, 0, 0)
    assert sum(n for _reason, _tier, n in why) == total(accounts).lost == 3


CONTRACTS = "contract_id customer_id start_on end_on recurring_amount"
HELD = "customer_id tier acquired_on\nA1 gold 2025-06-01\nA2 gold 2025-06-01"


def kept(folder, *contracts, grace=0, period="2026-06"):
    """Customers kept over twelve months, with these contracts."""
    company = Company(
        folder,
        customers=HELD,
        contracts="\n".join([CONTRACTS, *contracts]),
        grace=grace,
        plan=replace(PLAN, since="2025-06"),
        period=period,
    )
    return company.by_tier("logo_retention").get("gold"), flow(company)


def test_the_last_day_of_a_contract_and_the_next_of_another_are_no_loss(tmp_path):
    kept_of, (accounts, why) = kept(
        tmp_path,
        "c1 A1 2025-06-01 2026-05-31 100",
        "c2 A1 2026-06-01 2027-05-31 120",
        "c3 A2 2025-06-01 - 100",
        period="2026-05",
    )
    assert kept_of is None  # nobody was here before June 2025
    assert accounts[0] == Account("gold", 2, 0, 0, 0, 0, 0, 0, 2)
    assert why == []


def test_a_contract_that_runs_out_is_a_loss_of_the_month_it_ends_in(tmp_path):
    ends = ("c1 A1 2025-06-01 2026-05-31 100", "c3 A2 2025-06-01 - 100")
    _kept, (accounts, why) = kept(tmp_path / "may", *ends, period="2026-05")
    assert accounts[0] == Account("gold", 2, 0, 0, 0, 0, 1, 0, 1)
    assert why == [("no reason recorded", "gold", 1)]
    kept_of, (accounts, why) = kept(tmp_path / "june", *ends)
    assert kept_of == (0.5, 2)
    assert accounts[0] == Account("gold", 1, 0, 0, 0, 0, 0, 0, 1)
    assert why == []


@pytest.mark.parametrize("grace", [0, 13, 14, 30])
def test_a_renewal_within_the_days_of_grace_is_no_loss(tmp_path, grace):
    _kept_of, (accounts, _why) = kept(
        tmp_path,
        "c1 A1 2025-06-01 2026-05-24 100",
        "c2 A1 2026-06-08 - 100",  # fourteen days between
        "c3 A2 2025-06-01 - 100",
        grace=grace,
        period="2026-05",
    )
    lost = 0 if grace >= 14 else 1
    assert accounts[0].lost == lost
    assert accounts[0].closing == 2 - lost


def test_a_price_that_rises_with_a_renewal_is_of_the_month_in_which_it_begins(tmp_path):
    company = Company(
        tmp_path,
        customers=HELD,
        contracts=f"{CONTRACTS}\nc1 A1 2025-06-01 2026-05-31 100\nc2 A1 2026-06-01 - 120",
    )
    asked = {
        day: company.facts.recurring(day, rates_of=day)
        for day in (
            Period.parse("2026-06", "Europe/London").first,
            Period.parse("2026-07", "Europe/London").first,
        )
    }
    paid = [company.facts.answer(table)[0]["amount"] for table in asked.values()]
    assert paid == [100, 120]


def told(folder, id, *contracts):
    company = Company(
        folder, customers=HELD, contracts="\n".join([f"{CONTRACTS} offer_id", *contracts])
    )
    found = [f for f in inspected(company.facts, company.period) if f.id == id]
    return found[0].message if found else ""


def test_losses_that_are_soon_followed_by_a_return_are_told(tmp_path):
    rows = ["c1 A1 2025-06-01 2026-05-10 100 x", "c2 A1 2026-06-05 - 100 x"]
    other = ["c3 A2 2025-06-01 2026-05-31 50 x"]
    said = told(tmp_path / "a", "facts.soon_back", *rows, *other)
    assert said == (
        "1 of 2 losses are followed by a return of the customer within a month, for example of "
        '"A1".'
    )
    at_once = [rows[0], "c2 A1 2026-05-11 - 100 x"]
    assert told(tmp_path / "b", "facts.soon_back", *at_once, *other) == ""
    covered = [rows[0], "c2 A1 2026-06-05 - 100 x", "c4 A1 2026-01-01 - 10 y"]
    assert told(tmp_path / "c", "facts.soon_back", *covered, *other) == ""


def test_contracts_of_one_offer_that_add_up_are_told(tmp_path):
    rows = ["c1 A1 2025-06-01 - 100 x", "c2 A1 2026-02-01 2026-12-31 120 x"]
    other = ["c3 A1 2025-06-01 - 30 y", "c4 A2 2025-06-01 2026-01-31 7 x", "c5 A2 2026-02-01 - 8 x"]
    assert told(tmp_path / "now", "facts.contracts_add_up", *rows, *other) == (
        "1 customer has more than one contract in force in 2026-06 for one offer, 1 beyond the "
        'first, for example "A1"; all amounts are added: 250.00 EUR a month of theirs at its end.'
    )
    # Over by the middle of June, and told of June all the same.
    over = [rows[0], "c2 A1 2026-02-01 2026-06-15 120 x"]
    assert "130.00 EUR" in told(tmp_path / "over", "facts.contracts_add_up", *over, *other)
    past = [rows[0], "c2 A1 2026-02-01 2026-05-31 120 x"]
    assert told(tmp_path / "past", "facts.contracts_add_up", *past, *other) == ""
    apart = [rows[0].replace(" x", " z"), rows[1]]
    assert told(tmp_path / "apart", "facts.contracts_add_up", *apart, *other) == ""


def test_contracts_without_ends_tell_no_loss(tmp_path):
    contracts = "contract_id customer_id start_on recurring_amount\nc1 A1 2025-06-01 100"
    company = Company(tmp_path, customers=HELD, contracts=contracts)
    results = company.measuring.results_of([METRICS["logo_retention"]], company.period)
    assert {r.unmeasured for r in results["logo_retention"]} == {
        "no customers.closed_on or contracts.end_on"
    }
    closed = HELD.replace("acquired_on", "acquired_on closed_on").replace(
        "A1 gold 2025-06-01", "A1 gold 2025-06-01 2026-06-10"
    )
    closed = closed.replace("A2 gold 2025-06-01", "A2 gold 2025-06-01 -")
    told_by_customers = Company(
        tmp_path / "closed",
        customers=closed,
        contracts=contracts,
        plan=replace(PLAN, since="2025-07"),
    )
    assert told_by_customers.by_tier("logo_retention")["gold"] == (0.5, 2)


HARBOR = """
customer_id parent_id tier   acquired_on closed_on
H1          -         {tier} 2026-06-05  -
A1          H1        gold   2023-01-01  {closed}
A2          -         gold   2023-01-01  -
B1          -         bronze 2023-01-01  -
B2          -         bronze 2023-01-01  -
"""


@pytest.mark.parametrize("tier", ["gold", "-"])
@pytest.mark.parametrize("closed", ["-", "2026-06-05"])
def test_a_family_has_the_first_day_and_the_tier_of_its_members(tmp_path, tier, closed):
    company = Company(tmp_path, customers=HARBOR.format(tier=tier, closed=closed))
    assert company.by_tier("logo_retention") == {"unrated": (1, 4), "all": (1, 4)}
    assert company.by_tier("customer_revenue") == {
        "gold": (50, 2),
        "bronze": (50, 2),
        "all": (50, 4),
    }
    accounts, why = flow(company)
    assert accounts == [
        Account("gold", 2, 0, 0, 0, 0, 0, 0, 2),
        Account("bronze", 2, 0, 0, 0, 0, 0, 0, 2),
    ]
    assert why == []


def test_a_family_keeps_the_tier_that_a_member_was_frozen_in(tmp_path):
    before = Company(tmp_path, period="2026-05")  # freezes up to June, when H1 is not there yet
    assert before.by_tier("customer_revenue")["gold"] == (50, 2)
    company = Company(tmp_path, customers=HARBOR.format(tier="bronze", closed="-"))
    # In June it is still in the tier that A1 was frozen in; its own counts from July on.
    assert company.by_tier("customer_revenue") == {
        "gold": (50, 2),
        "bronze": (50, 2),
        "all": (50, 4),
    }


def test_a_family_is_lost_when_all_of_it_is(tmp_path):
    customers = HARBOR.format(tier="gold", closed="2026-06-20").replace(
        "2026-06-05  -", "2026-06-05  2026-06-25"
    )
    accounts, why = flow(Company(tmp_path, customers=customers))
    assert accounts[0] == Account("gold", 2, 0, 0, 0, 0, 1, 0, 1)
    assert why == [("no reason recorded", "gold", 1)]


HISTORY = """
customer_id tier   from
A1          gold   2023-01-01
A2          gold   2023-01-01
A2          bronze 2026-05-20
B1          bronze 2023-01-01
B1          gold   2026-07-10
B2          bronze 2023-01-01
"""


def test_dated_tiers_say_what_was_sold_on_the_day(tmp_path):
    today = CUSTOMERS.replace("A2          gold ", "A2          bronze")
    today = today.replace("B1          bronze", "B1          gold  ")
    company = Company(tmp_path, customers=today, tier_history=HISTORY, period="2026-07")
    tiers = company.measuring.tiers
    assert [tier for _p, tier, _s in tiers.history("A2")] == ["gold"] * 5 + ["bronze"] * 3
    # From January to July; from August on it is gold.
    assert [tier for _p, tier, _s in tiers.history("B1")] == ["bronze"] * 7 + ["gold"]
    assert company.by_tier("customer_revenue", "2026-05") == {
        "gold": (50, 2),
        "bronze": (50, 2),
        "all": (50, 4),
    }


def test_a_newcomer_is_in_the_tier_that_it_had_on_the_day_it_came(tmp_path):
    """Not in one that it was offered or held before it was a customer."""
    came = CUSTOMERS + "N1 gold 2026-06-12\nN2 gold 2026-06-12\n"
    dated = HISTORY + "N1 gold 2020-01-01\nN1 bronze 2026-06-01\nN1 gold 2026-06-20\n"
    dated += "N2 bronze 2026-06-15\nN2 gold 2026-06-25\n"
    company = Company(tmp_path, customers=came, tier_history=dated)
    # A1 is Gold; A2 since May, B1, B2 and both newcomers are Bronze.
    assert {t: n for t, (_v, n) in company.by_tier("customer_revenue").items()} == {
        "gold": 1,
        "bronze": 5,
        "all": 6,
    }


FAMILY = """
customer_id parent_id tier   acquired_on
H1          -         -      2026-05-01
A1          H1        -      2023-01-01
B1          -         -      2023-01-01
"""


def test_a_family_has_the_dated_tiers_of_the_one_that_decides_and_before_them_its_members(tmp_path):
    dated = "customer_id tier from\nA1 gold 2023-01-01\nB1 bronze 2023-01-01\n"
    dated += "H1 bronze 2026-05-01\nH1 gold 2026-06-01\nA1 bronze 2026-06-15\n"
    tiers = Company(tmp_path, customers=FAMILY, tier_history=dated).measuring.tiers
    held = {p: tier for p, tier, _score in tiers.history("H1")}
    assert held["2026-04"] == "gold"  # its member's
    assert (held["2026-05"], held["2026-06"], held["2026-07"]) == ("bronze", "gold", "gold")


def test_tiers_frozen_afterwards_say_of_which_day_they_are(tmp_path):
    """Known on 15 August 2026: August has not ended, all before it have."""
    plain = Company(tmp_path / "today", period="2026-07")
    day = date(2026, 8, 15)
    assert plain.measuring.tiers.afterwards() == {f"2026-0{m}": day for m in range(1, 8)}
    dated = Company(tmp_path / "dated", tier_history=HISTORY, period="2026-07")
    assert dated.measuring.tiers.afterwards() == {}
    computed = Company(tmp_path / "rfm", plan=COMPUTED, period="2026-07")
    assert computed.measuring.tiers.afterwards() == {}


def test_whoever_has_no_dated_tier_yet_is_unrated_and_not_put_into_todays(tmp_path):
    late = HISTORY.replace("B2          bronze 2023-01-01", "B2          bronze 2026-06-15")
    company = Company(tmp_path, tier_history=late)
    assert company.by_tier("customer_revenue")["unrated"] == (0, 1)


def test_an_earlier_beginning_adds_snapshots_and_changes_none(tmp_path):
    Company(tmp_path, plan=replace(PLAN, since="2026-05"))
    kept_as = (tmp_path / "tiers" / "2026-06.parquet").read_bytes()
    moved = CUSTOMERS.replace("A1          gold", "A1          bronze")
    company = Company(tmp_path, customers=moved, plan=replace(PLAN, since="2026-03"))
    assert (tmp_path / "tiers" / "2026-06.parquet").read_bytes() == kept_as
    assert company.measuring.tiers.kept.periods() == [f"2026-0{m}" for m in range(3, 8)]


def sizes_said(company):
    """What `check` says of the sizes of tiers, and what would change them."""
    found = inspect(
        company.facts,
        period=company.period,
        as_of=company.facts.options.as_of,
        fresh_within=lambda _table: 400,
        tiers=company.measuring.tiers,
    )
    (one,) = [f for f in found if f.id in ("tiers.sizes", "tiers.not_frozen")]
    return one.message, one.hint


def test_check_says_how_many_customers_are_in_each_tier_and_what_would_change_it(tmp_path):
    declared = Company(tmp_path / "declared", customers=NEWCOMERS)
    assert sizes_said(declared) == (
        "in 2026-06 the customers are: Gold 4, Bronze 3, in no tier 1.",
        "Who is in no tier has none that strategy.toml knows in customers.tier. Tiers begin with "
        "2026-01: what looks back to before it, such as customers kept over twelve months, is of "
        'all customers only; an earlier "since" under [tiers] goes back.',
    )
    computed = Company(tmp_path / "computed", customers=NEWCOMERS, plan=COMPUTED)
    said, hint = sizes_said(computed)
    assert said == "in 2026-06 the customers are: Gold 0, Bronze 0, new 4, in no tier 4."
    assert hint.startswith(
        "Tiers begin with 2026-01 and are computed from 12 months of facts, which begin on "
        "2026-01-10"
    )
    assert '"declared" they are at once in the tier sold to them' in hint
    later = replace(computed.measuring.tiers.plan, since="2026-01")
    fresh = Company(tmp_path / "fresh", customers=NEWCOMERS, plan=later, period="2026-05")
    fresh.period = Period.parse("2026-07", "Europe/London")
    assert sizes_said(fresh)[0].startswith("the tiers of 2026-07 are not frozen yet")


def test_numbers_that_differ_only_by_blanks_or_case_are_told(tmp_path):
    customers = "customer_id,tier,acquired_on\nA1,gold,2023-01-01\na1 ,gold,2023-01-01\nB1,bronze,2023-01-01\n"
    sales = "txn_id,customer_id,event_on,net_amount\n1,A1,2026-06-01,5\n2,b1,2026-06-02,7\n3, B1,2026-06-03,9\n4,ghost,2026-06-03,1\n"
    company = Company(tmp_path, written={"customers": customers, "transactions": sales})
    found = {f.place: f.message for f in inspected(company.facts) if f.id == "facts.id_alike"}
    assert found["facts.customers.customer_id"].startswith(
        "2 customers differ from a customer only"
    )
    assert found["facts.transactions.customer_id"].startswith("2 rows differ from a customer only")


def test_answers_of_nobody_in_particular_count_in_all(tmp_path):
    answers = """
    invite_id customer_id instrument sent_at              score
    S1        A1          nps        2026-06-03T09:00:00Z 10
    S2        -           nps        2026-06-03T09:00:00Z 0
    S3        -           nps        2026-06-03T09:00:00Z 0
    """
    company = Company(tmp_path, surveys=answers)
    assert company.by_tier("response_rate") == {
        "gold": (1, 1),
        "unattributed": (1, 2),
        "all": (1, 3),
    }
    (said,) = [f for f in inspected(company.facts) if f.id == "facts.anonymous"]
    assert (said.severity, said.message) == ("warning", "2 of 3 rows have no customer.")
    assert blocking(inspected(company.facts)) == []


def test_a_mapping_that_is_corrected_after_tiers_were_frozen_is_told(tmp_path):
    """What is frozen stands; nobody should believe that it was mended."""

    def told(company):
        found = read_otherwise(company.measuring.tiers)
        return [f.message for f in found]

    assert told(Company(tmp_path)) == []
    assert told(Company(tmp_path)) == []  # the same mapping
    assert told(Company(tmp_path, grace=14)) == [
        "7 periods were frozen (2026-01 to 2026-07) before the mapping of customers, or what "
        "counts as a renewal, was changed; they keep the tiers of then."
    ]
