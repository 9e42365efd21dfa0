"""The packet's page of accountability, complete as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OwnerRecord:
    """One post: its questions of the period, and its commitments of the last twelve months.

    `answered` is "4 of 4", `silent` "No answer by 13 Nov 2026 18:00: 2" or empty; counts are texts,
    never a share or a grade. `why` has the reasons of what was broken, moved or withdrawn, `next`
    the open commitment that is due first, in the owner's words.
    """

    name: str
    role: str
    answered: str
    silent: str
    kept_and_moved: str
    kept: str
    renegotiated: str
    broken: str
    not_shown: str
    withdrawn: str
    open: str
    why: str
    next: str
    due: str


@dataclass(frozen=True)
class QuestionRecord:
    """A question of the period with its answer and who gave it; without one `answer` is empty and
    `said` says so."""

    number: str
    text: str
    raised_by: str
    owner: str
    answer: str
    said: str


@dataclass(frozen=True)
class ProposalRecord:
    """A proposal that was sent back, with what is missing, or one whose review date has come, with
    what was predicted and found; `kind` says which."""

    title: str
    kind: str
    by: str
    said: str


@dataclass(frozen=True)
class AccountabilityPage:
    """Owners stand in the order of the strategy; `questions` are those without an answer, and
    `answers` the others. `read` says who acknowledged which page."""

    sentence: str
    owners: tuple[OwnerRecord, ...]
    questions: tuple[QuestionRecord, ...]
    answers: tuple[QuestionRecord, ...]
    read: str
    proposals: tuple[ProposalRecord, ...] = ()
