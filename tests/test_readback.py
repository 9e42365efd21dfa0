from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfWriter
from sample_documents import IMPRINT, OWNER, PACKET
from sample_team import TEAM
from weasyprint import HTML

from scorecard.printing.expected_content import ExpectedContent
from scorecard.printing.kinds import expected_of
from scorecard.printing.palette import lint_palette, palette
from scorecard.printing.readback import read_back
from scorecard.printing.renderer import Renderer


def pdf(body: str, style: str = "") -> bytes:
    return HTML(string=f"<html lang=en><style>{style}</style><body>{body}").write_pdf()


RENDERER = Renderer(None, Path(__file__).parents[1] / "templates")


@pytest.fixture(scope="module")
def owner():
    return RENDERER.render(OWNER, IMPRINT, {})


def test_a_sound_page_has_no_problems(owner):
    assert read_back(owner, expected_of(OWNER, ["Daniel Osei", "Team South"])) == []


def test_a_text_that_is_not_printed_is_a_problem(owner):
    problems = read_back(owner, ExpectedContent(1, 1, ("Recommend us",)))
    assert problems == ['"Recommend us" is expected and not printed']


def test_the_name_of_another_owner_is_a_problem(owner):
    problems = read_back(owner, ExpectedContent(1, 1, (), ("Mikael Lindqvist", "Daniel Osei")))
    assert problems == ['"Mikael Lindqvist" is printed and does not belong here']


def test_a_name_inside_another_word_is_not_that_name():
    page = pdf("<p>The Annual report of Hannover")
    assert read_back(page, ExpectedContent(1, 1, (), ("Ann", "Hanno"))) == []


def test_a_name_broken_over_two_lines_is_still_that_name():
    page = pdf("<p>Mikael<br>Lindqvist and others")
    assert read_back(page, ExpectedContent(1, 1, ("Mikael Lindqvist",))) == []
    assert len(read_back(page, ExpectedContent(1, 1, (), ("Mikael Lindqvist",)))) == 1


def test_a_name_without_spaces_between_words_is_found(owner):
    name = "株式会社山田精機"
    assert read_back(owner, ExpectedContent(1, 1, (name,))) == []
    assert len(read_back(owner, ExpectedContent(1, 1, (), (name,)))) == 1


def test_a_text_may_be_expected_on_each_page():
    two = pdf("<p>one, provisional</p><p style='break-before: page'>two")
    assert read_back(two, ExpectedContent(2, 2, (), on_each=("one", "provisional"))) == [
        '"one" is expected and not printed on page 2',
        '"provisional" is expected and not printed on page 2',
    ]


def test_a_foreign_name_may_stand_inside_of_the_documents_own_texts():
    """A team is called Service, and so begins a metric; Ann is not Ann Lee."""
    page = pdf("<p>Service<br>cost: 3 %. Ann Lee. 株式会社山田精機 東京")
    foreign = ("Service", "Ann", "山田精機")
    assert len(read_back(page, ExpectedContent(1, 1, (), foreign))) == 3
    own = ("Service cost", "Ann Lee", "株式会社山田精機")
    assert read_back(page, ExpectedContent(1, 1, (), foreign, own)) == []
    again = pdf("<p>Service cost: 3 %. Asked by Service.")
    assert read_back(again, ExpectedContent(1, 1, (), foreign, own)) == [
        '"Service" is printed and does not belong here'
    ]


def test_whom_a_page_allows_is_no_stranger_to_it(owner):
    everyone = ["Mikael Lindqvist", "Daniel Osei", "Team North"]
    assert read_back(owner, expected_of(OWNER, everyone)) == []
    standing_in = replace(OWNER, standing="Since 1 Nov 2026 answered by Daniel Osei (deputy)")
    printed = RENDERER.render(standing_in, IMPRINT, {})
    assert read_back(printed, expected_of(standing_in, everyone)) == [
        '"Daniel Osei" is printed and does not belong here'
    ]
    allowed = replace(standing_in, allowed=("Mikael Lindqvist", "Daniel Osei"))
    assert read_back(printed, expected_of(allowed, everyone)) == []


def test_a_review_with_another_teams_person_is_a_problem():
    leaky = replace(TEAM, standing=(*TEAM.standing, "Daniel Osei stands in."))
    printed = RENDERER.render(leaky, IMPRINT, {})
    assert read_back(printed, expected_of(leaky, ["Daniel Osei", "Jon Tanaka", "Team South"])) == [
        '"Daniel Osei" is printed and does not belong here'
    ]


def test_a_review_expects_its_people_stances_customers_and_changes():
    expected = expected_of(TEAM)
    assert {
        "Team North",
        "Mikael Lindqvist",
        "Head of portal and knowledge",
        "First human reply, p90",
        "not delivered",
        "214 of 1,930",
        "€4,812",
        *TEAM.changes,
        *TEAM.standing,
    } <= set(expected.texts)
    assert (expected.least_pages, expected.most_pages) == (1, 6)


def test_a_wrong_number_of_pages_is_a_problem():
    two = pdf("<p>one</p><p style='break-before: page'>two")
    assert read_back(two, ExpectedContent(1, 1, ())) == ["2 pages instead of 1"]
    assert read_back(two, ExpectedContent(3, 12, ())) == ["2 pages instead of 3 to 12"]


def test_a_page_with_only_its_running_head_is_blank():
    style = "@page { @top-left { content: 'Northwind' } @bottom-right { content: counter(page) } }"
    page = pdf("<p>one</p><p style='break-before: page'></p>", style)
    assert read_back(page, ExpectedContent(2, 2, ())) == ["page 2 is blank"]


def test_what_is_not_a_pdf_is_a_problem():
    (problem,) = read_back(b"<html>", ExpectedContent(1, 1, ()))
    assert problem.startswith("the file cannot be read as a PDF")


def test_a_packet_expects_its_tiers_metrics_and_owners():
    texts = expected_of(PACKET).texts
    assert {"Platinum", "Promises kept", "Mikael Lindqvist", "M. Lindqvist"} <= set(texts)
    assert "" not in texts


def test_the_palette_is_what_is_painted():
    page = pdf("<p style='color: #0072b2; border: 1px solid #666'>x")
    assert {(0.0, 0.447, 0.698), (0.4, 0.4, 0.4)} <= palette(page)
    assert lint_palette(page) == []


@pytest.mark.parametrize("colour", ["#d7191c", "#fdae61", "#1a9641", "#663399"])
def test_a_colour_that_is_neither_grey_nor_blue_is_found(colour):
    page = pdf(f"<p style='color: {colour}'>x")
    assert lint_palette(page) == [f"colour {colour} is neither grey nor blue"]


def test_a_colour_inside_a_drawing_is_found():
    svg = "<svg width=9 height=9><g opacity='.5'><rect width=9 height=9 fill='#d00000'/></g></svg>"
    assert lint_palette(pdf(svg)) == ["colour #d00000 is neither grey nor blue"]


def test_a_gradient_cannot_be_judged():
    page = pdf("<p style='background: linear-gradient(#000, #fff)'>x")
    (problem,) = lint_palette(page)
    assert "cannot be told" in problem


def test_an_empty_page_has_no_colours():
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    out = BytesIO()
    writer.write(out)
    assert palette(out.getvalue()) == set()


@pytest.mark.parametrize(
    "name",
    [
        "Co\u200bral Print",
        "شرکت نفت\u200cگاز",
        "क्\u200dष Mills",
        "\ufeffAm\u200eber",
        "שלום 7 עולם",
    ],
)
def test_letters_that_are_not_seen_do_not_stop_a_document(name):
    """A PDF has not got them, and has Arabic words among others in an order of its own."""
    page = pdf(f"<p>Harmed: {name}; Basil Foods", "p {font-family: sans-serif}")
    assert read_back(page, ExpectedContent(1, 1, (name, f"{name}; Basil"))) == []
    assert len(read_back(page, ExpectedContent(1, 1, (f"{name} Overseas",)))) == 1
