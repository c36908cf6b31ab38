"""In what role people decided, long after they may have lost it."""

import pytest

from governance.access.models import Grant
from governance.access.permissions import Role
from governance.access.services import grant_role, revoke_role
from governance.approvals.signed import roles_at, signed
from governance.ledger.models import Event
from tests.factories.cast import Company
from tests.factories.things import approve, make_release, make_workflow
from tests.factories.waits import team_of


def test_the_role_that_was_held_at_the_decision_is_recorded_with_it(northwind: Company) -> None:
    team = team_of(northwind, "Risk", northwind.operator)
    grant_role(
        northwind.project, actor=northwind.owner, to=team, role=Role.APPROVER, reason="They decide as well."
    )
    release = make_release(northwind, version=make_workflow(northwind))
    other = make_release(northwind, version=make_workflow(northwind))
    approve(release, by=northwind.approver)
    approve(other, by=northwind.operator)
    held = Grant.objects.get(project=northwind.project, person=northwind.approver, role=Role.APPROVER)
    revoke_role(held, actor=northwind.owner, reason="Gone.")

    assert [(each.vote.person, each.role) for each in signed(release.request)] == [
        (northwind.approver, "approver")
    ]
    assert roles_at(other.request_id) == {str(northwind.operator.pk): "approver, in the team Risk"}


def test_of_a_decision_without_a_role_none_is_told(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("governance.approvals.services.role_for", lambda *_, **__: "")  # as it was before
    release = make_release(northwind)
    approve(release, by=northwind.approver)
    assert [each.role for each in signed(release.request)] == [""]
    told = Event.objects.about("approval", release.request_id).get(kind="approval.voted")
    assert "role" not in told.details
