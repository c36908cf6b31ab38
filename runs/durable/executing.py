"""Executing one attempt: whatever an executor raises is its step's failure, not the worker's."""

import logging
from dataclasses import replace

from governance.catalog.calls import FunctionCall
from runs.artifacts.opening import UNREACHED, ArtifactDamaged, ContentRemoved
from runs.durable.executors import EXECUTORS
from runs.durable.failures import StepFailed
from runs.durable.heartbeat import allow
from runs.durable.outcomes import Outcome, Wait
from runs.durable.remembering import remembered
from runs.durable.reviews import doubted
from runs.durable.room import passing_on
from runs.durable.starting import check_start
from runs.durable.statements import DATABASE_ERRORS
from runs.durable.unforeseen import unforeseen
from runs.durable.visits import Visit, classification_of, kind_of
from runs.records.failure import Failure

log = logging.getLogger(__name__)


def executed(visit: Visit) -> Outcome | Wait:
    """What came of the attempt. Raises `DATABASE_ERRORS`, `UNREACHED`: not the step's fault."""
    result = _attempted(visit)
    if isinstance(result, Wait) or result.failure is None:
        return result
    return replace(result, failure=doubted(visit.call, result.failure))


def _attempted(visit: Visit) -> Outcome | Wait:
    try:
        if visit.missing is not None:
            raise visit.missing
        check_start(visit)
        if visit.call and visit.call.timeout_s:
            allow(visit.held.run, seconds=visit.call.timeout_s)
        result = EXECUTORS[kind_of(visit)](visit)
        return result if isinstance(result, Wait) else passing_on(visit, remembered(visit, result))
    except StepFailed as problem:
        return passing_on(visit, replace(failed(visit, problem.at(visit.name)), final=problem.final))
    except (*DATABASE_ERRORS, *UNREACHED):
        raise
    except ContentRemoved as gone:
        failure = Failure("content_removed", "A recorded content was removed", gone.message, visit.name)
        return replace(failed(visit, failure), final=True)
    except ArtifactDamaged as damaged:
        failure = Failure("artifact_damaged", "A recorded content was altered", damaged.message, visit.name)
        return replace(failed(visit, failure), final=True)
    except Exception as mistake:
        log.exception("run %s, step %s: unforeseen error", visit.held.run, visit.name)
        return replace(failed(visit, unforeseen(mistake, visit.name)), final=True)


def failed(visit: Visit, failure: Failure) -> Outcome:
    """A failed attempt, with what it read."""
    return Outcome(
        kind=kind_of(visit),
        inputs=visit.inputs,
        failure=failure,
        classification=classification_of(visit),
        function=visit.call.function if isinstance(visit.call, FunctionCall) else "",
    )
