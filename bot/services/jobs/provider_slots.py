"""The provider's concurrency limit: how many tasks may be in flight, in order of arrival."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from uuid import UUID


class ProviderSlots:
    """Allow `limit` tasks at the provider; those found there after a restart may exceed it."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._taken: set[UUID] = set()
        self._queue: OrderedDict[UUID, asyncio.Future[None]] = OrderedDict()

    async def acquire_slot(self, task: UUID) -> None:
        """Wait for a slot in order of arrival; a task that has one keeps it."""
        if task in self._taken:
            return
        if len(self._taken) < self.limit:
            self._taken.add(task)
            return
        turn = self._queue.setdefault(task, asyncio.get_running_loop().create_future())
        try:
            # shielded: a cancelled wait must not cancel the future that `release_slot` resolves
            await asyncio.shield(turn)
        except asyncio.CancelledError:
            self.release_slot(task)
            raise

    def occupy_slot(self, task: UUID) -> None:
        """Count a task that is already at the provider, even above the limit."""
        self._taken.add(task)

    def has_slot(self, task: UUID) -> bool:
        return task in self._taken

    def release_slot(self, task: UUID) -> None:
        """Free the task's slot, or its place in line, and serve those next in line."""
        self._taken.discard(task)
        self._queue.pop(task, None)
        while self._queue and len(self._taken) < self.limit:
            first, turn = self._queue.popitem(last=False)
            self._taken.add(first)
            turn.set_result(None)
