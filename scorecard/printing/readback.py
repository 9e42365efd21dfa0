"""Reading back: the text and colours of a finished PDF, checked before it may be sent."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from colorsys import rgb_to_hls
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.generic import DictionaryObject, NameObject, StreamObject

from scorecard.errors import RenderError
from scorecard.printing.expected_content import ExpectedContent

Rgb = tuple[float, float, float]

GREY_SATURATION = 0.15
BLUE_HUES = (190.0, 260.0)
"""In degrees. Colours of other hues must be greys: no meaning may depend on hue."""
_STRING = re.compile(rb"\((?:\\.|[^\\()])*\)|<[0-9A-Fa-f\s]*>", re.DOTALL)
_SETS_COLOUR = re.compile(rb"(?<!\S)((?:[-+.\d]+\s+){1,4})(rg|RG|g|G|k|K|scn|SCN|sc|SC)(?!\S)")
"""PDF operators that set a fill or stroke colour, with their operands."""
_INLINE_PICTURE = re.compile(rb"(?<!\S)BI(?!\S)")
_ABOUT = ("/Title", "/Author", "/Subject", "/Keywords")
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True)
class Read:
    """The text of each page of a PDF, and its metadata: title, author, subject, keywords."""

    pages: list[str]
    about: str


def read_back(pdf: bytes, expected: ExpectedContent) -> list[str]:
    """The problems of a PDF, in words; empty when it may be sent."""
    try:
        return problems_of(read(pdf), expected)
    except RenderError as error:
        return [str(error)]


def read(pdf: bytes) -> Read:
    """The text and metadata of a PDF; RenderError when the file cannot be read as one."""
    try:
        reader = PdfReader(BytesIO(pdf))
        about = reader.metadata or DictionaryObject()
        said = [str(about[key]) for key in _ABOUT if key in about]
        return Read([_text(page) for page in reader.pages], "\n".join(said))
    except Exception as error:  # on a damaged file pypdf raises any kind of error
        raise RenderError(f"the file cannot be read as a PDF: {error}") from error


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
    missing = [text for text in expected.texts if _solid(text) not in solid]
    problems += [f'"{text}" is expected and not printed' for text in missing]
    for number, page in enumerate(pages, start=1):
        said = _solid(page)
        absent = [text for text in expected.on_each if _solid(text) not in said]
        problems += [f'"{text}" is expected and not printed on page {number}' for text in absent]
    # The longest of its own names first, since a shorter one may be part of it.
    plain = _plain(" ".join(pages))
    for text in sorted(expected.own, key=len, reverse=True):
        plain, solid = _without(_plain(text), plain), solid.replace(_solid(text), " ")
    foreign = [name for name in expected.forbidden if _named(name, plain, solid)]
    return problems + [f'"{name}" is printed and does not belong here' for name in foreign]


def palette(pdf: bytes) -> set[Rgb]:
    """Every colour painted with, as red, green and blue from 0 to 1, rounded to thousandths.

    Read from the colour operators of page contents, form XObjects and patterns.
    ValueError for images, shadings and other colour spaces, whose colours the
    operators do not show.
    """
    reader = PdfReader(BytesIO(pdf))
    found: set[Rgb] = set()
    seen: set[int] = set()
    for page in reader.pages:
        contents = page.get_contents()
        if contents is not None:
            found.update(_colours(contents.get_data()))
        found.update(_nested(page.get("/Resources"), seen))
    return found


def lint_palette(pdf: bytes) -> list[str]:
    """The colours that are neither grey nor blue, in words; empty when there are none."""
    try:
        colours = palette(pdf)
    except ValueError as error:
        return [str(error)]
    return [
        f"colour #{''.join(f'{round(part * 255):02x}' for part in rgb)} is neither grey nor blue"
        for rgb in sorted(colours)
        if not _allowed(rgb)
    ]


def _text(page: PageObject) -> str:
    """The page's text, each text object (BT … ET) on a line of its own.

    Objects that are set close together would otherwise be read as one word, in which a
    name would not be found.
    """
    # A font without one of the letters has an embedded CMap as its encoding, which pypdf
    # does not follow. Its codes have two bytes like Identity-H, and /ToUnicode maps them.
    resources = page.get("/Resources", DictionaryObject()).get_object()
    for reference in resources.get("/Font", DictionaryObject()).get_object().values():
        font = reference.get_object()
        if "/Encoding" in font and isinstance(font["/Encoding"], StreamObject):
            font[NameObject("/Encoding")] = NameObject("/Identity-H")
    said: list[str] = []

    def begins(operator: bytes, *_: Any) -> None:
        if operator == b"BT":
            said.append("\n")

    page.extract_text(
        visitor_operand_before=begins, visitor_text=lambda text, *_: said.append(text)
    )
    return "".join(said)


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
    """The text normalised by NFKC, without word joiners and soft hyphens, on one line."""
    joined = unicodedata.normalize("NFKC", text).replace("\u2060", "").replace("\u00ad", "")
    return " ".join(joined.split())


def _solid(text: str) -> str:
    """The text without spaces, in which a name broken over two lines is found."""
    return _plain(text).replace(" ", "")


def _without(text: str, page: str) -> str:
    """The page without the places at which that text occurs as whole words."""
    return re.sub(rf"(?<!\w){re.escape(text)}(?!\w)", " ", page)


def _named(name: str, plain: str, solid: str) -> bool:
    # Scripts without spaces have no whole words, and break their lines anywhere.
    if _IDEOGRAPH.search(name):
        return _solid(name) in solid
    return re.search(rf"(?<!\w){re.escape(_plain(name))}(?!\w)", plain) is not None


def _nested(resources: Any, seen: set[int]) -> Iterator[Rgb]:
    """Colours inside the form XObjects and patterns that a page or form may use."""
    dictionary = resources.get_object() if resources is not None else {}
    for kind in ("/XObject", "/Pattern", "/Shading"):
        named = dictionary[kind].get_object() if kind in dictionary else {}
        for name, reference in named.items():
            item = reference.get_object()
            if id(item) in seen:
                continue
            seen.add(id(item))
            if kind == "/Shading" or item.get("/Subtype") == "/Image":
                raise ValueError(f"{name} is a picture or a shading: its colours cannot be told")
            if hasattr(item, "get_data"):
                yield from _colours(item.get_data())
            yield from _nested(item.get("/Resources"), seen)


def _colours(contents: bytes) -> Iterator[Rgb]:
    """The colours that one content stream sets. Strings are removed first: they may look alike."""
    bare = _STRING.sub(b" ", contents)
    if _INLINE_PICTURE.search(bare):
        raise ValueError("a picture is drawn inline: its colours cannot be told")
    for operands, operator in _SETS_COLOUR.findall(bare):
        parts = [float(part) for part in operands.split()]
        if operator in (b"k", b"K"):
            *inks, black = parts
            yield _rgb(*((1 - ink) * (1 - black) for ink in inks))
        else:
            yield _grey_or_rgb(parts)


def _grey_or_rgb(parts: list[float]) -> Rgb:
    if len(parts) == 1:
        return _rgb(*parts * 3)
    if len(parts) == 3:
        return _rgb(*parts)
    raise ValueError(
        f"a colour of {len(parts)} parts is used: it cannot be told as red, green, blue"
    )


def _rgb(red: float, green: float, blue: float) -> Rgb:
    return (round(red, 3), round(green, 3), round(blue, 3))


def _allowed(rgb: Rgb) -> bool:
    hue, _, saturation = rgb_to_hls(*rgb)
    return saturation <= GREY_SATURATION or BLUE_HUES[0] <= hue * 360 <= BLUE_HUES[1]
