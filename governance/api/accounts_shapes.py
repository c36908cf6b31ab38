"""How people, organisations and projects look in the API."""

from rest_framework import serializers

from governance.access.permissions import Permission, Scope
from governance.accounts.models import Organisation, Project


class OrganisationName(serializers.ModelSerializer[Organisation]):
    """An organisation, as other objects name it."""

    class Meta:
        model = Organisation
        fields: tuple[str, ...] = ("id", "slug", "name")
        read_only_fields: tuple[str, ...] = fields


class ProjectName(serializers.ModelSerializer[Project]):
    """A project, as other objects name it."""

    class Meta:
        model = Project
        fields: tuple[str, ...] = ("id", "slug", "name")
        read_only_fields: tuple[str, ...] = fields


class ProjectShape(serializers.ModelSerializer[Project]):
    """A project within reach, and what the caller may do there."""

    organisation = OrganisationName(read_only=True)
    permissions = serializers.SerializerMethodField(help_text="What you may do on the project.")

    class Meta:
        model = Project
        fields: tuple[str, ...] = ("id", "slug", "name", "organisation", "created_at", "permissions")
        read_only_fields: tuple[str, ...] = fields

    def get_permissions(self, project: Project) -> list[Permission]:
        """The caller's permissions, in a fixed order."""
        held = self.context["permissions"].get(project.pk, frozenset())
        return [permission for permission in Permission if permission in held]


class TokenShape(serializers.Serializer[object]):
    """The token that spoke for the caller. Its secret is never shown again."""

    name = serializers.CharField(read_only=True)
    prefix = serializers.CharField(read_only=True, help_text="The part that may be shown and logged.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=[scope.value for scope in Scope]), read_only=True
    )
    project = serializers.UUIDField(
        source="project_id",
        read_only=True,
        allow_null=True,
        help_text="The one project it reaches, if it is narrowed.",
    )
    expires_at = serializers.DateTimeField(read_only=True)


class MeShape(serializers.Serializer[object]):
    """Who calls, and by what."""

    id = serializers.UUIDField(read_only=True)
    name = serializers.CharField(read_only=True)
    email = serializers.EmailField(read_only=True)
    organisations = OrganisationName(many=True, read_only=True)
    token = TokenShape(read_only=True, allow_null=True)
