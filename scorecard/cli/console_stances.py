"""What the command stances prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from scorecard.cli.terminal import one_line, out, write_json
from scorecard.documents.formats import DASH, Formats
from scorecard.strategy.accountability import approves_own
from scorecard.strategy.model import Stance, Strategy

if TYPE_CHECKING:
    from scorecard.ledger import Registered

COLUMNS = ("stance", "kind", "limits", "owner", "approved by", "from", "holds until", "state")
WRAPPED = ("approved by", "state")


def show_stances(
    versions: Sequence[Registered],
    strategy: Strategy,
    formats: Formats,
    *,
    every: bool,
    as_json: bool,
) -> None:
    """Versions by metric and tier, the first seen first; those that say nothing any more only
    where `every` one is asked for."""
    if as_json:
        write_json([_plain(each, strategy) for each in versions])
        return
    shown = [v for v in versions if every or v.standing not in ("replaced", "removed")]
    if not shown:
        out().print("No stance was seen yet; the first run does.", markup=False)
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in COLUMNS:
        table.add_column(name, no_wrap=name not in WRAPPED)
    for each in sorted(shown, key=lambda v: v.change.key):
        table.add_row(*map(one_line, _line(each, strategy, formats, every)))
    out().print(table, markup=False)


def _line(version: Registered, strategy: Strategy, f: Formats, noted: bool) -> tuple[str, ...]:
    change, stance = version.change, _stance(version)
    last = stance.ends - timedelta(days=1) if stance.ends else None
    state: str = version.standing
    if state == "no decision":
        state = f"no decision since {f.day(stance.ends)}" if stance.ends else state
    if change.note and noted:
        state += f"; {change.note}"
    return (
        change.key,
        stance.kind,
        " to ".join(w for w in stance.written if w),
        stance.owner,
        _approver(stance, strategy),
        f.day(change.in_force_from),
        DASH if change.stance is None or last is None else f.day(last),
        state,
    )


def _approver(stance: Stance, strategy: Strategy) -> str:
    own = ", its own owner" if approves_own(strategy, stance) else ""
    return f"{stance.approved_by}{own}"


def _stance(version: Registered) -> Stance:
    stance = version.change.stance or version.change.previous
    if stance is None:
        raise ValueError("A version has a stance, or ends one.")
    return stance


def _plain(version: Registered, strategy: Strategy) -> dict[str, Any]:
    change, stance = version.change, _stance(version)
    days = ("declared", "effective", "until", "review_on")
    chosen = {k: str(v) if k in days and v else v for k, v in asdict(stance).items()}
    del chosen["line"]
    return {
        "key": change.key,
        "standing": version.standing,
        "kind_of_change": change.kind,
        "version": change.version,
        "first_seen_at": change.first_seen_at.isoformat(),
        "in_force_from": str(change.in_force_from),
        "ends": str(stance.ends) if stance.ends else None,
        "approved_by_owner": approves_own(strategy, stance),
        "note": change.note,
        "stance": chosen,
    }
