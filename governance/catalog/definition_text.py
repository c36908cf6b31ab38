"""Workflow definitions as text: JSON or YAML, read strictly, written for people to read and edit."""

import json
from collections.abc import Mapping
from typing import Any, Final, Literal

import yaml

from governance.catalog.pinning import short
from governance.catalog.strict_yaml import could_be_misread, read_yaml
from governance.catalog.workflows import PIN_FIELDS
from governance.errors import Invalid
from governance.ledger.canonical import canonical
from governance.ledger.strict_json import read_json

Format = Literal["json", "yaml"]
# What a thing is, then what it does, then how it is limited; what follows it comes last.
TOP_ORDER: Final = ("inputs", "nodes", "start", "output", "deadline_s", "on_failure")
INPUT_ORDER: Final = ("name", "media_type")
NODE_ORDER: Final = (
    *("key", "kind", "title", "instructions", "task", "function", "prompt", "model", "fallback", "workflow"),
    *("endpoint", "method", "path", "expression", "event", "over", "at_once", "most_items", "each"),
    *("on", "cases", "default", "seconds", "until", "inputs", "recall", "settings"),
    *("subject", "choices", "team", "output_schema", "reask", "max_tokens", "remember", "classification"),
    *("effect", "compensate", "irreversible", "retry", "start_within_s", "timeout_s", "on_timeout"),
    *("escalate_to", "escalate_after_s"),
)
LAST: Final = ("next",)
# What is empty unless it is set is left out: reading it again gives the same.
EMPTY: Final[Mapping[str, Any]] = {"inputs": {}, "settings": {}, "choices": [], "instructions": ""}
WIDTH: Final = 110
# Ends of lines to some readers of YAML; only in double quotes are they kept.
ODD_BREAKS: Final = frozenset("\r\x85\u2028\u2029\ufeff")


def read_definition(text: str) -> dict[str, Any]:
    """The object that the text writes down, as JSON when it begins with a bracket, else as YAML.

    Raises `Invalid` for what is neither, could be read in two ways, or has no digest.
    """
    what = "The definition"
    as_json = text.lstrip()[:1] in ("{", "[", "")
    value = read_json(text, what=what) if as_json else read_yaml(text, what=what)
    if not isinstance(value, dict):
        raise Invalid("The definition must be an object: begin with {, or with inputs: in YAML.")
    canonical(value)
    return value


def written(document: Mapping[str, Any], *, form: Format) -> str:
    """A stored workflow as its author would write it, pins as `slug@number`. Reading it gives the same."""
    shown = _in_order({name: value for name, value in document.items() if name != "kind"}, TOP_ORDER)
    shown["inputs"] = [_in_order(declared, INPUT_ORDER) for declared in document["inputs"]]
    shown["nodes"] = [_call(node) for node in document["nodes"]]
    shown = {name: value for name, value in shown.items() if value is not None}
    if form == "json":
        return json.dumps(shown, indent=2, ensure_ascii=False)
    return yaml.dump(shown, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)


def _call(stored: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in stored.items() if value is not None and value != EMPTY.get(name)}
    for name in PIN_FIELDS.keys() & found.keys():
        found[name] = short(found[name])
    for name in {"each", "compensate"} & found.keys():
        found[name] = _call(found[name])
    return _in_order(found, NODE_ORDER)


def _in_order(facts: Mapping[str, Any], first: tuple[str, ...]) -> dict[str, Any]:
    """The stored form sorts its keys; people read what a thing is before how it is set up."""
    known = [name for name in first if name in facts]
    rest = [name for name in facts if name not in first and name not in LAST]
    last = [name for name in LAST if name in facts]
    return {name: facts[name] for name in (*known, *rest, *last)}


class _Dumper(yaml.SafeDumper):
    """Plain YAML: no aliases, several lines as several lines, and quotes where a word could be misread."""

    def ignore_aliases(self, data: object) -> bool:
        """Write everything out."""
        return True


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    style = None
    if ODD_BREAKS & set(value):
        style = '"'
    elif "\n" in value:
        style = "|"
    elif could_be_misread(value):
        style = "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)
