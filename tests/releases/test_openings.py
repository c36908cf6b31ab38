"""To which environments an endpoint is open: who says so, what is released then, and what is recorded."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django.asserts import assertContains, assertNotContains

from governance.access.permissions import AssetPermission
from governance.catalog.sharing import share_asset
from governance.errors import Invalid, NotAllowed, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.releases.models import Environment, Opening
from governance.releases.openings import is_open, set_opening
from governance.releases.outward import outward_of
from governance.releases.services import activate, roll_back
from portal.env import ROOT
from tests.factories.calls import asking, calling_bank
from tests.factories.cast import Company
from tests.factories.openings import opened
from tests.factories.things import approve, make_active, make_approved, make_release, make_version, pin
from tests.harness.fresh import FreshDatabase
from tests.visiting import visitor

SQL: Path = ROOT / "governance" / "migrations" / "sql" / "0021_open_as_before.sql"
ENDPOINT, PROVIDER = Opening.Kind.ENDPOINT, Opening.Kind.PROVIDER


def may_ask(company: Company, environment: Environment, name: str, kind: Opening.Kind = ENDPOINT) -> bool:
    return is_open(kind, name, organisation=company.organisation.pk, environment=environment.pk)


def test_an_endpoint_that_nobody_has_opened_is_open_to_unprotected_environments_alone(
    northwind: Company, rival: Company
) -> None:
    assert may_ask(northwind, northwind.development, "crm")
    assert not may_ask(northwind, northwind.staging, "crm")
    assert not may_ask(northwind, northwind.production, "crm")
    assert not may_ask(northwind, rival.development, "crm")


def test_what_was_set_last_counts_and_says_all(northwind: Company) -> None:
    opened(northwind, northwind.development, northwind.production, name="crm")
    opened(northwind, northwind.production, name="crm")

    assert may_ask(northwind, northwind.production, "crm")
    assert not may_ask(northwind, northwind.development, "crm")
    assert not may_ask(northwind, northwind.staging, "crm")


def test_a_provider_is_open_to_all_until_somebody_says_otherwise(northwind: Company) -> None:
    assert may_ask(northwind, northwind.production, "default", PROVIDER)
    opened(northwind, northwind.production, name="default", kind=PROVIDER)
    assert not may_ask(northwind, northwind.development, "default", PROVIDER)
    assert may_ask(northwind, northwind.production, "default", PROVIDER)


def test_it_is_recorded_with_its_reason(northwind: Company) -> None:
    found = opened(northwind, northwind.production, northwind.development, name="crm")

    [event] = Event.objects.about("opening", found.pk)
    assert (event.kind, event.actor) == (Kind.OPENING_SET, northwind.owner.pk)
    assert event.details == {
        "kind": "endpoint",
        "name": "crm",
        "number": 1,
        "environments": ["development", "production"],
        "reason": "Tried out.",
    }


def test_only_a_platform_owner_opens_and_only_to_the_own_environments(
    northwind: Company, rival: Company
) -> None:
    for who in (northwind.operator, northwind.approver, northwind.author):
        with pytest.raises(NotAllowed):
            set_opening(
                northwind.organisation,
                actor=who,
                kind=ENDPOINT,
                name="crm",
                environments=[northwind.production],
                reason="x",
            )
    with pytest.raises(Invalid, match="not the organisation's"):
        opened(northwind, rival.production, name="crm")
    with pytest.raises(Invalid, match="Say why"):
        opened(northwind, northwind.production, name="crm", reason=" ")
    with pytest.raises(WrongState, match="exactly these"):
        opened(northwind, *Environment.objects.filter(organisation=northwind.organisation))


def test_a_release_that_asks_a_shut_endpoint_is_refused_by_node_endpoint_and_environment(
    northwind: Company,
) -> None:
    version = make_version(northwind, "workflow", calling_bank(endpoint="crm"))

    with pytest.raises(Invalid) as refused:
        make_release(northwind, version=version)

    assert refused.value.fields == {"environment": refused.value.message}
    said = f"call of {version} asks the HTTP endpoint “crm”: not open to Production."
    assert refused.value.message.startswith(said)
    found = make_release(northwind, version=version, environment=northwind.development)
    assert found.version_id == version.pk


def test_so_is_one_whose_workflow_within_or_whose_undoing_does(northwind: Company) -> None:
    inner = make_version(northwind, "workflow", calling_bank(endpoint="crm"))
    sub = {"kind": "subrun", "key": "sub", "workflow": pin(inner), "inputs": {"letter": "$letter"}}
    undo = {"kind": "http", "endpoint": "crm", "method": "DELETE"}
    outer = {**calling_bank(), "nodes": [sub], "start": "sub", "output": "sub"}
    for content, node in (
        (outer, f"call of {inner}"),
        (calling_bank(method="POST", compensate=undo), "call of workflow-"),
    ):
        with pytest.raises(Invalid, match=f"{node}.* asks the HTTP endpoint “crm”"):
            make_release(northwind, version=make_version(northwind, "workflow", content))


def test_so_is_one_whose_provider_is_shut_there(northwind: Company) -> None:
    opened(northwind, northwind.development, name="default", kind=PROVIDER)
    with pytest.raises(Invalid, match="asks the Provider of models “default”: not open to Production"):
        make_release(northwind, version=make_version(northwind, "workflow", asking(northwind)))


def test_what_is_shut_after_the_approval_is_not_put_into_effect_but_the_way_back_stays(
    northwind: Company,
) -> None:
    first, _ = make_active(northwind, version=make_version(northwind, "workflow", calling_bank()))
    asset = first.workflow
    second = make_release(
        northwind, version=make_version(northwind, "workflow", calling_bank(path="/second"), asset=asset)
    )
    approve(second, by=northwind.approver)
    activate(second, actor=northwind.operator, reason="Forward.")
    third = make_approved(
        northwind, version=make_version(northwind, "workflow", calling_bank(path="/third"), asset=asset)
    )
    opened(northwind, northwind.development)

    with pytest.raises(WrongState, match="“bank”: not open to Production"):
        activate(third, actor=northwind.operator, reason="Forward.")
    assert roll_back(first, actor=northwind.operator, reason="Back.").release_id == first.pk


def test_what_was_asked_before_endpoints_knew_environments_stays_open(
    fresh_database: FreshDatabase, northwind: Company, rival: Company
) -> None:
    each = {"kind": "http", "endpoint": "ledger", "inputs": {"letter": "@item"}}
    mapped = {"kind": "map", "key": "each", "over": "$letter", "most_items": 5, "each": each}
    given = [{"name": "letter", "media_type": "application/json"}]
    listed = {"inputs": given, "nodes": [mapped], "start": "each", "output": "each"}
    undo = {"kind": "http", "endpoint": "refunds", "inputs": {"letter": "$letter"}}
    make_version(northwind, "workflow", calling_bank(endpoint="crm", compensate=undo))
    make_version(northwind, "workflow", listed)

    with fresh_database.connect("owner") as tables_owner:
        tables_owner.execute(SQL.read_text())

    for name in ("crm", "ledger", "refunds"):
        assert all(
            may_ask(northwind, found, name)
            for found in Environment.objects.filter(organisation=northwind.organisation)
        )
        assert not may_ask(rival, rival.production, name)
    said = Event.objects.filter(
        kind=Kind.OPENING_SET, actor_name="Set-up", organisation=northwind.organisation.pk
    )
    all_three = ["development", "staging", "production"]
    assert sorted((event.details["name"], event.details["environments"]) for event in said) == [
        ("crm", all_three),
        ("ledger", all_three),
        ("refunds", all_three),
    ]
    assert {event.holds for event in said} == {True}


@pytest.mark.parametrize("endpoint", [None, 7, True, "", "No", "x" * 41, "payments"])
def test_settings_that_only_look_like_a_call_open_nothing_and_stop_no_upgrade(
    fresh_database: FreshDatabase, northwind: Company, endpoint: Any
) -> None:
    settings = {"kind": "http"} | ({} if endpoint is None else {"endpoint": endpoint})
    make_version(northwind, "workflow", calling_bank(endpoint="crm", settings=settings))

    with fresh_database.connect("owner") as tables_owner:
        tables_owner.execute(SQL.read_text())

    assert list(Opening.objects.exclude(name="bank").values_list("name", flat=True)) == ["crm"]


def test_the_upgrade_can_be_taken_back_and_done_again(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    make_version(northwind, "workflow", calling_bank(endpoint="crm"))
    make_version(northwind, "workflow", calling_bank(endpoint="ledger"))
    shut = opened(northwind, northwind.development, name="crm")

    for _ in range(2):
        call_command("migrate", "governance", "0020", verbosity=0)
        call_command("migrate", verbosity=0)

    found = Opening.objects.filter(name__in=["crm", "ledger"])
    assert set(found.values_list("name", "number")) == {("crm", 1), ("ledger", 1)}
    assert found.get(name="crm") == shut
    assert may_ask(northwind, northwind.production, "ledger")


def test_the_page_of_a_release_says_what_was_shut_since(northwind: Company) -> None:
    release, _ = make_active(northwind, version=make_version(northwind, "workflow", calling_bank()))
    page = f"/releases/{release.pk}/"
    assertNotContains(visitor(northwind.auditor).get(page), "cannot ask all")

    opened(northwind, northwind.development)

    assertContains(visitor(northwind.auditor).get(page), "Its runs cannot ask all that they would.")
    assertContains(visitor(northwind.auditor).get(page), "“bank”: not open to Production.")


def test_the_pages_of_version_and_release_say_what_is_asked_and_where_it_may_be(
    northwind: Company, rival: Company
) -> None:
    opened(northwind, northwind.production)
    version = make_version(northwind, "workflow", calling_bank())
    release = make_release(northwind, version=version)

    for page in (f"/versions/{version.pk}/", f"/releases/{release.pk}/"):
        assertContains(visitor(northwind.auditor).get(page), "asked by call · open to Production")
    share_asset(
        version.asset,
        actor=northwind.owner,
        to=northwind.stranger,
        permission=AssetPermission.VIEW,
        reason="To read.",
    )
    shared = visitor(northwind.stranger).get(f"/versions/{version.pk}/")
    assertContains(shared, "bank")
    assertNotContains(shared, "open to Production")


def test_of_contents_that_were_altered_nothing_is_asked(northwind: Company) -> None:
    version = make_version(northwind, "workflow", calling_bank())
    version.content = b'{"nodes": "none"}'
    assert outward_of([version]) == []
