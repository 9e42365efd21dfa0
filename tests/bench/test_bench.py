"""What the work costs. Run with `make bench`; nothing here decides whether a change is right.

The machines are shared, so read ratios between two commits measured one after
the other, not seconds. Figures worth remembering stand in README.md beside this file.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from scorecard.base.periods import Period
from scorecard.demo.company import generate
from scorecard.documents.kinds import OWNER, PACKET, read_document
from scorecard.documents.model import Imprint
from scorecard.ledger import Edition
from scorecard.printing.renderer import Renderer
from scorecard.project.scaffold import init, room
from scorecard.project.settings import Project
from scorecard.project.workspace import open_ledger

AS_OF = "2026-11-16T06:00"


def scorecard(*words: str) -> str:
    command = [sys.executable, "-c", "from scorecard.cli.app import main; main()", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def meridian(tmp_path_factory):
    """The demonstration company, 5,000 customers, generated and laid out."""
    folder = tmp_path_factory.mktemp("bench") / "meridian"
    generate(folder, customers=5000, months=24, seed=1)
    list(init(folder))
    return folder


@pytest.fixture(scope="module")
def editions(meridian) -> dict[str, Edition]:
    """October's packet and its fullest owner scorecard, computed once."""
    scorecard(
        "backfill", "-C", str(meridian), "--from", "2025-11", "--to", "2026-10", "--as-of", AS_OF
    )
    scorecard("run", "-C", str(meridian), "--period", "2026-10", "--as-of", AS_OF)
    with open_ledger(Project.at(meridian, {})) as ledger:
        found = ledger.editions(Period.parse("2026-10", "Europe/London"))
    packet = next(e for e in found if e.document == PACKET)
    owner = max((e for e in found if e.document == OWNER), key=lambda e: len(e.content))
    return {PACKET: packet, OWNER: owner}


def test_help_answers_at_once(benchmark):
    benchmark.pedantic(scorecard, args=("--help",), rounds=5, warmup_rounds=1)


def test_generating_five_thousand_customers(benchmark, tmp_path):
    benchmark.pedantic(
        generate, args=(tmp_path,), kwargs={"customers": 5000, "months": 24, "seed": 1}, rounds=1
    )


def test_a_backfill_of_two_years_and_a_run(benchmark, meridian):
    """Both in one process each; their peak memory is printed."""

    def told() -> None:
        span = ("--from", "2024-11", "--to", "2026-10", "--as-of", AS_OF)
        scorecard("backfill", "-C", str(meridian), *span)
        scorecard("run", "-C", str(meridian), "--period", "2026-10", "--as-of", AS_OF)

    benchmark.pedantic(told, rounds=1)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    benchmark.extra_info["peak MB"] = peak


def test_checking_the_facts(benchmark, meridian):
    benchmark.pedantic(scorecard, args=("check", "-C", str(meridian), "--as-of", AS_OF), rounds=3)


@pytest.mark.parametrize("kind", [PACKET, OWNER])
def test_drawing_a_document_warm(benchmark, editions, kind):
    renderer = Renderer(None, room("templates"))
    edition = editions[kind]
    document = read_document(kind, edition.content)
    imprint = Imprint(1, "16 Nov 2026", "October 2026", edition.content_hash, "scorecard")
    draw = renderer.render
    benchmark.pedantic(draw, args=(document, imprint, {}), rounds=5, warmup_rounds=1)


@pytest.mark.parametrize("owners", [100, 1000])
def test_a_page_for_every_owner(benchmark, owners, tmp_path):
    """Light pages made by burst.py, in a process of its own; its peak memory is printed."""
    burst = Path(__file__).parents[1] / "burst.py"
    words = [sys.executable, str(burst), str(tmp_path / "acme"), str(owners), "light", "make", "0"]

    def made() -> None:
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        benchmark.extra_info.update(json.loads(done.stdout))

    benchmark.pedantic(made, rounds=1)
