"""Schemas that a stranger's text can safely be checked with."""

from typing import Any

import pytest

from governance.catalog.output_schemas import schema_complaint

LABELS: dict[str, Any] = {
    "type": "object",
    "properties": {"label": {"enum": ["card", "loan"]}, "pattern": {"type": "string", "maxLength": 40}},
    "required": ["label"],
    "additionalProperties": False,
}


def test_a_plain_schema_passes_and_a_property_may_be_called_as_it_likes() -> None:
    assert schema_complaint(LABELS) == ""
    assert schema_complaint({"enum": ["$ref", {"pattern": "x"}]}) == ""


def test_a_schema_may_say_at_its_root_which_dialect_it_is_written_in() -> None:
    named = {"$schema": "https://json-schema.org/draft/2020-12/schema", **LABELS}
    assert schema_complaint(named) == ""
    assert "“$schema”" in schema_complaint({"properties": {"label": named}})


@pytest.mark.parametrize(
    ("schema", "word"),
    [
        ({"$ref": "https://example.org/schema"}, "$ref"),
        ({"$ref": "#"}, "$ref"),
        ({"properties": {"label": {"pattern": "^(a+)+$"}}}, "pattern"),
        ({"patternProperties": {"^(a|a)*$": {}}}, "patternProperties"),
        ({"anyOf": [{"items": {"not": {"pattern": "(a+)+"}}}]}, "pattern"),
        ({"$defs": {"x": {"$dynamicRef": "#meta"}}}, "$dynamicRef"),
        ({"properties": {"properties": {"properties": {"pattern": {"pattern": "x"}}}}}, "pattern"),
        ({"$id": "https://a.example/", "properties": {"label": {"$id": "http://["}}}, "$id"),
        ({"anyOf": [{"$schema": "http://json-schema.org/draft-03/schema#", "divisibleBy": 0}]}, "$schema"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "$schema"),
        ({"$schema": ["https://json-schema.org/draft/2020-12/schema"]}, "$schema"),
        ({"$defs": {"x": {"$anchor": "here"}}}, "$anchor"),
    ],
)
def test_what_could_lead_the_check_astray_is_refused(schema: dict[str, Any], word: str) -> None:
    assert f"“{word}”" in schema_complaint(schema)


@pytest.mark.parametrize("schema", [{"type": "number?"}, {"minLength": -1}, {"required": "label"}])
def test_what_is_no_schema_is_refused(schema: dict[str, Any]) -> None:
    assert "not valid" in schema_complaint(schema)


def test_a_schema_has_a_size() -> None:
    assert "20,000 bytes" in schema_complaint({"enum": ["x" * 20_000]})
