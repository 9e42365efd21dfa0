"""The demonstration company: Meridian Instruments, invented, of any size, always the same.

All rows are made inside DuckDB by the .sql files beside this module, one theme a file, from
`hash(seed, purpose, entity)`: neither the order of work nor the number of threads matters, and
the same seed gives the same bytes.
"""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from scorecard.base.periods import Period, shift_months
from scorecard.errors import ProjectError
from scorecard.facts.contracts import CONTRACTS, Contract
from scorecard.project.scaffold import identity_line, is_project
from scorecard.project.settings import Project

COMPANY = "Meridian Instruments (invented)"
NOTICE = "Invented company, generated data"
TIME_ZONE = "Europe/London"
HISTORY = 24
"""Months of facts before the first month reported: a year for tiers, a year for retention."""
STRATEGY_MONTH = date(2026, 10, 1)
"""The last month that the dates in the shipped strategy.toml are written for."""
PLANNED = 5000
"""The customers for whom the amounts a month in it are planned; of a company of another size they
are as much more or less."""
PROPOSAL = Path("proposals", "night-line.toml")
"""What somebody at the company wants to change."""
TUNED = 6
"""Added to the seed, so that seed 1 is the company that the strategy's limits were tuned on."""
ROW_GROUP = 122_880
"""Rows of a Parquet row group: DuckDB's default, fixed so that bytes repeat."""
SQL = {"string": "varchar", "float64": "double"}
"""Types of contracts by the names that they have in DuckDB, where these differ."""

THEMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("chance", ()),
    ("base", ()),
    ("names", ()),
    ("customers", ("customers", "assets", "signals")),
    ("offers", ("offers", "support_elements", "fx")),
    ("money", ("contracts",)),
    ("spending", ()),
    ("contacts", ("interactions", "incidents", "incident_customers")),
    ("books", ("transactions", "drivers", "costs", "ledger_totals")),
    ("surveys", ("surveys",)),
    ("promises", ("promises", "requests", "recommendations")),
)
"""The .sql files in the order in which they build on one another, each with its tables."""
WRITTEN = tuple(table for _theme, tables in THEMES for table in tables)
"""All tables that the company has."""


def generate(
    folder: Path, *, customers: int, months: int, seed: int, until: str = "2026-10"
) -> list[Path]:
    """Write the demonstration's facts, strategy, proposal and configuration; return the files
    written.

    `customers` are those that are customers at the end of the month `until`; those lost before
    come on top. `months` are the months to report; facts reach 24 further back. Existing facts
    are overwritten. A folder that is the demonstration's project already keeps its strategy and
    configuration. ProjectError when a size is not usable, or it is another company's project.
    """
    last = Period.parse(until, TIME_ZONE)
    if last.kind != "month":
        raise ProjectError(f'The demonstration ends with a month, not "{until}"; write 2026-10.')
    if customers < 1 or months < 1:
        raise ProjectError("The demonstration needs at least one customer and one month.")
    ours = is_project(folder)
    if ours and Project.at(folder).settings.company != COMPANY:
        raise ProjectError(f"{folder} is another company's project; name another folder.")
    first = shift_months(last.first, 1 - months - HISTORY)
    facts = folder / "facts"
    facts.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory(dir=folder, prefix=".demo-") as scratch,
        duckdb.connect(str(Path(scratch) / "demo.duckdb")) as connection,
    ):
        _set_variables(connection, customers=customers, months=months + HISTORY, seed=seed + TUNED)
        connection.execute(f"set variable first_day = date '{first}'")
        connection.execute(f"set variable end_day = date '{last.after}'")
        written = _tables(connection, facts)
    if ours:
        return written
    return [
        *written,
        _strategy(folder, last.first, months, customers),
        _proposal(folder, last.first),
        _configuration(folder),
    ]


def _set_variables(connection: duckdb.DuckDBPyConnection, **numbers: int) -> None:
    connection.execute("create schema facts")
    for name, number in numbers.items():
        connection.execute(f"set variable {name} = {int(number)}::bigint")


def _tables(connection: duckdb.DuckDBPyConnection, facts: Path) -> list[Path]:
    written = []
    for theme, tables in THEMES:
        connection.execute((files("scorecard.demo") / f"{theme}.sql").read_text("utf-8"))
        written += [_export(connection, CONTRACTS[table], facts) for table in tables]
    return written


def _export(connection: duckdb.DuckDBPyConnection, contract: Contract, facts: Path) -> Path:
    """Write one table in those of the contract's columns that the company has, sorted, by one
    thread, so bytes repeat."""
    path = facts / f"{contract.table}.parquet"
    has = {row[0] for row in connection.execute(f"describe facts.{contract.table}").fetchall()}
    columns = ", ".join(
        f'"{c.name}"::{SQL.get(c.type, c.type)} as "{c.name}"'
        for c in contract.columns
        if c.name in has
    )
    order = ", ".join(f'"{n}"' for n in (contract.key or tuple(c.name for c in contract.columns)))
    target = str(path).replace("'", "''")
    threads = connection.execute("select current_setting('threads')").fetchall()[0][0]
    connection.execute("set threads = 1")
    connection.execute(
        f"copy (select {columns} from facts.{contract.table} order by {order}) "
        f"to '{target}' (format parquet, row_group_size {ROW_GROUP})"
    )
    connection.execute(f"set threads = {threads}")
    return path


def shipped_strategy() -> Path:
    """Meridian's strategy: beside this module in an installed package, at the top of a checkout.

    Its proposal lies beside it.
    """
    here = Path(__file__).resolve().parent
    packed = here / "strategy.toml"
    return packed if packed.is_file() else here.parent.parent / "strategy.toml"


def _strategy(folder: Path, last: date, months: int, customers: int) -> Path:
    """Copy the strategy. Tiers begin a year before the first month reported, and all other
    dates move along when the demonstration ends in another month than it was written for. What is
    planned to be released and spent a month is for as many customers as there are."""
    path = folder / "strategy.toml"
    text = _moved(shipped_strategy().read_text("utf-8"), last)

    def planned(match: re.Match[str]) -> str:
        return f"{max(round(int(match[1]) * customers / PLANNED, -1), 10):.0f} EUR/month"

    if customers != PLANNED:
        text = re.sub(r"\b(\d+) EUR/month(?=\")", planned, text)
    since = f"{shift_months(last, 1 - months - 12):%Y-%m}"
    path.write_text(re.sub(r'(?m)^(since +)= "\d{4}-\d{2}"', rf'\1= "{since}"', text), "utf-8")
    return path


def _proposal(folder: Path, last: date) -> Path:
    """Copy the proposal, whole and not handed in yet; its dates move as those of the strategy."""
    shipped = shipped_strategy().parent / PROPOSAL
    path = folder / PROPOSAL
    path.parent.mkdir(exist_ok=True)
    path.write_text(_moved(shipped.read_text("utf-8"), last), "utf-8")
    return path


def _moved(text: str, last: date) -> str:
    """The text with its dates moved by as many months as `last` is from STRATEGY_MONTH."""
    months = (last.year - STRATEGY_MONTH.year) * 12 + last.month - STRATEGY_MONTH.month

    def shift(match: re.Match[str]) -> str:
        day = date.fromisoformat(match[0])
        return str(shift_months(day, months).replace(day=min(day.day, 28)))

    return re.sub(r"\b\d{4}-\d{2}-\d{2}\b", shift, text) if months else text


def _configuration(folder: Path) -> Path:
    path = folder / "pyproject.toml"
    tables = "\n".join(f'{name} = "facts/{name}.parquet"' for name in CONTRACTS if name in WRITTEN)
    path.write_text(
        f"""[tool.scorecard]
{identity_line().replace("project", "project ", 1)}
company  = "{COMPANY}"
notice   = "{NOTICE}"
timezone = "{TIME_ZONE}"
currency = "EUR"
locale   = "en_GB"
timestamps = "UTC"

[tool.scorecard.matures]
margin = 10            # the books close on the tenth
resolution_p90 = 14    # every visit is made within two weeks

[tool.scorecard.facts]
connect = "duckdb://"
{tables}

[tool.scorecard.mail]
from     = "Meridian scorecards <scorecards@meridian.example>"
operator = ["operator@meridian.example"]
allow    = ["@meridian.example"]
""",
        "utf-8",
    )
    return path
