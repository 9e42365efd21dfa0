"""Write REFERENCE.md, from the code, to standard output: all that can be typed, set or read."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from inspect import getdoc
from pathlib import Path
from typing import Any, get_args

import typer

import scorecard
from scorecard.answering.proposal import TOUCHES
from scorecard.base.durations import worded
from scorecard.cli.app import app
from scorecard.definitions.loader import load_metrics
from scorecard.facts.contracts import CONTRACTS, SCALES, Column
from scorecard.ledger import FAILED, STEPS, addresses, deliveries, expected
from scorecard.mail.mailbox import open_box
from scorecard.mail.server import Server
from scorecard.project.desk_settings import DeskSettings
from scorecard.project.limit_settings import LimitSettings
from scorecard.project.mail_settings import SERVER, MailSettings
from scorecard.project.scaffold import SKELETON
from scorecard.project.source_settings import OF_COLUMN, OF_SOURCE
from scorecard.schedules.model import DOCUMENTS, Fiscal, Hold, Late, Schedule, When
from scorecard.schedules.timetable import LATE
from scorecard.strategy.model import Stance, Tier, TierPlan
from scorecard.strategy.reader import POLICIES
from scorecard.strategy.stance_reader import FUNDINGS
from scorecard.strategy.tier_reader import METHODS, PROOFS

METRICS = Path(__file__).parents[1] / "metrics"
LIMITS = "[tool.scorecard.limits]"
DESK = "[tool.scorecard.desk]"
MAIL = "[tool.scorecard.mail]"
REQUIRED = "required"
ONE_DAY = "one of these is required"
ENVIRONMENT = {
    SERVER: "The mail server, in one of the forms below. Without it mail stays queued.",
    "SCORECARD_PROJECT": "The folder of the project, as `--project` says it.",
    "NAME": (
        "Any other: `${NAME}` in the settings `ledger`, `connect`, `password`, `passwords`, "
        "`bounces`, `forms` and `ping` is replaced by what it says. Put there what is secret."
    ),
}


def either(words: Iterable[str]) -> str:
    """Texts as they are written in TOML, one of which is meant."""
    return ", ".join(f'`"{word}"`' for word in words)


def toml(value: object) -> str:
    """A default as it is written in TOML; empty where it is empty."""
    if value in ("", None) or value == () or value == {}:
        return ""
    if isinstance(value, timedelta):
        value = worded(value)
    if isinstance(value, int) and value and value % 1_000_000 == 0:
        value = f"{value // 1_000_000} MB"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


SCHEDULE: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "": (
        ("title", REQUIRED, "its name in notices and reports; one line"),
        ("documents", REQUIRED, f"one or more of {', '.join(f'`{d}`' for d in DOCUMENTS)}"),
        (
            "to",
            toml(Schedule.to),
            '`"executives"`, `"teams"`, `"owners"`, or one `"team:ID"` or `"owner:ID"`',
        ),
        (
            "folder",
            toml(Schedule.folder),
            "a folder into which the documents are laid too, as seen from the project",
        ),
    ),
    "[when]": (
        ("business_day", ONE_DAY, "the n-th business day of a span; `-1` is the last"),
        ("day", ONE_DAY, 'the n-th day; `"last"` or `-1` is the last'),
        ("last_weekday", ONE_DAY, 'the last of its weekdays, as `"friday"`'),
        ("weekday", ONE_DAY, "a weekday, counted by `nth`"),
        ("nth", "required with weekday", "which of them, from 1 up; in a week it can be left out"),
        ("cron", ONE_DAY, "minute, hour, day, month and weekday as cron has them"),
        ("at", "required without cron", "the time of day"),
        ("zone", REQUIRED, "the IANA zone whose clocks show it"),
        ("every", toml(When.every), 'the span: `"week"`, `"month"`, `"quarter"` or `"year"`'),
        ("holidays", toml(When.holidays), "a country, a part of one, or a file of dates"),
        (
            "roll",
            "forward; none with cron",
            'where a day on which nobody works goes: `"forward"`, `"back"`, `"skip"`, `"none"`',
        ),
        ("months", toml(When.months), "only when the day lies in these, 1 to 12"),
    ),
    "[fiscal]": (
        ("year_starts", toml(Fiscal.year_starts), "the month in which years and quarters begin"),
        ("closes", toml(Fiscal.closes), "a file of closing days; a span begins after each"),
    ),
    "[period]": (
        ("back", toml(Schedule.back), "how many periods back: `1` is the last complete one"),
    ),
    "[hold]": (
        ("retry", toml(Hold.retry), "how long after a try the next one is"),
        ("until", toml(Hold.until), "the last try: a time after the first, or a day as above"),
        ("then", toml(Hold.then), 'what the last try does: `"provisional"` or `"not issued"`'),
        ("complete", toml(Hold.complete), "tables that must reach the period's last day"),
        ("slack", toml(Hold.slack), "or so many days less"),
    ),
    "[late]": (
        ("missed", toml(Late.missed), 'what was missed is done late, `"run"`, or not, `"skip"`'),
        ("by", f"{worded(LATE)}, or as long as it is held", "the most lateness"),
    ),
    "[answers]": (
        ("until", "", "of a pre-read: until when owners may answer, written as that of `[hold]`"),
    ),
    "[[subscriber]]": (
        ("name", REQUIRED, "who else gets the documents; owners' pages excepted"),
        ("email", REQUIRED, "the address"),
        ("since", "", "the first day"),
        ("until", "", "the day after the last"),
    ),
}
"""The keys of a schedule's file by table: default and meaning. A test compares with the reader."""

PROPOSAL: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "": (
        ("title", REQUIRED, "what it is called where it is listed"),
        ("owner", REQUIRED, "the id of the owner who answers for it"),
        ("worse_off", REQUIRED, "who is worse off, and by what"),
    ),
    "[customers]": (
        ("tiers", REQUIRED, "ids of tiers"),
        ("niche", REQUIRED, "which of their customers, in words"),
        ("count", REQUIRED, "how many customers"),
    ),
    "[[experience]]": (
        ("metric", REQUIRED, "the name of a metric"),
        ("tier", REQUIRED, "one of these tiers"),
        ("from", REQUIRED, "where its figure is, with its unit"),
        ("to", REQUIRED, "where it is to come"),
    ),
    "[[profit]]": (
        ("tier", REQUIRED, "one of these tiers; each needs an amount"),
        (
            "per_customer",
            REQUIRED,
            'by how much the margin per customer changes: `"4 EUR/month"`, `"-4 EUR/month"`',
        ),
        ("by", REQUIRED, "the day from which it does, not after the review"),
        ("assumption", REQUIRED, "what must hold for that"),
    ),
    "[promise]": (
        ("of", REQUIRED, '`"brand"`, or the id of an offer'),
        ("how", REQUIRED, "how that promise is touched"),
    ),
    "[stance]": (
        ("of", REQUIRED, 'a stance, `"metric/tier"`'),
        ("effect", REQUIRED, either(TOUCHES)),
    ),
    "[[paid_by]]": (
        ("willingness", "one of these six", either(PROOFS)),
        ("charge", "", "what is charged"),
        ("weakness", "", 'the stance that pays, `"metric/tier"`'),
        ("cost_cut", "", "what is saved now"),
        ("later_saving", "", "what is saved later"),
        ("customer_work", "", "what customers do themselves"),
        ("amount", "required with willingness", 'what they pay or paid, or `"400 EUR/month"`'),
        ("on", "required with willingness", "the day of that evidence"),
    ),
    "[[asked]]": (
        ("who", REQUIRED, "which customers were asked, and how many"),
        ("on", REQUIRED, "the day"),
        ("said", "", "what they said"),
    ),
    "[review]": (
        ("measure", REQUIRED, 'the figure that is looked at, `"metric/tier"`'),
        ("on", REQUIRED, "the day: the period that contains it is looked at"),
    ),
}
"""The keys of a proposal's file by table, likewise."""

PERSON = (
    ("id", REQUIRED, "by which others refer to them; of no other owner or executive"),
    ("name", REQUIRED, "as it is printed"),
    ("role", REQUIRED, "as it is printed"),
    ("email", "", "without it nothing is sent to them"),
    ("since", "", "the first day in office"),
    ("until", "", "the day after the last"),
)
"""What owners and executives have in common."""
ANSWERS = (
    ("promise", "", "what is promised to customers"),
    ("problem", "", "what it solves for them"),
    ("niches", "", "where such customers are"),
    ("ideal_customer", "", "whom it fits best"),
    ("offers", "", "what is sold; an answer that lacks is a warning"),
)
STRATEGY: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "[brand]": (("name", REQUIRED, "as customers know it"), *ANSWERS),
    "[[offer]]": (
        ("id", REQUIRED, "its code in the facts"),
        ("name", REQUIRED, "as it is printed"),
        *ANSWERS,
    ),
    "[tiers]": (
        ("method", REQUIRED, f"{either(METHODS)}: what was sold, or computed from the facts"),
        ("window", toml(TierPlan.window), "months of which a computed tier is made"),
        (
            "history",
            f'{toml(TierPlan.history)}; `3` with `"rfm"`',
            "months that the facts must reach back before customers are rated",
        ),
        (
            "buffer",
            toml(TierPlan.buffer),
            'how far past a boundary a customer must be to change tier; `0.05` or `"5 %"`',
        ),
        ("since", "the month after the first fact", 'the first month of tiers, `"2024-01"`'),
    ),
    "[[tier]]": (
        ("id", REQUIRED, "as in stances and in the facts; the best tier comes first"),
        ("label", REQUIRED, "as it is printed"),
        (
            "share",
            toml(Tier.share),
            "the part of customers in it; a computed method needs `share` or `boundary` in all "
            "tiers but the last",
        ),
        ("boundary", toml(Tier.boundary), "the lowest score that belongs to it"),
        ("needs", toml(Tier.needs), "what its customers need"),
        ("alternatives", toml(Tier.alternatives), "what else they could do"),
        ("willingness_to_pay", "", "a list of tables, as below; it can pay for a strength"),
    ),
    "willingness_to_pay": (
        ("kind", REQUIRED, either(PROOFS)),
        ("amount", REQUIRED, "how much, and for what, in words"),
        ("on", REQUIRED, "the day"),
    ),
    "[[executive]]": (
        *PERSON,
        ("deputy", "", "the id of an executive or owner who gets the packet outside of these days"),
    ),
    "[[team]]": (
        ("id", REQUIRED, "as owners and schedules name it"),
        ("name", REQUIRED, "as it is printed"),
        ("lead", "", "the id of an owner or executive, who is told where nobody answers"),
    ),
    "[[owner]]": (
        *PERSON,
        ("team", REQUIRED, "the id of a team"),
        ("purpose", "", "what is done for which customer; heads the page"),
        ("deputy", "", "the id of an owner who answers outside of these days"),
    ),
    "[[stance]]": (
        ("metric", REQUIRED, "its name; see Metrics"),
        ("tier", REQUIRED, "the id of a tier"),
        ("kind", REQUIRED, either(("strength", "weakness"))),
        (
            "at_worst",
            REQUIRED,
            'the level promised, or the worst one accepted, with its unit: `"4 h"`, `"90 %"`',
        ),
        ("at_best", "", "better than this is over-served; required where neither way is better"),
        ("owner", REQUIRED, "the id of the owner who answers for it"),
        ("declared", REQUIRED, "the day on which it was decided"),
        ("effective", REQUIRED, "the first day on which it holds, later than `declared`"),
        ("until", "", "the day after the last; from then on it may have a successor"),
        (
            "review_on",
            "",
            "the last day on which it holds unless it is chosen anew; after it nothing is decided",
        ),
        ("approved_by", REQUIRED, "somebody other than the owner, in words"),
        ("trade_off", REQUIRED, "what is given up for what, in a sentence that is printed"),
        (
            "importance",
            "not ranked",
            "its rank in what the tier's customers care for: `1` matters most",
        ),
        ("funded_by", "", "of a strength: a list of tables, as below; what pays for it"),
        ("funds", "", 'of a weakness: a list of the strengths it pays for, as `"metric/tier"`'),
        (
            "releases",
            toml(Stance.releases),
            'of a weakness: what it saves, `"6000 EUR/month"`, `/quarter` or `/year`',
        ),
        (
            "costs",
            "what its sources pay",
            "of a strength: what it costs, written likewise",
        ),
        (
            "pool",
            "not held against costs",
            "the cost pool, or a list of them, in which its money is found, as `costs.pool` has "
            "it; a pool belongs to one stance of a tier",
        ),
        (
            "baseline",
            "none; of a strength: `0`",
            "what these pools cost in the tier before, written as an amount: a weakness released "
            "what they cost less, a strength cost what they cost more",
        ),
        (
            "evidence",
            "the metric's own",
            '`"sample"`: a figure has a margin of error; `"census"`: every case is in the facts',
        ),
        (
            "usual_n",
            "as counted",
            "observations that a period usually brings, by which `check` says what can be proved",
        ),
        ("offer", toml(Stance.offer), "the id of the offer on which it is promised"),
    ),
    "funded_by": (
        *(
            (kind, ONE_DAY, means)
            for kind, means in zip(
                FUNDINGS,
                (
                    'a weakness, as `"metric/tier"`, which names this strength in `funds`',
                    "what customers pay for it, in words",
                    "a cost that is saved, in words",
                    "a cost that is saved later, in words",
                    "work that customers do themselves, in words",
                ),
                strict=True,
            )
        ),
        ("amount", "", 'how much of it, `"6000 EUR/month"`, `/quarter` or `/year`'),
    ),
    "[rules]": (
        ("non_negotiable", "", "metrics that must be a strength in every tier, by census"),
        ("must_be", "", "metrics on which no weakness may be accepted"),
    ),
    "[[waiver]]": (
        ("lint", REQUIRED, "the finding that is set aside, by the name `check` prints"),
        (
            "on",
            REQUIRED,
            'what it is about: `"metric/tier"`, a metric, tier, owner or offer; `"*"`: all',
        ),
        ("reason", REQUIRED, "why"),
        ("by", REQUIRED, "who said so"),
    ),
    "[[baseline]]": (
        ("metric", REQUIRED, "whose natural limits are made anew"),
        ("tier", "", 'in which tier, or `"all"` customers; empty: wherever it is measured'),
        ("from", REQUIRED, "the first day that counts; periods that began before do not"),
        ("reason", REQUIRED, "what changed in the process; printed with the limits"),
        ("by", REQUIRED, "who said so"),
    ),
    "[[channel]]": (
        ("id", REQUIRED, "its code in the facts"),
        ("policy", REQUIRED, f"{either(POLICIES)}; kept for the record, computes nothing"),
    ),
}
"""The keys of strategy.toml by table, as above. A test compares with the reader."""


def commands(app: typer.Typer) -> dict[str, Any]:
    """Every command of the command line by name, in the order in which help shows them."""
    return dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def reference(app: typer.Typer, metrics: Path) -> str:
    """The whole page."""
    parts = (
        _commands(app),
        _settings(),
        _limits(),
        _desk(),
        _mail(),
        _environment(),
        _strategy(),
        _schedules(),
        _proposals(),
        _states(),
        _tables(),
        _metrics(metrics),
        _python(),
    )
    head = ("# Reference", "", 'Generated from the code by "make reference"; a test compares.')
    return "\n".join([*head, *(line for part in parts for line in part)]) + "\n"


def glossary(text: str, names: Iterable[str]) -> dict[str, str]:
    """What a docstring says of each name, written in lines of "name   meaning".

    KeyError when it leaves one out.
    """
    return {name: _meaning(text, name) for name in names}


def _meaning(text: str, name: str) -> str:
    lines = text.splitlines()
    for number, line in enumerate(lines):
        match = re.match(rf" *{re.escape(name)} +(?=\S)", line)
        if match:
            more = []
            for below in lines[number + 1 :]:
                if not below.startswith(" " * match.end()):
                    break
                more.append(below.strip())
            return " ".join([line[match.end() :].strip(), *more])
    raise KeyError(name)


def _commands(app: typer.Typer) -> Iterator[str]:
    yield from ("", "## Commands")
    for name, command in commands(app).items():
        yield from ("", f"### scorecard {name}", "", str(command.help).strip())
        lines = [f"- {_parameter(p)}" for p in command.params if _is_shown(p)]
        yield from ["", *lines] if lines else []


def _is_shown(parameter: Any) -> bool:
    return parameter.name != "help" and not getattr(parameter, "hidden", False)


def _parameter(parameter: Any) -> str:
    names = ", ".join(f"`{o}`" for o in parameter.opts)
    if parameter.param_type_name == "argument":
        names = f"`{parameter.name.upper()}`"
    said = f"{names}: {parameter.help}"
    if parameter.required:
        return f"{said} Required."
    default = parameter.default
    if default in (None, False, (), "") or callable(default):
        return said
    return f"{said} Default: `{default}`."


def _settings() -> Iterator[str]:
    yield from ("", "## Settings", "", "`pyproject.toml` as `scorecard init` writes it.", "")
    text = (SKELETON / "pyproject.toml").read_text(encoding="utf-8")
    yield from ("```toml", text.partition(MAIL)[0].rstrip(), "```")
    yield from ("", "### A table in [tool.scorecard.facts]", "")
    yield "A file, a table or a query by its name alone, or a `{ }` with these keys;"
    yield "[from exports to facts](docs/exports.md) explains them."
    yield from _meanings(OF_SOURCE)
    yield from ("", "### A column in `columns`", "")
    yield "The source's column by its name alone, or a `{ }` with these keys."
    yield from _meanings(OF_COLUMN)


def _meanings(keys: Mapping[str, str]) -> Iterator[str]:
    yield from ("", "| key | means |", "|---|---|")
    for key, means in keys.items():
        yield f"| {key} | {means} |"


def _mail() -> Iterator[str]:
    yield from ("", f"### {MAIL}", "", "| key | default | means |", "|---|---|---|")
    meanings = glossary(getdoc(MailSettings) or "", MailSettings.model_fields)
    for name, field in MailSettings.model_fields.items():
        means = meanings[name].replace("<", "&lt;")
        yield f"| {field.alias or name} | {toml(field.default)} | {means} |"
    yield from (
        "",
        "`bounces` and `forms` are one of these:",
        "",
        "```text",
        _forms(open_box),
        "```",
    )


def _limits() -> Iterator[str]:
    yield from ("", f"### {LIMITS}", "", "| key | default | means |", "|---|---|---|")
    meanings = glossary(getdoc(LimitSettings) or "", LimitSettings.model_fields)
    for name, field in LimitSettings.model_fields.items():
        default = "2GB" if name == "memory" else field.default
        yield f"| {name} | {toml(default)} | {meanings[name]} |"


def _desk() -> Iterator[str]:
    yield from ("", f"### {DESK}", "", "| key | default | means |", "|---|---|---|")
    meanings = glossary(getdoc(DeskSettings) or "", DeskSettings.model_fields)
    for name, field in DeskSettings.model_fields.items():
        yield f"| {name} | {toml(field.default)} | {meanings[name]} |"


def _forms(explained: Any) -> str:
    """The indented block of a docstring: the forms that an address may have."""
    lines = (getdoc(explained) or "").splitlines()
    return "\n".join(line.strip() for line in lines if line.startswith("    "))


def _environment() -> Iterator[str]:
    yield from ("", "## Environment", "", "| variable | means |", "|---|---|")
    for name, means in ENVIRONMENT.items():
        yield f"| `{name}` | {means} |"
    yield from ("", f"`{SERVER}` is one of these:", "", "```text", _forms(Server.parse), "```")


def _strategy() -> Iterator[str]:
    yield from ("", "## Strategy", "")
    yield "The keys of `strategy.toml`. Days are written `2026-01-31`. Ids hold small letters,"
    yield "digits, `-` and `_`; those of offers and channels are as the facts have them."
    yield from _keys(STRATEGY)


def _schedules() -> Iterator[str]:
    yield from ("", "## Schedules", "")
    yield "The keys of a file in `schedules/`; [its README](schedules/README.md) explains them."
    yield from _keys(SCHEDULE)


def _proposals() -> Iterator[str]:
    yield from ("", "## Proposals", "")
    yield "The keys of a file in `proposals/`; [Proposals](docs/proposals.md) explains them. All"
    yield "but `title`, `owner`, `[customers]` and `[review]` may be a text before the first table"
    yield 'instead, `"n/a: …"` with the reason.'
    yield from _keys(PROPOSAL)


def _keys(tables: Mapping[str, tuple[tuple[str, str, str], ...]]) -> Iterator[str]:
    for table, rows in tables.items():
        yield from ("", f"### {table}" if table else "### Before the first table", "")
        yield from ("| key | default | means |", "|---|---|---|")
        for key, default, means in rows:
            yield f"| {key} | {default} | {means} |"


def _states() -> Iterator[str]:
    yield from ("", "## States", "", "### Runs that schedules owe, as `scorecard runs` prints them")
    yield from _state_table(expected.__doc__, get_args(expected.State))
    yield from ("", "### Attempts at a period, as `scorecard runs --all` prints them", "")
    yield f"The furthest step: {', '.join(STEPS)}. Or `held`, with findings; or `failed`."
    yield from ("", "### Deliveries, as `scorecard deliveries` prints them")
    yield from _state_table(deliveries.__doc__, get_args(deliveries.State))
    yield from ("", f"`--failed` means {', '.join(FAILED)}.")
    yield from ("", "### Addresses, as `scorecard addresses` prints them")
    yield from _state_table(addresses.__doc__, get_args(addresses.Event))


def _state_table(text: str | None, states: Iterable[str]) -> Iterator[str]:
    yield from ("", "| state | means |", "|---|---|")
    for state, means in glossary(text or "", states).items():
        yield f"| {state} | {means} |"


WRITTEN = {
    "string": "text",
    "date": "a day, `2026-10-31`",
    "timestamp": "a moment, `2026-10-31T14:05:00Z`",
    "boolean": "`true` or `false`",
    "float64": "a number, `1234.5`",
    "decimal(18,4)": "an amount, `1234.5678`",
}
"""How the values of each type are written."""
CURRENCY = "an ISO 4217 code, such as `EUR`"
SCORES = ", ".join(f"`{name}` {low} to {high}" for name, (low, high) in SCALES.items())
SPECIAL = {
    ("surveys", "score"): f"a number on the scale of its instrument: {SCORES}",
    ("surveys", "scale_min"): f"the lowest of that scale: {SCORES}",
    ("surveys", "scale_max"): f"the highest of that scale: {SCORES}",
    ("customers", "tier"): "the id or label of a tier in `strategy.toml`",
    ("ledger_totals", "period"): "a period, such as `2026-10`",
    ("fx", "from"): CURRENCY,
    ("fx", "to"): CURRENCY,
}
"""What is allowed in columns whose type and check do not say it."""


def _tables() -> Iterator[str]:
    yield from ("", "## Tables", "", "A column marked * must be there; others may be missing.")
    yield "What is not allowed is a finding of `scorecard check`, and nothing is guessed from it."
    for table in CONTRACTS.values():
        yield from ("", f"### {table.table}", "", f"{table.means[0].upper()}{table.means[1:]}.", "")
        yield from ("| column | type | allowed | means |", "|---|---|---|---|")
        for c in table.columns:
            name = f"{c.name} *" if c.required else c.name
            yield f"| {name} | {c.type} | {allowed(table.table, c)} | {c.means} |"


def allowed(table: str, column: Column) -> str:
    """The values that a column of a table takes, in words."""
    if (table, column.name) in SPECIAL:
        return SPECIAL[table, column.name]
    if column.name == "currency":
        return CURRENCY
    kind, _colon, operand = column.check.partition(":")
    if kind == "in":
        return ", ".join(f"`{word}`" for word in operand.split(","))
    bounds = {
        "": "",
        ">=0": ", not below 0",
        ">0": ", above 0",
        "after": f", not before {operand}",
    }
    return f"{WRITTEN[column.type]}{bounds[kind]}"


def _metrics(folder: Path) -> Iterator[str]:
    yield from ("", "## Metrics")
    for m in load_metrics(folder).values():
        yield from ("", f"### {m.name}", "", f"{m.label}. {m.doc.splitlines()[0]}", "")
        yield (
            f"{m.kind}, in {m.unit.name}; better: {m.better}; family {m.family}; "
            f"needs {', '.join(m.needs)}; final {m.matures} days after the period."
        )
        rest = "\n".join(m.doc.splitlines()[1:]).strip("\n")
        if rest:
            yield from ("", "```text", rest, "```")


def _python() -> Iterator[str]:
    yield from ("", "## Python", "", "What `import scorecard` gives; see also examples/.")
    for name in scorecard.__all__:
        value = getattr(scorecard, name)
        if not name.startswith("_"):
            yield from _documented(name, value)
        if inspect.isclass(value) and value is not scorecard.Metric:
            own = (m for m in vars(value) if not m.startswith("_") and m != "in_order")
            for member in (m for m in own if callable(getattr(value, m))):
                if getdoc(getattr(value, member)):
                    yield from _documented(f"{name}.{member}", getattr(value, member))


def _documented(name: str, value: Any) -> Iterator[str]:
    """A heading, the call of a function, and the docstring."""
    yield from ("", f"### {name}", "")
    called = "" if inspect.isclass(value) else str(inspect.signature(value)).replace("'", "")
    text = getdoc(value) or ""
    yield from ("```text", *([f"{name}{called}", ""] if called else []), text, "```")


if __name__ == "__main__":
    sys.stdout.write(reference(app, METRICS))
