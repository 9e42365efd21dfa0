"""What was promised, answered and proposed since the last packet, in a few lines.

Told from what is on record then and now, so that what was made less what was closed is by how much
the page of accountability counts more open commitments than that of the packet before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from scorecard.answering.model import Commitment
from scorecard.documents.grammar import plural
from scorecard.documents.packet_model import ExecutivePacket
from scorecard.documents.report_data import LastPacket
from scorecard.documents.view import ReportView

_CLOSINGS = ("kept, and it moved", "kept, no effect", "broken", "not shown", "withdrawn")
"""How a commitment ends, in the order in which that is told."""


def said_since(view: ReportView, packet: ExecutivePacket) -> tuple[str, ...]:
    """A line each on commitments, late answers and proposals; none of what did not happen, and
    none at all where it is not known as of when the last packet was read."""
    last = view.data.last
    if last is None or last.as_of is None:
        return ()
    lines = (
        _commitments(view, last, last.as_of),
        _answers(last, last.as_of),
        _proposals(view, packet, last, last.as_of),
    )
    return tuple(line for line in lines if line)


def _commitments(view: ReportView, last: LastPacket, then: datetime) -> str:
    """ "3 commitments were made and 2 closed (1 broken, 1 withdrawn); 1 was renegotiated. 5 are
    open, 4 were then." """
    known = view.data.answering.commitments
    before = {c.number: _as_it_was(c, last, then) for c in known if c.made_at <= then}
    made = len(known) - len(before)
    ended = [c for c in known if not c.is_open and _was_open(before.get(c.number))]
    moved = sum(s.step == "renegotiated" and s.at > then for c in known for s in c.steps)
    anew = sum(
        _became(c) != _became(was) for c in known if (was := before.get(c.number)) and was.last
    )
    said = []
    if made or ended:
        became = Counter(_became(c) for c in ended)
        counts = "; ".join(f"{became[what]} {what}" for what in _CLOSINGS if became[what])
        closed = f"{len(ended)} closed" + (f" ({counts})" if counts else "")
        said.append(f"{made} {plural(made, 'commitment')} {_were(made)} made and {closed}")
    if moved:
        said.append(f"{moved} {plural(moved, 'commitment')} {_were(moved)} renegotiated")
    if anew:
        said.append(f"{anew} {plural(anew, 'outcome')} {_were(anew)} found to be another one")
    if not said:
        return ""
    now, earlier = _open(known), _open(before.values())
    are = "is" if now == 1 else "are"
    return f"{'; '.join(said)}. {now} {are} open, {earlier} {_were(earlier)} then."


def _as_it_was(commitment: Commitment, last: LastPacket, then: datetime) -> Commitment:
    """The commitment as the last packet knew it: figures are known until it was frozen, what its
    owner did until the moment as of which it was read."""
    frozen = last.made_at or then
    kept = (s for s in commitment.steps if s.at <= (frozen if s.step == "settled" else then))
    return replace(commitment, steps=tuple(kept))


def _was_open(before: Commitment | None) -> bool:
    return before is None or before.is_open


def _became(commitment: Commitment) -> str:
    """ "broken", "withdrawn"; empty while it is open."""
    last = commitment.last
    return (last.outcome or last.step) if last is not None else ""


def _open(commitments: Iterable[Commitment]) -> int:
    return sum(c.is_open for c in commitments)


def _answers(last: LastPacket, then: datetime) -> str:
    """ "2 of 3 questions that had no answer then were answered since."; empty where all had one."""
    silent = [
        a.question.id
        for a in last.asked
        if not any(said.said_at <= then for said in last.answers.get(a.question.id, ()))
    ]
    of, late = len(silent), sum(id in last.answers for id in silent)
    if not of:
        return ""
    return (
        f"{late} of {of} {plural(of, 'question')} that had no answer then {_were(late)} answered "
        "since."
    )


def _proposals(view: ReportView, packet: ExecutivePacket, last: LastPacket, then: datetime) -> str:
    """ "2 proposals were handed in, 1 of them was sent back; 1 was reviewed." """
    new = [h for f in view.data.proposals for h in f.handed_in if h.at > then]
    back = sum(bool(h.missing) for h in new)
    decided = sum(
        bool(h.decision and h.decision.at > then) for f in view.data.proposals for h in f.handed_in
    )
    taken = sum(bool(f.withdrawn and f.withdrawn[0] > then) for f in view.data.proposals)
    reviewed = (_reviewed(packet) - _reviewed(last.document)).total()
    said = []
    if new:
        sent = f", {back} of them {_were(back)} sent back" if back else ""
        said.append(f"{_count(len(new))} handed in{sent}")
    said += [f"{_count(decided)} decided"] if decided else []
    said += [f"{_count(reviewed)} reviewed"] if reviewed else []
    said += [f"{_count(taken)} taken back"] if taken else []
    return f"{'; '.join(said)}." if said else ""


def _reviewed(packet: ExecutivePacket) -> Counter[tuple[str, str]]:
    """The proposals on the page of accountability whose review date has come, as often as there
    are some of that title from one person."""
    rows = packet.accountability.proposals if packet.accountability else ()
    return Counter((p.title, p.by) for p in rows if p.kind == "reviewed")


def _count(n: int) -> str:
    return f"{n} {plural(n, 'proposal')} {_were(n)}"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
