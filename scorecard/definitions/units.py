"""Units that metrics are counted in, and the reading of limits that are written with them.

A unit is declared, never guessed from the size of a number: a share must be
written "90 %", a duration "4 h", an amount "1200 EUR". Plain numbers are right
only for units that have no sign of their own (points, score, ratio, count).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from scorecard.base.bounds import LARGEST
from scorecard.errors import StrategyError, did_you_mean


@dataclass(frozen=True)
class Unit:
    """One unit. Values are kept in its base: shares as 0–1, durations in hours.

    `signs` maps what may stand behind a number to the factor to the base; the
    empty sign is present where a plain number is unambiguous. `low` and `high`
    bound what the metric can be (None: unbounded); `places` are the decimals
    that a page prints. `money` marks amounts in the company's currency.
    """

    name: str
    signs: tuple[tuple[str, float], ...]
    low: float | None = None
    high: float | None = None
    places: int = 0
    money: bool = False

    def inside(self, value: float) -> bool:
        """Whether a figure in this unit can have that value."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


_HOURS = (
    ("min", 1 / 60),
    ("s", 1 / 3600),
    ("h", 1.0),
    ("hours", 1.0),
    ("d", 24.0),
    ("days", 24.0),
)
UNITS: dict[str, Unit] = {
    unit.name: unit
    for unit in (
        Unit("share", (("%", 0.01),), 0.0, 1.0, 0),
        Unit("rate", (("%", 0.01),), None, None, 1),
        Unit("points", (("", 1.0), ("points", 1.0)), -100.0, 100.0, 0),
        Unit("score", (("", 1.0),), 0.0, None, 2),
        Unit("ratio", (("", 1.0),), None, None, 2),
        Unit("count", (("", 1.0),), 0.0, None, 0),
        Unit("hours", _HOURS, 0.0, None, 1),
        Unit("money", (), None, None, 0, money=True),
        Unit("money per customer", (), None, None, 0, money=True),
    )
}
# Numbers may be grouped by commas or by blanks, the two that do not break included.
_QUANTITY = re.compile(r"\s*([-+−]?[\d,\u202f\u00a0 ]*\.?\d+)\s*(.*?)\s*")


def unit(name: str) -> Unit:
    """The unit of that name; StrategyError with a suggestion when unknown."""
    try:
        return UNITS[name]
    except KeyError:
        raise StrategyError(f'Unit "{name}" is not known.{did_you_mean(name, UNITS)}') from None


def read_limit(text: object, of: Unit, currency: str) -> float:
    """Turn a limit as written in strategy.toml into the unit's base.

    "90 %" → 0.9 for a share, "30 min" → 0.5 for hours, "1,200 EUR" → 1200.0
    for money in EUR, 40 → 40.0 for points. StrategyError when the sign is
    missing, unknown, or of another currency, or when the metric can never
    take that value.
    """
    signs = {currency: 1.0} if of.money else dict(of.signs)
    value = _quantity(text, signs, of)
    if not -LARGEST <= value <= LARGEST:
        raise StrategyError(
            f'"{str(text)[:40]}{"…" if len(str(text)) > 40 else ""}" is more than can be counted '
            f"with ({LARGEST:,.0f}); choose a limit that a figure can reach."
        )
    if not of.inside(value):
        raise StrategyError(
            f'"{text}" is outside what {of.name} can be ({_range(of)}); choose a limit inside it.'
        )
    return value


def _quantity(text: object, signs: dict[str, float], of: Unit) -> float:
    if isinstance(text, bool) or not isinstance(text, (int, float, str)):
        raise StrategyError(f'"{text}" is not a limit; write {_example(of, signs)}.')
    parts = number_and_sign(str(text))
    if parts is None:
        raise StrategyError(f'"{text}" is not a number with a unit; write {_example(of, signs)}.')
    number, sign = parts
    factor = signs.get(sign)
    if factor is None:
        raise StrategyError(
            f'"{text}" does not say its unit as {of.name} is written; '
            f"write {_example(of, signs)}.{did_you_mean(sign, [s for s in signs if s])}"
        )
    return float(number) * factor  # of hundreds of digits infinite, and then refused


def number_and_sign(text: str) -> tuple[str, str] | None:
    """ "1,200.50 EUR" as ("1200.50", "EUR"); None where it is no number with a sign behind it."""
    match = _QUANTITY.fullmatch(text)
    if match is None:
        return None
    return re.sub(r"[,\u202f\u00a0 ]", "", match[1]).replace("−", "-"), match[2]


def _example(of: Unit, signs: dict[str, float]) -> str:
    sign = next(iter(signs))
    return f'"40 {sign}"' if sign else "40"


def _range(of: Unit) -> str:
    scale = 100 if of.name == "share" else 1
    low = "any" if of.low is None else f"{of.low * scale:g}"
    high = "any" if of.high is None else f"{of.high * scale:g}"
    return f"{low} to {high}{' %' if of.name == 'share' else ''}"
