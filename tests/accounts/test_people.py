"""People, and who may make and shut their accounts."""

import pytest

from governance.access.people import create_person, disable_person, enable_person
from governance.accounts.models import User
from governance.errors import Invalid, NotAllowed, NotVisible, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from tests.factories.cast import PASSWORD, Company
from tests.harness.fresh import FreshDatabase


def hire(company: Company, **changed: object) -> User:
    asked: dict[str, object] = {
        "email": "new@northwind.example",
        "actor": company.owner,
        "name": "Nora New",
        "password": PASSWORD,
        "organisation": company.organisation,
        **changed,
    }
    return create_person(**asked)  # type: ignore[arg-type]  # wrong values are what is tested


def test_a_new_person_belongs_to_the_organisation_and_reaches_nothing(northwind: Company) -> None:
    person = hire(northwind, email="Nora.New@Northwind.Example", name="  Nora New ")

    assert (person.name, person.email) == ("Nora New", "nora.new@northwind.example")
    assert person in User.objects.of(northwind.organisation)
    assert person.check_password(PASSWORD)
    assert not person.grants.exists()


def test_a_person_without_a_password_cannot_sign_in_with_one(northwind: Company) -> None:
    assert not hire(northwind, password=None).has_usable_password()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"email": "not an address"}, "email"),
        ({"email": "a" * 250 + "@northwind.example"}, "email"),
        ({"email": "AUTHOR@northwind.example"}, "email"),
        ({"email": "nul\x00@northwind.example"}, "email"),
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "half \ud83d"}, "name"),
        ({"name": "Nora \u202eweN"}, "name"),
        ({"name": "Nora\nNew"}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "password1234"}, "password"),
        ({"password": "nora-new-nora-new", "name": "nora-new-nora-new"}, "password"),
    ],
)
def test_what_is_wrong_is_named(changed: dict[str, object], field: str, northwind: Company) -> None:
    with pytest.raises(Invalid) as refused:
        hire(northwind, **changed)
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize(
    "hidden", ["approver@rival.example", "Disabled@rival.example", "engine@system.invalid"]
)
def test_nothing_is_said_of_an_address_that_is_not_the_organisations_own(
    hidden: str, northwind: Company, rival: Company
) -> None:
    with pytest.raises(Invalid, match="has an account already"):
        hire(northwind, email="Author@northwind.example")
    with pytest.raises(Invalid, match="cannot be used") as refused:
        hire(northwind, email=hidden)
    assert "account" not in refused.value.message


def test_two_tenants_hiring_the_same_address_at_once_are_told_so(
    fresh_database: FreshDatabase, northwind: Company, rival: Company
) -> None:
    """Addresses are unique among all tenants, and each locks its own organisation alone."""
    for turn in range(5):
        answers = fresh_database.at_once(
            *[
                lambda company=company: hire(company, email=f"twin-{turn}@example.org", password=None)  # noqa: B023
                for company in (northwind, rival)
            ]
        )

        assert sorted(type(answer).__name__ for answer in answers) == ["Invalid", "User"]


@pytest.mark.parametrize("part", ["author", "approver", "operator", "auditor"])
def test_only_platform_owners_make_people(part: str, northwind: Company) -> None:
    with pytest.raises(NotAllowed):
        hire(northwind, actor=northwind.person(part))


def test_the_owner_of_another_organisation_neither_makes_nor_shuts(
    northwind: Company, rival: Company
) -> None:
    with pytest.raises(NotVisible):
        hire(northwind, actor=rival.owner)
    with pytest.raises(NotVisible):
        disable_person(northwind.author, actor=rival.owner, organisation=northwind.organisation)
    with pytest.raises(NotVisible):
        disable_person(northwind.author, actor=rival.owner, organisation=rival.organisation)
    assert northwind.person("author").is_active


def test_disabling_and_enabling_happen_once_and_are_recorded(northwind: Company) -> None:
    owner, organisation = northwind.owner, northwind.organisation
    disable_person(northwind.auditor, actor=owner, organisation=organisation)
    with pytest.raises(WrongState, match="disabled already"):
        disable_person(northwind.auditor, actor=owner, organisation=organisation)
    enable_person(northwind.auditor, actor=owner, organisation=organisation)
    with pytest.raises(WrongState, match="enabled already"):
        enable_person(northwind.auditor, actor=owner, organisation=organisation)

    kinds = list(Event.objects.about("person", northwind.auditor.pk).values_list("kind", flat=True))
    assert kinds == [Kind.PERSON_CREATED, Kind.PERSON_DISABLED, Kind.PERSON_ENABLED]


def test_nobody_shuts_themselves_out(northwind: Company) -> None:
    with pytest.raises(WrongState, match="their own account"):
        disable_person(northwind.owner, actor=northwind.owner, organisation=northwind.organisation)


def test_system_actors_cannot_sign_in_and_are_nobodys_people(northwind: Company) -> None:
    for name in ("set-up", "engine", "sweeper"):
        actor = User.objects.system(name)
        assert not actor.has_usable_password()
        with pytest.raises(NotVisible):
            disable_person(actor, actor=northwind.owner, organisation=northwind.organisation)
