"""A starter laid out: its settings, strategy, schedules and facts, as a skeleton for `init`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from scorecard.base.files import write_whole
from scorecard.base.periods import PeriodKind
from scorecard.errors import ProjectError, did_you_mean
from scorecard.project.scaffold import PACKAGE, SKELETON, room
from scorecard.starters.facts import FACTS

FOLDER = PACKAGE / "starters"
_COMPANY = 'company = "Example Ltd (invented)"'
_PERIOD = '# period = "month"'
_FIRST_TABLE, _AFTER_TABLES = 'customers = "facts/customers.csv"\n', "\n[tool.scorecard.mail]"


@dataclass(frozen=True)
class Starter:
    """One invented company: its name, and the tables that it has beside customers.

    ready     the table that schedules wait for
    first     the first period that is worth computing before `last`, which is the one to print
    """

    company: str
    tables: tuple[str, ...]
    ready: str
    first: str = "2026-01"
    last: str = "2026-06"
    period: PeriodKind = "month"


STARTERS = {
    "services": Starter(
        "Quayside Facilities (invented)",
        ("transactions", "costs", "interactions", "promises"),
        "transactions",
    ),
    "subscription": Starter(
        "Ledger Lane (invented)", ("contracts", "interactions", "surveys"), "interactions"
    ),
    "shop": Starter("Kettle and Leaf (invented)", ("transactions", "costs"), "transactions"),
    "call-centre": Starter("Roadside Line (invented)", ("interactions",), "interactions"),
    "survey": Starter(
        "Linden Homes (invented)", ("surveys",), "surveys", "2025-Q3", "2026-Q2", "quarter"
    ),
}
"""The starters by the name that `init --like` takes."""


def starter(name: str) -> Starter:
    """The starter of that name; ProjectError with the nearest when there is none."""
    try:
        return STARTERS[name]
    except KeyError:
        raise ProjectError(
            f'There is no starter "{name}"; write one of {", ".join(STARTERS)}.'
            f"{did_you_mean(name, STARTERS)}"
        ) from None


@contextmanager
def skeleton_of(name: str) -> Iterator[Path]:
    """A folder with all of a starter that is its own, as `scaffold.init` takes it; gone after."""
    chosen = starter(name)
    with TemporaryDirectory(prefix="scorecard-starter-") as made:
        folder = Path(made)
        shipped = (SKELETON / "pyproject.toml").read_text(encoding="utf-8")
        write_whole(folder / "pyproject.toml", _settings(shipped, chosen))
        shutil.copyfile(FOLDER / f"{name}.toml", folder / "strategy.toml")
        shutil.copytree(room("schedules"), folder / "schedules")
        for file in (folder / "schedules").glob("*.toml"):
            write_whole(file, _schedule(file.read_text(encoding="utf-8"), chosen))
        (folder / "facts").mkdir()
        FACTS[name](folder / "facts")
        yield folder


def _settings(shipped: str, chosen: Starter) -> str:
    """The shipped settings with the starter's name, kind of period and tables."""
    begin, end = shipped.index(_FIRST_TABLE), shipped.index(_AFTER_TABLES)
    tables = "".join(f'{t} = "facts/{t}.csv"\n' for t in ("customers", *chosen.tables))
    text = shipped[:begin] + tables + shipped[end:]
    text = _replaced(text, _COMPANY, f'company = "{chosen.company}"')
    notice = 'notice = "Example data; put your own in facts/"'
    text = _replaced(text, notice, 'notice = "Invented data; put your own in facts/"')
    if chosen.period != "month":
        text = _replaced(text, _PERIOD, f'period = "{chosen.period}"')
    return text


def _schedule(shipped: str, chosen: Starter) -> str:
    """A shipped schedule that waits for the starter's own table, once in each of its periods."""
    text = _replaced(shipped, 'complete = ["transactions"]', f'complete = ["{chosen.ready}"]')
    if chosen.period != "month":
        text = _replaced(text, "\nat       = ", f'\nevery    = "{chosen.period}"\nat       = ')
    return text


def _replaced(text: str, shipped: str, ours: str) -> str:
    if shipped not in text:
        raise ProjectError(f"{SKELETON}: there is no line {shipped!r}; install the package again.")
    return text.replace(shipped, ours, 1)
