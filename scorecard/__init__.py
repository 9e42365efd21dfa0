"""Customer scorecards that hold named owners to what their company chose.

    import scorecard

    with scorecard.open("acme") as project:
        project.backfill("2025-01", "2026-05")
        project.run("2026-06")                     # PDFs in acme/output/2026-06/
        for figure in project.results("2026-06"):
            print(figure.metric, figure.tier, figure.value, figure.verdict)

`help(scorecard.Scorecard)` has the rest. A metric of one's own is a function in a project's
metrics folder: `from scorecard import metric`, and `money` for what each customer brought in
and cost.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from scorecard.base.version import VERSION as __version__
from scorecard.errors import ScorecardError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from scorecard.base.findings import Finding
    from scorecard.definitions.metric import Metric, metric
    from scorecard.library.results import Figure, Results
    from scorecard.library.scorecard import Backfilled, Explanation, Scorecard
    from scorecard.pipeline.request import Outcome
    from scorecard.tiers.margin import money

__all__ = [
    "Backfilled",
    "Explanation",
    "Figure",
    "Finding",
    "Metric",
    "Outcome",
    "Results",
    "Scorecard",
    "ScorecardError",
    "__version__",
    "metric",
    "money",
    "open",
]

# Loaded when first asked for: `scorecard --help` needs none of them, and some bring an engine.
_LATER = {
    "Backfilled": "scorecard.library.scorecard",
    "Explanation": "scorecard.library.scorecard",
    "Figure": "scorecard.library.results",
    "Finding": "scorecard.base.findings",
    "Metric": "scorecard.definitions.metric",
    "Outcome": "scorecard.pipeline.request",
    "Results": "scorecard.library.results",
    "Scorecard": "scorecard.library.scorecard",
    "metric": "scorecard.definitions.metric",
    "money": "scorecard.tiers.margin",
}


def open(path: str | Path | None = None, as_of: datetime | None = None) -> Scorecard:
    """The project in a folder, or the nearest one here or above, ready for work.

    `as_of` is the moment up to which facts are known, by default now; without a zone it is local
    to the company. ProjectError when there is no project. Facts are opened when first needed.
    """
    from scorecard.library.scorecard import Scorecard

    return Scorecard.open(path, as_of)


def __dir__() -> list[str]:
    return sorted(__all__)


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
