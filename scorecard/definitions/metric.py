"""Metrics: definitions of what is measured, each declared beside the function that measures it.

from scorecard import metric

@metric(label="Satisfied (4 or 5 of 5)", unit="share", better="higher", kind="proportion",
        family="experience", needs=["surveys"], evidence="sample", matures=14)
def csat(facts, period):
    '''Share of answers that are 4 or 5. …'''
    return facts.surveys.…select("customer_id", "num", "den")
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal, get_args

from scorecard.definitions.units import Unit, unit
from scorecard.errors import DefinitionError, StrategyError, did_you_mean

MetricKind = Literal["proportion", "mean", "ratio", "total", "nps", "quantile", "survival"]
Better = Literal["higher", "lower", "neither"]
Evidence = Literal["sample", "census"]
Section = Literal["experienced", "did", "earned"]
Attribution = Literal["event", "opening", "first"]

COLUMNS: dict[str, tuple[str, ...]] = {
    "proportion": ("customer_id", "num", "den"),
    "mean": ("customer_id", "num", "den"),
    "ratio": ("customer_id", "num", "den"),
    "total": ("customer_id", "num"),
    "nps": ("customer_id", "num"),
    "quantile": ("customer_id", "num"),
    "survival": ("customer_id", "entered", "left", "lost"),
}
"""The columns that observations must have, by kind of metric."""
NUMBERS: dict[str, tuple[float, float]] = {
    "matures": (0, 7320),
    "window": (0, 240),
    "horizon": (1, 240),
    "minimum": (0, 1_000_000_000),
    "places": (0, 12),
    "q": (0, 1),
}
"""What numbers of a declaration may be; spans end where periods do, after twenty years."""
OPTIONAL = ("team", "offer", "affected", "censored", "weight")
"""The columns that observations may have besides."""
APART = "apart"
"""The column that may say why a row is not in the figure; empty where it is. Such rows are counted
by what it says."""


@dataclass(frozen=True)
class Metric:
    """One metric as declared. Calling it yields observations as an Ibis table.

    window       months that the trailing window spans; 0: the period itself
    attribution  which tier an observation counts in: that of the period in which it is
                 seen (`event`), the one frozen when the window opened (`opening`, for
                 cohorts that nobody joins), or the `first` that the customer ever had;
                 if nothing is said `opening` with a window of months, else `event`
    q            the quantile, for kind "quantile" (0.5, 0.9)
    horizon      months after which survival is read, for kind "survival"
    matures      days after the period's end before the figure is final
    evidence     "census" where the facts have every case, "sample" where they do not
    minimum      smallest n for a favourable verdict; 0: the kind's own
    scale        for kind "mean": the least and the largest that an answer can be, as (1, 5);
                 without it a sample of the mean has no interval
    counts       for kind "ratio": num counts events, and each observation is one that they may
                 happen to (den is 1), so that natural limits follow from how many there are
    confidential figures from fewer than five customers are not printed
    optional     printed only where a stance names it; computed like all others
    harm         what happened to an affected customer, in words that follow a name
    version      first 7 hex digits of a digest of the declaration and of all code that the
                 function reaches, without comments and docstrings; see `definitions.reach`
    """

    name: str
    label: str
    unit: Unit
    better: Better
    kind: MetricKind
    family: str
    needs: tuple[str, ...]
    evidence: Evidence
    matures: int
    role: Literal["input", "output"]
    subject: Literal["customer", "operational", "financial"]
    section: Section
    observe: Callable[[Any, Any], Any] = field(compare=False)
    window: int = 0
    attribution: Attribution = "event"
    q: float = 0.5
    horizon: int = 12
    minimum: int = 0
    scale: tuple[float, float] | None = None
    counts: bool = False
    confidential: bool = False
    optional: bool = False
    harm: str = ""
    places: int = 0
    doc: str = ""
    file: str = ""
    line: int = 0
    version: str = ""

    @property
    def tables(self) -> frozenset[str]:
        """The tables that it may read, by its needs."""
        return frozenset(c.partition(".")[0] for need in self.needs for c in choices(need))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that its observations must have."""
        return COLUMNS[self.kind]


def choices(need: str) -> list[str]:
    """What a need names; one of these is enough."""
    return need.split(" or ")


def metric(
    *,
    label: str,
    unit: str,
    better: Better,
    kind: MetricKind,
    family: str,
    needs: Sequence[str],
    evidence: Evidence,
    section: Section,
    matures: int = 0,
    role: Literal["input", "output"] = "output",
    subject: Literal["customer", "operational", "financial"] = "customer",
    places: int | None = None,
    **more: Any,
) -> Callable[[Callable[[Any, Any], Any]], Metric]:
    """The decorator that declares a metric: the function becomes a `Metric` value.

    `needs` names tables ("surveys") or single columns ("customers.closed_on"); where one of
    several is enough, they stand in one need ("customers.closed_on or contracts.end_on").
    DefinitionError when the kind, unit or direction is unknown.
    """

    def declare(function: Callable[[Any, Any], Any]) -> Metric:
        where = f"{inspect.getsourcefile(function) or '?'}:{function.__code__.co_firstlineno}"
        its_unit = _unit(unit, function.__name__, where)
        _check_option("kind", kind, get_args(MetricKind), function.__name__, where)
        _check_option("better", better, get_args(Better), function.__name__, where)
        _check_option("evidence", evidence, get_args(Evidence), function.__name__, where)
        _check_option("section", section, get_args(Section), function.__name__, where)
        attribution = more.get("attribution", "opening" if more.get("window") else "event")
        _check_option("attribution", attribution, get_args(Attribution), function.__name__, where)
        _check_scale(more.get("scale"), function.__name__, where)
        _check_counts(more.get("counts", False), kind, function.__name__, where)
        for what, number in {"matures": matures, "places": places, **more}.items():
            _check_number(what, number, function.__name__, where)
        declared = dict(
            label=label,
            better=better,
            kind=kind,
            family=family,
            needs=tuple(needs),
            evidence=evidence,
            section=section,
            matures=matures,
            role=role,
            subject=subject,
            places=its_unit.places if places is None else places,
            **more,
        )
        # Another definition is another version, with a history of its own. This is the declaration
        # as it came out; what the function reaches is added when its file has been loaded.
        digest = sha256(f"{sorted(declared.items())}\n{unit}".encode()).hexdigest()
        try:
            return Metric(
                name=function.__name__,
                unit=its_unit,
                observe=function,
                doc=inspect.getdoc(function) or "",
                version=digest[:7],
                file=inspect.getsourcefile(function) or "",
                line=function.__code__.co_firstlineno,
                **declared | {"attribution": attribution},
            )
        except TypeError as error:
            raise DefinitionError(f'{where}: metric "{function.__name__}": {error}.') from error

    return declare


def _unit(name: str, metric_name: str, where: str) -> Unit:
    try:
        return unit(name)
    except StrategyError as error:
        raise DefinitionError(f'{where}: metric "{metric_name}": {error}') from error


def _check_number(what: str, value: Any, name: str, where: str) -> None:
    low, high = NUMBERS.get(what, (0, 0))
    if what not in NUMBERS or value is None:
        return
    whole = what == "q" or (isinstance(value, int) and not isinstance(value, bool))
    if not whole or not isinstance(value, (int, float)) or not low <= value <= high:
        kind = "a number" if what == "q" else "a whole number"
        raise DefinitionError(
            f'{where}: metric "{name}" has {what} {str(value)[:40]}; write {kind} from {low} to '
            f"{high}."
        )


def _check_scale(scale: Any, name: str, where: str) -> None:
    if scale is None:
        return
    numbers = isinstance(scale, tuple) and all(type(end) in (int, float) for end in scale)
    if not numbers or len(scale) != 2 or not scale[0] < scale[1]:
        raise DefinitionError(
            f'{where}: metric "{name}" has scale {str(scale)[:40]}; write its least and its '
            "largest answer, as (1, 5)."
        )


def _check_counts(counts: Any, kind: str, name: str, where: str) -> None:
    if counts is not False and (counts is not True or kind != "ratio"):
        raise DefinitionError(
            f'{where}: metric "{name}" of kind "{kind}" has counts {str(counts)[:40]}; only a '
            "ratio can say counts=True: that it counts events of so many."
        )


def _check_option(what: str, value: str, options: tuple[str, ...], name: str, where: str) -> None:
    if value not in options:
        raise DefinitionError(
            f'{where}: metric "{name}" has {what} "{value}", which does not exist.'
            f"{did_you_mean(value, options)}"
        )
