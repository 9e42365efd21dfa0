"""Tiers as a table of the facts' database: replaced as a whole, and only where it is ours."""

from __future__ import annotations

import csv
from datetime import UTC, datetime

import duckdb
import psycopg
import pytest
from command import refused, scorecard
from sample_engines import company, in_postgres

from scorecard.demo.company import WRITTEN
from scorecard.facts.contracts import CONTRACTS
from scorecard.library.scorecard import Scorecard
from scorecard.project.scaffold import init
from scorecard.project.settings import Project

AS_OF = datetime(2026, 11, 16, 6, tzinfo=UTC)
COLUMNS = (
    *("customer_id", "tier", "tier_label", "state", "since", "as_of", "period"),
    *("promises", "accepts"),
)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The company with its facts in files, its tiers frozen and its stances seen."""
    folder = tmp_path_factory.mktemp("lookup") / "lookup"
    company(folder, customers=40, months=3)
    list(init(folder))
    return prepared(Project.at(folder, {}))


def prepared(project):
    opened = Scorecard(project, AS_OF, now=lambda: AS_OF)
    with opened.workspace() as work, opened._working() as ledger:
        settings = project.settings
        ledger.witness(work.strategy.stances, settings.period, settings.timezone, AS_OF)
        for _ in work.tiers.freeze(project.period("2026-11")):
            pass
    return project


def beside(project, folder, connect):
    """The same project with its facts in tables behind that address."""
    folder.mkdir()
    for name in ("strategy.toml", "metrics"):
        (folder / name).symlink_to(project.root / name)
    head, _facts, rest = (
        (project.root / "pyproject.toml").read_text().partition("[tool.scorecard.facts]")
    )
    mail = rest[rest.index("[tool.scorecard.mail]") :] if "[tool.scorecard.mail]" in rest else ""
    tables = "".join(f'{t} = "{t}"\n' for t in WRITTEN)
    (folder / "pyproject.toml").write_text(
        f'{head}[tool.scorecard.facts]\nconnect = "{connect}"\n{tables}\n{mail}'
    )
    return prepared(Project.at(folder, {}))


@pytest.fixture(scope="module")
def plain(files, tmp_path_factory):
    """What an export to a file says: the rows as texts, with and without names."""
    said = {}
    for names in ((), ("--names",)):
        file = tmp_path_factory.mktemp("plain") / "t.csv"
        done(files, file, *names)
        with file.open(newline="", encoding="utf-8") as text:
            _head, *rows = csv.reader(text)
        said[names] = rows
    return said


def done(project, target, *more):
    code, said, wrong = scorecard("tiers", "--export", target, *more, cwd=project.root)
    assert code == 0, wrong
    return said


def texts(rows):
    return [["" if value is None else str(value) for value in row] for row in rows]


@pytest.fixture(scope="module")
def server(files):
    with in_postgres(files) as url:
        yield url


@pytest.fixture(scope="module")
def served(files, server, tmp_path_factory):
    return beside(files, tmp_path_factory.mktemp("served") / "served", server)


@pytest.fixture
def con(served, server):
    with psycopg.connect(server, autocommit=True) as con:
        yield con
        con.execute("drop schema if exists crm cascade")
        con.execute("drop table if exists tiers cascade")
        con.execute("create schema crm")


def test_a_table_in_postgres_has_what_a_file_has(served, con, plain):
    said = done(served, "table:tiers")
    assert said == f"table:tiers: {len(plain[()])} customers, tiers of 2026-11, as of 1 Nov 2026\n"
    rows = con.execute('select * from tiers order by customer_id collate "C"')
    assert tuple(c.name for c in rows.description) == COLUMNS
    assert texts(rows.fetchall()) == plain[()] != []


def test_rights_and_views_on_the_table_stay_when_it_is_replaced(served, con, plain):
    con.execute("create schema if not exists crm")
    done(served, "table:crm.tiers", "--period", "2026-10")
    con.execute("create view crm.gold as select * from crm.tiers where tier = 'gold'")
    con.execute("grant select on crm.tiers to public")
    before = con.execute("select distinct period from crm.gold").fetchall()
    done(served, "table:crm.tiers")
    assert (before, con.execute("select distinct period from crm.gold").fetchall()) == (
        [("2026-10",)],
        [("2026-11",)],
    )
    granted = "select has_table_privilege('public', 'crm.tiers', 'select')"
    assert con.execute(granted).fetchone() == (True,)
    # Other columns need another table, which a view stands in the way of: nothing is changed.
    why = refused("tiers", "--export", "table:crm.tiers", "--names", cwd=served.root)
    assert "table:crm.tiers cannot get other columns (cannot drop table crm.tiers" in why
    con.execute("drop view crm.gold")
    done(served, "table:crm.tiers", "--names")
    rows = con.execute('select * from crm.tiers order by customer_id collate "C"').fetchall()
    assert texts(rows) == plain["--names",]


def test_a_table_in_postgres_that_is_not_ours_stays(served, con):
    con.execute("create schema if not exists crm")
    con.execute("create table crm.tiers (mine text)")
    con.execute("create view crm.seen as select 1 as one")
    for name in ("crm.tiers", "crm.seen", "customers"):
        why = refused("tiers", "--export", f"table:{name}", cwd=served.root)
        assert f"table:{name} is there, and is not ours by its comment" in why
    assert con.execute("select count(*) from crm.tiers").fetchone() == (0,)


def test_a_schema_that_is_not_there_is_a_sentence(served, con):
    why = refused("tiers", "--export", "table:nowhere.tiers", cwd=served.root)
    assert 'table:nowhere.tiers cannot be written (schema "nowhere" does not exist' in why


@pytest.fixture
def embedded(files, tmp_path):
    """The same company with its facts in a DuckDB file."""
    with duckdb.connect(str(tmp_path / "facts.duckdb")) as con:
        for table in WRITTEN:
            assert table in CONTRACTS
            con.execute(f"create table {table} as from '{files.root}/facts/{table}.parquet'")
    project = beside(files, tmp_path / "embedded", "duckdb://../facts.duckdb")
    return project, tmp_path / "facts.duckdb"


def test_a_table_in_a_duckdb_file_has_what_a_file_has(embedded, plain):
    project, file = embedded
    done(project, "table:crm.tiers", "--period", "2026-10")
    said = done(project, "table:crm.tiers", "--names")
    assert said.startswith("table:crm.tiers: ")
    with duckdb.connect(str(file)) as con:
        found = con.execute("select * from crm.tiers order by customer_id").fetchall()
        assert texts(found) == plain["--names",]
        con.execute("create view seen as select 1 as one")
    for name in ("customers", "seen"):
        why = refused("tiers", "--export", f"table:{name}", cwd=project.root)
        assert f"table:{name} is there, and is not ours by its comment" in why
    assert scorecard("tiers", cwd=project.root)[0] == 0  # the facts are read as before


def test_a_duckdb_file_that_somebody_reads_is_a_sentence(embedded):
    import subprocess
    import sys

    project, file = embedded
    code = f"import duckdb, sys; c = duckdb.connect({str(file)!r}, read_only=True); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "open\n"
        why = refused("tiers", "--export", "table:tiers", cwd=project.root)
        other.stdin.close()
    assert "table:tiers cannot be written" in why
    assert "run it when no other process has facts.duckdb open" in why
