"""All that commands and presses call, in one hand."""

from __future__ import annotations

from dataclasses import dataclass

from bot.clock import Clock
from bot.services.accounting import Accounting
from bot.services.expansion import Expansions
from bot.services.history import History
from bot.services.pictures import Pictures
from bot.services.previews import Previews
from bot.services.privacy import Privacy
from bot.services.progress import Progress
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
    progress: Progress
    seal: Seal
    clock: Clock
    keep_days: int

    def controls(self, locale: object) -> Controls:
        """Return the controls in the language of one of Discord's locales."""
        return Controls(speech(str(locale)), self.seal)
