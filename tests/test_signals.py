"""What documents say of signals: rules, limits made anew, seasons, and what chance alone makes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sample_material import MATERIAL, METRICS, RESULTS, view, with_results

from scorecard.definitions.results import Baseline, Signal
from scorecard.documents.cells import flow
from scorecard.documents.exceptions import signal
from scorecard.documents.packet import executive_packet
from scorecard.documents.pages import evidence_page
from scorecard.documents.signals import baselines, by_chance
from scorecard.ledger import LimitsThen
from scorecard.printing.enclosures import figures
from scorecard.stats.control_chart import STILL
from scorecard.stats.false_alarms import RATES, expected, rate
from scorecard.strategy.model import BaselineStart

BASE = Baseline("2024-01", "2025-12", 24, "none found")
ROUTINE = Signal("routine", points=30, baseline=BASE)


def signalled(*signals):
    """The material with these signals, in turn, on its results of tiers."""
    tiers = [r for r in RESULTS if r.tier in view().tiers]
    return with_results(*[replace(r, signal=s) for r, s in zip(tiers, signals, strict=False)])


def test_what_is_exceptional_says_why_and_from_when_its_limits_are():
    loud = Signal("exceptional, unfavourable", rule="beyond the natural limits", baseline=BASE)
    one = replace(RESULTS[0], signal=loud)
    assert signal(view(), one) == "exceptional, unfavourable: beyond the natural limits"
    anew = replace(BASE, since=date(2024, 1, 1), reason="A new tariff.")
    assert signal(view(), replace(one, signal=replace(loud, baseline=anew))).endswith(
        "beyond the natural limits, made anew from 1 Jan 2024 (A new tariff)"
    )


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (ROUTINE, "routine"),
        (replace(ROUTINE, provisional=True), "routine, provisional limits"),
        (replace(ROUTINE, baseline=replace(BASE, season="not known yet")), "routine"),
        (
            Signal("exceptional", baseline=replace(BASE, season="not known yet")),
            "exceptional, season not known yet",
        ),
        (Signal("exceptional", baseline=replace(BASE, season="taken out")), "exceptional"),
        (Signal("exceptional"), "exceptional"),  # recorded before there were baselines
        (Signal(), ""),
        (Signal(rule=STILL, points=12, baseline=BASE), "mostly stands still: no natural limits"),
    ],
)
def test_the_signal_in_words(found, words):
    assert flow(replace(RESULTS[0], signal=found)) == words


def test_what_mostly_stands_still_has_no_limits_to_tell_of():
    still = replace(RESULTS[0], signal=Signal(rule=STILL, points=12, baseline=BASE))
    assert signal(view(), still) == STILL
    assert by_chance(with_results(*[replace(r, signal=still.signal) for r in RESULTS])) == ""


def test_expected_is_the_sum_of_the_rates_of_figures_with_limits():
    csat = METRICS["csat"]
    share, seasonal = RATES["share"], RATES["seasonal"]
    young = Signal("routine", True, points=6, baseline=replace(BASE, season="not known yet"))
    yearly = replace(ROUTINE, baseline=replace(BASE, season="taken out"))
    assert rate(csat, Signal()) == 0
    figures = [(csat, s) for s in (Signal(), young, replace(ROUTINE, points=23), ROUTINE, yearly)]
    assert expected(figures) == (4, pytest.approx(sum(share) + seasonal[2]))


def test_the_packet_says_how_many_chance_alone_makes(monkeypatch):
    none = with_results(*[replace(r, signal=Signal()) for r in RESULTS])
    assert by_chance(none) == ""
    young = replace(ROUTINE, baseline=replace(BASE, season="not known yet"))
    said = by_chance(signalled(ROUTINE, young))
    assert "with natural limits, chance alone would call less than one exceptional." in said
    assert executive_packet(signalled(ROUTINE, young)).exceptions_chance == said
    assert "of them follow" in said
    monkeypatch.setattr("scorecard.documents.signals.expected", lambda _: (84, 0.7))
    assert by_chance(signalled(ROUTINE)).startswith(
        "Of 84 figures with natural limits, chance alone would call about 1 exceptional."
    )


def test_limits_that_were_made_anew_are_told_with_what_was_changed():
    starts = (
        BaselineStart("csat", "gold", date(2026, 3, 1), "A new survey.", "coo"),
        BaselineStart("csat", "", date(2026, 9, 1), "a new agency", "coo"),
        BaselineStart("csat", "", date(2027, 9, 1), "not yet", "coo"),
    )
    found = view(strategy=replace(MATERIAL.strategy, baselines=starts))
    label = METRICS["csat"].label
    assert baselines(found) == (
        f"Natural limits of {label} are made anew from 1 Sept 2026: a new agency (coo).",
        f"Natural limits of {label}, Gold, are made anew from 1 Mar 2026: A new survey (coo).",
    )
    assert set(baselines(found)) <= set(evidence_page(found, [], []).changes)


def test_a_declared_day_is_written_into_the_figures_that_are_enclosed():
    anew = replace(BASE, since=date(2026, 3, 1), reason="A new survey.")
    written = json.loads(figures([replace(RESULTS[0], signal=replace(ROUTINE, baseline=anew))]))
    assert written[0]["signal"]["baseline"]["since"] == "2026-03-01"


def then(key, *limits):
    """By which limits periods of a metric and tier were judged first."""
    metric, _, tier = key.partition("/")
    return {(metric, METRICS[metric].version, tier): [LimitsThen(*of) for of in limits]}


def test_limits_made_anew_after_figures_had_been_judged_are_told():
    """From March on: February was before, March and April were judged without it, May with it."""
    start = BaselineStart("csat", "gold", date(2026, 3, 1), "A new survey.", "coo")
    before = then(
        "csat/gold",
        ("2026-02", None, ""),
        ("2026-03", None, ""),
        ("2026-04", date(2024, 1, 1), "an older one"),
        ("2026-05", date(2026, 3, 1), "A new survey."),
    )
    older = replace(start, day=date(2024, 1, 1), reason="an older one")
    found = view(strategy=replace(MATERIAL.strategy, baselines=(start, older)), limits_then=before)
    newest, oldest = baselines(found)
    assert newest.endswith(
        "A new survey (coo). That was declared after figures of March 2026 to April 2026 had been "
        "judged by limits of before."
    )
    assert oldest.endswith(
        "(coo). That was declared after figures of February 2026 to March 2026 "
        "had been judged by limits of before."
    )
    # Of another tier, and of limits by another definition of the metric, nothing is said.
    other = then("csat/bronze", ("2026-03", None, "")) | {
        ("csat", "older", "gold"): [LimitsThen("2026-03", None, "")]
    }
    found = view(strategy=replace(MATERIAL.strategy, baselines=(start,)), limits_then=other)
    assert baselines(found)[0].endswith("A new survey (coo).")


def test_limits_that_are_declared_otherwise_or_no_longer_are_told():
    before = then(
        "csat/gold", ("2026-05", date(2026, 3, 1), "A strike."), ("2026-06", date(2026, 5, 1), "x")
    )
    start = BaselineStart("csat", "", date(2026, 3, 1), "A new survey.", "coo")
    found = view(strategy=replace(MATERIAL.strategy, baselines=(start,)), limits_then=before)
    anew, gone = baselines(found)
    assert anew.endswith("A new survey (coo). The reason was once another: A strike.")
    assert gone == (
        f"Natural limits of {METRICS['csat'].label}, Gold, were made anew from 1 May 2026 when "
        "they judged the figure of June 2026; that is declared no longer."
    )


MEASURED = {
    "share": ("shares of",),
    "events": ("contacts",),
    "amount": ("skewed money", "very skewed money", "mean money", "a failure cost that is 0 in"),
    "other": (
        "stable, normal",
        "neighbours alike",
        "NPS, n",
        "NPS that is often",
        "a mean of 1–5 that is often",
    ),
    "seasonal": ("a yearly wave", "one high month"),
}
"""By kind of figure how its series begin in the table of docs/signals.md."""


def test_the_rates_are_the_means_of_what_was_measured():
    text = (Path(__file__).parents[1] / "docs" / "signals.md").read_text(encoding="utf-8")
    now = text.partition("\nNow:\n")[2].partition("With the former rules")[0]
    cells = [[c.strip() for c in row.strip("|").split("|")] for row in now.splitlines() if row]
    for kind, begins in MEASURED.items():
        rows = [[float(c) / 100 for c in r[1:4]] for r in cells if r[0].startswith(begins)]
        assert len(rows) >= 3
        means = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
        assert RATES[kind] == pytest.approx(means, abs=0.0006)
    still = [[float(c) for c in r[1:5]] for r in cells if " mostly " in r[0]]
    assert len(still) == 4
    assert max(rate for row in still for rate in row) <= 0.1
