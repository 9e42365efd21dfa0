"""Organisations at random: their names share words, differ by a letter, or only look alike.

Each has two teams, three owners, executives, and customers that its choices touched, or did not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from sample_choices import chosen, witnessed
from sample_material import MATERIAL, PLAN, RESULTS

from scorecard.definitions.results import Fragility, Result
from scorecard.documents.report_data import ReportData
from scorecard.judging.affected import Effect, Touched
from scorecard.strategy.model import Executive, Owner, Strategy, Team

WORDS = [
    "Acmera",
    "Acnera",
    "Baymor",
    "Baymar",
    "Corvin",
    "Nordal",
    "Marin",
    "Optra",
    "Müller",
    "Lévêque",
    "Łódzka",
    "Größen",
    "Harbur",
    "Zenvia",
    "Zenith",
    "Works",
    "Foods",
    "Castings",
    "Kraft",
    "Werke",
    "Søndergaard",
    "Ångström",
    "Pérez",
    "Iñaki",
    "O’Hara",
]
BLOCKS = ("株式会社", "白樺", "精密", "青嵐", "製作所", "東雲", "山田", "한빛", "정밀")
OTHERS = ("Ромашка", "Вега", "Север", "Νικολάου", "Αθηνά", "Ωμέγα")
FORMS = ("", " GmbH", " Ltd", " & Sons", ", Inc.", " S.p.A.", " AB")
GIVEN = [
    "Adaeze",
    "Beatriz",
    "Chidike",
    "Dariusz",
    "Émilie",
    "Fumiko",
    "Göran",
    "Hedvika",
    "Inés",
    "Łukasz",
    "Анна",
    "Юрий",
]
FAMILY = [
    "Lindqvist",
    "Lindquist",
    "Okonkwo",
    "Tsukada",
    "Sjöberg",
    "Moreau",
    "Müller",
    "Kovač",
    "Diophant",
    "Иванова",
]
PEOPLE = ("佐藤 花子", "佐藤 太郎", "김 민준", "山田 花子")
TEAMS = ["Nordkai", "Nordkap", "Westhof", "Übersee", "Südring", "Marinko", "Kestrel", "Orchard"]
LOOKS = dict(zip("aceopxyiABCEHKMOPTX", "асеорхуіАВСЕНКМОРТХ", strict=True))
"""Cyrillic letters that look like ours."""
CHOICES = {
    "reply/gold": ("strength", 4.0, None),
    "reply/bronze": ("weakness", 48.0, 12.0),
    "csat/gold": ("strength", 0.8, None),
    "csat/bronze": ("weakness", 0.6, 0.75),
    "kept/gold": ("strength", 0.9, None),
    "kept/bronze": ("weakness", 0.7, None),
}


@dataclass(frozen=True)
class Organisation:
    """Its material, its results, and everybody in it."""

    data: ReportData
    results: tuple[Result, ...]
    customers: tuple[str, ...]

    @property
    def people(self) -> list[str]:
        strategy = self.data.strategy
        return [p.name for p in (*strategy.owners, *strategy.executives)]

    @property
    def teams(self) -> list[str]:
        return [team.name for team in self.data.strategy.teams]


def organisation(seed: int) -> Organisation:
    random = Random(seed)
    customers = tuple(_several(_customers(random), random.randint(8, 14)))
    people = list(_several(_people(random), 5))
    names = list(_several((f"Team {each}" for each in _drawn(random, TEAMS)), 2))
    teams = tuple(Team(f"t{n}", name) for n, name in enumerate(names))
    owners = tuple(
        Owner(f"o{n}", name, f"Head of desk {n}", teams[n % 2].id, "I answer for what I promise.")
        for n, name in enumerate(people[:3])
    )
    bosses = tuple(Executive(f"e{n}", name, "Director") for n, name in enumerate(people[3:]))
    held = [n % 3 for n in range(len(CHOICES))]
    random.shuffle(held)
    stances = tuple(
        chosen(
            key,
            kind,
            worst,
            best,
            owner=f"o{n}",
            trade_off=random.choice(("", "We wait so that others need not.")),
        )
        for n, (key, (kind, worst, best)) in zip(held, CHOICES.items(), strict=True)
    )
    results = tuple(_about(result, random, customers) for result in RESULTS)
    touched = {
        (r.metric, r.tier): Touched(
            random.randint(2, 90),
            600,
            tuple(random.sample(customers, 2)),
            "harmed",
            Effect("few"),
        )
        for r in results
        if r.verdict is not None and random.random() < 0.5
    }
    data = replace(
        MATERIAL,
        strategy=Strategy(PLAN, teams, owners, stances, executives=bosses),
        stances=witnessed(*stances),
        results={(r.metric, r.tier): r for r in results},
        touched=touched,
    )
    return Organisation(data, results, customers)


def _about(result: Result, random: Random, customers: tuple[str, ...]) -> Result:
    if result.fragility is None:
        return result
    return replace(result, fragility=Fragility(2, tuple(random.sample(customers, 2))))


def _several(names: Iterator[str], count: int) -> Iterator[str]:
    """So many of them, all different."""
    seen: set[str] = set()
    while len(seen) < count:
        if (name := next(names)) not in seen:
            seen.add(name)
            yield name


def _drawn(random: Random, words: tuple[str, ...] | list[str]) -> Iterator[str]:
    while True:
        yield random.choice(words)


def _customers(random: Random) -> Iterator[str]:
    last = ""
    while True:
        kind = random.random()
        if last and kind < 0.25:
            name = neighbour(last, random)
        elif kind < 0.45:
            name = "".join(random.sample(BLOCKS, random.randint(2, 3)))
        elif kind < 0.55:
            name = " ".join(random.sample(OTHERS, 2))
        else:
            count = random.choice((1, 2, 2, 2, 3))
            name = " ".join(random.sample(WORDS, count)) + random.choice(FORMS)
            if count == 1 and name in ("Works", "Foods", "Castings", "Marin"):
                name += " Nord"
        last = name
        yield name


def _people(random: Random) -> Iterator[str]:
    while True:
        if random.random() < 0.15:
            yield random.choice(PEOPLE)
        else:
            yield f"{random.choice(GIVEN)} {random.choice(FAMILY)}"


def neighbour(name: str, random: Random) -> str:
    """A name that differs by a letter, by one that looks alike, by an accent or by a word."""
    places = [n for n, c in enumerate(name) if c.isalpha()]
    place = random.choice(places)
    kind = random.randrange(4)
    if kind == 0:
        return name[:place] + random.choice("bdfgklnrstvz") + name[place + 1 :]
    if kind == 1:
        return "".join(LOOKS.get(c, c) if n == place else c for n, c in enumerate(name))
    if kind == 2:
        return f"{name} {random.choice(WORDS)}"
    return name[:place] + name[place:].replace("e", "é", 1).replace("o", "ö", 1)
