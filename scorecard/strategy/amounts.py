"""Amounts per time, as stances and proposals declare them: "6000 EUR/month"."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from scorecard.base.periods import Period
from scorecard.definitions.units import UNITS, number_and_sign, read_limit
from scorecard.errors import StrategyError

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_AMOUNT = re.compile(r"(.+?)\s*/\s*(month|quarter|year)")
_CENT = Decimal("0.01")
_DAYS, _OF_A_YEAR = 365, 12
"""A week or a span of days has so much of a year's amount as it has of its days."""


def amount_per_month(text: str, currency: str) -> float:
    """Turn "38000 EUR/month", "…/quarter" or "…/year" into money per month.

    StrategyError when the form or the currency is another, or the amount is negative.
    """
    amount = signed_per_month(text, currency)
    if amount < 0:
        raise StrategyError(f'"{text}" is below zero; write the amount that is paid or released.')
    return amount


def signed_per_month(text: str, currency: str) -> float:
    """The same of an amount that may be below zero."""
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise StrategyError(
            f'"{text}" is not an amount per time; write "40 {currency}/month", /quarter or /year.'
        )
    return read_limit(match[1], UNITS["money"], currency) / _MONTHS[match[2]]


def per_month(text: str) -> Fraction | None:
    """An amount that was read before, a month; None where there is none."""
    match = _AMOUNT.fullmatch(text.strip())
    parts = number_and_sign(match[1]) if match else None
    if match is None or parts is None:
        return None
    return Fraction(parts[0]) / _MONTHS[match[2]]


def of_period(text: str, period: Period) -> Decimal | None:
    """What such an amount comes to in a period, to the cent; None where there is none.

    Of whole months it is that many times the month's, of other periods by their days, of 365.
    """
    monthly = per_month(text)
    if monthly is None:
        return None
    whole = period.first.day == 1 and period.after.day == 1
    months = (period.after.year - period.first.year) * 12 + period.after.month - period.first.month
    share = Fraction(months) if whole else Fraction(period.days * _OF_A_YEAR, _DAYS)
    exact = monthly * share
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(_CENT)
