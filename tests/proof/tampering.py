"""What a database's owner can do: take the triggers away, change rows, and put the triggers back."""

from uuid import UUID

from governance.ledger.models import Event
from governance.proof.frontier import Frontier
from governance.proof.models import Position, Tile
from tests.harness.fresh import FreshDatabase


def altered(database: FreshDatabase, statement: str, *given: object, table: str = "ledger_event") -> None:
    """Execute the statement as the owner, the table's triggers off, and on again afterwards as before."""
    with database.connect("owner") as owner:
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        changed = owner.execute(statement, given).rowcount
        for trigger in ("refuse_change", "refuse_truncate"):
            owner.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
    assert changed


def rewritten(database: FreshDatabase, log: UUID) -> None:
    """Put tiles of the log's rows as they are now in the place of those that were made of them."""
    altered(database, "DELETE FROM ledger_tile WHERE log = %s", log, table="ledger_tile")
    order = Position.objects.filter(log=log).order_by("position").values_list("event", flat=True)
    leaves = dict(Event.objects.values_list("pk", "leaf"))
    _, full = Frontier().grown([bytes(leaves[event]) for event in order])
    Tile.objects.using("owner").bulk_create(
        Tile(log=log, level=tile.level, index=tile.number, root=tile.root, hashes=tile.hashes)
        for tile in full
    )
