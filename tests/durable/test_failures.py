"""What stops a step, in words; nothing is half-written and the refused answer is kept."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from jsonschema import Draft202012Validator

from governance.ledger.models import Event
from runs.artifacts.opening import bytes_of
from runs.costs.prices import set_price
from runs.durable.executors import llm
from runs.durable.why import why_not_moving
from runs.lineage.models import Edge
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, complaint, finish, released
from tests.providers.serving import Serving


@pytest.mark.parametrize(
    ("what", "code", "words"),
    [
        ("nul", "output_refused", "NUL"),
        ("surrogate", "output_refused", "surrogate"),
        ("fraction", "output_refused", "fraction"),
        ("object", "output_refused", "object"),
        ("large", "output_refused", "1,000,000 are allowed"),
        ("cycle", "output_refused", "nested"),
        ("raise", "function_failed", "the cellar is flooded"),
    ],
)
def test_what_a_function_may_not_return_fails_its_step(
    northwind: Company, what: str, code: str, words: str
) -> None:
    run = finish(begin(northwind, released(northwind, chain(2, function="returns@1", what=what))))

    assert run.state == Run.State.FAILED
    assert run.error is not None
    assert run.error.code == code
    assert words in run.error.detail
    [step] = run.steps.all()
    assert (step.state, step.error, step.output_id) == ("failed", run.error, None)
    assert [edge.role for edge in step.edges.all()] == ["input"]
    assert (run.cursor, run.position, run.attempt) == ("step_0", 0, 1)
    assert why_not_moving(run).startswith("Failed at “step_0”: ")


def test_a_value_that_is_not_there_is_named(northwind: Company) -> None:
    content = chain(2)
    content["nodes"][1]["inputs"]["text"] = "step_0.summary"
    run = finish(begin(northwind, released(northwind, content)))

    assert run.error is not None
    assert run.error.code == "missing_value"
    assert "“step_0.summary”, but it holds no “summary”" in run.error.detail
    assert run.steps.count() == 2


MANNERS = {
    "mute": ("malformed_answer", "no text at all"),
    "nul": ("malformed_answer", "NUL"),
    "surrogate": ("malformed_answer", "not JSON"),
    "no_json": ("malformed_answer", "not JSON"),
    "no_choices": ("malformed_answer", "choices"),
    "page": ("malformed_answer", "text/html"),
    "packed": ("malformed_answer", "gzip"),
    "wrong_label": ("malformed_answer", "$.label"),
    "doubled": ("malformed_answer", "twice in one object"),
    "prose": ("malformed_answer", "cut off at the limit of tokens"),
    "moved": ("model_refused", "status 307"),
    "busy": ("model_refused", "try again later"),
    "locked": ("model_refused", "Check LLM_API_KEY"),
    "broken": ("model_refused", "status 500"),
    "gone": ("model_broke_off", "it may have received the request"),
    "endless": ("answer_too_large", "4,000,000 bytes"),
    "slow": ("model_too_slow", "within 0.5 seconds"),
    "dripping": ("model_too_slow", "within 0.5 seconds"),
}


@pytest.mark.parametrize(("manner", "code", "words"), [(k, *v) for k, v in MANNERS.items()], ids=MANNERS)
def test_a_model_server_that_misbehaves_fails_the_step_in_words(
    northwind: Company, serving: Serving, manner: str, code: str, words: str
) -> None:
    serving.be(manner, timeout_seconds=0.5 if code == "model_too_slow" else 30)

    run = finish(begin(northwind, released(northwind, complaint(northwind))))

    assert run.state == Run.State.FAILED
    assert run.error is not None
    assert (run.error.code, run.error.node) == (code, "classify")
    assert words in run.error.detail
    assert "sk-secret" not in str(run.error)
    step = run.steps.get(node="classify")
    assert step.output_id is None
    assert step.edges.filter(role=Edge.Role.PROMPT).count() == 1
    assert Event.objects.of_run(run.pk).filter(kind="run.failed").count() == 1


def test_the_refused_answer_is_kept_and_its_tokens_are_counted(northwind: Company, serving: Serving) -> None:
    serving.be("wrong_label")

    run = finish(begin(northwind, released(northwind, complaint(northwind))))

    answer = Edge.objects.get(step__run=run, role=Edge.Role.ANSWER).artifact
    assert bytes_of(answer) == b'{"label": "pirates"}'
    assert "pirates" not in str(run.error)
    assert (run.tokens_in, run.tokens_out) == (11, 7)


def test_an_answer_that_its_schema_cannot_check_is_recorded_with_what_it_cost(
    northwind: Company, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    stumbling = Draft202012Validator(
        {"$id": "https://a.example/", "properties": {"label": {"$id": "http://["}}}
    )
    monkeypatch.setattr(llm, "_validator", lambda node: stumbling)

    run = finish(begin(northwind, released(northwind, complaint(northwind))))

    assert run.error is not None
    assert run.error.code == "malformed_answer"
    assert "cannot be checked by the step's schema (ValueError)" in run.error.detail
    assert Edge.objects.filter(step__run=run, role=Edge.Role.ANSWER).count() == 1
    assert (run.tokens_in, run.tokens_out) == (11, 7)


def test_what_came_instead_of_an_answer_is_kept_as_octets(northwind: Company, serving: Serving) -> None:
    serving.be("broken")

    run = finish(begin(northwind, released(northwind, complaint(northwind))))

    answer = Edge.objects.get(step__run=run, role=Edge.Role.ANSWER).artifact
    assert (answer.media_type, bytes_of(answer)) == ("application/octet-stream", b"oops\x00")


def test_nobody_at_the_address_is_said_so(northwind: Company, serving: Serving) -> None:
    serving.be("well", base_url="http://127.0.0.1:9/v1")

    run = finish(begin(northwind, released(northwind, complaint(northwind))))

    assert run.error is not None
    assert run.error.code == "model_unreachable"
    assert "Check that the model server runs" in run.error.detail


@pytest.mark.parametrize("providers", [{}, {"default": {"base_url": ""}}])
def test_a_provider_without_an_address_is_said_so(
    northwind: Company, serving: Serving, providers: dict[str, Any]
) -> None:
    assert serving.settings is not None
    serving.settings.LLM_PROVIDERS = providers

    run = finish(begin(northwind, released(northwind, complaint(northwind))))

    assert run.error is not None
    assert run.error.code == "provider_unknown"


def test_other_weights_than_the_pinned_ones_are_not_asked(northwind: Company, serving: Serving) -> None:
    serving.be("well", weights_sha256="b" * 64)

    run = finish(begin(northwind, released(northwind, complaint(northwind, weights_sha256="a" * 64))))

    assert run.error is not None
    assert run.error.code == "weights_differ"
    assert serving.asked() == []


@pytest.mark.parametrize(("served", "verified"), [("a" * 64, True), ("", False)])
def test_whether_the_pinned_weights_were_verified_is_recorded(
    northwind: Company, serving: Serving, served: str, verified: bool
) -> None:
    serving.be("well", weights_sha256=served)

    run = finish(begin(northwind, released(northwind, complaint(northwind, weights_sha256="a" * 64))))

    facts = run.steps.get(node="classify").facts
    assert facts["weights_verified"] is verified
    assert facts.get("weights_sha256", "") == served


def test_another_model_than_the_pinned_one_is_recorded(northwind: Company, serving: Serving) -> None:
    serving.be("other_model")
    content = complaint(northwind)
    content["nodes"] = [{**content["nodes"][2], "inputs": {"letter": "$letter"}, "next": None}]
    content["start"] = "summarise"

    run = finish(begin(northwind, released(northwind, content)))

    facts = run.steps.get(node="summarise").facts
    assert run.state == Run.State.SUCCEEDED
    assert (facts["reported_model"], facts["model_mismatch"]) == ("gpt-oops", True)


def test_a_branch_without_a_way_says_which_there_are_and_quotes_nothing(northwind: Company) -> None:
    content = chain(1)
    content["nodes"][0]["next"] = "route"
    content["nodes"] += [
        {
            "kind": "branch",
            "key": "route",
            "on": "step_0.text",
            "cases": [{"equals": "card", "next": "desk"}],
        },
        {"kind": "function", "key": "desk", "function": "assign_desk@1", "settings": {"desk": "card"}},
    ]
    run = finish(begin(northwind, released(northwind, content), "pirates"))

    assert run.error is not None
    assert run.error.code == "no_case"
    assert "The value of “step_0.text” is none of those that there are ways for: “card”." in run.error.detail
    assert "pirates" not in run.error.detail


def test_a_variable_longer_than_the_prompt_allows_fails_before_the_model_is_asked(
    northwind: Company, serving: Serving
) -> None:
    content = complaint(northwind)
    content["inputs"][0]["max_bytes"] = 30_000
    run = finish(begin(northwind, released(northwind, content), "x" * 25_000))

    assert run.error is not None
    assert run.error.code == "prompt_refused"
    assert serving.asked() == []


def test_tokens_are_costed_at_the_price_of_their_day(northwind: Company, serving: Serving) -> None:
    set_price(
        northwind.organisation,
        actor=northwind.owner,
        provider="default",
        model="smollm2-135m-instruct",
        effective_from=timezone.now(),
        input_per_million=Decimal("0.15"),
        output_per_million=Decimal("0.6"),
    )

    run = finish(begin(northwind, released(northwind, complaint(northwind))))

    assert run.cost == 2 * (11 * Decimal("0.00000015") + 7 * Decimal("0.0000006"))
    assert run.priced is True


def test_a_price_that_cannot_be_looked_up_costs_no_answer(
    northwind: Company, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*asked: object) -> None:
        raise OperationalError("the server closed the connection unexpectedly")

    monkeypatch.setattr(llm, "price_at", away)

    with pytest.raises(OperationalError):
        finish(begin(northwind, released(northwind, complaint(northwind))))

    assert serving.asked() == []


def test_a_run_without_a_price_or_a_count_says_so(northwind: Company, serving: Serving) -> None:
    unpriced = finish(begin(northwind, released(northwind, complaint(northwind))))
    serving.be("uncounted")
    content = complaint(northwind)
    content["nodes"] = [{**content["nodes"][2], "inputs": {"letter": "$letter"}, "next": None}]
    content["start"] = "summarise"
    uncounted = finish(begin(northwind, released(northwind, content)))

    assert (unpriced.priced, uncounted.priced) == (False, False)
    assert uncounted.steps.get().tokens_in is None


@pytest.mark.parametrize("manner", ["mute", "nul"])
def test_an_answer_without_a_usable_text_is_paid_for_all_the_same(
    northwind: Company, serving: Serving, manner: str
) -> None:
    serving.be(manner)

    run = finish(begin(northwind, released(northwind, complaint(northwind))))

    assert (run.state, run.tokens_in, run.tokens_out, run.priced) == (Run.State.FAILED, 11, 7, False)
