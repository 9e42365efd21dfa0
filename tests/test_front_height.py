"""Contents are set so that they stay on the packet's first page, which has no second."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from sample_documents import IMPRINT, PACKET
from sample_variants import on_letter

from scorecard.printing.front_height import contents_size
from scorecard.printing.renderer import Renderer

RENDERER = Renderer(None, Path(__file__).parents[1] / "templates")
WORDS = "We kept what we chose and lost what we had not "


def said(letters):
    """A sentence of about so many letters."""
    return (WORDS * 9)[:letters].strip()


def packet(title, letters, left_out):
    lines = tuple(replace(line, sentence=said(letters)) for line in PACKET.contents)
    notes = tuple(f"{said(60)} {n}" for n in range(left_out))
    return replace(PACKET, sentence=said(title), contents=lines, left_out=notes)


CASES = [(100, 60, 0), (150, 95, 1), (240, 120, 3)]


@pytest.mark.parametrize("paper", [lambda doc: doc, on_letter], ids=["A4", "Letter"])
@pytest.mark.parametrize(("title", "letters", "left_out"), CASES)
def test_everything_of_the_first_page_stands_on_it(title, letters, left_out, paper):
    doc = paper(packet(title, letters, left_out))
    pdf = PdfReader(BytesIO(RENDERER.render(doc, IMPRINT, {})))
    first, second = (" ".join(p.extract_text().split()) for p in pdf.pages[:2])
    assert first.count(said(letters)) >= len(doc.contents)
    assert all(note in first for note in doc.left_out)
    assert doc.contents[0].title in second


def test_contents_are_no_smaller_than_they_have_to_be():
    sizes = [contents_size(packet(*case), False, False) for case in CASES]
    assert sizes[0] == "short" and sizes[-1] == "long"
    assert contents_size(packet(100, 60, 0), True, True) in ("short", "medium")
