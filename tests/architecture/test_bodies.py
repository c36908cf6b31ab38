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


# Masking is decided in one place, `begin`. Whoever opens contents otherwise says why nothing is masked.
PAST_MASKING = {
    "runs.evidence.materials": "classes are asked for by name, and who asks must be allowed to reveal",
    "runs.insight.found_by_text": "contents are compared with words; no text of a masked one is handed on",
    "runs.insight.found_close": "the same",
    "runs.people.revealing": "reveals what a task shows to whoever decides it",
    "runs.web.access": "a file of readings holds no contents",
}
WAYS = {"begin_asked", "open_search", "open_ticket", "opened_for", "read", "read_beginnings", "read_searched"}


def test_contents_are_opened_where_masking_is_decided() -> None:
    opening = {
        module_name(path)
        for path in product_files(".py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("runs.reading.")
        if WAYS & {each.name for each in node.names}
    }

    assert {name for name in opening if not name.startswith("runs.reading.")} == set(PAST_MASKING)


def test_whoever_shows_text_knows_what_is_masked() -> None:
    """`bytes_of` and `released` refuse a masked content; who calls them looks first, and says so."""
    calling = {
        module_name(path)
        for path in product_files(".py")
        if str(module_name(path)).startswith(("runs.web.", "runs.api.", "portal."))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"bytes_of", "released", "beginnings"}
    }
    looking = {
        module_name(path)
        for path in product_files(".py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr == "masked"
    }

    assert calling
    assert calling <= looking
