"""What a run is started with, held against what its workflow declares."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from jsonschema import Draft202012Validator

from governance.catalog.workflows import Input, WorkflowContent
from governance.errors import Invalid
from runs.artifacts.store import Content, Document, checked, value_of
from runs.durable.misfits import first_misfit

LONGEST_FILENAME = 200


@dataclass(frozen=True)
class Received:
    """An input that fits its declaration."""

    content: Content
    filename: str
    classification: str


def received(workflow: WorkflowContent, given: Mapping[str, Document | str | bytes]) -> dict[str, Received]:
    """Every declared input, checked. Raises `Invalid` with a message for each missing, unknown or unfit."""
    declared = {found.name: found for found in workflow.inputs}
    wrong = {name: "The workflow has no such input." for name in given if name not in declared}
    accepted: dict[str, Received] = {}
    for name, declaration in declared.items():
        if name not in given:
            wrong[name] = "This input is missing."
            continue
        try:
            accepted[name] = _accepted(declaration, given[name])
        except Invalid as problem:
            wrong[name] = problem.message
    if wrong:
        listed = " ".join(f"{name[:60]}: {reason}" for name, reason in list(wrong.items())[:5])
        raise Invalid(f"The run was not started. {listed}", fields=wrong)
    return accepted


def _accepted(declaration: Input, given: Document | str | bytes) -> Received:
    document = given if isinstance(given, Document) else Document("", b"")
    content = checked(
        document.body if isinstance(given, Document) else given,
        media_type=declaration.media_type,
        max_bytes=min(declaration.max_bytes, settings.DOCUMENT_MAX_BYTES),
        what="The document",
    )
    if declaration.value_schema is not None:
        _check(value_of(content.body, content.media_type), Draft202012Validator(declaration.value_schema))
    return Received(content, _label(document.filename), declaration.classification)


def _check(value: Any, validator: Draft202012Validator) -> None:
    if wrong := first_misfit(value, validator):
        raise Invalid(f"It does not fit the schema of this input at {wrong}.")


def _label(filename: str) -> str:
    """The last part of a file's name, as a label: no path, no control characters, never opened."""
    last = filename.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(character for character in last if character.isprintable())[-LONGEST_FILENAME:]
