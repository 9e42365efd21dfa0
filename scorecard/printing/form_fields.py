"""Form fields: what a pre-read's form offers to choose from, and how its token is written.

answer-ID                         the answer to a question
promise-text, -stance, -due       a new commitment, and
promise-to                        a goal that is better than its stance's limit
step-N, due-N, reason-N, why-N    an open commitment, renegotiated or withdrawn
read                              that it was read
token                             whose form it is; it is not shown, and stands on the page too
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pydyf

from scorecard.answering.model import REASONS
from scorecard.answering.rules import MOST_SIGNS, PROMISE_SIGNS
from scorecard.documents.asked_model import CommitmentLine
from scorecard.documents.model import Imprint
from scorecard.documents.preread_model import PreRead

TOKEN = "token"
READ_ONLY, HIDDEN = 1, 2
"""Of the flags of a field and of an annotation (ISO 32000-2, 12.7.4.1 and 12.5.3)."""
STEPS = (("renegotiate", "renegotiate it"), ("withdraw", "withdraw it"))
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FormFields:
    """What a form offers, each choice as what is sent and what is read.

    signs, promise_signs  the most signs of a text, and of a new commitment
    """

    token: str
    stances: Choices
    dues: Choices
    steps: Choices = STEPS
    reasons: Choices = tuple((reason, reason) for reason in REASONS)
    signs: int = MOST_SIGNS
    promise_signs: int = PROMISE_SIGNS

    def later(self, commitment: CommitmentLine) -> Choices:
        """The new ends that an open commitment can be given."""
        return tuple(due for due in self.dues if due[0] > commitment.ends)


def form_fields(document: PreRead, imprint: Imprint) -> FormFields:
    """The form of a pre-read. Periods of one kind are in the order of their keys."""
    stances = tuple(
        (s.key, f"{s.label} · {s.tier or s.cell.tier}" + (f" ({s.limits})" if s.limits else ""))
        for s in document.stances
        if s.key
    )
    return FormFields(imprint.form, stances, document.dues if stances else ())


def finish_fields(pdf: pydyf.PDF) -> None:
    """Write fields as every reader of PDFs takes them, and have the token's left as it is.

    All others are empty, so that none has to be drawn before somebody fills it in.
    """
    if "AcroForm" in pdf.catalog:
        pdf.catalog["AcroForm"]["NeedAppearances"] = "false"
    for item in pdf.objects:
        if not isinstance(item, pydyf.Dictionary) or item.get("Subtype") != "/Widget":
            continue
        left, top, right, bottom = item["Rect"]
        item["Rect"] = pydyf.Array((left, min(top, bottom), right, max(top, bottom)))
        if isinstance(look := item.get("DA"), pydyf.String):
            # Of a graphics state in a field's look most readers know nothing (12.7.4.3).
            item["DA"] = pydyf.String(re.sub(rb"/\S+ gs ", b"", _as_bytes(look.string)))
        name = item.get("T")
        if isinstance(name, pydyf.String) and name.string == TOKEN:
            item["Ff"], item["F"] = int(item.get("Ff", 0)) | READ_ONLY, HIDDEN


def _as_bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
