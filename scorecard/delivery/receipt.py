"""The receipt: what was recorded of a form, in lines that its page prints after it was sent."""

from __future__ import annotations

from collections.abc import Sequence

from scorecard.answering.model import Receipt
from scorecard.documents.grammar import listed, plural


def lines_of(receipt: Receipt, when: str) -> list[str]:
    """What was recorded, when, and what had been before; never empty."""
    said = []
    if receipt.answered:
        said.append(f"your answer to {_numbered('question', receipt.answered)}")
    if receipt.promised:
        said.append(_numbered("commitment", receipt.promised))
    if receipt.renegotiated:
        said.append(f"the new end of {_numbered('commitment', receipt.renegotiated)}")
    if receipt.withdrawn:
        said.append(f"that {_numbered('commitment', receipt.withdrawn)} is withdrawn")
    if receipt.read:
        said.append("that you have read this edition")
    first = f"Recorded {when}: {listed(said)}." if said else "Nothing new was recorded."
    return [first, *receipt.known]


def _numbered(noun: str, numbers: Sequence[int]) -> str:
    """ "question 2", "questions 1 and 2"."""
    return f"{plural(len(numbers), noun)} {listed(list(map(str, numbers)))}"
