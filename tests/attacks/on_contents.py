"""Attacks on contents and on what the statement tells of runs, releases and relations."""

import json
from typing import Any

from runs.evidence.verifier.causes import Cause
from tests.attacks.draft import Draft
from tests.attacks.story import (
    DRAFT,
    LETTER,
    REPLY,
    SALT,
    STEPS,
    artifact_of,
    base64_of,
    hex_of,
)
from tests.attacks.table import attack


@attack("output replaced", Cause.OUTPUT)
def output_replaced(draft: Draft) -> None:
    forged = b'"Your claim is refused"'
    draft.statement["subject"][1]["digest"]["sha256"] = hex_of(forged)
    draft.predicate["materials"][2] |= {
        "sha256": hex_of(forged),
        "artifact": artifact_of(forged, "application/json"),
    }
    del draft.parts[f"artifacts/{hex_of(REPLY)}"]
    draft.parts[f"artifacts/{hex_of(forged)}"] = forged


@attack("output left out of the statement", Cause.OUTPUT)
def output_unstated(draft: Draft) -> None:
    del draft.statement["subject"][0]


@attack("output left out of the zip", Cause.OUTPUT)
def output_missing(draft: Draft) -> None:
    del draft.parts[f"artifacts/{hex_of(REPLY)}"]


@attack("artifact under a wrong digest", Cause.CONTENT_ALTERED)
def wrong_digest(draft: Draft) -> None:
    draft.parts[f"artifacts/{hex_of(LETTER)}"] = DRAFT


@attack("report rewritten", Cause.CONTENT_ALTERED)
def report_rewritten(draft: Draft) -> None:
    draft.parts["report.html"] = b"<p>Nothing happened</p>"


@attack("input left out of the zip", Cause.PARTS)
def input_missing(draft: Draft) -> None:
    del draft.parts[f"artifacts/{hex_of(LETTER)}"]


@attack("part that the statement does not name", Cause.PARTS)
def part_added(draft: Draft) -> None:
    draft.parts["verify.py"] = b"print('HOLDS')"


@attack("disclosure forged", Cause.DISCLOSURE)
def disclosure_forged(draft: Draft) -> None:
    _disclose(draft, "CASE-8")


@attack("disclosure that the statement does not name", Cause.DISCLOSURE)
def disclosure_undeclared(draft: Draft) -> None:
    _disclose(draft, "CASE-7")
    draft.predicate["disclosures"] = []


@attack("disclosure, declared and true", Cause.HOLDS)
def disclosure(draft: Draft) -> None:
    _disclose(draft, "CASE-7")


@attack("redaction of an input and an output", Cause.HOLDS)
def redaction(draft: Draft) -> None:
    for content in (LETTER, REPLY):
        del draft.parts[f"artifacts/{hex_of(content)}"]
    left_out = [{"sha256": hex_of(content), "reason": "personal data"} for content in (LETTER, REPLY)]
    draft.parts["redactions.json"] = json.dumps(left_out).encode()


@attack("lineage edge removed", Cause.RELATION)
def edge_removed(draft: Draft) -> None:
    used = [each for each in draft.predicate["relations"] if each["relation"] == "used"]
    draft.predicate["relations"].remove(used[0])


@attack("lineage edge added", Cause.RELATION)
def edge_added(draft: Draft) -> None:
    used = next(each for each in draft.predicate["relations"] if each["relation"] == "used")
    draft.predicate["relations"].append({**used, "name": "policy"})


@attack("another content behind an artifact's identifier", Cause.RELATION)
def artifact_renamed(draft: Draft) -> None:
    draft.predicate["materials"][0]["artifact"] = artifact_of(b"another letter", "text/plain")


@attack("approval that nobody gave", Cause.RELATION)
def approval_invented(draft: Draft) -> None:
    [approval] = draft.predicate["releases"][0]["approvals"]
    draft.predicate["releases"][0]["approvals"] = [approval, {**approval, "person_name": "Bea Second"}]


@attack("rejection told as an approval's absence", Cause.RELATION)
def approval_removed(draft: Draft) -> None:
    draft.predicate["releases"][0]["approvals"] = []


@attack("version other than was approved", Cause.RELATION)
def version_replaced(draft: Draft) -> None:
    draft.predicate["releases"][0]["versions"][0]["sha256"] = hex_of(b"another workflow")


@attack("step left out of the statement", Cause.RELATION)
def step_unstated(draft: Draft) -> None:
    del draft.predicate["runs"][0]["steps"][0]


@attack("step that no record tells of", Cause.EVENT_SET)
def step_invented(draft: Draft) -> None:
    steps: list[dict[str, Any]] = draft.predicate["runs"][0]["steps"]
    steps.append({**steps[0], "id": STEPS[0][:-1] + "9", "position": 2})


@attack("JSON key doubled", Cause.JSON)
def key_doubled(draft: Draft) -> None:
    draft.seal()
    assert draft.envelope is not None
    draft.envelope = draft.envelope.replace(b"{", b'{"payloadType":"text/plain",', 1)


def _disclose(draft: Draft, value: str) -> None:
    event = json.loads(draft.events[2].record)["id"]
    path = ["details", "reference"]
    draft.predicate["disclosures"] = [{"event": event, "path": path}]
    disclosed = [{"event": event, "path": path, "salt": base64_of(SALT), "value": value}]
    draft.parts["disclosures.json"] = json.dumps(disclosed).encode()
