"""The project's gate, at which proposals are held against what it declares."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from scorecard.base.periods import Period, local_midnight
from scorecard.definitions.metric import Metric
from scorecard.project.settings import Project
from scorecard.replies.gate import Gate
from scorecard.replies.reviewing import Final
from scorecard.strategy.model import Strategy


def gate_of(project: Project, strategy: Strategy, metrics: Mapping[str, Metric]) -> Gate:
    """The gate of a project with that strategy and those metrics."""
    s = project.settings
    return Gate(strategy, metrics, s.currency, s.period, s.timezone)


def final_in(project: Project) -> Final:
    """Whether a metric's figure of a period was final as of a moment, by the project's settings."""

    def final(metric: Metric, period: Period, as_of: datetime) -> bool:
        day = period.after + timedelta(days=project.settings.matures_after(metric))
        return as_of >= local_midnight(day, period.tz)

    return final
