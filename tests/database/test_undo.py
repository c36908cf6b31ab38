"""The guards can be taken back, and put in place again, by the migrations that made them."""

from django.core.management import call_command
from django.db import connections

from portal.database.protection import faults
from tests.harness.fresh import FreshDatabase


def test_the_guards_go_and_come_again(fresh_database: FreshDatabase) -> None:
    call_command("migrate", "governance", "0008", verbosity=0)
    gone = "\n".join(faults(connections["default"]))
    for table in ("approvals_vote", "releases_release", "releases_activation", "access_grant"):
        assert f"of {table} is missing" in gone

    call_command("migrate", verbosity=0)
    assert faults(connections["default"]) == []
