"""The proposal: which export is which table, and how they hang together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from scorecard.facts.contracts import CONTRACTS, contract
from scorecard.proposing.draft import Draft, Line
from scorecard.proposing.drafting import ENOUGH, drafted, of_tickets
from scorecard.proposing.exports import Export, PassedOver, exports_in
from scorecard.proposing.matching import fit_of, is_customers, quoted
from scorecard.proposing.names import STRONG
from scorecard.proposing.profile import Profile, profiles_of, shared

CLOSE = 0.5
"""Difference in score up to which two exports are as likely to be a table."""
SMALL = 100_000
"""Whole numbers up to which two columns may have the same by chance."""
Profiles = dict[str, Profile]


@dataclass(frozen=True)
class Proposal:
    """Drafts, those that stand first, in the order of contracts; and what was passed over."""

    drafts: tuple[Draft, ...]
    passed_over: tuple[PassedOver, ...]

    def draft(self, table: str) -> Draft | None:
        """The draft of a table that stands, if there is one."""
        return next((d for d in self.standing if d.table == table), None)

    @property
    def standing(self) -> list[Draft]:
        return [d for d in self.drafts if d.stands]

    def having(self, drafts: list[Draft]) -> Proposal:
        """The same with these drafts, in order."""
        order = list(CONTRACTS)
        ordered = sorted(drafts, key=lambda d: (not d.stands, order.index(d.table), d.export.label))
        return replace(self, drafts=tuple(_in_order(draft) for draft in ordered))


def _in_order(draft: Draft) -> Draft:
    """The draft with its lines in the order of the contract's columns."""
    places = {column.name: i for i, column in enumerate(contract(draft.table).columns)}
    return replace(draft, lines=tuple(sorted(draft.lines, key=lambda x: places[x.column])))


def propose(folder: Path, kept: Path) -> Proposal:
    """What the files of a folder are; what is read of them is kept in the folder `kept`."""
    exports, over = exports_in(folder, kept)
    profiles = {export: profiles_of(export) for export in exports}
    found = _customers(profiles)
    customers = max(found.values(), key=lambda d: (d.score, d.export.rows), default=None)
    drafts: list[Draft] = []
    for export, columns in profiles.items():
        best = found.get(export) or _best(export, columns, customers)
        if best is None:
            over.append(PassedOver(export.label, _unlike(columns)))
            continue
        best = _with_customer(best, customers) if customers is not None else best
        drafts.append(best)
        if best.table == "interactions" and (answers := of_tickets(best)):
            drafts.append(answers)
    drafts = one_each(drafts)
    drafts = [_by_way_of(draft, drafts) for draft in drafts]
    other = {e: p for e, p in profiles.items() if e not in [d.export for d in drafts]}
    drafts = [_with_leavers(draft, other) for draft in drafts]
    return Proposal((), tuple(over)).having(drafts)


def _customers(profiles: dict[Export, Profiles]) -> dict[Export, Draft]:
    """The exports that have a row for each customer; more likely where others name these."""
    best = (_best(export, columns, None) for export, columns in profiles.items())
    found = [d for d in best if d is not None and d.table == "customers" and d.stands]
    if len(found) > 1:
        found = [replace(d, score=d.score + _referred(d, profiles)) for d in found]
    return {draft.export: draft for draft in found}


def _referred(customers: Draft, profiles: dict[Export, Profiles]) -> float:
    """How many of the other exports name these customers, each by the share that it does."""
    key, shares = customers.theirs("customer_id"), 0.0
    for export, columns in profiles.items():
        if export != customers.export:
            named = [c for c in columns if fit_of("transactions", "customer_id", c)]
            shares += max((shared(export, c, customers.export, key) for c in named), default=0)
    return shares


def _best(export: Export, profiles: Profiles, customers: Draft | None) -> Draft | None:
    """What an export most likely is; one that lacks something only where nothing else fits."""
    known = _known(export, customers)
    tried = (drafted(table, export, profiles, known) for table in CONTRACTS)
    found = [draft for draft in tried if draft is not None]
    whole = [d for d in found if not d.missing]
    enough = [d for d in found if d.score >= ENOUGH]
    return max(whole or enough, key=lambda d: d.score, default=None)


def _known(export: Export, customers: Draft | None) -> Callable[[str], float | None]:
    """Which share of a column's values are numbers of customers."""
    if customers is None:
        return lambda _name: None
    key = customers.theirs("customer_id")
    kept: dict[str, float] = {}

    def known(name: str) -> float:
        if name not in kept:
            kept[name] = shared(export, name, customers.export, key)
        return kept[name]

    return known


def one_each(drafts: list[Draft]) -> list[Draft]:
    """Of several exports for one table the most likely; none where two are as likely."""
    done = []
    for draft in drafts:
        others = [d for d in drafts if d.table == draft.table and d is not draft and d.stands]
        best = max(others, key=lambda d: d.score, default=None)
        if draft.stands and best is not None and best.score > draft.score - CLOSE:
            said = f"{best.export.label} was taken for {draft.table}, for it fits better"
            if best.score < draft.score + CLOSE:
                said = f"{best.export.label} is as likely to be {draft.table}; choose one of them"
            draft = replace(draft, rival=said)
        done.append(draft)
    return done


def _with_customer(draft: Draft, customers: Draft) -> Draft:
    """A column of no telling name whose values are all numbers of customers is the customer."""
    wanted = contract(draft.table).column("customer_id")
    if wanted is None or draft.table == "customers" or "customer_id" in draft.mapped:
        return draft
    key = customers.theirs("customer_id")
    used = {line.theirs for line in draft.lines}
    for profile in draft.profiles.values():
        if profile.name in used or not _telling(profile):
            continue
        if shared(draft.export, profile.name, customers.export, key) < 1:
            continue
        why = "every value is in customers.customer_id"
        line = Line("customer_id", quoted(profile.name), "certain", why, profile.name)
        missing = tuple(m for m in draft.missing if not m.startswith("customer_id "))
        lines = tuple(x for x in draft.lines if x.column != "customer_id")
        return replace(draft, lines=(line, *lines), missing=missing)
    return draft


def _telling(profile: Profile) -> bool:
    """Whether values that are those of another column are so by no chance."""
    if profile.dated or profile.truth or profile.distinct < 2 or not is_customers(profile.name):
        return False
    return not (profile.whole and (profile.high or 0) < SMALL)


def _by_way_of(draft: Draft, drafts: list[Draft]) -> Draft:
    """With a note where another table's key leads to the customer."""
    if not any(m.startswith("customer_id ") for m in draft.missing):
        return draft
    for other in drafts:
        key = (contract(other.table).key or ("",))[0]
        theirs = other.theirs(key)
        if other.stands and theirs in draft.profiles and "customer_id" in other.mapped:
            note = (
                f"{quoted(theirs)} leads to the customer by way of {other.export.label}: "
                "join the two in a query, if you need this table."
            )
            return replace(draft, notes=(*draft.notes, note))
    return draft


def _with_leavers(draft: Draft, profiles: dict[Export, Profiles]) -> Draft:
    """With a note where an export that is no table says on which day customers left."""
    if draft.table != "customers" or not draft.stands or "closed_on" in draft.mapped:
        return draft
    key = draft.theirs("customer_id")
    for export, columns in profiles.items():
        days = [
            p.name
            for n, p in columns.items()
            if fit_of("customers", "closed_on", n) >= STRONG and p.dated
        ]
        ids = [n for n in columns if n == key]
        if not days or not ids:
            continue
        note = (
            f"closed_on: {quoted(days[0])} of {export.label} says when customers left, in a file "
            "of its own; join the two in a query, if it is so."
        )
        return replace(draft, notes=(*draft.notes, note))
    return draft


def _unlike(profiles: Profiles) -> str:
    names = ", ".join(quoted(name) for name in list(profiles)[:4])
    more = ", …" if len(profiles) > 4 else ""
    return f"no table of facts is recognised in its columns ({names}{more})"
