"""Modules as texts: what their statements bind and name, and what their imports stand for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path

from scorecard.definitions.normal import bound_by, normal

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Uses:
    """What a piece of code names: names, each with what is asked of it, if that is told; attributes
    of anything; those of `options`, as in `facts.options.revenue`; and imports within it."""

    names: frozenset[tuple[str, str | None]]
    attributes: frozenset[str]
    options: frozenset[str]
    imports: tuple[ast.Import | ast.ImportFrom, ...]

    @classmethod
    def of(cls, code: ast.AST) -> Uses:
        nodes = list(_walk(code, frozenset()))
        attributes = [n for n, _own in nodes if isinstance(n, ast.Attribute)]
        asked = {id(n.value): n.attr for n in attributes}
        names = {
            (n.id, asked.get(id(n)))
            for n, own in nodes
            if isinstance(n, ast.Name) and n.id not in own
        }
        imports = (n for n, _own in nodes if isinstance(n, (ast.Import, ast.ImportFrom)))
        options = (n.attr for n in attributes if _ends_in_options(n.value))
        every = (n.attr for n in attributes)
        return cls(frozenset(names), frozenset(every), frozenset(options), tuple(imports))


def _ends_in_options(code: ast.AST) -> bool:
    name = code.attr if isinstance(code, ast.Attribute) else getattr(code, "id", "")
    return name == "options"


@dataclass
class Module:
    """A module's text as a tree; `ours` where it is the package's and not the project's."""

    name: str
    tree: ast.Module
    ours: bool
    is_package: bool = False
    _uses: dict[int, Uses] = field(default_factory=dict)
    _said: dict[int, str] = field(default_factory=dict)

    @cached_property
    def statements(self) -> list[ast.stmt]:
        return [s for s in self.tree.body if not _is_typing(s)]

    def uses(self, code: ast.AST) -> Uses:
        if id(code) not in self._uses:
            self._uses[id(code)] = Uses.of(code)
        return self._uses[id(code)]

    def said(self, index: int) -> str:
        """A statement in its normal form."""
        if index not in self._said:
            self._said[index] = f"{self.name}: {normal(self.statements[index])}"
        return self._said[index]

    @cached_property
    def bindings(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for index, statement in enumerate(self.statements):
            for name in bound_by(statement):
                found.setdefault(name, []).append(index)
        return found


def _walk(code: ast.AST, own: frozenset[str]) -> Iterator[tuple[ast.AST, frozenset[str]]]:
    """All parts of a piece of code but what is said of the types of arguments and results, each
    with the names that functions around it have for themselves."""
    yield code, own
    inner = own | _names_of(code) if isinstance(code, FUNCTIONS) else own
    for name, value in ast.iter_fields(code):
        of_types = name == "returns" or (name == "annotation" and isinstance(code, ast.arg))
        # Decorators and defaults belong to what is around.
        around = name == "decorator_list" or isinstance(code, ast.arguments)
        for child in () if of_types else value if isinstance(value, list) else (value,):
            if isinstance(child, ast.AST):
                within = own if around or isinstance(child, ast.arguments) else inner
                yield from _walk(child, within)


def _names_of(function: ast.AST) -> frozenset[str]:
    """The names that a function has for itself."""
    arguments = function.args  # type: ignore[attr-defined]
    given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    names = {a.arg for a in (*given, arguments.vararg, arguments.kwarg) if a}
    body = function.body  # type: ignore[attr-defined]
    for statement in body if isinstance(body, list) else ():
        imports = [n for n in ast.walk(statement) if isinstance(n, (ast.Import, ast.ImportFrom))]
        names |= bound_by(statement).difference(*(bound_by(i) for i in imports))
    for node in ast.walk(function):
        if isinstance(node, ast.Global):
            names -= set(node.names)
    return frozenset(names)


def _is_typing(statement: ast.stmt) -> bool:
    """Whether it is a block that is only there for type checkers."""
    test = statement.test if isinstance(statement, ast.If) else None
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def targets(
    module: Module, statement: ast.Import | ast.ImportFrom, name: str
) -> Iterator[tuple[str, str | None]]:
    """The modules, and what of them, that an import binds to a name; "*" for all of one.

    Modules of the project are told by their dotted name in its folder, after a point.
    """
    for alias in statement.names:
        if (alias.asname or alias.name).partition(".")[0] != name and alias.name != "*":
            continue
        if isinstance(statement, ast.Import):
            yield alias.name, None
        elif not statement.level:
            yield statement.module or "", alias.name
        else:
            around = [part for part in module.name.split(".") if part]
            around = around[: len(around) - statement.level + module.is_package]
            path = ".".join([*around, *filter(None, [statement.module])])
            yield path if module.ours else f".{path}", alias.name


@lru_cache(maxsize=256)
def own_module(name: str) -> Module | None:
    """A module of the package; None where there is none of that name."""
    try:
        spec = find_spec(name)
    except ModuleNotFoundError:
        return None
    if spec is None or not spec.origin:
        return None
    return Module(name, ast.parse(Path(spec.origin).read_bytes()), ours=True)
