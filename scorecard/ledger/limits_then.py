"""By which baseline earlier figures were judged first, whatever is declared since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlmodel import col

from scorecard.base.periods import Period
from scorecard.ledger.journal import refuse_altered
from scorecard.ledger.models import ResultRow, RunRow
from scorecard.ledger.results import SeriesKey
from scorecard.ledger.store import Store


@dataclass(frozen=True)
class LimitsThen:
    """What the first run that judged a period's figure recorded: the day from which its limits
    were declared to begin anew, None where none was, and the reason."""

    period: str
    since: date | None
    reason: str


class LimitsKept(Store):
    """The ledger's record of baselines. Reading a result that was altered raises AlteredError."""

    def limits_then(self, before: Period, count: int) -> dict[SeriesKey, list[LimitsThen]]:
        """Of each series the limits of the `count` periods before, oldest first, as they were used
        first; without periods that had none. A span has no history."""
        if before.is_span:
            return {}
        query = (
            sa.select(
                col(ResultRow.metric),
                col(ResultRow.version),
                col(ResultRow.tier),
                col(RunRow.period),
                col(ResultRow.run_id),
                col(ResultRow.baseline),
            )
            .join(RunRow, col(RunRow.id) == col(ResultRow.run_id))
            .where(
                col(RunRow.kind) == before.kind,
                col(RunRow.first) >= before.shift(-count).first,
                col(RunRow.first) < before.first,
                col(RunRow.computed_at).is_not(None),
                col(RunRow.step) != "held",
                col(ResultRow.baseline).is_not(None),
            )
            .order_by(col(RunRow.first), col(RunRow.computed_at), col(RunRow.ordinal))
        )
        found: dict[SeriesKey, dict[str, LimitsThen]] = {}
        with self._reading() as session:
            rows = session.execute(query).all()
            keys = [(run, metric, tier) for metric, _version, tier, _period, run, _base in rows]
            refuse_altered(session, ResultRow, keys, self.where)
        for metric, version, tier, period, _run, base in rows:
            since = date.fromisoformat(base["since"]) if base["since"] else None
            then = LimitsThen(period, since, base["reason"])
            found.setdefault((metric, version, tier), {}).setdefault(period, then)
        return {series: list(by_period.values()) for series, by_period in found.items()}
