"""Giving roles away and taking them back."""

import pytest
from django.db import IntegrityError, transaction

from governance.access.models import Grant, ProjectUserObjectPermission
from governance.access.organisations import create_team
from governance.access.permissions import ROLE_PERMISSIONS, Role
from governance.access.services import grant_role, revoke_role
from governance.errors import Invalid, NotAllowed, NotVisible, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from tests.factories.cast import Company


def rows(company: Company, part: str) -> set[str]:
    """The codenames that guardian has stored for a person on the company's project."""
    held = ProjectUserObjectPermission.objects.filter(
        content_object=company.project, user=company.person(part)
    )
    return set(held.values_list("permission__codename", flat=True))


def test_guardians_rows_follow_from_the_grants(northwind: Company) -> None:
    grant = grant_role(
        northwind.project,
        actor=northwind.owner,
        role=Role.OPERATOR,
        to=northwind.stranger,
        reason="night shift",
    )
    assert rows(northwind, "stranger") == ROLE_PERMISSIONS[Role.OPERATOR]

    revoke_role(grant, actor=northwind.owner, reason="day shift")
    assert rows(northwind, "stranger") == set()


def test_every_change_of_a_role_leaves_its_reason_in_the_ledger(northwind: Company) -> None:
    stranger = northwind.stranger
    grant = grant_role(
        northwind.project, actor=northwind.owner, role=Role.AUDITOR, to=stranger, reason="the yearly audit"
    )
    revoke_role(grant, actor=northwind.owner, reason="it is over")

    given, taken = Event.objects.about("project", northwind.project.pk).order_by("-id")[:2][::-1]
    assert (given.kind, taken.kind) == (Kind.ROLE_GRANTED, Kind.ROLE_REVOKED)
    assert given.actor == northwind.owner.pk
    assert given.details == {
        "grant": str(grant.pk),
        "role": "auditor",
        "holder": str(stranger.pk),
        "holder_name": "Stan Stranger",
        "reason": "the yearly audit",
    }
    assert taken.details["reason"] == "it is over"


@pytest.mark.parametrize("part", ["author", "approver", "operator", "auditor"])
def test_only_platform_owners_grant_roles(part: str, northwind: Company) -> None:
    with pytest.raises(NotAllowed, match="a platform owner"):
        grant_role(
            northwind.project,
            actor=northwind.person(part),
            role=Role.APPROVER,
            to=northwind.person(part),
            reason="because",
        )


def test_the_owner_of_one_organisation_grants_nothing_in_another(northwind: Company, rival: Company) -> None:
    with pytest.raises(NotVisible):
        grant_role(
            northwind.project, actor=rival.owner, role=Role.AUDITOR, to=rival.auditor, reason="curious"
        )


def test_nobody_of_another_organisation_is_given_a_role(northwind: Company, rival: Company) -> None:
    team = create_team(rival.organisation, actor=rival.owner, name="Spies")
    for holder in (rival.author, team):
        with pytest.raises(NotVisible):
            grant_role(
                northwind.project, actor=northwind.owner, role=Role.AUDITOR, to=holder, reason="a favour"
            )
    assert rows(northwind, "author") == ROLE_PERMISSIONS[Role.AUTHOR]


def test_a_role_needs_a_reason_and_is_given_once(northwind: Company) -> None:
    with pytest.raises(Invalid, match="Say why"):
        grant_role(
            northwind.project, actor=northwind.owner, role=Role.AUDITOR, to=northwind.stranger, reason=" "
        )
    with pytest.raises(WrongState, match="already"):
        grant_role(
            northwind.project, actor=northwind.owner, role=Role.AUTHOR, to=northwind.author, reason="again"
        )


def test_a_role_is_revoked_once(northwind: Company) -> None:
    grant = northwind.auditor.grants.get()
    revoke_role(grant, actor=northwind.owner, reason="left")

    with pytest.raises(WrongState, match="revoked already"):
        revoke_role(grant, actor=northwind.owner, reason="left")


def test_a_revoked_role_can_be_given_again(northwind: Company) -> None:
    revoke_role(northwind.auditor.grants.get(), actor=northwind.owner, reason="left")
    grant_role(
        northwind.project, actor=northwind.owner, role=Role.AUDITOR, to=northwind.auditor, reason="back"
    )

    assert rows(northwind, "auditor") == ROLE_PERMISSIONS[Role.AUDITOR]
    assert northwind.auditor.grants.count() == 2


def test_the_database_wants_a_person_or_a_team_and_not_both(northwind: Company) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(
            project=northwind.project, role=Role.AUDITOR, granted_by=northwind.owner, reason="nobody"
        )
