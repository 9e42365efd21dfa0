"""Runs, deliveries and how things stand on the console, for a person or a program."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Table

from scorecard.console import out
from scorecard.formats import DASH
from scorecard.health import Health
from scorecard.ledger import AddressEvent, Attempt, Delivery, Expected, Run
from scorecard.rehearsal import Rehearsed
from scorecard.sending import Tally

_SHORT = 12


def show_health(health: Health, tz: ZoneInfo, *, as_json: bool) -> None:
    """Each schedule's last and next run, the clock, the outbox, and what is wrong."""
    if as_json:
        _print_json(_health(health))
        return
    table = _table("schedule", "last", "due", "state", "next", "due")
    for each in health.schedules:
        last, coming = each.last, each.next
        table.add_row(
            each.schedule,
            last.period if last else DASH,
            _at(last.due_at, tz) if last else DASH,
            last.state if last else DASH,
            str(coming.period) if coming else DASH,
            _at(coming.due, tz) if coming else DASH,
        )
    console = out()
    console.print(table, markup=False)
    counts = ", ".join(f"{n} {state}" for state, n in sorted(health.deliveries.items()))
    console.print(f"Deliveries: {counts or 'none'}.", markup=False)
    kept = f"kept by {health.clock.holder}" if health.clock else "kept by nobody at the moment"
    console.print(f"Clock: {kept}.", markup=False)
    for trouble in health.troubles:
        console.print(f"trouble: {trouble}", markup=False)


def show_expected(
    expected: Sequence[Expected], runs: Mapping[str, Run], tz: ZoneInfo, *, as_json: bool
) -> None:
    """The runs that schedules owed, and what became of each."""
    if as_json:
        _print_json([_plain(asdict(e)) | _run(runs.get(e.run_id or "")) for e in expected])
        return
    table = _table("due", "schedule", "period", "state", "tries", "finished", "run", "reason")
    for each in expected:
        table.add_row(
            _at(each.due_at, tz), each.schedule, each.period, each.state, str(each.tries),
            _at(each.finished_at, tz), each.run_id or DASH, each.reason,
        )  # fmt: skip
    out().print(table, markup=False)


def show_runs(runs: Sequence[Run], tz: ZoneInfo, *, as_json: bool) -> None:
    """Every attempt at a period: what it read, how far it got."""
    if as_json:
        _print_json([_run(run) for run in runs])
        return
    table = _table("began", "period", "run", "step", "as of", "inputs", "said")
    for run in runs:
        said = str(run.detail.get("error", "")) or "; ".join(
            str(f.get("message", "")) for f in run.detail.get("findings", ())
        )
        table.add_row(
            _at(run.started_at, tz), run.period, run.id, run.step, _at(run.as_of, tz),
            run.inputs[:_SHORT], said,
        )  # fmt: skip
    out().print(table, markup=False)


def show_deliveries(deliveries: Iterable[Delivery], tz: ZoneInfo, *, as_json: bool) -> None:
    """What went to whom, when, with which hash, and what the server said. Streams JSON."""
    if as_json:
        _stream_json(_delivery(each) for each in deliveries)
        return
    table = _table(
        "queued",
        "schedule",
        "period",
        "what",
        "to",
        "state",
        "tries",
        "finished",
        "sha256",
        "reply",
    )
    for each in deliveries:
        table.add_row(
            _at(each.queued_at, tz), each.schedule or DASH, each.period or DASH, each.kind,
            each.recipient or each.name, each.state, str(each.tries), _at(each.finished_at, tz),
            each.sha256[:_SHORT] or DASH, f"{each.code or ''} {each.reply}".strip(),
        )  # fmt: skip
    out().print(table, markup=False)


def show_delivery(
    delivery: Delivery, attempts: Sequence[Attempt], tz: ZoneInfo, *, as_json: bool
) -> None:
    """One delivery with every try."""
    if as_json:
        _print_json(_delivery(delivery) | {"attempts": [_plain(asdict(a)) for a in attempts]})
        return
    show_deliveries([delivery], tz, as_json=False)
    table = _table("try", "at", "outcome", "code", "reply")
    for each in attempts:
        code = str(each.code or DASH)
        table.add_row(str(each.number), _at(each.at, tz), each.outcome, code, each.reply)
    console = out()
    console.print(f"Message-ID {delivery.message_id}", markup=False)
    console.print(table, markup=False)


def show_addresses(events: Sequence[AddressEvent], tz: ZoneInfo, *, as_json: bool) -> None:
    if as_json:
        _print_json([_plain(asdict(e)) for e in events])
        return
    table = _table("since", "address", "state", "reason")
    for each in events:
        table.add_row(_at(each.at, tz), each.address, each.event, each.reason)
    out().print(table, markup=False)


def show_rehearsed(mails: Sequence[Rehearsed]) -> None:
    """What would be sent to whom, and what would not, and why."""
    table = _table("to", "name", "document", "of", "bytes", "said")
    for each in mails:
        size = str(each.size) if each.size else DASH
        table.add_row(
            each.recipient or DASH, each.name, each.document, each.scope, size, each.refused
        )
    console = out()
    console.print(table, markup=False)
    going = sum(not each.refused for each in mails)
    console.print(f"{going} of {len(mails)} would be sent; nothing was.", markup=False)


def show_tally(tally: Tally, *, as_json: bool) -> None:
    if as_json:
        _print_json(asdict(tally))
        return
    sys.stdout.write(f"{tally.sent} sent, {tally.deferred} deferred, {tally.failed} failed.\n")


def _health(health: Health) -> dict[str, Any]:
    schedules = [
        {
            "schedule": s.schedule, "title": s.title, "zone": s.zone,
            "last": _plain(asdict(s.last)) if s.last else None,
            "next": {"period": s.next.period.key, "due": s.next.due.isoformat()}
            if s.next else None,
        }
        for s in health.schedules
    ]  # fmt: skip
    return {
        "at": health.at.isoformat(), "good": health.good, "troubles": list(health.troubles),
        "schedules": schedules, "clock": _plain(asdict(health.clock)) if health.clock else None,
        "deliveries": dict(health.deliveries),
    }  # fmt: skip


def _delivery(delivery: Delivery) -> dict[str, Any]:
    fields = _plain(asdict(delivery))
    del fields["letter"], fields["holder"], fields["beat_at"]
    return fields


def _run(run: Run | None) -> dict[str, Any]:
    if run is None:
        return {"run": None}
    kept = {k: v for k, v in run.detail.items() if k != "lineage"}
    return {"run": _plain({**asdict(run), "detail": kept})}


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in fields.items()
    }


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name, no_wrap=name not in ("reply", "reason", "said"), overflow="fold")
    return table


def _at(moment: datetime | None, tz: ZoneInfo) -> str:
    return f"{moment.astimezone(tz):%Y-%m-%d %H:%M}" if moment else DASH


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _stream_json(values: Iterable[Any]) -> None:
    sys.stdout.write("[")
    for index, value in enumerate(values):
        sys.stdout.write(",\n" if index else "\n")
        sys.stdout.write(json.dumps(value, ensure_ascii=False))
    sys.stdout.write("\n]\n")
