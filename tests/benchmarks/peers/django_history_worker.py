"""Changes rows of whichever model it is told to: `worker.py ADDRESS prepare|work`.

`prepare` makes the tables and their triggers. `work` makes rows of its own, then answers each line
`MODEL SECONDS` with how many transactions it committed in that time.
"""

import random
import sys
import time
import uuid
from urllib.parse import parse_qs, unquote, urlsplit

import django
from django.conf import settings

ROWS = 50


def configure(address: str) -> None:
    """Django's settings, for this database."""
    parts = urlsplit(address)
    given = {name: values[0] for name, values in parse_qs(parts.query).items()}
    settings.configure(
        INSTALLED_APPS=[
            "django.contrib.contenttypes", "django.contrib.auth", "auditlog", "simple_history", "pgtrigger",
            "pghistory", "django_history",
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts.path.lstrip("/"),
                "USER": unquote(parts.username or ""),
                "PASSWORD": unquote(parts.password or ""),
                "HOST": given.get("host") or unquote(parts.hostname or ""),
                "PORT": parts.port or given.get("port", ""),
                "CONN_MAX_AGE": None,
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )  # fmt: skip
    django.setup()


def prepare() -> None:
    """The tables, and what the libraries put on them."""
    from django.core.management import call_command

    call_command("migrate", "auth", verbosity=0)  # its tables first: histories name who changed a row
    call_command("migrate", run_syncdb=True, verbosity=0)
    call_command("pgtrigger", "install", verbosity=0)


def work() -> None:
    """Until the last line."""
    from django_history import models

    kinds = {name: getattr(models, name) for name in ("Plain", "Audited", "Historic", "Tracked")}
    rows = {name: [made(kind) for _ in range(ROWS)] for name, kind in kinds.items()}
    say("ready")
    for line in sys.stdin:
        name, seconds = line.split()
        until, count = time.monotonic() + float(seconds), 0
        while time.monotonic() < until:
            change(kinds[name], random.choice(rows[name]))  # noqa: S311 - which row is changed
            count += 1
        say(str(count))


def made(kind: type) -> uuid.UUID:
    """A row of this worker's own."""
    from django.utils import timezone

    return kind.objects.create(
        organisation_id=uuid.uuid4(), reference="CLAIM-1", state="open", amount=1, note="A note.",
        changed_at=timezone.now(),
    ).pk  # fmt: skip


def change(kind: type, pk: uuid.UUID) -> None:
    """The business transaction: the row locked, read, changed, saved."""
    from django.db import transaction
    from django.utils import timezone

    with transaction.atomic():
        row = kind.objects.select_for_update().get(pk=pk)
        row.state = "closed" if row.state == "open" else "open"
        row.amount += 1
        row.changed_at = timezone.now()
        row.save()


def say(words: str) -> None:
    """One line to who asked."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    configure(sys.argv[1])
    {"prepare": prepare, "work": work}[sys.argv[2]]()
