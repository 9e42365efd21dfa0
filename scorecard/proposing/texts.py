"""The proposal as text: the section of facts with a reason beside each line, and strategy.toml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from scorecard.definitions.metric import Metric, choices
from scorecard.facts.contracts import SCALES
from scorecard.proposing.draft import Draft, Line
from scorecard.proposing.matching import quoted
from scorecard.proposing.proposal import Proposal
from scorecard.proposing.queries import place_of
from scorecard.proposing.tiering import Tiering

ALIGNED = 40
"""Letters up to which a line reaches before its reason."""
HEAD = """\
[tool.scorecard.facts]
# Drafted by "scorecard init --from" out of names and values; from now on nothing is guessed, and
# these lines decide. Behind each stands how certain it is, and why. What is doubtful has a "#" in
# front: take that away where it is right. docs/exports.md says what else can be written here.
"""


def facts_text(proposal: Proposal, root: Path) -> str:
    """The section of facts, with the tables that stand and, as comments, those that do not."""
    parts = [HEAD]
    parts += [_table(draft, root) for draft in proposal.drafts]
    if proposal.passed_over:
        said = [f"# {_plain(f'{o.label}: {o.why}')}." for o in proposal.passed_over]
        parts.append("\n".join(["# Passed over:", *said]) + "\n")
    return "\n".join(parts)


def _table(draft: Draft, root: Path) -> str:
    """One table of the section."""
    what = draft.table if draft.stands else f"perhaps {draft.table}, not used"
    lines = [f"# {_plain(draft.export.label)}, {draft.export.rows:,} rows: {what}."]
    if not draft.profiles:
        lines = [f"# {what.capitalize()}, by a query."]
    lines += [f"# Missing: {_plain(said)}." for said in draft.missing]
    lines += [f"# {_plain(draft.rival)}."] if draft.rival else []
    lines += [f"# {_plain(note)}" for note in draft.notes]
    body = list(_body(draft, root))
    mark = "" if draft.stands else "# "
    lines += [f"{mark}{line}" if not line.startswith("# ") else line for line in body]
    unused = [n for n in draft.profiles if n not in {line.theirs for line in draft.lines}]
    used = "price" if draft.sql and draft.table == "transactions" else ""
    if unused and not used:
        lines.append(f"# Not mapped: {_plain(', '.join(unused))}.")
    return "\n".join(lines) + "\n"


def _body(draft: Draft, root: Path) -> Iterator[str]:
    for line in draft.lines:
        if _is_the_querys_own(draft, line):
            yield f"# {line.column}, {line.certainty}: {_plain(line.why)}."
    yield f"[tool.scorecard.facts.{draft.table}]"
    if draft.sql:
        unusual = "'''" in draft.sql or not draft.sql.replace("\n", "").isprintable()
        said = quoted(draft.sql) if unusual else f"'''\n{draft.sql}'''"
        yield from f"sql = {said}".split("\n")
    else:
        yield f"from = {quoted(place_of(draft.export, root))}"
    for setting in draft.settings:
        yield _said(f"{setting.key} = {setting.says}", setting.certainty, setting.why)
    for line in draft.lines:
        if not _is_the_querys_own(draft, line):
            yield _said(f"columns.{line.column} = {line.says}", line.certainty, line.why)


def _is_the_querys_own(draft: Draft, line: Line) -> bool:
    """Whether a query names the column as the contract does, so that nothing has to be said."""
    return bool(draft.sql) and not line.theirs and line.says == quoted(line.column)


def _said(line: str, certainty: str, why: str) -> str:
    shown = f"# {line}" if certainty == "doubtful" else line
    return f"{shown:{ALIGNED}}  # {certainty}: {_plain(why)}"


def _plain(text: str) -> str:
    """A text that can stand in a comment: one line, and nothing that is not seen."""
    return "".join(s for s in " ".join(text.split()) if s.isprintable())


STRATEGY = """\
# What the company chose: tiers of customers, who answers for what, and for each metric and tier
# either a deliberate strength or an accepted weakness. Only tiers are drafted here, out of the
# exports; what is a choice is yours. "scorecard check" reads this file and says what is missing.

"""
CHOICES = """
# Who answers for what, and gets which document. Take the "#" away, and name your own people.
# [[executive]]
# id = "managing-director"
# name = "…"
# role = "Managing director"
# email = "…"
#
# [[team]]
# id = "service"
# name = "Service"
# lead = "managing-director"
#
# [[owner]]
# id = "head-of-service"
# name = "…"
# role = "Head of service"
# team = "service"
# purpose = "…"                           # what for, in words that a customer would use

# A strength promises a level in a tier, and something pays for it; a weakness accepts a range.
# Nothing is chosen here. With these facts a stance can be on:
"""
STANCE = """\
#
# [[stance]]
# metric = {metric}
# tier = {best}
# kind = "strength"
# at_worst = "…"                          # as in {example}
# importance = 1
# owner = "head-of-service"
# funded_by = [{{ weakness = "…/…" }}]      # or {{ charge = "…" }}, {{ cost_cut = "…" }}
# trade_off = "…"
# approved_by = "…"
# declared = 2026-01-01                   # the day it is decided
# effective = 2026-02-01                  # the first day it is in force, later than that
"""
WAIVER = """
# To print figures before anything is chosen, say so.
# [[waiver]]
# lint = "no_strength"
# on = "*"
# reason = "figures first: nothing is chosen yet"
# by = "…"
"""
EXAMPLES = {
    "share": '"80 %"',
    "rate": '"20 %"',
    "ratio": '"1.2"',
    "hours": '"4 h"',
    "points": '"30"',
    "score": '"4.2"',
}


def strategy_text(tiering: Tiering, metrics: Iterable[Metric], currency: str) -> str:
    """strategy.toml: tiers, and the rest as comments, of metrics that the facts can measure."""
    text = STRATEGY + f'# {_plain(tiering.why)}.\n[tiers]\nmethod = "{tiering.method}"\n'
    shares = ["20 %", "30 %"] if tiering.method != "declared" else []
    for place, (id, label) in enumerate(tiering.tiers.items()):
        text += f"\n[[tier]]\nid = {quoted(id)}\nlabel = {quoted(label)}\n"
        if place < len(shares):
            text += f'share = "{shares[place]}"                         # of customers; change it\n'
        text += '# needs = "…"\n# alternatives = "…"\n'
    known = list(metrics)
    text += CHOICES if known else CHOICES.rpartition("\n\n")[0] + "\n"
    text += "".join(f"#   {m.name}: {_plain(m.label)}\n" for m in known)
    if known:
        example = EXAMPLES.get(known[0].unit.name, f'"100 {currency}"')
        best = quoted(next(iter(tiering.tiers)))
        text += STANCE.format(metric=quoted(known[0].name), best=best, example=example)
    return text + WAIVER


def measurable(metrics: Mapping[str, Metric], proposal: Proposal) -> list[Metric]:
    """The metrics that the tables and columns of the proposal are enough for, by their names."""
    have = {draft.table for draft in proposal.standing}
    have |= {f"{d.table}.{column}" for d in proposal.standing for column in d.mapped}
    found = [
        m for m in metrics.values() if all(any(c in have for c in choices(n)) for n in m.needs)
    ]
    surveys = proposal.draft("surveys")
    asked = surveys.mapped["instrument"].says if surveys and "instrument" in surveys.mapped else ""
    others = [i for i in SCALES if asked.startswith("{ value") and quoted(i) not in asked]
    return [m for m in found if not m.name.startswith(tuple(others) or ("-",))]
