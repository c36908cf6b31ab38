"""Which runs read a version of what is remembered, and which versions steps read."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from governance.accounts.models import User
from runs.lineage.models import Edge
from runs.lineage.querysets import EdgeQuerySet
from runs.lineage.trace import MEMORY
from runs.memory.models import Entry
from runs.records.models import Run


def reads_of(entry: Entry, *, actor: User) -> EdgeQuerySet:
    """The edges by which steps within the person's reach read this very version."""
    return (
        Edge.objects.visible_to(actor)
        .filter(
            artifact=entry.artifact_id,
            role=Edge.Role.INPUT,
            source=f"{MEMORY}{entry}",
            step__run__project=entry.project_id,
        )
        .filter(memory_of("step__run__", entry.environment_id))
    )


def memory_of(run: str, environment: UUID) -> Q:
    """Of the runs that a lookup leads to, those which read what is remembered in the environment."""
    own = Q(**{f"{run}recalls_from": None, f"{run}environment": environment})
    return own | Q(**{f"{run}recalls_from": environment})


def entries_named(run: Run, sources: Iterable[str]) -> dict[str, Entry]:
    """The versions that sources of the run name, by source, with who wrote them: `memory:senders/Ada@1`."""
    wanted = Q()
    for source in sources:
        if found := _read(source):
            namespace, key, number = found
            wanted |= Q(namespace=namespace, key=key, number=number)
    if not wanted:
        return {}
    entries = Entry.objects.within(run.project_id, run.memory_of).filter(wanted).with_writers()
    return {f"{MEMORY}{entry}": entry for entry in entries}


def _read(source: str) -> tuple[str, str, int] | None:
    """The namespace, key and number in a source; keys may hold any character."""
    if not source.startswith(MEMORY):
        return None
    namespace, _, named = source.removeprefix(MEMORY).partition("/")
    key, _, number = named.rpartition("@")
    return (namespace, key, int(number)) if number.isdecimal() else None
