"""What the parts of a run use counts for the run that they are a part of."""

from runs.durable.drive import drive
from runs.insight.measures import Scope, runs_by_state, spent, used
from runs.insight.periods import BY_KEY
from runs.insight.search import search
from runs.records.models import Run
from runs.records.used import used_of
from tests.factories.cast import Company
from tests.factories.runs import begin, complaint, finish, released
from tests.factories.standing import workflow
from tests.factories.things import make_version, pin
from tests.providers.serving import Serving


def with_a_subrun(company: Company) -> Run:
    """A run whose only step runs the complaints workflow, which asks a model twice."""
    inner = make_version(company, "workflow", complaint(company))
    step = {"kind": "subrun", "key": "handle", "workflow": pin(inner), "inputs": {"letter": "$letter"}}
    run = finish(begin(company, released(company, workflow(step)), reference="CASE-7"))
    drive(run.parts.get().pk, worker="test")
    return finish(run)


def test_tokens_cost_and_count_belong_to_the_whole_run(northwind: Company, serving: Serving) -> None:
    run = with_a_subrun(northwind)
    assert run.state == Run.State.SUCCEEDED
    assert run.tokens_in == 0
    part = run.parts.get()
    scope = Scope(northwind.auditor, BY_KEY["30d"])

    [row] = spent(scope)
    assert (row.workflow, row.version, row.runs) == (run.workflow.slug, run.version.number, 1)
    assert row.tokens == part.tokens_in + part.tokens_out > 0
    assert (used(scope).runs, used(scope).tokens) == (1, row.tokens)
    assert [sum(counts.values()) for counts in runs_by_state(scope).values()] == [1]

    listed = Run.objects.with_names().get(pk=run.pk)
    found = used_of(listed)
    assert (found.tokens_in, found.tokens_out, found.priced) == (part.tokens_in, part.tokens_out, part.priced)


def test_a_part_is_found_by_its_identifier_and_not_by_its_reference(
    northwind: Company, serving: Serving
) -> None:
    run = with_a_subrun(northwind)
    part = run.parts.get()

    assert search("CASE-7", actor=northwind.auditor).runs == [run]
    assert search("ASE-7", actor=northwind.auditor).runs == [run]
    assert search(str(part.pk), actor=northwind.auditor).runs == [part]
