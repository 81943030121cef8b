"""The parent's end of a worker process."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import pickle
import signal
import socket
import threading
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any, Final

from bot.errors import WorkerDied
from bot.images.workers.serving import FRAME, serve_calls

_GRACE_SECONDS: Final = 5.0
"""Beyond a call's time, for a new process to start and for the bytes of both ways."""
_EXIT_SECONDS: Final = 2.0
"""How long a process that closed its end of the socket may take to be gone."""


class WorkerProcess:
    """A worker process that makes one call at a time; a failed call ends this process only.

    It is not bound to an event loop, since nothing is awaited between calls.
    """

    def __init__(self, *, memory: int, seconds: float) -> None:
        self._memory = memory
        self._seconds = seconds
        self._process: BaseProcess | None = None
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        """Held to start or end the process: a cancelled start goes on in its thread."""
        self._is_busy = False
        self._is_closed = False

    async def start(self) -> None:
        """Start the process if there is none, in a thread: it may take 60 ms."""
        if self._process is not None and not self._process.is_alive():
            self._kill()
        if self._process is None:
            await asyncio.to_thread(self._start_process)

    def close(self) -> None:
        """End the process for good, and with it the call that it may be making."""
        self._is_closed = True
        if self._is_busy and self._process is not None:
            self._process.kill()  # the call closes the socket on which it waits
        else:
            self._kill()

    async def make_call(self, call: Callable[[], object]) -> Any:
        """Make a call in the process; return or raise what it does.

        Raises `WorkerDied` if the process ended or had to be ended; a new one is started then.
        Cancelling ends the process, and with it the work.
        """
        request = pickle.dumps(call, pickle.HIGHEST_PROTOCOL)
        await self.start()
        self._is_busy = True
        try:
            async with asyncio.timeout(self._seconds + _GRACE_SECONDS):
                body = await self._exchange(request)
        except (OSError, EOFError) as error:
            raise await self._replace_process(error) from None
        except BaseException:
            self._kill()
            raise
        finally:
            self._is_busy = False
        is_done, value = pickle.loads(body)  # noqa: S301 - from our own process
        if is_done:
            return value
        raise value

    def _kill(self) -> None:
        """Kill the process and what it started."""
        with self._lock:
            if self._socket is not None:
                self._socket.close()
            process, self._process, self._socket = self._process, None, None
        if process is not None and process.exitcode is None:
            process.kill()
            _end_group(process)

    def _start_process(self) -> None:
        with self._lock:
            if self._process is not None or self._is_closed:
                return
            ours, theirs = socket.socketpair()
            # fork is unsafe beside threads
            process = multiprocessing.get_context("spawn").Process(
                target=serve_calls, args=(theirs, self._memory, self._seconds)
            )
            with theirs:
                process.start()
            ours.settimeout(0)
            self._process, self._socket = process, ours

    async def _exchange(self, request: bytes) -> bytearray:
        if self._socket is None:
            raise EOFError
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self._socket, FRAME.pack(len(request)))
        await loop.sock_sendall(self._socket, request)
        (length,) = FRAME.unpack(await _receive(self._socket, FRAME.size))
        return await _receive(self._socket, length)

    async def _replace_process(self, error: Exception) -> WorkerDied:
        """Start a new process for one that ended; return the error that says why it ended."""
        process = self._process
        if isinstance(error, TimeoutError) or process is None:
            died = WorkerDied("an image worker did not answer in time")
        else:
            _end_group(process)
            await asyncio.to_thread(process.join, _EXIT_SECONDS)
            # killed from outside, as by an operator or for lack of the machine's memory
            foreign = process.exitcode == -signal.SIGKILL
            detail = f"an image worker ended with code {process.exitcode}"
            died = WorkerDied(detail, is_call_at_fault=not foreign)
        self._kill()
        await self.start()
        return died


def _end_group(process: BaseProcess) -> None:
    """Kill what a process started; call this before joining it, since its ID is free afterwards."""
    if process.pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


async def _receive(connection: socket.socket, length: int) -> bytearray:
    """Receive `length` bytes; raise `EOFError` if the other end closes before."""
    body = bytearray(length)
    rest = memoryview(body)
    while rest:
        received = await asyncio.get_running_loop().sock_recv_into(connection, rest)
        if not received:
            raise EOFError
        rest = rest[received:]
    return body
