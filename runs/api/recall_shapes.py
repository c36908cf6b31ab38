"""How recalls and their cases look in the API, and what is asked of them."""

from rest_framework import serializers

from governance.api.accounts_shapes import ProjectName
from governance.api.bodies import Body, Query, SlugOrId
from runs.recalls.models import Case, Recall
from runs.recalls.naming import LONGEST_KEY
from runs.recalls.services import LONGEST_NOTE, LONGEST_REASON, LONGEST_TITLE, MOST_AT_ONCE

SETTLED = [choice for choice in Case.Status.choices if choice[0] != Case.Status.OPEN]


class RecallQuery(Query):
    """Which recalls."""

    project = SlugOrId(required=False, help_text="A project's slug or identifier.")
    state = serializers.ChoiceField(required=False, choices=Recall.State.choices)


class CaseQuery(Query):
    """Which cases."""

    status = serializers.ChoiceField(required=False, choices=Case.Status.choices)


class NewRecall(Body):
    """A recall to open."""

    project = SlugOrId(help_text="A project's slug or identifier.")
    kind = serializers.ChoiceField(choices=Recall.KINDS, help_text="What it is about.")
    key = serializers.CharField(
        max_length=LONGEST_KEY, help_text="Its identifier; of a function its name, such as assign_desk@1."
    )
    title = serializers.CharField(max_length=LONGEST_TITLE)
    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="What is wrong with it.")


class Settlement(Body):
    """What has become of some cases."""

    cases = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**31 - 1),
        min_length=1,
        max_length=MOST_AT_ONCE,
        help_text="Their numbers.",
    )
    status = serializers.ChoiceField(choices=SETTLED)
    note = serializers.CharField(
        max_length=LONGEST_NOTE, default="", allow_blank=True, help_text="What was found or done."
    )


class Retry(Body):
    """Why a recall that could not be collected is worth another try."""

    reason = serializers.CharField(max_length=LONGEST_REASON)


class Conclusion(Body):
    """What came of a recall."""

    conclusion = serializers.CharField(max_length=LONGEST_REASON)


class RecallShape(serializers.ModelSerializer[Recall]):
    """A recall, and how far it is collected."""

    project = ProjectName(read_only=True)

    class Meta:
        model = Recall
        fields = (
            "id", "project", "title", "reason", "subject_kind", "subject_key", "subject_name",
            "opened_by_name", "opened_at", "state", "found", "truncated", "failure", "closed_by_name",
            "closed_at", "conclusion",
        )  # fmt: skip
        read_only_fields = fields


class CaseShape(serializers.ModelSerializer[Case]):
    """An output that relied on the subject, and what has become of it."""

    run = serializers.UUIDField(source="step.run_id", read_only=True)
    reference = serializers.CharField(source="step.run.reference", read_only=True)
    node = serializers.CharField(source="step.node", read_only=True)
    status = serializers.ChoiceField(choices=Case.Status.choices, read_only=True)
    note = serializers.CharField(read_only=True)
    noted_by = serializers.CharField(read_only=True)
    noted_at = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta:
        model = Case
        fields = (
            "number", "step", "run", "reference", "node", "how", "source", "status", "note",
            "noted_by", "noted_at",
        )  # fmt: skip
        read_only_fields = fields
