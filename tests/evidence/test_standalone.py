"""`verify.py`, the one file that is handed out, alone."""

import ast
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from portal.env import ROOT
from runs.evidence.assemble import MODULES, assembled, digest_of_verifier
from runs.evidence.verifier.causes import MEANINGS, Cause
from runs.evidence.verifier.limits import LARGEST_JSON, MOST_VALUES
from tests.attacks.bundle_cases import CASES
from tests.attacks.draft import Draft

VERIFIER = ROOT / "runs/evidence/verifier"
MOST_KILOBYTES = 200_000
HERE = {"argparse", "base64", "cryptography", "json", "sys", "zipfile"}


@pytest.fixture
def verifier(tmp_path: Path) -> Path:
    """The file, in a folder with nothing else."""
    path = tmp_path / "verify.py"
    path.write_bytes(assembled())
    return path


def run(verifier: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line, with neither the checkout nor the current folder on the way to modules."""
    command = [sys.executable, "-I", str(verifier), *arguments]
    return subprocess.run(command, cwd=verifier.parent, capture_output=True, text=True, check=False)


def written(draft: Draft, folder: Path) -> list[str]:
    """The arguments that name the draft's bundle and policy."""
    (folder / "bundle.zip").write_bytes(draft.packed())
    (folder / "policy.json").write_text(json.dumps(draft.policy))
    return ["bundle.zip", "--policy", "policy.json"]


def test_the_honest_bundle_holds(verifier: Path, tmp_path: Path) -> None:
    draft = Draft()
    draft.checkpoint = draft.signed(300, seen=1_600_000_000)  # its clock is the machine's

    said = run(verifier, *written(draft, tmp_path))

    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("HOLDS: the evidence holds.\nAbout:       Run CASE-7\n")


@pytest.mark.parametrize("name", ["record edited", "artifact under a wrong digest", "witness stripped"])
def test_the_exit_code_is_the_cause(name: str, verifier: Path, tmp_path: Path) -> None:
    draft, case = Draft(), next(case for case in CASES if case.name == name)
    draft.checkpoint = draft.signed(300, seen=1_600_000_000)
    case.change(draft)

    said = run(verifier, *written(draft, tmp_path), "--json")

    assert said.returncode == case.expected
    assert json.loads(said.stdout)["findings"][0]["cause"] == case.expected.name


@pytest.mark.parametrize("policy", ["", "{}", "[]", '{"origin": 7}', "\x00"])
def test_a_policy_that_is_none_is_a_matter_of_usage(policy: str, verifier: Path, tmp_path: Path) -> None:
    arguments = written(Draft(), tmp_path)
    (tmp_path / "policy.json").write_text(policy)

    said = run(verifier, *arguments)

    assert said.returncode == Cause.USAGE
    assert said.stderr.startswith("The policy cannot be used: ")
    assert "Traceback" not in said.stderr


def test_a_file_that_is_not_there_is_a_matter_of_usage(verifier: Path, tmp_path: Path) -> None:
    arguments = written(Draft(), tmp_path)
    (tmp_path / "bundle.zip").unlink()

    assert run(verifier, *arguments).returncode == run(verifier).returncode == Cause.USAGE


def test_the_help_lists_every_exit_code(verifier: Path) -> None:
    said = run(verifier, "--help").stdout

    assert all(f"  {int(cause):2}  {meaning}\n" in said for cause, meaning in MEANINGS.items())


def test_it_is_all_files_of_the_verifier_and_no_name_stands_for_two_things() -> None:
    own = {f"runs.evidence.verifier.{path.stem}" for path in VERIFIER.glob("*.py") if path.stem != "__init__"}
    assert own <= set(MODULES)

    body = ast.parse(assembled()).body
    names = [node.name for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    names += [
        node.target.id
        for node in body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    ]

    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_it_needs_the_standard_library_and_cryptography() -> None:
    nodes = ast.walk(ast.parse(assembled()))
    found = {
        alias.name.partition(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names
    } | {
        (node.module or "").partition(".")[0]
        for node in ast.walk(ast.parse(assembled()))
        if isinstance(node, ast.ImportFrom)
    }

    assert found >= HERE
    assert found - sys.stdlib_module_names == {"cryptography"}


def test_the_same_sources_make_the_same_bytes() -> None:
    first = assembled()
    assembled.cache_clear()

    assert assembled() == first
    assert len(digest_of_verifier()) == 64


def test_it_is_as_clean_as_what_it_is_made_of(verifier: Path) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F,E9,B", str(verifier)]

    said = subprocess.run(command, capture_output=True, text=True, check=False)

    assert said.returncode == 0, said.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="a process's memory is bounded by a POSIX shell here")
@pytest.mark.parametrize("larger", [False, True])
@pytest.mark.parametrize("item", ["[],", '"",', '{"a":{}},', "0,"])
def test_the_largest_json_is_read_or_refused_in_bounded_memory(
    item: str, larger: bool, verifier: Path, tmp_path: Path
) -> None:
    draft = Draft()
    bearable = item * (MOST_VALUES // sum(map(item.count, ",:[{")) - 1)
    draft.envelope = f"[{item * (LARGEST_JSON // len(item)) if larger else bearable}0]".encode()
    command = [sys.executable, "-I", str(verifier), *written(draft, tmp_path)]

    bounded = ["sh", "-c", f'ulimit -v {MOST_KILOBYTES} && exec "$@"', "sh", *command]
    said = subprocess.run(bounded, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (said.returncode, said.stderr) == (Cause.LIMIT if larger else Cause.JSON, "")
