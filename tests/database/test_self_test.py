"""Nothing but the keeper, which tells of it, is started on a database that does not protect the ledger."""

from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command

from portal.embedded.errors import EmbeddedError
from portal.embedded.preparation import look_at_protection
from tests.harness.fresh import FreshDatabase

LOOSE = "GRANT UPDATE ON catalog_version TO countersign_app"
STARTED: dict[str, tuple[Callable[[], object], type[Exception]]] = {
    "up": (look_at_protection, EmbeddedError),
    "worker": (lambda: call_command("worker"), CommandError),
    "sweep": (lambda: call_command("sweep", "--loop"), CommandError),
}


@pytest.mark.parametrize("what", STARTED)
def test_nothing_is_started_where_a_privilege_is_too_many(fresh_database: FreshDatabase, what: str) -> None:
    start, refusal = STARTED[what]
    with fresh_database.connect("owner") as owner:
        owner.execute(LOOSE)
        owner.execute("ALTER TABLE accounts_user DISABLE TRIGGER capture")

    with pytest.raises(refusal) as found:
        start()

    assert "may UPDATE on catalog_version" in str(found.value)
    assert "trigger capture of accounts_user is missing" in str(found.value)


def test_where_all_is_well_it_goes_on(fresh_database: FreshDatabase) -> None:
    look_at_protection()
    call_command("sweep")
