"""A witness that is killed at any moment never cosigns two histories of one log."""

import threading
import time
from collections import defaultdict
from pathlib import Path
from secrets import randbelow

import httpx
import pytest

from governance.merkle.cosignature import verify_cosignature
from governance.merkle.note import Note
from tests.merkle.signers import ORIGIN, witness_key
from tests.waiting import wait_until
from tests.witness.child import Child, witness
from tests.witness.logs import MemoryLog

SIZE = 100
FORK = 3
KILLS = 3
FUTURE = 2**40
FACES = (MemoryLog(SIZE), MemoryLog(SIZE, fork=FORK))


class TwoFaced:
    """Shows a witness both of its faces, one leaf after the other, and keeps what was cosigned."""

    def __init__(self) -> None:
        self.cosigned: dict[int, set[bytes]] = defaultdict(set)
        self.over = threading.Event()
        self.child: Child | None = None

    def show(self, log: MemoryLog) -> None:
        old = 0
        while not self.over.is_set():
            try:
                old = self._shown(log, old)
            except (httpx.TransportError, AttributeError):  # dead, or not yet alive
                time.sleep(0.005)

    def _shown(self, log: MemoryLog, old: int) -> int:
        new = min(old + 1, SIZE)
        found = self.child.ask(log.asks(old, new))  # type: ignore[union-attr]  # said above
        if found.status_code == 200:
            note = Note(ORIGIN, new, log.root(new))
            assert verify_cosignature(found.content, witness_key(), note, FUTURE)
            self.cosigned[new].add(note.root)
            return new
        return int(found.text) if found.status_code == 409 else old


def test_it_never_cosigns_two_roots_at_one_size(tmp_path: Path) -> None:
    shown = TwoFaced()
    threads = [threading.Thread(target=shown.show, args=(log,)) for log in FACES for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(KILLS):
            before = sum(map(len, shown.cosigned.values()))
            with witness(tmp_path) as shown.child:
                wait_until(lambda: sum(map(len, [*shown.cosigned.values()])) > before)  # noqa: B023
                time.sleep(randbelow(50) / 1000)
    finally:
        shown.over.set()
        for thread in threads:
            thread.join()

    assert len(shown.cosigned) >= KILLS
    assert {len(roots) for roots in shown.cosigned.values()} == {1}
    later = {size: roots for size, roots in shown.cosigned.items() if size > FORK}
    assert any(all(roots == {log.root(size)} for size, roots in later.items()) for log in FACES)


@pytest.mark.parametrize("size", [FORK, FORK + 1])
def test_the_faces_are_the_same_up_to_the_fork(size: int) -> None:
    first, second = FACES
    assert (first.root(size) == second.root(size)) == (size == FORK)
