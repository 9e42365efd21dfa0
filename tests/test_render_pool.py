"""Documents drawn by other processes: the same bytes, within limits, and nobody waits for one
that is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sample_documents import IMPRINT, OWNER
from sizes import sizes

from scorecard.base.limits import GB, Limits
from scorecard.errors import RenderError
from scorecard.printing.render_pool import ReadJob, RenderJob, RenderPool
from scorecard.printing.renderer import Renderer

SHIPPED = Path(__file__).parents[1] / "templates"
SHORT = Limits(2, GB // 2, ", or raise drawing or memory in [tool.scorecard.limits]")


@dataclass(frozen=True)
class Whoami:
    """Says which process does it, after ending that process where `ends` says so."""

    ends: bool = False
    what: str = "Something"

    def do(self, _renderer: Renderer) -> int:
        if self.ends:
            os.kill(os.getpid(), signal.SIGKILL)
        return os.getpid()


@pytest.fixture
def path(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"{SHIPPED.parent}:{Path(__file__).parent}")
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@pytest.fixture
def pool(path):
    with RenderPool(None, SHIPPED, many=True) as pool:
        yield pool


def test_other_processes_draw_and_read_the_same(pool):
    here = Renderer(None, SHIPPED).render(OWNER, IMPRINT, {})
    begun = [pool.begin(RenderJob(OWNER, IMPRINT, {})) for _ in range(4)]
    assert {done().pdf for done in begun} == {here}
    assert pool.begin(ReadJob(OWNER, here))().problems == ()


def test_each_processor_has_one_and_they_are_gone_with_the_pool(pool):
    who = {done() for done in [pool.begin(Whoami()) for _ in range(20)]}
    assert 1 <= len(who) <= 2 and os.getpid() not in who
    pool.__exit__()
    for process in who:
        gone(process)


def test_an_error_in_another_process_is_raised_here(pool):
    with pytest.raises(RenderError, match=r"owner\.html cannot be filled"):
        pool.begin(RenderJob(OWNER, None, {}))()


def test_a_process_that_was_ended_is_said_and_another_takes_its_place(pool):
    with pytest.raises(RenderError, match="Something was not done: its process was ended from out"):
        pool.begin(Whoami(ends=True))()
    assert len({done() for done in [pool.begin(Whoami()) for _ in range(8)]}) >= 1


def test_a_nursery_that_was_ended_is_begun_again(path):
    with RenderPool(None, SHIPPED) as pool:
        before = pool.begin(Whoami())()
        pool._nursery._processes[-1].kill()
        pool._nursery._processes[-1].wait()
        gone(before)
        with pytest.raises(RenderError):
            pool.begin(Whoami())()
        assert pool.begin(Whoami())() != before


def test_one_document_is_drawn_by_one_other_process(path):
    with RenderPool(None, SHIPPED) as pool:
        who = {done() for done in [pool.begin(Whoami()) for _ in range(4)]}
        assert len(who) == 1 and os.getpid() not in who


ENDLESS = {
    "a loop in a loop": "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}",
    "a macro that calls itself twice": "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}"
    "{% endif %}{% endmacro %}{{ m(90) }}",
    "a large power": "{{ 7 ** (10 ** 9) % 3 }}",
    "a million letters": "{{ lipsum(n=10 ** 7) }}",
    "many paragraphs": "{% for _ in range(90000) %}<p>x</p>{% endfor %}",
    "many pages": '{% for _ in range(90000) %}<p style="break-after: page">x</p>{% endfor %}',
}
LARGE = {
    "a word": "{{ 'x' * 10 ** 10 }}",
    "a padded word": "{{ 'x'.center(10 ** 10) }}",
    "a padded figure": "{{ '%10000000000d'|format(1) }}",
    "a list": "{{ [0] * 10 ** 10 }}",
    "one that grows": "{% set ns = namespace(s='x' * 1000) %}{% for _ in range(99999) %}"
    "{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
    "a picture": '<img alt="" src="data:image/svg+xml,{{ ("<svg xmlns=\'http://www.w3.org/2000/svg\'>"'
    ' ~ "<g>" * 10 ** 9) | urlencode }}"/>',
}


def refused_by(own: Path, limits: Limits, texts: Iterable[str]) -> list[str]:
    """What is said of pages with these texts, after each of which a sound one is drawn."""
    said = []
    with RenderPool(own, SHIPPED, limits=limits) as pool:
        for text in texts:
            page = f'<html lang="en"><head><title>x</title></head><body>{text}</body></html>'
            (own / "owner.html").write_text(page)
            with pytest.raises(RenderError) as refused:
                pool.begin(RenderJob(OWNER, IMPRINT, {}))()
            said.append(str(refused.value))
            (own / "owner.html").write_text(page.replace(text, "<p>x</p>"))
            assert pool.begin(RenderJob(OWNER, IMPRINT, {}))().pdf.startswith(b"%PDF")
    return said


@pytest.mark.parametrize("n", sizes(2, 99))
def test_what_never_ends_is_ended_and_the_next_is_drawn(tmp_path, path, n):
    said = refused_by(tmp_path, SHORT, list(ENDLESS.values())[-n:])
    assert set(said) == {
        "Drawing Owner scorecard of Mikael Lindqvist for October 2026 by owner.html was not done "
        "after 2 seconds and was given up; look for what repeats without end, or raise drawing or "
        "memory in [tool.scorecard.limits]."
    }


@pytest.mark.parametrize("n", sizes(2, 99))
def test_what_takes_all_memory_is_ended_and_the_next_is_drawn(tmp_path, path, n):
    for said in refused_by(tmp_path, replace(SHORT, seconds=60), list(LARGE.values())[:n]):
        assert said.startswith(
            "Drawing Owner scorecard of Mikael Lindqvist for October 2026 by owner.html "
        )
        assert "needs more memory than the 0.5 GB" in said or "may have 0.5 GB" in said


def test_what_is_left_while_it_draws_ends_at_once(path, tmp_path):
    (tmp_path / "owner.html").write_text(ENDLESS["a loop in a loop"])
    with RenderPool(tmp_path, SHIPPED, many=True) as pool:
        who = pool.begin(Whoami())()
        begun = [pool.begin(RenderJob(OWNER, IMPRINT, {})) for _ in range(5)]
        room = pool._nursery._room
    futures = [each.__self__ for each in begun]
    assert all(f.cancelled() or isinstance(f.exception(), Exception) for f in futures)
    gone(who)
    assert not Path(room).exists()


def gone(process: int) -> None:
    """Wait until there is no such process, or nothing but its remains."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return
        if state in "ZX":
            return
        time.sleep(0.05)
    raise AssertionError(f"process {process} is there still")


KILLED = """
import sys, os, signal
from pathlib import Path
from test_render_pool import *
Path(sys.argv[1], "owner.html").write_text(ENDLESS["a loop in a loop"])
pool = RenderPool(Path(sys.argv[1]), SHIPPED)
who = pool.begin(Whoami())()
pool.begin(RenderJob(OWNER, IMPRINT, {}))
print(pool._nursery._room, who, pool._nursery._processes[-1].pid, flush=True)
time.sleep(1)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc who is there")
def test_nobody_draws_on_for_a_process_that_was_killed(path, tmp_path):
    """Also where the page has no end."""
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    room, *processes = killed.stdout.split()
    for process in processes:
        gone(int(process))
    assert not Path(room).exists()
