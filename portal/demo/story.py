"""What happened at the bank before you open the portal, told through the services that people use.

A first release is approved and takes effect; a second prompt version replaces it; the second is rolled
back for a moment and put back into effect; a third waits for its approval.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from governance.access.permissions import Role
from governance.approvals.models import Vote
from governance.approvals.services import vote
from governance.catalog.models import Asset, Version
from governance.catalog.services import create_asset, create_version
from governance.releases.clearance import NotCleared, check_clearance
from governance.releases.models import Release
from governance.releases.services import activate, roll_back, submit_release
from portal.demo import catalogue
from portal.demo.cast import Cast
from runs.costs.models import Price
from runs.costs.prices import set_price

WORKFLOW = "complaint-handling"
BEGIN = "The complaints desk starts with drafted replies today."
REPLACE = "From now on no reply promises a refund; the first release does."
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
    author = cast.people[Role.AUTHOR]
    for slug, purpose, content in PROMPTS:
        _version(_asset(cast, Asset.Kind.PROMPT, slug, purpose), 1, author, content, "First version")
    model = _asset(
        cast, Asset.Kind.MODEL, catalogue.MODEL_SLUG, "Small language model that runs on this machine"
    )
    _version(model, 1, author, catalogue.model(weights_sha256), "As published, greedy sampling")
    workflow = _asset(
        cast, Asset.Kind.WORKFLOW, WORKFLOW, "From a customer's letter to a drafted reply at the right desk"
    )
    one = _version(workflow, 1, author, catalogue.workflow(reply_version=1), "First version")
    first = _released(
        cast, one, "First release: every reply promises a refund", "Reviewed with the complaints desk."
    )
    return Stage(workflow, first, _second(cast, workflow))


def put_into_effect(cast: Cast, release: Release, *, reason: str) -> None:
    """Activate the release unless it has been in effect already."""
    if not release.activations.exists():
        activate(release, actor=cast.people[Role.OPERATOR], reason=reason)


@transaction.atomic
def finish(cast: Cast, stage: Stage) -> None:
    """A rollback and its repair, and a third prompt version that waits for approval. Told once."""
    if Release.objects.filter(version__asset=stage.workflow, version__number=3).exists():
        return
    operator = cast.people[Role.OPERATOR]
    if stage.first.activations.exists():
        roll_back(stage.first, actor=operator, reason="Two replies read oddly; back while we look into it.")
        roll_back(stage.second, actor=operator, reason="The letters were odd, not the replies.")
    author = cast.people[Role.AUTHOR]
    reply = _asset(cast, Asset.Kind.PROMPT, "complaint-reply", "")
    _version(reply, 3, author, catalogue.THIRD_REPLY_PROMPT, "Thank first; answer within three working days")
    three = _version(stage.workflow, 3, author, catalogue.workflow(reply_version=3), "Use complaint-reply v3")
    submit_release(
        three,
        actor=author,
        environment=cast.environments["production"],
        notes="Friendlier opening and a shorter promise. Please check the three days with the desk.",
    )


def _second(cast: Cast, workflow: Asset) -> Release:
    author = cast.people[Role.AUTHOR]
    reply = _asset(cast, Asset.Kind.PROMPT, "complaint-reply", "")
    _version(
        reply, 2, author, catalogue.SECOND_REPLY_PROMPT, "Stop promising money; say who answers and by when"
    )
    two = _version(workflow, 2, author, catalogue.workflow(reply_version=2), "Use complaint-reply v2")
    return _released(cast, two, "Replies no longer promise refunds", "Refund promises were not ours to make.")


@transaction.atomic  # a start that is killed in between leaves no release that waits for good
def _released(cast: Cast, version: Version, notes: str, reason: str) -> Release:
    """The newest release of the version that a worker would run; a new one where code has changed since."""
    production = cast.environments["production"]
    for found in Release.objects.filter(version=version, environment=production).order_by("-number"):
        if _cleared(found):
            return found
    release = submit_release(version, actor=cast.people[Role.AUTHOR], environment=production, notes=notes)
    vote(
        release.request,
        actor=cast.people[Role.APPROVER],
        decision=Vote.Decision.APPROVE,
        reason=reason,
        digest=release.digest,
    )
    return Release.objects.get(pk=release.pk)


def _cleared(release: Release) -> bool:
    try:
        check_clearance(release)
    except NotCleared:
        return False
    return True


def _asset(cast: Cast, kind: Asset.Kind, slug: str, purpose: str) -> Asset:
    found = Asset.objects.filter(project=cast.project, kind=kind, slug=slug).first()
    return found or create_asset(
        cast.project, actor=cast.people[Role.AUTHOR], kind=kind, slug=slug, purpose=purpose
    )


def _version(asset: Asset, number: int, author: Any, content: dict[str, Any], message: str) -> Version:
    found = asset.versions.filter(number=number).first()
    return found or create_version(asset, actor=author, content=content, message=message)


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
