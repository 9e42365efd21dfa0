"""What one document says otherwise than another, and the packet's page on it: by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_choices import chosen, earlier, witnessed
from sample_documents import OWNER, PACKET
from sample_material import MATERIAL, OCTOBER, STANCES, result, spaced, view, with_results
from sample_team import TEAM

from scorecard.base.periods import Period
from scorecard.definitions.results import Estimate
from scorecard.documents.differences import Difference, differences
from scorecard.documents.owner import owner_scorecard
from scorecard.documents.packet import executive_packet
from scorecard.documents.report_data import LastPacket
from scorecard.documents.said import said_in
from scorecard.documents.since import MOST_CHOICES, MOST_TURNED, printed_on
from scorecard.documents.team import team_review

SEPTEMBER = OCTOBER.previous()
THEN = (
    result("reply/gold", Estimate(3.2, 3.0, 3.5, 1100, 580), "within"),
    result("csat/bronze", Estimate(0.66, 0.4, 0.85, 9, 9), None, "n_too_small"),
    result("kept/gold", Estimate(0.925, None, None, 40, 40), "within"),
    result("kept/bronze", Estimate(0.72, None, None, 2000, 2000), "within"),
)
"""What was otherwise in September: Gold was answered in time, of Bronze too few had answered."""
NOW = result("kept/gold", Estimate(0.9, 0.86, 0.93, 40, 40), "straddle", "straddles_limit")
EASED = (chosen("csat/gold", "strength", 0.75), *STANCES[1:])
"""In September 75 % of Gold were promised to be satisfied, and not 80 %."""


def september(*stances):
    found = with_results(*THEN, stances=witnessed(*(stances or STANCES)), period=SEPTEMBER)
    results = list(found.data.results.values())
    return LastPacket(SEPTEMBER, 2, executive_packet(found), results)


def october(last, **more):
    return executive_packet(with_results(NOW, last=last, **more))


def told(found: list[Difference]) -> list[tuple[str, ...]]:
    return [(d.kind, d.choice, spaced(d.before), spaced(d.now)) for d in found]


def test_a_document_says_the_same_of_a_choice_on_each_page_and_in_each_kind():
    packet, page = said_in(executive_packet(view())), None
    for owner in view().holders:
        page = said_in(owner_scorecard(view(), owner))
        for key, said in page.items():
            assert (said.mark, said.verdict, said.figure, said.limits) == (
                packet[key].mark,
                packet[key].verdict,
                packet[key].figure,
                packet[key].limits,
            )
            assert said.owner == view().owner_name(owner.id)
    review = said_in(team_review(view(), view().data.strategy.teams[0]))
    assert review.keys() == {tuple(s.key.split("/")) for s in STANCES}


@pytest.mark.parametrize("document", [PACKET, OWNER, TEAM])
def test_a_document_does_not_differ_from_itself(document):
    assert said_in(document)
    assert differences(document, document) == []


def test_each_difference_is_told_once_verdicts_first_and_figures_last():
    last = september(*EASED)
    assert told(differences(last.document, october(None))) == [
        ("verdict", "First reply, 9 of 10 within · Gold", "delivered", "not delivered"),
        ("verdict", "Satisfied, 4 or 5 of 5 (CSAT) · Bronze", "too little evidence", "as accepted"),
        ("verdict", "Customers kept, 12 months · Gold", "delivered", "too little evidence"),
        ("verdict", "Customers kept, 12 months · Bronze", "as accepted", "beyond acceptance"),
        (
            "limits",
            "Satisfied, 4 or 5 of 5 (CSAT) · Gold",
            "promised: 75 % or more",
            "promised: 80 % or more",
        ),
        ("figure", "First reply, 9 of 10 within · Gold", "3.2 hours", "5.8 hours"),
        ("figure", "Customers kept, 12 months · Gold", "92.5 %", "90.0 %"),
        ("figure", "Customers kept, 12 months · Bronze", "72.0 %", "69.96 %"),
    ]


def test_another_owner_a_choice_that_ended_and_a_metric_that_went_are_told():
    handed = (*STANCES[:2], replace(STANCES[2], owner="bea"), *STANCES[3:5])  # kept/bronze ended
    held = {k: r for k, r in MATERIAL.results.items() if k != ("kept", "bronze")}
    held["kept", "bronze"] = replace(MATERIAL.results["kept", "bronze"], verdict=None, stance="")
    now = executive_packet(view(stances=witnessed(*handed), results=held))
    assert told(differences(executive_packet(view()), now))[:3] == [
        ("verdict", "Customers kept, 12 months · Bronze", "beyond acceptance", "no stance"),
        ("stance", "Customers kept, 12 months · Bronze", "weakness", "no stance"),
        ("owner", "First reply, 9 of 10 within", "A. Lindqvist, B. Tsukada", "B. Tsukada"),
    ]
    sections = tuple(s for s in now.sections if s.title != "What customers did")
    gone = differences(now, replace(now, sections=sections, retention=None))
    assert told(gone) == [
        ("removed", "Customers kept, 12 months · Gold", "92.5 %, delivered", ""),
        ("removed", "Customers kept, 12 months · Bronze", "70.0 %", ""),
    ]
    assert [d.kind for d in differences(replace(now, sections=sections, retention=None), now)] == [
        "added",
        "added",
    ]


def test_limits_that_an_older_version_did_not_keep_are_not_said_to_have_changed():
    def bare(document):
        sections = tuple(
            replace(s, rows=tuple(replace(r, cells=tuple(map(_bare, r.cells))) for r in s.rows))
            for s in document.sections
        )
        return replace(document, sections=sections)

    packet = executive_packet(view())
    assert differences(bare(packet), packet) == differences(packet, bare(packet)) == []


def _bare(cell):
    return replace(cell, limits="")


@given(st.permutations([NOW, *THEN]), st.integers(0, 5))
def test_differences_turn_round_with_the_documents(results, count):
    one, other = (executive_packet(with_results(*some)) for some in (results[:count], ()))
    there, back = differences(one, other), differences(other, one)
    assert {(d.kind, d.choice, d.before, d.now) for d in there} == {
        (d.kind, d.choice, d.now, d.before) for d in back
    }


# The packet's page


def test_a_first_packet_says_that_it_is_the_first_and_has_no_page():
    page = october(None).since
    assert page.sentence == "This is the first packet: there is none before October 2026."
    assert (page.than, printed_on(page)) == ("", ("", "", ""))


def test_a_span_has_no_packet_before():
    span = Period.parse("2026-05/2026-10", "Europe/London")
    assert executive_packet(view(period=span)).since is None


def test_verdicts_that_changed_are_told_in_the_order_of_the_map_with_both_figures():
    page = october(september()).since
    assert page.sentence == (
        "Since the packet of September 2026, 3 verdicts changed and 1 choice lost its verdict."
    )
    assert page.than == "September 2026, edition 2"
    rows = [(t.tier, t.before, spaced(t.figure_before), t.now, t.loud) for t in page.verdicts]
    assert rows == [
        ("Gold", "delivered", "3.2 hours", "not delivered", True),
        ("Bronze", "too little evidence", "66 %", "as accepted", False),
        ("Bronze", "as accepted", "72.0 %", "beyond acceptance", True),
    ]
    assert [(t.choice, t.tier, t.now) for t in page.lost] == [
        ("Customers kept, 12 months", "Gold", "too little evidence")
    ]
    assert (page.choices, page.restated, page.more) == ((), (), ("", "", ""))


def test_what_was_chosen_otherwise_is_told_and_not_as_a_verdict_besides():
    relabelled = (chosen("csat/gold", "weakness", 0.8), *STANCES[1:])
    page = october(september(*relabelled)).since
    assert [*map(spaced, page.choices)] == ["Gold satisfied: a strength, before that a weakness."]
    assert all((t.choice, t.tier) != ("Satisfied", "Gold") for t in (*page.verdicts, *page.lost))
    page = october(september(*EASED)).since
    assert [*map(spaced, page.choices)] == [
        "Gold satisfied: promised 80 % or more, before that 75 % or more."
    ]
    assert page.sentence.endswith("1 choice lost its verdict and 1 choice was altered.")


def test_a_figure_of_the_period_before_that_is_another_one_now_is_told():
    """Of Bronze 72 % were printed as kept, and 69 % are known now; Gold's is as it was, and what
    another definition says restates nothing."""
    points = earlier(0.69, last=SEPTEMBER.next(), words="beyond acceptance")
    histories = {
        ("kept", "v1", "bronze"): points,
        ("kept", "v1", "gold"): earlier(0.925, last=SEPTEMBER.next(), words="delivered"),
        ("csat", "v2", "bronze"): earlier(0.1, last=SEPTEMBER.next()),
    }
    assert points[-1].period == "2026-09"
    page = october(september(), histories=histories).since
    assert [*map(spaced, page.restated)] == [
        "Bronze customers kept: previously 72.0 %, now 69.0 %, as accepted then and beyond "
        "acceptance now."
    ]
    assert page.sentence.endswith(" and 1 figure was restated.")


def test_nothing_that_changed_is_said_as_that():
    last = LastPacket(SEPTEMBER, 1, executive_packet(view()), ())
    page = executive_packet(view(last=last)).since
    assert page.sentence == ("No verdict and no choice changed since the packet of September 2026.")
    assert (page.verdicts, page.lost, page.choices, page.restated) == ((), (), (), ())


def test_a_page_has_as_many_rows_as_fit_it_and_counts_the_others():
    """Fourteen verdicts in seven tiers' places: eleven are told, three are counted."""
    tiers = tuple(f"t{n}" for n in range(14))
    before, now = executive_packet(view()), executive_packet(view())
    row = before.sections[0].rows[0]

    def many(document, words):
        cells = tuple(
            replace(row.cells[0], tier=t, words=words, text="1", mark="strength") for t in tiers
        )
        section = replace(document.sections[0], rows=(replace(row, cells=cells),))
        return replace(document, sections=(section,), retention=None, experience=None)

    from scorecard.documents.since import since

    last = LastPacket(SEPTEMBER, 1, many(before, "delivered"), ())
    page = since(view(last=last), many(now, "not delivered"))
    assert (len(page.verdicts), page.lost, page.more[0]) == (
        MOST_TURNED,
        (),
        "And 3 more; the stance map has them.",
    )
    assert MOST_TURNED == 11 and MOST_CHOICES == 5
