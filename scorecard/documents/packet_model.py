"""The executive packet, complete as data before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from scorecard.documents.accountability_model import AccountabilityPage
from scorecard.documents.funding_model import FundingPage
from scorecard.documents.model import Heading, Mark, Region, Row, Table
from scorecard.documents.trend_model import Trend

TRENDS = "Exceptions over time"
"""The title of the page of trends."""
SINCE = "What changed since the last packet"
"""The title of the page that says so."""
METHOD_FILE = "method.pdf"
"""The packet's method notes: inside its PDF, and beside it in the output folder."""


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
    """Counts of a tier's verdicts, each a text such as "7 of 9" or "2"; never a score.

    With `no_decision`, of stances that have expired, they add up to all stances of the tier.
    """

    tier: str
    strengths_delivered: str
    strengths_missed: str
    weaknesses_as_accepted: str
    weaknesses_beyond: str
    over_served: str
    undecided: str
    no_decision: str = "0"


@dataclass(frozen=True)
class Line:
    """One line of the table of contents: a page's sentence, title and anchor."""

    sentence: str
    title: str
    anchor: str


@dataclass(frozen=True)
class Affected:
    """The customers affected by an exception, how, and the effect on their margin.

    `more` says how many there are beside those named: "and 113 more", or is empty.
    """

    count: str
    names: tuple[str, ...]
    how: str
    outcome: str
    more: str = ""


@dataclass(frozen=True)
class Item:
    """One exception, in the order of the stance map; its trend where there are earlier figures."""

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
    trend: Trend | None = None


@dataclass(frozen=True)
class BridgeStep:
    """One step of a margin bridge: costs are negative amounts. `share` is "58 %" of revenue."""

    label: str
    amount: float
    text: str
    total: bool = False
    share: str = ""


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
    """How one metric is made: what it is, and (name, text) of its population, formula and so on.

    `detail` has all of these in one paragraph in editions that have no `facts`.
    """

    label: str
    text: str
    detail: str
    facts: tuple[tuple[str, str], ...] = ()
    section: str = ""


@dataclass(frozen=True)
class Turned:
    """A choice whose verdict is another than it was in the packet before: the words of both, and
    both figures. `loud` is whether it was not kept now."""

    mark: Mark
    choice: str
    tier: str
    region: Region
    before: str
    figure_before: str
    now: str
    figure: str
    loud: bool


@dataclass(frozen=True)
class SincePage:
    """What changed since the packet before, of the same kind; told from the two frozen packets.

    than       the packet before: "September 2026, edition 2"; empty in the first packet
    verdicts   choices with a verdict that is another one, or the first
    lost       choices that had a verdict, and now have too little evidence or no figure
    choices    what was chosen otherwise, a sentence for each
    restated   figures of the period before that are others now, a sentence for each
    more       what found no room, of verdicts, choices and figures: "And 3 more; …", or empty
    answering  commitments, late answers and proposals since, a line each
    """

    sentence: str
    than: str = ""
    verdicts: tuple[Turned, ...] = ()
    lost: tuple[Turned, ...] = ()
    choices: tuple[str, ...] = ()
    restated: tuple[str, ...] = ()
    more: tuple[str, str, str] = ("", "", "")
    answering: tuple[str, ...] = ()


@dataclass(frozen=True)
class EvidencePage:
    """The page of evidence: tables, findings, changes of stances.

    `balance` and `balances` show that everything is counted; `standing` says which posts their
    owners do not answer for, and who is sent nothing; `unmeasured` what is not measured on pages
    that are there, and what it would need. `methods` are printed in a document of their own, see
    `MethodNotes`.
    """

    sentence: str
    tables: Table
    findings: tuple[str, ...]
    chance: str
    changes: tuple[str, ...]
    methods: tuple[Method, ...]
    standing: tuple[str, ...] = ()
    unmeasured: tuple[str, ...] = ()
    balance: Table | None = None
    balances: tuple[str, ...] = ()


@dataclass(frozen=True)
class MethodNotes:
    """How each figure of a packet is made. It is drawn from the packet, and is inside its PDF."""

    kind: ClassVar[str] = "method"
    heading: Heading
    methods: tuple[Method, ...]


@dataclass(frozen=True)
class ExecutivePacket:
    """The monthly packet. `tiers` fixes the order of every row's cells; `counted` says how many
    customers are in them, and how many in none. `trends_sentence` is empty where no exception has
    a trend.

    A page on which nothing was measured is None, and `left_out` says what it would need. `since`
    is None of a span, and in packets from before there was that page. `restated` says what it
    replaces and why, see `documents.restated`.
    """

    kind: ClassVar[str] = "executive-packet"
    heading: Heading
    sentence: str
    tiers: tuple[TierHead, ...]
    tallies: tuple[VerdictTally, ...]
    counted: str
    contents: tuple[Line, ...]
    map_sentence: str
    sections: tuple[Section, ...]
    exceptions_sentence: str
    exceptions: tuple[Item, ...]
    margin: MarginPage | None
    retention: RetentionPage | None
    experience: ExperiencePage | None
    evidence: EvidencePage
    left_out: tuple[str, ...] = ()
    exceptions_chance: str = ""
    trends_sentence: str = ""
    accountability: AccountabilityPage | None = None
    since: SincePage | None = None
    funding: FundingPage | None = None
    restated: tuple[str, ...] = ()

    @property
    def trends(self) -> tuple[Trend, ...]:
        """The trends of the exceptions, in their order."""
        return tuple(item.trend for item in self.exceptions if item.trend is not None)

    @property
    def stances(self) -> None:
        """None: a packet is about every stance that there is."""
        return None

    @property
    def about(self) -> str:
        """Empty: a packet is about nobody in particular."""
        return ""
