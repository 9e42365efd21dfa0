"""Spans: any months or days as a period of their own, from facts to pages."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime

import pytest
from cast import ZONE, opened
from command import scorecard
from pypdf import PdfReader
from sample_project import small

from scorecard.base.periods import Period
from scorecard.documents.gather import math
from scorecard.facts.window import OpenWindow, Window
from scorecard.measuring import earnings
from scorecard.measuring.measure import Measuring
from scorecard.pipeline.run import Pipeline
from scorecard.project.settings import Project
from scorecard.project.workspace import open_ledger, open_workspace
from scorecard.strategy.model import Tier, TierPlan
from scorecard.tiers.assignment import Tiers
from scorecard.tiers.margin import money

AS_OF = datetime(2026, 8, 17, 5, tzinfo=UTC)
STUDY, WAVE = "2026-04/2026-06", "2026-03-02/2026-03-20"


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    """The example company with three metrics more, and tiers from February 2026 on."""
    more = ("customer_revenue", "response_rate", "logo_retention")
    return small(tmp_path_factory.mktemp("span"), *more, since="2025-02")


@pytest.fixture(scope="module")
def made(project):
    """What the runs of the study and of the wave published, after a backfill of five months, with
    the snapshots of tiers before and after; {text: (results, files)}, before, after."""
    work = open_workspace(project, AS_OF)
    found = {}
    with open_ledger(project) as ledger:
        pipeline = Pipeline(work, ledger, lambda: AS_OF, lambda *_: None)
        pipeline.backfill(work.period("2026-02"), work.period("2026-06"), AS_OF)
        before = snapshots(project)
        for text in (STUDY, WAVE):
            published = pipeline.run(work.period(text), AS_OF).published
            found[text] = (ledger.results(work.period(text)), [p.path for p in published])
    work.facts.close()
    return found, before, snapshots(project)


def snapshots(project: Project) -> dict[str, bytes]:
    return {f.stem: f.read_bytes() for f in (project.state / "tiers").glob("*.parquet")}


def rows(project: Project, table: str, column: str, first: str, after: str):
    with (project.root / "facts" / f"{table}.csv").open(newline="") as file:
        return [r for r in csv.DictReader(file) if first <= r[column] < after]


def figure(results, metric: str, tier: str = "all"):
    return next(r for r in results if (r.metric, r.tier) == (metric, tier))


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [(STUDY, "2026-04-01", "2026-07-01"), (WAVE, "2026-03-02", "2026-03-21")],
)
def test_a_span_counts_the_rows_of_its_days_and_no_others(made, project, text, first, after):
    results, _files = made[0][text]
    sold = rows(project, "transactions", "event_on", first, after)
    assert figure(results, "customer_revenue").estimate.total == pytest.approx(
        sum(float(r["net_amount"]) for r in sold)
    )
    invited = rows(project, "surveys", "sent_at", first, after)
    assert figure(results, "response_rate").estimate.n == len(invited) > 0
    contacts = rows(project, "interactions", "opened_at", first, after)
    assert figure(results, "first_reply_p90").estimate.n == len(contacts) > 0


def test_a_window_of_months_looks_back_from_the_end_of_the_span(made):
    """Ten of the twelve were here on 1 July 2025 and 21 March 2025 alike, with Cedar, Larch and
    all others; Juniper left on 27 February 2026, which both windows hold."""
    for text in (STUDY, WAVE):
        kept = figure(made[0][text][0], "logo_retention").estimate
        assert (kept.n, kept.value) == (12, pytest.approx(11 / 12))


def test_every_document_is_made_under_the_span_and_names_it(made, project):
    for text, folder, words in [
        (STUDY, "2026-04_2026-06", "April to June 2026"),
        (WAVE, "2026-03-02_2026-03-20", "2 to 20 Mar 2026"),
    ]:
        _results, files = made[0][text]
        assert [f.relative_to(project.output).as_posix() for f in files] == [
            f"{folder}/executive-packet.pdf",
            f"{folder}/teams/service.pdf",
            f"{folder}/owners/head-of-service.pdf",
        ]
        for file in files:
            assert words in PdfReader(file).pages[0].extract_text().replace("\n", " ")


def test_a_span_has_no_history_and_is_in_none(made, project):
    results, _files = made[0][STUDY]
    assert {r.signal.flow for r in results} == {""}
    assert all(r.signal.centre is None for r in results)
    with open_ledger(project) as ledger:
        following = Period.parse("2026-07/2026-09", "Europe/London")
        assert ledger.histories(following) == {}
        july = Period.parse("2026-07", "Europe/London")
        keys = {p.period for points in ledger.histories(july).values() for p in points}
        assert keys == {"2026-02", "2026-03", "2026-04", "2026-05", "2026-06"}


def test_tiers_are_frozen_as_the_span_opens_and_ends_and_none_changes(made):
    _found, before, after = made
    assert {key: after[key] for key in before} == before
    # The days on which the wave, the day after it, and its window of twelve months open.
    assert set(after) - set(before) == {"2025-03-21", "2026-03-02", "2026-03-21"}


def test_stances_are_those_in_force_when_the_span_opened(tmp_path):
    project = small(tmp_path, since="2026-01")
    text = project.strategy.read_text()
    late = text.replace("effective = 2026-01-01", "effective = 2026-03-10", 1)
    project.strategy.write_text(late)
    work = open_workspace(project, AS_OF)
    with open_ledger(project) as ledger:
        pipeline = Pipeline(work, ledger, lambda: AS_OF, lambda *_: None)
        judged = {}
        for wave in ("2026-03-02/2026-03-20", "2026-03-10/2026-03-20"):
            pipeline.run(work.period(wave), AS_OF)
            judged[wave] = {r.stance for r in ledger.results(work.period(wave)) if r.verdict}
    work.facts.close()
    (first, second) = judged.values()
    assert second - first == {"first_reply_p90/gold"}
    assert len(first) == 3


def test_who_came_on_the_opening_day_is_new_and_who_came_before_is_not(tmp_path):
    customers = "customer_id acquired_on tier\na 2026-03-09 gold\nb 2026-03-10 gold"
    sales = "customer_id event_on net_amount\na 2025-12-10 5"
    facts = opened(tmp_path, customers=customers, transactions=sales)
    plan = TierPlan("declared", (Tier("gold", "Gold"),), since="2026-01")
    tiers = Tiers(facts, plan, tmp_path / "tiers")
    span = Period.parse("2026-03-10/2026-03-20", ZONE)
    list(tiers.freeze(span))
    assert [r["customer_id"] for r in tiers.snapshot(span)] == ["a"]
    assert tiers.kept.periods() == ["2026-01", "2026-02", "2026-03", "2026-03-10"]


def test_computed_tiers_of_a_day_continue_the_chain_of_months(tmp_path):
    """Twenty customers buy on 5 February for 1 to 20 euros; on 1 March that is two thirds of their
    score, and the best four are gold. On 16 March it is one third, since the last month is made of
    the weeks from 9 February on: all four fall, and at the first snapshot below they stay."""
    names = [f"c{i:02}" for i in range(1, 21)]
    customers = "customer_id acquired_on\n" + "\n".join(f"{n} 2025-01-01" for n in names)
    sales = ["customer_id event_on net_amount", "c01 2025-01-02 1"]
    sales += [f"{n} 2026-02-05 {i}" for i, n in enumerate(names, 1)]
    costs = "customer_id event_on amount category\nnobody 2025-01-01 1 deliver"
    plan = TierPlan(
        "margin_percentile",
        (Tier("gold", "Gold", share=0.2), Tier("rest", "Rest")),
        window=1,
        history=1,
        since="2026-03",
    )
    facts = opened(tmp_path, customers=customers, transactions="\n".join(sales), costs=costs)
    tiers = Tiers(facts, plan, tmp_path / "tiers")
    span = Period.parse("2026-03-16/2026-03-20", ZONE)
    list(tiers.freeze(span))
    held = {r["customer_id"]: (r["tier"], r["falls"]) for r in tiers.snapshot(span)}
    assert {n for n, (tier, _falls) in held.items() if tier == "gold"} == set(names[-4:])
    assert {falls for tier, falls in held.values() if tier == "gold"} == {1}


# money


ACQUIRED = """
cost_id event_on   amount category customer_id driver
1       2026-01-15 240    acquire  pia         -
2       2026-03-05 300    deliver  -           minutes
"""
USED = """
driver_id driver  customer_id date       qty
1         minutes pia         2026-03-03 10
2         minutes gwen        2026-03-30 10
"""
PEOPLE = "customer_id acquired_on\npia 2026-01-15\ngwen 2025-02-01"
SOLD = "customer_id event_on net_amount\npia 2026-03-02 50\npia 2026-03-20 60\ngwen 2026-03-21 70"


def amounts(facts, text):
    window = Window.of(Period.parse(text, ZONE), 0)
    return {r["customer_id"]: r for r in facts.answer(money(facts, window))}


@pytest.mark.parametrize(
    ("text", "acquire"),
    [  # 240 in 24 months are 10 a month
        ("2026-03/2026-05", 30),
        ("2026-03-01/2026-03-31", 10),
        ("2026-03-02/2026-03-20", 10 * 19 / 31),
        ("2026-02-15/2026-03-10", 10 * (14 / 28 + 10 / 31)),
        ("2026-01-01/2026-01-15", 10 * 15 / 31),
        ("2025-12-01/2025-12-31", 0),
    ],
)
def test_cost_to_acquire_falls_into_the_days_of_a_span(tmp_path, text, acquire):
    facts = opened(tmp_path, customers=PEOPLE, transactions=SOLD, costs=ACQUIRED, drivers=USED)
    found = amounts(facts, text).get("pia")
    assert float(found["acquire"] if found else 0) == pytest.approx(acquire, abs=1e-4)


def test_a_pool_booked_in_a_span_is_shared_by_the_use_of_the_whole_month(tmp_path):
    facts = opened(tmp_path, customers=PEOPLE, transactions=SOLD, costs=ACQUIRED, drivers=USED)
    found = amounts(facts, WAVE)
    assert {c: (r["revenue"], r["deliver"]) for c, r in found.items()} == {
        "pia": (110, 150),
        "gwen": (0, 150),
    }
    outside = earnings.outside(facts, Period.parse(WAVE, ZONE))
    assert (outside.unallocated, outside.unattributed) == (0, 0)


def test_spans_of_days_that_tile_a_month_add_up_to_it(tmp_path):
    facts = opened(tmp_path, customers=PEOPLE, transactions=SOLD, costs=ACQUIRED, drivers=USED)
    parts = ("2026-03-01/2026-03-04", "2026-03-05/2026-03-20", "2026-03-21/2026-03-31")
    whole = amounts(facts, "2026-03")
    for customer, month in whole.items():
        for part in ("revenue", "acquire", "deliver"):
            pieces = [amounts(facts, text).get(customer) for text in parts]
            summed = sum(float(p[part]) for p in pieces if p)
            assert summed == pytest.approx(float(month[part]), abs=1e-3)


def test_a_window_that_is_not_known_yet_asks_the_same_as_one_that_is(tmp_path):
    facts = opened(tmp_path, customers=PEOPLE, transactions=SOLD, costs=ACQUIRED, drivers=USED)
    window = Window.of(Period.parse("2026-02-15/2026-03-10", ZONE), 0)
    later = OpenWindow("period", "days")
    found = facts.answer(money(facts, later), **later.values(window))
    assert {r["customer_id"]: float(r["acquire"]) for r in found} == {
        c: float(r["acquire"]) for c, r in amounts(facts, "2026-02-15/2026-03-10").items()
    }


def test_an_earlier_window_lies_one_span_before():
    for text, before in [
        (STUDY, (date(2026, 1, 1), date(2026, 4, 1))),
        (WAVE, (date(2026, 2, 11), date(2026, 3, 2))),
    ]:
        earlier = Window.of(Period.parse(text, ZONE), 0).earlier()
        assert (earlier.first, earlier.after) == before


def test_customer_flow_of_a_span_goes_from_its_opening_to_its_end(project, made):
    """Nobody came or left from April to June; eleven are here at both ends."""
    work = open_workspace(project, AS_OF)
    counts = math(Measuring(work.facts, work.tiers), work.period(STUDY)).counts
    assert [(a.tier, a.opening, a.new, a.lost, a.closing) for a in counts] == [
        ("gold", 4, 0, 0, 4),
        ("bronze", 7, 0, 0, 7),
    ]
    work.facts.close()


# commands


def test_commands_take_a_span_where_they_take_a_period(made, project):
    folder = project.root
    code, said, _wrong = scorecard("results", "--period", STUDY, cwd=folder)
    assert code == 0 and "first_reply_p90" in said
    code, said, _wrong = scorecard("explain", "response_rate", "--period", WAVE, cwd=folder)
    assert code == 0 and "TIMESTAMP(2026, 3, 21" in said
    code, said, _wrong = scorecard("check", "--period", WAVE, cwd=folder)
    assert code == 0, said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["backfill", "--from", STUDY, "--to", STUDY], "is a span, which"),
        (["run", "owner-scorecards", "--period", WAVE], "is a span, which"),
        (["run", "--period", "2026-06/2026-04"], "ends before it begins"),
        (["run", "--period", "2027-01/2027-03"], "has not begun; the last possible period is"),
        (["run", "--period", "2020-01/2020-03"], "ends before the first fact"),
        (["results", "--period", "2026-01/2026-03"], "was not computed yet"),
    ],
)
def test_what_a_span_cannot_be_is_said(made, project, words, said):
    box = {"SCORECARD_SMTP": "folder:mail"}
    code, _out, wrong = scorecard(*words, cwd=project.root, **box)
    assert code == 1
    assert said in " ".join(wrong.split())
