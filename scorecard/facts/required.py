"""Required: the tables without which nothing can be said of a company."""

from __future__ import annotations

from collections.abc import Collection

from scorecard.base.findings import Finding
from scorecard.facts.contracts import DATED


def required(tables: Collection[str]) -> list[Finding]:
    """A blocking finding for each thing that is not mapped; `tables` are those that are."""
    findings = []
    if "customers" not in tables:
        findings.append(_lacking("no table of customers", "it lists whom the scorecard is about"))
    if set(DATED).isdisjoint(tables):
        findings.append(
            _lacking(
                "no table of what customers paid, asked or answered",
                "figures are made of one",
                f"Map one of {', '.join(DATED)}.",
            )
        )
    return findings


def _lacking(what: str, why: str, hint: str = "Map it to a file, a table or a query.") -> Finding:
    return Finding(
        "facts.required",
        "blocking",
        "pyproject.toml [tool.scorecard.facts]",
        f"{what} is mapped, but {why}.",
        hint,
    )
