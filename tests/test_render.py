from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from sample_documents import ATTACHMENTS, IMPRINT, OWNER, PACKET
from sample_variants import (
    LONG_NAME,
    crowded_owner,
    empty_tier,
    full_since,
    margin_unknown,
    on_letter,
    six_tiers,
    with_tiers,
    wordy,
    worst,
)

from scorecard.documents.packet_model import SINCE, ExecutivePacket, SincePage
from scorecard.errors import RenderError
from scorecard.printing.kinds import expected_of
from scorecard.printing.palette import lint_palette
from scorecard.printing.pdf_text import read
from scorecard.printing.readback import read_back
from scorecard.printing.renderer import Renderer

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "templates"
POINTS = {"A4": (841.89, 595.28), "Letter": (792.0, 612.0)}
VARIANTS = {
    "six tiers on letter": on_letter(six_tiers()),
    "long names and sentences": wordy(),
    "margin unknown": margin_unknown(),
    "an empty tier on letter": on_letter(empty_tier()),
}


@pytest.fixture(scope="module")
def renderer():
    return Renderer(None, SHIPPED)


@pytest.fixture(scope="module")
def packet(renderer):
    return renderer.render(PACKET, IMPRINT, ATTACHMENTS)


@pytest.fixture(scope="module")
def owner(renderer):
    return renderer.render(OWNER, IMPRINT, {})


@pytest.fixture(scope="module")
def variants(renderer):
    """The variants, each drawn at most once."""
    drawn = {}

    def of(name):
        if name not in drawn:
            drawn[name] = draw(renderer, VARIANTS[name])
        return drawn[name]

    return of


def draw(renderer, document):
    if isinstance(document, ExecutivePacket):
        return renderer.render(document, IMPRINT, {})
    return renderer.render(document, IMPRINT, {})


@lru_cache(maxsize=64)
def pages(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


def size(pdf: bytes) -> tuple[float, float]:
    box = PdfReader(BytesIO(pdf)).pages[0].mediabox
    return round(float(box.width), 2), round(float(box.height), 2)


@pytest.mark.parametrize("name", VARIANTS)
def test_every_packet_reads_back_on_at_most_twelve_pages_of_its_paper(variants, name):
    document, pdf = VARIANTS[name], variants(name)
    assert read_back(pdf, expected_of(document)) == []
    assert lint_palette(pdf) == []
    assert size(pdf) == POINTS[document.heading.paper]


@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize(("strengths", "weaknesses"), [(5, 4), (9, 0), (1, 8)])
def test_nine_stances_with_long_names_fit_one_page(renderer, strengths, weaknesses, paper):
    document = crowded_owner(strengths, weaknesses)
    document = on_letter(document) if paper == "Letter" else document
    pdf = draw(renderer, document)
    assert read_back(pdf, expected_of(document)) == []
    assert pages(pdf)[0].count(LONG_NAME) == strengths + weaknesses
    width, height = POINTS[paper]
    assert size(pdf) == (height, width)


def test_a_page_holds_a_month_in_which_every_choice_of_its_owner_was_missed(renderer):
    """Eight stances, each an exception, that names a customer as long as names are printed."""
    name = "International Society of Measuring Instruments and Balances"
    row = replace(
        OWNER.affected[0],
        which="Platinum · First human reply, 9 of 10 within",
        names=f"{name} and 1,204 more",
        how="waited longer than the limit of 4 h",
        outcome="−€18,400 (−€27,900 to −€9,100): their change since the period before, less that "
        "of others",
    )
    document = replace(crowded_owner(4, 4), affected=(row,) * 8)
    pdf = renderer.render(document, IMPRINT, {})
    assert len(pages(pdf)) == 1
    assert pages(pdf)[0].count("1,204 more") == 8


def test_an_owners_page_says_what_its_drawings_mean(owner, renderer):
    for pdf in (owner, draw(renderer, crowded_owner(5, 4))):
        (text,) = pages(pdf)
        for said in (
            "below the limit inside the limits above what we chose to pay for",
            "Solid line: the limit; dashed: where over-serving begins",
            "shaded where variation is routine",
            "“counted” is the whole tier",
        ):
            assert text.count(said) == 1
    bare = replace(OWNER, strengths=(), weaknesses=())
    assert "Solid line" not in pages(draw(renderer, bare))[0]


def test_too_much_for_one_page_is_an_error_and_never_cut(renderer):
    with pytest.raises(RenderError, match="does not fit one page with 16 stances, 4 lists"):
        renderer.render(crowded_owner(8, 8), IMPRINT, {})


def test_a_packet_of_too_many_pages_is_an_error(renderer):
    endless = replace(PACKET.margin, basis=("One more remark.",) * 600)
    many = replace(PACKET, sections=(), exceptions=(), margin=endless)
    with pytest.raises(RenderError, match="12 is the most"):
        renderer.render(many, IMPRINT, {})


@pytest.mark.parametrize(
    ("document", "bare"),
    [
        (with_tiers(2), False),
        (with_tiers(3), False),
        (worst(with_tiers(2)), False),
        (worst(PACKET), False),
        (worst(six_tiers()), True),
    ],
    ids=["2", "3", "worst of 2", "worst of 4", "worst of 6"],
)
def test_a_packet_has_twelve_pages_at_most_whatever_happened(renderer, document, bare):
    """35 exceptions and a note in every cell; if need be without what owners' pages have too,
    and then it says so."""
    pdf = renderer.render(document, IMPRINT, {})
    assert len(pages(pdf)) <= 12
    assert read_back(pdf, expected_of(document)) == []
    said = "set without charts of single choices, notes on them and names of customers"
    assert (said in " ".join(pages(pdf))) == bare


@pytest.mark.parametrize("answering", [True, False], ids=["with answers", "without"])
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_what_changed_since_the_last_packet_is_one_page_however_much_it_was(
    renderer, paper, answering
):
    document = full_since(PACKET, answering)
    document = on_letter(document) if paper == "Letter" else document
    pdf = renderer.render(document, IMPRINT, {})
    assert read_back(pdf, expected_of(document)) == []
    assert lint_palette(pdf) == []
    texts = pages(pdf)
    assert SINCE in texts[0] and texts[1].count(SINCE) == 1  # in the contents, and its title
    assert "And 5 more; the stance map has them." in texts[1]
    assert "Stance map" in texts[2]


def test_the_page_of_what_changed_is_given_up_last_and_its_sentence_stays(renderer):
    """A packet that needs all twelve pages without it, set as tightly as can be."""
    document = full_since(worst(six_tiers()))
    lines = tuple(f"surveys: finding {n} of many" for n in range(20))
    findings = (*document.evidence.findings, *lines)
    document = replace(document, evidence=replace(document.evidence, findings=findings))
    without = renderer.render(replace(document, since=None), IMPRINT, {})
    assert len(pages(without)) == 12
    pdf = renderer.render(document, IMPRINT, {})
    texts = pages(pdf)
    assert read_back(pdf, expected_of(document)) == []
    assert len(texts) == 12 and not any(SINCE in text for text in texts)
    assert document.since.sentence in texts[0]


def test_a_first_packet_says_so_on_its_first_page(renderer):
    said = "This is the first packet: there is none before October 2026."
    document = replace(PACKET, since=SincePage(said))
    texts = pages(renderer.render(document, IMPRINT, {}))
    assert said in texts[0] and SINCE not in texts[1]


def test_a_column_counts_what_expired_where_something_did(renderer, packet):
    assert "no decision" not in pages(packet)[0]
    gold = replace(PACKET.tallies[1], no_decision="3")
    tallies = (PACKET.tallies[0], gold, *PACKET.tallies[2:])
    first = pages(renderer.render(replace(PACKET, tallies=tallies), IMPRINT, {}))[0]
    assert "too little evidence no decision" in first
    assert "Gold 16 of 19 1 – 0 0 2 3 Silver 4 of 5 1 10 of 11 0 1 0 0" in first


def test_a_packet_reads_back(packet):
    assert read_back(packet, expected_of(PACKET)) == []
    assert lint_palette(packet) == []


def test_the_page_of_exceptions_says_how_many_chance_alone_makes(packet):
    assert PACKET.exceptions_chance in " ".join(" ".join(pages(packet)).split())


def test_pages_come_in_their_fixed_order_and_the_contents_know_them(packet):
    texts = pages(packet)
    titles = [
        "How the choices went",
        "Stance map",
        "Exceptions and the customers affected",
        "Customer margin",
        "Retention and customer math",
        "Experience",
        "Evidence",
    ]
    starts = [
        next(i for i, text in enumerate(texts[1:], 2) if text.startswith(title))
        for title in titles[1:]
    ]
    assert titles[0] in texts[0]
    assert starts == sorted(starts)
    front = texts[0]
    for line, page in zip(PACKET.contents, starts, strict=True):
        assert f"{line.sentence} {line.title} {page}" in front


def test_every_page_carries_head_foot_and_notice(packet, owner):
    for pdf in (packet, owner):
        texts = pages(pdf)
        for number, text in enumerate(texts, start=1):
            assert "October 2026 · edition 1 · as of 2 Nov 2026 06:00 Europe/London" in text
            assert "Northwind Instruments · " in text
            assert "edition 1 — 7f3a9c21" in text
            assert f"Invented company, generated data · {number} of {len(texts)}" in text


def test_without_a_notice_none_is_printed(renderer):
    bare = replace(OWNER, heading=replace(OWNER.heading, notice=""))
    assert "generated data" not in pages(draw(renderer, bare))[0]


def test_the_experience_page_prints_the_margin_on_every_page_it_fills(variants):
    texts = pages(variants("six tiers on letter"))
    start = next(i for i, text in enumerate(texts) if text.startswith("Experience Experience"))
    end = next(i for i, text in enumerate(texts) if text.startswith("Evidence"))
    assert end - start == 2
    assert all("Customer margin" in text and "4,812" in text for text in texts[start:end])


def test_a_section_is_not_parted_from_its_last_row(packet):
    assert "Learnings that changed an offer" in pages(packet)[2]
    assert "Service cost that is charged for" in pages(packet)[2]


def test_the_method_notes_are_a_pdf_inside_of_the_packet(packet):
    """Named where the evidence is, and itself complete."""
    assert "method.pdf" in pages(packet)[-1]
    inside = read(packet).files["method.pdf"]
    whole = " ".join(pages(inside))
    assert whole.count("version 3f9a") == len(PACKET.evidence.methods)
    assert all(m.label in whole for m in PACKET.evidence.methods)
    assert "How each figure of the packet is made" in whole
    assert "version 3f9a" not in " ".join(pages(packet))


def test_a_packet_without_its_method_notes_is_not_sent(renderer):
    """Reading back looks into the PDF that is inside."""
    bare = replace(PACKET, evidence=replace(PACKET.evidence, methods=()))
    alone = draw(renderer, bare)
    assert read_back(alone, expected_of(bare)) == []
    assert read_back(alone, expected_of(PACKET)) == ["method.pdf is not inside"]
    first, *rest = PACKET.evidence.methods
    other = replace(first, label="Some other metric")
    changed = replace(PACKET, evidence=replace(PACKET.evidence, methods=(other, *rest)))
    said = read_back(draw(renderer, changed), expected_of(PACKET))
    assert said == [f'method.pdf: "{first.label}" is expected and not printed']


def test_pages_on_which_nothing_was_measured_are_not_there(renderer):
    bare = replace(
        PACKET,
        margin=None,
        experience=None,
        contents=tuple(c for c in PACKET.contents if c.anchor not in ("margin", "experience")),
        left_out=("Customer margin: no costs.", "Experience: no surveys, no interactions."),
    )
    pdf = draw(renderer, bare)
    texts = pages(pdf)
    assert read_back(pdf, expected_of(bare)) == []
    assert "Not measured, and what it would need" in texts[0]
    assert "Experience: no surveys, no interactions." in texts[0]
    assert not [t for t in texts if t.startswith(("Customer margin", "Experience"))]


def test_a_table_that_runs_on_repeats_its_head(packet):
    second = pages(packet)[2]
    assert second.startswith("Metric unit · owner Platinum 412 customers")


def test_an_unknown_margin_is_said_prominently(variants):
    text = " ".join(pages(variants("margin unknown")))
    assert "The table costs is missing" in text
    assert "€0" not in text


def test_names_in_german_and_japanese_are_printed_in_shipped_type(packet):
    assert "Großküchen Müller & Söhne GmbH" in " ".join(pages(packet))
    assert "株式会社山田精機" in "".join(pages(packet)).replace(" ", "")
    assert fonts(packet) == {"Source-Serif-4", "Source-Sans-3", "Noto-Sans-JP"}


def fonts(pdf: bytes) -> set[str]:
    found = set()
    for page in PdfReader(BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():
            name = font.get_object()["/BaseFont"].split("+")[1]
            found.add(name.rstrip(",").removesuffix("-Semi-Bold"))
    return found


def test_the_same_document_gives_the_same_bytes(renderer, packet, owner):
    assert renderer.render(PACKET, IMPRINT, ATTACHMENTS) == packet
    assert Renderer(None, SHIPPED).render(OWNER, IMPRINT, {}) == owner


def test_another_process_gives_the_same_bytes(owner, packet):
    script = (
        "from hashlib import sha256; from pathlib import Path;"
        "from sample_documents import *; from scorecard.printing.renderer import Renderer;"
        f"r = Renderer(None, Path({str(SHIPPED)!r}));"
        "print(sha256(r.render(OWNER, IMPRINT, {})).hexdigest());"
        "print(sha256(r.render(PACKET, IMPRINT, ATTACHMENTS)).hexdigest())"
    )
    told = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "PYTHONHASHSEED": "7"},
    ).stdout.split()
    assert told == [sha256(owner).hexdigest(), sha256(packet).hexdigest()]


def test_another_edition_differs_and_is_identified_by_its_content(renderer, owner):
    second = replace(IMPRINT, edition=2)
    assert renderer.render(OWNER, second, {}) != owner
    assert PdfReader(BytesIO(owner)).trailer["/ID"][0] == IMPRINT.content_hash


def test_attachments_are_held_without_dates(packet):
    reader = PdfReader(BytesIO(packet))
    files = {n: b"".join(c) for n, c in reader.attachments.items()}
    assert files.pop("method.pdf").startswith(b"%PDF")
    assert files == ATTACHMENTS
    for file in reader.attachment_list:
        assert file.creation_date is None
        assert file.modification_date is None
    assert {f.name: f.subtype for f in reader.attachment_list} == {
        "figures.csv": "/text/csv",
        "method.pdf": "/application/pdf",
        "nps.sql": "/application/sql",
    }
    assert "/CreationDate" not in reader.metadata


def test_a_document_has_language_title_author_and_bookmarks(packet):
    reader = PdfReader(BytesIO(packet))
    assert reader.root_object["/Lang"] == "en-GB"
    assert reader.metadata.title == "Northwind Instruments: Executive packet, October 2026"
    assert reader.metadata.author == "Northwind Instruments"
    assert [entry.title for entry in reader.outline] == [
        "Executive packet, October 2026",
        "Stance map",
        "Exceptions and the customers affected",
        "Customer margin",
        "Retention and customer math",
        "Experience",
        "Evidence",
    ]


def test_tags_name_headers_and_speak_for_every_figure(packet):
    root = PdfReader(BytesIO(packet)).root_object
    assert root["/MarkInfo"]["/Marked"]
    elements = list(_elements(root["/StructTreeRoot"]["/K"][0].get_object()))
    kinds = [e["/S"] for e in elements]
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Figure"} <= set(kinds)
    figures = [e for e in elements if e["/S"] == "/Figure"]
    assert all(e.get("/Alt") for e in figures)
    spoken = {str(e["/Alt"]) for e in figures}
    assert "deliberate strength, below the limit" in spoken
    assert PACKET.margin.whale.alt in spoken
    assert all(bridge.alt in spoken for bridge in PACKET.margin.bridges)
    cells = [e for e in elements if e["/S"] == "/TD"]
    assert any(len(e["/A"].get("/Headers", ())) >= 2 for e in cells)


def _elements(node):
    yield node
    for kid in node.get("/K", ()) if isinstance(node.get("/K"), list) else ():
        kid = kid.get_object() if hasattr(kid, "get_object") else kid
        if hasattr(kid, "get") and kid.get("/Type") == "/StructElem":
            yield from _elements(kid)


def test_text_from_facts_cannot_become_markup(renderer):
    sly = replace(OWNER, name="<b>Ann</b> & Co")
    assert "<b>Ann</b> & Co" in pages(draw(renderer, sly))[0]


def test_a_project_template_stands_in_for_the_shipped_one_and_can_extend_it(tmp_path):
    (tmp_path / "owner.html").write_text(
        '{% extends "default:owner.html" %}{% block title %}Our own title{% endblock %}'
    )
    pdf = Renderer(tmp_path, SHIPPED).render(OWNER, IMPRINT, {})
    reader = PdfReader(BytesIO(pdf))
    assert reader.metadata.title == "Our own title"
    assert "Mikael Lindqvist" in reader.pages[0].extract_text()


def test_a_project_stylesheet_stands_in_for_the_shipped_one(tmp_path):
    (tmp_path / "owner.css").write_text("h1 { color: #d00000 }")
    pdf = Renderer(tmp_path, SHIPPED).render(OWNER, IMPRINT, {})
    assert lint_palette(pdf) == ["colour #d00000 is neither grey nor blue"]


def test_a_template_that_names_an_unknown_field_says_so(tmp_path):
    (tmp_path / "owner.html").write_text("{{ doc.grade }}")
    with pytest.raises(RenderError, match=r"owner\.html cannot be filled: .*grade"):
        Renderer(tmp_path, SHIPPED).render(OWNER, IMPRINT, {})


def test_a_warning_of_the_drawing_engine_is_an_error(tmp_path):
    (tmp_path / "owner.css").write_text("p { colour: red }")
    with pytest.raises(RenderError, match=r"not clean: .*colour"):
        Renderer(tmp_path, SHIPPED).render(OWNER, IMPRINT, {})


def test_a_customer_with_a_korean_name_is_drawn_and_read_back(renderer):
    affected = replace(OWNER.affected[0], names="한빛정밀, Aldous Marine Ltd")
    document = replace(OWNER, affected=(affected,))
    expected = expected_of(document)
    named = replace(expected, texts=(*expected.texts, "한빛정밀, Aldous Marine Ltd"))
    assert read_back(draw(renderer, document), named) == []
    # A machine with a Korean font draws the name; another says which letters it could not.
    assert all("templates/fonts.css" in line for line in renderer.unlettered())


def test_a_letter_that_no_font_has_is_noted_once_with_what_to_do(renderer):
    # A private character: no font of any machine that runs this has it.
    document = replace(OWNER, name="Ann \ue123")
    assert read_back(draw(renderer, document), expected_of(document)) == []
    (said,) = renderer.unlettered()
    assert "U+E123" in said and "templates/fonts.css" in said
    assert renderer.unlettered() == ()


def test_a_contents_line_without_its_page_is_an_error(renderer):
    lost = replace(PACKET, contents=(replace(PACKET.contents[0], anchor="nowhere"),))
    with pytest.raises(RenderError, match="nowhere"):
        renderer.render(lost, IMPRINT, {})
