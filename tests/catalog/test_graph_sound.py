"""What a workflow may hold, and what is known of it before it has run."""

from typing import Any

import pytest

from governance.catalog.graphs import Contents, complaints
from governance.catalog.prompts import PromptContent
from tests.catalog.graph_parts import (
    DIGEST,
    IRREVERSIBLE,
    LABELS,
    UNDO,
    ask,
    choose,
    compute,
    each,
    keep,
    line,
    person,
    send,
)

pytestmark = pytest.mark.usefixtures("two_functions")

RIGHT: dict[str, list[dict[str, Any]]] = {
    "a read": [send(path="/cases/{id}", inputs={"id": "$facts.id"}, retry={"attempts": 5})],
    "a write that is undone": [send(method="POST", compensate={**UNDO, "inputs": {"text": "a.id"}})],
    "a write that nothing can undo": [send(method="POST", **IRREVERSIBLE)],
    "a write once": [send(method="POST", retry={"attempts": 1}, **IRREVERSIBLE)],
    "a write with a key": [send(method="PUT", effect="idempotent", retry={"attempts": 9})],
    "a write on each item": [
        each(send(method="POST", inputs={"x": "@item.x", "at": "@index"}, **IRREVERSIBLE))
    ],
    "a field that more may have": [
        ask(output_schema={**LABELS, "additionalProperties": True}),
        keep("b", inputs={"text": "a.mood"}),
    ],
    "a field by another way": [
        ask(output_schema={"anyOf": [LABELS, {"type": "object"}]}),
        keep("b", inputs={"text": "a.mood"}),
    ],
    "the items of a list": [
        ask(output_schema=LABELS),
        {**each(keep(inputs={"text": "@item.name"}), over="a.parts"), "key": "b"},
    ],
    "a choice by every label": [ask(output_schema=LABELS), *choose("a.label", "card", "loan")],
    "a choice by words": [ask(), *choose("a", "anything")],
    "a choice by an approval": [person(), *choose("a.approved", "true", "false")],
    "a choice by a person": [person("choose", choices=["pay", "wait"]), *choose("a.choice", "pay")],
    "a decision that may be late": [
        person("choose", choices=["pay", "wait"], timeout_s=9, on_timeout="b"),
        keep("b", inputs={"text": "a.anything"}),
    ],
    "an approval whose reader comes later": [person(), keep("b"), keep("c", inputs={"text": "a"})],
    "an approval that the reader of the run heeds": [person()],
    "an edit": [person("edit", subject="$letter", escalate_to="heads", escalate_after_s=5, timeout_s=9)],
    "a moment": [{"kind": "timer", "key": "a", "until": "$facts.due"}],
    "an expression": [compute("x[?price > `3`].{name: name, of: @} | [0] || y", x="$facts", y="$letter")],
    "the whole": [compute("merge(@, {z: keys(@)}, map(&a.b, x))")],
    "from memory": [keep(inputs={}, recall={"text": {"namespace": "n", "key": "customer"}})],
    "from memory by a value": [keep(inputs={}, recall={"text": {"namespace": "n", "key": "$facts.id"}})],
    "remembered": [ask(output_schema=LABELS, remember={"namespace": "n", "key": "a.label", "path": "label"})],
}


@pytest.mark.parametrize("nodes", RIGHT.values(), ids=RIGHT.keys())
def test_what_can_be_run_is_not_complained_of(nodes: list[dict[str, Any]]) -> None:
    assert complaints(line(*nodes)) == {}


def test_an_end_in_time_needs_the_output_too() -> None:
    wait = {"kind": "wait_event", "key": "w", "event": "paid", "timeout_s": 5, "on_timeout": "a"}
    content = line({**wait, "next": None}, keep()).model_copy(update={"output": "a"})

    assert complaints(content) == {"w": "ends the run on a way on which “a”, the output, has not run"}


def test_every_complaint_of_a_node_is_told() -> None:
    found = complaints(line(send(method="POST", effect="none", path="/{id}", inputs={"x": "$mail"})))

    assert found["a"].split("; ") == [
        "has id in its path, which it is not given",
        "writes with POST, so its effect is not none",
        "x reads “$mail”, which is no input of the workflow",
    ]


def test_a_map_of_maps_has_no_form() -> None:
    with pytest.raises(ValueError, match="does not match any of the expected tags"):
        line(each(each(keep())))


def test_what_is_known_of_pinned_versions_is_checked() -> None:
    inner = line(ask(output_schema=LABELS))
    prompt = PromptContent.model_validate(
        {"messages": [{"role": "user", "content": "{mood}"}], "variables": [{"name": "mood"}]}
    )
    contents: Contents = {("workflow", "triage", 2): inner, ("prompt", "reply", 1): prompt}
    pin = {"asset": "triage", "number": 2, "digest": DIGEST}
    run = {"kind": "subrun", "key": "a", "workflow": pin, "inputs": {"letter": "$letter", "more": "$letter"}}
    right = {**run, "inputs": {"letter": "$letter", "facts": "$facts"}}

    wrong = complaints(line(run, ask("b")), contents)
    onward = complaints(line(right, keep("b", inputs={"text": "a.mood"})), contents)

    assert wrong["a"].split("; ") == [
        "does not give triage v2 its input facts",
        "gives triage v2 more, which is none of its inputs",
    ]
    assert wrong["b"].split("; ") == [
        "does not give its prompt mood",
        "gives its prompt letter, which it has no place for",
    ]
    assert onward == {"b": "text reads “a.mood”, but “a” has no “mood”, only label, parts"}
