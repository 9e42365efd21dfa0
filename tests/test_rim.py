"""The rim: whatever happens, what leaves the command is a result or a sentence, and an exit code."""

from __future__ import annotations

import errno
import re
import resource
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command import refused, scorecard
from hypothesis import given
from hypothesis import strategies as st
from sample_project import small

from scorecard import secrets
from scorecard.base.last_resort import FOLDER, KEPT, keep_traceback, sentence
from scorecard.cli import app, rim
from scorecard.delivery.serve import _logged

NOW = datetime(2026, 11, 29, tzinfo=UTC)
DEEP = "[" * 20_000 + "]" * 20_000


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return small(tmp_path_factory.mktemp("rim") / "acme")


def raising(error):
    def fail(*_args, **_more):
        raise error

    return fail


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("what nobody expected: sesame"),
        KeyError("sesame"),
        BaseException("a panic of sesame"),
        RecursionError("sesame"),
        MemoryError(),
        OSError(errno.ENOSPC, "No space left on device", "/x/sesame"),
        OSError(errno.EMFILE, "Too many open files"),
        OSError(errno.EIO, "Input/output error"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "sesame"),
    ],
    ids=lambda error: type(error).__name__ + str(getattr(error, "errno", "")),
)
def test_what_nobody_expected_is_a_sentence_a_file_and_exit_code_2(project, monkeypatch, error):
    secrets.learn("sesame")
    monkeypatch.setattr("scorecard.library.scorecard.Scorecard.check", raising(error))
    code, said, wrong = scorecard("check", cwd=project.root)
    assert (code, said) == (2, "")
    (line,) = wrong.splitlines()
    assert line.startswith("error: ") and "sesame" not in line
    file = Path(re.search(r"The traceback is in (.+)\.$", line)[1])
    assert file.parent == project.state / FOLDER
    assert file.stat().st_mode & 0o777 == 0o600
    kept = file.read_text()
    assert "Traceback" in kept and type(error).__name__ in kept and "sesame" not in kept


def test_its_traceback_is_printed_where_that_is_asked_for(project, monkeypatch, capfd):
    monkeypatch.setattr("scorecard.library.scorecard.Scorecard.check", raising(KeyError("x")))
    arguments = ["scorecard", "--debug", "check", "--project", str(project.root)]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert ended.value.code == 2
    said = capfd.readouterr().err
    assert "Traceback" in said and said.splitlines()[-1].startswith("error: ")


def test_without_a_project_it_lies_with_temporary_files(tmp_path, monkeypatch):
    monkeypatch.setattr("scorecard.base.last_resort.gettempdir", lambda: str(tmp_path))
    file = keep_traceback(ValueError("x"), None, NOW)
    assert file.parent == tmp_path
    assert file.stat().st_mode & 0o777 == 0o600


def test_where_no_file_can_be_written_there_is_none(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("scorecard.base.last_resort.gettempdir", lambda: str(tmp_path / "file"))
    assert keep_traceback(ValueError("x"), tmp_path / "file", NOW) is None


def test_only_the_newest_are_kept(tmp_path):
    for _ in range(KEPT + 3):
        keep_traceback(ValueError("x"), tmp_path, NOW)
    assert len(list((tmp_path / FOLDER).iterdir())) == KEPT


@given(st.text(max_size=400))
def test_the_sentence_is_one_whatever_the_error_says(text):
    said = sentence(ValueError(text))
    assert said.startswith("An error of the software: ValueError") and len(said) < 400
    assert "\n" not in said and said.endswith(".")


def test_who_interrupts_gets_no_word_and_130(project, monkeypatch):
    monkeypatch.setattr("scorecard.library.scorecard.Scorecard.check", raising(KeyboardInterrupt()))
    assert scorecard("check", cwd=project.root) == (130, "", "")


def test_a_job_of_serve_says_a_sentence_once(tmp_path, caplog):
    work = _logged(raising(ZeroDivisionError("x")), tmp_path)
    assert [work(), work()] == [False, False]
    (record,) = caplog.records
    assert "ZeroDivisionError" in record.getMessage() and record.exc_info is None
    assert len(list((tmp_path / FOLDER).iterdir())) == 1


def test_nobody_who_reads_is_nobody_to_complain_to():
    """`scorecard --help | head -1`, with a reader who leaves before anything is written."""
    begun = subprocess.Popen(
        [sys.executable, "-m", "scorecard", "--help"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    begun.stdout.close()
    assert begun.stderr.read() == b""
    begun.stderr.close()
    assert begun.wait() == 1


def test_output_onto_a_full_disk_is_a_sentence():
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "scorecard", "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[1],
            check=False,
        )
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith("error: No space left on device; make room")
    Path(re.search(r"is in (.+)\.$", line)[1]).unlink()


def test_a_full_disk_while_a_period_is_computed_is_a_sentence(project):
    """No file may grow beyond some thousand bytes, as on a disk that is full."""

    def full():
        resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, 3_000))

    months = ("--from", "2026-06", "--to", "2026-06")
    ended = subprocess.run(
        [sys.executable, "-m", "scorecard", "backfill", *months, "--project", project.root],
        preexec_fn=full,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        check=False,
    )
    assert ended.returncode in (1, 2)
    assert "Traceback" not in ended.stderr
    assert all(line.startswith("error: ") for line in ended.stderr.splitlines())
    assert not list((project.state / "tiers").glob("*.parquet"))


def test_an_interrupted_process_ends_in_silence(project):
    """By the signal of a keyboard, wherever it comes."""
    begun = subprocess.Popen(
        [sys.executable, "-m", "scorecard", "check", "--project", project.root],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    time.sleep(1.5)
    begun.send_signal(signal.SIGINT)
    _said, wrong = begun.communicate()
    assert begun.returncode in (0, 1, 130, -signal.SIGINT)  # it may have ended before
    if begun.returncode == 130:
        assert wrong == ""


@pytest.mark.parametrize(
    "name", ["pyproject.toml", "strategy.toml", "schedules/monthly-executive-packet.toml"]
)
def test_a_file_nested_twenty_thousand_deep_is_a_sentence(project, name):
    file = project.root / name
    before = file.read_text()
    file.write_text(f"{before}\nx = {DEEP}\n")
    try:
        code, said, wrong = scorecard("check", cwd=project.root)
    finally:
        file.write_text(before)
    assert code == 1
    assert "nested too deep" in said + wrong


@pytest.mark.parametrize("ledger", ['"sqlite:///a\\u0000b"', '"postgresql://u:p@ss@h/d\\u0007"'])
def test_an_address_of_the_ledger_with_controls_is_a_sentence(project, ledger):
    file = project.root / "pyproject.toml"
    before = file.read_text()
    head = "[tool.scorecard]\n"
    file.write_text(before.replace(head, f"{head}ledger = {ledger}\n", 1))
    try:
        said = refused("status", cwd=project.root)
    finally:
        file.write_text(before)
    assert "control character" in said or "NUL" in said


def test_the_exit_codes_are_in_the_help(tmp_path):
    code, said, _wrong = scorecard("--help", cwd=tmp_path)
    assert code == 0
    assert " ".join(rim.EXIT_CODES.split()) in " ".join(said.split())
