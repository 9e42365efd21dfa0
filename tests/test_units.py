"""Limits are read as they are written, and a unit is never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecard.definitions.units import UNITS, read_limit, unit
from scorecard.errors import StrategyError


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("90 %", "share", 0.9),
        ("90%", "share", 0.9),
        ("0 %", "share", 0.0),
        ("100 %", "share", 1.0),
        ("12.5 %", "rate", 0.125),
        ("-5 %", "rate", -0.05),
        ("−5 %", "rate", -0.05),
        ("120 %", "rate", 1.2),
        ("4 h", "hours", 4.0),
        ("30 min", "hours", 0.5),
        ("45 s", "hours", 0.0125),
        ("2 d", "hours", 48.0),
        ("1.5 days", "hours", 36.0),
        ("4 hours", "hours", 4.0),
        (40, "points", 40.0),
        ("40", "points", 40.0),
        ("-12 points", "points", -12.0),
        (4.2, "score", 4.2),
        ("1.10", "ratio", 1.1),
        (-2, "ratio", -2.0),
        (7, "count", 7.0),
        ("1200 EUR", "money", 1200.0),
        ("1,200 EUR", "money per customer", 1200.0),
        ("-3 EUR", "money", -3.0),
        ("94 000 EUR", "money", 94000.0),
        ("94\u202f000.50\u00a0EUR", "money", 94000.5),
        (".5", "ratio", 0.5),
    ],
)
def test_limits_are_read_into_the_base_of_their_unit(text, name, value):
    assert read_limit(text, UNITS[name], "EUR") == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        (0.9, "share", 'write "40 %"'),
        ("90", "share", 'write "40 %"'),
        ("4", "hours", 'write "40 min"'),
        ("4 hrs", "hours", 'Did you mean "hours"'),
        ("1200", "money", 'write "40 EUR"'),
        ("1200 USD", "money", 'write "40 EUR"'),
        ("40 %", "points", "write 40"),
        ("soon", "hours", "is not a number with a unit"),
        ("", "hours", "is not a number with a unit"),
        (True, "count", "is not a limit"),
        (None, "count", "is not a limit"),
        ([4], "hours", "is not a limit"),
        ("101 %", "share", "0 to 100 %"),
        ("-1 %", "share", "0 to 100 %"),
        ("-1 h", "hours", "0 to any"),
        (101, "points", "-100 to 100"),
        (-1, "count", "0 to any"),
    ],
)
def test_a_limit_that_cannot_be_is_refused_and_the_right_form_shown(text, name, said):
    with pytest.raises(StrategyError) as error:
        read_limit(text, UNITS[name], "EUR")
    assert said in str(error.value)


def test_an_unknown_unit_is_refused_with_the_nearest():
    assert unit("hours") is UNITS["hours"]
    with pytest.raises(StrategyError, match=r'Unit "hour" is not known\. Did you mean "hours"'):
        unit("hour")


@given(st.sampled_from(sorted(UNITS)), st.integers(0, 100))
def test_what_is_written_with_a_units_first_sign_is_read_back(name, number):
    of = UNITS[name]
    sign, factor = of.signs[0] if of.signs else ("EUR", 1.0)
    assert read_limit(f"{number} {sign}", of, "EUR") == pytest.approx(number * factor)


def test_only_amounts_are_money():
    assert [u.name for u in UNITS.values() if u.money] == ["money", "money per customer"]
