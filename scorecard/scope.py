"""Scope: whom a document may name, and who is named in its PDF although they may not.

Every owner, executive, team and customer of the company is looked for in the
text of the finished PDF and of the files inside it. Customers are looked up in
the facts plane, many documents at a time; none of them is fetched but those
that were found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
from babel import Locale

from scorecard.engine import fetch
from scorecard.facts import Facts
from scorecard.metric import Metric
from scorecard.names import Names, phrases, plain, spellings
from scorecard.strategy import Strategy

_TAG = re.compile(r"\{[{%#].*?[}%#]\}|<[^>]*>", re.DOTALL)
_LONGEST = 8
"""Words of a customer's name that are looked for in the facts."""


@dataclass(frozen=True)
class Scope:
    """Whom a document may name: people and teams by name; customers as its own content has them.

    `content` is what it prints of customers, `wording` everything else that it prints.
    """

    people: frozenset[str]
    teams: frozenset[str]
    content: str
    wording: str


@dataclass(frozen=True)
class Printed:
    """The text of a finished PDF, attachments included, and whom it may name."""

    text: str
    scope: Scope


class Watch:
    """Looks for those who do not belong in a document. Made once for many documents."""

    def __init__(
        self, facts: Facts, strategy: Strategy, metrics: Mapping[str, Metric],
        locale: str, templates: Iterable[Path],
    ) -> None:  # fmt: skip
        everybody = [o.name for o in strategy.owners] + [e.name for e in strategy.executives]
        self._people = Names(everybody)
        self._teams = Names(team.name for team in strategy.teams)
        self._declared = phrases(_declared(strategy, metrics, locale, templates), _LONGEST)
        self._customers = Customers(facts)

    def foreign(self, documents: Sequence[Printed]) -> list[list[str]]:
        """For each document, whom it names and may not; empty lists are good."""
        customers = self._customers.named([d.text for d in documents])
        return [self._foreign(d, names) for d, names in zip(documents, customers, strict=True)]

    @property
    def looked_for(self) -> dict[str, int]:
        """How many people, teams and customers were looked for."""
        return {
            "people": len(self._people), "teams": len(self._teams),
            "customers": self._customers.count,
        }  # fmt: skip

    def _foreign(self, document: Printed, customers: set[str]) -> list[str]:
        scope = document.scope
        people = self._people.found(document.text) - scope.people
        teams = {
            name for name in self._teams.found(document.text) - scope.teams
            if plain(name) not in self._declared
        }  # fmt: skip
        own = phrases(scope.content)
        worded = phrases(scope.wording, 1)
        strangers = {
            name for name in customers
            if plain(name) not in own and not self._ordinary(plain(name), worded)
        }  # fmt: skip
        return sorted(people) + sorted(teams) + sorted(strangers)

    def _ordinary(self, name: str, worded: set[str]) -> bool:
        """Whether a customer is called like a word that is printed for another reason.

        Such a customer, called "October" or "Margin", cannot be told from it.
        """
        return name in self._declared or (" " not in name and name in worded) or not name


class Customers:
    """The names of customers as the facts have them, in lower case."""

    def __init__(self, facts: Facts) -> None:
        self._con = facts.con
        table = facts.customers
        known = [table.select(name=table.customer_id.cast("string"))]
        known[0] = known[0].filter(known[0].name.re_search("[A-Za-z]"))
        if facts.has("customers.name"):
            known.append(table.select(name=table.name).filter(table.name.notnull()))
        names = ibis.union(*known, distinct=True) if len(known) > 1 else known[0]
        self._names = names.mutate(folded=names.name.lower().strip())
        self.count = int(fetch(self._con, self._names.agg(n=self._names.count()))[0]["n"])

    def named(self, texts: Sequence[str]) -> list[set[str]]:
        """For each text the customers that it names."""
        said = [spellings(text, _LONGEST) for text in texts]
        wanted = sorted(set().union(*said)) if said else []
        if not wanted or not self.count:
            return [set() for _ in texts]
        asked = ibis.memtable({"folded": wanted})
        found: list[dict[str, Any]] = fetch(self._con, self._names.semi_join(asked, "folded"))
        return [{row["name"] for row in found if row["folded"] in each} for each in said]


def _declared(
    strategy: Strategy, metrics: Mapping[str, Metric], locale: str, templates: Iterable[Path]
) -> str:
    """What is declared for everybody to read: metrics, tiers, offers, calendar, templates."""
    said = [text for m in metrics.values() for text in (m.label, m.harm, m.doc)]
    said += [text for t in strategy.plan.tiers for text in (t.label, t.needs, t.alternatives)]
    said += [text for o in strategy.offers for text in (o.id, o.name)]
    calendar = Locale.parse(locale)
    for width in ("wide", "abbreviated"):
        said += calendar.months["format"][width].values()
        said += calendar.days["format"][width].values()
    for folder in templates:
        for file in sorted(folder.rglob("*.html")):
            said.append(_TAG.sub(" ", file.read_text(encoding="utf-8")))
    return "\n".join(said)
