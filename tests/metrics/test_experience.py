"""The experience family over answers to invitations of March 2026."""

from __future__ import annotations

import pytest
from cast import MARCH, METRICS, counts, measured, near, stage, values
from sample_measures import sums_of
from scipy import stats

from scorecard.measuring.observe import set_apart
from scorecard.stats.estimate import evidence
from scorecard.stats.intervals import clopper_pearson, share_n

# March in London: from 2026-03-01 00:00 to 2026-03-31 23:00 UTC, for the clocks go forward.
HEADER = (
    "invite_id customer_id contact_id instrument kind sent_at answered_at score scale_min"
    " scale_max eligible\n"
)
NPS = (
    HEADER
    + """
1  pia p1 nps relationship  2026-03-02T09:00 2026-03-03T09:00 10 0 10 true
2  pia p2 nps relationship  2026-03-02T09:00 2026-03-03T09:00 9  0 10 -
3  pia p3 nps -             2026-03-02T09:00 2026-03-03T09:00 6  - -  -
4  gus g1 nps relationship  2026-03-01T00:00 -                7  0 10 -
5  gus g2 nps relationship  2026-03-31T22:59 2026-04-14T22:59 0  0 10 -
6  sol s1 nps relationship  2026-03-04T09:00 -                -  0 10 -
7  bo  b1 nps relationship  2026-03-05T09:00 2026-03-06T09:00 9  0 10 false
8  bo  b2 nps transactional 2026-03-05T09:00 2026-03-06T09:00 10 0 10 -
9  bo  b3 nps relationship  2026-03-05T09:00 2026-03-06T09:00 5  1 5  -
10 bo  b4 nps relationship  2026-03-05T09:00 2026-03-06T09:00 11 - -  -
11 bo  b5 nps relationship  2026-03-05T09:00 2026-03-20T09:00 10 0 10 -
12 bo  b6 nps relationship  2026-02-28T23:59 2026-03-01T09:00 10 0 10 -
13 bo  b7 nps relationship  2026-03-31T23:00 2026-04-01T09:00 10 0 10 -
14 kit k1 nps relationship  2026-03-05T09:00 2026-03-06T09:00 8  0 10 -
15 sid s2 nps relationship  2026-01-05T09:00 2026-01-06T09:00 3  0 10 -
16 sid s2 nps relationship  2026-03-20T09:00 2026-03-21T09:00 9  0 10 -
17 sid s3 nps relationship  2025-12-10T09:00 2025-12-11T09:00 3  0 10 -
18 sid s3 nps relationship  2026-03-20T09:00 2026-03-21T09:00 9  0 10 -
19 sid s4 nps relationship  2026-02-01T09:00 -                -  0 10 -
20 sid s4 nps relationship  2026-03-20T09:00 2026-03-21T09:00 2  0 10 -
21 sid s5 nps relationship  2026-03-02T09:00 2026-03-02T10:00 1  0 10 -
22 sid s5 nps relationship  2026-03-09T09:00 2026-03-09T10:00 10 0 10 -
23 sid -  nps relationship  2026-03-02T09:00 2026-03-02T10:00 8  0 10 -
24 sid -  nps relationship  2026-03-09T09:00 2026-03-09T10:00 8  0 10 -
25 xy  x1 nps relationship  2026-03-09T09:00 2026-03-09T10:00 8  0 10 -
"""
)


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    sales = "customer_id event_on net_amount\npia 2026-01-01 1"
    return stage(tmp_path_factory.mktemp("asked"), transactions=sales, surveys=NPS)


def test_nps_is_promoters_less_detractors_per_hundred_answers(asked):
    """pia 10 9 6: one in three. gus 0, for nobody answered 7 at any moment. kit 8 answers for gwen:
    gold 0 8. bo has no answer that counts: asked wrongly, about a contact, on another scale, off
    it, too late, before March, after March. sid: what s2, s3 and s4 said or did not say in other
    months is of other months; of s5's two answers the last counts; of two by nobody knows whom, too,
    for then the customer is taken for one person."""
    found = measured(asked, "nps")
    # sid: s2 9, s3 9, s4 2, s5 10, and 8: (3 − 1) / 5. xy is no customer that we know.
    assert values(found) == near(
        {
            "platinum": 100 / 3,
            "gold": -100 / 2,
            "silver": 200 / 5,
            "unattributed": 0,
            "all": 100 * (5 - 3) / 11,
        }
    )
    assert counts(found) == {
        "platinum": (3, 1),
        "gold": (2, 2),
        "silver": (5, 1),
        "unattributed": (1, 1),
        "all": (11, 5),
    }


def test_several_answers_of_one_customer_count_as_one_in_the_interval(asked):
    # pia's three answers are worth one: two thirds of a promoter and a third of a detractor.
    found = measured(asked, "nps")["platinum"]
    low, high = clopper_pearson(2 / 3, 1)
    assert (found.low, found.high) == pytest.approx((200 * low - 100, 200 * high - 100))


def test_who_would_not_recommend_is_affected(asked):
    observed = asked.observations(METRICS["nps"], MARCH)
    hurt = asked.facts.answer(observed.filter(observed.affected))
    assert sorted(r["customer_id"] for r in hurt) == ["gus", "pia", "sid"]


def test_response_rate_is_answered_in_time_of_those_who_should_be_asked(asked):
    # pia 3 of 3; gus 1 of 2, since a score without a moment is none, and kit 1 of 1; sol 0 of 1 and
    # sid 7 of 7; bo 2 of 4: b1 should not have been asked, 5 on a scale of 1 to 5 is an answer, 11
    # is none, and b5 was late; xy 1 of 1.
    found = measured(asked, "response_rate")
    assert values(found) == near(
        {
            "platinum": 1,
            "gold": 2 / 3,
            "silver": 7 / 8,
            "bronze": 2 / 4,
            "unattributed": 1,
            "all": 15 / 19,
        }
    )
    assert found["bronze"].n == 4


def test_answers_of_nobody_count_singly_in_the_interval_of_all(tmp_path):
    """A survey without names: 40 answers, 30 of them content, and those of gus, 2 of 2."""
    head = "invite_id customer_id instrument sent_at answered_at score\n"
    rows = [(n, "-", 5 if n < 30 else 2) for n in range(40)] + [(40, "gus", 5), (41, "gus", 5)]
    sent = "csat 2026-03-05T09:00 2026-03-05T10:00"
    surveys = head + "\n".join(f"{n} {who} {sent} {score}" for n, who, score in rows)
    sales = "customer_id event_on net_amount\npia 2026-01-01 1"
    found = measured(stage(tmp_path, transactions=sales, surveys=surveys), "csat")
    nobody = found["unattributed"]
    assert (nobody.low, nobody.high) == pytest.approx(clopper_pearson(30, 40))
    assert (nobody.n, nobody.customers) == (40, 0)
    # Of all 41 units: 40 of one answer, and one of two.
    everybody = sums_of([(1, 1)] * 30 + [(0, 1)] * 10 + [(2, 2)])
    n = share_n(everybody)
    assert 38 < n < 42
    assert (found["all"].low, found["all"].high) == pytest.approx(clopper_pearson(32 / 42 * n, n))
    assert (found["all"].n, found["all"].customers) == (42, 1)


def test_nobody_asked_gives_no_figure(tmp_path):
    sales = "customer_id event_on net_amount\npia 2026-01-01 1"
    measuring = stage(tmp_path, transactions=sales, surveys=HEADER + NPS.splitlines()[-2])
    assert measured(measuring, "csat")["all"].value is None
    results = measuring.results(METRICS["csat"], MARCH)
    assert [(r.tier, r.estimate.value, r.estimate.n) for r in results] == [
        ("platinum", None, 0),
        ("gold", None, 0),
        ("silver", None, 0),
        ("bronze", None, 0),
        ("all", None, 0),
    ]


SCALES = (
    HEADER
    + """
1  pia p1 csat transactional 2026-03-02T09:00 2026-03-03T09:00 5 1 5 -
2  pia p1 csat transactional 2026-03-03T09:00 2026-03-03T10:00 4 1 5 -
3  pia p1 csat transactional 2026-03-04T09:00 2026-03-04T10:00 3 1 5 -
4  gus g1 csat -             2026-03-04T09:00 2026-03-04T10:00 1 - - -
5  gus g1 csat -             2026-03-05T09:00 -                - 1 5 -
6  sol s1 csat transactional 2026-03-05T09:00 2026-03-05T10:00 9 1 10 -
7  sol s1 csat transactional 2026-03-05T09:00 2026-03-05T10:00 4 1 10 -
8  sol s1 csat transactional 2026-03-05T09:00 2026-03-05T10:00 0 - - -
9  bo  b1 ces  transactional 2026-03-05T09:00 2026-03-05T10:00 7 1 7 -
10 bo  b1 ces  transactional 2026-03-06T09:00 2026-03-06T10:00 5 1 7 -
11 bea b2 ces  transactional 2026-03-06T09:00 2026-03-06T10:00 4 1 7 -
12 bea b2 ces  transactional 2026-03-06T09:00 2026-03-06T10:00 5 1 5 -
13 ben b3 ces  transactional 2026-03-06T09:00 2026-03-21T10:00 7 1 7 -
"""
)


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    sales = "customer_id event_on net_amount\npia 2026-01-01 1"
    return stage(tmp_path_factory.mktemp("scored"), transactions=sales, surveys=SCALES)


def test_csat_is_the_share_of_fours_and_fives(scored):
    found = measured(scored, "csat")
    assert values(found) == near({"platinum": 2 / 3, "gold": 0, "all": 2 / 4})
    assert counts(found) == {"platinum": (3, 1), "gold": (1, 1), "all": (4, 2)}
    # pia's three answers are worth one: 2/3 of 1.
    low, high = clopper_pearson(2 / 3, 1)
    assert (found["platinum"].low, found["platinum"].high) == pytest.approx((low, high))


def test_csat_mean_is_the_mean_of_answers(scored):
    found = measured(scored, "csat_mean")
    assert values(found) == near({"platinum": 4, "gold": 1, "all": 13 / 4})
    # On the scale of 1 to 5 pia's mean of 4 is three quarters of the way, and worth one answer.
    low, high = clopper_pearson(0.75, 1)
    ends = (found["platinum"].low, found["platinum"].high)
    assert ends == pytest.approx((1 + 4 * low, 1 + 4 * high))


def test_ces_is_the_share_of_five_to_seven_on_the_scale_to_seven(scored):
    found = measured(scored, "ces")
    assert values(found) == near({"bronze": 2 / 3, "all": 2 / 3})
    # bo 2 of 2, bea 0 of 1. Residuals 2/3 and −2/3: 2 · 8/9 · 2/3 = 1.185185 against 2/3 of
    # independent answers. Two customers of 5/3 assumed: 10/3 · 4/3 and 10/3. 3 · 4/5.62963, times
    # (t(2) 2.91999 ÷ t(.8) 8.79)²: Kish counts 9/5 customers, of which one is for the mean.
    bronze = sums_of([(2, 2), (0, 1)])
    worth = 3 * 4 / 5.62963 * (stats.t.ppf(0.95, 2) / stats.t.ppf(0.95, 0.8)) ** 2
    assert share_n(bronze) == pytest.approx(worth, rel=1e-5)
    low, high = clopper_pearson(2 / 3 * worth, worth)
    assert (found["bronze"].low, found["bronze"].high) == pytest.approx((low, high))


ONCE = (
    HEADER
    + """
1 pia p nps relationship  2026-03-02T09:00 2026-03-12T09:00 0  - - -
2 pia p nps relationship  2026-03-09T09:00 2026-03-10T09:00 10 - - -
3 gus - nps relationship  2026-03-02T09:00 2026-03-02T10:00 3  - - -
4 gus - nps relationship  2026-03-09T09:00 2026-03-09T10:00 9  - - -
5 sol s nps relationship  2026-03-02T09:00 2026-03-02T10:00 7  - - -
6 sol s nps transactional 2026-03-09T09:00 2026-03-09T10:00 9  - - -
7 bo  b nps relationship  2026-03-02T09:00 2026-03-20T10:00 9  - - -
8 bo  b nps relationship  2026-03-02T09:00 2026-03-02T10:00 4  1 5 -
9 -   - nps relationship  2026-03-02T09:00 2026-03-02T10:00 9  - - -
10 -  - nps relationship  2026-03-09T09:00 2026-03-09T10:00 9  - - -
"""
)


def test_of_one_person_the_last_answer_that_was_given_counts_and_others_by_name(tmp_path):
    """pia answered the first invitation last: 0. Nobody wrote down who of gus answered, so he is
    one person. sol's answer about a contact is another question's. Of nobody known each counts."""
    sales = "customer_id event_on net_amount\npia 2026-01-01 1"
    staged = stage(tmp_path, transactions=sales, surveys=ONCE)
    found = measured(staged, "nps")
    assert values(found) == near(
        {"platinum": -100, "gold": 100, "silver": 0, "unattributed": 100, "all": 100 * 2 / 5}
    )
    assert set_apart(METRICS["nps"], staged.facts, MARCH) == {
        "of somebody who answered again": 2,
        "about a contact": 1,
        "given late": 1,
        "on another scale": 1,
    }


WEIGHTED = """
invite_id customer_id instrument sent_at          answered_at      score weight
1         pia         csat       2026-03-02T09:00 2026-03-03T09:00 5     300
2         gus         csat       2026-03-02T09:00 2026-03-03T09:00 2     100
3         gwen        csat       2026-03-02T09:00 2026-03-03T09:00 4     100
4         sol         csat       2026-03-02T09:00 2026-03-03T09:00 1     0
5         bo          csat       2026-03-02T09:00 2026-03-03T09:00 1     -
"""


def test_weighted_answers_count_with_their_weights(tmp_path):
    """Σ w of the satisfied is 400 of 501, for an empty weight is 1; the mean score is
    (1500 + 200 + 400 + 1) / 501. One that stands for nobody is beside the figure."""
    sales = "customer_id event_on net_amount\npia 2026-01-01 1"
    staged = stage(tmp_path, transactions=sales, surveys=WEIGHTED)
    found = measured(staged, "csat")
    assert found["all"].value == pytest.approx(400 / 501, rel=1e-5)
    assert found["gold"].value == pytest.approx(1 / 2)
    assert counts(found)["all"] == (4, 4)
    assert measured(staged, "csat_mean")["all"].value == pytest.approx(2101 / 501, rel=1e-5)
    assert values(measured(staged, "response_rate"))["all"] == 1
    assert set_apart(METRICS["csat"], staged.facts, MARCH) == {"without weight": 1}


def test_weights_of_one_tier_say_nothing_of_another(tmp_path):
    """Thirty gold customers stand for a hundred each, thirty silver ones for one: both tiers have
    thirty answers, two of three satisfied, and the interval of thirty. Of all together the silver
    ones are hardly seen: 3030² ÷ (30 · 100² + 30) is 30.6 answers."""
    ids = [f"{tier[0]}{i}" for tier in ("gold", "silver") for i in range(30)]
    customers = ["customer_id acquired_on tier"]
    customers += [f"{c} 2025-01-01 {'gold' if c[0] == 'g' else 'silver'}" for c in ids]
    lines = ["invite_id customer_id instrument sent_at answered_at score weight"]
    plain = ["invite_id customer_id instrument sent_at answered_at score"]
    for n, c in enumerate(ids):
        row = f"{n} {c} csat 2026-03-02T09:00 2026-03-03T09:00 {5 if n % 3 else 1}"
        lines.append(f"{row} {100 if c[0] == 'g' else 1}")
        plain.append(row)
    sales = "customer_id event_on net_amount\ng0 2026-01-01 1"
    with_, without = (
        measured(
            stage(
                tmp_path / name,
                transactions=sales,
                customers="\n".join(customers),
                surveys="\n".join(rows),
            ),
            "csat",
        )
        for name, rows in (("with", lines), ("without", plain))
    )
    for tier in ("gold", "silver"):
        assert with_[tier].value == pytest.approx(2 / 3)
        ends = (without[tier].low, without[tier].high)
        assert (with_[tier].low, with_[tier].high) == pytest.approx(ends, abs=1e-4)
        assert evidence(METRICS["csat"], with_[tier]) == 30
    assert with_["all"].n == 60
    assert evidence(METRICS["csat"], with_["all"]) == 30


def test_a_score_counts_by_weight_too(tmp_path):
    """pia recommends us for three, gus does not for one, gwen is passive for one: (3 − 1) / 5."""
    rows = """
invite_id customer_id instrument sent_at          answered_at      score weight
1         pia         nps        2026-03-02T09:00 2026-03-03T09:00 9     30
2         gus         nps        2026-03-02T09:00 2026-03-03T09:00 2     10
3         gwen        nps        2026-03-02T09:00 2026-03-03T09:00 7     10
"""
    sales = "customer_id event_on net_amount\npia 2026-01-01 1"
    found = measured(stage(tmp_path, transactions=sales, surveys=rows), "nps")
    assert values(found) == near({"platinum": 100, "gold": -50, "all": 40})


def test_weights_of_any_size_are_worth_as_many_answers_as_kish_counts(tmp_path):
    """Ten customers answer, five with weight 3 and five with 1: (15 + 5)² / (5 · 9 + 5 · 1) = 8.
    Thousandfold weights change nothing."""
    ids = [f"c{i}" for i in range(10)]
    customers = "\n".join(["customer_id acquired_on tier", *(f"{c} 2025-01-01 gold" for c in ids)])
    sales = "customer_id event_on net_amount\nc0 2026-01-01 1"
    found = []
    for size in (1, 1000):
        lines = ["invite_id customer_id instrument sent_at answered_at score weight"]
        for i, c in enumerate(ids):
            weight, score = (3 if i < 5 else 1) * size, 5 if i % 2 else 1
            lines.append(f"{i} {c} csat 2026-03-02T09:00 2026-03-03T09:00 {score} {weight}")
        staged = stage(
            tmp_path / str(size), transactions=sales, customers=customers, surveys="\n".join(lines)
        )
        found.append(measured(staged, "csat")["gold"])
    one, other = found
    assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high))
    assert one.value == pytest.approx((2 * 3 + 3 * 1) / 20)
    sums = one.sums
    assert sums.den**2 / sums.dd == pytest.approx(8)
