"""A fuzzer: files, addresses and texts that nobody would write, given to whatever reads them.

Inputs are made from valid ones, by a seed: bytes changed, pieces cut out, doubled, moved, or put in
from a list of what has broken readers before. What reads an input may refuse it in a sentence of
ours, and nothing else: any other exception is unexpected, and so is a reader that does not end.
"""

from __future__ import annotations

import json
import random
import re
import signal
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import process_time
from types import FrameType
from typing import Any

from scorecard.errors import ScorecardError

DEADLINE = 20
"""Seconds after which a reader is taken to hang."""
HOSTILE = (
    *(
        b"\0",
        b"\xff",
        b"\xfe\xff",
        b"\xed\xa0\x80",
        b"\x1b]8;;x\x07",
        b"\xe2\x80\xae",
        b"\r",
        b"\n",
    ),
    *(b"[" * 3000, b"{" * 3000, b"(" * 3000, b'{"a":' * 3000, b"9" * 5000, b"-" * 200, b"a" * 5000),
    *(
        b"1e999",
        b"NaN",
        b"-inf",
        b"0x" + b"f" * 400,
        b"9999-12-31",
        b"0000-00-00",
        b"-1",
        b"1e-400",
    ),
    *(b'"""', b"'''", b'"', b"'", b"\\u0000", b"\\", b"${X}", b"${", b"%", b"%00", b"{{", b"{%"),
    *(
        b"../../",
        b"/dev/zero",
        b"/",
        b"~",
        b"*",
        b"**",
        b"?",
        b"[!",
        b"null",
        b"true",
        b"{}",
        b"[]",
    ),
    *(b"=", b"[[", b"]]", b",", b";", b"\t", b":", b"@", b"#", b" ", b"\xc3\xa4", b"\xe2\x80\xa8"),
)


TOML_VALUES = (
    *(
        b'""',
        b"''",
        b"0",
        b"-1",
        b"1",
        b"1e308",
        b"nan",
        b"inf",
        b"true",
        b"[]",
        b"{}",
        b"[[]]",
        b'[""]',
        b"[1]",
    ),
    *(
        b"2026-01-01",
        b"0001-01-01",
        b"9999-12-31",
        b"1979-05-27T07:32:00Z",
        b"07:32:00",
        b"9" * 400,
        b'"\\u0000"',
    ),
    *(
        b"[{}]",
        b"{ a = 1 }",
        b'"\\u202e"',
        b'"\\n"',
        b'"' + b"x" * 300 + b'"',
        b'"../x"',
        b'"/dev/null"',
        b'"a:b"',
    ),
    *(
        b'"*/5 * * * *"',
        b'"1 h"',
        b'"90 %"',
        b'"9999999999999 weeks"',
        b'"' + b"9" * 400 + b' EUR"',
        b'"1e999 h"',
    ),
    *(
        b'"Europe/London"',
        b'"GB-ENG"',
        b'"XX"',
        b'"x.ics"',
        b'"ada@example.com"',
        b'"${NO}"',
        b'"[::1"',
        b'"%"',
    ),
    *(
        b'"postgresql://[::1"',
        b'"sqlite://"',
        b'"duckdb://\\\\"',
        b'"utf-16"',
        b'"%q"',
        b'"\\ud7ff"',
        b"[" * 99 + b"]" * 99,
    ),
)
JSON_VALUES = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1.5,
        1e308,
        float("nan"),
        float("inf"),
        10**400,
        "",
        "x",
        "2026-13-01",
        "9999-12-31",
    ),
    *(
        "0001-01-01T00:00:00Z",
        "\0",
        "\ud800",
        "x" * 3000,
        [],
        {},
        [None],
        {"a": None},
        [[]],
        "<a@b>",
        "strength",
    ),
)
_TOML_VALUE = re.compile(rb"=[ \t]*([^\n=]+)")


class Hang(BaseException):
    """A reader did not end in time."""


@dataclass(frozen=True)
class Target:
    """What is fuzzed: valid inputs, words of its grammar, and what reads one.

    `allowed` are exceptions by which the reader says by contract that it refuses an input. `change`
    makes another input where bytes alone would hardly ever get past the door.
    """

    name: str
    corpus: tuple[bytes, ...]
    read: Callable[[bytes], object]
    words: tuple[bytes, ...] = ()
    allowed: tuple[type[Exception], ...] = ()
    change: Callable[[random.Random, bytes], bytes] | None = None


@dataclass
class Tally:
    """How many inputs were read, how many of them refused, and what nobody expected."""

    inputs: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        for name, count in self.inputs.items():
            said = (
                f"{count:8,} inputs, {self.refused[name]:7,} refused, {self.seconds[name]:5.1f} s"
            )
            yield f"{name:24}{said}"
        total, seconds = self.inputs.total(), sum(self.seconds.values())
        yield (
            f"{total:,} inputs of {len(self.inputs)} formats in {seconds:.0f} processor seconds: "
            f"{len(self.unexpected)} unexpected exceptions"
        )


def fuzz(target: Target, count: int, seed: int, tally: Tally) -> None:
    """Give a target so many inputs, and count what comes of them."""
    chance = random.Random(f"{target.name} {seed}")
    began = process_time()
    for number in range(count):
        data = target.corpus[number] if number < len(target.corpus) else mutated(target, chance)
        tally.inputs[target.name] += 1
        try:
            with _deadline():
                target.read(data)
        except (ScorecardError, *target.allowed) as error:
            tally.refused[target.name] += 1
            if number < len(target.corpus):
                tally.unexpected.append(f"{target.name}: a valid input is refused: {error}")
        except (Exception, Hang) as error:
            place = traceback.format_exception(error)[-4:]
            tally.unexpected.append(
                f"{target.name} {number}: {type(error).__name__}: {str(error)[:300]}\n"
                f"{data[:300]!r}\n{''.join(place)[-1500:]}"
            )
    tally.seconds[target.name] = process_time() - began


def mutated(target: Target, chance: random.Random) -> bytes:
    """Another input of that kind."""
    data = chance.choice(target.corpus)
    if target.change is not None and chance.random() < 0.8:
        return target.change(chance, data)
    return changed(chance, data, target.corpus, target.words)


def changed(
    chance: random.Random,
    data: bytes,
    others: Iterable[bytes] = (),
    words: tuple[bytes, ...] = (),
) -> bytes:
    """The same with one to six changes."""
    others = tuple(others) or (data,)
    if words and chance.random() < 0.1:  # out of words alone
        return b"".join(chance.choice((*words, b" ", b"\n")) for _ in range(chance.randint(1, 12)))
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        first = chance.randint(0, len(data))
        last = min(len(data), first + chance.choice((1, 1, 2, 5, 20, 200)))
        piece = data[first:last]
        match chance.randint(0, 7):
            case 0:
                new = b""
            case 1:
                new = bytes(chance.randrange(256) for _ in piece[:4] or b"x")
            case 2:
                new = piece * chance.choice((2, 3, 50))
            case 3:
                new = chance.choice(HOSTILE)
            case 4:
                new = piece + chance.choice((*words, *HOSTILE))
            case 5:
                other = chance.choice(others)
                begin = chance.randint(0, len(other))
                new = other[begin : begin + chance.choice((3, 20, 100))]
            case 6 if words:
                new = chance.choice(words)
            case _:
                return data[:first] if chance.random() < 0.3 else data[:first] + data[last:]
        data = data[:first] + new + data[last:]
    return data


def in_a_toml_value(chance: random.Random, data: bytes) -> bytes:
    """TOML, some of whose values are others, which is still TOML for the most part."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        found = list(_TOML_VALUE.finditer(data))
        if not found:
            break
        one = chance.choice(found)
        data = data[: one.start(1)] + chance.choice(TOML_VALUES) + data[one.end(1) :]
    return data if chance.random() < 0.8 else changed(chance, data)


def in_a_json_value(chance: random.Random, data: bytes) -> bytes:
    """JSON, some of whose values are others, or missing."""
    value = json.loads(data)
    for _ in range(chance.choice((1, 1, 2, 3))):
        value = _replaced(chance, value, chance.randint(0, 6))
    made = json.dumps(value, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    return made if chance.random() < 0.8 else changed(chance, made)


def _replaced(chance: random.Random, value: Any, depth: int) -> Any:
    if depth and isinstance(value, dict) and value:
        key = chance.choice(list(value))
        if chance.random() < 0.1:
            return {name: each for name, each in value.items() if name != key}
        return {**value, key: _replaced(chance, value[key], depth - 1)}
    if depth and isinstance(value, list) and value:
        at = chance.randrange(len(value))
        return [*value[:at], _replaced(chance, value[at], depth - 1), *value[at + 1 :]]
    return chance.choice(JSON_VALUES)


@contextmanager
def _deadline() -> Iterator[None]:
    def late(_signal: int, _frame: FrameType | None) -> None:
        raise Hang(f"no answer within {DEADLINE} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, DEADLINE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
