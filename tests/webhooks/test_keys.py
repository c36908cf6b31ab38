"""The keys under which the secrets of webhooks are kept: without one, exchanged, and wrong."""

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from pydantic import ValidationError
from pytest_django import Settings

from governance.errors import NotAllowed
from portal.checks import secrets_can_be_kept
from portal.env import Environment
from runs.webhooks.rotating import reseal_webhook
from runs.webhooks.sealing import NotSealed
from tests.factories.cast import Company
from tests.factories.webhooks import Sender, a_webhook, sender, told


def test_without_a_key_no_webhook_is_opened_and_none_answers(northwind: Company, settings: Settings) -> None:
    post_room = sender(northwind)
    settings.ENCRYPTION_KEYS = []
    with pytest.raises(NotSealed, match="ENCRYPTION_KEYS is not set"):
        a_webhook(northwind)

    answer = post_room.send()

    assert answer.status_code == 503
    assert "ENCRYPTION_KEYS" not in answer.content.decode()


def test_who_installs_is_told_that_a_key_is_missing(settings: Settings) -> None:
    assert secrets_can_be_kept(app_configs=None) == []
    settings.ENCRYPTION_KEYS = []

    [told_so] = secrets_can_be_kept(app_configs=None)
    assert (told_so.id, told_so.is_serious()) == ("portal.W002", False)


def test_keys_are_replaced_without_a_gap(northwind: Company, settings: Settings) -> None:
    post_room: Sender = sender(northwind)
    old, new = settings.ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, old]
    assert post_room.send(key="a").status_code == 202

    call_command("reseal_webhooks", verbosity=0)
    call_command("reseal_webhooks", verbosity=0)

    settings.ENCRYPTION_KEYS = [new]
    assert post_room.send(key="b").status_code == 202
    assert told(post_room.webhook).count("webhook.resealed") == 1
    with pytest.raises(NotAllowed):
        reseal_webhook(post_room.webhook, actor=northwind.owner)
    settings.ENCRYPTION_KEYS = [old]
    assert post_room.send(key="c").status_code == 503


@pytest.mark.parametrize("wrong", ["short", "x" * 44, f"{'A' * 43}=,short"])
def test_what_is_no_key_stops_the_start_and_is_not_repeated(wrong: str) -> None:
    with pytest.raises(ValidationError, match="encryption_keys") as refused:
        Environment(encryption_keys=wrong)  # type: ignore[arg-type]  # as the environment gives it
    assert wrong not in str(refused.value)
