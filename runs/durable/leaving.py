"""Whether this worker is shutting down: then runs are handed over after their present step.

The flag lies in shared memory made before any fork, so that Celery's child processes see what their parent
was told.
"""

import mmap

_flag = mmap.mmap(-1, 1)


def leave() -> None:
    """From now on no further step is begun here."""
    _flag[0] = 1


def stay() -> None:
    """Take `leave` back; a worker that starts calls it."""
    _flag[0] = 0


def leaving() -> bool:
    """Whether `leave` was called."""
    return _flag[0] == 1
