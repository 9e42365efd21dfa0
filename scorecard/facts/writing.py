"""How a source writes what a table needs: which of its columns, its numbers, its days, its signs.

All of it is said by the project, and nothing is guessed from the rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

GROUPING = {".": ".", ",": ",", " ": " \u00a0\u202f", "'": "'’"}
"""What stands between thousands, as it is set; blanks and apostrophes are of several kinds."""
DECIMALS = (".", ",")
SIGNS = ("positive", "negative")
DIRECTIVES = {
    "%d": r"([0-9]{1,2})",
    "%m": r"([0-9]{1,2})",
    "%b": r"([A-Za-z]{3})",
    "%Y": r"([0-9]{4})",
    "%y": r"([0-9]{2})",
    "%H": r"([0-9]{1,2})",
    "%M": r"([0-9]{2})",
    "%S": r"([0-9]{2})",
}
"""What a format of days may have, as in Python's strptime; names of months are English."""


@dataclass(frozen=True)
class Mapped:
    """What a contract column is made of: a column of the source, several that are joined by
    `between`, or the constant `value`, which is in every row.

    `values` translates the source's values into ours, exactly as they are written; a value that
    is not among them stays as it is, and one translated into "" is empty. `date` is how the column
    writes its days, where its table has another way, or none.
    """

    of: tuple[str, ...] = ()
    value: str | None = None
    between: str = ""
    values: tuple[tuple[str, str], ...] = ()
    date: str = ""

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
    `date` is the format of days and moments that are text, as 2026-10-31 is "%Y-%m-%d".
    `refunds` and `credits` are their signs, `sign` that of all amounts: "positive", "negative"
    or "", where nothing is said of it.
    """

    decimal: str = ""
    thousands: str = ""
    date: str = ""
    refunds: str = ""
    credits: str = ""
    sign: str = ""

    @property
    def returned(self) -> dict[str, str]:
        """The sign that is said of amounts by kind of row; credits are written as refunds are."""
        return {"refund": self.refunds, "credit": self.credits or self.refunds}


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
    if not ("%d" in found and {"%m", "%b"} & set(found) and {"%Y", "%y"} & set(found)):
        raise ValueError("it needs a day, a month and a year")
    if {"%m", "%b"} <= set(found) or {"%Y", "%y"} <= set(found):
        raise ValueError("it says a part twice")
    if len({"%H", "%M"} & set(found)) == 1 or ("%S" in found and "%H" not in found):
        raise ValueError("a time needs an hour and a minute")
    said = ""
    for before, part, after in zip(["", *parts], parts, [*parts[1:], ""], strict=False):
        alone = not before.startswith("%") and not after.startswith("%")
        pattern = DIRECTIVES.get(part) or re.escape(part)
        said += pattern if alone else pattern.replace("{1,2}", "{2}")
    return rf"^\s*{said}\s*$", tuple(found)
