"""Queries: what columns alone cannot say, in SQL that reads an export as it is read otherwise.

A query names the delimiter and every column of a text, so that nothing is sniffed. DuckDB cannot
read Excel files and texts in other encodings like that; then the table is left to people.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from scorecard.facts.text_files import head_of
from scorecard.proposing.draft import Draft, Line
from scorecard.proposing.exports import Export
from scorecard.proposing.matching import quoted
from scorecard.proposing.profile import ISO, identifier, literal, shared
from scorecard.proposing.written import day_of, number_of

FROM = {
    "transactions": "event_on",
    "contracts": "start_on",
    "interactions": "opened_at",
    "surveys": "sent_at",
    "promises": "due_at",
}
"""Tables from which customers are known where they have no file, and the day of a row."""
MOST = 0.9
"""Share of the customers of other tables that are to be in a file of customers."""
UNREADABLE = "a query reads UTF-8 text and Parquet only: save {} so"


def place_of(export: Export, root: Path) -> str:
    """Where an export lies, from the project's folder."""
    file = export.file.with_name(export.pattern) if export.pattern else export.file
    return Path(os.path.relpath(file, root)).as_posix()


def is_queried(export: Export) -> bool:
    """Whether a query can read it as it is read otherwise."""
    return export.is_parquet or (export.is_text and not export.encoding)


def rows_of(export: Export, root: Path) -> str:
    """The rows of an export in a query of the project."""
    place = literal(place_of(export, root))
    if export.is_parquet:
        return f"read_parquet({place}, hive_partitioning = false, union_by_name = true)"
    head = head_of(export.file)
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in head.names)
    skipped = f"skip = {head.skipped}, " if head.skipped else ""
    return (
        f"read_csv({place}, auto_detect = false, header = true, {skipped}"
        f"delim = {literal(head.delimiter)}, quote = '\"', escape = '\"', comment = '',\n"
        f"    columns = {{{columns}}})"
    )


def with_amount(draft: Draft, root: Path) -> Draft:
    """Transactions whose amount is pieces times their price, with the query that says so."""
    line = next((x for x in draft.lines if x.computed), None)
    if line is None:
        return draft
    qty, price = draft.theirs("qty"), line.theirs
    factors = [number_of(identifier(c), draft.profiles[c], draft) for c in (qty, price)]
    if not is_queried(draft.export) or not all(factors):
        why = UNREADABLE.format(draft.export.label) if all(factors) else "its marks are in doubt"
        missing = f"net_amount (net of discount and tax): {line.why}, and {why}"
        return replace(draft, missing=(*draft.missing, missing))
    made = [f"cast({factors[0]} * {factors[1]} as decimal(18, 4)) as net_amount"]
    lines = [replace(x, says='"net_amount"', theirs="") if x is line else x for x in draft.lines]
    below = (draft.profiles[qty].low or 0) < 0
    if below and "kind" not in {*draft.profiles, *(x.column for x in draft.lines)}:
        made.append(f"case when {factors[0]} < 0 then 'refund' else 'sale' end as kind")
        why = f"{qty} below zero are pieces that came back"
        lines.append(Line("kind", '"kind"', "likely", why))
    selected = ",\n    ".join(made)
    sql = f"select *,\n    {selected}\nfrom {rows_of(draft.export, root)}"
    return replace(draft, sql=sql, lines=tuple(lines))


def first_rows(drafts: Iterable[Draft], root: Path) -> tuple[str, list[Draft], list[Draft]]:
    """A query of each customer's number and first day in these tables; which of them it reads, and
    which it cannot."""
    parts: list[str] = []
    read: list[Draft] = []
    unread: list[Draft] = []
    for draft in drafts:
        column = FROM.get(draft.table, "")
        customer, day = draft.theirs("customer_id"), draft.theirs(column)
        if not customer or not day or draft.export in [d.export for d in read]:
            continue
        found = day_of(identifier(day), draft.profiles[day], draft)
        if not is_queried(draft.export) or not found:
            unread.append(draft)
            continue
        number = f"cast({identifier(customer)} as varchar)"
        parts.append(
            f"select {number} as customer_id, {found} as seen\n"
            f"from {rows_of(draft.export, root)}\nwhere {_given(draft, customer)}"
        )
        read.append(draft)
    return "\nunion all\n".join(parts), read, unread


def _given(draft: Draft, customer: str) -> str:
    column = identifier(customer)
    if draft.profiles[customer].kind != "text":
        return f"{column} is not null"
    nothing = ", ".join(literal(word) for word in ("", *draft.profiles[customer].nothing))
    return f"trim({column}) not in ({nothing})"


def customers_of(drafts: Iterable[Draft], root: Path, tier: str) -> Draft | None:
    """Customers as those who are in other tables, since their first day there; None where no query
    reads these. `tier` is the one that everybody is in, empty where tiers are computed."""
    parts, read, unread = first_rows(drafts, root)
    if not read:
        return None
    labels = ", ".join(dict.fromkeys(d.export.label for d in read))
    lines = [
        Line("customer_id", '"customer_id"', "likely", f"everybody who is in {labels}"),
        Line("acquired_on", '"acquired_on"', "likely", f"the first day in {labels}"),
    ]
    sql = (
        f"select customer_id, min(seen) as acquired_on from (\n{parts}\n)\n"
        "where seen is not null group by customer_id"
    )
    if tier:
        lines.append(
            Line("tier", f'{{ value = "{tier}" }}', "likely", "one tier, until you have sold more")
        )
    notes = ["There is no file of customers, so they are those who are in other tables."]
    if unread:
        names = ", ".join(dict.fromkeys(d.export.label for d in unread))
        notes.append(f"Whoever is only in {names} is not among them: {UNREADABLE.format('it')}.")
    return Draft("customers", read[0].export, {}, tuple(lines), notes=tuple(notes), sql=sql)


def _only_day(draft: Draft) -> str:
    """The one column of days that every row has, where there is one and nothing is made of it."""
    used = {line.theirs for line in draft.lines if line.stands}
    days = [
        p.name
        for p in draft.profiles.values()
        if (p.kind == "day" or ISO in p.days) and p.filled == p.rows and p.name not in used
    ]
    return days[0] if len(days) == 1 else ""


def with_first_day(draft: Draft, drafts: list[Draft], root: Path) -> Draft:
    """Customers of a file that does not say since when: since their first day in other tables."""
    lacks_day = len(draft.missing) == 1 and draft.missing[0].startswith("acquired_on ")
    if draft.table != "customers" or not lacks_day or draft.rival:
        return draft
    if own := _only_day(draft):
        why = "the only day in the file; no word in its name says that a customer came on it"
        line = Line("acquired_on", quoted(own), "likely", why, own)
        lines = [x for x in draft.lines if x.column != "acquired_on"]
        return replace(draft, lines=(*lines, line), missing=())
    key = draft.theirs("customer_id")
    parts, read, unread = first_rows(drafts, root)
    if not key or not read or unread or not is_queried(draft.export):
        return draft
    for each in read:
        share = shared(each.export, each.theirs("customer_id"), draft.export, key)
        if share < MOST:
            few = f"only {100 * share:.0f} % of those in {each.export.label} are in it"
            return replace(draft, missing=(f"{draft.missing[0]}; and {few}",))
    sql = (
        f"select c.*, f.first_day from {rows_of(draft.export, root)} c\nleft join (\n"
        f"select customer_id, min(seen) as first_day from (\n{parts}\n) group by customer_id\n"
        f") f on f.customer_id = cast(c.{identifier(key)} as varchar)"
    )
    labels = ", ".join(each.export.label for each in read)
    line = Line("acquired_on", '"first_day"', "likely", f"the first day in {labels}")
    lines = [x for x in draft.lines if x.column != "acquired_on"]
    note = f"The day on which a customer came is its first day in {labels}, for this file has none."
    notes = (*draft.notes, note)
    return replace(draft, lines=(*lines, line), missing=(), notes=notes, sql=sql)
