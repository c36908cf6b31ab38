"""Who was an operator or an auditor before contents could be revealed may do so once the migration ran."""

from governance.access.gate import resolve
from governance.access.organisations import add_to_team, create_team
from governance.access.permissions import Permission, Role
from governance.access.services import grant_role
from governance.accounts.models import Team
from governance.ledger.models import Event
from portal.env import ROOT
from tests.factories.cast import Company
from tests.harness.fresh import FreshDatabase

SQL = ROOT / "governance" / "migrations" / "sql"


def holders(company: Company) -> set[str]:
    """The parts of the cast that may reveal contents."""
    parts = ("author", "approver", "operator", "auditor", "owner", "stranger")
    project = company.project.pk
    return {part for part in parts if resolve(company.person(part)).allows(Permission.REVEAL, project)}


def test_they_may_and_nobody_else(fresh_database: FreshDatabase, northwind: Company) -> None:
    organisation, owner = northwind.organisation, northwind.owner
    team: Team = create_team(organisation, actor=owner, name="Auditors")
    grant_role(northwind.project, actor=owner, role=Role.AUDITOR, to=team, reason="They look into it.")
    add_to_team(team, actor=owner, person=northwind.stranger)
    before = {"operator", "auditor", "stranger"}
    assert holders(northwind) == before

    with fresh_database.connect("owner") as database:
        database.execute((SQL / "0031_reveal_permission_undo.sql").read_text(encoding="utf-8"))
        assert holders(northwind) == set()
        database.execute((SQL / "0031_reveal_permission.sql").read_text(encoding="utf-8"))

    assert holders(northwind) == before
    assert Event.objects.filter(kind="row.inserted", actor_name="Set-up").count() >= 3
