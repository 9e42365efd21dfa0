"""Sessions: one browser on one link, told by a cookie, and the token of the forms that it is given.

Neither knows anybody: a session is a random number and the link that it is of, signed. A form is
taken only with the token of the browser that it was given to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe
from urllib.parse import urlsplit

from itsdangerous import BadData, Signer, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from scorecard.project.desk_settings import DeskSettings

COOKIE = "desk"


@dataclass(frozen=True)
class Session:
    """A browser on a link; `is_new` where it did not show a cookie of ours."""

    link: str
    value: str
    is_new: bool


class Sessions:
    """Gives out sessions, tokens of forms and receipts; all are signed with keys of the ledger."""

    def __init__(self, keyed: Callable[..., str], settings: DeskSettings) -> None:
        self._keyed, self._settings = keyed, settings
        self._signing = keyed("desk", "session")
        self._receipts = keyed("desk", "receipt")

    def of(self, request: Request, link: str) -> Session:
        """The session that the request shows, or a new one."""
        shown = request.cookies.get(COOKIE, "")
        try:
            self._signer(link).unsign(shown[:300])
        except BadData:
            return Session(link, self._signer(link).sign(token_urlsafe(18)).decode(), True)
        return Session(link, shown, False)

    def keep(self, response: Response, session: Session, path: str) -> None:
        """Have the browser keep a session for the pages under a path."""
        response.set_cookie(
            COOKIE,
            session.value,
            path=path,
            secure=self._settings.secure,
            httponly=True,
            samesite="strict",
        )

    def form_token(self, session: Session) -> str:
        """The token of a form that this browser is given."""
        return self._keyed("desk", "form", session.link, session.value)

    def accepts(self, session: Session, token: str) -> bool:
        """Whether a form is one that this browser was given."""
        known = self.form_token(session)
        return not session.is_new and compare_digest(known.encode(), token.encode())

    def pack(self, link: str, said: list[str]) -> str:
        """Lines of a receipt as a part of an address, which nobody else can write."""
        return str(self._packer(link).dumps(said))

    def unpack(self, link: str, packed: str) -> tuple[str, ...]:
        """The lines that `pack` was given; none of anything else."""
        try:
            said = self._packer(link).loads(packed[:4000])
        except BadData:
            return ()
        return tuple(map(str, said))

    def _signer(self, link: str) -> Signer:
        return Signer(self._signing, salt=link, key_derivation="hmac", digest_method=sha256)

    def _packer(self, link: str) -> URLSafeSerializer:
        options = {"key_derivation": "hmac", "digest_method": sha256}
        return URLSafeSerializer(self._receipts, salt=link, signer_kwargs=options)


def from_elsewhere(request: Request, settings: DeskSettings) -> bool:
    """Whether a browser says that the form was sent from another site's page.

    A browser that says nothing is not suspected for that: the token of the form decides.
    """
    site = request.headers.get("sec-fetch-site", "")
    if site and site not in ("same-origin", "none"):
        return True
    origin = request.headers.get("origin", "")
    if not origin or origin == "null":
        # Under the policy of no referrer, browsers send "null" with forms of our own pages.
        return False
    own = {urlsplit(settings.public).netloc, request.headers.get("host", "")}
    return urlsplit(origin).netloc not in own
