"""Measuring: any metric over the cast, by tier; and what is said when a metric's file is wrong."""

from __future__ import annotations

import random

import pytest
from cast import CUSTOMERS, MARCH, METRICS, MONEY, frozen, measured, stage, values

from scorecard.base.periods import Period
from scorecard.definitions.loader import load_metrics
from scorecard.definitions.results import Sums
from scorecard.errors import DefinitionError, FactsError

NAMES = ("pia", "gus", "gwen", "kit", "sol", "sid", "sue", "bo", "bea", "ben", "nora", "uma", "xy")
TURNS = [(NAMES[i % len(NAMES)], i) for i in range(60)]


def text(head, rows):
    return "\n".join([head, *rows])


EVERYTHING = {
    **MONEY,
    "contracts": text(
        "customer_id start_on end_on recurring_amount",
        [f"{c} 2024-02-01 {'-' if i % 3 else '2025-09-30'} {10 + i / 7:.4f}" for c, i in TURNS],
    ),
    "surveys": text(
        "invite_id customer_id contact_id instrument sent_at score",
        [
            f"{n}{i} {c} p{i} {n} 2026-03-{1 + i % 31:02}T09:00 {i % 6 + low if i % 5 else '-'}"
            for n, low in (("nps", 5), ("csat", 0), ("ces", 2))
            for c, i in TURNS
        ],
    ),
    "interactions": text(
        "interaction_id customer_id issue_key opened_at first_human_reply_at resolved_at",
        [
            f"{i} {c} k{i % 7} 2026-03-{1 + i % 28:02}T0{i % 10}:00 "
            f"{'-' if i % 9 == 0 else f'2026-03-31T0{i % 7}:00'} 2026-04-0{1 + i % 9}T10:00"
            for c, i in TURNS
        ],
    ),
    "promises": text(
        "promise_id customer_id due_at kept",
        [f"{i} {c} 2026-03-{1 + i % 31:02}T09:00 {'true' if i % 3 else '-'}" for c, i in TURNS],
    ),
}
CLOSED = [f"c{i} - 2024-0{1 + i % 9}-01 2025-{1 + i % 12:02}-15 silver" for i in range(30)]
MORE = CUSTOMERS + "\n".join(CLOSED)


def everything(folder, **more):
    """Every metric's table, a year of tiers laid down by hand, and forty customers."""
    held = {c: "gold" for c in ("gus", "gwen", "bo")} | {f"c{i}": "silver" for i in range(30)}
    for month in ("2024-04", "2025-04", "2026-03"):
        frozen(folder, month, held | {"pia": "platinum"}, first_on="2024-04-01")
    return stage(folder, since="2024-04", **{**EVERYTHING, "customers": MORE, **more})


@pytest.fixture(scope="module")
def measuring(tmp_path_factory):
    return everything(tmp_path_factory.mktemp("everything"))


def told(measuring):
    return {name: repr(measuring.results(metric, MARCH)) for name, metric in METRICS.items()}


def test_the_parts_add_up_to_the_whole(measuring):
    """For every kind that sums suffice for: all is its tiers and states, to the last digit.

    What belongs to no known customer is in no mean per customer, so not in that of all.
    """
    for metric in METRICS.values():
        if metric.kind in ("survival", "quantile"):
            continue
        found = measuring.estimates([metric], MARCH)[metric.name]
        left_out = {"all", "unattributed"} if metric.kind == "total" else {"all"}
        parts = [found[t].sums for t in sorted(found) if t not in left_out]
        assert found["all"].sums == sum(parts, Sums()), metric.name
        nobody = metric.name == "losses_explained"  # was lost in March, of whom it could tell
        assert (found["all"].sums.n > 0) != nobody, metric.name


def test_nothing_depends_on_the_order_of_rows_or_on_threads(measuring, tmp_path):
    shuffled = {}
    for name, table in {**EVERYTHING, "customers": MORE}.items():
        head, *rows = table.strip().splitlines()
        random.Random(7).shuffle(rows)
        shuffled[name] = text(head, rows)
    other = everything(tmp_path, **shuffled)
    other.facts.con.raw_sql("SET threads = 1")
    assert told(other) == told(measuring)


def test_every_tier_has_a_result_and_states_where_they_occur(measuring):
    results = measuring.results(METRICS["customer_margin"], MARCH)
    assert [r.tier for r in results] == [
        "platinum",
        "gold",
        "silver",
        "bronze",
        "all",
        "unrated",
        "unattributed",
    ]
    first = results[0]
    assert (first.metric, first.period, first.mode, first.unmeasured) == (
        "customer_margin",
        "2026-03",
        "census",
        "",
    )
    assert first.version == METRICS["customer_margin"].version
    bronze = results[3]
    # Nobody was in bronze as March opened; nora came in it, and that was sold to her.
    assert (bronze.estimate.value, bronze.estimate.n) == (74, 1)


def test_what_is_not_mapped_is_said_and_not_measured(tmp_path):
    measuring = stage(
        tmp_path,
        transactions="customer_id event_on net_amount\npia 2026-03-01 5",
        customers="customer_id acquired_on\npia 2024-01-01",
    )
    said = {
        name: measuring.results(METRICS[name], MARCH)[0].unmeasured
        for name in ("nps", "customer_margin", "logo_retention", "customer_revenue")
    }
    assert said == {
        "nps": "no surveys",
        "customer_margin": "no costs",
        "logo_retention": "no customers.closed_on or contracts.end_on",
        "customer_revenue": "no transactions in this tier",
    }
    results = measuring.results(METRICS["nps"], MARCH)
    assert {(r.tier, r.estimate.value, r.estimate.n) for r in results} == {
        (t, None, 0) for t in ("platinum", "gold", "silver", "bronze", "all")
    }


QUIET = (
    "customer_margin",
    "customer_revenue",
    "margin_rate",
    "margin_knowledge",
    "negative_margin_share",
    "whale_peak",
    "failure_service_ratio",
    "repeat_purchase",
)


@pytest.mark.parametrize("day", ["2026-02-28", "2026-04-01"])
def test_a_period_without_any_transaction_is_not_measured_and_not_zero(tmp_path, day):
    """One day before March, or one day after it: nobody bought in March, as far as is known."""
    measuring = stage(
        tmp_path,
        transactions=f"customer_id event_on net_amount\npia {day} 5",
        costs="event_on amount category customer_id\n2026-03-05 7 deliver pia",
    )
    for name in QUIET:
        results = measuring.results(METRICS[name], MARCH)
        assert {(r.unmeasured, r.estimate.value, r.estimate.n) for r in results} == {
            ("no transactions in this period", None, 0)
        }, name
    served = measuring.results(METRICS["cost_to_serve"], MARCH)[0]
    assert (served.unmeasured, served.estimate.value) == ("", 7)


def test_a_customer_without_transactions_has_zero_where_others_have_some(tmp_path):
    measuring = stage(tmp_path, transactions="customer_id event_on net_amount\npia 2026-03-31 5")
    assert measured(measuring, "customer_revenue")["gold"].value == 0


def test_a_window_before_the_chain_has_nobody_rated(tmp_path):
    """A trailing year that opens before tiers began: unrated, not guessed from today's tiers."""
    contracts = "customer_id start_on recurring_amount\npia 2024-01-15 5"
    measuring = stage(tmp_path, contracts=contracts)
    assert set(values(measured(measuring, "logo_retention"))) == {"unrated", "all"}


def test_a_quarter_is_measured_like_a_month(tmp_path):
    quarter = Period.parse("2026-Q1", "Europe/London")
    measuring = stage(tmp_path, quarter, since="2026-01", **MONEY)
    # Revenue of January to March: 999 of 28 February more than in March.
    assert measured(measuring, "customer_revenue", quarter)["platinum"].total == 1999


DECLARED = '''\
import ibis
from ibis import _
from scorecard import metric


@metric(label="Own", unit="{unit}", better="higher", kind="{kind}", family="own",
        needs=["surveys"], evidence="sample", section="experienced")
def own(facts, window):
    """A user's own."""
    {body}
'''


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    return stage(
        tmp_path_factory.mktemp("asked"),
        transactions="customer_id event_on net_amount\npia 2026-03-01 5",
        surveys="customer_id instrument sent_at score\npia csat 2026-03-02T10:00 4\n"
        "gus csat 2026-03-02T10:00 2\nbo csat 2026-03-02T10:00 -",
    )


def own(folder, body, kind="proportion", unit="share"):
    (folder / "own.py").write_text(DECLARED.format(body=body, kind=kind, unit=unit))
    return load_metrics(folder)["own"]


def test_a_users_own_metric_needs_nothing_but_its_file(tmp_path, asked):
    metric = own(tmp_path, 'return facts.surveys.select("customer_id", num=_.score > 3, den=1)')
    found = asked.estimates([metric], MARCH)["own"]
    assert values(found) == {"platinum": 1, "gold": 0, "all": 0.5}


def test_rows_without_a_figure_and_columns_nobody_asked_for_are_left_out(tmp_path, asked):
    metric = own(
        tmp_path,
        'return facts.surveys.mutate(num=_.score, tier=ibis.literal("x"))',
        "quantile",
        "hours",
    )
    observed = asked.facts.answer(asked.observations(metric, MARCH))
    assert sorted((r["customer_id"], r["tier"], r["num"], r["censored"]) for r in observed) == [
        ("gus", "gold", 2.0, False),
        ("pia", "platinum", 4.0, False),
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return 7", 'own.py:6: metric "own" returned int; it must return an Ibis table with'),
        ("return facts.surveys.count()", "returned IntegerScalar; it must return an Ibis table"),
        (
            'return facts.surveys.select("customer_id", num=_.score, dem=1)',
            'own.py:6: metric "own" yields no column "den", which kind proportion needs. '
            'Did you mean "dem"?',
        ),
        (
            'return facts.surveys.select("customer_id", num=_.instrument, den=1)',
            'yields column "num" as string; it must be a number.',
        ),
        (
            'return facts.surveys.select("customer_id", num=1, den=1, affected=_.score)',
            'yields column "affected" as float64; it must be true or false.',
        ),
        (
            "t = facts.surveys\n    return t.filter(t.scor > 3)",
            'own.py:11: metric "own" failed: AttributeError',
        ),
        (
            "t = facts.surveys\n    return t.filter(t.scor > 3)",
            "object has no attribute 'scor'; "
            'correct the function, or move the file out of the folder. Did you mean "score"?',
        ),
        ("return facts.surveys.filter(_.scor > 3)", 'Did you mean "score"?'),
        ('return facts.surveys.select("custmer_id")', 'Did you mean "customer_id"?'),
        (
            "return facts.survey",
            'own.py:10: metric "own" failed: AttributeError: facts have no '
            '"survey". Did you mean "surveys"?',
        ),
        ("return 1 / 0", 'own.py:10: metric "own" failed: ZeroDivisionError: division by zero'),
        ("raise ValueError", 'metric "own" failed: ValueError: no message; correct'),
    ],
)
def test_a_metric_that_is_wrong_is_told_where_and_how(tmp_path, asked, body, said):
    with pytest.raises(DefinitionError) as error:
        asked.results(own(tmp_path, body), MARCH)
    assert said in str(error.value)
    assert str(tmp_path) in str(error.value)


@pytest.mark.parametrize(
    ("num", "den", "said"),
    [
        ("_.score", "1", r'own.py:6: metric "own" counts 4 of 1 in tier "platinum", which is no'),
        ("-_.score", "1", r'counts -4 of 1 in tier "platinum", .* or the kind be "ratio"\.'),
        ("0", "-1", r'counts 0 of -1 in tier "platinum", .* num must lie between 0 and den'),
    ],
)
def test_a_proportion_that_is_no_share_is_told_with_its_figures(tmp_path, asked, num, den, said):
    body = f'return facts.surveys.filter(_.score == 4).select("customer_id", num={num}, den={den})'
    with pytest.raises(DefinitionError, match=said):
        asked.results(own(tmp_path, body), MARCH)


def test_a_table_that_is_not_among_its_needs_is_told_of_too(tmp_path, asked):
    with pytest.raises(FactsError, match=r'own.py:10: metric "own": facts.promises: not mapped'):
        asked.results(own(tmp_path, "return facts.promises"), MARCH)


def test_what_the_engine_refuses_is_the_metrics_fault(tmp_path, asked):
    body = 'return facts.surveys.select("customer_id", num=_.instrument.cast("int64"), den=1)'
    with pytest.raises(DefinitionError, match=r'own.py:6: metric "own" failed: .*csat'):
        asked.results(own(tmp_path, body), MARCH)


BARE = {
    "interactions": "customer_id opened_at\npia 2026-03-02T10:00",
    "surveys": "customer_id instrument sent_at\npia csat 2026-03-02T10:00",
    "promises": "due_at\n2026-03-02T10:00",
    "contracts": "customer_id start_on recurring_amount\npia 2025-01-01 10",
    "transactions": "event_on net_amount\n2026-03-02 100",
    "costs": "event_on amount category\n2026-03-02 10 deliver",
}
"""Tables with no more columns than they must have."""
LACKING = {
    "surveys.score": ["ces", "csat", "csat_mean", "nps", "response_rate"],
    "interactions.first_human_reply_at": ["first_reply_p50", "first_reply_p90"],
    "interactions.abandoned_at": ["abandonment_rate"],
    "interactions.first_human_reply_at, service_hours": [
        *("service_hours_reply_p50", "service_hours_reply_p90"),
    ],
    "interactions.resolved_at or interactions.first_human_reply_at": ["issues_open"],
    "interactions.resolved_at": ["resolution_mean", "resolution_p50", "resolution_p90"],
    "interactions.resolved_at, service_hours": ["service_hours_resolution_p90"],
    "interactions.issue_key": ["first_contact_resolution", "recontact_rate"],
    "interactions.tier_known_at_open": ["tier_known"],
    "promises.kept": ["promises_kept"],
    "contracts.end_on": ["gross_revenue_retention", "net_revenue_retention"],
    "customers.closed_on or contracts.end_on": [
        *("churn_rate", "logo_retention", "survival_12", "survival_24"),
    ],
    "customers.closed_on or contracts.end_on, customers.closed_reason or contracts.reason": [
        "losses_explained"
    ],
    "transactions.customer_id": [
        *("average_order_value", "customer_margin", "customer_revenue", "failure_service_ratio"),
        *("margin_rate", "negative_margin_share", "purchase_frequency", "repeat_purchase"),
        "whale_peak",
    ],
}


def test_a_metric_without_the_column_that_it_is_made_of_says_which(tmp_path):
    """Not "too little evidence", nor 0 % of what nobody wrote down."""
    bare = stage(tmp_path, customers="customer_id acquired_on tier\npia 2024-01-10 gold", **BARE)
    said: dict[str, list[str]] = {}
    for name, metric in sorted(METRICS.items()):
        (why,) = {r.unmeasured for r in bare.results(metric, MARCH) if r.tier == "gold"}
        if why:
            said.setdefault(why.removeprefix("no "), []).append(name)
    assert said == LACKING


def test_of_a_table_that_is_not_there_no_column_is_asked_for(tmp_path):
    few = stage(tmp_path, contracts="customer_id start_on recurring_amount\npia 2025-01-01 10")
    wanted = {"nps": "surveys", "resolution_p90": "interactions"}
    for name in (*wanted, "customer_margin"):
        (why,) = {r.unmeasured for r in few.results(METRICS[name], MARCH)}
        assert why == f"no {wanted.get(name, 'transactions, costs')}"
