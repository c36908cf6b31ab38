"""Showing each log's last checkpoint to the witnesses, and keeping what they say of it.

Each witness has a thread and a connection of its own in the keeper's process: one that is slow or away delays
neither signing nor another. Only the last checkpoint is shown; a witness that was away has missed none.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from django.db import connection

from governance.accounts.models import User
from governance.merkle.asking import written
from governance.merkle.cosignature import verify_cosignature
from governance.merkle.errors import Unproven
from governance.merkle.note import claimed, parse, parse_line
from governance.proof.asking import Answered, Away, Client
from governance.proof.findings import Altered, Finding
from governance.proof.freezing import freeze
from governance.proof.keeping import tried_again
from governance.proof.models import Checkpoint, Cosignature
from governance.proof.reading import consistency
from governance.proof.sizes import signed_sizes
from governance.proof.witnesses import Witness

LOG = logging.getLogger(__name__)
KEEP: Final = "SELECT ledger_keep_cosignature(%s, %s, %s, %s)"
LOOK_SECONDS: Final = 0.5
LONGEST_PAUSE: Final = 60.0
PATIENCE_SECONDS: Final = 5.0  # at the end, for an answer on its way
COSIGNED, CONFLICT, UNCONTINUED = 200, 409, 422
TRIES: Final = 3  # another may ask the witness meanwhile
LONGEST_SIZE: Final = 20  # digits, of a number below 2^63


class Unsettled(Exception):
    """The witness cosigned nothing, for a reason that is no finding; the message says which."""


class Publisher:
    """Shows the checkpoints to one witness. `signed` says over how much of a log this signer ever signed."""

    def __init__(
        self, witness: Witness, *, signed: Callable[[UUID], int], client: Client | None = None
    ) -> None:
        self._witness = witness
        self._signed = signed
        self._client = client or Client(witness.url)
        self._seen: dict[UUID, int] = {}
        self._told: dict[UUID | None, str] = {}
        self._pause = self._not_before = 0.0

    def publish(self) -> int:
        """Show what is new of each log; how many were cosigned. Does nothing while the witness is away."""
        if time.monotonic() < self._not_before:
            return 0
        try:
            found = sum(self._published(log, size) for log, size in signed_sizes().items())
        except Away as problem:
            self._pause = min(LONGEST_PAUSE, max(1.0, 2 * self._pause))
            self._not_before = time.monotonic() + self._pause
            self._tell(None, str(problem))
            return 0
        self._pause = 0.0
        self._told.pop(None, None)
        return found

    def _published(self, log: UUID, size: int) -> bool:
        """Whether the log's checkpoint of this size was cosigned now. Raises `Away`."""
        if self._last(log) >= size:
            return False
        checkpoint = Checkpoint.objects.get(log=log, size=size)
        try:
            self._keep(checkpoint, self._cosignature(checkpoint))
        except Altered as problem:
            freeze(problem.finding, actor=User.objects.system("keeper"))
        except (Unsettled, Unproven) as problem:
            self._tell(log, str(problem))
        else:
            self._told.pop(log, None)
            return True
        return False

    def _last(self, log: UUID) -> int:
        """Over how much of the log the witness cosigned last, as far as is known here."""
        if log not in self._seen:
            own = Cosignature.objects.filter(checkpoint__log=log, vkey=self._witness.key.vkey)
            last = own.order_by("-checkpoint__size").values_list("checkpoint__size", flat=True).first()
            self._seen[log] = last or 0
        return self._seen[log]

    def _cosignature(self, checkpoint: Checkpoint) -> bytes:
        """The witness's answer; asked again from the size that it remembers, where that is another."""
        old = self._last(checkpoint.log)
        answer = self._ask(checkpoint, old)
        for _ in range(TRIES):
            if answer.status != CONFLICT:
                break
            seen = _size(answer)
            self._check_seen(checkpoint, old, seen)
            answer, old = self._ask(checkpoint, seen), seen
        if answer.status == UNCONTINUED and old:
            raise Altered(self._contradicted(checkpoint, old))
        if answer.status != COSIGNED:
            raise Unsettled(f"it answered {answer.status}: {answer.words}")
        return answer.body

    def _ask(self, checkpoint: Checkpoint, old: int) -> Answered:
        proof = consistency(checkpoint.log, old, checkpoint.size)
        return self._client.ask(written(old, proof, bytes(checkpoint.note)))

    def _check_seen(self, checkpoint: Checkpoint, old: int, seen: int) -> None:
        """The witness saw another size than was told. Raises `Altered` for one that was never signed here."""
        if seen > checkpoint.size:
            if seen > self._signed(checkpoint.log):
                raise Altered(self._ahead(checkpoint, seen))
            raise Unsettled(f"it has seen {seen:,} entries already")
        if seen == old == checkpoint.size:
            raise Altered(self._contradicted(checkpoint, seen))
        if seen == old:
            raise Unsettled(f"it does not go on from {seen:,} entries, which it says it saw last")
        if seen < old:
            LOG.warning("the witness %s has forgotten what it cosigned", self._witness.name)

    def _keep(self, checkpoint: Checkpoint, answer: bytes) -> None:
        """Verify the witness's line and keep it. Raises `Unproven`."""
        key, note = self._witness.key, parse(bytes(checkpoint.note)).note
        own = [line for line in answer.splitlines(keepends=True) if claimed(parse_line(line), [key])]
        if not own:
            raise Unsettled("it answered without a cosignature of its own")
        at = verify_cosignature(own[0], key, note, int(time.time()))
        seen_at = datetime.fromtimestamp(at, tz=UTC)
        with connection.cursor() as cursor:
            cursor.execute(KEEP, [checkpoint.pk, key.vkey, own[0], seen_at])
        self._seen[checkpoint.log] = checkpoint.size

    def _contradicted(self, checkpoint: Checkpoint, seen: int) -> Finding:
        said = (
            f"The witness {self._witness.name} saw another history: the log's first {seen:,} entries are not "
            "those that it cosigned."
        )
        return Finding("witness_contradicts", said, checkpoint.log, seen)

    def _ahead(self, checkpoint: Checkpoint, seen: int) -> Finding:
        said = (
            f"The witness {self._witness.name} saw {seen:,} entries of the log, of which {checkpoint.size:,} "
            "are signed here: it was set back, or somebody else signs it, too."
        )
        return Finding("witness_ahead", said, checkpoint.log, seen)

    def _tell(self, about: UUID | None, words: str) -> None:
        """Once, until it is something else."""
        if self._told.get(about) != words:
            LOG.error("the witness %s does not cosign: %s", self._witness.name, words)
        self._told[about] = words


def _size(answer: Answered) -> int:
    text = answer.body.removesuffix(b"\n")
    if not (text.isdigit() and len(text) < LONGEST_SIZE):
        raise Unsettled(f"it answered 409 without a size: {answer.words}")
    return int(text)


@contextmanager
def publishing(publishers: list[Publisher]) -> Iterator[None]:
    """Let each publish for as long as the block runs."""
    ending = threading.Event()
    threads = [threading.Thread(target=_publish, args=(found, ending), daemon=True) for found in publishers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ending.set()
        deadline = time.monotonic() + PATIENCE_SECONDS
        for thread in threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))


def _publish(publisher: Publisher, ending: threading.Event) -> None:
    try:
        while not ending.wait(timeout=LOOK_SECONDS):
            with tried_again():
                publisher.publish()
    finally:
        connection.close()
