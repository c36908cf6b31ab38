"""`verify.py`: the verifier's files and the tree's as one that a stranger can read, copy and run."""

import ast
import hashlib
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
OWN: Final = ("governance.merkle", "runs.evidence.verifier")
MODULES: Final = (  # each after those that it needs
    *(f"governance.merkle.{name}" for name in ("errors", "tree", "keys", "note", "cosignature")),
    *(
        f"runs.evidence.verifier.{name}"
        for name in (
            *("causes", "limits", "zip_reading", "strict_json", "policy", "envelope", "checkpoint", "events"),
            "imports",
            *("contents", "disclosures", "relations", "claims", "verdict", "main"),
        )
    ),
)
HEADER: Final = '''#!/usr/bin/env python3
"""Examine a bundle of evidence that a Countersign portal handed out, without that portal.

    python verify.py BUNDLE.zip --policy POLICY.json

Needs Python 3.11 or newer and the package `cryptography`. It opens no connection and writes no file. The
policy says whom you trust; take it, and this file, from the portal or its operator, never from the bundle.
`python verify.py --help` lists the exit codes.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit("verify.py needs Python 3.11 or newer.")
'''
FOOTER: Final = '\nif __name__ == "__main__":\n    sys.exit(main())\n'


@lru_cache(maxsize=1)
def assembled() -> bytes:
    """The whole of `verify.py`. The same sources make the same bytes."""
    parts: list[str] = []
    wanted: dict[str, set[str]] = defaultdict(set)
    for module in MODULES:
        source = (ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")
        tree = ast.parse(source)
        for node in _imports(tree):
            if not _is_own(node):
                origin = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
                wanted[origin] |= {name.name for name in node.names}
        parts.append(_part(module, source, tree))
    listed = [f"import {name}" for name in sorted(wanted.pop("") - {"sys"})]
    listed += [f"from {origin} import {', '.join(sorted(wanted[origin]))}" for origin in sorted(wanted)]
    return ("\n\n\n".join([HEADER + "\n" + "\n".join(listed), *parts]) + "\n" + FOOTER).encode()


def digest_of_verifier() -> str:
    """The SHA-256 of `verify.py`, by which a copy of it is known."""
    return hashlib.sha256(assembled()).hexdigest()


def _imports(tree: ast.Module) -> Iterator[ast.Import | ast.ImportFrom]:
    return (node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))


def _is_own(node: ast.Import | ast.ImportFrom) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.module or "").startswith(OWN)


def _part(module: str, source: str, tree: ast.Module) -> str:
    """One file without its imports, its docstring as a comment above it."""
    lines = source.splitlines()
    own = [node for node in _imports(tree) if _is_own(node)]
    aliases = [f"{name.asname} = {name.name}" for node in own for name in node.names if name.asname]
    for node in _imports(tree):
        lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or node.lineno) - node.lineno + 1)
    first = tree.body[0]
    lines[: first.end_lineno] = []
    words = [f"# {line}".rstrip() for line in (ast.get_docstring(tree) or "").splitlines()]
    title = f"# {'-' * 20} {module.rpartition('.')[2]} {'-' * 20}"
    body = "\n".join(lines).strip("\n")
    return "\n".join([title, *words, "", *([*aliases, ""] if aliases else []), body])
