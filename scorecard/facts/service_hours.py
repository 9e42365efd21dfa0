"""Service hours: how much of a span of time fell into the hours in which service was open.

Of every day (of UTC, so that no clock change is in it) a small table has how many seconds of
service came before it, and from which second to which service was open on it. Joined to a moment
it gives the seconds of service up to then; what passed between two moments is the difference.
Engines only add and compare whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from scorecard.errors import FactsError
from scorecard.facts.opening_hours import DAY, EPOCH, USUAL, ServiceHours, daily

HOURS = "service_hours"
"""What metrics need that count in service hours: no table, but a setting."""


@dataclass(frozen=True)
class ServiceClock:
    """The table that tells the seconds of service up to a moment, as an engine has it.

    Columns team, day, before, and open_1, shut_1 and so on for as many spans as a day can have.
    """

    hours: ServiceHours
    until: date

    @property
    def spans(self) -> int:
        rows = (row for hours in self.hours.by_team.values() for row in daily(hours, self.until))
        return max((len(parts) for _day, _before, parts in rows), default=0)

    @property
    def schema(self) -> Any:
        columns = {"team": "string", "day": "int64", "before": "int64"}
        for number in range(1, self.spans + 1):
            columns |= {f"open_{number}": "int64", f"shut_{number}": "int64"}
        return ibis.schema(columns)

    def text(self, since: date | None) -> str:
        """The statement that has the rows from a day on, and of two days before; of the last few
        where no day is known."""
        first, spans = ((since or self.until) - EPOCH).days - 2, self.spans
        rows = []
        for team, hours in self.hours.by_team.items():
            kept = [row for row in daily(hours, self.until) if row[0] >= first]
            for day, before, parts in kept:
                filled = [*parts, *[(0, 0)] * (spans - len(parts))]
                numbers = (day, before, *(second for part in filled for second in part))
                rows.append(f"({_quoted(team)}, {', '.join(map(str, numbers))})")
        names = ", ".join(self.schema.names)
        casts = ", ".join(
            f"cast({name} AS {'VARCHAR(255)' if name == 'team' else 'BIGINT'}) AS {name}"
            for name in self.schema.names
        )
        body = ",\n".join(rows)
        return f"SELECT {casts} FROM (VALUES\n{body}\n) AS clock ({names})"

    def joined(self, table: ir.Table, clock: ir.Table, moments: Sequence[str]) -> ir.Table:
        """The table with `<moment>_served` of these columns: seconds of service up to then.

        They are counted from a day long ago, so only their difference means something. Teams
        that have no hours of their own, or are empty, have the usual ones.
        """
        columns = list(table.columns)
        own = [team for team, _hours in self.hours.teams]
        team: Any = ibis.literal(USUAL)
        if own and "team" in columns:
            team = table.team.isin(own).fill_null(False).ifelse(table.team, USUAL)
        made = table.mutate(clock_of=team)
        for moment in moments:
            seconds = made[moment].epoch_seconds()
            made = made.mutate(on_day=(seconds // DAY).cast("int64"), second=seconds % DAY)
            days = clock.rename(clock_team="team", clock_day="day")
            met = made.left_join(
                days, (made.clock_of == days.clock_team) & (made.on_day == days.clock_day)
            )
            served = met.before
            for number in range(1, self.spans + 1):
                opens, shuts = met[f"open_{number}"], met[f"shut_{number}"]
                served += ibis.least(ibis.greatest(met.second - opens, 0), shuts - opens)
            columns.append(f"{moment}_served")
            kept = {name: met[name] for name in columns[:-1]}
            made = met.select(**kept, clock_of=met.clock_of, **{columns[-1]: served})
        return made.select(columns)


def served(facts: Any, table: ir.Table, moments: Sequence[str]) -> ir.Table:
    """See `Facts.in_service_hours`."""
    if facts.options.service_hours is None:
        raise FactsError("service_hours: not set; say in the settings when service is open.")
    clock = ServiceClock(facts.options.service_hours, facts.known_until.date())
    days = facts.from_elsewhere(
        (HOURS,),
        clock.schema,
        lambda _values: clock.text(facts.oldest("interactions")),
        lambda _values: None,
        copied=True,
    )
    return clock.joined(table, days, moments)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
