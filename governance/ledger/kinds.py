"""The name of every kind of event.

The grammar is `<noun>.<past participle>`: the noun is the object that changed, the participle what happened
to it.
"""

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """Every kind of event that a service or the engine may record."""

    # What the database tells by itself of the rows of what governs (`ledger_capture`).
    ROW_INSERTED = "row.inserted"
    ROW_CHANGED = "row.changed"
    ROW_DELETED = "row.deleted"

    ORGANISATION_CREATED = "organisation.created"
    TEAM_CREATED = "team.created"
    TEAM_MEMBER_ADDED = "team.member_added"
    TEAM_MEMBER_REMOVED = "team.member_removed"
    PROJECT_CREATED = "project.created"
    PERSON_CREATED = "person.created"
    PERSON_PASSWORD_GIVEN = "person.password_given"  # noqa: S105 - an event's name
    PERSON_DISABLED = "person.disabled"
    PERSON_ENABLED = "person.enabled"
    PLATFORM_OWNER_ADDED = "platform_owner.added"
    PLATFORM_OWNER_REMOVED = "platform_owner.removed"

    ROLE_GRANTED = "role.granted"
    ROLE_REVOKED = "role.revoked"
    TOKEN_CREATED = "token.created"  # noqa: S105 - an event's name
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 - an event's name

    ASSET_CREATED = "asset.created"
    ASSET_SHARED = "asset.shared"
    ASSET_UNSHARED = "asset.unshared"
    VERSION_CREATED = "version.created"

    ENVIRONMENT_CREATED = "environment.created"
    RELEASE_SUBMITTED = "release.submitted"
    RELEASE_ACTIVATED = "release.activated"
    RELEASE_ROLLED_BACK = "release.rolled_back"

    APPROVAL_REQUESTED = "approval.requested"
    APPROVAL_VOTED = "approval.voted"
    APPROVAL_REFUSED = "approval.refused"
    APPROVAL_WITHDRAWN = "approval.withdrawn"

    LEDGER_FROZEN = "ledger.frozen"
    LEDGER_THAWED = "ledger.thawed"
    LOG_KEY_ANNOUNCED = "log_key.announced"
    LOG_KEY_ROTATED = "log_key.rotated"
    LOG_RESTORED = "log.restored"
    CATALOGUE_CHANGED = "catalogue.changed"
    EVIDENCE_KEY_ANNOUNCED = "evidence_key.announced"
    EVIDENCE_EXPORTED = "evidence.exported"

    HISTORY_IMPORTED = "history.imported"
    PRICE_SET = "price.set"
    LIMIT_SET = "limit.set"
    WEIGHT_SET = "weight.set"
    OPENING_SET = "opening.set"

    RUN_STARTED = "run.started"
    RUN_IMPORTED = "run.imported"
    RUN_CLAIMED = "run.claimed"
    RUN_RECOVERED = "run.recovered"
    RUN_RESUMED = "run.resumed"
    RUN_ANSWER_DISCARDED = "run.answer_discarded"
    RUN_CANCELLED = "run.cancelled"
    RUN_SUCCEEDED = "run.succeeded"
    RUN_FAILED = "run.failed"
    RUN_WAITED = "run.waited"
    RUN_HASTENED = "run.hastened"
    RUN_PAUSE_ASKED = "run.pause_asked"
    RUN_PAUSED = "run.paused"
    RUN_CONTINUED = "run.continued"
    RUN_NEEDS_REVIEW = "run.needs_review"
    RUN_REVIEWED = "run.reviewed"
    RUN_QUARANTINED = "run.quarantined"
    RUN_SIGNALLED = "run.signalled"
    RUN_CANCEL_ASKED = "run.cancel_asked"
    RUN_VERIFIED = "run.verified"
    RUN_COMPENSATING = "run.compensating"
    RUN_COMPENSATED = "run.compensated"
    RUN_COMPENSATION_FAILED = "run.compensation_failed"
    TASK_OPENED = "task.opened"
    TASK_DECIDED = "task.decided"
    TASK_REFUSED = "task.refused"
    TASK_ESCALATED = "task.escalated"
    TASK_EXPIRED = "task.expired"
    TASK_WITHDRAWN = "task.withdrawn"
    STEP_SUCCEEDED = "step.succeeded"
    STEP_FAILED = "step.failed"

    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_RENAMED = "webhook.renamed"
    WEBHOOK_ROTATED = "webhook.rotated"
    WEBHOOK_SECRET_ENDED = "webhook.secret_ended"  # noqa: S105 - an event's name
    WEBHOOK_RESEALED = "webhook.resealed"
    WEBHOOK_DISABLED = "webhook.disabled"
    WEBHOOK_ENABLED = "webhook.enabled"
    WEBHOOK_ADOPTED = "webhook.adopted"
    WEBHOOK_RETIRED = "webhook.retired"
    WEBHOOK_DELIVERED = "webhook.delivered"
    WEBHOOK_HINDERED = "webhook.hindered"
    WEBHOOK_RELIEVED = "webhook.relieved"
    SCHEDULE_CREATED = "schedule.created"
    SCHEDULE_CHANGED = "schedule.changed"
    SCHEDULE_PAUSED = "schedule.paused"
    SCHEDULE_RESUMED = "schedule.resumed"
    SCHEDULE_RETIRED = "schedule.retired"
    SCHEDULE_FIRED = "schedule.fired"
    SCHEDULE_QUEUED = "schedule.queued"
    SCHEDULE_REFUSED = "schedule.refused"
    SCHEDULE_SKIPPED = "schedule.skipped"
    SCHEDULE_MISSED = "schedule.missed"

    CONTENT_OPENED = "content.opened"
    CONTENT_REVEALED = "content.revealed"
    CONTENT_EXPORTED = "content.exported"
    CONTENT_LISTED = "content.listed"
    CONTENT_SEARCHED = "content.searched"
    CONTENT_REFUSED = "content.refused"
    CONTENT_DAMAGED = "content.damaged"
    RECALL_OPENED = "recall.opened"
    RECALL_COLLECTED = "recall.collected"
    RECALL_FAILED = "recall.failed"
    RECALL_RESUMED = "recall.resumed"
    RECALL_EXPORTED = "recall.exported"
    RECALL_CLOSED = "recall.closed"
    CASE_SETTLED = "case.settled"
    RETENTION_SET = "retention.set"
    HOLD_PLACED = "hold.placed"
    HOLD_LIFT_ASKED = "hold.lift_asked"
    HOLD_LIFTED = "hold.lifted"
    ERASURE_ANNOUNCED = "erasure.announced"
    CONTENTS_REMOVED = "contents.removed"

    MEMORY_WRITTEN = "memory.written"
    MEMORY_REVERTED = "memory.reverted"


# What the engine tells of every run, time after time: among these nobody looks for what people did. The index
# `ledger_event_by_people` leaves exactly these out.
ROUTINE: Final = (
    Kind.RUN_CLAIMED,
    Kind.RUN_FAILED,
    Kind.RUN_SUCCEEDED,
    Kind.RUN_WAITED,
    Kind.STEP_FAILED,
    Kind.STEP_SUCCEEDED,
    Kind.TASK_OPENED,
)
