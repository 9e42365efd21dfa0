"""Compose, the owner's page and the stances that changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sample_choices import OCTOBER, chosen, earlier, witnessed
from sample_material import (
    ADA,
    BEA,
    MATERIAL,
    RESULTS,
    STANCES,
    everything,
    restanced,
    spaced,
    view,
)

from scorecard.definitions.results import Signal, Verdict
from scorecard.documents.owner import owner_scorecard
from scorecard.documents.packet import executive_packet
from scorecard.judging.affected import Effect, Touched
from scorecard.ledger import StanceChange
from scorecard.strategy.model import Owner


def test_an_owner_has_their_strengths_and_weaknesses_with_what_pays_for_them():
    page = owner_scorecard(view(), ADA)
    assert page.sentence == "2 of 3 choices went as chosen. Not delivered: Gold first reply."
    assert [(h.key, h.tier, h.cell.tier) for h in (*page.strengths, *page.weaknesses)] == [
        ("reply/gold", "Gold", "gold"),
        ("csat/gold", "Gold", "gold"),
        ("csat/bronze", "Bronze", "bronze"),
    ]
    reply, csat = page.strengths
    assert (spaced(reply.limits), reply.funding) == (
        "promised: 4 h or less",
        "paid by Bronze first reply",
    )
    assert csat.funding == "paid by Bronze satisfied; care plan (€38,000 a month)"
    assert page.weaknesses[0].funding == "pays for Gold satisfied, releases €900 a year"
    assert spaced(page.weaknesses[0].limits) == "accepted: 60 % to 75 %"
    assert page.margins == (("Gold", "€1,205"), ("Bronze", "−€21"))
    (row,) = page.affected
    assert row.names == "Aldous Marine; Petra Foods; Kite Rail and 11 more"
    assert row.which == "Gold · First reply, 9 of 10 within"


@pytest.mark.parametrize(("exceptions", "named"), [(3, 3), (4, 3), (5, 2), (6, 2)])
def test_the_more_exceptions_an_owner_has_the_fewer_customers_each_row_names(exceptions, named):
    """Twelve names or so in all: three each of four, two each of six."""
    mine = [replace(s, owner="ada") for s in STANCES]
    missed = Verdict("not delivered", "below")
    results = dict(MATERIAL.results)
    for stance in mine[:exceptions]:
        key = (stance.metric, stance.tier)
        results[key] = replace(results[key], verdict=missed, stance=stance.key, signal=Signal())
    for stance in mine[exceptions:]:
        key = (stance.metric, stance.tier)
        kept = Verdict("delivered", "within")
        results[key] = replace(results[key], verdict=kept, stance=stance.key, signal=Signal())
    who = Touched(9, 40, ("Ann", "Ben", "Cy", "Di", "Ed"), "harmed", Effect("few"))
    touched = {(s.metric, s.tier): who for s in mine}
    at = view(results=results, touched=touched, stances=witnessed(*mine))
    page = owner_scorecard(at, ADA)
    first = "; ".join(who.names[:named]) + f" and {9 - named} more"
    assert [row.names for row in page.affected] == [first] * exceptions


def test_an_owners_page_says_nothing_of_other_owners():
    for owner, other in ((ADA, BEA), (BEA, ADA)):
        change = StanceChange(
            "changed",
            f"{'csat' if owner is ADA else 'kept'}/gold",
            *(
                chosen(
                    f"{'csat' if owner is ADA else 'kept'}/gold",
                    "strength",
                    x,
                    owner=owner.id,
                    approved_by=other.id,
                )
                for x in (0.8, 0.7)
            ),
            "v1",
            datetime(2026, 8, 1, tzinfo=UTC),
            date(2026, 9, 1),
            "",
        )
        page = owner_scorecard(view(changes=[change]), owner)
        texts = everything(page)
        assert not [t for t in texts if other.name in t or other.name.split()[1] in t]
        assert other.id not in [w.strip(".,;:()") for t in texts for w in t.split()]
        assert len(page.notes) == 1


def test_a_stance_whose_owner_is_not_declared_says_so():
    ghost = replace(STANCES[2], owner="ghost")
    item = executive_packet(restanced(ghost)).exceptions[0]
    assert item.owner == "no owner (ghost)"


def test_a_back_dated_stance_is_marked_on_its_owners_page():
    held = [w._replace(note="back-dated: first seen 2026-03-02") for w in witnessed(STANCES[0])]
    assert owner_scorecard(view(stances=held), ADA).notes == (
        "Gold satisfied: back-dated: first seen 2026-03-02.",
    )


def test_an_owner_without_a_known_team_has_none():
    page = owner_scorecard(view(), replace(ADA, team="ghosts"))
    assert page.team == ""
    assert owner_scorecard(view(), Owner("eve", "Eve Ito", "", "care", "")).strengths == ()


def changed(key: str, now, before, note: str = "", from_: date = date(2026, 9, 1)) -> StanceChange:
    kind = "ended" if now is None else "changed" if before else "new"
    return StanceChange(kind, key, now, before, "v", datetime(2026, 8, 9, tzinfo=UTC), from_, note)


SEPTEMBER = OCTOBER.previous()
BEYOND = {("reply", "v0", "gold"): earlier(7.0, last=SEPTEMBER, words="not delivered")}
OLD, NEW = chosen("reply/gold", "strength", 4.0), chosen("reply/gold", "strength", 8.0)


def changes(*found: StanceChange, **more) -> list[str]:
    return [spaced(t) for t in executive_packet(view(changes=found, **more)).evidence.changes]


def test_a_limit_relaxed_after_a_miss_is_printed_as_such_with_what_the_old_one_would_say():
    """Gold's reply is 5.1 to 6.6 h: the 8 h are kept, the 4 h of before were not."""
    eased = replace(RESULTS[4], verdict=Verdict("delivered", "within"))
    at = dict(MATERIAL.results) | {("reply", "gold"): eased}
    assert changes(changed("reply/gold", NEW, OLD), histories=BEYOND, results=at) == [
        "Gold first reply: promised 8 h or less, before that promised 4 h or less, in force from "
        "1 Sept 2026, approved by coo. Relaxed after “not delivered” in August 2026. "
        "The old stance would have said not delivered."
    ]


def test_the_same_is_on_the_owners_page():
    page = owner_scorecard(view(changes=[changed("reply/gold", NEW, OLD)], histories=BEYOND), ADA)
    assert [spaced(note) for note in page.notes] == [
        "Gold first reply: promised 8 h or less, before that promised 4 h or less, in force from "
        "1 Sept 2026. Relaxed after “not delivered” in August 2026. "
        "The old stance would also have said not delivered."
    ]
    assert owner_scorecard(view(changes=[changed("reply/gold", NEW, OLD)]), BEA).notes == ()


@pytest.mark.parametrize(
    ("now", "before", "missed", "relaxed"),
    [
        (NEW, OLD, "not delivered", "Relaxed after “not delivered” in August 2026."),
        (NEW, OLD, "delivered", ""),
        (OLD, NEW, "not delivered", ""),  # tightened
        (
            chosen("reply/gold", "weakness", 4.0),
            OLD,
            "not delivered",
            "Made a weakness after “not delivered” in August 2026.",
        ),
        (
            chosen("reply/gold", "strength", None, 2.0),
            OLD,
            "not delivered",
            "Relaxed after “not delivered” in August 2026.",
        ),
        (None, OLD, "not delivered", "Given up after “not delivered” in August 2026."),
        (
            chosen("reply/gold", "weakness", 60.0),
            chosen("reply/gold", "weakness", 48.0),
            "beyond acceptance",
            "Relaxed after “beyond acceptance” in August 2026.",
        ),
    ],
)
def test_what_counts_as_relaxing_after_a_miss(now, before, missed, relaxed):
    history = {("reply", "v1", "gold"): earlier(7.0, last=SEPTEMBER, words=missed)}
    (said,) = changes(changed("reply/gold", now, before), histories=history)
    assert relaxed in said
    assert ("August" in said) == bool(relaxed)


def test_a_miss_five_periods_before_the_change_is_forgotten():
    long_ago = earlier(7.0, last=OCTOBER.shift(-4), words="not delivered")
    for back, told in ((0, True), (-1, False)):
        history = {
            ("reply", "v1", "gold"): [
                replace(p, period=OCTOBER.shift(-5 + back).key) for p in long_ago
            ]
        }
        (said,) = changes(changed("reply/gold", NEW, OLD), histories=history)
        assert ("Relaxed" in said) == told


def test_new_ended_and_back_dated_stances_are_told():
    note = "back-dated: declared effective 2026-01-01, first seen 2026-08-09"
    assert changes(
        changed("csat/gold", STANCES[0], None, note),
        changed("csat/bronze", None, STANCES[1]),
        changed("gone/gold", chosen("gone/gold", "strength", 1.0), None),
    ) == [
        "Gold satisfied: promised 80 % or more, new, in force from 1 Sept 2026, approved by coo. "
        "Back-dated: declared effective 2026-01-01, first seen 2026-08-09.",
        "Bronze satisfied: no longer accepted 60 % to 75 %, in force from 1 Sept 2026, approved by "
        "coo. The old stance would also have said as accepted.",
        "Gold gone: stance altered, in force from 1 Sept 2026, approved by coo.",
    ]


def test_a_change_of_other_terms_has_no_old_verdict():
    dearer = replace(OLD, releases="1 EUR/month")
    assert changes(changed("reply/gold", dearer, OLD)) == [
        "Gold first reply: promised 4 h or less as before, other terms altered, in force from "
        "1 Sept 2026, approved by coo."
    ]


@pytest.mark.parametrize(
    ("until", "note", "said"),
    [
        (date(2026, 9, 1), "ends on 2026-09-01", "ends on 1 Sept 2026, approved by coo."),
        (None, "has no end any more", "has no end any more, approved by coo."),
        (
            date(2026, 9, 1),
            "back-dated: declared effective 2026-01-01; ends on 2026-09-01",
            "ends on 1 Sept 2026, approved by coo. Back-dated: declared effective 2026-01-01.",
        ),
        (
            date(2026, 3, 1),
            "back-dated: declared to end on 2026-03-01",
            "other terms altered, in force from 1 Sept 2026, approved by coo. "
            "Back-dated: declared to end on 2026-03-01.",
        ),
    ],
)
def test_an_end_is_told_as_one(until, note, said):
    assert changes(changed("reply/gold", replace(OLD, until=until), OLD, note)) == [
        f"Gold first reply: promised 4 h or less as before, {said}"
    ]


def test_who_approves_their_own_change_is_seen_doing_it():
    own = replace(NEW, approved_by="ada")
    (said,) = changes(changed("reply/gold", own, OLD))
    assert "approved by its own owner" in said
    page = owner_scorecard(view(changes=[changed("reply/gold", own, OLD)]), ADA)
    assert "approved by its own owner" in page.notes[0]
    (other,) = changes(changed("reply/gold", replace(NEW, approved_by="bea"), OLD))
    assert "approved by Bea Tsukada" in other


@pytest.mark.parametrize("reason", ["partial_period", "not_mature", "stale"])
def test_an_old_stance_says_nothing_where_no_stance_can(reason):
    waiting = replace(RESULTS[4], verdict=Verdict("too little evidence", None, reason))
    at = dict(MATERIAL.results) | {("reply", "gold"): waiting}
    (said,) = changes(changed("reply/gold", NEW, OLD), results=at)
    assert "would" not in said
