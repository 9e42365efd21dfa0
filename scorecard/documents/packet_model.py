"""The models of executive packet and owner scorecard, complete as data before they are drawn.

Every figure is already text in the reader's locale; raw numbers are kept beside it
only where a chart needs a position. A document has no edition number, no as-of time
and no run: those are its `Imprint`, so that two runs over the same facts freeze the
same content.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

Mark = Literal["", "strength", "weakness"]
Region = Literal["", "below", "within", "above", "straddle"]


@dataclass(frozen=True)
class Imprint:
    """The details printed on a document that differ from edition to edition."""

    edition: int
    as_of: str
    period: str
    content_hash: str
    software: str


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
class Series:
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
    series: Series | None = None


@dataclass(frozen=True)
class Row:
    """One metric across the tiers. `unit` is printed after the label; `owners` may be several."""

    metric: str
    label: str
    unit: str
    owners: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Section:
    """A part of the stance map, such as "What customers experienced"."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class TierHead:
    """A tier's column head: its size and its share of the margin, or of revenue."""

    id: str
    label: str
    customers: str
    share: str


@dataclass(frozen=True)
class VerdictTally:
    """Counts of a tier's verdicts, each a text such as "7 of 9" or "2"; never a score."""

    tier: str
    strengths_delivered: str
    strengths_missed: str
    weaknesses_as_accepted: str
    weaknesses_beyond: str
    over_served: str
    undecided: str


@dataclass(frozen=True)
class Line:
    """One line of the table of contents: a page's sentence, title and anchor."""

    sentence: str
    title: str
    anchor: str


@dataclass(frozen=True)
class Affected:
    """The customers affected by an exception, how, and the effect on their margin."""

    count: str
    names: tuple[str, ...]
    how: str
    outcome: str


@dataclass(frozen=True)
class Item:
    """One exception, in the order of the stance map."""

    mark: Mark
    metric: str
    label: str
    tier: str
    region: Region
    words: str
    figure: str
    limit: str
    signal: str
    owner: str
    note: str
    affected: Affected | None


@dataclass(frozen=True)
class BridgeStep:
    """One step of a margin bridge: costs are negative amounts."""

    label: str
    amount: float
    text: str
    total: bool = False


@dataclass(frozen=True)
class Bridge:
    """From revenue to customer margin in one tier, per customer and period."""

    tier: str
    customers: str
    steps: tuple[BridgeStep, ...]
    margin_rate: str
    negative_share: str
    alt: str


@dataclass(frozen=True)
class Whale:
    """Cumulative margin over customers from most to least profitable.

    `points` are (share of customers, cumulative margin ÷ total), at most a
    hundred; empty where the total is not positive. `peak` is the largest cumulative
    margin ÷ total, above 1 where some customers lose money, at the share `peak_at`.
    """

    points: tuple[tuple[float, float], ...]
    peak: float | None
    peak_at: float | None
    peak_text: str
    lost_text: str
    alt: str


@dataclass(frozen=True)
class Table:
    """A plain table: the first column heads its row; `numeric` columns are set flush right."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    last_is_total: bool = False


@dataclass(frozen=True)
class MarginPage:
    """The page of customer margin; without bridges and whale where `unknown` says why."""

    sentence: str
    unknown: str
    bridges: tuple[Bridge, ...]
    table: Table | None
    whale: Whale | None
    basis: tuple[str, ...]


@dataclass(frozen=True)
class RetentionPage:
    """The page of retention: rates, customers and money that came and went, and reasons."""

    sentence: str
    rows: tuple[Row, ...]
    counts: Table | None
    money: Table | None
    reasons: Table | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ExperiencePage:
    """The page of experience; `margin` is printed with it, as no score is without its margin."""

    sentence: str
    rows: tuple[Row, ...]
    margin: Row | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Method:
    """The definition of one metric, for the method note."""

    label: str
    text: str
    detail: str


@dataclass(frozen=True)
class EvidencePage:
    """The page of evidence: tables, findings, changes of stances, methods.

    `standing` says which posts their owners do not answer for, and who is sent nothing.
    """

    sentence: str
    tables: Table
    findings: tuple[str, ...]
    chance: str
    changes: tuple[str, ...]
    methods: tuple[Method, ...]
    standing: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExecutivePacket:
    """The monthly packet. `tiers` fixes the order of every row's cells."""

    kind: ClassVar[str] = "executive-packet"
    heading: Heading
    sentence: str
    tiers: tuple[TierHead, ...]
    tallies: tuple[VerdictTally, ...]
    contents: tuple[Line, ...]
    map_sentence: str
    sections: tuple[Section, ...]
    exceptions_sentence: str
    exceptions: tuple[Item, ...]
    margin: MarginPage
    retention: RetentionPage
    experience: ExperiencePage
    evidence: EvidencePage

    @property
    def stances(self) -> None:
        """None: a packet is about every stance that there is."""
        return None

    @property
    def about(self) -> str:
        """Empty: a packet is about nobody in particular."""
        return ""


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


@dataclass(frozen=True)
class AffectedRow:
    """The customers affected by one of an owner's exceptions; `which` is "Gold · CSAT"."""

    which: str
    names: str
    count: str
    how: str
    outcome: str


@dataclass(frozen=True)
class OwnerScorecard:
    """One owner's page. `margins` are the tiers' customer margin, printed beside the scores.

    name         who answered at the period's end, or the role where nobody did
    standing     a vacancy and who is told of it, or who has answered since; else empty
    allowed      every person whom the page may name
    """

    kind: ClassVar[str] = "owner-scorecard"
    heading: Heading
    owner: str
    name: str
    role: str
    team: str
    purpose: str
    sentence: str
    strengths: tuple[StanceLine, ...]
    weaknesses: tuple[StanceLine, ...]
    affected: tuple[AffectedRow, ...]
    margins: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    standing: str = ""
    allowed: tuple[str, ...] = ()

    @property
    def stances(self) -> tuple[StanceLine, ...]:
        """The stances that the page is about, in its order."""
        return (*self.strengths, *self.weaknesses)

    @property
    def about(self) -> str:
        """Whose page it is, with the role: one person may have several posts."""
        return ", ".join(part for part in (self.name, self.role) if part)
