"""API tokens: hashed, shown once, narrow, and over when they are over."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from governance.access.gate import resolve
from governance.access.models import ApiToken
from governance.access.organisations import create_project
from governance.access.people import disable_person
from governance.access.permissions import Permission, Role, Scope
from governance.access.services import grant_role
from governance.access.tokens import create_token, find_token, revoke_token
from governance.errors import Invalid, NotVisible, WrongState
from governance.ledger.models import Event
from tests.factories.cast import Company
from tests.factories.times import earlier

Made = tuple[ApiToken, str]


@pytest.fixture
def make(northwind: Company) -> Callable[..., Made]:
    """A token of the operator's, for a day."""

    def made(**changed: object) -> Made:
        asked: dict[str, object] = {
            "actor": northwind.operator,
            "organisation": northwind.organisation,
            "name": "nightly job",
            "scopes": [Scope.READ],
            "life": timedelta(days=1),
        }
        return create_token(northwind.operator, **{**asked, **changed})  # type: ignore[arg-type]  # wrong values are what is tested

    return made


def test_a_token_is_found_by_its_secret(make: Callable[..., Made]) -> None:
    token, secret = make()

    assert find_token(secret) == token


def test_only_the_hash_of_the_secret_is_stored(make: Callable[..., Made]) -> None:
    token, secret = make()

    last = secret.split("_", 2)[2]
    assert hashlib.sha256(last.encode()).hexdigest() == token.secret_sha256
    row = ApiToken.objects.filter(pk=token.pk).values().get()
    assert last not in str(row)
    assert all(last not in bytes(event.record).decode() for event in Event.objects.all())


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "csn",
        "csn__",
        "csn_000000000000_",
        "Bearer x",
        "csn_\x00_x",
        "csn_ffffffffffff_" + "é" * 43,
        "\ud800",
    ],
)
def test_nonsense_finds_nothing(wrong: str, db: None) -> None:
    assert find_token(wrong) is None


def test_one_wrong_letter_finds_nothing(make: Callable[..., Made]) -> None:
    _, secret = make()

    assert find_token(secret[:-1] + ("a" if secret[-1] != "a" else "b")) is None
    assert find_token(secret + "a") is None
    assert find_token(secret.upper()) is None


def test_a_revoked_token_is_over(make: Callable[..., Made], northwind: Company) -> None:
    token, secret = make()
    revoke_token(token, actor=northwind.operator)

    assert find_token(secret) is None
    with pytest.raises(WrongState):
        revoke_token(token, actor=northwind.operator)


def test_an_expired_token_is_over(make: Callable[..., Made]) -> None:
    with earlier(timedelta(hours=1)):
        _, secret = make(life=timedelta(minutes=59))

    assert find_token(secret) is None


def test_a_disabled_persons_token_is_over(make: Callable[..., Made], northwind: Company) -> None:
    _, secret = make()
    disable_person(northwind.operator, actor=northwind.owner, organisation=northwind.organisation)

    assert find_token(secret) is None


def test_a_token_reaches_its_organisation_and_owns_nothing(northwind: Company) -> None:
    owner = northwind.owner
    token, _ = create_token(
        owner,
        actor=owner,
        organisation=northwind.organisation,
        name="report",
        scopes=[Scope.READ],
        life=timedelta(hours=1),
    )
    owner.token = token

    found = resolve(owner)
    assert found.organisations == {northwind.organisation.pk}
    assert found.owned == frozenset()


def test_a_projects_token_reaches_no_other_project(make: Callable[..., Made], northwind: Company) -> None:
    other = create_project(northwind.organisation, actor=northwind.owner, slug="other", name="Other")
    grant_role(other, actor=northwind.owner, role=Role.OPERATOR, to=northwind.operator, reason="both")
    token, _ = make(project=northwind.project)
    person = northwind.person("operator")
    assert resolve(person).projects(Permission.OPERATE) == {northwind.project.pk, other.pk}

    person.token = token
    assert resolve(person).projects(Permission.OPERATE) == {northwind.project.pk}


def test_a_token_that_is_revoked_in_the_middle_of_a_request_writes_nothing(
    make: Callable[..., Made], northwind: Company
) -> None:
    person = northwind.person("operator")
    person.token, _ = make()
    assert resolve(person).projects(Permission.OPERATE) == {northwind.project.pk}
    ApiToken.objects.update(revoked_at=Now())

    assert resolve(person).organisations == frozenset()
    assert resolve(person).projects() == frozenset()


def test_a_token_that_expires_in_the_middle_of_a_request_writes_nothing(
    make: Callable[..., Made], northwind: Company
) -> None:
    person = northwind.person("operator")
    with earlier(timedelta(hours=1)):
        person.token, _ = make(life=timedelta(minutes=59))

    assert resolve(person).organisations == frozenset()
    assert resolve(person).projects() == frozenset()


def test_nobody_makes_or_revokes_anothers_token(make: Callable[..., Made], northwind: Company) -> None:
    token, _ = make()
    with pytest.raises(NotVisible):
        make(actor=northwind.owner)
    with pytest.raises(NotVisible):
        revoke_token(token, actor=northwind.owner)


def test_a_token_makes_no_token(make: Callable[..., Made], northwind: Company) -> None:
    token, _ = make()
    northwind.operator.token = token

    with pytest.raises(NotVisible):
        make()


def test_a_token_is_for_an_organisation_and_a_project_within_reach(
    make: Callable[..., Made], rival: Company
) -> None:
    with pytest.raises(NotVisible):
        make(organisation=rival.organisation)
    with pytest.raises(NotVisible):
        make(project=rival.project)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"life": timedelta(0)}, "days"),
        ({"life": timedelta(days=366)}, "days"),
    ],
)
def test_what_is_asked_wrongly_names_the_field(
    changed: dict[str, object], field: str, make: Callable[..., Made]
) -> None:
    with pytest.raises(Invalid) as refused:
        make(**changed)
    assert field in refused.value.fields
