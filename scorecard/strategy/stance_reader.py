"""The reader of the [[stance]] tables of strategy.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from scorecard.base.toml_file import Entry, TomlFile
from scorecard.definitions.metric import Metric
from scorecard.definitions.units import read_limit
from scorecard.errors import StrategyError
from scorecard.strategy.accountability import names_of
from scorecard.strategy.amounts import amount_per_month
from scorecard.strategy.limits import orient
from scorecard.strategy.model import STATES, Funding, Stance, StanceKind, Strategy

FUNDINGS = ("weakness", "charge", "cost_cut", "later_saving", "customer_work")
# Why one limit is the worse, as a finding explains it.
_DIRECTION = {
    "higher": "higher is better",
    "lower": "lower is better",
    "neither": "at_worst is the lower of the two",
}
_KEY = re.compile(r"[^\s/]+/[^\s/]+")


def read_stances(
    file: TomlFile, strategy: Strategy, metrics: Mapping[str, Metric], currency: str
) -> tuple[Stance, ...]:
    """The sound stances of the file; `strategy` has the tiers, owners and offers they refer to.

    A metric and tier may have a second stance from the day on which the first ends.
    """
    kept: dict[str, list[Stance]] = {}
    found: list[Stance] = []
    for entry in file.many("stance", _key_as_written):
        stance = _stance(entry, strategy, metrics, currency)
        if stance is not None and _is_only_one(entry, stance, kept.setdefault(stance.key, [])):
            _note_taken(entry, stance, found)
            kept[stance.key].append(stance)
            found.append(stance)
    return tuple(found)


def _key_as_written(values: dict[str, Any]) -> str:
    """The name of a stance in findings, also where it is not sound."""
    if "metric" in values and "tier" in values:
        return f"{values['metric']}/{values['tier']}"
    return str(values.get("metric", ""))


def _stance(
    entry: Entry, strategy: Strategy, metrics: Mapping[str, Metric], currency: str
) -> Stance | None:
    metric = metrics.get(entry.reference("metric", "metric", metrics, required=True))
    tier = _tier(entry, strategy)
    kind = cast(StanceKind, entry.choice("kind", ("strength", "weakness"), required=True))
    worst, best = _limits(entry, metric, kind, currency)
    declared, effective = entry.day("declared", True), entry.day("effective", True)
    until = _until(entry, effective)
    read = dict(
        importance=entry.whole("importance", 0),
        until=until,
        review_on=_review(entry, effective, until),
        owner=_owner(entry, strategy),
        approved_by=entry.text("approved_by", required=True),
        trade_off=entry.prose("trade_off", required=True),
        funded_by=_funded_by(entry, currency),
        funds=_funds(entry),
        releases=_amount(entry, "releases", currency),
        costs=_costs(entry, kind, currency),
        pool=_pool(entry),
        baseline=_baseline(entry, currency),
        evidence=entry.choice("evidence", ("sample", "census")),
        usual_n=entry.whole("usual_n", 0) or None,
        offer=entry.reference("offer", "offer", strategy.offer_ids),
        written=(_written(entry, "at_worst"), _written(entry, "at_best")),
        line=entry.line,
    )
    if not entry.sound or metric is None or declared is None or effective is None:
        return None
    return Stance(
        metric=metric.name,
        tier=tier,
        kind=kind,
        at_worst=worst,
        at_best=best,
        declared=declared,
        effective=effective,
        **cast(Any, read),
    )


def _tier(entry: Entry, strategy: Strategy) -> str:
    tier = entry.text("tier", required=True)
    if tier in STATES:
        entry.note(
            "unknown_tier",
            f'"{tier}" is a state and not a tier, so no stance can be taken on it; name a tier.',
            "tier",
        )
        return ""
    known = tier and entry.is_declared(tier, "tier", strategy.plan.ids, "tier")
    return tier if known else ""


def _owner(entry: Entry, strategy: Strategy) -> str:
    id = entry.reference("owner", "owner", strategy.owner_ids, required=True)
    owner, approver = strategy.owner(id), entry.text("approved_by").casefold()
    if owner and approver and approver in names_of(owner):
        entry.note(
            "approves_own_stance",
            f"{owner.name} approves a stance that {owner.name} owns; "
            "have another person approve it.",
            "approved_by",
        )
    return id


def _limits(
    entry: Entry, metric: Metric | None, kind: str, currency: str
) -> tuple[float | None, float | None]:
    if entry.raw("at_worst") is None:
        _unbounded(entry, kind)
    if metric is None:
        entry.raw("at_best")
        return None, None
    if entry.raw("at_best") is None and metric.better == "neither":
        entry.note(
            "missing_field",
            f'"at_best" is missing; add it, because {metric.name} can '
            "leave its range on both sides.",
        )
    worst = _limit(entry, "at_worst", metric, currency)
    best = _limit(entry, "at_best", metric, currency)
    if worst is not None and best is not None and orient(metric, worst) >= orient(metric, best):
        entry.note(
            "limit_order",
            f'at_worst "{_written(entry, "at_worst")}" is not worse than '
            f'at_best "{_written(entry, "at_best")}", because {_DIRECTION[metric.better]} '
            f"for {metric.name}; exchange or correct them.",
            "at_worst",
        )
    return worst, best


def _unbounded(entry: Entry, kind: str) -> None:
    if kind == "weakness":
        entry.note(
            "unbounded_weakness",
            '"at_worst" is missing; add the level below which the weakness is no longer accepted.',
        )
    else:
        entry.note("missing_field", '"at_worst" is missing; add the level that is promised.')


def _limit(entry: Entry, key: str, metric: Metric, currency: str) -> float | None:
    value = entry.raw(key)
    if value is None:
        return None
    try:
        return read_limit(value, metric.unit, currency)
    except StrategyError as error:
        entry.note("limit_unit", f"{key} {error}", key)
        return None


def _written(entry: Entry, key: str) -> str:
    value = entry.raw(key)
    return "" if value is None else str(value)


def _until(entry: Entry, effective: date | None) -> date | None:
    until = entry.day("until")
    if until and effective and until <= effective:
        entry.note(
            "dates_reversed",
            f"until {until} is not after effective {effective}; correct one of them.",
            "until",
        )
    return until


def _review(entry: Entry, effective: date | None, until: date | None) -> date | None:
    review = entry.day("review_on")
    if review and effective and review < effective:
        entry.note(
            "dates_reversed",
            f"review_on {review} is before effective {effective}; correct one of them.",
            "review_on",
        )
    if review and until and until <= review:
        entry.note(
            "dates_reversed",
            f"review_on {review} is not before until {until}, when the stance has ended; leave "
            "one of them out.",
            "review_on",
        )
    return review


def _funded_by(stance: Entry, currency: str) -> tuple[Funding, ...]:
    sources = []
    for entry in stance.tables("funded_by"):
        named = [(kind, entry.text(kind)) for kind in FUNDINGS]
        given = [(kind, ref) for kind, ref in named if ref]
        if len(given) != 1:
            stance.note(
                "funding_form",
                "A source in funded_by must name exactly one of "
                f"{', '.join(FUNDINGS)}; split or complete it.",
                "funded_by",
            )
            continue
        kind, ref = given[0]
        if kind == "weakness" and not _is_key(entry, ref, "funded_by"):
            continue
        sources.append(Funding(cast(Any, kind), ref, _amount(entry, "amount", currency)))
    return tuple(sources)


def _funds(entry: Entry) -> tuple[str, ...]:
    return tuple(ref for ref in entry.texts("funds") if _is_key(entry, ref, "funds"))


def _is_key(entry: Entry, ref: str, key: str) -> bool:
    if _KEY.fullmatch(ref):
        return True
    entry.note(
        "funding_form", f'"{ref}" in {key} does not name a stance; write it as "metric/tier".', key
    )
    return False


def _amount(entry: Entry, key: str, currency: str) -> str:
    text = entry.text(key)
    try:
        if text:
            amount_per_month(text, currency)
    except StrategyError as error:
        entry.note("amount_form", f"{key} {error}", key)
        return ""
    return text


def _costs(entry: Entry, kind: str, currency: str) -> str:
    """What a strength costs."""
    amount = _amount(entry, "costs", currency)
    if kind == "weakness" and entry.raw("costs") is not None:
        entry.note(
            "amount_form",
            'A weakness has no "costs", but what it "releases"; write that, or remove it.',
            "costs",
        )
    return amount


def _pool(entry: Entry) -> tuple[str, ...]:
    """The cost pools, of which one may be written without a list."""
    if isinstance(entry.raw("pool"), str):
        only = entry.text("pool", required=True)
        return (only,) if only else ()
    return tuple(dict.fromkeys(entry.texts("pool")))


def _baseline(entry: Entry, currency: str) -> str:
    amount = _amount(entry, "baseline", currency)
    if amount and entry.raw("pool") is None:
        entry.note(
            "amount_form",
            'baseline says what a cost pool cost before; add its name, pool = "…", as the column '
            "pool of costs has it.",
            "baseline",
        )
    return amount


def _is_only_one(entry: Entry, stance: Stance, earlier: list[Stance]) -> bool:
    """Whether no earlier stance on the same is in force at the same time; notes one that is."""
    for other in earlier:
        if _overlaps(other, stance):
            entry.note("two_stances", _two_stances(other, stance))
            return False
    return True


def _note_taken(entry: Entry, stance: Stance, earlier: list[Stance]) -> None:
    """Note a cost pool that another stance names in the same tier: each cost counts once."""
    for other in earlier:
        both = [pool for pool in stance.pool if pool in other.pool]
        if both and other.tier == stance.tier and _overlaps(other, stance):
            entry.note(
                "pool_taken",
                f'Pool "{both[0]}" in tier {stance.tier} is that of {other.key} on line '
                f"{other.line}, and each cost counts once; name it in one of the two.",
                "pool",
            )


def _overlaps(one: Stance, other: Stance) -> bool:
    return (other.ends is None or one.effective < other.ends) and (
        one.ends is None or other.effective < one.ends
    )


def _two_stances(one: Stance, other: Stance) -> str:
    if one.owner == other.owner:
        what = f"{one.key} has two stances at one time"
    else:
        what = f"{one.key} has two owners for one stance"
    return (
        f"{what}, {one.owner} on line {one.line} and {other.owner} on line {other.line}; "
        'remove one, or end the earlier with "until".'
    )
