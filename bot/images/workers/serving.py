"""The loop inside a worker process, which makes one call after another, each under the limits."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import pickle
import resource
import signal
import socket
import struct
import threading
import traceback
from collections.abc import Callable
from typing import Final

FRAME: Final = struct.Struct(">Q")
"""Each message is its length in bytes, then a pickle: a call, or whether it succeeded and what it
returned or raised. Both ends are this program."""

_WARM_MODULES: Final = ("bot.images.preview", "bot.images.compose")
"""What most calls need: half a second of imports, which no call's time should pay for."""


def serve_calls(connection: socket.socket, memory: int, seconds: float) -> None:
    """Make the requested calls until the other end closes; `memory` is in bytes.

    A call longer than `seconds` ends the process.
    """
    _prepare_process(memory)
    with connection, connection.makefile("rb") as incoming:
        while header := incoming.read(FRAME.size):
            (length,) = FRAME.unpack(header)
            body = _make_call(incoming.read(length), seconds)
            connection.sendall(FRAME.pack(len(body)))
            connection.sendall(body)


def _prepare_process(memory: int) -> None:
    # numpy's linear algebra would reserve memory for a thread per core, against the limit
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    # what a worker starts ends with it: the pool kills the whole group
    os.setpgid(0, 0)
    # Ctrl-C and a service manager reach every process, but only the parent decides when to stop
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))  # allocations over it fail
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for name in _WARM_MODULES:
        importlib.import_module(name)


def _end_with_parent() -> None:
    """Exit when the parent is gone, even after kill -9, which children aren't notified of."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.killpg(0, signal.SIGKILL)


def _make_call(request: bytes, seconds: float) -> bytes:
    # SIGALRM's default action kills the process even while a C decoder runs
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        call: Callable[[], object] = pickle.loads(request)  # noqa: S301 - from the parent
        return pickle.dumps((True, call()), pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001 - raised again by the caller
        return _pack_error(error)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _pack_error(error: Exception) -> bytes:
    # a traceback is not pickled, but a note is
    error.add_note("in the worker:\n" + "".join(traceback.format_exception(error)))
    try:
        return pickle.dumps((False, error), pickle.HIGHEST_PROTOCOL)
    except Exception:  # noqa: BLE001 - an error may hold anything
        return pickle.dumps((False, RuntimeError(f"not to be sent: {type(error).__name__}")))
