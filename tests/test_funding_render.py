"""The page "What pays for what" as drawn: one page on each paper, read back, in greys only."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from sample_documents import IMPRINT, PACKET
from sample_variants import on_letter, six_tiers
from test_funding_page import page

from scorecard.documents.funding_map import MOST_ROWS
from scorecard.documents.funding_model import FUNDING, FundingBand, OtherSource
from scorecard.printing.fitting import fit_packet
from scorecard.printing.kinds import expected_of
from scorecard.printing.page_layout import packet_grid
from scorecard.printing.palette import lint_palette
from scorecard.printing.readback import read_back
from scorecard.printing.renderer import Renderer

SHIPPED = Path(__file__).parents[1] / "templates"
SMALL = page()


def crowded():
    """As many rows as a page has, with long words, amounts of very different size, and notes."""
    told = "1,000,000 over plan; weaknesses pay 12,345,678"
    left, right = SMALL.weaknesses[0], SMALL.strengths[0]
    sizes = [float(10 ** (i % 5) * (i + 1)) for i in range(MOST_ROWS)]
    name = "Human replies to a first question that are correct"
    weak = [replace(left, choice=name, told=told, amount=s, planned=f"{s:,.0f}") for s in sizes]
    strong = [replace(right, choice=name, told=told, amount=2 * s) for s in sizes]
    bands = [
        FundingBand(i, MOST_ROWS - 1 - i, min(s, 2 * sizes[-1 - i]), s / 2, "half found", "half")
        for i, s in enumerate(sizes)
    ]
    return replace(
        SMALL,
        sentence="A sentence that takes two lines of the page since it has a lot to say. " * 2,
        weaknesses=tuple(weak),
        strengths=tuple(strong),
        bands=tuple(replace(b, found=min(b.planned, b.found)) for b in bands),
        others=(OtherSource(0, "customers’ own work 8,000", 900.0),),
        notes=tuple(f"{i}. {'What leaks, and what nothing pays for. ' * 2}" for i in range(7)),
    )


PAGES = {
    "two rows": replace(PACKET, funding=SMALL),
    "two rows on letter": on_letter(replace(PACKET, funding=SMALL)),
    "crowded": replace(PACKET, funding=crowded()),
    "crowded, six tiers, on letter": on_letter(replace(six_tiers(), funding=crowded())),
    "nothing known": replace(PACKET, funding=replace(SMALL, bands=(), costs="", notes=())),
}


@pytest.fixture(scope="module")
def renderer():
    return Renderer(None, SHIPPED)


def titles(reader):
    """Of each page the titles that begin on it."""
    found = [[] for _ in reader.pages]
    for mark in reader.outline:
        found[reader.get_destination_page_number(mark)].append(mark.title)
    return found


@pytest.mark.parametrize("packet", PAGES.values(), ids=PAGES)
def test_it_takes_one_page_before_the_evidence_and_reads_back(renderer, packet):
    pdf = renderer.render(packet, IMPRINT, {})
    assert read_back(pdf, expected_of(packet)) == []
    assert lint_palette(pdf) == []
    found = titles(PdfReader(BytesIO(pdf)))
    at = next(i for i, here in enumerate(found) if FUNDING in here)
    assert found[at] == [FUNDING]
    assert found[at + 1] == ["Evidence"]


def test_its_sentence_is_in_the_contents(renderer):
    pdf = renderer.render(PAGES["two rows"], IMPRINT, {})
    first = PdfReader(BytesIO(pdf)).pages[0].extract_text()
    assert "over-served choices hold back" in " ".join(first.split())


def test_where_no_room_is_left_the_first_page_keeps_its_sentence(renderer):
    packet = PAGES["two rows"]
    tried = []

    class Full:
        """Every setting but the last one needs a page too many."""

        shipped = True

        def __call__(self, name, grid):
            tried.append(grid)
            return type("LaidOut", (), {"pages": [None] * (13 if grid.funding else 12)})()

    fit_packet(Full(), packet)
    assert [grid.funding for grid in tried][-2:] == [True, False]
    assert not packet_grid(PACKET, False).funding
    html = renderer._filled("packet.html", {"doc": packet, "imprint": IMPRINT, "grid": tried[-1]})
    assert 'id="funding"' not in html
    assert packet.funding.sentence[:40] in html
