"""One POST to the provider, bounded in time and size, with every way to fail told apart."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Final

import httpx

from bot.errors import OutcomeUnknown, ProviderUnavailable

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Mapping, Sequence

MAX_RESPONSE_BYTES: Final = 128 * 1024 * 1024
"""Largest answer in bytes: twenty results of 4 MB as base64, the vendor's most per task."""
CONNECT_SECONDS: Final = 5.0
PING: Final = '{"taskType":"ping","ping":true}'
DRY_RUN: Final = {"X-Runware-Dry-Run": "1"}
"""Header by which tasks are checked and priced, but not run (vendor's skills repository)."""


@dataclass(frozen=True, slots=True)
class RawResponse:
    """A whole answer; `retry_after` is in seconds, None when the provider gave none."""

    status: int
    body: bytes
    retry_after: float | None = None


@cache
def get_tls_context() -> ssl.SSLContext:
    """Return the one TLS context of this process: reading the authorities takes some 20 ms."""
    return httpx.create_ssl_context(trust_env=False)


@cache
def _parse_url(url: str) -> httpx.URL:
    """Return the address as httpx wants it: reading it anew is a tenth of the cost of a POST."""
    return httpx.URL(url)


@asynccontextmanager
async def open_http_client(
    *, api_key: str, deadline: float, connections: int
) -> AsyncIterator[httpx.AsyncClient]:
    """Open a pool that carries the key, follows no redirect and reads no proxy settings."""
    async with httpx.AsyncClient(
        headers={"Authorization": f"Bearer {api_key}", "Accept-Encoding": "identity"},
        timeout=httpx.Timeout(deadline, connect=CONNECT_SECONDS),
        verify=get_tls_context(),
        limits=httpx.Limits(max_connections=connections),
        follow_redirects=False,
        trust_env=False,
    ) as http:
        yield http


async def post_tasks(
    http: httpx.AsyncClient,
    url: str,
    *,
    elements: Sequence[str],
    headers: Mapping[str, str],
    deadline: float,
) -> RawResponse:
    """Send the elements, each of them JSON, and return the answer, whatever its status.

    Raises `ProviderUnavailable` when not a byte of the request left, and `OutcomeUnknown` when it
    may have arrived but no whole answer came back within `deadline` seconds.
    """
    content = f"[{','.join(elements)}]".encode()
    headers = {"Content-Type": "application/json", **headers}
    try:
        async with (
            asyncio.timeout(deadline),
            http.stream("POST", _parse_url(url), content=content, headers=headers) as response,
        ):
            return RawResponse(
                response.status_code, await _read_body(response), _parse_retry_after(response)
            )
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise ProviderUnavailable(f"not connected: {error!r}") from error
    except httpx.HTTPError as error:
        raise OutcomeUnknown(f"no whole answer: {error!r}") from error
    except TimeoutError as error:
        raise OutcomeUnknown(f"no whole answer within {deadline:g} s") from error


async def _read_body(response: httpx.Response) -> bytes:
    """Read the body as sent: compression was declined, so that nothing can inflate here."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise OutcomeUnknown("the answer is compressed")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MAX_RESPONSE_BYTES:
            raise OutcomeUnknown(f"the answer is longer than {MAX_RESPONSE_BYTES} bytes")
    return bytes(body)


def _parse_retry_after(response: httpx.Response) -> float | None:
    """Read seconds or a date; a date counts from the answer's own `Date`, not from our clock."""
    given = response.headers.get("Retry-After", "")
    if given.isdecimal() and len(given) < 10:
        return float(given)
    try:
        when = parsedate_to_datetime(given) - parsedate_to_datetime(response.headers["Date"])
    except (KeyError, TypeError, ValueError):
        return None
    return max(0.0, when.total_seconds())
