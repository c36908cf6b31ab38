"""What an output's page says of the models behind it, and of where it went."""

from typing import Any

import pytest
from django.urls import reverse

from runs.artifacts.opening import bytes_of
from runs.durable.decide import decide
from runs.people.models import Task
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import begin, complaint, finish, released
from tests.providers.serving import Serving
from tests.visiting import Browsing
from tests.web.runs.reading import page_of, text_of
from tests.web.runs.recorded import answered, failed, quick, step_of


def edit(subject: str, **more: Any) -> dict[str, Any]:
    """A person corrects it."""
    return {
        "kind": "human_task",
        "key": "edit",
        "task": "edit",
        "title": "Correct it",
        "subject": subject,
        **more,
    }


def corrected(company: Company, run: Run) -> Run:
    """Somebody has corrected what the run asked for."""
    task = Task.objects.get(run=run)
    decide(
        task, actor=company.operator, decision="edit", reason="Politer.", value="Dear customer, we are sorry."
    )
    return finish(run)


def test_what_a_person_corrected_leads_to_the_model_that_had_written_it(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    content = complaint(northwind)
    nodes = {node["key"]: node for node in content["nodes"]}
    draft = {**nodes["summarise"], "inputs": {"letter": "$letter"}, "next": "edit"}
    flow = {**content, "nodes": [draft, edit("summarise")], "start": "summarise", "output": "edit"}
    run = corrected(northwind, finish(begin(northwind, released(northwind, flow))))
    draft_step, step = step_of(run, "summarise"), step_of(run, "edit")
    page = page_of(browsing, northwind, step)
    strip = page[page.index('<dl class="strip">') : page.index("</dl>", page.index('<dl class="strip">'))]
    assert f"summarise: {draft_step.model_version}" in strip
    assert reverse("runs:output", args=[draft_step.pk]) in strip
    assert str(draft_step.prompt_version) in strip
    assert "no model was asked" not in strip
    assert f"Behind it stands what {draft_step.model_version} wrote in summarise" in text_of(page)


def test_so_does_what_was_corrected_of_a_text_that_another_run_had_written(
    northwind: Company, browsing: Browsing, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = answered(northwind, reference="CASE-7")
    written = step_of(source, "summarise")
    assert written.output is not None
    flow = {
        "inputs": [{"name": "letter", "classification": "personal", "max_bytes": 2000}],
        "nodes": [edit("$letter")],
        "start": "edit",
        "output": "edit",
    }
    letter = bytes_of(written.output).decode()
    run = corrected(northwind, finish(begin(northwind, released(northwind, flow), letter=letter)))
    step = step_of(run, "edit")
    page = page_of(browsing, northwind, step)
    assert reverse("runs:output", args=[written.pk]) in page
    assert "in CASE-7, another run" in text_of(page)
    assert "wrote, to the byte, what this run was given" in text_of(page)
    monkeypatch.setattr("runs.web.models_behind.SHORTEST", len(letter.encode()) + 1)
    assert "in CASE-7, another run" not in text_of(page_of(browsing, northwind, step))


def test_only_who_read_an_output_is_said_to_have_used_it(northwind: Company, browsing: Browsing) -> None:
    first, second = quick(northwind, 2, steps=2)
    page = browsing(northwind.auditor).get(reverse("runs:output", args=[step_of(second, "step_0").pk]))
    assert [edge.step for edge in page.context["used"]] == [step_of(second, "step_1")]
    assert step_of(first, "step_1") in {edge.step for edge in page.context["elsewhere"]}
    said = text_of(page.content.decode())
    assert "The same content elsewhere" in said
    assert "read the very same content as text" in said
    assert "does not tell that it came from here" in said


def test_of_bytes_that_stand_in_many_places_only_the_newest_are_looked_at(
    northwind: Company, browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.lineage.further.LOOKED_AT", 1)
    first, *_, last = quick(northwind, 4, steps=2)
    context = (
        browsing(northwind.auditor).get(reverse("runs:output", args=[step_of(first, "step_0").pk])).context
    )
    assert [edge.step for edge in context["used"]] == [step_of(first, "step_1")]  # however many read it since
    places = {(edge.role, edge.step_id) for edge in context["elsewhere"]}
    assert places == {("input", step_of(last, "step_1").pk), ("output", step_of(last, "step_1").pk)}


def test_what_failed_made_nothing_to_be_read(northwind: Company, browsing: Browsing) -> None:
    said = text_of(page_of(browsing, northwind, failed(northwind).steps.get()))
    assert "It made nothing that could be read." in said
    assert "No other step has read" not in said
