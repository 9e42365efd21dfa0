"""Reading strategy.toml: what the file says as a `Strategy`, and all that is wrong with it.

Every fault is a blocking finding with its line. What is faulty is left out of
the strategy; owners, teams and tiers are kept as soon as they have an id, so
that one fault does not cause a second finding where they are referred to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from scorecard.findings import Finding
from scorecard.metric import Metric
from scorecard.stance_file import read_stances
from scorecard.strategy import Card, Owner, Strategy, Team, TierPlan, Waiver
from scorecard.tier_file import read_plan
from scorecard.toml_file import Entry, TomlFile

POLICIES = ("participate", "observe")
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+")


def read_strategy(
    path: Path, metrics: Mapping[str, Metric], currency: str
) -> tuple[Strategy, list[Finding]]:
    """Read the file; `currency` is the ISO code that money limits are written in.

    Findings come in the order of reading. A file that cannot be read at all is
    one finding and an empty strategy.
    """
    file = TomlFile(path)
    if file.data is None:
        return Strategy(TierPlan("declared", ())), file.findings()
    strategy = Strategy(
        plan=read_plan(file),
        teams=_teams(file),
        brand=_brand(file),
        offers=_offers(file),
        waivers=tuple(_waivers(file)),
        channels=_channels(file),
    )
    strategy = replace(strategy, owners=_owners(file, strategy))
    strategy = replace(strategy, stances=read_stances(file, strategy, metrics, currency))
    rules = file.one("rules")
    strategy = replace(
        strategy,
        non_negotiable=_metric_names(rules, "non_negotiable", metrics),
        must_be=_metric_names(rules, "must_be", metrics),
    )
    return strategy, file.findings()


def _teams(file: TomlFile) -> tuple[Team, ...]:
    return tuple(Team(e.text("id"), e.text("name", required=True)) for e in file.with_id("team"))


def _owners(file: TomlFile, strategy: Strategy) -> tuple[Owner, ...]:
    teams = [t.id for t in strategy.teams]
    return tuple(_owner(entry, teams) for entry in file.with_id("owner"))


def _owner(entry: Entry, teams: Sequence[str]) -> Owner:
    owner = Owner(
        id=entry.text("id"),
        name=entry.text("name", required=True),
        role=entry.text("role", required=True),
        team=entry.reference("team", "team", teams, required=True),
        purpose=entry.text("purpose"),
        email=entry.text("email"),
        deputy=entry.text("deputy"),
        since=entry.day("since"),
        until=entry.day("until"),
    )
    if owner.email and not _EMAIL.fullmatch(owner.email):
        entry.note("email_malformed", f'"{owner.email}" is not an e-mail address; '
                   'write one such as "ada@example.com".', "email")  # fmt: skip
    if owner.since and owner.until and owner.until <= owner.since:
        entry.note("dates_reversed", f"until {owner.until} is not after since {owner.since}; "
                   "correct one of them.", "until")  # fmt: skip
    return owner


def _brand(file: TomlFile) -> Card | None:
    entry = file.one("brand")
    return _card(entry, "brand") if entry.values else None


def _offers(file: TomlFile) -> tuple[Card, ...]:
    return tuple(_card(entry, entry.text("id")) for entry in file.with_id("offer"))


def _card(entry: Entry, id: str) -> Card:
    return Card(
        id=id,
        name=entry.text("name", required=True),
        promise=entry.text("promise"),
        problem=entry.text("problem"),
        niches=entry.text("niches"),
        ideal_customer=entry.text("ideal_customer"),
        offers=entry.text("offers"),
    )


def _waivers(file: TomlFile) -> Iterator[Waiver]:
    for entry in file.many("waiver", lambda v: str(v.get("lint", ""))):
        waiver = Waiver(*(entry.text(key, required=True) for key in ("lint", "on", "reason", "by")))
        if entry.sound:
            yield waiver


def _channels(file: TomlFile) -> tuple[tuple[str, str], ...]:
    entries = file.with_id("channel")
    read = [(e.text("id"), e.choice("policy", POLICIES, required=True)) for e in entries]
    return tuple((id, policy) for id, policy in read if policy)


def _metric_names(entry: Entry, key: str, metrics: Mapping[str, Metric]) -> tuple[str, ...]:
    return tuple(
        name for name in entry.texts(key) if entry.is_declared(name, "metric", metrics, key)
    )
