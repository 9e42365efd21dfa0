"""Template set: the files that documents are drawn with, each by its hash.

A project's own file stands in for the shipped one of the same name, which is still there as
"default:packet.html". Templates of mails, and what is no template, draw nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from scorecard.base.regular_file import read_bytes

MAIL = "mail"
"""The folder with the templates of mails."""
DEFAULT = "default:"
_NO_TEMPLATES = (".md", ".txt")


@dataclass(frozen=True)
class TemplateSet:
    """`files` has by name the first twelve hex digits of each file's SHA-256."""

    files: Mapping[str, str]

    @classmethod
    def of(cls, own: Path | None, shipped: Path) -> TemplateSet:
        """The templates of a project, and the shipped ones; its own need not be there."""
        found = dict(_hashed(shipped))
        for name, hashed in _hashed(own) if own is not None else ():
            if name in found and found[name] != hashed:
                found[f"{DEFAULT}{name}"] = found[name]
            found[name] = hashed
        return cls(dict(sorted(found.items())))

    @cached_property
    def digest(self) -> str:
        """Sixteen hex digits that tell this set from others."""
        said = "\n".join(f"{name} {hashed}" for name, hashed in self.files.items())
        return sha256(said.encode()).hexdigest()[:16]

    def differing(self, other: Mapping[str, str]) -> list[str]:
        """The names of files that are not the same in another set, or only in one of the two."""
        names = sorted(self.files.keys() | other.keys())
        return [name for name in names if _of(name, self.files) != _of(name, other)]


def _of(name: str, files: Mapping[str, str]) -> str | None:
    """The hash under a name; a shipped file that no other stands in for is both."""
    return files.get(name) or files.get(name.removeprefix(DEFAULT))


def _hashed(folder: Path) -> Iterator[tuple[str, str]]:
    """(name, hash) of each file in a folder of templates."""
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder)
        if name.parts[0] == MAIL or file.suffix in _NO_TEMPLATES or not file.is_file():
            continue
        yield name.as_posix(), sha256(read_bytes(file)).hexdigest()[:12]
