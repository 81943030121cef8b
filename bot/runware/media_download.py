"""Bounded downloads of files from allowed hosts."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

import httpx

from bot.domain.ids import Digest
from bot.errors import MediaGone, MediaRefused, MediaUnavailable
from bot.runware.transport import get_tls_context

Host = tuple[str, int]
"""A lower-case host name or IP address, and its port."""
_PORTS: Final = {"http": 80, "https": 443}
_GONE_STATUSES: Final = {403, 404, 410}
_PHASE_SECONDS: Final = 10.0
"""Timeout of each phase, such as connecting or one read; the deadline limits the whole."""


def parse_host(url: str) -> Host:
    """Return a URL's host and port, which defaults to the scheme's."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or _PORTS[parts.scheme]


@dataclass(frozen=True, slots=True)
class Download:
    """A file; `sha256` is hexadecimal, `content_type` only what the host claims."""

    data: bytes
    sha256: Digest
    content_type: str


class Downloader:
    """Fetch files; create with `open`. It has no API key, so none can leak to a media host."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        allowed_hosts: Collection[Host],
        *,
        max_bytes: int,
        deadline: float,
    ) -> None:
        self._http = http
        self._allowed = frozenset(allowed_hosts)
        self._max_bytes = max_bytes
        self._deadline = deadline

    @classmethod
    @asynccontextmanager
    async def open(
        cls, allowed_hosts: Collection[Host], *, max_bytes: int, deadline: float
    ) -> AsyncIterator[Self]:
        """Open a connection pool; each file may take `max_bytes` and `deadline` seconds."""
        async with httpx.AsyncClient(
            headers={"Accept-Encoding": "identity"},  # a compressed body could inflate
            timeout=_PHASE_SECONDS,
            verify=get_tls_context(),
            follow_redirects=False,  # a redirect could lead to a host that is not allowed
            trust_env=False,
        ) as http:
            yield cls(http, allowed_hosts, max_bytes=max_bytes, deadline=deadline)

    async def fetch_file(self, url: str) -> Download:
        """Download a whole file.

        Raises `MediaRefused` (host, response or size not allowed), `MediaGone` (expired or
        deleted) or `MediaUnavailable` (worth a retry).
        """
        address = self._check_url(url)
        try:
            async with (
                asyncio.timeout(self._deadline),
                self._http.stream("GET", address) as response,
            ):
                _check_response(response)
                return await self._read_body(response)
        except httpx.HTTPError as error:
            raise MediaUnavailable(f"not fetched: {type(error).__name__}") from error
        except TimeoutError as error:
            raise MediaUnavailable(f"not fetched within {self._deadline:g} s") from error

    def _check_url(self, url: str) -> httpx.URL:
        try:
            address = httpx.URL(url)
        except (httpx.InvalidURL, ValueError, TypeError):
            raise MediaRefused("badUrl", "not a URL") from None
        if address.scheme not in _PORTS or address.userinfo:
            raise MediaRefused("badUrl", "neither plain http nor https")
        host = (address.host, address.port or _PORTS[address.scheme])
        if host not in self._allowed:
            raise MediaRefused("hostNotAllowed", f"{host[0]}:{host[1]} is not an allowed host")
        return address

    async def _read_body(self, response: httpx.Response) -> Download:
        """Read the raw body, so that the limit counts received bytes and nothing inflates."""
        declared = response.headers.get("Content-Length", "")
        # cut to 20 digits: `int` raises on a number of thousands of digits
        if declared.isdecimal() and int(declared[:20]) > self._max_bytes:
            raise MediaRefused("tooLarge", f"{declared[:20]} bytes declared")
        data, digest = bytearray(), hashlib.sha256()
        # Content-Length may be missing or wrong, so received bytes are counted too
        async for chunk in response.aiter_raw():
            data += chunk
            if len(data) > self._max_bytes:
                raise MediaRefused("tooLarge", f"more than {self._max_bytes} bytes")
            digest.update(chunk)
        if not data:
            raise MediaRefused("empty", "no bytes came")
        content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Download(bytes(data), Digest(digest.hexdigest()), content_type)


def _check_response(response: httpx.Response) -> None:
    status = response.status_code
    if status in _GONE_STATUSES:
        raise MediaGone(f"http{status}", "the host no longer gives this file")
    if status in {408, 429} or status >= 500:
        wait = response.headers.get("Retry-After", "")
        seconds = float(wait) if wait.isdecimal() and len(wait) < 10 else None
        raise MediaUnavailable(f"HTTP {status}", seconds)
    if status != 200:
        raise MediaRefused(f"http{status}", "not a whole file")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise MediaRefused("compressed", "the file was sent compressed")
