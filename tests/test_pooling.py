"""Several periods together: a customer who answers in each of them is one customer."""

from __future__ import annotations

import pytest
from cast import MARCH, METRICS, frozen, measured, stage
from sample_measures import a_metric, sums_of

from scorecard.definitions.results import Sums
from scorecard.errors import DefinitionError
from scorecard.stats.estimate import can_pool, estimate, share_n

SALES = "customer_id event_on net_amount\npia 2026-01-01 1"
SURVEYS = """
invite_id customer_id contact_id instrument kind sent_at answered_at score
1 gus  g1 csat - 2026-01-05T09:00 2026-01-05T10:00 5
2 gus  g1 csat - 2026-02-05T09:00 2026-02-05T10:00 5
3 gus  g1 csat - 2026-03-05T09:00 2026-03-05T10:00 4
4 gwen w1 csat - 2026-01-05T09:00 2026-01-05T10:00 2
5 gwen w1 csat - 2026-03-05T09:00 2026-03-05T10:00 1
6 sol  s1 csat - 2026-02-05T09:00 2026-02-05T10:00 5
7 sol  s1 csat - 2026-03-05T09:00 2026-03-05T10:00 1
"""
QUARTER = [MARCH.shift(-2), MARCH.shift(-1), MARCH]


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """gus and gwen are gold; sol was silver in January and February, and gold in March."""
    folder = tmp_path_factory.mktemp("asked")
    for month, sols in (("2026-01", "silver"), ("2026-02", "silver"), ("2026-03", "gold")):
        frozen(folder, month, {"gus": "gold", "gwen": "gold", "sol": sols}, first_on="2026-01-01")
    return stage(folder, since="2026-01", transactions=SALES, surveys=SURVEYS)


def test_a_customer_is_one_over_all_periods(asked):
    found = asked.pooled(METRICS["csat"], QUARTER)
    # gus 3 of 3 and gwen 0 of 2 over three months, sol 0 of 1 in the month that he was gold.
    assert found["gold"].sums == Sums(6, 3, 3, 6, 9, 14, 9, 6, up=3)
    assert found["silver"].sums == Sums(1, 1, 1, 1, 1, 1, 1, 1, up=1)
    # Of all he is one, with 1 of 2.
    assert found["all"].sums == Sums(7, 3, 4, 7, 10, 17, 11, 7, up=4)
    assert found["gold"].value == 0.5


def test_the_sums_of_single_periods_would_say_more_than_is_known(asked):
    months = [measured(asked, "csat", period) for period in QUARTER]
    added = sum((m["gold"].sums for m in months if "gold" in m), Sums())
    together = asked.pooled(METRICS["csat"], QUARTER)["gold"].sums
    assert (added.num, added.den) == (together.num, together.den)
    assert (added.customers, together.customers) == (6, 3)
    assert share_n(added) == 6 and share_n(together) < 3


def test_one_period_pooled_is_that_period_at_the_level_of_a_second_look(asked):
    """Gold's three answers in March: the figure is the same and the interval that of 97 %."""
    pooled, single = asked.pooled(METRICS["csat"], [MARCH]), measured(asked, "csat")
    assert pooled.keys() == single.keys()
    for tier, found in pooled.items():
        assert (found.value, found.n, found.sums) == (
            single[tier].value,
            single[tier].n,
            single[tier].sums,
        )
        assert found == estimate(METRICS["csat"], found.sums, 0.97)
        assert found.low <= single[tier].low and single[tier].high <= found.high


def test_ten_customers_of_whom_five_are_always_content_say_no_more_in_a_year():
    """Twelve answers each are barely better than one each, where nobody changes his mind."""
    share = a_metric()
    year = estimate(share, sums_of([(12, 12)] * 5 + [(0, 12)] * 5))
    month = estimate(share, sums_of([(1, 1)] * 5 + [(0, 1)] * 5))
    assert year.high - year.low > 0.95 * (month.high - month.low)


def test_what_cannot_be_pooled_is_refused(asked):
    for name in ("customer_margin", "logo_retention", "first_reply_p90", "survival_12"):
        assert not can_pool(METRICS[name])
        with pytest.raises(DefinitionError, match="cannot be pooled"):
            asked.pooled(METRICS[name], QUARTER)
