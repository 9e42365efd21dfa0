"""Console: what a person reads in the terminal, and what a program reads as JSON."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import get_args
from zoneinfo import ZoneInfo

from sample_material import CSAT, MATERIAL, METRICS, RESULTS, STANCES, result

from scorecard.base.findings import Finding
from scorecard.cli import console, console_delivery, terminal
from scorecard.definitions.results import Estimate, Reason, Signal
from scorecard.delivery.health import Health, Standing
from scorecard.documents.formats import Formats
from scorecard.ledger import ExpectedRun, Run
from scorecard.library.results import Results

SETTINGS = SimpleNamespace(locale="en_GB", currency="EUR", matures_after=lambda m: m.matures)
HELD = {s.key: s for s in STANCES}


def printed(capsys, results=RESULTS, as_json=False):
    known = Results(
        MATERIAL.period, tuple(results), METRICS, HELD, MATERIAL.strategy, SETTINGS.currency
    )
    console.show_results(known, Formats("en_GB", "EUR"), as_json=as_json)
    return capsys.readouterr().out


def test_a_result_as_json_has_its_figure_verdict_and_stance(capsys):
    found = {(r["metric"], r["tier"]): r for r in json.loads(printed(capsys, as_json=True))}
    assert found["reply", "gold"] == {
        "metric": "reply",
        "tier": "gold",
        "period": "2026-10",
        "sign": "",
        "value": 5.8,
        "low": 5.1,
        "high": 6.6,
        "n": 1204,
        "customers": 600,
        "open": 0,
        "total": None,
        "mode": "sample",
        "region": "below",
        "verdict": "not delivered",
        "reason": "",
        "lean": "",
        "signal": "exceptional, unfavourable",
        "unit": "hours",
        "currency": None,
        "owner": "ada",
        "kind": "strength",
        "version": "v1",
    }


def test_without_a_stance_verdict_and_owner_are_null(capsys):
    found = json.loads(printed(capsys, as_json=True))
    (margin,) = [r for r in found if (r["metric"], r["tier"]) == ("customer_margin", "gold")]
    assert [margin[k] for k in ("region", "verdict", "reason", "owner", "kind")] == [
        None,
        None,
        "",
        None,
        None,
    ]
    assert (margin["unit"], margin["currency"], margin["total"]) == (
        "money per customer",
        "EUR",
        48180.0,
    )


def test_what_is_not_measured_has_its_reason_with_and_without_a_stance(capsys):
    gone = result("nps/gold", Estimate(), unmeasured="no surveys")
    (found,) = json.loads(printed(capsys, [gone], as_json=True))
    assert (found["value"], found["reason"]) == (None, "not_measured")


def test_results_come_in_the_order_of_metrics_and_tiers(capsys):
    found = json.loads(printed(capsys, RESULTS[::-1], as_json=True))
    assert [(r["metric"], r["tier"]) for r in found][:4] == [
        ("customer_margin", "gold"),
        ("customer_margin", "bronze"),
        ("customer_margin", "all"),
        ("csat", "gold"),
    ]


def test_the_table_words_figures_as_documents_do(capsys):
    lines = {tuple(x.split()[:2]): x for x in printed(capsys).splitlines()}
    reply = lines["reply", "gold"]
    for text in ("5.8\u00a0h", "5.1–6.6", "1,204", "not delivered", "ada"):
        assert text in reply
    assert "counted" in lines["kept", "gold"]
    assert "€1,205" in lines["customer_margin", "gold"]  # 1204.50


def test_the_table_keeps_a_near_miss_on_its_side_and_short_waits_above_zero(capsys):
    """79.99 % of promised 80, and 51 seconds of promised 4 hours."""
    near = result("csat/gold", Estimate(0.7999, 0.798, 0.79994, 90000, 900), "below")
    short = result("reply/gold", Estimate(51 / 3600, 48 / 3600, 53 / 3600, 900, 800), "within")
    lines = {tuple(x.split()[:2]): x for x in printed(capsys, [near, short]).splitlines()}
    assert "79.99\u00a0%" in lines["csat", "gold"]
    assert "51\u00a0s" in lines["reply", "gold"] and "48–53" in lines["reply", "gold"]


def test_the_table_says_why_evidence_is_too_little(capsys):
    waiting = result("csat/gold", Estimate(0.8, 0.7, 0.9, 50, 50), None, "not_mature")
    gone = result("nps/gold", Estimate(), unmeasured="no surveys")
    said = printed(capsys, [waiting, gone])
    assert "too little evidence: not mature" in said
    assert "not measured: no surveys" in said


FEW = result(
    "csat/gold",
    Estimate(0.25, 0.1, 0.5, 9, 4, 2.25),
    "below",
    signal=Signal("exceptional, unfavourable"),
)


def test_answers_of_fewer_than_five_customers_are_in_neither_form(capsys):
    (line,) = [x for x in printed(capsys, [FEW]).splitlines() if x.startswith("csat")]
    assert line.split() == [
        "csat",
        "gold",
        "–",
        "–",
        "not",
        "shown:",
        "fewer",
        "than",
        "five",
        "customers",
        "ada",
    ]
    (found,) = json.loads(printed(capsys, [FEW], as_json=True))
    empty = ("value", "low", "high", "n", "customers", "total", "region", "verdict")
    assert {found[k] for k in empty} == {None}
    assert (found["reason"], found["lean"], found["signal"]) == ("not_shown", "", "")
    assert (found["owner"], found["kind"], found["unit"]) == ("ada", "strength", "share")


def test_answers_of_five_customers_are_shown(capsys):
    five = result("csat/gold", Estimate(0.25, 0.1, 0.5, 9, 5), "below")
    assert "25" in printed(capsys, [five])
    assert json.loads(printed(capsys, [five], as_json=True))[0]["value"] == 0.25


def test_every_reason_has_a_word():
    assert set(console.REASONS) == set(get_args(Reason)) - {""}


FOUND = [
    Finding("b_id", "note", "facts.costs", "Only a note."),
    Finding("a_id", "blocking", "facts.fx", "A rate is missing.", "Add it."),
]


def test_findings_are_listed_worst_first_and_counted(capsys):
    console.show_findings(FOUND, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "blocking facts.fx: A rate is missing. Add it.  [a_id]",
        "note     facts.costs: Only a note.  [b_id]",
        "1 blocking, 0 warning, 1 note",
    ]


def test_findings_as_json_have_all_their_fields(capsys):
    console.show_findings(FOUND, as_json=True)
    assert json.loads(capsys.readouterr().out)[0] == {
        "id": "a_id",
        "severity": "blocking",
        "place": "facts.fx",
        "message": "A rate is missing.",
        "hint": "Add it.",
        "group": "",
    }


def test_findings_stand_under_what_they_are_about_the_worst_first(capsys):
    found = [
        Finding("m", "note", "SCORECARD_SMTP", "No server.", group="mail"),
        Finding("f", "note", "facts.costs", "A note.", group="facts"),
        Finding("s", "blocking", "strategy.toml", "A fault.", group="strategy"),
        Finding("g", "warning", "facts.fx", "A gap.", group="facts"),
    ]
    console.show_findings(found, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "Strategy",
        "blocking strategy.toml: A fault.  [s]",
        "",
        "Facts",
        "warning  facts.fx: A gap.  [g]",
        "note     facts.costs: A note.  [f]",
        "",
        "Mail",
        "note     SCORECARD_SMTP: No server.  [m]",
        "",
        "1 blocking, 1 warning, 2 note",
    ]


def test_brackets_in_a_message_are_printed_as_they_are(capsys):
    """They are not taken for the console's own markup."""
    console.show_findings([Finding("x", "note", "p", "[tool.scorecard] is odd")], as_json=False)
    assert "[tool.scorecard] is odd" in capsys.readouterr().out


def test_a_metric_is_explained_with_its_docstring_and_sql(capsys):
    console.show_metric(CSAT, "SELECT 1\n", "", SETTINGS)
    said = capsys.readouterr().out
    for text in (
        "csat: Satisfied",
        "proportion, share, better: higher, sample",
        "needs surveys; final after 14 days",
        "Population  everybody.",
        "SELECT 1",
    ):
        assert text in said
    console.show_metric(CSAT, "", "surveys", SETTINGS)
    assert "Not measured here: no surveys." in capsys.readouterr().out


HISTORY = [("2026-07", "bronze", 1200.4), ("2026-08", "gold", 9000.0), ("2026-09", "gold", None)]


def test_a_customers_tier_is_told_with_what_was_chosen_for_it(capsys):
    formats = Formats("en_GB", "EUR")
    later = {"2026-07": date(2026, 11, 29)}
    console.show_tier("c1", HISTORY, later, MATERIAL.strategy, METRICS, formats, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "c1 is Gold since 2026-08"
    assert [line.split() for line in lines[1:4]] == [
        [
            *[
                "2026-07",
                "Bronze",
                "score",
                "1,200,",
                "by",
                "the",
                "tier",
                "of",
                "29",
                "Nov",
                "2026,",
                "frozen",
                "afterwards",
            ]
        ],
        ["2026-08", "Gold", "score", "9,000"],
        ["2026-09", "Gold", "score", "–"],
    ]
    assert [line.split(":")[0].strip() for line in lines[4:]] == ["strength"] * 3


def test_a_customers_tier_as_json(capsys):
    formats = Formats("en_GB", "EUR")
    later = {"2026-07": date(2026, 11, 29)}
    console.show_tier("c1", HISTORY, later, MATERIAL.strategy, METRICS, formats, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert (found["customer"], found["tier"]) == ("c1", "gold")
    assert found["history"][0] == {
        "period": "2026-07",
        "tier": "bronze",
        "score": 1200.4,
        "tier_of": "2026-11-29",
    }
    assert found["history"][1] == {"period": "2026-08", "tier": "gold", "score": 9000.0}
    assert found["stances"][0] == {"metric": "csat", "kind": "strength", "owner": "ada"}


def test_paths_are_shown_as_short_as_they_can_be(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert console.shown(tmp_path / "output" / "a.pdf") == str(Path("output/a.pdf"))


def test_nothing_but_a_terminal_sees_progress(capsys):
    with console.progress() as report:
        report("measuring csat", 1, 3)
    assert capsys.readouterr() == ("", "")


LONDON = ZoneInfo("Europe/London")
JULY = datetime(2026, 7, 15, 6, 0, tzinfo=UTC)


def test_without_serve_the_clock_alarms_nobody_who_uses_cron(capsys):
    due = ExpectedRun(
        "e", "cards", "2026-06", JULY, JULY, JULY, "done", 1, JULY, "", None, None, "", JULY, JULY
    )
    standing = Standing("cards", "Cards", "Europe/London", due, None)
    console_delivery.show_health(Health(JULY, (standing,), None, {}), LONDON, as_json=False)
    head, row, *rest = capsys.readouterr().out.splitlines()
    assert "was due (Europe/London)" in head and "2026-07-15 07:00" in row
    assert rest == [
        "Deliveries: none.",
        "Clock: no serve is running (none is needed with cron).",
        "No trouble.",
    ]


def test_moments_are_printed_under_the_name_of_their_zone(capsys):
    run = Run(
        "r", "2026-06", "month", date(2026, 6, 1), 1, JULY, "facts", "0.1.0", "done", {}, JULY, JULY
    )
    console_delivery.show_runs([run], LONDON, as_json=False)
    head, row = capsys.readouterr().out.splitlines()
    assert head.startswith("began (Europe/London)") and row.startswith("2026-07-15 07:00 ")


def test_notes_go_to_standard_error(capsys):
    terminal.warn("csat/gold changed [x]")
    assert capsys.readouterr() == ("", "note: csat/gold changed [x]\n")
