"""Ping: telling a watch outside that all is well, or what is not.

Follows what such services have in common: the address itself is called when all
is well, and the address followed by /fail, with the troubles as text, when not.
A watch that hears nothing for too long raises the alarm by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from scorecard.errors import ProjectError

TIMEOUT = 10.0


def tell(url: str, troubles: Sequence[str]) -> None:
    """Call the watch. ProjectError when there is no address, or it does not answer."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise ProjectError(
            'There is no address to call; set ping = "https://…" in [tool.scorecard.mail].'
        )
    target = f"{url.rstrip('/')}/fail" if troubles else url
    body = "\n".join(troubles).encode()
    try:
        with urlopen(Request(target, data=body or None), timeout=TIMEOUT):
            pass
    except (URLError, TimeoutError) as error:
        host = urlsplit(url).hostname
        raise ProjectError(
            f"The watch at {host} did not answer ({error}); check the address in ping."
        ) from error
