"""Text files are written whole or not at all."""

from __future__ import annotations

import pytest

from scorecard.base.files import write_whole


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
