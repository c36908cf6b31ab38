"""While the ledger does not hold nobody gets more power; what takes power away stays open."""

import inspect
from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Final

import pytest

from governance.access import organisations, people, services, tokens
from governance.access.organisations import (
    add_owner,
    add_to_team,
    create_team,
    remove_from_team,
    remove_owner,
)
from governance.access.people import create_person, disable_person, enable_person, give_first_password
from governance.access.permissions import Role, Scope
from governance.access.services import grant_role
from governance.access.tokens import create_token
from governance.accounts.models import User
from governance.approvals import services as approvals
from governance.approvals.models import ApprovalRequest
from governance.errors import WrongState
from governance.proof.findings import Finding
from governance.proof.freezing import freeze
from governance.releases import openings
from governance.releases import services as releases
from governance.releases.models import Opening
from governance.releases.openings import set_opening
from governance.releases.services import activate, create_environment, submit_release
from runs.webhooks.rotating import adopt_webhook
from runs.webhooks.services import disable_webhook, enable_webhook
from tests.factories.cast import PASSWORD, Company
from tests.factories.runs import chain, released
from tests.factories.things import approve, make_approved, make_release
from tests.factories.webhooks import a_webhook, second_operator

ROOMS: Final[tuple[ModuleType, ...]] = (
    organisations,
    people,
    services,
    tokens,
    approvals,
    releases,
    openings,
)
# Nobody can do more by these than before: they take away, ask, or make what is still empty.
OTHERS: Final = {
    "create_organisation", "create_person", "create_project", "create_team",
    "disable_person", "remove_from_team", "remove_owner", "request_approval", "revoke_role", "revoke_token",
    "roll_back", "withdraw",
}  # fmt: skip


def acts(company: Company) -> dict[str, Callable[[], object]]:
    """What each service that widens somebody's power would do; what it needs is made before."""
    here, owner = company.organisation, company.owner
    team = create_team(here, actor=owner, name="Cards")
    unlike = create_person(
        "new@northwind.example", actor=owner, name="New Person", password=None, organisation=here
    )
    gone = company.person("stranger")
    disable_person(gone, actor=owner, organisation=here)
    release, approved = make_release(company), make_approved(company)
    return {
        "vote": lambda: approve(release, by=company.approver),
        "activate": lambda: activate(approved, actor=company.approver, reason="Now."),
        "grant_role": lambda: grant_role(
            company.project, actor=owner, role=Role.AUDITOR, to=unlike, reason="New."
        ),
        "create_token": lambda: create_token(
            company.operator, actor=company.operator, organisation=here, name="nightly",
            scopes=[Scope.READ], life=timedelta(days=1),
        ),
        "add_owner": lambda: add_owner(here, actor=owner, person=company.operator),
        "add_to_team": lambda: add_to_team(team, actor=owner, person=company.operator),
        "enable_person": lambda: enable_person(gone, actor=owner, organisation=here),
        "give_first_password": lambda: give_first_password(
            unlike, actor=owner, organisation=here, password=f"{PASSWORD} for the first time"
        ),
        "create_environment": lambda: create_environment(
            here, actor=owner, slug="quick", name="Quick", rank=9, protected=False
        ),
        "submit_release": lambda: submit_release(
            release.version, actor=company.author, environment=company.development
        ),
        "set_opening": lambda: set_opening(
            here, actor=owner, kind=Opening.Kind.ENDPOINT, name="payments", environments=[company.production],
            reason="Now.",
        ),
    }  # fmt: skip


@pytest.fixture
def frozen(northwind: Company) -> Callable[[], object]:
    """What makes a finding about the organisation's log stand."""
    finding = Finding("tried", "Tried.", northwind.organisation.pk)
    return lambda: freeze(finding, actor=User.objects.system("keeper"))


def test_every_service_that_widens_is_refused_while_a_finding_stands(
    northwind: Company, frozen: Callable[[], object]
) -> None:
    widening = acts(northwind)
    frozen()

    for act in widening.values():
        with pytest.raises(WrongState, match="does not hold"):
            act()


def test_every_service_of_these_rooms_is_known_to_widen_or_not(northwind: Company) -> None:
    found = {
        name
        for room in ROOMS
        for name, service in inspect.getmembers(room, inspect.isfunction)
        if service.__module__ == room.__name__
        and not name.startswith("_")
        and "actor" in inspect.signature(service).parameters
    }

    assert found == set(acts(northwind)) | OTHERS


def test_whoever_has_a_webhook_has_it_start_nothing_new_while_a_finding_stands(
    northwind: Company, frozen: Callable[[], object]
) -> None:
    release, heir = released(northwind, chain(1)), second_operator(northwind)
    webhook, _ = a_webhook(northwind, release=release)
    disable_webhook(webhook, actor=northwind.operator, reason="For the night.")
    frozen()

    acts: list[Callable[[], object]] = [
        lambda: enable_webhook(webhook, actor=northwind.operator),
        lambda: adopt_webhook(webhook, actor=heir),
        lambda: a_webhook(northwind, release=release),
    ]
    for act in acts:
        with pytest.raises(WrongState, match="does not hold"):
            act()


def test_what_somebody_else_decides_on_stays_open(northwind: Company, frozen: Callable[[], object]) -> None:
    version = make_release(northwind).version
    frozen()

    create_environment(
        northwind.organisation, actor=northwind.owner, slug="late", name="Late", rank=9, protected=True
    )
    waiting = submit_release(version, actor=northwind.author, environment=northwind.staging)
    assert waiting.request.state == ApprovalRequest.State.OPEN


def test_what_takes_power_away_stays_open(northwind: Company, frozen: Callable[[], object]) -> None:
    here, owner = northwind.organisation, northwind.owner
    team = create_team(here, actor=owner, name="Cards")
    add_to_team(team, actor=owner, person=northwind.operator)
    add_owner(here, actor=owner, person=northwind.author)
    frozen()

    remove_from_team(team, actor=owner, person=northwind.operator)
    remove_owner(here, actor=owner, person=northwind.author)
    shut = set_opening(
        here, actor=owner, kind=Opening.Kind.PROVIDER, name="model", environments=[northwind.development],
        reason="Until we know.",
    )  # fmt: skip

    assert shut.environments == [northwind.development.pk]
    assert not team.group.user_set.exists()
    assert list(here.owners.all()) == [owner]
