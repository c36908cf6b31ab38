"""The contents that the statement names: each is there with its digest, or its absence is accounted for."""

import re
from collections.abc import Sequence
from typing import Any, Final

from runs.evidence.verifier.causes import Cause, Failed, Findings
from runs.evidence.verifier.imports import imported_outputs, imports_of
from runs.evidence.verifier.strict_json import member_of, objects_of, read_strictly
from runs.evidence.verifier.zip_reading import Bundle

STATEMENT_FILE: Final = "statement.dsse.json"
CHECKPOINT_FILE: Final = "checkpoint"
CONSISTENCY_FILE: Final = "consistency.json"
EVENTS_FILE: Final = "events.jsonl"
REDACTIONS_FILE: Final = "redactions.json"
DISCLOSURES_FILE: Final = "disclosures.json"
CONTENTS_FOLDER: Final = "artifacts/"
ALWAYS_THERE: Final = (STATEMENT_FILE, CHECKPOINT_FILE, EVENTS_FILE)
MAY_BE_THERE: Final = {*ALWAYS_THERE, CONSISTENCY_FILE, REDACTIONS_FILE, DISCLOSURES_FILE}
SHA256_HEX: Final = re.compile(r"[0-9a-f]{64}")
LARGEST_REDACTIONS: Final = 4 * 1024 * 1024


def check_contents(bundle: Bundle, statement: Any, findings: Findings) -> dict[str, str]:
    """Check every part of the bundle; the contents that were left out, each with the reason that is given."""
    predicate = member_of(statement, "predicate", dict, "The statement")
    subjects = {_digest(each.get("digest")) for each in objects_of(statement, "subject", "The statement")}
    named = _named(predicate)
    left_out: dict[str, str] = findings.attempt(_redactions, bundle) or {}
    for name in bundle.members:
        if name not in MAY_BE_THERE and name not in named:
            findings.add(Cause.PARTS, f"The statement does not name the part {name}.")
    for name, digest in named.items():
        findings.attempt(_check_part, bundle, name, digest, left_out, digest in subjects)
    digests = set(named.values())
    return {digest: reason for digest, reason in left_out.items() if digest in digests}


def _named(predicate: dict[str, Any]) -> dict[str, str]:
    """Every part that the statement vouches for, with its digest."""
    what = "The statement"
    digests = [_digest(each) for each in objects_of(predicate, "materials", what)]
    parts: dict[str, Any] = member_of(predicate, "parts", dict, what)
    written = {str(name): _digest({"sha256": digest}) for name, digest in parts.items()}
    return {**{f"{CONTENTS_FOLDER}{digest}": digest for digest in digests}, **written}


def _check_part(bundle: Bundle, name: str, digest: str, left_out: dict[str, str], is_output: bool) -> None:  # noqa: FBT001
    if name in bundle.members:
        if (found := bundle.digest(name)) != digest:
            raise Failed(Cause.CONTENT_ALTERED, f"{name} was altered: its digest is {found}, not {digest}.")
    elif digest not in left_out:
        cause = Cause.OUTPUT if is_output else Cause.PARTS
        raise Failed(cause, f"{name} is neither in the bundle nor named as left out.")


def _redactions(bundle: Bundle) -> dict[str, str]:
    """What was left out on purpose, and why; whoever hands a bundle on may leave out more."""
    if REDACTIONS_FILE not in bundle.members:
        return {}
    what = "The list of what was left out"
    value = read_strictly(bundle.read(REDACTIONS_FILE, LARGEST_REDACTIONS), what)
    listed = objects_of({"left_out": value}, "left_out", what)
    return {_digest(each): member_of(each, "reason", str, what) for each in listed}


def _digest(value: Any) -> str:
    found = member_of(value, "sha256", str, "A digest")
    if not SHA256_HEX.fullmatch(found):
        raise Failed(Cause.JSON, f"“{found[:80]}” is no SHA-256.")
    return found


def check_outputs(statement: Any, records: Sequence[dict[str, Any]]) -> None:
    """The subjects are what the log says was made: all outputs, or the one that it is about.

    Raises `Failed` when one was replaced or left out.
    """
    predicate = member_of(statement, "predicate", dict, "The statement")
    about = member_of(predicate, "about", dict, "The statement")
    only = member_of(about, "step", str, "What it is about") if about.get("kind") == "output" else None
    made = {
        str(record["details"]["output_sha256"])
        for record in records
        if record["object_type"] == "step"
        and "output_sha256" in record["details"]
        and (only is None or record["object_id"] == only)
    }
    made.update(imported_outputs(predicate, imports_of(records), only))
    named = {_digest(each.get("digest")) for each in objects_of(statement, "subject", "The statement")}
    if spare := sorted(named - made):
        raise Failed(Cause.OUTPUT, f"No record says that the output {spare[0]} was made.")
    if missing := sorted(made - named):
        raise Failed(Cause.OUTPUT, f"The output {missing[0]}, which a record names, was left out.")
