"""Reports to the operator: one mail about all deliveries that failed for good."""

from __future__ import annotations

from datetime import datetime

from scorecard.delivery.new_deliveries import NewDeliveries, failure_key
from scorecard.ledger import Delivery, Ledger
from scorecard.project.settings import Project

MOST_NAMED = 40
"""Failed deliveries named in one mail; the others are counted."""


def tell_operator(project: Project, ledger: Ledger, now: datetime) -> int:
    """Queue one mail about all failures not reported yet; returns the number of failures.

    A failure to reach the operator is not reported to the operator.
    """
    untold = ledger.untold()
    failed = [d for d in untold if d.kind != "operator"]
    if failed:
        new = NewDeliveries(project, project.formats, now, ledger.keyed)
        count = f"{len(failed)} {'delivery' if len(failed) == 1 else 'deliveries'}"
        # With the time, so that one that is queued again and fails again is reported again.
        key = failure_key([f"{d.id} {d.finished_at}" for d in failed])
        lines = [_said(d) for d in failed[:MOST_NAMED]]
        more = len(failed) - len(lines)
        lines += [f"{more} more: scorecard deliveries --failed"] if more else []
        lines.append(f"The ledger's journal is at {ledger.head().written}.")
        lines.append('When the cause is mended: "scorecard resend --failed".')
        ledger.queue(new.operator(key, f"{count} did not arrive.", lines), now)
    ledger.tell([d.id for d in untold])
    return len(failed)


def _said(delivery: Delivery) -> str:
    what = " ".join(p for p in (delivery.schedule, delivery.period, delivery.kind) if p)
    return f"{delivery.recipient or delivery.name}: {what}, {delivery.state}: {delivery.reply}"
