"""What the statement tells of runs, steps and approvals: each is backed by a record, and none is left out."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from runs.evidence.verifier.causes import Cause, Failed, Findings
from runs.evidence.verifier.contents import CONTENTS_FOLDER
from runs.evidence.verifier.imports import IMPORT, check_import, imports_of
from runs.evidence.verifier.limits import LARGEST_JSON
from runs.evidence.verifier.relations import STARTED, VOTED
from runs.evidence.verifier.strict_json import member_of, objects_of, read_strictly
from runs.evidence.verifier.zip_reading import Bundle

Records = Sequence[dict[str, Any]]
OF_A_STEP: Final = ("node", "kind", "position", "attempt", "item", "compensates", "output_sha256")
WHERE_RECORDED: Final = ("function", "prompt", "model", "chosen")
OF_A_VOTE: Final = ("decision", "meaning", "reason", "sha256")
OF_A_VERSION: Final = ("id", "asset", "kind", "number", "sha256")
ENDED: Final = {"succeeded", "failed", "cancelled", "quarantined", "compensated", "compensation_failed"}
ANNOUNCED: Final = "evidence_key.announced"


def check_belonging(predicate: Mapping[str, Any], records: Records, findings: Findings) -> None:
    """Each record is of the organisation, and of a run, release or version that the statement is about."""
    organisation = member_of(predicate.get("organisation"), "id", str, "The organisation")
    about = member_of(predicate, "about", dict, "The statement")
    ours = set(_identified(predicate))
    told = {ANNOUNCED, IMPORT} if imports_of(records) else {ANNOUNCED}
    for record in records:
        within = about.get("kind") == "period" and _in_period(record, about)
        named = record.get("run") in ours or record["object_id"] in ours or record["kind"] in told
        if record.get("organisation") != organisation or not (within or named):
            findings.add(
                Cause.OTHER_SUBJECT,
                f"The record {record['id'][:40]} ({record['kind'][:40]}) is about something else.",
            )


def check_claims(predicate: Mapping[str, Any], records: Records, bundle: Bundle, findings: Findings) -> None:
    """Runs, their steps, the versions and the approvals are told as the records have them."""
    steps = {record["object_id"]: record for record in records if record["object_type"] == "step"}
    told: dict[str, dict[str, Any]] = {}
    imports = imports_of(records)
    by_run: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        by_run[str(record.get("run"))].append(record)
    for run in objects_of(predicate, "runs", "The statement"):
        if (imported := imports.get(str(run.get("id")))) is not None:
            findings.attempt(check_import, run, imported)
            continue
        findings.attempt(_check_run, run, by_run[str(run.get("id"))])
        told |= {str(step.get("id")): step for step in objects_of(run, "steps", "A run")}
    for step in told.values():
        findings.attempt(_check_step, step, told, steps)
    for identifier in steps.keys() - told.keys():
        findings.add(
            Cause.RELATION, f"The statement leaves out the step {identifier[:40]}, which a record tells of."
        )
    for release in objects_of(predicate, "releases", "The statement"):
        findings.attempt(_check_approvals, release, records)
        findings.attempt(_check_versions, release, bundle)


def _identified(predicate: Mapping[str, Any]) -> Iterator[str]:
    for run in objects_of(predicate, "runs", "The statement"):
        yield member_of(run, "id", str, "A run")
    for release in objects_of(predicate, "releases", "The statement"):
        yield member_of(release, "id", str, "A release")
        yield member_of(release, "request", str, "A release")
        for version in objects_of(release, "versions", "A release"):
            yield member_of(version, "id", str, "A version")


def _in_period(record: Mapping[str, Any], about: Mapping[str, Any]) -> bool:
    first, until = (member_of(about, name, str, "What it is about") for name in ("from", "until"))
    return first <= str(record["at"]) < until


def _check_run(run: dict[str, Any], own: Records) -> None:
    """The run, by its own records."""
    begun = next((record for record in own if record["kind"] == STARTED), None)
    if begun is None:
        raise Failed(Cause.RELATION, f"No record says that the run {str(run.get('id'))[:40]} was started.")
    closure = member_of(run, "closure_sha256", str, "A run")
    if begun["details"].get("sha256", closure) != closure:
        raise Failed(Cause.RELATION, f"The run {begun['object_id'][:40]} was started under another release.")
    state = member_of(run, "state", str, "A run")
    if state in ENDED and not any(record["kind"] == f"run.{state}" for record in own):
        raise Failed(
            Cause.RELATION, f"No record says that the run {begun['object_id'][:40]} ended as {state}."
        )


def _check_step(
    step: dict[str, Any], told: Mapping[str, dict[str, Any]], records: Mapping[str, dict[str, Any]]
) -> None:
    """The step, or the one that it was copied from, at whatever remove, is told by a record."""
    made, seen = step, {str(step.get("id"))}
    while (source := made.get("copied_from")) is not None:
        if not isinstance(source, str) or source in seen or source not in told:
            raise Failed(Cause.RELATION, f"The step {str(step.get('id'))[:40]} is a copy of none.")
        made = told[source]
        seen.add(source)
    record = records.get(str(made.get("id")))
    if record is None:
        raise Failed(Cause.EVENT_SET, f"There is no record of the step {str(made.get('id'))[:40]}.")
    details = record["details"]
    for name in (*OF_A_STEP, *(name for name in WHERE_RECORDED if name in details)):
        if step.get(name) != details.get(name):
            raise Failed(
                Cause.RELATION, f"The {name} of the step {record['object_id'][:40]} is not as recorded."
            )
    if record["kind"] != f"step.{step.get('state')}":
        raise Failed(Cause.RELATION, f"The step {record['object_id'][:40]} did not end as stated.")


def _check_approvals(release: dict[str, Any], records: Records) -> None:
    votes = {record["id"]: record for record in records if record["kind"] == VOTED}
    stated = objects_of(release, "approvals", "A release")
    for approval in stated:
        record = votes.get(str(approval.get("event")))
        if record is None or not _is_vote(approval, record, release):
            who = str(approval.get("person_name"))[:80]
            raise Failed(Cause.RELATION, f"No record says that {who} decided so on this release.")
    of_this = {found for found, record in votes.items() if record["object_id"] == release.get("request")}
    if of_this - {str(approval.get("event")) for approval in stated}:
        raise Failed(Cause.RELATION, "A record tells of a decision on the release, the statement does not.")


def _is_vote(approval: dict[str, Any], record: dict[str, Any], release: dict[str, Any]) -> bool:
    same = all(approval.get(name) == record["details"].get(name) for name in OF_A_VOTE)
    person = (approval.get("person"), approval.get("person_name")) == (record["actor"], record["actor_name"])
    closure = approval.get("sha256") == release.get("closure_sha256")
    return same and person and closure and record["object_id"] == release.get("request")


def _check_versions(release: dict[str, Any], bundle: Bundle) -> None:
    """The versions are those of the closure, whose digest was decided on, where it is in the bundle."""
    digest = member_of(release, "closure_sha256", str, "A release")
    if f"{CONTENTS_FOLDER}{digest}" not in bundle.members:
        return
    closure = read_strictly(bundle.read(f"{CONTENTS_FOLDER}{digest}", LARGEST_JSON), "The approved closure")
    workflow = member_of(closure, "workflow", dict, "The closure")
    approved = [workflow, *objects_of(closure, "versions", "The closure")]
    stated = objects_of(release, "versions", "A release")
    if _facts(approved) != _facts(stated):
        raise Failed(Cause.RELATION, "The versions that are stated are not those that were approved.")


def _facts(versions: Sequence[dict[str, Any]]) -> list[list[Any]]:
    return [[version.get(name) for name in OF_A_VERSION] for version in versions]
