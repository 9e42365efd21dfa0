"""The gate: what a proposal must say, item by item, and what the ledger keeps of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sample_ledger import found, handed_in
from sample_proposals import WHOLE, changed, without
from sample_strategy import METRICS, TEXT
from sqlalchemy import text
from test_ledger import LONDON, OCTOBER, computed, result

from scorecard.answering.handed_in import Decision, Reviewed
from scorecard.answering.proposal import MENDS, UNREADABLE, reason_given
from scorecard.definitions.results import Estimate, Verdict
from scorecard.errors import AlteredError, LedgerError, ReplyError
from scorecard.ledger import Ledger
from scorecard.replies.gate import Gate
from scorecard.strategy.model import Executive
from scorecard.strategy.reader import read_strategy

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def gate(tmp_path_factory):
    file = tmp_path_factory.mktemp("strategy") / "strategy.toml"
    file.write_text(TEXT, encoding="utf-8")
    strategy, found = read_strategy(file, METRICS, "EUR")
    assert found == []
    return Gate(strategy, METRICS, "EUR", "month", LONDON)


@pytest.fixture
def missing(gate, tmp_path):
    """What is missing of a text, (item, what to do) in order."""

    def look(said, ledger=None, name="quicker-replies"):
        path = tmp_path / f"{name}.toml"
        path.write_text(said, encoding="utf-8")
        return [(m.item, m.said) for m in gate.look(path, ledger, NOW).missing]

    return look


def items(said):
    return [item for item, _ in said]


# What it must say


def test_a_whole_proposal_passes(missing, gate, tmp_path):
    assert missing(WHOLE) == []
    read = gate.look(tmp_path / "quicker-replies.toml", None, NOW).proposal
    (line,), (profit,) = read.experience, read.profit
    assert (line.key, line.was, line.to) == ("first_reply_p90/gold", 4.0, 3.0)
    assert (profit.tier, profit.per_month, profit.by) == ("gold", 12.0, date(2026, 12, 31))
    assert (read.promise, read.stance, read.touch) == (
        "care",
        "first_reply_p90/gold",
        "supports strength",
    )
    assert read.paid_by == ("accepted quote: 9 EUR/month",)
    assert (read.measure, read.review_on) == ("first_reply_p90/gold", date(2027, 1, 31))


@pytest.mark.parametrize(
    ("head", "item"),
    [
        ("[customers]", "which customers"),
        ("[[experience]]", "how their experience changes"),
        ("[[profit]]", "what they earn us"),
        ("[promise]", "promise touched"),
        ("[stance]", "stance touched"),
        ("[[paid_by]]", "who pays"),
        ("[[asked]]", "which customers were asked"),
    ],
)
def test_what_is_left_out_is_listed_by_its_name(missing, head, item):
    said = missing(without(head))
    assert item in items(said)
    assert all(head in what for name, what in said if name == item and what.startswith("Add"))


def test_so_are_those_that_stand_before_the_tables_and_the_review(missing):
    assert items(missing(changed(('title = "Quicker replies for Gold"\n', "")))) == ["title"]
    assert items(missing(changed(('owner = "ada"\n', "")))) == ["owner"]
    worse = 'worse_off = "Bronze, who wait four hours longer at noon."\n'
    assert items(missing(changed((worse, "")))) == ["who is worse off"]
    review = WHOLE[WHOLE.index("[review]") :]
    assert items(missing(changed((review, "")))) == ["measure and review date"]


def test_what_is_faulty_is_listed_in_that_order_and_not_twice(missing):
    wrong = changed(
        ('metric = "first_reply_p90"', 'metric = "first_reply_p9"'), ("count = 40\n", "")
    )
    assert items(missing(wrong)) == ["which customers", "how their experience changes"]


def test_an_empty_file_misses_everything_in_the_order_of_the_gate(missing):
    assert items(missing("")) == [
        "title",
        "owner",
        "which customers",
        "how their experience changes",
        "what they earn us",
        "promise touched",
        "stance touched",
        "who pays",
        "which customers were asked",
        "who is worse off",
        "measure and review date",
    ]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("n/a: no promise names it", "no promise names it"),
        ("N/A – nobody is worse off", "nobody is worse off"),
        ("n/a", ""),
        ("n/a: none", ""),
        ("n/a: not applicable", ""),
        ("nobody", None),
    ],
)
def test_na_needs_a_reason_of_three_words(said, reason):
    assert reason_given(said) == reason


def _na(head, said):
    """The proposal with an item written as a text before the tables."""
    key = head.strip("[]")
    return f'{key} = "{said}"\n{without(head)}'


@pytest.mark.parametrize(
    ("head", "item"),
    [
        ("[[profit]]", "what they earn us"),
        ("[promise]", "promise touched"),
        ("[stance]", "stance touched"),
        ("[[paid_by]]", "who pays"),
        ("[[asked]]", "which customers were asked"),
    ],
)
def test_an_item_that_does_not_apply_says_why(missing, head, item):
    assert missing(_na(head, "n/a: because it is free of cost")) == []
    ((name, said),) = missing(_na(head, "n/a"))
    assert name == item
    assert "does not say why, in 3 words or more" in said


def test_who_it_is_for_and_the_review_always_apply(missing):
    said = missing(_na("[customers]", "n/a: it is for all of them"))
    assert ("which customers", "customers applies always") in [
        (i, s.partition(";")[0]) for i, s in said
    ]


def test_experience_that_does_not_change_leaves_the_measure_without_a_prediction(missing):
    assert missing(_na("[[experience]]", "n/a: customers notice nothing of it")) == []


# What it must not say


@pytest.mark.parametrize(
    ("old", "new", "item", "said"),
    [
        (
            'metric = "first_reply_p90"',
            'metric = "first_reply_p9"',
            "how their experience changes",
            'Did you mean "first_reply_p90"?',
        ),
        (
            'tier = "gold"\nfrom',
            'tier = "golt"\nfrom',
            "how their experience changes",
            'Did you mean "gold"?',
        ),
        ('from = "4 h"', 'from = "4"', "how their experience changes", 'write "40 min"'),
        ('"12 EUR/month"', '"12 USD/month"', "what they earn us", '"12 USD"'),
        ('"12 EUR/month"', '"12 EUR"', "what they earn us", "is not an amount per time"),
        ('"12 EUR/month"', '"0 EUR/month"', "what they earn us", "is no change"),
        ('of = "care"', 'of = "car"', "promise touched", 'Did you mean "care"?'),
        (
            'of = "first_reply_p90/gold"',
            'of = "first_reply_p90/gol"',
            "stance touched",
            'Did you mean "first_reply_p90/gold"?',
        ),
        ('owner = "ada"', 'owner = "adda"', "owner", 'Did you mean "ada"?'),
        ("count = 40", "count = 0", "which customers", "write a whole number from 1"),
        ('tiers = ["gold"]', "tiers = []", "which customers", "No tier is named"),
        (
            'niche = "Hospital laboratories"',
            'niche = "n/a"',
            "which customers",
            "does not say why",
        ),
        ("on = 2026-10-02", "on = 2026-12-01", "which customers were asked", "ask first"),
        ("on = 2027-01-31", "on = 2026-11-21", "measure and review date", "is over"),
        ("by = 2026-12-31", "by = 2027-03-01", "measure and review date", "that day or later"),
        ('to = "3 h"', 'to = "4 h"', "how their experience changes", "to the same"),
        (
            'measure = "first_reply_p90/gold"',
            'measure = "first_reply_p90/bronze"',
            "measure and review date",
            "Nothing is predicted of the measure",
        ),
        (
            'effect = "supports strength"',
            'effect = "exploits weakness"',
            "stance touched",
            "is a strength",
        ),
        ("count = 40", "count = 40\nrogue = 1", "which customers", '"rogue" does not belong'),
    ],
)
def test_what_is_wrong_is_listed_under_its_item(missing, old, new, item, said):
    listed = missing(changed((old, new)))
    assert any(name == item and said in what for name, what in listed), listed


def test_tiers_and_figures_must_be_about_the_same_customers(missing):
    assert items(missing(changed(('tiers = ["gold"]', 'tiers = ["gold", "bronze"]')))) == [
        "what they earn us"
    ]
    listed = missing(changed(('tiers = ["gold"]', 'tiers = ["bronze"]')))
    assert set(items(listed)) == {"how their experience changes", "what they earn us"}
    assert len(listed) == 3  # gold is named in both, and bronze gets no amount


def test_a_file_that_is_no_toml_is_sent_back_for_that_alone(missing):
    ((item, said),) = missing("title = ")
    assert item == UNREADABLE
    assert said.startswith("quicker-replies.toml")


def test_a_table_that_is_not_known_and_a_name_that_is_no_name(missing):
    assert items(missing(WHOLE + "\n[rogue]\nx = 1\n")) == [UNREADABLE]
    assert items(missing(WHOLE, name="Quicker Replies")) == [UNREADABLE]


# Mending what was accepted

BRONZE = changed(
    ('tiers = ["gold"]', 'tiers = ["bronze"]'),
    ('tier = "gold"\nfrom = "4 h"\nto = "3 h"', 'tier = "bronze"\nfrom = "30 h"\nto = "8 h"'),
    ('tier = "gold"\nper_customer', 'tier = "bronze"\nper_customer'),
    (
        'of = "first_reply_p90/gold"\neffect = "supports strength"',
        'of = "first_reply_p90/bronze"\neffect = "exploits weakness"',
    ),
    ('measure = "first_reply_p90/gold"', 'measure = "first_reply_p90/bronze"'),
)


def judged(ledger, words, period=OCTOBER, when=NOW):
    verdict = Verdict(words, None if words == "too little evidence" else "within")
    known = result("first_reply_p90", "bronze", period, verdict=verdict)
    computed(ledger, period, [known], inputs=f"{period}{words}", now=when)


def test_a_weakness_as_accepted_is_not_mended_without_changing_it(missing, ledger):
    assert missing(BRONZE, ledger) == []  # nothing was judged yet
    judged(ledger, "as accepted")
    ((item, said),) = missing(BRONZE, ledger)
    assert item == MENDS
    assert "first_reply_p90/bronze is a weakness that was accepted" in said
    changes = BRONZE.replace("exploits weakness", "changes stance")
    assert missing(changes, ledger) == []


def test_nor_beside_another_stance_that_is_changed(missing, ledger):
    judged(ledger, "as accepted")
    beside = BRONZE.replace(
        'of = "first_reply_p90/bronze"\neffect = "exploits weakness"',
        'of = "first_contact_resolution/bronze"\neffect = "changes stance"',
    )
    assert items(missing(beside, ledger)) == [MENDS]


def test_making_it_worse_or_mending_what_is_beyond_acceptance_is_no_mending(missing, ledger):
    judged(ledger, "as accepted")
    assert missing(BRONZE.replace('to = "8 h"', 'to = "40 h"'), ledger) == []
    judged(ledger, "beyond acceptance", OCTOBER.next(), NOW + DAY)
    assert missing(BRONZE, ledger) == []


def test_an_undecided_period_leaves_the_verdict_before_it(missing, ledger):
    judged(ledger, "as accepted")
    judged(ledger, "too little evidence", OCTOBER.next(), NOW + DAY)
    assert items(missing(BRONZE, ledger)) == [MENDS]


# What is recorded


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "quicker-replies.toml"
    path.write_text(WHOLE, encoding="utf-8")
    return path


def test_each_handing_in_is_kept_with_what_was_missing(gate, ledger, file):
    file.write_text(without("[promise]"), encoding="utf-8")
    first, new = gate.hand_in(file, ledger, NOW)
    assert new and first.state == "sent back" and first.number == 1
    again, new = gate.hand_in(file, ledger, NOW + DAY)
    assert not new and again == first
    file.write_text(WHOLE, encoding="utf-8")
    second, new = gate.hand_in(file, ledger, NOW + DAY)
    assert new and second.state == "accepted for decision"
    (filed,) = ledger.proposals()
    assert filed.state == "accepted for decision"
    assert [(h.number, len(h.missing), h.at) for h in filed.handed_in] == [
        (1, 1, NOW),
        (2, 0, NOW + DAY),
    ]
    assert filed.handed_in[0].missing[0].item == "promise touched"
    assert filed.last.proposal == gate.look(file, ledger, NOW).proposal
    assert first.hash != second.hash and len(second.hash) == 64


def test_the_same_file_is_another_handing_in_where_something_else_is_missing(gate, ledger, file):
    file.write_text(BRONZE.replace("count = 40\n", ""), encoding="utf-8")
    assert [m.item for m in gate.hand_in(file, ledger, NOW)[0].missing] == ["which customers"]
    judged(ledger, "as accepted")
    handed, new = gate.hand_in(file, ledger, NOW + DAY)
    assert new and [m.item for m in handed.missing] == ["which customers", MENDS]


def test_what_has_passed_is_not_judged_again_by_what_happens_later(gate, ledger, file):
    file.write_text(BRONZE, encoding="utf-8")
    first, _ = gate.hand_in(file, ledger, NOW)
    judged(ledger, "as accepted")
    later = NOW + 100 * DAY  # its review date is over by then
    assert [m.item for m in gate.look(file, ledger, later).missing] == [
        "measure and review date",
        MENDS,
    ]
    assert gate.hand_in(file, ledger, later) == (first, False)
    assert list(gate.findings(file.parent, ledger, later)) == []
    file.write_text(f"# once more\n{BRONZE}", encoding="utf-8")
    handed, new = gate.hand_in(file, ledger, later)
    assert new and handed.state == "sent back"


def test_it_keeps_the_margin_that_was_known_when_it_was_handed_in(gate, ledger, file):
    september = OCTOBER.previous()
    for period, value in ((september, 90.0), (OCTOBER, 110.0)):
        margin = result("customer_margin", "gold", period, estimate=Estimate(value, 1.0, 2.0, 40))
        computed(ledger, period, [margin], inputs=str(period), now=NOW)
    nothing = result("customer_margin", "gold", OCTOBER.next(), estimate=Estimate())
    computed(ledger, OCTOBER.next(), [nothing], inputs="empty", now=NOW)
    handed, _ = gate.hand_in(file, ledger, NOW)
    assert handed.margins == (("gold", 110.0),)
    assert ledger.proposals()[0].last.margins == (("gold", 110.0),)


def test_it_is_withdrawn_with_a_reason_and_until_its_review(gate, ledger, file):
    gate.hand_in(file, ledger, NOW)
    with pytest.raises(ReplyError, match='Did you mean "quicker-replies"'):
        gate.withdraw("quicker-reply", "It was declined.", ledger, NOW)
    with pytest.raises(ReplyError, match="No reason is given"):
        gate.withdraw("quicker-replies", " ", ledger, NOW)
    day = datetime(2027, 1, 31, 12, tzinfo=UTC)
    with pytest.raises(ReplyError, match=r"The review date of .* has come"):
        gate.withdraw("quicker-replies", "It went badly.", ledger, day)
    gate.withdraw("quicker-replies", "It was\ndeclined.", ledger, day - DAY)
    (filed,) = ledger.proposals()
    assert (filed.state, filed.withdrawn) == ("withdrawn", (day - DAY, "It was declined."))
    with pytest.raises(ReplyError, match="withdrawn before"):
        gate.withdraw("quicker-replies", "Again.", ledger, day - DAY)
    gate.hand_in(file, ledger, day - DAY)
    (filed,) = ledger.proposals()
    assert (filed.state, len(filed.handed_in)) == ("accepted for decision", 2)


@pytest.fixture
def able(gate):
    """The gate of a company that Max leads, and Ben the team that Ada belongs to."""
    teams = tuple(replace(t, lead="ben") for t in gate.strategy.teams)
    executives = (Executive("max", "Max Osei", "Managing director"),)
    return replace(gate, strategy=replace(gate.strategy, teams=teams, executives=executives))


def test_who_may_decides_about_what_has_passed_and_the_last_decision_counts(able, ledger, file):
    able.hand_in(file, ledger, NOW)
    name = "quicker-replies"
    able.decide(name, "decided against", "Ben Ito", "Too\ndear.", ledger, NOW)
    (filed,) = ledger.proposals()
    against = Decision("decided against", "Ben Ito", "Too dear.", NOW)
    assert (filed.state, filed.last.decision) == ("decided against", against)
    able.decide(name, "decided for", "Max Osei", "It pays.", ledger, NOW + DAY)
    (filed,) = ledger.proposals()
    assert (filed.state, filed.last.decision.person) == ("decided for", "Max Osei")
    # The same file again is the same one, and stays decided; another one is to be decided anew.
    assert not able.hand_in(file, ledger, NOW + DAY)[1]
    assert ledger.proposals()[0].state == "decided for"
    file.write_text(f"# once more\n{WHOLE}", encoding="utf-8")
    able.hand_in(file, ledger, NOW + DAY)
    (filed,) = ledger.proposals()
    assert (filed.state, filed.handed_in[0].state) == ("accepted for decision", "decided for")


@pytest.mark.parametrize(
    ("name", "person", "reason", "said"),
    [
        ("quicker-reply", "Max Osei", "So.", 'Did you mean "quicker-replies"'),
        ("quicker-replies", "Ada Lovelace", "So.", "cannot decide .*; Max Osei or Ben Ito can"),
        ("quicker-replies", "Max Ose", "So.", 'Did you mean "Max Osei"'),
        ("quicker-replies", "Max Osei", " ", "No reason is given"),
    ],
)
def test_a_decision_that_cannot_be_is_refused_with_why(
    able, ledger, file, name, person, reason, said
):
    able.hand_in(file, ledger, NOW)
    with pytest.raises(ReplyError, match=said):
        able.decide(name, "decided for", person, reason, ledger, NOW)
    assert ledger.proposals()[0].last.decision is None


def test_what_was_sent_back_withdrawn_or_is_over_is_not_decided(able, ledger, file):
    def refused(said, now=NOW):
        with pytest.raises(ReplyError, match=said):
            able.decide("quicker-replies", "decided for", "Max Osei", "So.", ledger, now)

    file.write_text(without("[promise]"), encoding="utf-8")
    able.hand_in(file, ledger, NOW)
    refused("was sent back")
    file.write_text(WHOLE, encoding="utf-8")
    able.hand_in(file, ledger, NOW)
    refused("review date .* has come", datetime(2027, 1, 31, 12, tzinfo=UTC))
    able.withdraw("quicker-replies", "Declined.", ledger, NOW)
    refused("was withdrawn")


def test_a_lead_does_not_decide_about_their_own_proposal(able, ledger, file):
    teams = tuple(replace(t, lead="ada") for t in able.strategy.teams)
    own = replace(able, strategy=replace(able.strategy, teams=teams))
    own.hand_in(file, ledger, NOW)
    with pytest.raises(ReplyError, match=r'"Ada Lovelace" cannot decide .*; Max Osei can'):
        own.decide("quicker-replies", "decided for", "Ada Lovelace", "So.", ledger, NOW)


def test_what_was_found_is_added_and_the_newest_counts(ledger):
    handed, _ = ledger.hand_in(handed_in(), NOW)
    for value in (0.75, 0.75, 0.76):
        ledger.note_reviews(
            [Reviewed(handed.number, (found(value=value, run_id=str(value)),))], NOW
        )
    (filed,) = ledger.proposals()
    assert filed.state == "reviewed"
    assert [f.value for f in filed.last.found] == [0.76]
    with ledger._engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM proposal_review")).scalar() == 2


def test_what_was_altered_is_not_read(ledger):
    handed, _ = ledger.hand_in(handed_in(), NOW)
    ledger.note_reviews([Reviewed(handed.number, (found(),))], NOW)
    for table, column in (("proposal", "missing"), ("proposal_review", "outcome")):
        with ledger._writer.begin() as connection:
            before = connection.execute(text(f"SELECT {column} FROM {table}")).scalar()
            connection.execute(text(f"UPDATE {table} SET {column} = '[]'  WHERE {column} <> '[]'"))
            connection.execute(text(f"UPDATE {table} SET {column} = '[ ]' WHERE {column} = '[]'"))
        with pytest.raises(AlteredError, match=f"{table}/1"):
            ledger.proposals()
        with ledger._writer.begin() as connection:
            connection.execute(text(f"UPDATE {table} SET {column} = :was"), {"was": before})
    assert ledger.proposals()[0].state == "reviewed"


def test_two_who_hand_in_at_once_get_numbers_of_their_own(url, tmp_path):
    with Ledger.open(url, tmp_path):
        pass
    begin, failed = Barrier(2), []

    def one(name):
        try:
            with Ledger.open(url, tmp_path) as ledger:
                begin.wait()
                ledger.hand_in(handed_in(name), NOW)
        except LedgerError as error:
            failed.append(error)

    both = [Thread(target=one, args=(name,)) for name in ("first", "second")]
    [t.start() for t in both]
    [t.join() for t in both]
    assert failed == []
    with Ledger.open(url, tmp_path) as ledger:
        assert sorted(f.last.number for f in ledger.proposals()) == [1, 2]


def test_findings_of_a_folder_are_warnings_with_their_lines(gate, tmp_path):
    (tmp_path / "a-draft.toml").write_text(without("[promise]"), encoding="utf-8")
    wrong = changed(('from = "4 h"', 'from = "4"'))
    (tmp_path / "b-draft.toml").write_text(wrong, encoding="utf-8")
    (tmp_path / ".c.toml").write_text("", encoding="utf-8")
    first, *more = gate.findings(tmp_path, None, NOW)
    assert (first.place, first.severity) == ("a-draft.toml", "warning")
    assert str(first).endswith("(promise touched)")
    assert more[0].place == "b-draft.toml:13 (experience first_reply_p90/gold)"
    assert {f.severity for f in more} == {"warning"}
    assert list(gate.findings(tmp_path / "none", None, NOW)) == []
