"""What the README tells other programs to do, done as it stands there."""

import os
import re
import subprocess

import pytest
from playwright.sync_api import Browser

from governance.access.permissions import Role
from portal.demo.cast import PARTS
from portal.env import ROOT
from runs.durable.machine import UNDER_WAY
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
        operator.page.get_by_label("Name", exact=True).fill("As the README says")
        for scope in ("read", "runs:write"):
            operator.page.locator(f'input[name="scopes"][value="{scope}"]').check()
        operator.page.get_by_role("button", name="Make the token").click()
        return operator.page.locator("code.token").inner_text()


def done(portal: RunningPortal, token: str) -> subprocess.CompletedProcess[str]:
    """The commands of the README, one after another whatever becomes of each, as they are when pasted."""
    return subprocess.run(
        ["sh", "-u", "-c", COMMANDS.rstrip() + "; echo; echo run $RUN"],
        env={"PATH": os.environ["PATH"], "API": f"{portal.url}/api/v1", "TOKEN": token},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_the_commands_start_one_run_and_print_its_output(browser: Browser, portal: RunningPortal) -> None:
    assert re.fullmatch(r"API=http://127\.0\.0\.1:8000/api/v1 TOKEN=csn_…", FIRST)
    token = token_of(browser, portal)

    first, again = done(portal, token), done(portal, token)

    assert (first.stderr, again.stderr) == ("", "")
    *output, run = again.stdout.split("\n")[:-1]
    assert "".join(output).strip()
    assert re.fullmatch("run [0-9a-f-]{36}", run)
    assert re.sub(r"^(queued\n|running\n)+", "", first.stdout) == again.stdout


def test_the_commands_come_to_an_end_with_a_token_that_is_refused(portal: RunningPortal) -> None:
    refused = done(portal, "csn_none")

    assert "401" in refused.stderr
    assert refused.stdout.endswith("\nrun\n")


def test_they_wait_for_a_run_that_is_under_way_and_no_longer() -> None:
    waited_for = re.search(r"^while .* grep -E '([\w|]+)'", COMMANDS, re.MULTILINE)
    assert waited_for
    assert set(waited_for[1].split("|")) == UNDER_WAY
