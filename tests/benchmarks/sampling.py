"""Where a worker's threads are, looked at many times a second: which functions the time goes to."""

import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType

EVERY_SECONDS = 0.003
WRITTEN_EVERY_SECONDS = 1.0
# A thread that waits for its next turn is not at work.
IDLE = ("thread.py:_worker", "threading.py:wait", "selectors.py:select", "queue.py:get", "heartbeat.py:_beat")
DEEPEST = 60


def watch(folder: Path) -> None:
    """Start to sample this process; the counts are in `folder` at most a second late."""
    threading.Thread(target=_watch, args=(folder,), name="sampling", daemon=True).start()


def _watch(folder: Path) -> None:
    leaves: Counter[str] = Counter()
    within: Counter[str] = Counter()
    me, written = threading.get_ident(), time.monotonic()
    while True:
        time.sleep(EVERY_SECONDS)
        for ident, frame in sys._current_frames().items():
            if ident != me:
                _count(frame, leaves, within)
        if time.monotonic() - written > WRITTEN_EVERY_SECONDS:
            written = time.monotonic()
            lines = [f"L\t{times}\t{place}" for place, times in leaves.most_common(60)]
            lines += [f"I\t{times}\t{place}" for place, times in within.most_common(90)]
            (folder / f"samples-{os.getpid()}.txt").write_text("\n".join(lines))


def _count(frame: FrameType, leaves: Counter[str], within: Counter[str]) -> None:
    leaf = _place(frame)
    stack: list[str] = []
    at: FrameType | None = frame
    while at is not None and len(stack) < DEEPEST:
        stack.append(_place(at))
        at = at.f_back
    if leaf.endswith(IDLE) or not any("durable/" in place for place in stack):
        return
    leaves[leaf] += 1
    within.update(set(stack))


def _place(frame: FrameType) -> str:
    code = frame.f_code
    return f"{'/'.join(code.co_filename.split('/')[-2:])}:{code.co_name}"
