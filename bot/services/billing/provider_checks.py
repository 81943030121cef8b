"""Free checks of the provider: the key, the balance, the price and the model's status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from bot.domain.model import ImageModel, PriceRule
from bot.domain.money import MicroUsd
from bot.errors import ProviderAuth, ProviderUnavailable, TaskRejected
from bot.runware.catalog import ModelCatalog
from bot.runware.client import RunwareClient
from bot.runware.requests import GetAccount, ImageInference, Inputs, Outpaint
from bot.services.ports.provider import BalanceReading, ModelReading, PriceReading

_SEED: Final = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAQAAAAEACAAAAAB5Gfe6AAAAVElEQVR42u3BAQEA"
    "AACAkP6v7ggKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAGAEPAAEccgnDAAAAAElFTkSuQmCC"
)
"""A black picture, small and yet large enough for any model."""
_SEED_SIDE: Final = 256
_PROMPT: Final = "The picture continues"
_RESTRICTED_CODES: Final = frozenset(
    {"forbidden", "permissionDenied", "insufficientPermissions", "http403"}
)
"""Codes of a valid key that may not do the one thing it was used for."""


def _is_about_task(error: ProviderAuth | TaskRejected) -> bool:
    """Return whether a provider that took the key found fault with the task."""
    return isinstance(error, TaskRejected) and not error.code.startswith("http")


@dataclass(frozen=True, slots=True)
class ProviderChecks:
    """Compare the provider with the operator's settings: `model`, `price` and `low_balance`.

    Each check costs nothing and raises what the client raises if the provider can't be asked.
    """

    client: RunwareClient
    catalog: ModelCatalog
    model: ImageModel
    price: PriceRule
    low_balance: MicroUsd

    async def check_key(self) -> None:
        """Raise `ProviderAuth` if the key is refused for pictures, not just for the account."""
        try:
            await self.client.fetch_account(GetAccount(task_uuid=uuid4()))
        except (ProviderAuth, TaskRejected) as error:
            if error.code not in _RESTRICTED_CODES and not _is_about_task(error):
                raise
            await self._try_key_on_picture()

    async def _try_key_on_picture(self) -> None:
        try:
            await self.check_price()
        except TaskRejected as error:
            if not _is_about_task(error):
                raise

    async def check_balance(self) -> BalanceReading:
        account = await self.client.fetch_account(GetAccount(task_uuid=uuid4()))
        return BalanceReading(account.balance, self.low_balance)

    async def check_price(self) -> PriceReading:
        """Have a tiny task priced by a dry run."""
        model, margin = self.model, self.model.margin.step
        task = ImageInference(
            task_uuid=uuid4(),
            model=model.identifier,
            positive_prompt=_PROMPT,
            inputs=Inputs(seed_image=_SEED),
            outpaint=Outpaint(right=margin),
            steps=model.steps.default,
            cfg_scale=model.cfg_scale.default,
        )
        quote = await self.client.fetch_price(task)
        configured = self.price.compute_price((_SEED_SIDE + margin) * _SEED_SIDE)
        is_flat = not self.price.per_megapixel
        return PriceReading(quote.price, configured, quote.absurd, is_flat)

    async def check_model(self) -> ModelReading:
        """Look the model up in the catalogue; raise `ProviderUnavailable`."""
        found = await self.catalog.fetch_model(self.model.identifier)
        if found is None:
            return ModelReading(self.model.identifier, is_listed=False)
        if found.status is None:
            raise ProviderUnavailable("the catalogue names no status")
        heirs = found.replaced_by or tuple(filter(None, [self.model.replaced_by]))
        return ModelReading(self.model.identifier, found.status, heirs)
