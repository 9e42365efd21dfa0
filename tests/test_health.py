"""Whether everything that should have happened has, as the schedules and the ledger know it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from scorecard.base.periods import Period
from scorecard.delivery.due_runs import ProjectSchedules
from scorecard.delivery.health import CLOCK, CLOCK_TTL, health
from scorecard.errors import ProjectError
from scorecard.ledger import NewDelivery
from scorecard.project.settings import Project
from scorecard.schedules.model import BusinessDay, Schedule, When
from scorecard.schedules.timetable import Calendar

HEAD = '[tool.scorecard]\ncompany = "Acme"\ntimezone = "Europe/London"\ncurrency = "EUR"\n'
SEEN = datetime(2026, 10, 20, tzinfo=UTC)
DUE = datetime(2026, 11, 4, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)
TTL = timedelta(minutes=2)


@pytest.fixture
def timetable(tmp_path):
    (tmp_path / "pyproject.toml").write_text(HEAD)
    when = When(BusinessDay(3), time(7), "Europe/London")
    schedule = Schedule("packet", "Monthly packet", ("executive-packet",), when)
    return ProjectSchedules(Project.at(tmp_path, {}), {"packet": schedule}, {"packet": Calendar()})


def at(timetable, ledger, moment):
    timetable.reconcile(ledger, SEEN)
    return health(lambda: timetable, ledger, moment)


def test_all_is_well_before_anything_is_due(timetable, ledger):
    found = at(timetable, ledger, SEEN + HOUR)
    assert found.good
    (standing,) = found.schedules
    assert standing.last is None
    assert (str(standing.next.period), standing.next.due) == ("2026-10", DUE)


def test_a_run_that_nobody_began_is_a_trouble_after_two_hours(timetable, ledger):
    assert at(timetable, ledger, DUE + HOUR).good
    found = at(timetable, ledger, DUE + 3 * HOUR)
    assert found.troubles == (
        "Monthly packet (packet) for 2026-10, due 2026-11-04 07:00 UTC, was not begun.",
    )


def test_a_run_that_is_done_is_none(timetable, ledger):
    at(timetable, ledger, DUE)
    run = ledger.begin("packet", "2026-10", "me", DUE, TTL)
    ledger.conclude(run, "done", DUE)
    assert at(timetable, ledger, DUE + 99 * HOUR).good


@pytest.mark.parametrize(
    ("state", "said"), [("skipped", "was skipped: late."), ("not issued", "was not issued: late.")]
)
def test_what_was_given_up_is_a_trouble_at_once(timetable, ledger, state, said):
    at(timetable, ledger, DUE)
    run = ledger.begin("packet", "2026-10", "me", DUE, TTL)
    ledger.conclude(run, state, DUE, reason="late.")
    assert at(timetable, ledger, DUE).troubles[0].endswith(said)


def test_a_held_run_is_a_trouble_when_nobody_tries_it_again(timetable, ledger):
    at(timetable, ledger, DUE)
    run = ledger.begin("packet", "2026-10", "me", DUE, TTL)
    ledger.conclude(run, "held", DUE, reason="no costs", next_try_at=DUE + HOUR)
    assert at(timetable, ledger, DUE + 2 * HOUR).good
    assert "is still held: no costs." in at(timetable, ledger, DUE + 4 * HOUR).troubles[0]


def test_a_clock_that_stopped_is_a_trouble_and_one_that_let_go_is_none(timetable, ledger):
    ledger.take(CLOCK, "host:1", SEEN, CLOCK_TTL)
    assert at(timetable, ledger, SEEN + CLOCK_TTL).good
    stopped = at(timetable, ledger, SEEN + HOUR)
    assert "The clock of host:1 stopped 1 hour ago" in stopped.troubles[0]
    ledger.give_back(CLOCK, "host:1")
    assert at(timetable, ledger, SEEN + HOUR).good


def test_mail_that_waits_or_failed_is_a_trouble(timetable, ledger):
    parcels = [
        NewDelivery("document", "e1", "mail", who, "", "{}", f"<{who}>")
        for who in ("a@x.eu", "b@x.eu")
    ]
    ledger.queue(parcels, SEEN)
    assert at(timetable, ledger, SEEN + HOUR).good
    assert "2 deliveries have waited" in at(timetable, ledger, SEEN + 3 * HOUR).troubles[0]
    first, second = ledger.take_out("me", SEEN, TTL, 9)
    ledger.settle(first, "refused", SEEN, code=550)
    ledger.settle(second, "opted out", SEEN)
    (said,) = at(timetable, ledger, SEEN + 3 * HOUR).troubles
    assert said.startswith('1 delivery of the last 40 days ended "refused"')
    assert at(timetable, ledger, SEEN + timedelta(days=41)).schedules


def test_a_period_far_ahead_is_not_due_yet_and_not_never(timetable, ledger):
    with pytest.raises(ProjectError, match="is not due before that period is over"):
        timetable.owed_for("packet", Period.parse("2040-01", "Europe/London"), SEEN)
    with pytest.raises(ProjectError, match="is due on 2026-11-04 07:00, not before"):
        timetable.owed_for("packet", Period.parse("2026-10", "Europe/London"), SEEN)
    with pytest.raises(ProjectError, match=r'no schedule "pakcet".* Did you mean "packet"'):
        timetable.owed_for("pakcet", None, SEEN)
    assert timetable.owed_for("packet", None, SEEN).period == "2026-09"


def test_frozen_tiers_that_are_gone_are_a_trouble(timetable, ledger, tmp_path):
    ledger.note_frozen({"2026-08": "a", "2026-09": "b", "readings.json 2026-09": "c"}, SEEN)
    (tmp_path / "2026-08.parquet").write_bytes(b"")
    said = health(lambda: timetable, ledger, SEEN, tmp_path).troubles
    assert [each.partition(" are gone")[0] for each in said] == ["The frozen tiers of 2026-09"]
    assert said[0].endswith('"scorecard accept tiers".')
    (tmp_path / "2026-09.parquet").write_bytes(b"")
    assert health(lambda: timetable, ledger, SEEN, tmp_path).good
