"""Once: a form that is sent twice, by a second click or a reload, is done once and answered twice.

The door takes the same answer once anyway; a commitment that was withdrawn by the first click
cannot be withdrawn by the second, and whoever clicked would read that nothing was recorded.
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
