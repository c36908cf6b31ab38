"""A log as files: its cosigned checkpoint, tiles and bundles of records (C2SP tlog-tiles).

What no checkpoint signs yet is not served. Who sees a project of the organisation may have the checkpoint,
who sees all of them the tiles, which are hashes, and who owns the organisation the records.
"""

from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db import connection

from governance.accounts.models import Organisation, Project
from governance.errors import NotAllowed, NotVisible, WrongState
from governance.ledger.reaching import reached
from governance.merkle.entries import bundle
from governance.merkle.errors import ProofInvalid
from governance.merkle.tiles import ENTRIES, TILE_HEIGHT, TILE_WIDTH, Tile, parse_tile_path
from governance.proof.cosigned import cosigned_note
from governance.proof.models import Checkpoint
from governance.proof.querysets import INSTALLATION, logs_visible_to
from governance.proof.reading import latest_checkpoint
from governance.proof.stored_tiles import StoredTiles

if TYPE_CHECKING:
    from governance.accounts.models import User

INSTALLATIONS: Final = "_installation"  # no slug of an organisation begins like this
RECORDS: Final = """
    SELECT e.record FROM ledger_entry t JOIN ledger_event e ON e.id = t.event
    WHERE t.log = %s AND t.position >= %s AND t.position < %s ORDER BY t.position
"""


def log_called(name: str, *, actor: "User") -> UUID | None:
    """The log of the organisation of this slug, or the installation's; None for what is not to be seen."""
    if name == INSTALLATIONS:
        return INSTALLATION if INSTALLATION in logs_visible_to(actor) else None
    return Organisation.objects.visible_to(actor).filter(slug=name).values_list("pk", flat=True).first()


def signed(log: UUID) -> Checkpoint:
    """The log's last checkpoint. Raises `WrongState` before its first."""
    if (found := latest_checkpoint(log)) is None:
        raise WrongState("The log was never signed yet.")
    return found


def checkpoint_file(log: UUID) -> bytes:
    """The last checkpoint with the lines of its witnesses. Raises `WrongState` before there is one."""
    return cosigned_note(signed(log))


def tile_file(log: UUID, path: str, *, actor: "User") -> bytes:
    """The tile or bundle that this path names below the log's prefix.

    Raises `NotVisible` for none of a signed size, `NotAllowed`, and `WrongState` where rows are missing.
    """
    tile = _tile(path, signed(log).size)
    if tile.level == ENTRIES:
        _check_owner(log, actor)
        return _records(log, tile)
    _check_reads_all(log, actor)
    try:
        return StoredTiles(log)(*tile)
    except ProofInvalid as problem:
        raise WrongState(str(problem)) from problem


def _tile(path: str, size: int) -> Tile:
    try:
        tile = parse_tile_path(path)
    except ValueError as problem:
        raise NotVisible(str(problem)) from problem
    if tile.number * TILE_WIDTH + tile.width > size >> TILE_HEIGHT * max(tile.level, 0):
        raise NotVisible("The log's signed tree has no such tile.")
    return tile


def _records(log: UUID, tile: Tile) -> bytes:
    first = tile.number * TILE_WIDTH
    with connection.cursor() as cursor:
        cursor.execute(RECORDS, [log, first, first + tile.width])
        records = [bytes(row[0]) for row in cursor.fetchall()]
    if len(records) != tile.width:
        raise WrongState(f"Of the {tile.width} records of this bundle, {len(records)} are there.")
    return bundle(records)


def _check_owner(log: UUID, actor: "User") -> None:
    """Raise `NotAllowed` unless the actor owns the organisation, and a token is good for all of it."""
    narrow = actor.token is not None and actor.token.project_id is not None
    if log == INSTALLATION or narrow or not actor.owned_organisations.filter(pk=log).exists():
        raise NotAllowed(
            "The records of a log are for the platform owners of its organisation.", missing="platform owner"
        )


def _check_reads_all(log: UUID, actor: "User") -> None:
    """Raise `NotAllowed` for somebody who does not see every project of the organisation."""
    within = reached(actor).projects()
    if Project.objects.filter(organisation=log).exclude(pk__in=within).exists():
        raise NotAllowed(
            "The tiles of a log are for who sees every project of its organisation.", missing="view_project"
        )
