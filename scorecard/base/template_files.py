"""Template files: a project's own, and the shipped ones where it has none."""

from __future__ import annotations

from pathlib import Path

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader


def template_loader(project: Path | None, shipped: Path) -> BaseLoader:
    """A loader that finds a template of the project before the shipped one of the same name.

    "default:packet.html" always means the shipped one.
    """
    folders = [folder for folder in (project, shipped) if folder is not None]
    return ChoiceLoader(
        [
            *(FileSystemLoader(folder) for folder in folders),
            PrefixLoader({"default": FileSystemLoader(shipped)}, delimiter=":"),
        ]
    )
