"""Files are written whole or not at all, through no link, for their owner alone, and in one place."""

from __future__ import annotations

import ast
import os
import stat
from pathlib import Path

import pytest

from scorecard.base.files import (
    STALE,
    draft,
    drafting,
    make_folder,
    move,
    open_lock,
    read_plain,
    touch_private,
    write_new,
    write_whole,
)
from scorecard.base.period_lock import period_lock
from scorecard.base.periods import Period
from scorecard.errors import LedgerError
from scorecard.ledger import Ledger

PACKAGE = Path(__file__).parents[1] / "scorecard"


def mode(path):
    return oct(stat.S_IMODE(path.lstat().st_mode))


@pytest.fixture
def victim(tmp_path):
    """A file of ours that somebody would have overwritten, outside of the folder."""
    file = tmp_path / "victim"
    file.write_text("ours")
    return file


@pytest.fixture
def shelf(tmp_path, victim):
    """A folder in which somebody else can write."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    return folder


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path):
    file = tmp_path / "boundaries.json"
    for text in ("[1]\n", "[2, “ä”]\n"):
        write_whole(file, text)
        assert file.read_text("utf-8") == text
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_stays_as_it_was_where_its_text_cannot_be_written(tmp_path):
    file = tmp_path / "boundaries.json"
    write_whole(file, "[1]\n")
    with pytest.raises(UnicodeEncodeError):
        write_whole(file, "\udcff")
    assert file.read_text("utf-8") == "[1]\n"


def test_a_folder_is_not_made(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "away" / "boundaries.json", "[]\n")


def test_a_draft_that_is_not_kept_leaves_nothing(tmp_path):
    with draft(tmp_path / "a" / "b.pdf", below=tmp_path) as file:
        file.write(b"half")
        (partial,) = (tmp_path / "a").iterdir()
        assert partial.read_bytes() == b"half"
    with pytest.raises(LookupError), drafting(tmp_path / "a" / "c") as path:
        path.write_bytes(b"half")
        raise LookupError
    assert list((tmp_path / "a").iterdir()) == []


def test_no_name_can_be_guessed(tmp_path):
    names = set()
    for _ in range(20):
        with draft(tmp_path / "x") as file:
            file.write(b"")
            names |= {each.name for each in tmp_path.iterdir()}
        with drafting(tmp_path / "x") as path:
            names.add(path.parent.name)
            path.touch()
        (tmp_path / "x").unlink()
    assert len(names) == 40


# Links that somebody laid


def test_a_link_is_replaced_and_what_it_leads_to_is_not_touched(shelf, victim):
    for name, write in {
        "a": lambda path: write_whole(path, "new"),
        "b": lambda path: write_whole(path, b"new", below=shelf),
    }.items():
        (shelf / name).symlink_to(victim)
        write(shelf / name)
        assert not (shelf / name).is_symlink() and (shelf / name).read_text() == "new"
    (shelf / "c").symlink_to(victim)
    with drafting(shelf / "c") as path:
        path.write_text("new")
    assert (shelf / "c").read_text() == "new" and not (shelf / "c").is_symlink()
    assert victim.read_text() == "ours"


@pytest.mark.parametrize("dangling", [False, True])
def test_what_must_be_new_or_locked_is_no_link(shelf, victim, dangling):
    link = shelf / "link"
    link.symlink_to(shelf / "nothing" if dangling else victim)
    with pytest.raises(FileExistsError):
        write_new(link, "new")
    with pytest.raises(OSError, match="symbolic links"):
        open_lock(link)
    with pytest.raises(OSError, match="symbolic links"):
        read_plain(link)
    touch_private(link)
    assert victim.read_text() == "ours" and not (shelf / "nothing").exists()


def test_a_link_in_the_place_of_a_folder_is_refused(tmp_path, shelf):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (shelf / "2026-10").symlink_to(elsewhere)
    (shelf / "a").write_text("x")
    for write in (
        lambda: write_whole(shelf / "2026-10" / "a.pdf", b"", below=shelf),
        lambda: make_folder(shelf / "2026-10" / "owners", below=shelf),
        lambda: move(shelf / "a", shelf / "2026-10" / "a", below=shelf),
        lambda: write_whole(shelf / "a" / "b", b"", below=shelf),
        lambda: write_whole(shelf / ".." / "elsewhere" / "b", b"", below=shelf),
    ):
        with pytest.raises(OSError):
            write()
    assert list(elsewhere.iterdir()) == [] and (shelf / "a").read_text() == "x"


def test_the_folder_itself_may_be_a_link_that_whoever_set_it_meant(tmp_path, shelf):
    (tmp_path / "reports").symlink_to(shelf)
    write_whole(tmp_path / "reports" / "2026-10" / "a.pdf", b"x", below=tmp_path / "reports")
    assert (shelf / "2026-10" / "a.pdf").read_bytes() == b"x"


def test_a_pipe_is_not_waited_for(shelf):
    os.mkfifo(shelf / "pipe")
    with pytest.raises(OSError, match="no plain file"):
        read_plain(shelf / "pipe")


def test_a_lock_that_somebody_pointed_elsewhere_is_refused_in_a_sentence(tmp_path, victim):
    period = Period.parse("2026-10", "Europe/London")
    (tmp_path / "state" / "turns").mkdir(parents=True)
    (tmp_path / "state" / "turns" / period.key).symlink_to(victim)
    with (
        pytest.raises(LedgerError, match="cannot be written and locked"),
        period_lock(tmp_path / "state", period),
    ):
        pass
    assert victim.read_text() == "ours"


# For whom


def test_files_and_folders_are_for_their_owner_alone(tmp_path):
    before = os.umask(0)
    try:
        root = tmp_path / "new" / "state"
        write_whole(root / "2026-10" / "a", b"", below=root)
        with drafting(root / "b") as path:
            path.touch()
        write_new(root / "c", "")
        touch_private(root / "d")
        open_lock(root / "e").close()
        Ledger.open("sqlite:///own/ledger.db", tmp_path).close()
        write_whole(tmp_path / "for everybody", "", private=False)
    finally:
        os.umask(before)
    assert {mode(f) for f in (tmp_path / "new", root, root / "2026-10", tmp_path / "own")} == {
        "0o700"
    }
    files = [
        root / "2026-10" / "a",
        *(root / name for name in "bcde"),
        tmp_path / "own" / "ledger.db",
    ]
    assert {mode(f) for f in files} == {"0o600"}
    assert mode(tmp_path / "for everybody") == "0o666"


def test_what_sqlite_lays_beside_a_ledger_is_as_private(tmp_path):
    with Ledger.open("sqlite:///ledger.db", tmp_path) as ledger, ledger._writing():
        found = {f.name: mode(f) for f in tmp_path.iterdir()}
    assert found == dict.fromkeys(("ledger.db", "ledger.db-wal", "ledger.db-shm"), "0o600")


def test_a_folder_can_be_shared_with_its_group_on_purpose(tmp_path):
    """By the set-group-id bit, which also gives what is made in it to the group."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o2750)
    write_whole(shared / "2026-10" / "owners" / "a", b"", below=shared)
    with drafting(shared / "2026-10" / "b") as path:
        path.touch()
    touch_private(shared / "c")
    made = {str(f.relative_to(shared)): mode(f) for f in shared.rglob("*")}
    assert made == {
        "2026-10": "0o2750",
        "2026-10/owners": "0o2750",
        "2026-10/owners/a": "0o640",
        "2026-10/b": "0o640",
        "c": "0o660",
    }


def test_what_a_killed_process_was_writing_goes_after_a_day(tmp_path):
    for name, age in ((".old.partial", 2 * STALE), (".new.partial", 0), ("own.partial", 2 * STALE)):
        (tmp_path / name).touch()
        written = (tmp_path / name).stat().st_mtime - age
        os.utime(tmp_path / name, (written, written))
    write_whole(tmp_path / "x", "")
    assert sorted(f.name for f in tmp_path.iterdir()) == [".new.partial", "own.partial", "x"]


# In one place

_OWN = "a new project, laid out by hand in a folder of the person's own"
ALLOWED = {
    "base/files.py": "here it is done",
    "cli/rim.py": "opens the null device",
    "facts/spark.py": "renames what Spark wrote, in the private folder of `drafting`",
    "lookup/written.py": "writes into the private folder of `files.write_whole`",
    "facts/text_files.py": "copies a text into a TemporaryDirectory",
    "demo/company.py": _OWN,
    "project/scaffold.py": _OWN,
    "proposing/lay_out.py": _OWN,
    "starters/chance.py": _OWN,
    "starters/starter.py": _OWN,
}
"""Modules that write on their own, and why they may."""
_METHODS = {"write_text", "write_bytes", "mkdir", "symlink_to", "hardlink_to"}
_FUNCTIONS = {
    "os": {
        "mkdir",
        "makedirs",
        "rename",
        "renames",
        "replace",
        "link",
        "symlink",
        "mkfifo",
    },
    "shutil": {"copy", "copy2", "copyfile", "copytree", "move"},
}


def writes(tree):
    """The calls that write, make or rename files, as line and name."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        name = getattr(function, "attr", getattr(function, "id", ""))
        owner = getattr(getattr(function, "value", None), "id", "")
        # `rename` and `replace` of tables, texts and dates have other arguments than a path's.
        plain = len(node.args) == 1 and not node.keywords
        modes = [
            arg.value
            for arg in [*node.args[:2], *(k.value for k in node.keywords if k.arg == "mode")]
            if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
        ]
        if (
            (owner == "os" and name == "open" and "O_RDONLY" not in ast.unparse(node))
            or name in _FUNCTIONS.get(owner, ())
            or (name in _METHODS and isinstance(function, ast.Attribute))
            or (name in ("rename", "replace") and isinstance(function, ast.Attribute) and plain)
            or (name == "touch" and isinstance(function, ast.Attribute) and not node.args)
            or (name == "open" and any({*m} & {*"wax+"} and len(m) <= 3 for m in modes))
        ):
            yield node.lineno, f"{owner}.{name}" if owner else name


def test_the_search_finds_what_writes_and_nothing_else():
    found = writes(
        ast.parse(
            "p.write_text(t); p.mkdir(); open(p, 'w'); p.open('xb'); p.open(mode='a'); os.open(p, f)\n"
            "p.rename(q); p.replace(q); shutil.copytree(a, b); os.replace(a, b)\n"
            "open(p); p.open('rb'); os.open(p, os.O_RDONLY | f); session.touch(table, keys); t.rename(a='b'); s.replace('a', 'b'); d.replace(day=1)\n"
            "replace(model); zip.open(part); Ledger.open(url, folder)"
        )
    )
    assert sorted(line for line, _ in found) == [1] * 6 + [2] * 4


def test_files_are_written_in_one_place():
    """Whoever needs another way to write gives it to `base/files.py`, where links are thought of."""
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        if calls := list(writes(ast.parse(file.read_text("utf-8")))):
            found[str(file.relative_to(PACKAGE))] = calls
    assert {name: calls for name, calls in found.items() if name not in ALLOWED} == {}
    assert ALLOWED.keys() <= found.keys(), "it writes no more; take it from the list"
