"""The table of attacks on the ledger's database: who tries what, and how it must end."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import psycopg

from tests.harness.environment import embedded
from tests.harness.fresh import FreshDatabase
from tests.harness.keepers_role import keepers_connection, set_apart

PRIVILEGE: Final = "refused: privilege"
TRIGGER: Final = "refused: trigger"
FORM: Final = "refused: form"
NOBODY: Final = "refused: nobody named"
THROUGH: Final = "let through"

LEDGER = ("ledger_event", "ledger_entry", "ledger_checkpoint")
CHANGES = {
    "UPDATE": "UPDATE {} SET {} = {}",
    "DELETE": "DELETE FROM {}",
    "TRUNCATE": "TRUNCATE {}",
    "ON CONFLICT": "INSERT INTO {} SELECT * FROM {} ON CONFLICT DO NOTHING",
}
COLUMN = {"ledger_event": "actor_name", "ledger_entry": "position", "ledger_checkpoint": "size"}
# By whoever has an account: the engine's.
TELL = (
    "SELECT ledger_record(NULL, '{kind}', {actor}, 'Engine', 'run', gen_random_uuid(), NULL,"
    " convert_to({details}, 'UTF8'))"
)
ENGINE = "(SELECT id FROM accounts_user WHERE email = 'engine@system.invalid')"
GOVERNED = {
    "raw SQL": "UPDATE accounts_user SET is_active = false",
    "an insert": "INSERT INTO accounts_project (id, organisation_id, slug, name, created_at)"
    " SELECT gen_random_uuid(), id, 'quiet', 'Quiet', now() FROM accounts_organisation",
    "a table between": "DELETE FROM accounts_platform_owner",
}
SAID_BY_THE_KEEPER = {
    "a thaw": "ledger_thaw",
    "a round that held": "ledger_verification",
    "a finding": "ledger_freeze",
    "a key": "ledger_key",
    "a tile": "ledger_tile",
}
# Where the keeper has a role of its own.
THE_KEEPERS = {
    "a thaw": "SELECT ledger_thaw_by(NULL, NULL)",
    "a round that held": "SELECT ledger_keep_round(1, 1, '[]', 0)",
    "a key": "SELECT ledger_announce(gen_random_uuid(), NULL, NULL)",
    "a next key": "SELECT ledger_turn(gen_random_uuid(), NULL, 'log_key.rotated', NULL)",
    "a checkpoint": "SELECT ledger_sign(NULL, NULL, NULL, 1, NULL, NULL, NULL)",
    "a position": "SELECT ledger_sequence(1)",
}
THAWED_BY_NOBODY = """
    SELECT ledger_thaw_by(a.id, convert_to(format('{"freeze":"%s","reason":"Forged."}', f.id), 'UTF8'))
    FROM accounts_user a,
         ledger_find('{"code":"tried","log":null,"position":1,"said":"Tried."}'::bytea, a.id) AS f (id)
    WHERE a.email = 'engine@system.invalid'
"""


class DatabaseCase(NamedTuple):
    """One attack: its name, whose connection (`default` the application, `owner`), the statement, the end."""

    name: str
    by: str
    statement: str
    expected: str


def _cases() -> Iterator[DatabaseCase]:
    for table in LEDGER:
        for word, statement in CHANGES.items():
            words = statement.replace("{} SET {} = {}", f"{table} SET {COLUMN[table]} = {COLUMN[table]}")
            words = words.replace("{}", table)
            yield DatabaseCase(f"{word} on {table} by the application", "default", words, PRIVILEGE)
    for word in ("UPDATE", "DELETE", "TRUNCATE"):
        words = CHANGES[word].replace("{} SET {} = {}", "ledger_event SET actor_name = actor_name")
        words = words.replace("{}", "ledger_event")
        yield DatabaseCase(f"{word} on ledger_event by the owner", "owner", words, TRIGGER)
        yield DatabaseCase(f"{word} on ledger_event by a superuser as replica", "replica", words, TRIGGER)
    back_dated = (
        "INSERT INTO ledger_event"
        " (id, xid, at, kind, actor, actor_name, object_type, object_id, record, leaf)"
        " SELECT gen_random_uuid(), 1, at - interval '1 year', kind, actor, actor_name, object_type,"
        " object_id, record, leaf FROM ledger_event LIMIT 1"
    )
    yield DatabaseCase("a back-dated event by the application", "default", back_dated, PRIVILEGE)
    for name, table in SAID_BY_THE_KEEPER.items():
        words = f"INSERT INTO {table} SELECT * FROM {table}"  # noqa: S608 - a name of this file
        yield DatabaseCase(f"{name} inserted by the application", "default", words, PRIVILEGE)
    for name, statement in THE_KEEPERS.items():
        yield DatabaseCase(f"{name} told by the application", "beside the keeper", statement, PRIVILEGE)
    yield DatabaseCase(
        "a thaw by the keeper's role in the name of who owns nothing", "keeper", THAWED_BY_NOBODY, FORM
    )
    nobody = _tell(actor="gen_random_uuid()")
    yield DatabaseCase("an event of an actor without an account", "default", nobody, FORM)
    yield DatabaseCase("an honest event", "default", _tell(), THROUGH)
    for name, details in NUMBERS.items():
        yield DatabaseCase(f"{name} in an event's details", "default", _tell(details=details), FORM)
    for name, statement in GOVERNED.items():
        yield DatabaseCase(f"{name} on what governs, naming nobody", "default", statement, NOBODY)
    quiet = "ALTER TABLE accounts_user DISABLE TRIGGER capture"
    yield DatabaseCase("the application takes a trigger away", "default", quiet, PRIVILEGE)
    replica = "SET session_replication_role = replica"
    yield DatabaseCase("the application calls itself a replica", "default", replica, PRIVILEGE)


NUMBERS = {
    "NaN": """'{"a":NaN}'""",
    "1.0": """'{"a":1.0}'""",
    "-0.0": """'{"a":-0.0}'""",
    "2^53+1": """'{"a":9007199254740993}'""",
    "half of a surrogate pair": r"""'{"a":"\ud83d"}'""",
    "NUL": r"""'{"a":"\u0000"}'""",
    "70 kB": """'{"a":"' || repeat('x', 70000) || '"}'""",
}


def _tell(*, actor: str = ENGINE, details: str = "'{}'", kind: str = "run.started") -> str:
    return TELL.format(kind=kind, actor=actor, details=details)


CASES: Final = tuple(_cases())


def tried(case: DatabaseCase, fresh: FreshDatabase) -> str:
    """How the statement ends."""
    with _session(case.by, fresh) as session:
        try:
            session.execute(case.statement)
        except psycopg.errors.InsufficientPrivilege:
            return PRIVILEGE
        except psycopg.errors.CheckViolation as problem:
            return NOBODY if "nobody is named" in str(problem) else FORM
        except psycopg.errors.IntegrityConstraintViolation:
            return TRIGGER
        except psycopg.DataError:
            return FORM
    return THROUGH


def _session(by: str, fresh: FreshDatabase) -> psycopg.Connection:
    if by in {"keeper", "beside the keeper"}:
        set_apart(fresh)
        return keepers_connection(fresh) if by == "keeper" else fresh.connect()
    if by != "replica":
        return fresh.connect(by)
    server = embedded()
    if server is None:
        return fresh.connect("owner")  # of a server of one's own nobody is superuser here
    folder = str(server.socket_folder)
    session = psycopg.connect(host=folder, user="postgres", dbname=fresh.name, autocommit=True)
    session.execute("SET session_replication_role = replica")
    return session
