"""The token of a form inside a PDF: which edition it is of, and that it was made here.

It has the edition's id and a code that only this ledger can work out, in letters and digits that a
reader of PDFs keeps as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from hmac import compare_digest

CODE = 40
"""Hex digits of the code, of which nobody guesses 160 bits."""
_TOKEN = re.compile(rf"([A-Za-z0-9_-]{{1,64}})\.([0-9a-f]{{{CODE}}})")


def form_token(keyed: Callable[..., str], edition: str) -> str:
    """The token of an edition's form; `keyed` is the ledger's."""
    return f"{edition}.{keyed('form', edition)[:CODE]}"


def edition_in(keyed: Callable[..., str], token: str) -> str | None:
    """The id of the edition whose form it is; None where it was not made here, or was altered."""
    found = _TOKEN.fullmatch(token.strip())
    if found is None or not compare_digest(form_token(keyed, found[1]), found[0]):
        return None
    return found[1]
