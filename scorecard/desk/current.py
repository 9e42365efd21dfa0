"""The project as the desk sees it now: its strategy is read again whenever the file has changed, so
that whoever left yesterday is out today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from threading import Lock

from babel.dates import format_date

from scorecard.base.findings import refuse
from scorecard.base.periods import Period
from scorecard.base.regular_file import read_bytes
from scorecard.definitions.loader import load_metrics
from scorecard.definitions.metric import Metric
from scorecard.errors import StrategyError
from scorecard.ledger import Ledger
from scorecard.project.entrance import door_of
from scorecard.project.settings import Project
from scorecard.replies.door import Door
from scorecard.strategy.model import Strategy
from scorecard.strategy.reader import read_strategy


class CurrentProject:
    """A project that is served for months. Metrics are loaded once, as every process does."""

    def __init__(self, project: Project, ledger: Ledger, now: Callable[[], datetime]) -> None:
        self.project, self.ledger, self.now = project, ledger, now
        self.metrics: Mapping[str, Metric] = load_metrics(
            project.metrics, patience=project.limits.loading
        )
        self._read: tuple[bytes, Strategy] | None = None
        self._one_at_a_time = Lock()

    def strategy(self) -> Strategy:
        """The strategy as its file is now; StrategyError as long as it cannot be used."""
        file = self.project.strategy
        with self._one_at_a_time:
            try:
                text = read_bytes(file)
            except OSError as error:
                raise StrategyError(f"{file} cannot be read: {error.strerror}.") from error
            if self._read is None or self._read[0] != text:
                currency = self.project.settings.currency
                strategy, findings = read_strategy(file, self.metrics, currency)
                refuse(findings, StrategyError)
                self._read = text, strategy
            return self._read[1]

    def door(self) -> Door:
        """The door through which replies go, with today's strategy."""
        return door_of(self.project, self.ledger, self.strategy(), self.metrics)

    def today(self) -> date:
        return self.now().astimezone(self.project.zone).date()

    def period(self, key: str) -> Period:
        """The period of that key, in the company's zone."""
        return Period.parse(key, self.project.settings.timezone)

    def short(self, moment: datetime) -> str:
        """A moment on the company's clocks, whose zone the page says once: "Mon 2 Nov, 06:00"; of
        another year than this one, with it."""
        local = moment.astimezone(self.project.zone)
        year = "" if local.year == self.today().year else " y"
        english = self.project.formats.english
        return f"{format_date(local, f'EEE d MMM{year}', locale=english)}, {local:%H:%M}"

    def moment(self, moment: datetime) -> str:
        """A moment as pages print it: "2 Nov 2026 06:00 Europe/London"."""
        return self.project.formats.moment(moment, self.project.settings.timezone)
