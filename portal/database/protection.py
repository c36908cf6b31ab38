"""What the database really allows the role that asks, read from its catalogue, against what it should.

Where the keeper has a role of its own, it is looked at as what it is, and the application's with it.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

from portal.database.grants import LEDGER_DOORS, RECORD, doors, keeper_role, keeper_tables, tables
from portal.database.guards import guards

ROLE = """
    SELECT rolsuper, rolbypassrls, rolcreaterole, rolreplication,
           has_schema_privilege(rolname, 'public', 'CREATE'),
           (SELECT count(*) FROM pg_class c WHERE pg_has_role(rolname, c.relowner, 'MEMBER')
               AND c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')),
           (SELECT count(*) FROM pg_proc p WHERE pg_has_role(rolname, p.proowner, 'MEMBER')
               AND p.pronamespace = 'public'::regnamespace)
    FROM pg_roles WHERE rolname = %s
"""

PRIVILEGES = """
    SELECT c.relname, p.word
    FROM pg_class c, unnest(%s::text[]) AS p(word)
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
      AND (has_table_privilege(%s, c.oid, p.word)
           OR p.word IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
              AND has_any_column_privilege(%s, c.oid, p.word))
"""
WORDS = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]

BESIDE = """
    SELECT c.relname, string_agg(p.word, ', ' ORDER BY p.word)
    FROM pg_class c, unnest(%s::text[]) AS p(word)
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
      AND has_table_privilege(current_user, c.oid, p.word) AND NOT c.relname = ANY (%s::text[])
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                      AND d.deptype = 'e')
    GROUP BY 1 ORDER BY 1
"""

TRIGGERS = """
    SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal AND t.tgenabled = 'A'
"""

DOOR = """
    SELECT p.prosecdef AND NOT EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0)
    FROM pg_proc p WHERE p.oid = to_regprocedure(%s)
"""
EXECUTES = """
    SELECT has_function_privilege(%s, p.oid, 'EXECUTE') FROM pg_proc p WHERE p.oid = to_regprocedure(%s)
"""

# Whoever else tells of what happens, but the tables' owner: the application, where the keeper asks.
TELLERS = """
    SELECT r.rolname FROM pg_proc p, aclexplode(p.proacl) a JOIN pg_roles r ON r.oid = a.grantee
    WHERE p.oid = to_regprocedure(%s) AND a.privilege_type = 'EXECUTE' AND a.grantee <> p.proowner
      AND r.rolname <> %s
"""

# What reaches the server's files and programs past every table.
SERVER = """
    SELECT 'belongs to ' || rolname FROM pg_roles
    WHERE rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
      AND pg_has_role(%s, oid, 'MEMBER')
    UNION SELECT 'may execute ' || proname FROM pg_proc
    WHERE pronamespace = 'pg_catalog'::regnamespace AND has_function_privilege(%s, oid, 'EXECUTE')
      AND proname IN
          ('pg_read_file', 'pg_read_binary_file', 'pg_ls_dir', 'pg_stat_file', 'lo_import', 'lo_export')
"""

LARGE_OBJECTS = """
    SELECT EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
        AND proname IN ('lo_creat', 'lo_create', 'lo_from_bytea')
        AND has_function_privilege(current_user, oid, 'EXECUTE'))
"""


class Looked(NamedTuple):
    """A role that is looked at: what messages call it, and what it should be able to do."""

    name: str
    called: str
    tables: dict[str, tuple[str, ...]]
    doors: tuple[str, ...]


def faults(connection: BaseDatabaseWrapper) -> list[str]:
    """Every way in which the connected role may do more, or less, than it should; empty when all is well.

    Asked by the keeper's own role, of the application's too.
    """
    return [
        *(fault for role in _roles(connection) for fault in _of(connection, role)),
        *_triggers(connection),
        *_doors(connection),
    ]


def signs_for_all(connection: BaseDatabaseWrapper) -> bool:
    """Whether the keeper has no role of its own, so that the application's may sign."""
    with connection.cursor() as cursor:
        return not keeper_role(cursor)


def _roles(connection: BaseDatabaseWrapper) -> list[Looked]:
    """The connected role; where it is the keeper's, who else tells of what happens."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        here, keeper = str(cursor.fetchone()[0]), keeper_role(cursor)
        others: list[str] = []
        if here == keeper:
            cursor.execute(TELLERS, [RECORD, keeper])
            others = [str(row[0]) for row in cursor.fetchall()]
    apart = bool(keeper)
    applications = others if here == keeper else [here]
    found = [
        Looked(name, "The application's role", tables(), doors(keeper=False, apart=apart))
        for name in applications
    ]
    if here == keeper:
        found.append(Looked(here, "The keeper's role", keeper_tables(), doors(keeper=True, apart=True)))
    return found


def _of(connection: BaseDatabaseWrapper, role: Looked) -> Iterator[str]:
    yield from _role(connection, role)
    yield from _server(connection, role)
    yield from _privileges(connection, role)
    yield from _executes(connection, role)


def reaches_beside(connection: BaseDatabaseWrapper) -> list[str]:
    """What the connected role may do with tables that are not the portal's, and no extension's.

    None of them holds a record of ours: an older process sees the tables of a newer portal like this, and
    the administrator may have tables of another kind there.
    """
    with connection.cursor() as cursor:
        cursor.execute(BESIDE, [WORDS, [*tables()]])
        return [f"The application's role may {words} on {table}, no table of this portal."
                for table, words in cursor.fetchall()]  # fmt: skip


def makes_large_objects(connection: BaseDatabaseWrapper) -> bool:
    """Whether the connected role can store content beside all tables; the administrator alone ends it."""
    with connection.cursor() as cursor:
        cursor.execute(LARGE_OBJECTS)
        return bool(cursor.fetchone()[0])


def _role(connection: BaseDatabaseWrapper, role: Looked) -> Iterator[str]:
    words = (
        "is a superuser",
        "bypasses row security",
        "may make roles",
        "may replicate",
        "may create tables in the schema",
        "owns tables of the portal, or belongs to the role that does",
        "owns functions of the portal, or belongs to the role that does",
    )
    with connection.cursor() as cursor:
        cursor.execute(ROLE, [role.name])
        for word, holds in zip(words, cursor.fetchone(), strict=True):
            if holds:
                yield f"{role.called} {word}."


def _server(connection: BaseDatabaseWrapper, role: Looked) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(SERVER, [role.name, role.name])
        for (word,) in cursor.fetchall():
            yield f"{role.called} {word}."


def _privileges(connection: BaseDatabaseWrapper, role: Looked) -> Iterator[str]:
    held: dict[str, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(PRIVILEGES, [WORDS, role.name, role.name])
        for table, word in cursor.fetchall():
            held[table].add(word)
    for table in sorted(tables()):
        needed = set(role.tables.get(table, ()))
        if extra := held[table] - needed:
            yield f"{role.called} may {', '.join(sorted(extra))} on {table}."
        if missing := needed - held[table]:
            yield f"{role.called} may not {', '.join(sorted(missing))} on {table}."


def _executes(connection: BaseDatabaseWrapper, role: Looked) -> Iterator[str]:
    with connection.cursor() as cursor:
        for door in LEDGER_DOORS:
            cursor.execute(EXECUTES, [role.name, door])
            found = cursor.fetchone()
            if found and found[0] != (door in role.doors):
                yield f"{role.called} may {'' if found[0] else 'not '}execute {door}."


def _triggers(connection: BaseDatabaseWrapper) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS)
        enabled = set(cursor.fetchall())
    for table, names in guards().items():
        for name in names:
            if (table, name) not in enabled:
                yield f"The trigger {name} of {table} is missing, or not enabled always."


def _doors(connection: BaseDatabaseWrapper) -> Iterator[str]:
    with connection.cursor() as cursor:
        for door in LEDGER_DOORS:
            cursor.execute(DOOR, [door])
            row = cursor.fetchone()
            if row is None or not row[0]:
                yield f"The ledger's function {door} is missing, not the owner's, or open to everybody."
