"""What a later edition says of the one that it replaces: by hand, and through the ledger."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sample_choices import chosen, witnessed
from sample_material import ADA, RESULTS, STANCES, result, spaced, view, with_results
from test_ledger import NOW, claim

from scorecard.definitions.results import Estimate
from scorecard.documents.kinds import read_document
from scorecard.documents.owner import owner_scorecard
from scorecard.documents.packet import executive_packet
from scorecard.documents.restated import MOST, as_printed, restated
from scorecard.documents.team import team_review
from scorecard.printing.kinds import expected_of
from scorecard.printing.publish import freeze

WHY = "Credit notes were missing."
HEAD = f"This replaces edition 1, because: {WHY}"
MENDED = result("reply/gold", Estimate(3.2, 3.0, 3.5, 1204, 600), "within")
"""Gold was answered in 3.2 hours and not in 5.8."""
MADE = {
    "owner-scorecard": lambda at: owner_scorecard(at, ADA),
    "team-review": lambda at: team_review(at, at.data.strategy.teams[0]),
    "executive-packet": executive_packet,
}


@pytest.mark.parametrize("kind", MADE)
def test_each_choice_that_is_told_otherwise_is_named_with_both_figures(kind):
    before, now = MADE[kind](view()), MADE[kind](with_results(MENDED))
    assert [*map(spaced, restated(before, 1, now, WHY))] == [
        HEAD,
        "First reply, 9 of 10 within · Gold: previously 5.8 hours, not delivered; now 3.2 hours, "
        "delivered.",
    ]


def test_limits_and_owners_that_are_others_are_named_too():
    eased = (chosen("csat/gold", "strength", 0.75, owner="bea"), *STANCES[1:])
    before, now = executive_packet(view()), executive_packet(view(stances=witnessed(*eased)))
    assert [*map(spaced, restated(before, 3, now, WHY))][1:] == [
        "Satisfied, 4 or 5 of 5 (CSAT) · Gold: previously promised: 80 % or more; now promised: "
        "75 % or more.",
        "Satisfied, 4 or 5 of 5 (CSAT): previously A. Lindqvist; now B. Tsukada, A. Lindqvist.",
    ]


def test_a_document_without_any_such_choice_says_that():
    page = owner_scorecard(view(), ADA)
    other = replace(page, purpose="Something else.")
    assert restated(page, 2, other, WHY) == (
        "This replaces edition 2, because: Credit notes were missing.",
        "No choice is told otherwise than in that edition.",
    )


def test_what_finds_no_room_is_counted():
    """Ada's page has five choices; of all of them every figure was other, and four are named."""
    others = [replace(r, estimate=replace(r.estimate, value=r.estimate.value / 2)) for r in RESULTS]
    before, now = executive_packet(view()), executive_packet(with_results(*others))
    lines = restated(before, 1, now, WHY)
    count = len({(line.partition(":")[0]) for line in lines[1:]})
    assert count == len(lines) - 1 <= MOST["executive-packet"] + 1
    before, now = (owner_scorecard(at, ADA) for at in (view(), with_results(*others)))
    held = len(now.stances)
    lines = restated(before, 1, now, WHY)
    assert len(lines) == 1 + min(held, MOST["owner-scorecard"]) + (held > MOST["owner-scorecard"])


@pytest.mark.parametrize("kind", MADE)
def test_the_lines_are_printed_whatever_the_template_is_and_looked_for(kind):
    document = replace(MADE[kind](view()), restated=(HEAD,))
    printed = as_printed(document)
    where = printed.evidence.changes if kind == "executive-packet" else printed.notes
    assert where[0] == HEAD
    assert HEAD in expected_of(document).texts
    assert as_printed(MADE[kind](view())) == MADE[kind](view())


def test_the_same_content_is_the_same_edition_with_or_without_a_reason(ledger):
    """Made three times: issued, corrected, and made again of the corrected facts."""

    def made(inputs, reason, *results):
        run = claim(ledger, inputs=inputs)
        page = owner_scorecard(with_results(*results), ADA)
        (edition,) = freeze([("owner-scorecard", "ada", page)], ledger, run, lambda: NOW, reason)
        ledger.advance(run, "composed", NOW, editions=[edition.id])
        ledger.advance(run, "done", NOW)
        whole = ledger.edition(edition.id)
        return edition.number, read_document("owner-scorecard", whole.content).restated

    assert made("one", "") == (1, ())
    number, lines = made("two", WHY, MENDED)
    assert (number, lines[0], len(lines)) == (2, HEAD, 2)
    assert made("three", "", MENDED) == (2, lines)
    assert made("four", "Another reason.", MENDED) == (2, lines)
    number, lines = made("five", "It was right.")
    assert (number, lines[0]) == (3, "This replaces edition 2, because: It was right.")
    assert "previously 3.2 hours, delivered; now 5.8 hours" in spaced(lines[1])
