"""The admin: platform owners read what they own and write through services; nobody else does."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.urls import reverse

from governance.accounts.models import User
from governance.ledger.models import Event
from portal.web.closed import CLOSED
from tests.visiting import visitor
from tests.web.routes import is_admin, routes
from tests.web.world import World, undone

REGISTERED = sorted(model._meta.label_lower for model in admin.site._registry)
PARTS = ("author", "auditor", "owner", "rival", "root")

# What may be made, and which rows may be changed, each through a service.
ADDED = {
    "governance.environment",
    "governance.grant",
    "governance.project",
    "governance.team",
    "governance.user",
    "runs.limit",
    "runs.price",
}
CHANGED = {"governance.grant", "governance.organisation", "governance.team", "governance.user"}
PLAIN = {"index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n"}


def rows(world: World) -> dict[str, models.Model]:
    """One row of Northwind for each model of the admin that has one."""
    northwind = world.northwind
    return {
        "governance.activation": world.active.activations.all()[0],
        "governance.apitoken": world.token,
        "governance.approvalrequest": world.request,
        "governance.asset": world.workflow,
        "governance.environment": northwind.production,
        "governance.event": Event.objects.filter(organisation=northwind.organisation.pk).latest("id"),
        "governance.grant": northwind.author.grants.all()[0],
        "governance.organisation": northwind.organisation,
        "governance.project": northwind.project,
        "governance.release": world.active,
        "governance.user": northwind.author,
        "governance.version": world.version,
        "governance.vote": world.approved.request.votes.all()[0],
        "runs.run": world.done,
        "runs.step": world.step,
    }


def somebody(world: World, part: str) -> User:
    """`root` is a superuser, and of no organisation."""
    if part == "root":
        return User.objects.create_superuser("root@example.org", "Root", "unguessable indeed")
    return world.rival.owner if part == "rival" else world.northwind.person(part)


def answers(world: World, method: str, url: str) -> dict[str, int]:
    """The status for each part."""
    found = {}
    for part in PARTS:
        with undone():
            found[part] = getattr(visitor(somebody(world, part)), method)(url).status_code
    return found


def expect(owner: int, *, rival: int, root: int) -> dict[str, int]:
    """Others are sent to sign in as somebody else."""
    return {"author": 302, "auditor": 302, "owner": owner, "rival": rival, "root": root}


def test_every_route_of_the_admin_is_known() -> None:
    acts = {"changelist", "add", "history", "delete", "change"}
    known = {f"admin:{label.replace('.', '_')}_{act}" for label in REGISTERED for act in acts}
    known |= {f"admin:{name}" for name in {*PLAIN, "app_list", "view_on_site"}}

    found = {route.name for route in routes() if is_admin(route)}
    unnamed = {name for name in found if name.startswith("admin/")}
    assert found - unnamed == known
    elsewhere = {str(shut.pattern) for shut in CLOSED} | {"admin/password_change/"}
    assert all(name.endswith(("<path:object_id>/", "(?P<url>.*)$")) for name in unnamed - elsewhere)


def test_a_password_is_changed_on_the_portals_own_page(world: World) -> None:
    with undone():
        answer = visitor(world.northwind.owner).get("/admin/password_change/")
        assert answer.headers["Location"] == "/account/password/change/"


def test_nothing_governed_is_missing_and_nothing_of_the_libraries_is_there() -> None:
    assert all(label.startswith(("governance.", "runs.")) for label in REGISTERED)


@pytest.mark.parametrize("label", REGISTERED)
def test_lists_show_the_owned_organisation_alone(label: str, world: World) -> None:
    url = reverse(f"admin:{label.replace('.', '_')}_changelist")
    assert answers(world, "get", url) == expect(200, rival=200, root=403)

    row = rows(world).get(label)
    if row is not None:
        with undone():
            assert str(row.pk) not in visitor(world.rival.owner).get(url).content.decode()
            assert str(row.pk) in visitor(world.northwind.owner).get(url).content.decode()


@pytest.mark.parametrize("label", REGISTERED)
def test_only_what_has_a_service_is_added(label: str, world: World) -> None:
    url = reverse(f"admin:{label.replace('.', '_')}_add")
    owner = 200 if label in ADDED else 403
    for method in ("get", "post"):
        found = answers(world, method, url)
        assert found == expect(owner, rival=owner, root=403), method


@pytest.mark.parametrize("label", REGISTERED)
def test_a_row_is_read_by_its_owner_and_changed_by_a_service_alone(label: str, world: World) -> None:
    row = rows(world).get(label)
    if row is None:
        assert label in {"governance.team", "runs.limit", "runs.price", "runs.weight"}
        return
    url = reverse(f"admin:{label.replace('.', '_')}_change", args=[row.pk])

    assert answers(world, "get", url) == expect(200, rival=404, root=403)
    changed = answers(world, "post", url)
    if label in CHANGED:
        assert changed["owner"] in (200, 302)
    else:
        assert changed["owner"] == 403
    assert {changed[part] for part in ("rival", "root")} <= {403, 404}


@pytest.mark.parametrize("label", REGISTERED)
def test_nothing_is_ever_deleted(label: str, world: World) -> None:
    row = rows(world).get(label)
    url = reverse(f"admin:{label.replace('.', '_')}_delete", args=[row.pk if row else world.done.pk])
    before = apps.get_model(label)._default_manager.count()

    for method in ("get", "post"):
        assert answers(world, method, url) == expect(403, rival=403, root=403), method
    assert apps.get_model(label)._default_manager.count() == before


@pytest.mark.parametrize("label", REGISTERED)
def test_the_history_of_a_foreign_row_is_not_there(label: str, world: World) -> None:
    row = rows(world).get(label)
    if row is None:
        return
    url = reverse(f"admin:{label.replace('.', '_')}_history", args=[row.pk])

    found = answers(world, "get", url)
    assert found["owner"] == 200
    assert found["rival"] == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_admins_own_sign_in_takes_no_password(method: str, world: World) -> None:
    """Its form knows neither the limits nor the second factor of the portal's sign-in page."""
    url = reverse("admin:login")
    given = {"username": world.northwind.owner.email, "password": "correct horse battery staple"}
    with undone():
        answer = getattr(visitor(), method)(url, given)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/account/login/")
        assert getattr(visitor(world.northwind.author), method)(url, given).status_code == 403


def test_whoever_is_not_signed_in_is_sent_to_the_portals_page(world: World) -> None:
    with undone():
        for label in REGISTERED:
            url = reverse(f"admin:{label.replace('.', '_')}_changelist")
            assert visitor().get(url).headers["Location"] == f"/account/login/?next={url}"


def test_the_rest_of_it_answers_in_order(world: World) -> None:
    listing = answers(world, "get", reverse("admin:app_list", kwargs={"app_label": "governance"}))
    assert listing == expect(200, rival=200, root=404)
    assert answers(world, "get", reverse("admin:autocomplete")) == expect(403, rival=403, root=403)


def test_the_redirects_by_table_and_row_are_closed(world: World) -> None:
    with undone():
        assert visitor(world.northwind.owner).get(f"/admin/r/1/{world.done.pk}/").status_code == 404
