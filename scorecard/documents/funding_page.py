"""The page of funding: what weaknesses release, what strengths cost, and what was found of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from scorecard.documents.formats import DASH
from scorecard.documents.funding_found import FundingFound
from scorecard.documents.funding_leaks import leak_total, leaks
from scorecard.documents.funding_ledger import (
    NO_POOL,
    FundingLedger,
    FundingLine,
    Sums,
    funding_ledger,
)
from scorecard.documents.funding_map import LEAST, Pair, figure, funding_map, pairs
from scorecard.documents.funding_model import FUNDING, FundingPage
from scorecard.documents.grammar import capital, fitted, listed, plural
from scorecard.documents.model import Table
from scorecard.documents.view import ReportView
from scorecard.measuring.pool_costs import NONE
from scorecard.strategy.model import Stance

CENTS = Decimal("0.01")
MOST_NAMED = 3
"""Choices that a note names, the others are counted."""


def ledger_of(view: ReportView) -> FundingLedger:
    """The ledger of the choices that are in force."""
    stances = [w.stance for w in view.data.stances]
    data, found = view.data, view.data.funding or FundingFound()
    return funding_ledger(stances, found, data.period, view.tiers, data.elapsed is None)


def funding_page(view: ReportView) -> FundingPage | None:
    """The page; None where no choice says what it releases, costs or is paid."""
    ledger = ledger_of(view)
    paid = pairs(view, ledger)
    drawn = funding_map(view, ledger, paid)
    if not drawn.weaknesses and not drawn.strengths:
        return None
    return FundingPage(
        sentence=_sentence(view, ledger),
        weaknesses=drawn.weaknesses,
        strengths=drawn.strengths,
        bands=drawn.bands,
        others=drawn.others,
        sums=_sums(view, ledger),
        costs=_costs(view, ledger),
        notes=_notes(view, ledger, paid),
        key=_key(view),
        alt=_alt(view, paid),
    )


def left_out(view: ReportView) -> str:
    """Why there is no such page."""
    return f"{FUNDING}: no choice in force says what it releases or costs."


def _key(view: ReportView) -> str:
    return f"pays for · {view.formats.currency}, {view.formats.period(view.data.period)}"


def _sentence(view: ReportView, ledger: FundingLedger) -> str:
    weak, strong = ledger.now["weakness"], ledger.now["strength"]

    def money(amount: Decimal) -> str:
        return view.formats.money(float(amount), 0 if abs(amount) >= 1 else None)

    if weak.unknown == weak.lines and strong.unknown == strong.lines:
        planned = f"{money(weak.planned)} is to be released for strengths"
        if strong.planned:
            planned += f" of {money(strong.planned)}"
        whose = [x for x in ledger.lines if x.now.unknown != NO_POOL]
        why = whose[0].now.unknown if whose else "no choice names the pool of its costs"
        return f"{planned}; what was found is not known: {why}."
    parts = [_released(money, weak)] if weak.unknown < weak.lines else []
    if strong.unknown < strong.lines:
        parts.append(_spent(money, strong))
    held_back = leak_total(view, ledger)
    leak = f"; over-served choices hold back {money(held_back)}" if held_back >= LEAST else ""
    return capital(fitted(lambda n: f"{'; '.join(parts)}{leak if n else ''}.", 1))


def _released(money: Callable[[Decimal], str], weak: Sums) -> str:
    unknown = weak.planned - weak.held
    more = f" ({money(unknown)} more is not known)" if unknown >= LEAST else ""
    if weak.found < 0:
        more_cost = money(-weak.found)
        return f"weaknesses were to release {money(weak.held)}{more} and cost {more_cost} more"
    return f"weaknesses released {money(weak.found)} of {money(weak.held)} planned{more}"


def _spent(money: Callable[[Decimal], str], strong: Sums) -> str:
    over = strong.found - strong.held
    if abs(over) < LEAST:
        return f"strengths cost the {money(strong.held)} planned"
    more = "more" if over > 0 else "less"
    return f"strengths cost {money(strong.found)}, {money(abs(over))} {more} than planned"


def _sums(view: ReportView, ledger: FundingLedger) -> Table:
    """Planned, found and the difference; and what was found since the plan began."""
    weak, strong = ledger.now["weakness"], ledger.now["strength"]
    ever = ledger.since["weakness"], ledger.since["strength"]
    named = ("Released by weaknesses", "Spent on strengths", "Left")
    now, since = (weak, strong, weak - strong), (*ever, ever[0] - ever[1])
    rows = []
    for label, a, b in zip(named, now, since, strict=True):
        row = [label, figure(view, a.planned), *_held(view, a)]
        rows.append((*row, *(_held(view, b) if ledger.first else ())))
    columns = ["", "planned", "with known costs", "found", "difference"]
    if ledger.first is not None:
        began = view.formats.period(ledger.first)
        columns += [f"since {began}, with known costs", "found", "difference"]
    caption = f"The ledger of {view.formats.period(view.data.period)}, {view.formats.currency}"
    numeric = (False, *(True for _ in columns[1:]))
    return Table(caption, tuple(columns), tuple(rows), numeric, last_is_total=True)


def _held(view: ReportView, of: Sums) -> tuple[str, str, str]:
    if of.unknown == of.lines:
        return (DASH,) * 3
    return figure(view, of.held), figure(view, of.found), figure(view, of.found - of.held)


def _costs(view: ReportView, ledger: FundingLedger) -> str:
    """Where each cost is, to the cent: rounded along the way, so that the parts add up."""
    if not ledger.costs:
        return ""
    said, so_far, printed = [], NONE, NONE
    for what, amount in ledger.costs:
        so_far += amount
        shown = so_far.quantize(CENTS) - printed
        printed += shown
        said.append(f"{what} {view.formats.decimal(shown, 2)}")
    return f"All costs booked: {view.formats.decimal(ledger.booked, 2)} = {' + '.join(said)}."


def _notes(view: ReportView, ledger: FundingLedger, paid: Sequence[Pair]) -> tuple[str, ...]:
    notes = [*leaks(view, ledger)]
    strong = [w.stance for w in view.data.stances if w.stance.kind == "strength"]
    weak = [w.stance for w in view.data.stances if w.stance.kind == "weakness"]
    given = {p.strength for p in paid}
    bare = [s for s in strong if not s.funded_by and s.key not in given]
    notes += _named(view, "Nothing pays for", bare)
    notes += _named(view, "Pays for nothing:", [s for s in weak if not s.funds])
    notes += [f"Not known, {why}" for why in _unknown(view, ledger)]
    silent = [s for s in weak if not s.releases] + [
        x.stance for x in ledger.lines if x.stance.kind == "strength" and x.now.planned is None
    ]
    notes += _named(view, "No amount is declared for", silent)
    if ledger.others:
        amount = view.formats.money(float(ledger.others))
        notes.append(f"{listed(_other_names(ledger))} {amount}, which stand in no table of costs")
    if ledger.ended:
        notes.append(
            f"In the sums since then {'is' if len(ledger.ended) == 1 else 'are'} "
            f"{len(ledger.ended)} that ended: {view.keys_named(ledger.ended)}"
        )
    return tuple(f"{note}." for note in notes)


def _other_names(ledger: FundingLedger) -> list[str]:
    """ "To be paid by premium plan", "fee for calls and", in the order of the strengths."""
    names = [
        f.ref
        for x in ledger.lines
        if x.stance.kind == "strength"
        for f in x.stance.funded_by
        if f.kind != "weakness" and f.amount
    ]
    more = len(names) - MOST_NAMED
    kept = [*names[:MOST_NAMED], *([f"{more} more"] if more > 0 else [])]
    return [f"Planned besides, by {listed(kept)}:"]


def _named(view: ReportView, what: str, stances: Sequence[Stance]) -> list[str]:
    if not stances:
        return []
    cells = [(s.metric, s.tier) for s in stances]
    return [f"{what} {view.named(cells, MOST_NAMED)}"]


def _unknown(view: ReportView, ledger: FundingLedger) -> list[str]:
    """ "no cost pool is named: Gold easy to deal with and 3 more", by reason."""
    by_why: dict[str, list[FundingLine]] = {}
    for line in ledger.lines:
        if line.now.found is None and line.now.planned is not None:
            by_why.setdefault(line.now.unknown, []).append(line)
    return [
        f"{why}: {view.named([(x.stance.metric, x.stance.tier) for x in of], MOST_NAMED)}"
        for why, of in by_why.items()
    ]


def _alt(view: ReportView, paid: Sequence[Pair]) -> str:
    """The map in words."""
    said = []
    for pair in paid:
        if pair.planned is None:
            continue
        ends = f"{capital(view.keys_named([pair.weakness]))} to {view.keys_named([pair.strength])}"
        of = "not known" if pair.found is None else f"{figure(view, pair.found)} found"
        said.append(f"{ends}: {figure(view, pair.planned)} planned, {of}")
    count = f"{len(said)} {plural(len(said), 'funding')}"
    return f"Funding map, {count}. {'; '.join(said)}." if said else "Funding map without fundings."
