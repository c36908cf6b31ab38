"""The source, as the tests of the architecture read it: its files and their syntax."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from portal.env import ROOT

PACKAGES = ("portal", "governance", "runs")


@cache
def files(suffix: str) -> tuple[Path, ...]:
    """Every file of the repository with this ending: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", f"*{suffix}"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return tuple(path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file())


def product_files(suffix: str) -> Iterator[Path]:
    """The same, of the product's own packages."""
    return (path for path in files(suffix) if path.relative_to(ROOT).parts[0] in PACKAGES)


@cache
def tree(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def module_name(path: Path) -> str:
    """As it is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def shown(path: Path) -> str:
    """The path as a person names it."""
    return str(path.relative_to(ROOT))
