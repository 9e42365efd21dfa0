"""The service family over contacts of March 2026; facts are known until 2026-04-10 08:00 UTC."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from cast import MARCH, METRICS, counts, measured, near, stage, values
from oracles import km_quantile

from scorecard.measuring.observe import set_apart
from scorecard.stats.intervals import order_ranks

SALES = "customer_id event_on net_amount\npia 2026-01-01 1"
HEADER = "interaction_id customer_id opened_at first_human_reply_at resolved_at self_service team\n"


@pytest.fixture(scope="module")
def waiting(tmp_path_factory):
    """pia waited 1 h and 3 h, gus 2 h; sol 5 h, sid still waits, sue's answer came after the
    facts were read, bo helped himself, we wrote to bea first, and ben's contact is of April."""
    rows = """
1 pia 2026-03-01T00:00 2026-03-01T01:00 2026-03-02T00:00 -     blue
2 pia 2026-03-05T09:00 2026-03-05T12:00 -                false blue
3 gus 2026-03-31T22:59 2026-04-01T00:59 2026-04-01T00:59 -     red
4 sol 2026-03-07T10:00 2026-03-07T15:00 2026-03-08T10:00 -     red
5 sid 2026-04-01T00:00 2026-04-01T00:01 -                -     red
6 sid 2026-03-31T08:00 -                -                -     red
7 sue 2026-03-31T08:00 2026-04-10T09:00 2026-04-11T09:00 -     red
8 bo  2026-03-09T09:00 2026-03-09T09:00 2026-03-09T09:00 true  -
9 bea 2026-03-09T09:00 2026-03-09T08:00 2026-03-09T19:00 -     red
10 ben 2026-04-02T09:00 2026-04-02T10:00 2026-04-02T11:00 -    red
"""
    return stage(
        tmp_path_factory.mktemp("waiting"),
        transactions=SALES,
        interactions=HEADER + rows,
        as_of="2026-04-10T08:00",
    )


def test_median_reply_counts_those_still_waiting(waiting):
    """Silver waits 5 h, then two more than 240 h: a third has ended, so half is not reached yet: it
    is more than the 240 h of the second.
    All: 1 2 3 5 and two open: of six the third ends at 3 h, where the curve is at 1/2."""
    found = measured(waiting, "first_reply_p50")
    assert values(found) == near({"platinum": 1, "gold": 2, "silver": 240, "all": 3})
    assert (found["silver"].beyond, found["silver"].open, found["all"].beyond) == (True, 2, False)
    assert counts(found) == {"platinum": (2, 1), "gold": (1, 1), "silver": (3, 3), "all": (6, 5)}
    assert (found["silver"].low, found["silver"].high) == (None, None)


def test_nine_of_ten_replies(waiting):
    assert values(measured(waiting, "first_reply_p90")) == near(
        {
            "platinum": 3,
            "gold": 2,
            "silver": 240,
            "all": 240,
        }
    )


def test_resolution_keeps_contacts_open_until_they_are_resolved(waiting):
    # pia 24 h and open for 863; gus 2; sol 24; bea, who was only written to first, 10.
    found = measured(waiting, "resolution_p90")
    assert values(found) == near(
        {
            "platinum": 863,
            "gold": 2,
            "silver": 240,
            "bronze": 10,
            "all": 863,
        }
    )
    observed = waiting.observations(METRICS["resolution_p90"], MARCH)
    open_ = waiting.facts.answer(observed.filter(observed.censored).order_by("num", "customer_id"))
    # London's clocks went forward on 29 March; hours are those that passed.
    assert [(r["customer_id"], r["num"]) for r in open_] == [
        ("sid", 240.0),
        ("sue", 240.0),
        ("pia", 863.0),
    ]


def test_a_bots_reply_and_self_service_do_not_count(waiting):
    seen = waiting.facts.answer(waiting.observations(METRICS["first_reply_p50"], MARCH))
    assert sorted(r["customer_id"] for r in seen) == ["gus", "pia", "pia", "sid", "sol", "sue"]
    assert {r["team"] for r in seen} == {"blue", "red"}


def thirty(customers):
    """Contacts that waited 1 to 30 hours, of those customers in turn."""
    rows = []
    for w in range(1, 31):
        answered = f"2026-03-0{2 + w // 24}T{w % 24:02}:00"
        rows.append(f"{w} {customers[w % len(customers)]} 2026-03-02T00:00 {answered} - - -")
    return HEADER + "\n".join(rows)


def golden(ids):
    return "\n".join(["customer_id acquired_on tier", *(f"{c} 2025-01-01 gold" for c in ids)])


def test_interval_of_a_quantile_is_the_order_statistics(tmp_path):
    """Thirty customers wait 1 to 30 hours: nine of ten within 27, between the 24th and the 30th."""
    ids = [f"c{i:02}" for i in range(30)]
    measuring = stage(
        tmp_path,
        transactions=SALES,
        customers=golden(ids),
        interactions=thirty(ids),
        as_of="2026-04-10T08:00",
    )
    gold = measured(measuring, "first_reply_p90")["gold"]
    assert gold.value == 27
    assert (gold.low, gold.high) == order_ranks(30, 0.9) == (24, 30)


def test_thirty_contacts_of_three_customers_prove_little(tmp_path):
    """The same waits, fifteen each of gus and of gwen, who waits for the odd hours.

    Of two customers nobody can tell how alike each one's contacts are, whether they agree (13 of
    gus' waited 27 h or less, 14 of hers) or not."""
    measuring = stage(
        tmp_path, transactions=SALES, as_of="2026-04-10T08:00", interactions=thirty(["gus", "kit"])
    )
    gold = measured(measuring, "first_reply_p90")["gold"]
    assert (gold.value, gold.low, gold.high, gold.n, gold.customers) == (27, None, None, 30, 2)
    rows = [f"{i} gus 2026-03-02T00:00 2026-03-02T{10 + i % 10}:00 - - -" for i in range(15)]
    rows += [f"{i} gwen 2026-03-02T00:00 2026-03-02T0{i % 5}:00 - - -" for i in range(15, 30)]
    measuring = stage(
        tmp_path / "apart",
        transactions=SALES,
        as_of="2026-04-10T08:00",
        interactions=HEADER + "\n".join(rows),
    )
    gold = measured(measuring, "first_reply_p50")["gold"]
    assert (gold.value, gold.low, gold.n, gold.customers) == (4, None, 30, 2)


def test_a_censored_interval_supposes_nothing_of_open_waits(tmp_path):
    """Forty customers wait 1 to 40 hours; every fifth of them still does.

    Of the curve .9 · 31/35 · 26/30 · 21/25 = .5803 is left after 20 h, and 17/20 of that,
    .4933, after 23 h. The median of forty lies between the 15th and the 26th: of all as they
    are now 15 h, of those that are over (without 5, 10, 15 …) 32 h.
    """
    ids = [f"c{i:02}" for i in range(1, 41)]
    known = datetime.fromisoformat("2026-03-30T23:00")
    rows = []
    for i, customer in enumerate(ids, start=1):
        began = known - timedelta(hours=i)
        reply = "-" if i % 5 == 0 else f"{known:%Y-%m-%dT%H:%M}"
        rows.append(f"{i} {customer} {began:%Y-%m-%dT%H:%M} {reply} - - -")
    measuring = stage(
        tmp_path,
        transactions=SALES,
        interactions=HEADER + "\n".join(rows),
        customers=golden(ids),
        as_of="2026-03-30T23:00",
    )
    found = measured(measuring, "first_reply_p50")["gold"]
    expected = km_quantile([(i, i % 5 != 0, i % 5 == 0) for i in range(1, 41)], 0.5)
    assert found.value == expected.value == 23
    assert order_ranks(40, 0.5) == (15, 26)
    assert (found.low, found.high) == (15, 32)
    assert (found.open, found.beyond) == (8, False)


ISSUES = """
interaction_id customer_id issue_key opened_at        self_service team
1              pia         printer   2026-03-02T09:00 -            blue
2              pia         printer   2026-03-09T09:00 -            red
3              pia         screen    2026-03-10T09:00 -            blue
4              gus         printer   2026-03-10T09:00 -            blue
5              gus         printer   2026-03-17T09:01 -            blue
6              gwen        cable     2026-03-31T09:00 -            blue
7              kit         cable     2026-04-02T09:00 -            blue
8              sol         lamp      2026-02-01T09:00 -            blue
9              sol         lamp      2026-03-02T09:00 -            blue
10             sid         -         2026-03-02T09:00 -            blue
11             sid         -         2026-03-02T09:30 -            blue
12             bo          fuse      2026-03-02T09:00 true         -
13             bo          fuse      2026-03-02T10:00 -            blue
14             bea         fuse      2026-03-02T09:00 -            blue
15             bea         fuse      2026-03-03T09:00 true         -
16             -           fuse      2026-03-03T09:00 -            blue
"""


@pytest.fixture(scope="module")
def issues(tmp_path_factory):
    return stage(tmp_path_factory.mktemp("issues"), transactions=SALES, interactions=ISSUES)


def test_first_contact_resolution_counts_issues_that_began_in_the_period(issues):
    """pia's printer came back after exactly seven days, her screen did not. gus came back a
    minute later than that. gwen's cable came back in April, by kit. sol's lamp began in
    February. sid's two contacts without a key are two issues. What bo and bea solved alone is
    no contact."""
    found = measured(issues, "first_contact_resolution")
    assert values(found) == near(
        {
            "platinum": 1 / 2,
            "gold": 1 / 2,
            "silver": 1,
            "bronze": 1,
            "unattributed": 1,
            "all": 7 / 9,
        }
    )
    assert counts(found)["silver"] == (2, 1)
    assert counts(found)["all"] == (9, 6)


def test_recontact_rate_counts_contacts_not_issues(issues):
    """pia 1 of 3, gus 0 of 2, gwen 1 of 1, sol 0 of 1, sid 0 of 2, bo, bea and nobody 0 of 1."""
    found = measured(issues, "recontact_rate")
    assert values(found) == near(
        {
            "platinum": 1 / 3,
            "gold": 1 / 3,
            "silver": 0,
            "bronze": 0,
            "unattributed": 0,
            "all": 2 / 12,
        }
    )


ENDED = """
interaction_id customer_id issue_key opened_at        first_human_reply_at resolved_at
1              pia         a         2026-03-02T09:00 2026-03-02T10:00     2026-03-02T11:00
2              pia         b         2026-03-03T09:00 2026-03-03T10:00     2026-03-03T11:00
3              pia         c         2026-03-04T09:00 2026-03-04T10:00     2026-03-04T11:00
4              gus         d         2026-03-02T09:00 2026-03-02T10:00     2026-03-02T11:00
5              gus         e         2026-03-02T09:00 2026-03-02T10:00     2026-03-02T11:00
6              sol         f         2026-03-02T09:00 2026-03-02T10:00     2026-03-02T11:00
7              sol         -         2026-03-02T09:00 2026-03-02T10:00     2026-03-02T11:00
8              bo          g         2026-03-02T09:00 2026-03-02T10:00     2026-03-02T11:00
9              bo          g         2026-03-05T09:00 2026-03-05T10:00     2026-03-05T11:00
10             bo          h         2026-03-02T09:00 2026-03-02T10:00     2026-03-02T11:00
11             bo          h         2026-03-09T09:00 -                    -
12             sid         i         2026-03-02T09:00 2026-03-02T10:00     -
13             bea         -         2026-03-02T09:00 -                    2026-03-20T09:00
"""


def test_what_is_open_or_was_never_answered_is_not_resolved_at_first_contact(tmp_path):
    """Of eleven issues bo's two came back; of the nine that did not, sid's is open and bea's was
    closed without an answer: 7 of 11, and 2 of 11 are what is open."""
    staged = stage(tmp_path, transactions=SALES, interactions=ENDED)
    first = measured(staged, "first_contact_resolution")
    assert values(first) == near(
        {"platinum": 1, "gold": 1, "silver": 2 / 3, "bronze": 0, "all": 7 / 11}
    )
    still = measured(staged, "issues_open")
    assert values(still) == near(
        {"platinum": 0, "gold": 0, "silver": 1 / 3, "bronze": 1 / 3, "all": 2 / 11}
    )
    assert counts(first)["all"] == counts(still)["all"] == (11, 6)


def test_resolved_is_what_is_known_to_be_on_the_day_of_the_run(tmp_path):
    known_before = stage(tmp_path, transactions=SALES, interactions=ENDED, as_of="2026-03-02T10:30")
    assert values(measured(known_before, "first_contact_resolution"))["all"] == 0
    assert values(measured(known_before, "issues_open"))["all"] == 1


def test_mean_and_median_resolution(waiting):
    """Hours to the end: pia 24, gus 2, sol 24, bea 10; pia's other, sid's and sue's are open. All:
    2, 10, 24, 24 of seven have ended, so half have within 24; the mean of the four is 15."""
    found = measured(waiting, "resolution_p50")
    assert values(found)["all"] == 24
    found = measured(waiting, "resolution_mean")
    assert values(found) == near({"platinum": 24, "gold": 2, "silver": 24, "bronze": 10, "all": 15})
    apart = set_apart(METRICS["resolution_mean"], waiting.facts, MARCH)
    assert apart == {"still open or given up": 3}


GIVEN_UP = """
interaction_id customer_id opened_at        first_human_reply_at abandoned_at
1              pia         2026-03-02T09:00 -                    2026-03-02T09:05
2              pia         2026-03-02T09:00 2026-03-02T09:10     -
3              pia         2026-03-02T09:00 2026-03-02T09:10     2026-03-02T09:30
4              gus         2026-03-02T09:00 2026-03-02T09:30     2026-03-02T09:20
5              -           2026-03-02T09:00 -                    2026-03-02T09:01
6              lou         2026-03-02T09:00 2026-03-02T09:10     -
"""


def test_given_up_before_an_answer(tmp_path):
    """pia 1 of 3, for one hung up after the answer; gus was called back, too late; nobody's, too.
    Who gave up waited that long at least, and not until today: pia's 5 minutes are censored, so
    of 5+, 10 and 10 minutes half have ended after 10."""
    staged = stage(tmp_path, transactions=SALES, interactions=GIVEN_UP)
    assert values(measured(staged, "abandonment_rate")) == near(
        {"platinum": 1 / 3, "gold": 1, "lost": 0, "unattributed": 1, "all": 3 / 6}
    )
    assert values(measured(staged, "first_reply_p90"))["platinum"] == near({"": 1 / 6})[""]


def test_contacts_per_customer_counts_those_without_a_contact(tmp_path):
    """lou left in June 2025 and nobody is not ours: two contacts are beside the figure. Of the
    eleven who were here in March pia had three contacts and gus one. Gold are gus and gwen, who
    decides for kit."""
    staged = stage(tmp_path, transactions=SALES, interactions=GIVEN_UP)
    found = measured(staged, "contacts_per_customer")
    assert values(found)["platinum"] == 3 and values(found)["gold"] == 1 / 2
    assert values(found)["all"] == near({"": 4 / 11})[""]
    apart = set_apart(METRICS["contacts_per_customer"], staged.facts, MARCH)
    assert apart == {"of nobody who was a customer then": 2}


def test_a_promise_moved_in_time_counts_at_its_new_date(tmp_path):
    """pia's was moved from February into March and kept, and another out of it. gus' were moved
    too late, so they were due in March, and missed, though one was kept by its new date; sol's to a
    day that nobody wrote down. bo's were put off nobody knows when; bea's were made earlier, one
    after it was due, and kept."""
    staged = stage(
        tmp_path,
        transactions=SALES,
        promises="""
promise_id customer_id due_at           kept  renegotiated_at  new_due_at
1          pia         2026-02-20T00:00 true  2026-02-19T00:00 2026-03-05T00:00
2          pia         2026-03-20T00:00 true  2026-03-19T00:00 2026-04-05T00:00
3          gus         2026-03-20T00:00 false 2026-03-21T00:00 2026-04-05T00:00
4          sol         2026-03-20T00:00 true  2026-03-19T00:00 -
5          gus         2026-03-20T00:00 true  2026-03-21T00:00 2026-03-25T00:00
6          gus         2026-03-20T00:00 true  2026-03-20T00:00 2026-04-25T00:00
7          bo          2026-03-20T00:00 true  -                2026-03-25T00:00
8          bo          2026-03-20T00:00 false -                2026-03-25T00:00
9          bea         2026-03-20T00:00 true  -                2026-03-19T00:00
10         bea         2026-03-20T00:00 true  2026-03-21T00:00 2026-03-18T00:00
""",
    )
    found = measured(staged, "promises_kept")
    assert values(found) == near({"platinum": 1, "gold": 0, "bronze": 2 / 4, "all": 3 / 8})
    assert counts(found)["platinum"] == (1, 1)
    apart = set_apart(METRICS["promises_kept"], staged.facts, MARCH)
    assert apart == {"moved to a day that is not known": 1}


def test_a_promise_that_is_not_due_yet_is_not_broken(tmp_path):
    staged = stage(
        tmp_path,
        transactions=SALES,
        as_of="2026-03-15T08:00",
        promises="""
promise_id customer_id due_at           kept
1          pia         2026-03-10T00:00 true
2          pia         2026-03-20T00:00 -
""",
    )
    assert counts(measured(staged, "promises_kept"))["all"] == (1, 1)


def test_promises_kept_counts_those_due_that_were_not_moved_before(tmp_path):
    """pia 1 of 2: one has no evidence. gus: moved before it was due, nobody knows to when, so
    neither; the other was moved as it was due, so not kept. sol 0 of 1. Due in February and in
    April: not now. One was made to nobody in particular."""
    measuring = stage(
        tmp_path,
        transactions=SALES,
        promises="""
promise_id customer_id due_at           kept  renegotiated_at
1          pia         2026-03-01T00:00 true  -
2          pia         2026-03-31T22:59 -     -
3          gus         2026-03-10T12:00 false 2026-03-10T11:59
4          gus         2026-03-10T12:00 true  2026-03-10T12:00
5          sol         2026-03-10T12:00 false -
6          bo          2026-02-28T23:59 true  -
7          bo          2026-03-31T23:00 true  -
8          -           2026-03-31T12:00 true  -
""",
    )
    found = measured(measuring, "promises_kept")
    assert values(found) == near(
        {
            "platinum": 1 / 2,
            "gold": 0,
            "silver": 0,
            "unattributed": 1,
            "all": 2 / 5,
        }
    )
    assert counts(found)["all"] == (5, 3)


KNOWN = """
interaction_id customer_id opened_at        self_service tier_known_at_open
1              pia         2026-03-01T00:00 -            true
2              pia         2026-03-31T22:59 false        false
3              gus         2026-03-10T12:00 -            true
4              sol         2026-03-10T12:00 -            -
5              bo          2026-03-10T12:00 true         true
6              bo          2026-02-28T23:59 -            true
7              nora        2026-03-20T12:00 -            true
8              uma         2026-03-20T12:00 -            false
9              -           2026-03-20T12:00 -            -
"""


def test_tier_known_is_what_was_seen_as_the_contact_began(tmp_path):
    """pia 1 of 2, gus 1 of 1; of sol nobody wrote it down, so 0 of 1; bo helped himself, and called
    in February. nora, who is new but was sold bronze, was seen to be; uma, who has no tier, was not;
    and of the last caller nobody knew even the name: 3 of 7 in all."""
    measuring = stage(tmp_path, transactions=SALES, interactions=KNOWN)
    found = measured(measuring, "tier_known")
    assert values(found) == near(
        {
            "platinum": 1 / 2,
            "gold": 1,
            "silver": 0,
            "bronze": 1,
            "unrated": 0,
            "unattributed": 0,
            "all": 3 / 7,
        }
    )
    assert counts(found)["all"] == (7, 5)
    assert set_apart(METRICS["tier_known"], measuring.facts, MARCH) == {}
