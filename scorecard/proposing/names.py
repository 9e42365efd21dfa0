"""Names: how well a name of a file or column fits the words of the vocabulary."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from scorecard.facts.mapping import BETWEEN, GLUED

STRONG, WEAK = 2, 1
"""How well a name fits: by a phrase that means this only, or by one that fits other things, too."""
WITHIN = 5
"""Letters from which on a stem is also looked for inside a word, as in "Rechnungsdatum"."""
SHORT = 3
"""Letters up to which a stem is the whole word."""
_GERMAN = str.maketrans({"ß": "ss"})


@cache
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in small letters without accents; "CustNo" and "CUSTNO" have two."""
    plain = unicodedata.normalize("NFKD", name.translate(_GERMAN))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    found: list[str] = []
    for word in BETWEEN.split(plain):
        word = word.lower()
        end = next((e for e in GLUED if word.endswith(e) and len(word) >= len(e) + 3), "")
        if end and word.removesuffix(end) in _BEFORE_GLUED:
            found += [word.removesuffix(end), end]
        elif word:
            found.append(word)
    return tuple(found)


_BEFORE_GLUED = {
    *("cust", "customer", "client", "account", "acct", "kunden", "kund", "kd", "invoice", "order"),
    *("ticket", "case", "product", "item", "rechnungs", "rechnung", "beleg", "bestell", "contract"),
    *("vertrags", "artikel", "vorgangs", "user", "member", "subscription", "line", "auftrags"),
}
"""Words that "id", "no" and "nr" are glued to; others merely end so, as "paid" does."""


def has(name: str, stem: str) -> bool:
    """Whether a stem is in a name: as a word, as its beginning, or, if it is long, within one."""
    for word in words_of(name):
        if word == stem or (len(stem) > SHORT and word.startswith(stem)):
            return True
        if len(stem) >= WITHIN and stem in word:
            return True
    return False


def fits(name: str, phrases: str) -> int:
    """STRONG, WEAK or 0: the best of the phrases, parted by commas, of which a name has every
    word."""
    best = 0
    for phrase in re.split(r"\s*,\s*", phrases.strip()):
        weight = WEAK if phrase.startswith(("?", "=")) else STRONG
        if weight <= best or not phrase:
            continue
        if phrase.startswith("="):
            only = set(words_of(name))
            best = weight if only and only <= set(phrase[1:].split("/")) else best
        elif _has_all(name, phrase.removeprefix("?").split()):
            best = weight
    return best


def _has_all(name: str, stems: list[str]) -> bool:
    return all(any(has(name, stem) for stem in either.split("/")) for either in stems)
