"""Pings to an external monitor (a dead man's switch), such as healthchecks.io.

The address is called when all is well, and the address followed by /fail, with the
troubles as text, when not. A monitor that hears nothing for too long raises the alarm.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from http.client import HTTPException
from threading import Thread
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from scorecard.errors import ProjectError
from scorecard.secrets import hide

TIMEOUT = 10.0
"""In seconds, for the whole answer."""


def tell(url: str, troubles: Sequence[str]) -> None:
    """Call the monitor. ProjectError when there is no address, or it does not answer."""
    if not url.startswith(("http://", "https://")):
        raise ProjectError(
            'There is no address to call; set ping = "https://…" in [tool.scorecard.mail].'
        )
    target = f"{url.rstrip('/')}/fail" if troubles else url
    body = "\n".join(troubles).encode()
    try:
        _call(Request(target, data=body or None))
    except (OSError, HTTPException, ValueError) as error:  # what is no HTTP, or no address
        # The path is a secret: whoever knows it can ping. Of what is no address, all may be.
        host = re.match(r"https?://(?:[^/?#]*@)?([^/?#:]*)", url)
        raise ProjectError(
            f"The watch at {host[1] if host else '***'} did not answer "
            f"({hide(str(error)) or type(error).__name__}); check the address in ping."
        ) from error


def _call(request: Request) -> None:
    """Call, and wait no longer than TIMEOUT, however many small pieces the answer comes in."""
    failed = list[Exception]()

    def work() -> None:
        try:
            # Its limit is one for each piece.
            with urlopen(request, timeout=TIMEOUT):
                pass
        except HTTPError as error:
            error.close()  # it is the answer, too
            failed.append(error)
        except Exception as error:
            failed.append(error)

    calling = Thread(target=work, daemon=True)
    calling.start()
    calling.join(TIMEOUT)
    if calling.is_alive():
        raise TimeoutError("timed out")
    if failed:
        raise failed.pop()
