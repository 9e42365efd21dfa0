"""A margin that is known for too little of a tier's revenue: no figure, no verdict, on no page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cast import MARCH, stage
from cast import METRICS as METRICS_OF_CAST
from sample_material import METRICS, STANCES, everything, spaced, view
from test_judging import result, under

from scorecard.definitions.results import Estimate, Result
from scorecard.documents.margin_page import margin_page
from scorecard.documents.owner import owner_scorecard
from scorecard.documents.packet import executive_packet
from scorecard.documents.team import team_review
from scorecard.judging.judge import judge_results
from scorecard.judging.margin_known import NOTHING_BOOKED, needs_margin, unknown_margins

LACKING = "margin known for 62\u00a0% of revenue, 90\u00a0% is needed"


def knowledge(**shares: float | None) -> list[Result]:
    return [
        Result("margin_knowledge", "v", tier, "2026-10", Estimate(share, n=9), "census")
        for tier, share in shares.items()
    ]


@pytest.mark.parametrize(
    ("share", "percent", "said"),
    [
        (0.9, 90, None),
        (9 / 10 - 1e-12, 90, None),  # what adding up may lose
        (0.62, 90, "62 % of revenue, 90 % is needed"),
        (0.8996, 90, "89 % of revenue, 90 % is needed"),  # never "90 %, 90 % is needed"
        (0.62, 60, None),
        (0.29, 30, "29 % of revenue, 30 % is needed"),
        (0.0, 0, None),
        (None, 90, None),  # no revenue of which anything could be unknown
    ],
)
def test_margin_is_known_from_a_percentage_of_revenue_on(share, percent, said):
    (found, *_) = *unknown_margins(knowledge(gold=share), percent).values(), None
    assert (found and spaced(found)) == (said and f"margin known for {said}")


def test_where_no_cost_is_booked_at_all_it_says_so():
    unknown = unknown_margins(knowledge(gold=0.0, all=0.0), 90)
    assert unknown == {"gold": NOTHING_BOOKED, "all": NOTHING_BOOKED}


def test_what_needs_margin_is_made_of_revenue_and_cost():
    needing = [m.name for m in METRICS.values() if needs_margin(m)]
    assert needing == ["customer_margin"]
    by_column = replace(METRICS["customer_margin"], needs=("transactions.list_amount", "costs"))
    assert needs_margin(by_column)


def test_no_verdict_is_passed_on_a_margin_that_is_not_known():
    """Gold's margin is known for 62 %, bronze's for 95: only gold's figure goes."""
    margin = METRICS["customer_margin"]
    figure = replace(result(45, 50, metric=margin), metric=margin.name)
    facts = [figure, replace(figure, tier="bronze"), *knowledge(gold=0.62, bronze=0.95)]
    known = replace(margin, name="margin_knowledge", needs=("transactions",))
    circumstances = under(
        metrics={margin.name: margin, known.name: known},
        stances=[s for s in STANCES if s.metric == margin.name],
    )
    gold, bronze, *rest = judge_results(facts, circumstances)
    assert (gold.unmeasured, gold.estimate) == (LACKING, Estimate(n=50, customers=50))
    assert gold.verdict is None or gold.verdict.reason == "not_measured"
    assert (bronze.unmeasured, bronze.estimate) == ("", figure.estimate)
    assert [r.estimate.value for r in rest] == [0.62, 0.95]


def gold_unknown(**more):
    """Gold's 48 customers had 2,500 each and kept 1,205 of it, as the sample has it."""
    return view(margins_unknown={"gold": LACKING}, **more)


def test_nothing_of_an_unknown_margin_is_printed_on_any_page():
    known, at = executive_packet(view()), executive_packet(gold_unknown())
    figures = ["1,205", known.margin.table.rows[0][5], known.margin.table.rows[0][6]]
    assert all(f in everything(known) or any(f in t for t in everything(known)) for f in figures)
    pages = [at, *(owner_scorecard(gold_unknown(), o) for o in gold_unknown().holders)]
    pages += [
        r for t in gold_unknown().data.strategy.teams if (r := team_review(gold_unknown(), t))
    ]
    for page in pages:
        assert not [t for t in everything(page) if figures[0] in t or figures[1] in t]


def test_the_tier_is_named_wherever_its_margin_would_stand():
    at = gold_unknown()
    packet = executive_packet(at)
    (row,) = [r for s in packet.sections for r in s.rows if r.metric == "customer_margin"]
    assert spaced(row.cells[0].words) == (
        "not measured: margin known for 62 % of revenue, 90 % is needed"
    )
    assert (row.cells[0].text, row.cells[0].region, row.cells[1].text) == ("–", "", "−21")
    assert packet.tiers[0].share == "margin not known"
    gold, bronze = packet.margin.bridges
    assert gold.customers.endswith(" customers, margin not known")
    assert [s.text for s in gold.steps] == ["2,500", "–", "–", "–", "–", "–"]
    assert (gold.margin_rate, gold.negative_share) == ("–", "–")
    assert bronze.steps[-1].text == "−21"
    assert packet.margin.table.rows[0][2:] == (packet.margin.table.rows[0][2], "–", "–", "–", "–")
    assert packet.margin.sentence.count("that of Gold is not known") == 1
    notes = owner_scorecard(at, at.holders[0]).notes
    assert any(
        spaced(n) == "Customer margin is not known in Gold, margin known for 62 % of revenue, "
        "90 % is needed."
        for n in notes
    )


def test_the_whole_page_is_unknown_where_the_company_is():
    """A tier of which enough is known keeps its own figure on the map."""
    page = margin_page(view(margins_unknown={"all": LACKING, "gold": LACKING}))
    assert spaced(page.sentence) == (
        "Customer margin is not known: margin known for 62 % of revenue, 90 % is needed."
    )
    assert page.unknown.endswith("has the margin of Bronze, where it is.")
    assert (page.bridges, page.whale) == ((), None)
    assert page.table.columns == ("", "customers", "revenue")
    assert not [line for line in page.basis if line.startswith("Margin is known for")]


def test_the_outcome_on_a_margin_that_is_not_known_is_not_said():
    """Neither a change of margin, nor a yearly worth where tiers are made by margin."""
    unknown = {"gold": LACKING, "bronze": LACKING}
    items = executive_packet(view(margins_unknown=unknown)).exceptions
    outcomes = [i.affected.outcome for i in items if i.affected]
    assert outcomes == ["margin not known"] * 3  # gold's reply, bronze's reply, bronze's kept


def test_it_is_held_against_what_the_facts_know(tmp_path):
    """Measured with DuckDB: 1,000 of gold's 1,500 have a cost to serve, and all of silver's 400."""
    measuring = stage(
        tmp_path,
        customers="customer_id acquired_on tier\npia 2024-01-10 gold\ngus 2024-01-10 gold\n"
        "sol 2024-01-10 silver",
        transactions="customer_id event_on net_amount\npia 2026-03-02 1000\ngus 2026-03-03 500\n"
        "sol 2026-03-04 400",
        costs="event_on amount category customer_id\n2026-03-02 10 deliver pia\n"
        "2026-03-02 30 deliver sol",
    )
    wanted = [METRICS_OF_CAST[m] for m in ("customer_margin", "margin_knowledge", "cost_to_serve")]
    measured = measuring.results_of(wanted, MARCH)
    every = [r for found in measured.values() for r in found]
    metrics = {m.name: m for m in wanted}
    judged = judge_results(every, under(metrics=metrics, stances=[]))
    said = {(r.metric, r.tier): (r.unmeasured, r.estimate.value) for r in judged}
    assert spaced(said["customer_margin", "gold"][0]) == (
        "margin known for 66 % of revenue, 90 % is needed"
    )
    assert said["customer_margin", "silver"] == ("", 370.0)  # 400 less 30
    assert spaced(said["customer_margin", "all"][0]) == (  # 1,400 of 1,900
        "margin known for 73 % of revenue, 90 % is needed"
    )
    assert said["cost_to_serve", "gold"] == ("", 5.0)  # 10 of two customers
    less = judge_results(every, under(metrics=metrics, stances=[], margin_known=66))
    known = {(r.metric, r.tier): r.estimate.value for r in less}
    assert known["customer_margin", "gold"] == 745.0  # (1,500 − 10) ÷ 2
