"""Confidential and personal contents are masked wherever they would stand, until somebody reveals them."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from governance.access.models import Grant
from governance.access.services import revoke_role
from governance.ledger.models import Event
from runs.memory.models import Entry
from runs.people.models import Task
from runs.reading import revealing
from runs.reading.models import Opened, Ticket
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, finish, personal, released
from tests.factories.schedules import scheduled
from tests.factories.waits import asking, task_of
from tests.visiting import Browsing, visitor

CANARY = "the canary sings at midnight"
LETTER = f"Dear bank, {CANARY}. Yours, Ada"
WHY = {"purpose": "complaint", "reason": "Ms Lovelace asks what became of it."}


@pytest.fixture
def run(northwind: Company) -> Run:
    """Of a letter that is personal data."""
    return finish(begin(northwind, released(northwind, personal(chain(1))), LETTER))


def keeping() -> dict[str, Any]:
    """A workflow that remembers a part of what its step made of the letter, which no output is."""
    content = personal(chain(1))
    [step] = content["nodes"]
    remember = {"namespace": "senders", "key": "ada", "path": "text"}
    return {**content, "nodes": [{**step, "remember": remember}]}


def task_for(company: Company, kind: str) -> Task:
    """What a run asks about a letter that is personal data."""
    return task_of(finish(begin(company, released(company, personal(asking(kind))), LETTER)))


def addresses(company: Company, run: Run) -> list[str]:
    """Where the letter, or what was made of it, would stand."""
    step, letter = run.steps.get(), run.inputs.get().artifact
    other = finish(begin(company, run.release, f"{LETTER}!"))
    finish(begin(company, released(company, keeping()), LETTER))
    entry, task = Entry.objects.latest("id"), task_for(company, "approve")
    return [
        reverse("runs:output", args=[step.pk]),
        reverse("runs:artifact", args=[letter.pk]),
        reverse("runs:artifact", args=[step.output_id]),
        reverse("runs:made", args=[run.version_id]),
        reverse("runs:compare", args=[run.pk, other.pk]),
        reverse("runs:run", args=[run.pk]),
        reverse("runs:memory-value", args=[entry.pk]),
        reverse("runs:task", args=[task.pk]),
        reverse("search", query={"q": CANARY.upper()}),
        reverse("search", query={"q": f"Yours faithfully, {CANARY.upper()} for ever"}),
        reverse("api:output", args=[step.pk]),
        reverse("api:memory-version", args=[entry.pk]),
        reverse("api:task", args=[task.pk]),
        reverse("api:search", query={"q": CANARY.upper()}),
    ]


def reveal(client: Client, *contents: object, **why: str) -> Any:
    """Post the form that reveals."""
    asked = [("content", found) for found in contents] + [("back", "/runs/")]
    address = f"{reverse('runs:reveal')}?{urlencode(asked)}"
    return client.post(address, {"contents": contents, **WHY, **why})


def page(client: Client, address: str) -> str:
    """What comes back."""
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_nothing_of_it_is_on_any_page_or_in_any_answer(
    northwind: Company, run: Run, browsing: Browsing
) -> None:
    for person in (northwind.auditor, northwind.operator, northwind.owner):
        for address in addresses(northwind, run):
            said = page(browsing(person), address)
            assert CANARY not in said, address
    assert not Opened.objects.exclude(ticket__kind=Ticket.Kind.SEARCHED).exists()


@pytest.mark.parametrize("name", ["runs:artifact", "api:artifact-content"])
def test_no_file_of_it_is_handed_over_until_it_is_revealed(
    northwind: Company, run: Run, browsing: Browsing, name: str
) -> None:
    letter, client = run.inputs.get().artifact, browsing(northwind.auditor)
    address = reverse(name, args=[letter.pk]) + ("?download=1" if name == "runs:artifact" else "")

    refused = client.get(address)
    assert refused.status_code == 403
    assert "reveal it first" in refused.content.decode()
    assert CANARY not in refused.content.decode()
    assert reveal(client, letter.pk).status_code == 302
    assert client.get(address).content.decode() == LETTER
    assert Ticket.objects.filter(kind="exported", opened__artifact=letter).count() == 1


def test_what_is_revealed_is_shown_and_stands_in_the_log_with_purpose_and_reason(
    northwind: Company, run: Run, browsing: Browsing
) -> None:
    step, letter, client = run.steps.get(), run.inputs.get().artifact, browsing(northwind.auditor)
    address = reverse("runs:output", args=[step.pk])
    assert "Personal data, masked." in page(client, address)

    answer = reveal(client, letter.pk, step.output_id)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/runs/")

    shown = page(client, address)
    assert CANARY in shown
    assert "masked" not in shown
    told = Ticket.objects.get(kind="revealed")
    assert (told.purpose, told.reason, told.contents) == ("A complaint", WHY["reason"], 2)
    assert (told.run, told.project) == (run, northwind.project)
    event = Event.objects.get(pk=told.event)
    assert (event.kind, event.details["reason"]) == ("content.revealed", WHY["reason"])
    log = page(client, reverse("runs:access", query={"kind": "revealed"}))
    assert WHY["reason"] in log
    assert WHY["reason"] in page(client, reverse("runs:access-export"))
    assert WHY["reason"] in page(client, reverse("api:reads"))
    # Each look at it afterwards is a reading like any other.
    assert Ticket.objects.filter(kind="opened", opened__artifact=letter).count() == 1


def test_it_is_revealed_to_one_person_in_one_session_and_for_five_minutes(
    northwind: Company, run: Run, browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter, client = run.inputs.get().artifact, browsing(northwind.auditor)
    address = reverse("runs:artifact", args=[letter.pk])
    reveal(client, letter.pk)

    assert CANARY in page(client, address)
    assert CANARY not in page(browsing(northwind.auditor), address)
    assert CANARY not in page(browsing(northwind.operator), address)
    monkeypatch.setattr(revealing, "LIFE", timedelta(0))
    assert CANARY not in page(client, address)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"reason": "because"}, "10 letters or more"),
        ({"reason": ""}, "Say why it is needed."),
        ({"purpose": ""}, "Say what you need it for."),
        ({"purpose": "curiosity"}, "Select a valid choice"),
        ({"contents": ""}, "Select a valid choice"),
    ],
)
def test_without_a_purpose_and_a_reason_nothing_is_revealed_and_nothing_lost(
    northwind: Company, run: Run, browsing: Browsing, wrong: dict[str, str], said: str
) -> None:
    letter, client = run.inputs.get().artifact, browsing(northwind.auditor)

    answer = reveal(client, letter.pk, **wrong)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert wrong.get("reason", WHY["reason"]) in answer.content.decode()
    assert not Ticket.objects.exists()


def test_who_may_not_reveal_is_refused_and_it_is_recorded(
    northwind: Company, run: Run, browsing: Browsing
) -> None:
    letter = run.inputs.get().artifact
    for person in (northwind.author, northwind.approver, northwind.owner):
        answer = reveal(browsing(person), letter.pk)
        assert answer.status_code == 403
        assert "Operators and auditors" in answer.content.decode()
    assert Event.objects.filter(kind="content.refused", object_id=letter.pk).count() == 3
    assert reveal(browsing(northwind.stranger), letter.pk).status_code == 404
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("back", ["https://example.com/", "//example.com", "runs", ""])
def test_the_way_back_leads_nowhere_else(northwind: Company, run: Run, browsing: Browsing, back: str) -> None:
    letter = run.inputs.get().artifact
    address = reverse("runs:reveal", query={"content": str(letter.pk), "back": back})
    answer = browsing(northwind.auditor).post(address, {"contents": [letter.pk], **WHY})
    assert answer.headers["Location"] == "/"


def test_a_remembered_value_is_revealed_by_its_own_page(northwind: Company, browsing: Browsing) -> None:
    finish(begin(northwind, released(northwind, keeping()), LETTER))
    entry, client = Entry.objects.latest("id"), browsing(northwind.operator)
    address = reverse("runs:memory-value", args=[entry.pk])
    assert f"memory={entry.pk}" in page(client, address)

    asked = {"content": str(entry.artifact_id), "memory": str(entry.pk), "back": address}
    answer = client.post(reverse("runs:reveal", query=asked), {"contents": [entry.artifact_id], **WHY})
    assert answer.headers["Location"] == address
    assert "masked" not in page(client, address)


def test_who_decides_a_task_reveals_it_by_one_click_with_the_task_as_the_reason(
    northwind: Company, browsing: Browsing
) -> None:
    task = task_for(northwind, "approve")
    address, act = (reverse(name, args=[task.pk]) for name in ("runs:task", "runs:task-reveal"))
    client = browsing(northwind.operator)

    assert "Reveal it to decide" in page(client, address)
    assert "Reveal it to decide" not in page(browsing(northwind.auditor), address)
    assert browsing(northwind.auditor).post(act).status_code == 403
    assert client.post(act).headers["Location"] == address
    assert CANARY in page(client, address)
    told = Ticket.objects.get(kind="revealed")
    assert (told.about_type, told.about_id, told.run) == ("task", task.pk, task.run)
    assert (told.purpose, told.reason) == ("a decision on a task", f"To decide “{task.title}”.")

    decision = {"decision": "approve", "reason": "Looks right."}
    assert client.post(address, decision).status_code == 302
    assert client.post(act).status_code == 409


def test_an_edit_begins_with_what_is_revealed_and_is_not_lost_when_the_time_is_over(
    northwind: Company, browsing: Browsing
) -> None:
    task = task_for(northwind, "edit")
    address, client = reverse("runs:task", args=[task.pk]), browsing(northwind.operator)
    assert "Reveal what it is about first" in page(client, address)
    assert 'name="value"' not in page(client, address)

    edit = {"decision": "edit", "reason": "More polite.", "value": "Dear Ms Lovelace,"}
    assert client.post(address, edit).status_code == 302
    task.refresh_from_db()
    assert (task.state, task.decision) == (Task.State.DECIDED, "edit")
    assert Ticket.objects.filter(kind="revealed", about_id=task.pk).count() == 1


def test_what_is_as_public_as_before_is_masked_once_it_is_used_as_personal(
    northwind: Company, browsing: Browsing
) -> None:
    letter = "The very same letter, twice"
    first = finish(begin(northwind, released(northwind, chain(1)), letter))
    address = reverse("runs:artifact", args=[first.inputs.get().artifact_id])
    client = browsing(northwind.auditor)
    assert letter in page(client, address)

    finish(begin(northwind, released(northwind, personal(chain(1))), letter))
    assert letter not in page(client, address)


def test_a_ticket_that_is_older_reveals_nothing(northwind: Company, run: Run) -> None:
    letter, actor = run.inputs.get().artifact, northwind.auditor
    reason = WHY["reason"]
    revealing.reveal([letter], actor=actor, session="s", purpose="audit", reason=reason)
    assert revealing.revealed_to(actor, "s", [letter.pk]) == {letter.pk}
    assert revealing.revealed_to(actor, "another", [letter.pk]) == set()
    assert revealing.revealed_to(northwind.operator, "s", [letter.pk]) == set()
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr(revealing, "LIFE", timedelta(0))
        assert revealing.revealed_to(actor, "s", [letter.pk]) == set()
    assert visitor(actor).get(reverse("runs:reveal")).status_code == 404


def test_what_was_revealed_is_masked_again_for_who_may_not_reveal_any_more(
    northwind: Company, run: Run
) -> None:
    letter, actor = run.inputs.get().artifact, northwind.auditor
    revealing.reveal([letter], actor=actor, session="s", purpose="audit", reason=WHY["reason"])
    assert revealing.revealed_to(actor, "s", [letter.pk]) == {letter.pk}

    for grant in Grant.objects.filter(person=actor, revoked_at=None):
        revoke_role(grant, actor=northwind.owner, reason="They left the audit.")
    assert revealing.revealed_to(northwind.person("auditor"), "s", [letter.pk]) == set()


def test_the_texts_of_a_schedule_are_masked_for_who_may_not_change_it(
    northwind: Company, browsing: Browsing
) -> None:
    release = released(northwind, personal(chain(1)))
    schedule = scheduled(northwind, release, inputs={"letter": LETTER})
    shown = [reverse(name, args=[schedule.pk]) for name in ("runs:schedule", "api:schedule")]

    assert all(CANARY in page(browsing(northwind.operator), address) for address in shown)
    assert not any(CANARY in page(browsing(northwind.auditor), address) for address in shown)
    open_to_all = scheduled(northwind, inputs={"letter": LETTER}, name="Of internal letters")
    assert CANARY in page(browsing(northwind.auditor), reverse("runs:schedule", args=[open_to_all.pk]))
