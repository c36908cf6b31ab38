"""Steps that take too long, and steps that begin too late."""

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from runs.durable import impatience
from runs.functions.registry import step_function
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, released
from tests.waiting import wait_until

_may_return = threading.Event()
LINGERS_SECONDS = 30


@step_function("lingers", version=1, takes={"text"})
def lingers(*, text: str) -> dict[str, Any]:
    """Return when it may."""
    _may_return.wait(LINGERS_SECONDS)
    return {"text": text}


@step_function("impatient", version=1, takes={"text"})
def impatient(*, text: str) -> None:
    """Raise a timeout of its own."""
    raise TimeoutError("the cellar did not answer")


@pytest.fixture(autouse=True)
def returning() -> Iterator[None]:
    """Whatever lingers returns with the test."""
    _may_return.clear()
    yield
    _may_return.set()
    _settled()


def _settled() -> None:
    wait_until(lambda: not impatience._abandoned, "whatever lingered has returned")


def limited(function: str, **node: Any) -> dict[str, Any]:
    """A chain of two, whose first step has a limit."""
    content = chain(2, function=function)
    content["nodes"][0].update(node)
    return content


def test_a_function_that_does_not_return_is_left_alone(
    northwind: Company, caplog: pytest.LogCaptureFixture
) -> None:
    run = finish(begin(northwind, released(northwind, limited("lingers@1", timeout_s=1))))

    assert run.error is not None
    assert (run.state, run.error.code, run.error.node) == ("failed", "timed_out", "step_0")
    step = run.steps.get()
    assert (step.output_id, 900 < step.latency_ms < LINGERS_SECONDS * 1000) == (None, True)
    caplog.set_level(logging.WARNING)
    _may_return.set()
    words = "lingers@1 returned after its time was over: the result is thrown away"
    wait_until(lambda: words in caplog.text, "its return is told")
    assert run.steps.count() == 1
    assert Run.objects.get(pk=run.pk).state == Run.State.FAILED


def test_it_is_tried_again_as_the_node_says(northwind: Company) -> None:
    retry = {"attempts": 2, "first_delay_ms": 60_000}
    run = finish(begin(northwind, released(northwind, limited("lingers@1", timeout_s=1, retry=retry))))

    assert (run.state, run.waits_for, run.attempt) == ("waiting", "retry", 2)


def test_of_an_unsafe_function_that_does_not_return_nobody_knows_what_became(northwind: Company) -> None:
    unsafe = {"effect": "unsafe", "irreversible": "A letter cannot be unsent."}
    run = finish(begin(northwind, released(northwind, limited("lingers@1", timeout_s=1, **unsafe))))

    assert run.error is not None
    assert (run.state, run.error.code) == ("needs_review", "timed_out")


def test_a_function_that_returns_in_time_is_as_any_other(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, limited("nothing@1", timeout_s=60))))

    assert run.state == Run.State.SUCCEEDED, run.error


def test_a_timeout_that_the_function_raises_is_its_own_failure(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, limited("impatient@1", timeout_s=60))))

    assert run.error is not None
    assert (run.error.code, "the cellar did not answer" in run.error.detail) == ("function_failed", True)


def test_a_process_begins_no_more_calls_when_too_many_do_not_end(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impatience, "MOST_ABANDONED", 1)
    release = released(northwind, limited("lingers@1", timeout_s=1))
    finish(begin(northwind, release))

    run = finish(begin(northwind, release))

    assert run.error is not None
    assert run.error.code == "worker_clogged"


def _ready_since(run: Run, seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE runs_run SET ready_at = clock_timestamp() - make_interval(secs => %s) WHERE id = %s",
            [seconds, run.pk],
        )


@pytest.mark.parametrize(("seconds", "code"), [(9, ""), (11, "not_started_in_time")])
def test_a_step_that_could_have_begun_too_long_ago_does_not_begin(
    northwind: Company, seconds: float, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness = tmp_path / "witness"
    monkeypatch.setenv("WITNESS_FILE", str(witness))
    content = chain(2, function="witness@1", mark="m")
    content["nodes"][0] |= {"start_within_s": 10, "retry": {"attempts": 9}}
    run = begin(northwind, released(northwind, content))
    _ready_since(run, seconds)

    done = finish(run)

    assert (done.error.code if done.error else "") == code
    assert done.state == ("failed" if code else "succeeded"), "for good: it would only begin still later"
    assert witness.exists() is not bool(code)


def test_only_the_step_that_waited_is_late(northwind: Company, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("WITNESS_FILE", str(tmp_path / "witness"))
    content = chain(3, function="witness@1", mark="m")
    content["nodes"][1]["start_within_s"] = 10
    content["nodes"][2]["start_within_s"] = 10
    run = begin(northwind, released(northwind, content))
    _ready_since(run, 3600)

    assert finish(run).state == Run.State.SUCCEEDED
