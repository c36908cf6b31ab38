"""The `transform` node: values from expressions, within counted bounds."""

import json
from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.artifacts.opening import bytes_of
from runs.durable.expressions import TooMuchWork, evaluate
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.runs import begin, finish, released
from tests.working import least_work


def transforming(expression: str) -> dict[str, Any]:
    """A workflow of one expression over the letter."""
    node = {"kind": "transform", "key": "compute", "expression": expression, "inputs": {"letter": "$letter"}}
    inputs = [{"name": "letter", "media_type": "application/json", "max_bytes": 200_000}]
    return {"inputs": inputs, "nodes": [node], "start": "compute", "output": "compute"}


def computed(company: Company, expression: str, letter: Any) -> Run:
    """A run of it."""
    return finish(begin(company, released(company, transforming(expression)), json.dumps(letter)))


def test_the_value_is_the_output_in_canonical_form(northwind: Company) -> None:
    items = [{"name": "b", "sum": 3}, {"name": "a", "sum": 5}, {"name": "c", "sum": 1}]

    run = computed(northwind, "letter[?sum > `2`].{z: sum, a: name} | sort_by(@, &a)", items)

    assert run.state == Run.State.SUCCEEDED, run.error
    assert run.output is not None
    assert bytes_of(run.output) == b'[{"a":"a","z":5},{"a":"b","z":3}]'
    step = run.steps.get()
    assert (step.kind, [edge.name for edge in step.edges.filter(role="input")]) == ("transform", ["letter"])


@pytest.mark.parametrize(
    ("expression", "code", "words"),
    [
        ("avg(letter)", "output_refused", "fraction"),
        ("sum('x')", "expression_failed", "invalid type"),
        ("|".join(["[@, @]"] * 60), "too_much_work", "more than 1,000,000 parts"),
    ],
)
def test_what_cannot_be_recorded_or_computed_fails_for_good(
    northwind: Company, expression: str, code: str, words: str
) -> None:
    run = computed(northwind, expression, [1, 2])

    assert run.state == Run.State.FAILED
    assert run.error is not None
    assert run.error.code == code
    assert words in run.error.detail


GREEDY = {
    "nested_pairs": "|".join(["[@, @]"] * 60),
    "doubled_list": "|".join(["[@, @][]"] * 60),
    "doubled_text": "|".join(["join('', [to_string(@), to_string(@)])"] * 60),
    "as_text": "|".join(["[@, @]"] * 18) + "|" + "[" + ",".join(["to_string(@)"] * 100) + "]",
    "searched": "[" + ",".join(["contains(x, `-1`)"] * 200) + "]",
    "compared": "[" + ",".join(["x == x"] * 200) + "]",
    "gone_over": "|".join(["@.x[*] | {x: @}"] * 60),
}


@pytest.mark.parametrize("expression", GREEDY.values(), ids=GREEDY)
def test_an_expression_that_asks_for_too_much_is_stopped_soon(expression: str) -> None:
    def evaluated() -> None:
        with pytest.raises(TooMuchWork):
            evaluate(expression, {"x": list(range(20_000))})

    _, seconds = least_work(evaluated, enough=10)
    assert seconds < 10, "without the bounds these take hours"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
        ),
        max_leaves=12,
    ),
    st.sampled_from(
        [
            "x",
            "@",
            "x.a",
            "x[0]",
            "x[]",
            "x[*].a",
            "x.*",
            "[x, x]",
            "{a: x, b: x.b}",
            "x == `1`",
            "x[?a]",
            "type(x)",
            "to_string(x)",
            "not_null(x, `2`)",
            "x || `3`",
        ]
    ),
)
def test_within_its_bounds_it_computes_what_the_library_does(value: Any, expression: str) -> None:
    assert evaluate(expression, {"x": value}) == jmespath.search(expression, {"x": value})
