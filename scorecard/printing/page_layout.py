"""Page layout: column widths and type density of packet and owner's page.

They follow from the paper and from how much a page has to contain. Lengths are
typographic points. Heights are estimates, with constants measured on the shipped
templates.
"""

from __future__ import annotations

from dataclasses import dataclass

from scorecard.documents.owner_model import OwnerScorecard
from scorecard.documents.packet_model import ExecutivePacket
from scorecard.printing.front_height import contents_size

SIDE_MARGIN = 45.0
TREND_GUTTER = 34.0
"""Between two trends side by side."""
OWNER_SETTINGS = 9
"""The number of densities of the owner's page: 0 is comfortable, 8 the tightest."""
LONG_SIDE = {"A4": 842.0, "Letter": 792.0}
_SHORT_SIDE = {"A4": 595.0, "Letter": 612.0}
_CHART_HEIGHTS = (20.0, 12.0)
"""The height of an owner's charts, at the comfortable and at the tightest density."""
_LONG_TABLE = 10
"""A table of facts with more than ten rows is set in two halves."""
_BESIDE = 5
"""Up to five strengths and five weaknesses are set side by side; with more, one above the other."""


@dataclass(frozen=True)
class PacketGrid:
    """The columns of a landscape page: one for the metric's name, then one per tier.

    `bars` and `shares` are the widths of a bridge and of its percentages, `chart` that of a bullet
    with its process chart; `facts_halved` says that the table of facts is set in two halves, and
    `trends` of how many exceptions the trend is charted. `since` says whether what changed since
    the last packet has a page of its own, `funding` whether what pays for what has. `chosen` says
    whether the page of experience has only what choices are about, `running` whether exceptions may
    stand below the stance map, and `contents` how large those of the first page are set.
    """

    tiers: int
    label: float
    column: float
    chart: float
    label_narrow: float
    bars: float
    shares: float
    whale: float
    facts_halved: bool
    dense: bool
    bare: bool = False
    trends: int = 0
    since: bool = True
    funding: bool = True
    chosen: bool = False
    running: bool = False
    contents: str = "short"


@dataclass(frozen=True)
class OwnerGrid:
    """An owner's page: how tight its type is set, from 0 to 1, and the size of its charts.

    `stacked` says that strengths are set above weaknesses, each in two columns. `trend_height` is 0
    where no trends are charted. `overleaf` says that questions and commitments stand on the back of
    the sheet, for the page has no room for them.
    """

    tight: float
    stacked: bool
    chart: float
    chart_height: float
    trend: float = 0.0
    trend_height: float = 0.0
    overleaf: bool = False


def packet_grid(
    doc: ExecutivePacket,
    dense: bool,
    bare: bool = False,
    trends: int = 0,
    since: bool = True,
    funding: bool = True,
    chosen: bool = False,
    running: bool = False,
) -> PacketGrid:
    """The packet's columns; with more than four tiers the column of names is narrower.

    A bare packet has no charts of single cells, no notes in them and no customers' names.
    """
    width = LONG_SIDE[doc.heading.paper] - 2 * SIDE_MARGIN
    tiers = max(len(doc.tiers), 1)
    label = 150.0 if tiers <= 4 else 124.0
    column = round((width - label) / tiers, 2)
    since = since and bool(doc.since and doc.since.than)
    funding = funding and doc.funding is not None
    panel = (width - 96.0) / max(len(doc.margin.bridges) if doc.margin else 0, 1)
    return PacketGrid(
        tiers=len(doc.tiers),
        label=label,
        column=column,
        chart=round(column - 26, 1),
        label_narrow=96.0,
        bars=round(min(panel * 0.46, 120.0), 1),
        shares=round(min(panel * 0.19, 40.0), 1),
        whale=round(width * 0.38, 1),
        facts_halved=len(doc.evidence.tables.rows) > _LONG_TABLE,
        dense=dense,
        bare=bare,
        trends=trends,
        since=since,
        funding=funding,
        chosen=chosen,
        running=running,
        contents=contents_size(doc, bool(trends), since, funding),
    )


def owner_grid(
    doc: OwnerScorecard, density: int, trend_height: float = 0.0, overleaf: bool = False
) -> OwnerGrid:
    """The owner's two columns at a density from 0 to OWNER_SETTINGS − 1, and trends of that height
    below them."""
    column = _SHORT_SIDE[doc.heading.paper] / 2 - SIDE_MARGIN - 12
    tight = density / (OWNER_SETTINGS - 1)
    height = round(_interpolated(*_CHART_HEIGHTS, tight), 2)
    trend = round((_SHORT_SIDE[doc.heading.paper] - 2 * SIDE_MARGIN - TREND_GUTTER) / 2, 1)
    stacked = _longer_side(doc) > _BESIDE
    return OwnerGrid(tight, stacked, column, height, trend, trend_height, overleaf)


def _interpolated(comfortable: float, tightest: float, tight: float) -> float:
    return comfortable + (tightest - comfortable) * tight


def _longer_side(doc: OwnerScorecard) -> int:
    return max(len(doc.strengths), len(doc.weaknesses))
