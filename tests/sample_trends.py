"""Trends built by hand, and packets that have them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sample_documents import ITEMS, PACKET

from scorecard.documents.packet_model import ExecutivePacket
from scorecard.documents.trend_model import LimitSpan, Trend, TrendMark

TREND = Trend(
    mark="strength",
    metric="first_reply_p90",
    label="First human reply, p90",
    tier="Gold",
    words="not delivered",
    signal="exceptional, unfavourable: beyond the natural limits",
    owner="M. Lindqvist",
    ticks=("J", "A", "S", "O"),
    years=("2026", "", "", ""),
    values=(1.0, 1.5, 2.0, 3.0),
    breaks=(),
    weak=(False,) * 4,
    year_ago=(1.0, 1.2, 0.9, 1.1),
    low=2.5,
    high=3.5,
    centre=1.5,
    lower=1.0,
    upper=2.0,
    spans=(LimitSpan(-0.5, 3.5, 2.5, None),),
    worst_said="2.5 h",
    best_said="",
    axis=((1.0, "1"), (2.0, "2"), (3.0, "3")),
    scale=(0.5, 4.0),
    marks=(TrendMark(1.5, "limit 3 h → 2.5 h"),),
    figures="1 · 2 · 3 h",
    of="in Aug, Sept, Oct; n 900, 1,100, 1,204; a year ago 1.1 h",
    record="not delivered in 1 of 4 judged months",
    affected="214 of 1,930 waited longer",
    happened=(),
    alt="First human reply, p90, Gold: four figures.",
    rank=1,
)


def trend(**changed: Any) -> Trend:
    """That trend, some of it changed; what there is one of per period is as long as its values."""
    values = changed.get("values", TREND.values)
    long = len(values)
    each: dict[str, Any] = {
        "ticks": tuple("JFMAMJJASOND"[i % 12] for i in range(long)),
        "years": ("2026", *[""] * (long - 1)),
        "weak": (False,) * long,
        "year_ago": (None,) * long,
        "marks": (),
    }
    both = {"worst_said": "2.5 h", "best_said": "0.5 h"}
    return replace(TREND, **(each | both | changed))


def with_trends(count: int) -> ExecutivePacket:
    """A packet with so many exceptions, each with a trend; the last one matters most."""
    of = trend(values=(1.0, 1.5, 2.0, 3.0), year_ago=TREND.year_ago)
    items = tuple(
        replace(
            ITEMS[1],
            label=f"Label {n}",
            trend=replace(of, label=f"Label {n}", rank=count - n),
        )
        for n in range(count)
    )
    sentence = "Gold first human reply moved beyond routine variation."
    return replace(PACKET, exceptions=items, trends_sentence=sentence)
