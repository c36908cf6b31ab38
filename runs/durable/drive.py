"""Moving one run forward: claim it, execute and commit step by step, until it ends or is handed over."""

import logging
import time
from dataclasses import dataclass, field, replace
from uuid import UUID

from governance.catalog.workflows import BranchNode, FunctionNode, LlmNode, references
from governance.errors import DomainError
from governance.releases.clearance import NotCleared, check_clearance
from governance.releases.models import Release
from runs.artifacts.services import ArtifactDamaged, intact
from runs.artifacts.store import value_of
from runs.durable.announce import announce
from runs.durable.checkpoint import Move, checkpoint
from runs.durable.claim import Claim, claim, give_back, stop
from runs.durable.executors import ask_model, call_function, choose
from runs.durable.failures import StepFailed
from runs.durable.heartbeat import Pulse, held
from runs.durable.inputs import Recorded, Resolved, most_protected, resolve
from runs.durable.leaving import leaving
from runs.durable.machine import State, next_node
from runs.durable.outcomes import Outcome
from runs.durable.plans import Plan, plan_of
from runs.durable.statements import DATABASE_ERRORS, Statement, rows
from runs.records.failure import Failure

log = logging.getLogger(__name__)
REFUSALS: dict[type[DomainError], tuple[str, str]] = {
    NotCleared: ("not_cleared", "The release may not run here"),
    ArtifactDamaged: ("artifact_damaged", "A recorded content was altered"),
}


def drive(run_id: UUID, *, worker: str) -> bool:
    """Drive the run as far as it goes. False when another worker holds it, or it has ended.

    Safe to call twice, late, or by two workers at once. No transaction is open while a step runs.
    """
    found = claim(run_id, worker=worker)
    if found is None:
        return False
    with held(found) as pulse:
        try:
            release = _cleared(found)
            plan = plan_of(found.version, release.contents["workflow"]["sha256"])
            journey = Journey(found, plan, _recorded(found.run))
        except (NotCleared, ArtifactDamaged) as refusal:
            code, title = REFUSALS[type(refusal)]
            stop(found, failure=Failure(code, title, refusal.message, found.cursor))
        except DATABASE_ERRORS:
            raise  # not this run's fault: the lease expires, and another worker tries again
        except Exception as mistake:
            log.exception("run %s, before %s: unforeseen error", found.run, found.cursor)
            stop(found, failure=_unforeseen(mistake, found.cursor))
        else:
            journey.travel(pulse)
    return True


@dataclass
class Journey:
    """A claimed run on its way: where it stands, and the values recorded so far."""

    claim: Claim
    plan: Plan
    recorded: dict[str, Recorded] = field(default_factory=dict)

    def travel(self, pulse: Pulse) -> None:
        """Execute and commit step after step until the run ends, is fenced, or this worker leaves."""
        while self._step():
            pulse.next_step()
            if leaving():
                if give_back(self.claim):
                    announce([self.claim.run])
                return

    def _step(self) -> bool:
        """One step; whether the run goes on."""
        node = self.plan.workflow.node(self.claim.cursor)
        began = time.monotonic()
        outcome = self._executed(node)
        move = self._move(node.key, outcome)
        if not checkpoint(self.claim, node.key, outcome, move, seconds=time.monotonic() - began):
            log.warning("run %s was taken over at %s: the result is thrown away", self.claim.run, node.key)
            return False
        if move.state != State.RUNNING:
            return False
        self.claim = replace(self.claim, cursor=move.next, position=self.claim.position + 1, attempt=1)
        return True

    def _executed(self, node: FunctionNode | LlmNode | BranchNode) -> Outcome:
        inputs: list[Resolved] = []
        try:
            inputs = resolve(references(node), self.recorded)
            return self._execute(node, inputs)
        except StepFailed as problem:
            failure = problem.at(node.key)
        except DATABASE_ERRORS:
            raise  # not this step's fault: the lease expires, and the step is executed again
        except Exception as mistake:
            log.exception("run %s, step %s: unforeseen error", self.claim.run, node.key)
            failure = _unforeseen(mistake, node.key)
        return Outcome(
            kind=node.kind,
            inputs=inputs,
            failure=failure,
            classification=node.classification or most_protected(found.classification for found in inputs),
            function=node.function if isinstance(node, FunctionNode) else "",
        )

    def _execute(self, node: FunctionNode | LlmNode | BranchNode, inputs: list[Resolved]) -> Outcome:
        match node:
            case FunctionNode():
                return call_function(node, inputs)
            case BranchNode():
                return choose(node, inputs)
            case LlmNode():
                prompt, model = self.plan.prompts[node.key], self.plan.models[node.key]
                return ask_model(node, inputs, held=self.claim, prompt=prompt, model=model)

    def _move(self, key: str, outcome: Outcome) -> Move:
        if outcome.output is None:
            return Move(State.FAILED, key)
        output = Recorded(
            artifact=outcome.output.identifier(self.claim.organisation),
            value=value_of(outcome.output.body, outcome.output.media_type),
            classification=outcome.classification,
        )
        self.recorded[key] = output
        following = next_node(self.plan.workflow, key, output.value)
        if following is None:
            return Move(State.SUCCEEDED, "", self.recorded[self.plan.workflow.output].artifact)
        return Move(State.RUNNING, following)


def _cleared(found: Claim) -> Release:
    """The run's release, once it is known to be allowed here now. Raises `NotCleared`."""
    related = ("version__asset", "environment", "request", "workflow")
    release = Release.objects.select_related(*related).get(pk=found.release)
    check_clearance(release)
    return release


def _recorded(run: UUID) -> dict[str, Recorded]:
    """The run's inputs and its steps' outputs, each with its digest recomputed. Raises `ArtifactDamaged`."""
    found: dict[str, Recorded] = {}
    for name, artifact, media_type, sha256, body, classification in rows(Statement.RECORDED, {"run": run}):
        found[name] = Recorded(artifact, value_of(intact(bytes(body), sha256), media_type), classification)
    return found


def _unforeseen(mistake: Exception, node: str) -> Failure:
    return Failure(
        "engine_error",
        "An unforeseen error stopped the run",
        f"{type(mistake).__name__}. The worker's log has the details under this run's identifier. "
        "Resume the run when the cause is mended.",
        node=node,
    )
