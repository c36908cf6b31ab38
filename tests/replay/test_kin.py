"""Which of the runs that were made from one another are read, and the page of one that was altered."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.catalog.models import Version
from runs.durable.kin import kin_of
from runs.durable.plans import plan_of
from runs.records.models import Run
from tests.durable.scripts import call, graph, script
from tests.durable.turning import again, settle
from tests.factories.calls import asking
from tests.factories.cast import Company
from tests.factories.forks import fork_of, replay_of
from tests.factories.runs import begin, finish, released
from tests.factories.things import make_prompt, make_version, pin
from tests.harness.fresh import FreshDatabase
from tests.providers.serving import Serving

BOOM = RuntimeError("no ink")
PAYS = call("pay", effect="unsafe", irreversible="The money is gone.")


def within(version: Version) -> dict[str, Any]:
    """A node that runs the workflow."""
    return {"kind": "subrun", "key": "sub", "workflow": pin(version), "inputs": {"letter": "$letter"}}


def test_what_changes_nothing_is_not_read(northwind: Company, serving: Serving) -> None:
    run = finish(begin(northwind, released(northwind, asking(northwind))))
    asked: dict[str, Any] = {"actor": northwind.operator, "reason": "Once more."}
    fork = fork_of(run, position=0, **asked)
    other = {"ask": {"prompt": make_prompt(northwind, text="In one word.")}}
    replay, experiment = replay_of(run, **asked), fork_of(run, position=0, overrides=other, **asked)
    further = fork_of(finish(fork), position=0, **asked)

    with CaptureQueriesContext(connection) as captured:
        found = kin_of(run)

    assert [member.pk for member in found] == [run.pk, fork.pk, further.pk]
    assert [member.pk for member in kin_of(experiment)] == [member.pk for member in kin_of(replay)]
    said = " ".join(query["sql"] for query in captured)
    assert "approvals" not in said
    assert "request_digest" not in said


def test_the_page_of_a_run_whose_workflow_within_was_altered_is_shown(
    fresh_database: FreshDatabase, northwind: Company, client: Any
) -> None:
    version = make_version(northwind, "workflow", graph(PAYS, call("x")))
    around = make_version(northwind, "workflow", graph(within(version)))
    with script(pay=[BOOM, BOOM]):
        run = settle(begin(northwind, released(northwind, graph(call("look"), within(around)))))
        settle(fork_of(again(run), actor=northwind.operator, position=1, reason="Once more."))
    assert again(run).state == Run.State.FAILED
    with fresh_database.connect("owner") as owner:
        owner.execute("ALTER TABLE catalog_version DISABLE TRIGGER refuse_change")
        altered = bytes(version.content).replace(b"gone", b"here")
        owner.execute("UPDATE catalog_version SET content = %s WHERE id = %s", [altered, version.pk])
        owner.execute("ALTER TABLE catalog_version ENABLE ALWAYS TRIGGER refuse_change")
    # As in a process that has not read it before.
    plan_of.cache_clear()
    client.force_login(northwind.operator)

    answer = client.get(reverse("runs:run", args=[run.pk]))

    assert answer.status_code == 200
    assert 'id="act-fork"' not in answer.content.decode()


@pytest.fixture(autouse=True)
def read_anew() -> Any:
    """What another test altered is not remembered, nor is what this one did."""
    yield
    plan_of.cache_clear()
