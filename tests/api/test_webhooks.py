"""Webhooks in the API: the secret once, what came, what was refused."""

from governance.access.permissions import Scope
from runs.webhooks.models import Webhook
from tests.api.callers import Caller, by_token, fields_of, problem_of
from tests.counting import queries_of
from tests.factories.cast import Company
from tests.factories.runs import chain, released
from tests.factories.webhooks import Sender, a_webhook, delivered, sender
from tests.visiting import visitor


def test_a_webhook_is_opened_tried_and_rotated(northwind: Company) -> None:
    workflow = released(northwind, chain(1)).workflow
    caller = by_token(northwind.operator, northwind)
    body = {
        "name": "Post room",
        "workflow": f"complaints/{workflow.slug}",
        "environment": "development",
        "into": "letter",
    }

    made = caller.post("webhooks/", body)

    assert made.status_code == 201, made.content
    found, secret = made.json()["webhook"], made.json()["secret"]
    webhook = Webhook.objects.get(pk=found["id"])
    assert found["url"] == f"http://testserver/hooks/{webhook.address}"
    assert webhook.starter == northwind.operator
    post_room = Sender(webhook, secret, visitor())
    assert post_room.send().status_code == 202
    newer = caller.post(f"webhooks/{webhook.pk}/rotate/", {"hours": 0}).json()["secret"]
    assert post_room.send(key="b").status_code == 401
    assert post_room.send(key="b", secret=newer).status_code == 202

    shown = caller.get(f"webhooks/{webhook.pk}/")
    assert secret not in shown.content.decode()
    assert newer not in shown.content.decode()
    assert [each["number"] for each in shown.json()["secrets"]] == [2]
    assert [(each["reason"], each["times"]) for each in shown.json()["refusals"]] == [("signature", 1)]


def test_deliveries_lead_to_their_runs(northwind: Company, auditor: Caller) -> None:
    post_room = sender(northwind)
    for key in ("a", "b"):
        post_room.send(key=key)

    found = auditor.get(f"webhooks/{post_room.webhook.pk}/deliveries/").json()["results"]

    assert [each["key"] for each in found] == ["b", "a"]
    assert auditor.get(f"runs/{found[0]['run']}/").json()["origin"] == "webhook"


def test_a_token_that_may_only_read_opens_nothing(northwind: Company) -> None:
    webhook, _ = a_webhook(northwind)
    reader = by_token(northwind.operator, northwind, scopes=frozenset({Scope.READ}))

    problem_of(reader.post("webhooks/", {}), 403)
    problem_of(reader.post(f"webhooks/{webhook.pk}/rotate/", {}), 403)
    assert webhook.secrets.count() == 1


def test_what_is_wrong_is_named(northwind: Company) -> None:
    workflow = released(northwind, chain(1)).workflow
    caller = by_token(northwind.operator, northwind)
    body = {"name": "Post room", "workflow": str(workflow.pk), "environment": "development"}

    assert fields_of(caller.post("webhooks/", {**body, "into": "other"})) == {"into"}
    assert fields_of(caller.post("webhooks/", {**body, "environment": "nowhere"})) == {"environment"}
    assert fields_of(caller.post("webhooks/", {**body, "starter": str(northwind.author.pk)})) == {"starter"}
    webhook, _ = a_webhook(northwind)
    assert fields_of(caller.post(f"webhooks/{webhook.pk}/rotate/", {"hours": 169})) == {"hours"}


def test_a_list_costs_the_same_however_long_it_is(northwind: Company, auditor: Caller) -> None:
    delivered(northwind)
    pages = visitor(northwind.auditor)
    few = queries_of(auditor, "webhooks/"), queries_of(pages, "/webhooks/")
    for _ in range(4):
        delivered(northwind)

    assert (queries_of(auditor, "webhooks/"), queries_of(pages, "/webhooks/")) == few


def test_a_token_that_starts_runs_does_not_leave_behind_what_does(northwind: Company) -> None:
    """A secret, once known, is good for longer than the token that was shown it."""
    webhook, _ = a_webhook(northwind)
    starts = by_token(northwind.operator, northwind, scopes=frozenset({Scope.READ, Scope.RUNS_WRITE}))

    for part in ("", f"{webhook.pk}/rotate/", f"{webhook.pk}/enable/", f"{webhook.pk}/adopt/"):
        assert problem_of(starts.post(f"webhooks/{part}", {}), 403)["missing"] == "triggers:write"
    assert starts.post(f"webhooks/{webhook.pk}/disable/", {"reason": "It sends twice."}).status_code == 200
    assert webhook.secrets.count() == 1


def test_a_webhook_is_renamed(northwind: Company) -> None:
    webhook, _ = a_webhook(northwind)
    caller = by_token(northwind.operator, northwind, scopes=frozenset({Scope.READ, Scope.RUNS_WRITE}))

    assert caller.post(f"webhooks/{webhook.pk}/rename/", {"name": "Branch"}).json()["name"] == "Branch"
    problem_of(caller.post(f"webhooks/{webhook.pk}/rename/", {"name": "Branch"}), 409)
    assert fields_of(caller.post(f"webhooks/{webhook.pk}/rename/", {})) == {"name"}
