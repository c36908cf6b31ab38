"""Which HTTP endpoints and providers the parts of a workflow ask, and which of those are shut to it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from governance.catalog.calls import HttpCall, LlmCall
from governance.catalog.content import Content, parsed
from governance.catalog.model_versions import ModelContent
from governance.catalog.models import Asset, Version
from governance.catalog.nodes import calls_of
from governance.catalog.parts import Pinned
from governance.catalog.workflows import WorkflowContent
from governance.errors import Invalid
from governance.releases.closure import pinned_versions
from governance.releases.models import Environment, Opening, Release
from governance.releases.openings import open_to

Models = dict[tuple[str, int], str]
MOST_NAMED = 5


@dataclass(frozen=True)
class Outward:
    """A node, of this workflow version where there are several, asks an endpoint or a provider."""

    workflow: str
    node: str
    kind: Opening.Kind
    name: str

    def __str__(self) -> str:
        node = f"{self.node} of {self.workflow}" if self.workflow else self.node
        return f"{node} asks the {self.kind.label} “{self.name}”"


def outward_of(parts: Sequence[Version]) -> list[Outward]:
    """Everything that these versions ask, in the order of their nodes; `parts` as `pinned_versions` gives."""
    models: Models = {}
    workflows: list[tuple[Version, WorkflowContent]] = []
    for version in parts:
        match _readable(version):
            case ModelContent() as model:
                models[version.asset.slug, version.number] = model.provider
            case WorkflowContent() as workflow:
                workflows.append((version, workflow))
    found = (
        Outward(str(version), node.key, kind, name)
        for version, workflow in workflows
        for node in workflow.nodes
        for call in calls_of(node)
        for kind, name in asked_by(call, _providers(call, models))
    )
    return list(dict.fromkeys(found))


def _readable(version: Version) -> Content | None:
    """What a model or a workflow holds; nothing of one that was altered, of which no worker runs anything."""
    try:
        return None if version.asset.kind == Asset.Kind.PROMPT else parsed(version)
    except ValidationError:
        return None


def asked_by(call: object, providers: Iterable[str]) -> Iterator[tuple[Opening.Kind, str]]:
    """What a call asks; `providers` are those of the models that it would ask, if it asks one."""
    match call:
        case HttpCall():
            yield Opening.Kind.ENDPOINT, call.endpoint
        case LlmCall():
            yield from ((Opening.Kind.PROVIDER, name) for name in providers)


def _providers(call: object, models: Models) -> Iterator[str]:
    pins: Iterable[Pinned | None] = (call.model, call.fallback) if isinstance(call, LlmCall) else ()
    for pin in pins:
        if pin is not None and (pin.asset, pin.number) in models:
            yield models[pin.asset, pin.number]


def shut_to(environment: Environment, asked: Collection[Outward]) -> list[Outward]:
    """Those that the environment's runs may not ask now, in one query at most."""
    if not asked:
        return []
    newest = Opening.objects.filter(organisation=environment.organisation_id).that_count()
    known = {(opening.kind, opening.name): opening for opening in newest}
    return [
        found
        for found in asked
        if not open_to(known.get((found.kind.value, found.name)), found.kind, [environment])
    ]


def refuse_shut(environment: Environment, asked: Collection[Outward]) -> None:
    """Raise `Invalid` naming node, endpoint and environment when one of these is shut there."""
    if shut := shut_to(environment, asked):
        message = in_words(environment, shut)
        raise Invalid(message, fields={"environment": message})


def why_shut(release: Release) -> str:
    """Why the release's runs could not ask all that they would; empty when they can."""
    shut = shut_to(release.environment, outward_of(pinned_versions(release.version)))
    return in_words(release.environment, shut) if shut else ""


def in_words(environment: Environment, shut: Sequence[Outward]) -> str:
    """Why these cannot be asked there, and who can open them."""
    named = "; ".join(str(found) for found in shut[:MOST_NAMED])
    more = f"; and {len(shut) - MOST_NAMED} more" if len(shut) > MOST_NAMED else ""
    advice = "A platform owner opens it on the page “Endpoints”."
    return f"{named}{more}: not open to {environment.name}. {advice}"
