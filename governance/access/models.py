"""Grants and API tokens."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from governance.access.permissions import Role
from governance.accounts.models import Organisation, Project, Team, User
from governance.ledger.identity import uuid7


class ProjectUserObjectPermission(UserObjectPermissionBase):
    """A permission of one person on one project (guardian, with a direct foreign key)."""

    content_object = models.ForeignKey(Project, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        db_table = "access_project_user_permission"


class ProjectGroupObjectPermission(GroupObjectPermissionBase):
    """A permission of one team on one project (guardian, with a direct foreign key)."""

    content_object = models.ForeignKey(Project, on_delete=models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        db_table = "access_project_group_permission"


class Grant(models.Model):
    """Who holds which role on which project, given by whom and why. Guardian's rows follow from these."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=[(role.value, role.value.capitalize()) for role in Role])
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="grants"
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="grants")
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="given by"
    )
    reason = models.CharField(max_length=500)
    granted_at = models.DateTimeField("given", auto_now_add=True)
    revoked_at = models.DateTimeField("taken back", null=True)

    class Meta:
        verbose_name, verbose_name_plural = "role", "roles"
        db_table = "access_grant"
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(person__isnull=True) ^ models.Q(team__isnull=True),
                name="grant_to_person_or_team",
            ),
            models.UniqueConstraint(
                fields=["project", "role", "person"],
                name="grant_person_once",
                condition=models.Q(revoked_at=None),
            ),
            models.UniqueConstraint(
                fields=["project", "role", "team"],
                name="grant_team_once",
                condition=models.Q(revoked_at=None),
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} on {self.project}"


class ApiToken(models.Model):
    """A secret that acts for one person within its scopes. Only the secret's SHA-256 is stored."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=16, unique=True, help_text="The part that may be shown and logged.")
    secret_sha256 = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=40))
    created_at = models.DateTimeField("made", auto_now_add=True)
    expires_at = models.DateTimeField("ends")
    last_used_at = models.DateTimeField("last used", null=True)
    revoked_at = models.DateTimeField("revoked", null=True)

    class Meta:
        verbose_name, verbose_name_plural = "API token", "API tokens"
        db_table = "access_api_token"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def usable(self, *, now: datetime | None = None) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and self.expires_at > (now or timezone.now())


class Refusal(models.Model):
    """How often one person was refused the same for the same reason.

    The first time is an event, no later one: nobody fills the ledger by asking again and again.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    object_type = models.CharField(max_length=20)
    object_id = models.UUIDField()
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    why = models.CharField(max_length=40, help_text="A word for programs; the event has the sentence.")
    count = models.PositiveIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "access_refusal"
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["object_type", "object_id", "person", "why"], name="refusal_counted_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.count} times: {self.why}"
