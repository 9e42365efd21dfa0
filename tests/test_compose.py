"""Compose: what the packet says, from a material made by hand."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_choices import chosen, witnessed
from sample_material import (
    ADA,
    BEA,
    CSAT,
    KEPT,
    MATERIAL,
    METRICS,
    NBSP,
    NPS,
    RESULTS,
    STANCES,
    TOUCHED,
    everything,
    restanced,
    result,
    spaced,
    view,
    with_results,
)

from scorecard.definitions.results import Estimate, Fragility, Signal, Verdict
from scorecard.documents.exceptions import outcome
from scorecard.documents.grammar import LONGEST
from scorecard.documents.owner import owner_scorecard
from scorecard.documents.packet import executive_packet
from scorecard.judging.affected import Effect
from scorecard.measuring.conservation import BARE, OPENING, Balance, RowsRead
from scorecard.measuring.earnings import Earned, WhaleCurve
from scorecard.measuring.recognition import Recognition


def test_the_map_has_choices_in_journey_order_inputs_first_and_always_margin():
    found = executive_packet(view()).sections
    assert [(s.title, [r.metric for r in s.rows]) for s in found] == [
        ("What customers experienced", ["reply", "csat"]),  # nps has no stance
        ("What customers did", ["kept"]),
        ("What it earned", ["customer_margin"]),  # neither has margin, and yet
    ]
    assert found[0].rows[0].owners == "A. Lindqvist, B. Tsukada"


def test_exceptions_come_in_the_order_of_the_map_not_of_badness():
    packet = executive_packet(view())
    order = [
        (row.metric, tier.label) for s in packet.sections for row in s.rows for tier in packet.tiers
    ]
    found = [(i.metric, i.tier) for i in packet.exceptions]
    assert found == [("reply", "Gold"), ("reply", "Bronze"), ("kept", "Bronze")]
    assert found == [cell for cell in order if cell in found]


def test_an_exception_says_figure_limit_signal_owner_and_who_was_touched():
    item = executive_packet(view()).exceptions[0]
    assert spaced(item.figure) == "5.8 h (5.1–6.6), n 1,204"
    assert spaced(item.limit) == "promised: 4 h or less"
    assert item.signal == "exceptional, unfavourable: beyond the natural limits"
    assert item.owner == "Ada Lindqvist"
    assert item.affected.count == "14 of 600"
    assert spaced(item.affected.how) == "waited longer than the limit of 4 h"
    assert item.affected.outcome == (
        "−€18,400 (−€27,900 to −€9,100, 95 %), an association: this period's margin of 36 affected "
        "in the last, against others alike"
    )


def test_a_counted_exception_says_of_how_many():
    item = executive_packet(view()).exceptions[2]
    assert spaced(item.figure) == "69.96 %, all 2,000 customers"
    assert item.affected.how == "left within the year"


def test_over_served_says_what_would_have_been_enough():
    item = executive_packet(view()).exceptions[1]
    assert spaced(item.affected.how) == "got more than we chose: better than 12 h"
    more = result("csat/bronze", Estimate(0.9, 0.88, 0.92, 400, 390), "above")
    touched = TOUCHED | {("csat", "bronze"): TOUCHED["reply", "bronze"]}
    found = executive_packet(with_results(more, touched=touched)).exceptions
    (csat,) = [i for i in found if i.metric == "csat"]
    assert spaced(csat.affected.how) == "had the better outcome; 75 % is enough"


def test_a_kept_choice_that_moved_exceptionally_is_an_exception():
    worse = Signal("exceptional, unfavourable", rule="eight in a row on one side of the centre")
    better = replace(worse, flow="exceptional, favourable")
    touched = TOUCHED | {("csat", "gold"): TOUCHED["reply", "gold"]}
    for signal, someone in ((worse, True), (better, False)):
        kept = replace(RESULTS[2], signal=signal)
        found = executive_packet(with_results(kept, touched=touched)).exceptions
        (item,) = [i for i in found if i.metric == "csat"]
        assert item.words == "delivered"
        assert (item.affected is not None) == someone  # nobody is harmed by a gain


def test_the_third_undecided_period_is_an_exception():
    undecided = Verdict("too little evidence", "straddle", "straddles_limit", "", True, 3)
    for periods, count in ((3, 4), (2, 3)):
        verdict = replace(undecided, periods_undecided=periods)
        at = with_results(replace(RESULTS[2], verdict=verdict))
        assert len(executive_packet(at).exceptions) == count


@pytest.mark.parametrize(
    ("effect", "said"),
    [
        (Effect("sum", -98229.4), "−€98,229 of customer margin in the period"),
        (Effect("worth", 2079.0), "earned €2,079 of margin a year when the 12 months began"),
        (
            Effect("worth", -31.5),
            "cost €31.50 a year more than they brought in when the 12 months began",
        ),
        (Effect("few"), "not estimated: under 30 customers to compare"),
        (
            Effect("few", margins=((1.0, 2.0),)),
            "not estimated: under 30 customers to compare, then and now by name",
        ),
        (Effect("unknown"), "margin not known"),
        (
            Effect("association", 40.0, -3.25, 210.0, 36),
            "association not distinguishable from zero (−€3 to €210, 95 %): this period's margin of 36 "
            "affected in the last, against others alike",
        ),
        (
            Effect("association", -40.0, -60.0, -20.0, 36),
            "−€40.00 (−€60.00 to −€20.00, 95 %), an association: this period's margin of "
            "36 affected in the last, against others alike",
        ),
    ],
)
def test_every_effect_on_margin_is_worded(effect, said):
    assert outcome(view(), KEPT, effect) == said


def test_worth_is_margin_only_where_tiers_are_made_of_margin():
    strategy = replace(MATERIAL.strategy, plan=replace(MATERIAL.strategy.plan, method="rfm"))
    assert outcome(view(strategy=strategy), CSAT, Effect("worth", 740.0)) == (
        "bought for €740 a year when the period began"
    )


def test_experience_always_comes_with_the_margin_of_the_same_tiers():
    page = executive_packet(view()).experience
    assert [r.metric for r in page.rows] == ["reply", "csat", "nps"]
    assert [(c.tier, c.text) for c in page.margin.cells] == [("gold", "1,205"), ("bronze", "−21")]


def test_without_a_margin_metric_the_row_says_so():
    metrics = {k: m for k, m in METRICS.items() if k != "customer_margin"}
    at = view(metrics=metrics)
    packet = executive_packet(at)
    assert {c.words for c in packet.experience.margin.cells} == {
        "not measured: no metric customer_margin"
    }
    assert packet.sections[-1].rows[-1].metric == "customer_margin"
    assert owner_scorecard(at, ADA).margins == (("Gold", "–"), ("Bronze", "–"))


def test_unknown_margin_is_said_everywhere_and_never_guessed():
    held = (*STANCES, chosen("customer_margin/gold", "strength", 1000.0, owner="bea"))
    judged = replace(
        next(r for r in RESULTS if r.metric == "customer_margin" and r.tier == "gold"),
        stance="customer_margin/gold",
        verdict=Verdict("delivered", "within"),
    )
    at = with_results(judged, stances=witnessed(*held), margin_unknown="no costs")
    packet = executive_packet(at)
    assert packet.margin.sentence == "Customer margin is not known: no costs."
    assert packet.margin.unknown == (
        "Revenue is known; what it takes to win and to serve these customers is not, so no tier "
        "can be called profitable or unprofitable."
    )
    assert (packet.margin.bridges, packet.margin.whale) == ((), None)
    assert packet.margin.table.columns == ("", "customers", "revenue")
    assert {c.words for c in packet.experience.margin.cells} == {"not measured: no costs"}
    assert packet.sections[-1].rows[0].cells[0].text == "–"
    assert packet.tallies[0].undecided == "1"
    assert packet.tiers[0].share == f"63{NBSP}% of revenue"
    page = owner_scorecard(at, BEA)
    assert page.margins == (("Gold", "–"), ("Bronze", "–"))
    assert "Customer margin is not known: no costs." in page.notes


def test_neither_revenue_nor_margin_is_known():
    """Then there is no such page, and the front says what it would need."""
    packet = executive_packet(view(margin_unknown="no transactions", earned={}, curve=None))
    assert packet.margin is None
    assert packet.left_out == ("Customer margin: no transactions.",)
    assert "margin" not in [line.anchor for line in packet.contents]


def test_the_bridge_leads_from_revenue_to_margin_per_customer():
    gold, bronze = executive_packet(view()).margin.bridges
    assert [(s.label, s.text, s.total) for s in gold.steps] == [
        ("Revenue", "2,500", True),
        ("Cost to acquire", "−50", False),
        ("Deliver", "−1,000", False),
        ("Support", "−125", False),
        ("Failure service", "−121", False),  # 120.5
        ("Customer margin", "1,205", True),
    ]
    assert sum(s.amount for s in bronze.steps[:-1]) == pytest.approx(bronze.steps[-1].amount)
    assert (spaced(gold.margin_rate), spaced(gold.negative_share)) == ("48 %", "7.5 %")


def test_a_tier_without_customers_has_an_empty_bridge():
    earned = {k: e for k, e in MATERIAL.earned.items() if k != "bronze"}
    bronze = executive_packet(view(earned=earned)).margin.bridges[1]
    assert {s.text for s in bronze.steps} == {"–"}
    assert (bronze.customers, bronze.margin_rate) == ("0 customers", "–")


def test_the_margin_table_adds_up_with_everybody_who_has_no_tier():
    states = {
        "lost": Earned("lost", 3, 100.0, 0, 20.0, 0, 0, 0),
        "unattributed": Earned("unattributed", 0, 50.0, 0, 0, 0, 0, 0),
        "new": Earned("new", 2, 10.0, 30.0, 0, 0, 0, 1),
    }
    table = executive_packet(view(earned=dict(MATERIAL.earned) | states)).margin.table
    assert [row[:2] for row in table.rows] == [
        ("Gold", "40"),
        ("Bronze", "2,000"),
        ("New in the period", "2"),
        ("Gone before it", "3"),
        ("No known customer", "–"),
        ("All customers", "2,040"),
    ]
    assert table.rows[2][2:6] == ("10", "30", "0", "−20")


def test_the_basis_says_what_the_margins_leave_out():
    assert [spaced(line) for line in executive_packet(view()).margin.basis] == [
        "Customer margin is all revenue, as invoiced, less the cost to acquire and to serve. "
        "The cost to acquire counts in equal parts over the first 24 months.",
        "€1,600 of revenue (1.0 %) belongs to no known customer.",
        "Outside the margins: €70 of cost to serve could be put on no customer; "
        "€30 was discretionary spend.",
    ]


def test_the_basis_says_how_revenue_counts_and_what_that_moves():
    moved = Recognition(
        spread=True,
        at_sale=True,
        left=880.4,
        entered=120,
        later=1000,
        nameless=(2, -30.0),
        unknown=(1, -7.0),
    )
    basis = [spaced(line) for line in executive_packet(view(recognition=moved)).margin.basis]
    assert basis[:3] == [
        "Customer margin is all revenue, recognised over the days that it was paid for where these "
        "are known, else as invoiced, less the cost to acquire and to serve. The cost to acquire "
        "counts in equal parts over the first 24 months.",
        "Credits and refunds count on the days of their sale; as booked: 1 of a sale that is not "
        "there (€7) and 2 without one (€30).",
        "€880 booked in the period count in others, and €120 booked in others count in it; of all "
        "that was booked by its end €1,000 are still to count.",
    ]


def test_customers_without_a_contract_are_said_beside_the_rates_that_lack_them():
    parts = {"with a recurring amount": Decimal(8), BARE: Decimal(2)}
    bare = Balance(OPENING, "customers", Decimal(10), parts)
    said = "2 customers here a year before had no contract and are in no rate of revenue kept."
    assert said in executive_packet(view(balances=[bare])).retention.notes
    plain = executive_packet(view()).retention.notes
    assert not any("had no contract" in note and "rate of revenue" in note for note in plain)


def test_the_whale_is_told_in_shares_of_customers_and_of_margin():
    whale = executive_packet(view()).margin.whale
    assert spaced(whale.peak_text) == (
        "The most profitable 41 % of customers earn 1,115 % of the margin of all known customers, "
        "€5,380"
    )
    assert spaced(whale.alt) == (
        "Whale curve: at 41 % of customers cumulative margin has risen to 1,115 % of the margin of "
        "all known customers, €5,380; then it falls to 100 %."
    )
    negative = MATERIAL.earned["all"].negative
    assert whale.lost_text == f"{negative:,} with a negative margin take €54,620 away again"
    assert whale.points[-1] == (1.0, 1.0)


def test_the_whales_base_leaves_out_what_belongs_to_nobody():
    """1,460 is 146 % of the 1,000 of known customers, and 73 % of the 2,000 of the books."""
    curve = WhaleCurve(((0.0, 0.0), (0.5, 1460.0), (1.0, 1000.0)), 1460, -460, 1000, 5, 10)
    earned = {
        "gold": Earned("gold", 10, 1000, 0, 0, 0, 0, 5),
        "unattributed": Earned("unattributed", 0, 1000, 0, 0, 0, 0, 0),
        "all": Earned("all", 10, 2000, 0, 0, 0, 0, 5),
    }
    page = executive_packet(view(curve=curve, earned=earned)).margin
    assert spaced(page.whale.peak_text).endswith(
        "146 % of the margin of all known customers, €1,000"
    )
    assert "146 % of the margin of all known customers, €1,000;" in spaced(page.whale.alt)
    assert [row[-2] for row in page.table.rows] == ["1,000", "1,000", "2,000"]


def test_a_period_that_is_not_over_says_so_on_every_page():
    packet, page = executive_packet(view(elapsed=12)), owner_scorecard(view(elapsed=12), ADA)
    assert packet.heading.period == page.heading.period == "October 2026, 12 of 31 days"
    assert packet.margin.table.caption == "12 of 31 days of October 2026, EUR"
    assert packet.margin.sentence.startswith("Customer margin was €5,380 after 12 of 31 days: ")
    whole = executive_packet(view())
    assert whole.heading.period == "October 2026"
    assert whole.margin.table.caption == "The whole of October 2026, EUR"


def test_a_period_that_is_not_over_gives_the_reason_before_any_count():
    waiting = Verdict("too little evidence", None, "partial_period")
    found = [replace(r, verdict=waiting, signal=Signal()) for r in RESULTS if r.verdict]
    at = with_results(*found, elapsed=12)
    said = "The period is not over (12 of 31 days): none of its 6 choices is judged yet."
    packet = executive_packet(at)
    assert {packet.sentence, packet.map_sentence, packet.exceptions_sentence} == {said}
    assert owner_scorecard(at, ADA).sentence == said.replace("6 choices", "3 choices")
    assert packet.experience.sentence == (
        "No experience is judged yet, after 12 of 31 days. "
        "Would recommend us (NPS): Gold +48, Bronze −3."
    )


def test_no_margin_at_all_is_not_a_cost_of_zero():
    nothing = Earned("all", 2040, 0, 0, 0, 0, 0, 0)
    page = executive_packet(view(earned={"all": nothing}, curve=None)).margin
    assert page.sentence == "Customers brought in what they cost: their margin was nil."
    at = view(earned={}, curve=None, outside=None, margin_unknown="no transactions in this period")
    packet = executive_packet(at)
    assert packet.left_out == ("Customer margin: no transactions in this period.",)


def test_revenue_is_no_account_where_a_period_has_none():
    sold = [RowsRead("transactions", 5)]
    page = executive_packet(view(recurring=False, money=[], tables=sold)).retention
    assert page.money is None
    assert page.notes[1] == (
        "Without contracts, money is revenue: one of the two periods has no transactions."
    )


def test_without_a_table_of_money_what_customers_pay_is_not_known():
    page = executive_packet(view(recurring=False, money=[])).retention
    assert page.notes[1] == "What customers pay is not known: no contracts, transactions."


LONG = "The Ancient and Honourable " + "Company of Instrument Makers " * 51
CUT = "The Ancient and Honourable Company of Instrument Makers…"


def test_customers_names_are_cut_after_a_word_wherever_they_are_printed():
    assert (len(LONG), len(CUT)) == (1506, 56)
    touched = {k: replace(t, names=(LONG, "Kite Rail")) for k, t in MATERIAL.touched.items()}
    kept = next(r for r in RESULTS if r.stance == "kept/gold")
    at = with_results(replace(kept, fragility=Fragility(1, (LONG,))), touched=touched)
    packet = executive_packet(at)
    assert {i.affected.names for i in packet.exceptions} == {(CUT, "Kite Rail")}
    texts = everything(packet) + [t for o in (ADA, BEA) for t in everything(owner_scorecard(at, o))]
    assert [t for t in texts if "Makers Company" in t] == []
    assert f"rests on 1 customer: {CUT}" in texts
    assert f"{CUT}; Kite Rail and 12 more" in texts


def test_customer_math_shows_what_leaves_as_minus():
    page = executive_packet(view()).retention
    assert page.counts.columns == (
        "",
        "open",
        "new",
        "won back",
        "moved in",
        "moved out",
        "lost",
        "close",
    )
    assert page.counts.rows[0] == ("Gold", "38", "2", "0", "1", "0", "−1", "40")
    assert page.counts.rows[-1] == ("All customers", "2,048", "11", "1", "1", "−1", "−20", "2,040")
    assert page.money.rows[1][-2:] == ("−3", "378")


def test_what_is_not_measured_is_told_with_the_table_that_is_missing():
    """Of each family on its own page; here of the one metric that tells who stayed."""
    names = [m for m in METRICS.values() if m.family == "retention"]
    gone = [
        replace(r, estimate=Estimate(), verdict=None, unmeasured="no contracts")
        for r in RESULTS
        if r.metric in {m.name for m in names}
    ]
    notes = executive_packet(with_results(*gone)).retention.notes
    labels = "; ".join(m.label for m in names)
    assert notes[-1] == f"Not measured here, no contracts: {labels}."
    assert not [n for n in executive_packet(view()).retention.notes if "Not measured" in n]


def test_reasons_beyond_the_fifth_are_added_up():
    found = [(f"reason {i}", "bronze", 9 - i) for i in range(7)] + [("reason 6", "gold", 1)]
    table = executive_packet(view(reasons=found)).retention.reasons
    assert len(table.rows) == 6
    assert table.rows[-1] == ("other reasons", "1", "7", "8")  # 9−5 and 9−6, and one of gold


def test_chance_is_told_once_for_all_verdicts():
    """Four of six verdicts rest on samples; a twentieth of four is a fifth, so one at most."""
    assert spaced(executive_packet(view()).evidence.chance) == (
        "4 of 6 verdicts rest on samples. Each side of a 90 % interval errs one time in twenty: "
        "one of them could be wrong by chance."
    )
    counted = restanced(*[s for s in STANCES if s.metric == "kept"])
    assert executive_packet(counted).evidence.chance == (
        "No verdict rests on a sample; what was counted is as it was."
    )


def test_findings_are_printed_without_notes():
    assert executive_packet(view()).evidence.findings == ("surveys: 3 answers are twice.",)


def test_the_method_note_is_the_docstring_with_kind_maturity_and_version():
    (csat,) = [m for m in executive_packet(view()).evidence.methods if m.label == CSAT.label]
    assert (csat.text, csat.section) == ("What it says.", "What customers experienced")
    assert csat.facts == (
        ("Population", "Everybody."),
        ("Formula", "One by the other."),
        ("Tier", "The one of the period; who came in it stands apart as new."),
        ("Kind", "Share, exact interval; a sample."),
        ("Final", "14 days after the period."),
        ("Version", "v1"),
    )


def test_the_method_note_has_the_metrics_that_are_printed_and_no_others():
    """The reply is on the map and the page of experience; without it, it is in no note."""
    told = {m.label for m in executive_packet(view()).evidence.methods}
    assert told == {m.label for m in METRICS.values()}
    without = {key: r for key, r in view().data.results.items() if key[0] != "nps"}
    told = {m.label for m in executive_packet(view(results=without)).evidence.methods}
    assert told == {m.label for m in METRICS.values() if m.name != "nps"}


def test_a_page_on_which_nothing_was_measured_is_left_out_and_named():
    """No survey and no contact was mapped: a company that has only its money."""
    gone = {
        key: replace(r, estimate=Estimate(), unmeasured=f"no {lacks}", verdict=None)
        for key, r in view().data.results.items()
        if (lacks := {"csat": "surveys", "nps": "surveys", "reply": "interactions"}.get(key[0]))
    }
    packet = executive_packet(view(results=view().data.results | gone))
    assert packet.experience is None
    (line,) = packet.left_out
    head, _, lacks = line.removesuffix(".").partition(": ")
    assert (head, set(lacks.split(", "))) == ("Experience", {"no surveys", "no interactions"})
    anchors = [line.anchor for line in packet.contents]
    assert anchors == ["map", "exceptions", "margin", "retention", "evidence"]


def test_what_a_page_lacks_is_named_once():
    lacks = {"customer_margin": "no transactions, costs", "csat": "no transactions"}
    metrics = {name: replace(m, family="margin") for name, m in METRICS.items() if name in lacks}
    results = {
        key: replace(r, estimate=Estimate(), unmeasured=lacks[key[0]], verdict=None)
        for key, r in view().data.results.items()
        if key[0] in lacks
    }
    packet = executive_packet(view(metrics=metrics, results=results, earned={}, stances=[]))
    assert "Customer margin: no transactions, no costs." in packet.left_out


def test_what_is_not_measured_on_a_page_that_is_there_is_named_with_the_evidence():
    lacks = {"csat": "no surveys", "nps": "no surveys in this tier"}
    gone = {
        key: replace(r, estimate=Estimate(), unmeasured=lacks[key[0]], verdict=None)
        for key, r in view().data.results.items()
        if key[0] in lacks
    }
    packet = executive_packet(view(results=view().data.results | gone))
    assert packet.left_out == ()
    assert set(packet.evidence.unmeasured) == {
        f"Experience, no surveys: {METRICS['csat'].label}.",
        f"Experience, no surveys in any tier: {METRICS['nps'].label}.",
    }


def of_newcomers_only(estimate):
    """A view on which nobody is in a tier yet, and those who came answered one question."""
    nobody = [
        replace(r, estimate=Estimate(), unmeasured="no surveys in this tier", verdict=None)
        for r in RESULTS
        if r.metric == "csat"
    ]
    (pattern, *_others) = nobody
    seen = [replace(pattern, tier=t, estimate=estimate, unmeasured="") for t in ("new", "all")]
    return with_results(*nobody, *seen)


def test_what_was_observed_of_nobody_in_a_tier_is_printed_all_the_same():
    packet = executive_packet(of_newcomers_only(Estimate(0.4, 0.3, 0.5, 40, 40)))
    (row,) = [r for r in packet.experience.rows if r.metric == "csat"]
    assert [c.text for c in row.cells] == ["–", "–"]
    assert row.beside == ("all 40 (n 40)", "new 40 (n 40)")
    assert not [line for line in packet.evidence.unmeasured if METRICS["csat"].label in line]


def test_answers_of_a_few_have_a_row_that_says_that_they_are_not_shown():
    few = [
        replace(r, estimate=Estimate(0.5, 0.1, 0.9, 4, 4)) for r in RESULTS if r.metric == "csat"
    ]
    packet = executive_packet(with_results(*few))
    (row,) = [r for r in packet.experience.rows if r.metric == "csat"]
    assert {c.words for c in row.cells} == {"not shown: fewer than five customers"}


def test_composing_twice_gives_the_same_document():
    for compose in (executive_packet, lambda d: owner_scorecard(d, ADA)):
        first, second = (json.dumps(asdict(compose(view())), sort_keys=True) for _ in range(2))
        assert first == second


SHARE = st.floats(0, 1)
REGION = st.sampled_from(["below", "within", "above"])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_titles_fit_and_counts_agree_whatever_happened(data):
    """Any figures and verdicts: titles fit, each exception is on the map, tallies add up."""
    found = []
    for key in [s.key for s in STANCES]:
        value, n = data.draw(SHARE), data.draw(st.integers(0, 5000))
        region = data.draw(REGION)
        low, high = sorted((data.draw(SHARE), data.draw(SHARE)))
        estimate = Estimate(value, low, high, n, n) if n else Estimate()
        reason = "" if n else "n_too_small"
        found.append(result(key, estimate, region if n else None, reason))
    packet = executive_packet(with_results(*found))
    titles = [packet.sentence, packet.map_sentence, packet.exceptions_sentence]
    titles += [line.sentence for line in packet.contents]
    assert [t for t in titles if len(t) > LONGEST] == []
    loud = [c for s in packet.sections for r in s.rows for c in r.cells if c.mark]
    assert (
        len(loud)
        == len(STANCES)
        == sum(
            int(t.strengths_delivered.split()[0])
            + int(t.strengths_missed)
            + int(t.weaknesses_as_accepted.split()[0])
            + int(t.weaknesses_beyond)
            + int(t.over_served)
            + int(t.undecided)
            for t in packet.tallies
        )
    )
    assert all(row.cells[0].tier == "gold" for s in packet.sections for row in s.rows)
    assert json.loads(json.dumps(asdict(packet))) is not None


GRADES = re.compile(r"\b(good|bad|best|worst|score|rank\w*|grades?|fail\w*|red|green)\b", re.I)


def test_no_page_grades_anybody():
    packet = executive_packet(view())
    texts = [packet.sentence, packet.map_sentence, packet.exceptions_sentence]
    texts += [line.sentence for line in packet.contents]
    texts += [owner_scorecard(view(), o).sentence for o in (ADA, BEA)]
    assert [t for t in texts if GRADES.search(t)] == []
    assert NPS.name not in [i.metric for i in packet.exceptions]


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ({"gold": 1}, "1 customer is in a tier."),
        ({"gold": 2, "bronze": 3, "lost": 4}, "5 customers are in a tier; 4 had gone before."),
        (
            {"gold": 2000, "new": 216, "unrated": 3},
            "2,000 customers are in a tier; in none: 216 new, 3 unrated.",
        ),
    ],
)
def test_the_front_says_how_many_customers_are_in_a_tier_and_how_many_in_none(sizes, said):
    assert executive_packet(view(sizes=sizes)).counted == said


def test_everything_is_counted_in_a_table_by_tier_and_in_lines():
    kept = [
        Balance(
            "rows of surveys",
            "rows",
            Decimal(9),
            {"in the period": Decimal(4), "before it": Decimal(5)},
        ),
        Balance(
            "observations of nps",
            "observations",
            Decimal(4),
            {"gold": Decimal(3), "new": Decimal(1)},
        ),
        Balance(
            "revenue",
            "money",
            Decimal("10.5"),
            {"gold": Decimal("8"), "unattributed": Decimal("2.5")},
        ),
        Balance(
            "customer math",
            "customers",
            Decimal(3),
            {"at the close": Decimal(2), "left": Decimal(1)},
        ),
    ]
    page = executive_packet(view(balances=kept)).evidence
    assert page.balance.columns == ("", "all", "Gold", "new in the period", "no known customer")
    assert page.balance.rows == (
        ("Observations of 1 metric", "4", "3", "1", "–"),
        ("Revenue", "10.50", "8.00", "–", "2.50"),
    )
    assert page.balances == (
        "Rows of 1 table: 9 = in the period 4 + before it 5.",
        "Customer math: 3 = at the close 2 + left 1.",
    )


def test_rows_that_are_not_in_a_figure_are_counted_by_why():
    apart = {"nps": {"given late": 1200, "about a contact": 2}}
    page = executive_packet(view(apart=apart)).evidence
    assert page.balances == (
        "Would recommend us (NPS), not in the figure: 2 about a contact, 1,200 given late.",
    )


def test_an_optional_metric_is_on_the_pages_where_a_stance_names_it():
    nps, csat = replace(NPS, optional=True), replace(CSAT, optional=True)
    shown = view(metrics=METRICS | {"nps": nps, "csat": csat}, apart={"nps": {"given late": 1}})
    packet = executive_packet(shown)
    assert [r.metric for r in packet.experience.rows] == ["reply", "csat"]  # nps has no stance
    assert packet.evidence.balances == ()
    assert "Would recommend us" not in json.dumps(asdict(packet.evidence), default=str)
    usual = executive_packet(view())
    assert [r.metric for r in usual.experience.rows] == ["reply", "csat", "nps"]


def test_the_page_says_where_answers_have_weights():
    said = "Answers to surveys count with their weights; n is their number."
    assert said in executive_packet(view(weighted=True)).experience.notes
    assert said not in executive_packet(view()).experience.notes


def test_what_does_not_add_up_is_said_where_the_facts_are_not_sound():
    broken = Balance("revenue", "money", Decimal(10), {"gold": Decimal(7)})
    page = executive_packet(view(balances=[broken])).evidence
    assert page.balances == ("Revenue does not add up: 10.00 read, and in figures Gold 7.00.",)
