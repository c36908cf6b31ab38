"""What the README tells other programs to do, done as it stands there."""

import os
import re
import subprocess

import pytest
from playwright.sync_api import Browser

from governance.access.permissions import Role
from portal.demo.cast import PARTS
from portal.env import ROOT
from tests.e2e.browser import visitor
from tests.e2e.portal_process import RunningPortal

pytestmark = pytest.mark.browser
OPERATOR = next(part.email for part in PARTS if part.role == Role.OPERATOR)
README = (ROOT / "README.md").read_text(encoding="utf-8")
FIRST, COMMANDS = (
    README.split("## From another program")[1].split("```sh\n")[1].split("```")[0].split("\n", 1)
)


def token_of(browser: Browser, portal: RunningPortal) -> str:
    """A new token of the operator, made on the page."""
    with visitor(browser, portal.url) as operator:
        operator.sign_in(OPERATOR, portal.password)
        operator.page.goto(f"{portal.url}/account/")
        operator.page.locator("main").get_by_role("link", name="API tokens").click()
        operator.page.get_by_label("Name").fill("As the README says")
        for scope in ("read", "runs:write"):
            operator.page.locator(f'input[name="scopes"][value="{scope}"]').check()
        operator.page.get_by_role("button", name="Make the token").click()
        return operator.page.locator("code.token").inner_text()


def test_the_commands_start_one_run_and_print_its_output(browser: Browser, portal: RunningPortal) -> None:
    assert re.fullmatch(r"API=http://127\.0\.0\.1:8000/api/v1 TOKEN=csn_…", FIRST)
    shown = "; echo; echo run $RUN"
    environment = {"PATH": os.environ["PATH"], "API": f"{portal.url}/api/v1"}
    environment["TOKEN"] = token_of(browser, portal)

    first, again = (
        subprocess.run(
            ["sh", "-eu", "-c", COMMANDS.rstrip() + shown],
            env=environment, capture_output=True, text=True, timeout=120, check=False,
        )
        for _ in range(2)
    )  # fmt: skip

    assert first.returncode == 0, first.stderr + first.stdout
    state, *output, run = first.stdout.split("\n")[:-1]
    assert state == "succeeded"
    assert "".join(output).strip()
    assert re.fullmatch("run [0-9a-f-]{36}", run)
    assert again.stdout == first.stdout
