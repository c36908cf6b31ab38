"""What a webhook does with what is rightly signed, over its real address."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook as StandardWebhook

from governance.ledger.models import Event
from runs.artifacts.opening import bytes_of
from runs.records.models import Run
from runs.webhooks.delivering import Hindered, Message, deliver
from runs.webhooks.models import Delivery, Refusal, Webhook
from runs.webhooks.rotating import adopt_webhook
from runs.webhooks.services import disable_webhook
from tests.api.callers import problem_of
from tests.factories.cast import Company
from tests.factories.runs import chain, finish, released
from tests.factories.webhooks import BODY, Sender, second_operator, sender

LETTER = "Dear bank, you charged my card twice."
JSON_INPUT = {**chain(1), "inputs": [{"name": "letter", "media_type": "application/json"}]}


@pytest.fixture
def post_room(northwind: Company) -> Sender:
    """Whoever delivers letters."""
    return sender(northwind, name="Post room")


def given_to(run: Run) -> bytes:
    """The letter that the run was started with."""
    return bytes_of(run.inputs.select_related("artifact").get(name="letter").artifact)


def test_a_delivery_starts_a_run_in_the_name_of_whoever_opened_the_webhook(
    northwind: Company, post_room: Sender
) -> None:
    answer = post_room.send()

    assert answer.status_code == 202, answer.content
    assert answer.headers["Cache-Control"] == "no-store"
    run = Run.objects.get()
    assert answer.json() == {"run": str(run.pk)}
    assert (run.origin, run.started_by, run.environment) == (
        Run.Origin.WEBHOOK,
        northwind.operator,
        northwind.development,
    )
    assert given_to(run).decode() == LETTER
    assert finish(run).state == Run.State.SUCCEEDED


def test_what_was_delivered_is_written_down_without_its_content(post_room: Sender) -> None:
    post_room.send(key="msg_77")

    kept = Delivery.objects.get()
    assert (kept.key, kept.size, kept.secret, kept.sender) == ("msg_77", len(BODY), 1, "127.0.0.1")
    assert kept.sha256 == hashlib.sha256(BODY).hexdigest()
    told = Event.objects.get(kind="webhook.delivered")
    assert (told.run, told.project) == (kept.run_id, post_room.webhook.project_id)
    assert told.details["webhook"] == str(post_room.webhook.pk)
    assert told.details["key"] == "msg_77"
    assert "charged" not in bytes(told.record).decode()


def test_the_same_message_again_is_the_first_run(post_room: Sender) -> None:
    first, again = post_room.send(), post_room.send()

    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() == again.json()
    assert Run.objects.count() == Delivery.objects.count() == 1


def test_a_message_is_known_by_its_id_not_by_when_it_was_signed(post_room: Sender) -> None:
    first = post_room.send()
    again = post_room.send(at=int(datetime.now(tz=UTC).timestamp()) - 100)

    assert again.json() == first.json()


def test_another_body_under_a_known_id_is_refused(post_room: Sender) -> None:
    post_room.send()
    problem = problem_of(post_room.send({"letter": "Another one."}), 409)

    assert "webhook-id" in problem["detail"]
    assert Run.objects.count() == 1
    assert Refusal.objects.get().reason == Refusal.Reason.REUSED


def test_another_form_of_the_same_inputs_under_a_known_id_is_another_body(post_room: Sender) -> None:
    post_room.send()

    assert post_room.send(BODY.replace(b": ", b":  ")).status_code == 409


def test_another_id_is_another_run(post_room: Sender) -> None:
    post_room.send(key="msg_1")
    post_room.send(key="msg_2")

    assert Run.objects.count() == 2


def test_two_webhooks_may_use_the_same_id(northwind: Company, post_room: Sender) -> None:
    other = sender(northwind)
    runs = {post_room.send(key="msg_1").json()["run"], other.send(key="msg_1").json()["run"]}

    assert len(runs) == 2


def test_a_sender_of_the_usual_library_is_understood(post_room: Sender) -> None:
    now = datetime.now(tz=UTC)
    signed = StandardWebhook(post_room.secret).sign("msg_lib", now, BODY.decode())
    headers = {
        "webhook-id": "msg_lib",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": f"v1a,{'A' * 86}== {signed}",
    }

    answer = post_room.client.post(post_room.url, BODY, content_type="application/json", headers=headers)

    assert answer.status_code == 202


def test_what_we_sign_the_usual_library_takes(post_room: Sender) -> None:
    headers = post_room.headers(BODY, "msg_1")

    assert StandardWebhook(post_room.secret).verify(BODY, headers) == json.loads(BODY)


@pytest.mark.parametrize("accept", ["text/html", "application/xml;q=1", "nonsense"])
def test_what_a_sender_says_it_accepts_does_not_matter(accept: str, post_room: Sender) -> None:
    answer = post_room.send(accept=accept)

    assert answer.status_code == 202
    assert answer.headers["Content-Type"] == "application/json"


def test_the_whole_body_can_be_the_one_input(northwind: Company) -> None:
    events = sender(northwind, release=released(northwind, JSON_INPUT), into="letter")
    body = b'{ "type": "letter.arrived",  "data": {"pages": 3, "weight": 0.25} }'

    assert events.send(body).status_code == 202
    assert given_to(Run.objects.get()) == body


def test_the_whole_body_can_be_an_input_that_is_text(northwind: Company) -> None:
    events = sender(northwind, into="letter")

    assert events.send(b'["a", 1]').status_code == 202
    assert given_to(Run.objects.get()) == b'["a", 1]'


@pytest.mark.parametrize("value", [{"pages": [1, 2.5, None]}, "a text", 7, None, [True]])
def test_a_member_is_given_as_json_where_json_is_declared(value: Any, northwind: Company) -> None:
    events = sender(northwind, release=released(northwind, JSON_INPUT))

    assert events.send({"letter": value}).status_code == 202
    assert json.loads(given_to(Run.objects.get())) == value


def test_a_run_leads_to_the_webhook_that_started_it(post_room: Sender) -> None:
    post_room.send()

    found = Delivery.objects.of_run(Run.objects.get().pk).get()
    assert found.webhook == post_room.webhook


@pytest.mark.parametrize("what", ["its state", "its starter"])
def test_what_changes_while_a_delivery_comes_starts_nothing(
    what: str, northwind: Company, post_room: Sender
) -> None:
    known = Webhook.objects.with_names().get(pk=post_room.webhook.pk)
    if what == "its state":
        disable_webhook(known, actor=northwind.operator, reason="Too loud.")
    else:
        adopt_webhook(known, actor=second_operator(northwind))

    with pytest.raises(Hindered):
        deliver(known, actor=northwind.operator, message=Message("msg_1", BODY, 1, "203.0.113.7"))

    assert not Run.objects.exists()
    assert not Delivery.objects.exists()


def test_a_cookie_and_a_missing_csrf_token_change_nothing(northwind: Company, post_room: Sender) -> None:
    post_room.client.force_login(
        northwind.auditor, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    post_room.client.handler.enforce_csrf_checks = True

    assert post_room.send().status_code == 202
    assert Run.objects.get().started_by == northwind.operator
