"""What the records say of who did what with which content, in the words of PROV where it has them.

A relation is never only claimed: the statement's must be exactly those that its records say.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from uuid import UUID, uuid5

from runs.evidence.verifier.causes import Cause, Failed
from runs.evidence.verifier.strict_json import member_of, objects_of

RELATION_FIELDS: Final = ("event", "from", "name", "relation", "to")
Relations = Iterable[Mapping[str, Any]]
VOTED: Final = "approval.voted"
STARTED: Final = "run.started"
IN_EFFECT: Final = {"release.activated": "put_into_effect", "release.rolled_back": "rolled_back_to"}


def relations_of(records: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Every relation that these records say, in their order."""
    return [relation for record in records for relation in _relations(record)]


def check_relations(predicate: Mapping[str, Any], records: Iterable[Mapping[str, Any]]) -> None:
    """The statement's relations are those of the records. Raises `Failed` naming one that is not."""
    stated = objects_of(predicate, "relations", "The statement")
    told = relations_of(records)
    if spare := _beyond(stated, told):
        raise Failed(Cause.RELATION, f"No record says: {_said(spare)}.")
    if missing := _beyond(told, stated):
        raise Failed(Cause.RELATION, f"A record says, and the statement leaves out: {_said(missing)}.")
    if stated != told:
        raise Failed(
            Cause.RELATION, "The statement has a relation twice, or not in the order of the records."
        )


def check_identifiers(predicate: Mapping[str, Any]) -> None:
    """An artifact's identifier follows from organisation, media type and digest, so that a record which names
    the one proves the other. Raises `Failed` for one that does not."""
    organisation = member_of(predicate.get("organisation"), "id", str, "The organisation")
    for material in objects_of(predicate, "materials", "The statement"):
        if material.get("artifact") is None:
            continue
        identifier = member_of(material, "artifact", str, "A material")
        digest = member_of(material, "sha256", str, "A material")
        media_type = member_of(material, "media_type", str, "A material")
        if identifier not in _identifiers(organisation, media_type, digest):
            raise Failed(Cause.RELATION, f"The artifact {identifier[:40]} is not that of {digest}.")


def _identifiers(organisation: str, media_type: str, digest: str) -> set[str]:
    """The identifier of a content; the second is from before the media type counted."""
    try:
        namespace = UUID(organisation)
    except ValueError:
        return set()
    return {str(uuid5(namespace, f"{media_type} {digest}")), str(uuid5(namespace, digest))}


def _relations(record: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    kind, details = str(record["kind"]), record["details"]
    about, person = f"{record['object_type']}:{record['object_id']}", f"person:{record['actor']}"
    closure = f"closure:{details['sha256']}" if "sha256" in details else ""
    found: list[tuple[str, str, str, str]] = []
    if record["object_type"] == "step":
        found = _of_step(about, record)
    elif kind == STARTED:
        found = _of_start(about, details, closure)
    elif kind == VOTED:
        found = [("decided", person, closure, str(details.get("decision", "")))]
    elif kind == "release.submitted":
        found = [("submitted", person, closure, str(details.get("environment", "")))]
    elif kind in IN_EFFECT:
        found = [(IN_EFFECT[kind], person, closure, str(details.get("environment", "")))]
    elif kind == "version.created":
        found = [("wrote", person, about, str(details.get("sha256", "")))]
    for relation, source, target, name in found:
        words = (str(record["id"]), source, name, relation, target)
        yield dict(zip(RELATION_FIELDS, words, strict=True))


def _of_step(about: str, record: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    details = record["details"]
    found = [("part_of", about, f"run:{record.get('run')}", str(details.get("node", "")))]
    inputs = details.get("inputs")
    for text in inputs if isinstance(inputs, list) else []:
        name, _, artifact = str(text).partition("=")
        found.append(("used", about, f"artifact:{artifact}", name))
    if "output_sha256" in details:
        found.append(("generated", f"sha256:{details['output_sha256']}", about, ""))
    return found


def _of_start(about: str, details: Mapping[str, Any], closure: str) -> list[tuple[str, str, str, str]]:
    inputs = details.get("inputs")
    given = inputs if isinstance(inputs, dict) else {}
    found = [("given", about, f"sha256:{digest}", str(name)) for name, digest in sorted(given.items())]
    if closure:
        found.append(("authorised_by", about, closure, str(details.get("release", ""))))
    if "parent" in details:
        found.append(("part_of", about, f"run:{details['parent']}", str(details.get("node", ""))))
    if "source" in details:
        found.append(("derived_from", about, f"run:{details['source']}", str(details.get("origin", ""))))
    return found


def _beyond(some: Relations, others: Relations) -> Mapping[str, Any] | None:
    """The first of some that is not among the others."""
    known = {_words(each) for each in others}
    return next(
        (each for each in some if len(each) != len(RELATION_FIELDS) or _words(each) not in known), None
    )


def _words(relation: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(relation.get(name)) for name in RELATION_FIELDS)


def _said(relation: Mapping[str, Any]) -> str:
    source, verb, target = (str(relation.get(name, "")) for name in ("from", "relation", "to"))
    return f"{source[:90]} {verb[:20].replace('_', ' ')} {target[:90]}"
