"""The reader of strategy.toml: what the file says as a `Strategy`, and all that is wrong with it.

Every fault is a blocking finding with its line. Faulty parts are left out of the
strategy; owners, teams and tiers are kept as soon as they have an id, so that one
fault does not cause a second finding where they are referred to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from scorecard.base.address import checked_address
from scorecard.base.findings import Finding
from scorecard.base.toml_file import Entry, TomlFile
from scorecard.definitions.metric import Metric
from scorecard.errors import MailError
from scorecard.strategy.model import (
    ALL,
    BaselineStart,
    Card,
    Executive,
    Owner,
    Person,
    Strategy,
    Team,
    TierPlan,
    Waiver,
)
from scorecard.strategy.stance_reader import read_stances
from scorecard.strategy.tier_reader import read_plan

_OF = ("metric", "tier")
POLICIES = ("participate", "observe")


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
        brand=_brand(file),
        offers=_offers(file),
        waivers=tuple(_waivers(file)),
        channels=_channels(file),
    )
    strategy = _with_people(file, strategy)
    strategy = replace(strategy, stances=read_stances(file, strategy, metrics, currency))
    rules = file.one("rules")
    strategy = replace(
        strategy,
        non_negotiable=_metric_names(rules, "non_negotiable", metrics),
        must_be=_metric_names(rules, "must_be", metrics),
        baselines=tuple(_baselines(file, strategy.plan, metrics)),
    )
    return strategy, file.findings()


def _with_people(file: TomlFile, strategy: Strategy) -> Strategy:
    """The strategy with its teams, owners and executives, who may refer to one another."""
    teams, owners = file.with_id("team"), file.with_id("owner")
    executives = file.with_id("executive")
    owner_names = _names(owners)
    names = _names(executives) | owner_names
    team_ids = [e.text("id") for e in teams]
    for entry in executives:
        if entry.text("id") in owner_names:
            entry.note(
                "duplicate_id",
                f'"{entry.text("id")}" is the id of an owner already; '
                "give the executive another one.",
                "id",
            )
    return replace(
        strategy,
        teams=tuple(
            Team(e.text("id"), e.text("name", required=True), e.reference("lead", "lead", names))
            for e in teams
        ),
        owners=tuple(_owner(e, team_ids, owner_names) for e in owners),
        executives=tuple(_executive(e, names) for e in executives),
    )


def _names(entries: Sequence[Entry]) -> dict[str, str]:
    """The names of these people as written, by id."""
    return {e.text("id"): str(e.values.get("name", "")).strip() for e in entries}


def _owner(entry: Entry, teams: Sequence[str], deputies: Mapping[str, str]) -> Owner:
    """An owner as read; `deputies` are the names, by id, of those who may be deputy."""
    owner = Owner(
        id=entry.text("id"),
        name=entry.text("name", required=True),
        role=entry.text("role", required=True),
        team=entry.reference("team", "team", teams, required=True),
        purpose=entry.prose("purpose"),
        email=entry.text("email"),
        deputy=entry.reference("deputy", "deputy", deputies),
        since=entry.day("since"),
        until=entry.day("until"),
    )
    _check_person(entry, owner, deputies)
    return owner


def _executive(entry: Entry, deputies: Mapping[str, str]) -> Executive:
    executive = Executive(
        id=entry.text("id"),
        name=entry.text("name", required=True),
        role=entry.text("role", required=True),
        email=entry.text("email"),
        deputy=entry.reference("deputy", "deputy", deputies),
        since=entry.day("since"),
        until=entry.day("until"),
    )
    _check_person(entry, executive, deputies)
    return executive


def _check_person(entry: Entry, person: Person, deputies: Mapping[str, str]) -> None:
    try:
        checked_address(person.email or "ada@example.com")
    except MailError as error:
        entry.note("email_malformed", str(error), "email")
    if person.since and person.until and person.until <= person.since:
        entry.note(
            "dates_reversed",
            f"until {person.until} is not after since {person.since}; correct one of them.",
            "until",
        )
    if person.name and deputies.get(person.deputy) == person.name:
        entry.note(
            "own_deputy",
            f"{person.name} cannot be their own deputy; name somebody else, or remove the deputy.",
            "deputy",
        )


def _brand(file: TomlFile) -> Card | None:
    entry = file.one("brand")
    return _card(entry, "brand") if entry.values else None


def _offers(file: TomlFile) -> tuple[Card, ...]:
    return tuple(_card(entry, entry.text("id")) for entry in file.with_id("offer", theirs=True))


def _card(entry: Entry, id: str) -> Card:
    return Card(
        id=id,
        name=entry.text("name", required=True),
        promise=entry.prose("promise"),
        problem=entry.prose("problem"),
        niches=entry.prose("niches"),
        ideal_customer=entry.prose("ideal_customer"),
        offers=entry.prose("offers"),
    )


def _waivers(file: TomlFile) -> Iterator[Waiver]:
    for entry in file.many("waiver", lambda v: str(v.get("lint", ""))):
        lint, on = entry.text("lint", required=True), entry.text("on", required=True)
        reason, by = entry.prose("reason", required=True), entry.text("by", required=True)
        waiver = Waiver(lint, on, reason, by)
        if entry.sound:
            yield waiver


def _baselines(
    file: TomlFile, plan: TierPlan, metrics: Mapping[str, Metric]
) -> Iterator[BaselineStart]:
    first: dict[tuple[str, str, date], int] = {}
    for entry in file.many("baseline", lambda v: "/".join(str(v[k]) for k in _OF if v.get(k))):
        metric = entry.reference("metric", "metric", metrics, required=True)
        tier = entry.reference("tier", "tier", {*plan.ids, ALL})
        day = entry.day("from", required=True)
        reason, by = entry.prose("reason", required=True), entry.text("by", required=True)
        if not entry.sound or day is None:
            continue
        line = first.setdefault((metric, tier, day), entry.line)
        if line != entry.line:
            entry.note(
                "duplicate_baseline",
                f"A baseline from {day} is already on line {line}; remove one of them.",
                "from",
            )
            continue
        yield BaselineStart(metric, tier, day, reason, by)


def _channels(file: TomlFile) -> tuple[tuple[str, str], ...]:
    entries = file.with_id("channel", theirs=True)
    read = [(e.text("id"), e.choice("policy", POLICIES, required=True)) for e in entries]
    return tuple((id, policy) for id, policy in read if policy)


def _metric_names(entry: Entry, key: str, metrics: Mapping[str, Metric]) -> tuple[str, ...]:
    return tuple(
        name for name in entry.texts(key) if entry.is_declared(name, "metric", metrics, key)
    )
