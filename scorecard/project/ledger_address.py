"""The address of a project's ledger: one that lasts."""

from __future__ import annotations

from pathlib import Path

from scorecard.errors import ProjectError


def refuse_passing(ledger: str, file: Path) -> None:
    """ProjectError for a ledger in memory: everything would be done and sent again."""
    scheme, _, rest = ledger.partition("://")
    place = rest.partition("?")[0].removeprefix("/")
    if scheme.startswith("sqlite") and (not place or ":memory:" in rest or "mode=memory" in rest):
        raise ProjectError(
            f'{file}: ledger = "{ledger}" is in memory and forgets what was sent; name a file, as '
            "sqlite:///.scorecard/ledger.db, and see whether a variable in it is empty."
        )
