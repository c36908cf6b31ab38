"""Services: the actor is never optional, and every change leaves its event."""

import ast
import importlib
import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from governance.ledger.kinds import Kind
from tests.architecture.source import files, module_name, product_files, shown, tree

# Work that has no actor: it decides nothing, and what it does is recorded by who asked for it.
WITHOUT_ACTOR = {
    "governance.access.unique.unless_taken": "a savepoint within a service",
    "governance.prepared.rows_within": "a savepoint around a statement that reads",
    "governance.ledger.acting.acting": "names the actor; the database tells of the rows",
}


# What a service calls that writes by a single statement.
ASKED_AND_TOLD = {"authorise", "on_commit"}


def called(text: str) -> set[str]:
    """The names of what the source calls."""
    return set(re.findall(r"(\w+)\(", text))


def transactional(path: Path) -> list[ast.FunctionDef]:
    """The public functions of a file that are wrapped in `transaction.atomic`, open it, or do without."""
    found = []
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            text = ast.unparse(node)
            decorated = any("atomic" in ast.unparse(decorator) for decorator in node.decorator_list)
            if decorated or "with transaction.atomic()" in text or called(text) >= ASKED_AND_TOLD:
                found.append(node)
    return found


# Functions of the database that record an event, in the same statement as what they insert.
RECORDING = ("ledger_record", "ledger_thaw_by", "ledger_turn")

SERVICES = [
    (module_name(path), node.name)
    for path in product_files(".py")
    if not module_name(path).startswith("portal.")
    for node in transactional(path)
    if f"{module_name(path)}.{node.name}" not in WITHOUT_ACTOR
]


def test_the_services_were_found() -> None:
    names = {name for _, name in SERVICES}
    assert {"create_version", "submit_release", "vote", "grant_role", "disable_person", "set_price"} <= names
    assert {"start_run", "cancel_run", "resume_run"} <= names
    assert len(SERVICES) >= 20


@pytest.mark.parametrize(("module", "name"), SERVICES, ids=[f"{module}.{name}" for module, name in SERVICES])
def test_a_service_takes_its_actor_by_name_and_the_rest_by_keyword(module: str, name: str) -> None:
    service: Callable[..., object] = getattr(importlib.import_module(module), name)
    parameters = list(inspect.signature(service).parameters.values())

    actor = next((found for found in parameters if found.name == "actor"), None)
    assert actor is not None, "a service needs its actor"
    assert actor.kind is inspect.Parameter.KEYWORD_ONLY
    assert actor.default is inspect.Parameter.empty
    positional = [found for found in parameters if found.kind is not inspect.Parameter.KEYWORD_ONLY]
    assert len(positional) == 1, "the identifier comes first, all else by keyword"


@pytest.mark.parametrize(("module", "name"), SERVICES, ids=[f"{module}.{name}" for module, name in SERVICES])
def test_a_service_records_what_it_did(module: str, name: str) -> None:
    """By calling `record`, itself or by private functions of its file, or by a statement that does."""
    path = next(found for found in product_files(".py") if module_name(found) == module)
    functions = {node.name: node for node in tree(path).body if isinstance(node, ast.FunctionDef)}
    reached, waiting = set(), [name]
    while waiting:
        current = waiting.pop()
        if current in functions and current not in reached:
            reached.add(current)
            calls = [node for node in ast.walk(functions[current]) if isinstance(node, ast.Call)]
            waiting += [node.func.id for node in calls if isinstance(node.func, ast.Name)]
        reached.add(current)
        if current in functions and _records(functions[current], path):
            return

    assert "record" in reached


def _records(function: ast.FunctionDef, path: Path) -> bool:
    """Whether the function executes a statement of its package or file that calls what records."""
    named = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and node.id.isupper()}
    files = [path.parent / "sql" / f"{name.lower()}.sql" for name in named]
    statements = [file.read_text() for file in files if file.is_file()]
    statements += [
        ast.unparse(node.value)
        for node in tree(path).body
        if isinstance(node, ast.AnnAssign) and node.value and ast.unparse(node.target) in named
    ]
    return any(f"{door}(" in words for words in statements for door in RECORDING)


def test_no_service_has_a_switch_that_skips_a_check() -> None:
    found = []
    for path in product_files(".py"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef):
                for argument in (*node.args.args, *node.args.kwonlyargs):
                    if argument.arg.startswith(("skip_", "ignore_", "force", "no_check", "commit")):
                        found.append(f"{shown(path)}: {node.name}({argument.arg})")
    assert found == []


def test_every_kind_of_event_is_used() -> None:
    source = "\n".join(path.read_text() for path in product_files(".py") if path.name != "kinds.py")
    source += "\n".join(path.read_text() for path in files(".sql"))

    unused = [kind.name for kind in Kind if f"Kind.{kind.name}" not in source and kind.value not in source]
    assert unused == []


# A run's coming to one of these states is told under the state's own name.
STATES_REACHED = {"needs_review", "compensating"}


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)
def test_a_kind_is_a_noun_and_what_happened_to_it(kind: Kind) -> None:
    noun, participle = kind.value.split(".")
    assert kind.name == f"{noun}_{participle}".upper() or kind is Kind.APPROVAL_WITHDRAWN
    assert participle.rsplit("_", maxsplit=1)[-1].endswith(("ed", "en", "n", "set")) or participle in {
        "rolled_back",
        *STATES_REACHED,
    }


def test_only_the_access_room_and_its_models_know_guardian() -> None:
    knowing = {
        module_name(path)
        for path in product_files(".py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom | ast.Import) and "guardian" in ast.unparse(node)
        if "/migrations/" not in str(path)
    }
    assert all(
        name.startswith("governance.access") or name == "governance.catalog.models" for name in knowing
    )


def test_nothing_is_written_in_signals() -> None:
    found = [
        shown(path)
        for path in product_files(".py")
        if "django.db.models.signals" in path.read_text() or "@receiver" in path.read_text()
    ]
    assert found == []
