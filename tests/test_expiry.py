"""Stances that end or are to be reviewed: until when they hold, and that what follows is said to
be no decision, wherever it is printed. All days were worked out by hand."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from command import scorecard
from sample_choices import chosen
from sample_material import (
    MATERIAL,
    STANCES,
    cell_of,
    everything,
    restanced,
    result,
    spaced,
    view,
    with_results,
)
from sample_project import small
from sample_strategy import METRICS, TEXT, varied
from test_ledger import LONDON, NOW, OCTOBER, at, stance

from scorecard.definitions.results import Estimate, Verdict
from scorecard.documents import sentences
from scorecard.documents.changes import changes_of
from scorecard.documents.owner import owner_scorecard
from scorecard.documents.packet import executive_packet
from scorecard.documents.sentences import UNDECIDED
from scorecard.documents.summary import packet_summary
from scorecard.documents.tallies import tallies
from scorecard.documents.team import team_review
from scorecard.ledger import Expired, StanceChange, stance_hash
from scorecard.ledger.witness import LATE, write_stance
from scorecard.strategy.expiry import expiry_findings
from scorecard.strategy.reader import read_strategy

MAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
NOVEMBER = OCTOBER.next()
DECEMBER = NOVEMBER.next()
MID_OCTOBER = date(2026, 10, 15)


def lapsed(ledger, period):
    """Since when nothing is decided in the period, by tier."""
    return {e.stance.tier: e.since for e in ledger.expired_for(period)}


# Until when a stance holds


@pytest.mark.parametrize(
    ("until", "review_on", "ends", "said"),
    [
        (None, None, None, "has no end any more"),
        (date(2026, 10, 1), None, date(2026, 10, 1), "ends on 2026-10-01"),
        (None, date(2026, 9, 30), date(2026, 10, 1), "holds until its review on 2026-09-30"),
        (date(2026, 10, 1), date(2026, 8, 31), date(2026, 9, 1), "holds until its review on 2026-"),
        (date(2026, 10, 1), date(2026, 9, 30), date(2026, 10, 1), "ends on 2026-10-01"),
    ],
)
def test_it_holds_before_until_and_on_the_day_of_its_review(until, review_on, ends, said):
    one = stance(until=until, review_on=review_on)
    assert one.ends == ends
    assert one.ending().startswith(said)
    if ends is not None:
        assert one.holds_on(date.fromordinal(ends.toordinal() - 1))
        assert not one.holds_on(ends)


def test_a_stance_without_a_review_date_keeps_the_version_that_it_had():
    """The hash of a stance before there were review dates."""
    assert "review" not in write_stance(stance())
    assert stance_hash(stance()) != stance_hash(stance(review_on=MID_OCTOBER))


def test_a_period_in_which_its_review_lies_is_judged_by_it_to_the_end(ledger):
    """In force on the first day of October, so October is judged; of November nothing is."""
    ledger.witness([stance(review_on=MID_OCTOBER)], "month", LONDON, MAY)
    assert set(at(ledger, date(2026, 10, 1))) == {"gold"}
    assert lapsed(ledger, OCTOBER) == {}
    assert at(ledger, date(2026, 11, 1)) == {}
    assert lapsed(ledger, NOVEMBER) == lapsed(ledger, DECEMBER) == {"gold": date(2026, 10, 16)}


@pytest.mark.parametrize(
    ("review_on", "judged"),
    [(date(2026, 9, 30), False), (date(2026, 10, 1), True), (date(2026, 10, 31), True)],
)
def test_the_first_day_of_a_period_decides(ledger, review_on, judged):
    ledger.witness([stance(review_on=review_on)], "month", LONDON, MAY)
    assert ("gold" in at(ledger, date(2026, 10, 1))) is judged
    assert ("gold" in lapsed(ledger, OCTOBER)) is not judged


def test_on_the_first_day_of_any_period_it_holds_or_has_expired_and_never_both(local):
    """Eighty stances with ends and reviews on any days of two years, by what the dates say."""
    chance, first = Random(20261129), date(2026, 1, 1)
    declared = {}
    for n in range(80):
        until, review = (first + timedelta(days=chance.randrange(1, 730)) for _ in range(2))
        both = chance.randrange(4)
        declared[f"t{n}"] = (until if both & 1 else None, review if both & 2 else None)
    seen = [stance(t, until=u, review_on=r) for t, (u, r) in declared.items()]
    local.witness(seen, "month", LONDON, datetime(2025, 12, 20, tzinfo=UTC))
    period = OCTOBER.shift(-9)
    for month in (period.shift(i) for i in range(26)):
        day = month.first
        holding = {
            t
            for t, (u, r) in declared.items()
            if (u is None or day < u) and (r is None or day <= r)
        }
        assert set(at(local, day)) == holding
        assert set(lapsed(local, month)) == declared.keys() - holding


def test_an_end_that_has_passed_is_no_decision_either(ledger):
    ledger.witness([stance(until=date(2026, 10, 1))], "month", LONDON, MAY)
    assert lapsed(ledger, OCTOBER.previous()) == {}
    assert lapsed(ledger, OCTOBER) == {"gold": date(2026, 10, 1)}


# Chosen anew, replaced, removed


def test_chosen_anew_before_its_review_it_holds_without_a_gap(ledger):
    ledger.witness([stance(review_on=MID_OCTOBER)], "month", LONDON, MAY)
    seen = datetime(2026, 10, 15, 20, tzinfo=UTC)
    anew = stance(review_on=date(2027, 10, 15))
    [change] = ledger.witness([anew], "month", LONDON, seen)
    assert (change.only_end, change.in_force_from) == (True, date(2026, 11, 1))
    assert change.said == "csat/gold holds until its review on 2027-10-15."
    assert [set(at(ledger, p.first)) for p in (OCTOBER, NOVEMBER)] == [{"gold"}, {"gold"}]
    assert lapsed(ledger, NOVEMBER) == {}


def test_chosen_anew_later_it_leaves_a_gap_that_no_date_in_the_file_closes(ledger):
    """Reviewed on 21 November, so December is judged again, and of November nothing is."""
    ledger.witness([stance(review_on=MID_OCTOBER)], "month", LONDON, MAY)
    [change] = ledger.witness([stance(review_on=date(2027, 10, 15))], "month", LONDON, NOW)
    assert change.note == (
        f"{LATE}: due 2026-10-15, first seen 2026-11-21, in force from 2026-12-01"
    )
    assert not change.only_end
    assert lapsed(ledger, NOVEMBER) == {"gold": date(2026, 10, 16)}
    assert (set(at(ledger, DECEMBER.first)), lapsed(ledger, DECEMBER)) == ({"gold"}, {})


def test_so_it_does_with_another_limit(ledger):
    ledger.witness([stance(review_on=MID_OCTOBER)], "month", LONDON, MAY)
    lower = stance(at_worst=0.6, effective=date(2026, 10, 16))
    ledger.witness([lower], "month", LONDON, NOW)
    assert lapsed(ledger, NOVEMBER) == {"gold": date(2026, 10, 16)}
    assert lapsed(ledger, DECEMBER) == {}


def test_one_that_is_removed_was_decided_and_one_that_follows_decides(ledger):
    ended = stance(until=date(2026, 10, 1))
    follows = stance(at_worst=0.6, effective=date(2026, 10, 1))
    ledger.witness([ended, follows, stance("bronze", until=date(2026, 7, 1))], "month", LONDON, MAY)
    assert lapsed(ledger, OCTOBER) == {"bronze": date(2026, 7, 1)}
    ledger.witness([ended, follows], "month", LONDON, datetime(2026, 9, 5, tzinfo=UTC))
    assert lapsed(ledger, OCTOBER) == {}


def test_of_several_that_ended_the_last_one_tells_since_when(ledger):
    first = stance(until=date(2026, 6, 1))
    second = stance(at_worst=0.7, effective=date(2026, 6, 1), review_on=date(2026, 8, 31))
    ledger.witness([first, second], "month", LONDON, MAY)
    assert lapsed(ledger, OCTOBER) == {"gold": date(2026, 9, 1)}


def test_one_that_begins_later_leaves_the_time_before_undecided(ledger):
    ended, later = stance(until=date(2026, 9, 1)), stance(effective=date(2026, 12, 1))
    ledger.witness([ended, later], "month", LONDON, MAY)
    assert lapsed(ledger, NOVEMBER) == {"gold": date(2026, 9, 1)}
    assert lapsed(ledger, DECEMBER) == {}


def test_the_register_says_what_every_version_is_on_a_day(ledger):
    ledger.witness([stance(review_on=MID_OCTOBER), stance("bronze", 0.5)], "month", LONDON, MAY)
    ledger.witness([stance(review_on=date(2027, 1, 15))], "month", LONDON, NOW)

    def told(day):
        return [(r.change.key, r.standing) for r in ledger.register(day)]

    gold, bronze = "csat/gold", "csat/bronze"
    assert told(date(2026, 10, 1))[:2] == [(bronze, "in force"), (gold, "in force")]
    assert told(date(2026, 11, 21)) == [
        (bronze, "in force"),
        (gold, "no decision"),
        (bronze, "removed"),
        (gold, "to come"),
    ]
    assert told(date(2026, 12, 1)) == [
        (bronze, "replaced"),
        (gold, "replaced"),
        (bronze, "removed"),
        (gold, "in force"),
    ]
    assert told(date(2027, 2, 1))[3] == (gold, "no decision")


# In the file


def read(tmp_path, text):
    file = tmp_path / "strategy.toml"
    file.write_text(text, encoding="utf-8")
    return read_strategy(file, METRICS, "EUR")


def first(text):
    """The sample with a line in its first stance, first_reply_p90/gold."""
    return varied(("effective = 2026-01-01", f"effective = 2026-01-01\n{text}"))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("review_on = 2025-12-31", "review_on 2025-12-31 is before effective 2026-01-01"),
        ("until = 2026-06-30\nreview_on = 2026-06-30", "when the stance has ended"),
        ('review_on = "soon"', "write review_on = 2026-01-01"),
    ],
)
def test_dates_that_do_not_fit_are_findings(tmp_path, lines, said):
    _, found = read(tmp_path, first(lines))
    (only,) = found
    assert only.severity == "blocking" and said in str(only)


def test_another_stance_may_follow_the_review(tmp_path):
    again = TEXT[TEXT.index("[[stance]]") : TEXT.index("[[stance]]", TEXT.index("[[stance]]") + 1)]
    again = again.replace("effective = 2026-01-01", "effective = 2026-07-01")
    assert read(tmp_path, first("review_on = 2026-06-30") + again)[1] == []
    (found,) = read(tmp_path, first("review_on = 2026-07-01") + again)[1]
    assert found.id == "two_stances"


def findings(tmp_path, text, today):
    strategy, found = read(tmp_path, text)
    assert found == []
    return [
        (f.id, f.severity, f.message.partition(";")[0]) for f in expiry_findings(strategy, today)
    ]


def test_check_says_what_has_expired_and_45_days_before_what_will(tmp_path):
    text = first("review_on = 2026-06-30")  # in force up to that day
    assert findings(tmp_path, text, date(2026, 5, 16)) == []
    assert findings(tmp_path, text, date(2026, 5, 17)) == [
        ("expiring_stance", "note", "The stance holds until its review on 2026-06-30")
    ]
    assert findings(tmp_path, text, date(2026, 6, 30))[0][0] == "expiring_stance"
    assert findings(tmp_path, text, date(2026, 7, 1)) == [
        ("expired_stance", "warning", "No decision since 2026-07-01, when the stance expired")
    ]
    again = TEXT[TEXT.index("[[stance]]") : TEXT.index("[[stance]]", TEXT.index("[[stance]]") + 1)]
    follows = text + again.replace("effective = 2026-01-01", "effective = 2026-07-01")
    assert findings(tmp_path, follows, date(2026, 7, 1)) == []


# On pages

REPLY = next(s for s in STANCES if s.key == "reply/gold")
GONE = replace(REPLY, review_on=date(2026, 9, 30))
SINCE = "since 1 Oct 2026: its stance expired"


def without(*gone):
    """A view in which these stances expired on 1 October, and the others are in force."""
    keys = {s.key for s in gone}
    return restanced(
        *[s for s in STANCES if s.key not in keys],
        expired=[Expired(replace(s, until=date(2026, 10, 1)), date(2026, 10, 1), "") for s in gone],
    )


def test_the_map_says_no_decision_where_the_stance_expired():
    cell = cell_of("reply/gold", without(GONE))
    assert (cell.mark, cell.words, cell.note, cell.loud) == ("", "no decision", SINCE, True)
    assert cell.text == "5.8"
    never = cell_of("nps/gold", without(GONE))
    assert (never.words, never.loud) == ("no stance", False)


def test_so_it_does_where_nothing_was_measured():
    reply = replace(MATERIAL.results["reply", "gold"], unmeasured="no interactions", verdict=None)
    at_once = with_results(reply, expired=without(GONE).data.expired, stances=[])
    cell = cell_of("reply/gold", at_once)
    assert (cell.words, cell.note) == ("not measured: no interactions", f"no decision {SINCE}")


def test_a_metric_of_which_every_stance_expired_stays_on_the_map_with_its_owners():
    packet = executive_packet(without(*[s for s in STANCES if s.metric == "reply"]))
    rows = {row.metric: row for section in packet.sections for row in section.rows}
    assert [c.words for c in rows["reply"].cells] == ["no decision", "no decision"]
    assert rows["reply"].owners == "A. Lindqvist, B. Tsukada"


def test_the_packets_sentences_count_and_name_it():
    said = without(GONE)
    assert sentences.main(said) == (
        "We delivered both strengths and kept 1 of 3 weaknesses as accepted. 1 weakness went "
        "beyond acceptance, 1 choice was over-served and 1 stance expired."
    )
    assert sentences.stance_map(said).endswith("No decision: Gold first reply.")
    assert (
        sentences.evidence(said, 9) == "9 rows in 2 tables decide all 5 choices; 1 stance expired."
    )


def test_they_do_where_everything_else_was_kept_or_nothing_else_is_left():
    kept = restanced(
        *[s for s in STANCES if s.metric == "csat"], expired=without(GONE).data.expired
    )
    assert sentences.main(kept) == (
        "The strength was delivered, and the weakness was as accepted. 1 stance expired, which is "
        "no decision."
    )
    assert sentences.stance_map(kept) == "No decision: Gold first reply."
    none = restanced(expired=without(*STANCES).data.expired)
    assert sentences.main(none).endswith(" 6 stances expired, which is no decision.")


def counted(tally):
    """All counts of a tier's tally together: "2 of 3" counts as 2."""
    counts = (text.split(" of ")[0] for name, text in vars(tally).items() if name != "tier")
    return sum(map(int, counts))


@pytest.mark.parametrize("gone", [(), (REPLY,), STANCES[:3], STANCES])
def test_the_tallies_of_every_tier_add_up_to_all_its_stances(gone):
    """Also where one waits for evidence, and where a figure is missing."""
    waits = with_results(
        result("kept/bronze", Estimate(0.7, None, None, 2, 2), reason="too_few"),
        replace(result("csat/gold", Estimate(), reason="not_measured"), unmeasured="no surveys"),
    )
    said = without(*gone)
    for found in (said, view(**vars(said.data) | {"results": _kept(waits, said)})):
        for tally in tallies(found):
            of = [s for s in STANCES if s.tier == tally.tier]
            assert counted(tally) == len(of) == 3
            assert tally.no_decision == str(sum(s in gone for s in of))


def _kept(waits, said):
    """The results of one view, judged only where the other has a stance in force."""
    keys = {w.stance.key for w in said.data.stances}
    known = waits.data.results.items()
    return {k: r if r.stance in keys else replace(r, verdict=None, stance="") for k, r in known}


def test_a_mail_has_a_column_for_them_only_where_there_is_one():
    assert packet_summary(executive_packet(without())).columns[-1] == "Undecided"
    table = packet_summary(executive_packet(without(GONE)))
    assert table.columns[-1] == "No decision"
    assert [row[-1] for row in table.rows] == ["1", "0"]
    assert len(table.numeric) == len(table.columns)


def test_it_is_said_where_nothing_else_could_be_judged():
    early = {
        k: r if r.verdict is None else replace(r, verdict=Verdict(UNDECIDED, None, "not_mature"))
        for k, r in without(GONE).data.results.items()
    }
    said = view(**vars(without(GONE).data) | {"results": early})
    ended = " could be judged. 1 stance expired, which is no decision."
    assert sentences.stance_map(said) == f"None of 5 choices{ended}"
    assert team_review(said, MATERIAL.strategy.teams[0]).sentence == f"None of 5 choices{ended}"
    ada = owner_scorecard(said, MATERIAL.strategy.owners[0])
    assert ada.sentence == f"None of 2 choices{ended}"


def test_an_owners_page_says_which_and_what_it_promised():
    said = without(GONE)
    page = owner_scorecard(said, MATERIAL.strategy.owners[0])
    assert page.sentence.endswith("No decision: Gold first reply.")
    assert spaced(page.notes[0]) == (
        "No decision since 1 Oct 2026, when the stance expired: Gold first reply, promised 4 h or "
        "less."
    )
    other = owner_scorecard(said, MATERIAL.strategy.owners[1])
    assert not any("no decision" in text.lower() for text in everything(other))


def test_an_owner_whose_every_stance_expired_still_gets_a_page():
    said = without(*[s for s in STANCES if s.owner == "bea"])
    bea = MATERIAL.strategy.owners[1]
    assert bea in said.holders
    page = owner_scorecard(said, bea)
    assert (page.strengths, page.weaknesses) == ((), ())
    assert page.sentence == (
        "No stance of this owner was in force in this period. 3 stances expired, which is no "
        "decision."
    )
    (note,) = [spaced(n) for n in page.notes if "No decision" in n]
    assert note == (
        "No decision since 1 Oct 2026, when the stances expired: Bronze first reply, accepted 12 h "
        "to 48 h; Gold customers kept, promised 90 % or more; Bronze customers kept, accepted "
        "70 % or more."
    )


def test_the_teams_review_counts_and_lists_it():
    review = team_review(without(GONE), MATERIAL.strategy.teams[0])
    assert review.sentence.endswith(" 1 stance expired, which is no decision.")
    assert review.notes[0].startswith("No decision since 1 Oct 2026, when the stance expired: ")


def test_a_renewal_is_told_among_the_changes_as_before_until_when():
    new = replace(REPLY, review_on=date(2027, 9, 30))
    change = StanceChange("changed", new.key, new, REPLY, "", NOW, date(2026, 11, 1), new.ending())
    (said,) = changes_of(restanced(*STANCES, changes=[change]), "ada")
    assert spaced(said) == (
        "Gold first reply: promised 4 h or less as before, holds until its review on 30 Sept 2027."
    )


@pytest.mark.parametrize("approver", ["ada", "Ada Lindqvist", "HEAD OF SUPPORT"])
def test_who_approves_their_own_is_told_by_whichever_name_it_was_written(approver):
    new = chosen("reply/gold", "strength", 6.0, approved_by=approver)
    change = StanceChange("changed", new.key, new, REPLY, "", NOW, date(2026, 10, 1), "")
    (said,) = changes_of(restanced(*STANCES, changes=[change]), "ada")
    assert ", approved by its own owner." in said


def test_it_is_told_as_long_as_such_a_stance_is_in_force():
    """A change of more than four periods ago is not told; that nobody else approved it is."""
    own = replace(REPLY, approved_by="Ada Lindqvist")
    at_all = restanced(*[own if s is REPLY else s for s in STANCES])
    page = owner_scorecard(at_all, MATERIAL.strategy.owners[0])
    assert "Gold first reply: approved by its own owner." in page.notes
    plain = owner_scorecard(restanced(*STANCES), MATERIAL.strategy.owners[0])
    assert not any("approved" in note for note in plain.notes)


# In a project


def test_lists_say_no_decision_and_the_register_every_version(tmp_path):
    project = small(tmp_path / "acme")
    text = project.strategy.read_text()
    at_gold = text.index('tier = "gold"', text.index("[[stance]]"))
    day = text.index("effective", at_gold)
    text = f"{text[:day]}review_on = 2026-05-31\n{text[day:]}"
    project.strategy.write_text(text)
    run = ("run", "--period", "2026-06", "--as-of", "2026-08-17T06:00")
    assert scorecard(*run, cwd=project.root)[0] == 0
    _, said, _ = scorecard("results", "--period", "2026-06", cwd=project.root)
    (line,) = [r for r in said.splitlines() if r.split()[:2] == ["first_reply_p90", "gold"]]
    assert "no decision since 1 Jun 2026" in " ".join(line.split())
    _, said, _ = scorecard("results", "--period", "2026-06", "--json", cwd=project.root)
    figures = {(f["metric"], f["tier"]): f for f in json.loads(said)}
    gold = figures["first_reply_p90", "gold"]
    assert (gold["verdict"], gold["reason"]) == ("no decision", "stance_expired")
    words = Counter(f["verdict"] for f in figures.values() if f["verdict"])
    assert words["no decision"] == 1
    # Every stance of the file is counted once, whichever word is said of it.
    assert sum(words.values()) == text.count("[[stance]]")
    code, said, _ = scorecard("stances", cwd=project.root)
    assert code == 0
    (line,) = [row for row in said.splitlines() if row.startswith("first_reply_p90/gold")]
    assert "no decision since 1 Jun 2026" in " ".join(line.split())
    _, said, _ = scorecard("stances", "--json", cwd=project.root)
    known = {each["key"]: each for each in json.loads(said)}
    assert known["first_reply_p90/gold"]["standing"] == "no decision"
    assert known["first_reply_p90/gold"]["ends"] == "2026-06-01"
    assert known["first_reply_p90/bronze"]["standing"] == "in force"
    assert {each["approved_by_owner"] for each in known.values()} == {False}
    _, said, _ = scorecard("check", "--as-of", "2026-08-17T06:00", cwd=project.root)
    assert "No decision since 2026-06-01" in said


def test_without_a_run_no_stance_was_seen(tmp_path):
    project = small(tmp_path / "acme")
    code, said, _ = scorecard("stances", cwd=project.root)
    assert (code, said) == (0, "No stance was seen yet; the first run does.\n")
