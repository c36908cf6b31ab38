"""From what may be bad forward: to the steps that relied on it, and to all that came of them."""

from itertools import pairwise
from uuid import UUID

import pytest
from django.db import connection

from governance.accounts.models import User
from runs.durable.decide import decide
from runs.lineage.backward import behind
from runs.lineage.closure import closure
from runs.lineage.forward import Asked, counted, counted_whole, first_page, page
from runs.lineage.subjects import Subject, SubjectKind
from runs.memory.models import Entry
from runs.memory.services import revert_entry
from runs.records.models import Run, RunInput, Step
from tests.factories.cast import Company
from tests.factories.forks import fork_of
from tests.factories.remembered import remembering
from tests.factories.runs import begin, chain, complaint, finish, put_into_effect, released
from tests.factories.things import make_version, pin
from tests.factories.waits import asking, task_of
from tests.providers.serving import Serving

pytestmark = pytest.mark.django_db


def subject(kind: SubjectKind, key: object) -> Subject:
    return Subject(kind, str(key))


def relied(about: Subject, actor: User, most: int = 50) -> list[str]:
    """The nodes of the steps, page by page."""
    found, after = [], None
    while True:
        seen = first_page(about, actor=actor, after=after, most=most)
        found += [Step.objects.get(pk=one.step).node for one in seen.found]
        after = seen.after
        if after is None:
            return found


def came(run: Run, node: str) -> set[tuple[UUID, str, str]]:
    """What came of a step of the run: in which run, at which node, and how."""
    root = Step.objects.get(run=run, node=node)
    found = closure([root.pk]).reached
    return {(one.run, Step.objects.get(pk=one.step).node, one.how) for one in found}


@pytest.fixture
def answered(northwind: Company, serving: Serving) -> Run:
    """A complaint, answered."""
    return finish(begin(northwind, released(northwind, complaint(northwind))))


def test_a_prompt_and_a_model_lead_to_what_they_made(northwind: Company, answered: Run) -> None:
    made = Step.objects.filter(run=answered, node="classify").select_related("prompt_version__asset").get()
    assert made.prompt_version is not None
    assert made.model_version is not None

    for key in (made.prompt_version_id, made.model_version_id):
        assert relied(subject(SubjectKind.VERSION, key), northwind.auditor) == ["summarise", "classify"]
    whole = subject(SubjectKind.MODEL, made.model_version.asset_id)
    assert relied(whole, northwind.auditor, most=1) == ["summarise", "classify"]


def test_a_release_its_version_a_function_and_who_approved_it_lead_to_its_runs(northwind: Company) -> None:
    version = make_version(northwind, "workflow", chain(2))
    release = put_into_effect(northwind, version, environment=northwind.production)
    for _ in range(3):
        finish(begin(northwind, release))
    six = ["step_1", "step_0"] * 3

    for kind, key in (
        (SubjectKind.RELEASE, release.pk),
        (SubjectKind.VERSION, version.pk),
        (SubjectKind.FUNCTION, "nothing@1"),
        (SubjectKind.APPROVER, northwind.approver.pk),
    ):
        assert relied(subject(kind, key), northwind.auditor, most=2) == six
    assert relied(subject(SubjectKind.APPROVER, northwind.author.pk), northwind.auditor) == []
    assert relied(subject(SubjectKind.FUNCTION, "nothing"), northwind.auditor) == []


def test_a_workflow_version_leads_to_the_runs_in_which_it_was_a_step(northwind: Company) -> None:
    inner = make_version(northwind, "workflow", chain(1))
    outer = {
        "inputs": [{"name": "letter"}],
        "nodes": [
            {
                "kind": "subrun",
                "key": "whole",
                "workflow": pin(inner),
                "inputs": {"letter": "$letter"},
                "next": "after",
            },
            {"kind": "function", "key": "after", "function": "nothing@1", "inputs": {"text": "whole.text"}},
        ],
        "start": "whole",
        "output": "after",
    }
    run = finish(begin(northwind, released(northwind, outer)))
    finish(Run.objects.get(parent=run))
    finish(run)

    assert relied(subject(SubjectKind.VERSION, inner.pk), northwind.auditor) == ["step_0"]
    part = Run.objects.get(parent=run)
    assert came(part, "step_0") == {(run.pk, "whole", "part"), (run.pk, "after", "read")}
    last = Step.objects.get(run=run, node="after")
    assert [found.node for found in behind(last).steps] == ["whole", "step_0"]


def test_a_document_leads_to_the_steps_that_read_it(northwind: Company) -> None:
    release = released(northwind, chain(2))
    runs = [finish(begin(northwind, release)) for _ in range(3)]
    given = RunInput.objects.get(run=runs[0])

    about = subject(SubjectKind.ARTIFACT, given.artifact_id)
    assert relied(about, northwind.auditor, most=2) == ["step_0"] * 3
    assert relied(about, northwind.disabled) == []
    assert counted(about, actor=northwind.auditor, most=2) == 2
    assert counted(about, actor=northwind.auditor, most=9) == 3
    assert counted_whole(about, actor=northwind.auditor, seconds=30) == 3


def test_what_others_do_not_reach_is_not_counted(northwind: Company, rival: Company) -> None:
    release = released(northwind, chain(1))
    finish(begin(northwind, release))

    about = subject(SubjectKind.RELEASE, release.pk)
    assert counted_whole(about, actor=rival.owner, seconds=30) == 0
    assert first_page(about, actor=rival.owner).found == ()


def test_an_counted_whole_gives_up_in_time_and_leaves_no_limit_behind(
    northwind: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Asked(b"SELECT pg_sleep(5)::text AS step, true AS fits", {})
    monkeypatch.setattr("runs.lineage.forward.asked_of", lambda subject, projects: slow)
    about = subject(SubjectKind.FUNCTION, "any")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        before = cursor.fetchone()
        assert counted_whole(about, actor=northwind.auditor, seconds=0.01) is None
        cursor.execute("SELECT current_setting('statement_timeout')")
        assert cursor.fetchone() == before


def test_pages_meet_without_a_gap_and_without_a_double(northwind: Company) -> None:
    release = released(northwind, chain(1))
    for _ in range(5):
        finish(begin(northwind, release))
    projects = [northwind.project.pk]
    about, after, found = subject(SubjectKind.RELEASE, release.pk), None, []
    while True:
        seen = page(about, projects=projects, after=after, most=2)
        found += [one.run for one in seen.found]
        after = seen.after
        if after is None:
            break

    assert len(found) == 5
    assert all(first > second for first, second in pairwise(found))


def test_an_output_leads_to_all_that_read_it_and_no_further_than_the_cap(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(6))))
    other = finish(begin(northwind, released(northwind, chain(2))))

    assert came(run, "step_1") == {(run.pk, f"step_{number}", "read") for number in range(2, 6)}
    first = Step.objects.get(run=run, node="step_0")
    whole = closure([first.pk])
    assert [found.distance for found in whole.reached] == sorted(found.distance for found in whole.reached)
    assert not whole.capped
    assert other.pk not in {
        found.run for found in whole.reached
    }  # the same bytes, but nobody read them there
    assert len(closure([first.pk], most=2).reached) == 2
    assert closure([first.pk], most=2).capped


def test_a_branch_leads_to_what_it_chose(answered: Run) -> None:
    assert (answered.pk, "card_desk", "chosen") in came(answered, "classify")
    desk = Step.objects.get(run=answered, node="card_desk")
    assert {found.node for found in behind(desk).steps} == {"redact", "classify", "route"}


def test_memory_leads_from_the_run_that_left_it_to_those_that_read_it(northwind: Company) -> None:
    release = released(northwind, remembering())
    first, second = (finish(begin(northwind, release, "Ada")) for _ in range(2))
    entry = Entry.objects.get(number=1)

    assert relied(subject(SubjectKind.MEMORY, entry.pk), northwind.auditor) == ["look"]
    assert (second.pk, "look", "remembered") in came(first, "keep")
    look = behind(Step.objects.get(run=second, node="look"))
    assert {(found.run_id, found.node) for found in look.steps} >= {(first.pk, "keep"), (first.pk, "look")}
    assert look.runs == {first.pk, second.pk}
    assert {found.run_id for found in look.elsewhere} == {first.pk}


def test_memory_that_was_restored_is_still_what_was_left(northwind: Company) -> None:
    release = released(northwind, remembering())
    first, _ = (finish(begin(northwind, release, "Ada")) for _ in range(2))
    entry = Entry.objects.get(number=1)
    revert_entry(entry, actor=northwind.operator, reason="The second was wrong.")
    third = finish(begin(northwind, release, "Ada"))

    assert third.pk in {found.run for found in first_page(
        subject(SubjectKind.MEMORY, entry.pk), actor=northwind.auditor).found}  # fmt: skip
    assert (third.pk, "look", "remembered") in came(first, "keep")
    assert first.pk in behind(Step.objects.get(run=third, node="look")).runs


def test_a_fork_takes_what_it_copied_along(northwind: Company) -> None:
    run = finish(begin(northwind, released(northwind, chain(3))))
    fork = finish(fork_of(run, position=2, actor=northwind.operator, reason="Once more."))

    assert (fork.pk, "step_0", "forked") in came(run, "step_0")
    assert {(fork.pk, "step_2", "read")} <= {one for one in came(run, "step_1") if one[1] == "step_2"}
    assert run.pk in behind(Step.objects.get(run=fork, node="step_2")).runs


def test_what_a_person_decided_stands_behind_what_came_after(northwind: Company) -> None:
    content = asking("edit", next="after")
    after = {"kind": "function", "key": "after", "function": "nothing@1", "inputs": {"text": "ask"}}
    content["nodes"].append(after)
    run = finish(begin(northwind, released(northwind, content)))
    decide(task_of(run), actor=northwind.operator, decision="edit", reason="Wrong.", value="Corrected.")
    finish(run)
    last = Step.objects.get(run=run, node="after")

    assert [found.node for found in behind(last).decided_by_people] == ["ask"]
