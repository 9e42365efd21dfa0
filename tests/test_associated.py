"""What later margin has to do with being affected: among those alike, and in words that say so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from affected_error_rates import HIT, MONTHS, SINCE, Company, cells_of, company, rates
from cast import MARCH, stage
from sample_choices import chosen
from sample_measures import a_metric
from sizes import sizes

from scorecard.base.periods import Period
from scorecard.definitions.results import Estimate, Result, Verdict
from scorecard.judging.affected import Effect, touched
from scorecard.judging.associated import associated, cells
from scorecard.stats.association import Cell, Moments, association

HOLDS = 0.06
"""The share of companies without any effect that may be said to have one."""


@pytest.mark.parametrize("runs", sizes(150, 600))
@pytest.mark.parametrize("case", ["each contact costs €15", "contacts follow orders and cost €15"])
def test_where_being_affected_does_nothing_nothing_is_told(case, runs):
    """Busy customers are hit more often: the change of the month itself was told as an effect in
    far more cases than one of ten."""
    noise = 2 * (HOLDS * (1 - HOLDS) / runs) ** 0.5
    now, before = (rates(case, 1000, 0.0, runs, seed=15, before=b) for b in (False, True))
    assert now is not None and before is not None
    assert now.excludes <= HOLDS + noise
    assert abs(now.bias) < 0.15 * now.spread + 2 * now.spread / runs**0.5
    assert abs(before.bias) > 0.3 * before.spread


def test_what_being_affected_does_is_found():
    """€10 a customer and month of some €65, in a tier of 1,000, about 130 of them affected."""
    found = rates("margin has nothing to do with contacts", 1000, -10.0, 100, seed=15)
    assert found is not None
    assert found.excludes > 0.75
    assert found.holds > 0.88


def lone(activity: int, part: int, hit: bool, figures) -> Cell:
    """A cell of customers with these (y, m, c)."""
    y, m, c = np.array(figures, float).T
    sums = (y, m, c, y * y, y * m, y * c, m * m, m * c, c * c)
    return Cell(activity, part, hit, Moments(len(y), *(float(s.sum()) for s in sums)))


def test_those_hit_are_held_against_others_as_active():
    """Active customers earn 100, others 10, and being hit takes 4. Of 40 hit 30 are active, of 80
    others 10 are: the plain means are 77.5 − 4 and 21.25, which would say 52.25 more.

    The residuals of both sides are ±1 by turns, so that the variances of the means are
    40/39/40 = 1/39 and (Σ w² n)/40² · n/(n − 3) with n = 40²/Σ w² n.
    """
    both = ([(100 + s, 5, 5) for s in (1, -1)], [(10 + s, 5, 1) for s in (1, -1)])
    given = [
        lone(4, 0, True, [(y - 4, m, c) for y, m, c in both[0]] * 15),
        lone(1, 0, True, [(y - 4, m, c) for y, m, c in both[1]] * 5),
        lone(4, 0, False, both[0] * 20),
        lone(1, 0, False, both[1] * 35),
    ]
    found = association(given)
    assert found is not None
    # 30 of 40 and 10 of 70 weigh 0.75 and 1/7: Σ w² n = 22.5 + 1.43
    others = 40**2 / (22.5 + 10 / 7)
    assert (found.mean, found.matched) == (pytest.approx(-4), 40)
    assert found.others == pytest.approx(others)
    spread = (1 / 39 + 1 / (others - 3)) ** 0.5
    assert found.high - found.mean == pytest.approx(1.985 * spread, rel=0.01)


def test_of_few_or_of_nobody_alike_nothing_is_told():
    hit, others = [(1.0, 2.0, 3.0)] * 29, [(1.0, 2.0, 3.0)] * 99
    assert association([lone(1, 0, True, hit), lone(1, 0, False, others)]) is None
    assert association([lone(1, 0, True, hit * 2), lone(2, 0, False, others)]) is None
    assert association([lone(1, 0, True, others), lone(1, 0, False, hit)]) is None
    assert association([]) is None


DRAWN = {
    tier: company(np.random.default_rng(seed), 260, case, 0.0, missed=0.4)
    for seed, (tier, case) in enumerate(
        {
            "gold": "contacts follow orders and cost €15",
            "silver": "each contact costs €15",
        }.items()
    )
}
MONTH = [Period.parse("2025-02", MARCH.tz).shift(i) for i in range(MONTHS)]


def told(of: dict[str, Company]) -> dict[str, str]:
    """The facts of companies, each a tier of one."""
    people, sales = ["customer_id acquired_on tier"], ["txn_id customer_id event_on net_amount"]
    contacts = ["interaction_id customer_id opened_at channel"]
    for tier, drawn in of.items():
        for i, count in enumerate(drawn.contacts):
            name = f"{tier[0]}{i:04}"
            people.append(f"{name} 2020-01-01 {tier}")
            for month, amount in zip(MONTH, drawn.margin[:, i], strict=True):
                sales.append(f"{len(sales)} {name} {month.first} {amount:.2f}")
            for k in range(count):
                said = "missed" if drawn.hit[i] and not k else "kept"
                contacts.append(f"{len(contacts)} {name} {MONTH[HIT].first}T12:00 {said}")
    return {
        "customers": "\n".join(people),
        "transactions": "\n".join(sales),
        "interactions": "\n".join(contacts),
        "costs": "cost_id event_on amount category customer_id\n1 2025-02-01 0 unused -",
    }


def seen(facts, window):
    i = facts.interactions
    i = i.filter(window.holds(i.opened_at))
    return i.select("customer_id", num=(i.channel == "kept").ifelse(1, 0), den=1)


KEPT = replace(a_metric(), observe=seen, version="contacts kept")


def result(tier: str) -> Result:
    return Result(
        "measured",
        "v1",
        tier,
        "2026-03",
        Estimate(),
        "sample",
        "",
        Verdict("not delivered", "below"),
    )


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    assert MONTH[SINCE] == MARCH
    return stage(tmp_path_factory.mktemp("drawn"), since="2026-02", **told(DRAWN))


def sums(of: list[Cell]) -> dict[tuple[int, int, bool], tuple[float, ...]]:
    return {(c.activity, c.part, c.hit): tuple(vars(c.moments).values()) for c in of}


@pytest.mark.parametrize("tier", DRAWN)
def test_the_engine_makes_the_cells_whose_error_is_known(staged, tier):
    stance = chosen(f"measured/{tier}", "strength", 0.9)
    found = sums(cells(staged, KEPT, MARCH, result(tier), stance))
    expected = sums(cells_of(DRAWN[tier]))
    assert found.keys() == expected.keys()
    for key, figures in expected.items():
        assert found[key] == pytest.approx(figures, rel=1e-9, abs=1e-3)


def test_where_enough_are_alike_the_association_is_told(staged):
    stance = chosen("measured/gold", "strength", 0.9)
    # Nobody had a contact in March, so that nobody is touched in it.
    at = touched(staged, KEPT, MARCH, result("gold"), stance)
    assert at.effect == Effect("few")
    found = associated(staged, KEPT, MARCH, result("gold"), stance, at)
    wanted = association(cells_of(DRAWN["gold"]))
    assert wanted is not None
    assert found.effect.kind == "association"
    assert found.effect.customers == wanted.matched
    assert found.effect.amount == pytest.approx(wanted.mean * wanted.matched)
    assert found.effect.low == pytest.approx(wanted.low * wanted.matched)


def test_what_is_no_question_of_margin_since_stays_as_it_is(staged):
    stance = chosen("measured/gold", "strength", 0.9)
    at = touched(staged, KEPT, MARCH, result("gold"), stance)
    for effect in (Effect("worth", 5.0), Effect("sum", 5.0), Effect("unknown")):
        kept = replace(at, effect=effect)
        assert associated(staged, KEPT, MARCH, result("gold"), stance, kept) == kept
