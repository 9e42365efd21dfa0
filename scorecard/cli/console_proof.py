"""What `verify` prints."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from scorecard.editions.naming import name_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from scorecard.editions.proof import Proof
    from scorecard.verify import Verified

MOST_SHOWN = 20
"""Things that are listed; the others are counted, and all are in the JSON."""


def _printable(text: str) -> str:
    """A name as an altered ledger has it, without what would steer a terminal."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def show_verified(found: Verified, zone: ZoneInfo, *, as_json: bool) -> None:
    """The first thing that is not what it was, how many there are, and the head of the journal."""
    if as_json:
        document = {
            "ledger": found.ledger,
            "head": found.head.written,
            "records": found.records,
            "documents": found.documents,
            "snapshots": found.snapshots,
            "good": found.good,
            "wrong": [asdict(each) for each in found.wrong],
            "missing": list(found.missing),
            "strange": list(found.strange),
            "accepted": [asdict(each) | {"at": each.at.isoformat()} for each in found.accepted],
            "editions": [_proof(each) for each in found.proofs],
            "unfound": found.unfound,
        }
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    for each in found.accepted:
        at = each.at.astimezone(zone)
        typer.echo(f"Accepted on {at:%Y-%m-%d %H:%M}: {_printable(each.said)}")
    for name in found.missing[:MOST_SHOWN]:
        typer.echo(
            f'{_printable(name)} is not in the output folder; "scorecard run" of its period draws '
            "it again."
        )
    if len(found.missing) > MOST_SHOWN:
        typer.echo(f"{len(found.missing) - MOST_SHOWN} more documents are not there.")
    for name in found.strange[:MOST_SHOWN]:
        typer.echo(f"{_printable(name)} is no document of this ledger.")
    if len(found.strange) > MOST_SHOWN:
        typer.echo(f"{len(found.strange) - MOST_SHOWN} more PDFs are not.")
    for proof in found.proofs:
        _show_proof(proof)
    if found.unfound:
        typer.echo(_printable(found.unfound))
    for nth, wrong in enumerate(found.wrong[:MOST_SHOWN]):
        typer.echo(f"{'First: ' if nth == 0 else ''}{_printable(wrong.name)} {wrong.said}")
    count = len(found.wrong)
    if count > MOST_SHOWN:
        typer.echo(f"… and {count - MOST_SHOWN} more: scorecard verify --json")
    counted = (
        f"{found.records:,} records, {found.documents:,} documents and {found.snapshots:,} "
        "frozen tiers and notes on them"
    )
    if count:
        typer.echo(f"{count:,} of {counted} {'is' if count == 1 else 'are'} not what was written.")
    else:
        typer.echo(f"All is what it was: {counted}.")
    typer.echo(f"Journal: {found.head.said}  ({found.head.written})")


def _show_proof(of: Proof) -> None:
    """Whether one edition is what was recorded, what was compared and why; what differs today."""
    name, redrawn = name_of(of.edition), of.redrawn
    if of.wrong:
        typer.echo(f"{name} is not what was recorded.")
        for nth, wrong in enumerate(of.wrong[:MOST_SHOWN]):
            typer.echo(f"  {'First: ' if nth == 0 else ''}{_printable(wrong.name)} {wrong.said}")
    else:
        typer.echo(f"{name} is what was recorded.")
    compared = {"nothing": "Not compared", "bytes": "By its bytes", "content": "By its content"}
    typer.echo(f"  {compared[redrawn.by]}: {redrawn.why}.")
    if redrawn.other and redrawn.by != "content":
        typer.echo(f"  Otherwise today: {'; '.join(redrawn.other)}.")


def _proof(of: Proof) -> dict[str, object]:
    return {
        "id": of.edition.id,
        "name": name_of(of.edition),
        "good": not of.wrong,
        "wrong": [asdict(each) for each in of.wrong],
        "compared": of.redrawn.by,
        "why": of.redrawn.why,
        "otherwise_today": list(of.redrawn.other),
    }
