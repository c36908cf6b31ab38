"""`make screenshots`, without taking a picture."""

import subprocess
import sys
from pathlib import Path

from portal.env import ROOT
from tests.e2e.portal_process import demo_environment
from tests.e2e.screenshots import Shot, index


def test_it_starts_in_a_newcomers_shell_and_says_what_is_missing(tmp_path: Path) -> None:
    environment = demo_environment(tmp_path / "var", PATH=str(tmp_path))  # where no chromium is

    ended = subprocess.run(
        [sys.executable, "-m", "tests.e2e.screenshots"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr.startswith("No chromium on this machine")


def test_the_index_groups_pictures_by_page_with_both_themes_side_by_side() -> None:
    shots = [
        Shot("admin:index", "owner", "Set up"),
        Shot("home", "owner", "Home"),
        Shot("home", "auditor", "Home"),
    ]

    page = index(shots)

    assert page.count('<section id="home">') == page.count('<section id="admin:index">') == 1
    assert page.index("home-auditor-light-1440.png") < page.index("home-auditor-dark-1440.png")
    assert page.index("home-auditor-dark-1440.png") < page.index("admin_index-owner-light-1440.png")
