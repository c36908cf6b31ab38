"""Going on after a failure."""

from pathlib import Path
from typing import Any

import pytest

from governance.errors import NotAllowed, NotVisible, WrongState
from governance.ledger.models import Event
from runs.durable.resume import resume_run
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, complaint, finish, put_into_effect, released
from tests.factories.things import make_version
from tests.providers.serving import Serving


@pytest.fixture
def needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file without which the step fails."""
    monkeypatch.setenv("NEEDED_FILE", str(tmp_path / "needed"))
    return tmp_path / "needed"


def test_a_resumed_run_keeps_its_steps_and_attempts_the_failed_one_anew(
    northwind: Company, needed: Path
) -> None:
    content = chain(3)
    content["nodes"][1]["function"] = "needs_file@1"
    run = finish(begin(northwind, released(northwind, content)))
    assert (run.state, run.position) == (Run.State.FAILED, 1)
    needed.touch()

    resume_run(run, actor=northwind.operator, reason="It is mended.")

    waiting = Run.objects.get(pk=run.pk)
    assert (waiting.state, waiting.attempt, waiting.error, waiting.finished_at) == ("ready", 2, None, None)
    assert run.finished_at is not None
    assert waiting.ready_at > run.finished_at
    done = finish(run)
    assert done.state == Run.State.SUCCEEDED
    tried = [(step.node, step.attempt, step.state) for step in done.steps.all()]
    assert tried == [
        ("step_0", 1, "succeeded"),
        ("step_1", 1, "failed"),
        ("step_1", 2, "succeeded"),
        ("step_2", 1, "succeeded"),
    ]
    [event] = Event.objects.of_run(run.pk).filter(kind="run.resumed")
    assert event.details == {
        "node": "step_1",
        "position": 1,
        "attempt": 2,
        "stopped_by": "function_failed",
        "reason": "It is mended.",
    }


def test_it_goes_on_with_the_versions_it_was_started_with(northwind: Company, needed: Path) -> None:
    release = released(northwind, chain(2, function="needs_file@1"))
    run = finish(begin(northwind, release))
    put_into_effect(northwind, make_version(northwind, "workflow", chain(1), asset=release.workflow))
    needed.touch()

    resume_run(run, actor=northwind.operator, reason="It is mended.")

    assert finish(run).position == 2


def test_an_answer_that_was_text_once_is_read_as_json_where_a_schema_asks_for_it(
    northwind: Company, serving: Serving, needed: Path
) -> None:
    content = complaint(northwind)
    classify = {**content["nodes"][1], "inputs": {"letter": "$letter"}}
    plain = {name: value for name, value in classify.items() if name not in {"output_schema", "next"}}
    only_once: dict[str, Any] = {**content, "nodes": [plain], "start": "classify", "output": "classify"}
    file = {
        "kind": "function",
        "key": "file",
        "function": "needs_file@1",
        "inputs": {"text": "classify.label"},
    }
    later = {**only_once, "nodes": [{**classify, "next": "file"}, file]}
    serving.be("label")
    said = finish(begin(northwind, released(northwind, only_once))).output
    assert said is not None
    assert said.media_type == "text/plain"
    run = finish(begin(northwind, released(northwind, later)))
    assert run.cursor == "file"
    needed.touch()

    resume_run(run, actor=northwind.operator, reason="It is mended.")

    assert finish(run).state == Run.State.SUCCEEDED
    answer = run.steps.get(node="classify").output
    assert answer is not None
    assert (answer.sha256, answer.media_type) == (said.sha256, "application/json")


@pytest.mark.parametrize("driven", [False, True])
def test_only_a_failed_run_can_be_resumed(northwind: Company, driven: bool) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    if driven:
        finish(run)

    with pytest.raises(WrongState, match="Only a failed run"):
        resume_run(run, actor=northwind.operator, reason="It is mended.")


def test_only_operators_resume(northwind: Company, rival: Company, needed: Path) -> None:
    run = finish(begin(northwind, released(northwind, chain(1, function="needs_file@1"))))

    with pytest.raises(NotAllowed):
        resume_run(run, actor=northwind.auditor, reason="It is mended.")
    with pytest.raises(NotVisible):
        resume_run(run, actor=rival.operator, reason="It is mended.")

    assert Run.objects.get(pk=run.pk).state == Run.State.FAILED
