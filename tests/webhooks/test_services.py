"""Opening, rotating, disabling, taking over and retiring: by whom, in which state, with which event."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from governance.accounts.models import User
from governance.errors import Invalid, NotAllowed, NotVisible, WrongState
from governance.ledger.models import Event
from runs.webhooks.models import Delivery, Webhook, WebhookSecret
from runs.webhooks.rotating import adopt_webhook, end_earlier_secret, rotate_webhook
from runs.webhooks.sealing import unseal
from runs.webhooks.services import (
    create_webhook,
    disable_webhook,
    enable_webhook,
    rename_webhook,
    retire_webhook,
)
from tests.factories.cast import Company
from tests.factories.runs import begin, chain, released
from tests.factories.things import make_prompt
from tests.factories.webhooks import a_webhook, sender, told

ACTS: dict[str, Callable[[Webhook, User], Any]] = {
    "rename": lambda webhook, actor: rename_webhook(webhook, actor=actor, name="Anew"),
    "rotate": lambda webhook, actor: rotate_webhook(webhook, actor=actor),
    "end": lambda webhook, actor: end_earlier_secret(webhook, actor=actor),
    "disable": lambda webhook, actor: disable_webhook(webhook, actor=actor, reason="why"),
    "enable": lambda webhook, actor: enable_webhook(webhook, actor=actor),
    "adopt": lambda webhook, actor: adopt_webhook(webhook, actor=actor),
    "retire": lambda webhook, actor: retire_webhook(webhook, actor=actor, reason="why"),
}


def test_a_secret_is_given_once_and_kept_encrypted(northwind: Company) -> None:
    webhook, secret = a_webhook(northwind, name="Post room")

    kept = WebhookSecret.objects.get(webhook=webhook)
    assert secret.startswith("whsec_")
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    assert len(raw) == 32
    assert unseal(kept.sealed) == raw
    assert secret.removeprefix("whsec_") not in kept.sealed
    event = Event.objects.about("webhook", webhook.pk).get()
    assert (event.kind, event.actor, event.project) == (
        "webhook.created",
        northwind.operator.pk,
        northwind.project.pk,
    )
    said = bytes(event.record).decode()
    assert secret not in said
    assert webhook.address not in said


def test_addresses_cannot_be_guessed(northwind: Company) -> None:
    found = {a_webhook(northwind, release=None)[0].address for _ in range(3)}

    assert len(found) == 3
    assert all(len(address) == 32 for address in found)


@pytest.mark.parametrize("part", ["author", "approver", "auditor", "owner"])
@pytest.mark.parametrize("name", ["open", *ACTS])
def test_who_may_not_start_runs_may_not_touch_a_webhook(name: str, part: str, northwind: Company) -> None:
    webhook, _ = a_webhook(northwind)
    with pytest.raises(NotAllowed):
        _act(name, webhook, northwind.person(part))


@pytest.mark.parametrize("name", ["open", *ACTS])
def test_for_others_there_is_no_such_webhook(name: str, northwind: Company, rival: Company) -> None:
    webhook, _ = a_webhook(northwind)
    for outsider in (rival.operator, northwind.stranger, northwind.disabled):
        with pytest.raises(NotVisible):
            _act(name, webhook, outsider)
    assert not Webhook.objects.visible_to(rival.operator).exists()
    assert not WebhookSecret.objects.visible_to(rival.operator).exists()
    assert told(webhook) == ["webhook.created"]


def _act(name: str, webhook: Webhook, actor: User) -> Any:
    if name != "open":
        return ACTS[name](webhook, actor)
    return create_webhook(
        webhook.project,
        actor=actor,
        name="Another",
        workflow=webhook.workflow,
        environment=webhook.environment,
    )


def test_what_does_not_belong_together_is_refused(northwind: Company, rival: Company) -> None:
    workflow = released(northwind, chain(1)).workflow
    asked: dict[str, Any] = {
        "actor": northwind.operator,
        "name": "Post room",
        "workflow": workflow,
        "environment": northwind.development,
    }
    with pytest.raises(Invalid, match="Only a workflow"):
        create_webhook(northwind.project, **{**asked, "workflow": make_prompt(northwind).asset})
    theirs = released(rival, chain(1)).workflow
    with pytest.raises(Invalid, match="Only a workflow"):
        create_webhook(northwind.project, **{**asked, "workflow": theirs})
    with pytest.raises(NotVisible):
        create_webhook(northwind.project, **{**asked, "environment": rival.development})
    for name in ("", "a\x00b", "x" * 121, "line\nbreak", "\u202eturned"):
        with pytest.raises(Invalid) as refused:
            create_webhook(northwind.project, **{**asked, "name": name})
        assert set(refused.value.fields) == {"name"}
    with pytest.raises(Invalid, match="has “letter”"):
        create_webhook(northwind.project, **{**asked, "into": "other"})
    assert not Webhook.objects.exists()


def test_a_name_is_taken_until_its_webhook_is_retired(northwind: Company) -> None:
    first, _ = a_webhook(northwind, name="Post room")
    with pytest.raises(Invalid, match="choose another"):
        a_webhook(northwind, name="Post room")

    retire_webhook(first, actor=northwind.operator, reason="replaced")

    second, _ = a_webhook(northwind, name="Post room")
    assert second.address != first.address


def test_after_a_rotation_both_secrets_are_good_until_the_earlier_one_ends(northwind: Company) -> None:
    post_room = sender(northwind)
    newer = rotate_webhook(post_room.webhook, actor=northwind.operator)

    assert post_room.send(key="a").status_code == 202
    assert post_room.send(key="b", secret=newer).status_code == 202
    numbers = dict(Delivery.objects.values_list("key", "secret"))
    assert numbers == {"a": 1, "b": 2}

    end_earlier_secret(post_room.webhook, actor=northwind.operator)

    assert post_room.send(key="c").status_code == 401
    assert post_room.send(key="d", secret=newer).status_code == 202
    assert WebhookSecret.objects.get(number=1).sealed == ""
    with pytest.raises(WrongState):
        end_earlier_secret(post_room.webhook, actor=northwind.operator)
    assert told(post_room.webhook) == ["webhook.created", "webhook.rotated", "webhook.secret_ended"]


def test_an_earlier_secret_ends_by_itself(northwind: Company) -> None:
    post_room = sender(northwind)
    rotate_webhook(post_room.webhook, actor=northwind.operator, overlap=timedelta(hours=1))
    assert post_room.send(key="a").status_code == 202

    with connection.cursor() as cursor:  # an hour later
        cursor.execute("UPDATE runs_webhook_secret SET ends_at = clock_timestamp() WHERE number = 1")

    assert post_room.send(key="b").status_code == 401


def test_a_secret_can_be_replaced_at_once_and_never_by_three(northwind: Company) -> None:
    post_room = sender(northwind)
    second = rotate_webhook(post_room.webhook, actor=northwind.operator, overlap=timedelta(0))
    assert post_room.send(key="a").status_code == 401

    third = rotate_webhook(post_room.webhook, actor=northwind.operator)
    fourth = rotate_webhook(post_room.webhook, actor=northwind.operator)

    answers = [post_room.send(key=key, secret=key).status_code for key in (second, third, fourth)]
    assert answers == [401, 202, 202]
    assert list(WebhookSecret.objects.good().values_list("number", flat=True)) == [4, 3]
    assert not WebhookSecret.objects.filter(number__lt=3).exclude(sealed="").exists()


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), timedelta(days=7, seconds=1)])
def test_an_overlap_has_bounds(overlap: timedelta, northwind: Company) -> None:
    webhook, _ = a_webhook(northwind)
    with pytest.raises(Invalid, match="168"):
        rotate_webhook(webhook, actor=northwind.operator, overlap=overlap)


def test_a_retired_webhook_takes_nothing_any_more(northwind: Company) -> None:
    post_room = sender(northwind)
    post_room.send()
    retire_webhook(post_room.webhook, actor=northwind.operator, reason="The sender is gone.")

    assert post_room.send(key="b").status_code == 404
    assert not WebhookSecret.objects.exclude(sealed="").exists()
    assert not WebhookSecret.objects.good().exists()
    for act in ACTS.values():
        with pytest.raises(WrongState, match="retired"):
            act(post_room.webhook, northwind.operator)
    assert Delivery.objects.count() == 1


def test_a_state_is_changed_once(northwind: Company) -> None:
    webhook, _ = a_webhook(northwind)
    with pytest.raises(WrongState):
        enable_webhook(webhook, actor=northwind.operator)
    disable_webhook(webhook, actor=northwind.operator, reason="Too loud.")
    with pytest.raises(WrongState):
        disable_webhook(webhook, actor=northwind.operator, reason="Too loud.")
    enable_webhook(webhook, actor=northwind.operator)
    with pytest.raises(WrongState):
        adopt_webhook(webhook, actor=northwind.operator)
    with pytest.raises(Invalid):
        disable_webhook(webhook, actor=northwind.operator, reason=" ")
    assert told(webhook) == ["webhook.created", "webhook.disabled", "webhook.enabled"]


def test_the_database_itself_keeps_where_a_webhook_leads(northwind: Company) -> None:
    post_room = sender(northwind)
    webhook = post_room.webhook
    for change in (
        {"address": "x" * 32},
        {"environment": northwind.staging},
        {"into": "x"},
    ):
        with pytest.raises(IntegrityError, match="leads stays"), transaction.atomic():
            Webhook.objects.filter(pk=webhook.pk).update(**change)
    retire_webhook(webhook, actor=northwind.operator, reason="gone")
    with pytest.raises(IntegrityError), transaction.atomic():
        Webhook.objects.filter(pk=webhook.pk).update(state="enabled")


def test_no_run_can_be_claimed_to_come_from_a_webhook_that_did_not_start_it(northwind: Company) -> None:
    release = released(northwind, chain(1))
    webhook, _ = a_webhook(northwind, release=release)
    run = begin(northwind, release)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(webhook=webhook, key="k", sha256="0" * 64, size=1, secret=1, run=run)


def test_it_is_called_something_else_and_leads_where_it_led(northwind: Company) -> None:
    post_room = sender(northwind)
    webhook, before = post_room.webhook, post_room.webhook.name
    other, _ = a_webhook(northwind, name="Branch")

    rename_webhook(webhook, actor=northwind.operator, name="  Post room, second floor ")

    webhook.refresh_from_db()
    assert webhook.name == "Post room, second floor"
    [_, event] = Event.objects.about("webhook", webhook.pk)
    assert (event.kind, event.details) == (
        "webhook.renamed",
        {"name": "Post room, second floor", "before": before},
    )
    assert post_room.send().status_code == 202
    wrong = {other.name: "choose another", " ": "who or what", "two\nlines": "breaks the line"}
    for taken, why in wrong.items():
        with pytest.raises(Invalid, match=why):
            rename_webhook(webhook, actor=northwind.operator, name=taken)
    with pytest.raises(WrongState, match="called that already"):
        rename_webhook(webhook, actor=northwind.operator, name="Post room, second floor")
