"""What the database really allows the role that asks, read from its catalogue, against what it should."""

from collections import defaultdict
from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from portal.database.grants import LEDGER_DOORS, tables
from portal.database.guards import guards

ROLE = """
    SELECT rolsuper, rolbypassrls, rolcreaterole, rolreplication,
           has_schema_privilege(current_user, 'public', 'CREATE'),
           (SELECT count(*) FROM pg_class c WHERE pg_has_role(current_user, c.relowner, 'MEMBER')
               AND c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')),
           (SELECT count(*) FROM pg_proc p WHERE pg_has_role(current_user, p.proowner, 'MEMBER')
               AND p.pronamespace = 'public'::regnamespace)
    FROM pg_roles WHERE rolname = current_user
"""

PRIVILEGES = """
    SELECT c.relname, p.word
    FROM pg_class c, unnest(%s::text[]) AS p(word)
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
      AND (has_table_privilege(current_user, c.oid, p.word)
           OR p.word IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
              AND has_any_column_privilege(current_user, c.oid, p.word))
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
    SELECT p.prosecdef AND has_function_privilege(current_user, p.oid, 'EXECUTE')
           AND NOT EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0)
    FROM pg_proc p WHERE p.oid = to_regprocedure(%s)
"""

# What reaches the server's files and programs past every table.
SERVER = """
    SELECT 'belongs to ' || rolname FROM pg_roles
    WHERE rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
      AND pg_has_role(current_user, oid, 'MEMBER')
    UNION SELECT 'may execute ' || proname FROM pg_proc
    WHERE pronamespace = 'pg_catalog'::regnamespace AND has_function_privilege(current_user, oid, 'EXECUTE')
      AND proname IN
          ('pg_read_file', 'pg_read_binary_file', 'pg_ls_dir', 'pg_stat_file', 'lo_import', 'lo_export')
"""

LARGE_OBJECTS = """
    SELECT EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
        AND proname IN ('lo_creat', 'lo_create', 'lo_from_bytea')
        AND has_function_privilege(current_user, oid, 'EXECUTE'))
"""


def faults(connection: BaseDatabaseWrapper) -> list[str]:
    """Every way in which the connected role may do more, or less, than it should; empty when all is well."""
    return [
        *_role(connection),
        *_server(connection),
        *_privileges(connection),
        *_triggers(connection),
        *_door(connection),
    ]


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


def _role(connection: BaseDatabaseWrapper) -> Iterator[str]:
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
        cursor.execute(ROLE)
        for word, holds in zip(words, cursor.fetchone(), strict=True):
            if holds:
                yield f"The application's role {word}."


def _server(connection: BaseDatabaseWrapper) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(SERVER)
        for (word,) in cursor.fetchall():
            yield f"The application's role {word}."


def _privileges(connection: BaseDatabaseWrapper) -> Iterator[str]:
    held: dict[str, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(PRIVILEGES, [WORDS])
        for table, word in cursor.fetchall():
            held[table].add(word)
    for table, words in sorted(tables().items()):
        needed = set(words)
        if extra := held[table] - needed:
            yield f"The application's role may {', '.join(sorted(extra))} on {table}."
        if missing := needed - held[table]:
            yield f"The application's role may not {', '.join(sorted(missing))} on {table}."


def _triggers(connection: BaseDatabaseWrapper) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS)
        enabled = set(cursor.fetchall())
    for table, names in guards().items():
        for name in names:
            if (table, name) not in enabled:
                yield f"The trigger {name} of {table} is missing, or not enabled always."


def _door(connection: BaseDatabaseWrapper) -> Iterator[str]:
    with connection.cursor() as cursor:
        for door in LEDGER_DOORS:
            cursor.execute(DOOR, [door])
            row = cursor.fetchone()
            if row is None or not row[0]:
                yield f"The ledger's function {door} is missing, not the owner's, or open to everybody."
