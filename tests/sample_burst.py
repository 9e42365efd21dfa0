"""An invented company with any number of owners, ready to be published.

Its figures are those of sample_material.py; its project, facts and ledger are
real. Owner i answers for one choice, on the i-th of the metrics and tiers in
turn and for an offer of its own, so that as many fit as are asked for.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice, product
from pathlib import Path
from string import ascii_uppercase

from sample_choices import OCTOBER, chosen, witnessed
from sample_material import MATERIAL, MATURES, METRICS, PLAN, RESULTS

from scorecard.documents.kinds import OWNER
from scorecard.documents.report_data import ReportData
from scorecard.documents.view import ReportView
from scorecard.facts.contracts import Source
from scorecard.facts.tables import Facts, FactsOptions
from scorecard.facts.values import Zones
from scorecard.ledger import Ledger, Run
from scorecard.pipeline.computation import Computation
from scorecard.pipeline.request import RunRequest
from scorecard.pipeline.run import Steps
from scorecard.printing.publish import Published
from scorecard.project.settings import Project
from scorecard.project.workspace import Workspace, open_ledger
from scorecard.strategy.model import Card, Owner, Stance, Strategy, Team
from scorecard.tiers.assignment import Tiers

MONDAY = datetime(2026, 11, 16, 7, tzinfo=UTC)
SETTINGS = """
[tool.scorecard]
company = "Northwind Instruments"
notice = "Invented company"
timezone = "Europe/London"
currency = "EUR"
ledger = "{ledger}"
[tool.scorecard.mail]
from = "Scorecards <scorecards@example.org>"
operator = ["operator@example.org"]
"""
GIVEN = (
    "Ada",
    "Bea",
    "Chidi",
    "Daria",
    "Emil",
    "Fumiko",
    "Goran",
    "Hedda",
    "Ines",
    "Jonas",
    "Kaya",
    "Luan",
    "Mikael",
    "Nadia",
    "Orla",
    "Pavel",
    "Quentin",
    "Rosa",
    "Sofia",
    "Tomás",
    "Ulla",
    "Vikram",
    "Wilma",
    "Ximena",
    "Yusuf",
)
FAMILY = (
    "Achterberg",
    "Brand",
    "Castellanos",
    "Diop",
    "Eriksen",
    "Fontaine",
    "Grünwald",
    "Haverkamp",
    "Iwasaki",
    "Jankowski",
    "Kovač",
    "Lindqvist",
    "Moreau",
    "Nakagawa",
    "Okonkwo",
    "Pereira",
    "Quist",
    "Rautio",
    "Sjöberg",
    "Tsukada",
)
LIGHT = {
    "owner.html": """<!doctype html>
<html lang="{{ doc.heading.language }}"><title>{{ doc.name }}</title>
<body><h1>{{ doc.name }}</h1><p>{{ doc.purpose }} {{ doc.sentence }} {{ doc.heading.notice }}</p>
{% for h in doc.strengths + doc.weaknesses %}<p>{{ h.label }} {{ h.tier }}: {{ h.cell.text }},
{{ h.cell.words }}. {{ h.trade_off }}</p>{% endfor %}
<p>{% for pair in doc.margins %}{{ pair | join(" ") }} {% endfor %}</p></body></html>""",
    "owner.css": 'html { font-family: "Source Sans 3" }',
    "print.css": "",
}
"""Templates that print what has to be there and no more, in a fifth of the time."""
CHOICES = tuple(product(("reply", "csat", "kept"), ("gold", "bronze")))
KINDS = {"gold": "strength", "bronze": "weakness"}
LIMITS = {
    ("reply", "gold"): (4.0, None),
    ("reply", "bronze"): (48.0, 12.0),
    ("csat", "gold"): (0.8, None),
    ("csat", "bronze"): (0.6, 0.75),
    ("kept", "gold"): (0.9, None),
    ("kept", "bronze"): (0.7, None),
}
TRADES = ("Foods", "Castings", "Dairies", "Breweries", "Biologics", "Power Systems", "& Sons, Ltd")


@dataclass(frozen=True)
class Company:
    """Everything that publishing takes, opened."""

    work: Workspace
    ledger: Ledger
    run: Run
    material: ReportData

    def publish(self) -> list[Published]:
        computation = Computation(self.work, self.ledger, lambda: MONDAY, lambda *_: None)
        steps = Steps(computation, RunRequest((OWNER,)), self.run, OCTOBER)
        view = ReportView(self.material, self.work.formats, MATURES)
        editions = steps.compose(view)
        with steps.shelf() as shelf, steps.renderer(len(editions)) as renderer:
            steps.draw(renderer, editions, shelf)
            steps.read_back(renderer, shelf)
            return shelf.lay_out()


def company(
    folder: Path,
    owners: int,
    *,
    ledger: str = "sqlite:///ledger.db",
    customers: int = 40,
    in_a_team: int = 20,
    templates: Mapping[str, str] | None = None,
) -> Company:
    """The company in that folder; opening it again continues its run."""
    project = laid_out(folder, ledger, templates or {})
    facts = facts_of(folder, customers)
    strategy = strategy_of(owners, in_a_team)
    tiers = Tiers(facts, PLAN, project.state / "tiers")
    work = Workspace(project, METRICS, strategy, facts, tiers, ())
    opened = open_ledger(project)
    material = replace(MATERIAL, strategy=strategy, stances=witnessed(*strategy.stances))
    run = opened.claim(OCTOBER, inputs="burst", as_of=MONDAY, software="0", now=MONDAY)
    if not run.reached("judged"):
        opened.save_results(run, RESULTS, MONDAY)
        opened.advance(run, "judged", MONDAY)
        run = opened.advance(run, "gathered", MONDAY, lineage={m: f"SELECT '{m}'" for m in METRICS})
    return Company(work, opened, run, material)


def laid_out(folder: Path, ledger: str, templates: Mapping[str, str]) -> Project:
    (folder / "templates").mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(SETTINGS.format(ledger=ledger))
    for name, text in templates.items():
        (folder / "templates" / name).write_text(text, "utf-8")
    return Project.at(folder, {})


def facts_of(folder: Path, customers: int) -> Facts:
    with (folder / "customers.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["customer_id", "name", "acquired_on"])
        rows.writerows(
            (f"C{n:06}", f"{FAMILY[n % 20]}’s {TRADES[n % 7]} of Vale {n}", "2024-01-01")
            for n in range(customers)
        )
    reading = FactsOptions("EUR", Zones("Europe/London", "UTC"), MONDAY)
    sources = [Source("customers", "customers.csv")]
    return Facts.open("duckdb://", sources, folder, reading)[0]


def names() -> Iterator[str]:
    """Of people, all different, as many as are wanted."""
    for middle in ("", *(f"{letter}. " for letter in ascii_uppercase)):
        for family, given in product(FAMILY, GIVEN):
            yield f"{given} {middle}{family}"


def strategy_of(owners: int, in_a_team: int = 20) -> Strategy:
    teams = tuple(
        Team(f"team-{n}", f"Service district {n}") for n in range(-(-owners // in_a_team))
    )
    people = tuple(
        Owner(
            f"owner-{n:05}",
            name,
            "Head of service",
            f"team-{n // in_a_team}",
            "Whoever calls me hears from a person before they have to ask twice.",
            f"owner{n:05}@example.com",
        )
        for n, name in enumerate(islice(names(), owners))
    )
    offers = tuple(Card(f"offer-{n:05}", f"Plan {n:05}") for n in range(owners))
    return Strategy(PLAN, teams, people, tuple(map(_choice, range(owners))), offers=offers)


def _choice(n: int) -> Stance:
    metric, tier = CHOICES[n % len(CHOICES)]
    worst, best = LIMITS[metric, tier]
    return chosen(
        f"{metric}/{tier}",
        KINDS[tier],
        worst,
        best,
        owner=f"owner-{n:05}",
        offer=f"offer-{n:05}",
        trade_off=f"In district {n} we wait so that others need not.",
    )
