"""Formats: every figure and date that a person reads, worded in one place for one locale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from babel import Locale
from babel.dates import format_date, get_timezone
from babel.numbers import format_decimal, get_currency_symbol

from scorecard.metric import Metric
from scorecard.periods import Period

MINUS, DASH, THIN = "\u2212", "\u2013", "\u202f"


@dataclass(frozen=True)
class Formats:
    """A locale ("en_GB") and a currency ("EUR")."""

    locale: str
    currency: str

    @property
    def english(self) -> str:
        """The locale of dates: documents are worded in English, whatever their figures look like."""
        return self.locale if self.locale.startswith("en") else "en_GB"

    @property
    def language(self) -> str:
        """The language tag of a document."""
        return self.english.replace("_", "-")

    @property
    def symbol(self) -> str:
        """The currency's sign in this locale, or its code."""
        return get_currency_symbol(self.currency, locale=self.locale)

    def count(self, n: float) -> str:
        return self.decimal(n, 0)

    def decimal(self, value: float, places: int) -> str:
        """A number with grouping and exactly so many decimals; a true minus sign."""
        rounded = round(value, places) + 0.0
        pattern = "#,##0" + ("." + "0" * places if places else "")
        text = format_decimal(abs(rounded), format=pattern, locale=self.locale)
        return f"{MINUS}{text}" if rounded < 0 else text

    def value(self, metric: Metric, value: float | None) -> str:
        """A metric's figure without its unit; "–" where there is none."""
        if value is None:
            return DASH
        shown = value * 100 if metric.unit.name in ("share", "rate") else value
        text = self.decimal(shown, self.places(metric, value))
        return f"+{text}" if metric.unit.name == "points" and round(value) > 0 else text

    def places(self, metric: Metric, value: float) -> int:
        """Decimals to print: small amounts of money keep two, large ones none."""
        if metric.unit.money:
            return 2 if abs(value) < 100 else 0
        return metric.places

    def with_unit(self, metric: Metric, value: float | None) -> str:
        """A metric's figure as a sentence has it: "5.8 h", "€4,812", "88 %", "+61"."""
        if value is None:
            return DASH
        text = self.value(metric, value)
        if metric.unit.money:
            return self._with_symbol(text)
        sign = {"share": "%", "rate": "%", "hours": "h"}.get(metric.unit.name, "")
        return f"{text}\u00a0{sign}" if sign else text

    def unit(self, metric: Metric) -> str:
        """What stands behind a metric's label: "%", "hours", "€ per customer"; may be empty."""
        if metric.unit.money:
            return f"{self.symbol} per customer" if "customer" in metric.unit.name else self.symbol
        names = {"share": "%", "rate": "%", "hours": "hours", "points": "points"}
        return names.get(metric.unit.name, "")

    def interval(self, metric: Metric, low: float | None, high: float | None) -> str:
        """ "5.1–6.6"; "54 to 67" where a sign could be taken for the dash; empty without ends."""
        if low is None or high is None:
            return ""
        ends = self.value(metric, low), self.value(metric, high)
        signed = metric.unit.name == "points" or min(low, high) < 0
        return f"{ends[0]} to {ends[1]}" if signed else f"{ends[0]}{DASH}{ends[1]}"

    def money(self, amount: float, places: int | None = None) -> str:
        """An amount in the company's currency; no decimals from a hundred on."""
        decimals = (2 if abs(amount) < 100 else 0) if places is None else places
        return self._with_symbol(self.decimal(amount, decimals))

    def percent(self, share: float, places: int = 0) -> str:
        return f"{self.decimal(share * 100, places)}\u00a0%"

    def day(self, day: date) -> str:
        return format_date(day, format="d MMM y", locale=self.english)

    def moment(self, moment: datetime, tz: str) -> str:
        """ "2 Nov 2026 06:00 Europe/London"."""
        local = moment.astimezone(get_timezone(tz))
        return f"{self.day(local.date())} {local:%H:%M} {tz}"

    def period(self, period: Period, short: bool = False) -> str:
        """ "October 2026" (short: "Oct"), "Week 41, 2026", "Q4 2026", "2026"."""
        if period.kind == "month":
            return format_date(
                period.first, format="MMM" if short else "LLLL y", locale=self.english
            )
        if period.kind == "week":
            year, week, _ = period.first.isocalendar()
            return f"W{week}" if short else f"Week {week}, {year}"
        if period.kind == "quarter":
            quarter = (period.first.month - 1) // 3 + 1
            return f"Q{quarter}" if short else f"Q{quarter} {period.first.year}"
        return str(period.first.year)

    def _with_symbol(self, text: str) -> str:
        symbol = self.symbol
        pattern = Locale.parse(self.locale).currency_formats["standard"].pattern
        sign, number = (MINUS, text[1:]) if text.startswith(MINUS) else ("", text)
        if pattern.rstrip("\u00a0 ").split(";")[0].endswith("¤"):
            return f"{sign}{number}\u00a0{symbol}"
        gap = "\u00a0" if symbol.isalpha() else ""
        return f"{sign}{symbol}{gap}{number}"
