"""Runs that ended elsewhere and were imported: one record tells all that each did, by digests.

The log proves that it was told so when it was imported, and since then; not that it happened.
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from runs.evidence.verifier.causes import Cause, Failed
from runs.evidence.verifier.strict_json import member_of, objects_of

IMPORTED: Final = "run.imported"
IMPORT: Final = "history.imported"  # who imported a file, and why


def imports_of(records: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Of each imported run its record."""
    return {str(record.get("run")): record for record in records if record["kind"] == IMPORTED}


def check_import(run: Mapping[str, Any], record: Mapping[str, Any]) -> None:
    """The run has the release, the state and the very steps that were imported. Raises `Failed`."""
    what, details = f"The imported run {str(run.get('id'))[:40]}", record["details"]
    if run.get("closure_sha256") != details.get("sha256"):
        raise Failed(Cause.RELATION, f"{what} was imported under another release.")
    if run.get("state") != details.get("state", run.get("state")):
        raise Failed(Cause.RELATION, f"{what} did not end as stated.")
    steps = objects_of(run, "steps", "A run")
    if [step.get("position") for step in steps] != list(range(len(steps))):
        raise Failed(Cause.RELATION, f"{what} has steps that are not in their order.")
    made = "".join(f"{step.get('node')} {step.get('output_sha256', '')}\n" for step in steps)
    told = member_of(details, "steps_sha256", str, "The record of an imported run")
    if len(steps) != details.get("steps") or sha256(made.encode()).hexdigest() != told:
        raise Failed(Cause.OUTPUT, f"{what} has other steps, or made something else, than was imported.")


def imported_outputs(
    predicate: Mapping[str, Any], imports: Mapping[str, Any], only: str | None
) -> Iterator[str]:
    """What the steps of imported runs made, or the one step: `check_import` holds them against the record."""
    for run in objects_of(predicate, "runs", "The statement"):
        if run.get("id") in imports:
            for step in objects_of(run, "steps", "A run"):
                if "output_sha256" in step and only in {None, step.get("id")}:
                    yield str(step["output_sha256"])
