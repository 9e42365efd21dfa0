"""Gather: what the documents of a period need, fetched once from the facts of March 2026."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from cast import MARCH, METRICS, MONEY, TRANSACTIONS, stage
from sample_choices import chosen, witnessed

from scorecard.definitions.results import Estimate, Result, Signal, Verdict
from scorecard.documents import gather
from scorecard.documents.report_data import exceptional
from scorecard.measuring import customer_flow
from scorecard.measuring.incidents import incidents


@pytest.fixture(scope="module")
def march(tmp_path_factory):
    return stage(tmp_path_factory.mktemp("march"), **MONEY)


def result(words: str = "", region=None, flow="", undecided: int = 0, **more) -> Result:
    verdict = Verdict(words, region, periods_undecided=undecided) if words else None
    found = Result(
        "customer_margin",
        "v",
        "silver",
        "2026-03",
        Estimate(-55.0, n=3, customers=3),
        "census",
        verdict=verdict,
        signal=Signal(flow),
    )
    return replace(found, **more)


@pytest.mark.parametrize(
    ("found", "is_one"),
    [
        (result("not delivered", "below"), True),
        (result("beyond acceptance", "below"), True),
        (result("over-served", "above"), True),
        (result("as accepted", "within"), False),
        (result("delivered", "within", "routine"), False),
        (result("delivered", "within", "exceptional, favourable"), True),
        (result("too little evidence", "straddle", undecided=2), False),
        (result("too little evidence", "straddle", undecided=3), True),
        (result(flow="exceptional, unfavourable"), False),  # nothing was chosen
    ],
)
def test_an_exception_is_a_missed_an_exceptional_or_a_long_undecided_choice(found, is_one):
    assert exceptional(found) == is_one


HELD = witnessed(chosen("customer_margin/silver", "strength", 0.0))
MISSED = result("not delivered", "below", stance="customer_margin/silver")


def test_exceptions_are_gathered_with_whom_they_touched(march):
    found = gather.touched(march, [MISSED, result()], METRICS, HELD, MARCH)
    # sol −50, sid −40 and sue −75 all earned less than nothing
    (touched,) = found.values()
    assert list(found) == [("customer_margin", "silver")]
    assert (touched.customers, touched.of, touched.effect.amount) == (3, 3, -165)


def test_counted_verdicts_are_weighed(march):
    (weighed,) = gather.with_fragility(march, [MISSED], METRICS, HELD, MARCH)
    assert weighed.fragility.customers is None  # only without all three would it turn
    unheld = gather.with_fragility(march, [result()], METRICS, HELD, MARCH)
    assert unheld == [result()]


def test_nobody_is_named_by_whose_confidential_answers_a_figure_was_made(march):
    def names(confidential):
        metrics = {n: replace(m, confidential=confidential) for n, m in METRICS.items()}
        shown = replace(MISSED, estimate=replace(MISSED.estimate, n=5, customers=5))
        (touched,) = gather.touched(march, [shown], metrics, HELD, MARCH).values()
        (weighed,) = gather.with_fragility(march, [shown], metrics, HELD, MARCH)
        return touched.customers, touched.names, weighed.fragility.names

    customers, touched, _ = names(False)
    assert customers == len(touched) == 3
    assert names(True) == (3, (), ())


def test_tiers_have_everybody_who_had_come_by_the_periods_end(march):
    # kit belongs to gwen; nora came in March and was sold bronze, lou had gone, uma has no tier.
    assert gather.sizes(march, MARCH) == {
        "platinum": 1,
        "gold": 2,
        "silver": 3,
        "bronze": 4,
        "unrated": 1,
        "lost": 1,
    }


def test_margin_is_unknown_without_costs(tmp_path, march):
    without = stage(tmp_path, transactions=TRANSACTIONS, fx=MONEY["fx"])
    assert gather.margin_unknown(without, {}) == "no costs"
    assert gather.margin_unknown(march, {}) == ""


def test_a_period_without_transactions_has_no_margin_no_earnings_and_no_money(tmp_path):
    """Not zeros: one sale in January, and nothing of anybody in February and March."""
    quiet = stage(
        tmp_path, **{**MONEY, "transactions": "customer_id event_on net_amount\npia 2026-01-31 5"}
    )
    for _ in quiet.tiers.freeze(MARCH.next()):
        pass
    found = {
        ("margin_knowledge", r.tier): r for r in quiet.results(METRICS["margin_knowledge"], MARCH)
    }
    assert gather.margin_unknown(quiet, found) == "no transactions in this period"
    assert gather.earnings_of(quiet, MARCH) == ({}, None, None)
    flow = gather.math(quiet, MARCH)
    counts, money = flow.counts, flow.money
    assert (sum(a.opening for a in counts), money) == (10, [])  # the cast, without nora and lou


def test_the_days_of_a_period_are_counted_where_the_company_is():
    """London is an hour ahead of UTC from 29 March 2026 on, so April begins at 23:00."""
    days = {
        "2026-02-27T12:00": 0,
        "2026-03-01T08:00": 0,
        "2026-03-13T00:00": 12,
        "2026-03-30T22:59": 29,
        "2026-03-30T23:00": 30,
        "2026-03-31T22:59": 30,
        "2026-03-31T23:00": None,
    }
    for moment, over in days.items():
        as_of = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        assert gather.elapsed(MARCH, as_of) == over, moment


def test_margin_is_unknown_where_no_cost_to_serve_is_booked(march):
    known = Result("margin_knowledge", "v", "all", "2026-03", Estimate(0.0, n=9), "census")
    assert gather.margin_unknown(march, {("margin_knowledge", "all"): known}) == (
        "no cost to serve is booked on any customer in this period"
    )


def test_without_transactions_there_are_no_earnings(tmp_path):
    contracts = "contract_id customer_id start_on recurring_amount\nc1 pia 2025-01-01 10\n"
    staged = stage(tmp_path, contracts=contracts)
    assert gather.earnings_of(staged, MARCH) == ({}, None, None)


def test_customer_math_is_told_in_customers_and_money_with_reasons(march):
    for _ in march.tiers.freeze(MARCH.next()):  # the snapshot that closes it
        pass
    flow = gather.math(march, MARCH)
    counts, money = flow.counts, flow.money
    reasons = customer_flow.reasons(march.facts, march.tiers, MARCH)
    by_tier = {a.tier: a for a in counts}
    assert (by_tier["silver"].opening, by_tier["silver"].lost) == (3, 1)  # sue left
    assert all(a.balances for a in (*counts, *money))
    assert reasons == [("no reason recorded", "silver", 1)]


INCIDENTS = """
incident_id from       to         cause
early       2026-02-27 2026-03-02 strike
flood       2026-03-05 -          flood
late        2026-04-01 -          later
"""
TOUCHED_BY = """
incident_id customer_id how
early       gus         waited
flood       gus         waited
flood       gwen        waited
flood       sol         waited
flood       nobody      waited
late        gus         waited
"""


def test_incidents_are_counted_by_the_tier_of_those_whom_they_touched(tmp_path):
    at = stage(tmp_path, incidents=INCIDENTS, incident_customers=TOUCHED_BY)
    found = incidents(at.facts, at.tiers, MARCH, date(2026, 3, 1))
    assert [(i.id, i.began, i.cause, i.tier, i.customers) for i in found] == [
        ("flood", date(2026, 3, 5), "flood", "gold", 2),
        ("flood", date(2026, 3, 5), "flood", "silver", 1),
    ]
    assert "early" in {i.id for i in incidents(at.facts, at.tiers, MARCH, date(2026, 2, 1))}


def test_without_their_tables_there_are_no_incidents(march):
    assert incidents(march.facts, march.tiers, MARCH, date(2024, 1, 1)) == []
