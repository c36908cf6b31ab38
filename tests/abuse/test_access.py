"""Cases 4 to 13: reaching for what is another's. Cases 1 to 3 and 14 are the matrices in `tests/web`."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission as PermissionRow
from django.test import Client
from django.urls import reverse

from governance.access.organisations import add_to_team, create_team, remove_from_team
from governance.access.people import disable_person
from governance.access.permissions import Role
from governance.access.services import grant_role, revoke_role
from governance.accounts.models import User
from governance.catalog.models import Version
from governance.releases.models import Release
from runs.records.models import Run
from tests.factories.cast import PASSWORD, Company
from tests.factories.things import make_prompt, make_workflow
from tests.visiting import visitor
from tests.web.asked import Asked
from tests.web.routes import ASKED
from tests.web.world import MISSING, World, undone


def test_4_a_body_that_names_a_foreign_row_writes_nothing(world: World) -> None:
    """Page and API: the other organisation's version, environment and project do not exist for the sender."""
    rival, northwind = world.rival, world.northwind
    with undone():
        mine = make_workflow(rival)
        before = (Release.objects.count(), Version.objects.count(), Run.objects.count())
        client = visitor(rival.author)
        posts = [
            client.post(f"/versions/{mine.pk}/release/", {"environment": northwind.production.pk}),
            client.post(f"/versions/{world.version.pk}/release/", {"environment": rival.production.pk}),
            api(client, "releases/", version=mine.pk, environment=northwind.production.pk),
            api(client, "releases/", version=world.version.pk, environment=rival.production.pk),
            api(client, "assets/", project=northwind.project.pk, kind="prompt", slug="mine"),
            api(client, "runs/", workflow=world.workflow.pk, environment=rival.production.pk, inputs={}),
        ]

        assert {answer.status_code for answer in posts} <= {400, 404}
        assert (Release.objects.count(), Version.objects.count(), Run.objects.count()) == before


def test_4_a_foreign_identifier_in_a_body_looks_like_one_that_does_not_exist(world: World) -> None:
    with undone():
        client = visitor(world.rival.author)
        mine = make_workflow(world.rival)
        foreign = api(client, "releases/", version=mine.pk, environment=world.northwind.production.pk)
        missing = api(client, "releases/", version=mine.pk, environment=MISSING)

    def words(answer: Any) -> str:
        text: str = answer.content.decode()
        return text.replace(str(world.northwind.production.pk), "-").replace(str(MISSING), "-")

    assert foreign.status_code == missing.status_code == 400
    assert facts(words(foreign)) == facts(words(missing))


@pytest.mark.parametrize(
    "query",
    [
        "order=approver__password",
        "ordering=started_by__password",
        "started_by__password__startswith=md5",
        "q__regex=.",
        "project__organisation__slug=northwind",
    ],
)
@pytest.mark.parametrize("place", ["runs", "assets", "releases", "approvals"])
def test_6_a_related_field_is_neither_filter_nor_order(place: str, query: str, world: World) -> None:
    with undone():
        answer = visitor(world.northwind.auditor).get(f"/api/v1/{place}/?{query}")

    assert answer.status_code == 400


PAGES = [
    "governance:approvals", "governance:ledger", "governance:releases", "governance:workflows",
    "runs:artifact", "runs:dashboard", "runs:list", "runs:made", "search",
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_6_on_a_page_such_a_parameter_is_refused(page: str, world: World) -> None:
    about = ASKED.get(page, Asked()).pk
    url = reverse(page, args=[about(world)] if about else [])
    with undone():
        client = visitor(world.northwind.auditor)
        plain = client.get(url)
        tried = client.get(url, {"started_by__password__startswith": "md5"})

    assert (plain.status_code, tried.status_code) == (200, 400)
    assert "started_by__password__startswith" in tried.content.decode()


def test_9_who_leaves_a_team_is_refused_with_the_next_request(northwind: Company) -> None:
    prompt = make_prompt(northwind)
    team = create_team(northwind.organisation, actor=northwind.owner, name="Audit")
    grant_role(northwind.project, actor=northwind.owner, role=Role.AUDITOR, to=team, reason="together")
    add_to_team(team, actor=northwind.owner, person=northwind.stranger)
    client = visitor(northwind.stranger)
    assert client.get(f"/versions/{prompt.pk}/").status_code == 200

    remove_from_team(team, actor=northwind.owner, person=northwind.stranger)

    assert client.get(f"/versions/{prompt.pk}/").status_code == 404


def test_9_a_revoked_role_ends_with_the_next_request_and_the_open_poll_too(world: World) -> None:
    with undone():
        client = visitor(world.northwind.auditor)
        assert client.get(f"/runs/{world.queued.pk}/progress/").status_code == 200
        revoke_role(world.northwind.auditor.grants.get(), actor=world.northwind.owner, reason="left")

        assert client.get(f"/runs/{world.queued.pk}/progress/").status_code == 404


def test_10_a_disabled_persons_session_is_over(northwind: Company) -> None:
    client = visitor(northwind.auditor)
    assert client.get("/").status_code == 200

    disable_person(northwind.auditor, actor=northwind.owner, organisation=northwind.organisation)

    assert client.get("/").headers["Location"].startswith("/account/login/")
    assert client.get("/api/v1/me/").status_code == 401
    polled = client.get("/runs/", headers={"HX-Request": "true"})
    assert polled.status_code == 401
    assert polled.headers["HX-Redirect"] == "/account/login/"


@pytest.mark.parametrize(
    "field",
    ["state", "status", "approved_by", "digest", "number", "organisation", "project_id", "created_by", "id"],
)
def test_11_a_field_that_was_not_asked_for_is_refused(field: str, world: World) -> None:
    with undone():
        client = visitor(world.northwind.author)
        answers = [
            api(
                client,
                "assets/",
                **{"project": world.northwind.project.pk, "kind": "prompt", "slug": "mine", field: "x"},
            ),
            api(
                client, f"assets/{world.workflow.pk}/versions/", **{"content": {}, "message": "m", field: "x"}
            ),
            api(
                client,
                "releases/",
                **{"version": world.version.pk, "environment": world.northwind.staging.pk, field: "x"},
            ),
        ]

    for answer in answers:
        assert answer.status_code == 400
        assert field in answer.content.decode()


def test_13_every_model_permission_there_is_opens_no_tenant(world: World) -> None:
    with undone():
        root = User.objects.create_superuser(
            "root@northwind.example", "Root", PASSWORD, employer=world.northwind.organisation
        )
        root.user_permissions.set(PermissionRow.objects.all())
        client = visitor(root)

        assert client.get(f"/runs/{world.done.pk}/").status_code == 404
        assert client.get(f"/api/v1/runs/{world.done.pk}/").status_code == 404
        assert client.get(f"/admin/runs/run/{world.done.pk}/change/").status_code == 403


def api(client: Client, place: str, **body: object) -> Any:
    """POST to the API."""
    return client.post(
        f"/api/v1/{place}",
        json.dumps(body, default=str),
        content_type="application/json",
        headers={"Idempotency-Key": "abuse"},
    )


def facts(problem: str) -> dict[str, object]:
    """A problem without what names the single request."""
    found = json.loads(problem)
    return {name: value for name, value in found.items() if name not in {"instance", "request_id"}}
