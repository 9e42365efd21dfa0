"""Desk settings: what [tool.scorecard.desk] says of the pages that owners answer in the browser."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from scorecard.project.mail_settings import Duration


class DeskSettings(BaseModel):
    """Where the pages are served, and for how long a link opens one.

    address  under which readers reach it, as "https://scorecards.example.com"; empty: only
             this machine does. With https, cookies are sent over nothing else
    host     the network address that it listens at
    port     its port
    proxies  addresses or networks of the proxies in front of it, whose X-Forwarded-For and
             X-Forwarded-Proto are believed; empty: nobody's are
    links    how long a new link opens its page
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, str_strip_whitespace=True)

    address: str = ""
    host: str = Field(default="127.0.0.1", min_length=1, max_length=253)
    port: int = Field(default=8765, ge=1, le=65535)
    proxies: tuple[str, ...] = Field(default=(), strict=False)
    links: Duration = timedelta(days=14)

    @field_validator("address")
    @classmethod
    def _address(cls, url: str) -> str:
        if not url:
            return url
        host = _host_of(url)
        if host is None or not url.isascii() or not url.isprintable() or " " in url:
            raise ValueError(
                'not an address of a site; write one such as "https://scorecards.example.com"'
            )
        return url.rstrip("/")

    @field_validator("proxies")
    @classmethod
    def _proxies(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        for text in texts:
            try:
                ip_network(text, strict=False)
            except ValueError as error:
                raise ValueError(
                    f'"{text}" is neither an address nor a network; write "10.0.0.7" or '
                    '"10.0.0.0/24"'
                ) from error
        return texts

    @property
    def public(self) -> str:
        """The address under which links are given out, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.address or f"http://{host}:{self.port}"

    @property
    def prefix(self) -> str:
        """The path under which a proxy serves it, as "/desk"; empty where it has a site of its
        own."""
        return urlsplit(self.public).path.rstrip("/")

    @property
    def secure(self) -> bool:
        """Whether readers reach it over https alone."""
        return self.public.startswith("https://")


def _host_of(url: str) -> str | None:
    """The host of an http address without user, query and fragment; None of any other."""
    try:
        parts = urlsplit(url)
        named = parts.hostname if parts.port != 0 else None
    except ValueError:
        return None
    plain = not (parts.query or parts.fragment or "@" in parts.netloc or "?" in url or "#" in url)
    return named if plain and parts.scheme in ("http", "https") else None
