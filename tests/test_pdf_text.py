"""What is read in a PDF: its words, and not how they were put onto the page."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter
from weasyprint import HTML

from scorecard.errors import RenderError
from scorecard.printing.pdf_text import read


def pdf(body: str, style: str = "", **options: str) -> bytes:
    page = f"<html lang=en><style>{style}</style><body>{body}"
    return HTML(string=page).write_pdf(**options)


def tagged(body: str, style: str = "") -> bytes:
    return pdf(body, style, pdf_variant="pdf/ua-1")


def lines(pdf: bytes) -> list[str]:
    (page,) = read(pdf).pages
    return [line.strip() for line in page.splitlines() if line.strip()]


def test_texts_set_close_together_are_not_one_word():
    assert lines(tagged("<p>Ann<b>Lee</b><i>Osei</i>")) == ["Ann", "Lee", "Osei"]


def test_a_word_in_letters_of_two_fonts_is_one_word():
    assert lines(tagged("<p>Müller 株式会社 & Söhne")) == ["Müller 株式会社 & Söhne"]


def test_a_hyphen_at_the_end_of_a_line_is_a_hyphen():
    narrow = tagged("<p>over-<br>served, follow-up", "p { width: 4em }")
    assert " ".join(lines(narrow)).startswith("over- served")
    assert "follow-" in " ".join(lines(narrow))


def test_the_letters_of_a_drawing_are_read_as_its_words():
    """Each letter of a drawing is put there by itself."""
    drawn = """<svg width=300 height=40><text x=0 y=10 font-size=8>Daniel Osei</text>
    <text x=120 y=10 font-size=8>Bo</text><text x=0 y=30 font-size=8>Cy</text></svg>"""
    assert lines(tagged(drawn)) == ["Daniel Osei", "Bo", "Cy"]
    faint = drawn.replace("<svg ", "<svg opacity=.5 ")
    assert {"Daniel Osei", "Bo", "Cy"} <= set(lines(tagged(faint)))


def test_title_author_subject_and_keywords_are_read():
    head = "<title>A page</title><meta name=author content='Ann Lee'>"
    head += "<meta name=description content='of whom'><meta name=keywords content='one, two'>"
    assert read(HTML(string=f"<head>{head}</head><p>x").write_pdf()).about == (
        "A page\nAnn Lee\nof whom\none, two"
    )


@pytest.mark.parametrize("damaged", [b"", b"<html>", b"%PDF-1.7\n%%EOF"])
def test_what_is_not_a_pdf_cannot_be_read(damaged):
    with pytest.raises(RenderError, match="cannot be read as a PDF"):
        read(damaged)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99, 0.999])
def test_a_pdf_that_was_cut_off_cannot_be_read(part):
    whole = tagged("<p>x" * 400)
    assert read(whole).pages
    with pytest.raises(RenderError, match="its end is missing"):
        read(whole[: int(len(whole) * part)])


def test_a_locked_pdf_cannot_be_read():
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf("<p>x"))))
    writer.encrypt("secret", algorithm="AES-256")
    out = BytesIO()
    writer.write(out)
    with pytest.raises(RenderError, match="cannot be read as a PDF"):
        read(out.getvalue())
