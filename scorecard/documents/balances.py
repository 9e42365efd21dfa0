"""The lines that show that everything is counted: wholes, and the parts that make them up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from scorecard.documents.formats import DASH
from scorecard.documents.grammar import capital, listed, plural
from scorecard.documents.margin_page import STATES
from scorecard.documents.model import Table
from scorecard.documents.view import ReportView
from scorecard.measuring.conservation import BROUGHT, ELSEWHERE, LEFT, Balance

REMAINDERS = ("on no customer", LEFT, ELSEWHERE, BROUGHT)
"""Parts of balances by tier that are no tier or state."""


def balance_table(view: ReportView) -> Table | None:
    """Observations, customers and money by tier and state: each line adds up to its whole."""
    kept = [b for b in view.data.balances if b.of in ("customers", "money")]
    kept = [b for b in kept if any(tier in b.parts for tier in (*view.tiers, *STATES))]
    if seen := [b for b in view.data.balances if b.of == "observations"]:
        kept.insert(0, replace(_together(seen), what=_metrics(len(seen))))
    if not kept:
        return None
    used = {name for b in kept for name, amount in b.parts.items() if amount}
    columns = [t for t in view.tiers if t in used]
    columns += [name for name in (*STATES, *REMAINDERS) if name in used]
    rows = [
        (capital(b.what), _amount(view, b, b.whole), *(_part(view, b, name) for name in columns))
        for b in kept
    ]
    heads = ("", "all", *(_named(view, name) for name in columns))
    return Table("Everything is counted", heads, tuple(rows), (False, *(True for _ in heads[1:])))


def _metrics(count: int) -> str:
    return f"observations of {count} {plural(count, 'metric')}"


def _part(view: ReportView, balance: Balance, name: str) -> str:
    amount = balance.parts.get(name)
    return _amount(view, balance, amount) if amount else DASH


def balance_lines(view: ReportView) -> tuple[str, ...]:
    """Where all rows are, where the cost to acquire went, and what does not add up, if anything."""
    kept, lines = view.data.balances, []
    if read := [b for b in kept if b.of == "rows"]:
        tables = f"{len(read)} {plural(len(read), 'table')}"
        lines.append(_line(view, f"Rows of {tables}", _together(read)))
    for balance in kept:
        if balance.of in ("money", "customers") and not any(
            t in balance.parts for t in (*view.tiers, *STATES)
        ):
            lines.append(_line(view, capital(balance.what), balance))
    lines += [
        _apart(view, metric.label, view.data.apart[metric.name])
        for metric in view.metrics
        if metric.name in view.data.apart and view.is_wanted(metric)
    ]
    return (*lines, *(_broken(view, b) for b in kept if not b.holds))


def _apart(view: ReportView, label: str, counts: Mapping[str, int]) -> str:
    """ "Would recommend us (NPS), not in the figure: 9 given late, 2 about a contact"."""
    said = [f"{view.formats.count(n)} {why}" for why, n in sorted(counts.items())]
    return f"{label}, not in the figure: {', '.join(said)}."


def _together(alike: Iterable[Balance]) -> Balance:
    """Balances of one kind added up, whole by whole and part by part."""
    kept, parts = list(alike), dict[str, Decimal]()
    for balance in kept:
        for name, amount in balance.parts.items():
            parts[name] = parts.get(name, Decimal(0)) + amount
    whole = sum((balance.whole for balance in kept), Decimal(0))
    return Balance("", kept[0].of, whole, parts)


def _line(view: ReportView, subject: str, balance: Balance) -> str:
    """ "Rows of 2 tables: 120 = in the period 20 + before it 100"."""
    parts = [
        f"{_named(view, name)} {_amount(view, balance, amount)}"
        for name, amount in balance.parts.items()
        if amount
    ]
    whole = _amount(view, balance, balance.whole)
    return f"{subject}: {whole} = {' + '.join(parts)}." if parts else f"{subject}: {whole}."


def _named(view: ReportView, part: str) -> str:
    if part in view.tiers:
        return view.label(part)
    return STATES.get(part, part).lower()


def _amount(view: ReportView, balance: Balance, amount: Decimal) -> str:
    if balance.of == "money":
        return view.formats.decimal(float(amount), 2)
    return view.formats.count(int(amount))


def _broken(view: ReportView, balance: Balance) -> str:
    parts = listed(
        [f"{_named(view, n)} {_amount(view, balance, a)}" for n, a in balance.parts.items()]
    )
    whole = _amount(view, balance, balance.whole)
    return f"{capital(balance.what)} does not add up: {whole} read, and in figures {parts}."
