"""A step asks only what is open to its run's environment, as of the moment at which it asks."""

from governance.releases.models import Opening
from runs.durable.resume import resume_run
from runs.records.models import Run
from tests.factories.calls import asking, calling_bank
from tests.factories.cast import Company
from tests.factories.openings import opened
from tests.factories.runs import begin, finish, released
from tests.factories.things import make_model
from tests.providers.serving import Calling, Serving


def failed_by(run: Run, code: str) -> str:
    """What it says, once it has failed of this."""
    run.refresh_from_db()
    assert run.error is not None
    assert (run.state, run.error.code) == (Run.State.FAILED, code)
    return str(run.error.detail)


def test_what_is_shut_after_the_start_is_not_asked_and_once_it_is_open_again_the_run_goes_on(
    northwind: Company, calling: Calling
) -> None:
    run = begin(northwind, released(northwind, calling_bank(), environment=northwind.production))
    opened(northwind, northwind.development)

    said = failed_by(finish(run), "endpoint_not_open")

    assert calling.asked() == []
    assert said.startswith("“bank” is not open to Production, so nothing was sent.")
    opened(northwind, northwind.production)
    resume_run(run, actor=northwind.operator, reason="It is mended.")
    assert finish(run).state == Run.State.SUCCEEDED
    assert len(calling.asked()) == 1


def test_what_nobody_approved_does_not_reach_what_production_alone_may_ask(
    northwind: Company, calling: Calling
) -> None:
    here = begin(northwind, released(northwind, calling_bank(), environment=northwind.development))
    there = begin(northwind, released(northwind, calling_bank(), environment=northwind.production))
    opened(northwind, northwind.production)

    assert "not open to Development" in failed_by(finish(here), "endpoint_not_open")
    assert calling.asked() == []
    assert finish(there).state == Run.State.SUCCEEDED


def test_an_unsafe_call_that_was_never_sent_leaves_no_doubt(northwind: Company, calling: Calling) -> None:
    content = calling_bank(method="POST", irreversible="It cannot be taken back.")
    run = begin(northwind, released(northwind, content))
    opened(northwind, northwind.production)

    failed_by(finish(run), "endpoint_not_open")

    assert calling.asked() == []


def test_neither_model_nor_fallback_is_asked_where_the_first_provider_is_shut(
    northwind: Company, serving: Serving
) -> None:
    other = make_model(northwind, provider="second", model="second-model")
    run = begin(northwind, released(northwind, asking(northwind, fallback=other)))
    opened(northwind, northwind.production, name="default", kind=Opening.Kind.PROVIDER)

    assert "“default” is not open to Development" in failed_by(finish(run), "provider_not_open")
    assert serving.asked() == []
