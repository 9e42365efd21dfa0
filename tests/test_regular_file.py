"""Whatever lies under the name of a file that we read and is none: said at once, and never waited
for. A pipe would make its reader wait for a writer, and a device has no end."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
from contextlib import contextmanager
from pathlib import Path

import pytest
from command import scorecard
from sample_project import small

from scorecard.base.period_lock import period_lock
from scorecard.base.periods import Period
from scorecard.base.regular_file import (
    IrregularError,
    open_regular,
    read_bytes,
    read_text,
    refuse_irregular,
)
from scorecard.base.toml_file import TomlFile
from scorecard.errors import LedgerError, MailError, ProjectError
from scorecard.facts.text_files import in_columns
from scorecard.ledger import Ledger
from scorecard.mail.mailbox import open_box
from scorecard.mail.server import Server
from scorecard.project.settings import Project

PACKAGE = Path(__file__).parents[1] / "scorecard"
SOON = 60
"""Seconds, of which none is needed: whoever waits for a pipe waits for ever."""


@pytest.fixture(autouse=True)
def soon():
    """Nothing here may wait."""

    def late(*_):
        raise AssertionError("it waits")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SOON)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


def listener(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket has at most a hundred letters
    try:
        with socket.socket(socket.AF_UNIX) as each:
            each.bind(path.name)
    finally:
        os.chdir(here)


KINDS = {"pipe": pipe, "folder": folder, "device": zeros, "socket": listener}
every_kind = pytest.mark.parametrize("kind", KINDS)


@contextmanager
def replaced(path: Path, kind: str):
    """Something else in place of a file, which is put back afterwards."""
    aside = path.with_name(f"{path.name}.aside")
    was = path.exists()
    if was:
        path.rename(aside)
    path.parent.mkdir(parents=True, exist_ok=True)
    KINDS[kind](path)
    try:
        yield
    finally:
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        if was:
            aside.rename(path)


OURS = {
    *(
        "base/regular_file.py",
        "base/limits.py",
        "base/template_files.py",
        "printing/confusables.py",
        "definitions/modules.py",
        "definitions/reach.py",
    ),
    *("demo/company.py", "starters/starter.py", "starters/chance.py", "proposing/lay_out.py"),
    *("project/scaffold.py", "delivery/dry_run.py"),
}
"""Modules that read nothing in this way but what the software itself brought or has just written."""


def test_no_module_opens_what_somebody_else_wrote_in_another_way():
    opened = re.compile(r"\.read_(text|bytes)\(|\bopen\((?!url)[^)]*\"rb?\"|\.open\(\"rb?\"\)")
    found = {
        str(file.relative_to(PACKAGE)): match[0]
        for file in PACKAGE.rglob("*.py")
        if (match := opened.search(file.read_text()))
    }
    assert {name: how for name, how in found.items() if name not in OURS} == {}


@every_kind
def test_only_regular_files_are_opened(tmp_path, kind):
    path = tmp_path / "x"
    KINDS[kind](path)
    for read in (open_regular, refuse_irregular, read_bytes, read_text):
        with pytest.raises(OSError) as refused:
            read(path)
        assert refused.value.strerror


def test_a_file_longer_than_anybody_writes_is_refused_before_it_is_in_memory(tmp_path):
    path = tmp_path / "x"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(IrregularError, match="longer than"):
        read_bytes(path)
    with pytest.raises(IrregularError, match="NUL"):
        read_bytes(Path("a\0b"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else for a while")
@pytest.mark.parametrize("name", ["pyproject.toml", "strategy.toml", "schedules/x.toml", "f.csv"])
def test_what_this_user_may_not_read_is_said(tmp_path, name):
    tmp_path.chmod(0o755)
    for above in tmp_path.parents:
        if above.stat().st_mode & 0o011 != 0o011:  # pytest's own folders, which are ours alone
            above.chmod(above.stat().st_mode | 0o011)
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    path.chmod(0)
    os.seteuid(65534)
    try:
        with pytest.raises(PermissionError):
            open_regular(path)
        if name == "pyproject.toml":
            with pytest.raises(
                ProjectError, match=r"cannot be read: it fails \(Permission denied\)"
            ):
                Project.at(tmp_path, {})
        elif name == "f.csv":
            with pytest.raises(OSError, match="Permission denied"):
                in_columns(path, "", tmp_path / "kept")
        else:
            (found,) = TomlFile(path).findings()
            assert "Permission denied" in str(found)
    finally:
        os.seteuid(0)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    made = small(tmp_path_factory.mktemp("irregular") / "acme")
    state = made.root / ".scorecard" / "tiers"
    state.mkdir(parents=True)
    return made


READ = (
    *("facts/customers.csv", "facts/interactions.csv", "strategy.toml", "schedules/extra.toml"),
    *("metrics/extra.py", "metrics/_extra.py", "templates/extra.html", "templates/mail/extra.txt.j2"),
    *(".scorecard/ledger.db", ".scorecard/tiers/2026-05.parquet", ".scorecard/tiers/afterwards.json"),
    *(".scorecard/tiers/readings.json", ".scorecard/tiers/tables.json", "pyproject.toml"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind"), [*((name, "pipe") for name in READ), ("facts/customers.csv", "device")]
)
def test_check_and_run_name_what_is_no_file_and_wait_for_nothing(project, name, kind):
    with replaced(project.root / name, kind):
        code, said, wrong = scorecard("check", cwd=project.root)
        if code == 0:  # what only a run reads
            code, said, wrong = scorecard("run", "--period", "2026-06", cwd=project.root)
    assert code == 1
    assert Path(name).name.removesuffix(".parquet") in said + wrong
    assert not list((project.root / "output").glob("2026-06/*.pdf"))


@every_kind
def test_the_files_of_mail_are_files(tmp_path, kind):
    with (
        replaced(tmp_path / "ca.pem", kind),
        pytest.raises(MailError, match=r"ca\.pem cannot be read"),
    ):
        Server.parse("smtp://a:b@mail.example.com?ca=ca.pem", tmp_path)
    box = tmp_path / "box"
    box.mkdir()
    (box / "good.eml").write_bytes(b"Subject: x\n\nx")
    with replaced(box / "a.eml", kind), open_box("folder:box", tmp_path) as opened:
        assert [mail.key for mail in opened.waiting()] == ["good.eml"]


@every_kind
def test_ledgers_and_locks_are_files(tmp_path, kind):
    with replaced(tmp_path / "ledger.db", kind), pytest.raises(LedgerError, match="ledger"):
        Ledger.open("sqlite:///ledger.db", tmp_path)
    october = Period.parse("2026-10", "UTC")
    with replaced(tmp_path / "turns" / "2026-10", kind):
        try:
            with period_lock(tmp_path, october):
                pass  # a pipe or a device can be locked, and nothing is read from it
        except LedgerError as error:
            assert "2026-10" in str(error)
    shutil.rmtree(tmp_path / "turns")
