"""Expiry: stances that end, or are to be reviewed, with nothing chosen for the time after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from scorecard.base.findings import Finding
from scorecard.strategy.lint_context import on_stance
from scorecard.strategy.model import Stance, Strategy

AHEAD = timedelta(days=45)
"""How long before its end a stance is noted: a new version holds from the next period on."""


def expiry_findings(strategy: Strategy, today: date) -> Iterator[Finding]:
    """A warning for each stance that has ended and that no other follows, and a note for each
    that will within 45 days."""
    for stance in strategy.stances:
        ends = stance.ends
        if ends is None or ends > today + AHEAD or _followed(stance, ends, strategy):
            continue
        at = on_stance(stance, "")
        choose = "choose it anew with another effective and end or review date, or remove it"
        if ends <= today:
            said = f"No decision since {ends}, when the stance expired; {choose}."
            yield Finding("expired_stance", "warning", at.place, said)
        else:
            said = f"The stance {stance.ending()}; {choose}, before the period that follows."
            yield Finding("expiring_stance", "note", at.place, said)


def _followed(stance: Stance, ends: date, strategy: Strategy) -> bool:
    """Whether another stance on the same holds from then on, or later."""
    return any(
        other is not stance
        and other.key == stance.key
        and (other.ends is None or other.ends > ends)
        for other in strategy.stances
    )
