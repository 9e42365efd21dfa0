"""Trial: a metric that cannot be measured is found before anything is computed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cast import MARCH, METRICS, MONEY, opened
from sample_facts import made

from scorecard.check import check
from scorecard.definitions.loader import load_metrics
from scorecard.measuring.metric_check import check_metrics
from scorecard.project.scaffold import init
from scorecard.project.settings import Project

DECLARED = '''\
from ibis import _
from scorecard import metric


@metric(label="Own", unit="share", better="higher", kind="proportion", family="own",
        needs={needs}, evidence="sample", section="experienced")
def {name}(facts, window):
    """A user's own."""
    {body}
'''
SURVEYS = "customer_id instrument sent_at score\npia csat 2026-03-02T10:00 4"


def own(folder, body, needs=("surveys",), name="own"):
    text = DECLARED.format(body=body, needs=list(needs), name=name)
    (folder / f"{name}.py").write_text(text)


@pytest.fixture
def room(tmp_path):
    folder = tmp_path / "metrics"
    folder.mkdir()
    return folder


def test_every_shipped_metric_passes_and_no_row_is_read(tmp_path):
    facts = opened(tmp_path, surveys=SURVEYS, **MONEY)
    before = set(facts.con.list_tables())
    assert check_metrics(facts, METRICS.values(), MARCH) == []
    assert set(facts.con.list_tables()) == before
    assert made(facts) == []


@pytest.mark.parametrize(
    ("body", "line", "said"),
    [
        ("pass", 5, 'metric "own" returned NoneType; it must return an Ibis table with'),
        ("raise KeyError('tier')", 9, "metric \"own\" failed: KeyError: 'tier'; correct"),
        ("return facts.surveys.filter(_.scor > 3)", 9, 'Did you mean "score"?'),
        (
            'return facts.surveys.select("customer_id", num=_.score > 3)',
            5,
            'metric "own" yields no column "den", which kind proportion needs.',
        ),
        (
            'return facts.surveys.select("customer_id", num=_.instrument, den=1)',
            5,
            'yields column "num" as string; it must be a number.',
        ),
        ("return facts.costs", 9, 'metric "own": facts.costs: not mapped'),
    ],
)
def test_a_metric_that_is_wrong_is_a_blocking_finding_with_its_line(
    tmp_path, room, body, line, said
):
    own(room, body)
    (found,) = check_metrics(opened(tmp_path, surveys=SURVEYS), load_metrics(room).values(), MARCH)
    assert (found.id, found.severity) == ("metrics.unusable", "blocking")
    assert found.place == f"metrics/own.py:{line}"
    assert said in found.message


def test_all_that_are_wrong_are_found_at_once_and_none_that_lacks_its_table(tmp_path, room):
    own(room, "return None", name="first")
    own(room, 'return facts.surveys.select("customer_id", num=_.score > 3, den=1)', name="second")
    own(room, "return None", needs=["promises"], name="third")
    own(room, "return None", name="zeroth")
    found = check_metrics(opened(tmp_path, surveys=SURVEYS), load_metrics(room).values(), MARCH)
    assert [f.place for f in found] == ["metrics/first.py:5", "metrics/zeroth.py:5"]


AS_OF = datetime(2026, 8, 17, 5, tzinfo=UTC)


def test_check_tries_the_metrics_and_names_their_places(tmp_path):
    list(init(tmp_path / "acme"))
    project = Project.find(tmp_path / "acme")
    own(project.metrics, "return None")
    found = [f for f in check(project, period=None, as_of=AS_OF) if f.severity == "blocking"]
    assert [(f.id, f.place) for f in found] == [("metrics.unusable", "metrics/own.py:5")]


def test_check_names_the_place_of_a_name_declared_twice(tmp_path):
    list(init(tmp_path / "acme"))
    project = Project.find(tmp_path / "acme")
    own(project.metrics, "return None")
    own(project.metrics, "return None", name="other")
    (project.metrics / "other.py").write_text(
        (project.metrics / "other.py").read_text().replace("def other", "def own")
    )
    (found,) = [f for f in check(project, period=None, as_of=AS_OF) if f.severity == "blocking"]
    assert (found.id, found.place) == ("metrics.unloadable", "metrics/own.py:5")
    assert found.message == (
        'metric "own" is declared already, in metrics/other.py:5; rename one of them.'
    )
