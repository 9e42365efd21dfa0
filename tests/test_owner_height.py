"""The setting of an owner's page is told before it is laid out, and is the one that fits."""

from __future__ import annotations

from pathlib import Path

import pytest
from sample_documents import IMPRINT, OWNER
from sample_variants import crowded_owner, on_letter

from scorecard.printing.owner_height import settings_to_try
from scorecard.printing.page_layout import OWNER_SETTINGS, owner_grid
from scorecard.printing.renderer import Renderer
from scorecard.printing.typesetting import SANS, Type, ended, lines, width

SHIPPED = Path(__file__).parents[1] / "templates"
A4 = {
    "few stances": OWNER,
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
