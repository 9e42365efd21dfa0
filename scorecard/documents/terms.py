"""Terms: what a stance promises or accepts, in words and exactly as it was declared."""

from __future__ import annotations

from scorecard.definitions.metric import Metric
from scorecard.documents.formats import Formats
from scorecard.strategy.model import Stance


def limit(formats: Formats, metric: Metric, stance: Stance, value: float) -> str:
    """A limit of the stance exactly as it was declared: "4 h"."""
    written = stance.written[0 if value == stance.at_worst else 1]
    return formats.limit(metric, value, written)


def terms(formats: Formats, metric: Metric, stance: Stance) -> str:
    """ "promised 4 h or less", "accepted 50 % to 66 %", "accepted without a limit"."""
    verb = "promised" if stance.kind == "strength" else "accepted"
    worst, best = stance.at_worst, stance.at_best
    if worst is not None and best is not None:
        low, high = sorted((worst, best))
        ends = [limit(formats, metric, stance, end) for end in (low, high)]
        return f"{verb} {ends[0]} to {ends[1]}"
    only = worst if worst is not None else best
    if only is None:
        return f"{verb} without a limit"
    less = (metric.better == "lower") == (worst is not None)
    return f"{verb} {limit(formats, metric, stance, only)} or {'less' if less else 'more'}"
