"""Going on after a failure."""

from pathlib import Path

import pytest

from governance.errors import NotAllowed, NotVisible, WrongState
from governance.ledger.models import Event
from runs.durable.resume import resume_run
from runs.records.models import Outbox, Run
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, put_into_effect, released
from tests.factories.things import make_version


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

    resume_run(run, actor=northwind.operator)

    waiting = Run.objects.get(pk=run.pk)
    assert (waiting.state, waiting.attempt, waiting.error, waiting.finished_at) == ("queued", 2, None, None)
    assert Outbox.objects.filter(run=run).exists()
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
    assert event.details == {"node": "step_1", "attempt": 2, "stopped_by": "function_failed"}


def test_it_goes_on_with_the_versions_it_was_started_with(northwind: Company, needed: Path) -> None:
    release = released(northwind, chain(2, function="needs_file@1"))
    run = finish(begin(northwind, release))
    put_into_effect(northwind, make_version(northwind, "workflow", chain(1), asset=release.workflow))
    needed.touch()

    resume_run(run, actor=northwind.operator)

    assert finish(run).position == 2


@pytest.mark.parametrize("driven", [False, True])
def test_only_a_failed_run_can_be_resumed(northwind: Company, driven: bool) -> None:
    run = begin(northwind, released(northwind, chain(1)))
    if driven:
        finish(run)

    with pytest.raises(WrongState, match="Only a failed run"):
        resume_run(run, actor=northwind.operator)


def test_only_operators_resume(northwind: Company, rival: Company, needed: Path) -> None:
    run = finish(begin(northwind, released(northwind, chain(1, function="needs_file@1"))))

    with pytest.raises(NotAllowed):
        resume_run(run, actor=northwind.auditor)
    with pytest.raises(NotVisible):
        resume_run(run, actor=rival.operator)

    assert Run.objects.get(pk=run.pk).state == Run.State.FAILED
