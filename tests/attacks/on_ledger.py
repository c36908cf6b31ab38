"""The table of attacks on the ledger's rows by who owns the database: each must be found by its code."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from governance.proof.catalogue import Catalogue
from governance.proof.keys import read_key
from governance.proof.log_keys import NEXT_NAME, name_of, own_key
from governance.proof.memory import SIGNED
from governance.proof.models import Checkpoint, LogKey
from governance.proof.sequencing import sequence
from tests.factories.cast import Company
from tests.factories.logs import TELL, fill, sign_all
from tests.harness.fresh import FreshDatabase
from tests.proof.tampering import altered, rewritten

AT: Final = 270  # within the second tile of the first checkpoint
LATER: Final = 500  # below the second checkpoint alone
PLACE: Final = "WHERE id = (SELECT event FROM ledger_entry WHERE log = %s AND position = %s)"
EDIT: Final = """record = replace(convert_from(record, 'UTF8'), '"n":1', '"n":2')::bytea"""
LEAF: Final = f"leaf = sha256('\\x00'::bytea || {EDIT.removeprefix('record = ')})"
EDITED: Final = f"UPDATE ledger_event SET {EDIT} {PLACE}"  # noqa: S608 - constants of this file
EXCHANGED: Final = f"UPDATE ledger_event SET {EDIT}, {LEAF} {PLACE}"  # noqa: S608
LEAF_ALONE: Final = f"UPDATE ledger_event SET leaf = sha256('') {PLACE}"  # noqa: S608
COLUMN: Final = f"UPDATE ledger_event SET actor_name = 'Nobody' {PLACE}"  # noqa: S608
GONE: Final = f"DELETE FROM ledger_event {PLACE}"  # noqa: S608
LONG_AGO: Final = """
    UPDATE ledger_event SET at = at - interval '2 minutes'
    WHERE NOT EXISTS (SELECT FROM ledger_entry WHERE event = id)
"""
SECOND_LAST: Final = (
    "DELETE FROM ledger_event WHERE id ="
    " (SELECT id FROM ledger_event ORDER BY xid DESC, id DESC OFFSET 1 LIMIT 1)"
)
IN_FORCE: Final = """
    INSERT INTO ledger_key (id, log, vkey, from_size, event) VALUES (gen_random_uuid(), %s, %s, %s, %s)
"""
TAIL: Final = "DELETE FROM ledger_entry WHERE log = %s AND position >= %s"


@dataclass(frozen=True)
class Scene:
    """A log that was signed twice, the folder of its signer, and the last note, which somebody kept."""

    database: FreshDatabase
    company: Company
    folder: Path

    @property
    def log(self) -> UUID:
        """The company's."""
        return self.company.organisation.pk

    def kept(self) -> bytes:
        """The log's last note."""
        return bytes(Checkpoint.objects.of(self.log)[0].note)

    def change(self, statement: str, *given: object, table: str = "ledger_event") -> None:
        """As the owner, the triggers off and on again."""
        altered(self.database, statement, *given, table=table)


class LedgerCase(NamedTuple):
    """One attack: what it is called, what it does, and the finding that must be among those made.

    `seen` tells that a witness had cosigned the last note.
    """

    name: str
    act: Callable[[Scene], None]
    expected: str
    seen: bool = False


def prepared(database: FreshDatabase, company: Company, folder: Path) -> Scene:
    """Several tiles of events, signed twice."""
    fill(company, 400)
    sign_all(folder)
    fill(company, 300)
    Catalogue().look()
    sign_all(folder)
    return Scene(database, company, folder)


def _all_records_by_a_column(scene: Scene) -> None:
    with scene.database.connect("owner") as owner:
        owner.execute(
            f"ALTER TABLE ledger_event ALTER COLUMN record TYPE bytea USING {EDIT.split(' = ', 1)[1]}"
        )


def _tail(scene: Scene) -> None:
    scene.change(TAIL, scene.log, LATER, table="ledger_entry")


def _set_back(scene: Scene) -> None:
    _tail(scene)
    scene.change("DELETE FROM ledger_checkpoint WHERE size > %s", LATER, table="ledger_checkpoint")


def _rewritten(scene: Scene) -> None:
    scene.change(EXCHANGED, scene.log, LATER)
    rewritten(scene.database, scene.log)


def _signed_anew(scene: Scene) -> None:
    _rewritten(scene)
    scene.change("DELETE FROM ledger_checkpoint WHERE size > %s", LATER, table="ledger_checkpoint")


def _forgotten(scene: Scene) -> None:
    """The signer's memory is gone, too, and its key is in the wrong hands: what is there is signed again."""
    (scene.folder / "state" / SIGNED).unlink()


def _unseen(scene: Scene) -> None:
    """What the witness said is taken out."""
    scene.change("DELETE FROM ledger_cosignature", table="ledger_cosignature")


def _signed_with_the_stolen_key(scene: Scene) -> None:
    _signed_anew(scene)
    _forgotten(scene)


def _the_same_before_a_witness(scene: Scene) -> None:
    _unseen(scene)
    _signed_with_the_stolen_key(scene)


def _set_back_before_a_witness(scene: Scene) -> None:
    _unseen(scene)
    _set_back(scene)
    _forgotten(scene)


def _before_signing(scene: Scene) -> None:
    fill(scene.company, 300)
    sequence()
    scene.change(EXCHANGED, scene.log, 800)


def _unsequenced(scene: Scene) -> None:
    with scene.database.connect() as session:
        for _ in range(3):
            session.execute(TELL, [scene.log, scene.company.owner.pk, 1])
    scene.change(SECOND_LAST)
    sequence()


def _replaced_unsequenced(scene: Scene) -> None:
    fill(scene.company, 3)
    scene.change(SECOND_LAST)
    fill(scene.company, 1)
    sequence()


def _another_key(scene: Scene) -> None:
    """Put into force by who owns the database, as if the log had rotated it."""
    key = LogKey.objects.get(log=scene.log)
    own = own_key(name_of(key), Ed25519PrivateKey.generate())
    scene.change(IN_FORCE, scene.log, own.vkey, LATER, key.event, table="ledger_key")


def _set_back_and_renamed(scene: Scene) -> None:
    """The keeper's own key, under the name that the log would have after a restore in good faith."""
    _set_back(scene)
    key = LogKey.objects.get(log=scene.log)
    own = own_key(f"{name_of(key)}{NEXT_NAME}2", read_key(scene.folder / "key.pem"))
    scene.change(IN_FORCE, scene.log, own.vkey, LATER, key.event, table="ledger_key")


def _withheld(scene: Scene) -> None:
    fill(scene.company, 1)
    with scene.database.connect("owner") as owner:
        owner.execute("UPDATE ledger_sequencing SET seen = pg_current_snapshot()::text")
    scene.change(LONG_AGO)


def _change(statement: str, *given: object, table: str = "ledger_event") -> Callable[[Scene], None]:
    return lambda scene: scene.change(statement, scene.log, *given, table=table)


CASES: Final = [
    LedgerCase("owner drops the triggers, edits a record, restores", _change(EDITED, AT), "record_altered"),
    LedgerCase("the same, by what is there since", _change(EDITED, AT), "catalogue_identity"),
    LedgerCase("the same with the leaf", _change(EXCHANGED, AT), "leaf_differs_from_tile"),
    LedgerCase("a leaf alone", _change(LEAF_ALONE, AT), "leaf_altered"),
    LedgerCase("ALTER COLUMN … USING", _all_records_by_a_column, "record_altered"),
    LedgerCase(
        "a column beside the record",
        _change(COLUMN, AT),
        "column_differs",
    ),
    LedgerCase("an event deleted", _change(GONE, AT), "event_missing"),
    LedgerCase(
        "an entry deleted",
        _change("DELETE FROM ledger_entry WHERE log = %s AND position = %s", AT, table="ledger_entry"),
        "entry_missing",
    ),
    LedgerCase("the tail deleted", _tail, "size_below_checkpoint"),
    LedgerCase("everything set back", _set_back, "memory_ahead"),
    LedgerCase("a key put into force that nobody rotated to", _another_key, "key_unproven"),
    LedgerCase(
        "everything set back, and the log renamed as by a restore", _set_back_and_renamed, "memory_ahead"
    ),
    LedgerCase("a name of the log that nobody restored", _set_back_and_renamed, "key_unproven"),
    LedgerCase("events and tiles rewritten consistently", _rewritten, "root_differs"),
    LedgerCase("and the checkpoints: a note kept elsewhere", _signed_anew, "inconsistent"),
    LedgerCase(
        "and signed again with the stolen log key: a note kept elsewhere",
        _signed_with_the_stolen_key,
        "inconsistent",
    ),
    LedgerCase(
        "and signed again with the stolen log key: a witness",
        _the_same_before_a_witness,
        "witness_contradicts",
        seen=True,
    ),
    LedgerCase(
        "everything set back, the signer's memory, too: a witness",
        _set_back_before_a_witness,
        "witness_ahead",
        seen=True,
    ),
    LedgerCase(
        "a cosignature edited in the table",
        _change(
            "UPDATE ledger_cosignature SET seen_at = now() - interval '1 day' WHERE checkpoint_id IN"
            " (SELECT id FROM ledger_checkpoint WHERE log = %s)",
            table="ledger_cosignature",
        ),
        "cosignature",
        seen=True,
    ),
    LedgerCase("replaced before it was signed", _before_signing, "leaf_differs_from_tile"),
    LedgerCase("an event deleted before it was sequenced", _unsequenced, "source_gap"),
    LedgerCase(
        "an event deleted before it was sequenced, others told since", _replaced_unsequenced, "source_gap"
    ),
    LedgerCase("an event withheld from sequencing", _withheld, "withheld"),
    LedgerCase(
        "a tile edited",
        _change("UPDATE ledger_tile SET root = sha256('') WHERE log = %s AND index = 1", table="ledger_tile"),
        "tile_differs",
    ),
    LedgerCase(
        "a note edited in the table",
        _change(
            "UPDATE ledger_checkpoint SET note = overlay(note PLACING '\\x41' FROM octet_length(note) - 5)"
            " WHERE log = %s",
            table="ledger_checkpoint",
        ),
        "signature",
    ),
]
