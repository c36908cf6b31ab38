"""Tenants, their owners, projects and teams."""

import pytest

from governance.access.organisations import (
    add_owner,
    add_to_team,
    create_organisation,
    create_project,
    create_team,
    remove_from_team,
    remove_owner,
)
from governance.access.people import disable_person, enable_person
from governance.accounts.models import Organisation, Project, User
from governance.errors import Invalid, NotAllowed, NotVisible, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from tests.factories.cast import Company
from tests.harness.fresh import FreshDatabase


def test_no_person_opens_a_tenant(northwind: Company) -> None:
    root = User.objects.create_superuser("root@example.org", "Root", "unguessable indeed")
    for person in (northwind.owner, root):
        with pytest.raises(NotAllowed):
            create_organisation("third", actor=person, name="Third")


@pytest.mark.parametrize("slug", ["", "a b", "northwind", "x" * 61, "ü"])
def test_a_tenants_slug_is_plain_and_free(slug: str, northwind: Company) -> None:
    with pytest.raises(Invalid) as refused:
        create_organisation(slug, actor=User.objects.system("set-up"), name="Third")
    assert "slug" in refused.value.fields


def test_an_owner_is_one_of_the_organisations_people(northwind: Company, rival: Company) -> None:
    with pytest.raises(NotVisible):
        add_owner(northwind.organisation, actor=northwind.owner, person=rival.author)
    with pytest.raises(WrongState):
        add_owner(northwind.organisation, actor=northwind.owner, person=northwind.owner)


def test_the_last_owner_stays(northwind: Company) -> None:
    with pytest.raises(WrongState, match="needs a platform owner"):
        remove_owner(northwind.organisation, actor=northwind.owner, person=northwind.owner)

    add_owner(northwind.organisation, actor=northwind.owner, person=northwind.auditor)
    assert northwind.person("auditor").is_staff
    remove_owner(northwind.organisation, actor=northwind.owner, person=northwind.auditor)
    assert not northwind.person("auditor").is_staff
    with pytest.raises(NotVisible):
        remove_owner(northwind.organisation, actor=northwind.owner, person=northwind.auditor)


def test_two_owners_cannot_remove_each_other_at_once(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    """Only with the organisation locked does the second see that one owner is left."""
    add_owner(northwind.organisation, actor=northwind.owner, person=northwind.auditor)
    organisation, first, second = northwind.organisation, northwind.owner, northwind.auditor

    fresh_database.at_once(
        lambda: remove_owner(organisation, actor=first, person=second),
        lambda: remove_owner(organisation, actor=second, person=first),
    )

    assert organisation.owners.count() == 1


def test_two_owners_cannot_disable_each_other_at_once(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    organisation, first, second = northwind.organisation, northwind.owner, northwind.auditor
    add_owner(organisation, actor=first, person=second)
    for _ in range(5):
        answers = fresh_database.at_once(
            lambda: disable_person(second, actor=first, organisation=organisation),
            lambda: disable_person(first, actor=second, organisation=organisation),
        )

        assert [isinstance(answer, User) for answer in answers].count(True) == 1
        assert organisation.owners.filter(is_active=True).count() == 1
        set_up = User.objects.system("set-up")
        enable_person(organisation.owners.get(is_active=False), actor=set_up, organisation=organisation)


def test_one_owner_disabled_and_the_other_removed_at_once_leave_one(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    organisation, first, second = northwind.organisation, northwind.owner, northwind.auditor
    add_owner(organisation, actor=first, person=second)

    fresh_database.at_once(
        lambda: disable_person(second, actor=first, organisation=organisation),
        lambda: remove_owner(organisation, actor=second, person=first),
    )

    assert organisation.owners.filter(is_active=True).count() == 1


def test_a_disabled_owner_is_none_that_stays(northwind: Company) -> None:
    organisation, owner = northwind.organisation, northwind.owner
    add_owner(organisation, actor=owner, person=northwind.auditor)
    disable_person(northwind.auditor, actor=owner, organisation=organisation)

    with pytest.raises(WrongState, match="needs a platform owner"):
        remove_owner(organisation, actor=owner, person=owner)
    with pytest.raises(WrongState, match="needs a platform owner"):
        disable_person(owner, actor=User.objects.system("set-up"), organisation=organisation)
    remove_owner(organisation, actor=owner, person=northwind.auditor)


def test_one_of_two_projects_of_the_same_name_is_refused_in_words(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    organisation, owner = northwind.organisation, northwind.owner

    answers = fresh_database.at_once(
        *[lambda: create_project(organisation, actor=owner, slug="twin", name="Twin")] * 2
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Invalid", "Project"]
    assert Project.objects.filter(slug="twin").count() == 1


def test_one_of_two_organisations_of_the_same_slug_is_refused_in_words(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    """Nothing is there to lock: only the unique index decides."""
    set_up = User.objects.system("set-up")
    for turn in range(5):
        answers = fresh_database.at_once(
            *[lambda: create_organisation(f"twin-{turn}", actor=set_up, name="Twin")] * 2  # noqa: B023
        )

        assert sorted(type(answer).__name__ for answer in answers) == ["Invalid", "Organisation"]


def test_a_project_belongs_to_its_organisation_alone(northwind: Company, rival: Company) -> None:
    with pytest.raises(NotVisible):
        create_project(northwind.organisation, actor=rival.owner, slug="spy", name="Spy")
    with pytest.raises(NotAllowed):
        create_project(northwind.organisation, actor=northwind.author, slug="mine", name="Mine")
    create_project(rival.organisation, actor=rival.owner, slug="complaints", name="Same slug, other tenant")


def test_a_team_takes_the_organisations_people_once(northwind: Company, rival: Company) -> None:
    team = create_team(northwind.organisation, actor=northwind.owner, name="Risk")
    add_to_team(team, actor=northwind.owner, person=northwind.auditor)
    with pytest.raises(WrongState):
        add_to_team(team, actor=northwind.owner, person=northwind.auditor)
    with pytest.raises(NotVisible):
        add_to_team(team, actor=northwind.owner, person=rival.auditor)
    with pytest.raises(NotVisible):
        add_to_team(team, actor=rival.owner, person=rival.auditor)
    with pytest.raises(WrongState):
        remove_from_team(team, actor=northwind.owner, person=northwind.author)
    remove_from_team(team, actor=northwind.owner, person=northwind.auditor)

    kinds = list(Event.objects.about("team", team.pk).values_list("kind", flat=True))
    assert kinds == [Kind.TEAM_CREATED, Kind.TEAM_MEMBER_ADDED, Kind.TEAM_MEMBER_REMOVED]


@pytest.mark.parametrize("name", ["", " ", "x" * 81, "a\x00b"])
def test_a_team_has_a_name_that_can_be_stored(name: str, northwind: Company) -> None:
    with pytest.raises(Invalid) as refused:
        create_team(northwind.organisation, actor=northwind.owner, name=name)
    assert "name" in refused.value.fields


def test_team_names_are_free_in_each_organisation(northwind: Company, rival: Company) -> None:
    create_team(northwind.organisation, actor=northwind.owner, name="Risk")
    create_team(rival.organisation, actor=rival.owner, name="Risk")
    with pytest.raises(Invalid, match="already"):
        create_team(northwind.organisation, actor=northwind.owner, name="Risk ")


def test_the_cast_is_two_tenants(northwind: Company, rival: Company) -> None:
    assert set(Organisation.objects.values_list("slug", flat=True)) == {northwind.slug, rival.slug}
