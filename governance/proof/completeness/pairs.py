"""Rows that an event tells of, and the events that tell of them: neither stands without the other.

What is compared is registered here, by whoever knows the table.
"""

from dataclasses import dataclass
from typing import Final

from governance.proof.completeness.statements import read

ROWS: Final = read("rows")
EVENTS: Final = read("events")
EVENTS_OF: Final = read("events_of")


@dataclass(frozen=True, slots=True)
class Pairs:
    """One table and the events about its rows, written as SQL over `thing`, the row, and `event`.

    `named` is the column that events name; `belongs` says which rows are the log's; `same` must hold besides
    for an event and its row, and `says` for a row to be told of, where that is more.
    """

    what: str
    table: str
    about: str
    kinds: tuple[str, ...]
    belongs: str
    named: str = "id"
    same: str = "true"
    says: str = ""

    @property
    def rows(self) -> str:
        """The statement that looks for rows without an event."""
        return self._written(ROWS)

    @property
    def events(self) -> str:
        """The part of the statement that looks for events without a row."""
        return self._written(EVENTS_OF)

    def _written(self, statement: str) -> str:
        return statement.format(
            what=self.what,
            about=self.about,
            table=self.table,
            named=self.named,
            kinds=", ".join(f"'{kind}'" for kind in self.kinds),
            belongs=self.belongs,
            same=self.same,
            says=self.says or self.same,
        )


OF_PROJECT: Final = "thing.project_id IN (SELECT id FROM accounts_project WHERE organisation_id = %(log)s)"
_registered: list[Pairs] = [
    Pairs(
        "versions", "catalog_version", "version", ("version.created",),
        "thing.asset_id IN (SELECT asset.id FROM catalog_asset asset JOIN accounts_project project"
        " ON project.id = asset.project_id WHERE project.organisation_id = %(log)s)",
    ),
    Pairs("releases", "releases_release", "release", ("release.submitted",), OF_PROJECT),
    Pairs(
        "activations", "releases_activation", "release", ("release.activated", "release.rolled_back"),
        "thing.environment_id IN (SELECT id FROM releases_environment WHERE organisation_id = %(log)s)",
        named="release_id", same="event.actor = thing.actor_id",
    ),
    Pairs(
        "votes", "approvals_vote", "approval", ("approval.voted",),
        "thing.request_id IN (SELECT request.id FROM approvals_request request JOIN accounts_project project"
        " ON project.id = request.project_id WHERE project.organisation_id = %(log)s)",
        named="request_id", same="event.actor = thing.person_id",
    ),
]  # fmt: skip


def register(*found: Pairs) -> None:
    """From now on these are compared as well."""
    _registered.extend(pairs for pairs in found if pairs not in _registered)


def registered() -> tuple[Pairs, ...]:
    """All that are compared."""
    return tuple(_registered)


def all_events() -> str:
    """The statement that looks for the events without a row of all of them."""
    return EVENTS.format(each="\nUNION ALL\n".join(pairs.events for pairs in _registered))
