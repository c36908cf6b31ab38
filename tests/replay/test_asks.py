"""What a fork or a replay would ask is open to the environment that it runs in, or it does not begin."""

import pytest

from governance.errors import Invalid
from governance.releases.models import Opening
from runs.records.models import Run
from tests.factories.calls import asking, calling_bank
from tests.factories.cast import Company
from tests.factories.forks import fork_of, replay_of
from tests.factories.openings import opened
from tests.factories.runs import begin, finish, released
from tests.factories.things import make_model, make_prompt, make_version, pin
from tests.providers.serving import Calling, Serving


def in_production(company: Company, content: dict[str, object]) -> Run:
    return finish(begin(company, released(company, content, environment=company.production)))


def test_an_experiment_in_development_does_not_ask_what_is_open_to_production_alone(
    northwind: Company, serving: Serving, calling: Calling
) -> None:
    content = asking(northwind)
    read = {"kind": "http", "key": "read", "endpoint": "bank", "inputs": {"letter": "$letter"}, "next": "ask"}
    run = in_production(northwind, {**content, "nodes": [read, *content["nodes"]], "start": "read"})
    opened(northwind, northwind.production)
    asked = {
        "actor": northwind.operator,
        "reason": "Try the other prompt.",
        "overrides": {"ask": {"prompt": make_prompt(northwind, text="In one word.")}},
        "environment": northwind.development,
    }

    with pytest.raises(Invalid, match="read asks the HTTP endpoint “bank”: not open to Development"):
        fork_of(run, position=0, **asked)
    # Begun after the call, it asks the model alone.
    assert finish(fork_of(run, position=1, **asked)).state == Run.State.SUCCEEDED
    assert len(calling.asked()) == 1


def test_a_model_of_a_provider_that_is_shut_there_is_not_tried_out(
    northwind: Company, serving: Serving
) -> None:
    run = in_production(northwind, asking(northwind))
    opened(northwind, northwind.production, name="second", kind=Opening.Kind.PROVIDER)

    with pytest.raises(Invalid, match="ask asks the Provider of models “second”: not open to Development"):
        fork_of(
            run,
            actor=northwind.operator,
            position=0,
            reason="Try the other model.",
            overrides={"ask": {"model": make_model(northwind, provider="second", model="second-model")}},
            environment=northwind.development,
        )


def test_a_replay_does_not_ask_what_was_shut_since_in_a_workflow_within_either(
    northwind: Company, calling: Calling
) -> None:
    inner = make_version(northwind, "workflow", calling_bank())
    sub = {"kind": "subrun", "key": "sub", "workflow": pin(inner), "inputs": {"letter": "$letter"}}
    outer = {**calling_bank(), "nodes": [sub], "start": "sub", "output": "sub"}
    run = finish(begin(northwind, released(northwind, outer)))
    finish(run.parts.get())
    run = finish(run)
    assert run.state == Run.State.SUCCEEDED, run.error
    opened(northwind, northwind.production)

    with pytest.raises(Invalid, match="call asks the HTTP endpoint “bank”: not open to Development"):
        replay_of(run, actor=northwind.operator, reason="Does it come out again?")
