"""The project's door, through which goes all that owners write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from scorecard.definitions.metric import Metric
from scorecard.project.settings import Project
from scorecard.replies.door import Door
from scorecard.strategy.model import Strategy

if TYPE_CHECKING:  # the desk's and the commands' ledger is open already
    from scorecard.ledger import Ledger


def door_of(
    project: Project, ledger: Ledger, strategy: Strategy, metrics: Mapping[str, Metric]
) -> Door:
    """The door of a project with that strategy and those metrics."""
    zone, formats = project.settings.timezone, project.formats
    return Door(
        ledger,
        strategy,
        zone,
        lambda moment: formats.moment(moment, zone),
        metrics,
        project.settings.currency,
    )
