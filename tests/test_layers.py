"""The shape of the package: imports point downward, and nothing grows out of hand."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
from sample_project import small

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "scorecard"
FACES = sorted(PACKAGE.glob("[!_]*/__init__.py"))
MODULE_LINES = 400
FUNCTION_LINES = 60

# Every room and its modules, from the lowest on. A module imports only what stands before it:
# rooms before its own, and in its own room the modules before it. The package's face comes last.
ORDER: dict[str, tuple[str, ...]] = {
    "secrets": (),
    "errors": (),
    "base": (
        "address",
        "bounds",
        "durations",
        "files",
        "json_text",
        "regular_file",
        "theirs",
        "findings",
        "frames",
        "limits",
        "periods",
        "period_lock",
        "template_files",
        "toml_text",
        "days_off",
        "toml_file",
        "toml_top",
        "version",
        "last_resort",
        "worker_process",
        "workers",
    ),
    "definitions": (
        "results",
        "units",
        "metric",
        "normal",
        "modules",
        "reach",
        "loader",
    ),
    "stats": (
        "season",
        "process",
        "count_process",
        "stillness",
        "false_alarms",
        "control_chart",
        "fragility",
        "intervals",
        "estimate",
        "survival",
        "association",
        "withheld",
    ),
    "potential": ("fitting", "histories", "purchases", "spend", "renewals"),
    "strategy": (
        "model",
        "accountability",
        "amounts",
        "limits",
        "lint_context",
        "funding_lints",
        "expiry",
        "lints",
        "stance_reader",
        "tier_reader",
        "reader",
    ),
    "answering": ("model", "rules", "goals", "proposal", "proposal_reader", "handed_in"),
    "facts": (
        "statements",
        "writing",
        "contracts",
        "stays",
        "families",
        "text_files",
        "workbook_parts",
        "workbooks",
        "placeholders",
        "clean_columns",
        "values",
        "mapping",
        "currency",
        "spark",
        "engine",
        "derived",
        "one_state",
        "binding",
        "state",
        "newest",
        "window",
        "opening_hours",
        "service_hours",
        "required",
        "tables",
    ),
    "tiers": (
        "day_steps",
        "billing",
        "credits",
        "revenue",
        "acquisition",
        "margin",
        "afterwards",
        "chain",
        "scores",
        "known",
        "ranking",
        "snapshots",
        "reviews",
        "snapshot_tables",
        "digests",
        "keeping",
        "assignment",
        "movement",
    ),
    "quality": (
        "rules",
        "columns",
        "contracts",
        "readings",
        "customers",
        "money",
        "pools",
        "signs",
        "tiering",
        "inspection",
    ),
    "ledger": (
        "chain",
        "models",
        "answer_models",
        "proposal_models",
        "journal",
        "schema",
        "store",
        "identity",
        "acceptance",
        "addresses",
        "leases",
        "runs",
        "deliveries",
        "editions",
        "answers",
        "commitments",
        "replies",
        "proposals",
        "reply_links",
        "expected",
        "outbox",
        "witness",
        "register",
        "results",
        "limits_then",
        "verification",
        "ledger",
        "copying",
    ),
    "measuring": (
        "observed",
        "observe",
        "aggregate",
        "pooling",
        "customer_flow",
        "recognition",
        "measure",
        "earnings",
        "conservation",
        "pool_costs",
        "incidents",
        "lineage",
        "metric_check",
    ),
    "judging": (
        "affected",
        "associated",
        "verdict",
        "margin_known",
        "outcome",
        "forecast",
        "judge",
    ),
    "replies": ("form_token", "door", "form", "reply_file", "reply_template", "gate", "reviewing"),
    "documents": (
        "formats",
        "terms",
        "digits",
        "grammar",
        "ticks",
        "model",
        "trend_model",
        "accountability_model",
        "asked_model",
        "owner_model",
        "preread_model",
        "funding_model",
        "packet_model",
        "funding_found",
        "report_data",
        "team_model",
        "summary",
        "kinds",
        "still_asked",
        "heard",
        "gather",
        "said",
        "differences",
        "restated",
        "view",
        "expiry",
        "cells",
        "changes",
        "funding_ledger",
        "funding",
        "sentences",
        "tallies",
        "left_out",
        "margin_page",
        "funding_map",
        "funding_leaks",
        "funding_page",
        "balances",
        "vacancies",
        "trend_band",
        "trends",
        "exceptions",
        "asked_before",
        "questions",
        "signals",
        "drawing_board",
        "trend_sentence",
        "committed",
        "answered",
        "owner_records",
        "owner",
        "accountability_page",
        "preread",
        "method",
        "pages",
        "said_since",
        "since",
        "packet",
        "team",
        "compose",
    ),
    "project": (
        "section",
        "ledger_address",
        "mail_settings",
        "desk_settings",
        "limit_settings",
        "money_settings",
        "secret_settings",
        "service_settings",
        "source_settings",
        "validated",
        "scaffold",
        "settings",
        "memory",
        "opening",
        "declared",
        "gate",
        "entrance",
        "workspace",
        "origin",
    ),
    "mail": (
        "content",
        "incoming",
        "mail_url",
        "pdf_password",
        "reply",
        "bounces",
        "form_mail",
        "wire",
        "causes",
        "folder_sender",
        "imap_wire",
        "imap_mailbox",
        "mailbox",
        "server",
        "smtp_wire",
        "smtp_session",
        "sender",
        "filling",
        "templates",
        "message",
        "edition_letter",
        "template_check",
    ),
    "schedules": (
        "model",
        "cron",
        "timetable",
        "calendars",
        "lints",
        "when_reader",
        "reader",
    ),
    "printing": (
        "template_syntax",
        "allowed_names",
        "charts",
        "drawings",
        "words",
        "confusables",
        "name_match",
        "name_search",
        "leak_check",
        "typesetting",
        "front_height",
        "page_layout",
        "funding_chart",
        "funding_layout",
        "trend_chart",
        "trend_layout",
        "owner_height",
        "team_layout",
        "expected_content",
        "fitting",
        "kinds",
        "palette",
        "pdf_text",
        "readback",
        "page_tree",
        "form_fields",
        "filled_form",
        "pdf_file",
        "template_urls",
        "stylesheets",
        "renderer",
        "render_pool",
        "enclosures",
        "stated",
        "scope_check",
        "template_set",
        "wholes",
        "edition_renderer",
        "publish",
    ),
    "pipeline": (
        "request",
        "computation",
        "backfill",
        "commitments",
        "run",
    ),
    "delivery": (
        "due_runs",
        "health",
        "message_builder",
        "archive",
        "ping",
        "recipients",
        "links",
        "new_deliveries",
        "bounce_processing",
        "receipt",
        "form_collecting",
        "form_box",
        "dry_run",
        "issuing",
        "run_process",
        "correction",
        "lints",
        "too_early",
        "operator",
        "readers",
        "recipients_preview",
        "sending",
        "post",
        "serve",
    ),
    "desk": (
        "rates",
        "guards",
        "sessions",
        "once",
        "current",
        "facts",
        "page_model",
        "page",
        "archive_page",
        "pdfs",
        "drawing",
        "access",
        "handlers",
        "app",
        "server",
    ),
    "editions": ("naming", "compared", "redrawn", "proof"),
    "check": (),
    "verify": (),
    "acceptance": (),
    "propose": (),
    "lookup": ("cards", "target", "rows", "written", "database", "export"),
    "library": (
        "results",
        "scorecard",
    ),
    "demo": ("company",),
    "starters": (
        "chance",
        "facts",
        "starter",
    ),
    "proposing": (
        "vocabulary",
        "names",
        "exports",
        "profile",
        "translations",
        "draft",
        "matching",
        "written",
        "sequence",
        "drafting",
        "proposal",
        "queries",
        "tiering",
        "texts",
        "lay_out",
    ),
    "cli": (
        "terminal",
        "last_word",
        "rim",
        "console",
        "console_delivery",
        "console_schedules",
        "console_proof",
        "console_answering",
        "console_proposals",
        "console_stances",
        "console_editions",
        "console_tiers",
        "logs",
        "options",
        "issue",
        "drafting",
        "deliveries",
        "desk",
        "clock",
        "proof",
        "replying",
        "answering",
        "collecting",
        "reply_file",
        "proposals",
        "stances",
        "tiers",
        "editions",
        "app",
    ),
    "__main__": (),
    "": (),
}

DRAWING = ("weasyprint", "fontTools", "pydyf", "pypdf", "pypdfium2", "PIL")
ENGINE = ("duckdb", "pyarrow", "scipy", "ibis.backends.sql.compilers")
LEDGER = ("sqlalchemy", "sqlmodel", "alembic")
READING = ("pydantic", "babel", "jinja2", "rich", "ibis", "numpy")
MONTH = ("--from", "2026-06", "--to", "2026-06", "--as-of", "2026-07-10T06:00")
# What each command must not load, in a project without a ledger. Metrics import Ibis, so that
# whatever reads the strategy has it. From `backfill` on there is a ledger.
SPARED: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
    (("--help",), (*DRAWING, *ENGINE, *LEDGER, *READING, "email")),
    (("--version",), (*DRAWING, *ENGINE, *LEDGER, "babel", "jinja2", "rich", "ibis", "numpy")),
    (("check",), (*DRAWING, *LEDGER)),
    (("next",), (*DRAWING, *ENGINE, *LEDGER)),
    (("explain", "first_reply_p90"), (*DRAWING, *LEDGER, "jinja2", "scipy")),
    (("backfill", *MONTH), DRAWING),
    (("results", "--period", "2026-06", "--json"), (*DRAWING, *ENGINE, "jinja2", "numpy")),
    (("propose", "2026-06"), (*DRAWING, *ENGINE, "jinja2", "numpy")),
    (("status",), (*DRAWING, *ENGINE, "jinja2", "urllib.request")),
    (("send",), (*DRAWING, *ENGINE, "ibis")),
    (("deliveries",), (*DRAWING, *ENGINE, "ibis", "jinja2")),
    (("runs",), (*DRAWING, *ENGINE, "ibis", "jinja2")),
    (("links",), (*DRAWING, *ENGINE, "ibis", "jinja2")),
    (("tier", "A01"), (*DRAWING, *LEDGER)),
]
NEVER = ("pandas", "scipy.stats", "starlette", "uvicorn")


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def dotted(file: Path) -> str:
    """The name by which a file is imported."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def places() -> dict[str, tuple[int, int]]:
    """Each module's place in the order: that of its room, and that within its room."""
    found = {}
    for height, (room, modules) in enumerate(ORDER.items()):
        for step, module in enumerate(modules):
            found[f"scorecard.{room}.{module}"] = (height, step)
        found[f"scorecard.{room}" if room else "scorecard"] = (height, len(modules))
    return found


def imports(tree: ast.AST, known: Collection[str]) -> Iterator[str]:
    """Every module of ours that code imports, also inside functions and for types only."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno} imports by a relative name"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.split(".")[0] == "scorecard":
                yield name if name in known else name.rpartition(".")[0]


def upward(module: str, code: str) -> list[str]:
    """The imports of a module that do not point downward, in words."""
    known, tree = places(), ast.parse(code)
    return [
        f"{module} -> {name}"
        for name in imports(tree, known)
        if name != module and known[name] >= known[module]
    ]


def test_every_module_has_its_place():
    modules = {dotted(file) for file in sources() if "migrations" not in file.parts}
    assert sorted(modules ^ places().keys()) == []


def test_imports_point_downward_between_rooms_and_inside_them():
    files = {dotted(file): file for file in sources() if "migrations" not in file.parts}
    assert [
        line
        for module, file in files.items()
        for line in upward(module, file.read_text(encoding="utf-8"))
    ] == []


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("scorecard.errors", "from scorecard.base.periods import Period"),
        ("scorecard.ledger.store", "def late():\n    import scorecard.ledger.outbox"),
        ("scorecard.mail.reply", "from scorecard.mail.sender import connect"),
        ("scorecard.pipeline.run", "from scorecard.cli.app import main"),
    ],
)
def test_an_import_that_points_upward_is_found(module, code):
    assert upward(module, code) != []


def test_rooms_of_a_project_are_never_imported_by_name():
    """In a checkout `import metrics` happens to work; installed, it fails."""
    rooms = {"metrics", "templates", "schedules", "output"}
    offenders = []
    for file in [*sources(), *sorted((ROOT / "tests").rglob("*.py"))]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            offenders += [f"{file.name}: {n}" for n in names if n.split(".")[0] in rooms]
    assert offenders == []


def test_rooms_of_a_project_are_not_packages():
    assert sorted(ROOT.glob("metrics/__init__.py")) == []


def test_modules_stay_small():
    lines = {
        f.relative_to(ROOT): len(f.read_text(encoding="utf-8").splitlines()) for f in sources()
    }
    assert {str(f): n for f, n in lines.items() if n > MODULE_LINES} == {}


def test_functions_fit_a_screen():
    assert {name: n for name, n in function_lengths() if n > FUNCTION_LINES} == {}


def function_lengths() -> Iterator[tuple[str, int]]:
    """Lines of each function's body, its docstring not counted."""
    for file in [*sources(), *sorted((ROOT / "metrics").glob("*.py"))]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                if body:
                    length = (body[-1].end_lineno or 0) - body[0].lineno + 1
                    yield f"{file.relative_to(ROOT)}:{node.lineno} {node.name}", length


def test_each_room_says_what_belongs_in_it():
    said = {f.parent.name: ast.get_docstring(ast.parse(f.read_text("utf-8"))) for f in FACES}
    assert [room for room, text in said.items() if len((text or "").splitlines()) < 3] == []


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """By command, what it loaded: each in a process of its own, in the order of the table."""
    folder = tmp_path_factory.mktemp("started")
    small(folder / "acme")
    loaded = folder / "loaded.json"
    code = (
        "import atexit, json, pathlib, sys; "
        f"atexit.register(lambda: pathlib.Path({str(loaded)!r}).write_text("
        "json.dumps(sorted(sys.modules)))); "
        "from scorecard.cli.app import main; main()"
    )
    known = {k: v for k, v in os.environ.items() if k != "SCORECARD_PROJECT"}

    def start(words: tuple[str, ...]) -> set[str]:
        loaded.unlink(missing_ok=True)
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            cwd=folder / "acme",
            env=known,
            capture_output=True,
            text=True,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return set(json.loads(loaded.read_text()))

    return {words: start(words) for words, _spared in SPARED}


@pytest.mark.parametrize(("words", "spared"), SPARED, ids=[words[0] for words, _ in SPARED])
def test_a_command_loads_no_more_than_it_needs(started, words, spared):
    assert sorted(started[words] & {*spared, *NEVER}) == []
