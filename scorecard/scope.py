"""Scope: who is named in a finished document although they may not be.

Every owner, executive, team and customer of the company is looked for in the
text of the finished PDF and in the figures inside it. Customers are looked up
in the facts plane, many documents at a time; none of them is fetched but those
that were found.

What is called like a word that everybody reads, such as a customer "October"
or a team "Support", cannot be told from it: such a one is no finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import ibis
import pyarrow as pa
from babel import Locale

from scorecard.facts import FEW, Facts
from scorecard.metric import Metric
from scorecard.names import (
    BETWEEN,
    KEY_LENGTH,
    Names,
    keys,
    known_as,
    known_in,
    plain,
    words,
)
from scorecard.naming import Scope
from scorecard.strategy import Strategy

_TAG = re.compile(r"\{[{%#].*?[}%#]\}|<[^>]*>", re.DOTALL)
_LONGEST_DECLARED = 8
"""Words of a name that may be declared as a whole."""
_FEWEST_SIGNS = 2
"""A customer's name with fewer letters and digits is not looked for."""


@dataclass(frozen=True)
class Printed:
    """The text of a finished PDF, its figures included, and whom it may name."""

    text: str
    scope: Scope


class Watch:
    """Looks for those who do not belong in a document. Made once for many documents.

    What stands in `shipped` templates counts as said to everybody; of a
    project's `own` templates only words that are no names.
    """

    def __init__(
        self, facts: Facts, strategy: Strategy, metrics: Mapping[str, Metric],
        locale: str, shipped: Path, own: Path | None,
    ) -> None:  # fmt: skip
        everybody = [o.name for o in strategy.owners] + [e.name for e in strategy.executives]
        self._people = Names(everybody)
        self._teams = Names(team.name for team in strategy.teams)
        declared = [*_declared(strategy, metrics, locale), *_templates(shipped)]
        self._declared = _known(declared, _LONGEST_DECLARED)
        written = [*_written(strategy), *(_templates(own) if own else ())]
        self._common = {
            word for text in (*declared, *written) for word in words(text, as_printed=True)
            if word == word.lower()
        }  # fmt: skip
        self._customers = Customers(facts)

    def foreign(self, documents: Sequence[Printed]) -> list[list[str]]:
        """For each document, whom it names and may not; empty lists are good."""
        customers = self._customers.named([d.text for d in documents])
        return [self._foreign(d, named) for d, named in zip(documents, customers, strict=True)]

    @property
    def looked_for(self) -> dict[str, int]:
        """How many people, teams and customers were looked for."""
        return {
            "people": len(self._people), "teams": len(self._teams),
            "customers": self._customers.count,
        }  # fmt: skip

    def _foreign(self, document: Printed, customers: Mapping[str, str]) -> list[str]:
        own = _Own(document.scope)
        people = self._people.found(document.text) - document.scope.people
        teams = self._teams.found(document.text) - document.scope.teams
        found = [n for n in sorted(people) if not self._excused(n, plain(n), own.names)]
        found += [
            n for n in sorted(teams) if not self._excused(n, plain(n), own.names, self._declared)
        ]
        found += [
            n for n, known in sorted(customers.items())
            if not self._excused(n, known, own.names, self._declared) and known not in own.words
        ]  # fmt: skip
        return list(dict.fromkeys(found))

    def _excused(self, name: str, known: str, *own: Set[str]) -> bool:
        """Whether it is, or stands inside of, a name of the document's own; or is a common word."""
        said = words(name, as_printed=True)
        cased = name.lower() != name.upper()
        common = len(said) == 1 and cased and said[0].lower() in self._common
        return common or any(known in names for names in own)


class _Own:
    """What belongs in one document, worked out when it is asked for."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    @cached_property
    def names(self) -> set[str]:
        """Its own names, and what stands inside of them."""
        scope = self._scope
        return _known([*scope.customers, *scope.titles, *scope.people, *scope.teams])

    @cached_property
    def words(self) -> set[str]:
        return {word for text in self._scope.wording for word in words(text)}


class Customers:
    """The customers as the facts have them, found by name; those without one by their id."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        table = facts.customers
        ids = table.select(name=table.customer_id.cast("string"))
        known = [ids.filter(ids.name.re_search("[A-Za-z]"))]
        if facts.has("customers.name"):
            known.append(table.select(name=table.name).filter(table.name.notnull()))
        names = ibis.union(*known, distinct=True) if len(known) > 1 else known[0]
        self.count = int(facts.answer(names.agg(n=names.count()))[0]["n"])
        keyed = names.mutate(key=names.name.re_replace(BETWEEN, "").lower().left(KEY_LENGTH))
        few = self.count <= FEW
        self._names = facts.shared(("names of customers",), lambda: keyed) if few else keyed

    def named(self, texts: Sequence[str]) -> list[dict[str, str]]:
        """For each text the customers that it names, with what they are known as."""
        said = [keys(text) for text in texts]
        wanted = sorted(set().union(*said))
        if not wanted or not self.count:
            return [{} for _ in texts]
        asked = ibis.memtable(pa.table({"key": wanted}))
        rows = self._facts.answer(self._names.semi_join(asked, "key"))
        found = [
            (row["name"], row["key"], known_as(row["name"], row["key"]))
            for row in rows
            if _can_be_told(row["name"])
        ]
        return [
            {
                name: known for name, key, known in found
                if key in each and (len(key) >= KEY_LENGTH or known in each[key])
            }
            for each in said
        ]  # fmt: skip


def _can_be_told(name: str) -> bool:
    """Whether a name is one when it is read: a figure or a single letter is not."""
    signs = [sign for sign in name if sign.isalnum()]
    return len(signs) >= _FEWEST_SIGNS and any(sign.isalpha() for sign in signs)


def _known(texts: Iterable[str], *most: int) -> set[str]:
    return set().union(*(known_in(text, *most) for text in texts))


def _declared(strategy: Strategy, metrics: Mapping[str, Metric], locale: str) -> Iterator[str]:
    """What is declared for everybody to read: metrics, tiers, offers, the calendar."""
    for metric in metrics.values():
        yield from (metric.label, metric.harm, metric.doc)
    for tier in strategy.plan.tiers:
        yield from (tier.label, tier.needs, tier.alternatives)
    for offer in strategy.offers:
        yield from (offer.id, offer.name)
    calendar = Locale.parse(locale)
    for width in ("wide", "abbreviated"):
        yield from calendar.months["format"][width].values()
        yield from calendar.days["format"][width].values()


def _templates(folder: Path) -> Iterator[str]:
    for file in sorted(folder.rglob("*.html")):
        yield _TAG.sub(" ", file.read_text(encoding="utf-8"))


def _written(strategy: Strategy) -> Iterator[str]:
    """What people wrote into the strategy in their own words."""
    for owner in strategy.owners:
        yield from (owner.role, owner.purpose)
    for stance in strategy.stances:
        yield stance.trade_off
        yield from (source.ref for source in stance.funded_by)
