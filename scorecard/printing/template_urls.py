"""Template URLs: what a template, a stylesheet or a picture in one may have fetched.

The files of the template folders, and what is written into the page itself as data. Anything
else would carry figures out of the house, or files of the server into a document.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import unquote, urlsplit

from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from scorecard.base.template_files import read_inside
from scorecard.errors import RenderError

_MOST_SHOWN = 200
"""Characters of an address that an error shows."""


class TemplateUrls(URLFetcher):  # type: ignore[misc]  # WeasyPrint says nothing about its types
    """Fetches for the templates of some folders, and from nowhere else."""

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False)
        self._folders = [Path(os.path.abspath(folder)) for folder in folders]
        self._template = ""
        self._refused: list[str] = []

    @contextmanager
    def watched(self, template: str = "") -> Iterator[None]:
        """Draw for a template, which is the one before where none is named.

        RenderError where it asked for anything that it may not have, also if whoever
        fetched it made light of that.
        """
        self._template = template or self._template
        self._refused.clear()
        try:
            yield
        except FatalURLFetchingError as error:
            raise self._error() from error
        if self._refused:
            raise self._error()

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """The content at an address; it is noted where it is refused."""
        if url[:5].lower() == "data:":
            return super().fetch(url, headers)
        content = self._file(url)
        media_type = guess_type(urlsplit(url).path)[0] or "text/plain"
        return _Fetched(url, content, {"Content-Type": media_type})

    def _file(self, url: str) -> bytes:
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise self._refusal(url) from error
        path = Path(os.path.normpath(unquote(parts.path)))
        if parts.scheme.lower() != "file" or parts.netloc or not path.is_absolute():
            raise self._refusal(url)
        for folder in self._folders:
            if path.is_relative_to(folder):
                try:
                    content = read_inside(folder, str(path.relative_to(folder)))
                except RenderError as error:
                    raise self._refusal(url) from error
                if content is None:
                    raise FileNotFoundError(f"{path} is not a file")
                return content
        raise self._refusal(url)

    def _refusal(self, url: str) -> FatalURLFetchingError:
        self._refused.append(url)
        return FatalURLFetchingError(url)

    def _error(self) -> RenderError:
        url = self._refused[0]
        shown = url if len(url) <= _MOST_SHOWN else f"{url[:_MOST_SHOWN]}…"
        printable = "".join(sign if sign.isprintable() else "?" for sign in shown)
        return RenderError(
            f"Template {self._template} asks for {printable}, and templates get nothing from "
            "outside of their folder; put a copy there and name that, or take it out."
        )


class _Fetched(URLFetcherResponse):  # type: ignore[misc]
    """Content that is at hand: WeasyPrint would read a file again when it is drawn."""

    @property
    def path(self) -> None:
        return None
