"""Workflow definitions as text."""

import json

import pytest

from governance.catalog.definition_text import read_definition
from governance.errors import Invalid
from governance.web.json_text import written
from tests.factories.cast import Company
from tests.factories.things import make_workflow


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1,', "line 1, column 9"),
        ('{"a": 1, "a": 2}', "twice"),
        ('{"a": 0.5}', "fraction"),
        ('{"a": NaN}', "NaN"),
        ('{"a": 1e400}', "too large"),
        ('{"a": ' + "9" * 5000 + "}", "beyond 2"),
        ("[" * 100_000, "nested more than"),
        ('{"a": "\\ud800"}', "surrogate"),
        ('{"\\ud800": 1}', "surrogate"),
        ('{"\\ud800": 1, "\\ud800": 1}', "twice"),
        ("[]", "begin with {"),
        ("", "line 1"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(text: str, words: str) -> None:
    with pytest.raises(Invalid, match=words) as refusal:
        read_definition(text)
    refusal.value.message.encode()


def test_a_stored_definition_can_be_written_out_and_read_again(northwind: Company) -> None:
    version = make_workflow(northwind)
    read = read_definition(written(version))
    (node,) = read["nodes"]
    assert node["prompt"].endswith("@1")
    assert list(node)[:4] == ["key", "kind", "prompt", "model"]
    assert read == json.loads(written(version))
