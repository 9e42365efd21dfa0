"""Enclosures: the numbers of a run, and the files that they make inside of a document's PDF."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Result
from scorecard.documents.kinds import Document
from scorecard.ledger import Ledger
from scorecard.stats.withheld import Cell, withheld

FIGURES = "figures.json"
SOURCES = "tables"
"""The part of a run's lineage that says how its sources are read."""


@dataclass(frozen=True)
class Enclosures:
    """What a run has to enclose in its documents: its results but for those that are withheld, by
    the stance that they were judged by, and the SQL of each metric in the words of contracts."""

    by_stance: Mapping[str, Sequence[Result]]
    sql: Mapping[str, str]

    @classmethod
    def of(cls, run_id: str, ledger: Ledger, metrics: Mapping[str, Metric]) -> Enclosures:
        """Those of a run in the ledger. Figures of metrics that are gone are left out."""
        run = ledger.run(run_id)
        results = ledger.results_of(run)
        by_stance: dict[str, list[Result]] = {}
        for result in shown(results, metrics, withheld(results, metrics)):
            by_stance.setdefault(result.stance, []).append(result)
        sql = {n: t for n, t in run.detail.get("lineage", {}).items() if n != SOURCES}
        return cls(by_stance, sql)

    def results(self, document: Document) -> list[Result]:
        """The results that the document is about: all, or those of its own stances."""
        if document.stances is None:
            return [r for results in self.by_stance.values() for r in results]
        keys = dict.fromkeys(stance.key for stance in document.stances)
        return [r for key in keys for r in self.by_stance.get(key, ())]

    def files(self, document: Document) -> dict[str, bytes]:
        """The files inside of the document's PDF, by name: its numbers, and the SQL behind them.

        How a source is read stays in the ledger: its text is not ours to hand on.
        """
        results = self.results(document)
        names = {r.metric for r in results}
        return {FIGURES: figures(results)} | {
            f"{name}.sql": text.encode() for name, text in sorted(self.sql.items()) if name in names
        }

    def rested_on(self, document: Document) -> list[str]:
        """The customers on whom the document's verdicts rest: its figures name them."""
        return [
            name
            for result in self.results(document)
            if result.fragility is not None
            for name in result.fragility.names
        ]


def shown(
    results: Iterable[Result], metrics: Mapping[str, Metric], kept: Mapping[Cell, object]
) -> list[Result]:
    """The results of known metrics that are not among those that are `kept` back."""
    return [r for r in results if r.metric in metrics and (r.metric, r.tier) not in kept]


def figures(results: Iterable[Result]) -> bytes:
    """Results as JSON, without the sums that they were made of: these stay in the ledger."""
    rows = [asdict(r) for r in sorted(results, key=lambda r: (r.metric, r.tier))]
    for row in rows:
        del row["estimate"]["sums"]
    text = json.dumps(rows, indent=1, sort_keys=True, ensure_ascii=False, default=date.isoformat)
    return f"{text}\n".encode()
