"""Runs that ended elsewhere: taken over whole, or not at all, and then like any other."""

from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from governance.errors import Invalid, NotAllowed, NotVisible
from governance.ledger.models import Event
from governance.releases.models import Release
from runs.artifacts.opening import bytes_of
from runs.lineage.bulk import LINES_AT_ONCE, import_runs
from runs.lineage.closure import closure
from runs.lineage.forward import first_page
from runs.lineage.models import Edge
from runs.lineage.subjects import Subject, SubjectKind
from runs.lineage.trace import trace_output
from runs.records.models import Run, RunInput, Step
from tests.factories.cast import Company
from tests.factories.imports import BEGAN, imported_run, imported_step, lines_of
from tests.factories.runs import begin, chain, finish, released
from tests.factories.things import make_model, make_prompt, pin

pytestmark = pytest.mark.django_db
REASON = "From the old system."


@pytest.fixture
def release(northwind: Company) -> Release:
    return released(northwind, chain(2))


def take(company: Company, *runs: dict[str, Any]) -> Any:
    return import_runs(company.project, actor=company.owner, lines=lines_of(*runs), reason=REASON)


def test_a_run_is_taken_over_with_all_that_it_read_and_made(northwind: Company) -> None:
    prompt, model = make_prompt(northwind), make_model(northwind)
    asked = {"kind": "llm", "prompt": pin(prompt), "model": pin(model), "inputs": {"letter": "step_0.text"}}
    first = chain(1)["nodes"][0] | {"next": "step_1"}
    workflow = chain(1) | {"nodes": [first, asked | {"key": "step_1"}], "output": "step_1"}
    release = released(northwind, workflow)
    content = imported_run(release, 1)
    content["steps"][1] |= {"sent": {"text": "Summarise."}, "cost": "0.25"}
    done = take(northwind, content)

    run = Run.objects.get(reference="OLD-1")
    assert (done.runs, done.steps, done.edges) == (1, 2, 5)
    assert (run.state, run.origin, run.release, run.approvals) == ("succeeded", "import", release, [])
    assert (str(run.cost), run.priced, run.position) == ("0.250000000", True, 2)
    assert run.started_at is not None
    assert run.started_at.isoformat().startswith(BEGAN[:-1])
    last = Step.objects.get(run=run, node="step_1")
    assert (last.kind, last.prompt_version, last.model_version) == ("llm", prompt, model)
    assert (first_step := Step.objects.get(run=run, node="step_0")).function == "nothing@1"
    assert last.output == run.output
    trace = trace_output(last)
    assert [found.node for found in trace.upstream] == ["step_0"]
    assert [given.filename for given in trace.inputs] == ["letter.txt"]
    assert bytes_of(run.output) == b'{"text":"second 1"}' if run.output else False
    relied = first_page(Subject(SubjectKind.VERSION, str(prompt.pk)), actor=northwind.auditor).found
    assert [found.step for found in relied] == [last.pk]
    assert [found.step for found in closure([first_step.pk]).reached] == [last.pk]


def test_the_ledger_tells_each_run_and_the_file(northwind: Company, release: Release) -> None:
    done = take(northwind, imported_run(release, 1), imported_run(release, 2))

    told = list(Event.objects.filter(kind="run.imported").order_by("id"))
    assert [event.details["reference"] for event in told] == ["OLD-1", "OLD-2"]
    assert {(event.details["steps"], event.details["edges"]) for event in told} == {(2, 4)}
    assert {event.run for event in told} == set(Run.objects.values_list("pk", flat=True))
    whole = Event.objects.get(kind="history.imported")
    assert whole.details["sha256"] == done.sha256
    assert (whole.details["runs"], whole.details["reason"]) == (2, REASON)
    assert all(event.holds and event.actor == northwind.owner.pk for event in (*told, whole))


def test_nothing_is_added_to_an_imported_run(northwind: Company, release: Release) -> None:
    take(northwind, imported_run(release, 1))
    step = Step.objects.latest("position")
    edge = Edge.objects.filter(step=step).latest("id")
    given = RunInput.objects.get()

    for row in (step, edge, given):
        row.pk = None
        row._state.adding = True
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


def test_a_step_of_a_run_that_was_not_imported_is_still_refused(northwind: Company, release: Release) -> None:
    run = finish(begin(northwind, release))
    step = Step.objects.filter(run=run).latest("position")
    step.pk, step.position, step._state.adding = None, 9, True

    with pytest.raises(IntegrityError, match="does not stand at this step"), transaction.atomic():
        step.save(force_insert=True)


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "another field": ({"colour": "red"}, "Line 2 is not what an import holds at colour"),
    "no key": ({"key": ""}, "at key"),
    "a state under way": ({"state": "running"}, "at state"),
    "no release": ({"release": 99}, "has no release 99 of a workflow"),
    "no workflow": ({"workflow": "nowhere"}, "has no release 1 of a workflow nowhere"),
    "ends first": ({"finished_at": "2023-01-01T00:00:00Z"}, "Line 2 ends before it begins"),
    "no time zone": ({"started_at": "2024-03-01T09:00:00"}, "at started_at"),
    "reads what comes later": (
        {"steps": [imported_step("a", ("text", "b.text"), said="x")]},
        "says that a read b.text, which was not there yet",
    ),
    "no such node": ({"steps": [imported_step("a", said="x")]}, "has no node a whose steps can be imported"),
    "both text and json": (
        {"steps": [imported_step("step_0", said="x", output={"text": "a", "json": 1})]},
        "gives either text or json",
    ),
    "an empty content": (
        {"steps": [imported_step("step_0", said="x", output={"text": ""})]},
        "The output of step_0 is empty",
    ),
    "a NUL": ({"reference": "a\x00b"}, "Line 2 has a text that contains a NUL character"),
    "the same key": ({"key": "old-1"}, "Line 2 has the key of line 1"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_line_is_named_and_nothing_is_kept(northwind: Company, release: Release, case: str) -> None:
    changed, complaint = CASES[case]
    with pytest.raises(Invalid) as caught:
        take(northwind, imported_run(release, 1), imported_run(release, 2) | changed)

    assert complaint in caught.value.message
    assert not Run.objects.exists()
    assert not Event.objects.filter(kind="run.imported").exists()


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"{", "Line 1 is not JSON"),
        (b"\xff", "Line 1 is not UTF-8"),
        (b"[]", "Line 1 "),
        (b'{"key": "a", "key": "b"}', "Line 1 "),
        (b'{"key": NaN}', "Line 1 "),
        (b"\n", "every line is empty"),
    ],
)
def test_what_is_no_line_is_refused(northwind: Company, line: bytes, complaint: str) -> None:
    with pytest.raises(Invalid, match=complaint):
        import_runs(northwind.project, actor=northwind.owner, lines=[line], reason=REASON)


def test_a_run_is_imported_once(northwind: Company, release: Release) -> None:
    take(northwind, imported_run(release, 1))
    with pytest.raises(Invalid, match="Line 2: a run with this key was imported before: old-1"):
        take(northwind, imported_run(release, 3), imported_run(release, 1))
    assert Run.objects.count() == 1


def test_a_wrong_line_after_many_takes_all_of_them_back(northwind: Company, release: Release) -> None:
    runs = [imported_run(release, number, steps=[], inputs=[]) for number in range(LINES_AT_ONCE + 1)]
    with pytest.raises(Invalid, match=f"Line {LINES_AT_ONCE + 1:,}"):
        take(northwind, *runs[:-1], runs[-1] | {"release": 99})
    assert not Run.objects.exists()


def test_contents_that_are_there_already_are_not_stored_twice(northwind: Company, release: Release) -> None:
    take(northwind, imported_run(release, 1))
    take(northwind, imported_run(release, 1) | {"key": "again"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT sha256) FROM runs_artifact")
        assert cursor.fetchone() == (3, 3)


def test_only_owners_import(northwind: Company, rival: Company, release: Release) -> None:
    lines = lines_of(imported_run(release, 1))
    for person in (northwind.operator, northwind.author, northwind.auditor):
        with pytest.raises(NotAllowed):
            import_runs(northwind.project, actor=person, lines=lines, reason=REASON)
    for person in (rival.owner, northwind.disabled):
        with pytest.raises(NotVisible):
            import_runs(northwind.project, actor=person, lines=lines, reason=REASON)
    with pytest.raises(Invalid, match="Say where"):
        import_runs(northwind.project, actor=northwind.owner, lines=lines, reason=" ")


def command(company: Company, file: str) -> str:
    said = StringIO()
    named = f"{company.organisation.slug}/{company.project.slug}"
    call_command("import_runs", file, project=named, by=company.owner.email, reason=REASON, stdout=said)
    return said.getvalue()


def test_the_command_reads_a_file_and_says_how_much_it_took(
    northwind: Company, release: Release, tmp_path: Path
) -> None:
    file = tmp_path / "old.jsonl"
    file.write_bytes(b"".join(lines_of(imported_run(release, 1), imported_run(release, 2))))

    assert command(northwind, str(file)).startswith("imported 2 runs, 4 steps, 8 edges, sha256 ")
    with pytest.raises(CommandError, match=r"Line 1: a run with this key .* Nothing was imported\."):
        command(northwind, str(file))


def test_the_command_reads_the_standard_input(
    northwind: Company, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = BytesIO(b"".join(lines_of(imported_run(release, 1))))
    monkeypatch.setattr("sys.stdin", TextIOWrapper(given))
    assert command(northwind, "-").startswith("imported 1 runs")


def test_the_command_says_what_it_cannot_find(northwind: Company, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        command(northwind, str(tmp_path / "missing"))
    for project, by, complaint in (
        ("nowhere", northwind.owner.email, "sees no project called nowhere"),
        (northwind.project.slug, "nobody@example.org", "Nobody here has the address"),
    ):
        with pytest.raises(CommandError, match=complaint):
            call_command("import_runs", "-", project=project, by=by, reason=REASON)
