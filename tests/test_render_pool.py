"""Documents drawn by other processes: the same bytes, and nobody waits for one that is gone."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest
from sample_documents import IMPRINT, OWNER

from scorecard.errors import RenderError
from scorecard.printing.render_pool import ReadJob, RenderJob, RenderPool
from scorecard.printing.renderer import Renderer

SHIPPED = Path(__file__).parents[1] / "templates"


@dataclass(frozen=True)
class Whoami:
    """Says which process does it, after ending that process where `ends` says so."""

    ends: bool = False

    def do(self, _renderer: Renderer) -> int:
        if self.ends:
            os.kill(os.getpid(), signal.SIGKILL)
        return os.getpid()


@pytest.fixture
def pool(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"{SHIPPED.parent}:{Path(__file__).parent}")
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
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
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_an_error_in_another_process_is_raised_here(pool):
    with pytest.raises(RenderError, match=r"owner\.html cannot be filled"):
        pool.begin(RenderJob(OWNER, None, {}))()


def test_a_process_that_was_ended_is_said_and_the_other_goes_on(pool):
    with pytest.raises(RenderError, match="ended from outside"):
        pool.begin(Whoami(ends=True))()
    answers = []
    for done in [pool.begin(Whoami()) for _ in range(4)]:
        try:
            answers.append(done())
        except RenderError as error:
            assert "ended from outside" in str(error)
    assert answers


def test_without_other_processes_this_one_draws():
    with RenderPool(None, SHIPPED) as pool:
        assert pool.begin(Whoami())() == os.getpid()
