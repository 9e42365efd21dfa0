"""Rates: how often one address, or one link, may ask. Kept in memory, and never much of it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from threading import Lock


@dataclass
class Rates:
    """A bucket for each key: `burst` requests at once, and `per_second` more as time goes by.

    Of more than `most` keys the one that was longest silent is forgotten. `clock` tells seconds.
    """

    burst: float
    per_second: float
    clock: Callable[[], float]
    most: int = 10_000
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _one_at_a_time: Lock = field(default_factory=Lock)

    def allows(self, key: str) -> bool:
        """Whether that key may ask now; counts it if so."""
        with self._one_at_a_time:
            now = self.clock()
            left, before = self._left.pop(key, (self.burst, now))
            left = min(self.burst, left + max(now - before, 0.0) * self.per_second)
            allowed = left >= 1
            self._left[key] = (left - 1 if allowed else left, now)
            if len(self._left) > self.most:
                self._left.popitem(last=False)
            return allowed

    def __len__(self) -> int:
        return len(self._left)


def address_key(host: str) -> str:
    """What counts as one address: of IPv6 the network of 64 bits, of which one machine has all."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host[:64]
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"
