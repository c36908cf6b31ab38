"""A decision that nobody made: the database refuses it from the application's own connection, too."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from governance.access.organisations import add_to_team, create_team
from governance.access.people import disable_person
from governance.access.permissions import Role
from governance.access.services import grant_role
from governance.approvals.models import ApprovalRequest, Vote
from governance.approvals.services import vote, withdraw
from governance.releases.models import Activation, Release
from tests.factories.cast import Company
from tests.factories.rows import insert, insertion, stored
from tests.factories.things import approve, make_active, make_prompt, make_release, make_workflow
from tests.harness.fresh import FreshDatabase

Refused = psycopg.errors.IntegrityConstraintViolation


def ballot(release: Release, company: Company, **changed: Any) -> dict[str, Any]:
    """A vote of the approver as the service would write it, but for what is changed."""
    person = changed.pop("by", company.approver)
    row = {
        "id": uuid4(),
        "request_id": release.request_id,
        "person_id": person.pk,
        "person_name": person.name,
        "decision": "approve",
        "meaning": "forged",
        "reason": "",
        "digest": release.digest,
        "at": release.submitted_at,
    }
    return {**row, **changed}


def test_a_vote_as_the_service_would_write_it_stands(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    release = make_release(northwind)
    insert(fresh_database, "approvals_vote", **ballot(release, northwind))
    with pytest.raises(psycopg.errors.UniqueViolation, match="vote_once"):
        insert(fresh_database, "approvals_vote", **ballot(release, northwind, decision="reject"))
    assert Vote.objects.get().person == northwind.approver


def test_an_approver_by_a_team_votes(fresh_database: FreshDatabase, northwind: Company) -> None:
    owner = northwind.owner
    team = create_team(northwind.organisation, actor=owner, name="Risk")
    add_to_team(team, actor=owner, person=northwind.stranger)
    grant_role(northwind.project, actor=owner, role=Role.APPROVER, to=team, reason="second eyes")
    release = make_release(northwind)

    insert(fresh_database, "approvals_vote", **ballot(release, northwind, by=northwind.stranger))
    assert Vote.objects.get().person == northwind.stranger


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"digest": "0" * 64}, "no decision on what was asked"),
        ({"decision": "perhaps"}, "no decision on what was asked"),
        ({"person_id": uuid4()}, "an active person of the organisation"),
        ({"person_name": "Somebody Else"}, "by their name"),
        ({"request_id": uuid4()}, "does not wait"),
    ],
)
def test_a_vote_that_fits_nothing_is_refused(
    changed: dict[str, Any], words: str, fresh_database: FreshDatabase, northwind: Company
) -> None:
    release = make_release(northwind)
    with pytest.raises(Refused, match=words):
        insert(fresh_database, "approvals_vote", **ballot(release, northwind, **changed))


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("author", "have a part in"),
        ("auditor", "only approvers"),
        ("stranger", "only approvers"),
        ("disabled", "an active person of the organisation"),
    ],
)
def test_a_vote_in_the_name_of_somebody_who_may_not_is_refused(
    part: str, words: str, fresh_database: FreshDatabase, northwind: Company
) -> None:
    release = make_release(northwind)
    with pytest.raises(Refused, match=words):
        insert(fresh_database, "approvals_vote", **ballot(release, northwind, by=northwind.person(part)))


def test_nobody_of_another_organisation_and_no_system_actor_votes(
    fresh_database: FreshDatabase, northwind: Company, rival: Company
) -> None:
    release = make_release(northwind)
    for person in (rival.approver, type(rival.approver).objects.system("engine")):
        with pytest.raises(Refused, match="an active person of the organisation"):
            insert(fresh_database, "approvals_vote", **ballot(release, northwind, by=person))


def written_by_the_approver(company: Company) -> Release:
    """Somebody else submits what the approver wrote."""
    grant_role(company.project, actor=company.owner, role=Role.AUTHOR, to=company.approver, reason="both")
    return make_release(company, version=make_workflow(company, by=company.approver))


def test_an_approver_who_wrote_a_pinned_version_does_not_vote_though_nothing_excludes_them(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    """An exclusion that is missing from the table opens nothing: authorship is read from the versions."""
    release = written_by_the_approver(northwind)
    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE approvals_exclusion DISABLE TRIGGER refuse_change")
        owner.execute("DELETE FROM approvals_exclusion")

    with pytest.raises(Refused, match="have a part in"):
        insert(fresh_database, "approvals_vote", **ballot(release, northwind))


@pytest.mark.parametrize("state", ["approved", "rejected", "withdrawn"])
def test_nobody_votes_on_what_is_settled(
    state: str, fresh_database: FreshDatabase, northwind: Company
) -> None:
    release = make_release(northwind)
    settle: dict[str, Callable[[], object]] = {
        "approved": lambda: approve(release, by=northwind.approver),
        "rejected": lambda: vote(
            release.request, actor=northwind.approver, decision=Vote.Decision.REJECT, reason="No.",
            digest=release.digest,
        ),
        "withdrawn": lambda: withdraw(release.request, actor=northwind.author),
    }  # fmt: skip
    settle[state]()
    with pytest.raises(Refused, match="does not wait"):
        insert(fresh_database, "approvals_vote", **ballot(release, northwind, by=northwind.second_approver))


def test_a_temporary_table_is_not_asked_instead(fresh_database: FreshDatabase, northwind: Company) -> None:
    release = written_by_the_approver(northwind)
    with fresh_database.connect("owner") as owner:
        name = owner.execute("SELECT current_database()").fetchone()
        assert name is not None
        owner.execute(
            sql.SQL("GRANT TEMPORARY ON DATABASE {} TO countersign_app").format(sql.Identifier(name[0]))
        )
    forged = ballot(release, northwind)
    with fresh_database.connect() as application:
        for table in ("approvals_exclusion", "catalog_version", "catalog_pin", "releases_release"):
            application.execute(f"CREATE TEMPORARY TABLE {table} (LIKE public.{table})")
        with pytest.raises(Refused, match="have a part in"):
            application.execute(*insertion("approvals_vote", forged))


@pytest.mark.parametrize("state", ["approved", "rejected", "not_required"])
def test_an_open_request_is_not_settled_without_its_votes(
    state: str, fresh_database: FreshDatabase, northwind: Company
) -> None:
    release = make_release(northwind)
    with fresh_database.connect() as application, pytest.raises(Refused):
        application.execute(
            "UPDATE approvals_request SET state = %s WHERE id = %s", [state, release.request_id]
        )


@pytest.mark.parametrize(("state", "quorum"), [("approved", 1), ("not_required", 1), ("open", 0)])
def test_a_request_does_not_begin_decided(
    state: str, quorum: int, fresh_database: FreshDatabase, northwind: Company
) -> None:
    made = stored(make_release(northwind).request)
    with pytest.raises(Refused, match="asks for nobody"):
        insert(fresh_database, "approvals_request", **{**made, "state": state, "quorum": quorum})


def test_what_is_open_was_not_decided_at_any_moment(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    made = stored(make_release(northwind).request)
    with fresh_database.connect() as application, pytest.raises(Refused, match="once it is decided"):
        application.execute("UPDATE approvals_request SET decided_at = now()")
    with pytest.raises(Refused, match="once it is decided"):
        insert(fresh_database, "approvals_request", **{**made, "decided_at": made["requested_at"]})


@pytest.mark.parametrize("settled", [False, True])
def test_nobody_is_excluded_once_a_release_asks(
    settled: bool, fresh_database: FreshDatabase, northwind: Company
) -> None:
    """An approved release is not stopped for good by a row that says its approver wrote it."""
    release = make_release(northwind)
    if settled:
        approve(release, by=northwind.approver)
    late = {"id": uuid4(), "request_id": release.request_id, "person_id": northwind.approver.pk}
    with pytest.raises(Refused, match="when the decision is asked for"):
        insert(fresh_database, "approvals_exclusion", **late, reason="wrote it")


def test_nothing_is_pinned_by_what_was_submitted(fresh_database: FreshDatabase, northwind: Company) -> None:
    release = make_release(northwind)
    late = {"id": uuid4(), "version_id": release.version_id, "node": "x"}
    with pytest.raises(Refused, match="pins what it pinned"):
        insert(fresh_database, "catalog_pin", **late, pinned_id=make_prompt(northwind).pk)


def test_a_release_is_what_was_asked_about_and_asks_for_somebody(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    release = make_release(northwind)
    free = make_release(northwind, environment=northwind.development)
    request = {**stored(release.request), "state": "open", "quorum": 1}
    asked = {**stored(release), "number": 99}

    insert(fresh_database, "approvals_request", **request)
    with pytest.raises(Refused, match="what others have approved"):  # nobody is excluded
        insert(fresh_database, "releases_release", **{**asked, "request_id": request["id"]})
    with pytest.raises(Refused, match="not what the request asks about"):
        insert(fresh_database, "releases_release", **{**asked, "digest": "0" * 64})
    moved = {**stored(free), "number": 98, "environment_id": northwind.production.pk}
    with pytest.raises(Refused, match="what others have approved"):  # a request that asks nobody
        insert(fresh_database, "releases_release", **moved)
    with pytest.raises(Refused, match="belong together"):
        insert(fresh_database, "releases_release", **{**asked, "version_id": free.version_id})


def activation(release: Release, company: Company, **changed: Any) -> dict[str, Any]:
    """As the service would write it, but for what is changed."""
    made = Activation(
        release=release, environment=release.environment, workflow=release.workflow, kind="activation",
        sequence=1, actor=company.operator, actor_name=company.operator.name, at=release.submitted_at,
    )  # fmt: skip
    return {**stored(made), **changed}


def test_nothing_takes_effect_without_its_approvals(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    waiting = make_release(northwind)
    with pytest.raises(Refused, match="does not have its approvals"):
        insert(fresh_database, "releases_activation", **activation(waiting, northwind))
    with fresh_database.connect("owner") as owner:  # even if the state were forged
        owner.execute("ALTER TABLE approvals_request DISABLE TRIGGER guard_request")
        owner.execute("UPDATE approvals_request SET state = 'approved', decided_at = now()")
    with pytest.raises(Refused, match="does not have its approvals"):
        insert(fresh_database, "releases_activation", **activation(waiting, northwind))


def test_an_approval_for_one_place_opens_no_other(fresh_database: FreshDatabase, northwind: Company) -> None:
    staged, _ = make_active(northwind, environment=northwind.staging)
    moved = activation(staged, northwind, environment_id=northwind.production.pk)
    with pytest.raises(Refused, match="where it was submitted to"):
        insert(fresh_database, "releases_activation", **moved)


def test_an_approved_release_takes_effect(fresh_database: FreshDatabase, northwind: Company) -> None:
    release = make_release(northwind)
    approve(release, by=northwind.approver)
    disable_person(northwind.approver, actor=northwind.owner, organisation=northwind.organisation)

    insert(fresh_database, "releases_activation", **activation(release, northwind))

    assert Activation.objects.get().release == release
    assert ApprovalRequest.objects.get().state == "approved"
