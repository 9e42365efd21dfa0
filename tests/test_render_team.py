"""The team review as a PDF, and what every document of a provisional edition says."""

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
from sample_team import TEAM, crowded_team, of_one, on_record
from sample_variants import crowded_owner, on_letter, six_tiers

from scorecard.errors import RenderError
from scorecard.printing.kinds import expected_of
from scorecard.printing.palette import lint_palette
from scorecard.printing.readback import read_back
from scorecard.printing.renderer import Renderer

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "templates"
REASON = "transactions end on 28 October 2026"
LONG = f"{REASON}, surveys on 25 October 2026 and contracts on 30 September 2026; edition 2 follows"
ALL_NAMES = ("Mikael Lindqvist", "Jon Tanaka", "Ines Achterberg", "Daniel Osei", "Team South")


@pytest.fixture(scope="module")
def renderer():
    return Renderer(None, SHIPPED)


@pytest.fixture(scope="module")
def team(renderer):
    return renderer.render(TEAM, IMPRINT, ATTACHMENTS)


@lru_cache(maxsize=16)
def pages(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


def stamped(document, reason=REASON):
    return replace(document, heading=replace(document.heading, stamp=reason))


def test_a_review_reads_back_without_colour(team):
    assert read_back(team, expected_of(TEAM, ALL_NAMES)) == []
    assert lint_palette(team) == []
    box = PdfReader(BytesIO(team)).pages[0].mediabox
    assert (round(float(box.width), 2), round(float(box.height), 2)) == (841.89, 595.28)


def test_owners_come_side_by_side_with_all_that_is_said_of_a_stance(team):
    first = pages(team)[0]
    assert first.index("Mikael Lindqvist Head of support") < first.index("Head of portal")
    assert "No owner since 1 Oct 2026; goes to Ines Achterberg, lead of Team North" in first
    for said in (
        "First human reply, p90 · Gold",
        "5.8",
        "5.1–6.6 · n 1,204",
        "not delivered · exceptional, unfavourable",
        "promised: 4 h or less",
    ):
        assert said in first


def test_sections_come_in_their_order(team):
    text = " ".join(pages(team))
    titles = ("Customers affected", "What pays for what", "Who answers", "Choices that changed")
    places = [text.index(title) for title in titles]
    assert places == sorted(places)
    assert "Bronze first human reply beyond acceptance · M. Lindqvist €94,000 a month" in text
    assert "Platinum promises kept delivered · another team" in text


def test_a_team_of_one_stance_fits_a_page_and_has_no_empty_sections(renderer):
    pdf = renderer.render(of_one(), IMPRINT, {})
    assert read_back(pdf, expected_of(of_one(), ALL_NAMES)) == []
    (only,) = pages(pdf)
    for title in ("Customers affected", "What pays for what", "Who answers", "led by"):
        assert title not in only


@pytest.mark.parametrize(("owners", "stances", "most"), [(1, 9, 2), (3, 9, 4), (5, 4, 4)])
def test_long_names_and_many_stances_lay_out(renderer, owners, stances, most):
    document = on_letter(crowded_team(owners, stances))
    pdf = renderer.render(document, IMPRINT, {})
    assert read_back(pdf, expected_of(document)) == []
    assert len(pages(pdf)) <= most


@pytest.mark.parametrize(
    ("document", "most"),
    [
        (on_record(of_one()), 1),
        (on_record(TEAM), 2),
        (on_record(on_letter(TEAM)), 3),
        (on_record(crowded_team(8, 2)), 5),
    ],
    ids=["one", "two", "two on Letter", "eight"],
)
def test_what_owners_answered_and_promised_stands_on_one_sheet(renderer, document, most):
    """All that a team's owners left open is read together: it is not parted by a page's end."""
    pdf = renderer.render(document, IMPRINT, {})
    assert read_back(pdf, expected_of(document, ALL_NAMES)) == []
    assert lint_palette(pdf) == []
    texts = pages(pdf)
    assert len(texts) <= most
    (sheet,) = [text for text in texts if "Answered, promised, proposed" in text]
    own = sheet.partition("Answered, promised, proposed")[2]
    for of in document.record.owners:
        assert of.name in own
    assert "Back to the drawing board" in own and "Counts, no grade and no order" in own
    assert ("Pages not acknowledged" in own) == bool(document.record.unread)


def test_where_only_something_was_proposed_there_are_no_counts(renderer):
    record = on_record(of_one()).record
    document = replace(of_one(), record=replace(record, owners=()))
    (only,) = pages(renderer.render(document, IMPRINT, {}))
    assert "Back to the drawing board" in only
    assert "questions answered in time" not in only and "no grade" not in only


def test_a_review_without_a_record_has_no_such_part(team):
    assert "Answered, promised, proposed" not in " ".join(pages(team))


@pytest.mark.prove
def test_eight_owners_with_nine_stances_each_lay_out_without_charts(renderer):
    document = crowded_team(8, 9)
    pdf = renderer.render(document, IMPRINT, {})
    assert read_back(pdf, expected_of(document)) == []
    assert len(pages(pdf)) <= 6
    assert len(pages(renderer.render(on_record(document), IMPRINT, {}))) == len(pages(pdf)) + 1
    assert "thin tick" not in pages(pdf)[0]  # the charts' key
    headed = [text.partition("Featherstonehaugh-Brandl 4")[2] for text in pages(pdf)]
    assert all("promised in p 0" in below for below in headed if below)
    assert any(headed)


def test_each_page_with_stances_names_their_owners_and_prints_the_margin(renderer):
    document = replace(crowded_team(3, 9), reached=(), paid=(), changes=(), standing=())
    texts = pages(renderer.render(document, IMPRINT, {}))
    assert len(texts) > 1
    for text in texts:
        assert all(f"Featherstonehaugh-Brandl {i}" in text for i in range(3))
        assert "Customer margin, per customer Platinum €4,812" in text
        name = text.index("Featherstonehaugh-Brandl 0")
        assert "Replies within" in text[name:]  # no head without a stance below it


def test_a_team_too_large_for_any_setting_is_an_error(renderer):
    endless = replace(of_one(), changes=("One more remark.",) * 600)
    with pytest.raises(RenderError, match=r"Team North needs \d+ pages .*divide the team"):
        renderer.render(endless, IMPRINT, {})


def test_the_same_review_gives_the_same_bytes_also_in_another_process(team):
    assert Renderer(None, SHIPPED).render(TEAM, IMPRINT, ATTACHMENTS) == team
    script = (
        "from hashlib import sha256; from pathlib import Path;"
        "from sample_documents import *; from sample_team import TEAM;"
        "from scorecard.printing.renderer import Renderer;"
        f"r = Renderer(None, Path({str(SHIPPED)!r}));"
        "print(sha256(r.render(TEAM, IMPRINT, ATTACHMENTS)).hexdigest())"
    )
    told = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "PYTHONHASHSEED": "7"},
    ).stdout.split()
    assert told == [sha256(team).hexdigest()]


def test_a_review_has_language_title_bookmark_headers_and_spoken_figures(team):
    reader = PdfReader(BytesIO(team))
    root = reader.root_object
    assert root["/Lang"] == "en-GB"
    assert reader.metadata.title == "Northwind Instruments: Team review, Team North, October 2026"
    assert [entry.title for entry in reader.outline] == ["Team North"]
    elements = list(_elements(root["/StructTreeRoot"]["/K"][0].get_object()))
    figures = [e for e in elements if e["/S"] == "/Figure"]
    assert all(e.get("/Alt") for e in figures)
    spoken = {str(e["/Alt"]) for e in figures}
    assert {"deliberate strength", "below the limit"} <= spoken
    cells = [e for e in elements if e["/S"] == "/TD"]
    assert sum(bool(e["/A"].get("/Headers", ())) for e in cells) > 10
    assert {n: b"".join(c) for n, c in reader.attachments.items()} == ATTACHMENTS


def _elements(node):
    yield node
    for kid in node.get("/K", ()) if isinstance(node.get("/K"), list) else ():
        kid = kid.get_object() if hasattr(kid, "get_object") else kid
        if hasattr(kid, "get") and kid.get("/Type") == "/StructElem":
            yield from _elements(kid)


@pytest.mark.parametrize(
    "document",
    [
        stamped(PACKET),
        stamped(on_letter(OWNER), LONG),
        stamped(TEAM),
        stamped(on_letter(crowded_owner(5, 4)), LONG),
    ],
    ids=["packet", "owner", "team", "crowded owner"],
)
def test_each_page_of_a_provisional_edition_says_so_and_why(renderer, document):
    drawn = renderer.render(document, IMPRINT, {})
    for text in pages(drawn):
        assert f"PROVISIONAL {document.heading.stamp} " in text
        assert "October 2026 · edition 1 · as of 2 Nov 2026 06:00 Europe/London" in text
    assert read_back(drawn, expected_of(document)) == []
    assert lint_palette(drawn) == []


def test_as_much_fits_a_page_with_the_stamp_as_without(renderer):
    drawn = [renderer.render(d, IMPRINT, {}) for d in (six_tiers(), stamped(six_tiers()))]
    assert len(pages(drawn[0])) == len(pages(drawn[1]))


def test_an_edition_that_is_not_provisional_does_not_say_it_is(team):
    assert "PROVISIONAL" not in " ".join(pages(team))


def test_a_vacant_post_is_printed_with_what_is_said_of_it(renderer):
    page = replace(
        OWNER,
        name="Head of Support",
        role="",
        allowed=("Mikael Lindqvist", "Ines Achterberg"),
        standing="No owner since 1 Oct 2026; goes to Ines Achterberg, lead of Team North",
    )
    pdf = renderer.render(page, IMPRINT, {})
    assert read_back(pdf, expected_of(page, ALL_NAMES)) == []
    assert "My strengths" not in pages(pdf)[0]


def test_who_answers_is_on_the_evidence_page(renderer):
    said = ("Head of support: no owner since 1 Oct 2026; goes to Ines Achterberg, executive.",)
    document = replace(PACKET, evidence=replace(PACKET.evidence, standing=said))
    pdf = renderer.render(document, IMPRINT, {})
    (page,) = [t for t in pages(pdf) if "Evidence Evidence" in t or said[0] in t]
    assert f"Who answers {said[0]}" in page
