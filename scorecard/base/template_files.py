"""Template files: a project's own, and the shipped ones where it has none.

Whoever writes a template need not be somebody who may read the server. So nothing is read that
lies outside of the two folders, however its name or a link leads there, and what is filled in runs
in Jinja's sandbox.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, Environment, PrefixLoader, StrictUndefined
from jinja2 import TemplateNotFound as NotFound
from jinja2.loaders import split_template_path
from jinja2.sandbox import ImmutableSandboxedEnvironment

from scorecard.errors import RenderError


def read_inside(folder: Path, name: str) -> bytes | None:
    """The content of a regular file in the folder, or in one below; None where there is none.

    RenderError where the name, or a link, leads out of the folder.
    """
    path = folder / name
    try:
        # Nobody waits for the other end of a pipe.
        opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    with open(opened, "rb") as file:
        found = os.fstat(opened)
        if not stat.S_ISREG(found.st_mode):
            return None
        # What was opened is looked at, not what has its name by now.
        if not _leads_to(path, folder, found):
            raise RenderError(
                f"{path} leads out of {folder}; put the file itself there, for templates use "
                "nothing else."
            )
        return file.read()


def _leads_to(path: Path, folder: Path, found: os.stat_result) -> bool:
    """Whether the path leads to that file, and it lies in the folder."""
    try:
        real = path.resolve(strict=True)
        return real.is_relative_to(folder.resolve()) and os.path.samestat(real.stat(), found)
    except OSError:
        return False


def environment(project: Path | None, shipped: Path, **options: Any) -> Environment:
    """The language of a project's templates, in its sandbox.

    A template of the project is found before the shipped one of the same name;
    "default:packet.html" always means the shipped one. A name that is not known is an error.
    """
    folders = [folder for folder in (project, shipped) if folder is not None]
    loader = ChoiceLoader(
        [
            *(_FolderLoader(folder) for folder in folders),
            PrefixLoader({"default": _FolderLoader(shipped)}, delimiter=":"),
        ]
    )
    return ImmutableSandboxedEnvironment(
        loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, **options
    )


class _FolderLoader(BaseLoader):
    """Jinja's own loader of files follows every link."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        path = self._folder.joinpath(*split_template_path(template))
        changed = _changed(path)
        content = read_inside(self._folder, str(path.relative_to(self._folder)))
        if content is None:
            raise NotFound(template)
        return content.decode("utf-8"), str(path), lambda: _changed(path) == changed


def _changed(path: Path) -> int | None:
    """When the file was changed last, in nanoseconds; None where it cannot be known."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None
