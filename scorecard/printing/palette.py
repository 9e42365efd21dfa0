"""Palette: the colours that a finished PDF is painted with, of which none may carry a meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from colorsys import rgb_to_hls
from io import BytesIO
from typing import Any

from pypdf import PdfReader

Rgb = tuple[float, float, float]

GREY_SATURATION = 0.15
BLUE_HUES = (190.0, 260.0)
"""In degrees. Colours of other hues must be greys: no meaning may depend on hue."""
_STRING = re.compile(rb"\((?:\\.|[^\\()])*\)|<[0-9A-Fa-f\s]*>", re.DOTALL)
_SETS_COLOUR = re.compile(rb"(?<!\S)((?:[-+.\d]+\s+){1,4})(rg|RG|g|G|k|K|scn|SCN|sc|SC)(?!\S)")
"""PDF operators that set a fill or stroke colour, with their operands."""
_INLINE_PICTURE = re.compile(rb"(?<!\S)BI(?!\S)")


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
