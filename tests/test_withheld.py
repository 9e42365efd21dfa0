"""What is not shown, and that nothing that is shown gives it away.

The table of a metric is one sum: the figure of all customers, and those of its tiers and states.
Whoever has what is published knows some of its cells; a withheld one must not follow from them.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_material import ADA, BEA, CSAT, METRICS, NPS, PLAN, RESULTS, result, view
from sizes import sizes

from scorecard.definitions.results import Estimate, Signal, Sums
from scorecard.documents.cells import cell
from scorecard.documents.owner import owner_scorecard
from scorecard.documents.packet import executive_packet
from scorecard.ledger import HistoryPoint
from scorecard.library.results import Results
from scorecard.printing.enclosures import figures, shown
from scorecard.stats.estimate import estimate
from scorecard.stats.withheld import (
    FEWEST_SHOWN,
    NOBODY,
    NOT_SHOWN,
    WHOLE,
    cells_withheld,
    withheld,
    without_withheld,
)
from scorecard.strategy.model import STATES, Strategy

TIERS = ("gold", "bronze")
PARTS = (*TIERS, *STATES)
TABLES = st.dictionaries(st.sampled_from(PARTS), st.integers(0, 12), min_size=1)


def with_whole(parts, outside=()):
    return parts | {WHOLE: sum(size for t, size in parts.items() if t not in outside)}


def follows(target, known, parts, outside=()):
    """Whether the sum of a cell's answers follows, as a linear combination, from known cells."""
    order = [t for t in parts if parts[t]]

    def row(cell):
        if cell == WHOLE:
            return [float(t not in outside) for t in order]
        return [float(t == cell) for t in order]

    rows = [row(cell) for cell in known if cell == WHOLE or parts[cell]]
    if not rows:
        return False
    solved, *_ = np.linalg.lstsq(np.array(rows).T, np.array(row(target)), rcond=None)
    return bool(np.allclose(np.array(rows).T @ solved, row(target)))


@settings(max_examples=600, deadline=None)
@given(TABLES, st.sampled_from([(), (NOBODY,)]))
def test_no_combination_of_what_is_shown_yields_what_is_not(parts, outside):
    table = with_whole(parts, outside)
    kept = cells_withheld(table, outside)
    open_ = [t for t in table if t not in kept]
    assert all(t in kept for t, size in table.items() if 0 < size < FEWEST_SHOWN)
    assert not any(follows(t, open_, parts, outside) for t in kept)
    # Nor does the sum of those that are withheld together speak of a few.
    hidden = [t for t in kept if t in parts and t not in outside]
    if hidden and WHOLE not in kept:
        assert sum(parts[t] for t in hidden) >= FEWEST_SHOWN


@settings(max_examples=200, deadline=None)
@given(TABLES)
def test_no_more_is_withheld_than_it_takes(parts):
    """At most the sum beside those of few; and what is empty stays empty."""
    table = with_whole(parts)
    kept = cells_withheld(table)
    beside = [t for t, why in kept.items() if why == "beside"]
    assert beside in ([], [WHOLE])
    assert not any(t in kept for t, size in table.items() if not size)


@pytest.mark.parametrize(
    ("sizes", "kept"),
    [
        ({"gold": 3, "bronze": 40, "all": 43}, {"gold": "few", "all": "beside"}),
        ({"gold": 3, "new": 2, "bronze": 40, "all": 45}, {"gold": "few", "new": "few"}),
        (
            {"gold": 3, "new": 1, "bronze": 40, "silver": 9, "all": 53},
            {"gold": "few", "new": "few", "all": "beside"},
        ),
        ({"gold": 3, "bronze": 0, "all": 3}, {"gold": "few", "all": "few"}),
        ({"gold": 3, "bronze": 40}, {"gold": "few"}),  # no sum is shown
        ({"gold": 9, "bronze": 9, "all": 18}, {}),
        ({"gold": 0, "bronze": 9, "all": 9}, {}),
    ],
)
def test_which_cells_are_withheld(sizes, kept):
    assert cells_withheld(sizes) == kept


def test_what_is_nobodys_is_in_the_sum_or_not():
    assert cells_withheld({"gold": 4, "unattributed": 3, "all": 7}, ()) == {
        "gold": "few",
        "unattributed": "few",
    }
    # In a mean per customer what is nobody's is in no sum.
    assert cells_withheld({"gold": 4, "unattributed": 90, "all": 4}, ("unattributed",)) == {
        "gold": "few",
        "all": "few",
    }
    assert cells_withheld({"gold": 4, "bronze": 0, "all": 9}) == {"gold": "few", "all": "beside"}


def test_answers_of_nobody_known_count_as_many_as_they_are():
    anonymous = replace(result("csat/gold", Estimate(0.5, n=3)), tier=NOBODY)
    many = replace(anonymous, tier="bronze", estimate=Estimate(0.5, n=9))
    assert withheld([anonymous, many], METRICS) == {("csat", NOBODY): "few"}


def test_only_what_is_confidential_is_withheld_and_what_nobody_knows_to_be_open():
    few = [result(f"{name}/gold", Estimate(0.5, n=2, customers=2)) for name in ("csat", "kept")]
    assert withheld(few, METRICS) == {("csat", "gold"): "few"}
    assert withheld(few, {}) == {("csat", "gold"): "few", ("kept", "gold"): "few"}


def test_metrics_of_the_same_answers_have_the_same_cells_withheld():
    counts = {"gold": 3, "bronze": 9, "new": 9, "all": 21}
    both = [
        replace(result(f"{name}/gold", Estimate(0.5, n=n, customers=n)), tier=tier)
        for name in ("csat", "nps")
        for tier, n in counts.items()
    ]
    kept = withheld(both, METRICS)
    assert {t for m, t in kept if m == "csat"} == {t for m, t in kept if m == "nps"} != set()


# Through real documents, attachments and exports


def answered(seed):
    """Results of answers with odd numbers, of any number of customers, with their sum."""
    random, found = Random(seed), []
    for metric in (CSAT, NPS):
        parts = {}
        for tier in PARTS:
            if random.random() < 0.8:
                n = random.choice((0, 1, 2, 3, 4, 5, 6, 8, 30, 200))
                num = float(sum(random.random() < 0.63 for _ in range(n)))
                up = int(num)
                parts[tier] = Sums(n, n, num, float(n), num, float(n), num, up, n - up)
        for tier, sums in {**parts, WHOLE: sum(parts.values(), Sums())}.items():
            region = random.choice(("below", "within", "above", "straddle"))
            made = result(f"{metric.name}/{tier}", estimate(metric, sums), region)
            found.append(
                replace(made, signal=Signal("exceptional, unfavourable", False, 0.5, 0.4, 0.6))
            )
    return found


def published(results):
    """What leaves the house of these results: (metric, tier) of every figure, by where it is."""
    at = view(results={(r.metric, r.tier): r for r in results})
    kept = withheld(results, METRICS)
    packet, pages = executive_packet(at), [owner_scorecard(at, o) for o in (ADA, BEA)]
    drawn = {
        (metric.name, tier)
        for metric in (CSAT, NPS)
        for tier in TIERS
        if cell(at, metric, tier, charts=True).text != "–"
    }
    rows = [*(packet.experience.rows if packet.experience else ())]
    rows += [row for section in packet.sections for row in section.rows]
    drawn |= {
        (row.metric, said.split()[0])
        for row in rows
        for said in row.beside
        if NOT_SHOWN not in said and "no figure" not in said
    }
    drawn |= {(row.metric, c.tier) for row in rows for c in row.cells if c.text != "–"}
    attached = json.loads(figures(shown(results, METRICS, kept)))
    assert all("sums" not in row["estimate"] for row in attached)
    exported = Results(
        SimpleNamespace(key="2026-10"), tuple(results), METRICS, {}, Strategy(PLAN), "EUR"
    )
    return {
        "pages": drawn,
        "attached": {
            (r["metric"], r["tier"]) for r in attached if r["estimate"]["value"] is not None
        },
        "exported": {(f.metric, f.tier) for f in exported if f.value is not None},
        "table": {
            (row["metric"], row["tier"])
            for row in exported.to_arrow().to_pylist()
            if row["value"] is not None or row["n"]
        },
    }, (packet, *pages)


@pytest.mark.parametrize("n", sizes(8, 60))
def test_nothing_that_leaves_the_house_yields_what_is_withheld(n):
    withheld_at_all = 0
    for seed in range(n):
        results = answered(seed)
        kept, (places, documents) = withheld(results, METRICS), published(results)
        assert not any(kept.keys() & cells for cells in places.values())
        known = set().union(*places.values())
        for metric in ("csat", "nps"):
            parts = {
                r.tier: r.estimate.customers
                for r in results
                if r.metric == metric and r.tier != WHOLE
            }
            told = [t for m, t in known if m == metric]
            for tier in [t for m, t in kept if m == metric]:
                assert not follows(tier, told, parts), (seed, metric, tier)
                withheld_at_all += 1
        for document in documents:
            lines = getattr(document, "stances", None) or ()
            for line in lines:
                tier = next(t.id for t in PLAN.tiers if t.label == line.tier)
                if (line.metric, tier) in kept:
                    assert (line.cell.region, line.cell.signal, line.cell.note) == ("", "", "")
                    assert line.cell.words.startswith(NOT_SHOWN)
    assert withheld_at_all > n


def test_a_verdict_on_what_is_withheld_is_told_nowhere():
    """That it was missed would tell on which side of its limit the few are."""
    few = result("csat/gold", Estimate(0.2, 0.1, 0.3, 12, 4), "below")
    all_ = replace(result("csat/bronze", Estimate(0.6, 0.5, 0.7, 82, 80)), tier="all")
    many = result("csat/bronze", Estimate(0.66, 0.6, 0.7, 70, 76), "below")
    at = view(results={(r.metric, r.tier): r for r in (*RESULTS, few, many, all_)})
    page = owner_scorecard(at, ADA)
    said = {line.key: line.cell.words for line in page.stances if line.metric == "csat"}
    assert said == {
        "csat/gold": "not shown: fewer than five customers",
        "csat/bronze": "beyond acceptance",
    }
    exceptions = {(item.metric, item.tier) for item in executive_packet(at).exceptions}
    assert ("csat", "Gold") not in exceptions and ("csat", "Bronze") in exceptions
    assert page.sentence.endswith("evidence: Gold satisfied.")  # as one that nobody knows


# The past


def point(period, customers, value=0.5):
    day = datetime(2026, 11, 16, tzinfo=UTC)
    return HistoryPoint(period, value, customers, 0.4, 0.6, "", "", day, 0, customers)


def test_a_chart_has_no_figure_that_was_withheld_in_its_own_period():
    histories = {
        ("csat", "v1", "gold"): [point("2026-08", 3), point("2026-09", 30)],
        ("csat", "v1", "bronze"): [point("2026-08", 40), point("2026-09", 40)],
        ("csat", "v1", "all"): [point("2026-08", 43), point("2026-09", 70)],
        ("kept", "v1", "gold"): [point("2026-08", 1)],
    }
    left = {
        s: [p.period for p in points] for s, points in without_withheld(histories, METRICS).items()
    }
    assert left == {
        ("csat", "v1", "gold"): ["2026-09"],
        ("csat", "v1", "bronze"): ["2026-08", "2026-09"],
        ("csat", "v1", "all"): ["2026-09"],
        ("kept", "v1", "gold"): ["2026-08"],
    }
    at = view(histories=histories)
    assert list(cell(at, CSAT, "gold", charts=True).series.values[-3:-1]) == [None, 0.5]
