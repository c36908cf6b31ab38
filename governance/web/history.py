"""The events about an object and what belongs to it, worded for its page."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import Q

from governance.accounts.models import User
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.web.acting import address
from governance.web.keys import flat

MOST_EVENTS = 40

SENTENCES: dict[str, str] = {
    Kind.ROW_INSERTED: "added row {key} of {table}",
    Kind.ROW_CHANGED: "changed row {key} of {table}",
    Kind.ROW_DELETED: "took row {key} out of {table}",
    Kind.ORGANISATION_CREATED: "opened the organisation {slug}",
    Kind.TEAM_CREATED: "made the team {name}",
    Kind.TEAM_MEMBER_ADDED: "added {name} to a team",
    Kind.TEAM_MEMBER_REMOVED: "took {name} out of a team",
    Kind.PROJECT_CREATED: "opened the project {slug}",
    Kind.PERSON_CREATED: "made the account of {name}",
    Kind.PERSON_PASSWORD_GIVEN: "gave {name} a first password",
    Kind.PERSON_DISABLED: "disabled the account of {name}",
    Kind.PERSON_ENABLED: "enabled the account of {name}",
    Kind.PLATFORM_OWNER_ADDED: "made {name} a platform owner",
    Kind.PLATFORM_OWNER_REMOVED: "ended the ownership of {name}",
    Kind.ROLE_GRANTED: "gave {holder_name} the role {role}",
    Kind.ROLE_REVOKED: "took the role {role} from {holder_name}",
    Kind.ASSET_SHARED: "shared {asset} with {name}",
    Kind.ASSET_UNSHARED: "stopped sharing {asset} with {name}",
    Kind.TOKEN_CREATED: "made the API token {name}",
    Kind.TOKEN_REVOKED: "revoked the API token {prefix}…",
    Kind.ASSET_CREATED: "named {slug}",
    Kind.VERSION_CREATED: "wrote {asset} v{number}: {message}",
    Kind.ENVIRONMENT_CREATED: "added the environment {name}",
    Kind.RELEASE_SUBMITTED: "submitted {release}, {workflow_version}, to {environment}",
    Kind.RELEASE_ACTIVATED: "put {release} into effect in {environment}: {reason}",
    Kind.RELEASE_ROLLED_BACK: "rolled back to {release} in {environment}: {reason}",
    Kind.APPROVAL_REQUESTED: "asked for a decision on {subject}",
    Kind.APPROVAL_VOTED: "decided on {subject}: {decision}",
    Kind.APPROVAL_REFUSED: "tried to decide on {subject} and was refused",
    Kind.APPROVAL_WITHDRAWN: "withdrew {subject}",
    Kind.LEDGER_FROZEN: "found that the ledger does not hold: {said}",
    Kind.LEDGER_THAWED: "let work go on after the finding {code}: {reason}",
    Kind.LOG_KEY_ANNOUNCED: "announced the key that signs this log",
    Kind.LOG_KEY_ROTATED: "rotated the key that signs this log: {reason}",
    Kind.CATALOGUE_CHANGED: "recorded what protects the ledger in the database, which is not what it was",
    Kind.LOG_RESTORED: "had this log go on under its next name after a restore: {reason}",
    Kind.EVIDENCE_KEY_ANNOUNCED: "announced a key that signs evidence",
    Kind.EVIDENCE_EXPORTED: "made a bundle of evidence of {title}: {reason}",
    Kind.HISTORY_IMPORTED: "imported {runs} runs with {steps} steps: {reason}",
    Kind.PRICE_SET: "set a price for {model}",
    Kind.LIMIT_SET: "set the limits of the {kind} {name}",
    Kind.WEIGHT_SET: "set the organisation's weight among others to {weight}",
    Kind.OPENING_SET: "set to which environments the {kind} {name} is open: {reason}",
    Kind.CONTENT_OPENED: "opened {contents} contents for {purpose}",
    Kind.CONTENT_REVEALED: "revealed {contents} masked contents: {purpose}, “{reason}”",
    Kind.CONTENT_EXPORTED: "took {contents} contents away: {purpose}",
    Kind.CONTENT_LISTED: "saw how {contents} contents begin, in {purpose}",
    Kind.CONTENT_SEARCHED: "searched the contents within reach for words",
    Kind.CONTENT_DAMAGED: "found that a stored content is {found}",
    Kind.CONTENT_REFUSED: "was refused a content: {reason}",
    Kind.RUN_STARTED: "started a run",
    Kind.RUN_IMPORTED: "imported a run that had ended elsewhere",
    Kind.RUN_CLAIMED: "took up the run",
    Kind.RUN_RECOVERED: "took the run from a worker that went away at {node}",
    Kind.RUN_RESUMED: "resumed the run at {node}: {reason}",
    Kind.RUN_ANSWER_DISCARDED: "discarded an answer to {node} that came too late; its cost counts: {cost}",
    Kind.RUN_CANCELLED: "cancelled the run",
    Kind.RUN_SUCCEEDED: "finished the run",
    Kind.RUN_VERIFIED: "found the records of the run to differ, first the {what} of {node}",
    Kind.RUN_FAILED: "ended the run with an error",
    Kind.RUN_WAITED: "let the run wait at {node}",
    Kind.RUN_HASTENED: "had {node} tried again at once",
    Kind.RUN_PAUSE_ASKED: "asked for a pause after {node}: {reason}",
    Kind.RUN_PAUSED: "paused the run before {node}: {reason}",
    Kind.RUN_CONTINUED: "let the run go on at {node}",
    Kind.RUN_NEEDS_REVIEW: "stopped the run at {node}: nobody knows whether it took effect",
    Kind.RUN_REVIEWED: "{decision} {node}: {reason}",
    Kind.RUN_QUARANTINED: "set the run aside: its worker stopped time after time",
    Kind.RUN_CANCEL_ASKED: "asked for an end after {node}: {reason}",
    Kind.RUN_COMPENSATING: "began to undo what the run did, from {node} backwards",
    Kind.RUN_COMPENSATED: "had undone what had succeeded of the run",
    Kind.RUN_COMPENSATION_FAILED: "could not undo all that the run did",
    Kind.RUN_SIGNALLED: "told the run that “{name}” happened",
    Kind.TASK_OPENED: "asked people: {title}",
    Kind.TASK_DECIDED: "decided “{title}”: {decision}",
    Kind.TASK_REFUSED: "tried to decide “{title}” and was refused",
    Kind.TASK_ESCALATED: "asked {team} as well: {title}",
    Kind.TASK_EXPIRED: "waited no longer for a decision: {title}",
    Kind.TASK_WITHDRAWN: "withdrew the task: {title}",
    Kind.WEBHOOK_CREATED: "opened the webhook {name} for {workflow} in {environment}",
    Kind.WEBHOOK_RENAMED: "called the webhook {before} {name}",
    Kind.WEBHOOK_ROTATED: "made secret {secret} of the webhook {name}",
    Kind.WEBHOOK_SECRET_ENDED: "ended the earlier secret of the webhook {name}",
    Kind.WEBHOOK_RESEALED: "encrypted the secrets of the webhook {name} under another key",
    Kind.WEBHOOK_DISABLED: "disabled the webhook {name}: {reason}",
    Kind.WEBHOOK_ENABLED: "enabled the webhook {name}",
    Kind.WEBHOOK_ADOPTED: "took over the webhook {name} from {before}",
    Kind.WEBHOOK_RETIRED: "retired the webhook {name}: {reason}",
    Kind.WEBHOOK_DELIVERED: "started it by delivery {key} of the webhook {name}",
    Kind.WEBHOOK_HINDERED: "could start nothing for the webhook {name}: {reason}",
    Kind.WEBHOOK_RELIEVED: "could start runs for the webhook {name} again",
    Kind.SCHEDULE_CREATED: "set the schedule {name}: {when}, {zone}",
    Kind.SCHEDULE_CHANGED: "changed the schedule {name}",
    Kind.SCHEDULE_PAUSED: "paused the schedule {name}: {reason}",
    Kind.SCHEDULE_RESUMED: "resumed the schedule {name}",
    Kind.SCHEDULE_RETIRED: "retired the schedule {name}: {reason}",
    Kind.SCHEDULE_FIRED: "started a run by the schedule {name}",
    Kind.SCHEDULE_QUEUED: "let a firing of the schedule {name} wait for the run before it",
    Kind.SCHEDULE_REFUSED: "could not start a run by the schedule {name}: {reason}",
    Kind.SCHEDULE_SKIPPED: "skipped a firing of the schedule {name}: {reason}",
    Kind.SCHEDULE_MISSED: "missed firings of the schedule {name}: {reason}",
    Kind.RECALL_OPENED: "opened the recall of {subject}: {reason}",
    Kind.RECALL_COLLECTED: "found {cases} outputs that relied on {subject}",
    Kind.RECALL_FAILED: "gave up collecting the recall {title}: {failure}",
    Kind.RECALL_RESUMED: "had the recall {title} collected on: {reason}",
    Kind.RECALL_EXPORTED: "took {cases} cases of the recall {title} away as {form}",
    Kind.RECALL_CLOSED: "closed the recall {title}: {conclusion}",
    Kind.CASE_SETTLED: "settled {cases} cases of the recall {title} as {status}: {note}",
    Kind.RETENTION_SET: "set how long {classification} contents are kept: {kept}",
    Kind.HOLD_PLACED: "placed a hold on {about}: {reason}",
    Kind.HOLD_LIFT_ASKED: "asked that the hold on {about} be lifted: {reason}",
    Kind.HOLD_LIFTED: "lifted the hold on {about}, as {asked_by} had asked",
    Kind.ERASURE_ANNOUNCED: "announced that {contents} contents will be removed from {removes_from} on",
    Kind.CONTENTS_REMOVED: "removed {removed} contents, and kept {kept}",
    Kind.MEMORY_WRITTEN: "left {value} in memory",
    Kind.MEMORY_REVERTED: "went back to {restores} in memory, as {value}",
    Kind.STEP_SUCCEEDED: "committed the step {node}",
    Kind.STEP_FAILED: "recorded that the step {node} failed",
}
VERIFIED = "verified the run by its records: all {steps} steps hold"
# What a run waits for, by the word in its event.
WAITS = {
    "timer": "let time pass at {node}",
    "event": "let the run wait at {node} for a signal",
    "person": "let the run wait at {node} for a person",
    "retry": "put attempt {attempt} at {node} off for {delay_ms} ms",
    "parts": "let the run wait at {node} for its parts",
    "limit": "let the run wait at {node} for room at its provider",
    "worker": "let the run wait at {node} for a capable worker",
}
UNDOING: dict[str, str] = {
    Kind.STEP_SUCCEEDED: "undid the step {node}",
    Kind.STEP_FAILED: "recorded that the step {node} could not be undone",
}
SHARING = (Kind.ASSET_SHARED, Kind.ASSET_UNSHARED)
FORWARD_AGAIN = "put {release} back into effect in {environment}: {reason}"
STARTED = {
    "replay": "started a replay of a run: {reason}",
    "fork": "started a fork of a run: {reason}",
}
# What is told in words of its own for some values of a fact.
VARIED: dict[str, tuple[str, dict[str, str]]] = {
    Kind.RUN_STARTED: ("origin", STARTED),
    Kind.RUN_WAITED: ("for", WAITS),
}
PAGES = {
    "release": "governance:release",
    "approval": "governance:approval",
    "version": "governance:version",
    "prompt": "governance:asset",
    "model": "governance:asset",
    "workflow": "governance:asset",
    "run": "runs:run",
    "step": "runs:output",
    "task": "runs:task",
    "webhook": "runs:webhook",
    "schedule": "runs:schedule",
    "recall": "runs:recall",
    "hold": "runs:hold",
    "erasure": "runs:erasure",
}


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


@dataclass(frozen=True)
class Entry:
    """An event as a page shows it: a sentence, the facts, and a link to what it is about.

    Of an event of a run, `case` is the run's business reference (its identifier without one). `may_open`
    tells whether the reader reaches the event's own page.
    """

    event: Event
    sentence: str
    facts: list[tuple[str, str]]
    url: str
    leaf: str
    case: str = ""
    may_open: bool = True


def entries(events: Iterable[Event]) -> list[Entry]:
    """The events for a page, those of runs with their cases, in one query more."""
    listed = list(events)
    cases = _cases({event.run for event in listed if event.run})
    return [entry(event, case=cases.get(event.run, "") if event.run else "") for event in listed]


def _cases(runs: set[UUID]) -> dict[UUID, str]:
    """What was made from another run, and did not record its reference, has that run's."""
    started = _started(runs)
    without = {run: facts for run, facts in started.items() if not facts.get("reference")}
    sources = {run: UUID(str(facts["source"])) for run, facts in without.items() if facts.get("source")}
    known = started | _started(set(sources.values()) - set(started))
    return {run: _reference(known, run) or _reference(known, sources.get(run)) or str(run) for run in runs}


def _started(runs: set[UUID]) -> dict[UUID, dict[str, Any]]:
    """With what facts each of the runs was started."""
    events = Event.objects.filter(kind=Kind.RUN_STARTED, run__in=runs) if runs else ()
    return {event.run: event.details for event in events if event.run}


def _reference(started: dict[UUID, dict[str, Any]], run: UUID | None) -> str:
    return str(started.get(run, {}).get("reference", "")) if run else ""


def entry(event: Event, *, case: str = "") -> Entry:
    """The event for a page."""
    details = event.details
    words = _words_of(event)
    return Entry(
        event=event,
        sentence=_worded(words, details) if words else event.kind,
        facts=list(flat(details).items()) if details else [],
        url=address(PAGES[event.object_type], event.object_id) if event.object_type in PAGES else "",
        leaf=bytes(event.leaf).hex(),
        case=case,
    )


def _words_of(event: Event) -> str | None:
    if "compensates" in event.details and event.kind in UNDOING:
        return UNDOING[event.kind]
    if _forward_again(event):
        return FORWARD_AGAIN
    if event.kind == Kind.RUN_VERIFIED:
        return VERIFIED if event.details.get("holds") else SENTENCES[Kind.RUN_VERIFIED]
    if event.kind in VARIED:
        fact, words = VARIED[event.kind]
        return words.get(str(event.details.get(fact)), SENTENCES[event.kind])
    if event.kind == Kind.APPROVAL_REQUESTED and event.details.get("quorum") == 0:
        return "asked for {subject}, for which nobody needs to decide"
    return SENTENCES.get(event.kind)


def _forward_again(event: Event) -> bool:
    """Whether a release took the place of an earlier one of its workflow, having been in effect before."""
    if event.kind != Kind.RELEASE_ROLLED_BACK:
        return False
    now, before = (str(event.details.get(name, "")).rpartition(" ")[2] for name in ("release", "replaced"))
    return now.isdecimal() and before.isdecimal() and int(now) > int(before)


def history(*about: tuple[str, UUID | None], actor: User, limit: int = MOST_EVENTS) -> list[Entry]:
    """The newest events about these objects, newest first. The caller has fetched them within reach.

    Somebody with whom a single asset is shared reads its history here, though not in the project's ledger,
    and is not told with whom else it is shared.
    """
    wanted = Q()
    for kind, pk in about:
        if pk is not None:
            wanted |= Q(object_type=kind, object_id=pk)
    if not wanted:
        return []
    about_these = Event.objects.happened().filter(wanted)
    shown = about_these.exclude(kind__in=SHARING) | about_these.visible_to(actor)
    found = list(shown.order_by("-id")[:limit])
    within = Event.objects.visible_to(actor).filter(pk__in=[event.pk for event in found])
    reached = set(within.values_list("pk", flat=True))
    return [replace(entry(event), may_open=event.pk in reached) for event in found]


def many(kind: str, ids: Iterable[UUID]) -> list[tuple[str, UUID | None]]:
    """The same kind of object many times, for `history`."""
    return [(kind, pk) for pk in ids]


def _worded(words: str, details: dict[str, Any]) -> str:
    known = _Known({key: value for key, value in details.items() if isinstance(value, str | int)})
    return words.format_map(known).removesuffix(": ").removesuffix(": …")
