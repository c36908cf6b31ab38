"""`manage.py ledger keep` and `new-key`: the process that sequences, signs and verifies, and its key."""

import signal
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from governance.accounts.models import User
from governance.errors import Invalid, WrongState
from governance.ledger.self_test import refuse_unless_protected
from governance.merkle.keys import key_of
from governance.proof.durable import put
from governance.proof.findings import Finding
from governance.proof.freezing import freeze
from governance.proof.keeping import Keeper, keep
from governance.proof.keys import make_key, read_key
from governance.proof.memory import held
from governance.proof.models import LogKey
from governance.proof.publishing import Publisher, publishing
from governance.proof.signing import Signer
from governance.proof.witnesses import witnesses

PUBLIC = "installation.vkey"  # for witnesses, and nobody's secret


def state_folder() -> Path:
    """Where the signer remembers what it signed."""
    return Path(settings.LEDGER_STATE)


def keep_ledger(said: Callable[[str], None]) -> None:
    """Until SIGTERM or Ctrl-C; beside another keeper of this folder, from its end on.

    Raises a `DomainError` without a key, and before the tables are there. A database that does not protect
    the ledger is a finding, and kept all the same.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with held(
            state_folder(), waiting=lambda: said("another keeper is at work: waiting for its end")
        ) as memory:
            key = keepers_key()
            _tell_unless_protected()
            prefix = ledger_prefix()
            put(state_folder() / PUBLIC, f"{key_of(prefix, key.public_key().public_bytes_raw()).vkey}\n")
            signer = Signer(key, memory, prefix=prefix)
            with publishing([Publisher(found, signed=memory.size) for found in witnesses()]):
                keep(Keeper(signer, checkpoint_seconds=settings.LEDGER_CHECKPOINT_SECONDS), said=said)
    except KeyboardInterrupt:
        said("stopped")


def _tell_unless_protected() -> None:
    """Record what the application may do to the ledger's tables, or no trigger stops, as a finding.

    Raises `WrongState` while migrations are still to be applied, which make what protects.
    """
    try:
        refuse_unless_protected()
    except WrongState as problem:
        planned = MigrationExecutor(connection)
        if planned.migration_plan(planned.loader.graph.leaf_nodes()):
            raise
        freeze(Finding("unprotected", problem.message), actor=User.objects.system("keeper"))


def new_key(options: dict[str, Any]) -> str:
    """Make a key file."""
    path = Path(options["file"])
    make_key(path)
    return f"{path} holds a new key. Name it in LEDGER_KEY_FILE, for the keeper alone."


def key_path() -> Path:
    """The file of the key that is named; in a checkout the one beside the signer's memory."""
    return Path(settings.LEDGER_KEY_FILE or state_folder() / "log-key.pem")


def keepers_key() -> Ed25519PrivateKey:
    """The key in that file; in a checkout made on the first start."""
    path = key_path()
    if settings.LEDGER_KEY_FILE or path.exists():
        return read_key(path)
    if LogKey.objects.exists():
        raise Invalid(f"{path} is gone, and this database's logs were signed with it: put it back.")
    return make_key(path)


def ledger_prefix() -> str:
    """How the names of all logs begin; in a checkout it is made of the first key, and stays."""
    if settings.LEDGER_ORIGIN:
        return str(settings.LEDGER_ORIGIN)
    path = state_folder() / "origin"
    if not path.exists():
        public = keepers_key().public_key().public_bytes_raw()
        put(path, f"countersign.local/{sha256(public).hexdigest()[:8]}")
    return path.read_text(encoding="utf-8")
