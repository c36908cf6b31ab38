"""What happened at the bank before you open the portal, told through the services that people use.

A first release is approved and takes effect; a second prompt version replaces it; the second is rolled
back for a moment and put back into effect; a third waits for its approval.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from governance.access.permissions import Role
from governance.catalog.models import Asset
from governance.releases.models import Release
from governance.releases.services import roll_back, submit_release
from portal.demo import catalogue, handling
from portal.demo.cast import Cast
from portal.demo.releasing import asset, released, version
from runs.costs.models import Price
from runs.costs.prices import set_price

BEGIN = "The complaints desk starts with drafted replies today."
REPLACE = "From now on the prompt asks for no promise of a refund; the first release asked for one."
PROMPTS = (
    ("complaint-label", "Sorts a letter by what it is about", catalogue.LABEL_PROMPT),
    (
        "complaint-summary",
        "Says in two sentences what the customer complains about",
        catalogue.SUMMARY_PROMPT,
    ),
    (
        "complaint-reply",
        "Drafts the answer that a person at the bank then sends",
        catalogue.FIRST_REPLY_PROMPT,
    ),
)


@dataclass(frozen=True)
class Stage:
    """What is needed to run letters: the workflow and its first two releases."""

    workflow: Asset
    first: Release
    second: Release


def prepare(cast: Cast, *, weights_sha256: str) -> Stage:
    """Prices, prompts, the model, both workflow versions, and their approved releases. Safe to repeat."""
    _price(cast)
    for slug, purpose, content in PROMPTS:
        version(cast, asset(cast, Asset.Kind.PROMPT, slug, purpose), 1, content, "First version")
    purpose = "Small language model that runs on this machine"
    model = asset(cast, Asset.Kind.MODEL, catalogue.MODEL_SLUG, purpose)
    version(cast, model, 1, catalogue.model(weights_sha256), "As published, greedy sampling")
    workflow = asset(cast, Asset.Kind.WORKFLOW, handling.SLUG, handling.PURPOSE)
    one = version(cast, workflow, 1, handling.content(reply_version=1), "First version")
    notes = "First release: the prompt asks every reply to promise a refund"
    first = released(cast, one, notes, "Reviewed with the complaints desk.")
    return Stage(workflow, first, _second(cast, workflow))


@transaction.atomic
def finish(cast: Cast, stage: Stage) -> None:
    """A rollback and its repair, and a third prompt version that waits for approval. Told once."""
    if Release.objects.filter(version__asset=stage.workflow, version__number=3).exists():
        return
    operator = cast.people[Role.OPERATOR]
    if stage.first.activations.exists():
        roll_back(stage.first, actor=operator, reason="Two replies read oddly; back while we look into it.")
        roll_back(stage.second, actor=operator, reason="The letters were odd, not the replies.")
    message = "Thank first; answer within three working days"
    version(cast, reply_prompt(cast), 3, catalogue.THIRD_REPLY_PROMPT, message)
    three = version(cast, stage.workflow, 3, handling.content(reply_version=3), "Use complaint-reply v3")
    submit_release(
        three,
        actor=cast.people[Role.AUTHOR],
        environment=cast.environments["production"],
        notes="Friendlier opening and a shorter promise. Please check the three days with the desk.",
    )


def reply_prompt(cast: Cast) -> Asset:
    """The prompt that drafts the answer."""
    return asset(cast, Asset.Kind.PROMPT, "complaint-reply")


def _second(cast: Cast, workflow: Asset) -> Release:
    message = "Stop promising money; say who answers and by when"
    version(cast, reply_prompt(cast), 2, catalogue.SECOND_REPLY_PROMPT, message)
    two = version(cast, workflow, 2, handling.content(reply_version=2), "Use complaint-reply v2")
    return released(
        cast,
        two,
        "The prompt no longer asks replies to promise a refund",
        "Refund promises were not ours to make.",
    )


def _price(cast: Cast) -> None:
    name = catalogue.model("")["model"]
    if Price.objects.filter(organisation=cast.organisation, provider="default", model=name).exists():
        return
    set_price(
        cast.organisation,
        actor=cast.owner,
        provider="default",
        model=name,
        effective_from=cast.organisation.created_at,
        input_per_million=Decimal("0.10"),
        output_per_million=Decimal("0.40"),
        currency="EUR",
        basis="Internal charge for one machine, set by the demonstration; not a market price",
    )
