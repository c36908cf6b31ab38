"""The post room: its scanner delivers the day's letters to a webhook; without it, an empty bag is begun."""

import base64
import time
from typing import Final

from django.db import transaction

from governance.access.permissions import Role
from governance.catalog.models import Asset
from portal.demo import post
from portal.demo.cast import Cast
from portal.demo.letters import all_letters
from portal.demo.play import settled
from portal.demo.releasing import asset, put_into_effect, released, version
from runs.records.models import Run
from runs.schedules.models import Schedule
from runs.schedules.services import create_schedule
from runs.schedules.terms import Terms
from runs.webhooks.models import Delivery, Webhook
from runs.webhooks.receiving import receive
from runs.webhooks.services import create_webhook
from runs.webhooks.signatures import PREFIX, VERSION, Signed, signature_of

SCANNER: Final = "Scanner in the post room"
EMPTY_BAG: Final = "An empty bag every working day"
MESSAGE: Final = "bag-1"


def open_room(cast: Cast) -> None:
    """The workflow in effect, the schedule, and the first bag, held for late pages. Safe to repeat."""
    workflow = _released(cast)
    _schedule(cast, workflow)
    settled(_first_bag(cast, workflow).pk)


def _released(cast: Cast) -> Asset:
    workflow = asset(cast, Asset.Kind.WORKFLOW, post.SLUG, post.PURPOSE)
    one = version(cast, workflow, 1, post.content(), "First version")
    reason = "No number leaves the post room, and no page is lost."
    release = released(cast, one, "Letters are cleared of numbers and held a day for late pages", reason)
    put_into_effect(cast, release, reason="The post room begins today.")
    return workflow


def _schedule(cast: Cast, workflow: Asset) -> None:
    if Schedule.objects.filter(project=cast.project, name=EMPTY_BAG).exists():
        return
    terms = Terms(
        zone="Europe/Berlin",
        cron="0 7 * * 1-5",
        inputs={"letters": "[]"},
        overlap=Schedule.Overlap.ALLOW,  # a bag is held for a day, so the one before is still there
        catch_up=Schedule.CatchUp.NONE,
    )
    operator, production = cast.people[Role.OPERATOR], cast.environments["production"]
    create_schedule(workflow, actor=operator, environment=production, name=EMPTY_BAG, terms=terms)


def _first_bag(cast: Cast, workflow: Asset) -> Run:
    """The run that the first delivery started."""
    known = Delivery.objects.filter(webhook__workflow=workflow, key=MESSAGE).first()
    return Run.objects.get(pk=known.run_id) if known else _delivered(cast, workflow)


@transaction.atomic  # the secret is shown once: without it nothing could be delivered any more
def _delivered(cast: Cast, workflow: Asset) -> Run:
    webhook, secret = create_webhook(
        cast.project,
        actor=cast.people[Role.OPERATOR],
        name=SCANNER,
        workflow=workflow,
        environment=cast.environments["production"],
        into="letters",
    )
    run, _ = receive(webhook, _signed(webhook, secret), is_json=True, sender="127.0.0.1")
    return Run.objects.get(pk=run)


def _signed(webhook: Webhook, secret: str) -> Signed:
    """The letters as the scanner signs them."""
    body, now = post.written(all_letters()), str(int(time.time()))
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signature = signature_of(key, key=MESSAGE, timestamp=now, body=body)
    return Signed(body, MESSAGE, now, f"{VERSION},{base64.b64encode(signature).decode()}")
