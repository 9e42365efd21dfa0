"""Scope: who is named in a finished document although they may not be.

Every owner, executive, team and customer of the company is looked for in the
text of the finished PDF and in the figures inside it. Customers are looked up
in the facts plane, many documents at a time; none of them is fetched but those
that were found.

What is called like a word that everybody reads, such as a customer "October"
or a team "Support", cannot be told from it: such a one is no finding. Nor is a
customer called like a word that the project's settings list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import ibis
import pyarrow as pa
from babel import Locale

from scorecard.definitions.metric import Metric
from scorecard.facts.tables import FEW, Facts
from scorecard.printing.allowed_names import AllowedNames
from scorecard.printing.name_search import (
    BETWEEN,
    KEY_LENGTH,
    Names,
    even,
    keys,
    known_as,
    known_in,
    plain,
    readings,
    standing,
    words,
)
from scorecard.project.settings import is_word
from scorecard.strategy.model import Strategy

_TAG = re.compile(r"\{[{%#].*?[}%#]\}|<[^>]*>", re.DOTALL)
_QUOTED = re.compile(r'"([^"\n]*)"')
_INSIDE = re.compile(r"(?:[^\W_]|[,&/’'-])[^\S\n]+$|,\s+$")
"""What stands before a word inside of a sentence; a line may begin with another one."""
_NEAR = 8
_LONGEST_DECLARED = 8
"""Words of a name that may be declared as a whole."""
_FEWEST_SIGNS = 2
"""A customer's name with fewer letters and digits is not looked for."""


@dataclass(frozen=True)
class PrintedText:
    """The text of a finished PDF, its figures included, and whom it may name."""

    text: str
    scope: AllowedNames


class LeakCheck:
    """Looks for those who do not belong in a document. Made once for many documents.

    What stands in `shipped` templates counts as said to everybody; of a
    project's `own` templates only words that are no names. Customers called
    like one of the words that are `meant` are not looked for.
    """

    def __init__(
        self,
        facts: Facts,
        strategy: Strategy,
        metrics: Mapping[str, Metric],
        locale: str,
        shipped: Path,
        own: Path | None,
        meant: Iterable[str] = (),
    ) -> None:
        self._meant = {plain(word) for word in meant}
        everybody = [o.name for o in strategy.owners] + [e.name for e in strategy.executives]
        self._people = Names(everybody)
        self._teams = Names(team.name for team in strategy.teams)
        declared = [*_declared(strategy, metrics, locale), *_templates(shipped)]
        self._declared = _known(declared, _LONGEST_DECLARED)
        written = [*_written(strategy), *(_templates(own) if own else ())]
        self._common = _small([*declared, *written])
        self._customers = Customers(facts)

    def foreign(self, documents: Sequence[PrintedText]) -> list[list[str]]:
        """For each document, whom it names and may not; empty lists are good."""
        customers = self._customers.named([d.text for d in documents])
        return [self._foreign(d, named) for d, named in zip(documents, customers, strict=True)]

    def problem(self, name: str) -> str:
        """A finding in words, with the remedy where a customer is called like a word."""
        remedy = "; if the word is meant, add it to words in [tool.scorecard]"
        may_be_meant = is_word(name) and name not in self._people and name not in self._teams
        said = f'"{name}" is printed and does not belong here'
        return said + remedy if may_be_meant else said

    @property
    def looked_for(self) -> dict[str, int]:
        """How many people, teams and customers were looked for."""
        return {
            "people": len(self._people),
            "teams": len(self._teams),
            "customers": self._customers.count,
        }

    def _foreign(self, document: PrintedText, customers: Mapping[str, str]) -> list[str]:
        text, scope, own = document.text, document.scope, _Own(document)
        people = self._people.found(text) - scope.people
        teams = self._teams.found(text) - scope.teams
        found = [name for name in sorted(people) if not self._excused(name, plain(name), own)]
        found += [
            name
            for name in sorted(teams)
            if not self._excused(name, plain(name), own) and plain(name) not in self._declared
        ]
        found += [
            name
            for name, known in sorted(customers.items())
            if not self._excused(name, known, own)
            and known not in self._declared
            and known not in own.words
            and plain(name) not in self._meant
        ]
        return list(dict.fromkeys(found))

    def _excused(self, name: str, known: str, own: _Own) -> bool:
        """Whether it is a common word, or stands inside of one of the document's own names."""
        return known in own.names or (
            len(words(name)) == 1
            and name.lower() != name.upper()
            and not own.prints_name(name, self._common)
        )


class _Own:
    """What a document itself has to do with, worked out when it is asked for."""

    def __init__(self, document: PrintedText) -> None:
        self._scope = document.scope
        self._printed = "\n".join([document.text, *document.scope.written])

    @cached_property
    def names(self) -> set[str]:
        """Its own names, and what stands inside of them, but for the small words of a title."""
        scope = self._scope
        titles = _known(scope.titles) - _small(scope.titles)
        return titles | _known([*scope.customers, *scope.people, *scope.teams])

    @cached_property
    def words(self) -> set[str]:
        return {word for text in self._scope.wording for word in words(text)}

    @cached_property
    def _text(self) -> str:
        return "\n".join(map(even, readings(self._printed)))

    @cached_property
    def _places(self) -> dict[str, list[re.Match[str]]]:
        """Where each word stands in the text."""
        places: dict[str, list[re.Match[str]]] = {}
        for match in standing(self._text):
            places.setdefault(match.group().casefold(), []).append(match)
        return places

    def prints_name(self, name: str, common: Set[str]) -> bool:
        """Whether a name of one word is printed as a name, and not as the common word it may be.

        It is one with a large letter inside of a sentence, and anywhere else
        where the word is not common. What was cut short stands nowhere, and is no word.
        """
        (word,) = words(name, as_printed=True)
        places = self._places.get(word.casefold(), [])
        for match in places:
            large = match.group() != match.group().lower()
            before = self._text[max(match.start() - _NEAR, 0) : match.start()]
            if large and _INSIDE.search(before):
                return True
            if (large or match.group() == word) and word.lower() not in common:
                return True
        return not places


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
            _Found(row["name"], row["key"], known_as(row["name"], row["key"]))
            for row in rows
            if _can_be_told(row["name"])
        ]
        return [_in(text, each, found) for text, each in zip(texts, said, strict=True)]


class _Found(NamedTuple):
    """A customer whose key is in some text, and what it is known as."""

    name: str
    key: str
    known: str


def _in(text: str, said: Mapping[str, set[str]], found: Iterable[_Found]) -> dict[str, str]:
    """Those of the customers who are in a text that makes those keys.

    Of long names with one beginning those that are printed in full; where
    none is, one of them was cut short.
    """
    short = {f.name: f.known for f in found if f.known in said.get(f.key, ())}
    long = [f for f in found if f.key in said and len(f.key) >= KEY_LENGTH]
    whole = f" {' '.join(words(text))} " if long else ""
    full = [f for f in long if f" {plain(f.name)} " in whole]
    told = {f.key for f in full}
    return short | {f.name: f.known for f in (*full, *(f for f in long if f.key not in told))}


def _can_be_told(name: str) -> bool:
    """Whether a name is one when it is read: a figure or a single letter is not."""
    signs = [sign for sign in name if sign.isalnum()]
    return len(signs) >= _FEWEST_SIGNS and any(sign.isalpha() for sign in signs)


def _known(texts: Iterable[str], *most: int) -> set[str]:
    return set().union(*(known_in(text, *most) for text in texts))


def _small(texts: Iterable[str]) -> set[str]:
    """The words of the texts that are printed in small letters."""
    said = (word for text in texts for word in words(text, as_printed=True))
    return {word for word in said if word == word.lower()}


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
    """What templates print by themselves: between their marks, and in texts inside of these."""
    for file in sorted(f for f in folder.rglob("*") if f.suffix in (".html", ".css", ".j2")):
        text = file.read_text(encoding="utf-8")
        yield _TAG.sub(" ", text)
        yield from _QUOTED.findall(text)


def _written(strategy: Strategy) -> Iterator[str]:
    """What people wrote into the strategy in their own words."""
    for owner in strategy.owners:
        yield from (owner.role, owner.purpose)
    for card in (*([strategy.brand] if strategy.brand else ()), *strategy.offers):
        yield from (card.promise, card.problem, card.niches, card.ideal_customer, card.offers)
    for stance in strategy.stances:
        yield stance.trade_off
        yield from (source.ref for source in stance.funded_by)
