"""What the database has told of rows since a moment."""

from uuid import UUID

from governance.ledger.models import Event


class Told:
    """The events of rows that came since."""

    def __init__(self) -> None:
        self.before = set(Event.objects.values_list("pk", flat=True))

    def rows(self, table: str = "") -> list[tuple[str, str, UUID]]:
        """What happened, to a row of which table, in whose name; in the order of their telling."""
        events = Event.objects.filter(kind__startswith="row.").exclude(pk__in=self.before).order_by("id")
        found = [(event.kind, event.object_type, event.actor) for event in events]
        return [row for row in found if table in {"", row[1]}]

    def last(self, table: str) -> Event:
        """The newest of a table."""
        return Event.objects.filter(object_type=table).exclude(pk__in=self.before).latest("id")
