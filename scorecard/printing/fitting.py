"""Fitting: which of its settings a document is laid out in, so that its pages suffice.

Every function takes `lay_out`, which lays the document out by a template and a grid, and may
call it several times. RenderError where not even the tightest setting needs few enough pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from scorecard.documents.owner_model import OwnerScorecard
from scorecard.documents.packet_model import ExecutivePacket
from scorecard.documents.preread_model import PreRead
from scorecard.documents.team_model import TeamReview
from scorecard.errors import RenderError
from scorecard.printing.expected_content import MOST_METHOD_PAGES, MOST_PRE_READ_PAGES
from scorecard.printing.owner_height import setting_with_trends, settings_to_try
from scorecard.printing.page_layout import owner_grid, packet_grid
from scorecard.printing.team_layout import (
    CHARTED_PAGES,
    TEAM_SETTINGS,
    most_team_pages,
    team_grid,
)
from scorecard.printing.trend_layout import A_PAGE, MOST_TRENDS, likely_pages

if TYPE_CHECKING:
    from weasyprint import Document as LaidOut

MOST_PAGES = 12
"""An executive packet is never longer."""


class LayOut(Protocol):
    """Lays a document out by a template and a grid.

    `shipped` says that it does so with the shipped templates, of which it is known how much
    room they need.
    """

    @property
    def shipped(self) -> bool: ...

    def __call__(self, name: str, grid: Any) -> LaidOut: ...


def fit_packet(lay_out: LayOut, doc: ExecutivePacket) -> LaidOut:
    """The packet, with fewer trends and then set more densely when it would pass its last allowed
    page; then with exceptions below the end of the stance map, where they fit whole; then without
    the experiences that no choice is about, which that page names; and as a last resort without
    what the owners' pages have too, which its own last page then says; at the very last without the
    page of what changed, and then that of what pays for what, of which the first page keeps the
    sentence."""
    for setting in _packet_settings(doc):
        laid_out = lay_out("packet", packet_grid(doc, **setting))
        if len(laid_out.pages) <= MOST_PAGES:
            return laid_out
    raise RenderError(
        f"The packet needs {len(laid_out.pages)} pages, and {MOST_PAGES} is the most; "
        "retire metrics or tiers that no longer matter."
    )


def _packet_settings(doc: ExecutivePacket) -> Iterator[dict[str, Any]]:
    """What `packet_grid` takes, in the order to be tried.

    A second page of trends is tried only where it is likely to find room: a packet is laid out in
    the most part of a second.
    """
    if len(doc.trends) > A_PAGE and likely_pages(doc) + 2 <= MOST_PAGES:
        yield {"dense": False, "trends": MOST_TRENDS}
    trends = {"trends": min(A_PAGE, len(doc.trends))}
    yield {"dense": False, **trends}
    yield {"dense": True, **trends}
    yield {"dense": True, "running": True, **trends}
    short = {"dense": True, "running": True, "chosen": True}
    yield {**short, **trends}
    yield {**short, "bare": True, **trends}
    if doc.trends:
        yield {**short, "bare": True}
    if doc.since is not None and doc.since.than:
        yield {**short, "bare": True, "since": False}
    if doc.funding is not None:
        yield {**short, "bare": True, "since": False, "funding": False}


def fit_method(lay_out: LayOut) -> LaidOut:
    """The method notes, on as many pages as they need."""
    laid_out = lay_out("method", None)
    if len(laid_out.pages) <= MOST_METHOD_PAGES:
        return laid_out
    raise RenderError(
        f"The method notes need {len(laid_out.pages)} pages, and {MOST_METHOD_PAGES} is the most; "
        "shorten the docstrings of your metrics."
    )


def fit_team(lay_out: LayOut, doc: TeamReview) -> LaidOut:
    """The review in the most comfortable setting with charts that needs the fewest pages, or
    without charts where all of those need too many."""
    most = most_team_pages(doc)
    laid_out = _charted(lay_out, doc)
    if len(laid_out.pages) > CHARTED_PAGES:
        laid_out = lay_out("team", team_grid(doc, TEAM_SETTINGS - 1))
    if len(laid_out.pages) <= most:
        return laid_out
    raise RenderError(
        f"The review of {doc.name} needs {len(laid_out.pages)} pages with {len(doc.members)} "
        f"owners, and {most} is the most; divide the team in strategy.toml."
    )


def _charted(lay_out: LayOut, doc: TeamReview) -> LaidOut:
    """The most comfortable setting of those that need as few pages as the tightest."""
    first = lay_out("team", team_grid(doc, 0))
    if len(first.pages) == 1 or len(first.pages) > 2 * CHARTED_PAGES:
        return first
    tightest = lay_out("team", team_grid(doc, TEAM_SETTINGS - 2))
    if len(first.pages) == len(tightest.pages):
        return first
    between = (lay_out("team", team_grid(doc, d)) for d in range(1, TEAM_SETTINGS - 2))
    return next((b for b in between if len(b.pages) == len(tightest.pages)), tightest)


def fit_owner(lay_out: LayOut, doc: OwnerScorecard) -> LaidOut:
    """The owner's page, set as densely as one page asks for; where questions and commitments find
    no room on it, they stand on the back of the sheet."""
    if (laid_out := _on_one_page(lay_out, doc)) is not None:
        return laid_out
    if (laid_out := _on_both_sides(lay_out, doc)) is not None:
        return laid_out
    raise RenderError(
        f"The scorecard of {doc.name} does not fit one page with {len(doc.stances)} stances, "
        f"{len(doc.affected)} lists of customers and {len(doc.notes)} notes; give some of its "
        "stances to another owner, or shorten their trade-offs and funding in strategy.toml."
    )


def _on_both_sides(lay_out: LayOut, doc: OwnerScorecard) -> LaidOut | None:
    """The most comfortable setting in which the front has room for all but questions and
    commitments; None where there are none, or not even that fits."""
    if not (doc.asked or doc.commitments):
        return None
    for density in settings_to_try(replace(doc, asked=(), commitments=(), record="", read="")):
        laid_out = lay_out("owner", owner_grid(doc, density, overleaf=True))
        if len(laid_out.pages) == 2:
            return laid_out
    return None


def fit_pre_read(lay_out: LayOut, doc: PreRead) -> LaidOut:
    """The pre-read, on as many pages as its questions need."""
    laid_out = lay_out("pre-read", None)
    if len(laid_out.pages) <= MOST_PRE_READ_PAGES:
        return laid_out
    raise RenderError(
        f"The pre-read of {doc.name} needs {len(laid_out.pages)} pages with {len(doc.stances)} "
        f"choices, and {MOST_PRE_READ_PAGES} is the most; give some of them to another owner."
    )


def _on_one_page(lay_out: LayOut, doc: OwnerScorecard) -> LaidOut | None:
    """The most comfortable setting that needs one page, looked for from the likely one.

    Of templates that are not the shipped ones nothing is known beforehand: there it is made
    sure that the next more comfortable setting needs a second page.
    """
    likely = settings_to_try(doc)
    found: LaidOut | None = None
    if lay_out.shipped and (with_trends := setting_with_trends(doc)):
        laid_out = lay_out("owner", owner_grid(doc, *with_trends))
        if len(laid_out.pages) == 1:
            return laid_out
    for density in likely:
        laid_out = lay_out("owner", owner_grid(doc, density))
        if len(laid_out.pages) == 1:
            found = laid_out
            break
    if lay_out.shipped or found is None or density != likely.start:
        return found
    for density in range(likely.start - 1, -1, -1):
        laid_out = lay_out("owner", owner_grid(doc, density))
        if len(laid_out.pages) != 1:
            break
        found = laid_out
    return found
