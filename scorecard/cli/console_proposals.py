"""What the commands on proposals print."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from scorecard.answering.handed_in import Filed, Found, HandedIn
from scorecard.answering.proposal import ACCEPTED, SENT_BACK
from scorecard.cli.terminal import out, write_json
from scorecard.definitions.metric import Metric
from scorecard.documents.drawing_board import found_in_words
from scorecard.strategy.model import Strategy

if TYPE_CHECKING:
    from scorecard.project.settings import Project


def show_proposals(
    filed: Sequence[Filed],
    strategy: Strategy,
    metrics: Mapping[str, Metric],
    project: Project,
    *,
    as_json: bool,
) -> None:
    """Each proposal with its state, and below it what is missing, or predicted and found."""
    if as_json:
        write_json([_plain(each) for each in filed])
        return
    console, f = out(), project.formats
    if not filed:
        console.print('No proposal was handed in; "scorecard hand-in FILE" does.', markup=False)
    for each in filed:
        last, title = each.last, each.last.proposal.title
        owner = strategy.owner(last.proposal.owner)
        by = owner.name if owner else last.proposal.owner or "nobody"
        when = f.day(last.at.astimezone(project.zone).date())
        head = f"{each.name}: {each.state}" + (f" · {title}" if title else "")
        console.print(f"{head} · {by} · handed in {when}", markup=False, soft_wrap=True)
        for said in _below(each, found_in_words(strategy, metrics, f), project):
            console.print(f"  {said}", markup=False, soft_wrap=True)


def _below(filed: Filed, in_words: Callable[[Found], str], project: Project) -> list[str]:
    if filed.withdrawn:
        at, reason = filed.withdrawn
        return [f"{project.formats.day(at.astimezone(project.zone).date())}: {reason}"]
    said = [in_words(found) for handed in filed.accepted for found in handed.found]
    said += [f"{m.item}: {m.said}" for m in filed.last.missing]
    day, decision = filed.last.proposal.review_on, filed.last.decision
    if decision is not None:
        on = project.formats.day(decision.at.astimezone(project.zone).date())
        said.insert(0, f"{decision.choice} by {decision.person} on {on}: {decision.reason}")
    if filed.state in ("accepted for decision", "decided for") and day is not None:
        said.append(f"review on {project.formats.day(day)}: {filed.last.proposal.measure}")
    return said


def show_handed_in(handed: HandedIn, new: bool, *, as_json: bool) -> None:
    """Whether a proposal passed the gate, or what it lacks, item by item."""
    name = handed.proposal.name
    if as_json:
        write_json(_row(handed) | {"name": name, "recorded": new})
        return
    console, known = out(), "" if new else ", as before"
    console.print(f"{name}: {SENT_BACK if handed.missing else ACCEPTED}{known}", markup=False)
    for missing in handed.missing:
        console.print(f"  {missing.item}: {missing.said}", markup=False, soft_wrap=True)


def _plain(filed: Filed) -> dict[str, object]:
    withdrawn = filed.withdrawn
    return {
        "name": filed.name,
        "state": filed.state,
        "withdrawn": withdrawn and {"at": withdrawn[0].isoformat(), "reason": withdrawn[1]},
        "handed_in": [_row(handed) for handed in filed.handed_in],
    }


def _row(handed: HandedIn) -> dict[str, Any]:
    proposal = asdict(handed.proposal)
    del proposal["name"]
    for profit in proposal["profit"]:
        profit["by"] = str(profit["by"])
    for inquiry in proposal["asked"]:
        inquiry["on"] = str(inquiry["on"])
    proposal["review_on"] = proposal["review_on"] and str(proposal["review_on"])
    return {
        "number": handed.number,
        "at": handed.at.isoformat(),
        "state": handed.state,
        "hash": handed.hash,
        "missing": [asdict(m) for m in handed.missing],
        "found": [asdict(f) for f in handed.found],
        "decision": handed.decision
        and asdict(handed.decision) | {"at": handed.decision.at.isoformat()},
        "proposal": proposal,
    }
