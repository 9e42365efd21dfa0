"""What is asked of a run, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from scorecard.base.findings import Finding
from scorecard.documents.kinds import ISSUED

if TYPE_CHECKING:
    from scorecard.ledger import Run, StanceChange
    from scorecard.printing.publish import Published

Clock = Callable[[], datetime]
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many of it are done, and of how many."""
HELD = "The run is held, nothing was published: "


@dataclass(frozen=True)
class RunRequest:
    """What is asked of a run.

    documents    which kinds are published
    unready      why facts that are sound are not ready yet; empty where they are
    provisional  whether to publish nevertheless, stamped with the reason
    reason       why a document is made again, kept with its edition where it differs
    answer_by    until when owners may answer what a pre-read asks; None without a deadline
    """

    documents: Sequence[str] = ISSUED
    unready: str = ""
    provisional: bool = False
    reason: str = ""
    answer_by: datetime | None = None


EVERYTHING = RunRequest()
"""Every document that is issued, of facts that are ready and sound."""


@dataclass(frozen=True)
class Outcome:
    """What a run led to: files written, findings of the facts, and stances seen changed.

    `continued` where the run had been broken off; its `as_of` is then its own.
    """

    run: Run
    published: Sequence[Published]
    findings: Sequence[Finding]
    changes: Sequence[StanceChange]
    continued: bool = False
