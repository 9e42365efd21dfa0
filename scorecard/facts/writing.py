"""How a source writes what a table needs: which of its columns, its numbers, its days, its signs.

All of it is said by the project, and nothing is guessed from the rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

GROUPING = {".": ".", ",": ",", " ": " \u00a0\u202f", "'": "'’"}
"""What stands between thousands, as it is set; blanks and apostrophes are of several kinds."""
DECIMALS = (".", ",")
RETURNED = {"refund": "refunds", "credit": "credits"}
"""The setting that says the sign of amounts, by the kind of transaction."""
SIGNS = ("positive", "negative")
MINUS = ("brackets", "behind")
DIRECTIVES = {
    "%d": r"(0?[1-9]|[12][0-9]|3[01])",
    "%m": r"(0?[1-9]|1[0-2])",
    "%b": r"([A-Za-z]{3})",
    "%Y": r"([0-9]{4})",
    "%y": r"([0-9]{2})",
    "%H": r"([01]?[0-9]|2[0-3])",
    "%I": r"(0?[1-9]|1[0-2])",
    "%M": r"([0-5][0-9])",
    "%S": r"([0-5][0-9])",
    "%p": r"([AaPp][Mm])",
}
"""What a format of days may have, as in Python's strptime; names of months are English."""


@dataclass(frozen=True)
class Mapped:
    """What a contract column is made of: a column of the source, several that are joined by
    `between`, or the constant `value`, which is in every row.

    `values` translates the source's values into ours, exactly as they are written; a value that
    is not among them stays as it is, and one translated into "" is empty. `date`, `decimal` and
    `thousands` are how the column writes days and numbers, where its table writes others.
    """

    of: tuple[str, ...] = ()
    value: str | None = None
    between: str = ""
    values: tuple[tuple[str, str], ...] = ()
    date: str = ""
    decimal: str = ""
    thousands: str = ""

    @property
    def is_joined(self) -> bool:
        return len(self.of) > 1

    @property
    def heading(self) -> str | None:
        """What a line of column names has in its place; a constant has none."""
        return self.between.join(self.of) if self.of else None


@dataclass(frozen=True)
class Writing:
    """How a source writes numbers, days and signs.

    `decimal` and `thousands` are the marks in numbers that are text; empty: a point, and none.
    `minus` says where numbers below zero have it: in front, or "behind", or "brackets" for it.
    `date` is the format of days and moments that are text, as 2026-10-31 is "%Y-%m-%d".
    `refunds` and `credits` are the signs they are written with, `sign` that of sales, costs or
    contracts: "positive", "negative" or "", where nothing is said of it.
    """

    decimal: str = ""
    thousands: str = ""
    minus: str = ""
    date: str = ""
    refunds: str = ""
    credits: str = ""
    sign: str = ""

    def turns(self, kind: str) -> bool:
        """Whether amounts of rows of that kind are written with the opposite of their sign.

        Refunds and credits are the opposite of sales where nothing is said of them; credits are
        written as refunds are.
        """
        said = {"refund": self.refunds, "credit": self.credits or self.refunds}.get(kind, "")
        return said == "positive" if said else self.sign == "negative"


PLAIN = Writing()
"""Numbers with a point, days as 2026-10-31, and the signs of the contract."""


def date_pattern(format: str) -> tuple[str, tuple[str, ...]]:
    """A regular expression for days in that format, and the directive of each of its groups.

    ValueError says what is wrong with the format.
    """
    parts = re.findall(r"%.|[^%]+|%$", format)
    found = [part for part in parts if part.startswith("%")]
    for part in found:
        if part not in DIRECTIVES:
            raise ValueError(f'"{part}" is none of {", ".join(DIRECTIVES)}')
    if len(set(found)) < len(found):
        raise ValueError("it says a part twice")
    have = set(found)
    if not ("%d" in have and {"%m", "%b"} & have and {"%Y", "%y"} & have):
        raise ValueError("it needs a day, a month and a year")
    if {"%m", "%b"} <= have or {"%Y", "%y"} <= have or {"%H", "%I"} <= have:
        raise ValueError("it says a part twice")
    time = have & {"%H", "%I", "%M", "%S", "%p"}
    if time and not ("%M" in time and (time & {"%H"} or time >= {"%I", "%p"})):
        raise ValueError("a time needs an hour and a minute, and %I needs %p")
    said = ""
    for before, part, after in zip(["", *parts], parts, [*parts[1:], ""], strict=False):
        alone = not before.startswith("%") and not after.startswith("%")
        pattern = DIRECTIVES.get(part) or re.escape(part)
        # Without a mark between them parts are of two digits.
        said += pattern if alone else pattern.replace("0?", "0").replace("]?[0-9]", "][0-9]")
    return rf"^\s*{said}\s*$", tuple(found)
