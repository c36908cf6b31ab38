"""Pages and answers that show names do not read the contents behind them, which may be megabytes each."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.things import make_workflow
from tests.visiting import visitor
from tests.web.world import World, undone

CONTENTS = ('."content"', '."closure"')
LISTS = [
    "governance:prompts", "governance:models", "governance:workflows", "governance:releases",
    "governance:approvals", "runs:start", "runs:list", "api:assets", "api:releases", "api:approvals",
]  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_a_list_reads_no_content(name: str, world: World) -> None:
    with undone(), CaptureQueriesContext(connection) as asked:
        assert visitor(world.northwind.operator).get(reverse(name)).status_code == 200

    read = [query["sql"] for query in asked if any(column in chosen(query["sql"]) for column in CONTENTS)]
    assert not read


def test_the_page_of_a_workflow_reads_no_content_but_its_own(world: World) -> None:
    with undone():
        version = make_workflow(world.northwind)
        for page in ("asset", "version"):
            thing = version if page == "version" else version.asset
            place = [thing.pk] if page == "version" else ["workflow", thing.pk]
            with CaptureQueriesContext(connection) as asked:
                visitor(world.northwind.auditor).get(reverse(f"governance:{page}", args=place))

            pinned = [query["sql"] for query in asked if '"catalog_pin"' in chosen(query["sql"])]
            assert pinned
            assert not [sql for sql in pinned if '."content"' in chosen(sql)]


def test_the_list_of_releases_reads_neither_votes_nor_activations(world: World) -> None:
    with undone(), CaptureQueriesContext(connection) as asked:
        visitor(world.northwind.auditor).get(reverse("api:releases"))

    tables = ('FROM "approvals_vote"', 'FROM "releases_activation" WHERE "releases_activation"."release_id"')
    assert not [query["sql"] for query in asked if any(table in query["sql"] for table in tables)]


def chosen(sql: str) -> str:
    """What stands before the first FROM."""
    return sql.partition(" FROM ")[0]
