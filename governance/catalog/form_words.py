"""What is wrong with the form of a draft, in words for its author rather than for a programmer."""

from collections.abc import Callable, Mapping
from typing import Any

Facts = Mapping[str, Any]
WORDS: dict[str, Callable[[Facts], str]] = {
    "missing": lambda _: "is missing",
    "extra_forbidden": lambda _: "is not known here: leave it out, or look how it is written",
    "union_tag_not_found": lambda _: "does not say its “kind”",
    "union_tag_invalid": lambda facts: f"is of the kind “{facts['tag']}”; it can be {_listed(facts)}",
    "literal_error": lambda facts: f"must be {facts['expected']}",
    "string_pattern_mismatch": lambda facts: f"is not written as it must be, which is {facts['pattern']}",
    "string_too_short": lambda facts: f"has fewer than {facts['min_length']} characters",
    "string_too_long": lambda facts: f"has more than {facts['max_length']} characters",
    "too_short": lambda facts: f"needs at least {facts['min_length']} of them",
    "too_long": lambda facts: f"has more than {facts['max_length']} of them",
    "greater_than": lambda facts: f"must be more than {facts['gt']}",
    "greater_than_equal": lambda facts: f"must be at least {facts['ge']}",
    "less_than": lambda facts: f"must be less than {facts['lt']}",
    "less_than_equal": lambda facts: f"must be at most {facts['le']}",
    "string_type": lambda _: "must be a text",
    "int_type": lambda _: "must be a whole number",
    "int_parsing": lambda _: "must be a whole number",
    "int_from_float": lambda _: "must be a whole number",
    "bool_type": lambda _: "must be true or false",
    "bool_parsing": lambda _: "must be true or false",
    "tuple_type": lambda _: "must be a list",
    "list_type": lambda _: "must be a list",
    "dict_type": lambda _: "must be an object",
    "model_type": lambda _: "must be an object",
    "model_attributes_type": lambda _: "must be an object",
}


def in_words(error: Mapping[str, Any]) -> str:
    """One of pydantic's errors, with its context, as the end of a sentence; its own words for a rare one."""
    said = WORDS.get(error["type"])
    return said(error.get("ctx") or {}) if said else str(error["msg"])


def _listed(facts: Facts) -> str:
    return str(facts["expected_tags"]).replace("'", "")
