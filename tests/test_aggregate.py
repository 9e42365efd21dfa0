"""What comes back from the engine equals the same arithmetic on a plain list."""

from __future__ import annotations

from math import ceil

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import km_quantile
from sample_measures import sums_of

from scorecard.definitions.results import Sums
from scorecard.facts.engine import answer
from scorecard.facts.statements import compiled
from scorecard.measuring import aggregate
from scorecard.measuring.aggregate import ALL, last_day
from scorecard.measuring.observed import COLUMNS
from scorecard.stats.intervals import order_ranks, share_n
from scorecard.stats.survival import survival_at

TEXT = pa.string()
CON = ibis.duckdb.connect()
TIERS = ("gold", "iron", "new", "unattributed", ALL)
few = settings(max_examples=12, deadline=None)


class Rows:
    """Observations of one metric, asked as those of `Observations` are."""

    def __init__(self, con, shape, table, **constants):
        seen = table.mutate(metric=ibis.literal("own"), **constants)
        typed = {name: seen[name].cast(type) for name, type in COLUMNS[shape].items()}
        if shape == "survival":  # all are watched as those of a tier are
            typed["watched"] = typed["entered"]
        self.con, self.table = con, seen.select("metric", "tier", "customer_id", **typed)
        self.series = tuple(("own", tier) for tier in TIERS)

    def ask(self, question, *shape, **values):
        statement = compiled(self.con, question(self.table, *shape))
        return answer(self.con, statement.filled(self.con, values))


def table(con, types, rows):
    """A temporary table of those rows, in their order."""
    columns = list(zip(*rows, strict=True)) or [()] * len(types)
    arrays = {n: pa.array(c, t) for (n, t), c in zip(types.items(), columns, strict=True)}
    return con.create_table("observed", pa.table(arrays), temp=True, overwrite=True)


def sums(rows, con=CON):
    """(tier, customer, num, den)"""
    types = {"tier": TEXT, "customer_id": TEXT, "num": pa.float64(), "den": pa.float64()}
    seen = table(con, types, rows).mutate(squares=ibis._.den)
    return own(aggregate.sums(Rows(con, "sums", seen, up=seen.num > 0, down=seen.num < 0)))


def quantiles(rows, q, con=CON):
    """(tier, customer, hours, still waiting)"""
    types = {"tier": TEXT, "customer_id": TEXT, "num": pa.float64(), "censored": pa.bool_()}
    return own(aggregate.quantiles(Rows(con, "quantile", table(con, types, rows), q=q)))


def survivals(rows, months):
    """(tier, entered, left, lost)"""
    types = {"tier": TEXT, "entered": pa.int64(), "left": pa.int64(), "lost": pa.bool_()}
    seen = table(CON, types, rows).mutate(customer_id=ibis.literal("any"))
    return own(aggregate.survivals(Rows(CON, "survival", seen, end=last_day(months))))


def own(found):
    """What was found of the one metric; None where nothing was."""
    assert found.keys() <= {"own"}
    return found.get("own")


def test_sums_by_hand():
    found = sums(
        [
            ("gold", "a", 1, 1),
            ("gold", "a", 1, 1),
            ("gold", "b", -1, 1),
            ("iron", "c", 0, 2),
        ]
    )
    # a's own sums are (2, 2), b's (−1, 1): Σ num² = 5, Σ den² = 5, Σ num·den = 4 − 1.
    assert found["gold"] == Sums(3, 2, 1, 3, 5, 5, 3, 3, up=2, down=1)
    assert found["iron"] == Sums(1, 1, 0, 2, 0, 4, 0, 2)
    assert found[ALL] == Sums(4, 3, 1, 5, 5, 9, 3, 5, up=2, down=1)


def test_what_belongs_to_nobody_is_no_customer():
    found = sums([("unattributed", None, 25, 1), ("gold", "a", 10, 1)])
    assert (found["unattributed"].n, found["unattributed"].customers) == (1, 0)
    assert (found[ALL].num, found[ALL].customers) == (35, 1)


def test_rows_of_nobody_count_singly():
    """Four of nobody, 2 of 1 twice, −1 of 1 and 0 of 3: Σ num² = 4 + 4 + 1, Σ den² = 1 + 1 + 1 + 9,
    Σ num · den = 2 + 2 − 1. a's own sums are 2 of 2."""
    nobody = [("unattributed", None, *pair) for pair in ((2, 1), (2, 1), (-1, 1), (0, 3))]
    found = sums([*nobody, ("gold", "a", 1, 1), ("gold", "a", 1, 1)])
    assert found["unattributed"] == Sums(4, 0, 3, 6, 9, 12, 3, 6, up=2, down=1, nameless=4)
    assert found[ALL] == Sums(6, 1, 5, 8, 13, 16, 7, 8, up=4, down=1, nameless=4)
    assert (found[ALL].clusters, found["gold"].nameless) == (5, 0)


def test_no_observations_reduce_to_nothing():
    assert sums([]) is None
    assert quantiles([], 0.9) is None
    assert survivals([], 12) is None


pairs = st.tuples(st.integers(-1000, 1000), st.integers(0, 50))
clusters = st.lists(
    st.tuples(st.sampled_from(["gold", "iron", "new"]), st.lists(pairs, min_size=1, max_size=4)),
    min_size=1,
    max_size=12,
)


@few
@given(clusters, st.randoms(use_true_random=False))
def test_sums_are_those_of_a_list_add_up_and_ignore_the_order_of_rows(given_clusters, random):
    rows = [
        (tier, f"c{i}", x / 8, d)
        for i, (tier, pairs) in enumerate(given_clusters)
        for x, d in pairs
    ]
    found = sums(rows)
    for tier in {t for t, _pairs in given_clusters}:
        own = [p for t, p in given_clusters if t == tier]
        expected = sums_of([(sum(x / 8 for x, _ in p), sum(d for _, d in p)) for p in own])
        assert found[tier].num == expected.num
        assert found[tier].den == expected.den
        assert found[tier].nn == pytest.approx(expected.nn, abs=1e-5)
        assert (found[tier].dd, found[tier].nd) == (expected.dd, pytest.approx(expected.nd))
        assert (found[tier].n, found[tier].customers) == (sum(map(len, own)), len(own))
    assert found[ALL] == sum((found[t] for t in sorted(found) if t != ALL), Sums())
    random.shuffle(rows)
    assert repr(sorted(sums(rows).items())) == repr(sorted(found.items()))


# Freireich 1963, the 21 patients on 6-MP: (week, relapsed, censored).
LEUKAEMIA = [
    (6, 3, 1),
    (7, 1, 0),
    (9, 0, 1),
    (10, 1, 1),
    (11, 0, 1),
    (13, 1, 0),
    (16, 1, 0),
    (17, 0, 1),
    (19, 0, 1),
    (20, 0, 1),
    (22, 1, 0),
    (23, 1, 0),
    (25, 0, 1),
    (32, 0, 2),
    (34, 0, 1),
    (35, 0, 1),
]


def patients(days):
    return [
        ("gold", 0, week * days, lost)
        for week, relapsed, censored in LEUKAEMIA
        for lost in [True] * relapsed + [False] * censored
    ]


@pytest.mark.parametrize(
    # Weeks are stretched so that the week asked for is the last before the months are over.
    ("days", "months", "survival"),
    [(5, 1, 0.8571), (3, 1, 0.7529), (4, 3, 0.4482)],
)
def test_golden_leukaemia_survival(days, months, survival):
    found = survivals(patients(days), months)
    assert found["gold"].value == pytest.approx(survival, abs=5e-5)
    assert (found["gold"].n, found[ALL]) == (21, found["gold"])
    rows = [(0.0, 21, 0, 0)] + [(w * days, 0, r + c, r) for w, r, c in LEUKAEMIA]
    expected = survival_at(rows, ceil(months * 365.25 / 12))
    assert (found["gold"].low, found["gold"].high) == (expected.low, expected.high)
    assert found["gold"].at_risk == expected.at_risk


def test_survival_pools_the_tiers_in_all():
    found = survivals([("gold", 0, 10, True), ("iron", 0, 400, False)], 12)
    assert found["gold"].value == 0
    assert found["iron"].value == 1
    assert (found[ALL].value, found[ALL].n, found[ALL].at_risk) == (0.5, 2, 1)


def test_a_loss_on_the_anniversary_is_one_in_common_years_and_leap_years():
    for days in (365, 366):
        assert survivals([("gold", 0, days, True)], 12)["gold"].value == 0
    assert survivals([("gold", 0, 367, True)], 12)["gold"].value == 1


def test_lost_on_the_first_day_counts_and_never_watched_does_not():
    rows = [
        ("gold", 0, 0, True),
        ("gold", 0, 500, False),
        ("gold", 30, 20, True),
        ("gold", 400, 500, True),
        ("gold", 0, 0, False),
    ]
    found = survivals(rows, 12)["gold"]
    assert (found.value, found.n) == (0.5, 2)


def at(ordered, rank):
    """The value at a rank of a sorted list, 1 the first; None for none, and beyond its end."""
    return ordered[rank - 1] if rank and rank <= len(ordered) else None


@pytest.mark.parametrize(
    ("n", "q"), [(20, 0.5), (40, 0.5), (28, 0.9), (29, 0.9), (30, 0.9), (100, 0.9)]
)
def test_quantiles_are_order_statistics_of_a_plain_list(n, q):
    numbers = [(i * 37) % 101 + i / 1000 for i in range(n)]
    rows = [("gold", f"c{i}", x, False) for i, x in enumerate(numbers)]
    found = quantiles(rows, q)
    ordered = sorted(numbers)
    low, high = order_ranks(n, q)
    assert found["gold"].value == ordered[ceil(round(n * q, 9)) - 1]
    assert (found["gold"].low, found["gold"].high) == (at(ordered, low), at(ordered, high))
    assert (high is None) == (q == 0.9 and n < 29)
    assert found["gold"] == found[ALL]


def test_golden_ranks_at_90_percent():
    """p90 of 29 lies between the 23rd and 29th, of 30 between 24 and 30, of 100 between 85 and 96.
    Numbers are their ranks."""
    for n, low, high in ((29, 23, 29), (30, 24, 30), (100, 85, 96)):
        rows = [("gold", f"c{i}", i, False) for i in range(1, n + 1)]
        found = quantiles(rows, 0.9)["gold"]
        assert (found.low, found.high) == (low, high)


def test_clustered_waits_are_worth_fewer():
    """Customers wait alike: 60 contacts of 30 customers have the ranks of fewer."""
    rows = [("gold", f"c{i // 2}", i // 2, False) for i in range(60)]
    found = quantiles(rows, 0.5)["gold"]
    # Half of the contacts, those of 15 customers, wait 14 or less: (2, 2) for 15, (0, 2) for 15.
    told = sums_of([(2, 2)] * 15 + [(0, 2)] * 15)
    low, high = order_ranks(60, 0.5, effective=share_n(told))
    ordered = [i // 2 for i in range(60)]
    assert found.value == 14
    assert (found.low, found.high) == (at(ordered, low), at(ordered, high))
    assert low < order_ranks(60, 0.5)[0]
    assert found.sums == told


contacts = st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=1, max_size=40)


@few
@given(contacts, st.sampled_from([0.5, 0.9]))
def test_open_waits_count_as_over_below_and_as_endless_above(given_contacts, q):
    rows = [("gold", f"c{i}", x / 4, open_) for i, (x, open_) in enumerate(given_contacts)]
    if not any(open_ for _x, open_ in given_contacts):
        rows.append(("gold", "open", 99.0, True))
    found = quantiles(rows, q)["gold"]
    n = len(rows)
    low, high = order_ranks(n, q, effective=share_n(found.sums))
    now = sorted(x for _t, _c, x, _open in rows)
    ever = sorted(x for _t, _c, x, open_ in rows if not open_)
    expected = km_quantile([(x, not open_, open_) for _t, _c, x, open_ in rows], q).value
    assert found.open == sum(open_ for *_row, open_ in rows)
    assert found.beyond == (expected is None)
    assert found.value == (now[ceil(n * q - 1e-9) - 1] if expected is None else expected)
    assert (found.low, found.high) == (at(now, low), at(ever, high))
    assert found.low is None or found.low <= found.value
    assert found.high is None or found.value <= found.high


@pytest.mark.parametrize(
    ("open_", "value", "beyond", "proven"),
    [
        (40, 1008, True, True),
        (16, 1008, True, True),
        (15, 1008, True, False),
        (9, 3.7, False, False),
    ],
)
def test_contacts_that_were_never_answered(open_, value, beyond, proven):
    """A hundred contacts, the last of those that were answered after less than four hours; the
    others wait since six weeks. Where nine of ten are answered in time, 84 of a hundred or fewer
    are in 4.0 % of months, 85 or fewer in 7.3 %: sixteen open ones prove it, fifteen do not."""
    rows = [("gold", f"c{i}", 1 + i * 0.03, False) for i in range(100 - open_)]
    rows += [("gold", f"o{i}", 1008, True) for i in range(open_)]
    found = quantiles(rows, 0.9)["gold"]
    assert (found.value, found.beyond, found.open) == (
        pytest.approx(value, abs=0.05),
        beyond,
        open_,
    )
    assert found.high is None
    assert (found.low > 4) == proven


def test_an_interval_with_open_waits_is_wider_where_customers_come_in_clusters():
    single = [("gold", f"c{i}", i, i % 7 == 3) for i in range(60)]
    double = [("gold", f"c{i // 4}", i, i % 7 == 3) for i in range(60)]
    one, two = (quantiles(rows, 0.5)["gold"] for rows in (single, double))
    assert one.value == two.value
    assert two.low < one.low and (two.high is None or two.high > one.high)


def test_contacts_of_nobody_are_each_one_of_their_own():
    """Forty wait 0 to 39 hours, or so many of customers known by name: it is the same interval."""
    plain = [("unattributed", None, i, False) for i in range(40)]
    named = [("unattributed", f"c{i}", i, False) for i in range(40)]
    found, known = (quantiles(rows, 0.5)["unattributed"] for rows in (plain, named))
    low, high = order_ranks(40, 0.5)
    assert (found.low, found.high) == (low - 1, high - 1)
    assert (found.value, found.low, found.high) == (known.value, known.low, known.high)
    assert (found.customers, found.sums.nameless, known.customers) == (0, 40, 40)
    some_open = [(*row[:3], row[2] == 5) for row in plain]
    assert quantiles(some_open, 0.5)["unattributed"].low == found.low


def test_tiers_with_and_without_open_contacts_are_each_read_their_own_way():
    rows = [("gold", f"g{i}", i, False) for i in range(1, 41)]
    rows += [("iron", f"i{i}", i, i == 7) for i in range(1, 41)]
    found = quantiles(rows, 0.5)
    low, high = order_ranks(40, 0.5)
    assert (found["gold"].low, found["gold"].high) == (low, high)
    # The seventh may still become the longest, so that above it every rank is one later.
    assert (found["iron"].low, found["iron"].high) == (low, high + 1)
    assert (found["gold"].open, found["iron"].open, found[ALL].open) == (0, 1, 1)
    assert (found[ALL].n, found[ALL].customers) == (80, 80)


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_the_number_of_threads_changes_no_byte(threads):
    con = ibis.duckdb.connect(threads=threads)
    rows = [
        ("gold" if i % 3 else "iron", f"c{i % 700}", i * 7919 % 1000 / 7, 1) for i in range(5000)
    ]
    again = [(t, c, x, i % 11 == 0) for i, (t, c, x, _d) in enumerate(rows)]
    seen = (sums(rows, con), quantiles(again, 0.9, con))
    expected = (sums(rows[::-1]), quantiles(again[::-1], 0.9))
    assert repr([sorted(s.items()) for s in seen]) == repr([sorted(s.items()) for s in expected])
