"""The log of each organisation: its events' positions, the tiles of their tree, and its signed checkpoints.

There is one log for each organisation and one, under the identifier `INSTALLATION`, for the events of none.
No row here has a foreign key to an event: what proves an event stays when an event's content must go.
"""

from django.db import models
from django.db.models.functions import Now

from governance.ledger.identity import uuid7
from governance.ledger.immutable import Immutable
from governance.proof.querysets import INSTALLATION, CheckpointQuerySet, FreezeQuerySet, LogQuerySet


class Log(Immutable):
    """A log that has been signed: the name under which it was, and is, for ever."""

    id = models.UUIDField(primary_key=True, editable=False, help_text="The organisation, or no one.")
    origin = models.CharField(max_length=255, unique=True, help_text="Its name in notes.")
    opened_at = models.DateTimeField("first signed")

    objects = LogQuerySet.as_manager()

    class Meta:
        db_table = "ledger_log"
        ordering = ("origin",)

    def __str__(self) -> str:
        return self.origin


class Sequencing(models.Model):
    """Up to where events have been given their positions; `ledger_sequence` of the database alone writes it.

    `seen` is the snapshot of which all is done, null when nothing is known of this cluster's transactions.
    While a backlog is worked off, `reading` is the snapshot that is being done, and the last two say how far.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    cluster = models.CharField(max_length=40)
    seen = models.TextField(null=True)  # noqa: DJ001 - null and no snapshot are not the same
    reading = models.TextField(null=True)  # noqa: DJ001
    after_xid = models.BigIntegerField(default=0)
    after_id = models.UUIDField(default=INSTALLATION)

    class Meta:
        db_table = "ledger_sequencing"

    def __str__(self) -> str:
        return self.seen or "nothing"


class Position(Immutable):
    """Where an event stands in its log, from 0 on and without a gap."""

    event = models.UUIDField(primary_key=True, editable=False)
    log = models.UUIDField()
    position = models.BigIntegerField()

    class Meta:
        db_table = "ledger_entry"
        ordering = ("log", "position")
        constraints = (models.UniqueConstraint(fields=["log", "position"], name="entry_position_once"),)

    def __str__(self) -> str:
        return f"{self.log} {self.position}"


class Tile(Immutable):
    """256 hashes of a level of the tree, each over 256^level leaves. Only full tiles are stored."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    log = models.UUIDField()
    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    root = models.BinaryField(help_text="Over the 256 hashes: the one of them at the level above.")
    hashes = models.BinaryField()

    class Meta:
        db_table = "ledger_tile"
        ordering = ("log", "level", "index")
        constraints = (models.UniqueConstraint(fields=["log", "level", "index"], name="tile_once"),)

    def __str__(self) -> str:
        return f"{self.log} {self.level}/{self.index}"


class Checkpoint(Immutable):
    """A signed note over the whole log at one size; `ledger_sign` of the database alone inserts it."""

    id = models.UUIDField(primary_key=True, editable=False)
    log = models.UUIDField()
    size = models.BigIntegerField()
    root = models.BinaryField()
    note = models.BinaryField(help_text="As it was signed, byte for byte.")
    key_id = models.CharField("key", max_length=8)
    at = models.DateTimeField("signed")

    objects = CheckpointQuerySet.as_manager()

    class Meta:
        db_table = "ledger_checkpoint"
        ordering = ("log", "-size")
        constraints = (models.UniqueConstraint(fields=["log", "size"], name="checkpoint_size_once"),)

    def __str__(self) -> str:
        return f"{self.log} {self.size}"


class Cosignature(Immutable):
    """That a witness saw a checkpoint: its line below the note, verified when it came."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="cosignatures")
    vkey = models.CharField("verifier key", max_length=400)
    line = models.BinaryField(help_text="As the witness answered it, byte for byte.")
    seen_at = models.DateTimeField("seen", help_text="By the witness's own clock.")
    at = models.DateTimeField("received", db_default=Now())

    class Meta:
        db_table = "ledger_cosignature"
        ordering = ("checkpoint", "at")
        constraints = (models.UniqueConstraint(fields=["checkpoint", "vkey"], name="cosignature_once"),)

    def __str__(self) -> str:
        return self.vkey

    @property
    def witness(self) -> str:
        """The name in which it is signed."""
        return self.vkey.partition("+")[0]


class LogKey(Immutable):
    """A key that signs a log, from a size on and up to where the next one begins."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    log = models.UUIDField()
    vkey = models.CharField("verifier key", max_length=400)
    from_size = models.BigIntegerField()
    event = models.UUIDField(help_text="What announced it.")
    at = models.DateTimeField("announced", db_default=Now())

    class Meta:
        db_table = "ledger_key"
        ordering = ("log", "from_size")
        constraints = (models.UniqueConstraint(fields=["log", "from_size"], name="log_key_once"),)

    def __str__(self) -> str:
        return self.vkey


class Verification(Immutable):
    """One round of the keeper's: how many entries it derived anew, and what it found."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    entries = models.BigIntegerField()
    logs = models.PositiveIntegerField()
    holds = models.BooleanField()
    findings = models.JSONField(default=list)
    seconds = models.FloatField()
    at = models.DateTimeField("verified", db_default=Now())

    class Meta:
        db_table = "ledger_verification"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.entries} entries, {'held' if self.holds else 'did not hold'}"


class Freeze(Immutable):
    """A finding: from here on nothing of high risk is done in the log's organisation, until it is thawed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    log = models.UUIDField(null=True, help_text="Null when it concerns the whole installation.")
    code = models.CharField("finding", max_length=40)
    position = models.BigIntegerField(null=True)
    finding = models.JSONField()
    at = models.DateTimeField("found", db_default=Now())

    objects = FreezeQuerySet.as_manager()

    class Meta:
        db_table = "ledger_freeze"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.code


class Thaw(Immutable):
    """Somebody has looked into a finding and lets work go on; the finding stays on record."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    freeze = models.OneToOneField(Freeze, on_delete=models.PROTECT, related_name="thaw")
    by_name = models.CharField("by", max_length=200)
    reason = models.CharField(max_length=1000)
    at = models.DateTimeField("when", db_default=Now())

    class Meta:
        db_table = "ledger_thaw"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.reason
