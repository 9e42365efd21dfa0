"""The file of a reply: what an owner, an assistant or a script writes down of all that is said.

Every fault is noted with its line, and reading goes on, so that one reading finds all of them.
What is right of it goes through the door nevertheless, which says what else speaks against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from scorecard.answering.model import (
    REASONS,
    Promised,
    Reason,
    Renegotiated,
    Reply,
    Withdrawn,
)
from scorecard.answering.rules import PROMISE_SIGNS
from scorecard.base import bounds
from scorecard.base.findings import Finding
from scorecard.base.periods import Period
from scorecard.base.toml_file import Entry
from scorecard.base.toml_top import TopFile
from scorecard.errors import ProjectError
from scorecard.replies.door import Door

TABLES = ("answers", "commitment", "renegotiate", "withdraw")
"""The tables of the file; what stands before them says who speaks, and of which edition."""
_AS_IN_TEMPLATE = 'as "scorecard questions OWNER --as-reply" writes it'
T = TypeVar("T")


@dataclass(frozen=True)
class ReadReply:
    """A reply as far as it could be read, and what is wrong with its file.

    The reply's person is empty where the file names none. `addressed` is whether it says of which
    owner and edition it is: without them there is no door to go through.
    """

    reply: Reply
    findings: tuple[Finding, ...]

    @property
    def addressed(self) -> bool:
        return bool(self.reply.owner and self.reply.edition_id)


def read_reply(file: TopFile, door: Door, now: datetime) -> ReadReply:
    """Read a reply's file, whose goals are held against the stances in force today.

    An answer that is empty is none: a template is filled in as far as there is something to say.
    """
    return _Reader(file, door, now).read()


class _Reader:
    """Reads one file once."""

    def __init__(self, file: TopFile, door: Door, now: datetime) -> None:
        self.file, self.door, self.now = file, door, now

    def read(self) -> ReadReply:
        if self.file.data is None:
            return ReadReply(Reply("", "", "", "command"), tuple(self.file.findings()))
        top = self.file.top(TABLES)
        owner = top.reference("owner", "owner", self.door.strategy.owner_ids, required=True)
        if top.raw("edition") is None:
            top.note("missing_field", f'"edition" is missing; write it {_AS_IN_TEMPLATE}.')
        reply = Reply(
            owner,
            top.text("person"),
            top.text("edition"),
            "command",
            answers=tuple(self._answers()),
            promised=tuple(self._many("commitment", "moves", lambda e: self._promised(e, owner))),
            renegotiated=tuple(self._many("renegotiate", "commitment", self._renegotiated)),
            withdrawn=tuple(self._many("withdraw", "commitment", self._withdrawn)),
            read=_flag(top, "acknowledge"),
        )
        return ReadReply(reply, tuple(self.file.findings()))

    def _answers(self) -> Iterator[tuple[str, str]]:
        entry = self.file.one("answers")
        for id in entry.values:
            # Of a text that is too long the door says how many words it has.
            if text := entry.prose(id):
                yield id, text

    def _many(self, table: str, named: str, read: Callable[[Entry], T | None]) -> Iterator[T]:
        for entry in self.file.many(table, lambda values: str(values.get(named, ""))):
            said = read(entry)
            if said is not None and entry.sound:
                yield said

    def _promised(self, entry: Entry, owner: str) -> Promised | None:
        text = entry.text("text", required=True, longest=PROMISE_SIGNS)
        moves, due = entry.text("moves", required=True), self._due(entry)
        to = entry.raw("to")
        if not owner or not moves:
            return None
        try:
            goal = self.door.goal(owner, moves, self.now, "" if to is None else to)
        except ProjectError as error:
            entry.note("wrong_goal", str(error), "moves" if to is None else "to")
            return None
        return Promised(text, goal, due)

    def _renegotiated(self, entry: Entry) -> Renegotiated:
        number, due = _number(entry), self._due(entry)
        return Renegotiated(number, due, _reason(entry), entry.prose("words"))

    def _withdrawn(self, entry: Entry) -> Withdrawn:
        return Withdrawn(_number(entry), _reason(entry), entry.prose("words"))

    def _due(self, entry: Entry) -> str:
        """The key of the period that is written under "due"; empty where it is none."""
        text = entry.text("due", required=True)
        try:
            return Period.parse(text, self.door.zone).key if text else ""
        except ProjectError as error:
            entry.note("wrong_period", str(error), "due")
            return ""


def _number(entry: Entry) -> int:
    if entry.raw("commitment") is None:
        entry.note("missing_field", '"commitment" is missing; add commitment = 3, its number.')
    return entry.whole("commitment", 0)


def _reason(entry: Entry) -> Reason:
    return cast(Reason, entry.choice("because", REASONS, required=True))


def _flag(entry: Entry, key: str) -> bool:
    value: Any = entry.raw(key)
    if value is not None and not isinstance(value, bool):
        said = bounds.shortened(value)
        entry.note("wrong_type", f'{key} is "{said}"; write {key} = true, or leave it out.', key)
    return value is True
