"""The normal form of code: what it does, without how it is laid out or explained.

Two texts have the same one exactly where they differ in comments, docstrings, blanks, quotes and
line breaks only, whatever version of Python reads them.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

UNSEEN = ("ctx", "kind", "type_comment", "type_ignores")
"""Fields of Python's trees that say nothing of what the code does."""


def normal(node: Any) -> str:
    """The normal form of a tree, or of a part of one."""
    if isinstance(node, ast.Constant):
        return f"{type(node.value).__name__} {node.value!r}"
    if isinstance(node, ast.AST):
        # Fields that are empty are left out: versions of Python differ in which there are.
        fields = ((name, value) for name, value in ast.iter_fields(node) if name not in UNSEEN)
        said = (f"{name}={normal(value)}" for name, value in fields if value not in (None, []))
        return f"{type(node).__name__}({','.join(said)})"
    if isinstance(node, list):
        return f"[{';'.join(normal(each) for each in node if not is_text(each))}]"
    return repr(node)


def is_text(node: Any) -> bool:
    """Whether a statement is only a text, such as a docstring, which does nothing."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def bound_by(node: ast.AST) -> set[str]:
    """The names that a statement binds or takes away where it stands, also within blocks."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(a.asname or a.name).partition(".")[0] for a in node.names}
    names = (
        {node.id} if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) else set()
    )
    if isinstance(node, ast.ExceptHandler) and node.name:
        names.add(node.name)
    if isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
        names.add(node.name)
    if isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        inner = [n for n in ast.walk(node) if isinstance(n, ast.NamedExpr)]
        return {n.target.id for n in inner}
    return names.union(*(bound_by(child) for child in ast.iter_child_nodes(node)))


def executed(statement: ast.stmt) -> Sequence[ast.AST]:
    """The parts of a statement of a module that run when it is loaded and may change something
    besides the names that it binds; none where all it does is bind them."""
    if isinstance(statement, (ast.Import, ast.ImportFrom)) or is_text(statement):
        return ()
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        arguments = statement.args
        defaults = [d for d in (*arguments.defaults, *arguments.kw_defaults) if d is not None]
        return [*statement.decorator_list, *defaults]
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        plain = all(
            isinstance(part, (ast.Name, ast.Tuple, ast.List, ast.Starred, ast.expr_context))
            for target in targets
            for part in ast.walk(target)
        )
        calls = (ast.Call, ast.Await, ast.NamedExpr)
        value = statement.value
        if plain and (value is None or not any(isinstance(p, calls) for p in ast.walk(value))):
            return ()
    return [statement]
