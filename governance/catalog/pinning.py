"""From pins as an author writes them, `slug@number`, to the versions that they name, and back."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from governance.catalog.graphs import Complaint
from governance.catalog.models import Version
from governance.catalog.workflows import MOST_NODES, PIN_FIELDS

SHORT_PIN = re.compile(r"^([\w-]{1,80})@([0-9]{1,6})$")
# What a call of each kind pins; what is in brackets, it may leave out.
PINNED_BY = {"llm": ("prompt", "model", "fallback"), "subrun": ("workflow",)}
OPTIONAL = frozenset({"fallback"})
Name = tuple[str, str, int]
Pins = Mapping[Name, Version]
# Gives the digest of what is named, or None where there is no such version.
Digests = Callable[[Name], str | None]
UNKNOWN_DIGEST = "0" * 64


def pinned_in(draft: dict[str, Any], versions: QuerySet[Version]) -> Pins:
    """Those of these versions that the draft names, in one query."""
    wanted = Q(pk__in=[])
    for kind, slug, number in set(_names(draft)):
        wanted |= Q(asset__kind=kind, asset__slug=slug, number=number)
    found = versions.select_related("asset").filter(wanted)
    return {(version.asset.kind, version.asset.slug, version.number): version for version in found}


def with_pins(draft: dict[str, Any], digests: Digests) -> tuple[dict[str, Any], list[Complaint]]:
    """The draft with each pin as it is stored, and a complaint for each that names nothing.

    What names nothing gets a digest of zeros, so that the rest can be checked.
    """
    wrong: list[Complaint] = []
    if not _nodes(draft):
        return draft, wrong
    nodes = [
        _with_pins(node, str(node.get("key", "?")), digests, wrong) if isinstance(node, dict) else node
        for node in _nodes(draft)
    ]
    return {**draft, "nodes": nodes}, wrong


def short(pin: Mapping[str, Any]) -> str:
    """A stored pin as an author writes it."""
    return f"{pin['asset']}@{pin['number']}"


def _names(draft: dict[str, Any]) -> Iterator[Name]:
    nodes = [node for node in _nodes(draft) if isinstance(node, dict)]
    inner = [each for node in nodes if isinstance(each := node.get("each"), dict)]
    for call in [*nodes, *inner]:
        for field in _fields(call):
            if name := _name(field, call.get(field)):
                yield name


def _nodes(draft: dict[str, Any]) -> Sequence[Any]:
    """The nodes of a draft of any form; of too many, as many as show that they are too many."""
    nodes = draft.get("nodes")
    return nodes[: MOST_NODES + 1] if isinstance(nodes, list | tuple) else ()


def _fields(call: dict[str, Any]) -> tuple[str, ...]:
    kind = call.get("kind")
    return PINNED_BY.get(kind, ()) if isinstance(kind, str) else ()


def _name(field: str, reference: object) -> Name | None:
    named = SHORT_PIN.match(reference) if isinstance(reference, str) else None
    return (PIN_FIELDS[field], named[1], int(named[2])) if named else None


def _with_pins(call: dict[str, Any], node: str, digests: Digests, wrong: list[Complaint]) -> dict[str, Any]:
    found = {
        field: _pin(node, field, call.get(field), digests, wrong)
        for field in _fields(call)
        if field not in OPTIONAL or call.get(field) is not None
    }
    each = call.get("each")
    if isinstance(each, dict) and call.get("kind") == "map":
        found["each"] = _with_pins(each, node, digests, wrong)
    return {**call, **found}


def _pin(
    node: str, field: str, reference: object, digests: Digests, wrong: list[Complaint]
) -> dict[str, Any]:
    name = _name(field, reference)
    digest = digests(name) if name else None
    if not isinstance(reference, str):
        wrong.append(Complaint(node, f"name its {field} as “slug@number”"))
    elif digest is None:
        named = f"pins the {field} “{reference[:120]}”"
        reason = f"{named}, which this project does not have, as far as you can see"
        wrong.append(Complaint(node, reason))
    slug, number = (name[1], name[2]) if name else ("unknown", 1)
    return {"asset": slug, "number": number or 1, "digest": digest or UNKNOWN_DIGEST}
