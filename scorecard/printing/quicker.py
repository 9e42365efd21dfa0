"""Quicker: the same pages drawn in less time, by what WeasyPrint works out again and again.

It makes each line of text twice, once to place and once to paint it, and asks the same styles
for the same lengths and fonts thousands of times. Here that is kept. This reaches into parts
of WeasyPrint that are not meant for it, which nothing else allows: so it is done only for the
version it was written for, and `tests/test_quicker.py` holds both what it replaces and that
not one byte of a document changes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pydyf
import weasyprint
from weasyprint.css import ComputedStyle, StyleFor
from weasyprint.css.computed_values import PHYSICAL_FUNCTIONS
from weasyprint.css.properties import INHERITED, INITIAL_NOT_COMPUTED, INITIAL_VALUES
from weasyprint.layout import percent
from weasyprint.svg import utils as svg
from weasyprint.text import line_break
from weasyprint.text.constants import PANGO_DIRECTION
from weasyprint.text.ffi import ffi, gobject, pango, unicode_to_char_p
from weasyprint.text.fonts import font_features, get_font_description

WRITTEN_FOR = ("70.0", "0.13.0")
"""The versions of WeasyPrint and pydyf."""
_SPECIAL = ("position", "float", "display", "page")
_PLAIN_INHERITED = frozenset(
    key for key in INHERITED if key not in PHYSICAL_FUNCTIONS and key not in _SPECIAL
)
_PLAIN_INITIAL = frozenset(
    key
    for key in INITIAL_VALUES
    if key not in INHERITED and key not in INITIAL_NOT_COMPUTED and key not in _SPECIAL
)
_LOGICAL = {
    key: of(block="ttb", inline="ltr")
    for key, of in PHYSICAL_FUNCTIONS.items()
    if key in _PLAIN_INITIAL
}
_SIDES = ("left", "right", "top", "bottom")
_LENGTHS = (
    *(f"margin_{side}" for side in _SIDES),
    *(f"padding_{side}" for side in _SIDES),
    *("width", "height", "min_width", "max_width", "min_height", "max_height"),
)
_BORDERS = tuple(f"border_{side}_width" for side in ("top", "right", "bottom", "left"))
_ABSENT: dict[str, Callable[[Any], bool]] = {
    "marker": lambda style: "list-item" in style["display"],
    **dict.fromkeys(("footnote-call", "footnote-marker"), lambda s: s["float"] == "footnote"),
    **dict.fromkeys(
        ("note-call", "note-marker", "note-callback"), lambda s: s["position"][0] == "note()"
    ),
}
"""Of pseudo-elements that few elements have, whether one with that style has it."""
_PARAGRAPHS = frozenset("\n\r\u2029")
_ORIGINALS: dict[str, Callable[..., Any]] = {
    "missing": ComputedStyle.__missing__,
    "styles": StyleFor.set_computed_styles,
    "setup": line_break.Layout.setup,
    "set_text": line_break.Layout.set_text,
    "deactivate": line_break.Layout.deactivate,
    "reactivate": line_break.Layout.reactivate,
    "key": line_break._font_style_cache_key,
    "percentages": percent.resolve_percentages,
    "pages": pydyf.PDF.page_references.fget,
}
_PURE = ("size", "normalize", "parse_url")
"""Functions of strings, by which the drawings read their attributes."""
_PURE_KEPT = {name: lru_cache(8192)(getattr(svg, name)) for name in _PURE}
_PURE_ORIGINALS = {name: getattr(svg, name) for name in _PURE}


def quicken() -> None:
    """Let WeasyPrint keep what it works out; nothing where its version is another."""
    if (weasyprint.__version__, pydyf.__version__) == WRITTEN_FOR:
        _replace(
            _missing,
            _styles,
            _setup,
            _set_text,
            _deactivate,
            _reactivate,
            _key,
            _percentages,
            _pages,
        )


def unhurried() -> None:
    """WeasyPrint as it was, for those who compare."""
    _pass("weasyprint.svg", _PURE_ORIGINALS)
    _replace(*_ORIGINALS.values())


def _pass(package: str, functions: dict[str, Callable[..., Any]]) -> None:
    """Put functions into every module of a package that took them over by their names."""
    for name, module in list(sys.modules.items()):
        if module is not None and name.startswith(package):
            for each in functions.keys() & vars(module).keys():
                setattr(module, each, functions[each])


def _replace(
    missing: Any,
    styles: Any,
    setup: Any,
    set_text: Any,
    deactivate: Any,
    reactivate: Any,
    key: Any,
    percentages: Any,
    pages: Any,
) -> None:
    ComputedStyle.__missing__, StyleFor.set_computed_styles = missing, styles
    layout = line_break.Layout
    layout.setup, layout.set_text = setup, set_text
    layout.deactivate, layout.reactivate = deactivate, reactivate
    line_break._font_style_cache_key = key
    pydyf.PDF.page_references = property(pages)
    _pass("weasyprint.layout", {"resolve_percentages": percentages})


def _missing(style: Any, key: str) -> Any:
    """The value of a property that no rule sets: its parent's, or the initial one."""
    if key in style.cascaded:
        return _ORIGINALS["missing"](style, key)
    parent = style.parent_style
    if parent is not None and key in _PLAIN_INHERITED and not key.startswith("text_decoration_"):
        value = parent[key]
        if getattr(value, "type", None) != "function":
            style[key] = value
            return value
    elif key in _PLAIN_INITIAL and not key.startswith("text_decoration_"):
        logical = _LOGICAL.get(key)
        if logical is None or (logical not in style.cascaded and style["direction"] == "ltr"):
            value = style[key] = INITIAL_VALUES[key]
            return value
    return _ORIGINALS["missing"](style, key)


def _styles(of: Any, element: Any, parent: Any, *about: Any, **more: Any) -> None:
    """The style of an element, or of what stands before or beside it, if that can be there.

    The rules of every browser give each element the styles of a marker and of notes.
    """
    pseudo = more.get("pseudo_type")
    if pseudo in _ABSENT and not _ABSENT[pseudo](of.get_computed_styles()[parent, None]):
        return
    _ORIGINALS["styles"](of, element, parent, *about, **more)


class _Type:
    """What lines in one style have in common: the context and the font of Pango."""

    def __init__(self, style: Any) -> None:
        self.font = get_font_description(style)
        self.context = ffi.gc(
            pango.pango_font_map_create_context(style.font_config.font_map), gobject.g_object_unref
        )
        pango.pango_context_set_round_glyph_positions(self.context, False)
        pango.pango_context_set_base_dir(self.context, PANGO_DIRECTION[style["direction"]])
        if style["lang"]:
            name, _ = unicode_to_char_p(style["lang"])
            self.language = pango.pango_language_from_string(name)
            pango.pango_context_set_language(self.context, self.language)
        else:
            self.language = pango.pango_language_get_default()


def _type(style: Any) -> _Type | None:
    """The style's type; None where it asks for more than a font, a size and a language."""
    if "_type" not in style.__dict__:
        plain = (
            style["text_decoration_line"] == "none"
            and style["font_language_override"] == "normal"
            and not font_features(
                style["font_kerning"],
                style["font_variant_ligatures"],
                style["font_variant_position"],
                style["font_variant_caps"],
                style["font_variant_numeric"],
                style["font_variant_alternates"],
                style["font_variant_east_asian"],
                style["font_feature_settings"],
            )
        )
        style._type = _shared_type(style) if plain else None
    found: _Type | None = style._type
    return found


def _shared_type(style: Any) -> _Type:
    kept = style.font_config.__dict__.setdefault("_types", {})
    key = (
        *style["font_family"],
        style["font_style"],
        style["font_stretch"],
        style["font_weight"],
        style["font_size"],
        style["font_variant_caps"],
        str(style["font_variation_settings"]),
        style["lang"],
        style["direction"],
    )
    if key not in kept:
        kept[key] = _Type(style)
    found: _Type = kept[key]
    return found


def _setup(layout: Any, style: Any) -> None:
    found = _type(style)
    if found is None:
        _ORIGINALS["setup"](layout, style)
        return
    layout.style, layout.first_line_direction = style, 0
    layout.language = found.language
    layout.layout = ffi.gc(pango.pango_layout_new(found.context), gobject.g_object_unref)
    pango.pango_layout_set_auto_dir(layout.layout, False)
    pango.pango_layout_set_font_description(layout.layout, found.font)
    layout.ascent = layout.underline_position = layout.strikethrough_position = None


def _set_text(layout: Any, text: str, justify: bool = False) -> None:
    if _PARAGRAPHS.isdisjoint(text):
        # Painting asks for it, and Pango would make the line again if it were news.
        pango.pango_layout_set_single_paragraph_mode(layout.layout, True)
    else:
        pango.pango_layout_set_single_paragraph_mode(layout.layout, False)
    _ORIGINALS["set_text"](layout, text, justify)


def _deactivate(layout: Any) -> None:
    """Keep the line: it is painted soon, and goes with its document."""
    if _type(layout.style) is None or layout.justification_spacing:
        _ORIGINALS["deactivate"](layout)


def _reactivate(layout: Any, style: Any) -> None:
    if "layout" not in layout.__dict__ or style is not layout.style:
        _ORIGINALS["reactivate"](layout, style)


def _key(style: Any, include_size: bool = False) -> str:
    kept: dict[bool, str] = style.__dict__.setdefault("_keys", {})
    if include_size not in kept:
        kept[include_size] = _ORIGINALS["key"](style, include_size)
    return kept[include_size]


def _percentages(box: Any, containing_block: Any) -> None:
    """The lengths of a box; where its style has no percentage, they are those of the style."""
    style = box.style
    lengths = style.__dict__.get("_lengths", ...)
    if lengths is ...:
        lengths = style._lengths = _plain_lengths(style)
    if lengths is None:
        _ORIGINALS["percentages"](box, containing_block)
        return
    box.__dict__.update(lengths)
    collapse = style["border_collapse"] == "collapse"
    for name in _BORDERS:
        if not (collapse and hasattr(box, name)):
            setattr(box, name, style[name])


def _plain_lengths(style: Any) -> dict[str, Any] | None:
    if style["box_sizing"] != "content-box":
        return None
    found: dict[str, Any] = {}
    for name in _LENGTHS:
        value = style[name]
        if value is None or value == "auto":
            found[name] = 0 if value == "auto" and name.startswith("min_") else value
        elif getattr(value, "unit", None) == "px":
            found[name] = value.value
        else:
            return None
    return found


def _pages(pdf: Any) -> tuple[bytes, ...]:
    """The references of the pages, which every tag asks for."""
    kids = pdf.pages["Kids"]
    kept = pdf.__dict__.get("_references", ())
    if 3 * len(kept) != len(kids):
        kept = pdf._references = _ORIGINALS["pages"](pdf)
    found: tuple[bytes, ...] = kept
    return found
