"""The workers, what waits for them, and the sweeper's last pass."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.endpoint import Endpoint
from runs.insight.capacity import capacity, standing
from runs.records.workers import SweeperPass, Worker


class WorkerShape(serializers.ModelSerializer[Worker]):
    """A worker."""

    standing = serializers.SerializerMethodField(help_text="“alive”, “silent” (dead or cut off) or “left”.")

    class Meta:
        model = Worker
        fields = (
            "id",
            "name",
            "standing",
            "pool",
            "slots",
            "forked",
            "busy",
            "memory",
            "version",
            "functions",
            "functions_sha256",
            "started_at",
            "seen_at",
            "left_at",
        )
        read_only_fields = fields

    def get_standing(self, worker: Worker) -> str:
        """Whether it is there."""
        return standing(worker)


class QueueShape(serializers.Serializer[object]):
    """Runs within reach that wait for a worker."""

    pool = serializers.CharField()
    organisation = serializers.CharField()
    waiting = serializers.IntegerField()
    oldest = serializers.DateTimeField()


class LeasesShape(serializers.Serializer[object]):
    """Runs within reach that workers hold."""

    held = serializers.IntegerField()
    expired = serializers.IntegerField(help_text="Their worker has fallen silent.")


class PassShape(serializers.ModelSerializer[SweeperPass]):
    """The sweeper's last pass."""

    found = serializers.DictField(child=serializers.IntegerField(), read_only=True)

    class Meta:
        model = SweeperPass
        fields = ("at", "by", "took_ms", "found_at", "found")
        read_only_fields = fields


class SweeperShape(serializers.Serializer[object]):
    """Whether somebody looks after what is left lying."""

    last = PassShape(allow_null=True)
    late = serializers.BooleanField()


class CapacityShape(serializers.Serializer[object]):
    """What an operator asks first when nothing moves."""

    slots = serializers.IntegerField(help_text="How many runs can be executed at a time.")
    busy = serializers.IntegerField(help_text="How many are, as the workers last said.")
    workers = WorkerShape(many=True)
    queues = QueueShape(many=True)
    leases = LeasesShape()
    lacking = serializers.IntegerField(help_text="Runs that find no capable worker.")
    sweeper = SweeperShape()


class Workers(Endpoint):
    """The workers of the installation."""

    @extend_schema(operation_id="workers", summary="Workers and queues", responses=CapacityShape)
    def get(self, request: Request) -> Response:
        """For operators and owners. Workers are everybody's; of runs only those within reach are counted."""
        return Response(CapacityShape(capacity(self.actor)).data)
