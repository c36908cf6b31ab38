"""What a person may read, and what they may write."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission as PermissionRow

from governance.access import gate
from governance.access.gate import (
    authorise,
    authorise_owner,
    reach,
    resolve,
    resolved_once,
)
from governance.access.organisations import add_to_team, create_team, remove_from_team
from governance.access.people import disable_person, enable_person
from governance.access.permissions import ROLE_PERMISSIONS, Permission, Role
from governance.access.services import grant_role, revoke_role
from governance.accounts.models import Organisation, Project, User
from governance.errors import NotAllowed, NotVisible
from governance.prepared import rows
from tests.factories.cast import HIRED, PASSWORD, Company


@pytest.mark.parametrize(("part", "role"), [hired for hired in HIRED.items() if hired[0] != "disabled"])
def test_a_role_gives_its_permissions_on_its_project_and_nothing_else(
    part: str, role: Role | None, northwind: Company
) -> None:
    found = resolve(northwind.person(part))

    expected = {northwind.project.pk: ROLE_PERMISSIONS[role]} if role else {}
    assert found.permissions == expected
    assert found.organisations == ({northwind.organisation.pk} if role else frozenset())
    assert found.owned == frozenset()


def test_a_platform_owner_administers_every_project_of_the_organisation(northwind: Company) -> None:
    found = resolve(northwind.owner)

    assert found.permissions == {northwind.project.pk: {Permission.VIEW, Permission.ADMINISTER}}
    assert found.owned == {northwind.organisation.pk}


@pytest.mark.parametrize("part", ["disabled", "stranger"])
def test_the_disabled_and_the_strangers_reach_nothing(part: str, northwind: Company) -> None:
    assert reach(northwind.person(part)).projects() == frozenset()


def test_organisations_and_projects_are_read_through_the_same_reach(
    northwind: Company, rival: Company
) -> None:
    assert rival.project in Project.objects.visible_to(rival.owner)
    for person in (northwind.owner, northwind.auditor):
        assert list(Project.objects.visible_to(person)) == [northwind.project]
        assert list(Organisation.objects.visible_to(person)) == [northwind.organisation]
    for person in (northwind.stranger, northwind.disabled):
        assert not Project.objects.visible_to(person).exists()
        assert not Organisation.objects.visible_to(person).exists()


def test_neither_superusers_nor_model_permissions_open_a_tenant(northwind: Company) -> None:
    root = User.objects.create_superuser(
        "root@northwind.example", "Root", PASSWORD, employer=northwind.organisation
    )
    root.user_permissions.set(PermissionRow.objects.all())

    assert resolve(root).permissions == {}
    with pytest.raises(NotVisible):
        authorise(root, Permission.VIEW, project=northwind.project)


def test_the_unseen_is_not_there_and_the_seen_is_forbidden(northwind: Company, rival: Company) -> None:
    with pytest.raises(NotVisible):
        authorise(rival.author, Permission.AUTHOR, project=northwind.project)
    with pytest.raises(NotAllowed, match="Write prompts, models and workflows") as refused:
        authorise(northwind.auditor, Permission.AUTHOR, project=northwind.project)
    assert refused.value.missing == Permission.AUTHOR


def test_the_system_actors_of_the_engine_own_no_organisation(northwind: Company) -> None:
    for name in ("engine", "sweeper"):
        with pytest.raises(NotVisible):
            authorise_owner(User.objects.system(name), organisation=northwind.organisation)
    authorise_owner(User.objects.system("set-up"), organisation=northwind.organisation)


def test_within_a_request_a_persons_reach_is_read_once(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor, asked = northwind.auditor, []

    def counted(statement: bytes, values: dict[str, Any]) -> list[Any]:
        asked.append(values["person"])
        return rows(statement, values)

    monkeypatch.setattr(gate, "rows", counted)

    with resolved_once():
        for _ in range(5):
            reach(auditor)
    assert asked == [auditor.pk]
    reach(auditor)
    reach(auditor)
    assert asked == [auditor.pk] * 3


def test_a_write_is_decided_by_the_database_of_the_moment(northwind: Company) -> None:
    author = northwind.author
    with resolved_once():
        reach(author)
        revoke_role(author.grants.get(), actor=northwind.owner, reason="moved on")

        with pytest.raises(NotVisible):
            authorise(author, Permission.AUTHOR, project=northwind.project)


def test_somebody_disabled_in_the_middle_of_a_request_writes_nothing(northwind: Company) -> None:
    """The request holds them as they were when it began."""
    organisation, owner, author = (
        northwind.organisation,
        northwind.person("owner"),
        northwind.person("author"),
    )
    team = create_team(organisation, actor=owner, name="Risk")
    add_to_team(team, actor=owner, person=northwind.stranger)
    grant_role(northwind.project, actor=owner, role=Role.AUTHOR, to=team, reason="a test")
    authorise(northwind.stranger, Permission.AUTHOR, project=northwind.project)
    User.objects.update(is_active=False)

    for person in (author, northwind.stranger):
        with pytest.raises(NotVisible):
            authorise(person, Permission.AUTHOR, project=northwind.project)
    with pytest.raises(NotVisible):
        authorise_owner(owner, organisation=organisation)


def test_a_teams_role_is_its_members(northwind: Company) -> None:
    team = create_team(northwind.organisation, actor=northwind.owner, name="Operations")
    grant_role(northwind.project, actor=northwind.owner, role=Role.OPERATOR, to=team, reason="on call")

    add_to_team(team, actor=northwind.owner, person=northwind.stranger)
    assert resolve(northwind.stranger).allows(Permission.OPERATE, northwind.project.pk)

    remove_from_team(team, actor=northwind.owner, person=northwind.stranger)
    assert resolve(northwind.stranger).permissions == {}


def test_two_roles_add_up_and_losing_one_leaves_the_other(northwind: Company) -> None:
    author, owner = northwind.author, northwind.owner
    second = grant_role(northwind.project, actor=owner, role=Role.OPERATOR, to=author, reason="holidays")
    both = ROLE_PERMISSIONS[Role.AUTHOR] | ROLE_PERMISSIONS[Role.OPERATOR]
    assert resolve(author).permissions[northwind.project.pk] == both

    revoke_role(second, actor=owner, reason="back")
    assert resolve(author).permissions[northwind.project.pk] == ROLE_PERMISSIONS[Role.AUTHOR]


def test_a_person_and_their_team_may_hold_the_same_permission_and_lose_one(northwind: Company) -> None:
    team = create_team(northwind.organisation, actor=northwind.owner, name="Audit")
    add_to_team(team, actor=northwind.owner, person=northwind.auditor)
    grant = grant_role(
        northwind.project, actor=northwind.owner, role=Role.AUDITOR, to=team, reason="the whole team"
    )
    revoke_role(northwind.auditor.grants.get(), actor=northwind.owner, reason="through the team")
    assert resolve(northwind.auditor).allows(Permission.VIEW, northwind.project.pk)

    revoke_role(grant, actor=northwind.owner, reason="done")
    assert resolve(northwind.auditor).permissions == {}


def test_a_disabled_person_reaches_nothing_until_enabled_again(northwind: Company) -> None:
    disable_person(northwind.auditor, actor=northwind.owner, organisation=northwind.organisation)
    assert resolve(northwind.person("auditor")).permissions == {}

    enable_person(northwind.auditor, actor=northwind.owner, organisation=northwind.organisation)
    assert northwind.project.pk in resolve(northwind.person("auditor")).permissions
