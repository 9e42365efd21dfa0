"""Reviews of boundaries: which one counts for a snapshot, and by which definition tiers are made.

Boundaries and cut points are drawn at the first snapshot of a year and count for that year. While
the facts do not fill the window that scores look at they are drawn again at each snapshot: a score
of three months of purchases, held against cut points of the same three months, cannot be compared
with one of twelve.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from scorecard.base.files import make_folder, write_whole
from scorecard.base.json_text import from_json
from scorecard.base.periods import shift_months
from scorecard.base.regular_file import read_bytes
from scorecard.errors import FactsError
from scorecard.strategy.model import TierPlan
from scorecard.tiers.afterwards import FIRST, frozen_definitions
from scorecard.tiers.chain import in_order
from scorecard.tiers.snapshots import Snapshots

REVIEWS = "boundaries.json"
"""The file beside the snapshots that has the reviews of their boundaries."""
SECOND = "2"
"""The second version of the definition of tiers: the upper edge of a boundary's buffer can be
reached on a scale that has a maximum, and boundaries are drawn again until the window is full."""
Review = Mapping[str, Any]
"""One review: on (its day), method, window, tiers, boundaries, cuts, rated, full (whether the facts
filled the window on that day)."""


def definition_of(plan: TierPlan) -> str:
    """The version of the definition by which a plan's tiers are made; the first where a later one
    makes no difference to it."""
    changed = plan.method == "rfm" or (plan.method != "declared" and plan.history < plan.window)
    return SECOND if changed else FIRST


def defined_otherwise(kept: Snapshots, folder: Path, plan: TierPlan) -> list[str]:
    """Periods, oldest first, whose frozen tiers were computed by another version of their
    definition than those that are computed now; `folder` has what is noted of them."""
    noted, now = frozen_definitions(folder), definition_of(plan)
    return [key for key in in_order(kept.periods()) if noted.get(key, FIRST) != now]


def basis_of(plan: TierPlan) -> dict[str, Any]:
    """What a review must have been made for to count for a plan."""
    return {"method": plan.method, "window": plan.window, "tiers": list(plan.ids)}


def fills(first_fact: date, day: date, months: int) -> bool:
    """Whether facts that begin on a day hold the months before another.

    Those that begin within the first of these months count as having all of it.
    """
    return first_fact <= shift_months(day, -months).replace(day=28)


def newest(book: Sequence[Review], plan: TierPlan, day: date) -> Review | None:
    """The newest review of the year of a day, up to that day, that was made for this plan; `book`
    has them oldest first. None where there is none."""
    basis, new_year = basis_of(plan).items(), str(date(day.year, 1, 1))
    of_year = (r for r in reversed(book) if new_year <= r["on"] <= str(day))
    return next((r for r in of_year if r.items() >= basis), None)


def counting(book: Sequence[Review], plan: TierPlan, day: date, first_fact: date) -> Review | None:
    """The review that still counts at a snapshot of `day`: the newest, if the window was full when
    it was made. None where one has to be made."""
    review = newest(book, plan, day)
    if review is None:
        return None
    then = date.fromisoformat(review["on"])
    return review if review.get("full", fills(first_fact, then, plan.window)) else None


def reviews_in(file: Path) -> list[dict[str, Any]]:
    """Every review of the boundaries, oldest first; none where there is no file."""
    try:
        book = from_json(read_bytes(file))
        if not isinstance(book, list) or not all(isinstance(each, dict) for each in book):
            raise ValueError("it is no list of reviews")
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise FactsError(
            f"{file}: the reviewed boundaries cannot be read ({error}); restore the "
            "file from a backup, or delete it to draw them again."
        ) from error
    return book


def write_reviews(file: Path, book: Sequence[Review]) -> None:
    """Write down every review, oldest first."""
    make_folder(file.parent)
    write_whole(file, json.dumps(book, indent=2, sort_keys=True) + "\n")
