"""Loading: files become metrics, and what is wrong with a file is said with its line."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from scorecard.definitions.loader import load_metrics
from scorecard.errors import DefinitionError

METRIC = '''
from scorecard import metric

@metric(label="{name}", unit="share", better="higher", kind="proportion", family="experience",
        needs=["surveys"], evidence="sample", section="experienced")
def {name}(facts, window):
    """Share of something."""
    return {body}
'''


@pytest.fixture
def room(tmp_path):
    folder = tmp_path / "metrics"
    folder.mkdir()
    return folder


def write(room, file, name, body="None", before=""):
    (room / file).write_text(before + METRIC.format(name=name, body=body), encoding="utf-8")


def test_metrics_come_in_the_order_of_files_and_lines(room):
    write(room, "b.py", "second")
    write(room, "a.py", "first")
    with (room / "a.py").open("a") as file:
        file.write(METRIC.format(name="and_then", body="None"))
    assert list(load_metrics(room)) == ["first", "and_then", "second"]


def test_an_empty_folder_has_no_metrics(room):
    assert load_metrics(room) == {}


def test_a_missing_folder_is_an_error(room):
    with pytest.raises(DefinitionError, match="does not exist"):
        load_metrics(room / "none")


def test_files_share_helpers_by_relative_import(room):
    (room / "_shared.py").write_text("ANSWER = 42\n")
    write(room, "csat.py", "csat", "ANSWER", before="from ._shared import ANSWER\n")
    assert load_metrics(room)["csat"].observe(None, None) == 42


def test_a_file_named_like_a_library_hides_nothing(room):
    write(room, "statistics.py", "csat", "statistics.mean([1, 3])", before="import statistics\n")
    assert load_metrics(room)["csat"].observe(None, None) == 2
    assert "metrics" not in sys.modules
    assert str(room) not in sys.path


def test_an_edit_within_the_same_second_is_seen(room):
    write(room, "csat.py", "csat", "1")
    before = load_metrics(room)["csat"]
    write(room, "csat.py", "csat", "2")
    after = load_metrics(room)["csat"]
    assert (before.observe(None, None), after.observe(None, None)) == (1, 2)
    assert before.version != after.version


def test_loading_leaves_no_files_behind(room):
    write(room, "csat.py", "csat")
    load_metrics(room)
    assert [f.name for f in room.iterdir()] == ["csat.py"]


def test_the_version_is_the_same_each_time_and_wherever_the_folder_is(room, tmp_path):
    (room / "_shared.py").write_text("ANSWER = 42\n")
    write(room, "csat.py", "csat")
    version = load_metrics(room)["csat"].version
    assert load_metrics(room)["csat"].version == version
    moved = room.rename(tmp_path / "elsewhere")
    assert load_metrics(moved)["csat"].version == version
    assert re.fullmatch("[0-9a-f]{7}", version)


def test_a_changed_helper_changes_the_version(room):
    (room / "_shared.py").write_text("ANSWER = 42\n")
    write(room, "csat.py", "csat", "ANSWER", before="from ._shared import ANSWER\n")
    before = load_metrics(room)["csat"].version
    (room / "_shared.py").write_text("ANSWER = 43\n")
    assert load_metrics(room)["csat"].version != before


def test_a_name_declared_twice_names_both_places(room):
    write(room, "a.py", "csat")
    write(room, "b.py", "csat")
    with pytest.raises(DefinitionError) as caught:
        load_metrics(room)
    assert re.search(
        r'^metrics/b\.py:4: metric "csat" is declared already, in metrics/a\.py:4',
        str(caught.value),
    )


def test_a_metric_imported_by_a_second_file_is_one_metric(room):
    write(room, "a.py", "csat")
    write(room, "b.py", "ces", before="from .a import csat\n")
    assert list(load_metrics(room)) == ["csat", "ces"]


def test_a_file_that_declares_nothing_is_an_error(room):
    (room / "csat.py").write_text("def csat(facts, window):\n    return None\n")
    said = r"metrics/csat\.py: the file declares no metric.*@metric"
    with pytest.raises(DefinitionError, match=said):
        load_metrics(room)


@pytest.mark.parametrize(
    ("text", "place", "cause"),
    [
        ("x = 1\ny = x / 0\n", "metrics/csat.py:2", ZeroDivisionError),
        ("import nothing_of_that_name\n", "metrics/csat.py:1", ModuleNotFoundError),
        ("\n\ndef csat(:\n", "metrics/csat.py:3", SyntaxError),
        ("from ._broken import x\n", "metrics/_broken.py:1", NameError),
        ("raise SystemExit(3)\n", "metrics/csat.py:1", SystemExit),
        ("raise BaseException('a panic')\n", "metrics/csat.py:1", BaseException),
    ],
)
def test_a_file_that_fails_is_named_with_its_line_and_the_cause(room, text, place, cause):
    (room / "_broken.py").write_text("x = unknown\n")
    (room / "csat.py").write_text(text)
    with pytest.raises(DefinitionError) as caught:
        load_metrics(room)
    assert str(caught.value).startswith(f"{place}: ")
    assert cause.__name__ in str(caught.value)
    assert isinstance(caught.value.__cause__, cause)


def test_a_wrong_declaration_keeps_its_own_words(room):
    write(room, "csat.py", "csat")
    text = (room / "csat.py").read_text().replace('"proportion"', '"proportoin"')
    (room / "csat.py").write_text(text)
    with pytest.raises(DefinitionError, match=r'csat\.py:4.*Did you mean "proportion"'):
        load_metrics(room)


def test_the_shipped_metrics_load():
    shipped = load_metrics(Path(__file__).parents[1] / "metrics")
    assert {m.family for m in shipped.values()} == {
        *("margin", "retention", "experience", "service", "losses", "orders"),
    }
    assert [m.name for m in shipped.values() if not m.doc] == []
