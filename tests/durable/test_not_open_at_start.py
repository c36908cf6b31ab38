"""What names an endpoint that is not open is not started: the refusal says where it is opened."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.errors import WrongState
from governance.releases.models import Activation, Opening, Release
from runs.records.models import Run
from tests.api.callers import by_token
from tests.factories.calls import asking, calling_bank
from tests.factories.cast import Company
from tests.factories.openings import opened
from tests.factories.runs import LETTER, begin, finish, released
from tests.factories.things import make_version, pin
from tests.providers.serving import Calling, Serving

WORDS = "call asks the HTTP endpoint “bank”: not open to Development. A platform owner opens it"


@pytest.fixture
def shut(northwind: Company, calling: Calling) -> Release:
    """In effect, and since then the endpoint is open to production alone."""
    release = released(northwind, calling_bank())
    opened(northwind, northwind.production)
    return release


def test_it_begins_once_it_is_open_again(northwind: Company, shut: Release, calling: Calling) -> None:
    with pytest.raises(WrongState, match="It would fail: call asks the HTTP endpoint “bank”"):
        begin(northwind, shut)
    assert not Run.objects.exists()

    opened(northwind, northwind.development)

    assert finish(begin(northwind, shut)).state == "succeeded"


def test_a_start_that_was_repeated_is_answered_with_the_first(northwind: Company, calling: Calling) -> None:
    release = released(northwind, calling_bank())
    run = begin(northwind, release, idempotency_key="once")
    opened(northwind, northwind.production)

    assert begin(northwind, release, idempotency_key="once") == run


def test_what_a_workflow_within_asks_counts(northwind: Company, serving: Serving) -> None:
    inner = make_version(northwind, "workflow", asking(northwind))
    sub = {"kind": "subrun", "key": "sub", "workflow": pin(inner), "inputs": {"letter": "$letter"}}
    release = released(northwind, {**calling_bank(), "nodes": [sub], "start": "sub", "output": "sub"})
    opened(northwind, northwind.production, name="default", kind=Opening.Kind.PROVIDER)

    with pytest.raises(WrongState, match="ask asks the Provider of models “default”: not open"):
        begin(northwind, release)


def test_each_way_to_start_it_says_so(northwind: Company, shut: Release, client: Any) -> None:
    slug = f"{northwind.project.slug}/{shut.workflow.slug}"
    client.force_login(northwind.operator)
    form = f"{reverse('runs:start')}?activation={Activation.objects.get(release=shut).pk}"
    page = client.post(form, {"text_letter": LETTER, "reference": "", "key": "k"})
    asked = {"workflow": slug, "environment": "development", "inputs": {"letter": LETTER}}
    told = by_token(northwind.operator, northwind).post("runs/", asked, headers={"Idempotency-Key": "k2"})

    shown = page.content.decode()
    assert WORDS in shown
    assert LETTER in shown, "nothing that was typed is lost"
    assert (told.status_code, WORDS in told.json()["detail"]) == (409, True), told.json()
    where = ["--environment", "development", "--as", northwind.operator.email]
    with pytest.raises(CommandError, match="not open to Development"):
        call_command("start_run", slug, *where, "--input", f"letter={LETTER}")
    assert not Run.objects.exists()


def test_it_costs_no_statement(northwind: Company, calling: Calling) -> None:
    release = released(northwind, calling_bank())
    begin(northwind, release)
    plain = released(northwind, asking(northwind))
    begin(northwind, plain)

    with CaptureQueriesContext(connection) as captured:
        begin(northwind, release)
        begin(northwind, plain)

    assert [query["sql"] for query in captured if "releases_opening" in query["sql"]] == []
