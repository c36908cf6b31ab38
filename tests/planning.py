"""How PostgreSQL executes a statement of the engine: what it read for that, and what it put in order."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection

NAMED = re.compile(r"%\((\w+)\)s")


def executed(statement: bytes, values: Mapping[str, Any]) -> dict[str, Any]:
    """Execute it as workers do, prepared and by its generic plan; answers the plan with its counts."""
    asked = statement.decode()
    names = list(dict.fromkeys(NAMED.findall(asked)))
    for place, name in enumerate(names, start=1):
        asked = asked.replace(f"%({name})s", f"${place}")
    given = ", ".join(f"%({name})s" for name in names)
    with connection.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE looked AS {asked.replace('%%', '%')}")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE looked ({given})", dict(values))
        [[[told]]] = cursor.fetchall()
        cursor.execute("DEALLOCATE looked")
    plan: dict[str, Any] = told["Plan"]
    return plan


def runs_read(plan: Mapping[str, Any]) -> int:
    """How many rows of runs its scans looked at, but for searches of a known one."""
    return sum(_read(node) for node in _nodes(plan))


def most_in_order(plan: Mapping[str, Any]) -> int:
    """The most rows that it put in order at once."""
    sorts = [node["Actual Rows"] for node in _nodes(plan) if node["Node Type"].endswith("Sort")]
    return int(max(sorts, default=0))


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _read(node: Mapping[str, Any]) -> int:
    scans = node.get("Relation Name") == "runs_run" and node["Node Type"] != "ModifyTable"
    if not scans or node.get("Index Name") == "runs_run_pkey":
        return 0
    left = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return int((node["Actual Rows"] + left) * node["Actual Loops"])
