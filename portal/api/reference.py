"""From the OpenAPI document to what a person reads: sections of operations, and the shapes they speak of."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.api.problems import SORTS

JSON = "application/json"
Piece = tuple[str, bool]  # a piece of text, and whether it is code


@dataclass(frozen=True)
class Field:
    """A parameter, or a member of a body."""

    name: str
    kind: str
    shape: str
    required: bool
    paragraphs: tuple[tuple[Piece, ...], ...]
    place: str = ""


@dataclass(frozen=True)
class Answer:
    """One good answer of an operation."""

    status: str
    words: str
    shape: str


@dataclass(frozen=True)
class Problem:
    """One status that an operation refuses with."""

    status: int
    slug: str
    title: str


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    name: str
    method: str
    path: str
    summary: str
    scope: str
    paragraphs: tuple[tuple[Piece, ...], ...]
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    examples: tuple[tuple[str, str], ...]
    answers: tuple[Answer, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Shape:
    """A named object, as answers hold it."""

    name: str
    paragraphs: tuple[tuple[Piece, ...], ...]
    members: tuple[Field, ...] = ()
    choices: tuple[str, ...] = ()


@dataclass
class Section:
    """The operations about one kind of object."""

    name: str
    operations: list[Operation] = field(default_factory=list)


def sections(document: Mapping[str, Any]) -> list[Section]:
    """The operations, by the first word of their address."""
    found: dict[str, Section] = {}
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            name = described["tags"][0]
            found.setdefault(name, Section(name)).operations.append(
                _operation(document, path, method, described)
            )
    return list(found.values())


def shapes(document: Mapping[str, Any]) -> list[Shape]:
    """The named objects that answers are made of; bodies are shown where they are sent."""
    return [
        Shape(name, _paragraphs(described), tuple(_members(described)), tuple(described.get("enum", ())))
        for name, described in document["components"]["schemas"].items()
        if described.get("additionalProperties") is not False and not name.startswith("Paginated")
    ]


def _operation(
    document: Mapping[str, Any], path: str, method: str, described: Mapping[str, Any]
) -> Operation:
    content = described.get("requestBody", {}).get("content", {}).get(JSON, {})
    body = document["components"]["schemas"].get(_name(content.get("schema", {})), {})
    examples = content.get("examples", {}).values()
    return Operation(
        name=described["operationId"],
        method=method.upper(),
        path=path,
        summary=described["summary"],
        scope=described["x-scope"],
        paragraphs=_paragraphs(described),
        parameters=tuple(_parameters(described.get("parameters", ()))),
        body=tuple(_members(body)),
        examples=tuple((shown["summary"], _pretty(shown["value"])) for shown in examples),
        answers=tuple(_answers(described["responses"])),
        problems=tuple(_problems(described["responses"])),
    )


def _parameters(described: Any) -> Iterator[Field]:
    for parameter in described:
        schema = parameter["schema"]
        yield Field(
            name=parameter["name"],
            kind=_kind(schema),
            shape=_name(schema),
            required=parameter.get("required", False),
            paragraphs=_paragraphs(parameter),
            place=parameter["in"],
        )


def _members(described: Mapping[str, Any]) -> Iterator[Field]:
    required = described.get("required", ())
    for name, schema in described.get("properties", {}).items():
        yield Field(name, _kind(schema), _name(schema), name in required, _paragraphs(schema))


def _answers(responses: Mapping[str, Any]) -> Iterator[Answer]:
    for status, answer in sorted(responses.items()):
        if int(status) in SORTS:
            continue
        schema = next(iter(answer.get("content", {"": {}}).values())).get("schema", {})
        page = _name(schema).removeprefix("Paginated").removesuffix("List")
        words = answer.get("description", "")
        yield Answer(status, words or ("A page of" if page != _name(schema) else ""), page)


def _problems(responses: Mapping[str, Any]) -> Iterator[Problem]:
    for status in sorted(int(status) for status in responses):
        if status in SORTS:
            yield Problem(status, SORTS[status].slug, SORTS[status].title)


def _name(schema: Mapping[str, Any]) -> str:
    """The shape that a schema refers to, if it refers to one."""
    inner = schema.get("items") or next(iter(schema.get("allOf", ()) or schema.get("oneOf", ())), schema)
    return str(inner.get("$ref", "")).rsplit("/", 1)[-1]


def _kind(schema: Mapping[str, Any]) -> str:
    """What a value is, in a word or two."""
    if "enum" in schema:
        return " | ".join(str(choice) for choice in schema["enum"])
    if schema.get("type") == "array":
        return "list of" if _name(schema) else f"list of {_kind(schema['items'])}"
    if "oneOf" in schema:
        return " or ".join(dict.fromkeys(_kind(one) for one in schema["oneOf"]))
    words = {"uuid": "identifier", "date-time": "time", "uri": "address", "decimal": "number as text"}
    kind = str(schema.get("type", "")) if not _name(schema) else ""
    return words.get(
        str(schema.get("format", "")), {"string": "text", "integer": "whole number"}.get(kind, kind)
    )


def _paragraphs(described: Mapping[str, Any]) -> tuple[tuple[Piece, ...], ...]:
    """The description, cut at blank lines; every second piece between backticks is code."""
    paragraphs = str(described.get("description", "")).split("\n\n")
    return tuple(
        tuple(
            (piece, index % 2 == 1) for index, piece in enumerate(" ".join(text.split()).split("`")) if piece
        )
        for text in paragraphs
        if text.strip()
    )


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
