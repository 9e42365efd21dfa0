"""The setting of an owner's page is told before it is laid out, and is the one that fits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sample_documents import IMPRINT, OWNER
from sample_variants import crowded_owner, on_letter

from scorecard.answering.model import Question
from scorecard.documents.asked_model import AnsweredLine, CommitmentLine, QuestionLine
from scorecard.printing.kinds import expected_of
from scorecard.printing.owner_height import settings_to_try
from scorecard.printing.page_layout import OWNER_SETTINGS, owner_grid
from scorecard.printing.pdf_text import read
from scorecard.printing.readback import problems_of
from scorecard.printing.renderer import Renderer
from scorecard.printing.typesetting import SANS, Type, ended, lines, width

SHIPPED = Path(__file__).parents[1] / "templates"
ANSWER = (
    "Two of five night-shift posts were vacant because the September intake slipped three weeks; both "
    "start on 9 November. The 37 customers over 12 h were called by me."
)


def answered(page, questions, commitments):
    """The page with so many questions, of which every third was not answered, and commitments."""
    asked = []
    for n in range(1, questions + 1):
        put = Question(
            f"q{n}",
            "2026-10",
            page.owner,
            n,
            "not delivered, routine",
            "service",
            "first_reply_p90/gold",
            "The process gives 5.8 h; we promised 4 h or less. Which part of the design changes, or do "
            "we stop promising it?",
            "First human reply, p90 · Gold",
            "5.8 h",
            "Exceptions",
        )
        line = QuestionLine(put, "strength", "below", "not delivered")
        silent = "No answer by 13 Nov 2026 18:00 Europe/London"
        said = "Mikael Lindqvist, 12 Nov 2026 16:20 Europe/London"
        asked.append(AnsweredLine(line, "" if n % 3 == 0 else ANSWER, said if n % 3 else silent))
    made = tuple(
        CommitmentLine(
            n,
            "bring Gold first reply to 4 h or less, by a second shift",
            "Gold first human reply",
            "4 Aug 2026",
            "December 2026",
            "open" if n % 2 else "kept, and it moved: 3.9 h",
        )
        for n in range(1, commitments + 1)
    )
    record = (
        "Last 4 periods: 2 kept, and it moved; 1 broken. Counts, never a grade." if made else ""
    )
    return replace(page, asked=tuple(asked), commitments=made, record=record)


A4 = {
    "few stances": OWNER,
    "few stances, two questions": answered(OWNER, 2, 3),
    "three and three, one question": answered(crowded_owner(3, 3), 1, 0),
    "two and two": crowded_owner(2, 2),
    "three and three": crowded_owner(3, 3),
    "four and four": crowded_owner(4, 4),
    "five and four": crowded_owner(5, 4),
    "nine strengths": crowded_owner(9, 0),
    "eight weaknesses": crowded_owner(1, 8),
}
PAGES = A4 | {f"{name} on letter": on_letter(page) for name, page in A4.items()}
TEN = Type(SANS, 10, 12)


class Counting(Renderer):
    """Notes the densities in which a page was laid out, and how many pages that gave."""

    def __init__(self, own: Path | None = None) -> None:
        super().__init__(own, SHIPPED)
        self.tried: list[tuple[float, int]] = []

    def _lay_out(self, name, **context):
        laid_out = super()._lay_out(name, **context)
        self.tried.append((context["grid"].tight, len(laid_out.pages)))
        return laid_out

    def pages(self, document, density: int) -> int:
        grid = owner_grid(document, density)
        return len(super()._lay_out("owner", doc=document, imprint=IMPRINT, grid=grid).pages)


@pytest.fixture
def renderer():
    return Counting()


@pytest.mark.parametrize("name", PAGES)
def test_the_most_comfortable_setting_that_fits_is_found(renderer, name):
    renderer.render(PAGES[name], IMPRINT, {})
    (*failed, (tight, count)) = renderer.tried
    density = round(tight * (OWNER_SETTINGS - 1))
    assert count == 1
    assert len(failed) <= 1  # and mostly none: see below
    if density and not failed:
        assert renderer.pages(PAGES[name], density - 1) == 2


def test_questions_that_find_no_room_stand_on_the_back_of_the_sheet(renderer):
    crowded = answered(crowded_owner(5, 4), 6, 5)
    pdf = renderer.render(crowded, IMPRINT, {})
    assert renderer.tried[-1][1] == 2
    front, back = read(pdf).pages
    assert "Questions that were asked" in back and "Questions that were asked" not in front
    assert problems_of(read(pdf), expected_of(crowded)) == []


def test_nearly_every_page_is_laid_out_once(renderer):
    for page in PAGES.values():
        renderer.render(page, IMPRINT, {})
    assert len(renderer.tried) <= len(PAGES) + 2


def test_of_a_projects_own_templates_nothing_is_known_beforehand(tmp_path):
    (tmp_path / "owner.css").write_text((SHIPPED / "owner.css").read_text() + "h1 { color: #000 }")
    own = Counting(tmp_path)
    own.render(crowded_owner(5, 4), IMPRINT, {})
    assert [count for _, count in own.tried] == [1, 2]
    (tmp_path / "owner.css").write_text((SHIPPED / "owner.css").read_text())
    same = Counting(tmp_path)
    same.render(crowded_owner(5, 4), IMPRINT, {})
    assert [count for _, count in same.tried] == [1]


def test_what_cannot_fit_is_tried_in_the_tightest_setting_only(renderer):
    assert settings_to_try(crowded_owner(20, 20)) == range(OWNER_SETTINGS - 1, OWNER_SETTINGS)


def test_words_fill_lines():
    word = width("word", TEN)
    assert lines("", TEN, 100) == 0
    assert lines("word", TEN, word) == 1
    assert lines("word word", TEN, 1.5 * word) == 2
    assert lines("word-word", TEN, 1.5 * word) == 2  # broken after the hyphen
    assert lines("word\u00a0word word", TEN, 2.5 * word) == 2
    assert lines("word word", TEN, 2.5 * word, begin=word) == 2


def test_a_line_may_break_between_ideographs():
    assert width("山", TEN) == pytest.approx(10, rel=0.01)
    assert lines("株式会社山田精機", TEN, 41) == 2


def test_the_last_short_words_stay_together():
    assert ended("paid for by the longest of all") == "paid for by the longest\u00a0of\u00a0all"
