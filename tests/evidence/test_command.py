"""`manage.py evidence`, and a bundle that is examined where there is nothing but `cryptography`."""

import json
import subprocess
import sys
import venv
import zipfile
from io import StringIO
from pathlib import Path

import cryptography
import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from runs.evidence.assemble import assembled
from runs.records.models import Run
from tests.factories.cast import Company
from tests.factories.evidence import REASON, proven
from tests.harness.fresh import FreshDatabase

ASKED = ("--purpose", "legal", "--reason", REASON)


@pytest.fixture
def run(fresh_database: FreshDatabase, northwind: Company, tmp_path: Path, settings: Settings) -> Run:
    return proven(northwind, tmp_path, settings)


def said(*arguments: str) -> str:
    """What the command writes."""
    out = StringIO()
    call_command("evidence", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """A Python that knows `cryptography` and what that needs, and nothing else of ours."""
    folder = tmp_path / "alone"
    venv.EnvBuilder(with_pip=False, symlinks=True).create(folder)
    [packages] = (folder / "lib").glob("python*/site-packages")
    installed = Path(cryptography.__file__).parents[1]
    for name in ("cryptography", "cffi", "_cffi_backend*", "pycparser"):
        for found in installed.glob(name):
            (packages / found.name).symlink_to(found)
    return folder / "bin/python"


def test_a_bundle_verifies_where_there_is_nothing_but_cryptography(
    run: Run, northwind: Company, tmp_path: Path, alone: Path
) -> None:
    bundle, policy, verifier = (tmp_path / name for name in ("b.zip", "policy.json", "verify.py"))
    told = said("run", str(run.pk), "--by", northwind.auditor.email, *ASKED, "-o", str(bundle))
    policy.write_text(said("policy", northwind.slug))
    verifier.write_bytes(assembled())

    command = [str(alone), "-I", str(verifier), str(bundle), "--policy", str(policy)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    django = subprocess.run([str(alone), "-I", "-c", "import django"], capture_output=True, check=False)

    assert "records, sha256 " in told
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith("HOLDS: the evidence holds.\nAbout:       Run CASE-7\n")
    assert b"No module named 'django'" in django.stderr


def test_a_flipped_byte_is_named_there(run: Run, northwind: Company, tmp_path: Path, alone: Path) -> None:
    bundle, policy, verifier = (tmp_path / name for name in ("b.zip", "policy.json", "verify.py"))
    said(
        "run", str(run.pk), "--by", northwind.auditor.email, *ASKED, "--reveal", "personal", "-o", str(bundle)
    )
    policy.write_text(said("policy", northwind.slug))
    verifier.write_bytes(assembled())
    with zipfile.ZipFile(bundle) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    letter = f"artifacts/{run.inputs.get().artifact.sha256}"
    parts[letter] = b"X" + parts[letter][1:]
    with zipfile.ZipFile(bundle, "w") as changed:
        for name, part in parts.items():
            changed.writestr(name, part)

    command = [str(alone), "-I", str(verifier), str(bundle), "--policy", str(policy), "--json"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)

    assert found.returncode == 50
    [finding] = json.loads(found.stdout)["findings"]
    assert finding["said"].startswith(f"{letter} was altered: its digest is ")


def test_the_verifier_is_printed_byte_for_byte() -> None:
    command = [sys.executable, "manage.py", "evidence", "verifier"]

    assert subprocess.run(command, capture_output=True, check=True).stdout == assembled()


@pytest.mark.parametrize("kind", ["output", "run", "release"])
def test_what_the_person_does_not_reach_is_not_there(kind: str, northwind: Company) -> None:
    nothing = "018f0000-0000-7000-8000-000000000001"

    with pytest.raises(CommandError, match="There is nothing of this kind"):
        said(kind, nothing, "--by", northwind.auditor.email, *ASKED, "-o", "b.zip")


def test_a_period_and_a_folder_that_is_not_there_are_said_so(
    run: Run, northwind: Company, tmp_path: Path
) -> None:
    day = run.created_at.date().isoformat()
    asked = ("period", str(northwind.project.pk), "--first", day, "--last", day)

    with pytest.raises(CommandError, match="cannot be written: No such file"):
        said(*asked, "--by", northwind.owner.email, *ASKED, "-o", str(tmp_path / "none/b.zip"))


def test_before_the_log_is_signed_there_is_nothing_to_trust(northwind: Company) -> None:
    with pytest.raises(CommandError, match="never signed"):
        said("policy", northwind.slug)
