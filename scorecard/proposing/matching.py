"""Matching: which column of an export is which of a table's, by its name and its values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from babel.numbers import is_currency

from scorecard.facts.contracts import Column, Contract
from scorecard.proposing.draft import Certainty, Line
from scorecard.proposing.names import STRONG, WEAK, fits
from scorecard.proposing.profile import Profile
from scorecard.proposing.translations import allowed, translated
from scorecard.proposing.vocabulary import NEVER, OTHERS, VOCABULARY, WHO

OWN = STRONG + 1
"""How well a name fits that is the contract's own."""
NEARLY = 0.98
"""Share of different values from which on a column numbers rows, though a few repeat."""
MOST_TIERS = 12
GROUPS = ("tier", "segment", "niche", "channel", "status", "class", "team")
"""Columns of texts that many rows have in common."""
REASONS = ("reason_code", "closed_reason", "reason")
MOST_REASONS = 50
NUMBERS = ("decimal(18,4)", "float64")


@dataclass(frozen=True)
class Match:
    """A column of an export that may be a contract's: how well its name fits, and what is known."""

    column: Column
    profile: Profile
    fit: int
    certainty: Certainty
    why: str
    says: str = ""

    def line(self) -> Line:
        says = self.says or quoted(self.profile.name)
        return Line(self.column.name, says, self.certainty, self.why, self.profile.name)


BY_HAND = {"order_id"}
"""Columns that are mapped by hand: the order number of an export is most often that of its rows."""


def quoted(text: str) -> str:
    """A text in TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    escaped = "".join(s if s >= " " and s != "\x7f" else f"\\u{ord(s):04x}" for s in escaped)
    return f'"{escaped}"'


def fit_of(table: str, column: str, name: str) -> int:
    """How well the name of an export's column fits a contract's column, 0 to OWN."""
    if column in BY_HAND:
        return 0
    if name.casefold() == column:
        return OWN
    if column in NEVER and fits(name, NEVER[column]):
        return 0
    if column == "customer_id" and not is_customers(name):
        return 0
    words = VOCABULARY.get(table)
    return fits(name, words.columns.get(column, "")) if words else 0


def is_customers(name: str) -> bool:
    """Whether a number's name does not say that it is of an order, a ticket or the like."""
    return bool(fits(name, WHO)) or not fits(name, OTHERS)


def matches(
    wanted: Contract, profiles: Mapping[str, Profile], known: Callable[[str], float | None]
) -> tuple[list[Match], dict[str, str]]:
    """The best matches, each column of the export in one of them, and by contract column why one
    that is named so does not do.

    `known` says which share of a column's values are numbers of customers; None: nobody knows.
    """
    found: list[Match] = []
    refused: dict[str, str] = {}
    for column in wanted.columns:
        for profile in profiles.values():
            fit = fit_of(wanted.table, column.name, profile.name)
            if not fit:
                continue
            if why := unfit(wanted, column, profile):
                refused.setdefault(column.name, why)
            else:
                found.append(judged(wanted, column, profile, fit, known))
    order = {c.name: i for i, c in enumerate(wanted.columns)}
    places = {name: i for i, name in enumerate(profiles)}
    found.sort(
        key=lambda m: (-m.fit, not m.column.required, order[m.column.name], places[m.profile.name])
    )
    taken: dict[str, Match] = {}
    used: set[str] = set()
    for match in found:
        if match.column.name not in taken and match.profile.name not in used:
            taken[match.column.name] = match
            used.add(match.profile.name)
    return [_among_rivals(m, found, used) for m in taken.values()], refused


def _among_rivals(match: Match, found: Iterable[Match], used: set[str]) -> Match:
    """The match, doubtful where another column that serves for nothing else fits as well."""
    others = [
        m.profile.name
        for m in found
        if m.column.name == match.column.name and m.fit == match.fit and m.profile.name not in used
    ]
    if not others or match.certainty == "certain" or match.fit == OWN:
        return match
    rivals = " or ".join(quoted(name) for name in others[:3])
    return Match(
        match.column,
        match.profile,
        match.fit,
        "doubtful",
        f"it may as well be {rivals}",
        match.says,
    )


def unfit(wanted: Contract, column: Column, profile: Profile) -> str:
    """Why a column's values cannot be a contract column's; empty where they can."""
    named = quoted(profile.name)
    if not profile.filled:
        return f"{named} is empty in every row"
    example = f"for example {quoted(profile.example)}"
    if column.type in ("date", "timestamp"):
        kind = "days" if column.type == "date" else "moments"
        return "" if profile.dated else f"not all values of {named} are {kind}, {example}"
    if column.type in NUMBERS:
        is_day = profile.kind == "text" and profile.dated and profile.pointed
        fit = profile.numbers and not is_day
        return "" if fit else f"not all values of {named} are numbers, {example}"
    if column.type == "boolean":
        return "" if profile.truth else f"not all values of {named} are true or false"
    if profile.dated and (profile.kind != "text" or not profile.numbers):
        return f"the values of {named} are days"
    if wanted.key == (column.name,):
        return _no_key(wanted, profile)
    if column.name in GROUPS and profile.numbers and not profile.values:
        return f"the values of {named} are numbers, {example}"
    if column.name in REASONS and profile.distinct > max(MOST_REASONS, profile.rows // 5):
        return f"{named} has {profile.distinct:,} different values, too many for reasons"
    if column.name == "currency" and not all(is_currency(v.strip()) for v in profile.values):
        return f"not all values of {named} are currencies, {example}"
    if column.name == "customer_id" and profile.distinct < 2 < profile.rows:
        return f"{named} has the same value in every row"
    if column.name == "tier" and profile.numbers and not profile.whole:
        return f"the values of {named} are numbers, {example}"
    if column.name == "tier" and not 2 <= profile.distinct <= MOST_TIERS:
        return f"{named} has {profile.distinct:,} different values, too few or many for tiers"
    if allowed(column) and not profile.values:
        return f"{named} has {profile.distinct:,} different values"
    return ""


def _no_key(wanted: Contract, profile: Profile) -> str:
    if profile.unique:
        return ""
    named = quoted(profile.name)
    if profile.filled < profile.rows and wanted.table == "customers":
        return f"{named} is empty in {profile.rows - profile.filled:,} rows"
    if wanted.table != "customers" and profile.distinct >= NEARLY * profile.rows:
        return ""
    return f"{named} has {profile.distinct:,} different values in {profile.rows:,} rows"


def judged(
    wanted: Contract,
    column: Column,
    profile: Profile,
    fit: int,
    known: Callable[[str], float | None],
) -> Match:
    """A match with its certainty and reason."""
    if column.name == "customer_id" and wanted.table != "customers":
        return _customer(wanted, column, profile, fit, known(profile.name))
    named = _named(column, profile, fit)
    if wanted.key == (column.name,):
        return Match(column, profile, fit, *_key(profile, named))
    if allowed(column):
        return _translated(wanted.table, column, profile, fit, named)
    if column.type in ("date", "timestamp"):
        kind = "moments" if profile.timed else "days"
        return Match(column, profile, fit, "likely", f"{named}, all values are {kind}")
    if profile.values and column.name in GROUPS:
        return Match(column, profile, fit, "likely", f"{named}; {listed(profile.values)}")
    if column.type in NUMBERS:
        ends = f"numbers from {profile.low:g} to {profile.high:g}"
        return Match(column, profile, fit, "likely", f"{named}, {ends}")
    return Match(column, profile, fit, "likely", f"{named}")


def _named(column: Column, profile: Profile, fit: int) -> str:
    if profile.name == column.name:
        return "it has this name"
    return f"{'no other column fits:' if fit == WEAK else 'named'} {quoted(profile.name)}"


def listed(values: tuple[str, ...]) -> str:
    """The values of a column in few words."""
    shown = ", ".join(values[:5])
    more = f" and {len(values) - 5} more" if len(values) > 5 else ""
    return f"{shown}{more}"


def _key(profile: Profile, named: str) -> tuple[Certainty, str]:
    if profile.unique:
        return "certain", f"{profile.rows:,} rows, each with a value of its own"
    again = profile.filled - profile.distinct
    return "likely", f"{named}; {again:,} of {profile.rows:,} rows repeat a value"


def _customer(
    wanted: Contract, column: Column, profile: Profile, fit: int, share: float | None
) -> Match:
    named = _named(column, profile, fit)
    if share is None and fit == WEAK and wanted.table == "costs":
        why = f"{quoted(profile.name)} may be one of the books, and no customer"
        return Match(column, profile, fit, "doubtful", why)
    if share is None:
        return Match(column, profile, fit, "likely", named)
    if share == 1:
        return Match(column, profile, fit, "certain", "every value is in customers.customer_id")
    percent = f"{100 * share:.0f} %"
    if share == 0:
        why = f"{named}, but no value is in customers.customer_id"
        return Match(column, profile, fit, "doubtful", why)
    why = f"{named}; {percent} of its values are in customers.customer_id"
    return Match(column, profile, fit, "likely", why)


def _translated(table: str, column: Column, profile: Profile, fit: int, named: str) -> Match:
    """A column of which few words are known, with those of the export translated."""
    known, strange = translated(table, column, profile)
    says = ""
    if known:
        pairs = ", ".join(f"{quoted(theirs)} = {quoted(ours)}" for theirs, ours in known.items())
        says = f"{{ from = {quoted(profile.name)}, values = {{ {pairs} }} }}"
    if strange:
        why = f"what {listed(tuple(strange))} mean is not known"
        if profile.name == column.name:
            why += ", and it is read by its own name all the same: translate them"
        return Match(column, profile, fit, "doubtful", why, says)
    if not known:
        return Match(column, profile, fit, "certain", "all values are known words", says)
    return Match(column, profile, fit, "likely", f"{named}; {listed(profile.values)}", says)
