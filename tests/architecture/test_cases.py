"""Two workers that share the suite must find the same tests, under the same names."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source import files, shown, tree

BY_CHANCE = {"uuid1", "uuid4", "uuid7", "now", "today", "time", "random", "choice", "randint", "token_hex"}


def test_no_case_is_named_or_ordered_by_chance() -> None:
    found = [
        f"{shown(path)}:{line}"
        for path in files(".py")
        if path.name.startswith("test_") or path.name == "conftest.py"
        for line in chances(tree(path))
    ]

    assert found == []


@pytest.mark.parametrize(
    ("cases", "bad"),
    [
        ("[str(uuid4())]", True),
        ("{'a', 'b'}", True),
        ("set(NAMES)", True),
        ("[{'id': uuid4()}]", False),  # such a value has no part in the name
        ("sorted({'a', 'b'})", False),
        ("['a', UUID(int=7)]", False),
    ],
)
def test_chance_is_seen(cases: str, bad: bool) -> None:
    module = ast.parse(f"@pytest.mark.parametrize('case', {cases})\ndef test_it(): pass")

    assert bool(list(chances(module))) == bad


def chances(module: ast.Module) -> Iterator[int]:
    """The lines on which the cases of a test are drawn by chance, or taken from a set."""
    for call in ast.walk(module):
        if isinstance(call, ast.Call) and _name(call.func) == "parametrize" and len(call.args) > 1:
            cases = call.args[1]
            unordered = isinstance(cases, ast.Set | ast.SetComp)
            if unordered or _name(getattr(cases, "func", cases)) in {"set", "frozenset"} or _drawn(cases):
                yield cases.lineno


def _drawn(node: ast.AST) -> bool:
    """Whether something in it is drawn by chance; a dictionary is never part of a name."""
    if isinstance(node, ast.Dict):
        return False
    if isinstance(node, ast.Call) and _name(node.func) in BY_CHANCE:
        return True
    return any(_drawn(inner) for inner in ast.iter_child_nodes(node))


def _name(called: ast.AST) -> str:
    """The last word of what is called."""
    return str(getattr(called, "attr", getattr(called, "id", "")))
