"""What a project declares: its metrics and its strategy, read together from their files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scorecard.base.findings import Finding, refuse
from scorecard.base.regular_file import read_bytes
from scorecard.definitions.loader import load_metrics
from scorecard.definitions.metric import Metric
from scorecard.errors import StrategyError
from scorecard.project.settings import Project
from scorecard.strategy.model import Strategy
from scorecard.strategy.reader import read_strategy


@dataclass(frozen=True)
class Declared:
    """The metrics by name, the strategy as far as it is sound, the findings about its file, and
    the file's bytes."""

    metrics: Mapping[str, Metric]
    strategy: Strategy
    findings: tuple[Finding, ...]
    text: bytes

    def usable(self) -> Declared:
        """Itself; StrategyError where a finding blocks."""
        refuse(self.findings, StrategyError)
        return self


def declared(project: Project) -> Declared:
    """What the project's files declare. DefinitionError when its metrics cannot be loaded,
    StrategyError when there is no strategy.toml to read."""
    metrics = load_metrics(project.metrics, project.settings.defining, project.limits.loading)
    text = read_bytes(project.strategy) if project.strategy.is_file() else b""
    strategy, findings = read_strategy(project.strategy, metrics, project.settings.currency)
    return Declared(metrics, strategy, tuple(findings), text)
