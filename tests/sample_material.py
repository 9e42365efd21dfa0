"""A period's material made by hand: two owners, two tiers, five metrics of an invented company.

                 gold                             bronze
nps              –                                –
csat             strength 80 %, ada: delivered    weakness 60–75 %, ada: as accepted
reply            strength 4 h, ada: not delivered weakness 12–48 h, bea: over-served
kept (counted)   strength 90 %, bea: delivered    weakness 70 %, bea: beyond acceptance
customer_margin  –                                –
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from sample_choices import OCTOBER, chosen, witnessed

from scorecard.base.findings import Finding
from scorecard.definitions.metric import Metric, metric
from scorecard.definitions.results import Estimate, Fragility, Result, Signal, Verdict
from scorecard.documents.cells import cell
from scorecard.documents.formats import Formats
from scorecard.documents.model import Cell
from scorecard.documents.report_data import ReportData
from scorecard.documents.view import ReportView
from scorecard.judging.affected import Effect, Touched
from scorecard.judging.verdict import WORDS
from scorecard.measuring.conservation import RowsRead
from scorecard.measuring.customer_flow import Account
from scorecard.measuring.earnings import Earned, Unattributed, WhaleCurve
from scorecard.strategy.model import Funding, Owner, Stance, Strategy, Team, Tier, TierPlan


def declared(
    name: str, label: str, unit: str, better: Any, kind: Any, family: str, section: Any, **more: Any
) -> Metric:
    given = dict(needs=["surveys"], evidence="sample") | more

    @metric(
        label=label, unit=unit, better=better, kind=kind, family=family, section=section, **given
    )
    def observe(facts: Any, window: Any) -> None:
        """What it says.

        Population  everybody.
        Formula     one by the other.
        """

    return replace(observe, name=name, version="v1")


NPS = declared(
    "nps",
    "Would recommend us (NPS)",
    "points",
    "higher",
    "nps",
    "experience",
    "experienced",
    confidential=True,
    harm="would not recommend us",
)
CSAT = declared(
    "csat",
    "Satisfied, 4 or 5 of 5 (CSAT)",
    "share",
    "higher",
    "proportion",
    "experience",
    "experienced",
    matures=14,
    confidential=True,
    harm="were not satisfied",
)
REPLY = declared(
    "reply",
    "First reply, 9 of 10 within",
    "hours",
    "lower",
    "quantile",
    "service",
    "experienced",
    q=0.9,
    role="input",
    harm="waited longer than the limit",
)
KEPT = declared(
    "kept",
    "Customers kept, 12 months",
    "share",
    "higher",
    "proportion",
    "retention",
    "did",
    evidence="census",
    window=12,
    places=1,
    harm="left within the year",
)
MARGIN = declared(
    "customer_margin",
    "Customer margin",
    "money per customer",
    "higher",
    "total",
    "margin",
    "earned",
    evidence="census",
    needs=["transactions", "costs"],
    harm="earned less than the limit",
)
METRICS = {m.name: m for m in (MARGIN, CSAT, NPS, KEPT, REPLY)}

ADA = Owner("ada", "Ada Lindqvist", "Head of support", "care", "People know when we reply.")
BEA = Owner("bea", "Bea Tsukada", "Head of renewals", "care", "Who stays, stays gladly.")
PLAN = TierPlan("margin_percentile", (Tier("gold", "Gold"), Tier("bronze", "Bronze")))
STANCES = (
    chosen(
        "csat/gold",
        "strength",
        0.8,
        funded_by=(
            Funding("weakness", "csat/bronze"),
            Funding("charge", "care plan", "38000 EUR/month"),
        ),
    ),
    chosen("csat/bronze", "weakness", 0.6, 0.75, funds=("csat/gold",), releases="900 EUR/year"),
    chosen(
        "reply/gold",
        "strength",
        4.0,
        funded_by=(Funding("weakness", "reply/bronze"),),
        trade_off="Bronze waits so that Gold does not.",
    ),
    chosen("reply/bronze", "weakness", 48.0, 12.0, owner="bea", funds=("reply/gold",)),
    chosen("kept/gold", "strength", 0.9, owner="bea"),
    chosen("kept/bronze", "weakness", 0.7, owner="bea"),
)


def result(
    key: str, estimate: Estimate, region: Any = None, reason: Any = "", **more: Any
) -> Result:
    """A result of October with the verdict that its region leads to; none without either."""
    name, _, tier = key.partition("/")
    verdict = None
    held = next((s for s in STANCES if s.key == key), None)
    if held is not None and (region or reason):
        words = WORDS[held.kind, region] if region else "too little evidence"
        verdict = Verdict(words, region, reason)
    return replace(
        Result(
            name,
            "v1",
            tier,
            OCTOBER.key,
            estimate,
            METRICS[name].evidence,
            verdict=verdict,
            stance=key if verdict else "",
        ),
        **more,
    )


RESULTS = (
    result("nps/gold", Estimate(48.0, 44.0, 52.0, 640, 500)),
    result("nps/bronze", Estimate(-3.0, -9.0, 3.0, 100, 90)),
    result("csat/gold", Estimate(0.9, 0.85, 0.93, 212, 200), "within"),
    result("csat/bronze", Estimate(0.66, 0.62, 0.7, 400, 390), "within"),
    result(
        "reply/gold",
        Estimate(5.8, 5.1, 6.6, 1204, 600),
        "below",
        signal=Signal(
            "exceptional, unfavourable", False, 3.9, 3.1, 4.7, "beyond the natural limits", 12
        ),
    ),
    result(
        "reply/bronze",
        Estimate(9.0, 8.1, 10.0, 300, 250),
        "above",
        signal=Signal("routine", True, 9.5, 7.0, 12.0, "", 7),
    ),
    result(
        "kept/gold",
        Estimate(0.925, None, None, 40, 40),
        "within",
        fragility=Fragility(2, ("Aldous Marine", "Petra Foods")),
    ),
    result("kept/bronze", Estimate(0.6996, None, None, 2000, 2000), "below"),
    result("customer_margin/gold", Estimate(1204.5, None, None, 40, 40, 48180.0)),
    result("customer_margin/bronze", Estimate(-21.4, None, None, 2000, 2000, -42800.0)),
    result("customer_margin/all", Estimate(2.64, None, None, 2040, 2040, 5380.0)),
)
TOUCHED = {
    ("reply", "gold"): Touched(
        14,
        600,
        ("Aldous Marine", "Petra Foods", "Kite Rail", "Hallam Optics", "Bay, Ltd"),
        "harmed",
        Effect("association", -18400.0, -27900.0, -9100.0, 36),
    ),
    ("reply", "bronze"): Touched(240, 250, ("Tiny",), "favoured", Effect("few")),
    ("kept", "bronze"): Touched(601, 2000, ("Small & Sons",), "harmed", Effect("worth", -3000.0)),
}
MATERIAL = ReportData(
    company="Northwind Instruments",
    notice="Invented company",
    paper="A4",
    period=OCTOBER,
    metrics=METRICS,
    strategy=Strategy(PLAN, (Team("care", "Customer care"),), (ADA, BEA), STANCES),
    results={(r.metric, r.tier): r for r in RESULTS},
    histories={},
    stances=witnessed(*STANCES),
    changes=[],
    touched=TOUCHED,
    sizes={"gold": 40, "bronze": 2000},
    earned={
        "gold": Earned("gold", 40, 100000, 2000, 40000, 5000, 4820, 3),
        "bronze": Earned("bronze", 2000, 60000, 10000, 50000, 20000, 22800, 1200),
        "all": Earned("all", 2040, 160000, 12000, 90000, 25000, 27620, 1203),
    },
    curve=WhaleCurve(((0.0, 0.0), (0.4, 60000.0), (1.0, 5380.0)), 60000, -54620, 5380, 837, 2040),
    outside=Unattributed(1600, 70, 0, 0, 30),
    margin_unknown="",
    acquisition="in equal parts over the first 24 months",
    counts=[
        Account("gold", 38, 2, 0, 1, 0, 1, 0, 40),
        Account("bronze", 2010, 9, 1, 0, 1, 19, 0, 2000),
    ],
    money=[
        Account("gold", 900, 50, 0, 10, 0, 20, 5, 945),
        Account("bronze", 400, 9, 1, 0, 10, 19, -3, 378),
    ],
    recurring=True,
    losses_known=True,
    reasons=[("price", "bronze", 12), ("price", "gold", 1), ("moved", "bronze", 7)],
    tables=[RowsRead("customers", 2100), RowsRead("surveys", 900, newest=date(2026, 10, 30))],
    findings=[
        Finding("a", "warning", "facts.surveys", "3 answers are twice."),
        Finding("b", "note", "facts.costs", "Only a note."),
    ],
    day=date(2026, 11, 16),
)
MATURES = {name: m.matures for name, m in METRICS.items()}


def view(**changed: Any) -> ReportView:
    """A view with that material, some of it changed."""
    return ReportView(replace(MATERIAL, **changed), Formats("en_GB", "EUR"), MATURES)


def with_results(*changed: Result, **more: Any) -> ReportView:
    """A view on which those results stand in for their own."""
    return view(results=dict(MATERIAL.results) | {(r.metric, r.tier): r for r in changed}, **more)


def restanced(*stances: Stance, **more: Any) -> ReportView:
    """A view with only those stances, and results without any other verdict."""
    keys = {s.key for s in stances}
    kept = {
        k: r if r.stance in keys else replace(r, verdict=None, stance="")
        for k, r in MATERIAL.results.items()
    }
    return view(**(dict(stances=witnessed(*stances), results=kept) | more))


NBSP = "\u00a0"


def spaced(text: str) -> str:
    """The text with plain spaces, as it is easier to write in a test."""
    return text.replace(NBSP, " ")


def cell_of(key: str, at: ReportView | None = None) -> Cell:
    name, _, tier = key.partition("/")
    return cell(at or view(), METRICS[name], tier)


def everything(document: Any) -> list[str]:
    """Every text of a document."""

    def texts(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for part in value.values():
                yield from texts(part)
        elif isinstance(value, (list, tuple)):
            for part in value:
                yield from texts(part)

    return list(texts(asdict(document)))
