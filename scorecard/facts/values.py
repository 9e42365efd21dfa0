"""Values: how what a source writes is read in a contract's types, in one way or not at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import ibis
import ibis.expr.datatypes as dt

from scorecard.base.periods import local_midnight, zone
from scorecard.facts.writing import GROUPING, PLAIN, Writing, date_pattern

DAY = r"^\s*\d{4,6}-\d{1,2}-\d{1,2}\s*$"
WRITTEN_DAY = r"^\s*(\d{4,6}-\d{1,2}-\d{1,2})"
# What text may look like. Engines take more for days, moments and numbers, and each takes other
# things: Spark reads 100d as 100, DuckDB 1_000 as 1000.
MOMENT = (
    r"^\s*\d{4,6}-\d{1,2}-\d{1,2}"
    r"([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|z|UTC|[+-]\d{2}(:?\d{2})?)?)?\s*$"
)
NUMBER = r"^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
TRUTH = r"(?i)^\s*(true|false|t|f|yes|no|y|n|1|0)\s*$"
NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = tuple((name, f"{number:02}") for number, name in enumerate(NAMES, 1))
OFFSET = r":\d{2}.*(Z|z|UTC|[+-]\d{2}(:?\d{2})?)\s*$"


@ibis.udf.scalar.builtin(name="timezone")  # type: ignore[untyped-decorator]
def _as_instant(zone: dt.string, local: dt.timestamp) -> dt.Timestamp("UTC"):  # type: ignore[valid-type]
    """A local wall-clock time in a zone, as an instant (DuckDB and PostgreSQL)."""


@ibis.udf.scalar.builtin(name="timezone")  # type: ignore[untyped-decorator]
def _as_local(zone: dt.string, instant: dt.Timestamp("UTC")) -> dt.timestamp:  # type: ignore[valid-type]
    """An instant as the wall clock of a zone shows it (DuckDB and PostgreSQL)."""


@dataclass(frozen=True)
class Zones:
    """Time zones: `company`, in which days begin; `facts`, in which timestamps without one are."""

    company: str
    facts: str


def always_fits(value: Any, type: str) -> bool:
    """Whether every value of the source's column fits the type, so that none needs checking."""
    kind, wanted = value.type(), dt.dtype(type)
    if kind == wanted or type == "string":
        return True
    return bool(wanted.is_temporal() and (kind.is_date() or kind.is_timestamp()))


def convert(value: Any, type: str, zones: Zones, writing: Writing = PLAIN) -> Any:
    """A column in a contract type, empty where it does not fit: days local to the company,
    moments in UTC without a zone. `writing` says how text writes numbers and days.

    An engine without a cast that yields empty (PostgreSQL) stops with its own error instead.
    """
    if value.type().is_string():
        value = _plainly(value, type, writing)
    if type == "date":
        return _day(value, zones)
    if type == "timestamp":
        return _moment(value, zones)
    kind, wanted = value.type(), dt.dtype(type)
    if kind == wanted:
        return value
    if type == "string":
        return code(value)
    if type == "boolean" and kind.is_numeric():
        return ibis.cases((value == 1, True), (value == 0, False), else_=ibis.null("boolean"))
    if kind.is_string():
        looks = NUMBER if wanted.is_numeric() else TRUTH
        return value.re_search(looks).ifelse(value, ibis.null("string")).try_cast(wanted)
    if kind.is_numeric() and wanted.is_numeric():
        return value.try_cast(wanted)
    return ibis.null(wanted)


def _plainly(text: Any, type: str, writing: Writing) -> Any:
    """Numbers and days that are written as `writing` says, as they are written otherwise."""
    if type in ("date", "timestamp"):
        return _iso(text, writing.date) if writing.date else text
    if not dt.dtype(type).is_numeric():
        return text
    if writing.minus:
        text = _with_minus(text, writing.minus)
    marked = writing.decimal or writing.thousands
    return _with_point(text, writing.decimal or ".", writing.thousands) if marked else text


def _with_minus(text: Any, written: str) -> Any:
    """Numbers below zero with a minus in front."""
    looks = r"^\s*\(([^()+-]*)\)\s*$" if written == "brackets" else r"^\s*([^()+-]*)-\s*$"
    below = ibis.literal("-").concat(text.re_extract(looks, 1).strip())
    return text.re_search(looks).ifelse(below, text)


def _with_point(text: Any, decimal: str, thousands: str) -> Any:
    """Numbers with a point and without grouping; empty where they are not written as is said."""
    mark, group = re.escape(decimal), f"[{GROUPING[thousands]}]" if thousands else ""
    whole = f"([0-9]{{1,3}}({group}[0-9]{{3}})+|[0-9]+)" if group else "[0-9]+"
    looks = rf"^\s*[+-]?({whole}({mark}[0-9]*)?|{mark}[0-9]+)([eE][+-]?[0-9]+)?\s*$"
    plain = text
    for sign in GROUPING.get(thousands, ""):
        plain = plain.replace(sign, "")
    return text.re_search(looks).ifelse(plain.replace(decimal, "."), ibis.null("string"))


def _iso(text: Any, format: str) -> Any:
    """Days and moments of that format as 2026-10-31 or 2026-10-31 14:05:00.

    What is written so already stays, since it has one reading; unless the format has another.
    """
    pattern, found = date_pattern(format)
    parts = {part: text.re_extract(pattern, i) for i, part in enumerate(found, 1)}
    year = parts.get("%Y")
    if year is None:
        year = (parts["%y"] >= "69").ifelse("19", "20").concat(parts["%y"])
    month = parts.get("%m")
    if month is None:
        named = parts["%b"].lower()
        month = named.cases(*MONTHS, else_=ibis.null("string"))
    days = [year, "-", month.lpad(2, "0"), "-", parts["%d"].lpad(2, "0")]
    if "%M" in parts:
        hour = parts["%H"].lpad(2, "0") if "%H" in parts else _of_24(parts["%I"], parts["%p"])
        days += [" ", hour, ":", parts["%M"], ":", parts.get("%S", "00")]
    read = days[0].concat(*days[1:])
    other = ibis.null("string")
    if not re.match("%Y-%d", format):
        other = text.re_search(MOMENT).ifelse(text, other)
    return text.re_search(pattern).ifelse(read, other)


def _of_24(hour: Any, half: Any) -> Any:
    """The hour of the day, of one in twelve and AM or PM."""
    named = [(f"{h % 12 or 12:02}{'AM' if h < 12 else 'PM'}", f"{h:02}") for h in range(24)]
    return hour.lpad(2, "0").concat(half.upper()).cases(*named, else_=ibis.null("string"))


def code(value: Any) -> Any:
    """Numbers as text; 17850.0 is 17850, written so by tools whose integers cannot be empty."""
    if not value.type().is_floating():
        return value.cast("string")
    whole = value == value.floor()
    return whole.ifelse(value.try_cast("int64").cast("string"), value.cast("string"))


def _day(value: Any, zones: Zones) -> Any:
    kind = value.type()
    if kind.is_date():
        return value
    if kind.is_string():
        moment = value.re_search(DAY) | _as_moment(value).try_cast("timestamp").notnull()
        written = value.re_extract(WRITTEN_DAY, 1).try_cast("date")
        return moment.ifelse(written, ibis.null("date"))
    if not kind.is_timestamp():
        return ibis.null("date")
    # At midnight a day was kept as a moment; it is no other day anywhere else.
    clock = _as_local("UTC", value) if kind.timezone is not None else value
    day = clock.cast("date")
    if kind.timezone is None and zones.facts == zones.company:
        return day
    return (clock == clock.truncate("D")).ifelse(day, _local_day(_instant(value, zones), zones))


def _local_day(instant: Any, zones: Zones) -> Any:
    return _as_local(zones.company, instant).cast("date")


def before_day(value: Any, day: date, zones: Zones) -> Any:
    """True where a day or moment of the facts lies before the company's day."""
    if value.type().is_date():
        return value < day
    return value < local_midnight(day, zones.company).replace(tzinfo=None)


def day_of(value: date | datetime | None, zones: Zones) -> date | None:
    """The company's day of a day or moment that the facts gave."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).astimezone(zone(zones.company)).date()
    return value


def _moment(value: Any, zones: Zones) -> Any:
    kind = value.type()
    if not (kind.is_timestamp() or kind.is_date() or kind.is_string()):
        return ibis.null("timestamp")
    if not kind.is_string() and zones.facts == "UTC" and getattr(kind, "timezone", None) is None:
        return value.cast("timestamp")
    return _as_local("UTC", _instant(value, zones))


def _as_moment(text: Any) -> Any:
    """Text that looks like a moment; empty where it does not."""
    return text.re_search(MOMENT).ifelse(text, ibis.null("string"))


def _instant(value: Any, zones: Zones) -> Any:
    """An aware moment; one without a zone of its own is in the zone of the facts."""
    kind = value.type()
    if kind.is_string():
        value = _as_moment(value)
        aware = value.try_cast(dt.Timestamp("UTC"))
        local = _as_instant(zones.facts, value.try_cast("timestamp"))
        return value.re_search(OFFSET).ifelse(aware, local)
    if kind.is_timestamp() and kind.timezone is not None:
        return value.cast(dt.Timestamp("UTC"))
    return _as_instant(zones.facts, value.cast("timestamp"))
