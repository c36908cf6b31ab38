"""What is said of a value that does not fit its schema."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from runs.durable.misfits import first_misfit


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({"properties": {"to": {"type": "string"}}}, {"to": 7}, '$.to: its “type” is to be "string"'),
        ({"items": {"properties": {"-": {"enum": [1]}}}}, [{"-": 7}], '$[0]["-"]: its “enum” is to be [1]'),
        ({"additionalProperties": {"type": "string"}}, {"Ada": 7}, '$[…]: its “type” is to be "string"'),
        ({"additionalProperties": False}, {"Ada": 7}, "$: its “additionalProperties” is to be false"),
        ({"required": ["to"]}, {"Ada": 7}, '$: its “required” is to be ["to"]'),
        ({"enum": ["x" * 300]}, 7, "$: “enum”"),
        ({}, 7, ""),
    ],
)  # fmt: skip
def test_place_and_rule_are_told_and_nothing_of_the_value(schema: Any, value: Any, said: str) -> None:
    assert first_misfit(value, Draft202012Validator(schema)) == said
