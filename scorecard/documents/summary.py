"""Summary: the few rows of figures that a mail shows before its document is opened."""

from __future__ import annotations

from scorecard.documents.formats import DASH
from scorecard.documents.model import StanceLine, Table
from scorecard.documents.owner_model import OwnerScorecard
from scorecard.documents.packet_model import ExecutivePacket
from scorecard.documents.preread_model import PreRead
from scorecard.documents.team_model import TeamReview

MOST_ROWS = 10


def packet_summary(packet: ExecutivePacket) -> Table:
    """How many verdicts of each kind every tier has; "No decision" where a stance expired."""
    lapsed = any(t.no_decision != "0" for t in packet.tallies)
    labels = {tier.id: tier.label for tier in packet.tiers}
    rows = tuple(
        (
            labels.get(t.tier, t.tier),
            t.strengths_delivered,
            t.weaknesses_as_accepted,
            t.over_served,
            t.undecided,
            *((t.no_decision,) if lapsed else ()),
        )
        for t in packet.tallies
    )
    columns = (
        "Tier",
        "Strengths delivered",
        "Weaknesses as accepted",
        "Over-served",
        "Undecided",
        *(("No decision",) if lapsed else ()),
    )
    return Table("", columns, rows, (False, *[True] * (len(columns) - 1)))


def stances_summary(document: TeamReview | OwnerScorecard) -> Table | None:
    """The first ten stances with figure, limit and verdict; None where there is no stance."""
    stances = document.stances
    if not stances:
        return None
    rows = tuple(_row(each) for each in stances[:MOST_ROWS])
    more = len(stances) - len(rows)
    caption = f"The first {len(rows)} of {len(stances)} choices" if more else ""
    return Table(
        caption, ("Choice", "Figure", "Limit", "Verdict"), rows, (False, True, False, False)
    )


def questions_summary(document: PreRead) -> Table | None:
    """What is asked, after the number and the figure that raised it; None where nothing is."""
    asked = (line.question for line in document.questions)
    rows = tuple((f"{q.number}. {q.raised_by}", q.figure, q.text) for q in asked)
    if not rows:
        return None
    caption = f"To be answered by {document.answer_by}" if document.answer_by else ""
    return Table(caption, ("Raised by", "Figure", "Question"), rows, (False, False, False))


def _row(stance: StanceLine) -> tuple[str, str, str, str]:
    unit = "" if stance.cell.text == DASH else stance.unit
    figure = f"{stance.cell.text} {unit}".strip()
    return f"{stance.tier} · {stance.label}", figure, stance.limits, stance.cell.words
