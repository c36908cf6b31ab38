"""The migration that ends grants of ownership as a role: each with its event, and what followed from it."""

from pathlib import Path

from django.contrib.auth.models import Permission as PermissionRow

from governance.access.models import Grant, ProjectUserObjectPermission
from governance.access.organisations import add_owner
from governance.ledger.acting import acting
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from portal.env import ROOT
from tests.factories.cast import Company
from tests.harness.fresh import FreshDatabase

SQL: Path = ROOT / "governance" / "migrations" / "sql" / "0009_ownership.sql"


def test_ownership_that_was_granted_as_a_role_ends(fresh_database: FreshDatabase, northwind: Company) -> None:
    project, owner, auditor = northwind.project, northwind.owner, northwind.auditor
    add_owner(northwind.organisation, actor=owner, person=auditor)
    with acting(owner):
        for person in (owner, auditor):
            Grant.objects.create(
                project=project, role="platform owner", person=person, granted_by=owner, reason="as it was"
            )
        for person, codename in ((owner, "view"), (owner, "administer"), (auditor, "administer")):
            row = PermissionRow.objects.get(codename=f"{codename}_project")
            ProjectUserObjectPermission.objects.create(content_object=project, user=person, permission=row)

    with fresh_database.connect("owner") as tables_owner:
        tables_owner.execute(SQL.read_text())

    assert not Grant.objects.filter(role="platform owner", revoked_at=None).exists()
    left = ProjectUserObjectPermission.objects.filter(user__in=(owner, auditor))
    kept = {(auditor.pk, "view_project"), (auditor.pk, "reveal_contents")}
    assert set(left.values_list("user", "permission__codename")) == kept
    said = Event.objects.filter(kind=Kind.ROLE_REVOKED)
    assert {event.details["holder_name"] for event in said} == {owner.name, auditor.name}
    assert {event.project for event in said} == {project.pk}
