"""The bytes of artifacts are read in one place, which recomputes their digest."""

import ast

from tests.architecture.source import module_name, product_files, tree

OPENING = "runs.artifacts.opening"
# A list of columns that are left unread.
LEFT_OUT = {"runs.insight.hits"}
# Statements of the engine that write bytes, recompute their digest, or hand them to Python, which does.
STATEMENTS = {"altered.sql", "checkpoint.sql", "joined.sql", "recorded.sql", "start.sql"}


def reads(text: ast.Module) -> bool:
    """Whether the source names the column: as an attribute, or in a look-up that does not defer it."""
    deferred = {
        id(node)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "defer"
        for node in ast.walk(call)
    }
    return any(
        (isinstance(node, ast.Attribute) and node.attr == "inline")
        or (
            isinstance(node, ast.Constant)
            and str(node.value).endswith("__inline")
            and id(node) not in deferred
        )
        for node in ast.walk(text)
    )


def test_python_reads_bytes_in_one_place() -> None:
    sources = (path for path in product_files(".py") if "/migrations/" not in str(path))
    reading = {module_name(path) for path in sources if reads(tree(path))}

    assert reading == {OPENING, *LEFT_OUT}


def test_the_statements_that_touch_bytes_are_known() -> None:
    sources = (path for path in product_files(".sql") if "/migrations/" not in str(path))
    touching = {
        path.name for path in sources if "runs_artifact" in (text := path.read_text()) and "body" in text
    }

    assert touching == STATEMENTS


# People see contents by tickets. What executes or examines runs shows them to nobody.
WITHOUT_TICKET = ("runs.artifacts.", "runs.durable.", "runs.reading.", "runs.replay.")
NAMED = {"runs.people.subject": "the decision takes the value; the page hands its own reading in"}
NAMED |= {"portal.demo.answers": "hands one run's output to the next"}


def test_whoever_shows_bytes_does_so_by_a_ticket() -> None:
    releasing = {
        module_name(path)
        for path in product_files(".py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.module == OPENING
        if {"bytes_of", "released", "beginnings_of"} & {each.name for each in node.names}
    }

    assert {name for name in releasing if not name.startswith(WITHOUT_TICKET)} == set(NAMED)
