"""Snapshots: who is in which tier, from what was known when a period began, once and for all."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cast import FOUR, MARCH, ZONE, frozen, measured, opened
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecard.base.periods import Period, shift_months
from scorecard.errors import FactsError
from scorecard.measuring.measure import Measuring
from scorecard.strategy.model import Tier, TierPlan
from scorecard.tiers.assignment import Tiers

JANUARY = Period.parse("2025-01", ZONE)
GOLD, IRON = Tier("gold", "Gold", boundary=100.0), Tier("iron", "Iron", boundary=-100.0)
TIN = Tier("tin", "Tin")
COSTS = "customer_id event_on amount category\nnobody 2020-01-01 1 deliver"
PLAN = TierPlan("margin_percentile", (GOLD, IRON, TIN), window=1, history=1, since="2025-01")


def sales(scores):
    """Sales that give each customer those scores at the snapshots from January 2025 on.

    With windows of a month a score is (2 · last month + the one before) / 3; so that
    a month's amount is (3 · score − the month before) / 2.
    """
    rows = ["first 2020-06-01 1"]
    for customer, wanted in scores.items():
        amounts = [wanted[0]]
        for score in wanted:
            amounts.append((3 * score - amounts[-1]) / 2)
        rows += [
            f"{customer} {shift_months(JANUARY.first, i - 2)} {amount:.4f}"
            for i, amount in enumerate(amounts)
        ]
    return "\n".join(["customer_id event_on net_amount", *rows])


def tiers_of(folder, scores, plan=PLAN, **more):
    customers = [f"{c} 2023-01-01" for c in scores]
    tables = {
        "customers": "\n".join(["customer_id acquired_on", *customers]),
        "costs": COSTS,
        "transactions": sales(scores),
        **more,
    }
    return Tiers(opened(folder, **tables), plan, folder / "tiers")


def held(tiers, period):
    rows = tiers.facts.answer(tiers.assigned(period))
    return {r["customer_id"]: r["tier"] for r in rows}


PATHS = {
    # Up at once, past 105: not at 104, and at 105.
    "up": ([50, 104, 105], ["iron", "iron", "gold"]),
    # The first time the boundary itself counts.
    "first": ([100, 100], ["gold", "gold"]),
    # Down only below 95, and only at the second snapshot running.
    "down": ([120, 96, 95, 94, 94], ["gold", "gold", "gold", "gold", "iron"]),
    "again": ([120, 94, 96, 94, 94], ["gold", "gold", "gold", "gold", "iron"]),
    # Then two steps at once, to where it is by then.
    "steps": ([120, 20, -300], ["gold", "gold", "tin"]),
    "jump": ([-300, 200], ["tin", "gold"]),
    # A boundary of −100: up from −95, down below −105.
    "rise": ([-101, -96, -95], ["tin", "tin", "iron"]),
    "sink": ([-99, -105, -106, -106, -104], ["iron", "iron", "iron", "tin", "tin"]),
}


def test_up_at_once_and_down_only_at_the_second_snapshot_running(tmp_path):
    tiers = tiers_of(tmp_path, {name: scores for name, (scores, _tiers) in PATHS.items()})
    list(tiers.freeze(JANUARY.shift(4)))
    for name, (scores, expected) in PATHS.items():
        found = tiers.history(name)[: len(scores)]
        assert [tier for _period, tier, _score in found] == expected, name
        assert [score for *_rest, score in found] == pytest.approx(scores), name


def rule(scores, limits=(100, -100), buffer=0.05):
    """The rule of hysteresis, on a plain list."""
    names, was, fell, found = ("gold", "iron", "tin"), None, False, []
    for score in scores:

        def place(by, score=score):
            return next((i for i, x in enumerate(limits) if score >= x + by * abs(x)), len(limits))

        up, down = place(buffer), place(-buffer)
        falling = was is not None and down > was
        if was is None:
            was, fell = place(0), False
        elif up < was:
            was, fell = up, False
        elif falling and fell:
            was, fell = down, False
        else:
            fell = falling
        found.append(names[was])
    return found


@settings(max_examples=2, deadline=None)
@given(st.lists(st.lists(st.integers(-130, 130), min_size=5, max_size=5), min_size=10, max_size=30))
def test_every_path_follows_the_rule(tmp_path_factory, paths):
    tiers = tiers_of(tmp_path_factory.mktemp("paths"), {f"c{i}": p for i, p in enumerate(paths)})
    list(tiers.freeze(JANUARY.shift(4)))
    for i in range(0, len(paths), 3):
        found = tiers.history(f"c{i}")
        assert [tier for _period, tier, _score in found] == rule([score for *_rest, score in found])


def digests(folder):
    """Snapshots and the boundaries drawn for them; the notes beside them grow."""
    kept = [*folder.glob("*.parquet"), *folder.glob("boundaries.json")]
    return {f.name: sha256(f.read_bytes()).hexdigest() for f in sorted(kept)}


def test_the_chain_is_the_same_wherever_it_is_asked_for_first(tmp_path):
    scores = {"a": [120, 20, 20, 200], "b": [-300, 0, 0, 0]}
    at_once, in_steps = (tiers_of(tmp_path / name, scores) for name in ("once", "steps"))
    assert [p.key for p in at_once.freeze(JANUARY.shift(3))] == [
        "2025-01",
        "2025-02",
        "2025-03",
        "2025-04",
    ]
    for month in (0, 2, 1, 3):
        list(in_steps.freeze(JANUARY.shift(month)))
    assert digests(tmp_path / "once/tiers") == digests(tmp_path / "steps/tiers")
    assert list(at_once.freeze(JANUARY.shift(3))) == []


def test_what_is_frozen_is_never_written_again(tmp_path):
    list(tiers_of(tmp_path, {"a": [120, 120]}).freeze(JANUARY))
    before = digests(tmp_path / "tiers")
    later = tiers_of(tmp_path, {"a": [-500, 120], "b": [0, 0]})
    list(later.freeze(JANUARY.next()))
    after = digests(tmp_path / "tiers")
    assert {name: after[name] for name in before} == before
    assert held(later, JANUARY)["a"] == "gold"


def test_a_snapshot_knows_nothing_of_its_own_period(tmp_path):
    tiers = tiers_of(tmp_path, {"a": [0, 9999]})
    list(tiers.freeze(JANUARY))
    assert held(tiers, JANUARY)["a"] == "iron"


STATES = """
customer_id acquired_on closed_on
stays       2023-01-01  -
left        2023-01-01  2024-12-31
leaves      2023-01-01  2025-01-01
comes       2025-01-01  -
"""


def test_new_lost_and_unrated_are_states_of_their_own(tmp_path):
    tiers = tiers_of(tmp_path, {"stays": [0, 0], "other": [0, 0]}, customers=STATES)
    list(tiers.freeze(JANUARY.next()))
    # Before the chain nobody is rated; who came since is new.
    assert held(tiers, JANUARY.previous()) == {
        "stays": "unrated",
        "left": "unrated",
        "leaves": "unrated",
        "comes": "new",
    }
    assert held(tiers, JANUARY) == {
        "stays": "iron",
        "left": "lost",
        "leaves": "iron",
        "comes": "new",
    }
    assert held(tiers, JANUARY.next()) == {
        "stays": "iron",
        "left": "lost",
        "leaves": "lost",
        "comes": "iron",
    }


def test_who_comes_back_is_rated_anew_and_keeps_the_first_tier(tmp_path):
    lost = STATES.replace("stays       2023-01-01  -", "stays       2023-01-01  2025-01-15")
    first = tiers_of(tmp_path, {"stays": [120, 120, 0]}, customers=lost)
    list(first.freeze(JANUARY.next()))
    back = tiers_of(tmp_path, {"stays": [120, 120, 0]}, customers=STATES)
    list(back.freeze(JANUARY.shift(2)))
    assert [tier for _period, tier, _score in back.history("stays")] == ["gold", "lost", "iron"]
    firsts = back.facts.answer(back.assigned(JANUARY.shift(2), "first"))
    kept = next(r for r in firsts if r["customer_id"] == "stays")
    assert (kept["tier"], kept["first_on"]) == ("gold", JANUARY.first)


def test_unattributed_is_who_is_no_customer(tmp_path):
    customers = "customer_id acquired_on\nother 2023-01-01"
    tiers = tiers_of(tmp_path, {"a": [0, 30]}, customers=customers)
    list(tiers.freeze(JANUARY))
    found = measured(Measuring(tiers.facts, tiers), "customer_revenue", JANUARY)
    assert {t: e.total for t, e in found.items()} == {"iron": 0, "unattributed": 45, "all": 0}


def shares(folder, scores, **more):
    tiers = (Tier("gold", "Gold", share=0.1), Tier("iron", "Iron", share=0.4), Tier("tin", "Tin"))
    plan = TierPlan("margin_percentile", tiers, window=1, history=1, **{"since": "2025-01", **more})
    return tiers_of(folder, scores, plan)


def boundaries(tiers, year):
    """Those of the year's last review; empty where there was none."""
    reviews = [r for r in tiers._all_reviews() if r["on"].startswith(str(year))]
    return reviews[-1]["boundaries"] if reviews else {}


HUNDRED = {f"c{i:03}": [i, i, 1000 - i] for i in range(101)}


def test_shares_become_boundaries_at_the_years_first_snapshot(tmp_path):
    """Scores 0 to 100: the best tenth from 90 on, the next four tenths from 50 on."""
    tiers = shares(tmp_path, HUNDRED)
    assert boundaries(tiers, 2025) == {}
    list(tiers.freeze(JANUARY.shift(2)))
    # In March scores are 900 to 1000; the boundaries stay.
    assert boundaries(tiers, 2025) == {"gold": 90.0, "iron": 50.0}
    assert boundaries(tiers, 2026) == {}
    placed = held(tiers, JANUARY)
    assert Counter(placed.values()) == {"gold": 11, "iron": 40, "tin": 50}
    assert set(held(tiers, JANUARY.shift(2)).values()) == {"gold"}


def test_boundaries_are_reviewed_each_year_and_the_old_ones_kept(tmp_path):
    tiers = shares(tmp_path, {c: [s[0], s[0] + 10] for c, s in HUNDRED.items()}, since="2024-12")
    # December 2024 scores a third of January's first month: 2 · 0 and what came before.
    list(tiers.freeze(JANUARY.next()))
    assert set(boundaries(tiers, 2025)) == {"gold", "iron"}
    assert boundaries(tiers, 2024) != boundaries(tiers, 2025)
    assert [r["on"] for r in tiers._all_reviews()] == ["2024-12-01", "2025-01-01"]


def test_boundaries_are_not_drawn_from_a_handful_of_customers(tmp_path):
    few = {c: HUNDRED[c] for c in sorted(HUNDRED)[:19]}
    tiers = shares(tmp_path, few)
    list(tiers.freeze(JANUARY))
    assert boundaries(tiers, 2025) == {}
    assert set(held(tiers, JANUARY).values()) == {"unrated"}
    tiers = shares(tmp_path / "more", {c: HUNDRED[c] for c in sorted(HUNDRED)[:20]})
    list(tiers.freeze(JANUARY))
    assert set(held(tiers, JANUARY).values()) == {"gold", "iron", "tin"}


def test_other_tiers_are_cut_anew_within_the_year(tmp_path):
    list(shares(tmp_path, HUNDRED).freeze(JANUARY))
    two = (Tier("best", "Best", share=0.5), Tier("rest", "Rest"))
    plan = TierPlan("margin_percentile", two, window=1, history=1, since="2025-01")
    changed = tiers_of(tmp_path, HUNDRED, plan)
    list(changed.freeze(JANUARY.next()))
    assert set(held(changed, JANUARY.next()).values()) == {"best", "rest"}
    assert boundaries(changed, 2025) == {"best": 50.0}


def test_nobody_is_rated_before_there_is_enough_history(tmp_path):
    plan = TierPlan("margin_percentile", PLAN.tiers, window=1, history=3)
    rows = "customer_id event_on net_amount\na 2024-12-15 50\na 2025-01-15 50\na 2025-02-15 50"
    tiers = tiers_of(tmp_path, {"a": [0]}, plan, transactions=rows)
    # The chain begins after the first month with a fact.
    assert [p.key for p in tiers.freeze(JANUARY.shift(3))] == [
        "2025-01",
        "2025-02",
        "2025-03",
        "2025-04",
    ]
    assert [t for _p, t, _s in tiers.history("a")] == ["unrated", "unrated", "iron", "iron"]


def test_declared_tiers_are_the_names_or_ids_that_were_sold(tmp_path):
    customers = """
customer_id acquired_on tier
a           2024-01-01  GOLD
b           2024-01-01  bronze
c           2024-01-01  Diamond
d           2024-01-01  -
"""
    rows = "customer_id event_on net_amount\na 2024-01-01 5"
    facts = opened(tmp_path, customers=customers, transactions=rows)
    tiers = Tiers(facts, TierPlan("declared", FOUR, since="2026-03"), tmp_path / "tiers")
    list(tiers.freeze(MARCH))
    assert held(tiers, MARCH) == {"a": "gold", "b": "bronze", "c": "unrated", "d": "unrated"}


def test_rfm_scores_are_cut_by_points_kept_with_the_boundaries(tmp_path):
    """Twenty-one buyers of 10 to 210, on as many days: the higher the later, oftener and more."""
    rows = ["customer_id event_on net_amount"]
    for i in range(1, 22):
        rows += [f"c{i:02} 2024-12-{day:02} 10" for day in range(1, i + 1)]
    customers = ["customer_id acquired_on", *(f"c{i:02} 2024-01-01" for i in range(1, 22))]
    best, good = Tier("best", "Best", boundary=15), Tier("good", "Good", boundary=9)
    plan = TierPlan("rfm", (best, good, Tier("rest", "Rest")), history=1, since="2025-01")
    facts = opened(tmp_path, customers="\n".join(customers), transactions="\n".join(rows))
    kept = Tiers(facts, plan, tmp_path / "tiers")
    list(kept.freeze(JANUARY))
    # Fifths of 1 … 21 lie at 5, 9, 13 and 17: above 17 is 5 in all three, 1 to 5 is 1, and
    # recency, 32 − i, lies above 15, 19, 23 and 27 in turn, so its five parts are the same but
    # for the edges 5, 9, 13 and 17 themselves, which are one better.
    placed = held(kept, JANUARY)
    assert sorted(c for c, t in placed.items() if t == "best") == ["c18", "c19", "c20", "c21"]
    assert placed["c09"] == "rest" and placed["c10"] == "good"
    (review,) = json.loads((tmp_path / "tiers/boundaries.json").read_text())
    assert review["cuts"]["frequency"] == [5, 9, 13, 17]
    assert review["cuts"]["recency"] == [15, 19, 23, 27]


def test_a_period_that_has_not_begun_is_not_frozen(tmp_path):
    tiers = tiers_of(tmp_path, {"a": [0, 120, 120]}, as_of="2025-01-15T08:00")
    assert [p.key for p in tiers.freeze(JANUARY.next())] == ["2025-01"]
    # What it would be by now can still be looked at.
    assert held(tiers, JANUARY.next())["a"] == "gold"
    assert sorted(digests(tmp_path / "tiers")) == ["2025-01.parquet", "boundaries.json"]


def test_two_years_ahead_can_be_looked_at_and_no_further(tmp_path):
    tiers = tiers_of(tmp_path, {"a": [0, 120, 120]}, as_of="2025-01-15T08:00")
    list(tiers.freeze(JANUARY))
    # By then nothing is sold any more, as far as is known: a score of 0, for more than two months.
    assert held(tiers, JANUARY.shift(24))["a"] == "iron"
    for far in ("2027-03", "2126-01"):
        fresh = Tiers(tiers.facts, PLAN, tmp_path / "tiers")
        with pytest.raises(FactsError, match=f"The tiers of {far} are out of sight: it is more"):
            fresh.snapshot(Period.parse(far, ZONE))
    assert sorted(digests(tmp_path / "tiers")) == ["2025-01.parquet", "boundaries.json"]


def test_a_year_that_nobody_can_mean_does_not_begin_the_chain(tmp_path):
    """The first fact is of June 2020, so that the first snapshot is that of July."""
    plan = TierPlan("margin_percentile", (GOLD, IRON, TIN), window=1, history=1)
    rows = "customer_id event_on net_amount\nfirst 2020-06-01 1\nfirst 0225-01-05 1"
    tiers = tiers_of(tmp_path, {"a": [0]}, plan, transactions=rows)
    july = Period.parse("2020-07", ZONE)
    assert [p.key for p in tiers.freeze(july.next())] == ["2020-07", "2020-08"]


def test_tiers_that_the_plan_no_longer_has_are_named_with_their_snapshots(tmp_path):
    frozen(tmp_path, "2024-11", {"a": "gold", "b": "silver"})
    frozen(tmp_path, "2024-12", {"a": "platinum", "b": "silver", "c": "lost", "d": "unrated"})
    tiers = tiers_of(tmp_path, {"a": [0]})
    assert tiers.strangers() == {"platinum": ["2024-12"], "silver": ["2024-11", "2024-12"]}
    assert tiers_of(tmp_path / "new", {"a": [0]}).strangers() == {}


TWICE = """
customer_id acquired_on closed_on
a           2023-01-01  2024-12-01
a           2023-02-01  -
b           2023-01-01  -
"""


def rows_of(folder):
    """The customers of each snapshot, as often as it holds them."""
    return {
        f.stem: pq.read_table(f)["customer_id"].to_pylist()
        for f in sorted(folder.glob("*.parquet"))
    }


def test_a_customer_that_the_facts_repeat_is_held_once(tmp_path):
    """Here as long as one of its rows is; its score is not that of two."""
    tiers = tiers_of(tmp_path, {"a": [120, 120, 120], "b": [0, 0, 0]}, customers=TWICE)
    list(tiers.freeze(JANUARY.shift(2)))
    assert list(rows_of(tmp_path / "tiers").values()) == [["a", "b"]] * 3
    assert [(t, s) for _p, t, s in tiers.history("a")] == [("gold", pytest.approx(120))] * 3
    assigned = tiers.facts.answer(tiers.assigned(JANUARY))
    assert sorted(r["customer_id"] for r in assigned) == ["a", "b"]
    assert tiers.repeated() == {}


def test_a_snapshot_that_holds_a_customer_twice_is_named_and_doubles_nothing(tmp_path):
    tiers = tiers_of(tmp_path, {"a": [120, 120], "b": [0, 0]})
    list(tiers.freeze(JANUARY))
    file = tmp_path / "tiers/2025-01.parquet"
    held = pq.read_table(file)
    pq.write_table(pa.concat_tables([held.slice(0, 1), held]), file)
    poisoned = tiers_of(tmp_path, {"a": [120, 120], "b": [0, 0]})
    assert poisoned.repeated() == {"2025-01": "a"}
    list(poisoned.freeze(JANUARY.next()))
    assert rows_of(tmp_path / "tiers")["2025-02"] == ["a", "b"]


def test_what_is_frozen_apart_leaves_no_trace_and_trusts_no_doubled_snapshot(tmp_path):
    folder = tmp_path / "tiers"
    list(shares(tmp_path, HUNDRED).freeze(JANUARY.next()))
    file = folder / "2025-02.parquet"
    held = pq.read_table(file)
    pq.write_table(pa.concat_tables([held.slice(0, 1), held]), file)
    before = digests(folder)
    apart = shares(tmp_path, HUNDRED).apart(tmp_path / "apart")
    assert [p.key for p in apart.freeze(JANUARY.shift(2))] == ["2025-02", "2025-03"]
    assert len(held) == len(apart.facts.answer(apart.assigned(JANUARY.next()))) == 101
    assert digests(folder) == before
    assert boundaries(apart, 2025) == {"gold": 90.0, "iron": 50.0}


def test_removed_snapshots_are_frozen_again_with_their_boundaries(tmp_path):
    """The remedy for a doubled one: nothing is left of what it was drawn from."""
    worse = {c: [s[0] - 50, *s[1:]] for c, s in HUNDRED.items()}
    list(shares(tmp_path / "once", HUNDRED).freeze(JANUARY.next()))
    list(shares(tmp_path, worse).freeze(JANUARY))
    assert boundaries(shares(tmp_path, worse), 2025) == {"gold": 40.0, "iron": 0.0}
    (tmp_path / "tiers/2025-01.parquet").unlink()
    list(shares(tmp_path, HUNDRED).freeze(JANUARY.next()))
    assert digests(tmp_path / "tiers") == digests(tmp_path / "once/tiers")


def test_a_snapshot_that_should_be_there_is_missed_aloud(tmp_path):
    tiers = tiers_of(tmp_path, {"a": [0, 0]})
    with pytest.raises(FactsError, match="no snapshot of 2025-01; freeze the tiers up to it first"):
        held(tiers, JANUARY)
    list(tiers.freeze(JANUARY))
    assert held(tiers, JANUARY)["a"] == "iron"


SOLD = {"transactions": "customer_id event_on net_amount\na 2026-02-10 5"}
ASKED = {"surveys": "customer_id instrument sent_at\na nps 2026-01-05"}


@pytest.mark.parametrize(
    ("method", "tables", "first"),
    [
        ("declared", {}, "2025-08"),  # nothing but a customer, who came in August
        ("declared", ASKED, "2026-01"),
        ("declared", {"promises": "customer_id due_at\na 2026-05-31"}, "2026-05"),
        ("declared", ASKED | SOLD, "2026-01"),
        ("rfm", ASKED | SOLD, "2026-03"),  # scores are made of money, of earlier periods
    ],
)
def test_the_chain_begins_with_the_first_row_where_tiers_are_sold_else_after_the_first_sale(
    tmp_path, method, tables, first
):
    tables = {"customers": "customer_id acquired_on\na 2025-08-14", **tables}
    tiers = Tiers(opened(tmp_path, **tables), TierPlan(method, FOUR), tmp_path / "tiers")
    assert str(next(iter(tiers.freeze(Period.parse("2026-08", ZONE))))) == first


def test_without_a_row_there_are_no_tiers(tmp_path):
    plan = TierPlan("declared", FOUR)
    facts = opened(tmp_path, customers="customer_id acquired_on")
    with pytest.raises(FactsError, match="there is no row to put customers into tiers from"):
        list(Tiers(facts, plan, tmp_path / "tiers").freeze(MARCH))


def test_a_customers_history_is_read_from_the_snapshots(tmp_path):
    frozen(tmp_path, "2026-02", {"a": "gold", "b": "tin"})
    frozen(tmp_path, "2026-03", {"a": "iron"})
    facts = opened(tmp_path, transactions="customer_id event_on net_amount")
    tiers = Tiers(facts, PLAN, tmp_path / "tiers")
    assert tiers.history("a") == [("2026-02", "gold", None), ("2026-03", "iron", None)]
    assert tiers.history("nobody") == []
