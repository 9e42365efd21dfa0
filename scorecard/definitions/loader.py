"""The loader of metrics, which imports the Python files of a project's metrics folder.

The folder is imported as a package under a private name, so that its files can
share helpers (`from ._shared import …`) and none of them becomes a name that
other code could import or that could hide a library.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import MappingProxyType, ModuleType

from scorecard.base.regular_file import read_bytes, refuse_irregular
from scorecard.base.theirs import PATIENCE, printing_aside, telling_if_long
from scorecard.definitions.metric import Metric
from scorecard.definitions.reach import Reach
from scorecard.errors import DefinitionError, ScorecardError


def load_metrics(
    folder: Path,
    settings: Mapping[str, object] = MappingProxyType({}),
    patience: timedelta = PATIENCE,
) -> dict[str, Metric]:
    """Every metric declared in the folder, by name, in the order of files and then of lines.

    Files whose name starts with "_" are helpers: they declare no metric. A metric's
    version tells the code that it reaches, in whichever file, and what of `settings`
    that code asks for (`Settings.defining`), from any other. An empty
    folder has no metrics. DefinitionError when the folder is missing, a file cannot be
    run, declares nothing or is written to meanwhile, or a name is declared twice. What the
    files print goes to standard error; one that is not done after `patience` is named there.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise DefinitionError(
            f"{folder}: the folder does not exist; make it, or say where metrics are with "
            '"metrics" in [tool.scorecard].'
        )
    before = _texts(folder)
    loaded: dict[str, Metric] = {}
    at = [folder]
    with _importable(folder) as package:
        with printing_aside(), telling_if_long(patience, lambda so_long: _loading(at[-1], so_long)):
            for file in sorted(folder.glob("*.py")):
                _refuse_irregular(file)
                if not file.name.startswith("_"):
                    at.append(file)
                    for found in _declared(_run(file, package), file):
                        _keep(found, loaded)
        if _texts(folder) != before:
            raise DefinitionError(
                f"{_shown(folder)}: a file was written to while it was loaded; run again."
            )
        reach = Reach(folder, before, settings) if loaded else None
        told = {name: _versioned(m, reach, package) for name, m in loaded.items() if reach}
    return {name: _in_currency(m, str(settings.get("currency", ""))) for name, m in told.items()}


@contextmanager
def _importable(folder: Path) -> Iterator[str]:
    """The name of a private package for a folder, free of what an earlier load left there.

    No byte code is written: it would litter the user's folder, and it hides an
    edit made within the same second.
    """
    # Named by its path, so that two projects in one process do not share modules.
    alias = f"_scorecard_{sha256(str(folder).encode()).hexdigest()[:12]}"
    for name in [n for n in sys.modules if n == alias or n.startswith(f"{alias}.")]:
        del sys.modules[name]
    invalidate_caches()
    package = ModuleType(alias)
    package.__path__ = [str(folder)]
    sys.modules[alias] = package
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield alias
    finally:
        sys.dont_write_bytecode = before


def _run(file: Path, package: str) -> ModuleType:
    try:
        return import_module(f"{package}.{file.stem}")
    except (ScorecardError, KeyboardInterrupt):
        raise
    except BaseException as error:  # a user's own file may raise anything
        raise DefinitionError(
            f"{_place(error, file)}: the file cannot be loaded: "
            f"{type(error).__name__}: {_message(error)}."
        ) from error


def _place(error: BaseException, file: Path) -> str:
    """The innermost line of the project's own code that the error comes from."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_shown(Path(error.filename))}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if Path(f.filename).parent == file.parent]
    return f"{_shown(Path(ours[-1].filename))}:{ours[-1].lineno}" if ours else _shown(file)


def _message(error: BaseException) -> str:
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return text.rstrip(".") or "no message"


def _declared(module: ModuleType, file: Path) -> list[Metric]:
    """The metrics in a module by line, also those that it imports from another file."""
    found = [value for value in vars(module).values() if isinstance(value, Metric)]
    if not found:
        raise DefinitionError(
            f"{_shown(file)}: the file declares no metric; decorate a function with @metric, or "
            'start the name of the file with "_" if it only helps others.'
        )
    return sorted(found, key=lambda m: (m.file, m.line))


def _keep(found: Metric, loaded: dict[str, Metric]) -> None:
    """Keep a metric once, however many files import it; DefinitionError for another of its name."""
    earlier = loaded.setdefault(found.name, found)
    if earlier is not found:
        first, second = (f"{_shown(Path(m.file))}:{m.line}" for m in (earlier, found))
        raise DefinitionError(
            f'{second}: metric "{found.name}" is declared already, in {first}; rename one of them.'
        )


def _texts(folder: Path) -> dict[str, tuple[bytes, bool]]:
    """Every Python file under the folder by its dotted name, and whether it is a package's face."""
    found = {}
    for file in sorted(folder.rglob("*.py")):
        _refuse_irregular(file)
        parts = file.relative_to(folder).with_suffix("").parts
        face = parts[-1] == "__init__"
        found[".".join(parts[:-1] if face else parts)] = (read_bytes(file), face)
    return found


def _refuse_irregular(file: Path) -> None:
    """DefinitionError where it is no file, so that the import would wait for ever."""
    try:
        refuse_irregular(file)
    except OSError as error:
        raise DefinitionError(
            f"{_shown(file)}: it cannot be read ({error.strerror}); replace or remove it."
        ) from error


def _versioned(found: Metric, reach: Reach, package: str) -> Metric:
    """The metric with a version that tells all that it reaches."""
    home = str(getattr(found.observe, "__module__", ""))
    module = sys.modules.get(home)
    names = [name for name, value in vars(module).items() if value is found] if module else []
    code = reach.digest(home.removeprefix(f"{package}."), names)
    return replace(found, version=sha256(f"{found.version}{code}".encode()).hexdigest()[:7])


def _in_currency(found: Metric, currency: str) -> Metric:
    """The metric with a version that tells amounts in one currency from those in others."""
    if not found.unit.money or not currency:
        return found
    return replace(found, version=sha256(f"{found.version}{currency}".encode()).hexdigest()[:7])


def _loading(file: Path, so_long: str) -> str:
    return (
        f"{_shown(file)}: metrics are still being loaded after {so_long}, and it is at this file; "
        "look for what waits or repeats without end when it is imported."
    )


def _shown(file: Path) -> str:
    """A file as people name it: metrics/csat.py."""
    return f"{file.parent.name}/{file.name}"
