"""What a workflow may not hold, by kind; every complaint names its node and the reason."""

from typing import Any

import pytest

from governance.catalog.graphs import complaints
from governance.catalog.workflows import Input
from tests.catalog.graph_parts import (
    IRREVERSIBLE,
    LABELS,
    MODEL,
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

NOBODY_READS = "no later node reads whether it was approved"
UNSAFE = "its effect is unsafe: say with “compensate”"
WRONG: dict[str, tuple[list[dict[str, Any]], str, str]] = {
    # effects
    "a write that nothing undoes": ([send(method="POST")], "a", UNSAFE),
    "an unsafe function": ([keep(effect="unsafe")], "a", UNSAFE),
    "an unsafe write on each item": ([each(send(method="PUT"))], "a", "unsafe on each item"),
    "a write called harmless": ([send(method="DELETE", effect="none")], "a", "writes with DELETE"),
    "a write retried": (
        [send(method="POST", compensate=UNDO, retry={"attempts": 2})],
        "a",
        "never repeated on its own",
    ),
    "undone and not": ([send(method="POST", compensate=UNDO, **IRREVERSIBLE)], "a", "says both"),
    "an undoing of an undoing": ([keep(compensate={**UNDO, **IRREVERSIBLE})], "a", "not undone in turn"),
    "an undoing retried": (
        [keep(compensate={"kind": "http", "endpoint": "crm", "method": "POST", "retry": {"attempts": 3}})],
        "a",
        "to undo it: its effect is unsafe",
    ),
    "an expression with an effect": ([{**compute("x"), "effect": "unsafe"}], "a", "its effect is none"),
    # compensation
    "an undoing that reads what comes later": (
        [keep(compensate={**UNDO, "inputs": {"text": "b"}}), keep("b")],
        "a",
        "to undo it, text reads “b”, which has not run on every way",
    ),
    "an undoing that reads an item": (
        [keep(compensate={**UNDO, "inputs": {"text": "@item"}})],
        "a",
        "to undo it, text reads “@item”, which only the calls of a map can",
    ),
    "an undoing by nobody": (
        [keep(compensate={**UNDO, "function": "gone@1"})],
        "a",
        "to undo it: calls “gone@1”",
    ),
    "an undoing without its inputs": (
        [keep(compensate={**UNDO, "inputs": {}})],
        "a",
        "to undo it: “undo@1” needs",
    ),
    # references
    "an item outside of a map": ([keep(inputs={"text": "@item.name"})], "a", "only the calls of a map"),
    "a field of a text": (
        [keep(inputs={"text": "$letter.name"})],
        "a",
        "“$letter” is text, which has no “name”",
    ),
    "a field of an answer in words": (
        [ask(), keep("b", inputs={"text": "a.label"})],
        "b",
        "text reads “a.label”, but “a” is text",
    ),
    "a field that the schema lacks": (
        [ask(output_schema=LABELS), keep("b", inputs={"text": "a.mood"})],
        "b",
        "“a” has no “mood”, only label, parts",
    ),
    "a field of a field": (
        [ask(output_schema=LABELS), keep("b", inputs={"text": "a.label.x"})],
        "b",
        "“label” of “a” is text, which has no “x”",
    ),
    "a field of an item that is text": (
        [{**each(ask()), "key": "m"}, {**each(keep(inputs={"text": "@item.x"}), over="m"), "key": "b"}],
        "b",
        "“@item” is text",
    ),
    "an input of the calls that is called as the list": (
        [each(send(inputs={"over": "$mail"}))],
        "a",
        "over reads “$mail”",
    ),
    "a field of a place": ([each(keep(inputs={"text": "@index.x"}))], "a", "“@index” is a whole number"),
    "a field of a decision": (
        [person(), keep("b", inputs={"text": "a.choice"})],
        "b",
        "only approved, comment",
    ),
    "a field of a moment": (
        [{"kind": "timer", "key": "a", "seconds": 5}, keep("b", inputs={"text": "a.x"})],
        "b",
        "only waited_until",
    ),
    # types
    "a map over text": ([each(keep(), over="$letter")], "a", "goes over “$letter”, which is text, no list"),
    "a map over an object": (
        [ask(output_schema=LABELS), {**each(keep(), over="a"), "key": "b"}],
        "b",
        "which is an object, no list",
    ),
    "a choice by an object": ([ask(output_schema=LABELS), *choose("a")], "fork", "“a”, which is an object"),
    "a choice by a list": ([ask(output_schema=LABELS), *choose("a.parts")], "fork", "which is a list"),
    "a label that never comes": (
        [ask(output_schema=LABELS), *choose("a.label", "card", "cart")],
        "fork",
        "has a case for “cart”, but “a.label” is one of card, loan",
    ),
    "a choice that nobody has": (
        [person("choose", choices=["pay", "refuse"]), *choose("a.choice", "wait")],
        "fork",
        "a case for “wait”",
    ),
    "an approval by another word": ([person(), *choose("a.approved", "yes")], "fork", "one of false, true"),
    "a moment that is a number": (
        [
            ask(output_schema={"type": "object", "properties": {"at": {"type": "integer"}}}),
            {"kind": "timer", "key": "b", "until": "a.at"},
        ],
        "b",
        "which is a whole number, no moment",
    ),
    # waits
    "a timer of nothing": ([{"kind": "timer", "key": "a"}], "a", "exactly one"),
    "a timer of both": (
        [{"kind": "timer", "key": "a", "seconds": 1, "until": "$facts.at"}],
        "a",
        "exactly one",
    ),
    "late after nothing": (
        [{"kind": "wait_event", "key": "a", "event": "paid", "on_timeout": "b"}, keep("b")],
        "a",
        "has “on_timeout”, but no “timeout_s”",
    ),
    "a person late after nothing": ([person(on_timeout="b"), keep("b")], "a", "has “on_timeout”"),
    "a choice of one": ([person("choose", choices=["pay"])], "a", "fewer than two “choices”"),
    "a choice twice": ([person("choose", choices=["pay", "pay"])], "a", "the same choice twice"),
    "choices of an approval": ([person(choices=["pay", "wait"])], "a", "has “choices”"),
    "an edit of nothing": ([person("edit")], "a", "names no “subject”"),
    "a subject of an approval": ([person(subject="$letter")], "a", "has a “subject”"),
    "an escalation to nobody": ([person(escalate_after_s=5)], "a", "escalates with both"),
    "an escalation too late": (
        [person(escalate_after_s=9, escalate_to="heads", timeout_s=9)],
        "a",
        "escalates only after",
    ),
    "an approval that nothing heeds": ([keep("first"), person(), keep("b")], "a", NOBODY_READS),
    "an approval of which only the comment is read": (
        [keep("first"), person(), keep("b", inputs={"text": "a.comment"})],
        "a",
        NOBODY_READS,
    ),
    "an approval read only where it is late": (
        [
            keep("first"),
            person(timeout_s=9, on_timeout="c", next="b"),
            keep("b", next=None),
            keep("c", inputs={"text": "a"}),
        ],
        "a",
        NOBODY_READS,
    ),
    "an approval after which the run succeeds": ([keep("first"), person()], "a", "let a branch choose by"),
    # expressions
    "no expression": ([compute("x ||")], "a", "not JMESPath"),
    "an unknown name": ([compute("x.y + 1")], "a", "not JMESPath"),
    "a name that is no input": ([compute("{a: x, b: y.z}")], "a", "names y in its expression"),
    "a name in a function": ([compute("length(items)")], "a", "names items"),
    "a name below the whole": ([compute("@.y")], "a", "names y"),
    "a function that there is not": (
        [compute("lenght(x)")],
        "a",
        "the function “lenght”, which JMESPath does not",
    ),
    "too few arguments": ([compute("sort_by(x)")], "a", "1 arguments; it takes 2"),
    "nested without end": ([compute("[" * 1900 + "x" + "]" * 1900)], "a", "nested too deep"),
    # requests
    "a place without a value": ([send(path="/cases/{id}")], "a", "has id in its path"),
    "a path upwards": ([send(path="/a/../b")], "a", "leads away"),
    "a path to a host": ([send(path="//elsewhere.example/")], "a", "leads away"),
    "a query in the path": ([send(path="/a?b=c")], "a", "a character that a path may not have"),
    "no place": ([send(path="/{Not a place}".replace(" ", ""))], "a", "an unknown place"),
    # models
    "asked again without a schema": ([ask(reask=1)], "a", "no “output_schema”"),
    "asked again though it may be asked only once": (
        [ask(reask=1, output_schema=LABELS, effect="unsafe", irreversible="It is told.")],
        "a",
        "its effect is unsafe: it may be asked only once",
    ),
    "falls back on itself": ([ask(fallback=MODEL)], "a", "falls back on the model that failed"),
    # memory
    "a key that reads nothing": (
        [keep(recall={"old": {"namespace": "n", "key": "$mail"}}, inputs={})],
        "a",
        "the key of “old” reads “$mail”",
    ),
    "a key that reads what comes later": (
        [keep(inputs={}, recall={"text": {"namespace": "n", "key": "b.name"}}), keep("b")],
        "a",
        "“b.name”, which has not run",
    ),
    "remembered by an object": (
        [ask(output_schema=LABELS, remember={"namespace": "n", "key": "a"})],
        "a",
        "the key that is remembered “a”, which is an object",
    ),
    "remembered what is not there": (
        [ask(output_schema=LABELS, remember={"namespace": "n", "key": "k", "path": "mood"})],
        "a",
        "remembers “mood”, but its output has no “mood”",
    ),
    "given twice": (
        [keep(recall={"text": {"namespace": "n", "key": "k"}})],
        "a",
        "gives text twice",
    ),
}


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        ({"value_schema": {"type": "object"}}, "so its media_type is application/json"),
        ({"media_type": "application/json", "value_schema": {"type": "thing"}}, "schema” that is not valid"),
        ({"media_type": "application/json", "value_schema": {"pattern": "a+"}}, "which is not allowed"),
    ],
)
def test_the_schema_of_an_input_is_one_that_a_value_can_be_checked_by(
    declared: dict[str, Any], reason: str
) -> None:
    content = line(keep())
    given = [*content.inputs, Input.model_validate({"name": "case", **declared})]

    assert reason in complaints(content.model_copy(update={"inputs": given}))["inputs"]


def test_what_an_input_has_not_is_not_read() -> None:
    schema = {"type": "object", "properties": {"amount": {"type": "integer"}}}
    case = {"name": "case", "media_type": "application/json", "value_schema": schema}
    content = line(keep(inputs={"text": "$case.value"}))
    given = [*content.inputs, Input.model_validate(case)]

    found = complaints(content.model_copy(update={"inputs": given}))
    assert found["a"] == "text reads “$case.value”, but “$case” has no “value”, only amount"


@pytest.mark.parametrize(("nodes", "node", "reason"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_run_is_refused_by_node(nodes: list[dict[str, Any]], node: str, reason: str) -> None:
    found = complaints(line(*nodes))

    assert reason in found.get(node, ""), found
