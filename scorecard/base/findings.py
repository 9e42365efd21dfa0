"""Findings: what is wrong or worth knowing about a project, as values that `check` prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from scorecard.errors import ScorecardError
from scorecard.secrets import hide

Severity = Literal["blocking", "warning", "note"]
ORDER: dict[Severity, int] = {"blocking": 0, "warning": 1, "note": 2}
Group = Literal["", "facts", "strategy", "metrics", "templates", "schedules", "mail", "proposals"]
GROUPS: tuple[Group, ...] = get_args(Group)
"""What a finding is about, in the order of printing; "" where nobody said."""


@dataclass(frozen=True)
class Finding:
    """One observation about the project, its strategy or its facts.

    `blocking` findings hold a run back; `warning`s are printed with it;
    `note`s inform. `place` is a file, table or table.column; `hint` says what to do.
    """

    id: str
    severity: Severity
    place: str
    message: str
    hint: str = ""
    group: Group = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", hide(self.message))

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" + (f" {self.hint}" if self.hint else "")


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """Those that hold a run back."""
    return [f for f in findings if f.severity == "blocking"]


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The findings sorted: blocking ones, warnings, notes; within these by place and id."""
    return sorted(findings, key=lambda f: (ORDER[f.severity], f.place, f.id, f.message))


def about(group: Group, findings: Iterable[Finding]) -> list[Finding]:
    """The same findings, said to be about `group` unless they are said to be about another."""
    return [f if f.group else replace(f, group=group) for f in findings]


def grouped(findings: Iterable[Finding]) -> dict[Group, list[Finding]]:
    """The findings by what they are about, each group in order; those with worse ones first."""
    found: dict[Group, list[Finding]] = {}
    for finding in in_order(findings):
        found.setdefault(finding.group, []).append(finding)
    return dict(sorted(found.items(), key=lambda g: (ORDER[g[1][0].severity], GROUPS.index(g[0]))))


def refuse(findings: Sequence[Finding], kind: type[ScorecardError], said: str = "") -> None:
    """Raise an error of that kind with the first blocking finding, and say how many more block.

    Nothing is raised where none blocks; `said` stands before the finding.
    """
    if wrong := blocking(findings):
        more = f" ({len(wrong) - 1} more: scorecard check)" if len(wrong) > 1 else ""
        raise kind(f"{said}{wrong[0]}{more}")
