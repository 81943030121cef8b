"""The service's current state: switches, planned faults and wallet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.runware.behaviour_switches import Switches
from sandbox.runware.pricing import Wallet

if TYPE_CHECKING:
    from sandbox.runware.faults import RunwareFaults


@dataclass(slots=True)
class ServiceState:
    """Faults, switches and wallet; `latency` is in seconds before a task is rendered."""

    faults: RunwareFaults
    switches: Switches = field(default_factory=Switches)
    wallet: Wallet = field(default_factory=Wallet)
    latency: float = 0.0

    def reset(self) -> None:
        """Reset all but the latency, which is set by whoever opened the service."""
        self.faults.clear()
        self.switches = Switches()
        self.wallet = Wallet()
