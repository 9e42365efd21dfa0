"""What a frozen document says of each choice: the same of packets, reviews and owners' pages.

    said_in(document)       {("csat", "gold"): Said(…)}, in the order of its pages

Only what stands in the document is known here: figures as they were printed, in the reader's
language. Limits are kept in packets since there is `Cell.limits`; in older ones they are empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scorecard.documents.formats import DASH
from scorecard.documents.kinds import Document
from scorecard.documents.model import Cell, Mark, Row, StanceLine
from scorecard.documents.owner_model import OwnerScorecard
from scorecard.documents.packet_model import ExecutivePacket
from scorecard.documents.preread_model import PreRead

Cellkey = tuple[str, str]
"""(metric, tier), each by its id."""
VERDICTS = (
    "delivered",
    "not delivered",
    "as accepted",
    "beyond acceptance",
    "over-served",
    "too little evidence",
)


@dataclass(frozen=True)
class Said:
    """One metric in one tier as a document prints it.

    choice   "First human reply, 9 of 10 within · Gold"
    verdict  one of VERDICTS; empty where the choice was not judged, or there is none
    words    what is printed in its place: "not measured: no surveys", "no stance"
    figure   "9.4 hours", or "–" where there is none
    owner    who answers, where the document says it of this choice alone
    """

    metric: str
    tier: str
    choice: str
    mark: Mark
    verdict: str
    words: str
    figure: str
    limits: str = ""
    owner: str = ""

    @property
    def has_figure(self) -> bool:
        return self.figure != DASH

    @property
    def spoken(self) -> str:
        """ "9.4 hours, not delivered"; the verdict alone where there is no figure."""
        said = [self.figure] if self.has_figure else []
        said += [self.verdict or self.words] if self.mark or not said else []
        return ", ".join(said)


def said_in(document: Document) -> dict[Cellkey, Said]:
    """All that the document says of single metrics and tiers. A metric that is on several pages of
    a packet says the same on all of them."""
    found: dict[Cellkey, Said] = {}
    for each in _all(document):
        found.setdefault((each.metric, each.tier), each)
    return found


def owners_in(document: Document) -> dict[str, tuple[str, str]]:
    """By metric its label and who answers for it, where a document says that of whole rows."""
    if not isinstance(document, ExecutivePacket):
        return {}
    return {row.metric: (row.label, row.owners) for row in _rows(document)}


def _all(document: Document) -> Iterator[Said]:
    if isinstance(document, ExecutivePacket):
        labels = {tier.id: tier.label for tier in document.tiers}
        for row in _rows(document):
            for cell in row.cells:
                choice = f"{row.label} · {labels.get(cell.tier, cell.tier)}"
                yield _said(row.metric, choice, row.unit, cell, cell.limits)
    elif isinstance(document, OwnerScorecard | PreRead):
        for line in document.stances:
            yield _of_line(line, document.name)
    else:
        for member in document.members:
            for line in member.held:
                yield _of_line(line, member.name)


def _rows(document: ExecutivePacket) -> Iterator[Row]:
    for section in document.sections:
        yield from section.rows
    for page in (document.retention, document.experience):
        if page is not None:
            yield from page.rows


def _of_line(line: StanceLine, owner: str) -> Said:
    choice = f"{line.label} · {line.tier or line.cell.tier}"
    return _said(line.metric, choice, line.unit, line.cell, line.limits, owner)


def _said(metric: str, choice: str, unit: str, cell: Cell, limits: str, owner: str = "") -> Said:
    bare = cell.words.partition(" (")[0]  # "too little evidence (3rd period)"
    verdict = bare if bare in VERDICTS else ""
    figure = f"{cell.text} {unit}".strip() if cell.text != DASH else DASH
    return Said(metric, cell.tier, choice, cell.mark, verdict, cell.words, figure, limits, owner)
