"""The provider's public catalogue of models, which needs no key and gets none."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Self
from urllib.parse import quote

from bot.errors import MediaGone, MediaRefused, MediaUnavailable, ProviderUnavailable
from bot.runware.account import CatalogModel
from bot.runware.media_download import Downloader, parse_host

_MAX_BYTES: Final = 1024 * 1024
"""Largest entry in bytes; real ones have a few thousand."""
_DEADLINE: Final = 10.0


class ModelCatalog:
    """Look models up by identifier: `GET <base_url>/models/<identifier>`.

    Source of the address and its fields: the vendor's SDKs and command line (content service).
    """

    def __init__(self, downloader: Downloader, base_url: str) -> None:
        self._downloader = downloader
        self._base_url = base_url

    @classmethod
    @asynccontextmanager
    async def open(cls, base_url: str) -> AsyncIterator[Self]:
        hosts = [parse_host(base_url)]
        async with Downloader.open(hosts, max_bytes=_MAX_BYTES, deadline=_DEADLINE) as downloader:
            yield cls(downloader, base_url)

    async def fetch_model(self, identifier: str) -> CatalogModel | None:
        """Return a model's entry, None if there is none; raise `ProviderUnavailable`."""
        url = f"{self._base_url}/models/{quote(identifier, safe='')}"
        try:
            entry = await self._downloader.fetch_file(url)
        except MediaGone:
            return None
        except (MediaRefused, MediaUnavailable) as error:
            raise ProviderUnavailable(f"the catalogue: {error.detail}") from error
        try:
            return CatalogModel.model_validate(json.loads(entry.data))
        except (ValueError, RecursionError) as error:
            raise ProviderUnavailable("the catalogue's entry makes no sense") from error
