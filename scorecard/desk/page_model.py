"""An owner's page on the desk, complete as data before a template sees it. All of it is text."""

from __future__ import annotations

from dataclasses import dataclass

from scorecard.documents.grammar import plural

COUNTED = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


@dataclass(frozen=True)
class Choice:
    """One of a list to choose from: what is sent, what is read, and whether it is chosen."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True)
class Fault:
    """What is wrong, in a sentence, and the field that it is about; empty where it is none."""

    said: str
    field: str = ""


@dataclass(frozen=True)
class QuestionView:
    """A question with its figure as printed, and what was answered or typed.

    mark, region, verdict, limits   of the stance that it is about; empty where it is about none
    until     its deadline as printed; empty where it has none
    said      who answered last, and when; empty where nobody did
    words     of the text in the field
    """

    id: str
    number: int
    heading: str
    figure: str
    mark: str
    region: str
    verdict: str
    limits: str
    text: str
    until: str
    takes: bool
    answer: str
    said: str
    words: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class CommitmentView:
    """An open commitment, and what was typed to move or withdraw it.

    moves    the stance whose figure decides, as printed
    goal     what it is to reach, where that is not the limit; else empty
    is_over  whether its period is over, so that only the figure says what became of it
    """

    number: int
    text: str
    moves: str
    goal: str
    due: str
    made: str
    is_over: bool
    steps: tuple[Choice, ...]
    dues: tuple[Choice, ...]
    reasons: tuple[Choice, ...]
    why: str
    problems: tuple[str, ...] = ()

    @property
    def touched(self) -> bool:
        return any(step.chosen and step.value for step in self.steps) or bool(self.problems)


@dataclass(frozen=True)
class PromiseView:
    """A new commitment, as far as it was typed; `to` is a goal that is better than the limit, and
    `closed` says why none can be made."""

    text: str
    stances: tuple[Choice, ...]
    to: str
    dues: tuple[Choice, ...]
    closed: str = ""
    problems: tuple[str, ...] = ()
    wrong_goal: bool = False


@dataclass(frozen=True)
class PageView:
    """The whole page.

    speaker    who answers, where it is not whom the page is about; else empty
    deadline   until when the open questions can be answered; empty where none is open
    closed     why nothing can be sent any more; empty where something can
    sends      whether the fields are there
    read       when it was acknowledged, in words; empty where it was not
    read_typed whether the box is ticked
    zone       of all times on the page
    problems   all that is wrong, each a sentence with its field
    receipt    what was recorded by the form sent last
    """

    language: str
    company: str
    notice: str
    period: str
    name: str
    role: str
    standing: str
    speaker: str
    deadline: str
    closed: str
    sends: bool
    questions: tuple[QuestionView, ...]
    commitments: tuple[CommitmentView, ...]
    promise: PromiseView
    open_of_most: str
    most_words: int
    most_signs: int
    promise_signs: int
    document: str
    edition: int
    hash: str
    read: str
    read_typed: bool
    expires: str
    path: str
    form_token: str
    form_number: str
    zone: str
    problems: tuple[Fault, ...] = ()
    receipt: tuple[str, ...] = ()
    stamp: str = ""

    @property
    def counted(self) -> str:
        """How many questions there are, as the heading says it: "Two questions"."""
        count = len(self.questions)
        said = COUNTED[count] if count < len(COUNTED) else str(count)
        return f"{said} {plural(count, 'question')}"


@dataclass(frozen=True)
class SentRow:
    """A document that an executive was sent, as the archive lists it."""

    title: str
    about: str
    edition: str
    sent: str
    pdf: str


@dataclass(frozen=True)
class SentPeriod:
    """What was sent about a period, the newest first."""

    period: str
    rows: tuple[SentRow, ...]


@dataclass(frozen=True)
class ArchiveView:
    """All that was sent to one executive, by period, the newest first."""

    language: str
    company: str
    notice: str
    name: str
    role: str
    periods: tuple[SentPeriod, ...]
    expires: str
    zone: str
