"""How rules, holds and erasures look in the API, and what is asked of them."""

from rest_framework import serializers

from governance.api.accounts_shapes import ProjectName
from governance.api.bodies import Body, SlugOrId
from runs.retention.models import Erasure, Hold, Rule
from runs.retention.rules import LONGEST_REASON
from runs.retention.scopes import LONGEST_KEY


class NewHold(Body):
    """A hold to place."""

    project = SlugOrId(help_text="A project's slug or identifier.")
    scope = serializers.ChoiceField(choices=Hold.Scope.choices, help_text="Whose contents are held.")
    key = serializers.CharField(
        max_length=LONGEST_KEY,
        default="",
        allow_blank=True,
        help_text="The identifier of the run or workflow, or the reference; none of a project or a period.",
    )
    since = serializers.DateField(default=None, allow_null=True, help_text="A period's first day.")
    until = serializers.DateField(default=None, allow_null=True, help_text="Its last day.")
    reason = serializers.CharField(max_length=LONGEST_REASON)


class RuleShape(serializers.ModelSerializer[Rule]):
    """The rule that counts for a class of contents."""

    days = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="After the last use; null: they are kept."
    )

    class Meta:
        model = Rule
        fields = ("id", "classification", "days", "reason", "by_name", "at")
        read_only_fields = fields


class RetentionShape(serializers.Serializer[object]):
    """How long contents are kept."""

    rules = RuleShape(many=True, help_text="Of each class that has one, the newest, which counts.")


class HoldShape(serializers.ModelSerializer[Hold]):
    """A hold, and who lifted it."""

    project = ProjectName(read_only=True, allow_null=True)
    lifted_at = serializers.DateTimeField(source="lift.at", read_only=True, default=None, allow_null=True)
    lifted_by = serializers.SerializerMethodField(help_text="The two people; none while it stands.")

    class Meta:
        model = Hold
        fields = (
            "id", "project", "scope", "key", "since", "until", "name", "reason", "by_name", "at", "lifted_at",
            "lifted_by",
        )  # fmt: skip
        read_only_fields = fields

    def get_lifted_by(self, hold: Hold) -> list[str]:
        """Who asked, and who confirmed."""
        lift = getattr(hold, "lift", None)
        return [lift.asked.by_name, lift.by_name] if lift else []


class ErasureShape(serializers.ModelSerializer[Erasure]):
    """Contents whose time is over, and what became of them."""

    waiting = serializers.IntegerField(read_only=True, help_text="Announced, and not settled.")
    removed = serializers.IntegerField(read_only=True)
    kept = serializers.IntegerField(read_only=True, help_text="Used again, or held.")

    class Meta:
        model = Erasure
        fields = ("id", "at", "removes_from", "contents", "digest", "waiting", "removed", "kept")
        read_only_fields = fields
