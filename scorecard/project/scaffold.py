"""The scaffold: lays out a new project, with copies of the shipped folders.

A project consists of the skeleton, which is its own (settings, strategy, example
facts), and of copies of the shipped metrics, templates and schedules.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

from scorecard.base.files import write_whole
from scorecard.base.regular_file import read_text
from scorecard.base.toml_text import TomlError, parsed
from scorecard.errors import ProjectError

ROOMS = ("metrics", "templates", "schedules")
# The package scorecard/, counted from this file: it changes when the file moves.
PACKAGE = Path(__file__).resolve().parent.parent
SKELETON = PACKAGE / "skeleton"
# Without a pyproject.toml, a folder that has other files than these is refused.
_PROJECT_FILES = {*ROOMS, "facts", "output", "strategy.toml", "pyproject.toml", ".scorecard"}
_NO_IDENTITY = re.compile(r'(?m)^# project = ""(.*)$')
_NEUTRAL_FILES = {".git", ".gitignore", ".gitattributes", ".github", ".venv", "venv", "LICENSE"}


def room(name: str) -> Path:
    """The shipped folder of that name: metrics, templates or schedules.

    It is in `_starter` inside an installed package, and above the package in a
    checkout. ProjectError when neither has all of them.
    """
    for folder in (PACKAGE / "_starter", PACKAGE.parent):
        if all((folder / each).is_dir() for each in ROOMS):
            return folder / name
    raise ProjectError(
        f"{PACKAGE}: the shipped {', '.join(ROOMS)} are not there; install the package again."
    )


def init(folder: Path, skeleton: Path = SKELETON, besides: Collection[str] = ()) -> Iterator[str]:
    """Lay out a project, and yield what was done, part by part, after doing it.

    Nothing that exists is changed: parts that are there are kept whole, and an
    existing pyproject.toml only gets a section appended, if it has none. `facts/`
    is laid out only together with that section, which refers to it. A shipped folder
    that the skeleton has itself is laid out from there. ProjectError when the folder
    holds other things than those named in `besides`, and is not a Python project.
    """
    _refuse_other_folder(folder, besides)
    folder.mkdir(parents=True, exist_ok=True)
    fresh = not is_project(folder)
    yield _settings(folder / "pyproject.toml", skeleton / "pyproject.toml", fresh)
    yield _copy(skeleton / "strategy.toml", folder / "strategy.toml", "strategy.toml")
    for name in ROOMS:
        own = skeleton / name
        yield _copy(own if own.is_dir() else room(name), folder / name, f"{name}/")
    if fresh and (skeleton / "facts").is_dir():
        yield _copy(skeleton / "facts", folder / "facts", "facts/")
    yield _copy(SKELETON / "output" / "gitignore", folder / "output" / ".gitignore", "output/")
    yield _copy(SKELETON / "gitignore", folder / ".gitignore", ".gitignore")


def _identified(comment: re.Match[str]) -> str:
    return f"{identity_line():40}{comment[1].lstrip()}"


def identity_line() -> str:
    """The setting by which a new project is no other one, for the rest of its days."""
    return f'project = "{token_hex(8)}"'


def _refuse_other_folder(folder: Path, besides: Collection[str]) -> None:
    if folder.exists() and not folder.is_dir():
        raise ProjectError(f"{folder} is a file; name a folder for the project.")
    if not folder.exists() or (folder / "pyproject.toml").exists():
        return
    usual = {*_PROJECT_FILES, *_NEUTRAL_FILES, *besides}
    strange = sorted(
        entry.name
        for entry in folder.iterdir()
        if entry.name not in usual and not entry.name.startswith("README")
    )
    if strange:
        raise ProjectError(
            f'{folder} holds other things ("{strange[0]}"); '
            "name a folder that is empty, or does not exist yet."
        )


def is_project(folder: Path) -> bool:
    """Whether the folder has a pyproject.toml with [tool.scorecard]."""
    file = folder / "pyproject.toml"
    if not file.exists():
        return False
    try:
        return "scorecard" in parsed(read_text(file, "utf-8")).get("tool", {})
    except (TomlError, UnicodeDecodeError) as error:
        raise ProjectError(f"{file} is not valid TOML: {error}; mend it first.") from error
    except OSError as error:
        raise ProjectError(f"{file} cannot be read ({error.strerror}); mend it first.") from error


def _settings(file: Path, model: Path, fresh: bool) -> str:
    if not fresh:
        return "pyproject.toml has [tool.scorecard], kept"
    section = _NO_IDENTITY.sub(_identified, model.read_text("utf-8"))
    if not file.exists():
        write_whole(file, section)
        return "pyproject.toml"
    before = read_text(file, "utf-8")
    after = f"{before.rstrip()}\n\n{section}" if before.strip() else section
    try:
        parsed(after)
    except TomlError as error:
        raise ProjectError(
            f"{file}: [tool.scorecard] cannot be appended ({error}); add it by hand, as in {model}."
        ) from error
    write_whole(file, after)
    return "pyproject.toml, [tool.scorecard] appended"


def _copy(source: Path, target: Path, shown: str) -> str:
    """Copy a file or folder, all of it or nothing; an existing target is kept as it is."""
    if target.exists():
        return f"{shown} exists, kept"
    target.parent.mkdir(exist_ok=True)
    # A rename is atomic only on one file system, so that the copy is made beside the target.
    with TemporaryDirectory(dir=target.parent, prefix=".scorecard-init-") as folder:
        copied = Path(folder) / target.name
        if source.is_dir():
            shutil.copytree(source, copied, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, copied)
        copied.rename(target)
    return shown
