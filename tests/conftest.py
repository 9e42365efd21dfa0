"""Ledgers for tests, on SQLite and on PostgreSQL; tests in folders below use the samples here."""

from __future__ import annotations

import gc
import os
import shutil
from itertools import count

import psycopg
import pytest
from sqlalchemy import make_url

from scorecard import secrets
from scorecard.ledger import Ledger
from scorecard.ledger.models import metadata

POSTGRES = make_url(
    os.environ.get(
        "SCORECARD_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
    )
)
SLOWEST = (
    "test_run",
    "test_render",
    "test_render_team",
    "test_cli_delivery",
    "test_exactly_once",
    "test_serve",
    "test_hanging",
    "test_steps",
    "test_cli",
    "test_issuing",
    "test_library",
    "test_leak_check",
)
"""Files that go to the processors first, so that none is left alone with them at the end."""
_numbers = count(1)


def pytest_collection_modifyitems(items):
    gc.freeze()  # as the commands do: Ibis drops large trees, and the collector walks all of them
    gc.set_threshold(100_000, 20, 50)
    place = {name: n for n, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(SLOWEST)))


def pytest_terminal_summary(terminalreporter):
    """Print what proofs have to say, also where other processes ran them."""
    for report in terminalreporter.stats.get("passed", []):
        for name, said in report.user_properties:
            if name == "said" and report.when == "call":
                terminalreporter.write_line(f"\n{report.nodeid}\n{said}")


@pytest.fixture(autouse=True)
def _nobodys_secrets():
    """A test's passwords are no secrets to the next one, which may have them as words."""
    yield
    secrets.forget()


@pytest.fixture(scope="session")
def database():
    """A PostgreSQL database of this test run's own, dropped afterwards."""
    name = f"scorecard_test_{os.getpid()}"
    try:
        tell(POSTGRES, f"CREATE DATABASE {name}")
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL at {POSTGRES}: {error}")
    yield POSTGRES.set(database=name)
    tell(POSTGRES, f"DROP DATABASE {name} WITH (FORCE)")


def tell(database, statement):
    """Have PostgreSQL do something without the ledger's help."""
    address = database.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(
        address, autocommit=True, connect_timeout=3, options="-csynchronous_commit=off"
    ) as connection:
        connection.execute(statement)


def schema(database, name):
    """The address of a new schema in PostgreSQL."""
    tell(database, f"CREATE SCHEMA {name}")
    options = {"options": f"-csearch_path={name} -csynchronous_commit=off"}
    return database.update_query_dict(options).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request):
    """An address at which there is nothing yet: a file, or a schema."""
    if request.param == "sqlite":
        return "sqlite:///state/ledger.db"
    return schema(request.getfixturevalue("database"), f"test_{next(_numbers)}")


@pytest.fixture(scope="session")
def migrated(database, tmp_path_factory):
    url = schema(database, "migrated")
    Ledger.open(url, tmp_path_factory.getbasetemp()).close()
    return url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("migrated")
    Ledger.open("sqlite:///ledger.db", folder).close()
    return folder / "ledger.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The address of a ledger without records, migrated once for all tests."""
    if request.param == "sqlite":
        source = request.getfixturevalue("migrated_file")
        (tmp_path / "state").mkdir()
        shutil.copy(source, tmp_path / "state" / "ledger.db")
        return "sqlite:///state/ledger.db"
    url = request.getfixturevalue("migrated")
    tables = [table.name for table in reversed(metadata.sorted_tables)]
    kept = {"ledger_identity", "journal", "seal"}  # with the entry that the migration wrote
    empty = "; ".join(f"DELETE FROM migrated.{name}" for name in tables if name not in kept)
    empty += (
        "; DELETE FROM migrated.seal WHERE entry > 1; DELETE FROM migrated.journal WHERE number > 1"
        "; UPDATE migrated.ledger_identity SET project = '', claimed_at = NULL"
    )
    tell(request.getfixturevalue("database"), empty)
    return url


@pytest.fixture
def ledger(url, tmp_path):
    with Ledger.open(url, tmp_path) as opened:
        yield opened
        assert_sealed(opened)


def assert_sealed(ledger):
    """No way of writing forgets the journal: whatever a test did, all that is there is sealed."""
    assert ledger.walked([], lambda *_: None).in_order == []


@pytest.fixture
def local(migrated_file, tmp_path):
    """A ledger in SQLite, for what does not depend on the database."""
    shutil.copy(migrated_file, tmp_path / "ledger.db")
    with Ledger.open("sqlite:///ledger.db", tmp_path) as opened:
        yield opened
        assert_sealed(opened)
