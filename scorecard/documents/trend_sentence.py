"""The sentence above the trends: what moved beyond routine, and what has lasted longest."""

from __future__ import annotations

from collections.abc import Sequence

from scorecard.definitions.results import Result
from scorecard.documents.grammar import capital, fitted, plural
from scorecard.documents.packet_model import Item
from scorecard.documents.report_data import LOUD, exceptional
from scorecard.documents.sentences import NAMED, judged
from scorecard.documents.view import ReportView

LASTING = 3
"""From three periods in a row on, it is told how long a verdict has lasted."""
HAS_BEEN = {
    "not delivered": "has not been delivered",
    "beyond acceptance": "has been beyond acceptance",
    "over-served": "has been over-served",
}


def trends_sentence(view: ReportView, items: Sequence[Item]) -> str:
    """ "Gold first human reply moved beyond routine variation; Silver … has been over-served for 5
    months in a row."; empty where no exception has a trend."""
    if not any(item.trend for item in items):
        return ""
    found = [r for r in judged(view) if exceptional(r)]
    moved = [r for r in found if r.signal.flow.startswith("exceptional")]
    lasting = _lasting(view, found)
    if moved:
        cells = [(r.metric, r.tier) for r in moved]

        def said(most: int) -> str:
            return f"{capital(view.named(cells, most))} moved beyond routine variation"

        many = f"{len(cells)} exceptions moved beyond routine variation"
        return fitted(
            lambda most: f"{'; '.join(filter(None, [said(most) if most else many, lasting]))}.",
            min(NAMED, len(cells)),
        )
    return f"{'; '.join(filter(None, [_calm(found), lasting]))}."


def _calm(found: Sequence[Result]) -> str:
    """What is said of exceptions none of which moved."""
    of = len(found)
    if not any(r.signal.flow for r in found):
        return "Of no exception is it known yet what variation is routine"
    if all(r.signal.flow for r in found):
        all_of = {1: "The exception is", 2: "Both exceptions are"}
        given = f"the process itself gives {'it' if of == 1 else 'them'}"
        return f"{all_of.get(of, f'All {of} exceptions are')} routine variation: {given}"
    return "No exception moved beyond routine variation"


def _lasting(view: ReportView, found: Sequence[Result]) -> str:
    """ "Silver customer margin has not been delivered for 5 months in a row", of the longest."""
    runs = [(_run(view, r), r) for r in found if r.verdict and r.verdict.words in LOUD]
    longest = max((run for run, _result in runs), default=0)
    if longest < LASTING:
        return ""
    result = next(r for run, r in runs if run == longest)
    words = HAS_BEEN[result.verdict.words] if result.verdict else ""
    unit = view.data.period.kind
    name = view.named([(result.metric, result.tier)])
    return f"{name} {words} for {longest} {plural(longest, unit)} in a row"


def _run(view: ReportView, result: Result) -> int:
    """In how many periods in a row, this one included, the verdict was the same."""
    series = (result.metric, result.version, result.tier)
    words = {p.period: p.words for p in view.histories.get(series, ())}
    run = 1
    while result.verdict and words.get(view.data.period.shift(-run).key) == result.verdict.words:
        run += 1
    return run
