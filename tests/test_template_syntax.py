"""The syntax of a project's own templates, read without drawing anything."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from scorecard.base.limits import GB, Limits
from scorecard.printing import template_syntax
from scorecard.printing.template_syntax import misspelt

SHIPPED = Path(__file__).parents[1] / "templates"


@pytest.fixture
def templates(tmp_path):
    """A project's templates as they were laid out: those that are shipped."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "templates"))


def test_every_shipped_template_can_be_read_with_all_that_it_calls(templates):
    """Changed by one comment each, since what is as shipped is not read."""
    changed = [file for file in templates.rglob("*") if file.suffix in (".html", ".j2")]
    for file in changed:
        file.write_text(f"{file.read_text('utf-8')}{{# ours #}}", "utf-8")
    assert len(changed) > 20
    assert list(misspelt(templates, SHIPPED)) == []


def test_what_is_wrong_is_said_with_its_line(templates):
    (templates / "owner.html").write_text("<p>\n{% if %}\n")
    (templates / "mail" / "extra.txt.j2").write_text("{{ letter.name|shouted }}")
    (templates / "other.html").write_bytes(b"a\nb\n\xff")
    said = {name: (line, why) for name, line, why in misspelt(templates, SHIPPED)}
    assert said["owner.html"][0] == 2
    assert said["mail/extra.txt.j2"] == (1, "No filter named 'shouted'.")
    assert said["other.html"] == (3, "it is not UTF-8")
    assert len(said) == 3


def test_what_is_as_shipped_is_not_read(tmp_path, templates):
    """Even where it cannot be: the shipped ones are held by the tests of drawing."""
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    for folder in (shipped, templates):
        (folder / "broken.html").write_text("{% if %}")
    assert list(misspelt(templates, shipped)) == []


def test_what_has_no_end_or_no_bounds_is_ended_and_a_pipe_is_not_waited_for(templates, monkeypatch):
    limits = Limits(2, GB // 2)
    monkeypatch.setattr(template_syntax, "READING", limits)
    (templates / "owner.html").write_text("{{ 7 ** (10 ** 10) }}")
    (templates / "other.html").write_text("{{ 'x' * 10 ** 10 }}")
    (templates / "third.html").write_text("{{ 'x'|center(10 ** 10) }}")
    (templates / "linked.html").symlink_to("/etc/passwd")
    os.mkfifo(templates / "pipe.html")
    said = {name: why for name, _line, why in misspelt(templates, SHIPPED)}
    assert "not done after 2 seconds" in said.pop("owner.html")
    assert "leads out of " in said.pop("linked.html")
    assert said.pop("pipe.html") == "it cannot be read: is a pipe, not a file"
    assert set(said) <= {"other.html", "third.html"}
    assert all("memory" in why for why in said.values())
