"""Secrets: what this process knows and nobody may read. The one place that masks them.

    learn("sesame")                 whoever comes to know a secret says so here
    hide("login sesame failed")     "login *** failed", from then on

A secret is also found as it is written in an address, in JSON, in a literal of SQL, or in base64,
as mail servers get it. Errors, findings and replies are masked when they are made; what is printed
and logged passes here again.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from html import escape
from urllib.parse import quote, quote_plus, unquote

MASK = "***"
SHORTEST = 3
"""Characters of a secret that is hidden at all: one or two are in any sentence."""
ANYWHERE = 6
"""Characters from which on a secret is hidden inside of a word, too."""
_NAMES = re.compile(
    r"(PASSWORD|PASSWD|PASSPHRASE|SECRET|(^|_)TOKEN|(API|ACCESS|PRIVATE)_?KEY)$", re.IGNORECASE
)
_HARMLESS = re.compile(
    r"(PATH|HOME|USER|LOGNAME|SHELL|TERM|LANG|TZ|TMPDIR|VIRTUAL_ENV)$|(LC|XDG|FONTCONFIG)_|PYTHON"
)
"""Variables that every program needs, whatever word in them may be somebody's password."""
_ASSIGNED = re.compile(
    r"""(?i)\b(?:password|passwd|passphrase|pwd|secret|token)\s*[=:]\s*("[^"]+"|'[^']+'|[^\s&;,"']+)"""
)
_known: set[str] = set()
_pattern: re.Pattern[str] | None = None


def learn(*secrets: str) -> None:
    """Hide these from now on, in every form in which they may be written."""
    global _pattern
    new = {form for secret in secrets for form in _forms(secret)} - _known
    if new:
        _known.update(new)
        # The longest first, since one may be a part of another.
        ordered = sorted(_known, key=len, reverse=True)
        _pattern = re.compile("|".join(map(_found_by, ordered)))


def learn_environment(environment: Mapping[str, str]) -> None:
    """Hide the values of variables that are named as secrets are: PGPASSWORD, API_TOKEN."""
    named = (value for name, value in environment.items() if _NAMES.search(name))
    learn(*(value for value in named if len(value) >= ANYWHERE))


def assigned(text: str) -> list[str]:
    """The secrets that a text gives away by their names, as in "host=db password=sesame"."""
    return [found.strip("\"'") for found in _ASSIGNED.findall(text)]


def hide(text: str) -> str:
    """The text with every known secret as ***."""
    return _pattern.sub(MASK, text) if _pattern else text


def forget() -> None:
    """Know no secret any more; for tests, which have others each."""
    global _pattern
    _known.clear()
    _pattern = None


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment for a child process that needs none of the secrets."""
    return {
        name: value
        for name, value in environment.items()
        if _HARMLESS.match(name) or not (_NAMES.search(name) or hide(value) != value)
    }


def _found_by(form: str) -> str:
    found = re.escape(form)
    return found if len(form) >= ANYWHERE else rf"(?<!\w){found}(?!\w)"


def _forms(secret: str) -> Iterator[str]:
    plain = {secret, unquote(secret)}
    for text in plain:
        written = (
            text,
            # What bytes a terminal gave that are not UTF-8 is half a character in Python.
            quote(text, safe="", errors="surrogatepass"),
            quote(text, errors="surrogatepass"),
            quote_plus(text, errors="surrogatepass"),
            json.dumps(text)[1:-1],
            json.dumps(text, ensure_ascii=False)[1:-1],
            repr(text)[1:-1],
            text.replace("'", "''"),
            escape(text),
            escape(text, quote=False),
        )
        yield from (form for form in written if len(form) >= SHORTEST and form.strip())
        yield from _in_base64(text)


def _in_base64(text: str) -> Iterator[str]:
    """What is always the same of a text in base64, wherever in a longer one it stands."""
    raw = text.encode("utf-8", "surrogatepass")
    for before, unsure in enumerate((0, 2, 3)):
        coded = b64encode(bytes(before) + raw).decode()
        core = coded[unsure : (before + len(raw)) * 8 // 6]
        if len(core) >= ANYWHERE:
            yield core
            yield core.replace("+", "-").replace("/", "_")
