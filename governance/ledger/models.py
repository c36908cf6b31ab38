"""The event: what happened, who did it, to what, and the exact bytes that say so."""

from hashlib import sha256
from typing import Any, Final

import orjson
from django.db import models

from governance.errors import Invalid
from governance.ledger.canonical import canonical
from governance.ledger.immutable import Immutable
from governance.ledger.kinds import ROUTINE
from governance.ledger.querysets import EventQuerySet

LEAF: Final = b"\x00"  # RFC 6962: what a leaf's hash begins with
# In place of the facts: one bad record must not hide the good ones on the same page.
UNREADABLE = {
    "unreadable": "These details are not in the form of the ledger. The record stands as it was stored."
}


class Event(Immutable):
    """One entry of the ledger, inserted by `ledger_record` or `ledger_record_run` of the database alone.

    `record` holds the hashed bytes (canonical JSON); `leaf` is SHA-256(0x00 || record), the RFC 6962 leaf
    hash. The identifier and the time are chosen in the database. There is no foreign key to business tables,
    so that no event ever disappears with its object.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    xid = models.BigIntegerField(help_text="The inserting transaction.")
    at = models.DateTimeField("when")
    organisation = models.UUIDField(null=True)
    project = models.UUIDField(null=True, help_text="Null when it is about the organisation at large.")
    kind = models.CharField("event", max_length=60, help_text="A `Kind`.")
    actor = models.UUIDField()
    actor_name = models.CharField("by", max_length=200, help_text="The printed name at the time.")
    object_type = models.CharField("about", max_length=40)
    object_id = models.UUIDField("its identifier")
    run = models.UUIDField(null=True)
    record = models.BinaryField()
    leaf = models.BinaryField()

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "ledger entry", "ledger entries"
        db_table = "ledger_event"
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["object_type", "object_id", "id"], name="ledger_event_object"),
            models.Index(
                fields=["run", "id"], name="ledger_event_run", condition=models.Q(run__isnull=False)
            ),
            models.Index(fields=["organisation", "-id"], name="ledger_event_newest"),
            models.Index(fields=["project", "-id"], name="ledger_event_project"),
            models.Index(fields=["xid", "id"], name="ledger_event_xid"),
            models.Index(
                fields=["-id"], name="ledger_event_by_people", condition=~models.Q(kind__in=list(ROUTINE))
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.object_type} {self.object_id}"

    @property
    def holds(self) -> bool:
        """Whether the record stored now still has the leaf hash that was stored with it."""
        return sha256(LEAF + bytes(self.record)).digest() == bytes(self.leaf)

    @property
    def details(self) -> dict[str, Any]:
        """The event's own facts, as recorded; of a record that cannot be read, that it cannot."""
        try:
            facts = orjson.loads(bytes(self.record))["details"]
            canonical(facts)
        except (orjson.JSONDecodeError, KeyError, TypeError, Invalid):
            return UNREADABLE
        return facts if isinstance(facts, dict) else UNREADABLE
