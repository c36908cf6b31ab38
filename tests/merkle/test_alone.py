"""What verifies outside the portal is made of these files: they need Python and `cryptography` alone."""

import ast
import subprocess
import sys

import pytest

from portal.env import ROOT

FILES = sorted((ROOT / "governance/merkle").glob("*.py"))


@pytest.mark.parametrize("name", [path.stem for path in FILES])
def test_a_file_imports_the_standard_library_cryptography_and_its_neighbours(name: str) -> None:
    tree = ast.parse((ROOT / f"governance/merkle/{name}.py").read_text(encoding="utf-8"))
    found = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    found |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}

    strange = {module for module in found if not module.startswith("governance.merkle.")}
    assert {module.split(".")[0] for module in strange} <= sys.stdlib_module_names | {"cryptography"}


def test_nothing_of_the_product_comes_with_them() -> None:
    modules = ", ".join(f"governance.merkle.{path.stem}" for path in FILES if path.stem != "__init__")
    said = subprocess.run(
        [sys.executable, "-c", f"import sys, {modules}; print(*sorted(sys.modules))"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = said.stdout.split()
    assert "governance.merkle.note" in loaded
    assert {name for name in loaded if name.startswith(("django", "portal", "runs"))} == set()
    assert {name for name in loaded if name.startswith("governance.")} == {
        "governance.merkle",
        *modules.split(", "),
    }
