"""Tallies: the counts of each tier's verdicts, and of its stances that have expired.

Each stance is counted once, so that the counts of a tier add up to all of its stances.
"""

from __future__ import annotations

from collections import Counter

from scorecard.documents.packet_model import VerdictTally
from scorecard.documents.sentences import UNDECIDED, judged
from scorecard.documents.view import ReportView


def tallies(view: ReportView) -> tuple[VerdictTally, ...]:
    """A tally for each tier, in their order."""
    return tuple(_tally(view, tier) for tier in view.tiers)


def _tally(view: ReportView, tier: str) -> VerdictTally:
    of_kind = {"strength": Counter[str](), "weakness": Counter[str]()}
    for result in judged(view):
        stance = view.stance(result.metric, tier) if result.tier == tier else None
        if stance is not None and result.verdict is not None:
            of_kind[stance.kind][result.verdict.words] += 1
    strengths, weaknesses = of_kind.values()
    both = strengths + weaknesses
    return VerdictTally(
        tier,
        f"{strengths['delivered']} of {strengths.total()}",
        str(strengths["not delivered"]),
        f"{weaknesses['as accepted']} of {weaknesses.total()}",
        str(weaknesses["beyond acceptance"]),
        str(both["over-served"]),
        str(both[UNDECIDED]),
        str(sum(of == tier for _name, of in view.expired)),
    )
