"""Observing: a metric's function called, and what it yields held against its kind."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

import ibis
import ibis.expr.types as ir
from ibis import _

from scorecard.base.periods import Period
from scorecard.base.theirs import printing_aside
from scorecard.definitions.metric import APART, OPTIONAL, Metric
from scorecard.errors import (
    DefinitionError,
    EngineError,
    FactsError,
    ScorecardError,
    did_you_mean,
)
from scorecard.facts.statements import Prepared
from scorecard.facts.tables import Facts
from scorecard.facts.window import AnyWindow, OpenWindow, Window

NUMBERS = ("num", "den", "weight", "entered", "left")
WEIGHED = ("proportion", "mean", "nps")
"""Kinds whose observations count by their weight, where they have one."""
TRUTHS = ("lost", "affected", "censored")


def slots_for(metric: Metric, period: Period) -> OpenWindow:
    """The slots for the days of the metric's window: one set for all windows of a length."""
    name = f"{metric.window} months" if metric.window else "period"
    return OpenWindow(name, period.kind)


def seen_by(metric: Metric, facts: Facts, days: OpenWindow, window: Window) -> Prepared:
    """The statement of a metric's observations in a window: one for every window of that length
    where its function can do without knowing the days, else one for this window alone."""
    key = ("seen", metric.name, metric.version, days)
    if key not in facts.prepared:
        try:
            facts.prepared[key] = _prepared(metric, facts, days)
        except EngineError:
            raise
        except ScorecardError:  # told, if it is one, when the days are known
            facts.prepared[key] = None
    return facts.prepared[key] or _prepared(metric, facts, window)


def _prepared(metric: Metric, facts: Facts, window: AnyWindow) -> Prepared:
    seen = observe(metric, facts, window)
    try:
        return facts.prepare(seen)
    except ScorecardError:
        raise
    except Exception as error:  # what Ibis has no SQL for in this engine
        raise DefinitionError(failed(metric, error)) from error


def observe(metric: Metric, facts: Facts, window: AnyWindow) -> ir.Table:
    """Call the metric's function and complete its columns; DefinitionError names file and line.

    Rows that it sets apart are not among them; see `set_apart`.
    """
    seen = _called(metric, facts, window)
    return _completed(metric, seen.filter(_[APART].isnull()) if APART in seen.columns else seen)


def set_apart(metric: Metric, facts: Facts, period: Period) -> dict[str, int]:
    """How many rows of a period are not in the metric's figure, by why; most metrics have none."""
    window, days = Window.of(period, metric.window), slots_for(metric, period)
    over: AnyWindow = days
    try:
        seen = _called(metric, facts, days)
    except EngineError:
        raise
    except ScorecardError:  # told, if it is one, when the days are known
        seen, over = _called(metric, facts, window), window
    if APART not in seen.columns:
        return {}
    counted = seen.filter(_[APART].notnull()).group_by(APART).agg(n=_.count()).order_by(APART)
    asked = facts.statement(("set apart", metric.name, metric.version, over), lambda: counted)
    found = facts.asked(asked, days.values(window))
    return {row[APART]: int(row["n"]) for row in found}


def _called(metric: Metric, facts: Facts, window: AnyWindow) -> ir.Table:
    try:
        with printing_aside():
            seen = metric.observe(facts, window)
    except EngineError:
        raise
    except FactsError as error:
        raise FactsError(f'{place_of(metric, error)}: metric "{metric.name}": {error}') from error
    except (ScorecardError, KeyboardInterrupt):
        raise
    except BaseException as error:  # a user's own file may raise anything
        raise DefinitionError(failed(metric, error)) from error
    if not isinstance(seen, ir.Table):
        raise DefinitionError(
            f'{place_of(metric)}: metric "{metric.name}" returned {type(seen).__name__}; '
            f"it must return an Ibis table with {', '.join(metric.columns)}."
        )
    _check(metric, seen)
    return seen


def _check(metric: Metric, seen: ir.Table) -> None:
    """Every column that the kind needs is there, and each one of a type that fits."""
    for column in metric.columns:
        if column not in seen.columns:
            raise DefinitionError(
                f'{place_of(metric)}: metric "{metric.name}" yields no column "{column}", which '
                f"kind {metric.kind} needs.{did_you_mean(column, seen.columns)}"
            )
    for column, type in seen.schema().items():
        truth, number = type.is_boolean() or type.is_null(), type.is_numeric()
        if (column in NUMBERS and not (truth or number)) or (column in TRUTHS and not truth):
            wanted = "a number" if column in NUMBERS else "true or false"
            raise DefinitionError(
                f'{place_of(metric)}: metric "{metric.name}" yields column "{column}" as {type}; '
                f"it must be {wanted}."
            )


def _completed(metric: Metric, seen: ir.Table) -> ir.Table:
    extra = [c for c in OPTIONAL if c in seen.columns]
    columns = {c: _[c] for c in (*metric.columns, *extra)}
    columns["customer_id"] = _.customer_id.cast("string")
    if metric.kind in ("total", "nps"):
        columns["den"] = ibis.literal(1)
    if metric.kind == "quantile" and "censored" not in extra:
        columns["censored"] = ibis.literal(False)
    chosen = seen.select(**columns)
    if metric.kind == "survival":
        return chosen.filter(_.entered.notnull() & _.left.notnull())
    if "den" in columns:
        chosen = _weighed(chosen, metric.kind in WEIGHED)
    return chosen.filter(_.num.notnull() & (_.den.notnull() if "den" in columns else True))


def _weighed(seen: ir.Table, by_weight: bool) -> ir.Table:
    """Each observation as many times as its weight says, once where that is empty; see
    `Sums.squares`."""
    if not by_weight or "weight" not in seen.columns:
        return seen.mutate(squares=seen.den)
    times = seen.weight.fill_null(1)
    weighed = seen.mutate(
        num=seen.num * times, den=seen.den * times, squares=seen.den * times * times
    )
    return weighed.drop("weight")


def place_of(metric: Metric, error: BaseException | None = None) -> str:
    """Where the metric is declared, or the line of its own folder that an error comes from."""
    room = Path(metric.file).parent
    frames = traceback.extract_tb(error.__traceback__) if error else []
    ours = [f for f in frames if Path(f.filename).parent == room]
    return f"{ours[-1].filename}:{ours[-1].lineno}" if ours else f"{metric.file}:{metric.line}"


def failed(metric: Metric, error: BaseException) -> str:
    said = (str(error).strip().splitlines() or ["no message"])[0].rstrip(".")
    return (
        f'{place_of(metric, error)}: metric "{metric.name}" failed: {type(error).__name__}: '
        f"{said}; correct the function, or move the file out of the folder.{_meant(error, said)}"
    )


def _meant(error: BaseException, said: str) -> str:
    """The column that was probably meant, where one is missing."""
    if isinstance(error, AttributeError) and isinstance(error.obj, ir.Table):
        return did_you_mean(str(error.name), error.obj.columns)
    missing, _, known = said.partition("Existing columns:")
    names = re.findall(r"'([^']+)'", missing)
    return did_you_mean(names[0], re.findall(r"'([^']+)'", known)) if known and names else ""
