"""What the command tiers prints."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, cast

from scorecard.base.periods import Period, PeriodKind
from scorecard.cli.terminal import one_line, out, warn, write_json
from scorecard.documents.formats import DASH, Formats
from scorecard.lookup.target import TABLE, FileTarget

if TYPE_CHECKING:
    from scorecard.lookup.cards import Card
    from scorecard.lookup.export import Exported, TierCards


def show_tiers(found: TierCards, formats: Formats, today: date, *, as_json: bool) -> None:
    """Each tier and state with somebody in it: how many are, and what is said of them."""
    _warn(found, today)
    if as_json:
        write_json(_plain(found))
        return
    console = out()
    console.print(f"Tiers of {found.period}, as of {formats.day(found.as_of)}", markup=False)
    for kind, card in found.cards.items():
        count = found.customers.get(kind, 0)
        if not (card.tier or count):
            continue
        name = card.label or card.state.capitalize()
        who = f"{formats.count(count)} {'customer' if count == 1 else 'customers'}"
        console.print(one_line(f"{name}: {who}"), markup=False)
        for said in (*card.promises, *card.accepts):
            console.print(f"  {one_line(str(said))}", markup=False, soft_wrap=True)
        if not (card.promises or card.accepts):
            console.print(f"  {DASH}", markup=False)


def show_exported(done: Exported, formats: Formats, today: date, *, as_json: bool) -> None:
    """What was written, in one line."""
    found, to = done.found, done.target
    _warn(found, today)
    if done.marked:
        warn(
            f"{formats.count(done.marked)} customer ids begin with a sign that spreadsheets take "
            "for a formula, and have an apostrophe in front; import .jsonl or .parquet, which have "
            "them as they are."
        )
    where = str(to.path) if isinstance(to, FileTarget) else f"{TABLE}{to}"
    if as_json:
        write_json({"written": where, **_plain(found)})
        return
    console = out()
    said = f"{where}: {formats.count(found.total)} customers, tiers of {found.period}, as of "
    console.print(one_line(said + formats.day(found.as_of)), markup=False, soft_wrap=True)


def _warn(found: TierCards, today: date) -> None:
    period = found.period
    current = Period.containing(today, cast(PeriodKind, period.kind), period.tz)
    if found.newest < current and period == found.newest:
        warn(
            f"these are the tiers of {period}; those of {current} are not frozen yet: "
            f"scorecard run --period {current.previous()}"
        )
    if not found.chosen:
        warn(f"no stance was in force on {period.first}, so nothing is promised or accepted.")


def _plain(found: TierCards) -> dict[str, Any]:
    return {
        "period": found.period.key,
        "as_of": str(found.as_of),
        "customers": found.total,
        "tiers": [_card(card, found.customers.get(kind, 0)) for kind, card in found.cards.items()],
    }


def _card(card: Card, customers: int) -> dict[str, Any]:
    from dataclasses import asdict

    said = {name: [asdict(s) for s in getattr(card, name)] for name in ("promises", "accepts")}
    named = {"tier": card.tier, "tier_label": card.label, "state": card.state}
    return {**named, "customers": customers, **said}
