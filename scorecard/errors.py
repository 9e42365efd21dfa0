"""Everything that can go wrong, as one tree.

    ScorecardError
    ├── ProjectError       the project folder or its configuration is not usable
    ├── StrategyError      strategy.toml says something that cannot be
    ├── DefinitionError    a metric file cannot be loaded or used
    ├── FactsError         the company's data is missing, malformed or unsound
    │   ├── EngineError    the engine that holds it failed, whatever was asked
    │   ├── StatementError the engine refused what was asked of it
    │   ├── UnreadyError   it is sound, and not complete yet
    │   ├── BeyondError    it tells nothing of the period that is asked for
    │   └── ChangedError   it was replaced or written to while it was read
    ├── LedgerError        the ledger cannot be read or written
    │   ├── BusyError      another process is at it
    │   └── AlteredError   a record is not what was written
    ├── RenderError        a document could not be drawn, or failed its reading back
    ├── MailError          a message, an address or a mail server's address is not usable
    └── ReplyError         what an owner wrote cannot be recorded

A message is one sentence that says where, what, and what to do. The command
line prints it and exits with 1; misuse of the command line itself exits with 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from scorecard.secrets import hide


class ScorecardError(Exception):
    """Base of every error this package raises on purpose; it never says a secret."""

    def __init__(self, *said: object) -> None:
        # What another program said may be in it, and from here on it is logged, kept and mailed.
        super().__init__(*(hide(each) if isinstance(each, str) else each for each in said))


class ProjectError(ScorecardError):
    """The project folder or its configuration is not usable."""


class StrategyError(ScorecardError):
    """strategy.toml says something that cannot be."""


class DefinitionError(ScorecardError):
    """A metric file cannot be loaded or used."""


class FactsError(ScorecardError):
    """The company's data is missing, malformed or unsound."""


class EngineError(FactsError):
    """The engine that holds the facts failed: no memory, no disk, no connection."""


class StatementError(FactsError):
    """The engine refused a statement, or a value that it met; its own error is the cause."""


class UnreadyError(FactsError):
    """Facts are not complete yet. What it says may be read by everybody who gets a document."""


class BeyondError(FactsError):
    """The period lies before the first fact, or has not begun."""


class ChangedError(FactsError):
    """The facts were replaced or written to between two looks at them; reading again helps."""


class LedgerError(ScorecardError):
    """The ledger cannot be read or written."""


class BusyError(LedgerError):
    """Another process is at it, or came first; trying again later is all that is needed."""


class AlteredError(LedgerError):
    """A record in the ledger, or a file that it knows, is not what was written."""


class RenderError(ScorecardError):
    """A document could not be drawn, or failed its reading back."""


class MailError(ScorecardError):
    """A message, an address or a mail server's address is not usable."""


class ReplyError(ScorecardError):
    """What an owner wrote cannot be recorded; nothing of it was. `said` has a sentence for each
    reason."""

    def __init__(self, said: Sequence[str]) -> None:
        super().__init__(" ".join(said))
        self.said = tuple(said)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ' Did you mean "x"?' for the nearest known name, else ' Known: …'.

    Starts with a space, so that it can be appended to any sentence; empty when
    nothing is known.
    """
    names = sorted(set(known))
    near = get_close_matches(name.lower(), [n.lower() for n in names], n=1, cutoff=0.6)
    if near:
        match = next(n for n in names if n.lower() == near[0])
        return f' Did you mean "{match}"?'
    if not names:
        return ""
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f" Known: {shown}."
