"""Origin: what a run's documents were made of, each part by a digest of its own.

A run's `inputs` is one hash over all of it, which says that something differs and not what.

    {"facts": {"surveys": "3fa9…"}, "settings": "…", "strategy": "…",
     "metrics": {"csat": "1a2b3c4"}, "software": "0.1.0"}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from scorecard.base.version import VERSION
from scorecard.definitions.metric import Metric
from scorecard.definitions.results import Result
from scorecard.project.settings import Project
from scorecard.project.workspace import Workspace, said_settings

Origin = Mapping[str, Any]
_DIGITS = 16


def origin_of(work: Workspace) -> dict[str, Any]:
    """What a run of that workspace is made of."""
    state = work.facts.state
    facts = {s.table: _digest(f"{s!r}\n{state.content(s.table)}") for s in work.project.sources}
    if hours := work.facts.options.service_hours:
        facts["service_hours"] = _digest(hours.content)
    return {"facts": facts, **declared_origin(work.project, work.metrics, work.strategy_text)}


def declared_origin(
    project: Project, metrics: Mapping[str, Metric], strategy: bytes
) -> dict[str, Any]:
    """The same without the facts, which need not be opened for it."""
    return {
        "settings": _digest(said_settings(project)),
        "strategy": sha256(strategy).hexdigest()[:_DIGITS],
        "metrics": {m.name: m.version for m in metrics.values()},
        "software": VERSION,
    }


def results_digest(results: Iterable[Result]) -> str:
    """The digest of a run's results as the ledger has them, in the order of metrics and tiers."""
    rows = [asdict(r) for r in sorted(results, key=lambda r: (r.metric, r.tier))]
    return _digest(json.dumps(rows, sort_keys=True, default=str))


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def differing(then: Origin, now: Origin) -> list[str]:
    """What differs between two origins, in words and in the order in which things are made: facts,
    strategy, metrics, settings, software. Facts are compared where both have them."""
    said = []
    if "facts" in then and "facts" in now and (tables := _others(then["facts"], now["facts"])):
        said.append(f"facts: {', '.join(tables)}")
    if then["strategy"] != now["strategy"]:
        said.append("strategy")
    said += [
        f"metric {name}, {_version(then, name)} then and {_version(now, name)} now"
        for name in _others(then["metrics"], now["metrics"])
    ]
    if then["settings"] != now["settings"]:
        said.append("settings")
    if then["software"] != now["software"]:
        said.append(f"software, {then['software']} then and {now['software']} now")
    return said


def _others(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return [name for name in sorted(then.keys() | now.keys()) if then.get(name) != now.get(name)]


def _version(origin: Origin, name: str) -> str:
    return str(origin["metrics"].get(name, "not there"))
