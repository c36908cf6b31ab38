"""Small files with one idea, in their places."""

import ast
import re

from portal.env import ROOT
from tests.architecture.source import PACKAGES, files, product_files, shown, tree

WALL = 300
TOP = {
    "manage.py",
    "pyproject.toml",
    "portal",
    "governance",
    "runs",
    "templates",
    "static",
    "tests",
    "README.md",
    "Makefile",
    "requirements",
}
# "process" is a word of the operating system in a longer name, and says nothing alone.
VAGUE = {"utils", "helpers", "common", "manager", "managers", "base", "data", "handle", "misc"}


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    long = {
        shown(path): lines for path in files(".py") if (lines := len(path.read_text().splitlines())) > WALL
    }
    long = {name: lines for name, lines in long.items() if "/migrations/" not in name}

    assert long == {}


def test_the_top_of_the_repository_holds_what_it_should() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in files("")}

    assert {name for name in names if not name.startswith(".")} <= TOP


def test_no_module_has_a_vague_name() -> None:
    found = [shown(path) for path in product_files(".py") if vague(path.stem)]

    assert found == []


def vague(stem: str) -> bool:
    """Whether the name says nothing."""
    return bool(VAGUE.intersection(stem.split("_"))) or stem == "process"


def test_every_module_and_public_thing_says_what_it_promises() -> None:
    silent = []
    for path in product_files(".py"):
        if "/migrations/" in str(path) or not path.read_text().strip():
            continue
        module = tree(path)
        if not ast.get_docstring(module):
            silent.append(shown(path))
        for node in module.body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            if not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{shown(path)}: {node.name}")

    assert silent == []


def test_no_test_reads_another() -> None:
    """What two of them need stands beside them, under a name of its own."""
    reads = re.compile(r"^\s*(?:from|import) tests\.(?:\w+\.)*test_\w+", re.MULTILINE)

    assert [shown(path) for path in files(".py") if reads.search(path.read_text())] == []


def test_every_package_writes_down_its_decisions() -> None:
    assert [name for name in PACKAGES if not (ROOT / name / "DECISIONS.md").is_file()] == []


def test_nothing_tracked_names_a_machine() -> None:
    """No path of a developer's machine, and no address of a private package index."""
    machine = re.compile(r"/(?:home|root|Users)/[\w.-]+/|/work/\w+|--(?:extra-)?index-url|--find-links")
    endings = {".py", ".md", ".toml", ".txt", ".in", ".html", ".js", ".css", ".yml", ".sh", ".sql"}
    ours = [path for path in files("") if path.suffix in endings and "static/vendor" not in str(path)]
    found = [
        f"{shown(path)}: {hit.group(0)}"
        for path in ours
        if path.name != "test_files.py"
        for hit in machine.finditer(path.read_text())
    ]
    assert found == []
