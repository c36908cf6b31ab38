"""A history of finished runs, inserted by the server itself: each table's rows are copied from one real run.

Copied are the run, its input, its steps, what they read and made (artifacts, their words, edges) and its
ledger entries, under identifiers of their own that go back in time. The copies' contents are those of the
real run while their digests differ, as if each letter had been another one: rows, columns and indexes are
what counts here. The guards are switched off meanwhile and stand again before anything is measured.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import psycopg
from psycopg import sql

BATCH: Final = 20_000
SPAN_MS: Final = 30_000
# The k-th row of the n-th copy sorts where its time is; contents are scattered, as digests are.
NAMES: Final = """
    CREATE FUNCTION pg_temp.moment(n bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
        SELECT {start} + n * {span} $$;
    CREATE FUNCTION pg_temp.copied(n bigint, k bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
        SELECT (lpad(to_hex(pg_temp.moment(n)), 12, '0') || '7' || lpad(to_hex(k), 3, '0')
                || '8' || lpad(to_hex(n), 15, '0'))::uuid $$;
    CREATE FUNCTION pg_temp.content(n bigint, k bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
        SELECT md5('content ' || k || '/' || n)::uuid $$;
    CREATE FUNCTION pg_temp.digest(n bigint, k bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
        SELECT md5('first half ' || k || '/' || n) || md5('second half ' || k || '/' || n) $$;
    CREATE TEMP TABLE step AS
        SELECT id, row_number() OVER (ORDER BY id) AS k FROM runs_step WHERE run_id = {run};
    CREATE TEMP TABLE edge AS SELECT edge.id, row_number() OVER (ORDER BY edge.id) AS k
        FROM runs_edge AS edge JOIN step ON step.id = edge.step_id;
    CREATE TEMP TABLE event AS
        SELECT id, row_number() OVER (ORDER BY id) AS k FROM ledger_event WHERE run = {run};
    CREATE TEMP TABLE content AS SELECT found.id, row_number() OVER (ORDER BY found.id) AS k FROM (
        SELECT artifact_id AS id FROM runs_run_input WHERE run_id = {run}
        UNION SELECT artifact_id FROM runs_edge JOIN step ON step.id = runs_edge.step_id) AS found;
    ANALYZE step; ANALYZE edge; ANALYZE event; ANALYZE content
"""
AT: Final = "to_timestamp(pg_temp.moment(n) / 1000.0)"
RUN: Final = "pg_temp.copied(n, 0)"


@dataclass(frozen=True)
class Copied:
    """One table: which of its rows belong to the run, and what is another thing in a copy."""

    table: str
    rows: str
    changed: dict[str, str]


COPIED: Final = (
    Copied(
        "runs_run",
        "JOIN content ON content.id = t.output_id WHERE t.id = {run}",
        {
            "id": RUN,
            "reference": "'CASE-' || n",
            "output_id": "pg_temp.content(n, content.k)",
            "created_at": AT,
            "started_at": AT,
            "finished_at": AT,
        },
    ),
    Copied(
        "runs_run_input",
        "JOIN content ON content.id = t.artifact_id WHERE t.run_id = {run}",
        {"id": "pg_temp.copied(n, 1)", "run_id": RUN, "artifact_id": "pg_temp.content(n, content.k)"},
    ),
    Copied(
        "runs_artifact",
        "JOIN content ON content.id = t.id",
        {"id": "pg_temp.content(n, content.k)", "sha256": "pg_temp.digest(n, content.k)", "created_at": AT},
    ),
    Copied(
        "runs_artifact_text",
        "JOIN content ON content.id = t.artifact_id",
        {
            "artifact_id": "pg_temp.content(n, content.k)",
            "vector": "t.vector || array_to_tsvector(ARRAY[n::text])",
        },
    ),
    Copied(
        "runs_step",
        "JOIN step ON step.id = t.id JOIN content ON content.id = t.output_id",
        {
            "id": "pg_temp.copied(n, step.k)",
            "run_id": RUN,
            "output_id": "pg_temp.content(n, content.k)",
            "started_at": AT,
            "finished_at": AT,
        },
    ),
    Copied(
        "runs_edge",
        "JOIN edge ON edge.id = t.id JOIN step ON step.id = t.step_id"
        " JOIN content ON content.id = t.artifact_id",
        {
            "id": "pg_temp.copied(n, edge.k)",
            "step_id": "pg_temp.copied(n, step.k)",
            "artifact_id": "pg_temp.content(n, content.k)",
        },
    ),
    Copied(
        "ledger_event",
        "JOIN event ON event.id = t.id LEFT JOIN step ON step.id = t.object_id",
        {
            "id": "pg_temp.copied(n, event.k)",
            "at": AT,
            "run": RUN,
            "object_id": f"CASE WHEN step.id IS NULL THEN {RUN} ELSE pg_temp.copied(n, step.k) END",
        },
    ),
)


TABLES: Final = tuple(kind.table for kind in COPIED)


def insert(server: psycopg.Connection, run: UUID, copies: int) -> dict[str, int]:
    """Copy the run that many times, as the server's administrator; answers how many rows each table got.

    Rows of tables that a copy has none in (outbox, begun steps, leases) are not made: the runs have ended.
    """
    earliest = "SELECT (extract(epoch FROM now()) * 1000)::bigint - %s"
    row = server.execute(earliest, [(copies + 100) * SPAN_MS]).fetchone()
    assert row is not None
    names = sql.SQL(NAMES)
    server.execute(names.format(start=sql.Literal(row[0]), span=sql.Literal(SPAN_MS), run=sql.Literal(run)))
    statements = {kind.table: _statement(server, kind, run) for kind in COPIED}
    inserted = dict.fromkeys(statements, 0)
    server.execute("SET synchronous_commit = off")
    with _unguarded(server), _without_indexes(server):
        for first in range(0, copies, BATCH):
            span = {"first": first, "last": min(first + BATCH, copies) - 1}
            for table, statement in statements.items():
                inserted[table] += server.execute(statement, span).rowcount
    server.execute("VACUUM (ANALYZE)")  # as autovacuum would have, time and again
    server.execute("CHECKPOINT")
    return inserted


def _statement(server: psycopg.Connection, kind: Copied, run: UUID) -> sql.Composed:
    """All columns that the table has today, those excepted that PostgreSQL generates itself."""
    columns = [
        name
        for (name,) in server.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
            [kind.table],
        )
    ]
    unknown = set(kind.changed) - set(columns)
    if unknown:
        raise SystemExit(f"{kind.table} has no column {sorted(unknown)}: the history is out of date.")
    values = [
        sql.SQL(kind.changed[name]) if name in kind.changed else sql.Identifier("t", name) for name in columns
    ]
    return sql.SQL(
        "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {values} FROM {table} AS t {rows}"
    ).format(
        table=sql.Identifier(kind.table),
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        values=sql.SQL(", ").join(values),
        rows=sql.SQL(_with_numbers(kind.rows)).format(run=sql.Literal(run)),
    )


def _with_numbers(rows: str) -> str:
    numbers = "CROSS JOIN generate_series(%(first)s::bigint, %(last)s::bigint) AS n"
    joins, where, condition = rows.partition("WHERE")
    return f"{joins} {numbers} {where}{condition}"


@contextmanager
def _without_indexes(server: psycopg.Connection) -> Iterator[None]:
    """Indexes that hold no constraint are built once at the end, which takes less time than row by row."""
    found = server.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = ANY(%s::regclass[]) AND NOT indisunique",
        [list(TABLES)],
    ).fetchall()
    for name, _ in found:
        server.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    try:
        yield
    finally:
        server.execute("SET maintenance_work_mem = '512MB'")
        for _, definition in found:
            server.execute(definition)


@contextmanager
def _unguarded(server: psycopg.Connection) -> Iterator[None]:
    """Foreign keys are not looked up, and the guards, which replicas heed too, are off in the block."""
    guards = server.execute(
        "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'"
        " AND tgrelid = ANY(%s::regclass[])",
        [list(TABLES)],
    ).fetchall()
    alter = sql.SQL("ALTER TABLE {} {} TRIGGER {}")
    server.execute("SET session_replication_role = replica")
    for table, guard in guards:
        server.execute(alter.format(sql.Identifier(table), sql.SQL("DISABLE"), sql.Identifier(guard)))
    try:
        yield
    finally:
        for table, guard in guards:
            enable = sql.SQL("ENABLE ALWAYS")
            server.execute(alter.format(sql.Identifier(table), enable, sql.Identifier(guard)))
        server.execute("RESET session_replication_role")
