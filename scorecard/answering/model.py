"""Questions, answers and commitments as frozen values.

A post is an owner's entry in the strategy, and keeps its history when another person takes it
over. Whoever wrote something is kept beside it by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Trigger = Literal[
    "not delivered, routine",
    "not delivered, exceptional",
    "beyond acceptance",
    "over-served strength",
    "over-served weakness",
    "undecided",
    "exceptional",
    "broken commitment",
    "expired stance",
    "tier gap",
    "effort and value",
    "uncharged service",
    "predictable failure",
    "wrong customers",
    "broken promise",
]
"""What raised a question; of one owner, period and subject each raises at most one."""
Theme = Literal["service", "money"]
Source = Literal["desk", "form", "command"]
"""By which of the three ways something was said: the browser, the PDF, the command line."""
Outcome = Literal["kept, and it moved", "kept, no effect", "broken", "not shown"]
"""What the metric says at the due period; "not shown" where its evidence does not decide."""
Step = Literal["renegotiated", "withdrawn", "settled"]
Reason = Literal["", "staffing", "scope", "supplier", "customer", "data", "money", "other"]
REASONS: tuple[Reason, ...] = (
    "staffing",
    "scope",
    "supplier",
    "customer",
    "data",
    "money",
    "other",
)
"""Why a commitment was broken, moved or withdrawn; told by the owner, never by the metric."""


@dataclass(frozen=True)
class Question:
    """What a post is asked about a period.

    id         twelve hex digits, the same whenever the same is asked
    number     its place among the post's questions of the period, from 1
    about      the stance's key, "csat/gold", or what else raised it, such as "discretionary"
    raised_by  what raised it as printed, "First human reply · Gold"
    figure     the figure that raised it as printed, "5.8 h (5.1–6.6), n 1,204"
    page       the page of the packet that shows it, by name
    """

    id: str
    period: str
    owner: str
    number: int
    trigger: Trigger
    theme: Theme
    about: str
    text: str
    raised_by: str
    figure: str
    page: str


@dataclass(frozen=True)
class Asked:
    """A question as it was put: in which edition, when, and until when it can be answered."""

    question: Question
    edition_id: str
    asked_at: datetime
    answer_by: datetime | None


@dataclass(frozen=True)
class Answer:
    """What somebody answered. A later one is added and replaces none; the last one is printed."""

    question_id: str
    number: int
    person: str
    text: str
    source: Source
    edition_id: str
    said_at: datetime


@dataclass(frozen=True)
class Goal:
    """What a commitment has to reach: a region of a metric in a tier, in base units.

    Both limits are as a stance's, in the metric's own direction; None where there is none.
    """

    metric: str
    tier: str
    at_worst: float | None
    at_best: float | None

    @property
    def key(self) -> str:
        return f"{self.metric}/{self.tier}"


@dataclass(frozen=True)
class CommitmentStep:
    """What happened to a commitment. `due` is the new period of one that was renegotiated.

    `outcome`, `value`, `low`, `high` and `n` are those of one that was settled, with the run that
    computed them.
    """

    step: Step
    at: datetime
    person: str = ""
    source: Source | Literal[""] = ""
    reason: Reason = ""
    text: str = ""
    due: str = ""
    outcome: Outcome | Literal[""] = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    run_id: str = ""


@dataclass(frozen=True)
class Commitment:
    """What an owner promised: in words, which figure it moves, and by the end of which period.

    number   counts from 1 over all owners of a ledger
    owner    the post
    made_in  the edition that was read when it was made; empty where none
    period   the period that the edition is about, whose figure it sets out from
    """

    number: int
    owner: str
    person: str
    text: str
    goal: Goal
    due: str
    period: str
    made_in: str
    made_at: datetime
    source: Source
    steps: tuple[CommitmentStep, ...] = ()

    @property
    def due_now(self) -> str:
        """The period at whose end it is due, after it was renegotiated."""
        moved = [s.due for s in self.steps if s.step == "renegotiated"]
        return moved[-1] if moved else self.due

    @property
    def last(self) -> CommitmentStep | None:
        """The step that closed it; None while it is open."""
        closing = [s for s in self.steps if s.step != "renegotiated"]
        return closing[-1] if closing else None

    @property
    def is_open(self) -> bool:
        return self.last is None


@dataclass(frozen=True)
class Acknowledgement:
    """That somebody has read an edition, when, and by which way it was said."""

    edition_id: str
    person: str
    source: Source
    at: datetime


@dataclass(frozen=True)
class Unread:
    """A page that asked its owner to say that they have read it, and nobody did.

    document   its kind, "pre-read" or "owner-scorecard"; `number` is that of its newest edition
    answer_by  until when its questions could be answered; None where it put none, or without end
    """

    owner: str
    document: str
    period: str
    number: int
    answer_by: datetime | None = None


@dataclass(frozen=True)
class Promised:
    """A commitment as an owner wants to make it; `due` is a period's key."""

    text: str
    goal: Goal
    due: str


@dataclass(frozen=True)
class Renegotiated:
    """Another due period for an open commitment, and why."""

    number: int
    due: str
    reason: Reason
    text: str = ""


@dataclass(frozen=True)
class Withdrawn:
    """That an open commitment is not going to be kept, and why."""

    number: int
    reason: Reason
    text: str = ""


@dataclass(frozen=True)
class Reply:
    """All that somebody says for a post at a time, by one of the three ways.

    owner       the post
    person      who says it, by name
    edition_id  the edition that they read: a pre-read, or an owner's page
    answers     text by question
    read        that they acknowledge the edition
    """

    owner: str
    person: str
    edition_id: str
    source: Source
    answers: tuple[tuple[str, str], ...] = ()
    promised: tuple[Promised, ...] = ()
    renegotiated: tuple[Renegotiated, ...] = ()
    withdrawn: tuple[Withdrawn, ...] = ()
    read: bool = False


@dataclass(frozen=True)
class Receipt:
    """What was recorded of a reply. What had been recorded before is in `known`, in words."""

    answered: tuple[int, ...] = ()
    promised: tuple[int, ...] = ()
    renegotiated: tuple[int, ...] = ()
    withdrawn: tuple[int, ...] = ()
    read: bool = False
    known: tuple[str, ...] = ()
