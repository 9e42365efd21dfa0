"""Proposing: drafts of stances from the ledger alone, which people complete."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from command import scorecard
from sample_project import example

from scorecard.base.periods import Period
from scorecard.definitions.loader import load_metrics
from scorecard.definitions.results import Estimate, Result
from scorecard.errors import ScorecardError
from scorecard.ledger import STEPS
from scorecard.library.scorecard import Scorecard
from scorecard.project.declared import declared
from scorecard.project.workspace import open_ledger
from scorecard.propose import propose
from scorecard.strategy.reader import read_strategy

LAST = Period.parse("2026-06", "Europe/London")
TODAY, LATER = date(2026, 8, 17), datetime(2026, 8, 17, 5, tzinfo=UTC)
FILLED = {
    "kind": '"weakness"',
    "owner": '"head-of-service"',
    "trade_off": '"One thing for another."',
    "approved_by": '"Managing director"',
    "importance": "1",
}
"""What people fill in, by key."""


@pytest.fixture
def project(tmp_path):
    """The example company without its facts and without stances."""
    made = example(tmp_path)
    for file in (tmp_path / "facts").iterdir():
        file.unlink()
    text = made.strategy.read_text()
    made.strategy.write_text(text.partition("# A strength promises")[0])
    return made


def measured(project, series, as_of=LATER):
    """Write down figures of the months up to June: {"metric/tier": [Estimate, …]}, oldest first."""
    metrics = declared(project).metrics
    length = max(len(points) for points in series.values())
    with open_ledger(project) as ledger:
        for back in range(length):
            period = LAST.shift(-back)
            moment = as_of if isinstance(as_of, datetime) else as_of(period)
            results = []
            for key, points in series.items():
                name, tier = key.split("/")
                if back < len(points) and points[-1 - back] is not None:
                    found, metric = points[-1 - back], metrics[name]
                    version, mode = metric.version, metric.evidence
                    results.append(Result(name, version, tier, period.key, found, mode, ""))
            run = ledger.claim(period, inputs="none", as_of=moment, software="test", now=moment)
            ledger.save_results(run, results, moment)
            for step in STEPS[1:]:
                run = ledger.advance(run, step, moment)


def drafted(project, last=LAST):
    with open_ledger(project) as ledger:
        return propose(project, declared(project), ledger, last, TODAY)


def block(text, key):
    """The lines of the draft of one metric and tier."""
    return text.partition(f"({key})\n")[2].partition("\n\n")[0].splitlines()


def completed(text):
    """The drafts with the "# " taken away and all that is empty filled in, as people would."""
    said = re.sub(r"(?m)^# ", "", text)
    for key, value in FILLED.items():
        said = re.sub(rf'(?m)^{key} = (""|0)', f"{key} = {value}", said)
    return said


def waits(*hours):
    """Waits with an interval from half an hour below to 0.7 hours above, of 118 contacts."""
    return [Estimate(h, h - 0.5, h + 0.7, 118, 40) for h in hours]


def test_a_draft_has_the_level_the_natural_limits_and_what_is_provable(project):
    """.7 and .1 hours from 4.5 in turn: the variance is 3/11, so that natural limits are
    4.5 ± 3.789 × √(3/11 × (1 + 1/12)) = 4.5 ± 2.06, with the 99.85 % point of Student's t for 11
    degrees of freedom; an interval that reaches 0.7 hours up proves 5.2 at the centre."""
    measured(project, {"first_reply_p90/gold": waits(*[3.8, 5.2, 4.4, 4.6] * 3)})
    assert block(drafted(project), "first_reply_p90/gold") == [
        "##   last 4.6 h in 2026-06; centre 4.5 h of 12 periods",
        "##   natural limits: 2.44 h to 6.56 h; moves inside are routine",
        "##   provable with 118 observations, as usual: 5.2 h or more, since the interval reaches "
        "42 min to the worse side",
        "# [[stance]]",
        '# metric = "first_reply_p90"',
        '# tier = "gold"',
        '# kind = ""                # "strength" or "weakness"',
        '# at_worst = "6.56 h"',
        '# at_best = "2.44 h"',
        "# importance = 0           # 1 is what the tier cares about most",
        '# owner = ""               # head-of-service',
        '# trade_off = ""           # what was not chosen',
        '# approved_by = ""         # not its owner',
        "# declared = 2026-08-17",
        "# effective = 2026-09-01",
    ]


def test_a_limit_is_no_nearer_than_what_can_be_proven(project):
    """A share of 90 % of 60 each month: by counting alone 46 to 60 of 60 (the beta-binomial with
    648.5 and 72.5). Its interval reaches down to 70 %."""
    measured(project, {"csat/gold": [Estimate(0.9, 0.7, 0.95, 60, 50)] * 12})
    said = block(drafted(project), "csat/gold")
    assert "##   natural limits: 76.7 % to 100 %; moves inside are routine" in said
    assert '# at_worst = "70 %"' in said


@pytest.mark.parametrize(
    ("key", "estimate", "said"),
    [
        ("csat/gold", Estimate(0.9, 0.7, 0.97, 20, 20), "20 observations, as usual, prove nothing"),
        ("customer_margin/gold", Estimate(55.0, None, None, 9, 9), "counted and no sample"),
        ("first_reply_p90/gold", Estimate(4.0, None, None, 40, 9), "give no interval"),
    ],
)
def test_what_cannot_be_proven_is_said(project, key, estimate, said):
    moving = [replace(estimate, value=estimate.value * (1 - i / 100)) for i in range(7)]
    measured(project, {key: moving})
    text = block(drafted(project), key)
    assert any(said in line for line in text)
    assert "##   natural limits, provisional:" in "\n".join(text)


def test_figures_that_mostly_stand_still_have_no_natural_limits(project):
    measured(project, {"first_reply_p90/gold": waits(4, 5, 4, 6, 4, 4.5)})
    text = block(drafted(project), "first_reply_p90/gold")
    said = "##   no natural limits, since half or more of these figures are one and the same;"
    assert text[1:3] == [said, "##   it lay between 4 h and 6 h"]


def test_what_has_an_end_is_drafted_without_what_cannot_be_passed(project):
    """Every customer was kept, and nobody had to come back: nothing can be better."""
    measured(
        project,
        {
            "promises_kept/gold": [Estimate(1.0, 0.92, 1.0, 40, 40)] * 12,
            "recontact_rate/gold": [Estimate(0.0, 0.0, 0.07, 40, 40)] * 12,
        },
    )
    text = drafted(project)
    for key, worst in (("promises_kept/gold", "92 %"), ("recontact_rate/gold", "7 %")):
        lines = block(text, key)
        assert f'# at_worst = "{worst}"' in lines
        assert not [line for line in lines if line.startswith("# at_best")]


def test_windows_that_overlap_have_no_natural_limits(project):
    kept = [Estimate(v, None, None, 20, 20) for v in (0.9, 0.85, 0.95, 0.9, 0.9, 0.88)]
    measured(project, {"logo_retention/gold": kept})
    lines = block(drafted(project), "logo_retention/gold")
    assert "##   no natural limits, since its windows of 12 months overlap;" in lines
    assert "##   it lay between 85 % and 95 %" in lines
    assert '# at_worst = "85 %"' in lines and '# at_best = "95 %"' in lines


def test_the_last_twelve_measured_periods_count_and_no_older_ones(project):
    """Of fourteen figures over sixteen months the two oldest, of 100 hours, are out."""
    series = [*waits(100, 100), None, None, *waits(4, 5, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5)]
    measured(project, {"first_reply_p90/gold": series})
    assert "centre 4.5 h of 12 periods" in drafted(project)


def test_figures_that_were_not_final_do_not_count_and_few_are_too_few(project):
    """First replies are final a week after their month: what was computed on its last day is not."""
    series = {"first_reply_p90/gold": waits(4, 5, 4, 5, 4, 5)}
    measured(project, series, as_of=lambda period: period.end if period == LAST else LATER)
    text = drafted(project)
    assert "## first_reply_p90/gold: 5 final figures; a draft needs 6." in text
    assert "[[stance]]" not in text


def test_a_confidential_figure_of_few_answers_is_in_no_draft(project):
    few = [Estimate(0.5, 0.2, 0.8, 4, 4)] * 12
    measured(project, {"csat/gold": few, "first_reply_p90/gold": waits(*[4, 5] * 6)})
    assert "csat" not in drafted(project)


def test_a_stance_that_is_there_is_named(tmp_path):
    made = example(tmp_path)
    measured(made, {"first_reply_p90/bronze": waits(20, 22, 20, 22, 20, 22)})
    lines = block(drafted(made), "first_reply_p90/bronze")
    assert "##   has a weakness from 2026-01-01 on: 48 h to 12 h; end it with until" in lines


def everything(project, seed):
    """Random figures of every metric in both tiers, inside what their units can have."""
    chance, series = random.Random(seed), {}
    for metric in load_metrics(project.metrics).values():
        low = 0.0 if metric.unit.low is None else metric.unit.low
        high = (
            chance.choice([0.001, 3.0, 40_000.0]) if metric.unit.high is None else metric.unit.high
        )
        for tier in ("gold", "bronze"):
            still = chance.random() < 0.2
            points, middle = [], chance.uniform(low, high)
            for _month in range(12):
                value = middle if still else chance.uniform(low, high)
                ends = sorted(chance.uniform(low, high) for _ in range(2))
                ends = (min(ends[0], value), max(ends[1], value))
                points.append(Estimate(value, *ends, chance.choice([20, 200]), 60))
            series[f"{metric.name}/{tier}"] = points
    return series


@pytest.mark.parametrize("seed", range(8))
def test_completed_drafts_are_read_without_a_finding(project, tmp_path, seed):
    """Whatever was measured: the stances say what people filled in, and limits that can be."""
    measured(project, everything(project, seed))
    text = drafted(project)
    file = tmp_path / "completed.toml"
    file.write_text(project.strategy.read_text() + completed(text))
    metrics = declared(project).metrics
    strategy, found = read_strategy(file, metrics, "EUR")
    assert found == []
    assert len(strategy.stances) == text.count("# [[stance]]") >= 50
    for stance in strategy.stances:
        low, high = metrics[stance.metric].unit.low, metrics[stance.metric].unit.high
        for limit in (stance.at_worst, stance.at_best):
            assert limit is None or (
                (low is None or low <= limit) and (high is None or limit <= high)
            )


def test_a_draft_as_it_stands_changes_nothing(project, tmp_path):
    """All of it is comment, so that whoever pastes it has chosen nothing yet."""
    measured(project, everything(project, 1))
    text = drafted(project)
    assert all(line.startswith("#") or not line for line in text.splitlines())
    assert '"strength"\n' not in text and text.count('# kind = ""') == text.count("[[stance]]")


def test_the_same_ledger_gives_the_same_drafts(project):
    measured(project, everything(project, 2))
    assert drafted(project) == drafted(project)


# command


def test_the_command_prints_or_writes_and_never_overwrites(project):
    measured(project, {"first_reply_p90/gold": waits(*[4, 5] * 6)})
    folder = project.root
    code, printed, wrong = scorecard("propose", "2026-06", cwd=folder)
    assert (code, wrong) == (0, "") and '# metric = "first_reply_p90"' in printed
    code, said, _wrong = scorecard("propose", "2026-06", "--output", "drafts.toml", cwd=folder)
    assert (code, said) == (0, "")
    assert (folder / "drafts.toml").read_text() == printed
    code, _said, wrong = scorecard("propose", "2026-06", "--output", "drafts.toml", cwd=folder)
    assert code == 1 and "drafts.toml is there already; name a new file" in wrong
    assert (folder / "drafts.toml").read_text() == printed


def test_without_a_measured_period_it_says_what_to_do(project):
    with pytest.raises(ScorecardError, match=r'computed; compute them with "scorecard backfill"'):
        Scorecard(project, LATER).propose("2026-06")
    with pytest.raises(ScorecardError, match="is a span"):
        Scorecard(project, LATER).propose("2026-01/2026-06")
