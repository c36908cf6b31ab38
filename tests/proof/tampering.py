"""What a database's owner can do: take the triggers away, change rows, and put the triggers back."""

from tests.harness.fresh import FreshDatabase


def altered(database: FreshDatabase, statement: str, *given: object, table: str = "ledger_event") -> None:
    """Execute the statement as the owner, the table's triggers off, and on again afterwards as before."""
    with database.connect("owner") as owner:
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        changed = owner.execute(statement, given).rowcount
        for trigger in ("refuse_change", "refuse_truncate"):
            owner.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
    assert changed
