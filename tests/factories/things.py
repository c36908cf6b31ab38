"""Assets, versions and releases, made through services by whoever may."""

from itertools import count
from typing import Any

from governance.accounts.models import User
from governance.approvals.models import Vote
from governance.approvals.services import vote
from governance.catalog.models import Asset, Version
from governance.catalog.services import create_asset, create_version
from governance.releases.models import Activation, Environment, Release
from governance.releases.services import activate, submit_release
from tests.factories.cast import Company

_numbers = count(1)

PROMPT: dict[str, Any] = {
    "messages": [
        {"role": "system", "content": "You answer complaints at a bank, briefly and kindly."},
        {"role": "user", "content": "Summarise this letter in one sentence:\n\n{letter}"},
    ],
    "variables": [{"name": "letter", "description": "The customer's letter."}],
}
MODEL: dict[str, Any] = {
    "provider": "default",
    "model": "smollm2-135m-instruct",
    "parameters": {"temperature": "0.2", "max_tokens": 64},
}


def make_version(
    company: Company,
    kind: str,
    content: dict[str, Any],
    *,
    asset: Asset | None = None,
    by: User | None = None,
) -> Version:
    """A version of a new asset, or of `asset`."""
    writer = by or company.author
    found = asset or create_asset(
        company.project, actor=writer, kind=Asset.Kind(kind), slug=f"{kind}-{next(_numbers)}"
    )
    return create_version(found, actor=writer, content=content, message="for the test")


def make_prompt(
    company: Company, *, asset: Asset | None = None, by: User | None = None, text: str = ""
) -> Version:
    """A prompt version with one variable, `letter`; `text` is put before it."""
    messages = [PROMPT["messages"][0], {"role": "user", "content": f"{text or 'Summarise.'}\n\n{{letter}}"}]
    return make_version(company, "prompt", {**PROMPT, "messages": messages}, asset=asset, by=by)


def make_model(
    company: Company, *, asset: Asset | None = None, by: User | None = None, **changed: Any
) -> Version:
    """A model version at the provider `default`."""
    return make_version(company, "model", {**MODEL, **changed}, asset=asset, by=by)


def workflow_content(prompt: Version, model: Version) -> dict[str, Any]:
    """A draft with one llm node, `summary`, that reads the input `letter`."""
    return {
        "inputs": [{"name": "letter", "classification": "internal"}],
        "nodes": [
            {
                "kind": "llm",
                "key": "summary",
                "prompt": pin(prompt),
                "model": pin(model),
                "inputs": {"letter": "$letter"},
            }
        ],
        "start": "summary",
        "output": "summary",
    }


def make_workflow(
    company: Company,
    *,
    prompt: Version | None = None,
    model: Version | None = None,
    asset: Asset | None = None,
    by: User | None = None,
) -> Version:
    """A workflow version that pins a prompt and a model, new ones unless given."""
    content = workflow_content(prompt or make_prompt(company, by=by), model or make_model(company, by=by))
    return make_version(company, "workflow", content, asset=asset, by=by)


def pin(version: Version) -> str:
    """How a draft names a version."""
    return f"{version.asset.slug}@{version.number}"


def make_release(
    company: Company,
    *,
    version: Version | None = None,
    environment: Environment | None = None,
    by: User | None = None,
) -> Release:
    """A release, submitted to production unless told otherwise, waiting for its approval."""
    return submit_release(
        version or make_workflow(company),
        actor=by or company.author,
        environment=environment or company.production,
        notes="for the test",
    )


def approve(release: Release, *, by: User, reason: str = "Looks right.") -> Vote:
    """Approve what the person would have seen."""
    return vote(
        release.request,
        actor=by,
        decision=Vote.Decision.APPROVE,
        reason=reason,
        digest=release.request.digest,
    )


def make_approved(
    company: Company, *, version: Version | None = None, environment: Environment | None = None
) -> Release:
    """A release that the approver has approved."""
    release = make_release(company, version=version, environment=environment)
    approve(release, by=company.approver)
    return Release.objects.with_names().get(pk=release.pk)


def make_active(
    company: Company, *, version: Version | None = None, environment: Environment | None = None
) -> tuple[Release, Activation]:
    """A release in effect."""
    release = make_approved(company, version=version, environment=environment)
    return release, activate(release, actor=company.operator, reason="Tried out.")
