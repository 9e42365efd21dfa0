"""The syntax of templates, read without the drawing engine, which takes a second to load.

A template that is byte for byte a shipped one is sound, and is not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError

from scorecard.base.regular_file import read_bytes

FILTERS = ("joined", "ended", "phrases")
"""What `printing.renderer` adds to the filters of Jinja; a test holds that none is missing."""


def misspelt(folder: Path, shipped: Path) -> Iterator[tuple[str, int, str]]:
    """A project's own templates that cannot be read: name, line, and what is wrong."""
    language = Environment(trim_blocks=True, lstrip_blocks=True)
    language.filters.update(dict.fromkeys(FILTERS, str))
    for file in sorted([*folder.rglob("*.html"), *folder.rglob("*.j2")]):
        name, original = file.relative_to(folder).as_posix(), shipped / file.relative_to(folder)
        try:
            content = read_bytes(file)
        except OSError as error:
            yield name, 1, f"it cannot be read: {error.strerror}"
            continue
        if original.is_file() and original.read_bytes() == content:
            continue
        try:
            # Raw, since only writing the code finds filters that do not exist; running it is
            # what takes time.
            language.compile(content.decode(), name, raw=True)
        except RecursionError:
            yield name, 1, "it is nested too deep"
        except TemplateSyntaxError as error:
            yield name, error.lineno, error.message or "not a template"
        except UnicodeDecodeError as error:
            yield name, content[: error.start].count(b"\n") + 1, "it is not UTF-8"
        except ValueError:  # of its lexer, which reads numbers by itself
            yield name, 1, "it has a number of more digits than can be read"
