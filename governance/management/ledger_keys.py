"""`manage.py ledger rotate-key` and `restore`: how a log goes on by another key, or after a restore."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings

from governance.accounts.models import User
from governance.errors import Invalid, WrongState
from governance.management.ledger_gaps import log_of
from governance.management.ledger_keep import keepers_key, key_path, ledger_prefix, state_folder
from governance.proof.durable import sync
from governance.proof.keys import read_key
from governance.proof.log_keys import names
from governance.proof.memory import held
from governance.proof.restoring import restore_log
from governance.proof.rotation import rotate_key


def rotate(options: dict[str, Any]) -> str:
    """Hand over to the key in a file, and say what is left to be done."""
    path = Path(options["to"])
    new = read_key(path)
    with held(state_folder()) as memory:
        old = keepers_key()
        logs = rotate_key(
            new,
            old=old,
            memory=memory,
            prefix=ledger_prefix(),
            actor=_person(options["by"]),
            reason=options["reason"] or "",
        )
        said = f"{path} signs {logs} logs from now on."
        if settings.LEDGER_KEY_FILE:
            return f"{said} Name it in LEDGER_KEY_FILE before the keeper starts; keep the old one shut away."
        return f"{said} The old key is kept as {_put_in_place(path)}."


def restore(options: dict[str, Any]) -> str:
    """Have one log go on under its next name."""
    with held(state_folder()) as memory:
        made = restore_log(
            log_of(options["log"]),
            key=keepers_key(),
            memory=memory,
            prefix=ledger_prefix(),
            actor=_person(options["by"]),
            reason=options["reason"] or "",
        )
    if made is None:
        raise WrongState("The log goes on, and has no checkpoint yet: the keeper will sign it.")
    name = names([made.log])[made.log]
    return f"The log goes on as {name}, signed at {made.size:,} entries. Tell who verifies it, and witnesses."


def _person(email: str | None) -> User:
    found = User.objects.filter(email__iexact=email or "", is_active=True).first()
    if found is None:
        raise Invalid("Say by --by which platform owner.")
    return found


def _put_in_place(path: Path) -> Path:
    """Have the key of a checkout's keeper be this one, the one before beside it."""
    present = key_path()
    kept = present.with_name(f"log-key-before-{os.stat(present).st_mtime_ns}.pem")
    os.link(present, kept)
    partial = present.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(path.read_bytes())
        file.flush()
        os.fsync(file.fileno())
    partial.replace(present)
    sync(present.parent)
    return kept
