"""The reader of a proposal's file: what it says as a `Proposal`, and all that it does not say.

Every item of the gate is a key or a table of its own, and any but those that always apply may
be written as "n/a: …" with a reason. A fault of a table is listed under its item.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, cast

from scorecard.answering.proposal import (
    BRAND,
    ITEMS,
    NEVER_NA,
    REASON_WORDS,
    TOUCHES,
    UNREADABLE,
    Experience,
    Inquiry,
    Missing,
    Profit,
    Proposal,
    reason_given,
)
from scorecard.base.findings import Finding
from scorecard.base.toml_file import Entry
from scorecard.base.toml_top import TopFile
from scorecard.definitions.metric import Metric
from scorecard.definitions.units import read_limit
from scorecard.errors import StrategyError
from scorecard.strategy.amounts import amount_per_month, signed_per_month
from scorecard.strategy.model import Strategy
from scorecard.strategy.stance_reader import FUNDINGS
from scorecard.strategy.tier_reader import PROOFS

TABLES = ("customers", "experience", "profit", "promise", "stance", "paid_by", "asked", "review")
EXAMPLES = {
    "title": 'title = "…"',
    "owner": 'owner = "…", one of the strategy',
    "customers": '[customers] with tiers = ["…"], niche = "…" and count = 40',
    "experience": "[[experience]] with metric, tier, from and to",
    "profit": '[[profit]] with tier, per_customer = "4 EUR/month", by and assumption',
    "promise": '[promise] with of = "brand" or an offer, and how it is touched',
    "stance": f'[stance] with of = "metric/tier" and effect = "{TOUCHES[0]}"',
    "paid_by": "[[paid_by]] with willingness = … and on, or charge, weakness or another funding",
    "asked": '[[asked]] with who = "…" and on = 2026-01-31',
    "worse_off": 'worse_off = "…", and what they lose',
    "review": '[review] with measure = "metric/tier" and on = 2027-01-31',
}
"""How each item is written, as those read it who have left it out."""
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
T = TypeVar("T")


@dataclass(frozen=True)
class Read:
    """A proposal as far as it could be read, and why it cannot pass."""

    proposal: Proposal
    missing: tuple[Missing, ...]


def read_proposal(
    path: Path, strategy: Strategy, metrics: Mapping[str, Metric], currency: str
) -> Read:
    """Read the file; `currency` is the ISO code that amounts are written in.

    A file that cannot be read at all misses nothing but that.
    """
    reader = _Reader(TopFile(path), strategy, metrics, currency)
    return reader.read(path.stem)


class _Reader:
    """Reads one file once; entries are remembered by item, so that faults are listed under it."""

    def __init__(
        self, file: TopFile, strategy: Strategy, metrics: Mapping[str, Metric], currency: str
    ) -> None:
        self.file, self.strategy, self.metrics, self.currency = file, strategy, metrics, currency
        self.entries: dict[str, list[Entry]] = {}
        self.na: dict[str, str] = {}
        self.no_reason: set[str] = set()

    def read(self, name: str) -> Read:
        if self.file.data is None:
            found = self.file.findings()
            return Read(Proposal(name), tuple(Missing(UNREADABLE, str(f)) for f in found))
        said = {k for k in TABLES if isinstance(self.file.data.get(k), str)}
        top = self.file.top([k for k in TABLES if k not in said])
        self.entries[""] = [top]
        if not _SLUG.fullmatch(name):
            top.note(
                "wrong_name",
                f'"{name}" names a proposal, so it may hold small letters, digits and single '
                'hyphens only; rename the file as "second-shift.toml".',
            )
        for item in (*TABLES, "worse_off"):
            if item in said or item == "worse_off":
                self._applicable(top, item)
        proposal = self._proposal(name, top, said)
        faults = self.file.findings()
        return Read(proposal, (*self._faulty(faults), *self._absent(proposal)))

    def _applicable(self, top: Entry, item: str) -> None:
        """Note that an item does not apply, and why."""
        text = self.file.data.get(item) if self.file.data else None
        if item in TABLES:
            top.raw(item)
        reason = reason_given(text) if isinstance(text, str) else None
        if reason and item not in NEVER_NA:
            self.na[item] = reason
        elif reason is not None or item in TABLES:
            self.no_reason.add(item)

    def _proposal(self, name: str, top: Entry, said: set[str]) -> Proposal:
        worse = top.prose("worse_off")
        read = Proposal(
            name,
            title=top.text("title"),
            owner=top.reference("owner", "owner", self.strategy.owner_ids),
            experience=tuple(self._many("experience", said, self._experience)),
            profit=tuple(self._many("profit", said, self._profit)),
            paid_by=tuple(self._many("paid_by", said, self._source)),
            asked=tuple(self._many("asked", said, self._inquiry)),
            worse_off="" if reason_given(worse) is not None else worse,
        )
        read = self._customers(read, said)
        read = self._touched(read, said)
        review = self._one("review", said)
        if review is not None:
            measure, on = self._key(review, "measure"), review.day("on", required=True)
            read = replace(read, measure=measure, review_on=on)
        return replace(read, na=tuple(self.na.items()))

    def _one(self, item: str, said: set[str]) -> Entry | None:
        if item in said or item not in (self.file.data or {}):
            return None
        entry = self.file.one(item)
        if not entry.values:
            return None
        self.entries[item] = [entry]
        return entry

    def _many(self, item: str, said: set[str], read: Callable[[Entry], T | None]) -> Iterator[T]:
        if item in said:
            return
        entries = self.file.many(item, lambda v: "/".join(_named(v)))
        self.entries[item] = entries
        seen: set[tuple[str, ...]] = set()
        for entry in entries:
            value, name = read(entry), tuple(_named(entry.values))
            if name and name in seen and item in ("experience", "profit"):
                entry.note("duplicate", f"{'/'.join(name)} is there twice; remove one of them.")
            seen.add(name)
            if value is not None and entry.sound:
                yield value

    def _customers(self, read: Proposal, said: set[str]) -> Proposal:
        entry = self._one("customers", said)
        if entry is None:
            return read
        plan = self.strategy.plan
        tiers = [t for t in entry.texts("tiers") if entry.is_declared(t, "tier", plan.ids, "tiers")]
        if entry.raw("tiers") in (None, []):
            entry.note("missing_field", 'No tier is named; add tiers = ["…"].', "tiers")
        niche, count = entry.text("niche", required=True), entry.whole("count", 0)
        if reason_given(niche) == "":
            entry.note("no_reason", f'niche {_SAY_WHY}, as in niche = "{_EXAMPLE}".', "niche")
        if entry.raw("count") is None:
            entry.note("missing_field", '"count" is missing; add count = 40.')
        return replace(read, tiers=tuple(dict.fromkeys(tiers)), niche=niche, count=count)

    def _touched(self, read: Proposal, said: set[str]) -> Proposal:
        promise = self._one("promise", said)
        if promise is not None:
            offers = (BRAND, *self.strategy.offer_ids)
            of = promise.reference("of", "promise", offers, required=True)
            promise.prose("how", required=True)
            read = replace(read, promise=of)
        stance = self._one("stance", said)
        if stance is not None:
            of, known = stance.text("of", required=True), {s.key for s in self.strategy.stances}
            touch = cast(Any, stance.choice("effect", TOUCHES, required=True))
            if of and stance.is_declared(of, "stance", known, "of"):
                read = replace(read, stance=of, touch=touch)
        return read

    def _experience(self, entry: Entry) -> Experience | None:
        metric = self.metrics.get(entry.reference("metric", "metric", self.metrics, required=True))
        tier = self._tier(entry)
        was, to = (self._figure(entry, key, metric) for key in ("from", "to"))
        if metric is None or was is None or to is None:
            return None
        written = (str(entry.raw("from")), str(entry.raw("to")))
        return Experience(metric.name, tier, was, to, written)

    def _figure(self, entry: Entry, key: str, metric: Metric | None) -> float | None:
        value = entry.raw(key)
        if value is None:
            entry.note("missing_field", f'"{key}" is missing; add {key} = "…" with its unit.')
        if value is None or metric is None:
            return None
        try:
            return read_limit(value, metric.unit, self.currency)
        except StrategyError as error:
            entry.note("limit_unit", f"{key} {error}", key)
            return None

    def _profit(self, entry: Entry) -> Profit | None:
        tier, text = self._tier(entry), entry.text("per_customer", required=True)
        by, assumption = entry.day("by", required=True), entry.prose("assumption", required=True)
        amount = self._amount(entry, "per_customer", text, signed_per_month)
        if by is None or amount is None:
            return None
        return Profit(tier, amount, by, assumption, text)

    def _source(self, entry: Entry) -> str | None:
        kinds = ("willingness", *FUNDINGS)
        given = [(kind, ref) for kind in kinds if (ref := entry.text(kind))]
        if len(given) != 1:
            entry.note(
                "funding_form", f"A source must name exactly one of {', '.join(kinds)}; split it."
            )
            return None
        kind, ref = given[0]
        amount = entry.text("amount")
        if kind == "willingness":
            entry.choice("willingness", PROOFS)
            entry.day("on", required=True)
            return f"{ref}: {entry.text('amount', required=True)}"
        if kind == "weakness":
            entry.is_declared(ref, "stance", {s.key for s in self.strategy.stances}, "weakness")
        if amount:
            self._amount(entry, "amount", amount, amount_per_month)
        return f"{kind.replace('_', ' ')}: {ref}"

    def _inquiry(self, entry: Entry) -> Inquiry | None:
        who, on = entry.prose("who", required=True), entry.day("on", required=True)
        entry.prose("said")
        return None if on is None else Inquiry(who, on)

    def _tier(self, entry: Entry) -> str:
        return entry.reference("tier", "tier", self.strategy.plan.ids, required=True)

    def _key(self, entry: Entry, key: str) -> str:
        """A "metric/tier" of which both are declared; empty where not."""
        text = entry.text(key, required=True)
        metric, _, tier = text.partition("/")
        known = (
            text
            and entry.is_declared(metric, "metric", self.metrics, key)
            and entry.is_declared(tier, "tier", self.strategy.plan.ids, key)
        )
        return text if known else ""

    def _amount(
        self, entry: Entry, key: str, text: str, read: Callable[[str, str], float]
    ) -> float | None:
        try:
            return read(text, self.currency) if text else None
        except StrategyError as error:
            entry.note("amount_form", f"{key} {error}", key)
            return None

    def _faulty(self, faults: list[Finding]) -> Iterator[Missing]:
        """What is wrong with what is there, under the item in which it stands."""
        item_of = {
            id(f): item for item, all in self.entries.items() for e in all for f in e.findings
        }
        for fault in faults:
            item = item_of.get(id(fault), "")
            name = ITEMS.get(item) or ("owner" if fault.id == "unknown_owner" else UNREADABLE)
            yield Missing(name, str(fault))

    def _absent(self, read: Proposal) -> Iterator[Missing]:
        """The items that are not there, and those of which it is not said why."""
        written = {item for item, all in self.entries.items() if item and all}
        top = {"title": read.title, "owner": read.owner, "worse_off": read.worse_off}
        for item, name in ITEMS.items():
            if item in self.no_reason:
                never = "applies always" if item in NEVER_NA else _SAY_WHY
                yield Missing(name, f"{item} {never}; write {EXAMPLES[item]}.")
            elif item in self.na or item in written or top.get(item):
                continue
            elif item == "owner" and (self.file.data or {}).get("owner"):
                continue  # one that is not known, which is a fault of its own
            else:
                or_why = "" if item in NEVER_NA else f', or {item} = "n/a: …" with the reason'
                yield Missing(name, f"Add {EXAMPLES[item]}{or_why}.")


_SAY_WHY = f"does not say why, in {REASON_WORDS} words or more"
_EXAMPLE = "n/a: in every niche alike"


def _named(values: Mapping[str, Any]) -> list[str]:
    """The metric and tier of a table, as far as it says them."""
    return [str(values[k]) for k in ("metric", "tier") if values.get(k)]
