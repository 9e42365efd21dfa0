"""The context of a lint: the stances it looks at together, and the violations that it yields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from scorecard.base.findings import Severity
from scorecard.definitions.metric import Metric
from scorecard.strategy.model import Stance, Strategy


@dataclass(frozen=True)
class Violation:
    """A breach of one lint. `lint` makes a finding of it, whose id is the lint's name.

    `about` lists the names by which a waiver may set it aside.
    """

    place: str
    about: tuple[str, ...]
    message: str
    severity: Severity = "blocking"
    hint: str = ""


@dataclass(frozen=True)
class LintContext:
    """The strategy at one time, with at most one stance for each metric and tier.

    `usual_n` is the number of observations that a period usually has, by
    `metric/tier`, as counted; where it has none a stance's own `usual_n` counts.
    """

    strategy: Strategy
    metrics: Mapping[str, Metric]
    usual_n: Mapping[str, int]
    stances: tuple[Stance, ...]

    @property
    def strengths(self) -> tuple[Stance, ...]:
        return tuple(s for s in self.stances if s.kind == "strength")

    @property
    def weaknesses(self) -> tuple[Stance, ...]:
        return tuple(s for s in self.stances if s.kind == "weakness")

    def in_tier(self, tier: str) -> tuple[Stance, ...]:
        return tuple(s for s in self.stances if s.tier == tier)

    def of_metric(self, metric: str) -> tuple[Stance, ...]:
        return tuple(s for s in self.stances if s.metric == metric)


Lint = Callable[[LintContext], Iterator[Violation]]


def newest(stances: tuple[Stance, ...]) -> tuple[Stance, ...]:
    """For each metric and tier the stance that takes effect last, in the order of the file."""
    last: dict[str, Stance] = {}
    for stance in stances:
        known = last.get(stance.key)
        if known is None or stance.effective > known.effective:
            last[stance.key] = stance
    return tuple(s for s in stances if last[s.key] is s)


def holding(stances: tuple[Stance, ...], day: date) -> tuple[Stance, ...]:
    """The stances in force on that day."""
    return tuple(s for s in stances if s.holds_on(day))


def on_stance(
    stance: Stance, message: str, severity: Severity = "blocking", hint: str = ""
) -> Violation:
    """A violation by a stance; a waiver may name the stance, its metric or its tier."""
    line = f":{stance.line}" if stance.line else ""
    return Violation(
        f"strategy.toml{line} (stance {stance.key})",
        (stance.key, stance.metric, stance.tier),
        message,
        severity,
        hint.strip(),
    )


def on_thing(what: str, id: str, message: str, severity: Severity = "blocking") -> Violation:
    """A violation by a tier, an owner, an offer or another thing with an id."""
    return Violation(f"strategy.toml ({what} {id})", (id,), message, severity)
