"""Calling what might never return, and not waiting longer than allowed.

A thread cannot be stopped: the call goes on, and what it returns is thrown away. Only the worker's slot is
free again, so how many such calls a process may have is bounded.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from typing import Any, TypeVar

from django.db import connections

log = logging.getLogger(__name__)
MOST_ABANDONED = 16
T = TypeVar("T")

_abandoned: set[Future[Any]] = set()
_lock = threading.Lock()


class TookTooLong(Exception):
    """The call had not returned in the time allowed."""


class TooManyAbandoned(Exception):
    """So many calls of this process are still running unheard that no other is begun."""


def within(seconds: float, body: Callable[[], T], *, name: str) -> T:
    """What the call returns or raises, if it does so in time. Raises `TookTooLong`, `TooManyAbandoned`."""
    with _lock:
        if len(_abandoned) >= MOST_ABANDONED:
            raise TooManyAbandoned
    future: Future[T] = Future()
    # A daemon: a pool's threads would be waited for when the worker leaves.
    threading.Thread(target=_run, args=(future, body, name), name=f"step {name}", daemon=True).start()
    try:
        return future.result(timeout=seconds)
    except NotYet:
        if future.done():
            return future.result()  # in the last moment, or a TimeoutError of its own
        _abandon(future, name)
        raise TookTooLong from None


def _run(future: "Future[T]", body: Callable[[], T], name: str) -> None:
    try:
        future.set_result(body())
    except BaseException as problem:  # whatever it is, the caller hears of it
        future.set_exception(problem)
    finally:
        with _lock:
            late = future in _abandoned
            _abandoned.discard(future)
        if late:
            log.warning("%s returned after its time was over: the result is thrown away", name)
        connections.close_all()  # this thread's own, if it has opened any


def _abandon(future: "Future[T]", name: str) -> None:
    with _lock:
        if not future.done():
            _abandoned.add(future)
    log.warning("%s has not returned in its time: its worker goes on without it", name)
