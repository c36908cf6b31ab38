"""Which runs a figure counts: the business's own, or what was made from them to look again or to try."""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q

from runs.records.models import Run


@dataclass(frozen=True)
class Sort:
    """Whole runs of which all of this is so; each is of exactly one sort."""

    key: str
    label: str
    holds: tuple[tuple[str, Any], ...]

    def of(self, prefix: str = "") -> Q:
        """The condition on a run, or on what names its run by this prefix."""
        return Q(**{f"{prefix}{name}": value for name, value in self.holds})


SORTS: Final = (
    Sort(
        "protected",
        "protected environments",
        (("source__isnull", True), ("environment__protected", True)),
    ),
    Sort(
        "unprotected",
        "unprotected environments",
        (("source__isnull", True), ("environment__protected", False)),
    ),
    Sort("replays", "replays", (("source__isnull", False), ("origin", Run.Origin.REPLAY.value))),
    Sort("forks", "forks and experiments", (("source__isnull", False), ("origin", Run.Origin.FORK.value))),
)
SORT_BY_KEY: Final = {sort.key: sort for sort in SORTS}
