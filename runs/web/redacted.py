"""What a redaction took out of the text that an output goes back to, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import orjson

from runs.artifacts.models import Artifact
from runs.functions.redaction import DETECTORS
from runs.lineage.trace import Trace
from runs.reading.reading import Reading
from runs.records.models import Step

REDACTION: Final = "redact_personal_data@"
KINDS: Final = {kind: words.strip("[]") for kind, words, _, _ in DETECTORS}


@dataclass(frozen=True)
class Removed:
    """What one step replaced, "1 card number, 2 e-mail addresses", and what it did not look for.

    The latter is empty for runs of before it was recorded.
    """

    step: Step
    found: str
    not_looked_for: str


def redactions(trace: Trace) -> list[Step]:
    """The redactions that the output is, or goes back to."""
    behind = [*trace.upstream, trace.step]
    return [step for step in behind if step.output_id and step.function.startswith(REDACTION)]


def removed(trace: Trace, bodies: Mapping[UUID, Artifact], reading: Reading) -> list[Removed]:
    """What each of them said that it did; nothing of one whose output is masked, or was altered."""
    clear = (step for step in redactions(trace) if step.output_id not in reading.masked)
    made = [(step, bodies[step.output_id]) for step in clear if step.output_id]
    found = [(step, reading.released(output)) for step, output in made]
    return [_read(step, body) for step, body in found if body is not None]


def _read(step: Step, body: bytes) -> Removed:
    said = orjson.loads(body)
    found = said.get("found", {})
    counts = [f"{count} {_plural(KINDS.get(kind, kind), count)}" for kind, count in found.items()]
    return Removed(step, ", ".join(counts), said.get("not_looked_for", ""))


def _plural(words: str, count: int) -> str:
    return words if count == 1 else f"{words}{'es' if words.endswith('s') else 's'}"
