"""Rules on columns: those that follow from a contract, and from how values are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from scorecard.base.findings import Severity
from scorecard.base.periods import OLDEST, shift_months
from scorecard.facts.binding import Bound
from scorecard.facts.contracts import ANONYMOUS, SCALES, Column
from scorecard.facts.placeholders import REFERENCES
from scorecard.facts.values import OFFSET, always_fits
from scorecard.quality.rules import Rule

WRITTEN = "written: "
"""Prefix of the name under which a column has what the source wrote, empty or not."""
PARTED = "parted: "
"""Prefix of the name under which rows say whether a joined column's parts have its mark."""
THEIRS = "theirs: "
"""Prefix of the name under which a contract column has the source's own value beside ours."""
DECISIVE = {
    ("costs", "category"),
    ("contracts", "billing_period"),
    ("fx", "rate"),
    ("transactions", "kind"),
}
"""Columns whose unknown values would make amounts vanish or change: they hold a run back."""
MONEY = ("decimal(18,4)",)
"""Types of amounts: one that is no number holds a run back."""
EARLIEST = date(1900, 1, 1)
"""The earliest day on which anything in the facts can have begun or ended."""
AHEAD = 10
"""Years ahead beyond which no row can plausibly be dated."""
OPEN_ENDED = {"promises"}
"""Tables whose rows are dated by an end, which may lie as far ahead as it likes."""
# Hints for values that are not of their column's type.
WRITE = {
    "date": "Write days as 2026-10-31, or convert them in a sql source.",
    "timestamp": "Write moments as 2026-10-31T14:05:00Z, or convert them in a sql source.",
    "boolean": "Write true or false, or convert them in a sql source.",
}
NUMBERS = "Write numbers with a point and without grouping, or convert them in a sql source."


def their_columns(bound: Bound) -> dict[str, Any]:
    """The source's own values that rules compare with the typed ones, by prefixed name."""
    theirs = {
        THEIRS + c.name: bound.theirs(c.name)
        for c in mapped(bound)
        if _needs_source_value(bound, c)
    }
    written = {WRITTEN + c.name: bound.written(c.name) for c in mapped(bound)}
    joined = {
        PARTED + c.name: bound.parted(c.name)
        for c in mapped(bound)
        if bound.columns[c.name].is_joined
    }
    return {**theirs, **written, **joined}


def mapped(bound: Bound) -> list[Column]:
    """The columns of the contract that the source has."""
    return [c for c in bound.contract.columns if c.name in bound.columns]


def _may_be_nobodys(bound: Bound, column: Column) -> bool:
    return column.name == "customer_id" and bound.contract.table in ANONYMOUS


def _needs_source_value(bound: Bound, column: Column) -> bool:
    theirs = bound.theirs(column.name)
    return column.type == "timestamp" or not always_fits(theirs, column.type)


def column_rules(table: ir.Table, bound: Bound) -> Iterator[Rule]:
    """The rules that a column's type makes, its being required, and its check."""
    for column in mapped(bound):
        place = f"{bound.place}.{column.name}"
        value = table[column.name]
        theirs = table[_as_read(bound, column)]
        if not always_fits(bound.theirs(column.name), column.type):
            yield Rule(
                "facts.type",
                "blocking",
                place,
                theirs.notnull() & value.isnull(),
                f"{{n:value is|values are}} not {column.type}, for example {{example}}.",
                WRITE.get(column.type, NUMBERS),
                theirs.cast("string"),
            )
        if column.required and not _may_be_nobodys(bound, column):
            yield Rule(
                "facts.empty_value",
                "blocking",
                place,
                theirs.isnull(),
                f"empty in {{n}} of {{of}} rows, but it is required ({column.means}).",
                "Fill it in, or leave those rows out in a sql source.",
            )
        if column.check:
            yield _declared_check(table, bound, column)
        if bound.columns[column.name].is_joined:
            yield _mark_within(table, bound, column.name)
        if column.type == "timestamp" and (theirs.type().is_date() or theirs.type().is_string()):
            yield _no_time(theirs, place)
    if bound.is_text:
        yield _repeated_header(table, bound)
    if bound.contract.table == "surveys":
        yield from _survey_scales(table, bound)


def emptied_counts(table: ir.Table, bound: Bound) -> dict[str, Any]:
    """By contract column the values that the source wrote and that were taken as empty, blank ones
    included; where there are none, `placeholder_rules` has nothing to find."""
    counts = {}
    for column in mapped(bound):
        kind = table[WRITTEN + column.name].type()
        stands = kind.is_string() or kind.is_floating() or kind.is_decimal()
        if bound.is_clean(column.name) or bound.numbers_rows(column.name):
            continue
        if stands or column.name in REFERENCES:
            theirs = table[_as_read(bound, column)]
            counts[column.name] = table[WRITTEN + column.name].count() - theirs.count()
    return counts


def placeholder_rules(table: ir.Table, bound: Bound, names: Iterable[str]) -> Iterator[Rule]:
    """The rules on values of these columns that stand for nothing without being blank."""
    for name in names:
        column = bound.contract.column(name)
        assert column is not None
        written, theirs = table[WRITTEN + name], table[_as_read(bound, column)]
        said = written.cast("string")
        yield Rule(
            "facts.placeholder",
            "blocking" if _decides(bound, name) or column.type in MONEY else "warning",
            f"{bound.place}.{name}",
            (written.notnull() & (said.strip() != "") & theirs.isnull()).fill_null(False),
            "{n:value stands|values stand} for nothing, for example {example}; taken as empty.",
            "If one of them is a value, translate it with values = { … }; what else stands for "
            'nothing is listed under "placeholders".',
            said,
            written.notnull(),
        )


def _decides(bound: Bound, name: str) -> bool:
    """Whether an amount would be another if a value of the column were empty: one without a
    billing period is monthly, one without a currency is in the company's own, a refund without its
    kind is a sale."""
    table = bound.contract.table
    return (table, name) in DECISIVE or (name == "currency" and table != "customers")


def _as_read(bound: Bound, column: Column) -> str:
    """The name under which rows have the source's value, empty where it stands for nothing."""
    return THEIRS + column.name if _needs_source_value(bound, column) else column.name


def _mark_within(table: ir.Table, bound: Bound, name: str) -> Rule:
    """Parts of a joined column that have its mark: two different ones may come out as the same."""
    return Rule(
        "facts.joined_mark",
        "warning",
        f"{bound.place}.{name}",
        table[PARTED + name].fill_null(False),
        f'{{n:value has|values have}} the mark "{bound.columns[name].between}" within a part that '
        "it joins, for example {example}; two that differ could become the same.",
        'Join them by another mark, as in with = "|".',
        table[WRITTEN + name],
    )


def _repeated_header(table: ir.Table, bound: Bound) -> Rule:
    """Rows that have the columns' own names as values: exports that were pasted together."""
    headings = {c.name: bound.columns[c.name].heading for c in mapped(bound)}
    named = [table[WRITTEN + name] == said for name, said in headings.items() if said is not None]
    return Rule(
        "facts.repeated_header",
        "blocking",
        bound.place,
        ibis.and_(*named).fill_null(False),
        "{n:row has|rows have} the names of the columns as values: exports were pasted together.",
        "Remove these lines, or let each export be a file of its own; a name with * reads several.",
    )


def implausible(table: ir.Table, bound: Bound, today: date) -> Iterator[Rule]:
    """Implausible days: rows before 1970 or more than ten years ahead, other days before 1900.

    Ends may lie as far ahead as they like: some systems write 9999-12-31 for "open".
    """
    latest = shift_months(today, 12 * AHEAD)
    for column in mapped(bound):
        if column.type not in ("date", "timestamp"):
            continue
        dates_rows = column.name == bound.contract.event
        oldest = OLDEST if dates_rows else EARLIEST
        value = table[column.name]
        wrong, said = value < oldest, f"before {oldest}"
        if (dates_rows and bound.contract.table not in OPEN_ENDED) or column.name == "acquired_on":
            wrong, said = wrong | (value >= latest), f"{said} or after {latest - timedelta(days=1)}"
        yield Rule(
            "facts.implausible",
            "blocking",
            f"{bound.place}.{column.name}",
            wrong.fill_null(False),
            f"{{n:value lies|values lie}} {said}, for example {{example}}.",
            "Correct the year, or leave those rows out in a sql source.",
            value.cast("string"),
        )


def _declared_check(table: ir.Table, bound: Bound, column: Column) -> Rule:
    place, value = f"{bound.place}.{column.name}", table[column.name]
    severity: Severity = "blocking" if _decides(bound, column.name) else "warning"
    kind, _colon, operand = column.check.partition(":")
    if kind == "in":
        words = operand.split(",")
        return Rule(
            "facts.unknown_value",
            severity,
            place,
            value.notnull() & value.notin(words),
            f"{{n:value is|values are}} not one of {', '.join(words)}, for example {{example}}.",
            f'Translate them: {column.name} = {{ from = "…", values = {{ … = "{words[0]}" }} }}; '
            "nothing is guessed from another word.",
            value,
        )
    if kind == "after":
        return Rule(
            "facts.order",
            severity,
            place,
            value < table[operand],
            f"{{n:value lies|values lie}} before {operand}, for example {{example}}.",
            "Correct the source; spans that run backwards are wrong at one end.",
            value,
        )
    wrong = value < 0 if kind == ">=0" else value <= 0
    bound_words = "below zero" if kind == ">=0" else "not above zero"
    return Rule(
        "facts.range",
        severity,
        place,
        wrong,
        f"{{n:value is|values are}} {bound_words}, for example {{example}}.",
        "Correct the source, or leave those rows out in a sql source.",
        value,
    )


def _survey_scales(table: ir.Table, bound: Bound) -> Iterator[Rule]:
    """Answers on another scale than their instrument's, or outside of it."""
    if "score" not in bound.columns:
        return
    yield from _answers_that_are_none(table, bound)
    known = ", ".join(f"{name} {low}–{high}" for name, (low, high) in SCALES.items())
    lowest, highest = (
        table.instrument.cases(*[(n, s[end]) for n, s in SCALES.items()], else_=ibis.null("int64"))
        for end in (0, 1)
    )
    # Without a scale of its own an answer is taken to be on that of its instrument.
    answered = table.score.notnull()
    other = (table.scale_min.notnull() & (table.scale_min != lowest)) | (
        table.scale_max.notnull() & (table.scale_max != highest)
    )
    other = answered & other.fill_null(False)
    yield Rule(
        "facts.scale",
        "warning",
        bound.place,
        other,
        f"{{n:answer is|answers are}} on another scale than {known}, for example {{example}}; they "
        "stay out.",
        "Scales are not converted into one another; ask on these from now on.",
        _scale_text(table),
        answered,
    )
    outside = (table.score < lowest) | (table.score > highest)
    yield Rule(
        "facts.off_scale",
        "warning",
        f"{bound.place}.score",
        ~other & outside.fill_null(False),
        f"{{n:answer lies|answers lie}} outside the scale of the question ({known}), for example "
        "{example}; they stay out.",
        "An answer that was not given must be empty, not 0 or 99.",
        table.score,
        answered,
    )


def _answers_that_are_none(table: ir.Table, bound: Bound) -> Iterator[Rule]:
    """Scores without a moment of answering, where that is known; and broken recommendations."""
    scored = table.score.notnull()
    if "answered_at" in bound.columns:
        yield Rule(
            "facts.no_answer",
            "warning",
            f"{bound.place}.score",
            scored & table.answered_at.isnull(),
            "{n:score has|scores have} no moment of answering; taken as not answered.",
            "Leave the score empty where nobody answered; where answered_at is not kept, do not "
            "map it.",
            None,
            scored,
        )
    yield Rule(
        "facts.broken_answer",
        "warning",
        f"{bound.place}.score",
        ((table.instrument == "nps") & (table.score != table.score.floor())).fill_null(False),
        "{n:answer is|answers are} no whole number on the scale of nps, for example {example}; "
        "they stay out.",
        "Give each answer as it was given, not an average of several.",
        table.score,
        scored,
    )


def _scale_text(table: ir.Table) -> Any:
    """A row's own scale as in "csat 1–10"; an end that is not given is a question mark."""
    ends = [
        ibis.coalesce(table[c].cast("int64").cast("string"), "?")
        for c in ("scale_min", "scale_max")
    ]
    return table.instrument.concat(" ", ends[0], "–", ends[1])


def moments(bound: Bound) -> list[str]:
    """The mapped columns that are moments."""
    return [c.name for c in mapped(bound) if c.type == "timestamp"]


def without_zone(table: ir.Table, bound: Bound) -> Any:
    """True where a row has a moment without a zone; None where every column has one."""
    local = []
    for name in moments(bound):
        theirs = table[THEIRS + name]
        if theirs.type().is_string():
            local.append((theirs.notnull() & ~theirs.re_search(OFFSET)).fill_null(False))
        elif getattr(theirs.type(), "timezone", None) is None:
            local.append(theirs.notnull())
    return ibis.or_(*local) if local else None


def _no_time(theirs: Any, place: str) -> Rule:
    """Moments that are days without a time."""
    kind = theirs.type()
    plain = theirs.notnull() if kind.is_date() else ~theirs.contains(":").fill_null(True)
    return Rule(
        "facts.no_time",
        "warning",
        place,
        plain,
        "{n} of {of} moments are days without a time of day; they are taken as midnight, and "
        "hours computed from them are rough.",
        "Map a column that has the time, or leave the column out.",
        None,
        theirs.notnull(),
    )
