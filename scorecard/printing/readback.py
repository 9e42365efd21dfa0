"""Reading back: what a finished PDF says, checked before it may be sent."""

from __future__ import annotations

import re

from scorecard.errors import RenderError
from scorecard.printing.expected_content import ExpectedContent
from scorecard.printing.pdf_text import Read, read
from scorecard.printing.words import even, words, written_leftwards

_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def read_back(pdf: bytes, expected: ExpectedContent) -> list[str]:
    """The problems of a PDF, in words; empty when it may be sent."""
    try:
        return problems_of(read(pdf), expected)
    except RenderError as error:
        return [str(error)]


def text_of(pdf: bytes) -> str:
    """All text of a PDF's pages; empty where it cannot be read."""
    try:
        return "\n".join(read(pdf).pages)
    except RenderError:
        return ""


def problems_of(found: Read, expected: ExpectedContent) -> list[str]:
    """The problems of a PDF whose text has been read, in words; empty when it may be sent."""
    pages = found.pages
    problems = _page_problems(pages, expected)
    solid = _solid(" ".join(pages))
    due = [texts for title, texts in expected.where.items() if _is_in(title, solid)]
    wanted = dict.fromkeys([*expected.texts, *(text for texts in due for text in texts)])
    missing = [text for text in wanted if not _is_in(text, solid)]
    problems += [f'"{text}" is expected and not printed' for text in missing]
    for number, page in enumerate(pages, start=1):
        said = _solid(page)
        absent = [text for text in expected.on_each if not _is_in(text, said)]
        problems += [f'"{text}" is expected and not printed on page {number}' for text in absent]
    # The longest of its own names first, since a shorter one may be part of it.
    plain = _plain(" ".join(pages))
    for text in sorted(expected.own, key=len, reverse=True):
        plain, solid = _without(_plain(text), plain), solid.replace(_solid(text), " ")
    foreign = [name for name in expected.forbidden if _named(name, plain, solid)]
    problems += [f'"{name}" is printed and does not belong here' for name in foreign]
    return problems + _file_problems(found, expected)


def _file_problems(found: Read, expected: ExpectedContent) -> list[str]:
    """The problems of the PDFs inside of a PDF."""
    problems = []
    for name, content in expected.files.items():
        if name not in found.files:
            problems.append(f"{name} is not inside")
            continue
        problems += [f"{name}: {said}" for said in read_back(found.files[name], content)]
    return problems


def _page_problems(pages: list[str], expected: ExpectedContent) -> list[str]:
    problems = []
    if not expected.least_pages <= len(pages) <= expected.most_pages:
        allowed = (
            f"{expected.least_pages}"
            if expected.least_pages == expected.most_pages
            else f"{expected.least_pages} to {expected.most_pages}"
        )
        problems.append(f"{len(pages)} pages instead of {allowed}")
    shared = _common_lines(pages)
    for number, page in enumerate(pages, start=1):
        if not any(line not in shared for line in _lines(page)):
            problems.append(f"page {number} is blank")
    return problems


def _common_lines(pages: list[str]) -> set[str]:
    """The lines that all of several pages have: running headers and footers."""
    if len(pages) < 2:
        return set()
    return set.intersection(*(set(_lines(page)) for page in pages))


def _lines(page: str) -> list[str]:
    """The page's lines, with numbers replaced by 0 so that page numbers do not differ."""
    return [re.sub(r"\d+", "0", line.strip()) for line in page.splitlines() if line.strip()]


def _plain(text: str) -> str:
    """The text normalised and without what is not seen, on one line."""
    return " ".join(even(text).split())


def _solid(text: str) -> str:
    """The text without spaces, in which a name broken over two lines is found."""
    return _plain(text).replace(" ", "")


def _is_in(text: str, solid: str) -> bool:
    """Whether a text is printed; of one that is partly written from right to left, whether all of
    its words are, since a PDF may have these in another order."""
    if _solid(text) in solid:
        return True
    return written_leftwards(text) and all(word in solid.casefold() for word in words(text))


def _without(text: str, page: str) -> str:
    """The page without the places at which that text occurs as whole words."""
    return re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", " ", page)


def _named(name: str, plain: str, solid: str) -> bool:
    # Scripts without spaces have no whole words, and break their lines anywhere.
    if _IDEOGRAPH.search(name):
        return _solid(name) in solid
    return re.search(rf"(?<!\w){re.escape(_plain(name))}(?!\w)", plain) is not None
