"""Logs that are sequenced and signed, by a signer with a key and a memory of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.db import connection

from governance.merkle.cosignature import cosign
from governance.merkle.note import parse
from governance.proof.keeping import Keeper
from governance.proof.keys import make_key, read_key
from governance.proof.memory import held
from governance.proof.models import Checkpoint
from governance.proof.publishing import KEEP
from governance.proof.sequencing import sequence
from governance.proof.signing import Signer
from governance.proof.sizes import sizes
from tests.factories.cast import Company
from tests.merkle.signers import WITNESS, WITNESS_NAME, witness_key

PREFIX = "ledger.example.com"
TELL = """
    SELECT ledger_record(%s, 'weight.set', %s, 'Somebody', 'organisation', gen_random_uuid(), NULL, '{"n":1}')
    FROM generate_series(1, %s)
"""


@contextmanager
def signer(folder: Path) -> Iterator[Signer]:
    """The signer whose key and memory are in this folder, the key made when there is none; started."""
    path = folder / "key.pem"
    key = read_key(path) if path.exists() else make_key(path)
    with held(folder / "state") as memory:
        found = Signer(key, memory, prefix=PREFIX)
        found.start()
        yield found


def sign_all(folder: Path) -> list[Checkpoint]:
    """Sequence, and sign every log that has grown."""
    sequence()
    with signer(folder) as found:
        made = [found.sign(log) for log in sizes()]
    return [checkpoint for checkpoint in made if checkpoint]


def cosign_all(at: datetime) -> None:
    """Let a witness have seen every checkpoint at this time."""
    for found in Checkpoint.objects.all():
        line = cosign(WITNESS, WITNESS_NAME, parse(bytes(found.note)).note, int(at.timestamp()))
        with connection.cursor() as cursor:
            cursor.execute(KEEP, [found.pk, witness_key().vkey, line, at.replace(microsecond=0)])


def look(folder: Path, *, wanted: bool = True) -> Keeper:
    """A keeper that starts and looks once."""
    with signer(folder) as found:
        keeper = Keeper(found, checkpoint_seconds=60)
        keeper.start()
        keeper.attest(wanted=wanted)
    return keeper


def fill(company: Company, times: int) -> None:
    """Record so many events of the company's in one transaction."""
    with connection.cursor() as cursor:
        cursor.execute(TELL, [company.organisation.pk, company.owner.pk, times])
