"""One event loop per process for all calls to models: pooled connections, and a deadline nothing outlasts.

A blocking client can only limit single reads: a server that drips a byte a second would hold a worker for
hours.
"""

import asyncio
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_lock = threading.Lock()
_loops: dict[int, asyncio.AbstractEventLoop] = {}


def call(work: Coroutine[Any, Any, T]) -> T:
    """Run the coroutine on the process's loop and wait for its result or error."""
    return asyncio.run_coroutine_threadsafe(work, current_loop()).result()


def current_loop() -> asyncio.AbstractEventLoop:
    """The loop of this process, started on first use. A forked child starts its own."""
    with _lock:
        loop = _loops.get(os.getpid())
        if loop is None:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="model-calls", daemon=True).start()
            _loops[os.getpid()] = loop
        return loop
