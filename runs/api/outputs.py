"""Where an output comes from: the same trace as the page, for machines."""

from typing import Any
from uuid import UUID

import orjson
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.endpoint import Endpoint
from governance.ledger.models import Event
from runs.api.opened import opened
from runs.api.trace_shapes import TraceShape
from runs.artifacts.models import Artifact
from runs.artifacts.store import OCTETS
from runs.lineage.trace import trace_output
from runs.reading.abouts import about_step
from runs.reading.reading import Reading
from runs.records.models import Step


class OutputDetail(Endpoint):
    """The output of one step, and what stands behind it."""

    @extend_schema(operation_id="outputs_trace", summary="An output's origin", responses=TraceShape)
    def get(self, request: Request, pk: UUID) -> Response:
        """By the step that made it: run, release, approvals, versions, rendered prompt, inputs and lineage.

        The digests of the output and of the prompt are recomputed from the stored bytes for this answer; if
        one differed, the answer would be 409. Confidential and personal ones are masked, which says `masked`,
        until you reveal them, see `/reveals/`. Neither is told once its time was over.
        """
        related = ("run__version__asset", "run__release", "run__workflow", "run__environment", "run__project")
        versions = ("output", "prompt_version__asset", "model_version__asset")
        rows = Step.objects.visible_to(self.actor).select_related(*related, *versions)
        step = self.fetch(rows.defer("run__version__content", "run__release__closure", "output__inline"), pk)
        trace = trace_output(step)
        prompt = trace.prompt.artifact if trace.prompt and trace.prompt.artifact.pruned_at is None else None
        told = [step.output_id if _is_text(step.output) else None, prompt.pk if prompt else None]
        reading = opened(self, about_step(step), told, purpose="the answer about the output")
        facts = {
            "step": step,
            "run": step.run,
            "approvals": step.run.approvals,
            "text": _text(step.output, reading) if step.output and told[0] else None,
            "masked": bool(reading.masked),
            "prompt": prompt and {"artifact": prompt, "messages": _messages(prompt, reading)},
            "refused_answer": trace.answer.artifact if trace.answer else None,
            "inputs": trace.inputs,
            "upstream": trace.upstream,
            "links": trace.links,
            "ledger_entries": Event.objects.of_run(step.run_id).count(),
        }
        return Response(TraceShape(facts).data)


def _is_text(artifact: Artifact | None) -> bool:
    return artifact is not None and artifact.media_type != OCTETS and artifact.pruned_at is None


def _text(output: Artifact, reading: Reading) -> str | None:
    return None if output.pk in reading.masked else reading.bytes_of(output).decode("utf-8")


def _messages(prompt: Artifact, reading: Reading) -> Any:
    return None if prompt.pk in reading.masked else orjson.loads(reading.bytes_of(prompt))
