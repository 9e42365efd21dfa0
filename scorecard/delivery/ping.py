"""Pings to an external monitor (a dead man's switch), such as healthchecks.io.

The address is called when all is well, and the address followed by /fail, with the
troubles as text, when not. A monitor that hears nothing for too long raises the alarm.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from http.client import HTTPException
from urllib.request import Request, urlopen

from scorecard.errors import ProjectError
from scorecard.secrets import hide

TIMEOUT = 10.0
"""In seconds."""


def tell(url: str, troubles: Sequence[str]) -> None:
    """Call the monitor. ProjectError when there is no address, or it does not answer."""
    if not url.startswith(("http://", "https://")):
        raise ProjectError(
            'There is no address to call; set ping = "https://…" in [tool.scorecard.mail].'
        )
    target = f"{url.rstrip('/')}/fail" if troubles else url
    body = "\n".join(troubles).encode()
    try:
        with urlopen(Request(target, data=body or None), timeout=TIMEOUT):
            pass
    except (OSError, HTTPException, ValueError) as error:  # what is no HTTP, or no address
        # The path is a secret: whoever knows it can ping. Of what is no address, all may be.
        host = re.match(r"https?://(?:[^/?#]*@)?([^/?#:]*)", url)
        raise ProjectError(
            f"The watch at {host[1] if host else '***'} did not answer "
            f"({hide(str(error)) or type(error).__name__}); check the address in ping."
        ) from error
