"""Console output about runs, deliveries, addresses and health: tables or JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from scorecard.cli.console import shown
from scorecard.cli.terminal import one_line, out, stream_json, write_json
from scorecard.documents.formats import DASH
from scorecard.ledger import (
    OPEN,
    AddressEvent,
    Attempt,
    Delivery,
    ExpectedRun,
    LinkUse,
    ReplyLink,
    Run,
)

if TYPE_CHECKING:
    from scorecard.delivery.dry_run import DryRunMail
    from scorecard.delivery.health import Health
    from scorecard.delivery.sending import SendingTally

_SHORT = 12
"""Hexadecimal digits of a hash that a table shows."""
_NO_SERVE = "no serve is running (none is needed with cron)"


def show_health(health: Health, tz: ZoneInfo, *, as_json: bool) -> None:
    """Each schedule's last and next run, the clock, counts of deliveries, and the troubles."""
    if as_json:
        write_json(_health(health))
        return
    rows = []
    for each in health.schedules:
        last, coming = each.last, each.next
        rows.append(
            (
                each.schedule,
                last.period if last else DASH,
                _at(last.due_at, tz) if last else DASH,
                last.state if last else DASH,
                str(coming.period) if coming else DASH,
                _at(coming.due, tz) if coming else DASH,
            )
        )
    print_rows(("schedule", "last", f"was due ({tz})", "state", "next", "is due"), rows)
    say(f"Deliveries: {_counted(health.deliveries) or 'none'}.")
    kept = f"kept by {health.clock.holder}" if health.clock else _NO_SERVE
    say(f"Clock: {kept}.")
    if health.journal:
        say(f"Journal: {health.journal.said}.")
    for trouble in health.troubles:
        say(f"trouble: {trouble}")
    if health.good:
        say("No trouble.")


def show_expected(
    expected: Sequence[ExpectedRun], runs: Mapping[str, Run], tz: ZoneInfo, *, as_json: bool
) -> None:
    """The runs that schedules owed, each with its state."""
    if as_json:
        write_json([_plain(asdict(e)) | _run(runs.get(e.run_id or "")) for e in expected])
        return
    if not expected:
        say('No schedule has owed a run yet; "scorecard next" prints those to come.')
        return
    rows = [
        (
            _at(each.due_at, tz),
            each.schedule,
            each.period,
            each.state,
            str(each.tries),
            _at(each.finished_at, tz),
            each.run_id or DASH,
        )
        for each in expected
    ]
    said = [
        _sentences(each.reason, _next_try(each.state, each.next_try_at, tz)) for each in expected
    ]
    head = (f"due ({tz})", "schedule", "period", "state", "tries", "finished", "run")
    print_rows(head, rows, said)


def show_runs(runs: Sequence[Run], tz: ZoneInfo, *, as_json: bool) -> None:
    """Every attempt at a period, with its furthest step and the hash of its inputs."""
    if as_json:
        write_json([_run(run) for run in runs])
        return
    if not runs:
        say('Nothing was run yet; "scorecard run --period 2026-10" does.')
        return
    rows, said = [], []
    for run in runs:
        rows.append(
            (
                _at(run.started_at, tz),
                run.period,
                run.id,
                run.step,
                _at(run.as_of, tz),
                run.inputs[:_SHORT],
            )
        )
        error, stamp = str(run.detail.get("error", "")), str(run.detail.get("stamp", ""))
        findings = [
            str(f.get("message", "")) for f in run.detail.get("findings", ()) if isinstance(f, dict)
        ]
        said.append(_sentences(error, *findings, f"provisional: {stamp}" if stamp else ""))
    print_rows((f"began ({tz})", "period", "run", "step", "as of", "inputs"), rows, said)


def show_deliveries(deliveries: Iterable[Delivery], tz: ZoneInfo, *, as_json: bool) -> None:
    """Deliveries with recipient, time, hash and reply. JSON is streamed: there may be many."""
    if as_json:
        stream_json(_delivery(each) for each in deliveries)
        return
    rows, said, counts = [], [], Counter[str]()
    for each in deliveries:
        rows.append(
            (
                _at(each.finished_at or each.queued_at, tz),
                each.state,
                each.recipient or each.name,
                each.kind,
                each.schedule or DASH,
                each.period or DASH,
                each.id,
            )
        )
        pdf = f"PDF {each.sha256[:_SHORT]}" if each.sha256 else ""
        said.append(_sentences(pdf, each.reply, _next_try(each.state, each.next_try_at, tz)))
        counts[each.state] += 1
    if rows:
        head = (f"when ({tz})", "state", "to", "what", "schedule", "period", "id")
        print_rows(head, rows, said)
    say(f"Deliveries: {_counted(counts) or 'none'}.")


def show_delivery(
    delivery: Delivery, attempts: Sequence[Attempt], tz: ZoneInfo, *, as_json: bool
) -> None:
    """One delivery with every try."""
    if as_json:
        write_json(_delivery(delivery) | {"attempts": [_plain(asdict(a)) for a in attempts]})
        return
    d = delivery
    size = f"{d.size:,} bytes" if d.size else ""
    facts = (
        ("delivery", d.id),
        ("what", ", ".join(p for p in (d.kind, d.schedule, d.period) if p)),
        ("to", " ".join(p for p in (d.name, d.recipient) if p) + f", by {d.channel}"),
        ("state", d.state),
        ("queued", f"{_at(d.queued_at, tz)} {tz}"),
        ("finished", _at(d.finished_at, tz)),
        ("next try", _at(d.next_try_at, tz) if d.state in OPEN else ""),
        ("PDF", f"sha256 {d.sha256}" if d.sha256 else ""),
        ("message", " ".join(p for p in (d.message_id, size) if p)),
    )
    for name, fact in facts:
        if fact:
            say(f"{name:10}{fact}")
    if attempts:
        say("")
        rows = [(str(a.number), _at(a.at, tz), a.outcome, str(a.code or DASH)) for a in attempts]
        print_rows(("try", "at", "outcome", "code"), rows, [a.reply for a in attempts])


def show_addresses(events: Sequence[AddressEvent], tz: ZoneInfo, *, as_json: bool) -> None:
    if as_json:
        write_json([_plain(asdict(e)) for e in events])
        return
    if not events:
        say("Every address is written to.")
        return
    rows = [(_at(e.at, tz), e.address, e.event) for e in events]
    print_rows(("since", "address", "state"), rows, [e.reason for e in events])


def show_dry_run(mails: Sequence[DryRunMail], folder: Path) -> None:
    """The mails that would be sent, and why others would not; `folder` has the messages."""
    if mails:
        rows = [
            (m.recipient or DASH, m.name, m.document, m.scope, f"{m.size:,}" if m.size else DASH)
            for m in mails
        ]
        refused = [f"not sent: {m.refused}" if m.refused else "" for m in mails]
        print_rows(("to", "name", "document", "of", "bytes"), rows, refused)
    sendable = sum(not each.refused for each in mails)
    say(f"{sendable} of {len(mails)} would be sent; nothing was.")
    if folder.is_dir():
        say(f"See {shown(folder)}")


def show_tally(tally: SendingTally, *, as_json: bool) -> None:
    if as_json:
        write_json(asdict(tally))
        return
    say(f"{tally.sent} sent, {tally.deferred} deferred, {tally.failed} failed.")


def _health(health: Health) -> dict[str, Any]:
    schedules = [
        {
            "schedule": s.schedule,
            "title": s.title,
            "zone": s.zone,
            "last": _plain(asdict(s.last)) if s.last else None,
            "next": {"period": s.next.period.key, "due": s.next.due.isoformat()}
            if s.next
            else None,
        }
        for s in health.schedules
    ]
    return {
        "at": health.at.isoformat(),
        "good": health.good,
        "troubles": list(health.troubles),
        "schedules": schedules,
        "clock": _plain(asdict(health.clock)) if health.clock else None,
        "deliveries": dict(health.deliveries),
        "journal": health.journal.written if health.journal else None,
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    # The mail's content, and which process works on it, say nothing about what was delivered.
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


def print_rows(
    head: Sequence[str], rows: Sequence[Sequence[str]], said: Sequence[str] = ()
) -> None:
    """Columns as wide as their widest cell; the remark on a row is printed below it."""
    if not rows:
        return
    from rich.cells import cell_len, set_cell_size

    rows = [[one_line(cell) for cell in cells] for cells in rows]
    widths = [max(map(cell_len, column)) for column in zip(head, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        return "  ".join(map(set_cell_size, cells, widths)).rstrip()

    say(line(head), style="bold")
    for cells, words in zip_longest(rows, said, fillvalue=""):
        say(line(cells))
        if words:
            say(f"    {' '.join(words.split())}")


def say(line: str, style: str = "") -> None:
    """Print one line, unwrapped: a terminal may break it, and redirected output has it whole."""
    out().print(line, markup=False, soft_wrap=True, style=style or None)


def _sentences(*said: str) -> str:
    return "; ".join(each.rstrip(".") for each in said if each)


def _counted(counts: Mapping[str, int]) -> str:
    """ "1 refused, 4 sent"."""
    return ", ".join(f"{n} {state}" for state, n in sorted(counts.items()))


def _next_try(state: str, moment: datetime, tz: ZoneInfo) -> str:
    return f"next try {_at(moment, tz)}" if state in ("held", "deferred") else ""


def _at(moment: datetime | None, tz: ZoneInfo) -> str:
    return f"{moment.astimezone(tz):%Y-%m-%d %H:%M}" if moment else DASH


def show_links(
    links: Sequence[tuple[ReplyLink, Sequence[LinkUse]]],
    tz: ZoneInfo,
    now: datetime,
    *,
    as_json: bool,
) -> None:
    """Links, whether each still opens its page, and its last use."""
    if as_json:
        write_json([_plain(asdict(link)) | {"uses": len(uses)} for link, uses in links])
        return
    if not links:
        say("No link was made yet.")
        return
    rows = []
    for link, uses in links:
        state = "revoked" if link.revoked_at else "over" if link.is_over(now) else "open"
        last = f"{uses[-1].event} {_at(uses[-1].at, tz)}" if uses else DASH
        rows.append((link.id, link.owner, link.person, _at(link.expires_at, tz), state, last))
    print_rows(("link", "of", "for", f"until ({tz})", "state", "last use"), rows)


def show_link_uses(uses: Sequence[LinkUse], tz: ZoneInfo, *, as_json: bool) -> None:
    """Every use of one link, the first one first."""
    if as_json:
        write_json([_plain(asdict(use)) for use in uses])
        return
    if not uses:
        say("It was not used yet.")
        return
    rows = [(_at(use.at, tz), use.event) for use in uses]
    print_rows((f"at ({tz})", "what"), rows, [use.said for use in uses])
