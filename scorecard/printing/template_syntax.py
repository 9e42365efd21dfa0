"""The syntax of templates, read without the drawing engine, which takes a second to load.

A template that is byte for byte a shipped one is sound, and is not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from jinja2 import TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from scorecard.base.limits import GB, Limits
from scorecard.base.regular_file import refuse_irregular
from scorecard.base.template_files import read_inside
from scorecard.base.workers import Nursery
from scorecard.errors import RenderError

FILTERS = ("joined", "ended", "phrases")
"""What `printing.renderer` adds to the filters of Jinja; a test holds that none is missing."""
READING = Limits(20, GB // 2)
"""Limits of one template: what is constant in it is worked out when it is read."""
_LOADED = ("scorecard.printing.template_syntax",)


def misspelt(folder: Path, shipped: Path) -> Iterator[tuple[str, int, str]]:
    """A project's own templates that cannot be read: name, line, and what is wrong."""
    with closing(Nursery(_LOADED, READING)) as nursery:
        worker = None
        for file in sorted([*folder.rglob("*.html"), *folder.rglob("*.j2")]):
            name = file.relative_to(folder).as_posix()
            try:
                refuse_irregular(file)
                content = read_inside(folder, name)
                if content is None or content == read_inside(shipped, name):
                    continue
                if worker is None or not worker.fit:
                    worker = nursery.worker()
                wrong = worker.do(Reading(name, content))
            except OSError as error:
                wrong = 1, f"it cannot be read: {error.strerror}"
            except RenderError as error:
                wrong = 1, str(error)
            if wrong is not None:
                yield name, *wrong


@dataclass(frozen=True)
class Reading:
    """A template to be read."""

    name: str
    content: bytes

    @property
    def what(self) -> str:
        return f"Reading template {self.name}"

    def do(self) -> tuple[int, str] | None:
        """The line of the first fault, and what it is."""
        language = SandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        language.filters.update(dict.fromkeys(FILTERS, str))
        try:
            # Raw, since only writing the code finds filters that do not exist; running it is
            # what takes time.
            language.compile(self.content.decode(), self.name, raw=True)
        except RecursionError:
            return 1, "it is nested too deep"
        except TemplateSyntaxError as error:
            return error.lineno, error.message or "not a template"
        except UnicodeDecodeError as error:
            return self.content[: error.start].count(b"\n") + 1, "it is not UTF-8"
        except ValueError:  # of its lexer, which reads numbers by itself
            return 1, "it has a number of more digits than can be read"
        return None
