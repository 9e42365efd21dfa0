"""The bench's own arithmetic: figures by hand, in SQL and in pandas, are those of the package.

What is compared for its speed must be the same; and every shipped metric has so two oracles that
know nothing of the package.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parent / "bench"
sys.path.insert(0, str(BENCH))

from agreement import disagreements  # noqa: E402  a script, no part of a package

from scorecard.definitions.loader import load_metrics  # noqa: E402
from scorecard.demo.company import generate  # noqa: E402
from scorecard.project.scaffold import init  # noqa: E402


@pytest.fixture(scope="module")
def meridian(tmp_path_factory):
    """A small company of the demonstration, its tiers frozen up to October."""
    folder = tmp_path_factory.mktemp("bench") / "meridian"
    generate(folder, customers=400, months=24, seed=1)
    list(init(folder))
    span = ("--from", "2026-10", "--to", "2026-10", "--as-of", "2026-11-16T06:00")
    run("-m", "scorecard", "backfill", "--project", str(folder), *span)
    return folder


def run(*words: str) -> str:
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=True
    ).stdout


@pytest.fixture(scope="module")
def ours(meridian):
    return json.loads(run(str(BENCH / "ours.py"), str(meridian)))["rows"]


@pytest.mark.parametrize("script", ["hand_written.py", "pandas_script.py"])
def test_every_figure_by_hand_is_ours(meridian, ours, script):
    compared, wrong = disagreements(
        ours, json.loads(run(str(BENCH / script), str(meridian)))["rows"]
    )
    assert wrong == []
    assert compared > 120


def test_every_shipped_metric_is_among_them(ours):
    shipped = load_metrics(BENCH.parents[1] / "metrics")
    printed = {name for name, metric in shipped.items() if not metric.optional}
    assert {row["metric"] for row in ours if row["value"] is not None} == printed


def test_a_figure_that_differs_is_named():
    one = {"metric": "csat", "tier": "gold", "n": 10, "num": 4.0, "den": 10.0, "value": 0.4}
    assert disagreements([one], [one]) == (1, [])
    compared, wrong = disagreements([one], [{**one, "value": 0.41}])
    assert (compared, wrong) == (1, ["csat/gold: value 0.4 against 0.41"])
    assert disagreements([one], [])[1] == ["csat/gold: only ours"]
    assert disagreements([], [one])[1] == ["csat/gold: only theirs"]
