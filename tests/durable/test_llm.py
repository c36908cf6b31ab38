"""The `llm` node: which failures are final, the fallback, handing refused answers back, and time limits."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from governance.catalog.models import Version
from runs.artifacts.opening import bytes_of
from runs.costs.prices import set_price
from runs.lineage.models import Edge
from runs.records.models import Run, Step
from tests.factories.calls import SCHEMA, asking
from tests.factories.cast import Company
from tests.factories.runs import begin, finish, released
from tests.factories.things import make_model
from tests.providers.endpoint import HESITANT_SECONDS
from tests.providers.serving import Serving


def second(company: Company) -> Version:
    """Another model, at another provider."""
    return make_model(company, provider="second", model="second-model")


def asked(company: Company, **node: Any) -> Run:
    """A run of it, driven once."""
    return finish(begin(company, released(company, asking(company, **node))))


def also(serving: Serving, manner: str) -> None:
    """From now on there is a second provider that behaves like this."""
    assert serving.settings is not None
    there = {"base_url": serving.url(manner), "api_key": "sk-second", "timeout_seconds": 30}
    serving.settings.LLM_PROVIDERS = {**serving.settings.LLM_PROVIDERS, "second": there}


def texts(run: Run, role: Edge.Role) -> list[bytes]:
    """The contents in this role, in their order."""
    edges = Edge.objects.filter(step__run=run, role=role).order_by("id")
    return [bytes_of(edge.artifact) for edge in edges]


FINAL = {
    "moved": True,
    "locked": True,
    "telling": True,
    "busy": False,
    "broken": False,
    "gone": False,
    "slow": False,
    "no_json": False,
}


@pytest.mark.parametrize(("manner", "final"), FINAL.items())
def test_what_would_be_refused_again_is_not_asked_again(
    northwind: Company, serving: Serving, manner: str, final: bool
) -> None:
    serving.be(manner, timeout_seconds=0.5 if manner == "slow" else 30)

    run = asked(northwind, retry={"attempts": 3, "first_delay_ms": 60_000})

    assert run.state == ("failed" if final else "waiting"), run.error


def test_the_next_attempt_comes_when_the_provider_asks_for_it(northwind: Company, serving: Serving) -> None:
    serving.be("busy")

    run = asked(northwind, retry={"attempts": 3, "first_delay_ms": 1})

    assert run.wake_at is not None
    assert run.waits_since is not None
    assert abs((run.wake_at - run.waits_since).total_seconds() - 7) < 1


@pytest.mark.parametrize("manner", ["broken", "gone", "locked"])
def test_the_fallback_answers_when_the_first_models_provider_fails(
    northwind: Company, serving: Serving, manner: str
) -> None:
    serving.be(manner)
    also(serving, "well")
    other = second(northwind)

    run = asked(northwind, fallback=other)

    assert run.state == Run.State.SUCCEEDED, run.error
    step = run.steps.get()
    assert step.model_version_id == other.pk
    assert (step.facts["provider"], step.facts["asked_model"]) == ("second", "second-model")
    assert step.facts["fallback"]["code"] in {"model_refused", "model_broke_off"}
    assert step.facts["fallback"]["of"].startswith("model-")
    assert [call["body"]["model"] for call in serving.asked()] == ["smollm2-135m-instruct", "second-model"]
    keys = {call["headers"]["Idempotency-Key"] for call in serving.asked()}
    assert len(keys) == 2, "another request than the first"


def test_the_answer_of_the_fallback_costs_its_own_price(northwind: Company, serving: Serving) -> None:
    serving.be("broken")
    also(serving, "well")
    for provider, model, price in (("default", "smollm2-135m-instruct", 1), ("second", "second-model", 1000)):
        set_price(
            northwind.organisation,
            actor=northwind.owner,
            provider=provider,
            model=model,
            effective_from=timezone.now(),
            input_per_million=Decimal(price),
            output_per_million=Decimal(0),
        )

    run = asked(northwind, fallback=second(northwind))

    assert (run.cost, run.priced) == (11 * Decimal("0.001"), True)


def test_the_first_model_keeps_its_attempts_before_the_fallback_is_asked(
    northwind: Company, serving: Serving
) -> None:
    serving.be("broken")
    also(serving, "well")
    run = asked(northwind, fallback=second(northwind), retry={"attempts": 2, "first_delay_ms": 0})
    assert (run.state, run.waits_for, len(serving.asked())) == ("waiting", "retry", 1)
    Run.objects.filter(pk=run.pk).update(state="ready")

    done = finish(run)

    assert done.state == Run.State.SUCCEEDED
    assert [call["path"].split("/")[1] for call in serving.asked()] == ["broken", "broken", "well"]


@pytest.mark.parametrize("manner", ["wrong_label", "no_json", "endless"])
def test_an_answer_of_the_wrong_form_is_no_reason_to_ask_another_model(
    northwind: Company, serving: Serving, manner: str
) -> None:
    serving.be(manner)
    also(serving, "well")

    run = asked(northwind, fallback=second(northwind), output_schema=SCHEMA)

    assert run.state == Run.State.FAILED
    assert len(serving.asked()) == 1


def test_no_other_model_is_asked_than_the_release_pins(northwind: Company, serving: Serving) -> None:
    serving.be("broken")
    also(serving, "well")

    run = asked(northwind)

    assert run.state == Run.State.FAILED
    assert len(serving.asked()) == 1


def test_when_both_fail_both_are_named(northwind: Company, serving: Serving) -> None:
    serving.be("locked")
    also(serving, "broken")

    run = asked(northwind, fallback=second(northwind))

    assert run.error is not None
    assert "“second” answered with status 500" in run.error.detail
    assert "had failed: “default” answered with status 401" in run.error.detail


def test_an_answer_that_does_not_fit_is_handed_back_with_what_is_wrong(
    northwind: Company, serving: Serving
) -> None:
    serving.be("corrected")

    run = asked(northwind, output_schema=SCHEMA, reask=2)

    assert run.state == Run.State.SUCCEEDED, run.error
    first, again = serving.asked()
    assert first["body"]["response_format"] == again["body"]["response_format"]
    assert again["body"]["messages"][: len(first["body"]["messages"])] == first["body"]["messages"]
    answer, wrong = again["body"]["messages"][-2:]
    assert answer == {"role": "assistant", "content": '{"label": "pirates"}'}
    assert wrong["role"] == "user"
    assert "does not fit the step's schema at $.label" in wrong["content"]
    assert first["headers"]["Idempotency-Key"] != again["headers"]["Idempotency-Key"]


def test_each_prompt_answer_token_and_cost_of_it_is_recorded(northwind: Company, serving: Serving) -> None:
    serving.be("corrected")
    set_price(
        northwind.organisation,
        actor=northwind.owner,
        provider="default",
        model="smollm2-135m-instruct",
        effective_from=timezone.now(),
        input_per_million=Decimal(1000),
        output_per_million=Decimal(0),
    )

    run = asked(northwind, output_schema=SCHEMA, reask=2)

    [step] = Step.objects.filter(run=run)
    assert step.output is not None
    assert bytes_of(step.output) == b'{"label": "card"}'
    prompts = [json.loads(body) for body in texts(run, Edge.Role.PROMPT)]
    assert prompts == [call["body"]["messages"] for call in serving.asked()]
    assert texts(run, Edge.Role.ANSWER) == [b'{"label": "pirates"}']
    assert (step.tokens_in, step.tokens_out, step.cost) == (22, 14, 22 * Decimal("0.001"))
    assert step.facts["reasks"] == 1
    assert "$.label" in step.facts["refused"][0]["why"]


def test_it_is_handed_back_no_more_often_than_the_node_allows(northwind: Company, serving: Serving) -> None:
    serving.be("wrong_label")

    run = asked(northwind, output_schema=SCHEMA, reask=2)

    assert run.error is not None
    assert (run.state, run.error.code, len(serving.asked())) == ("failed", "malformed_answer", 3)
    assert texts(run, Edge.Role.ANSWER) == [b'{"label": "pirates"}'] * 3
    assert (run.tokens_in, run.tokens_out) == (33, 21)


def test_what_was_answered_before_the_provider_failed_is_paid_for(
    northwind: Company, serving: Serving
) -> None:
    serving.be("breaking")

    run = asked(northwind, output_schema=SCHEMA, reask=2)

    assert run.error is not None
    assert (run.error.code, run.tokens_in) == ("model_refused", 11)
    assert texts(run, Edge.Role.ANSWER) == [b'{"label": "pirates"}', b"oops"]


def test_the_time_of_an_attempt_is_one_for_all_that_it_asks(northwind: Company, serving: Serving) -> None:
    serving.be("hesitant")

    run = asked(northwind, output_schema=SCHEMA, reask=5, timeout_s=3)

    assert run.error is not None
    assert (run.error.code, run.state) == ("timed_out", "failed")
    assert 2 <= len(serving.asked()) <= 3
    step = run.steps.get()
    assert 2900 < step.latency_ms < 6 * HESITANT_SECONDS * 1000


def test_of_an_unsafe_question_without_an_answer_nobody_knows_what_became(
    northwind: Company, serving: Serving
) -> None:
    serving.be("slow")

    run = asked(northwind, effect="unsafe", irreversible="A letter is sent by the model.", timeout_s=1)

    assert run.error is not None
    assert (run.state, run.error.code) == ("needs_review", "outcome_unknown")
