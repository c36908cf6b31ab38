"""From an output back to what it was made from, and from a version to what it made."""

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.catalog.models import Version
from runs.artifacts.opening import bytes_of
from runs.durable.resume import resume_run
from runs.lineage.models import Edge
from runs.lineage.trace import outputs_of_version, trace_output
from runs.records.models import Run, Step
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, complaint, finish, released
from tests.providers.serving import Serving


@pytest.fixture
def run(northwind: Company, serving: Serving) -> Run:
    """A complaint, answered."""
    return finish(begin(northwind, released(northwind, complaint(northwind))))


def step(run: Run, node: str) -> Step:
    """The run's step at a node."""
    return Step.objects.select_related("output").get(run=run, node=node)


def test_an_output_leads_back_to_its_inputs_and_nothing_else(run: Run) -> None:
    trace = trace_output(step(run, "summarise"))

    assert [found.node for found in trace.upstream] == ["redact"]
    assert [given.name for given in trace.inputs] == ["letter"]
    assert [(link.name, link.is_choice) for link in trace.reads] == [("letter", False)]
    assert trace.prompt is not None
    assert trace.prompt.role == Edge.Role.PROMPT
    assert trace.answer is None


def test_a_step_that_a_branch_chose_leads_back_through_the_choice(run: Run) -> None:
    trace = trace_output(step(run, "card_desk"))

    assert [found.node for found in trace.upstream] == ["redact", "classify", "route"]
    choices = [link for link in trace.links if link.is_choice]
    assert [(link.source, link.target) for link in choices] == [
        (str(step(run, "route").pk), str(step(run, "card_desk").pk))
    ]


def test_a_refused_answer_is_part_of_the_trace(northwind: Company, serving: Serving) -> None:
    serving.be("wrong_label")
    run = finish(begin(northwind, released(northwind, complaint(northwind))))

    trace = trace_output(step(run, "classify"))

    assert trace.answer is not None
    assert bytes_of(trace.answer.artifact) == b'{"label": "pirates"}'


def test_later_steps_read_the_attempt_that_succeeded(
    northwind: Company, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEEDED_FILE", f"{tmp_path}/missing")
    content = chain(2)
    content["nodes"][0]["function"] = "needs_file@1"
    run = finish(begin(northwind, released(northwind, content)))
    monkeypatch.setenv("NEEDED_FILE", f"{tmp_path}")
    run = finish(resume_run(run, actor=northwind.operator, reason="It is mended."))

    trace = trace_output(step(run, "step_1"))

    assert [(found.node, found.attempt, found.state) for found in trace.upstream] == [
        ("step_0", 2, "succeeded")
    ]


@pytest.mark.parametrize("steps", [2, 12])
def test_tracing_takes_four_queries_whatever_the_length(
    northwind: Company, django_assert_num_queries: DjangoAssertNumQueries, steps: int
) -> None:
    run = finish(begin(northwind, released(northwind, chain(steps))))
    last = step(run, f"step_{steps - 1}")

    with django_assert_num_queries(4):
        trace = trace_output(last)
        assert len(trace.upstream) == steps - 1
        assert [given.artifact.sha256 for given in trace.inputs]


def test_each_kind_of_version_leads_to_the_outputs_it_had_a_part_in(run: Run, northwind: Company) -> None:
    other = finish(begin(northwind, released(northwind, chain(1))))
    prompt, model = (
        Version.objects.get(pinned_by__version=run.version_id, pinned_by__node="classify", asset__kind=kind)
        for kind in ("prompt", "model")
    )

    made = {
        version.asset.kind: sorted(outputs_of_version(version).values_list("node", flat=True))
        for version in (prompt, model, run.version)
    }

    assert made == {
        "prompt": ["classify", "summarise"],
        "model": ["classify", "summarise"],
        "workflow": ["card_desk", "classify", "redact", "route", "summarise"],
    }
    assert other.pk not in set(outputs_of_version(run.version).values_list("run", flat=True))


def test_what_a_version_made_is_seen_by_those_who_see_the_run(
    run: Run, northwind: Company, rival: Company
) -> None:
    assert outputs_of_version(run.version).visible_to(northwind.auditor).count() == 5
    assert not outputs_of_version(run.version).visible_to(rival.auditor).exists()
    assert not Edge.objects.visible_to(rival.auditor).exists()
