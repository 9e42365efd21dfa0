"""Formats: figures, amounts and dates as text, for one locale and currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from babel import Locale
from babel.dates import format_date, get_timezone
from babel.numbers import format_decimal, get_currency_precision, get_currency_symbol

from scorecard.base.periods import Period
from scorecard.definitions.metric import Metric
from scorecard.definitions.units import number_and_sign

MINUS, DASH = "\u2212", "\u2013"
MORE, LESS = ">\u00a0", "<\u00a0"
"""Before a bound that is all that is known of a figure."""
PERCENT = ("share", "rate")
LARGE = 100
"""Amounts of a hundred or more are printed without cents."""
SPANS = {"hours": 1, "minutes": 60, "seconds": 3600}
"""The units that a metric in hours may be printed in, with how many of them an hour has."""
LEAST_SHOWN = 0.05
"""What is less would be printed as 0.0."""
_SIGNS = {"share": "%", "rate": "%", "hours": "h", "minutes": "min", "seconds": "s"}
_SPAN_OF = {"s": "seconds", "min": "minutes", "h": "hours", "hours": "hours"}
_DAYS = ("d", "days")
_SURE = 12
"""Significant digits of a limit that the arithmetic of floats leaves as they were written."""


@dataclass(frozen=True)
class Formats:
    """A locale ("en_GB") and a currency ("EUR")."""

    locale: str
    currency: str

    @property
    def english(self) -> str:
        """The locale of dates: English, as documents are, whatever the locale of figures."""
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

    def decimal(self, value: float | Decimal, places: int) -> str:
        """A number with grouping, exactly `places` decimals and a true minus sign.

        Halves are rounded away from zero, as a reader would do by hand.
        """
        rounded = _rounded(_exact(value), places)
        pattern = "#,##0" + ("." + "0" * places if places else "")
        text = format_decimal(abs(rounded), format=pattern, locale=self.locale)
        return f"{MINUS}{text}" if rounded < 0 else text

    def places(self, metric: Metric, *values: float | None) -> int:
        """The decimals for these figures together; of money, the largest amount decides."""
        if not metric.unit.money:
            return metric.places
        return self.cents(*(v for v in values if v is not None))

    def value(self, metric: Metric, value: float | None, places: int | None = None) -> str:
        """A metric's figure without its unit; "–" where there is none."""
        if value is None:
            return DASH
        decimals = self.places(metric, value) if places is None else places
        text = self.decimal(_shown(metric, value), decimals)
        signed = metric.unit.name == "points" and _rounded(_shown(metric, value), decimals) > 0
        return f"+{text}" if signed else text

    def at_least(self, text: str) -> str:
        """ "> 1,008": a figure that will be more, of waits that are not over yet."""
        return f"{MORE}{text}"

    def with_unit(self, metric: Metric, value: float | None, places: int | None = None) -> str:
        """A metric's figure with its unit: "5.8 h", "€4,812", "88 %", "+61"."""
        if value is None:
            return DASH
        return self.attach(metric, self.value(metric, value, places))

    def attach(self, metric: Metric, text: str) -> str:
        """A figure that is text already, with its unit: "5.8" as "5.8 h"."""
        if metric.unit.money:
            return self._with_symbol(text)
        sign = _SIGNS.get(metric.unit.name, "")
        return f"{text}\u00a0{sign}" if sign else text

    def limit(self, metric: Metric, value: float, written: str = "") -> str:
        """A limit exactly as it was declared: "4 h", "45 s", "2 days", "92.5 %", "€1,200".

        `written` is how the strategy has it, which tells whether a span of time was meant in
        seconds, minutes, hours or days; without it the coarsest in which it is 1 or more is taken.
        """
        if metric.unit.name not in SPANS:
            return self.with_unit(metric, value, self.exact_places(metric, value))
        sign = (number_and_sign(written) or ("", ""))[1]
        if sign in _DAYS:
            days = self.decimal(_sure(value / 24), _fewest(_sure(value / 24)))
            return f"{days}\u00a0{'day' if days == '1' else 'days'}"
        name = _SPAN_OF.get(sign) or next(
            (span for span, factor in SPANS.items() if abs(value) * factor >= 1), "seconds"
        )
        shown = _sure(value * SPANS[name if value else "hours"])
        return f"{self.decimal(shown, _fewest(shown))}\u00a0{_SIGNS[name if value else 'hours']}"

    def exact_places(self, metric: Metric, value: float) -> int:
        """The fewest decimals that print a limit without rounding it; cents are whole."""
        fewest = _fewest(_sure(_shown(metric, value)))
        return max(fewest, self._precision) if metric.unit.money and fewest else fewest

    def unit(self, metric: Metric) -> str:
        """The unit printed after a metric's label: "%", "hours", "€ per customer"; may be empty."""
        if metric.unit.money:
            return f"{self.symbol} per customer" if "customer" in metric.unit.name else self.symbol
        names = {"share": "%", "rate": "%", "points": "points"}
        names |= {span: span for span in SPANS}
        return names.get(metric.unit.name, "")

    def interval(
        self, metric: Metric, low: float | None, high: float | None, places: int | None = None
    ) -> str:
        """ "5.1–6.6"; "−1 to 27" where a sign could be taken for the dash; "> 5.1" where only that
        end is known; empty without ends."""
        decimals = self.places(metric, low, high) if places is None else places
        if low is None or high is None:
            known = [(sign, end) for sign, end in ((MORE, low), (LESS, high)) if end is not None]
            return "".join(s + self.decimal(_shown(metric, end), decimals) for s, end in known)
        ends = [self.decimal(_shown(metric, end), decimals) for end in (low, high)]
        signed = metric.unit.name == "points" or min(low, high) < 0
        return f"{ends[0]} to {ends[1]}" if signed else f"{ends[0]}{DASH}{ends[1]}"

    def money(self, amount: float, places: int | None = None) -> str:
        """An amount in the company's currency; no cents from a hundred on."""
        decimals = self.cents(amount) if places is None else places
        return self._with_symbol(self.decimal(amount, decimals))

    def cents(self, *amounts: float) -> int:
        """The decimals for these amounts together: none where one is a hundred or more."""
        return 0 if max(map(abs, amounts), default=0) >= LARGE else self._precision

    def percent(self, share: float, places: int = 0) -> str:
        return f"{self.decimal(_exact(share).scaleb(2), places)}\u00a0%"

    def day(self, day: date) -> str:
        return format_date(day, format="d MMM y", locale=self.english)

    def moment(self, moment: datetime, tz: str) -> str:
        """ "2 Nov 2026 06:00 Europe/London"."""
        local = moment.astimezone(get_timezone(tz))
        return f"{self.day(local.date())} {local:%H:%M} {tz}"

    def period(self, period: Period, short: bool = False) -> str:
        """ "October 2026" (short: "Oct"), "Week 41, 2026", "Q4 2026", "2026"; "May 2017 to
        September 2018" or "2 to 20 Mar 2026" of a span."""
        if period.is_span:
            return self._span(period)
        if period.kind == "month":
            pattern = "MMM" if short else "LLLL y"
            return format_date(period.first, format=pattern, locale=self.english)
        if period.kind == "week":
            year, week, _ = period.first.isocalendar()
            return f"W{week}" if short else f"Week {week}, {year}"
        if period.kind == "quarter":
            quarter = (period.first.month - 1) // 3 + 1
            return f"Q{quarter}" if short else f"Q{quarter} {period.first.year}"
        return str(period.first.year)

    def tick(self, period: Period) -> tuple[str, str]:
        """What stands below a period on an axis, and its year: "O" and "2026", "41", "Q4"."""
        if period.kind == "month":
            return format_date(period.first, format="LLLLL", locale=self.english), str(
                period.first.year
            )
        if period.kind == "week":
            year, week, _ = period.first.isocalendar()
            return str(week), str(year)
        if period.kind == "quarter":
            return self.period(period, short=True), str(period.first.year)
        return f"{period.first.year % 100:02}", str(period.first.year)

    def _span(self, period: Period) -> str:
        """From its first month or day to its last; what both have in common is said once."""
        first, last = period.first, period.after - timedelta(days=1)
        year, month = ("y", "LLLL") if period.kind == "months" else ("y", "d MMM")
        end = format_date(last, format=f"{month} {year}", locale=self.english)
        if period.length == 1:
            return end
        if first.year != last.year:
            month += f" {year}"
        elif period.kind == "days" and first.month == last.month:
            month = "d"
        return f"{format_date(first, format=month, locale=self.english)} to {end}"

    @property
    def _precision(self) -> int:
        """The currency's own decimals, at most two: none for the yen."""
        return min(2, get_currency_precision(self.currency))

    def _with_symbol(self, text: str) -> str:
        # CLDR's pattern has the currency sign first or last; text already has its minus sign.
        symbol = self.symbol
        pattern = Locale.parse(self.locale).currency_formats["standard"].pattern
        sign, number = (MINUS, text[1:]) if text.startswith(MINUS) else ("", text)
        if pattern.rstrip("\u00a0 ").split(";")[0].endswith("¤"):
            return f"{sign}{number}\u00a0{symbol}"
        gap = "\u00a0" if symbol.isalpha() else ""
        return f"{sign}{symbol}{gap}{number}"


def as_printed(metric: Metric, value: float, places: int) -> float:
    """The figure that a reader takes from the page: the value rounded as it is printed."""
    printed = _rounded(_shown(metric, value), places)
    if metric.unit.name in PERCENT:
        return float(printed.scaleb(-2))
    return float(printed) / SPANS.get(metric.unit.name, 1)


def _exact(value: float | Decimal) -> Decimal:
    """The number as its shortest decimal: 0.145, not the binary 0.14499999999999999."""
    return value if isinstance(value, Decimal) else Decimal(repr(float(value)))


def _shown(metric: Metric, value: float) -> Decimal:
    if metric.unit.name in PERCENT:
        return _exact(value).scaleb(2)
    return _exact(value) * SPANS.get(metric.unit.name, 1)


def _sure(value: float | Decimal) -> Decimal:
    """The number without what the arithmetic of floats added to it far behind the point."""
    return Decimal(f"{_exact(value):.{_SURE}g}")


def _fewest(value: Decimal) -> int:
    """The fewest decimals with which a number is not rounded."""
    exponent = value.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
