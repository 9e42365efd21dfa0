"""Fuzzing: many inputs that are wrong by chance, counted; what is not expected of one is kept.

Whole conversations and files are too dear for Hypothesis to make a hundred thousand of them, so
that inputs are mutated from good ones, by a seed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from random import Random
from time import process_time
from typing import Any

from scorecard.errors import ScorecardError


def fuzz(
    what: str,
    inputs: Iterable[Any],
    use: Callable[[Any], object],
    record_property: Callable[[str, object], None],
    expected: tuple[type[BaseException], ...] = (ScorecardError,),
) -> None:
    """Use every input; AssertionError, at the end, where one led to an exception that is not
    expected. How many there were is said at the end of the tests; see `conftest.py`."""
    count, refused, unexpected = 0, 0, Counter[str]()
    first: dict[str, Any] = {}
    began = process_time()
    for each in inputs:
        count += 1
        try:
            use(each)
        except expected:
            refused += 1
        except Exception as error:
            said = f"{type(error).__name__}: {error}"[:200]
            unexpected[said] += 1
            first.setdefault(said, each)
    seconds = process_time() - began
    record_property(
        "said",
        f"fuzzed {what}: {count:,} inputs, {refused:,} refused in a sentence, "
        f"{unexpected.total()} unexpected exceptions, {seconds:.1f} processor seconds",
    )
    assert not unexpected, [(n, said, first[said]) for said, n in unexpected.most_common(5)]


def mutated(chance: Random, good: Sequence[bytes], tokens: Sequence[bytes], most: int = 4) -> bytes:
    """One of `good` with up to `most` changes: bytes turned, cut, doubled, spliced with another
    one, or a token put somewhere."""
    data = bytearray(chance.choice(good))
    for _ in range(chance.randint(0, most)):
        at = chance.randint(0, len(data))
        until = min(len(data), at + int(chance.expovariate(0.05)))
        match chance.randrange(6):
            case 0 if at < len(data):
                data[at] = chance.randrange(256)
            case 1:
                del data[at:until]
            case 2:
                data[at:at] = data[at:until] * chance.choice((1, 2, 30))
            case 3:
                other = chance.choice(good)
                data[at:] = other[chance.randint(0, len(other)) :]
            case 4:
                data[at:until] = chance.choice(tokens)
            case _:
                data[at:at] = chance.choice(tokens)
    return bytes(data)
