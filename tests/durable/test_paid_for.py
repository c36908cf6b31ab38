"""What a model has answered is paid for: it is recorded and counted, whatever becomes of the database."""

import urllib.request
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone
from psycopg.sql import SQL, Identifier

from runs.artifacts.opening import bytes_of
from runs.costs.prices import set_price
from runs.durable.limits import set_limit
from runs.durable.resume import resume_run
from runs.lineage.models import Edge
from runs.providers.models import Limit
from runs.records.models import Run
from tests.factories.calls import SCHEMA, asking
from tests.factories.cast import Company
from tests.factories.runs import begin, finish, released
from tests.factories.things import MODEL
from tests.harness.fresh import FreshDatabase
from tests.providers.serving import Serving
from tests.waiting import wait_until

OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
"""
REVOKE, GRANT = (
    SQL("REVOKE SELECT ON releases_opening FROM {}"),
    SQL("GRANT SELECT ON releases_opening TO {}"),
)
TOKEN = Decimal("0.001")


@pytest.fixture
def run(fresh_database: FreshDatabase, northwind: Company, serving: Serving) -> Run:
    """Its model answers wrongly at first, once it is hastened, and then as it should; each token costs."""
    serving.be("pondering")
    set_price(
        northwind.organisation,
        actor=northwind.owner,
        provider="default",
        model=MODEL["model"],
        effective_from=timezone.now(),
        input_per_million=Decimal(1000),
        output_per_million=Decimal(0),
    )
    return begin(northwind, released(northwind, asking(northwind, output_schema=SCHEMA, reask=2)))


def asked_meanwhile(fresh: FreshDatabase, serving: Serving, run: Run, act: Callable[[], object]) -> Run:
    """The run, driven; the act happens while the model makes up its first answer."""

    def acting() -> object:
        wait_until(lambda: bool(serving.asked()), "the model is asked")
        try:
            return act()
        finally:
            hasten(serving)

    driven, acted = fresh.at_once(lambda: finish(run), acting)
    connection.close()  # which the act may have ended
    assert not isinstance(acted, Exception), acted
    assert isinstance(driven, Run), driven
    return driven


def hasten(serving: Serving) -> None:
    """Whatever the model ponders is answered now."""
    asked = urllib.request.Request(  # noqa: S310 - the test's own endpoint
        f"{serving.url('hastening')}/chat/completions", b"{}", {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310 - as above
        assert answer.status == 200


@pytest.mark.parametrize("limited", [False, True])
def test_a_connection_that_breaks_before_it_is_asked_again_costs_nothing(
    fresh_database: FreshDatabase, northwind: Company, serving: Serving, run: Run, limited: bool
) -> None:
    if limited:
        counts = {"per_minute": 60, "at_once": 1}
        kind = Limit.Kind.PROVIDER
        set_limit(northwind.organisation, actor=northwind.owner, kind=kind, name="default", **counts)

    def breaking() -> None:
        with fresh_database.connect() as other:
            other.execute(OTHERS)

    done = asked_meanwhile(fresh_database, serving, run, breaking)

    assert done.state == "succeeded", done.error
    assert len([call for call in serving.asked() if "pondering" in call["path"]]) == 2
    assert (done.tokens_in, done.cost, done.recoveries) == (22, 22 * TOKEN, 0)


def test_what_a_database_that_refuses_keeps_from_being_asked_again_is_recorded(
    fresh_database: FreshDatabase, northwind: Company, serving: Serving, run: Run
) -> None:
    who = Identifier(connection.settings_dict["USER"])
    with fresh_database.connect("owner") as owner:
        failed = asked_meanwhile(
            fresh_database,
            serving,
            run,
            lambda: owner.execute(REVOKE.format(who)),
        )
        owner.execute(GRANT.format(who))

    assert failed.error is not None
    assert (failed.state, failed.error.code) == ("failed", "not_asked_again")
    assert (failed.tokens_in, failed.cost) == (11, 11 * TOKEN)
    [refused] = Edge.objects.filter(step__run=run, role=Edge.Role.ANSWER)
    assert bytes_of(refused.artifact) == b'{"label": "pirates"}'
    assert Edge.objects.filter(step__run=run, role=Edge.Role.PROMPT).count() == 1, "no other was sent"

    serving.be("corrected")
    resume_run(failed, actor=northwind.operator, reason="It is mended.")
    assert finish(run).state == "succeeded"
