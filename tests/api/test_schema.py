"""GET /schema/, and what the OpenAPI document promises of every endpoint"""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from governance.access.permissions import Scope
from portal.api.schema import document
from tests.api.callers import Caller

OUTSIDE = {"schema", "nothing"}  # the document itself, and the answer to addresses that are none

# That it was done is recorded, nothing else is changed.
ONLY_READS = {"/api/v1/runs/{id}/verify/", "/api/v1/evidence/", "/api/v1/reveals/"}


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Every (path, method, operation) of the document."""
    return [
        (path, method, operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]


def api_patterns(patterns: list[Any] | None = None) -> list[URLPattern]:
    """Every address of the namespace `api`."""
    found: list[URLPattern] = []
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            inside = patterns is not None or pattern.namespace == "api" or pattern.app_name == "api"
            if inside:
                found += api_patterns(pattern.url_patterns)
        elif patterns is not None:
            found.append(pattern)
    return found


def test_the_document_is_made_without_a_warning_and_is_valid_openapi() -> None:
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=StringIO())


def test_the_api_hands_out_its_own_document(auditor: Caller) -> None:
    assert auditor.get("schema/").json() == document()


def test_every_address_is_documented_or_named_as_an_exception() -> None:
    patterns = {pattern.name for pattern in api_patterns()}
    assert len(document()["paths"]) == len(patterns - OUTSIDE)


@pytest.mark.parametrize(("path", "method", "operation"), operations())
def test_every_operation_names_its_scope_its_words_and_its_problems(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    scope = Scope(operation["x-scope"])
    assert (scope == Scope.READ) == (method == "get" or path in ONLY_READS)
    assert operation["summary"]
    assert operation["description"]
    answers = operation["responses"]
    assert {"400", "401", "403", "406"} <= set(answers)
    assert "404" in answers or "{" not in path
    assert method == "get" or {"409", "413", "415"} <= set(answers)
    for status, answer in answers.items():
        assert ("application/problem+json" in answer["content"]) == (int(status) >= 400)


def test_every_body_is_closed_and_has_an_example() -> None:
    schemas = document()["components"]["schemas"]
    bodies = [operation["requestBody"] for _, found, operation in operations() if found == "post"]
    assert len(bodies) >= 7
    for body in bodies:
        content = body["content"]["application/json"]
        shape = schemas[content["schema"]["$ref"].rsplit("/", 1)[1]]
        assert shape["additionalProperties"] is False
        assert content.get("examples") or not shape.get("properties")


def test_both_ways_to_call_are_described() -> None:
    schemes = document()["components"]["securitySchemes"]
    assert (schemes["token"]["scheme"], schemes["session"]["in"]) == ("bearer", "cookie")
    for _, _, operation in operations():
        assert {"token": []} in operation["security"]
        assert {"session": []} in operation["security"]
        assert {} not in operation["security"]
