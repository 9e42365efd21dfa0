"""Service hours: what [tool.scorecard.service_hours] says of when service is open, and where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, field_validator

from scorecard.base.days_off import days_off
from scorecard.base.periods import LONGEST, zone
from scorecard.errors import ProjectError
from scorecard.facts.opening_hours import OpeningHours, ServiceHours, Spans

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 24 * 60
_LINE = re.compile(r"([a-z]{3})(?:\s*-\s*([a-z]{3}))?\s+(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
EXAMPLE = 'write one such as "Mon-Fri 09:00-17:30"'


class HoursSettings(BaseModel):
    """Hours of one desk.

    week      lines such as "Mon-Fri 09:00-17:30"; "22:00-06:00" ends on the next day
    zone      of these hours; empty: the company's
    holidays  a country, as "GB-ENG", or a file .ics, .txt or .toml; empty: none
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, str_strip_whitespace=True)

    week: tuple[str, ...] = ()
    zone: str = ""
    holidays: str = ""

    @field_validator("week", mode="before")
    @classmethod
    def _lines(cls, lines: object) -> tuple[str, ...]:
        if isinstance(lines, str):
            lines = [lines]
        if not isinstance(lines, (list, tuple)) or not all(isinstance(n, str) for n in lines):
            raise ValueError(f"not a list of hours; {EXAMPLE}")
        for line in lines:
            _read(line)
        return tuple(lines)

    @field_validator("zone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            zone(name) if name else None
        except ProjectError as error:
            raise ValueError('not an IANA zone; write one such as "Europe/London"') from error
        return name

    def hours(self, root: Path, company_zone: str, today: date) -> OpeningHours:
        """The hours as facts are counted by them; ProjectError where holidays cannot be read."""
        by_day: list[list[tuple[int, int]]] = [[] for _ in DAYS]
        for line in self.week:
            days, span = _read(line)
            for day in days:
                by_day[day].append(span)
        years = range(today.year - LONGEST - 1, today.year + 2)
        off = days_off(self.holidays, root, today, years) if self.holidays else frozenset()
        week: tuple[Spans, ...] = tuple(tuple(sorted(spans)) for spans in by_day)
        return OpeningHours(self.zone or company_zone, week, off)


class ServiceHoursSettings(HoursSettings):
    """The usual hours, and those of teams, as `interactions.team` names them, that have others."""

    teams: Mapping[str, HoursSettings] = {}

    @field_validator("teams")
    @classmethod
    def _with_hours(cls, teams: Mapping[str, HoursSettings]) -> Mapping[str, HoursSettings]:
        for name, hours in teams.items():
            if not name or not hours.week:
                raise ValueError(f'team "{name}" has no "week"; {EXAMPLE}')
        return teams

    def read(self, root: Path, company_zone: str, today: date) -> ServiceHours | None:
        """The hours; None where none are given. Files are relative to `root`; ProjectError where
        one cannot be read, or teams have hours and the others none."""
        if not self.week:
            if self.teams:
                raise ProjectError(
                    f"service_hours gives hours of teams and none of the others; {EXAMPLE} under "
                    '"week".'
                )
            return None
        usual = self.hours(root, company_zone, today)
        own = sorted(self.teams.items())
        teams = tuple((name, h.hours(root, company_zone, today)) for name, h in own)
        return ServiceHours(usual, teams)


def _read(line: str) -> tuple[list[int], tuple[int, int]]:
    """The days, Monday 0, and the minutes of a line; ValueError where it is none."""
    match = _LINE.fullmatch(line.strip().lower().replace("–", "-"))
    if match is None or {match[1], match[2] or match[1]} - set(DAYS):
        raise ValueError(f'"{line}" is no line of hours; {EXAMPLE}')
    first, last = DAYS.index(match[1]), DAYS.index(match[2] or match[1])
    opens, closes = (60 * int(match[i]) + int(match[i + 1]) for i in (3, 5))
    if int(match[4]) > 59 or int(match[6]) > 59 or opens >= MIDNIGHT or closes > MIDNIGHT:
        raise ValueError(f'"{line}" has a time that no clock shows; {EXAMPLE}')
    if opens == closes:
        raise ValueError(f'"{line}" has no hours in it; {EXAMPLE}')
    span = opens, closes if closes > opens else closes + MIDNIGHT
    return [(first + n) % 7 for n in range((last - first) % 7 + 1)], span
