from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import ceil
from pathlib import Path
from threading import Barrier, Thread
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, text

from scorecard.base.address import masked
from scorecard.base.findings import Finding
from scorecard.base.periods import Period
from scorecard.definitions.results import (
    Baseline,
    Estimate,
    Fragility,
    Result,
    Signal,
    Sums,
    Verdict,
)
from scorecard.errors import LedgerError
from scorecard.ledger import STEPS, Ledger, LimitsThen, ReadBack, stance_hash
from scorecard.ledger.journal import AT_ONCE
from scorecard.ledger.models import metadata
from scorecard.ledger.store import HEAD, MIGRATIONS, VERSION_TABLE
from scorecard.ledger.witness import ON_TRUST, read_stance, write_stance
from scorecard.strategy.model import Funding, Stance

ROOT = Path(__file__).parent.parent
LONDON = "Europe/London"
OCTOBER = Period.parse("2026-10", LONDON)
NOVEMBER = OCTOBER.next()
DECEMBER = NOVEMBER.next()
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def claim(ledger, period=OCTOBER, inputs="facts-1", now=NOW, as_of=NOW, exactly=False):
    return ledger.claim(
        period, inputs=inputs, as_of=as_of, software="0.1.0", now=now, exactly=exactly
    )


def result(metric="csat", tier="gold", period=OCTOBER, value=0.8, version="v1", **more):
    estimate = Estimate(value, 0.7, 0.9, n=10, customers=9, sums=Sums(n=10, num=8.0, den=10.0))
    given = {"estimate": estimate, "mode": "sample", **more}
    return Result(metric=metric, version=version, tier=tier, period=period.key, **given)


def computed(ledger, period, results, *, inputs="facts-1", now=NOW):
    """A finished run that recorded these results."""
    run = claim(ledger, period, inputs, now)
    ledger.save_results(run, results, now)
    return ledger.advance(run, "done", now)


def stance(tier="gold", at_worst=0.8, effective=date(2026, 1, 1), **more):
    given = {
        "metric": "csat",
        "tier": tier,
        "kind": "strength",
        "owner": "head-of-support",
        "at_worst": at_worst,
        "at_best": None,
        "importance": 1,
        "declared": date(2025, 12, 10),
        "effective": effective,
        "approved_by": "coo",
        "trade_off": "Gold pays for it.",
    }
    return Stance(**{**given, **more})


def at(ledger, day):
    """What is in force in the month that begins on that day: at_worst and note, by tier."""
    month = Period.containing(day, "month", LONDON)
    return {w.stance.tier: (w.stance.at_worst, w.note) for w in ledger.stances_for(month)}


# Opening


def test_a_relative_sqlite_path_starts_at_the_project_folder(tmp_path):
    with Ledger.open("sqlite:///.scorecard/ledger.db", tmp_path):
        assert (tmp_path / ".scorecard" / "ledger.db").is_file()


def test_sqlite_is_in_wal_mode_checks_foreign_keys_and_waits_when_busy(local):
    with local._engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30_000}


def test_the_models_and_the_migrations_agree(new_url, tmp_path):
    with Ledger.open(new_url, tmp_path) as ledger, ledger._engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, metadata) == []


def test_head_is_the_newest_migration_in_the_folder():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_an_up_to_date_ledger_opens_without_alembic(tmp_path):
    Ledger.open("sqlite:///ledger.db", tmp_path).close()
    code = (
        "import sys; from pathlib import Path; from scorecard.ledger import Ledger\n"
        f"Ledger.open('sqlite:///ledger.db', Path({str(tmp_path)!r})).close()\n"
        "print('alembic' in sys.modules)"
    )
    assert run_python(code).stdout.strip() == "False"


def test_two_processes_may_open_a_new_ledger_at_once(new_url, tmp_path):
    def open_it():
        return lambda: Ledger.open(new_url, tmp_path).close()

    together([open_it() for _ in range(4)])
    with Ledger.open(new_url, tmp_path) as ledger:
        assert ledger.runs() == []


def test_a_ledger_of_a_newer_version_is_refused(new_url, tmp_path):
    with Ledger.open(new_url, tmp_path) as ledger, ledger._writer.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '0999'"))
    with pytest.raises(LedgerError, match=r"newer version of scorecard .revision 0999"):
        Ledger.open(new_url, tmp_path)


def test_an_unreachable_server_is_one_sentence_without_the_password(tmp_path):
    with pytest.raises(LedgerError, match="could not be opened") as caught:
        Ledger.open("postgresql+psycopg://ann:s3cret@127.0.0.1:1/x", tmp_path)
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "ann:***@127.0.0.1:1/x" in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mysql://ann:s3cret@host/x", "neither SQLite nor PostgreSQL"),
        ("ann:s3cret@host", "is not an address"),
        ("postgresql+psycopg://ann:s3cret@host:port/x", "is not an address"),
    ],
)
def test_an_address_that_is_none_is_refused_without_its_password(url, shown, tmp_path):
    with pytest.raises(LedgerError, match=shown) as caught:
        Ledger.open(url, tmp_path)
    assert "s3cret" not in str(caught.value)


def test_passwords_are_masked_wherever_an_address_may_carry_them():
    assert masked("postgresql://ann:p@ss@host/x") == "postgresql://ann:***@host/x"
    assert masked("postgresql://host/x?user=a&password=p&sslpassword=q") == (
        "postgresql://host/x?user=a&password=***&sslpassword=***"
    )


def test_a_folder_that_cannot_be_written_is_refused():
    with pytest.raises(LedgerError, match=r"Ledger folder /proc/none cannot be created"):
        Ledger.open("sqlite:///none/ledger.db", Path("/proc"))


def test_a_file_that_is_no_ledger_is_refused(tmp_path):
    (tmp_path / "ledger.db").write_text("customer_id,amount\n" * 100)
    with pytest.raises(LedgerError, match="not a database; check that the file is a ledger"):
        Ledger.open("sqlite:///ledger.db", tmp_path)


# Runs


def test_an_unfinished_run_is_continued_and_keeps_its_as_of(ledger):
    first = ledger.advance(claim(ledger), "checked", NOW, warnings=2)
    later = NOW + timedelta(hours=5)
    again = claim(ledger, as_of=later, now=later)
    assert again == first
    assert (again.as_of, again.step, again.detail) == (NOW, "checked", {"warnings": 2})


def test_a_run_as_of_exactly_another_moment_ends_the_unfinished_one(ledger):
    first = ledger.advance(claim(ledger), "checked", NOW, warnings=2)
    assert claim(ledger, exactly=True) == first
    later = NOW + timedelta(hours=5)
    second = claim(ledger, as_of=later, now=later, exactly=True)
    assert (second.ordinal, second.as_of, second.step) == (2, later, "claimed")
    given_up = ledger.run(first.id)
    assert (given_up.step, given_up.finished_at) == ("failed", later)
    assert given_up.reached("checked") and not given_up.reached("tiers_frozen")
    said = f"superseded by a run as of {later:%Y-%m-%d %H:%M} UTC"
    assert given_up.detail == {"warnings": 2, "stopped_at": "checked", "error": said}


def test_other_inputs_are_another_run(ledger):
    assert claim(ledger, inputs="facts-1").id != claim(ledger, inputs="facts-2").id


def test_after_a_run_is_over_the_same_inputs_begin_another(ledger):
    first = ledger.advance(claim(ledger), "done", NOW)
    second = claim(ledger)
    assert (first.ordinal, second.ordinal) == (1, 2)
    assert not second.finished


def test_run_ids_are_the_same_in_every_ledger(tmp_path):
    ids = []
    for name in ("a", "b"):
        with Ledger.open(f"sqlite:///{name}.db", tmp_path) as ledger:
            ids.append(claim(ledger, now=NOW + timedelta(days=len(ids))).id)
    assert ids[0] == ids[1]
    assert len(ids[0]) == 12


def test_instants_come_back_aware_and_in_utc(ledger):
    athens = datetime(2026, 11, 21, 11, 30, 0, 123456, tzinfo=ZoneInfo("Europe/Athens"))
    run = ledger.run(claim(ledger, now=athens, as_of=athens).id)
    assert run.started_at == athens
    assert {run.started_at.tzinfo, run.as_of.tzinfo} == {UTC}


def test_an_instant_without_a_zone_is_refused(local):
    with pytest.raises(LedgerError, match="has no time zone"):
        claim(local, now=NOW.replace(tzinfo=None))


def test_a_repeated_earlier_step_does_not_take_a_run_back(local):
    run = local.advance(claim(local), "judged", NOW)
    run = local.advance(run, "checked", NOW, warnings=0)
    assert run.step == "judged"
    assert [step for step in STEPS if run.reached(step)] == list(STEPS[:5])


def test_an_unknown_step_is_refused_with_the_nearest_name(local):
    with pytest.raises(LedgerError, match=r'no step "computd"\. Did you mean "computed"'):
        local.advance(claim(local), "computd", NOW)


def test_a_held_run_keeps_its_findings_and_is_over(ledger):
    finding = Finding("F1", "blocking", "customers", "12 keys occur twice.")
    run = ledger.hold(ledger.advance(claim(ledger), "checked", NOW), [finding], NOW)
    assert (run.step, run.finished) == ("held", True)
    assert run.detail["stopped_at"] == "checked"
    assert Finding(**run.detail["findings"][0]) == finding
    assert run.reached("checked")
    assert not run.reached("tiers_frozen")


def test_a_failed_run_keeps_its_error(ledger):
    run = ledger.fail(claim(ledger), ValueError("disk full"), NOW)
    assert (run.step, run.detail["error"]) == ("failed", "disk full")


def test_a_run_that_is_over_takes_no_more_records(ledger):
    run = claim(ledger)
    ledger.advance(run, "done", NOW)
    for attempt in (
        lambda: ledger.advance(run, "checked", NOW),
        lambda: ledger.fail(run, "late", NOW),
        lambda: ledger.save_results(run, [result()], NOW),
    ):
        with pytest.raises(LedgerError, match=r"of 2026-10 is over \(done\)"):
            attempt()


def test_what_the_ledger_does_not_know_is_said(local):
    for attempt in (lambda: local.run("nope"), lambda: local.edition("nope")):
        with pytest.raises(LedgerError, match=r'has no .* "nope"'):
            attempt()


def test_claiming_at_once_gives_everyone_the_same_run(ledger, url, tmp_path):
    ids = []

    def claimant():
        with Ledger.open(url, tmp_path) as own:
            ids.append(claim(own).id)

    together([claimant] * 6)
    assert len(ids) == 6
    assert len(set(ids)) == 1
    assert len(ledger.runs(OCTOBER)) == 1


def test_claiming_other_inputs_at_once_gives_each_a_run(ledger, url, tmp_path):
    def claimant(inputs):
        def work():
            with Ledger.open(url, tmp_path) as own:
                claim(own, inputs=inputs)

        return work

    together([claimant(f"facts-{n}") for n in range(5)])
    assert sorted(run.ordinal for run in ledger.runs(OCTOBER)) == [1, 2, 3, 4, 5]


# Results

FULL = Result(
    metric="nps",
    version="abc1234",
    tier="gold",
    period="2026-10",
    estimate=Estimate(
        1 / 3, -0.1, 0.7, 31, 30, 12.5, 7, Sums(31, 30, 0.1, 0.2, 0.3, 0.4, 0.5, 1, 2)
    ),
    mode="census",
    verdict=Verdict("too little evidence", "straddle", "straddles_limit", "below", True, 3),
    signal=Signal(
        "exceptional, favourable",
        True,
        0.1,
        0.0,
        0.3,
        "rule 1",
        9,
        Baseline(
            "2026-01",
            "2026-09",
            8,
            "taken out",
            ((0.0, 0.1, 0.3), (0.1, 0.2, 1 / 3)),
            date(2026, 1, 1),
            "a new tariff",
        ),
    ),
    fragility=Fragility(2, ("Acme", "Zoë GmbH")),
    stance="nps/gold",
)
BARE = Result("ltv", "v2", "bronze", "2026-10", Estimate(), "sample", "no `surveys`")


def test_results_come_back_as_they_were(ledger):
    run = claim(ledger)
    ledger.save_results(run, [FULL, BARE], NOW)
    assert ledger.results_of(run) == [BARE, FULL]


def test_results_are_read_by_period_from_the_run_that_computed_last(ledger):
    computed(ledger, OCTOBER, [result(value=0.8)], inputs="facts-1")
    computed(ledger, OCTOBER, [result(value=0.6)], inputs="facts-2", now=NOW + timedelta(days=1))
    claim(ledger, inputs="facts-3")
    assert [r.estimate.value for r in ledger.results(OCTOBER)] == [0.6]
    assert ledger.results(NOVEMBER) == []


def test_figures_of_a_held_run_are_never_read_again(ledger):
    computed(ledger, OCTOBER, [result(value=0.8)])
    run = claim(ledger, inputs="facts-2")
    ledger.save_results(run, [result(value=0.1)], NOW)
    ledger.hold(ledger.advance(run, "computed", NOW), [], NOW + timedelta(hours=1))
    assert [r.estimate.value for r in ledger.results(OCTOBER)] == [0.8]
    assert [p.value for p in ledger.history("csat", "v1", "gold", NOVEMBER)] == [0.8]


def test_saving_again_replaces_that_metric_and_no_other(ledger):
    run = claim(ledger)
    ledger.save_results(run, [result("csat", "gold"), result("csat", "bronze")], NOW)
    ledger.save_results(run, [result("ltv", "gold", value=5.0)], NOW)
    ledger.save_results(run, [result("csat", "gold", value=0.5)], NOW)
    kept = [(r.metric, r.tier, r.estimate.value) for r in ledger.results_of(run)]
    assert kept == [("csat", "gold", 0.5), ("ltv", "gold", 5.0)]
    assert ledger.computed(run) == {"csat", "ltv"}


def test_one_result_per_run_metric_and_tier_or_nothing(ledger):
    run = claim(ledger)
    with pytest.raises(LedgerError, match="two results"):
        ledger.save_results(run, [result(value=0.1), result("ltv"), result(value=0.2)], NOW)
    assert ledger.computed(run) == set()


def test_a_result_of_another_period_is_refused(local):
    with pytest.raises(LedgerError, match="csat/gold is a result of 2026-11"):
        local.save_results(claim(local), [result(period=NOVEMBER)], NOW)


def test_saving_nothing_changes_nothing(local):
    run = claim(local)
    local.save_results(run, [], NOW)
    assert local.computed(run) == set()


def test_a_result_keeps_the_version_and_owner_of_its_stance(ledger):
    ledger.witness([stance()], "month", LONDON, NOW)
    run = claim(ledger)
    held = ledger.stances_for(OCTOBER)
    ledger.save_results(run, [result(stance="csat/gold"), result("ltv")], NOW, held)
    with ledger._reading() as session:
        rows = session.execute(text("SELECT metric, stance_version, owner FROM result ORDER BY 1"))
        assert [tuple(row) for row in rows] == [
            ("csat", stance_hash(stance()), "head-of-support"),
            ("ltv", "", ""),
        ]


def test_a_kill_while_saving_leaves_what_was_there_before(ledger, url, tmp_path):
    run = claim(ledger)
    ledger.save_results(run, [result("csat", value=0.8)], NOW)
    code = f"""
import os, signal
from pathlib import Path
from sqlalchemy import event
from tests.test_ledger import Ledger, NOW, claim, result
ledger = Ledger.open({url!r}, Path({str(tmp_path)!r}))

@event.listens_for(ledger._engine, "after_cursor_execute")
def die(connection, cursor, statement, *rest):
    if statement.startswith("INSERT INTO result"):
        os.kill(os.getpid(), signal.SIGKILL)

ledger.save_results(claim(ledger), [result("csat", value=0.1), result("ltv")], NOW)
"""
    assert run_python(code, check=False).returncode == -9
    assert claim(ledger) == ledger.run(run.id)
    assert [(r.metric, r.estimate.value) for r in ledger.results_of(run)] == [("csat", 0.8)]
    ledger.save_results(run, [result("csat", value=0.2), result("ltv")], NOW)
    assert ledger.computed(run) == {"csat", "ltv"}


def test_a_result_of_an_unknown_run_is_refused(ledger):
    with pytest.raises(LedgerError, match="is not in this ledger"):
        ledger.save_results(replace(claim(ledger), id="0" * 12), [result()], NOW)


# History


def test_history_is_oldest_first_and_leaves_out_the_period_itself_and_later_ones(ledger):
    for months in (0, -1, -3, 1):
        period = OCTOBER.shift(months)
        computed(ledger, period, [result(period=period, value=0.5 + months / 100)])
    points = ledger.history("csat", "v1", "gold", OCTOBER)
    assert [(p.period, p.value) for p in points] == [("2026-07", 0.47), ("2026-09", 0.49)]
    assert (points[0].n, points[0].low, points[0].high, points[0].as_of) == (10, 0.7, 0.9, NOW)
    assert points[0].customers == 9


def test_history_reaches_back_as_many_periods_as_asked(local):
    for months in range(1, 6):
        period = OCTOBER.shift(-months)
        computed(local, period, [result(period=period)])
    points = local.history("csat", "v1", "gold", OCTOBER, limit=3)
    assert [p.period for p in points] == ["2026-07", "2026-08", "2026-09"]


def test_history_keeps_kinds_of_period_versions_and_tiers_apart(ledger):
    quarter = Period.parse("2026-Q3", LONDON)
    september = OCTOBER.previous()
    computed(ledger, quarter, [result(period=quarter, value=0.1)])
    computed(
        ledger,
        september,
        [
            result(period=september, value=0.2),
            result(period=september, value=0.3, tier="bronze"),
            result("ltv", period=september, value=0.4, version="v2"),
        ],
    )
    found = ledger.histories(OCTOBER)
    assert {series: [p.value for p in points] for series, points in found.items()} == {
        ("csat", "v1", "gold"): [0.2],
        ("csat", "v1", "bronze"): [0.3],
        ("ltv", "v2", "gold"): [0.4],
    }


def test_a_restated_period_counts_once_with_its_newest_figure(ledger):
    september = OCTOBER.previous()
    for day, value in enumerate((0.8, 0.6)):
        now = NOW + timedelta(days=day)
        rows = [result(period=september, value=value)]
        computed(ledger, september, rows, inputs=f"facts-{day}", now=now)
    assert [p.value for p in ledger.history("csat", "v1", "gold", OCTOBER)] == [0.6]


def test_a_backfill_of_one_metric_leaves_the_history_of_others(ledger):
    september = OCTOBER.previous()
    computed(ledger, september, [result(period=september)])
    later = NOW + timedelta(days=1)
    computed(ledger, september, [result("ltv", period=september)], inputs="backfill", now=later)
    assert set(ledger.histories(OCTOBER)) == {("csat", "v1", "gold"), ("ltv", "v1", "gold")}


def test_history_tells_verdict_and_reason_and_keeps_an_unmeasured_period(ledger):
    august, september = OCTOBER.shift(-2), OCTOBER.previous()
    undecided = Verdict("too little evidence", "straddle", "straddles_limit", periods_undecided=2)
    computed(ledger, august, [result(period=august, verdict=undecided)])
    computed(ledger, september, [result(period=september, estimate=Estimate())])
    points = ledger.history("csat", "v1", "gold", OCTOBER)
    assert [(p.value, p.words, p.reason, p.undecided) for p in points] == [
        (0.8, "too little evidence", "straddles_limit", 2),
        (None, "", "", 0),
    ]


def test_a_figure_that_was_printed_otherwise_before_is_known(ledger):
    august, september = OCTOBER.shift(-2), OCTOBER.previous()

    def issued(period, day, gold, bronze, version="v1"):
        rows = [result(period=period, value=gold, version=version)]
        rows.append(result(tier="bronze", period=period, value=bronze, version=version))
        run = claim(ledger, period, f"facts-{day}", NOW + timedelta(days=day))
        ledger.save_results(run, rows, NOW + timedelta(days=day))
        content = f'{{"gold": {gold}, "bronze": {bronze}, "by": "{version}"}}'
        ledger.freeze("packet", "executives", content, run, NOW + timedelta(days=day))
        ledger.advance(run, "done", NOW + timedelta(days=day))

    issued(august, 0, 0.8, 0.5)
    issued(august, 1, 0.8, 0.6)  # Bronze was corrected, Gold printed as before
    issued(september, 2, 0.8, 0.5)
    issued(september, 3, 0.7, 0.4, version="v2")  # another definition corrects nothing
    issued(OCTOBER, 4, 0.1, 0.1)
    issued(OCTOBER, 5, 0.2, 0.2)  # its own correction is no history
    assert ledger.corrected(OCTOBER, 24) == {("csat", "bronze"): ["2026-08"]}
    assert ledger.corrected(OCTOBER, 1) == {}


def test_by_which_limits_a_figure_was_judged_first_is_kept(ledger):
    july, august, september = (OCTOBER.shift(-i) for i in (3, 2, 1))

    def limited(period, since=None, reason=""):
        base = Baseline("2024-01", "2025-12", 24, "none found", (), since, reason)
        return result(period=period, signal=Signal("routine", points=24, baseline=base))

    later, spring = NOW + timedelta(days=1), date(2026, 3, 1)
    computed(ledger, july, [result(period=july)])  # too few figures for limits
    computed(ledger, august, [limited(august)])
    computed(ledger, august, [limited(august, spring, "a strike")], inputs="anew", now=later)
    computed(ledger, september, [limited(september, spring, "a strike")], now=later)
    computed(ledger, OCTOBER, [limited(OCTOBER)], now=later)
    assert ledger.limits_then(OCTOBER, 24) == {
        ("csat", "v1", "gold"): [
            LimitsThen("2026-08", None, ""),
            LimitsThen("2026-09", spring, "a strike"),
        ]
    }
    assert ledger.limits_then(OCTOBER, 1)["csat", "v1", "gold"][0].period == "2026-09"
    assert ledger.limits_then(Period.parse("2026-03/2026-08", LONDON), 24) == {}


def test_what_was_issued_is_what_the_newest_run_made_to_its_end(ledger):
    """It need not be the run that froze it: that one failed when it drew."""

    def run(period, day, content, end="done"):
        at = NOW + timedelta(days=day)
        made = claim(ledger, period, f"facts-{day}", at)
        edition = ledger.freeze("packet", "executives", content, made, at)
        made = ledger.advance(made, "composed", at, editions=[edition.id])
        ledger.advance(made, end, at) if end == "done" else ledger.fail(made, end, at)
        return edition

    august, september = OCTOBER.shift(-2), OCTOBER.previous()
    assert ledger.issued_before("packet", "executives", OCTOBER) is None
    first = run(august, 0, "{}", end="no room")
    assert ledger.issued("packet", "executives", "2026-08") is None
    assert run(august, 1, "{}") == first
    assert ledger.issued("packet", "executives", "2026-08") == first
    assert ledger.issued_before("packet", "executives", OCTOBER) == first  # none of September yet
    second = run(september, 2, "{}")
    third = run(september, 3, '{"restated": 1}', end="no room")
    assert ledger.newest_edition("packet", "executives", "2026-09") == third
    assert ledger.issued_before("packet", "executives", OCTOBER) == second
    assert ledger.issued_before("packet", "executives", september) == first
    assert ledger.issued_before("review", "executives", OCTOBER) is None
    assert (
        ledger.issued_before("packet", "executives", Period.parse("2026-10/2026-11", LONDON))
        is None
    )
    listed = [replace(e, content="") for e in (first, second, third)]
    assert ledger.edition_list() == listed


def test_the_records_of_an_edition_are_its_renderings_and_readings(ledger):
    edition = ledger.freeze("owner-scorecard", "ann", "{}", claim(ledger), NOW)
    other = ledger.freeze("owner-scorecard", "bob", "{}", claim(ledger), NOW)
    for of, sha256 in ((other, "cc"), (edition, "aa"), (edition, "bb")):
        ledger.record_rendering(of, sha256, "0.1.0", NOW)
    ledger.record_readings([ReadBack(edition.id, "bb", [], {}, "0.1.0", NOW)])
    assert ledger.hashes_read(edition.id) == {"bb"} and ledger.hashes_read(other.id) == set()
    kept = sorted(ledger.records_of(edition.id))
    assert [name.partition("/")[0] for name in kept] == ["reading", "rendering", "rendering"]


def test_the_stances_of_many_periods_are_those_of_each(ledger):
    ledger.witness([stance()], "month", LONDON, NOW - timedelta(days=90))
    ledger.witness([stance(at_worst=0.6)], "month", LONDON, NOW)
    periods = [OCTOBER, NOVEMBER, DECEMBER]
    over = ledger.stances_over(periods)
    assert over == {p.key: ledger.stances_for(p) for p in periods}
    assert [over[p.key][0].stance.at_worst for p in periods] == [0.8, 0.8, 0.6]


def test_all_histories_of_a_large_packet_are_one_quick_query_and_their_seals(ledger):
    statements = []
    for months in range(1, 25):
        period = OCTOBER.shift(-months)
        rows = [
            result(f"metric{m}", f"tier{t}", period, value=float(months))
            for m in range(27)
            for t in range(6)
        ]
        computed(ledger, period, rows)
    event.listen(ledger._engine, "after_cursor_execute", lambda *a: statements.append(a[2]))
    began = perf_counter()
    found = ledger.histories(OCTOBER)
    assert perf_counter() - began < 2
    batches = ceil(24 * 27 * 6 / AT_ONCE)  # of rows, each compared with its seals
    assert len([s for s in statements if s.startswith("SELECT")]) == 1 + 2 * batches
    assert len(found) == 27 * 6
    assert {tuple(p.value for p in points) for points in found.values()} == {
        tuple(float(months) for months in range(24, 0, -1))
    }


# Editions


def test_the_first_edition_is_number_one(ledger):
    edition = ledger.freeze("executive-packet", "executives", '{"a": 1}', claim(ledger), NOW)
    assert (edition.number, edition.period, edition.inputs) == (1, "2026-10", "facts-1")
    assert ledger.edition(edition.id) == edition
    assert ledger.editions(OCTOBER) == [edition]


def test_the_same_content_is_the_same_edition_with_its_own_as_of(ledger):
    first = ledger.freeze("owner-scorecard", "ann", "{}", claim(ledger), NOW)
    later = NOW + timedelta(days=3)
    rerun = claim(ledger, inputs="facts-2", as_of=later)
    assert ledger.freeze("owner-scorecard", "ann", "{}", rerun, later) == first
    assert first.as_of == NOW


def test_other_content_is_the_next_edition_also_when_it_was_seen_before(ledger):
    run = claim(ledger)
    for content in ("{}", '{"restated": true}', "{}"):
        ledger.freeze("owner-scorecard", "ann", content, run, NOW, reason="late refunds")
    kept = [(e.number, e.content, e.reason) for e in ledger.editions(OCTOBER)]
    assert kept == [
        (1, "{}", "late refunds"),
        (2, '{"restated": true}', "late refunds"),
        (3, "{}", "late refunds"),
    ]


def test_documents_scopes_and_periods_count_their_editions_apart(ledger):
    october, november = claim(ledger), claim(ledger, NOVEMBER)
    for document, scope, run in (
        ("owner-scorecard", "ann", october),
        ("owner-scorecard", "bob", october),
        ("executive-packet", "executives", october),
        ("owner-scorecard", "ann", november),
    ):
        assert ledger.freeze(document, scope, "{}", run, NOW).number == 1


def test_freezing_at_once_makes_one_edition(ledger, url, tmp_path):
    run, numbers = claim(ledger), []

    def freezer():
        with Ledger.open(url, tmp_path) as own:
            numbers.append(own.freeze("owner-scorecard", "ann", "{}", run, NOW).number)

    together([freezer] * 5)
    assert numbers == [1] * 5
    assert len(ledger.editions(OCTOBER)) == 1


def test_every_rendering_of_an_edition_is_kept_once(ledger):
    edition = ledger.freeze("owner-scorecard", "ann", "{}", claim(ledger), NOW)
    for sha256, software in (("aa", "0.1.0"), ("aa", "0.1.0"), ("bb", "0.2.0")):
        ledger.record_rendering(edition, sha256, software, NOW)
    kept = [(r.sha256, r.software, r.at) for r in ledger.renderings(edition)]
    assert kept == [("aa", "0.1.0", NOW), ("bb", "0.2.0", NOW)]


def test_a_rendering_needs_its_edition(ledger):
    edition = ledger.freeze("owner-scorecard", "ann", "{}", claim(ledger), NOW)
    with pytest.raises(LedgerError, match="refused"):
        ledger.record_rendering(replace(edition, id="0" * 12), "aa", "0.1.0", NOW)


# The witness


def test_the_first_stances_are_taken_on_trust_from_the_day_they_declare(ledger):
    changes = ledger.witness([stance(), stance("bronze", 0.5)], "month", LONDON, NOW)
    assert [(c.kind, c.key, c.in_force_from, c.note) for c in changes] == [
        ("on trust", "csat/bronze", date(2026, 1, 1), ON_TRUST),
        ("on trust", "csat/gold", date(2026, 1, 1), ON_TRUST),
    ]
    assert at(ledger, date(2025, 12, 1)) == {}
    assert at(ledger, date(2026, 1, 1)) == {"bronze": (0.5, ON_TRUST), "gold": (0.8, ON_TRUST)}


def test_seeing_the_same_stances_again_is_no_change(ledger):
    ledger.witness([stance(), stance("bronze")], "month", LONDON, NOW)
    moved = [replace(stance("bronze"), line=90), replace(stance(), line=3, written=("80 %", ""))]
    assert ledger.witness(moved, "month", LONDON, NOW + timedelta(days=30)) == []


def test_a_changed_stance_holds_from_the_next_period_only_and_says_it_was_back_dated(ledger):
    note = (
        "back-dated: declared effective 2026-01-01, first seen 2026-11-21, in force from 2026-12-01"
    )
    ledger.witness([stance()], "month", LONDON, NOW - timedelta(days=90))
    [change] = ledger.witness([stance(at_worst=0.6)], "month", LONDON, NOW)
    assert (change.kind, change.in_force_from, change.note) == ("changed", date(2026, 12, 1), note)
    assert (change.previous, change.stance) == (stance(), stance(at_worst=0.6))
    assert at(ledger, date(2026, 11, 1)) == {"gold": (0.8, ON_TRUST)}
    assert at(ledger, date(2026, 12, 1)) == {"gold": (0.6, note)}


def test_a_change_declared_for_a_later_day_waits_for_it(ledger):
    ledger.witness([stance()], "month", LONDON, NOW - timedelta(days=90))
    later = stance(at_worst=0.9, effective=date(2027, 2, 1))
    [change] = ledger.witness([later], "month", LONDON, NOW)
    assert (change.in_force_from, change.note) == (date(2027, 2, 1), "")
    assert at(ledger, date(2027, 1, 1)) == {"gold": (0.8, ON_TRUST)}
    assert at(ledger, date(2027, 2, 1)) == {"gold": (0.9, "")}


def test_an_end_that_lies_ahead_is_said_and_back_dates_nothing(ledger):
    ledger.witness([stance(), stance("bronze", 0.5)], "month", LONDON, NOW - timedelta(days=90))
    ended = [stance(until=date(2026, 12, 1)), stance("bronze", 0.5, until=date(2027, 2, 1))]
    later, soon = ledger.witness(ended, "month", LONDON, NOW)
    assert (soon.kind, soon.only_end, soon.note) == ("changed", True, "ends on 2026-12-01")
    assert soon.said == "csat/gold ends on 2026-12-01."
    assert later.said == "csat/bronze ends on 2027-02-01."
    assert set(at(ledger, date(2026, 11, 1))) == {"gold", "bronze"}
    assert set(at(ledger, date(2026, 12, 1))) == {"bronze"}
    assert set(at(ledger, date(2027, 1, 1))) == {"bronze"}
    assert at(ledger, date(2027, 2, 1)) == {}
    open_again = [ended[0], stance("bronze", 0.5)]
    [change] = ledger.witness(open_again, "month", LONDON, NOW + timedelta(days=1))
    assert change.said == "csat/bronze has no end any more."
    assert set(at(ledger, date(2027, 2, 1))) == {"bronze"}


def test_an_end_in_the_past_holds_from_the_next_period_and_is_back_dated(ledger):
    note = (
        "back-dated: declared to end on 2026-10-01, first seen 2026-11-21, in force from 2026-12-01"
    )
    ledger.witness([stance()], "month", LONDON, NOW - timedelta(days=90))
    over = stance(until=date(2026, 10, 1))
    [change] = ledger.witness([over], "month", LONDON, NOW)
    assert (change.only_end, change.in_force_from, change.note) == (False, date(2026, 12, 1), note)
    assert change.said == f"csat/gold changed: in force from 2026-12-01. B{note[1:]}."
    assert set(at(ledger, date(2026, 11, 1))) == {"gold"}
    assert at(ledger, date(2026, 12, 1)) == {}
    [revived] = ledger.witness([stance()], "month", LONDON, NOW + timedelta(days=30))
    assert revived.note.startswith("back-dated: declared without an end, first seen 2026-12-21")
    assert at(ledger, date(2026, 12, 1)) == {}


def test_an_end_beside_another_limit_is_a_change_like_any_other(ledger):
    ledger.witness([stance()], "month", LONDON, NOW - timedelta(days=90))
    both = stance(at_worst=0.6, until=date(2027, 1, 1))
    [change] = ledger.witness([both], "month", LONDON, NOW)
    assert not change.only_end
    assert change.note.startswith("back-dated: declared effective 2026-01-01")


def test_an_end_takes_no_note_of_back_dating_away(ledger):
    ledger.witness([stance()], "month", LONDON, NOW - timedelta(days=90))
    [first] = ledger.witness([stance(at_worst=0.6)], "month", LONDON, NOW)
    for month in (2, 3):
        ended = stance(at_worst=0.6, until=date(2027, month, 1))
        [change] = ledger.witness([ended], "month", LONDON, NOW)
        assert change.said == f"csat/gold ends on 2027-0{month}-01."
        assert at(ledger, date(2027, 1, 1))["gold"][1] == f"{first.note}; ends on {ended.until}"


def test_what_is_new_or_removed_is_said_in_a_sentence(ledger):
    ledger.witness([stance()], "month", LONDON, NOW - timedelta(days=90))
    new = stance("bronze", 0.5, effective=date(2027, 1, 1))
    changes = ledger.witness([new], "month", LONDON, NOW)
    assert [c.said for c in changes] == [
        "csat/bronze is new: in force from 2027-01-01.",
        "csat/gold was removed: it ends on 2026-12-01.",
    ]


def test_a_stance_effective_within_a_period_holds_from_the_one_after(local):
    local.witness([stance(effective=date(2026, 11, 10))], "month", LONDON, NOW)
    assert at(local, date(2026, 11, 1)) == {}
    assert at(local, date(2026, 12, 1)) == {"gold": (0.8, ON_TRUST)}


def test_the_next_period_is_of_the_kind_and_zone_that_is_reported(local):
    local.witness([stance()], "quarter", LONDON, NOW)
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    [quarter] = local.witness([stance(at_worst=0.7)], "quarter", LONDON, late)
    [month] = local.witness([stance(at_worst=0.6)], "month", "Europe/Athens", late)
    assert quarter.in_force_from == date(2027, 1, 1)
    assert month.in_force_from == date(2027, 2, 1)


def test_a_removed_stance_ends_with_the_period(ledger):
    ledger.witness([stance(), stance("bronze", 0.5)], "month", LONDON, NOW - timedelta(days=90))
    [change] = ledger.witness([stance()], "month", LONDON, NOW)
    assert (change.kind, change.key, change.stance) == ("ended", "csat/bronze", None)
    assert change.previous == stance("bronze", 0.5)
    assert set(at(ledger, date(2026, 11, 1))) == {"gold", "bronze"}
    assert set(at(ledger, date(2026, 12, 1))) == {"gold"}
    [again] = ledger.witness([stance(), stance("bronze", 0.5)], "month", LONDON, NOW)
    assert (again.kind, again.in_force_from) == ("new", date(2026, 12, 1))


def test_a_change_taken_back_before_it_held_leaves_the_first_stance(ledger):
    ledger.witness([stance()], "month", LONDON, NOW - timedelta(days=90))
    ledger.witness([stance(at_worst=0.6)], "month", LONDON, NOW)
    ledger.witness([stance()], "month", LONDON, NOW + timedelta(days=1))
    assert at(ledger, date(2026, 11, 1))["gold"][0] == 0.8
    assert at(ledger, date(2026, 12, 1))["gold"][0] == 0.8


def test_a_change_overtaken_by_an_earlier_one_never_holds(ledger):
    ledger.witness([stance()], "month", LONDON, NOW - timedelta(days=90))
    far = stance(at_worst=0.9, effective=date(2027, 3, 1))
    near = stance(at_worst=0.7, effective=date(2027, 1, 1))
    ledger.witness([far], "month", LONDON, NOW)
    ledger.witness([near], "month", LONDON, NOW)
    held = [
        at(ledger, date(year, month, 1))["gold"][0]
        for year, month in ((2026, 12), (2027, 1), (2027, 3))
    ]
    assert held == [0.8, 0.7, 0.7]


def test_successive_stances_of_one_cell_follow_each_other(ledger):
    first = stance(until=date(2026, 7, 1))
    second = stance(at_worst=0.85, effective=date(2026, 7, 1))
    ledger.witness([first, second], "month", LONDON, NOW - timedelta(days=30))
    assert at(ledger, date(2026, 6, 1))["gold"][0] == 0.8
    assert at(ledger, date(2026, 7, 1))["gold"][0] == 0.85
    ended = replace(second, until=date(2027, 1, 1))
    third = stance(at_worst=0.9, effective=date(2027, 1, 1))
    changes = ledger.witness([first, ended, third], "month", LONDON, NOW)
    assert [(c.kind, c.previous, c.stance) for c in changes] == [
        ("changed", second, ended),
        ("new", None, third),
    ]
    held = [at(ledger, date(2026, 12, 1))["gold"][0], at(ledger, date(2027, 1, 1))["gold"][0]]
    assert held == [0.85, 0.9]


def test_an_offer_has_a_stance_of_its_own_in_the_same_tier(local):
    local.witness([stance(), stance(offer="care-plan", at_worst=0.9)], "month", LONDON, NOW)
    found = local.stances_for(OCTOBER)
    assert [(w.stance.offer, w.stance.at_worst) for w in found] == [("", 0.8), ("care-plan", 0.9)]


def test_a_ledger_that_began_without_stances_trusts_none_that_come_later(ledger):
    assert ledger.witness([], "month", LONDON, NOW - timedelta(days=30)) == []
    [change] = ledger.witness([stance()], "month", LONDON, NOW)
    assert (change.kind, change.in_force_from) == ("new", date(2026, 12, 1))
    assert change.note.startswith("back-dated")


def test_changes_can_be_listed_by_the_periods_in_which_they_came_into_force(ledger):
    ledger.witness([stance()], "month", LONDON, NOW - timedelta(days=90))
    changes = ledger.witness([stance(at_worst=0.6), stance("bronze")], "month", LONDON, NOW)
    assert ledger.stance_changes(DECEMBER, DECEMBER) == changes
    assert ledger.stance_changes(Period.parse("2026-01", LONDON), NOVEMBER) == []


def test_witnessing_at_once_records_each_stance_once(ledger, url, tmp_path):
    seen = []

    def witness():
        with Ledger.open(url, tmp_path) as own:
            seen.extend(own.witness([stance(), stance("bronze")], "month", LONDON, NOW))

    together([witness] * 5)
    assert len(seen) == 2
    assert len(ledger.stances_for(OCTOBER)) == 2


def test_a_stance_survives_being_written_but_for_its_line():
    full = stance(
        kind="weakness",
        at_worst=172800,
        at_best=43200.5,
        until=date(2027, 1, 1),
        releases="5 EUR",
        funded_by=(Funding("weakness", "csat/bronze", "9 EUR"),),
        funds=("csat/gold", "ltv/gold"),
        evidence="census",
        usual_n=40,
        offer="care",
        written=("48 h", "12 h"),
        line=12,
    )
    assert read_stance(write_stance(full)) == replace(full, line=0)
    assert stance_hash(full) == stance_hash(replace(full, line=99, at_worst=172800.0))


def test_every_choice_in_a_stance_makes_another_version():
    choices = {
        "kind": "weakness",
        "owner": "cfo",
        "at_worst": 0.81,
        "at_best": 0.9,
        "importance": 2,
        "declared": date(2025, 12, 11),
        "effective": date(2026, 2, 1),
        "approved_by": "ceo",
        "trade_off": "Other.",
        "until": date(2027, 1, 1),
        "funds": ("x/y",),
        "releases": "1 EUR",
        "evidence": "census",
        "usual_n": 30,
        "funded_by": (Funding("charge", "fee"),),
    }
    versions = {stance_hash(replace(stance(), **{name: to})) for name, to in choices.items()}
    assert len(versions | {stance_hash(stance())}) == len(choices) + 1


def test_a_version_leaves_defaults_out_so_that_a_new_field_changes_no_old_one():
    assert not {"until", "offer", "usual_n", "line"} & json.loads(write_stance(stance())).keys()


# How the tests do several things at once


def together(works):
    """Run all at the same moment; re-raise what any of them raised."""
    start, errors = Barrier(len(works)), []

    def body(work):
        start.wait()
        try:
            work()
        except Exception as error:
            errors.append(error)

    threads = [Thread(target=body, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def run_python(code, check=True):
    command = [sys.executable, "-c", code]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, check=check, cwd=ROOT, env=env)
