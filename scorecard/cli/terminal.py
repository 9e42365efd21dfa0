"""What reaches a terminal: text without secrets and without signs that a terminal would obey.

Everything that is printed passes here. Names come from facts, from mail and from the ledger, and
one may have an escape sequence in it, a line's end, or a sign that turns the reading around: these
are written as JSON writes them (\\u001b), so that they are seen, and JSON stays what it is.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TextIO

from scorecard.secrets import hide

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 160
"""Columns of a table where there is no terminal, so that redirected output is not cut."""
_OBEYED = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def fit(text: str) -> str:
    """The text as a terminal may have it; line ends and tabs stay."""
    return _written_out(hide(text))


def one_line(text: str) -> str:
    """The same on one line: what was to look like a line of its own does not."""
    return fit(text.replace("\r\n", " ").replace("\n", " ").replace("\t", " "))


def _written_out(text: str) -> str:
    return _OBEYED.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


class Outlet(io.TextIOBase):
    """A stream that makes whatever is written to it fit; `raw` is the one behind it."""

    def __init__(self, raw: TextIO) -> None:
        self.raw = raw

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self.raw.encoding or "utf-8"

    def write(self, text: str) -> int:
        write_raw(self.raw, fit(text))
        return len(text)

    def flush(self) -> None:
        self.raw.flush()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self.raw.isatty()

    def fileno(self) -> int:
        return self.raw.fileno()


def write_raw(raw: TextIO, text: str) -> None:
    """Write to a stream, letters that its encoding does not have as their numbers."""
    try:
        raw.write(text)
    except UnicodeEncodeError:
        encoding = raw.encoding or "ascii"
        raw.write(text.encode(encoding, "backslashreplace").decode(encoding))


def behind(stream: TextIO) -> TextIO:
    """The stream that a terminal reads, which only what is fit already is written to."""
    return stream.raw if isinstance(stream, Outlet) else stream


def write_json(value: Any) -> None:
    """Print a value as JSON on standard output, its texts without secrets."""
    write_raw(behind(sys.stdout), f"{_json(value, indent=2)}\n")


def stream_json(values: Iterable[Any]) -> None:
    """Print a list as JSON, one element after the other."""
    raw = behind(sys.stdout)
    raw.write("[")
    for index, value in enumerate(values):
        write_raw(raw, f"{',' if index else ''}\n{_json(value)}")
    raw.write("\n]\n")


def _json(value: Any, indent: int | None = None) -> str:
    # Masked before it is written: a password of digits must not be looked for in numbers.
    return _written_out(json.dumps(_masked(value), ensure_ascii=False, indent=indent))


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, dict):
        return {hide(k) if isinstance(k, str) else k: _masked(v) for k, v in value.items()}
    return [_masked(each) for each in value] if isinstance(value, (list, tuple)) else value


def out() -> Console:
    """Standard output: as wide as the terminal; without one, 160 columns and no colour."""
    return _console(sys.stdout, None if sys.stdout.isatty() else WIDTH)


def err() -> Console:
    """Standard error, for notes and progress."""
    return _console(sys.stderr, None)


def warn(text: str) -> None:
    """Print a note on standard error."""
    err().print(f"note: {text}", markup=False, soft_wrap=True)


def _console(stream: TextIO, width: int | None) -> Console:
    """A console of Rich whose own control sequences pass, and none that is in a text."""
    # Rich is loaded where a person reads: JSON and silent progress do without it.
    from rich.console import Console, ConsoleRenderable, RenderHook
    from rich.segment import Segment
    from rich.text import Text

    class Fit:
        """Anything that Rich draws, its texts made fit where they have not been."""

        def __init__(self, drawn: ConsoleRenderable) -> None:
            self.drawn = drawn

        def __rich_console__(self, console: Console, options: Any) -> Iterable[Segment]:
            for each in console.render(self.drawn, options):
                yield each if each.control else Segment(fit(each.text), each.style)

    class Hook(RenderHook):
        def process_renderables(
            self, renderables: list[ConsoleRenderable]
        ) -> list[ConsoleRenderable]:
            for each in renderables:
                if isinstance(each, Text):
                    each.plain = one_line(each.plain)
            return [each if isinstance(each, Text) else Fit(each) for each in renderables]

    console = Console(file=behind(stream), width=width, highlight=False, soft_wrap=False)
    console.push_render_hook(Hook())
    return console
