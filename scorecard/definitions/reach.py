"""The reach of a metric: all code that decides its figures, followed from its function.

From the statement that binds the metric every name is followed to the statements that bind it, in
the project's files and in the package's own; libraries count by their versions, and settings that
the code asks for (`facts.options.revenue`) by what they are set to. Statements that run
when a file is loaded and may alter what was reached count, too. Where a name cannot be told from
the text (`getattr`, `import *`, `exec` …) all of the project's files count.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType

from scorecard.definitions.modules import Module, Uses, own_module, targets
from scorecard.definitions.normal import bound_by, executed, normal

PACKAGE = "scorecard"
CARRIED_OUT = ("definitions.metric", "facts.statements", "errors", "base.periods", "base.version")
"""Modules of the package that carry out what metrics say, and define nothing of it."""
METHODS = {
    "facts.tables": (
        "Facts",
        {"recurring", "stays", "tenures", "active", "here", "in_own_currency"},
    ),
    "facts.window": ("Window", {"holds", "earlier", "start", "end", "opening", "grain", "broken"}),
}
"""What metrics ask of the facts and the window that they are given, and that defines something."""
UNTOLD = {
    *("getattr", "setattr", "delattr", "globals", "locals", "vars", "eval", "exec", "compile"),
    *("__import__", "import_module", "importlib", "runpy", "__builtins__", "builtins", "inspect"),
    *("sys", "pickle", "__dict__", "__getattr__", "__getattribute__"),
}
"""Names with which code reaches what its text does not name."""
OPENING = {
    *("open", "Path", "read_text", "read_bytes", "read_csv", "read_parquet", "read_json"),
    *("read_table", "read_excel", "read_pickle", "load", "loadtxt", "genfromtxt", "fromfile"),
    *("files", "resources", "get_data", "fileinput", "sqlite3"),
}
"""Names with which code reads files; those beside the metrics that are no code then count."""


@dataclass(frozen=True)
class Place:
    """A statement of a module, by its index."""

    module: str
    index: int


@dataclass
class _Found:
    """What has been reached so far: statements, versions, and whether more than the text tells."""

    places: set[Place] = field(default_factory=set)
    said: set[str] = field(default_factory=set)
    parts: set[tuple[str, int]] = field(default_factory=set)
    wholes: set[str] = field(default_factory=set)
    options: set[str] = field(default_factory=set)
    untold: bool = False
    opens: bool = False


class Reach:
    """The reach of every metric of a folder, whose Python files are `sources` by dotted name, where
    options of reading facts are set to `settings`."""

    def __init__(
        self,
        folder: Path,
        sources: Mapping[str, tuple[bytes, bool]],
        settings: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._modules = {
            f".{name}": Module(f".{name}", ast.parse(text), ours=False, is_package=is_package)
            for name, (text, is_package) in sources.items()
        }

    def digest(self, module: str, names: Iterable[str]) -> str:
        """What tells the code that these names of a module of the folder reach from any other;
        without names, or where reach cannot be told, all code of the folder."""
        found = _Found()
        here = self._modules.get(f".{module}")
        wanted = [name for name in names if here and name in here.bindings]
        for name in wanted:
            self._name(here, name, found)  # type: ignore[arg-type]
        found.untold |= not wanted
        self._altered(found)
        if found.untold:
            self._everything(found)
        said = {self._said(place) for place in found.places} | found.said
        said |= {f"{n} = {self._settings[n]}" for n in found.options if n in self._settings}
        if found.opens:
            said |= set(self._beside())
        return sha256("\n".join(sorted(said)).encode()).hexdigest()

    def _said(self, place: Place) -> str:
        module = self._module(place.module)
        assert module is not None
        return module.said(place.index)

    def _everything(self, found: _Found) -> None:
        for module in list(self._modules.values()):
            self._whole(module, found)

    def _whole(self, module: Module, found: _Found) -> None:
        if module.name not in found.wholes:
            found.wholes.add(module.name)
            for index in range(len(module.statements)):
                self._statement(module, index, found)

    def _name(self, module: Module, name: str, found: _Found) -> None:
        """Follow a name of a module to all that binds it there."""
        for index in module.bindings.get(name, ()):
            statement = module.statements[index]
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                self._imported(module, statement, name, None, found)
            else:
                self._statement(module, index, found)

    def _statement(self, module: Module, index: int, found: _Found) -> None:
        statement, place = module.statements[index], Place(module.name, index)
        if place in found.places:
            return
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            for name in bound_by(statement):
                self._imported(module, statement, name, None, found)
            return
        found.places.add(place)
        self._code(module, statement, found)
        for star in module.bindings.get("*", ()):  # which may bind any name
            self._statement(module, star, found)

    def _code(self, module: Module, code: ast.AST, found: _Found) -> None:
        """Follow every name in a piece of code."""
        uses = module.uses(code)
        for name, attribute in uses.names:
            self._used(module, name, attribute, found)
        found.options |= uses.options
        for attribute in uses.attributes:
            self._named(module, attribute, found)
            self._method(attribute, found)
        for node in uses.imports:
            for name in bound_by(node):
                self._imported(module, node, name, None, found)

    def _used(self, module: Module, name: str, attribute: str | None, found: _Found) -> None:
        self._named(module, name, found)
        for index in module.bindings.get(name, ()):
            statement = module.statements[index]
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                self._imported(module, statement, name, attribute, found)
            else:
                self._statement(module, index, found)

    def _named(self, module: Module, name: str, found: _Found) -> None:
        if not module.ours:
            found.untold |= name in UNTOLD
            found.opens |= name in OPENING

    def _method(self, name: str, found: _Found) -> None:
        """Follow what is asked of the facts or the window."""
        for of, (owner, methods) in METHODS.items():
            if name in methods:
                self._class_part(of, owner, name, found)

    def _class_part(self, of: str, owner: str, name: str, found: _Found) -> None:
        module = self._module(f"{PACKAGE}.{of}")
        assert module is not None
        for place, said, part, private in _parts(module.name, owner).get(name, ()):
            if place not in found.parts:
                found.parts.add(place)
                found.said.add(said)
                self._code(module, part, found)
                for inner in private:
                    self._class_part(of, owner, inner, found)

    def _imported(
        self,
        module: Module,
        statement: ast.Import | ast.ImportFrom,
        name: str,
        attribute: str | None,
        found: _Found,
    ) -> None:
        """Follow what an import binds to a name; of a module what is asked of it, or all."""
        for target, wanted in targets(module, statement, name):
            if wanted == "*":
                found.untold |= not module.ours
                self._target(target, None, None, found)
            else:
                self._target(target, wanted, attribute, found)

    def _target(
        self, target: str, wanted: str | None, attribute: str | None, found: _Found
    ) -> None:
        inner = f"{target.removesuffix('.')}.{wanted}"
        if wanted and (module := self._module(inner)):
            self._of_module(module, attribute, found)
        elif module := self._module(target):
            self._of_module(module, wanted or attribute, found)
        elif not target.startswith(".") and (said := _library(target.partition(".")[0])):
            found.said.add(said)

    def _of_module(self, module: Module, name: str | None, found: _Found) -> None:
        if module.ours and module.name.removeprefix(f"{PACKAGE}.") in CARRIED_OUT:
            return
        if module.name == PACKAGE:  # which finds what it has when it is asked for
            if name:
                home = getattr(getattr(import_module(PACKAGE), name, None), "__module__", "")
                if home.startswith(f"{PACKAGE}."):
                    self._target(home, name, None, found)
        elif name and name in module.bindings:
            self._name(module, name, found)
        elif name and self._module(f"{module.name}.{name}"):
            self._of_module(self._modules[f"{module.name}.{name}"], None, found)
        else:
            self._whole(module, found)

    def _altered(self, found: _Found) -> None:
        """Add the statements of the project's files that may alter what was reached when they run,
        and all that these reach."""
        before = -1
        while before != len(found.places):
            before = len(found.places)
            for place, module, touched in self._effects_of_all:
                if place not in found.places and (
                    touched.untold or any(p in found.places for p in touched.places)
                ):
                    self._statement(module, place.index, found)

    @cached_property
    def _effects_of_all(self) -> list[tuple[Place, Module, _Found]]:
        """Every statement that may alter something when it runs, with what it may alter."""
        listed = []
        for module in self._modules.values():
            for index, statement in enumerate(module.statements):
                touched = _Found()
                for part in (parts := self._effects(module, statement)):
                    self._code(module, part, touched)
                touched.places = {p for p in touched.places if self._is_data(p)}
                if parts:
                    listed.append((Place(module.name, index), module, touched))
        return listed

    def _effects(self, module: Module, statement: ast.stmt) -> list[ast.AST]:
        return [part for part in executed(statement) if not self._declares(module, part)]

    def _declares(self, module: Module, part: ast.AST) -> bool:
        """Whether it is the decorator of the package, which alters nothing."""
        called = part.func if isinstance(part, ast.Call) else part
        if not isinstance(called, ast.Name):
            return False
        imports = (module.statements[i] for i in module.bindings.get(called.id, ()))
        return any(isinstance(s, ast.ImportFrom) and s.module == PACKAGE for s in imports)

    def _is_data(self, place: Place) -> bool:
        """Whether a statement binds what can be altered in place, as functions are not."""
        module = self._modules.get(place.module)
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        return module is not None and not isinstance(module.statements[place.index], functions)

    def _module(self, name: str) -> Module | None:
        if name.startswith(f"{PACKAGE}.") or name == PACKAGE:
            return own_module(name)
        return self._modules.get(name)

    def _beside(self) -> Iterator[str]:
        """The files in the folder that are no code, by name and content."""
        for file in sorted(self._folder.rglob("*")):
            if file.is_file() and file.suffix != ".py" and "__pycache__" not in file.parts:
                digest = sha256(file.read_bytes()).hexdigest()
                yield f"{file.relative_to(self._folder).as_posix()} {digest}"


@lru_cache(maxsize=16)
def _parts(
    module: str, owner: str
) -> dict[str, list[tuple[tuple[str, int], str, ast.stmt, tuple[str, ...]]]]:
    """The functions of a class of the package by name: where each is, what it says, itself, and
    what it asks of its own that others do not."""
    found = own_module(module)
    assert found is not None
    kept: dict[str, list[tuple[tuple[str, int], str, ast.stmt, tuple[str, ...]]]] = {}
    for statement in found.statements:
        if isinstance(statement, ast.ClassDef) and statement.name == owner:
            for index, part in enumerate(statement.body):
                if isinstance(part, ast.FunctionDef):
                    private = (a for a in Uses.of(part).attributes if a.startswith("_"))
                    entry = ((module, index), f"{module}: {normal(part)}", part, tuple(private))
                    kept.setdefault(part.name, []).append(entry)
    return kept


@lru_cache(maxsize=256)
def _library(name: str) -> str:
    """A library with what tells its version, or else its content; empty for Python's own."""
    if name in sys.stdlib_module_names or not name:
        return ""
    module = sys.modules.get(name)
    if told := getattr(module, "__version__", ""):
        return f"{name} {told}"
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        pass
    origin = getattr(module, "__file__", None)
    if not origin:
        return name
    files = [Path(origin)]
    if files[0].name == "__init__.py":
        files = sorted(files[0].parent.rglob("*.py"))
    digest = sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
    return f"{name} {digest}"
