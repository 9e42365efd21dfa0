"""The wheel: exactly what it should carry, and usable in an environment that has nothing else.

Slow, and therefore left out of "make test"; "make wheel" and .ci/run run it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

from scorecard.project.scaffold import ROOMS

pytestmark = pytest.mark.wheel

ROOT = Path(__file__).parents[1]
PACKED = {
    "scorecard": {
        *(".py", ".typed", ".toml", ".csv", ".sql", ".mako", "gitignore"),
        *(".html", ".css", ".svg"),
    },
    "metrics": {".py", ".md"},
    "templates": {".html", ".css", ".svg", ".j2", ".txt", ".md", ".ttf", ".woff2", ".jinja"},
    "schedules": {".toml", ".md"},
}
PERIOD, AS_OF = "2026-06", "2026-08-17T06:00"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    made = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", made, cwd=ROOT)
    (file,) = made.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def scorecard(wheel, tmp_path_factory):
    """The command, installed from the wheel with the pinned requirements and nothing else."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=True)
    pip = [home / "bin" / "python", "-m", "pip", "install", "--quiet"]
    run(*pip, "--require-hashes", "--requirement", ROOT / "requirements.txt", cwd=home)
    run(*pip, "--no-deps", "--no-index", wheel, cwd=home)
    run(home / "bin" / "python", "-m", "pip", "check", cwd=home)
    return home / "bin" / "scorecard"


def run(*command, cwd):
    """Run it away from the checkout, so that nothing is found there by accident."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "SCORECARD_PROJECT")}
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=kept, text=True, capture_output=True
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def expected():
    """Every file of the package and the rooms; a kind of file that is not foreseen is an error."""
    # The checkout's own, which the demonstration writes.
    names = {"scorecard/demo/strategy.toml", "scorecard/demo/proposals/night-line.toml"}
    for room, kinds in PACKED.items():
        inside = f"scorecard/_starter/{room}" if room in ROOMS else room
        for file in sorted((ROOT / room).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                assert {file.suffix, file.name} & kinds, f"{file} would be shipped; is it meant?"
                names.add(f"{inside}/{file.relative_to(ROOT / room).as_posix()}")
    return names


def test_it_carries_the_package_and_the_rooms_and_nothing_else(wheel):
    with ZipFile(wheel) as opened:
        names = {n for n in opened.namelist() if not n.endswith("/")}
    notes = {n for n in names if ".dist-info/" in n}
    assert sorted(names - notes) == sorted(expected())
    assert {n.split(".dist-info/")[1] for n in notes} >= {"METADATA", "entry_points.txt"}


def test_the_same_tree_gives_the_same_wheel(wheel, tmp_path):
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, cwd=ROOT)
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


def test_an_installed_command_makes_documents_of_a_new_project(scorecard, tmp_path):
    run(scorecard, "init", "acme", cwd=tmp_path)
    acme = tmp_path / "acme"
    run(scorecard, "check", cwd=acme)
    run(scorecard, "run", "--period", PERIOD, "--as-of", AS_OF, cwd=acme)
    made = sorted(f.relative_to(acme / "output").as_posix() for f in acme.rglob("*.pdf"))
    assert f"{PERIOD}/executive-packet.pdf" in made
    assert f"{PERIOD}/owners/head-of-service.pdf" in made
