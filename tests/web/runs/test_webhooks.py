"""Pages of webhooks: the secret once, what came, what was refused, and who may do what."""

import re
from typing import Any

import pytest
from django.test import Client

from governance.access.people import disable_person
from runs.records.models import Run
from runs.webhooks.models import Webhook
from runs.webhooks.services import retire_webhook
from tests.factories.cast import Company
from tests.factories.runs import chain, released
from tests.factories.things import make_version
from tests.factories.webhooks import Sender, a_webhook, second_operator, sender
from tests.visiting import Browsing, visitor

SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")
TWO_INPUTS = {**chain(1), "inputs": [{"name": "letter"}, {"name": "file"}]}


def text(answer: Any) -> str:
    """The page as sent."""
    return str(answer.content.decode())


def opened(client: Client, company: Company, **changed: Any) -> Any:
    """Send the form for a workflow in effect in development."""
    release = released(company, chain(1))
    asked = {
        "name": "Post room",
        "workflow": release.workflow_id,
        "environment": company.development.pk,
        "takes": "members",
    }
    return client.post("/webhooks/new/", {**asked, **changed})


def test_a_secret_is_shown_once_on_a_page_that_nothing_keeps(northwind: Company, browsing: Browsing) -> None:
    client = browsing(northwind.operator)
    answer = opened(client, northwind)

    webhook = Webhook.objects.get()
    [secret] = set(SECRET.findall(text(answer)))
    assert f"http://testserver/hooks/{webhook.address}" in text(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    assert Sender(webhook, secret, visitor()).send().status_code == 202
    for place in ("/webhooks/", f"/webhooks/{webhook.pk}/"):
        assert not SECRET.search(text(client.get(place))), place


def test_a_form_that_is_refused_keeps_what_was_typed(northwind: Company, browsing: Browsing) -> None:
    client = browsing(northwind.operator)
    a_webhook(northwind, name="Post room")

    answer = opened(client, northwind)

    assert answer.status_code == 400
    assert "There is a webhook of this name: choose another." in text(answer)
    assert 'value="Post room"' in text(answer)
    assert Webhook.objects.count() == 1


def test_the_body_can_be_the_one_input_where_there_is_one(northwind: Company, browsing: Browsing) -> None:
    client = browsing(northwind.operator)
    assert opened(client, northwind, takes="whole").status_code == 200
    assert Webhook.objects.get().into == "letter"
    two = make_version(northwind, "workflow", TWO_INPUTS).asset

    answer = opened(client, northwind, takes="whole", name="Other", workflow=two.pk)

    assert answer.status_code == 400
    assert "This workflow has “letter”, “file”." in text(answer)


def test_what_is_proposed_is_in_effect_somewhere(northwind: Company, browsing: Browsing) -> None:
    make_version(northwind, "workflow", chain(1))
    release = released(northwind, chain(1), environment=northwind.production)

    page = text(browsing(northwind.operator).get("/webhooks/new/"))

    assert f'<option value="{release.workflow_id}" selected>' in page
    assert f'<option value="{northwind.production.pk}" selected>' in page


def test_what_others_have_is_no_choice(northwind: Company, rival: Company, browsing: Browsing) -> None:
    theirs = released(rival, chain(1))
    client = browsing(northwind.operator)

    for changed in ({"workflow": theirs.workflow_id}, {"environment": rival.development.pk}):
        assert opened(client, northwind, **changed).status_code == 400
    assert not Webhook.objects.exists()


def test_the_page_shows_what_came_and_what_was_refused(northwind: Company, browsing: Browsing) -> None:
    post_room = sender(northwind, name="Post room")
    post_room.send(key="msg_seen")
    post_room.send(webhook_signature="v1,AAAA")

    page = text(browsing(northwind.auditor).get(f"/webhooks/{post_room.webhook.pk}/"))

    run = Run.objects.get()
    assert "msg_seen" in page
    assert f"/runs/{run.pk}/" in page
    assert "Signature, or its time" in page
    assert f"/webhooks/{post_room.webhook.pk}/rotate/" not in page  # an auditor changes nothing
    assert "whsec_…" in page


def test_a_run_says_which_webhook_started_it(northwind: Company, browsing: Browsing) -> None:
    post_room = sender(northwind, name="Post room")
    post_room.send(key="msg_7")

    page = text(browsing(northwind.auditor).get(f"/runs/{Run.objects.get().pk}/"))

    assert f'Started by the webhook <a href="/webhooks/{post_room.webhook.pk}/">Post room</a>' in page
    assert "msg_7" in page


def test_what_is_in_the_way_is_said_to_its_keepers(northwind: Company, browsing: Browsing) -> None:
    post_room = sender(northwind, name="Post room")
    heir = second_operator(northwind)
    disable_person(northwind.operator, actor=northwind.owner, organisation=northwind.organisation)
    post_room.send()
    client, place = browsing(heir), f"/webhooks/{post_room.webhook.pk}/"

    assert "Otto Operator, whose account is disabled" in text(client.get(place))
    assert "Starts nothing" in text(client.get("/webhooks/"))
    shown = client.post(f"{place}adopt/").content.decode()

    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", shown)
    assert secret is not None
    assert "Starts nothing" not in text(client.get("/webhooks/"))
    assert post_room.send(secret=secret[0]).status_code == 202


def test_before_anything_is_released_the_page_says_so(northwind: Company, browsing: Browsing) -> None:
    workflow = make_version(northwind, "workflow", chain(1)).asset
    client = browsing(northwind.operator)
    opened(client, northwind, workflow=workflow.pk)

    page = text(client.get(f"/webhooks/{Webhook.objects.get().pk}/"))

    assert "no release of its workflow is in effect there" in page


def test_acts_on_the_page_do_what_they_say(northwind: Company, browsing: Browsing) -> None:
    post_room = sender(northwind, name="Post room")
    client, place = browsing(northwind.operator), f"/webhooks/{post_room.webhook.pk}/"

    [newer] = set(SECRET.findall(text(client.post(f"{place}rotate/", {"hours": "24"}))))
    assert [post_room.send(key="a").status_code, post_room.send(key="b", secret=newer).status_code] == [
        202,
        202,
    ]
    client.post(f"{place}end-secret/")
    assert post_room.send(key="c").status_code == 401
    client.post(f"{place}disable/", {"reason": "Too loud."})
    assert post_room.send(key="d", secret=newer).status_code == 404
    client.post(f"{place}enable/")
    assert post_room.send(key="d", secret=newer).status_code == 202
    client.post(f"{place}retire/", {"reason": "Gone."})
    assert post_room.send(key="e", secret=newer).status_code == 404
    assert "It is retired." in text(client.get(place))


@pytest.mark.parametrize("hours", ["", "2", "-1", "x"])
def test_an_overlap_is_one_of_those_offered(hours: str, northwind: Company, browsing: Browsing) -> None:
    webhook, _ = a_webhook(northwind)

    answer = browsing(northwind.operator).post(f"/webhooks/{webhook.pk}/rotate/", {"hours": hours})

    assert answer.status_code == 400
    assert webhook.secrets.count() == 1


def test_retired_ones_are_listed_when_asked_for(northwind: Company, browsing: Browsing) -> None:
    webhook, _ = a_webhook(northwind, name="Post room")
    retire_webhook(webhook, actor=northwind.operator, reason="Gone.")
    client = browsing(northwind.auditor)

    assert "Post room" not in text(client.get("/webhooks/"))
    assert "Post room" in text(client.get("/webhooks/?state=retired"))
    assert client.get("/webhooks/?state=other").status_code == 400
    assert client.get("/webhooks/?colour=red").status_code == 400


def test_a_name_is_shown_as_text(northwind: Company, browsing: Browsing) -> None:
    webhook, _ = a_webhook(northwind, name="<script>alert(1)</script>")
    client = browsing(northwind.operator)

    for place in ("/webhooks/", f"/webhooks/{webhook.pk}/"):
        page = text(client.get(place))
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_it_is_renamed_on_its_page(northwind: Company, browsing: Browsing) -> None:
    webhook, _ = a_webhook(northwind, name="Post room")
    client, place = browsing(northwind.operator), f"/webhooks/{webhook.pk}/"
    assert f'action="{place}rename/"' in text(client.get(place))

    said = text(client.post(f"{place}rename/", {"name": "Branch"}, follow=True))

    assert "The webhook is called “Branch” now." in said
    assert "called the webhook Post room Branch" in said
