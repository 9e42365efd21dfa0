"""Drafting: one export taken for one table, with what each kind of table needs besides names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from scorecard.facts.contracts import SCALES, Contract, contract
from scorecard.proposing.draft import Certainty, Draft, Line
from scorecard.proposing.exports import Export
from scorecard.proposing.matching import OWN, Match, fit_of, listed, matches, quoted
from scorecard.proposing.names import STRONG, fits, has
from scorecard.proposing.profile import Profile
from scorecard.proposing.sequence import in_sequence
from scorecard.proposing.translations import MEANINGS
from scorecard.proposing.vocabulary import CREATED, GROSS, PER_PIECE, TAX, VOCABULARY
from scorecard.proposing.written import with_writing

Known = Callable[[str], float | None]
_NAMED, _OWN_NAME, _STRONG, _WEAK, _DOUBTFUL = 3.0, 2.5, 2.0, 1.0, 0.5
_OPTIONAL = 0.3
"""What a table's name in that of the file counts, and its columns by how well they fit."""
ENOUGH = 3.0
"""The least that an export must count to be named as a table that lacks something."""
ANYWHERE = ("name", "date", "from", "to", "value", "status", "currency", "kind", "channel")
"""Columns that exports of any kind have."""
MONTHLY, QUARTERLY = ("mrr", "month", "monats", "monatlich"), ("quarter", "quartal")
YEARLY = ("arr", "annual", "year", "jahres", "jahrlich")
AMOUNTS = ("net_amount", "recurring_amount", "amount")


def drafted(
    table: str, export: Export, profiles: Mapping[str, Profile], known: Known
) -> Draft | None:
    """The export as that table; None where nothing speaks for it."""
    wanted = contract(table)
    found, refused = matches(wanted, profiles, known)
    named = is_named(table, export)
    strong = [m for m in found if m.fit >= STRONG and m.column.name != "customer_id"]
    telling = [m for m in strong if _tells(m)]
    enough = 2 if not any(m.column.required for m in telling) or _is_named_else(export) else 1
    if not found or not (named or len(telling) >= enough):
        return None
    draft = Draft(table, export, dict(profiles), tuple(m.line() for m in found))
    if table in _SPECIAL:
        draft = _SPECIAL[table](draft, profiles)
    draft = in_sequence(with_writing(draft))
    missing = tuple(_missing(draft, wanted, refused))
    draft = replace(draft, missing=missing, notes=(*draft.notes, *_refused(draft, refused)))
    return replace(draft, score=_score(draft, found, wanted, named))


def _is_named_else(export: Export) -> bool:
    """Whether the name of the file or sheet is that of any table."""
    return any(is_named(table, export) for table in VOCABULARY)


def _tells(match: Match) -> bool:
    """Whether a name says what its table is, as no name does that any table may have."""
    return match.column.name not in ANYWHERE and not fits(match.profile.name, CREATED)


def is_named(table: str, export: Export) -> bool:
    """Whether a word of the table is in the name of the file or sheet."""
    words = VOCABULARY.get(table)
    stems = words.files if words else table.removesuffix("s")
    return bool(fits(export.stem, stems))


def _score(draft: Draft, found: list[Match], wanted: Contract, named: bool) -> float:
    fit = {m.column.name: m.fit for m in found}
    worth = {OWN: _OWN_NAME, STRONG: _STRONG}
    score = _NAMED if named else 0.0
    for line in draft.lines:
        column = wanted.column(line.column)
        counts = worth.get(fit.get(line.column, STRONG), _WEAK) if line.stands else _DOUBTFUL
        score += counts if column is not None and column.required else _OPTIONAL * counts
    return score - len(draft.missing)


def _missing(draft: Draft, wanted: Contract, refused: Mapping[str, str]) -> list[str]:
    lines = {line.column: line for line in draft.lines}
    said = []
    for column in wanted.required:
        line = lines.get(column.name)
        if line is not None and line.stands:
            continue
        why = line.why if line is not None else refused.get(column.name, "no column is named so")
        doubtful = " is doubtful" if line is not None else ""
        said.append(f"{column.name} ({column.means}){doubtful}: {why}")
    return said


def _refused(draft: Draft, refused: Mapping[str, str]) -> list[str]:
    """Why columns that are named so serve for nothing, but for those that are missing."""
    have = {line.column for line in draft.lines}
    required = {c.name for c in contract(draft.table).required}
    used = {line.theirs for line in draft.lines}
    return [
        f"{column}: {why}."
        for column, why in refused.items()
        if column not in have | required and not any(quoted(u) in why for u in used if u)
    ]


def _customers(draft: Draft, profiles: Mapping[str, Profile]) -> Draft:
    """A tier may be what also serves as a segment; a day of leaving needs one of coming."""
    if any(line.column == "tier" for line in draft.lines):
        return draft
    for line in draft.lines:
        profile = profiles.get(line.theirs)
        if line.column != "segment" or profile is None or not 2 <= profile.distinct <= 8:
            continue
        if fit_of("customers", "tier", profile.name):
            why = f"few values, {listed(profile.values)}; it serves as segment, too"
            return draft.with_line(Line("tier", quoted(profile.name), "likely", why, profile.name))
    return draft


def _money(draft: Draft, profiles: Mapping[str, Profile]) -> Draft:
    """Amounts: net of tax, and in doubt where the file does not tell net from gross."""
    name = next(c for c in AMOUNTS if contract(draft.table).column(c))
    line = next((x for x in draft.lines if x.column == name), None)
    gross = [p for p in profiles.values() if fits(p.name, GROSS) and p.numbers]
    if line is None and gross:
        why = f"{quoted(gross[0].name)} is named gross, and net of tax is asked"
        return draft.with_line(Line(name, quoted(gross[0].name), "doubtful", why, gross[0].name))
    taxes = any(fits(p.name, TAX) and p.numbers for p in profiles.values())
    if line is None or not line.stands or draft.table != "transactions":
        return draft
    if has(line.theirs, "net") or any(fits(line.theirs, w) for w in ("netto", "excl/exkl", "ht")):
        return draft
    if taxes:
        why = f"there is a column of tax, and whether {quoted(line.theirs)} has it is not said"
        return _instead(draft, replace(line, certainty="doubtful", why=why))
    why = f"{line.why}; that it is net of tax is not said"
    return _instead(draft, replace(line, why=why))


def _instead(draft: Draft, line: Line) -> Draft:
    lines = tuple(line if each.column == line.column else each for each in draft.lines)
    return replace(draft, lines=lines)


def _transactions(draft: Draft, profiles: Mapping[str, Profile]) -> Draft:
    """Where no column has the amount of a line: pieces times their price, in a query."""
    draft = _money(draft, profiles)
    if any(line.column == "net_amount" and line.stands for line in draft.lines):
        return draft
    price = [p for p in profiles.values() if fits(p.name, PER_PIECE) and p.numbers]
    qty = next((x for x in draft.lines if x.column == "qty" and x.stands), None)
    if len(price) != 1 or qty is None or any(x.column == "net_amount" for x in draft.lines):
        return draft
    why = f"no column has the amount of a line, so {qty.theirs} times {price[0].name}"
    line = Line("net_amount", "", "likely", why, price[0].name, computed="qty * price")
    return draft.with_line(line)


def _contracts(draft: Draft, profiles: Mapping[str, Profile]) -> Draft:
    """The amount by its name is a month's, a quarter's or a year's, whatever bills are sent."""
    draft = _money(draft, profiles)
    amount = next((x for x in draft.lines if x.column == "recurring_amount"), None)
    if amount is None:
        return draft
    by_name = {"month": MONTHLY, "quarter": QUARTERLY, "year": YEARLY}
    said = [p for p, stems in by_name.items() if any(has(amount.theirs, s) for s in stems)]
    if len(said) != 1:
        return draft
    others = [x for x in draft.lines if x.column == "billing_period"]
    kept = tuple(x for x in draft.lines if x.column != "billing_period")
    draft = replace(draft, lines=kept)
    if others:
        note = f"{quoted(others[0].theirs)} says how often bills are sent, and not what " + (
            f"{quoted(amount.theirs)} covers, which is a {said[0]} by its name."
        )
        draft = replace(draft, notes=(*draft.notes, note))
    if said == ["month"]:
        rivals = [p.name for p in profiles.values() if any(has(p.name, s) for s in YEARLY)]
        if rivals and not amount.stands:
            why = f"by its name what a month costs, and {quoted(rivals[0])} what a year does"
            draft = _instead(draft, replace(amount, certainty="likely", why=why))
        return draft
    why = f"{quoted(amount.theirs)} is what a {said[0]} costs, by its name"
    return draft.with_line(
        Line("billing_period", f"{{ value = {quoted(said[0])} }}", "likely", why)
    )


def _surveys(draft: Draft, profiles: Mapping[str, Profile]) -> Draft:
    """Which question it was, by the name of the score or by its values."""
    draft = _one_question(_asked_when_answered(draft), profiles)
    score = next((x for x in draft.lines if x.column == "score"), None)
    if score is None or any(x.column == "instrument" and x.stands for x in draft.lines):
        return draft
    kept = tuple(x for x in draft.lines if x.column != "instrument")
    profile = profiles[score.theirs]
    instrument, certainty, why = _instrument(profile, draft.export.stem)
    if not instrument:
        why = f"values of {quoted(profile.name)} go from {profile.low:g} to {profile.high:g}; {why}"
        kept = (*kept, Line("instrument", '{ value = "nps" }', "doubtful", why))
        return replace(draft, lines=kept)
    constant = f"{{ value = {quoted(instrument)} }}"
    low, high = SCALES[instrument]
    fit = profile.low is not None and profile.high is not None
    if fit and (profile.low or 0) >= low and (profile.high or 0) <= high:
        sure = f"numbers from {profile.low:g} to {profile.high:g}, on the scale of {low} to {high}"
        score = replace(score, certainty=certainty, why=sure)
    else:
        note = f"Answers off the scale of {low} to {high} are left out and counted."
        draft = replace(draft, notes=(*draft.notes, note))
    lines = [score if x.column == "score" else x for x in kept]
    return replace(draft, lines=(*lines, Line("instrument", constant, certainty, why)))


def _one_question(draft: Draft, profiles: Mapping[str, Profile]) -> Draft:
    """Of several questions in a row the first of those we know, for a table has one a row."""
    asked = {}
    for instrument in SCALES:
        for name, profile in profiles.items():
            is_score = profile.numbers and fit_of("surveys", "score", name) >= STRONG
            if is_score and any(has(name, word) for word in _words_of(instrument)):
                asked[name] = instrument
    if len(asked) < 2:
        return draft
    first, *others = asked
    listed_others = ", ".join(quoted(name) for name in others)
    note = f"A row has one question; for {listed_others} as well, append these rows in a query."
    line = Line("score", quoted(first), "likely", f"named {quoted(first)}", first)
    kept = tuple(x for x in draft.lines if x.column != "score" and x.theirs not in asked)
    return replace(draft, lines=(*kept, line), notes=(*draft.notes, note))


def _asked_when_answered(draft: Draft) -> Draft:
    """Where only the moment of answering is known, it stands for that of asking."""
    columns = {line.column: line for line in draft.lines}
    if "sent_at" in columns or "answered_at" not in columns:
        return draft
    answered = columns["answered_at"]
    why = f"{answered.why}; who was asked and did not answer is not in this file"
    lines = [line for line in draft.lines if line.column != "answered_at"]
    return replace(draft, lines=(*lines, replace(answered, column="sent_at", why=why)))


def _instrument(profile: Profile, stem: str) -> tuple[str, Certainty, str]:
    """The instrument of a score, how certain that is and why; empty where it is not known."""
    for name in (profile.name, stem):
        for instrument in SCALES:
            if any(has(name, word) for word in _words_of(instrument)):
                return (
                    instrument,
                    "certain" if _on(profile, instrument) else "likely",
                    (f"named {quoted(name)}"),
                )
    low, high = profile.low or 0, profile.high or 0
    if profile.whole and low >= 0 and 7 < high <= 10:
        return "nps", "likely", "whole numbers from 0 to 10"
    if profile.whole and low >= 1 and 3 < high <= 5:
        return "csat", "likely", "whole numbers from 1 to 5"
    return "", "doubtful", "say nps, csat or ces"


def _words_of(instrument: str) -> list[str]:
    return MEANINGS["surveys.instrument"][instrument].split()


def _on(profile: Profile, instrument: str) -> bool:
    """Whether all its values are on the instrument's scale."""
    low, high = SCALES[instrument]
    return profile.whole and low <= (profile.low or 0) and (profile.high or 0) <= high


def of_tickets(contacts: Draft) -> Draft | None:
    """The answers that contacts were rated with, as surveys of their own; None without any."""
    if not contacts.stands:
        return None
    free = {n: p for n, p in contacts.profiles.items() if n not in _used(contacts) and p.numbers}
    scores = [p for n, p in free.items() if fit_of("surveys", "score", n) >= STRONG]
    if len(scores) != 1:
        return None
    mapped = contacts.mapped
    asked = mapped.get("resolved_at") or mapped["opened_at"]
    why = f"the day of {asked.column} of the contact, for it has none of its own"
    filled = contacts.profiles[asked.theirs]
    if filled.filled < filled.rows:
        asked, why = mapped["opened_at"], "when the contact began, for not all have an end"
    profile = scores[0]
    lines = [
        replace(mapped["customer_id"], column="customer_id"),
        Line("sent_at", asked.says, "likely", why, asked.theirs),
        Line(
            "score", quoted(profile.name), "likely", f"named {quoted(profile.name)}", profile.name
        ),
        Line("kind", '{ value = "transactional" }', "certain", "asked about a contact"),
    ]
    if "interaction_id" in mapped:
        lines.insert(0, replace(mapped["interaction_id"], column="invite_id"))
    draft = Draft("surveys", contacts.export, contacts.profiles, tuple(lines))
    draft = with_writing(_surveys(draft, contacts.profiles))
    return replace(draft, missing=tuple(_missing(draft, contract("surveys"), {})))


def _used(draft: Draft) -> set[str]:
    return {line.theirs for line in draft.lines if line.stands}


_SPECIAL: dict[str, Callable[[Draft, Mapping[str, Profile]], Draft]] = {
    "customers": _customers,
    "transactions": _transactions,
    "contracts": _contracts,
    "costs": _money,
    "surveys": _surveys,
}
