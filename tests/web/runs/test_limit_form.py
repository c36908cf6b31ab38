"""Setting a limit in the admin."""

from django.urls import reverse

from runs.providers.models import Limit
from tests.visiting import visitor
from tests.web.world import World, undone


def test_an_owner_sets_a_limit_and_changes_it_by_setting_it_again(world: World) -> None:
    owner, address = visitor(world.northwind.owner), reverse("admin:runs_limit_add")
    given = {"organisation": world.northwind.organisation.pk, "kind": "provider", "name": "default"}
    with undone():
        for counts in ({"per_minute": 60, "at_once": 4}, {"per_minute": "", "at_once": 2}):
            answer = owner.post(address, {**given, **counts})
            assert answer.status_code == 302, answer.content.decode()

        found = Limit.objects.get()
        assert (found.name, found.per_minute, found.at_once) == ("default", None, 2)
        assert "default" in owner.get(reverse("admin:runs_limit_changelist")).content.decode()


def test_nobody_sets_one_for_another_organisation(world: World) -> None:
    given = {"organisation": world.northwind.organisation.pk, "kind": "provider", "name": "default"}
    with undone():
        answer = visitor(world.rival.owner).post(reverse("admin:runs_limit_add"), {**given, "at_once": 1})

        assert (answer.status_code, Limit.objects.count()) == (200, 0)
