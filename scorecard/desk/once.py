"""Once: a form that is sent twice, by a second click or a reload, is answered by one receipt.

The door records the same words once anyway, whichever process they come to. But whoever clicked
twice would read that nothing new was recorded, and wonder what the first click did.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")
MOST = 2_000
"""Forms that are remembered, the newest."""
LANES = 64


class Once(Generic[T]):
    """Remembers in memory what became of each form, by its number."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._done: OrderedDict[str, T] = OrderedDict()
        self._lanes = [Lock() for _ in range(LANES)]
        self._all = Lock()

    def do(self, key: str, work: Callable[[], T]) -> T:
        """What `work` gives, done now or when that key came first. An error is not remembered."""
        with self._lanes[hash(key) % LANES]:
            with self._all:
                if key in self._done:
                    return self._done[key]
            result = work()
            with self._all:
                self._done[key] = result
                if len(self._done) > self._most:
                    self._done.popitem(last=False)
            return result
