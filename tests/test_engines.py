"""Other engines give the figures that files give: every metric, in every tier, and the checks."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from sample_engines import METRICS, company, in_postgres, measuring, need_spark, opened
from test_inspection import inspected

from scorecard.base.periods import Period
from scorecard.facts.window import Window
from scorecard.tiers.movement import movement

OCTOBER = Period.parse("2026-10", "Europe/London")
WAVE = Period.parse("2026-10-05/2026-10-23", "Europe/London")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return company(tmp_path_factory.mktemp("engines") / "engines", customers=60, months=6)


@pytest.fixture(scope="module")
def from_files(project, tmp_path_factory):
    facts = opened(project, "duckdb://")
    measured = measuring(project, facts, tmp_path_factory.mktemp("tiers"))
    found = figures(measured)
    yield found, inspected(facts, OCTOBER), moved(measured)
    facts.close()


def figures(measured):
    """Every figure of the last two periods and of a span of days, by period, metric and tier."""
    assert [p.key for p in measured.tiers.freeze(OCTOBER.next())]
    assert [p.key for p in measured.tiers.freeze(WAVE)] == ["2026-10-05"]
    for months in {m.window for m in METRICS.values()}:
        list(measured.tiers.freeze(Window.of(WAVE, months).opening))
    found = {}
    for period in (OCTOBER.previous(), OCTOBER, WAVE):
        for name, results in measured.results_of(list(METRICS.values()), period).items():
            found |= {(period.key, name, r.tier): r for r in results}
    return found


SQUARES = ("nn", "dd", "nd")
"""Sums of squares: engines turn a binary fraction into a decimal each in its own way."""


def moved(measured):
    """How customers moved between tiers in October, by chance and otherwise."""
    return movement(measured.tiers, OCTOBER)


def agree(found, expected):
    """Counts and sums are the same, and whatever is computed of them to the tenth digit."""
    assert found.keys() == expected.keys()
    for key, result in found.items():
        one, other = asdict(result), asdict(expected[key])
        estimate, wanted = one.pop("estimate"), other.pop("estimate")
        sums, summed = estimate.pop("sums") or {}, wanted.pop("sums") or {}
        estimate |= {c: sums.pop(c, None) for c in SQUARES}
        wanted |= {c: summed.pop(c, None) for c in SQUARES}
        assert (one, sums) == (other, summed), key
        known = {name: value for name, value in wanted.items() if value is not None}
        assert {name for name in estimate if estimate[name] is not None} == set(known), key
        found_values = {name: estimate[name] for name in known}
        assert found_values == pytest.approx(known, rel=1e-10, abs=1e-12), key


def test_postgresql_gives_every_figure_that_files_give(project, from_files, tmp_path):
    with in_postgres(project) as url:
        facts = opened(project, url, tables=True)
        try:
            measured = measuring(project, facts, tmp_path)
            agree(figures(measured), from_files[0])
            assert inspected(facts, OCTOBER) == from_files[1] != []
            assert moved(measured) == from_files[2]
        finally:
            facts.close()


# PySpark leaves the sockets that it fetched rows by to the collector.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.spark
def test_spark_gives_every_figure_that_files_give(project, from_files, tmp_path):
    need_spark()
    facts = opened(project, "pyspark://local")
    try:
        agree(figures(measuring(project, facts, tmp_path)), from_files[0])
        assert inspected(facts, OCTOBER) == from_files[1] != []
    finally:
        facts.close()
