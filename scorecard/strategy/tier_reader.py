"""The reader of the [tiers] and [[tier]] tables of strategy.toml."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, cast

from scorecard.base.periods import LONGEST, Period
from scorecard.base.toml_file import Entry, TomlFile
from scorecard.definitions.units import UNITS, read_limit
from scorecard.errors import ProjectError, StrategyError
from scorecard.strategy.model import ALL, STATES, PriceEvidence, Tier, TierMethod, TierPlan

MONTHS = 12 * LONGEST
"""The longest window or history that tiers are made of, in months."""
METHODS = ("declared", "margin_percentile", "rfm")
PROOFS = ("price paid", "accepted quote", "experiment", "stated")


def read_plan(file: TomlFile) -> TierPlan:
    """The plan of tiers as read; faults that several tiers make together are noted on [tiers]."""
    entry = file.one("tiers")
    method = cast(TierMethod, entry.choice("method", METHODS, required=True) or "declared")
    buffer = _share(entry, "buffer")
    plan = TierPlan(
        method=method,
        tiers=_tiers(file),
        window=entry.whole("window", 12, MONTHS),
        history=entry.whole("history", 3 if method == "rfm" else 12, MONTHS),
        buffer=0.05 if buffer is None else buffer,
        since=_month(entry, "since"),
    )
    if not plan.tiers:
        entry.note("no_tiers", "No tier is declared; add a [[tier]] for each, the best first.")
    for id, message in _faults_together(plan):
        entry.note(id, message)
    return plan


def _tiers(file: TomlFile) -> tuple[Tier, ...]:
    tiers = []
    for entry in file.with_id("tier"):
        id = entry.text("id")
        if id in STATES:
            entry.note(
                "tier_is_state",
                f'"{id}" is a state that customers can be in; give the tier another id.',
                "id",
            )
        if id == ALL:
            entry.note(
                "tier_is_whole",
                f'"{id}" means all customers together; give the tier another id.',
                "id",
            )
        label = entry.text("label", required=True) or id
        if label.strip().lower() in (*STATES, ALL):
            entry.note(
                "tier_label_taken",
                f'"{label}" is a word that pages use for customers in no tier, or for all of them; '
                "give the tier another label.",
                "label",
            )
        tiers.append(
            Tier(
                id=id,
                label=label,
                share=_share(entry, "share"),
                boundary=entry.number("boundary"),
                needs=entry.prose("needs"),
                alternatives=entry.prose("alternatives"),
                willingness_to_pay=tuple(_price_evidence(entry)),
            )
        )
    return tuple(tiers)


def _price_evidence(tier: Entry) -> Iterator[PriceEvidence]:
    for entry in tier.tables("willingness_to_pay"):
        kind = entry.choice("kind", PROOFS, required=True)
        amount, on = entry.text("amount", required=True), entry.day("on", required=True)
        if kind and amount and on:
            yield PriceEvidence(cast(Any, kind), amount, on)


def _faults_together(plan: TierPlan) -> Iterator[tuple[str, str]]:
    """Faults that several tiers make together: id and message of each."""
    yield from _named_alike(plan)
    shared = [t for t in plan.tiers if t.share is not None]
    bounded = [t for t in plan.tiers if t.boundary is not None]
    if shared and bounded:
        yield (
            "tiers_mixed",
            (
                f'Tier "{shared[0].id}" has a share and tier "{bounded[0].id}" a boundary; '
                "use one of the two for all tiers."
            ),
        )
        return
    total = sum(t.share or 0.0 for t in shared)
    if total > 1 + 1e-9:
        yield (
            "tier_shares",
            (f"Shares of tiers add up to {100 * total:g} %; lower them to 100 % at most."),
        )
    for better, worse in pairwise(bounded):
        if (better.boundary or 0.0) <= (worse.boundary or 0.0):
            yield (
                "tier_boundaries",
                (
                    f'Boundary of tier "{worse.id}" is not below that of "{better.id}"; '
                    "list tiers from the best down with falling boundaries."
                ),
            )
    if plan.method != "declared":
        yield from _without_cut(plan)


def _named_alike(plan: TierPlan) -> Iterator[tuple[str, str]]:
    """A customer's tier is its id or its label, in any case: no two tiers may have the same one."""
    known: dict[str, str] = {}
    for tier in plan.tiers:
        names = {name.strip().lower() for name in (tier.id, tier.label)}
        for name in sorted(names & known.keys()):
            yield (
                "tiers_alike",
                f'"{name}" names the tiers "{known[name]}" and "{tier.id}", so that nobody can '
                "say which of them a customer is in; give one another label.",
            )
        known |= dict.fromkeys(names, tier.id)


def _without_cut(plan: TierPlan) -> Iterator[tuple[str, str]]:
    for tier in plan.tiers[:-1]:
        if tier.share is None and tier.boundary is None:
            yield (
                "tier_uncut",
                (
                    f'Tier "{tier.id}" has neither share nor boundary; add one, which method '
                    f'"{plan.method}" needs for every tier but the last.'
                ),
            )


def _share(entry: Entry, key: str) -> float | None:
    """A share from 0 to 1, written 0.2 or "20 %"; None where absent or faulty."""
    value = entry.raw(key)
    if isinstance(value, str):
        try:
            return read_limit(value, UNITS["share"], "")
        except StrategyError as error:
            entry.note("wrong_value", f"{key} {error}", key)
            return None
    number = entry.number(key, "0.2")
    if number is None or 0 <= number <= 1:
        return number
    entry.note("wrong_value", f'{key} is {number:g}; write a share such as 0.2 or "20 %".', key)
    return None


def _month(entry: Entry, key: str) -> str:
    text = entry.text(key)
    try:
        if text and Period.parse(text, "UTC").kind != "month":
            raise ProjectError
    except ProjectError:
        entry.note(
            "wrong_value", f'{key} "{text}" is not a month; write one such as "2024-01".', key
        )
        return ""
    return text
