"""Trends: what the chart of an exception is made of, and what must never be in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sample_choices import OCTOBER, chosen, earlier, witnessed
from sample_material import (
    ADA,
    CSAT,
    MATERIAL,
    RESULTS,
    STANCES,
    result,
    spaced,
    view,
    with_results,
)

from scorecard.definitions.results import Baseline, Estimate
from scorecard.documents.exceptions import items
from scorecard.documents.owner import owner_scorecard
from scorecard.documents.packet import executive_packet
from scorecard.documents.trend_model import LimitSpan, Trend, TrendMark
from scorecard.documents.view import ReportView
from scorecard.ledger import HistoryPoint
from scorecard.measuring.incidents import Incident

GOLD = ("reply", "v1", "gold")


def trends(at: ReportView) -> dict[str, Trend]:
    return {f"{i.metric}/{i.tier}": i.trend for i in items(at) if i.trend is not None}


def reply(history: list[HistoryPoint], **more: Any) -> Trend:
    """The trend of Gold's first reply, 5.8 h in October with n 1,204, after that history."""
    return trends(view(histories={GOLD: history}, **more))["reply/Gold"]


def test_a_trend_has_the_last_24_periods_and_the_year_before_each():
    of = reply(earlier(*range(1, 41)))  # 40 in September 2026, 39 in August, and so on
    assert of.values == (*map(float, range(18, 41)), 5.8)
    # October's of last year is eleven before September: 29; November 2024's of 2023: 17 − 11 = 6.
    assert (of.year_ago[-1], of.year_ago[0]) == (29, 6)
    assert "".join(of.ticks) == "NDJFMAMJJASONDJFMAMJJASO"
    assert [(i, y) for i, y in enumerate(of.years) if y] == [(2, "2025"), (14, "2026")]


def test_the_axis_of_a_short_history_has_twelve_periods_for_all_alike():
    of = reply(earlier(3.0, 4.0, 5.0, 6.0, 7.0, 8.0))
    assert of.values == (None,) * 5 + (3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 5.8)
    long = {GOLD: earlier(3.0), ("kept", "v1", "bronze"): earlier(*[0.7] * 13)}
    found = trends(view(histories=long))
    assert {len(t.values) for t in found.values()} == {24}


def test_without_two_figures_there_is_no_trend_and_the_page_is_left_out():
    assert reply_or_none([]) is None
    assert reply_or_none(earlier(None)) is None
    packet = executive_packet(view())
    assert (packet.trends_sentence, packet.trends) == ("", ())


def reply_or_none(history: list[HistoryPoint]) -> Trend | None:
    return trends(view(histories={GOLD: history})).get("reply/Gold")


def test_the_last_figures_come_with_their_n_and_that_of_a_year_ago():
    of = reply(earlier(3.1, *[4.0] * 9, 3.0, 4.25, n=960))
    assert spaced(of.figures) == "3.0 · 4.3 · 5.8 h"
    assert spaced(of.of) == "in Aug, Sept, Oct; n 960, 960, 1,204; a year ago 3.1 h"


def test_a_figure_that_was_not_shown_is_neither_drawn_nor_counted():
    # Three customers answered in September: the figure was withheld in its own period.
    history = {
        ("csat", "v1", "gold"): [
            *earlier(0.8, 0.9, last=OCTOBER.shift(-1), customers=40),
            *earlier(0.333, n=3, customers=3),
        ],
        ("csat", "v0", "gold"): earlier(0.4, n=9, customers=9),
    }
    missed = result("csat/gold", Estimate(0.7, 0.65, 0.75, 212, 200), "below")
    of = trends(with_results(missed, histories=history))["csat/Gold"]
    assert of.values[-4:] == (0.8, 0.9, None, 0.7)
    assert spaced(of.figures) == "90 · – · 70 %"
    assert "n 50, –, 212" in of.of
    assert CSAT.confidential


def test_a_result_that_is_not_shown_has_no_trend():
    few = result("csat/gold", Estimate(0.5, None, None, 4, 4), "below")
    history = {("csat", "v1", "gold"): earlier(*[0.8] * 5)}
    assert "csat/Gold" not in trends(with_results(few, histories=history))


def test_a_limit_is_drawn_as_it_was_in_force():
    looser = chosen("reply/gold", "strength", 6.0)
    then = {OCTOBER.shift(-i).key: witnessed(looser if i > 2 else STANCES[2]) for i in range(1, 6)}
    of = reply(earlier(*range(3, 14)), stances_then=then)  # twelve figures, October's included
    # Periods 6 to 8 (October is 11) under six hours, the last three under four.
    assert of.spans == (LimitSpan(5.5, 8.5, 6.0, None), LimitSpan(8.5, 11.5, 4.0, None))
    assert [(m.at, spaced(m.text)) for m in of.marks] == [(8.5, "limit 6 h → 4 h")]
    assert (spaced(of.worst_said), of.best_said) == ("4 h", "")


def test_a_stance_that_was_made_a_weakness_is_marked():
    then = {OCTOBER.shift(-1).key: witnessed(chosen("reply/gold", "weakness", 4.0))}
    of = reply(earlier(*range(3, 14)), stances_then=then)
    assert of.marks == (TrendMark(10.5, "made a strength"),)


def test_the_line_is_broken_where_the_definition_changed():
    history = {("reply", "v0", "gold"): earlier(9.0, 9.0, 9.0, 9.0), GOLD: earlier(4.0, 5.0)}
    of = trends(view(histories=history))["reply/Gold"]
    assert of.values[-5:] == (9.0, 9.0, 4.0, 5.0, 5.8)
    assert of.breaks == (9,)
    assert of.marks == (TrendMark(8.5, "definition changed"),)


def test_limits_that_were_made_anew_are_marked_where_they_begin():
    """Of a day in May the first whole month is June, which begins at 6.5: November 2025 is 0."""
    gold = next(r for r in RESULTS if (r.metric, r.tier) == ("reply", "gold"))

    def marks(since):
        base = Baseline("2026-06", "2026-09", 4, "not known yet", (), since, "a strike")
        at = replace(gold, signal=replace(gold.signal, baseline=base))
        return trends(with_results(at, histories={GOLD: earlier(*range(3, 14))}))[
            "reply/Gold"
        ].marks

    assert marks(date(2026, 5, 15)) == (TrendMark(6.5, "natural limits anew"),)
    assert marks(date(2026, 6, 1)) == (TrendMark(6.5, "natural limits anew"),)
    assert marks(date(2024, 6, 1)) == marks(None) == ()


def test_a_figure_that_was_printed_otherwise_before_is_marked():
    corrected = {("reply", "gold"): [OCTOBER.shift(-2).key, OCTOBER.shift(-9).key]}
    of = reply(earlier(4.0, 5.0), corrected=corrected)
    assert of.marks == (TrendMark(9.0, "corrected"),)  # there is no figure nine months ago


def test_incidents_are_marked_on_their_day_in_the_tiers_that_they_touched():
    # Gold has 40 customers: a twentieth are two.
    happened = [
        Incident("1", date(2026, 9, 16), "the carrier was on strike", "gold", 12),
        Incident("2", date(2026, 9, 20), "a small one", "gold", 1),
        Incident("3", date(2026, 9, 20), "elsewhere", "bronze", 900),
        Incident("4", date(2026, 10, 1), "", "gold", 2),
    ]
    of = reply(earlier(*[4.0] * 11), incidents=happened)
    # September is 10 on the axis, half of it is over on its sixteenth.
    assert of.marks == (TrendMark(10.0, "a"), TrendMark(10.5, "b"))
    assert of.happened == (
        "a, 16 Sept 2026: the carrier was on strike (12 customers)",
        "b, 1 Oct 2026: an incident (2 customers)",
    )


def test_an_owners_trends_name_neither_people_nor_what_caused_incidents():
    happened = [Incident("1", date(2026, 9, 16), "Petra Foods moved out", "gold", 12)]
    at = view(histories={GOLD: earlier(*[4.0] * 11)}, incidents=happened)
    (of,) = owner_scorecard(at, ADA).trends
    assert (of.tier, of.owner, of.marks, of.happened) == ("Gold", "", (), ())
    assert "Petra" not in str(of)


def test_the_record_says_how_often_and_how_long_it_was_so():
    words = ["delivered", "not delivered", "too little evidence", "not delivered"]
    history = [replace(p, words=w) for p, w in zip(earlier(1.0, 2.0, 3.0, 4.0), words, strict=True)]
    of = reply(history)
    assert of.record == "not delivered in 3 of 4 judged months"
    assert of.weak == (*[False] * 9, True, False, False)
    kept = [
        replace(p, words=w)
        for p, w in zip(history, [*words[:2], "delivered", words[3]], strict=True)
    ]
    assert reply(kept).record == "not delivered in 3 of 5 judged months, the last 2 in a row"


def test_missed_choices_matter_most_and_among_them_those_that_touched_more():
    history = {r: earlier(*[value] * 7) for r, value in HISTORIES.items()}
    found = trends(view(histories=history))
    # 601 customers left in Bronze, 14 waited in Gold; Bronze's replies were over-served.
    ranks = {name: t.rank for name, t in found.items()}
    assert ranks == {"kept/Bronze": 1, "reply/Gold": 2, "reply/Bronze": 3}
    assert list(ranks) == [f"{i.metric}/{i.tier}" for i in items(view(histories=history))]


HISTORIES = {GOLD: 4.0, ("reply", "v1", "bronze"): 10.0, ("kept", "v1", "bronze"): 0.7}


def test_the_sentence_says_what_moved_and_what_lasts():
    words = {"reply/gold": "", "reply/bronze": "over-served", "kept/bronze": "not delivered"}
    history = {
        key: [replace(p, words=words[f"{key[0]}/{key[2]}"]) for p in earlier(*[value] * 7)]
        for key, value in HISTORIES.items()
    }
    assert executive_packet(view(histories=history)).trends_sentence == (
        "Gold first reply moved beyond routine variation; Bronze first reply has been over-served "
        "for 8 months in a row."
    )


def test_exceptions_that_did_not_move_are_said_to_be_the_process_itself():
    gold = next(r for r in RESULTS if (r.metric, r.tier) == ("reply", "gold"))
    calm = replace(gold, signal=replace(gold.signal, flow="routine", rule=""))
    kept = replace(MATERIAL.results["kept", "bronze"], verdict=None, stance="")
    history = {key: earlier(*[value] * 7) for key, value in HISTORIES.items()}
    said = executive_packet(with_results(calm, kept, histories=history)).trends_sentence
    assert said == "Both exceptions are routine variation: the process itself gives them."


def test_round_values_stand_on_the_axis_within_what_is_drawn():
    of = reply(earlier(*[4.0] * 11))
    # Drawn are 3.1 to 5.8, and the interval to 6.6, which may add a fifth of that reach: 6.34.
    assert of.scale == (3.1 - 0.06 * 2.7, 5.8 + 0.26 * 2.7)
    # A third of 2.94 to 6.50 is 1.19, for which the next round step is 2.
    assert of.axis == ((4.0, "4"), (6.0, "6"))


def test_the_alternative_text_says_what_the_chart_shows():
    of = reply(earlier(*[4.0] * 11), corrected={("reply", "gold"): [OCTOBER.shift(-1).key]})
    assert spaced(of.alt) == (
        "First reply, 9 of 10 within, Gold, November 2025 to October 2026: 12 figures, the last "
        "4.0 · 4.0 · 5.8 h (in Aug, Sept, Oct; n 50, 50, 1,204); promised: 4 h or less; not delivered; "
        "exceptional, unfavourable: beyond the natural limits; marked: corrected in September 2026."
    )
