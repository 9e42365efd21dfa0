"""Stylesheets: read once for each setting, and lengths that depend on it worked out beforehand.

`calc(25pt - 5pt * var(--tight))` would be worked out again for every element it applies to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from weasyprint import CSS
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from scorecard.base.template_files import read_inside
from scorecard.errors import RenderError

_FONTS = "fonts.css"
_BY_SETTING = re.compile(
    r"calc\(\s*([\d.]+)pt\s*([-+])\s*([\d.]+)pt\s*\*\s*var\(--tight\)\s*\)", re.ASCII
)


class Stylesheets:
    """The stylesheets of some folders, of which an earlier one stands in for a later one."""

    def __init__(self, folders: Sequence[Path], urls: URLFetcher) -> None:
        self.fonts = FontConfiguration()
        self._urls = urls
        self._folders = folders
        self._read: dict[tuple[str, float], list[CSS]] = {}

    def of(self, name: str, tight: float) -> list[CSS]:
        """The sheets by which a template is laid out; RenderError where one is missing."""
        tight = round(tight, 3)
        if (name, tight) not in self._read:
            shared, own = self._file("print.css"), self._file(f"{name}.css")
            # One sheet is matched in half the time of two, but its pictures lie beside it.
            together = [[shared, own]] if shared.parent == own.parent else [[shared], [own]]
            sheets = [self._sheet(files, tight) for files in together]
            self._read[name, tight] = [*self._font_sheet(), *sheets]
        return self._read[name, tight]

    def _font_sheet(self) -> list[CSS]:
        if (_FONTS, 0.0) not in self._read:
            self._read[_FONTS, 0.0] = [self._sheet([self._file(_FONTS)], 0.0)]
        return self._read[_FONTS, 0.0]

    def _sheet(self, files: Sequence[Path], tight: float) -> CSS:
        text = "\n".join(_text(file) for file in files)
        text = _BY_SETTING.sub(lambda found: _length(found, tight), text)
        return CSS(
            string=text, base_url=str(files[0]), font_config=self.fonts, url_fetcher=self._urls
        )

    def _file(self, name: str) -> Path:
        found = next((f / name for f in self._folders if (f / name).is_file()), None)
        if found is None:
            raise RenderError(
                f"Stylesheet {name} is not in {self._folders[-1]}; install the package again."
            )
        return found


def _text(file: Path) -> str:
    try:
        return (read_inside(file.parent, file.name) or b"").decode()
    except UnicodeDecodeError as error:
        raise RenderError(f"Stylesheet {file} is not UTF-8; save it as that.") from error


def _length(found: re.Match[str], tight: float) -> str:
    comfortable, sign, by = float(found[1]), found[2], float(found[3])
    return f"{comfortable + (by if sign == '+' else -by) * tight:g}pt"
