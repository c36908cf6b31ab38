"""Memory: what runs left for the runs after them, and going back to an earlier version."""

from uuid import UUID

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.permissions import Scope
from governance.api.endpoint import Endpoint
from governance.api.naming import called, named
from governance.api.release_shapes import Reason
from runs.api.memory_shapes import MemoryQuery, MemoryShape, MemorySummary, is_told
from runs.api.opened import opened
from runs.memory.abouts import about_entry, classes_in
from runs.memory.models import Entry
from runs.memory.querysets import EntryQuerySet
from runs.memory.services import revert_entry
from runs.records.models import Run

WRONG = OpenApiExample("With a reason", value={"reason": "The second was wrong."}, request_only=True)


class Memory(Endpoint):
    """What is remembered within reach."""

    query = MemoryQuery
    paged = True

    @extend_schema(
        operation_id="memory_list", summary="What is remembered", responses=MemorySummary(many=True)
    )
    def get(self, request: Request) -> Response:
        """Of each value the version that holds, or held when a run began; the one written last first."""
        rows = Entry.objects.visible_to(self.actor)
        for scope in ("project", "environment"):
            if name := self.asked.get(scope):
                rows = rows.filter(called(name, via=scope))
        for name in ("namespace", "key"):
            if name in self.asked:
                rows = rows.filter(**{name: self.asked[name]})
        return self.page(self._at(rows).with_writers(), MemorySummary)

    def _at(self, rows: EntryQuerySet) -> EntryQuerySet:
        """Now, or as of a run."""
        every = self.asked["every_version"]
        if "as_of" not in self.asked:
            return rows if every else rows.holding()
        run = named(Run.objects.visible_to(self.actor), str(self.asked["as_of"]), field="as_of")
        rows, sequence = rows.within(run.project_id, run.memory_of), run.memory_snapshot or 0
        return rows.as_of(sequence) if every else rows.holding(sequence)


class MemoryDetail(Endpoint):
    """One version of a remembered value."""

    @extend_schema(
        operation_id="memory_read", summary="One version of a remembered value", responses=MemoryShape
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """What it says, who wrote it and who read it; 409 when its content was altered.

        Once its content was removed, all but what it says.
        """
        return _answer(self, pk)


class MemoryRevert(Endpoint):
    """Going back to an earlier version."""

    scopes_write = Scope.RUNS_WRITE

    @extend_schema(
        operation_id="memory_revert",
        summary="Go back to a version of a remembered value",
        request=Reason,
        responses={201: OpenApiResponse(MemoryShape, description="The new version.")},
        examples=[WRONG],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """What it says holds again, as a new version; 409 when it holds already."""
        entry = self.fetch(Entry.objects.visible_to(self.actor), pk)
        made = revert_entry(entry, actor=self.actor, reason=self.body(Reason)["reason"])
        return _answer(self, made.pk, status=status.HTTP_201_CREATED)


def _answer(endpoint: Endpoint, pk: UUID, *, status: int = status.HTTP_200_OK) -> Response:
    rows = Entry.objects.visible_to(endpoint.actor).select_related(
        "artifact", "step__run", "project__organisation", "environment"
    )
    found = endpoint.fetch(rows.defer("artifact__inline"), pk)
    wanted = [found.artifact_id] if is_told(found) else []
    purpose = "the answer about the remembered value"
    reading = opened(endpoint, about_entry(found), wanted, purpose=purpose, used_as=classes_in([found]))
    context = {**endpoint.get_serializer_context(), "reading": reading}
    shape = MemoryShape(found, context=context)
    return Response(shape.data, status=status)
