"""One POST to the provider, with limits of time and size and an error for each kind of failure."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Final

import httpx

from bot.errors import OutcomeUnknown, ProviderUnavailable

MAX_RESPONSE_BYTES: Final = 128 * 1024 * 1024
"""Largest response in bytes: the vendor's maximum of 20 results, 4 MB each, in base64."""
CONNECT_SECONDS: Final = 5.0
DRY_RUN: Final = {"X-Runware-Dry-Run": "1"}
"""Header to validate and price tasks without running them (vendor's skills repository)."""


@dataclass(frozen=True, slots=True)
class RawResponse:
    """A complete response; `retry_after` is in seconds, or None."""

    status: int
    body: bytes
    retry_after: float | None = None


@cache
def get_tls_context() -> ssl.SSLContext:
    """Return the process's only TLS context, since loading the root certificates takes 20 ms."""
    return httpx.create_ssl_context(trust_env=False)


@cache
def _parse_url(url: str) -> httpx.URL:
    """Parse a URL once, since parsing takes a tenth of a POST's time."""
    return httpx.URL(url)


@asynccontextmanager
async def open_http_client(
    *, api_key: str, deadline: float, connections: int
) -> AsyncIterator[httpx.AsyncClient]:
    """Open a connection pool that sends the API key, without redirects or proxies."""
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
    """Send JSON elements as one array and return the response, whatever its status.

    Raises `ProviderUnavailable` if nothing was sent, and `OutcomeUnknown` if the request may have
    arrived, but no complete response came within `deadline` seconds.
    """
    content = f"[{','.join(elements)}]".encode()
    headers = {"Content-Type": "application/json", **headers}
    try:
        async with (
            asyncio.timeout(deadline),  # for the whole call: httpx's own limits are per read
            http.stream("POST", _parse_url(url), content=content, headers=headers) as response,
        ):
            return RawResponse(
                response.status_code, await _read_body(response), _parse_retry_after(response)
            )
    # only these are certain to precede the first byte; anything later may have been billed
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise ProviderUnavailable(f"not connected: {_describe_error(error)}") from error
    except httpx.HTTPError as error:
        raise OutcomeUnknown(f"no whole answer: {_describe_error(error)}") from error
    except TimeoutError as error:
        raise OutcomeUnknown(f"no whole answer within {deadline:g} s") from error


async def _read_body(response: httpx.Response) -> bytes:
    """Read the raw body; compression was declined, so that nothing can inflate."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise OutcomeUnknown("the answer is compressed")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MAX_RESPONSE_BYTES:
            raise OutcomeUnknown(f"the answer is longer than {MAX_RESPONSE_BYTES} bytes")
    return bytes(body)


def _parse_retry_after(response: httpx.Response) -> float | None:
    """Parse seconds, or a date relative to the response's `Date`, since our clock may differ."""
    value = response.headers.get("Retry-After", "")
    if value.isdecimal() and len(value) < 10:
        return float(value)
    try:
        delay = parsedate_to_datetime(value) - parsedate_to_datetime(response.headers["Date"])
    except (KeyError, TypeError, ValueError):
        return None
    return max(0.0, delay.total_seconds())


def _describe_error(error: httpx.HTTPError) -> str:
    """Return an error's text, or its name, since some have no text."""
    return str(error) or type(error).__name__
