"""What migrations made can be taken back, and put in place again; where it cannot, they say so."""

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.migrations.exceptions import IrreversibleError

from portal.database.protection import faults
from runs.artifacts.models import Artifact
from runs.memory.models import Entry
from runs.memory.services import revert_entry
from runs.records.models import Run
from runs.replay.verify import verify_run
from tests.factories.cast import Company
from tests.factories.remembered import remembering
from tests.factories.runs import begin, chain, finish, released
from tests.harness.fresh import FreshDatabase


def test_the_guards_go_and_come_again(fresh_database: FreshDatabase) -> None:
    call_command("migrate", "governance", "0008", verbosity=0)
    call_command("migrate", "runs", "0006", verbosity=0)
    gone = "\n".join(faults(connections["default"]))
    decisions = ("approvals_vote", "releases_release", "releases_activation", "access_grant", "catalog_pin")
    for table in (*decisions, "runs_step"):
        assert f"of {table} is missing" in gone

    call_command("migrate", verbosity=0)
    assert faults(connections["default"]) == []


def test_contents_that_the_earlier_code_would_not_find_are_not_taken_back(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    call_command("migrate", "runs", "0005", verbosity=0)
    call_command("migrate", "runs", verbosity=0)
    run = begin(northwind, released(northwind, chain(1)))

    with pytest.raises(IrreversibleError, match="cannot be taken back"):
        call_command("migrate", "runs", "0005", verbosity=0)
    call_command("migrate", "runs", verbosity=0)

    # The constraint that would refuse the content as JSON has not come back.
    given = run.inputs.get().artifact
    Artifact.objects.create(
        id=run.pk, organisation=given.organisation, sha256=given.sha256,
        media_type="application/json", size=given.size, inline=given.inline,
    )  # fmt: skip
    assert given.copies().count() == 2


def test_what_was_remembered_before_environments_did_is_placed(
    fresh_database: FreshDatabase, northwind: Company
) -> None:
    release = released(northwind, remembering())
    for _ in range(2):
        finish(begin(northwind, release, "Ada"))
    first = Entry.objects.get(number=1)
    revert_entry(first, actor=northwind.operator, reason="The second was wrong.")
    late = finish(begin(northwind, release, "Ada"))

    call_command("migrate", "runs", "0015", verbosity=0)
    call_command("migrate", verbosity=0)

    places = Entry.objects.order_by("sequence").values_list("environment", "sequence", "number")
    assert set(places) == {(northwind.development.pk, number, number) for number in range(1, 5)}
    assert Run.objects.get(pk=late.pk).memory_snapshot == 3
    assert verify_run(Run.objects.get(pk=late.pk), actor=northwind.auditor).holds

    in_production = released(northwind, remembering(), environment=northwind.production)
    finish(begin(northwind, in_production, "Ada"))
    with pytest.raises(IrreversibleError, match="Two environments"):
        call_command("migrate", "runs", "0015", verbosity=0)
