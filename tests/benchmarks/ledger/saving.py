"""A Django process that changes rows: `python -m tests.benchmarks.ledger.saving ORGANISATION ACTOR`.

It makes rows of its own, then answers each line `KIND SECONDS` with how many transactions it committed in
that time. A business transaction locks a row, reads it, changes three columns and saves it. `plain`: of a
table that nothing watches. `captured`: of the same table with the capture trigger, in the name of a person:
the database tells of the row. `told`: the same, and the service records its own event, which names them.
"""

import random
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final
from uuid import UUID, uuid4

ROWS: Final = 50


def main() -> None:
    """Until the last line."""
    import django

    django.setup()
    from django.db import transaction

    from governance.accounts.models import User
    from governance.ledger.acting import acting

    organisation, actor = UUID(sys.argv[1]), User.objects.get(pk=sys.argv[2])
    plain, captured = (_model(table) for table in ("bench_plain", "bench_captured"))
    with acting(actor):
        rows = {kind: [_made(kind, organisation) for _ in range(ROWS)] for kind in (plain, captured)}
    ways: dict[str, tuple[Any, Callable[[], AbstractContextManager[Any]], bool]] = {
        "plain": (plain, transaction.atomic, False),
        "captured": (captured, lambda: acting(actor), False),
        "told": (captured, transaction.atomic, True),
    }
    _say("ready")
    for line in sys.stdin:
        name, seconds = line.split()
        model, within, telling = ways[name]
        until, count = time.monotonic() + float(seconds), 0
        while time.monotonic() < until:
            pk = random.choice(rows[model])  # noqa: S311 - which row is changed
            with within():
                row = _changed(model, pk)
                if telling:
                    _told(row, actor)
            count += 1
        _say(str(count))


def _model(table: str) -> Any:
    """A model of the table, in this process alone."""
    from django.db import models

    columns = {
        "id": models.UUIDField(primary_key=True, default=uuid4),
        "organisation_id": models.UUIDField(),
        "reference": models.CharField(max_length=40),
        "state": models.CharField(max_length=20),
        "amount": models.IntegerField(),
        "note": models.TextField(),
        "changed_at": models.DateTimeField(),
    }
    meta = type("Meta", (), {"app_label": "bench", "db_table": table, "managed": False})
    return type(table, (models.Model,), {"__module__": __name__, "Meta": meta, **columns})


def _made(model: Any, organisation: UUID) -> UUID:
    from django.utils import timezone

    row = model.objects.create(
        organisation_id=organisation,
        reference="CLAIM-1",
        state="open",
        amount=1,
        note="A note.",
        changed_at=timezone.now(),
    )
    return UUID(str(row.pk))


def _changed(model: Any, pk: UUID) -> Any:
    from django.utils import timezone

    row = model.objects.select_for_update().get(pk=pk)
    row.state = "closed" if row.state == "open" else "open"
    row.amount += 1
    row.changed_at = timezone.now()
    row.save()
    return row


def _told(row: Any, actor: Any) -> None:
    from governance.ledger.kinds import Kind
    from governance.ledger.services import record

    details = {"state": row.state, "amount": row.amount, "reference": row.reference}
    about = ("organisation", row.organisation_id)
    record(Kind.LIMIT_SET, actor=actor, organisation=row.organisation_id, about=about, details=details)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
