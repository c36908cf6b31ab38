"""How an output's trace looks in the API."""

from rest_framework import serializers

from runs.api.record_shapes import ArtifactName, RunInputShape, RunSummary, StampedApproval, StepShape


class MessageShape(serializers.Serializer[object]):
    """One message that was sent to the model."""

    role = serializers.CharField()
    content = serializers.CharField()


class PromptShape(serializers.Serializer[object]):
    """The rendered prompt, exactly as it was sent."""

    artifact = ArtifactName()
    messages = MessageShape(many=True, allow_null=True, help_text="Null while it is masked.")


class LinkShape(serializers.Serializer[object]):
    """Content, or a branch's choice, went from one place to another.

    Both ends are keys: `$name` for what the run was started with, a step's identifier for what a step made.
    """

    source = serializers.CharField()  # type: ignore[assignment]  # a field, not where it is read from
    target = serializers.CharField()
    name = serializers.CharField(allow_blank=True, help_text="The parameter, or the node that was chosen.")
    is_choice = serializers.BooleanField(help_text="A branch chose; no content went along.")
    artifact = ArtifactName(source="edge.artifact", allow_null=True, default=None)


class TraceShape(serializers.Serializer[object]):
    """An output and what stands behind it."""

    step = StepShape()
    text = serializers.CharField(allow_null=True, help_text="The output, when it is text or JSON.")
    masked = serializers.BooleanField(
        help_text="Whether the output or the prompt is left out, being confidential or personal."
    )
    run = RunSummary()
    approvals = StampedApproval(many=True, help_text="Who decided on the release, as stamped on the run.")
    prompt = PromptShape(allow_null=True)
    refused_answer = ArtifactName(allow_null=True, help_text="A model's answer that the step refused.")
    inputs = RunInputShape(many=True, help_text="What the run was started with, as far as it went into this.")
    upstream = StepShape(many=True, help_text="The steps before it that had a part in it.")
    links = LinkShape(many=True, help_text="The lineage from the inputs to this output.")
    ledger_entries = serializers.IntegerField(help_text="How many events the ledger holds of the run.")
