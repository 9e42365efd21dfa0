"""The newest day with rows before a day, as the company's clock has it: against plain Python."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import ibis
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scorecard.facts.engine import answer
from scorecard.facts.newest import Days, days_of
from scorecard.facts.statements import compiled
from scorecard.facts.values import Zones

CON = ibis.duckdb.connect()
# Clocks change on 29 March and 25 October 2026 in London, on 5 April and 27 September in Auckland,
# on 5 April and 4 October on Lord Howe, by half an hour; in Kathmandu never. Havana's change at
# midnight: 8 March has none, and 1 November two.
ZONES = (
    "UTC",
    "Europe/London",
    "Pacific/Auckland",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Havana",
)
CHANGES = (
    datetime(2026, 3, 8, 5),  # noqa: DTZ001 - moments are of UTC, without a zone
    datetime(2026, 3, 29, 1),  # noqa: DTZ001
    datetime(2026, 4, 4, 14),  # noqa: DTZ001
    datetime(2026, 9, 26, 14),  # noqa: DTZ001
    datetime(2026, 10, 25, 1),  # noqa: DTZ001
    datetime(2026, 11, 1, 5),  # noqa: DTZ001
)
# Within a day and a half of a change, to the second.
MOMENTS = st.builds(
    lambda change, seconds: change + timedelta(seconds=seconds),
    st.sampled_from(CHANGES),
    st.integers(-129_600, 129_600),
)


def days(rows, column, zone):
    """The days of those rows, as they come out of the engine."""
    kind = "TIMESTAMP" if column == "moment" else "DATE"
    values = ", ".join(f"({kind} '{row}')" if row else "(NULL)" for row in rows)
    CON.raw_sql(f"CREATE OR REPLACE TEMP TABLE seen AS SELECT * FROM (VALUES {values}) t({column})")
    found = answer(CON, compiled(CON, days_of(CON.table("seen"), column)).text)
    return Days.of(found, Zones(zone, "UTC"))


def local(moment, zone):
    """The day that the company's clock shows at a moment of UTC."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


@settings(max_examples=150, deadline=None)
@given(st.lists(MOMENTS, min_size=1, max_size=12), st.sampled_from(ZONES))
@example([datetime(2026, 6, 30, 22, 59, 59), datetime(2026, 6, 30, 23)], "Europe/London")  # noqa: DTZ001
@example([datetime(2026, 10, 24, 23), datetime(2026, 10, 24, 22, 59)], "Europe/London")  # noqa: DTZ001
@example([datetime(2026, 1, 1, 18, 15), datetime(2026, 1, 1, 18, 14)], "Asia/Kathmandu")  # noqa: DTZ001
def test_of_moments_the_newest_is_that_of_a_list_of_the_companys_days(moments, zone):
    found, own = days(moments, "moment", zone), sorted(local(m, zone) for m in moments)
    assert found.oldest == own[0]
    for day in sorted({d + timedelta(days=n) for d in own for n in (-1, 0, 1, 2)}):
        before = [d for d in own if d < day]
        assert found.newest(day) == (before[-1] if before else None), (zone, day)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.dates(date(2026, 2, 20), date(2026, 4, 10)), min_size=1, max_size=12))
def test_of_days_the_newest_is_that_of_a_list(seen):
    found, own = days(seen, "day", "Europe/London"), sorted(seen)
    assert found.oldest == own[0]
    for day in sorted({d + timedelta(days=n) for d in own for n in (-1, 0, 1)}):
        before = [d for d in own if d < day]
        assert found.newest(day) == (before[-1] if before else None)


def test_rows_without_a_day_are_none_and_no_rows_have_no_days():
    found = days([None, date(2026, 3, 1), None], "day", "UTC")
    assert (found.days, found.oldest) == ((date(2026, 3, 1),), date(2026, 3, 1))
    nothing = days([None], "moment", "Europe/London")
    assert (nothing.oldest, nothing.newest(date(2026, 3, 1))) == (None, None)


@pytest.mark.parametrize("zone", ZONES)
def test_a_moment_at_midnight_belongs_to_the_day_that_begins(zone):
    """Whatever the company's clock was set to, midnight of 15 July is its first moment."""
    midnight = datetime(2026, 7, 15, tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
    found = days([midnight, midnight - timedelta(seconds=1)], "moment", zone)
    assert found.newest(date(2026, 7, 16)) == date(2026, 7, 15)
    assert found.newest(date(2026, 7, 15)) == date(2026, 7, 14)
    assert found.newest(date(2026, 7, 14)) is None
