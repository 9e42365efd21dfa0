"""Write REFERENCE.md, from the code, to standard output: commands, settings, tables, metrics."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from scorecard.cli import app
from scorecard.contracts import CONTRACTS
from scorecard.loading import load_metrics
from scorecard.starter import SKELETON

METRICS = Path(__file__).parents[1] / "metrics"


def commands(app: typer.Typer) -> dict[str, Any]:
    """Every command of the command line by name, in the order in which help shows them."""
    return dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def reference(app: typer.Typer, metrics: Path) -> str:
    """The whole page."""
    parts = (_commands(app), _settings(), _tables(), _metrics(metrics))
    head = ("# Reference", "", 'Generated from the code by "make reference"; a test compares.')
    return "\n".join([*head, *(line for part in parts for line in part)]) + "\n"


def _commands(app: typer.Typer) -> Iterator[str]:
    yield from ("", "## Commands")
    for name, command in commands(app).items():
        yield from ("", f"### scorecard {name}", "", str(command.help).strip())
        lines = [f"- {_parameter(p)}" for p in command.params if p.name != "help"]
        yield from ["", *lines] if lines else []


def _parameter(parameter: Any) -> str:
    names = ", ".join(f"`{o}`" for o in parameter.opts)
    if parameter.param_type_name == "argument":
        names = f"`{parameter.name.upper()}`"
    said = f"{names}: {parameter.help}"
    if parameter.required:
        return f"{said} Required."
    default = parameter.default
    if default in (None, False, ()) or callable(default):
        return said
    return f"{said} Default: `{default}`."


def _settings() -> Iterator[str]:
    yield from ("", "## Settings", "", "The section as `scorecard init` writes it.", "")
    text = (SKELETON / "pyproject.toml").read_text(encoding="utf-8").rstrip()
    yield from ("```toml", text, "```")


def _tables() -> Iterator[str]:
    yield from ("", "## Tables", "", "A column marked * must be there; others may be missing.")
    for table in CONTRACTS.values():
        yield from ("", f"### {table.table}", "", f"{table.means[0].upper()}{table.means[1:]}.", "")
        yield from ("| column | type | means |", "|---|---|---|")
        for c in table.columns:
            yield f"| {c.name}{' *' if c.required else ''} | {c.type} | {c.means} |"


def _metrics(folder: Path) -> Iterator[str]:
    yield from ("", "## Metrics")
    for m in load_metrics(folder).values():
        yield from ("", f"### {m.name}", "", f"{m.label}. {m.doc.splitlines()[0]}", "")
        yield (
            f"{m.kind}, in {m.unit.name}; better: {m.better}; family {m.family}; "
            f"needs {', '.join(m.needs)}; final {m.matures} days after the period."
        )
        rest = "\n".join(m.doc.splitlines()[1:]).strip("\n")
        if rest:
            yield from ("", "```text", rest, "```")


if __name__ == "__main__":
    sys.stdout.write(reference(app, METRICS))
