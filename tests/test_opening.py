"""A ledger belongs to one project, and is the one that it was; the clock goes forward."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import pytest
from sample_ledger import filled
from test_ledger import stance

from scorecard.acceptance import accept_clock, accept_ledger
from scorecard.delivery.serve import SchedulerLoop
from scorecard.errors import LedgerError, ProjectError
from scorecard.ledger.copying import copied
from scorecard.ledger.witness import ANEW
from scorecard.project.memory import FILE, memories
from scorecard.project.opening import note_head, open_ledger, refuse_doubts, working_ledger
from scorecard.project.scaffold import init
from scorecard.project.settings import Project

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def project(folder, company="Acme", **settings):
    folder.mkdir(exist_ok=True)
    lines = [f'{name} = "{value}"' for name, value in settings.items()]
    (folder / "pyproject.toml").write_text(
        f'[tool.scorecard]\ncompany = "{company}"\ntimezone = "Europe/London"\n'
        'currency = "EUR"\n' + "\n".join(lines)
    )
    return Project.at(folder, {})


@pytest.fixture
def acme(tmp_path):
    """A project that has worked with its ledger, with an output folder and frozen tiers."""
    acme = project(tmp_path / "acme")
    (acme.state / "tiers").mkdir(parents=True)
    acme.output.mkdir()
    worked(acme)
    return acme


def worked(project, now=NOW):
    with working_ledger(project, now) as ledger:
        ledger.note_address(f"{now:%d%H%M%S}@example.com", "opted out", "asked", now)
        return ledger.head()


# Whose it is


def test_a_ledger_belongs_to_the_first_project_that_opens_it(url, tmp_path):
    shared = url if url.startswith("postgresql") else f"sqlite:///{tmp_path}/state/ledger.db"
    acme, other = (project(tmp_path / n, n, ledger=shared) for n in ("Acme", "Other"))
    open_ledger(acme, NOW).close()
    with pytest.raises(
        LedgerError, match=r'belongs to the project "Acme".* is "Other"; name a led'
    ):
        open_ledger(other, NOW)
    again = project(tmp_path / "standby", "Acme", ledger=shared)
    open_ledger(again, NOW).close()
    named = project(tmp_path / "Other", "Other", ledger=shared, project="Acme")
    open_ledger(named, NOW).close()


def test_projects_laid_out_apart_are_two_whatever_their_name(tmp_path):
    for name in ("one", "two"):
        list(init(tmp_path / name))
    one, two = (Project.at(tmp_path / name, {}) for name in ("one", "two"))
    assert one.settings.company == two.settings.company
    assert len({one.identity, two.identity}) == 2 and len(one.identity) == 16
    list(init(tmp_path / "one"))
    assert Project.at(tmp_path / "one", {}).identity == one.identity


@pytest.mark.parametrize(
    "ledger",
    [
        "sqlite://",
        "sqlite:///",
        "sqlite:///${EMPTY}",
        "sqlite:///:memory:",
        "sqlite:///file::memory:?cache=shared&uri=true",
        "sqlite:///file:x?mode=memory&uri=true",
        "sqlite+pysqlite:///",
    ],
)
def test_a_ledger_in_memory_is_refused(tmp_path, ledger):
    (tmp_path / "pyproject.toml").write_text(
        '[tool.scorecard]\ncompany = "Acme"\ntimezone = "Europe/London"\ncurrency = "EUR"\n'
        f'ledger = "{ledger}"\n'
    )
    with pytest.raises(ProjectError, match=r"is in memory and forgets what was sent; name a file"):
        Project.at(tmp_path, {"EMPTY": ""})


# Whether it is the one that it was


def test_state_tiers_and_output_each_remember_how_far_the_ledger_was(acme):
    head = worked(acme)
    kept = memories(acme)
    assert [m.file.parent for m in kept] == [acme.state, acme.state / "tiers", acme.output]
    with open_ledger(acme) as ledger:
        assert {(m.ledger, m.entry, m.hash) for m in kept} == {(ledger.id, *head)}


@pytest.mark.parametrize("left", ["state", "tiers", "output"])
def test_an_emptied_ledger_stops_the_work_whichever_folder_is_left(acme, left):
    for memory in memories(acme):
        if {acme.state: "state", acme.output: "output"}.get(memory.file.parent, "tiers") != left:
            memory.file.unlink()
    (acme.root / ".scorecard" / "ledger.db").unlink()
    for suffix in ("-wal", "-shm"):
        (acme.root / ".scorecard" / f"ledger.db{suffix}").unlink(missing_ok=True)
    with pytest.raises(LedgerError, match=r'is new or another one: .* "scorecard accept ledger"'):
        worked(acme)
    open_ledger(acme).close()  # to look at it is no harm


def test_a_ledger_from_an_old_backup_stops_the_work(acme):
    with open_ledger(acme) as ledger, ledger._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(acme.state / "ledger.db", acme.root / "backup.db")
    worked(acme, NOW + DAY)
    restored(acme)
    with pytest.raises(LedgerError, match="is older than it was, as if restored from a backup"):
        worked(acme, NOW + DAY)
    # Whoever goes on with it writes another past: that is noticed, too.
    with open_ledger(acme) as ledger:
        ledger.note_address("eve@example.com", "opted out", "x", NOW)
        with pytest.raises(LedgerError, match=r"has another past than it had: .* another entry"):
            refuse_doubts(acme, ledger, NOW)
    accept_ledger(acme, NOW + DAY)
    worked(acme, NOW + DAY)
    with open_ledger(acme) as ledger:
        (accepted,) = ledger.acceptances()
    assert accepted.what == "ledger" and "has another past" in accepted.said


def restored(acme):
    for suffix in ("-wal", "-shm"):
        (acme.state / f"ledger.db{suffix}").unlink(missing_ok=True)
    shutil.copy(acme.root / "backup.db", acme.state / "ledger.db")


def test_a_ledger_that_went_on_without_us_is_the_same(acme):
    with open_ledger(acme) as ledger:
        ledger.note_address("bob@example.com", "opted out", "asked", NOW)
    worked(acme)


def test_two_processes_that_end_out_of_order_remember_the_furthest(acme):
    with working_ledger(acme, NOW) as slow:
        further = worked(acme)
        assert slow.head() == further
    assert {m.entry for m in memories(acme)} == {further.number}


def test_who_writes_while_another_one_looks_makes_no_doubt(acme):
    """Two processes, as a desk beside the clock: one has done its work and noted it between the
    two looks of the other."""

    class Overtaken:
        """The ledger as one process reads it, where another one works right after its head."""

        def __init__(self, ledger):
            self._ledger = ledger

        def __getattr__(self, name):
            return getattr(self._ledger, name)

        def head(self):
            head = self._ledger.head()
            worked(acme, NOW + timedelta(minutes=1))
            return head

    with open_ledger(acme) as ledger:
        refuse_doubts(acme, Overtaken(ledger), NOW)
        assert ledger.head().number == memories(acme)[0].entry


def test_how_far_a_copy_of_the_ledger_came_is_not_remembered(acme, tmp_path):
    before = memories(acme)
    with open_ledger(acme) as ledger, copied(ledger, tmp_path / "copy.db") as copy:
        copy.note_address("eve@example.com", "opted out", "tried only", NOW)
        assert copy.head().number > ledger.head().number
        note_head(acme, copy)
    assert memories(acme) == before
    worked(acme)


def test_what_cannot_be_read_stops_the_work_in_a_sentence(acme):
    (acme.output / FILE).write_text("garbage")
    with pytest.raises(
        LedgerError, match=r"\.ledger\.json: what is remembered .* restore the file"
    ):
        worked(acme)


def test_stances_are_on_trust_since_the_day_on_which_a_ledger_began_anew(acme):
    for file in acme.state.glob("ledger.db*"):
        file.unlink()
    assert "is new or another one" in accept_ledger(acme, NOW)
    with working_ledger(acme, NOW) as ledger:
        (change,) = ledger.witness([stance()], "month", "Europe/London", NOW + DAY)
    assert change.kind == "on trust" and change.note == f"{ANEW} on 2026-11-21"


def test_altered_records_are_accepted_by_name_and_once(acme):
    with open_ledger(acme) as ledger:
        filled(ledger)
        with ledger._engine.begin() as connection:
            connection.exec_driver_sql("UPDATE result SET value = 0.5 WHERE tier = 'gold'")
            connection.exec_driver_sql("DELETE FROM address_event")
    said = accept_ledger(acme, NOW + DAY)
    assert "result/" in said and "csat/gold" in said and "address_event/1" in said
    assert accept_ledger(acme, NOW + DAY).startswith("The ledger is what it was")
    with open_ledger(acme) as ledger:
        assert ledger.walked([], lambda *_: None).in_order == []


# The clock


def test_a_clock_set_back_stops_the_work_until_it_is_accepted(acme):
    worked(acme, NOW + 40 * DAY)
    with pytest.raises(LedgerError, match=r'2026-12-31 09:30 UTC; .* "scorecard accept clock"'):
        worked(acme, NOW)
    assert accept_clock(acme, NOW) == "Accepted: from now on it is 2026-11-21 09:30 UTC."
    worked(acme, NOW)
    assert accept_clock(acme, NOW).startswith("The clock is not behind")


def test_clocks_that_differ_by_hours_are_no_trouble(acme):
    worked(acme, NOW + timedelta(hours=23))
    worked(acme, NOW)


def test_a_served_clock_that_is_set_back_does_nothing_and_says_so_each_time(acme):
    """Nothing is written meanwhile, so that the ledger keeps what the clock was."""
    worked(acme, NOW + 40 * DAY)
    done = []
    with open_ledger(acme) as ledger:
        before = ledger.head()
        loop = SchedulerLoop(
            schedules=lambda: done.append("schedules"),
            ledger=ledger,
            now=lambda: NOW,
            holder="one",
            make=done.append,
            post=lambda: done.append("post"),
            fetch=lambda: done.append("fetch"),
            guard=lambda: refuse_doubts(acme, ledger, NOW),
        )
        assert not loop.once()
        assert not loop.once()
        assert (done, ledger.head()) == ([], before)
