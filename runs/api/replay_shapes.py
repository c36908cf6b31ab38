"""How a verification, a fork and a comparison look in the API."""

from rest_framework import serializers

from governance.api.bodies import Body, SlugOrId
from runs.api.record_shapes import RunSummary, StepShape
from runs.replay.asking import LONGEST_REASON


class NodeOverrides(Body):
    """Which versions one node uses in place of those that it pins."""

    prompt = serializers.UUIDField(required=False, help_text="A prompt version's identifier.")
    model = serializers.UUIDField(required=False, help_text="A model version's identifier.")


class NewFork(Body):
    """Where another run begins, and what it uses instead."""

    position = serializers.IntegerField(
        min_value=0, max_value=1_000_000, help_text="Of its first step of its own, from 0."
    )
    reason = serializers.CharField(max_length=LONGEST_REASON)
    overrides = serializers.DictField(
        child=NodeOverrides(), required=False, default=dict, help_text="By the node's key."
    )
    environment = SlugOrId(
        required=False,
        help_text="Its slug or identifier; with other versions, an unprotected one.",
    )


class DifferenceShape(serializers.Serializer[object]):
    """Where the records and the definition part."""

    run = serializers.UUIDField(help_text="The run, or a part of it.")
    node = serializers.CharField(allow_blank=True)
    position = serializers.IntegerField()
    what = serializers.CharField()
    expected = serializers.CharField(allow_blank=True)
    found = serializers.CharField(allow_blank=True)


class VerdictShape(serializers.Serializer[object]):
    """What a walk over the records found."""

    holds = serializers.BooleanField(help_text="The records are exactly what the definition yields.")
    steps = serializers.IntegerField(help_text="How many steps were held against it.")
    runs = serializers.IntegerField(help_text="The run and its parts.")
    differences = DifferenceShape(many=True, help_text="In their order; the first 200.")
    differences_in_all = serializers.IntegerField()


class PairShape(serializers.Serializer[object]):
    """What each run did at one node: its last attempt."""

    node = serializers.CharField()
    same = serializers.BooleanField(
        help_text="Both made the same bytes or failed alike, and went the same way."
    )
    left = StepShape(allow_null=True)
    right = StepShape(allow_null=True)


class ComparisonShape(serializers.Serializer[object]):
    """Two runs and their steps by node."""

    left = RunSummary()
    right = RunSummary()
    parting = serializers.CharField(
        source="parting.node", allow_null=True, default=None, help_text="The first node at which they part."
    )
    pairs = PairShape(many=True)
