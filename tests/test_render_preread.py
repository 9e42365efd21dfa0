"""Pre-reads as pages: who is asked something reads until when, and who is not reads that."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sample_documents import IMPRINT
from sample_material import Estimate, result, with_results

from scorecard.documents.preread import pre_reads
from scorecard.documents.report_data import Answering
from scorecard.documents.summary import questions_summary
from scorecard.printing.kinds import expected_of
from scorecard.printing.readback import read_back, text_of
from scorecard.printing.renderer import Renderer

RENDERER = Renderer(None, Path(__file__).parents[1] / "templates")
DEADLINE = datetime(2026, 11, 19, 18, tzinfo=UTC)
SAID = "19 Nov 2026 18:00 Europe/London"


@pytest.fixture(scope="module")
def pages():
    """Ada is asked nothing, since Gold is answered within its 4 h; Bea is asked twice."""
    seen = with_results(result("reply/gold", Estimate(3.5, 3.2, 3.8, 1204, 600), "within"))
    data = replace(seen.data, answering=Answering(answer_by=DEADLINE))
    return dict(pre_reads(replace(seen, data=data)))


@pytest.mark.parametrize(("owner", "asked"), [("ada", 0), ("bea", 2)])
def test_a_deadline_is_printed_where_there_is_something_to_answer(pages, owner, asked):
    page = pages[owner]
    assert (len(page.questions), page.answer_by) == (asked, SAID)
    drawn = RENDERER.render(page, IMPRINT, {})
    assert read_back(drawn, expected_of(page, ["Nobody Else"])) == []
    text = " ".join(text_of(drawn).split())
    assert (f"answers until {SAID}" in text) == bool(asked)
    assert ("Nothing that the figures show has to be asked about." in text) == (not asked)


def test_the_mail_lists_each_question_after_what_raised_it(pages):
    table = questions_summary(pages["bea"])
    assert (table.caption, table.columns) == (
        f"To be answered by {SAID}",
        ("Raised by", "Figure", "Question"),
    )
    asked = [line.question for line in pages["bea"].questions]
    assert table.rows == tuple((f"{q.number}. {q.raised_by}", q.figure, q.text) for q in asked)
    assert table.rows[0][0] == "1. First reply, 9 of 10 within · Bronze"
    assert questions_summary(pages["ada"]) is None
