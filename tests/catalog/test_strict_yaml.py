"""YAML that can be read in one way only."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from governance.catalog.definition_text import _Dumper
from governance.catalog.strict_yaml import read_yaml
from governance.errors import Invalid

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
MISREAD = (
    "yes,No,on,~,null,,1,-3,0.5,1e3,0o17,0x1F,12:30,2001-01-01,1_0,<<,=,.inf,.NaN,True,- a,a: b,# x,a #b,"
    " a,a ,|,&a,*a,!x,007,\x85,\u2028,a\x85b\n"
)
WORDS = st.sampled_from(MISREAD.split(","))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT | WORDS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_read_as_the_same(value: object) -> None:
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True)

    assert read_yaml(text, what="It") == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: text", {"a": "text"}),
        ("on: a.b", {"on": "a.b"}),
        ("yes: 'no'", {"yes": "no"}),
        ("a:\nb: ~\nc: null", {"a": None, "b": None, "c": None}),
        ("{a: [1, -2, true, False]}", {"a": [1, -2, True, False]}),
        ("a: |\n  one\n  two\n", {"a": "one\ntwo\n"}),
        ("a: complaint-reply@2", {"a": "complaint-reply@2"}),
        ("a: {text: $letter}", {"a": {"text": "$letter"}}),
        ("1: x", {"1": "x"}),
        ("# nothing else\n- a\n", ["a"]),
    ],
)
def test_plain_yaml_is_read(text: str, value: object) -> None:
    assert read_yaml(text, what="It") == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb: 2\na: 3", "the key 'a' twice in one object, on line 3"),
        ("a: yes", "“yes” on line 1, which YAML's versions read differently"),
        ("a: 12:30", "read differently"),
        ("a: 2001-01-01", "read differently"),
        ("a: 0o17", "read differently"),
        ("a: 007", "read differently"),
        ("a: 1_000", "read differently"),
        ("a: 0.5", "a number with a fraction, 0.5, on line 1"),
        ("a: 1e3", "fraction"),
        ("a: .nan", "fraction"),
        ("a: 9007199254740992", "beyond 2"),
        ("a: " + "9" * 5000, "beyond 2"),
        ("a: &x 1", "an anchor, &x, on line 1"),
        ("a: 1\nb: *a", "an alias, \\*a, on line 2"),
        ("a: !!python/object/apply:os.system [ls]", "a tag"),
        ("a: !!binary aGVsbG8=", "a tag"),
        ("a: !own 1", "a tag"),
        ("b:\n  <<: {a: 1}", "a merge, <<, on line 2"),
        ("? [a]\n: 1", "a key that is not text"),
        ("? {a: 1}\n: 1", "a key that is not text"),
        ("a: 1\n---\nb: 1", "must be one document"),
        ("", "must be one document"),
        ("a: [1, 2", "is not YAML: .*line"),
        ("a: b: c", "is not YAML: .*line 1"),
        ("\ta: 1", "is not YAML"),
        ("a: \x00", "is not YAML"),
        ('a: "\\0"', "NUL"),
        ('a: "\\ud83d"', "is not YAML|surrogate"),
        ("a: \ud83d", "surrogate"),
        ("[" * 100_000, "nested more than 40"),
        ("- " * 60 + "a", "nested more than 40"),
        ("a: x\n" * 400_001, "twice|more than"),
        ("- x\n" * 300_000, "more than 100,000 values"),
        ("x" * 2_000_001, "more than 2,000,000 characters"),
    ],
)
def test_what_could_mean_two_things_or_too_much_is_refused(text: str, words: str) -> None:
    with pytest.raises(Invalid, match=words) as refusal:
        read_yaml(text, what="It")
    refusal.value.message.encode()


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor() -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))]

    with pytest.raises(Invalid, match="an anchor, &a0"):
        read_yaml("\n".join(lines), what="It")
