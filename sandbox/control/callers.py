"""Who may call a local service: this machine's programs, and the service's own page."""

from typing import Final
from urllib.parse import urlsplit

from aiohttp import hdrs, web

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_OWN_SITES: Final = frozenset({"same-origin", "none"})
"""Values of Sec-Fetch-Site for the page's own requests, and for addresses that a person enters."""


def is_foreign(request: web.Request) -> bool:
    """Tell whether a request comes from a website, so that none can drive the service.

    A foreign name that resolves to this machine is DNS rebinding. Browsers send Origin with
    WebSockets and with all methods but GET and HEAD, and Sec-Fetch-Site with every request to this
    machine (Fetch Metadata, W3C); other programs send neither. Following a link is allowed: it
    changes nothing, and the page that links reads nothing.
    """
    if _parse_hostname(f"//{request.host}") not in LOOPBACK:
        return True
    origins = request.headers.getall(hdrs.ORIGIN, [])
    if any(origin != f"{request.scheme}://{request.host}" for origin in origins):
        return True
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    is_link = request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate"
    is_link &= request.headers.get("Sec-Fetch-Dest") == "document"
    return site not in _OWN_SITES and not is_link


def _parse_hostname(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
