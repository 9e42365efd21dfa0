"""Filling: a mail template becomes text; one that is not a shipped one does so within limits.

The shipped templates are filled in this process. As soon as a project's own differ from them, all
are filled by another one.
"""

from __future__ import annotations

import traceback
import weakref
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from jinja2 import Environment, TemplateSyntaxError

from scorecard.base.limits import GB, Limits
from scorecard.base.template_files import environment, read_inside
from scorecard.base.workers import Nursery, Worker
from scorecard.errors import RenderError
from scorecard.mail.content import MailContent

FOLDER = "mail"
FILLING = Limits(20, GB // 2)
"""Limits of one text of one mail."""
_LOADED = ("scorecard.mail.filling",)


@dataclass(frozen=True)
class Filling:
    """A template by its name, the folders that it may lie in, and what it is filled with."""

    own: Path | None
    shipped: Path
    name: str
    content: MailContent
    files: tuple[str, ...]
    table_lines: tuple[str, ...]

    @property
    def what(self) -> str:
        return f"Filling template {self.name}"

    def do(self) -> str:
        """The text; RenderError names template and line."""
        try:
            template = _language(self.own, self.shipped).get_template(self.name)
            return template.render(
                letter=self.content, files=self.files, table_lines=self.table_lines
            )
        except (RenderError, MemoryError):
            raise
        except Exception as error:  # a project's template can raise anything
            place = _place(error, self.name)
            said = " ".join(str(error).split()).rstrip(".")
            raise RenderError(f"Template {place} cannot be filled: {said}.") from error


@lru_cache(maxsize=4)
def _language(own: Path | None, shipped: Path) -> Environment:
    return environment(
        own, shipped, autoescape=lambda name: name is not None and name.endswith(".html.j2")
    )


class Filler:
    """Fills the templates of a project, and the shipped ones where it has none."""

    def __init__(self, own: Path | None, shipped: Path) -> None:
        self._own, self._shipped = own, shipped
        self._seen: tuple[object, bool] | None = None
        self._lock = Lock()
        self._worker: Worker | None = None
        self._nursery = Nursery(_LOADED, FILLING)
        weakref.finalize(self, self._nursery.close)

    def fill(
        self, name: str, content: MailContent, files: tuple[str, ...], lines: tuple[str, ...]
    ) -> str:
        """The text; RenderError as above, and where the template meets a limit."""
        with self._lock:
            if not self._differ():
                # Without the project's folder, so that a file changed meanwhile is not read here.
                return Filling(None, self._shipped, name, content, files, lines).do()
            if self._worker is None or not self._worker.fit:
                self._worker = self._nursery.worker()
            return self._worker.do(Filling(self._own, self._shipped, name, content, files, lines))

    def _differ(self) -> bool:
        """Whether the project has mail templates that are not word for word the shipped ones."""
        if self._own is None:
            return False
        files = sorted((self._own / FOLDER).glob("*.j2"))
        stats = [(f.name, s.st_mtime_ns, s.st_size) for f in files if (s := f.lstat())]
        if self._seen is None or self._seen[0] != stats:
            names = [f"{FOLDER}/{file.name}" for file in files]
            differ = any(
                read_inside(self._own, name) != read_inside(self._shipped, name) for name in names
            )
            self._seen = stats, differ
        return self._seen[1]


def _place(error: Exception, path: str) -> str:
    """The innermost template that the error comes from, and its line: "mail/test.txt.j2:3"."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.name or path}:{error.lineno}"
    frames: list[Any] = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        parts = Path(frame.filename).parts
        if frame.filename.endswith(".j2") and FOLDER in parts:
            inside = parts[len(parts) - 1 - parts[::-1].index(FOLDER) :]
            return f"{'/'.join(inside)}:{frame.lineno}"
    return path
