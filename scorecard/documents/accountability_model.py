"""The packet's page of accountability, and a team's part of it, complete as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OwnerRecord:
    """One post: its questions of the period, and its commitments of the last twelve months.

    `answered` is "4 of 4", `silent` "No answer by 13 Nov 2026 18:00: 2" or empty; counts are texts,
    never a share or a grade. `why` has the reasons of what was broken, moved or withdrawn, `next`
    the open commitment that is due first, in the owner's words. `sent_back` counts the proposals
    that are back at the drawing board, and `unread` names the pages that nobody acknowledged.
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
    sent_back: str = "0"
    unread: str = ""


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
    """A proposal that was sent back, with what is missing, one that is to be decided or was, or one
    whose review date has come, with what was predicted and found; `kind` says which."""

    title: str
    kind: str
    by: str
    said: str


@dataclass(frozen=True)
class UnreadRecord:
    """The pages that nobody acknowledged before the next one came, and who is told of it: "page
    of September 2026", "Tom Ito, lead of Care"."""

    owner: str
    pages: str
    told: str


@dataclass(frozen=True)
class TeamRecord:
    """What a team's owners answered, promised and proposed, in the order of the strategy; without
    owners where nothing was asked or promised."""

    owners: tuple[OwnerRecord, ...]
    unread: tuple[UnreadRecord, ...]
    proposals: tuple[ProposalRecord, ...]


@dataclass(frozen=True)
class AccountabilityPage:
    """Owners stand in the order of the strategy, and after them posts that it has no more;
    `questions` are those without an answer, and `answers` the others. `read` says who acknowledged
    which page."""

    sentence: str
    owners: tuple[OwnerRecord, ...]
    questions: tuple[QuestionRecord, ...]
    answers: tuple[QuestionRecord, ...]
    read: str
    proposals: tuple[ProposalRecord, ...] = ()
    unread: tuple[UnreadRecord, ...] = ()
