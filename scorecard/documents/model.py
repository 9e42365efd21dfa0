"""The parts of which documents consist: headings, cells, charts, tables, lines of stances.

Every figure is already text in the reader's locale; raw numbers are kept beside it
only where a chart needs a position. A document has no edition number, no as-of time
and no run: those are its `Imprint`, so that two runs over the same facts freeze the
same content.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mark = Literal["", "strength", "weakness"]


Region = Literal["", "below", "within", "above", "straddle"]


@dataclass(frozen=True)
class Imprint:
    """The details printed on a document that differ from edition to edition.

    `form` is the token of a form that is filled in inside of the PDF; empty where there is none.
    """

    edition: int
    as_of: str
    period: str
    content_hash: str
    software: str
    form: str = ""


@dataclass(frozen=True)
class Heading:
    """The title block that every page carries.

    `stamp` says why the edition is provisional ("transactions end on 28 October 2026"), or is
    empty.
    """

    company: str
    notice: str
    kind: str
    period: str
    language: str
    paper: Literal["A4", "Letter"]
    stamp: str = ""


@dataclass(frozen=True)
class Bullet:
    """A value on one scale, with its interval, its limits and the previous value.

    All in the metric's base unit. Larger is drawn to the right unless
    `lower_is_better`, when the scale is turned so that better is to the right.
    """

    value: float | None
    low: float | None
    high: float | None
    at_worst: float | None
    at_best: float | None
    previous: float | None
    scale: tuple[float, float]
    lower_is_better: bool
    alt: str


@dataclass(frozen=True)
class ControlChart:
    """A process chart: values oldest first (None where there is no figure) and the limits."""

    labels: tuple[str, ...]
    values: tuple[float | None, ...]
    centre: float | None
    lower: float | None
    upper: float | None
    provisional: bool
    exceptional: bool
    alt: str


@dataclass(frozen=True)
class Cell:
    """One metric in one tier.

    text       the value, or "–" where there is none
    range      "5.1–6.6", "counted", or empty
    n          "n 1,204", or the number of customers where counted
    words      the verdict, "no stance", or "not measured: no surveys"
    note       why the evidence does not decide, on what few customers it rests …
    loud       whether the words are printed bold: the choice was not kept, or it is undecided
    limits     those of its stance: "promised: 4 h or less"; empty where it has none
    """

    tier: str
    mark: Mark
    text: str
    range: str
    n: str
    region: Region
    words: str
    note: str
    loud: bool
    signal: str
    bullet: Bullet | None = None
    series: ControlChart | None = None
    limits: str = ""


@dataclass(frozen=True)
class Row:
    """One metric across the tiers. `unit` is printed after the label; `owners` may be several.

    `beside` has the figures of those who are in no tier, and of all customers together.
    """

    metric: str
    label: str
    unit: str
    owners: str
    cells: tuple[Cell, ...]
    beside: tuple[str, ...] = ()

    @property
    def is_chosen(self) -> bool:
        """Whether a choice is about it, in any tier."""
        return any(cell.mark for cell in self.cells)


@dataclass(frozen=True)
class Table:
    """A plain table: the first column heads its row; `numeric` columns are set flush right."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    last_is_total: bool = False


@dataclass(frozen=True)
class StanceLine:
    """One stance on an owner's page. `funding` says what pays for it, or what it pays for.

    `tier` is the tier's label as printed; the cell keeps the tier's id.
    """

    metric: str
    label: str
    unit: str
    cell: Cell
    limits: str
    funding: str
    trade_off: str
    key: str = ""
    tier: str = ""
