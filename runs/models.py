"""Every model of the package, once, for Django."""

from runs.artifacts.models import Artifact, ArtifactText
from runs.artifacts.rechecking import Damage, Recheck
from runs.costs.models import Price
from runs.lineage.models import Edge
from runs.memory.models import Entry
from runs.people.models import Task
from runs.providers.models import Limit
from runs.reading.models import Opened, Ticket
from runs.recalls.models import Case, CaseNote, Recall
from runs.records.begun import Begun
from runs.records.discarded import Discarded
from runs.records.models import Run, RunInput, Step
from runs.records.weights import Weight
from runs.records.workers import SweeperPass, Worker
from runs.retention.models import Erasure, ErasureContent, Hold, HoldLift, LiftAsked, Rule, Walk
from runs.schedules.models import Firing, Schedule
from runs.signals.models import Signal, Taking
from runs.webhooks.models import Delivery, Pace, Refusal, Webhook, WebhookSecret

__all__ = [
    "Artifact",
    "ArtifactText",
    "Begun",
    "Case",
    "CaseNote",
    "Damage",
    "Delivery",
    "Discarded",
    "Edge",
    "Entry",
    "Erasure",
    "ErasureContent",
    "Firing",
    "Hold",
    "HoldLift",
    "LiftAsked",
    "Limit",
    "Opened",
    "Pace",
    "Price",
    "Recall",
    "Recheck",
    "Refusal",
    "Rule",
    "Run",
    "RunInput",
    "Schedule",
    "Signal",
    "Step",
    "SweeperPass",
    "Taking",
    "Task",
    "Ticket",
    "Walk",
    "Webhook",
    "WebhookSecret",
    "Weight",
    "Worker",
]
