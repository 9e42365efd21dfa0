"""Pings to an external monitor (a dead man's switch), such as healthchecks.io.

The address is called when all is well, and the address followed by /fail, with the
troubles as text, when not. A monitor that hears nothing for too long raises the alarm.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from scorecard.errors import ProjectError

TIMEOUT = 10.0
"""In seconds."""


def tell(url: str, troubles: Sequence[str]) -> None:
    """Call the monitor. ProjectError when there is no address, or it does not answer."""
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
        host = urlsplit(url).hostname  # the path is a secret: whoever knows it can ping
        raise ProjectError(
            f"The watch at {host} did not answer ({error}); check the address in ping."
        ) from error
