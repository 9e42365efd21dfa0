"""The leak check: people, teams and customers named in a PDF that may not name them.

Every owner, executive, team and customer of the company is searched for in the
text of the finished PDF and of its charts. Customers are searched for by the engine
that holds the facts, for many documents at a time; only names that were found are fetched.

Names that are also common words are skipped, such as a customer "October" or a
team "Support", and so are customers named like a word that the project's settings
list: they cannot be told from the word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from babel import Locale

from scorecard.base.bounds import is_word
from scorecard.base.template_files import read_inside
from scorecard.definitions.metric import Metric
from scorecard.facts.tables import FEW, Facts
from scorecard.printing.allowed_names import AllowedNames
from scorecard.printing.confusables import SCRIPTS, replaced
from scorecard.printing.name_match import is_begun, is_named
from scorecard.printing.name_search import (
    KEY_LENGTH,
    STEMS,
    KnownIn,
    Names,
    Solid,
    cuts,
    keys,
    known_as,
    known_in,
    plain,
)
from scorecard.printing.words import BETWEEN, even, readings, standing, words
from scorecard.strategy.model import Strategy

_TAG = re.compile(r"\{[{%#].*?[}%#]\}|<[^>]*>", re.DOTALL)
_QUOTED = re.compile(r'"([^"\n]*)"')
_MID_SENTENCE = re.compile(r"(?:[^\W_]|[,&/’'-])[^\S\n]+$|,\s+$")
"""Text that shows a following word not to begin a sentence, where it would have a capital anyway.

A line break is no such text, unless a comma precedes it: a new sentence may begin there.
"""
_TEXT_BEFORE = 8
"""Characters before a word that are searched for `_MID_SENTENCE`."""
_LONGEST_DECLARED = 8
"""Phrases of up to eight words of a declared text are not taken for names."""
_FEWEST_CHARACTERS = 2
"""A customer's name with fewer letters and digits is not searched for."""


@dataclass(frozen=True)
class PrintedText:
    """The text of a finished PDF, that of its charts included, and whom it may name."""

    text: str
    scope: AllowedNames


class LeakCheck:
    """Finds names that do not belong in a document. Made once for many documents.

    All text of the `shipped` templates may be printed for everybody; of a project's
    `own` templates only the words in small letters. Customers named like one of the
    `meant` words are not searched for.
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
        declared = [*_declared_texts(strategy, metrics, locale), *_template_texts(shipped)]
        self._declared = _known(declared, _LONGEST_DECLARED)
        written = [*_free_texts(strategy), *(_template_texts(own) if own else ())]
        self._common = _lower_case([*declared, *written])
        self._customers = Customers(facts)

    def foreign(self, documents: Sequence[PrintedText]) -> list[list[str]]:
        """For each document the names that it prints and may not; empty where it may be sent."""
        customers = self._customers.named([d.text for d in documents])
        return [self._foreign(d, named) for d, named in zip(documents, customers, strict=True)]

    def problem(self, name: str, where: str = "") -> str:
        """A finding in words, with the remedy where a customer is named like a word, and `where`
        it stands."""
        remedy = "; if the word is meant, add it to words in [tool.scorecard]"
        may_be_meant = is_word(name) and name not in self._people and name not in self._teams
        place = f" ({where})" if where else ""
        said = f'"{name}" is printed and does not belong here{place}'
        return said + remedy if may_be_meant else said

    @property
    def looked_for(self) -> dict[str, int]:
        """The numbers of people, teams and customers that are searched for."""
        return {
            "people": len(self._people),
            "teams": len(self._teams),
            "customers": self._customers.count,
        }

    def _foreign(self, document: PrintedText, customers: Mapping[str, str]) -> list[str]:
        text, scope, own = document.text, document.scope, _OwnWords(document)
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
            and not self._is_a_word_here(name, own)
        ]
        return list(dict.fromkeys(found))

    def _is_a_word_here(self, name: str, own: _OwnWords) -> bool:
        """Whether a name of several words stands only joined, as a word that may be printed: a
        customer "On Time" where "ontime" is meant."""
        joined = "".join(words(name))
        meant = joined in self._declared or joined in self._meant
        return meant and " " in plain(name) and not own.prints(plain(name))

    def _excused(self, name: str, known: str, own: _OwnWords) -> bool:
        """Whether it is printed as a common word, or is part of a name that may be printed.

        A name in a script without capitals is never taken for a common word.
        """
        return own.names(known) or (
            len(words(name)) == 1
            and name.lower() != name.upper()
            and not own.prints_name(name, self._common)
        )


def place_of(name: str, stated: Iterable[tuple[str, str]]) -> str:
    """In which of these texts, each with its place in words, a name stands that the page may not
    have; empty where it is the page's own."""
    alone = Names([name])
    places = dict.fromkeys(place for place, text in stated if alone.found(text))
    return "" if not places or "" in places else next(iter(places))


class _OwnWords:
    """The names and words that a document may print, computed when they are needed."""

    def __init__(self, document: PrintedText) -> None:
        self._scope = document.scope
        self._printed = "\n".join([document.text, *document.scope.written])

    def names(self, known: str) -> bool:
        """Whether it is a name that may be printed, or a part of one, but for small words of
        titles."""
        return known in self._named or (known in self._titles and known not in self._small)

    @cached_property
    def _named(self) -> KnownIn:
        scope = self._scope
        return KnownIn([*scope.customers, *scope.people, *scope.teams])

    @cached_property
    def _titles(self) -> KnownIn:
        return KnownIn(self._scope.titles)

    @cached_property
    def _small(self) -> set[str]:
        return _lower_case(self._scope.titles)

    @cached_property
    def words(self) -> set[str]:
        """The words of texts that are printed in the document."""
        return {word for text in self._scope.wording for word in words(text)}

    def prints(self, phrase: str) -> bool:
        """Whether these words, in lower case, stand in the document one after the other."""
        return f" {phrase} " in self._in_lower_case

    @cached_property
    def _in_lower_case(self) -> str:
        return "\n".join(f" {' '.join(words(each))} " for each in readings(self._printed))

    @cached_property
    def _text(self) -> str:
        return "\n".join(map(even, readings(self._printed)))

    @cached_property
    def _places(self) -> dict[str, list[re.Match[str]]]:
        """The matches of each word in the text, by the word in lower case."""
        places: dict[str, list[re.Match[str]]] = {}
        for match in standing(self._text):
            places.setdefault(match.group().casefold(), []).append(match)
        return places

    def prints_name(self, name: str, common: Set[str]) -> bool:
        """Whether a name of one word is printed as a name, and not as a common word.

        With a capital inside of a sentence it is a name; elsewhere it is one unless the
        word is common. A name that was cut short is found nowhere, and is a name.
        """
        (word,) = words(name, as_printed=True)
        places = self._places.get(word.casefold(), [])
        for match in places:
            capital = match.group() != match.group().lower()
            before = self._text[max(match.start() - _TEXT_BEFORE, 0) : match.start()]
            if capital and _MID_SENTENCE.search(before):
                return True
            if (capital or match.group() == word) and word.lower() not in common:
                return True
        return not places


class Customers:
    """The customers of the facts, searched for by name and, if it has a letter, by id."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        table = facts.customers
        ids = table.select(name=table.customer_id.cast("string"))
        known = [ids.filter(ids.name.re_search("[A-Za-z]"))]
        if facts.has("customers.name"):
            known.append(table.select(name=table.name).filter(table.name.notnull()))
        names = ibis.union(*known, distinct=True) if len(known) > 1 else known[0]
        self.count = int(facts.answer(names.agg(n=names.count()))[0]["n"])

        def keyed() -> ir.Table:
            return names.mutate(key=_key(names.name).left(KEY_LENGTH))

        # Few customers are kept in memory, so that the next documents do not read them again.
        few = self.count <= FEW
        self._names = facts.shared(("names of customers",), keyed) if few else keyed()

    def named(self, texts: Sequence[str]) -> list[dict[str, str]]:
        """For each text the customers that it names, each with what it is `known_as`."""
        if not self.count:
            return [{} for _ in texts]
        keys_of, cuts_of = [keys(text) for text in texts], [cuts(text) for text in texts]
        found = self._found(set().union(*keys_of), KEY_LENGTH)
        begun = {
            length: self._found({c for each in cuts_of for c in each if len(c) == length}, length)
            for length in STEMS
        }
        return [
            _begun_in(cut, begun) | _named_in(text, each, found)
            for text, each, cut in zip(texts, keys_of, cuts_of, strict=True)
        ]

    def _found(self, wanted: Set[str], length: int) -> list[_Found]:
        """The customers whose keys, cut at that length, are among those."""
        if not wanted:
            return []
        asked = ibis.memtable(pa.table({"stem": sorted(wanted)}))
        stems = self._names.mutate(stem=self._names.key.left(length))
        return [
            _Found(row["name"], row["key"], known_as(row["name"], row["key"]))
            for row in self._facts.answer(stems.semi_join(asked, "stem"))
            if _can_be_a_name(row["name"])
        ]


def _key(name: ir.StringValue) -> ir.StringValue:
    """What `name_search.keys` makes of a text, for a column of names."""
    bare = name.re_replace(BETWEEN, "").lower().replace("ß", "ss").replace("ẞ", "ss")
    ours = bare
    *theirs, one, i, nought = replaced()
    for letter, looks in theirs:
        ours = ours.replace(letter, looks)
    # Most names have no letter of another script that looks like ours.
    key = ibis.ifelse(bare.re_search(SCRIPTS), ours, bare)
    for letter, looks in (one, i, nought, ("rn", "m")):
        key = key.replace(letter, looks)
    return key


class _Found(NamedTuple):
    """A customer whose key is in some text, with what it is `known_as`."""

    name: str
    key: str
    known: str


def _named_in(
    text: str, phrases: Mapping[str, set[str]], found: Iterable[_Found]
) -> dict[str, str]:
    """The customers named in one text, whose keys and their phrases are `phrases`.

    Of several long names that begin alike, those that are printed in full; where none is, all of
    them by what they begin with, since one was cut short and nobody can tell which.
    """
    short = {
        f.name: f.known
        for f in found
        if len(f.key) < KEY_LENGTH and any(is_named(f.name, p) for p in phrases.get(f.key, ()))
    }
    long = [f for f in found if f.key in phrases and len(f.key) >= KEY_LENGTH]
    solid = Solid(text) if long else None
    full = [f for f in long if solid and solid.has(f.name)]
    settled = {f.key for f in full}
    cut = {f.name: f.known for f in long if f.key not in settled}
    return short | cut | {f.name: plain(f.name) for f in full}


def _begun_in(cut: Mapping[str, set[str]], found: Mapping[int, Sequence[_Found]]) -> dict[str, str]:
    """The customers whose names are cut short in one text, each with what is left of it: a
    document may have a customer of its own that begins alike."""
    return {
        f.name: plain(phrase)
        for length, some in found.items()
        for f in some
        for phrase in cut.get(f.key[:length], ())
        if is_begun(f.name, phrase)
    }


def _can_be_a_name(name: str) -> bool:
    """Whether a reader would take it for a name: not a number or a single letter."""
    characters = [c for c in name if c.isalnum()]
    return len(characters) >= _FEWEST_CHARACTERS and any(c.isalpha() for c in characters)


def _known(texts: Iterable[str], *most: int) -> set[str]:
    """The `known_in` of all texts together, for names of up to `most` words."""
    return set().union(*(_known_in(text, *most) for text in texts))


@lru_cache(1 << 12)
def _known_in(text: str, *most: int) -> set[str]:
    """As `known_in`, once for a text of a template or metric that several checks declare."""
    return known_in(text, *most)


def _lower_case(texts: Iterable[str]) -> set[str]:
    """The words that the texts have in lower case."""
    return set().union(*map(_lower_case_in, texts))


@lru_cache(1 << 12)
def _lower_case_in(text: str) -> set[str]:
    return {word for word in words(text, as_printed=True) if word == word.lower()}


def _declared_texts(
    strategy: Strategy, metrics: Mapping[str, Metric], locale: str
) -> Iterator[str]:
    """Texts that every document may print: of metrics, tiers and offers, and the calendar's."""
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


def _template_texts(folder: Path) -> Iterator[str]:
    """The fixed text of templates: outside of tags, and in quotes, which may be inside of one."""
    for file in sorted(f for f in folder.rglob("*") if f.suffix in (".html", ".css", ".j2")):
        text = (read_inside(folder, str(file.relative_to(folder))) or b"").decode()
        yield _TAG.sub(" ", text)
        yield from _QUOTED.findall(text)


def _free_texts(strategy: Strategy) -> Iterator[str]:
    """The free text of the strategy: its lower-case words are common, its names still names."""
    for owner in strategy.owners:
        yield from (owner.role, owner.purpose)
    for card in (*([strategy.brand] if strategy.brand else ()), *strategy.offers):
        yield from (card.promise, card.problem, card.niches, card.ideal_customer, card.offers)
    for stance in strategy.stances:
        yield stance.trade_off
        yield from (source.ref for source in stance.funded_by)
