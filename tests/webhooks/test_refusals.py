"""What a webhook refuses, with which words, and what it counts of it."""

import logging
import time
from uuid import UUID

import pytest
from django.db import connection
from pytest_django import Settings

from governance.access.people import disable_person, enable_person
from governance.errors import WrongState
from governance.ledger.models import Event
from runs.records.models import Run
from runs.webhooks.models import Refusal, Webhook
from runs.webhooks.rotating import adopt_webhook, rotate_webhook
from runs.webhooks.services import create_webhook, disable_webhook, enable_webhook, retire_webhook
from tests.api.callers import problem_of
from tests.factories.cast import Company
from tests.factories.runs import chain, put_into_effect, released
from tests.factories.things import make_version
from tests.factories.webhooks import BODY, Sender, counted, second_operator, sender
from tests.visiting import visitor

DEEP = b'{"letter": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"
WRONG: dict[str, tuple[bytes, str]] = {
    "deep": (DEEP, "nested"),
    "a NUL": (b'{"letter": "a\\u0000b"}', "NUL"),
    "half a pair": (b'{"letter": "\\ud800"}', "surrogate"),
    "a doubled key": (b'{"letter": "a", "letter": "b"}', "twice"),
    "not a number": (b'{"letter": NaN}', "NaN"),
    "a huge number": (b'{"letter": 1e999}', "too large"),
    "no UTF-8": (b'{"letter": "\xff"}', "UTF-8"),
    "no JSON": (b"letter=a", "not JSON"),
    "a list": (b'["a"]', "not an object"),
    "no text": (b'{"letter": 7}', "is a text"),
    "empty": (b'{"letter": ""}', "empty"),
    "missing": (b"{}", "missing"),
    "unknown": (b'{"letter": "a", "more": 1}', "no such input"),
}


@pytest.fixture
def post_room(northwind: Company) -> Sender:
    """Whoever delivers letters."""
    return sender(northwind, name="Post room")


@pytest.mark.parametrize("name", WRONG)
def test_a_body_that_does_not_fit_is_refused_in_words(name: str, post_room: Sender) -> None:
    body, words = WRONG[name]
    post_room.client.get(post_room.url)  # what is loaded once is loaded
    began = time.process_time()

    problem = problem_of(post_room.send(body), 422)

    assert words in problem["detail"]
    assert time.process_time() - began < 1
    assert counted(post_room.webhook) == {"content": 1}
    assert not Run.objects.exists()


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options", "trace"])
def test_no_other_method_is_answered(method: str, post_room: Sender) -> None:
    answer = getattr(post_room.client, method)(post_room.url)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize("address", ["x", "a" * 5_000, "a%00b", "%ff", "'; --", str(UUID(int=7))])
def test_an_unknown_address_is_not_there(address: str, post_room: Sender) -> None:
    answer = post_room.client.post(f"/hooks/{address}", BODY, content_type="application/json")

    assert problem_of(answer, 404)


def test_a_disabled_webhook_is_not_there(northwind: Company, post_room: Sender) -> None:
    disable_webhook(post_room.webhook, actor=northwind.operator, reason="The sender is replaced.")
    disabled = problem_of(post_room.send(), 404)
    retire_webhook(post_room.webhook, actor=northwind.operator, reason="For good.")
    retired = problem_of(post_room.send(key="msg_2"), 404)
    unknown = problem_of(post_room.client.post("/hooks/x", BODY, content_type="application/json"), 404)

    for problem in (disabled, retired, unknown):
        problem.pop("instance")
    assert disabled == retired == unknown


def test_a_body_that_is_too_large_is_not_even_read(post_room: Sender, settings: Settings) -> None:
    settings.WEBHOOK_MAX_BYTES = 1_000
    problem = problem_of(post_room.send({"letter": "x" * 1_000}), 413)

    assert "large" in problem["detail"]
    assert counted(post_room.webhook) == {"size": 1}
    exactly = b'{"letter":"' + b"x" * 987 + b'"}'
    assert post_room.send(exactly).status_code == 202


def test_what_is_larger_than_anything_is_refused_in_the_form_for_programs(
    post_room: Sender, settings: Settings
) -> None:
    settings.REQUEST_MAX_BYTES = 100

    assert problem_of(post_room.send({"letter": "x" * 200}), 413)


@pytest.mark.parametrize("said", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_taken(said: str, post_room: Sender) -> None:
    assert problem_of(post_room.send(content_type=said), 415)
    assert counted(post_room.webhook) == {"type": 1}


def test_only_utf_8_is_taken(post_room: Sender) -> None:
    assert problem_of(post_room.send(content_type="application/json; charset=latin-1"), 415)


def test_who_signs_wrongly_too_fast_is_told_when_to_come_again_and_holds_up_nobody(
    post_room: Sender, settings: Settings
) -> None:
    settings.WEBHOOK_SENDER_PER_MINUTE = 2
    # Three in one minute of the clock.
    answers = [post_room.send(key=f"msg_{n}", webhook_signature="v1,AAAA") for n in range(5)]

    slow = next(answer for answer in answers if answer.status_code == 429)
    assert problem_of(slow, 429)
    assert 1 <= int(slow.headers["Retry-After"]) <= 60
    assert post_room.send(key="msg_6").status_code == 202


def test_a_webhook_has_a_pace_that_only_signed_requests_use_up(post_room: Sender, settings: Settings) -> None:
    settings.WEBHOOK_PER_MINUTE = 2
    for _ in range(5):
        assert post_room.send(webhook_signature="v1,AAAA").status_code == 401
    answers = {post_room.send(key=f"msg_{n}").status_code for n in range(6)}

    assert answers == {202, 429}
    assert counted(post_room.webhook)["pace"] >= 2


def test_when_nothing_is_released_the_sender_may_come_again(northwind: Company) -> None:
    version = make_version(northwind, "workflow", chain(1))
    webhook, secret = create_webhook(
        northwind.project,
        actor=northwind.operator,
        name="Too early",
        workflow=version.asset,
        environment=northwind.development,
    )
    early = Sender(webhook, secret, visitor())

    answer = early.send()

    assert problem_of(answer, 503)["detail"] == "This delivery could start nothing at the moment."
    assert answer.headers["Retry-After"] == "300"
    assert "Nothing is released" in Webhook.objects.get(pk=webhook.pk).hindrance
    put_into_effect(northwind, version)
    assert early.send().status_code == 202


def test_what_a_person_may_not_start_any_more_their_webhook_does_not_start(
    northwind: Company, post_room: Sender
) -> None:
    disable_person(northwind.operator, actor=northwind.owner, organisation=northwind.organisation)
    answers = [post_room.send(key=f"msg_{n}") for n in range(3)]

    assert {answer.status_code for answer in answers} == {503}
    assert "Otto" not in answers[0].content.decode()
    hindered = Webhook.objects.get(pk=post_room.webhook.pk)
    assert "Otto Operator, whose account is disabled" in hindered.hindrance
    assert hindered.hindered_at is not None
    assert Event.objects.filter(kind="webhook.hindered").count() == 1
    assert counted(post_room.webhook) == {"hindered": 3}
    assert not Run.objects.exists()

    enable_person(northwind.person("operator"), actor=northwind.owner, organisation=northwind.organisation)
    assert post_room.send(key="msg_0").status_code == 202
    assert Webhook.objects.get(pk=post_room.webhook.pk).hindrance == ""
    assert Event.objects.filter(kind="webhook.relieved").count() == 1


def test_somebody_else_can_take_it_over(northwind: Company) -> None:
    release = released(northwind, chain(1))
    post_room = sender(northwind, release=release)
    disable_person(northwind.operator, actor=northwind.owner, organisation=northwind.organisation)
    assert post_room.send().status_code == 503
    heir = second_operator(northwind)

    secret = adopt_webhook(post_room.webhook, actor=heir)

    assert post_room.send().status_code == 401, "who knew the earlier secret does not act in the heir's name"
    assert post_room.send(secret=secret).status_code == 202
    assert Run.objects.get().started_by == heir


def test_nobody_makes_a_secret_that_starts_runs_in_the_name_of_another(
    northwind: Company, post_room: Sender
) -> None:
    other = second_operator(northwind)
    with pytest.raises(WrongState, match="Take it over"):
        rotate_webhook(post_room.webhook, actor=other)
    disable_webhook(post_room.webhook, actor=other, reason="Too loud.")

    with pytest.raises(WrongState, match="Take it over"):
        enable_webhook(post_room.webhook, actor=other)


def test_nothing_that_is_secret_or_delivered_stands_in_a_log(
    post_room: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    canary = "the canary of Northwind"
    with caplog.at_level(logging.DEBUG):
        post_room.send({"letter": canary})
        post_room.send({"letter": 7, canary: canary}, key="msg_2")
        post_room.send({"letter": canary}, key="msg_3", webhook_signature="v1,c2VjcmV0")

    said = caplog.text
    raw = post_room.secret.removeprefix("whsec_")
    for secret in (canary, post_room.secret, raw, "c2VjcmV0"):
        assert secret not in said


def test_a_day_of_refusals_is_one_row_and_ninety_days_are_all(post_room: Sender) -> None:
    for _ in range(3):
        post_room.send(webhook_signature="v1,AAAA")
    kept = Refusal.objects.get()
    assert (kept.count, kept.reason) == (3, "signature")

    with connection.cursor() as cursor:  # as if it had been ninety days ago
        cursor.execute("UPDATE runs_webhook_refusal SET day = day - 90")
    post_room.send(webhook_signature="v1,AAAA")

    kept = Refusal.objects.get()
    assert kept.count == 1
    assert kept.day == kept.last_at.date()
