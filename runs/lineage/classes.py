"""How protected contents are: as the most protected use of each, wherever the organisation uses it."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final
from uuid import UUID

from governance.prepared import rows
from runs.artifacts.classes import most_protected
from runs.artifacts.models import Artifact

SQL: Final = Path(__file__).parent / "sql"
CLASSES: Final = (SQL / "classes.sql").read_bytes()
SENT: Final = (SQL / "sent.sql").read_bytes()
UNCLASSED: Final = Artifact.Classification.PERSONAL.value


def classes_of(contents: Collection[UUID], used_as: Mapping[UUID, str] | None = None) -> dict[UUID, str]:
    """The class of each content; `used_as` are uses besides inputs and outputs, such as in memory.

    What was sent to a model, or refused of its answers, is as protected as what the step read and as the step
    itself. What nobody classed, such as a signal that no step has taken, counts as personal.
    """
    if not contents:
        return {}
    sent = rows(SENT, {"contents": list(contents)})
    behind = {read for row in sent for read in row.read or ()}
    known = {row.id: row.level for row in rows(CLASSES, {"contents": [*{*contents, *behind}]})}
    uses = used_as or {}
    found = {content: [at[content] for at in (known, uses) if at.get(content)] for content in contents}
    for row in sent:
        found[row.id] += [*row.levels, *(known[read] or UNCLASSED for read in row.read or ())]
    return {content: most_protected(levels) if levels else UNCLASSED for content, levels in found.items()}
