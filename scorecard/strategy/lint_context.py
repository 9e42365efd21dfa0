"""Chosen: the stances that lints look at together, and the form in which a lint complains."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from scorecard.base.findings import Severity
from scorecard.definitions.metric import Metric
from scorecard.strategy.model import Stance, Strategy


@dataclass(frozen=True)
class Complaint:
    """What one lint has against one thing. `about` lists the names a waiver may give it."""

    place: str
    about: tuple[str, ...]
    message: str
    severity: Severity = "blocking"
    hint: str = ""


@dataclass(frozen=True)
class LintContext:
    """The strategy at one time: no metric and tier have two stances here.

    `usual_n` is how many observations a stance's metric usually has per period,
    by `metric/tier`, as counted; a stance's own `usual_n` counts where it lacks.
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


Lint = Callable[[LintContext], Iterator[Complaint]]


def newest(stances: tuple[Stance, ...]) -> tuple[Stance, ...]:
    """For each metric and tier the stance that takes effect last, in the order of the file."""
    last: dict[str, Stance] = {}
    for stance in stances:
        known = last.get(stance.key)
        if known is None or stance.effective > known.effective:
            last[stance.key] = stance
    return tuple(s for s in stances if last[s.key] is s)


def holding(stances: tuple[Stance, ...], day: date) -> tuple[Stance, ...]:
    """The stances that hold on that day."""
    return tuple(s for s in stances if s.holds_on(day))


def on_stance(
    stance: Stance, message: str, severity: Severity = "blocking", hint: str = ""
) -> Complaint:
    """A complaint about a stance; a waiver may name it, its metric or its tier."""
    line = f":{stance.line}" if stance.line else ""
    return Complaint(
        f"strategy.toml{line} (stance {stance.key})",
        (stance.key, stance.metric, stance.tier),
        message,
        severity,
        hint.strip(),
    )


def on_thing(what: str, id: str, message: str, severity: Severity = "blocking") -> Complaint:
    """A complaint about a tier, an owner, an offer or another named thing."""
    return Complaint(f"strategy.toml ({what} {id})", (id,), message, severity)
