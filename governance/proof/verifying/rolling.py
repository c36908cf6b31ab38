"""The keeper's rounds: a stretch of entries at a time, from the beginning again when the end is reached."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from django.db import connection

from governance.proof.completeness.numbers import Sessions
from governance.proof.findings import Finding
from governance.proof.models import Verification
from governance.proof.sizes import signed_sizes, sizes
from governance.proof.verifying.checkpoints import checkpoints
from governance.proof.verifying.columns import columns
from governance.proof.verifying.cosignatures import cosignatures
from governance.proof.verifying.handing_over import unproven
from governance.proof.verifying.levels import levels
from governance.proof.verifying.scanning import scan, slices
from governance.proof.verifying.withheld import Walk

MOST_ENTRIES: Final = 50_000
KEEP: Final = "SELECT ledger_keep_round(%s, %s, %s, %s)"


class Rounds:
    """Remembers where the last round ended; a keeper that starts again begins with the first entries."""

    def __init__(self, *, most: int = MOST_ENTRIES) -> None:
        self._most = most
        self._next: tuple[UUID, int] | None = None
        self._walk = Walk(most=most)
        self._sessions = Sessions()
        self._numbered: dict[UUID, int] | None = None

    def begin(self) -> None:
        """From here on the numbers of sessions are compared: of what came since it was signed last."""
        self._numbered = signed_sizes()

    @contextmanager
    def repeated(self) -> Iterator[None]:
        """Look at the same again where what was found could not be kept."""
        marks = self._next, self._numbered
        try:
            yield
        except BaseException:
            self._next, self._numbered = marks
            raise

    def go(self) -> tuple[Verification, list[Finding]]:
        """Verify the next stretch and every log's last checkpoint; the row that says so, and the findings."""
        began = time.monotonic()
        signed = signed_sizes()
        known = {**dict.fromkeys(signed, 0), **sizes()}  # with the logs whose entries are all gone
        parts = self._stretch(known)
        findings: list[Finding] = []
        for log, first, end in parts:
            for part in slices(log, first, end):
                findings += scan(part).findings
            findings += columns(log, first, end, findings)
            findings += checkpoints(log, known[log], above=first, most=end)
            findings += cosignatures(log, above=first, most=end)
        for log, size in known.items():
            findings += _last(log, size, signed.get(log))
        findings += self._walk.go()
        findings += self._holes(known)
        entries = sum(end - first for _, first, end in parts)
        told = json.dumps([found.plain() for found in findings])
        with connection.cursor() as cursor:
            cursor.execute(KEEP, [entries, len(known), told, time.monotonic() - began])
            row = Verification.objects.get(pk=cursor.fetchone()[0])
        return row, findings

    def _holes(self, known: dict[UUID, int]) -> list[Finding]:
        """Numbers that are missing in the sessions of which there are events since the last round."""
        before = known if self._numbered is None else self._numbered
        parts = [(log, before.get(log, 0), size) for log, size in known.items() if size > before.get(log, 0)]
        counted = self._sessions.at_positions(parts) if parts else None
        self._numbered = known
        holes = dict.fromkeys(counted.holes if counted else ())  # one that is looked at again is met twice
        return [found for hole in holes for found in hole.findings()]

    def _stretch(self, known: dict[UUID, int]) -> list[tuple[UUID, int, int]]:
        """The next entries, log after log; all logs at most."""
        order = sorted(known)
        log, position = (
            self._next if self._next and self._next[0] in known else (order[0] if order else None, 0)
        )
        if log is None:
            return []
        at, left = order.index(log), self._most
        found: list[tuple[UUID, int, int]] = []
        for turn in range(len(order)):
            log = order[(at + turn) % len(order)]
            first = position if turn == 0 and position < known[log] else 0
            end = min(first + left, known[log])
            found.append((log, first, end))
            left -= end - first
            if left <= 0:
                self._next = (log, end) if end < known[log] else (order[(at + turn + 1) % len(order)], 0)
                return found
        self._next = None
        return found


def _last(log: UUID, size: int, last: int | None) -> list[Finding]:
    """The levels of the tree, and the note that was the last over it when the round began."""
    found = [*levels(log, size), *unproven(log)]
    return found if last is None else [*found, *checkpoints(log, size, above=last - 1, most=last)]
