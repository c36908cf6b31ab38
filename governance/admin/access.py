"""Roles on projects: given and taken with a reason. API tokens, to look at."""

from typing import Any

from django import forms
from django.contrib import admin

from governance.access.models import ApiToken, Grant
from governance.access.permissions import Role
from governance.access.services import grant_role, revoke_role
from governance.accounts.models import Project, Team, User
from governance.admin.gate import OwnerAdmin, ServiceAdmin, ServiceForm
from governance.errors import Invalid

GIVEN = [(role.value, role.value.capitalize()) for role in Role]
REASON = "It is kept with the grant and in the ledger."


class NewGrant(ServiceForm):
    """A role on a project for one person, or for one team."""

    project = forms.ModelChoiceField(Project.objects.none(), empty_label=None)
    role = forms.ChoiceField(choices=GIVEN)
    person = forms.ModelChoiceField(User.objects.none(), required=False)
    team = forms.ModelChoiceField(Team.objects.none(), required=False)
    reason = forms.CharField(max_length=500, help_text=REASON)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.offer(
            "project", Project.objects.filter(organisation__in=self.owned()).select_related("organisation")
        )
        self.offer(
            "person", User.objects.filter(employer__in=self.owned(), kind=User.Kind.PERSON, is_active=True)
        )
        self.offer("team", Team.objects.filter(organisation__in=self.owned()))

    def act(self) -> Grant:
        """Give it."""
        given = self.cleaned_data
        to: list[User | Team] = [holder for holder in (given["person"], given["team"]) if holder is not None]
        if len(to) != 1:
            raise Invalid("Name one person or one team.", fields={"person": "Name one person or one team."})
        return grant_role(
            given["project"], actor=self.actor, role=Role(given["role"]), to=to[0], reason=given["reason"]
        )


class Revocation(ServiceForm):
    """Why the role is taken away."""

    reason_for_revoking = forms.CharField(
        label="Revoke this role because",
        max_length=500,
        help_text=f"{REASON} It ends with the holder's next request.",
    )

    def act(self) -> Grant:
        """Take it away."""
        return revoke_role(self.instance, actor=self.actor, reason=self.cleaned_data["reason_for_revoking"])


@admin.register(Grant)
class GrantAdmin(ServiceAdmin):
    """Who holds, and held, which role."""

    organisation_path = "project__organisation"
    list_display = ("role", "holder", "project", "granted_by", "granted_at", "revoked_at")
    list_filter = ("role", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("project", "person", "team", "granted_by")
    shown = ("role", "holder", "project", "granted_by", "granted_at", "reason", "revoked_at")
    add_form, change_form = NewGrant, Revocation

    @admin.display(description="holder")
    def holder(self, grant: Grant) -> str:
        """The person or the team."""
        return str(grant.person or grant.team)

    def changes(self, obj: Grant) -> bool:
        """Until it is revoked."""
        return obj.revoked_at is None


@admin.register(ApiToken)
class ApiTokenAdmin(OwnerAdmin):
    """Which tokens there are. Their makers revoke them; disabling a person stops all of theirs."""

    list_display = (
        "name",
        "prefix",
        "person",
        "organisation",
        "project",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    list_select_related = ("person", "organisation", "project")
    shown = (
        "name", "prefix", "person", "organisation", "project", "scopes", "created_at", "expires_at",
        "last_used_at", "revoked_at",
    )  # fmt: skip
