"""The shape of the package: imports point downward, and nothing grows out of hand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "scorecard"
MODULE_LINES = 400
FUNCTION_LINES = 60

LAYERS = {
    # words; import nothing of ours but one another
    "address": 0,
    "durations": 0,
    "errors": 0,
    "findings": 0,
    "periods": 0,
    "units": 0,
    # frozen values: what is declared, what is computed, what is printed
    "contracts": 1,
    "document": 1,
    "letter": 1,
    "mail_settings": 1,
    "metric": 1,
    "results": 1,
    "review": 1,
    "schedule": 1,
    "scorecard": 1,
    "strategy": 1,
    "window": 1,
    # arithmetic and wording on values, no outside world
    "answering": 2,
    "chosen": 2,
    "estimate": 2,
    "formats": 2,
    "fragility": 2,
    "funding_lints": 2,
    "intervals": 2,
    "lints": 2,
    "limits": 2,
    "signal": 2,
    "survival": 2,
    "verdict": 2,
    # each speaks to one outside thing
    "binding": 3,
    "currency": 3,
    "engine": 3,
    "facts": 3,
    "frozen": 3,
    "inspection": 3,
    "ledger": 3,
    "loading": 3,
    "mail": 3,
    "money": 3,
    "project": 3,
    "reduction": 3,
    "schedules": 3,
    "scores": 3,
    "stance_file": 3,
    "starter": 3,
    "strategy_file": 3,
    "template_files": 3,
    "tier_file": 3,
    "tiers": 3,
    "toml_file": 3,
    "turns": 3,
    # facts to results, results to documents, documents to their readers
    "affected": 4,
    "checking": 4,
    "compose": 4,
    "compute": 4,
    "customer_math": 4,
    "delivery": 4,
    "earnings": 4,
    "gather": 4,
    "judging": 4,
    "lineage": 4,
    "printing": 4,
    "run": 4,
    "trial": 4,
    "workspace": 4,
    # thin rims, which nothing else imports
    "__main__": 5,
    "cli": 5,
    "demo": 5,
}


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room(file: Path) -> str:
    """The part of the package that a file belongs to: a module, or a folder of several."""
    part = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "scorecard" if part == "__init__" else part


def dotted(file: Path) -> str:
    """The name by which a file is imported."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def faces(file: Path) -> bool:
    """Whether it only shows what its folder's modules have."""
    body = ast.parse(file.read_text(encoding="utf-8")).body
    shows = (ast.ImportFrom, ast.Assign, ast.Expr)
    return file.stem == "__init__" and all(isinstance(node, shows) for node in body)


def named(file: Path) -> Iterator[str]:
    """Every name of ours that a file imports, also inside functions and for types only."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno} imports by a relative name"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == "scorecard")


def imported(file: Path) -> Iterator[str]:
    """The parts of the package that a file imports from."""
    for name in named(file):
        _, *rest = name.split(".")
        known = rest and (
            (PACKAGE / rest[0]).with_suffix(".py").exists() or (PACKAGE / rest[0]).is_dir()
        )
        yield rest[0] if known else "scorecard"


def edges() -> set[tuple[str, str]]:
    found = {(room(file), name) for file in sources() for name in imported(file)}
    return {(importer, name) for importer, name in found if importer != name}


def test_every_part_declares_its_layer():
    assert sorted({room(file) for file in sources()} ^ LAYERS.keys()) == []


def test_imports_point_downward():
    upward = [f"{a} -> {b}" for a, b in sorted(edges()) if LAYERS[b] > LAYERS[a]]
    assert upward == []


def test_imports_have_no_circle():
    graph: dict[str, set[str]] = {}
    for importer, name in edges():
        graph.setdefault(importer, set()).add(name)
    TopologicalSorter(graph).prepare()


def test_modules_have_no_circle():
    """Also inside of a folder, where there are no layers."""
    modules = {dotted(file): file for file in sources()}
    graph = {
        module: {
            name
            for full in named(file)
            for name in (full, full.rpartition(".")[0])
            if name in modules
        }
        - {module}
        for module, file in modules.items()
    }
    TopologicalSorter({m: found for m, found in graph.items() if not faces(modules[m])}).prepare()


def test_nothing_imports_the_rims():
    rims = {name for name, layer in LAYERS.items() if layer == 5}
    assert [f"{a} -> {b}" for a, b in sorted(edges()) if b in rims and a not in rims] == []


def test_rooms_of_a_project_are_never_imported_by_name():
    """In a checkout `import metrics` happens to work; installed, it fails."""
    rooms = {"metrics", "templates", "schedules", "output"}
    offenders = []
    for file in [*sources(), *sorted((ROOT / "tests").rglob("*.py"))]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            offenders += [f"{file.name}: {n}" for n in names if n.split(".")[0] in rooms]
    assert offenders == []


def test_rooms_of_a_project_are_not_packages():
    assert sorted(ROOT.glob("metrics/__init__.py")) == []


def test_modules_stay_small():
    lines = {
        f.relative_to(ROOT): len(f.read_text(encoding="utf-8").splitlines()) for f in sources()
    }
    assert {str(f): n for f, n in lines.items() if n > MODULE_LINES} == {}


def test_functions_fit_a_screen():
    assert {name: n for name, n in function_lengths() if n > FUNCTION_LINES} == {}


def function_lengths() -> Iterator[tuple[str, int]]:
    """Lines of each function's body, its docstring not counted."""
    for file in [*sources(), *sorted((ROOT / "metrics").glob("*.py"))]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                if body:
                    length = (body[-1].end_lineno or 0) - body[0].lineno + 1
                    yield f"{file.relative_to(ROOT)}:{node.lineno} {node.name}", length
