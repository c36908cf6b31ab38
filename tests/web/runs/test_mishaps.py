"""What befell a run on its way stands on its page and on its outputs'."""

import pytest
from django.urls import reverse

from runs.durable.claim import claim
from runs.durable.resume import resume_run
from runs.durable.sweep import sweep
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import expire, finish
from tests.providers.serving import Serving
from tests.visiting import Browsing
from tests.web.runs.reading import page_of, text_of
from tests.web.runs.recorded import answered, quick, waiting

INTERRUPTED = "the worker (dead) stopped answering at “step_0”"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No broker is told."""
    monkeypatch.setattr("runs.durable.sweep.nudge", lambda pool, *, times: None)


def run_page(browsing: Browsing, company: Company, run: Run) -> str:
    """The run's page as an auditor sees it."""
    response = browsing(company.auditor).get(reverse("runs:run", args=[run.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_the_death_of_a_worker_is_told_at_once_on_the_timeline_and_ever_after(
    northwind: Company, browsing: Browsing
) -> None:
    run = waiting(northwind)
    assert claim(run.pk, worker="dead")
    expire(run)
    sweep()
    assert INTERRUPTED in text_of(run_page(browsing, northwind, run))

    done = finish(run)

    page = run_page(browsing, northwind, run)
    assert f"Interrupted: {INTERRUPTED}" in text_of(page)
    assert "after an interruption" in text_of(page)
    drawing = page[page.index('<svg class="drawing wide"') : page.index("</svg>", page.index("Timeline of"))]
    assert "interrupted, nothing was recorded" in drawing
    assert "for another worker" in drawing
    assert "Took the run from a worker that went away at step_0" in page
    for step in done.steps.all():
        said = text_of(page_of(browsing, northwind, step))
        assert said.count(INTERRUPTED) == 2, "at the head, and in words"


def test_a_run_that_was_resumed_says_what_failed_who_resumed_it_and_why(
    northwind: Company, browsing: Browsing, serving: Serving
) -> None:
    serving.be("gone")
    run = answered(northwind)
    assert run.state == Run.State.FAILED
    failed = run.steps.get(node="classify")
    said = text_of(page_of(browsing, northwind, failed))
    assert "failed on attempt 1: the model server broke off before it had answered." in said
    assert "what that cost is not known and is in no sum" in said
    assert "Cost not known" in said
    resume_run(run, actor=northwind.operator, reason="The server is back.")
    serving.be("well")

    done = finish(run)

    assert done.state == Run.State.SUCCEEDED
    told = "it had failed at “classify” (the model server broke off before it had answered). "
    told += f"{northwind.operator.name} let it go on at "
    page = text_of(page_of(browsing, northwind, done.steps.get(node="summarise")))
    assert page.count(told) == 2, "at the head, and in words"
    assert page.count("“The server is back.”") == 2
    assert "The model may have had the request, and what that cost is not known" in page
    assert f"Resumed: {told}" in text_of(run_page(browsing, northwind, run))
    assert "not known" in text_of(run_page(browsing, northwind, run))
    assert told not in text_of(page_of(browsing, northwind, done.steps.get(node="redact"))), "it came before"


def test_nothing_is_told_of_a_run_that_went_through(northwind: Company, browsing: Browsing) -> None:
    (run,) = quick(northwind)
    for page in (run_page(browsing, northwind, run), page_of(browsing, northwind, run.steps.get())):
        assert "Interrupted" not in text_of(page)
        assert "Resumed" not in text_of(page)
