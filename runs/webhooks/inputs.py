"""From the body of a delivery to the inputs of a run."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from governance.catalog.content import parsed
from governance.catalog.models import Asset, Version
from governance.catalog.workflows import Input, WorkflowContent
from governance.errors import Invalid
from governance.ledger.strict_json import read_json
from governance.releases.models import Activation, Environment
from runs.artifacts.store import JSON

BODY = "The body"


def declared_inputs(workflow: Asset, environment: Environment) -> tuple[Input, ...] | None:
    """The inputs of what is in effect there; else of the newest version; None without any version."""
    line = Activation.objects.line(workflow, environment).select_related("release__version__asset")
    activation = line.first()
    version = activation.release.version if activation else _newest(workflow)
    content = parsed(version) if version else None
    return content.inputs if isinstance(content, WorkflowContent) else None


def inputs_in(body: bytes, *, into: str, declared: Sequence[Input]) -> Mapping[str, bytes | str]:
    """The inputs by name: the members of the object that the body is, or the body itself as the one `into`.

    Raises `Invalid` for what is no strict JSON, no object, or no text where text is declared.
    """
    value = read_json(body, what=BODY)
    if into:
        return {into: body}
    if not isinstance(value, dict):
        raise Invalid(f"{BODY} is not an object whose members are the inputs of the workflow.")
    kinds = {found.name: found.media_type for found in declared}
    return {name: _written(name, given, kinds.get(name, JSON)) for name, given in value.items()}


def check_into(into: str, declared: Sequence[Input] | None) -> None:
    """Raises `Invalid` unless the workflow's one input is `into`. One without versions may have any."""
    if not into or declared is None or [found.name for found in declared] == [into]:
        return
    names = ", ".join(f"“{found.name}”" for found in declared)
    reason = f"The body can be one input only where the workflow has but that one; this one has {names}."
    raise Invalid(reason, fields={"into": reason})


def _newest(workflow: Asset) -> Version | None:
    return Version.objects.filter(asset=workflow).select_related("asset").order_by("-number").first()


def _written(name: str, given: Any, media_type: str) -> str:
    if media_type == JSON:
        return json.dumps(given, ensure_ascii=False, separators=(",", ":"))
    if not isinstance(given, str):
        reason = "This input is a text."
        raise Invalid(f"The run was not started. {name}: {reason}", fields={name: reason})
    return given
