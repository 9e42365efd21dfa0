"""What is done to WeasyPrint so that it takes less time, and that it changes no byte."""

from __future__ import annotations

import inspect
from hashlib import sha256
from pathlib import Path

import pydyf
import pytest
import weasyprint
from sample_documents import ATTACHMENTS, IMPRINT, OWNER, PACKET
from sample_team import TEAM
from weasyprint import HTML
from weasyprint.css import ComputedStyle, StyleFor
from weasyprint.draw.text import draw_text
from weasyprint.layout.percent import resolve_percentages
from weasyprint.svg import utils
from weasyprint.text import line_break

from scorecard.printing import quicker, renderer
from scorecard.printing.page_tree import page_tree

SHIPPED = Path(__file__).parents[1] / "templates"
# Taken before any renderer is made, so that they are WeasyPrint's own.
REPLACED = {name: inspect.getsource(of) for name, of in quicker._ORIGINALS.items()} | {
    "layout": inspect.getsource(line_break.Layout),
    "draw": inspect.getsource(draw_text),
    "size": inspect.getsource(utils.size),
    "normalize": inspect.getsource(utils.normalize),
    "parse_url": inspect.getsource(utils.parse_url),
}
KNOWN = {
    "missing": "b318d8ef",
    "styles": "b5b15856",
    "setup": "fb227a55",
    "set_text": "fe23ca99",
    "deactivate": "bfec3ec8",
    "reactivate": "0b89ee09",
    "key": "d6b09d54",
    "percentages": "71673078",
    "pages": "060bf90a",
    "layout": "681b737d",
    "draw": "ebaf9623",
    "size": "da153ed5",
    "normalize": "644aeada",
    "parse_url": "43b83615",
}


@pytest.fixture
def unhurried():
    quicker.unhurried()
    yield
    quicker.quicken()


def test_it_is_written_for_the_version_that_is_installed():
    """If this fails, WeasyPrint was upgraded: pages are right, but take longer.

    Compare what is replaced with what it is now, and enter the new version and hashes.
    """
    assert (weasyprint.__version__, pydyf.__version__) == quicker.WRITTEN_FOR


def test_what_is_replaced_is_what_was_read():
    assert {name: sha256(text.encode()).hexdigest()[:8] for name, text in REPLACED.items()} == KNOWN


@pytest.mark.parametrize("document", [OWNER, TEAM, PACKET], ids=["owner", "team", "packet"])
def test_not_one_byte_of_a_document_changes(document, unhurried):
    slow = renderer.Renderer(None, SHIPPED)
    quicker.unhurried()
    expected = slow.render(document, IMPRINT, ATTACHMENTS)
    assert resolve_percentages.__module__ == "weasyprint.layout.percent"
    quicker.quicken()
    assert slow.render(document, IMPRINT, ATTACHMENTS) == expected


STYLES = {
    "percentages": "p { width: 50%; padding: 5% } div { box-sizing: border-box; width: 90% }",
    "calculated": ":root { --x: 2 } p { margin: calc(1pt * var(--x)) 3%; font-size: calc(1em + 2pt) }",
    "logical": "p { margin-block: 3pt; padding-inline-start: 1em } div { direction: rtl }",
    "decorated": "p { text-decoration: underline } b { text-decoration: line-through overline }",
    "spaced": "p { letter-spacing: 1pt; word-spacing: 3pt; text-align: justify; width: 8em }",
    "figures": "p { font-variant-numeric: tabular-nums; font-variant-caps: small-caps }",
    "lists": "p { display: list-item; list-style: square inside }",
    "notes": "b { float: footnote }",
    "cut short": "p { width: 5em; text-overflow: ellipsis; overflow: hidden; white-space: nowrap }",
    "kept lines": "p { white-space: pre-line; tab-size: 3 }",
    "tables": "div { display: table; border-collapse: collapse } p { display: table-cell; border: 1pt solid }",
    "columns": "div { columns: 2; hyphens: auto } p::first-line { font-size: 2em }",
}


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_nor_of_a_page_that_asks_for_more_than_ours(style, unhurried):
    body = "<div>" + "<p>One <b>bold word</b> and\n\tmany others,\u2029株式会社 – ﷼ ½.</p>" * 5
    page = f"<html lang=en><style>{style}</style><body>{body}</div>"
    expected = HTML(string=page).write_pdf(pdf_variant="pdf/ua-1")
    quicker.quicken()
    assert HTML(string=page).write_pdf(pdf_variant="pdf/ua-1") == expected


def test_another_version_is_left_as_it_is(monkeypatch, unhurried):
    monkeypatch.setattr(weasyprint, "__version__", "71.0")
    quicker.quicken()
    assert ComputedStyle.__missing__ is quicker._ORIGINALS["missing"]
    assert StyleFor.set_computed_styles is quicker._ORIGINALS["styles"]


@pytest.mark.parametrize("document", [OWNER, TEAM, PACKET], ids=["owner", "team", "packet"])
def test_a_page_read_as_xml_is_the_page_read_as_html(document, monkeypatch):
    quick = renderer.Renderer(None, SHIPPED).render(document, IMPRINT, {})
    monkeypatch.setattr(renderer, "page_tree", lambda text: HTML(string=text))
    assert renderer.Renderer(None, SHIPPED).render(document, IMPRINT, {}) == quick


@pytest.mark.parametrize(
    "body", ["<p>One<br>two", "<table><tr><td>One</td></tr></table>", "<p>One &nbsp; two</p>"]
)
def test_what_html_would_read_otherwise_is_read_as_html(body):
    page = f'<?xml version="1.0"?>\n<!DOCTYPE html>\n<html lang="en"><body>{body}</body></html>'
    assert type(page_tree(page)) is HTML
