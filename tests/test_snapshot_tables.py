"""Frozen tiers as tables of PostgreSQL: the same rows as files, none of them in this process."""

from __future__ import annotations

import psycopg
import pytest
from sample_engines import company, in_postgres, measuring, opened

from scorecard.base.periods import Period
from scorecard.errors import FactsError, ProjectError
from scorecard.facts.engine import connect, execute
from scorecard.project.scaffold import init
from scorecard.project.settings import Project
from scorecard.project.workspace import open_workspace
from scorecard.quality.tiering import renamed
from scorecard.tiers.snapshot_tables import SnapshotTables

OCTOBER = Period.parse("2026-10", "Europe/London")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return company(tmp_path_factory.mktemp("tables") / "tables", customers=40, months=3)


@pytest.fixture(scope="module")
def server(project):
    with in_postgres(project) as url:
        yield url


@pytest.fixture
def facts(project, server):
    facts = opened(project, server, tables=True)
    yield facts
    execute(facts.con, "DROP SCHEMA IF EXISTS frozen CASCADE")
    facts.close()


def frozen(project, facts, folder, tables=None):
    """The tiers, frozen up to October."""
    tiers = measuring(project, facts, folder, tables).tiers
    list(tiers.freeze(OCTOBER))
    return tiers


def test_tables_have_the_rows_that_files_have(project, facts, tmp_path):
    files = frozen(project, facts, tmp_path / "files")
    tables = frozen(
        project, facts, tmp_path / "tables", SnapshotTables(facts.con, "frozen", tmp_path)
    )
    keys = tables.kept.periods()
    assert keys == files.kept.periods() and keys[-1] == OCTOBER.key and len(keys) > 2
    assert not list((tmp_path / "tables").glob("*.parquet"))
    for key in keys[-2:]:
        period = Period.parse(key, "Europe/London")
        rows = sorted(tables.snapshot(period), key=lambda row: row["customer_id"])
        assert rows == sorted(files.snapshot(period), key=lambda row: row["customer_id"])
        assert tables.kept.columns(key) == files.kept.columns(key)
    someone = rows[0]["customer_id"]
    assert tables.history(someone) == files.history(someone) != []
    assert list(tables.freeze(OCTOBER)) == []


def test_tables_that_are_there_are_found_again_and_not_written_twice(project, facts, tmp_path):
    first = frozen(project, facts, tmp_path, SnapshotTables(facts.con, "frozen", tmp_path))
    again = measuring(project, facts, tmp_path, SnapshotTables(facts.con, "frozen", tmp_path)).tiers
    assert again.kept.periods() == first.kept.periods() != []
    assert list(again.freeze(OCTOBER)) == []


def test_the_tiers_of_a_day_on_which_a_span_opens_are_found_again(project, facts, tmp_path):
    tiers = frozen(project, facts, tmp_path, SnapshotTables(facts.con, "frozen", tmp_path))
    wave = Period.parse("2026-10-05/2026-10-23", "Europe/London")
    assert [p.key for p in tiers.freeze(wave)] == ["2026-10-05"]
    again = measuring(project, facts, tmp_path, SnapshotTables(facts.con, "frozen", tmp_path)).tiers
    assert again.kept.periods()[-2:] == ["2026-10", "2026-10-05"]
    assert list(again.freeze(wave)) == []
    assert again.snapshot(wave) == tiers.snapshot(wave) != []


def test_tiers_of_another_project_are_never_taken_for_ours(project, facts, tmp_path):
    frozen(project, facts, tmp_path, SnapshotTables(facts.con, "frozen", tmp_path))
    with pytest.raises(FactsError, match=r"frozen\.tiers_\d{4}_\d\d is not of this project"):
        frozen(project, facts, tmp_path, SnapshotTables(facts.con, "frozen", tmp_path / "other"))


def test_what_was_frozen_into_files_before_is_read_from_them(project, facts, tmp_path):
    files = measuring(project, facts, tmp_path).tiers
    list(files.freeze(OCTOBER.previous()))
    tables = SnapshotTables(facts.con, "frozen", tmp_path)
    tiers = measuring(project, facts, tmp_path, tables).tiers
    assert [p.key for p in tiers.freeze(OCTOBER)] == ["2026-10"]
    assert tables.periods() == [*files.kept.periods(), "2026-10"]
    assert tables.place("2026-09") == "tiers/2026-09.parquet"
    assert tables.place("2026-10") == "frozen.tiers_2026_10"
    assert tiers.snapshot(OCTOBER.previous()) == files.snapshot(OCTOBER.previous()) != []
    someone = tiers.snapshot(OCTOBER)[0]["customer_id"]
    assert [key for key, _tier, _score in tiers.history(someone)] == tables.periods()


def test_a_finding_names_the_table(project, facts, tmp_path):
    tables = SnapshotTables(facts.con, "frozen", tmp_path)
    tiers = frozen(project, facts, tmp_path, tables)
    execute(
        facts.con,
        "INSERT INTO frozen.tiers_2026_10 SELECT * FROM frozen.tiers_2026_10 LIMIT 1",
        "UPDATE frozen.tiers_2026_09 SET tier = 'mithril'",
    )
    first, second = renamed(tiers)
    assert first.place == "frozen.tiers_2026_09" and "schema frozen away" in first.hint
    assert second.place == "frozen.tiers_2026_10"
    assert "Remove it and every later one from schema frozen" in second.hint


def test_facts_that_are_not_sound_are_frozen_into_tables_that_pass(project, facts, tmp_path):
    tiers = frozen(project, facts, tmp_path, SnapshotTables(facts.con, "frozen", tmp_path))
    october = tiers.snapshot(OCTOBER)
    execute(facts.con, "DROP TABLE frozen.tiers_2026_10")
    lacking = SnapshotTables(facts.con, "frozen", tmp_path)
    apart = measuring(project, facts, tmp_path, lacking).tiers.apart(tmp_path / "apart")
    assert [p.key for p in apart.freeze(OCTOBER)] == ["2026-10"]
    assert len(apart.snapshot(OCTOBER)) == len(october)
    assert not SnapshotTables(facts.con, "frozen", tmp_path).has("2026-10")


def test_a_user_who_may_not_write_is_told_what_to_do(project, facts, server, tmp_path):
    name = server.rpartition("/")[2]
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute("CREATE ROLE scorecard_reader LOGIN")
        admin.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO scorecard_reader")
    try:
        reader = opened(
            project, f"postgresql://scorecard_reader@127.0.0.1:5432/{name}", tables=True
        )
        with pytest.raises(FactsError, match=r"tiers_schema: frozen\.tiers_.* GRANT"):
            frozen(project, reader, tmp_path, SnapshotTables(reader.con, "frozen", tmp_path))
        tiers = measuring(
            project, reader, tmp_path, SnapshotTables(reader.con, "frozen", tmp_path)
        ).tiers
        (found,) = [f for f in renamed(tiers) if f.id == "tiers.unwritable"]
        assert found.severity == "blocking" and "GRANT CREATE, USAGE ON SCHEMA" in found.message
        reader.close()
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute("DROP OWNED BY scorecard_reader")
            admin.execute("DROP ROLE scorecard_reader")


def test_files_and_duckdb_keep_no_tiers_as_tables(project):
    list(init(project.root))
    text = project.file.read_text("utf-8")
    project.file.write_text(
        text.replace("[tool.scorecard]", '[tool.scorecard]\ntiers_schema = "x"')
    )
    try:
        with pytest.raises(FactsError, match="tiers_schema: the facts lie in duckdb"):
            open_workspace(Project.at(project.root), OCTOBER.end)
    finally:
        project.file.write_text(text)


def test_a_setting_that_is_taken_back_does_not_freeze_anew(project):
    folder = project.state / "tiers"
    folder.mkdir(parents=True)
    (folder / "tables.json").write_text('{"schema": "frozen", "project": "1"}')
    list(init(project.root))
    with pytest.raises(FactsError, match='are tables of schema frozen; write tiers_schema = "froz'):
        open_workspace(Project.at(project.root), OCTOBER.end)


def test_a_user_without_temporary_tables_is_told_at_once(project, server):
    name = server.rpartition("/")[2]
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'REVOKE TEMPORARY ON DATABASE "{name}" FROM PUBLIC')
        admin.execute("CREATE ROLE scorecard_guest LOGIN")
    try:
        with pytest.raises(FactsError, match=r"no temporary tables.* GRANT TEMPORARY ON DATABASE"):
            connect(f"postgresql://scorecard_guest@127.0.0.1:5432/{name}", project.root)
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f'GRANT TEMPORARY ON DATABASE "{name}" TO PUBLIC')
            admin.execute("DROP ROLE scorecard_guest")


@pytest.mark.parametrize("address", ["pyspark://localhost", "pyspark://a b:1", "pyspark://x:y"])
def test_spark_at_no_address_is_one_sentence(address, tmp_path):
    with pytest.raises(FactsError, match=r"^facts\.connect: Spark is reached by pyspark://local"):
        connect(address, tmp_path)


def test_two_that_freeze_at_once_both_go_on(project, facts, tmp_path):
    first = SnapshotTables(facts.con, "frozen", tmp_path)
    frozen(project, facts, tmp_path, first)
    late = SnapshotTables(facts.con, "frozen", tmp_path)
    assert late.has("2026-10")
    late._known.discard("2026-10")  # as one sees it that looked before the other wrote
    late.write(facts.con, "2026-10", "SELECT 'nobody' AS customer_id")
    assert late.has("2026-10") and first.history("nobody") == []


def test_other_relations_of_the_schema_are_nobodys_business(project, facts, tmp_path):
    tables = SnapshotTables(facts.con, "frozen", tmp_path)
    known = frozen(project, facts, tmp_path, tables).kept.periods()
    execute(
        facts.con,
        "CREATE INDEX tiers_2026_10_c ON frozen.tiers_2026_10 (customer_id)",
        "CREATE TABLE frozen.tiersonline (a int)",
        "CREATE TABLE frozen.tiers_2026_10_backup AS TABLE frozen.tiers_2026_10",
    )
    assert SnapshotTables(facts.con, "frozen", tmp_path).periods() == known


@pytest.mark.parametrize(
    "name", ["pg_temp", "pg_foo", "information_schema", "public", "My Own", "a;b"]
)
def test_a_schema_that_is_not_ones_own_is_refused(project, name):
    text = project.file.read_text("utf-8")
    project.file.write_text(
        text.replace("[tool.scorecard]", f'[tool.scorecard]\ntiers_schema = "{name}"')
    )
    try:
        with pytest.raises(ProjectError, match="not a plain name of a schema of its own"):
            Project.at(project.root)
    finally:
        project.file.write_text(text)


def test_the_digest_of_a_table_tells_every_change_of_a_row(project, facts, tmp_path):
    tables = frozen(project, facts, tmp_path, SnapshotTables(facts.con, "frozen", tmp_path))
    key = tables.kept.periods()[-1]
    before, place = tables.kept.digest(key), tables.kept.place(key)
    assert len(before) == 64 and tables.kept.digest(key) == before
    found = {before}
    for change in (
        f"UPDATE {place} SET tier = 'other' WHERE customer_id = (SELECT min(customer_id) FROM {place})",
        f"DELETE FROM {place} WHERE customer_id = (SELECT max(customer_id) FROM {place})",
        f"DELETE FROM {place}",
    ):
        execute(facts.con, change)
        found.add(tables.kept.digest(key))
    assert len(found) == 4
