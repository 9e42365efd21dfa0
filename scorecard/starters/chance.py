"""Chance and files of the starters: the same numbers on every machine, and rows as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import TypeVar

from scorecard.base.periods import shift_months

Row = Sequence[object]
_T = TypeVar("_T")
_WORDS = (
    "Alder Adder Amber Anvil Ashdown Barley Beacon Birch Bramble Brook Burdock Cedar Clover Copper "
    "Coppice Crane Dell Dingle Dunlin Elder Elm Fallow Fennel Fern Flint Foxglove Garnet Gorse "
    "Granary Harrow Hazel Heron Hollow Ivy Juniper Kestrel Kiln Lark Larch Linnet Lowfield Mallow "
    "Marsh Meadow Mill Moor Nettle Oakley Orchard Osier Otter Pebble Plover Quarry Quince Rook "
    "Rowan Rush Saffron Sedge Sorrel Spinney Stonely Swift Tansy Teasel Thistle Thorn Tansley "
    "Umber Verbena Walnut Warbler Weir Whin Willow Wren Yarrow Acorn Bracken Cobble Damson Ember "
    "Fieldfare Goldcrest Hawthorn Islet Jasmine"
)
PLACES = tuple(_WORDS.split())
"""First words of names; each name of a starter begins with another."""


class Chance:
    """Numbers drawn from a seed, which are the same for ever.

    Only `Random.random` is asked, which Python promises to keep.
    """

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)

    def share(self) -> float:
        """From 0 to below 1."""
        return self._random.random()

    def happens(self, share: float) -> bool:
        return self.share() < share

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.share()

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both inclusive."""
        return low + int(self.share() * (high - low + 1))

    def one_of(self, values: Sequence[_T]) -> _T:
        return values[self.whole(0, len(values) - 1)]

    def moment(self, day: date, first: int = 8, last: int = 17) -> datetime:
        """A moment of that day between two hours."""
        begun = datetime.combine(day, time(first))
        return begun + timedelta(seconds=self.whole(0, (last - first) * 3600 - 1))


def months(first: date, count: int) -> Iterator[date]:
    """The first days of that many months."""
    return (shift_months(first, i) for i in range(count))


def write(folder: Path, table: str, columns: str, rows: Iterable[Row]) -> None:
    """A table as facts/<table>.csv; empty where a value is None, moments to the second."""
    with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns.split())
        writer.writerows([_text(value) for value in row] for row in rows)


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, float) else str(value)
