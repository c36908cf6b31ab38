"""Opening, settling and closing: by whom, when, and what stays."""

from typing import Any

import pytest

from governance.accounts.models import User
from governance.errors import DomainError, Invalid, NotAllowed, NotVisible, WrongState
from governance.ledger.models import Event
from runs.lineage.subjects import SubjectKind
from runs.memory.models import Entry
from runs.recalls.models import Recall
from runs.recalls.naming import named
from runs.recalls.services import close_recall, open_recall, settle_cases
from runs.records.models import RunInput, Step
from tests.factories.cast import Company
from tests.factories.recalls import WRONG, collected, opened
from tests.factories.remembered import remembering
from tests.factories.runs import begin, chain, finish, released
from tests.factories.things import make_model

pytestmark = pytest.mark.django_db


@pytest.fixture
def recall(northwind: Company) -> Recall:
    """A recall of three cases."""
    run = finish(begin(northwind, released(northwind, chain(3))))
    return collected(opened(northwind, SubjectKind.OUTPUT, Step.objects.get(run=run, node="step_0").pk))


def settle(recall: Recall, by: User, *numbers: int, status: str = "checked", note: str = "") -> Any:
    return settle_cases(recall, actor=by, numbers=numbers, status=status, note=note)


def test_approvers_and_owners_open_and_settle_and_others_do_not(
    northwind: Company, rival: Company, recall: Recall
) -> None:
    about = named("function", "nothing@1", actor=northwind.auditor)
    for person in (northwind.auditor, northwind.operator, northwind.author):
        with pytest.raises(NotAllowed):
            open_recall(northwind.project, actor=person, about=about, title="T", reason=WRONG)
        with pytest.raises(NotAllowed):
            settle(recall, person, 1)
        with pytest.raises(NotAllowed):
            close_recall(recall, actor=person, conclusion="Done.")
    for person in (rival.owner, northwind.stranger, northwind.disabled):
        with pytest.raises(NotVisible):
            settle(recall, person, 1)
    assert (
        opened(northwind, SubjectKind.FUNCTION, "nothing@1", by=northwind.owner).opened_by == northwind.owner
    )
    assert settle(recall, northwind.owner, 1)[0].by_name == northwind.owner.name


def test_a_case_has_the_status_of_its_newest_note_and_keeps_the_others(
    northwind: Company, recall: Recall
) -> None:
    settle(recall, northwind.approver, 1, 2)
    settle(recall, northwind.owner, 2, status="corrected", note="Sent anew.")

    found: dict[int, Any] = {row["number"]: row for row in recall.cases.with_status().values()}
    assert [found[number]["status"] for number in (1, 2, 3)] == ["checked", "corrected", "open"]
    assert (found[2]["note"], found[2]["noted_by"]) == ("Sent anew.", northwind.owner.name)
    assert recall.cases.by_status() == {"checked": 1, "corrected": 1, "open": 1}
    assert recall.cases.get(number=2).notes.count() == 2
    event = Event.objects.filter(kind="case.settled").latest("id")
    assert (event.details["cases"], event.details["status"]) == (1, "corrected")


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"numbers": []}, "Choose a case"),
        ({"numbers": range(1, 1_002)}, "Choose a case"),
        ({"numbers": [1, 99]}, "no case of the recall"),
        ({"status": "gone"}, "no such status"),
        ({"status": "corrected"}, "Say what was done"),
        ({"note": "x" * 1_001}, "1,000 characters"),
    ],
)
def test_what_cannot_be_noted_is_refused_whole(
    northwind: Company, recall: Recall, asked: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(Invalid, match=complaint):
        settle_cases(
            recall, actor=northwind.owner, **{"numbers": [1], "status": "checked", "note": ""} | asked
        )
    assert recall.cases.by_status() == {"open": 3}


def test_a_recall_is_closed_once_every_case_is_settled(northwind: Company, recall: Recall) -> None:
    with pytest.raises(WrongState, match="3 of its cases are open"):
        close_recall(recall, actor=northwind.approver, conclusion="Done.")
    settle(recall, northwind.approver, 1, 2, 3)
    with pytest.raises(Invalid, match="what came of it"):
        close_recall(recall, actor=northwind.approver, conclusion=" ")
    done = close_recall(recall, actor=northwind.approver, conclusion="All letters were right.")

    assert (done.state, done.closed_by_name) == ("closed", northwind.approver.name)
    assert done.closed_at is not None
    for act in (
        lambda: settle(recall, northwind.approver, 1),
        lambda: close_recall(recall, actor=northwind.approver, conclusion="Again."),
    ):
        with pytest.raises(WrongState, match="closed"):
            act()


def test_what_is_still_collected_is_not_closed(northwind: Company) -> None:
    recall = opened(northwind, SubjectKind.FUNCTION, "nothing@1")
    with pytest.raises(WrongState, match="still being collected"):
        close_recall(recall, actor=northwind.approver, conclusion="Done.")


def test_every_subject_has_a_name_and_is_found_within_reach_alone(northwind: Company, rival: Company) -> None:
    release = released(northwind, remembering())
    run = finish(begin(northwind, release, "Ada"))
    model = make_model(northwind)
    things: dict[str, tuple[object, str]] = {
        "version": (release.version_id, "the workflow "),
        "model": (model.asset_id, "every version of the model "),
        "release": (release.pk, " release 1"),
        "artifact": (RunInput.objects.get(run=run).artifact_id, "the content "),
        "output": (Step.objects.filter(run=run)[0].pk, "the output of "),
        "memory": (Entry.objects.get().pk, "senders/Ada@1 in memory"),
        "approver": (northwind.approver.pk, "the approvals of Aron Approver"),
    }
    assert {*things, "function"} == set(SubjectKind)
    for kind, (key, name) in things.items():
        assert name in named(kind, str(key), actor=northwind.auditor).name
        with pytest.raises(NotVisible):
            named(kind, str(key), actor=rival.owner)


@pytest.mark.parametrize(
    ("kind", "key"),
    [("colour", "x"), ("version", "x"), ("function", ""), ("function", "a\x00"), ("output", "")],
)
def test_what_is_no_subject_is_refused(northwind: Company, kind: str, key: str) -> None:
    with pytest.raises(Invalid):
        named(kind, key, actor=northwind.owner)


def test_a_title_and_a_reason_are_needed(northwind: Company) -> None:
    about = named("function", "nothing@1", actor=northwind.owner)
    for title, reason in (("", WRONG), ("T", ""), ("T\u202e", WRONG), ("x" * 201, WRONG), ("T", "a\x00")):
        with pytest.raises(DomainError):
            open_recall(northwind.project, actor=northwind.owner, about=about, title=title, reason=reason)
    assert not Recall.objects.exists()
