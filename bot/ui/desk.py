"""All that commands and presses call, in one hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.domain.ids import UserId
from bot.errors import PressRefused
from bot.services.accounting import Accounting
from bot.services.expansion import Expansions
from bot.services.gallery import Gallery
from bot.services.history import History
from bot.services.moderation import Moderation
from bot.services.pictures import Pictures
from bot.services.previews import Previews
from bot.services.privacy import Privacy
from bot.services.rules import Rules
from bot.ui.buttons import Controls
from bot.ui.seal import Seal
from bot.ui.speech import speech


@dataclass(frozen=True, slots=True)
class Desk:
    """`keep_days` is how long files are kept, for the page that tells it."""

    expansions: Expansions
    accounting: Accounting
    pictures: Pictures
    previews: Previews
    history: History
    privacy: Privacy
    gallery: Gallery
    moderation: Moderation
    rules: Rules
    seal: Seal
    clock: Clock
    keep_days: int
    _busy: set[UserId] = field(default_factory=set)

    def controls(self, locale: object) -> Controls:
        """Return the controls in the language of one of Discord's locales."""
        return Controls(speech(str(locale)), self.seal)

    def operators(self) -> Mapping[str, tuple[int, int]]:
        """Return what the operator sets and allows at most, by setting (see `Caps`)."""
        return self.accounting.caps.operators()

    @contextmanager
    def one_at_a_time(self, user: UserId) -> Iterator[None]:
        """Let a member have one costly thing made at a time: what is free must not be flooded."""
        if user in self._busy:
            raise PressRefused("busy")
        self._busy.add(user)
        try:
            yield
        finally:
            self._busy.discard(user)
