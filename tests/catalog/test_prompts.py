"""Prompts: declared variables, and rendering by named substitution only."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.catalog.prompts import PLACEHOLDER, Message, PromptContent, Variable
from governance.errors import Invalid

NAME = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


def prompt(text: str, *names: str, longest: int = 20_000) -> PromptContent:
    variables = tuple(Variable(name=name, max_characters=longest) for name in names)
    return PromptContent(messages=(Message(role="user", content=text),), variables=variables)


def rendered(content: PromptContent, **values: object) -> str:
    return content.render(values)[0]["content"]


@given(before=TEXT, after=TEXT, value=TEXT, name=NAME)
def test_a_value_arrives_as_it_is(before: str, after: str, value: str, name: str) -> None:
    literal = PLACEHOLDER.sub("", before), PLACEHOLDER.sub("", after)
    text = f"{literal[0]} {{{name}}} {literal[1]}"
    if set(PLACEHOLDER.findall(text)) != {name}:
        return

    assert rendered(prompt(text, name), **{name: value}) == f"{literal[0]} {value} {literal[1]}"


@given(first=TEXT, second=TEXT)
def test_a_values_own_braces_are_not_filled_in(first: str, second: str) -> None:
    made = rendered(prompt("{one}|{two}", "one", "two"), one="{two}" + first, two="{one}" + second)

    assert made == "{two}" + first + "|{one}" + second


@pytest.mark.parametrize(
    "payload",
    [
        "{{ settings.SECRET_KEY }}",
        "{% load static %}{% debug %}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{letter.__class__}",
        "{letter!r}",
        "{0}",
        "%(letter)s $letter",
        "{Letter}",
        r"\1 \g<0>",
    ],
)
def test_template_languages_stay_text(payload: str) -> None:
    assert rendered(prompt(payload + "{letter}", "letter"), letter="x") == payload + "x"
    assert rendered(prompt("{letter}", "letter"), letter=payload) == payload


def test_double_braces_are_a_place_between_braces() -> None:
    assert rendered(prompt("{{letter}}", "letter"), letter="x") == "{x}"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (prompt("Hello {nobody}"), "uses “nobody”, which is not declared"),
        (prompt("Hello", "letter"), "“letter” is declared and not used"),
        (prompt("{letter}", "letter", "letter"), "declared twice"),
    ],
)
def test_places_and_declarations_match(content: PromptContent, complaint: str) -> None:
    with pytest.raises(Invalid, match=complaint) as refused:
        content.check()
    assert "variables" in refused.value.fields


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({}, "needs “letter”"),
        ({"letter": "x", "more": "y"}, "no variable called “more”"),
        ({"letter": 7}, "letter is not text"),
        ({"letter": "x" * 11}, "has 11 characters; 10 are allowed"),
    ],
)
def test_rendering_names_what_is_wrong(values: dict[str, object], complaint: str) -> None:
    with pytest.raises(Invalid, match=re.escape(complaint)):
        prompt("{letter}", "letter", longest=10).render(values)


def test_messages_keep_their_order_and_roles() -> None:
    content = PromptContent(
        messages=(
            Message(role="system", content="Be kind."),
            Message(role="user", content="{letter}"),
            Message(role="assistant", content="Dear {name},"),
        ),
        variables=(Variable(name="letter"), Variable(name="name")),
    )

    assert content.render({"letter": "Help!", "name": "Ms Ames"}) == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Help!"},
        {"role": "assistant", "content": "Dear Ms Ames,"},
    ]


def test_a_prompt_that_would_grow_beyond_measure_is_refused_before_it_is_built() -> None:
    content = prompt("{a}" * 3_000, "a")
    with pytest.raises(Invalid, match="60,000,000 characters; 2,000,000 are allowed"):
        content.render({"a": "x" * 20_000})
    assert len(rendered(content, a="x" * 600)) == 1_800_000


def test_the_messages_of_a_prompt_are_measured_together() -> None:
    message = Message(role="user", content="{a}" * 50)
    content = PromptContent(messages=(message,) * 3, variables=(Variable(name="a"),))
    with pytest.raises(Invalid, match="3,000,000 characters"):
        content.render({"a": "x" * 20_000})
