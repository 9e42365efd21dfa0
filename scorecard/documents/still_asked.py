"""Questions that still stand: those that the newest pre-read asks, and those that were answered.

A correction may find that there was nothing to ask. What it asks no more is on record, and nobody
is printed as silent about it. What it asks still is told by its figures, until it is answered.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from scorecard.answering.model import Asked, Question
from scorecard.base.periods import Period
from scorecard.documents.kinds import PREREAD, read_document
from scorecard.documents.preread_model import PreRead

if TYPE_CHECKING:
    from scorecard.ledger import Ledger


def still_asked(
    ledger: Ledger, period: Period, owner: str = "", answered: Collection[str] | None = None
) -> list[Asked]:
    """The questions of a period that stand, of one post or of all, by post and number.

    `answered` has the ids of those with an answer, where they are known already. AlteredError where
    a question or a pre-read is not what was recorded.
    """
    asked = ledger.asked(period, owner)
    said = set(ledger.answers(period) if answered is None else answered)
    owners = dict.fromkeys(a.question.owner for a in asked if a.question.id not in said)
    newest = {each: _of_newest(ledger, period, each) for each in owners}
    found = []
    for each in asked:
        now = None if each.question.id in said else newest[each.question.owner]
        if now is None:
            found.append(each)
        elif each.question.id in now:
            found.append(replace(each, question=now[each.question.id]))
    return found


def _of_newest(ledger: Ledger, period: Period, owner: str) -> dict[str, Question] | None:
    """What the newest pre-read of a post asks, by id; None where it has no second one."""
    newest = ledger.newest_edition(PREREAD, owner, period.key)
    if newest is None or newest.number == 1:
        return None
    document = read_document(PREREAD, newest.content)
    assert isinstance(document, PreRead)
    return {line.question.id: line.question for line in document.questions}
