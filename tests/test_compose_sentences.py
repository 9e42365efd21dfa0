"""Compose, sentences: the finding of each page, for none, one and many."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sample_choices import chosen, witnessed
from sample_material import (
    ADA,
    CSAT,
    METRICS,
    RESULTS,
    STANCES,
    restanced,
    spaced,
    view,
    with_results,
)

from scorecard.definitions.results import Estimate, Signal, Verdict
from scorecard.documents import sentences
from scorecard.documents.cells import short
from scorecard.documents.grammar import LONGEST, fitted, listed, ordinal, plural, shortened
from scorecard.documents.owner import owner_scorecard
from scorecard.documents.packet import executive_packet
from scorecard.measuring.customer_flow import Account
from scorecard.measuring.earnings import Earned


def test_the_packets_sentences():
    packet = executive_packet(view())
    assert packet.sentence == (
        "We delivered 2 of 3 strengths and kept 1 of 3 weaknesses as accepted. "
        "1 strength was not delivered, 1 weakness went beyond acceptance and 1 choice was "
        "over-served."
    )
    assert packet.map_sentence == (
        "Not delivered: Gold first reply. Beyond acceptance: Bronze customers kept. "
        "Over-served: Bronze first reply."
    )
    assert packet.exceptions_sentence == (
        "3 of 6 choices are exceptions. Bronze customers kept touched the most customers: 601."
    )
    assert spaced(packet.margin.sentence) == (
        "Customer margin was €5,380: Gold brought €48,180; Bronze took €42,800 away. "
        "59 % of customers cost more than they brought in."
    )
    assert packet.retention.sentence == "12 customers came and 20 left: 2,048 became 2,040."
    assert packet.experience.sentence == (
        "We delivered 1 of 2 promised experiences. Would recommend us (NPS): Gold +48, Bronze −3."
    )
    assert packet.evidence.sentence == "3,000 rows in 2 tables decide all 6 choices."


def test_where_too_much_went_otherwise_for_a_title_it_is_only_counted():
    waiting = replace(RESULTS[2], verdict=Verdict("too little evidence", "straddle"))
    at = with_results(*[r for r in RESULTS if r.stance and r is not RESULTS[2]], waiting)
    assert spaced(sentences.main(at)) == (
        "We delivered 1 of 3 strengths and kept 1 of 3 weaknesses as accepted. "
        "Not delivered: 1; beyond acceptance: 1; over-served: 1; too little evidence: 1."
    )


def test_when_everything_went_as_chosen_it_says_no_more():
    kept = restanced(*[s for s in STANCES if s.metric == "csat"])
    assert sentences.main(kept) == ("The strength was delivered, and the weakness was as accepted.")
    assert sentences.stance_map(kept) == "Every choice was kept."
    assert executive_packet(kept).exceptions_sentence == "Nothing happened that was not chosen."


def test_when_one_thing_happened_it_is_told_in_the_singular():
    one = restanced(STANCES[2])
    assert sentences.main(one) == "The strength was not delivered."
    assert executive_packet(one).exceptions_sentence == (
        "The choice is an exception. Gold first reply touched 14 customers."
    )


def test_without_stances_nothing_can_be_held_to_anything():
    none = restanced()
    said = "No stance was in force: nothing was promised, so nothing can be held to it."
    assert sentences.main(none) == sentences.stance_map(none) == said
    assert executive_packet(none).evidence.sentence == (
        "3,000 rows in 2 tables were read; no stance was in force."
    )
    assert owner_scorecard(none, ADA).sentence == (
        "No stance of this owner was in force in this period."
    )


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("partial_period", "The period is not over: none of its 6 choices is judged yet."),
        ("not_mature", "None of 6 choices could be judged."),
    ],
)
def test_before_anything_can_be_judged_that_is_all_there_is_to_say(reason, said):
    none = Verdict("too little evidence", None, reason)
    waiting = [replace(r, verdict=none) for r in RESULTS if r.stance]
    at = with_results(*waiting)
    assert sentences.main(at) == sentences.stance_map(at) == sentences.team(at, waiting) == said
    assert sentences.owner(at, waiting) == said


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("partial_period", "The period is not over: its one choice is not judged yet."),
        ("not_mature", "The one choice could not be judged."),
    ],
)
def test_a_single_choice_that_cannot_be_judged_is_told_in_the_singular(reason, said):
    waiting = [replace(RESULTS[2], verdict=Verdict("too little evidence", None, reason))]
    assert sentences.owner(view(), waiting) == sentences.team(view(), waiting) == said


@pytest.mark.parametrize("reason", ["not_measured", "n_too_small"])
def test_when_nothing_could_be_measured_that_is_the_finding_of_every_page(reason):
    """Whether the table was missing or had no row for anybody."""
    none = Verdict("too little evidence", None, reason)
    gone = "no surveys" if reason == "not_measured" else ""
    empty = [
        replace(r, verdict=none, estimate=Estimate(), unmeasured=gone, signal=Signal())
        for r in RESULTS
        if r.stance
    ]
    at = with_results(*empty, *[replace(r, estimate=Estimate()) for r in RESULTS if not r.stance])
    said = "Nothing could be measured in this period: none of 6 choices is judged."
    packet = executive_packet(at)
    assert packet.sentence == packet.map_sentence == packet.exceptions_sentence == said
    assert sentences.experience(at) == "No promised experience was measured in this period."
    assert sentences.owner(at, empty) == sentences.team(at, empty) == said
    assert owner_scorecard(at, ADA).sentence == said.replace("6", "3")
    alone = "Nothing could be measured in this period: the one choice is not judged."
    assert sentences.owner(at, empty[:1]) == sentences.team(at, empty[:1]) == alone
    at = with_results(*empty)  # and what nobody took a choice on was measured
    said = "None of 6 choices could be measured in this period, so none is judged."
    assert executive_packet(at).sentence == sentences.team(at, empty) == said
    alone = "The one choice could not be measured in this period, so it is not judged."
    assert sentences.owner(at, empty[:1]) == sentences.team(at, empty[:1]) == alone


def test_where_no_experience_was_promised_that_is_said_and_nothing_of_measuring():
    families = ("experience", "service")
    promised = [s for s in STANCES if METRICS[s.metric].family not in families]
    asked = [r for r in RESULTS if METRICS[r.metric].family in families and r.tier != "gold"]
    one_tier = {(r.metric, r.tier): replace(r, estimate=Estimate(), stance="") for r in asked}
    at = view(results=restanced(*promised).data.results | one_tier, stances=witnessed(*promised))
    assert sentences.experience(at) == "No experience was promised in this period."


def test_two_choices_that_went_alike_are_both():
    kept = restanced(*[s for s in STANCES if s.key in ("csat/gold", "kept/gold")])
    assert sentences.main(kept) == "We delivered both strengths."
    results = [kept.result(metric, "gold") for metric in ("csat", "kept")]
    assert sentences.owner(kept, results) == "Both choices went as chosen."
    assert executive_packet(kept).evidence.sentence == "3,000 rows in 2 tables decide both choices."


def test_undecided_choices_are_counted_when_no_other_was_missed():
    undecided = Verdict("too little evidence", "straddle", "straddles_limit")
    at = restanced(*[s for s in STANCES if s.metric == "csat"])
    results = dict(at.data.results) | {("csat", "gold"): replace(RESULTS[2], verdict=undecided)}
    assert sentences.stance_map(replace(at, data=replace(at.data, results=results))) == (
        "Every choice with enough evidence was kept; 1 choice waits for evidence."
    )


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (
            [Account("gold", 5, 0, 0, 0, 0, 0, 0, 5)],
            "No customer came and none left: there are 5 as before.",
        ),
        ([Account("gold", 5, 1, 0, 0, 0, 0, 0, 6)], "1 customer came and none left: 5 became 6."),
        ([Account("gold", 5, 0, 0, 0, 0, 1, 0, 4)], "No customer came and 1 left: 5 became 4."),
        (
            [Account("gold", 5, 1, 1, 0, 0, 2, 0, 5)],
            "2 customers came and 2 left: there are 5 as before.",
        ),
    ],
)
def test_coming_and_going_is_told_grammatically(counts, said):
    assert sentences.retention(view(counts=counts)) == said


def test_customers_who_cost_more_than_they_bring_are_told_plainly():
    earned = {"all": Earned("all", 10, 100.0, 0, 300.0, 0, 0, 9)}
    assert sentences.margin(view(earned=earned)) == "Customers cost €200 more than they brought in."


def test_shares_of_margin_name_those_who_took_some_away_and_the_rest():
    earned = {
        "gold": Earned("gold", 10, 900.0, 0, 0, 0, 0, 0),
        "bronze": Earned("bronze", 10, 0.0, 0, 100.0, 0, 0, 10),
        "all": Earned("all", 21, 1100.0, 0, 100.0, 0, 0, 10),
    }
    assert spaced(sentences.margin(view(earned=earned))) == (
        "Customer margin was €1,000: Gold brought 90 % and others 20 %; Bronze took 10 % away. "
        "48 % of customers cost more than they brought in."
    )


def test_metrics_that_begin_alike_keep_what_tells_them_apart():
    again = replace(CSAT, name="first_half", label="First reply, half within")
    stances = (*STANCES, chosen("first_half/gold", "strength", 0.5))
    at = view(metrics=dict(METRICS) | {"first_half": again}, stances=witnessed(*stances))
    assert at.subject("reply") == "first reply (9 of 10 within)"
    assert at.subject("first_half") == "first reply (half within)"
    assert view().subject("reply") == "first reply"
    assert view().subject("gone") == "gone"


def test_cells_of_one_metric_are_named_together():
    at = view()
    keys = ["reply/gold", "csat/gold", "reply/bronze"]
    assert at.keys_named(keys) == "Gold and Bronze first reply and Gold satisfied"
    cells = [("reply", "gold"), ("csat", "gold"), ("csat", "bronze")]
    assert at.named(cells, 1) == "Gold first reply and 2 more"


def test_sentences_shrink_until_they_fit_a_title():
    long = "x" * LONGEST
    assert fitted(lambda most: long + "!" * most, 3) == long
    assert fitted(lambda most: "ok" * most, 3) == "okokok"
    assert fitted(lambda most: long + "!!", 3) == long + "!!"


def test_the_small_rules_of_grammar():
    assert [listed(x) for x in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert [plural(n, "customer") for n in (0, 1, 2)] == ["customers", "customer", "customers"]
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 112)] == [
        "1st",
        "2nd",
        "3rd",
        "4th",
        "11th",
        "12th",
        "13th",
        "21st",
        "112th",
    ]


def test_names_are_shortened_only_where_that_is_how_names_work():
    assert short("Daniel Osei") == "D. Osei"
    assert short("Łucja Weiß-Łukasik") == "Ł. Weiß-Łukasik"
    assert short("山田 太郎") == "山田 太郎"
    assert short("Prince") == "Prince"
    assert short("no owner (ghost)") == "no owner (ghost)"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Kite Rail", "Kite Rail"),
        ("  Kite \n Rail ", "Kite Rail"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
        ("a" * 30 + " " + "b" * 29, "a" * 30 + " " + "b" * 29),
        ("a" * 30 + " " + "b" * 30, "a" * 30 + "…"),
        ("a" * 30 + " " + "b" * 28 + " c", "a" * 30 + " " + "b" * 28 + "…"),
        ("a" * 58 + ", and Sons", "a" * 58 + "…"),
        ("ab " + "x" * 70, "ab " + "x" * 56 + "…"),
    ],
)
def test_a_long_name_is_cut_after_a_word(name, shown):
    assert shortened(name) == shown
    assert len(shown) <= 60
