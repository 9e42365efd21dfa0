"""A draft: what one export is taken for, as lines of settings with their reasons."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from scorecard.proposing.exports import Export
from scorecard.proposing.profile import Profile

Certainty = Literal["certain", "likely", "doubtful"]
ORDER: tuple[Certainty, ...] = ("certain", "likely", "doubtful")


@dataclass(frozen=True)
class Line:
    """One column: what it is made of as TOML, how certain that is, and why.

    `theirs` is the export's column, empty for a constant. `computed` is a query's expression where
    no column has it.
    """

    column: str
    says: str
    certainty: Certainty
    why: str
    theirs: str = ""
    computed: str = ""

    @property
    def stands(self) -> bool:
        """Whether it takes effect, and is no comment."""
        return self.certainty != "doubtful"


@dataclass(frozen=True)
class Setting:
    """A setting of a table that is written, or a comment where `certainty` is doubtful."""

    key: str
    says: str
    certainty: Certainty
    why: str


@dataclass(frozen=True)
class Draft:
    """An export as a table.

    missing   sentences, each on a required column that was not found or is doubtful
    notes     what else is worth knowing
    sql       the query that reads it, where the columns alone do not do it
    rival     why another export was taken for this table; empty where this one was
    """

    table: str
    export: Export
    profiles: dict[str, Profile] = field(repr=False)
    lines: tuple[Line, ...] = ()
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()
    sql: str = ""
    rival: str = ""
    score: float = 0.0

    @property
    def stands(self) -> bool:
        """Whether the table takes effect, and is no comment."""
        return not self.missing and not self.rival

    @property
    def mapped(self) -> dict[str, Line]:
        """The lines that take effect, by contract column."""
        return {line.column: line for line in self.lines if line.stands}

    @property
    def certainty(self) -> Certainty:
        """The least certain of the lines that take effect; doubtful where the table does not."""
        if not self.stands:
            return "doubtful"
        return max((line.certainty for line in self.mapped.values()), key=ORDER.index)

    def theirs(self, column: str) -> str:
        """The export's column that a contract column is made of; empty where there is none."""
        line = self.mapped.get(column)
        return line.theirs if line else ""

    def with_line(self, line: Line) -> Draft:
        return replace(self, lines=(*self.lines, line))
