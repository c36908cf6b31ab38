"""Structured content as names and values."""

from hypothesis import given
from hypothesis import strategies as st

from governance.web.keys import flat, key_changes

values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
documents = st.dictionaries(st.sampled_from("abcd"), values, max_size=4)


@given(documents, documents)
def test_the_changes_lead_from_one_to_the_other(old: dict[str, object], new: dict[str, object]) -> None:
    found = flat(old)
    for change in key_changes(old, new):
        if change.kind == "removed":
            del found[change.path]
        else:
            found[change.path] = change.new
    assert found == flat(new)


def test_added_removed_and_changed_are_told_apart() -> None:
    found = key_changes({"a": 1, "b": {"c": True}}, {"a": 2, "d": None})
    assert [(change.path, change.kind, change.old, change.new) for change in found] == [
        ("a", "changed", "1", "2"),
        ("d", "added", "", "none"),
        ("b.c", "removed", "yes", ""),
    ]


def test_nothing_has_no_names() -> None:
    assert flat({}) == {}


def test_depth_does_not_exhaust_the_stack() -> None:
    deep: dict[str, object] = {}
    for _ in range(5_000):
        deep = {"a": deep}
    assert list(flat(deep).values()) == ["empty"]
