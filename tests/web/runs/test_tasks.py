"""The pages of tasks and signals: what is asked, what is decided, and how it shows on the run's own pages."""

import re
from typing import Any

import pytest

from runs.people.models import Task
from runs.records.models import Run, Step
from runs.signals.models import Signal
from tests.counting import queries_of
from tests.factories.asked import asked, output_of
from tests.factories.cast import Company
from tests.factories.runs import LETTER, begin, finish, released
from tests.factories.waits import asking, task_of, team_of, waiting
from tests.visiting import Browsing


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_inbox_holds_what_waits_for_this_person(northwind: Company, browsing: Browsing) -> None:
    team_of(northwind, "Desk", northwind.approver)
    asked(northwind, "approve", title="For operators")
    asked(northwind, "approve", team="desk")

    page = text_of(browsing(northwind.operator).get("/tasks/"))
    assert "For operators" in page
    assert "Look at the reply" not in page
    assert "Look at the reply" in text_of(browsing(northwind.approver).get("/tasks/"))
    everything = text_of(browsing(northwind.auditor).get("/tasks/?view=open"))
    assert "For operators" in everything
    assert "The team Desk" in everything
    assert "Nothing waits for you" in text_of(browsing(northwind.auditor).get("/tasks/"))


def test_the_rail_and_the_home_page_say_that_something_waits(northwind: Company, browsing: Browsing) -> None:
    assert "Runs wait for you" not in text_of(browsing(northwind.operator).get("/"))
    asked(northwind, "approve")

    assert "Runs wait for you" in text_of(browsing(northwind.operator).get("/"))
    assert "Tasks 1" in text_of(browsing(northwind.operator).get("/ledger/"))
    assert "Runs wait for you" not in text_of(browsing(northwind.auditor).get("/"))


@pytest.mark.parametrize("view", ["mine", "open", "decided", "all"])
def test_a_longer_list_costs_no_more_queries(northwind: Company, browsing: Browsing, view: str) -> None:
    client = browsing(northwind.operator)
    release = released(northwind, asking("approve"))

    def add() -> None:
        finish(begin(northwind, release))
        run = finish(begin(northwind, release))
        client.post(f"/tasks/{task_of(run).pk}/", {"decision": "approve", "reason": "x"})

    add()
    before = queries_of(client, f"/tasks/?view={view}")
    add()
    assert queries_of(client, f"/tasks/?view={view}") == before


def test_an_edit_is_decided_on_its_page_and_shown_beside_the_original(
    northwind: Company, browsing: Browsing
) -> None:
    run = asked(northwind, "edit", instructions="Be kind.")
    client, place = browsing(northwind.operator), f"/tasks/{task_of(run).pk}/"
    assert LETTER in text_of(client.get(place))
    assert "Be kind." in text_of(client.get(place))

    # As a browser sends it: with its own line ends.
    answer = client.post(
        place, {"decision": "edit", "reason": "Politer.", "value": "Dear customer,\r\nit is paid back."}
    )

    assert answer.status_code == 302
    assert finish(run).state == "succeeded"
    assert output_of(run) == "Dear customer,\nit is paid back."
    page = text_of(client.get(place))
    assert "What was changed" in page
    assert f"{northwind.operator.name} edited" in page


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"reason": "x"}, "Choose one of these."),
        ({"decision": "edit", "value": "new"}, "Say why you decide so."),
        ({"decision": "edit", "value": LETTER, "reason": "x"}, "You changed nothing"),
        ({"decision": "accept", "value": "new", "reason": "x"}, "You changed it"),
        ({"decision": "approve", "value": "new", "reason": "x"}, "not one of the available choices"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    northwind: Company, browsing: Browsing, body: dict[str, str], words: str
) -> None:
    run = asked(northwind, "edit")
    answer = browsing(northwind.operator).post(f"/tasks/{task_of(run).pk}/", body)

    assert answer.status_code == 400
    assert words in text_of(answer)
    assert body.get("value", "") in answer.content.decode()
    assert Task.objects.get(run=run).state == "open"


def test_an_object_is_edited_as_json(northwind: Company, browsing: Browsing) -> None:
    run = asked(northwind, "edit", subject="draft")
    client, place = browsing(northwind.operator), f"/tasks/{task_of(run).pk}/"

    broken = client.post(place, {"decision": "edit", "reason": "x", "value": '{"text": '})
    assert "is not JSON" in text_of(broken)
    assert (
        client.post(place, {"decision": "edit", "reason": "x", "value": '{"text": "new"}'}).status_code == 302
    )
    finish(run)
    assert output_of(run) == {"text": "new"}


def test_who_is_not_asked_sees_it_and_reads_why(northwind: Company, browsing: Browsing) -> None:
    run = asked(northwind, "approve")
    client, place = browsing(northwind.auditor), f"/tasks/{task_of(run).pk}/"

    page = client.get(place)
    assert "This is asked of those who may start" in text_of(page)
    assert "Record my decision" not in text_of(page)
    assert client.post(place, {"decision": "approve", "reason": "x"}).status_code == 403


def test_a_decision_after_another_is_a_conflict(northwind: Company, browsing: Browsing) -> None:
    run = asked(northwind, "approve")
    client, place = browsing(northwind.operator), f"/tasks/{task_of(run).pk}/"
    client.post(place, {"decision": "approve", "reason": "first"})

    late = client.post(place, {"decision": "reject", "reason": "second"})

    assert late.status_code == 409
    assert "decided this" in text_of(late)


def test_what_a_text_says_is_not_markup(northwind: Company, browsing: Browsing) -> None:
    attack = "<script>alert(1)</script></textarea><b>"
    release = released(northwind, asking("edit", title="<i>Title</i>"))
    run = finish(begin(northwind, release, attack))

    page = browsing(northwind.operator).get(f"/tasks/{task_of(run).pk}/").content.decode()

    assert "<script>alert(1)" not in page
    assert "</textarea><b>" not in page
    assert "<i>Title" not in page


def test_the_page_of_a_run_leads_to_what_it_asks(northwind: Company, browsing: Browsing) -> None:
    run = asked(northwind, "approve")
    address = f"/tasks/{task_of(run).pk}/"

    for place in (f"/runs/{run.pk}/", f"/runs/{run.pk}/progress/"):
        page = browsing(northwind.operator).get(place)
        assert address in page.content.decode()
        assert "It asks: Look at the reply" in text_of(page)
    assert "This is asked of" in text_of(browsing(northwind.auditor).get(f"/runs/{run.pk}/"))


def test_an_operator_tells_a_run_what_happened(northwind: Company, browsing: Browsing) -> None:
    run = finish(begin(northwind, released(northwind, waiting())))
    client = browsing(northwind.operator)
    page = client.get(f"/runs/{run.pk}/")
    assert "It waits to be told: paid" in text_of(page)
    [key] = re.findall(r'name="key" value="([^"]+)"', page.content.decode())

    wrong = client.post(f"/runs/{run.pk}/signal/", {"name": "paid", "payload": "{", "key": key})
    assert wrong.status_code == 400
    assert "is not JSON" in text_of(wrong)
    for _ in range(2):  # sent twice, told once
        told = client.post(f"/runs/{run.pk}/signal/", {"name": "paid", "payload": '{"cents": 5}', "key": key})
        assert told.status_code == 302

    assert Signal.objects.filter(run=run).count() == 1
    assert finish(run).state == "succeeded"
    assert "It waits to be told" not in text_of(client.get(f"/runs/{run.pk}/"))


def test_nothing_is_swapped_under_whoever_types_while_nothing_happens(
    northwind: Company, browsing: Browsing
) -> None:
    run = finish(begin(northwind, released(northwind, waiting())))
    client, place = browsing(northwind.operator), f"/runs/{run.pk}/progress/"
    first = client.get(place)

    assert client.get(place, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert "csrfmiddlewaretoken" not in first.content.decode()


def test_who_does_not_operate_is_offered_no_signal(northwind: Company, browsing: Browsing) -> None:
    run = finish(begin(northwind, released(northwind, waiting())))
    assert "Tell the run" not in text_of(browsing(northwind.auditor).get(f"/runs/{run.pk}/"))


def test_a_decision_and_a_signal_lead_back_to_who_gave_them(northwind: Company, browsing: Browsing) -> None:
    run = asked(northwind, "edit")
    client = browsing(northwind.operator)
    body = {"decision": "edit", "reason": "Politer.", "value": "Dear customer."}
    client.post(f"/tasks/{task_of(run).pk}/", body)
    finish(run)
    page = text_of(browsing(northwind.auditor).get(output_page(run, "ask")))
    assert f"By {northwind.operator.name}" in page
    assert "Politer." in page
    assert LETTER in page, "the original is what the step read"

    told = finish(begin(northwind, released(northwind, waiting())))
    client.post(f"/runs/{told.pk}/signal/", {"name": "paid", "payload": '{"cents": 5}', "key": "k"})
    finish(told)
    page = text_of(browsing(northwind.auditor).get(output_page(told, "payment")))
    assert f"Told by {northwind.operator.name}" in page
    assert "from signal:paid" in page


def output_page(run: Run, node: str) -> str:
    return f"/outputs/{Step.objects.get(run=run, node=node).pk}/"
