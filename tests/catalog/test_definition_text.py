"""Definitions written out as text and read again: the digest stays."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.catalog.definition_text import Format, read_definition, written
from governance.catalog.pinning import with_pins
from governance.catalog.workflows import WorkflowContent
from governance.errors import Invalid
from governance.ledger.canonical import canonical

DIGEST = "5" * 64
KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=60)
ANY_TEXT = TEXT | st.just("")
WAITS = st.integers(1, 366 * 86_400)
REFERENCES = st.one_of(KEYS, KEYS.map("${}".format), st.tuples(KEYS, KEYS).map(".".join))
INPUTS = st.dictionaries(KEYS, REFERENCES, max_size=3)
LEVELS = st.sampled_from(["public", "internal", "confidential", "personal"])
PINS = st.builds(
    lambda slug, number: {"asset": slug, "number": number, "digest": DIGEST}, KEYS, st.integers(1, 999_999)
)
SCHEMAS = st.recursive(
    st.just({}) | st.dictionaries(st.sampled_from(["const", "title"]), ANY_TEXT, max_size=2),
    lambda inner: st.dictionaries(st.sampled_from(["items", "not"]), inner, max_size=2),
    max_leaves=4,
)
SETTINGS = st.dictionaries(KEYS, ANY_TEXT | st.integers(-9, 9) | st.booleans(), max_size=3)


def some(required: Mapping[str, Any], **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(dict(required), optional=optional)


RETRIES = some({}, attempts=st.integers(1, 100), factor=st.integers(1, 10), never=st.lists(KEYS, max_size=2))
MEMORIES = some({"namespace": KEYS, "key": TEXT})
CALL: dict[str, Any] = {
    "inputs": INPUTS,
    "classification": LEVELS,
    "retry": RETRIES,
    "timeout_s": st.integers(1, 3600),
    "start_within_s": st.integers(1, 86_400),
    "effect": st.sampled_from(["none", "idempotent", "unsafe"]),
    "irreversible": TEXT,
    "recall": st.dictionaries(KEYS, MEMORIES, max_size=2),
    "remember": some({"namespace": KEYS, "key": TEXT}, path=KEYS),
}
FUNCTION = some({"kind": st.just("function"), "function": KEYS.map("{}@1".format)}, settings=SETTINGS, **CALL)
HTTP = some(
    {"kind": st.just("http"), "endpoint": KEYS},
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    path=st.sampled_from(["/", "/cases/{id}", "/yes"]),
    settings=SETTINGS,
    **CALL,
)
LLM = some(
    {"kind": st.just("llm"), "prompt": PINS, "model": PINS},
    fallback=PINS,
    output_schema=SCHEMAS,
    reask=st.integers(0, 5),
    max_tokens=st.integers(1, 100_000),
    **CALL,
)
CALLS = st.one_of(
    FUNCTION,
    HTTP,
    LLM,
    some({"kind": st.just("transform"), "expression": TEXT}, **CALL),
    some({"kind": st.just("subrun"), "workflow": PINS}, **CALL),
)
LATE = {"timeout_s": WAITS, "on_timeout": KEYS, "classification": LEVELS}
OTHERS = st.one_of(
    some(
        {
            "kind": st.just("branch"),
            "on": REFERENCES,
            "cases": st.lists(some({"equals": ANY_TEXT, "next": KEYS}), min_size=1, max_size=3),
        },
        default=KEYS,
    ),
    some({"kind": st.just("map"), "over": REFERENCES, "each": CALLS}, at_once=st.integers(1, 100), next=KEYS),
    some({"kind": st.just("timer")}, seconds=WAITS, until=REFERENCES, next=KEYS),
    some({"kind": st.just("wait_event"), "event": KEYS}, next=KEYS, **LATE),
    some(
        {
            "kind": st.just("human_task"),
            "task": st.sampled_from(["approve", "edit", "choose"]),
            "title": TEXT,
        },
        instructions=ANY_TEXT,
        choices=st.lists(TEXT, max_size=3),
        team=KEYS,
        subject=REFERENCES,
        **LATE,
    ),
)


@st.composite
def nodes(draw: st.DrawFn) -> dict[str, Any]:
    node = draw(CALLS | OTHERS)
    more: dict[str, Any] = {"key": draw(KEYS)}
    if node["kind"] in {"function", "http", "llm", "subrun"} and draw(st.booleans()):
        more["compensate"] = draw(FUNCTION | HTTP)
    return {**node, **more}


DEFINITIONS = some(
    {
        "inputs": st.lists(some({"name": KEYS}, classification=LEVELS), min_size=1, max_size=3),
        "nodes": st.lists(nodes(), min_size=1, max_size=4),
        "start": KEYS,
        "output": KEYS,
    },
    deadline_s=WAITS,
)


@pytest.mark.parametrize("form", ["json", "yaml"])
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(definition=DEFINITIONS)
def test_a_definition_that_is_written_out_and_read_again_has_the_same_digest(
    form: Format, definition: dict[str, Any]
) -> None:
    stored = WorkflowContent.model_validate(definition).model_dump(mode="json")

    draft, wrong = with_pins(read_definition(written(stored, form=form)), lambda name: DIGEST)

    assert wrong == []
    assert canonical(WorkflowContent.model_validate(draft).model_dump(mode="json")) == canonical(stored)


def test_yaml_is_written_for_people() -> None:
    stored = WorkflowContent.model_validate(
        {
            "inputs": [{"name": "letter"}],
            "nodes": [
                {
                    "kind": "llm",
                    "key": "label",
                    "prompt": {"asset": "labelling", "number": 3, "digest": DIGEST},
                    "model": {"asset": "small", "number": 1, "digest": DIGEST},
                    "inputs": {"letter": "$letter"},
                    "next": "fork",
                },
                {"kind": "branch", "key": "fork", "on": "label", "cases": [{"equals": "yes", "next": "ask"}]},
                {
                    "kind": "human_task",
                    "key": "ask",
                    "task": "approve",
                    "title": "Send it?",
                    "instructions": "Read it.\nThen decide.",
                },
            ],
            "start": "label",
            "output": "label",
        }
    ).model_dump(mode="json")

    assert (
        written(stored, form="yaml")
        == """\
inputs:
- name: letter
  media_type: text/plain
  classification: internal
  max_bytes: 20000
nodes:
- key: label
  kind: llm
  prompt: labelling@3
  model: small@1
  inputs:
    letter: $letter
  next: fork
- key: fork
  kind: branch
  'on': label
  cases:
  - equals: 'yes'
    next: ask
- key: ask
  kind: human_task
  title: Send it?
  instructions: |-
    Read it.
    Then decide.
  task: approve
start: label
output: label
"""
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a", "must be an object"),
        ("[]", "must be an object"),
        ("just words", "must be an object"),
        ("", "is not JSON"),
        ('{"a": 1, "a": 2}', "twice"),
        ("a: 1\na: 2", "twice"),
        ('{"a": 0.5}', "fraction"),
        ("ümlaut: 1", "not plain ASCII"),
    ],
)
def test_what_is_no_definition_is_refused_in_either_form(text: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        read_definition(text)
