"""Affected: who an exception touched, what it did to their margin, and whom a verdict rests on."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, count

import ibis
import pytest
from cast import MARCH, stage
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_choices import chosen
from sample_measures import a_metric

from scorecard.definitions.results import Estimate, Result, Verdict
from scorecard.judging.affected import Effect, fragility, touched
from scorecard.judging.verdict import region
from scorecard.strategy.limits import limits, orient

# Value is what they bought in the year before: pia 900, gus 700, gwen 700, sol 40; uma and
# bo bought nothing. All are gold here.
CUSTOMERS = """
customer_id name  acquired_on tier
pia         Pia   2025-01-01  gold
gus         Gus   2025-01-01  gold
gwen        -     2025-01-01  gold
sol         Sol   2025-01-01  gold
uma         Uma   2025-01-01  gold
bo          Bo    2025-01-01  gold
kit         Kit   2025-01-01  gold
zed         Zed   2025-01-01  bronze
"""
SALES = """
txn_id customer_id event_on   net_amount
1      pia         2025-11-01 900
2      gus         2025-11-01 700
3      gwen        2025-11-01 700
4      sol         2025-11-01 40
5      kit         2025-11-01 5
6      pia         2026-03-01 100
7      gus         2026-03-01 30
"""
COSTS = """
cost_id event_on   amount category customer_id
1       2026-03-01 50     service  gus
2       2026-03-01 10     service  bo
"""


VERSIONS = count(1)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    return stage(folder, customers=CUSTOMERS, transactions=SALES, costs=COSTS)


def observing(metric, rows, *columns):
    """The metric, observing exactly those rows."""
    names = ("customer_id", "num", "den", *columns)
    table = [dict(zip(names, row, strict=True)) for row in rows]
    return _observing(metric, table)


def _observing(metric, table):
    # What a metric sees is kept by its name and version.
    return replace(
        metric, observe=lambda facts, window: ibis.memtable(table), version=f"v{next(VERSIONS)}"
    )


def surviving(rows):
    names = ("customer_id", "entered", "left", "lost")
    table = [dict(zip(names, row, strict=True)) for row in rows]
    metric = a_metric("survival", horizon=12)
    return _observing(metric, table)


def verdict(region_: str, mode: str = "sample") -> Result:
    words = {"below": "not delivered", "within": "delivered", "above": "over-served"}[region_]
    return Result(
        "measured", "v1", "gold", "2026-03", Estimate(), mode, "", Verdict(words, region_)
    )


def touch(small, metric, region_, worst=None, best=None):
    stance = chosen("measured/gold", "strength", worst, best)
    return touched(small, metric, MARCH, verdict(region_), stance)


WAITS = observing(
    a_metric("quantile", "hours", "lower"),
    [("pia", 5.0, 1), ("pia", 1.0, 1), ("gus", 4.0, 1), ("sol", 4.5, 1), ("zed", 99.0, 1)],
)


def test_the_harmed_of_a_wait_waited_longer_than_the_limit_at_least_once(small):
    found = touch(small, WAITS, "below", worst=4)
    assert (found.customers, found.of, found.names) == (2, 3, ("Pia", "Sol"))
    assert found.side == "harmed"


def test_the_favoured_of_a_wait_waited_less_than_was_paid_for(small):
    found = touch(small, WAITS, "above", worst=8, best=4.2)
    assert (found.customers, found.names, found.side) == (2, ("Pia", "Gus"), "favoured")


def test_a_quantile_where_more_is_better_harms_below_the_limit(small):
    more = observing(a_metric("quantile", "score"), [("pia", 3.0, 1), ("gus", 9.0, 1)])
    assert touch(small, more, "below", worst=5).names == ("Pia",)


@pytest.mark.parametrize(
    ("better", "region_", "names"),
    [
        ("higher", "below", ("Pia", "gwen")),  # pia missed one of two
        ("higher", "above", ("Pia", "Gus")),
        ("lower", "below", ("Pia", "Gus")),
        ("lower", "above", ("Pia", "gwen")),
    ],
)
def test_of_a_share_those_are_touched_who_once_had_the_outcome(small, better, region_, names):
    share = observing(
        a_metric(better=better), [("pia", 1, 1), ("pia", 0, 1), ("gus", 1, 1), ("gwen", 0, 1)]
    )
    found = touch(small, share, region_, worst=0.5, best=0.6)
    assert (found.names, found.of) == (names, 3)


@pytest.mark.parametrize(("region_", "names"), [("below", ("Gus",)), ("above", ("Pia",))])
def test_of_recommendations_detractors_are_harmed_and_promoters_favoured(small, region_, names):
    nps = observing(a_metric("nps", "points"), [("pia", 1, 1), ("gus", -1, 1), ("sol", 0, 1)])
    assert touch(small, nps, region_, worst=20, best=60).names == names


@pytest.mark.parametrize(("region_", "names"), [("below", ("Gus",)), ("above", ("Pia",))])
def test_of_survival_the_lost_are_harmed_and_the_kept_favoured(small, region_, names):
    watched = surviving([("pia", 0, 500, False), ("gus", 0, 100, True)])
    assert touch(small, watched, region_, worst=0.8, best=0.9).names == names


@pytest.mark.parametrize(
    ("kind", "better", "region_", "names"),
    [
        ("ratio", "higher", "below", ("Gus",)),  # 10 of 40 is under 0.5
        ("ratio", "higher", "above", ("Pia", "Sol")),  # 0.9 and 0.8 are over 0.6
        ("ratio", "lower", "below", ("Pia", "Sol")),
        ("ratio", "lower", "above", ("Gus",)),
        ("mean", "higher", "below", ("Gus",)),
    ],
)
def test_of_a_ratio_each_customers_own_is_held_against_the_limit(
    small, kind, better, region_, names
):
    rows = [("pia", 9.0, 10.0), ("gus", 10.0, 40.0), ("sol", 4.0, 5.0)]
    metric = observing(a_metric(kind, "ratio", better), rows)
    worst, best = (0.5, 0.6) if better == "higher" else (0.6, 0.5)
    assert touch(small, metric, region_, worst=worst, best=best).names == names


def test_of_a_total_a_customer_below_the_limit_is_harmed(small):
    rows = [("pia", 60.0, 1), ("pia", 50.0, 1), ("gus", 90.0, 1)]
    total = observing(a_metric("ratio", "money"), rows)
    assert touch(small, total, "below", worst=60).names == ("Pia",)  # 110 for two is 55 each


def test_what_the_metric_says_itself_comes_first(small):
    """`affected` marks the harmed; the favoured are found by the upper limit all the same."""
    rows = [("pia", 1, 1, False), ("gus", 0, 1, True), ("sol", 1, 1, True)]
    share = observing(a_metric(), rows, "affected")
    assert touch(small, share, "below", worst=0.5).names == ("Gus", "Sol")
    assert touch(small, share, "above", best=0.5).names == ("Pia", "Sol")


def test_the_most_valuable_are_named_first_then_by_number(small):
    everyone = ["bo", "kit", "sol", "gwen", "gus", "pia", "uma"]
    share = observing(a_metric(), [(c, 0, 1) for c in everyone])
    found = touch(small, share, "below", worst=0.5)
    # gus and gwen are worth 700 each; gwen has no name, so her number stands for it
    assert (found.customers, found.names) == (7, ("Pia", "Gus", "gwen", "Sol", "Kit"))


@pytest.mark.parametrize("metric", [WAITS, observing(a_metric("ratio"), [("pia", 1.0, 2.0)])])
def test_without_that_limit_nobody_is_held_against_it(small, metric):
    assert touch(small, metric, "within", worst=None, best=2.0).customers == 0


def test_of_few_customers_the_margins_before_and_after_are_told_by_name(small):
    """pia bought for 100 in March and for nothing in February; sol for nothing in either."""
    found = touch(small, WAITS, "below", worst=4)
    assert found.names == ("Pia", "Sol")
    assert found.effect == Effect("few", margins=((0.0, 100.0), (0.0, 0.0)))
    favoured = touch(small, WAITS, "above", worst=8, best=4.2)
    assert favoured.effect.margins == ((0.0, 100.0), (0.0, -20.0))  # gus: 30 − 50


def test_an_effect_on_margin_itself_is_their_margin_of_the_period(small):
    rows = [("gus", -20.0, 1), ("bo", -10.0, 1), ("pia", 9.0, 1)]
    margin = replace(observing(a_metric("ratio", "money"), rows), family="margin")
    # gus 30 − 50, bo −10
    assert touch(small, margin, "below", worst=0).effect == Effect("sum", -30.0)


def test_an_effect_on_retention_is_what_they_are_worth(small):
    kept = replace(observing(a_metric(), [("gus", 0, 1), ("sol", 0, 1)]), family="retention")
    assert touch(small, kept, "below", worst=0.9).effect == Effect("worth", 740.0)


def test_without_costs_the_effect_is_unknown(tmp_path):
    staged = stage(tmp_path, customers=CUSTOMERS, transactions=SALES)
    assert touch(staged, WAITS, "below", worst=4).effect == Effect("unknown")


def rests(small, metric, region_, worst, best=None):
    stance = chosen("measured/gold", "weakness" if best is not None else "strength", worst, best)
    return fragility(small, metric, MARCH, verdict(region_, "census"), stance)


def test_a_counted_verdict_rests_on_the_customers_without_whom_it_would_turn(small):
    # 6 of 8 is 75 %; without pia's four it is 2 of 4, without gus' one still 5 of 7.
    kept = observing(
        a_metric(), [("pia", 4, 4), ("gus", 1, 1), ("sol", 1, 1), ("bo", 0, 1), ("kit", 0, 1)]
    )
    found = rests(small, kept, "within", 0.7)
    assert (found.customers, found.names) == (1, ("Pia",))


def test_two_limits_are_as_near_as_the_nearer_one(small):
    # 5 of 10; at least 30 % needs three fewer good ones, at most 55 % one bad one fewer.
    rows = [("pia", 1, 1), ("gus", 2, 2), ("sol", 2, 2), ("bo", 0, 1), ("kit", 0, 4)]
    found = rests(small, observing(a_metric(), rows), "within", 0.3, 0.55)
    assert (found.customers, found.names) == (1, ("Kit",))


def test_samples_and_figures_without_sums_rest_on_nobody_in_particular(small):
    stance = chosen("measured/gold", "strength", 4)
    assert fragility(small, WAITS, MARCH, verdict("within", "census"), stance) is None
    share = observing(a_metric(), [("pia", 1, 1)])
    assert fragility(small, share, MARCH, verdict("within"), stance) is None


PEOPLE = ("pia", "gus", "gwen", "sol", "uma", "bo", "kit")
OWN = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5)), min_size=1, max_size=7)
PERCENT = st.integers(1, 99)


@settings(max_examples=60, deadline=None)
@given(OWN, PERCENT, st.none() | PERCENT, st.sampled_from(["higher", "lower"]))
def test_no_fewer_customers_would_turn_the_verdict(small, own, one, other, better):
    """Checked against every subset of up to seven customers."""
    ordered = sorted({one, other} - {None}, reverse=better == "lower")
    worst, best = ordered[0] / 100, (ordered[1] / 100 if len(ordered) > 1 else None)
    people = [(p, min(num, den), den) for p, (num, den) in zip(PEOPLE, own, strict=False)]
    metric = observing(a_metric(better=better), people)
    stance = chosen("measured/gold", "weakness", worst, best)

    def place(of):
        value = orient(metric, sum(n for _, n, _d in of) / sum(d for _, _n, d in of))
        return region(value, value, limits(metric, stance))

    fewest = next(
        (
            size
            for size in range(1, len(people))
            if any(place(k) != place(people) for k in combinations(people, len(people) - size))
        ),
        None,
    )
    found = fragility(small, metric, MARCH, verdict(place(people), "census"), stance)
    assert found.customers == fewest
