"""The README names nothing that is not there. That its two commands do their work, `tests/e2e` holds."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from portal.env import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
QUOTED = re.findall(r"`([^`\n]+)`", README) + re.findall(
    r"^(make [\w-]+|manage\.py [\w-]+)", README, re.MULTILINE
)
TARGETS = sorted({found[1] for text in QUOTED if (found := re.match(r"make ([\w-]+)", text))})
COMMANDS = sorted({found[1] for text in QUOTED if (found := re.search(r"manage\.py ([\w-]+)", text))})
PATHS = sorted({text for text in QUOTED if re.fullmatch(r"\.?[\w-]+(/[\w.-]+)+/?", text)})
LINKS = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
# Made when the portal runs, so not there in a fresh clone.
WRITTEN = ("var/", ".env")


def test_there_is_something_to_check() -> None:
    assert {"demo", "test"} <= set(TARGETS)
    assert LINKS


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_exists(target: str) -> None:
    done = subprocess.run(
        ["make", "--dry-run", "--question", target], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "No rule to make target" not in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_exists(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", command, "--help"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", [*LINKS, *PATHS])
def test_every_file_that_it_names_is_there(name: str) -> None:
    if not name.startswith(WRITTEN):
        assert (ROOT / Path(name)).exists()


def test_every_package_and_top_folder_is_on_the_map() -> None:
    for name in ("portal", "governance", "runs", "templates", "static", "tests"):
        assert f"{name}/" in README
