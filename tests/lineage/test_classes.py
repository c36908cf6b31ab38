"""How protected a content is follows from all its uses: the most protected one counts."""

from typing import Any
from uuid import uuid4

from runs.lineage.classes import classes_of
from runs.lineage.models import Edge
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, complaint, finish, personal, released
from tests.providers.serving import Serving


def classed(content: dict[str, Any], level: str) -> dict[str, Any]:
    """The same workflow for letters of another class."""
    [letter] = content["inputs"]
    return {**content, "inputs": [{**letter, "classification": level}]}


def level_of(run: Run) -> str:
    """Of the letter that the run was given."""
    letter = run.inputs.get().artifact_id
    return classes_of([letter])[letter]


def test_the_most_protected_use_counts_whichever_was_first(northwind: Company) -> None:
    for levels, expected in (
        (["public"], "public"),
        (["public", "internal"], "internal"),
        (["confidential", "public"], "confidential"),
        (["internal", "personal", "confidential"], "personal"),
    ):
        letter = f"A letter of {'-'.join(levels)}"
        runs = [begin(northwind, released(northwind, classed(chain(1), level)), letter) for level in levels]
        assert {level_of(run) for run in runs} == {expected}


def test_what_is_made_of_it_is_classed_by_its_step(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, personal(chain(2)))))
    outputs = [step.output_id for step in run.steps.all() if step.output_id]
    assert set(classes_of(outputs).values()) == {"personal"}


def test_what_a_model_was_sent_is_as_protected_as_what_the_step_read(
    northwind: Company, serving: Serving
) -> None:
    content = personal(complaint(northwind))
    [asks] = [node for node in content["nodes"] if node["key"] == "summarise"]
    asks |= {"inputs": {"letter": "$letter"}, "classification": "internal"}
    run = finish(begin(northwind, released(northwind, content)))

    step = run.steps.get(node="summarise")
    sent = Edge.objects.get(step=step, role=Edge.Role.PROMPT).artifact_id
    assert step.output_id
    assert classes_of([sent, step.output_id]) == {sent: "personal", step.output_id: "internal"}


def test_what_nobody_classed_counts_as_personal() -> None:
    unknown = uuid4()
    assert classes_of([unknown]) == {unknown: "personal"}
    assert classes_of([unknown], {unknown: "internal"}) == {unknown: "internal"}
    assert classes_of([]) == {}
