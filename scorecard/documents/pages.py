"""The pages of retention, experience and evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from math import ceil

from scorecard.base.findings import in_order
from scorecard.base.periods import Period
from scorecard.documents import sentences, vacancies
from scorecard.documents.balances import balance_lines, balance_table
from scorecard.documents.cells import margin_row, row
from scorecard.documents.changes import changes
from scorecard.documents.formats import DASH
from scorecard.documents.grammar import capital, listed, part_of, shortened
from scorecard.documents.left_out import is_measured, unmeasured
from scorecard.documents.method import methods
from scorecard.documents.model import Row, Table
from scorecard.documents.packet_model import EvidencePage, ExperiencePage, RetentionPage
from scorecard.documents.signals import baselines
from scorecard.documents.view import ReportView
from scorecard.facts.contracts import CONTRACTS, PAYING
from scorecard.measuring.conservation import BARE, OPENING
from scorecard.measuring.customer_flow import Account, total
from scorecard.stats.intervals import LEVEL
from scorecard.strategy.accountability import executives
from scorecard.tiers.movement import Movement

EXPERIENCES = ("experience", "service")
"""The families of metrics on the page of experience."""
WEIGHTED = "Answers to surveys count with their weights; n is their number."
MOST_FINDINGS = 8
REASONS = 5
"""Reasons for leaving in rows of their own; the others are added up."""
PARTS = (
    ("opening", "open"),
    ("new", "new"),
    ("won_back", "won back"),
    ("moved_in", "moved in"),
    ("moved_out", "moved out"),
    ("lost", "lost"),
    ("growth", "growth"),
    ("closing", "close"),
)
"""Columns of the customer math, by the attributes of `Account`."""
TAKEN = ("moved_out", "lost")
"""Parts that are printed as negative numbers."""


def rows_of(view: ReportView, families: Iterable[str], charts: bool = True) -> tuple[Row, ...]:
    """The rows of the metrics in these families that have a figure of anybody, in a tier or not.

    A choice without one is on the stance map, which says why.
    """
    wanted = set(families)
    rows = (row(view, m, charts) for m in view.metrics if m.family in wanted and view.is_wanted(m))
    return tuple(r for r in rows if is_measured([r]))


def retention_page(view: ReportView) -> RetentionPage | None:
    """Rates, and customers and money that came and went; None where nothing is known of them."""
    rows = rows_of(view, ["retention"])
    if not is_measured(rows) and not view.data.counts:
        return None
    notes = [
        "Tiers are those frozen when each window opened; customers who came later are in no rate."
    ]
    if lacking := _without_money(view):
        notes.append(f"What customers pay is not known: no {lacking}.")
    elif not view.data.recurring:
        both = (
            "of the period before, and of this one"
            if view.data.money
            else ("one of the two periods has no transactions")
        )
        notes.append(f"Without contracts, money is revenue: {both}.")
    if bare := _bare(view):
        notes.append(bare)
    if view.data.movement is not None:
        notes.append(_movement(view, view.data.movement))
    if view.data.afterwards:
        notes.append(_afterwards(view))
    for why, labels in unmeasured(view, ["retention"]).items():
        notes.append(f"Not measured here, {why}: {'; '.join(labels)}.")
    return RetentionPage(
        sentence=sentences.retention(view),
        rows=rows,
        counts=_account_table(view, "Customer math, customers", view.data.counts, money=False),
        money=_account_table(view, _money_caption(view), view.data.money, money=True),
        reasons=_reasons(view),
        notes=tuple(notes),
    )


def _bare(view: ReportView) -> str:
    """How many customers have no contract, and so are in no rate of revenue kept."""
    found = [b.parts.get(BARE) for b in view.data.balances if b.what == OPENING]
    if not found or not found[0]:
        return ""
    bare = int(found[0])
    are = "customer here a year before had no contract and is"
    if bare != 1:
        are = "customers here a year before had no contract and are"
    return f"{view.formats.count(bare)} {are} in no rate of revenue kept."


def _movement(view: ReportView, of: Movement) -> str:
    """How many moved between tiers, beside how many would have by chance, and are borderline."""
    f, buffer = view.formats, view.data.strategy.plan.buffer
    said = f"Of {f.count(of.rated)} in a tier at both ends, {f.count(of.moved)} moved"
    if of.expected is not None:
        said += f"; about {f.count(round(of.expected))} would have with no true change"
    if of.borderline is None:
        return f"{said}."
    return (
        f"{said}. {f.count(of.borderline)} of {f.count(of.opened)} stood within the buffer "
        f"({f.percent(buffer)}) of a boundary as the period opened."
    )


def _afterwards(view: ReportView) -> str:
    """That tiers of past periods are those of a later day, since nothing dates them."""
    later, f, tz = view.data.afterwards, view.formats, view.data.period.tz
    of = listed([f.period(Period.parse(key, tz)) for key in later])
    days = listed([f.day(day) for day in dict.fromkeys(later.values())])
    return (
        f"The tiers of {of} were frozen afterwards, by the tiers of {days}: whoever changed tier "
        "before that day counts in the later one."
    )


def _without_money(view: ReportView) -> str:
    """The tables that would say what customers pay, where none of them is mapped; else empty."""
    mapped = {seen.table for seen in view.data.tables}
    return "" if mapped & set(PAYING) else ", ".join(sorted(PAYING))


def _money_caption(view: ReportView) -> str:
    kind = "recurring amount a month" if view.data.recurring else "revenue a period"
    return f"Customer math, {kind}, {view.formats.currency}"


def _account_table(
    view: ReportView, caption: str, accounts: Sequence[Account], money: bool
) -> Table | None:
    if not accounts:
        return None
    parts = [p for p in PARTS if money or p[0] != "growth"]
    rows = []
    for own in (*accounts, total(accounts)):
        label = "All customers" if own.tier == "all" else view.label(own.tier)
        figures = [
            view.formats.decimal(-getattr(own, p) if p in TAKEN else getattr(own, p), 0)
            for p, _label in parts
        ]
        rows.append((label, *figures))
    columns = ("", *(label for _p, label in parts))
    return Table(caption, columns, tuple(rows), (False, *(True for _ in parts)), True)


def _reasons(view: ReportView) -> Table | None:
    if not view.data.reasons:
        return None
    found: dict[str, dict[str, int]] = {}
    for reason, tier, customers in view.data.reasons:
        found.setdefault(reason, {})[tier] = customers
    shown = dict(list(found.items())[:REASONS])
    others = [by for reason, by in found.items() if reason not in shown]
    if others:
        states = dict.fromkeys(t for by in others for t in by)
        shown["other reasons"] = {t: sum(by.get(t, 0) for by in others) for t in states}
    rows = [
        (
            shortened(reason),
            *(view.formats.count(by.get(t, 0)) for t in view.tiers),
            view.formats.count(sum(by.values())),
        )
        for reason, by in shown.items()
    ]
    columns = ("reason", *(view.label(t) for t in view.tiers), "all")
    return Table("Why customers left", columns, tuple(rows), (False, *(True for _ in columns[1:])))


def experience_page(view: ReportView) -> ExperiencePage | None:
    """Experience and service by tier, always with the customer margin of the same tiers; None
    where none of it was measured."""
    rows = rows_of(view, EXPERIENCES)
    if not is_measured(rows):
        return None
    return ExperiencePage(
        sentence=sentences.experience(view),
        rows=rows,
        margin=margin_row(view),
        notes=("Ranges are 90 % intervals.", *([WEIGHTED] if view.data.weighted else [])),
    )


def evidence_page(
    view: ReportView, printed: Collection[str], unmeasured: Sequence[str]
) -> EvidencePage:
    """What the packet rests on; `printed` are the metrics that it prints, for the method notes."""
    m, f = view.data, view.formats
    rows = [
        (
            t.table,
            CONTRACTS[t.table].means,
            f.count(t.rows),
            f.count(t.inside) if CONTRACTS[t.table].event else DASH,
            f.day(t.newest) if t.newest else DASH,
        )
        for t in m.tables
    ]
    table = Table(
        "What the figures rest on",
        ("table", "holds", "rows", "in the period", "newest"),
        tuple(rows),
        (False, False, True, True, True),
    )
    return EvidencePage(
        sentence=sentences.evidence(view, sum(t.rows for t in m.tables)),
        tables=table,
        findings=_findings(view),
        chance=_chance(view),
        changes=(*changes(view), *baselines(view)),
        methods=methods(view, printed),
        standing=_vacancies(view),
        unmeasured=tuple(unmeasured),
        balance=balance_table(view),
        balances=balance_lines(view),
    )


def _vacancies(view: ReportView) -> tuple[str, ...]:
    """Posts that their owners do not answer for, and people who asked not to be sent documents."""
    asked = vacancies.opted_out(view, view.holders, "their page")
    packet = [
        f"{p.name} asked on {view.formats.day(view.data.opted_out[p.id])} "
        "not to be sent this packet."
        for p in executives(view.data.strategy, view.data.day)
        if p.id in view.data.opted_out
    ]
    return (*vacancies.lines(view, view.holders), *asked, *packet)


def _findings(view: ReportView) -> tuple[str, ...]:
    worth = [x for x in in_order(view.data.findings) if x.severity != "note"]
    said = [f"{x.place.removeprefix('facts.')}: {x.message}" for x in worth[:MOST_FINDINGS]]
    rest = len(worth) - MOST_FINDINGS
    return (*said, f"{rest} more; scorecard check lists them all.") if rest > 0 else tuple(said)


def _chance(view: ReportView) -> str:
    """The sentence on how many verdicts may be wrong by chance alone.

    A one-sided error of a two-sided interval: sampled verdicts times (1 − LEVEL) / 2.
    """
    found = [r for r in sentences.judged(view) if r.verdict is not None]
    decided = [r for r in found if r.verdict and r.verdict.region not in (None, "straddle")]
    sampled = sum(r.mode == "sample" for r in decided)
    if not decided:
        return "No verdict was passed, so none can be wrong by chance."
    if not sampled:
        return "No verdict rests on a sample; what was counted is as it was."
    wrong = ceil(sampled * (1 - LEVEL) / 2)
    rest = "rests on a sample" if sampled == 1 else "rest on samples"
    some = "it" if sampled == 1 else "one of them" if wrong == 1 else f"up to about {wrong} of them"
    return (
        f"{capital(part_of(sampled, len(decided), 'verdict'))} {rest}. Each side of a "
        f"90 % interval errs one time in twenty: {some} could be wrong by chance."
    )
